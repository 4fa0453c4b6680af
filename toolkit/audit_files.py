"""What is written of an audit; it needs no figures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from .output import Written, write_folder

if TYPE_CHECKING:
    from .audit import Audit

__all__ = ["save_audit", "write_audit"]


def write_audit(audit: Audit, folder: Path) -> None:
    """Write ``audit.json`` and ``audit.csv`` into a folder that is being built."""
    text = json.dumps(audit.to_dict(), ensure_ascii=False, allow_nan=False, indent=2) + "\n"
    (folder / "audit.json").write_text(text, encoding="utf-8")
    table = audit.to_frame().to_csv(index=False, lineterminator="\n")
    (folder / "audit.csv").write_text(table, encoding="utf-8")


def save_audit(
    audit: Audit, out: Path, *, force: bool = False, inputs: tuple[Path, ...] = ()
) -> Written:
    """Write an audit to a folder of its own; see `output.write_folder`."""
    return write_folder(out, lambda folder: write_audit(audit, folder), force=force, inputs=inputs)

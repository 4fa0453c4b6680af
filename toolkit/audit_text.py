"""What an audit found, for the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .terminal import paragraph

if TYPE_CHECKING:
    from rich.console import RenderableType

    from .audit import (
        Audit,
        Finding,
        Severity,
    )

__all__ = ["audit_tables"]

_HEADINGS: dict[Severity, tuple[str, str]] = {
    "error": ("Errors", "no rounding and no usual method makes these numbers agree"),
    "warning": ("Warnings", "only an unusual method makes these numbers agree"),
    "note": ("Notes", "worth knowing, and possibly right"),
}
_STYLES: dict[Severity, str] = {"error": "bold red", "warning": "bold yellow", "note": "bold"}


def audit_tables(audit: Audit) -> Iterator[RenderableType]:
    """Yield the findings by severity, then the summary."""
    for severity, (heading, meaning) in _HEADINGS.items():
        if findings := audit.of(severity):
            yield paragraph(f"{heading}: {meaning}", style=_STYLES[severity])
            for finding in findings:
                yield from _lines(finding)
    yield paragraph(f"{audit.study.id}: {audit.summary}.")


def _lines(finding: Finding) -> Iterator[RenderableType]:
    yield paragraph(f"{finding.place} [{finding.rule}]", style="bold")
    yield paragraph(finding.sentence)
    yield paragraph(f"Printed: {finding.printed}. Expected: {finding.expected}.", style="dim")
    yield paragraph("")

"""The command `kmrepro audit`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from . import arguments
from .arguments import StudyArgument

if TYPE_CHECKING:
    from ..audit import Severity

__all__ = ["audit"]


@click.command(
    epilog="""\b
Examples:
  kmrepro audit an2025
  kmrepro audit an2025 --severity error    errors alone; "warning" leaves out the notes
  kmrepro audit mine.toml --json > audit.json
  kmrepro audit mine.toml --csv audit.csv
  kmrepro audit mine.toml --out audit      audit.json and audit.csv in a folder
  kmrepro audit mine.toml --check          for scripts: exit 1 if any finding is an error

A finding says that reported numbers do not agree under any rounding; it does not say which of
them is the misprint.

Exit status: 0 done, 1 the data was refused, or with --check there is an error, 2 wrong usage."""
)
@arguments.study_argument
@click.option("--csv", type=click.Path(path_type=Path), help="Also write the findings as CSV.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for audit.json and audit.csv.")
@click.option(
    "--severity",
    type=click.Choice(["error", "warning", "note"]),
    default="note",
    show_default=True,
    help="The least severity that is printed and written.",
)
@click.option("--check", is_flag=True, help="Exit with status 1 if any finding is an error.")
@arguments.force
@arguments.as_json
@arguments.markup
@arguments.quiet
def audit(
    source: StudyArgument,
    csv: Path | None,
    out: Path | None,
    severity: Severity,
    check: bool,
    force: bool,
    as_json: bool,
) -> None:
    """Check a paper's reported numbers against each other.

    Hazard ratios, intervals, p-values, survival, counts, percentages and tests are recomputed
    from each other. The total is followed by the findings of each table, the worst first.
    """
    from ..audit import audit as run
    from ..output import write_file
    from ..result_tables import at_least, audit_tables
    from ..saving import save_audit
    from .reproduce import written
    from .terminal import emit, emit_json, moved

    everything = run(source.study)
    found = replace(everything, findings=tuple(at_least(everything, severity)))
    said = []
    if csv is not None:
        said = moved(csv, write_file(csv, found.to_frame().to_csv(index=False), force=force))
    files = save_audit(found, out, force=force, inputs=source.inputs) if out is not None else ()
    if as_json:
        emit_json(found.to_dict())
    else:
        emit(*audit_tables(everything, least=severity), *said, *written(out, files))
    if check and everything.has_errors:
        click.get_current_context().exit(1)

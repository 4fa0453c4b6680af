"""Commands about study files: list, show, validate, new, to-excel, schema, draft, audit."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from . import arguments
from .arguments import StudyArgument

if TYPE_CHECKING:
    from ..audit import Severity
    from ..studies import StudyFileError

__all__ = ["audit", "draft", "list_", "new", "schema", "show", "to_excel", "validate"]

_FILE = click.Path(path_type=Path)


@click.command(
    "list",
    epilog="""\b
Examples:
  kmrepro list
  kmrepro list --json""",
)
@arguments.as_json
@arguments.markup
def list_(as_json: bool) -> None:
    """List the bundled studies."""
    from ..studies.papers import bundled_contents
    from ..study_tables import contents_table
    from .terminal import emit, emit_json

    contents = bundled_contents()
    if as_json:
        emit_json(contents)
    else:
        emit(contents_table(contents))


@click.command(
    epilog="""\b
Examples:
  kmrepro show an2025
  kmrepro show mine.toml --json"""
)
@arguments.study_argument
@arguments.as_json
@arguments.markup
def show(source: StudyArgument, as_json: bool) -> None:
    """Print what a paper reports, as tables."""
    from ..study_tables import study_dict, study_tables
    from .terminal import emit, emit_json

    if as_json:
        emit_json(study_dict(source.study))
    else:
        emit(*study_tables(source.study))


@click.command(
    epilog="""\b
Examples:
  kmrepro validate mine.toml
  kmrepro validate mine.toml --check       for scripts: exit 1 if anything is odd

Exit status: 0 done, 1 the file cannot be read, or with --check anything is odd, 2 wrong usage."""
)
@arguments.checked_argument
@click.option("--check", is_flag=True, help="Exit with status 1 if anything is odd.")
@arguments.as_json
@arguments.markup
@arguments.quiet
def validate(source: StudyArgument | StudyFileError, check: bool, as_json: bool) -> None:
    """Check a study file.

    A file that cannot be read names the key, what was found and what is allowed, and exits with
    status 1. What can be read but is odd, such as a hazard ratio outside its interval or survival
    that rises, is listed with its key and what would fit; the status is then 0, or 1 with --check.
    It may be a misprint of the paper.
    """
    from ..study_tables import validity
    from .terminal import emit, emit_json, working

    if not isinstance(source, StudyArgument):
        if not as_json:
            raise source
        emit_json({"study": None, "file": source.file, "faults": source.faults})
        click.get_current_context().exit(1)
    with working("Looking for patients"):  # seconds, of hundreds of landmarks
        found = validity(source.study)
    if as_json:
        emit_json(found.to_dict())
    else:
        emit(*found.paragraphs(source.name))
    if check and found.is_odd:
        click.get_current_context().exit(1)


@click.command(
    epilog="""\b
Examples:
  kmrepro new mine.toml
  kmrepro new mine.toml --short --endpoint OS --endpoint PFS --arms SR,TA
  kmrepro new mine.toml --endpoint matched/OS
  kmrepro new mine.toml --from-excel mine.xlsx
  kmrepro validate mine.toml

The numbers of the new file are placeholders: "REPLACE 85.0%". It is valid once none is left."""
)
@click.argument("file", type=_FILE)
@click.option("--short", is_flag=True, help="Without comments, only what most papers report.")
@click.option(
    "--endpoint",
    "endpoints",
    metavar="[COHORT/]NAME",
    multiple=True,
    default=("OS",),
    show_default=True,
    help="An endpoint to lay out. Can be given several times.",
)
@click.option(
    "--arms",
    metavar="NAME,NAME",
    default="control,new",
    show_default=True,
    help="Short names of the arms, with commas between them; the first is the reference.",
)
@click.option("--from-excel", type=_FILE, help="Take everything from a workbook (.xlsx).")
@arguments.force
@arguments.quiet
def new(
    file: Path,
    short: bool,
    endpoints: tuple[str, ...],
    arms: str,
    from_excel: Path | None,
    force: bool,
) -> None:
    """Write a study file to start from, or the study file of a workbook."""
    from ..output import write_file
    from ..presentation.formats import count
    from ..presentation.tables import Paragraph
    from ..studies import starter_layout
    from .terminal import emit, moved

    if from_excel is not None:
        text = _study_of_workbook(from_excel)
        aside = write_file(file, text, force=force, inputs=(from_excel,))
        said = f"Wrote {file} from {from_excel}. Check it with: kmrepro validate {file}"
        emit(Paragraph(said), *moved(file, aside))
        return
    names = [name.strip() for name in arms.split(",")]
    try:
        text = starter_layout(_id_for(file), endpoints=endpoints, arms=names, short=short)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    aside = write_file(file, text, force=force)
    left = count(text.count('"REPLACE ') - text.count('"REPLACE ..."'), "placeholder")
    said = f"Wrote {file}. Replace its {left}, then check it with: kmrepro validate {file}"
    emit(Paragraph(said), *moved(file, aside))


def _id_for(file: Path) -> str:
    """Return an id for a study in this file: its name, if that can be one."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", file.stem).strip("._-")[:64].strip("._-")
    return name or "my-study"


def _study_of_workbook(path: Path) -> str:
    """Return the study file that a workbook holds, once it was found to be valid."""
    from ..studies.reader import study_of
    from ..study_workbook import content_from_workbook, toml_text

    content = content_from_workbook(path)
    study_of(content, str(path), folder=path.parent)
    return toml_text(content)


@click.command(
    epilog="""\b
Examples:
  kmrepro to-excel an2025 --out an2025.xlsx
  kmrepro new mine.toml --from-excel mine.xlsx

Cells are text, so that "1.20" keeps its digits. Needs openpyxl: pip install 'kmrepro[excel]'."""
)
@arguments.study_argument
@click.option("--out", type=_FILE, required=True, help="The workbook, such as mine.xlsx.")
@arguments.force
@arguments.quiet
def to_excel(source: StudyArgument, out: Path, force: bool) -> None:
    """Write a study file as an Excel workbook."""
    from ..output import write_file
    from ..presentation.tables import Paragraph
    from ..studies.reader import study_content
    from ..study_workbook import workbook_bytes
    from .terminal import emit, moved

    if out.suffix.lower() != ".xlsx":
        raise click.ClickException(f"Cannot write {out}: the name of a workbook ends in .xlsx.")
    content = study_content(source.study.id if source.path is None else source.path)
    aside = write_file(out, workbook_bytes(content), force=force, inputs=source.inputs)
    said = f"Wrote {out}. Turn it into a study file with: kmrepro new FILE --from-excel {out}"
    emit(Paragraph(said), *moved(out, aside))


@click.command(
    epilog="""\b
Examples:
  kmrepro schema > study.schema.json
  kmrepro schema results > results.schema.json

With the line "#:schema ./study.schema.json" at the top of a study file, editors that know TOML
schemas complete and check it."""
)
@click.argument("what", type=click.Choice(("study", "results")), default="study")
@click.option("--out", type=click.Path(path_type=Path), help="File for it; stdout by default.")
@arguments.force
def schema(what: str, out: Path | None, force: bool) -> None:
    """Print the JSON Schema of study files, or of results.json."""
    from ..output import write_file
    from .terminal import emit, moved

    if what == "study":
        from ..studies import study_schema as schema_of
    else:
        from ..results_schema import results_schema as schema_of
    found = schema_of()
    text = json.dumps(found, ensure_ascii=False, indent=2) + "\n"
    if out is None:
        click.echo(text, nl=False)
    else:
        emit(*moved(out, write_file(out, text, force=force)))


@click.command(
    epilog="""\b
Examples:
  kmrepro draft abstract.txt --out mine.toml
  kmrepro draft paper.pdf --pages 1,5-7 --out mine.toml
  pbpaste | kmrepro draft - > mine.toml
  kmrepro draft abstract.txt --arm "SFX=standard fractionation" --arm HFX --out mine.toml

TEXT is a text file in UTF-8, a PDF, or "-" for standard input. Who is compared is found in the
text; where it is not, or not rightly, name the arms as the text does: --arm once for each, and
behind "=" what else the text calls it."""
)
@click.argument("text", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--out", type=click.Path(path_type=Path), help="Study file; stdout by default.")
@click.option("--pages", metavar="1,5-7", help="Pages of a PDF; all by default.")
@click.option(
    "--arm",
    "arms",
    metavar="NAME[=OTHER]",
    multiple=True,
    help="An arm, as the text calls it; two to four of them. They are looked for by default.",
)
@arguments.force
def draft(
    text: Path, out: Path | None, pages: str | None, arms: tuple[str, ...], force: bool
) -> None:
    """Draft a study file from what a paper says in words.

    Each number is written as it was found, with the words that it was found in as a comment. What
    is ambiguous is a question in the file. Nothing is filled in but an arm's share of all patients
    by the reported allocation, and what the others leave of them, which say so. A text without a
    survival result is refused. Where it cannot be told of which arm results are, what else is known
    of the arms is drafted, with a question for each sentence.
    """
    from ..output import write_file
    from ..safeguards import check_file
    from ..studies.drafting import DraftRefused, draft_study
    from ..studies.drafting.document import document_text
    from .terminal import moved, working

    inputs = () if str(text) == "-" else (text,)
    if out is not None:
        check_file(out, force=force, inputs=inputs)
    name = out.stem if out is not None else "draft" if str(text) == "-" else text.stem
    content = document_text(text, pages=pages, stdin=sys.stdin.buffer)
    try:
        with working("Reading the text"):  # seconds, of hundreds of pages
            drafted = draft_study(content, name=name, arms=_names_by_arm(arms))
    except DraftRefused as refusal:
        raise click.ClickException(f"{text}: {refusal}") from refusal
    if out is None:
        click.echo(drafted.text, nl=False)
    else:
        aside = write_file(out, drafted.text, force=force, inputs=inputs)
        click.echo(
            f"Wrote {out}. Check it against the paper, then: kmrepro validate {out}", err=True
        )
        for each in moved(out, aside):
            click.echo(each.to_text(), err=True)
    for question in drafted.questions:
        click.echo(f"To decide: {question}", err=True)


def _names_by_arm(arms: tuple[str, ...]) -> dict[str, list[str]]:
    """Return what else each arm is called: "SFX=standard fractionation"."""
    named: dict[str, list[str]] = {}
    for each in arms:
        name, *others = (part.strip() for part in each.split("="))
        if not name or name in named or "" in others:
            raise click.BadParameter(
                f'"{each}" names no further arm; write NAME or NAME=OTHER NAME, each arm once.',
                param_hint="--arm",
            )
        named[name] = others
    return named


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
    from ..results import save_audit
    from ..safeguards import check_file, check_folder
    from .terminal import emit, emit_json, moved, written

    if csv is not None:  # both before either is written
        check_file(csv, force=force, inputs=source.inputs)
    if out is not None:
        check_folder(out, force=force, inputs=source.inputs)
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

"""Commands about study files: list, show, new, validate, schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from . import arguments
from .arguments import StudyArgument

if TYPE_CHECKING:
    from ..studies import StudyFileError

__all__ = ["list_", "new", "schema", "show", "validate"]


@click.command(
    "list",
    epilog="""\b
Examples:
  kmrepro list
  kmrepro list --json""",
)
@arguments.as_json
def list_(as_json: bool) -> None:
    """List the bundled studies."""
    from ..studies import bundled_ids, load_study
    from ..study_tables import contents_list, contents_table
    from .terminal import emit, emit_json

    studies = [load_study(name) for name in bundled_ids()]
    if as_json:
        emit_json(contents_list(studies))
    else:
        emit(contents_table(studies))


@click.command(
    epilog="""\b
Examples:
  kmrepro show an2025
  kmrepro show mine.toml --json"""
)
@arguments.study_argument
@arguments.as_json
def show(source: StudyArgument, as_json: bool) -> None:
    """Print what a paper prints, as tables."""
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
  kmrepro validate mine.toml --check       for scripts: exit 1 if anything is odd"""
)
@arguments.checked_argument
@click.option("--check", is_flag=True, help="Exit with status 1 if anything is odd.")
@arguments.as_json
def validate(source: StudyArgument | StudyFileError, check: bool, as_json: bool) -> None:
    """Check a study file.

    A file that cannot be read names the key, what was found and what is allowed, and exits with
    status 1. What can be read but is odd, such as a hazard ratio outside its interval or survival
    that rises, is listed with its key and what would fit; the status is then 0, or 1 with --check.
    It may be a misprint of the paper.
    """
    from ..validity import validity
    from .terminal import emit, emit_json

    if not isinstance(source, StudyArgument):
        if not as_json:
            raise source
        emit_json({"study": None, "file": source.file, "faults": source.faults})
        click.get_current_context().exit(1)
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
  kmrepro validate mine.toml"""
)
@click.argument("file", type=click.Path(path_type=Path))
@arguments.force
def new(file: Path, force: bool) -> None:
    """Write a commented study file to start from."""
    from ..output import write_file
    from ..studies import starter_text

    write_file(file, starter_text(), force=force)
    click.echo(f"Wrote {file}. Fill it in, then check it with: kmrepro validate {file}")


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
    from ..results import results_schema
    from ..studies import study_schema

    found = study_schema() if what == "study" else results_schema()
    text = json.dumps(found, ensure_ascii=False, indent=2) + "\n"
    if out is None:
        click.echo(text, nl=False)
    else:
        write_file(out, text, force=force)

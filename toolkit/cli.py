"""The `kmrepro` command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from . import arguments
from .arguments import FigureLook, Sampling, StudyArgument
from .audit_command import audit
from .batch_command import batch
from .digitise_command import digitise
from .reconstruct_command import reconstruct
from .safe_group import SafeGroup

if TYPE_CHECKING:
    from .figures.style import StyleName, Width
    from .studies import StudyFileError

__all__ = ["main"]

_WIDE = {"max_content_width": 100, "help_option_names": ["-h", "--help"]}
_OUT_FOLDER = click.Path(path_type=Path)


def _version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from . import __version__

        click.echo(f"kmrepro {__version__}")
        ctx.exit()


@click.group(
    cls=SafeGroup,
    context_settings=_WIDE,
    epilog="""\b
Examples:
  kmrepro reproduce an2025 --out results    re-analyse a bundled paper
  kmrepro new mine.toml                     start a study file of your own
  kmrepro show mine.toml                    see what it says
  kmrepro reproduce mine.toml --out mine    re-analyse it

STUDY is the id of a bundled study (see "kmrepro list") or the path of a study file. Results go
to stdout or --out. Exit status: 0 done, 1 the data was refused, 2 wrong usage.""",
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version,
    help="Print the version and exit.",
)  # fmt: skip
def main() -> None:
    """Reproduce a paper's survival analysis from the numbers that it prints."""


main.add_command(audit)
main.add_command(batch)
main.add_command(digitise)
main.add_command(reconstruct)


@main.command(
    "list",
    epilog="""\b
Examples:
  kmrepro list
  kmrepro list --json""",
)
@arguments.as_json
def list_(as_json: bool) -> None:
    """List the bundled studies."""
    from .studies import bundled_ids, load_study
    from .study_text import contents_list, contents_table
    from .terminal import emit, emit_json

    studies = [load_study(name) for name in bundled_ids()]
    if as_json:
        emit_json(contents_list(studies))
    else:
        emit(contents_table(studies))


@main.command(
    epilog="""\b
Examples:
  kmrepro show an2025
  kmrepro show mine.toml --json"""
)
@arguments.study_argument
@arguments.as_json
def show(source: StudyArgument, as_json: bool) -> None:
    """Print what a paper prints, as tables."""
    from .study_text import study_dict, study_tables
    from .terminal import emit, emit_json

    if as_json:
        emit_json(study_dict(source.study))
    else:
        emit(*study_tables(source.study))


@main.command(
    epilog="""\b
Examples:
  kmrepro reproduce an2025 --out results
  kmrepro reproduce an2025 --only psm/OS --only psm/PFS
  kmrepro reproduce mine.toml --out mine --format png
  kmrepro reproduce an2025 --draws 10000 --seed 1
  kmrepro reproduce an2025 --informed --out stand-in
  kmrepro reproduce an2025 --json > an2025.json

Without --out the comparison is printed and nothing is written."""
)
@arguments.study_argument
@click.option("--out", type=_OUT_FOLDER, help="Folder for results, patients, figures and report.")
@arguments.only
@arguments.draws
@arguments.seed
@arguments.informed
@arguments.formats
@arguments.force
@arguments.as_json
def reproduce(
    source: StudyArgument,
    out: Path | None,
    only: tuple[str, ...],
    draws: int,
    seed: int,
    informed: bool,
    formats: tuple[str, ...],
    force: bool,
    as_json: bool,
) -> None:
    """Re-analyse a study, and compare with what it reports.

    Every endpoint is reconstructed as pseudo-individual patient data and re-analysed. Many more
    data sets that meet every printed number are drawn: where their hazard ratios lie decides the
    verdict. --out
    receives results.json, comparison.csv, audit.json, audit.csv, ipd/, figures/ and report.html;
    it is written as a whole or not at all.
    """
    from .runs import run_reproduce

    run_reproduce(
        source,
        out=out,
        only=only,
        sampling=Sampling(n_draws=draws, seed=seed, informed=informed),
        formats=formats,
        force=force,
        as_json=as_json,
    )


@main.command(
    epilog="""\b
Examples:
  kmrepro figures an2025 --out figures
  kmrepro figures an2025 --out figures --only psm/OS --format pdf
  kmrepro figures an2025 --out figures --width column --style grey"""
)
@arguments.study_argument
@click.option("--out", type=_OUT_FOLDER, required=True, help="Folder for the figures.")
@arguments.only
@arguments.draws
@arguments.seed
@arguments.formats
@arguments.style
@arguments.width
@arguments.force
@arguments.as_json
def figures(
    source: StudyArgument,
    out: Path,
    only: tuple[str, ...],
    draws: int,
    seed: int,
    formats: tuple[str, ...],
    style: StyleName,
    width: Width | None,
    force: bool,
    as_json: bool,
) -> None:
    """Draw a study's figures, and nothing else."""
    from .runs import run_figures

    run_figures(
        source,
        out=out,
        only=only,
        sampling=Sampling(n_draws=draws, seed=seed),
        formats=formats,
        look=FigureLook(style=style, width=width),
        force=force,
        as_json=as_json,
    )


@main.command(
    epilog="""\b
Examples:
  kmrepro validate mine.toml"""
)
@arguments.checked_argument
@arguments.as_json
def validate(source: StudyArgument | StudyFileError, as_json: bool) -> None:
    """Check a study file.

    A file that cannot be read names the key, what was found and what is allowed, and exits with
    status 1. Numbers of the paper that contradict each other are no fault of the file: those
    endpoints are listed, and the status is 0.
    """
    from .runs import run_validate

    run_validate(source, as_json=as_json)


@main.command(
    epilog="""\b
Examples:
  kmrepro new mine.toml
  kmrepro validate mine.toml"""
)
@click.argument("file", type=click.Path(path_type=Path))
@arguments.force
def new(file: Path, force: bool) -> None:
    """Write a commented study file to start from."""
    from .output import write_file
    from .studies import starter_text

    write_file(file, starter_text(), force=force)
    click.echo(f"Wrote {file}. Fill it in, then check it with: kmrepro validate {file}")


@main.command(
    epilog="""\b
Examples:
  kmrepro schema > study.schema.json

With the line "#:schema ./study.schema.json" at the top of a study file, editors that know TOML
schemas complete and check it."""
)
@click.option("--out", type=_OUT_FOLDER, help="File for the schema; stdout by default.")
@arguments.force
def schema(out: Path | None, force: bool) -> None:
    """Print the JSON Schema of study files."""
    from .output import write_file
    from .studies import study_schema

    text = json.dumps(study_schema(), ensure_ascii=False, indent=2) + "\n"
    if out is None:
        click.echo(text, nl=False)
    else:
        write_file(out, text, force=force)

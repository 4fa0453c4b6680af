"""Commands of the whole flow: `reproduce` and `figures` a study, `batch` many, `app` the page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..presentation.formats import count
from ..presentation.tables import Paragraph, Part, Table, left, right
from ..safeguards import check_folder
from . import arguments
from .arguments import StudyArgument, choose
from .curves import misfits
from .terminal import emit, emit_json, progress_bar, written

if TYPE_CHECKING:
    from concurrent.futures import Executor
    from contextlib import AbstractContextManager

    from ..batch_results import Batch
    from ..figures.style import PanelLetters, PStyle, StyleName, Width
    from ..reproduction import Reproduction
    from ..studies import Study

__all__ = [
    "BatchIncomplete",
    "app",
    "batch",
    "figures",
    "reproduce",
]

_USUAL = Path("kmrepro-study")


@click.command(
    epilog="""\b
Examples:
  kmrepro reproduce an2025 --out results
  kmrepro reproduce an2025 --only psm/OS --only psm/PFS
  kmrepro reproduce mine.toml --out mine --format png
  kmrepro reproduce an2025 --draws 10000 --seed 1
  kmrepro reproduce an2025 --informed --out stand-in
  kmrepro reproduce an2025 --json > an2025.json

Without --out the comparison is printed and nothing is written.

Exit status: 0 done, 1 no endpoint could be reconstructed, the data was refused, or patients miss a
digitised curve, 2 wrong usage."""
)
@arguments.study_argument
@arguments.out_folder("Folder for results, patients, figures and report.")
@arguments.only
@arguments.draws
@arguments.seed
@arguments.informed
@arguments.accept_misfit
@arguments.formats
@arguments.workers
@arguments.force
@arguments.as_json
@arguments.markup
@arguments.quiet
def reproduce(
    source: StudyArgument,
    out: Path | None,
    only: tuple[str, ...],
    draws: int,
    seed: int,
    informed: bool,
    accept_misfit: bool,
    formats: tuple[str, ...],
    workers: int | None,
    force: bool,
    as_json: bool,
) -> None:
    """Re-analyse a study, and compare with what it reports.

    Every endpoint is reconstructed as pseudo-individual patient data and re-analysed. Many more
    data sets consistent with every reported value are drawn: the range of their hazard ratios
    decides the verdict. --out receives results.json, comparison.csv, audit.json, audit.csv, ipd/,
    figures/ and report.html; it is written as a whole or not at all. If no endpoint can be
    reconstructed, the report has the reasons and the quick looks, and the exit status is 1.
    Patients that miss a digitised curve by more than its reading error are left out of ipd/, and
    the exit status is 1, too.
    """
    wanted = choose(source.study, only)
    if out is not None:  # before the work, so that it is not done in vain
        check_folder(out, force=force, inputs=source.inputs)
    files: tuple[Path, ...] = ()
    with _helped(workers, len(wanted) * bool(draws or out)) as executor, progress_bar() as progress:
        from ..outcome import nothing_reproduced
        from ..reproduction import reproduce as run
        from ..result_tables import reproduction_tables

        result = run(
            source.study,
            endpoints=wanted,
            n_draws=draws,
            seed=seed,
            informed=informed,
            progress=progress,
            executor=executor,
        )
        if out is not None:
            from ..saving import save

            files = save(
                result,
                out,
                formats=formats,
                force=force,
                inputs=source.inputs,
                progress=progress,
                accept_misfit=accept_misfit,
                executor=executor,
            )
    if as_json:
        click.echo(result.to_json(), nl=False)
    else:
        emit(*reproduction_tables(result), *written(out, files))
    if not result.analyses:
        refusal = nothing_reproduced(result, report=out)
        raise refusal if source.path is None else arguments.in_file(source, refusal)
    if not accept_misfit and (missed := misfits(result.analyses)):
        raise click.ClickException(f"{source.name}: {missed}")


def _helped(workers: int | None, endpoints: int) -> AbstractContextManager[Executor | None]:
    """Hold as many processes ready as were asked for, or as so many endpoints are worth."""
    from ..processes import helped, usual_processes

    return helped(workers or usual_processes(endpoints), load=_load)


def _load() -> None:
    """Load what a process needs that helps with a study."""
    from .. import reproduction, saving  # noqa: F401


@click.command(
    epilog="""\b
Examples:
  kmrepro figures an2025 --out figures
  kmrepro figures an2025 --out figures --only psm/OS --format pdf
  kmrepro figures an2025 --out figures --width column --style grey
  kmrepro figures an2025 --out figures --dpi 600 --p-style "P = .012" --panel-letters A"""
)
@arguments.study_argument
@arguments.out_folder("Folder for the figures.", required=True)
@arguments.only
@arguments.draws
@arguments.seed
@arguments.formats
@arguments.style
@arguments.width
@arguments.font
@arguments.dpi
@arguments.p_style
@arguments.panel_letters
@arguments.workers
@arguments.force
@arguments.as_json
@arguments.quiet
def figures(
    source: StudyArgument,
    out: Path,
    only: tuple[str, ...],
    draws: int,
    seed: int,
    formats: tuple[str, ...],
    style: StyleName,
    width: Width | None,
    font: str | None,
    dpi: int | None,
    p_style: PStyle | None,
    panel_letters: PanelLetters | None,
    workers: int | None,
    force: bool,
    as_json: bool,
) -> None:
    """Draw a study's figures, and nothing else."""
    from ..figures import context, usual_width
    from ..outcome import NothingReproduced

    wanted = choose(source.study, only)
    check_folder(out, force=force, inputs=source.inputs)
    look = context(style, font=font, dpi=dpi, p_style=p_style, panel_letters=panel_letters)
    shared = _helped(workers, len(wanted))
    with shared as executor, progress_bar() as progress, look, usual_width(width):
        from ..reproduction import reproduce as run
        from ..results import results_dict
        from ..saving import save_figures

        result = run(
            source.study,
            endpoints=wanted,
            n_draws=draws,
            seed=seed,
            progress=progress,
            executor=executor,
        )
        try:
            files = save_figures(
                result,
                out,
                formats=formats,
                force=force,
                inputs=source.inputs,
                progress=progress,
                executor=executor,
            )
        except NothingReproduced:
            emit(*([] if as_json else _not_drawn(result)))
            raise
        lacking = _boxes(source.study)
    if as_json:
        names = [path.as_posix() for path in files]
        refused = results_dict(result)["refused"]
        emit_json({"study": source.study.id, "files": names, "refused": refused})
    else:
        emit(*_not_drawn(result), *lacking, *written(out, files))


def _boxes(study: Study) -> list[Paragraph]:
    """Say which letters of a study its figures show as boxes."""
    from ..figures.text import boxes, words_of

    lacking = boxes(words_of(study))
    return [Paragraph(f"{lacking} --font names another.")] if lacking else []


def _not_drawn(result: Reproduction) -> list[Paragraph]:
    return [Paragraph(f"Not drawn: {each.endpoint.key}: {each.reason}") for each in result.refused]


class BatchIncomplete(ValueError):  # noqa: N818 - it names the state
    """Raised at the end of a batch in which a study failed."""


@click.command(
    epilog="""\b
Examples:
  kmrepro batch studies --out results
  kmrepro batch studies --out results --workers 4
  kmrepro batch studies --out results --dask local
  kmrepro batch studies --out results --dask tcp://scheduler:8786

Run again, the same command carries on where it was stopped: a study whose file, options and
version of kmrepro are the same is not repeated.

Exit status: 0 done, 1 a study failed, 2 wrong usage."""
)
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--out", type=click.Path(path_type=Path), required=True,
    help="Folder for a folder per study, batch.csv and batch.json.",
)  # fmt: skip
@arguments.batch_workers
@click.option("--dask", metavar="WHERE", help='A Dask cluster: "local", or a scheduler\'s address.')
@arguments.draws
@arguments.seed
@arguments.formats
@arguments.force
@arguments.as_json
@arguments.markup
@arguments.quiet
def batch(
    folder: Path,
    out: Path,
    workers: int | None,
    dask: str | None,
    draws: int,
    seed: int,
    formats: tuple[str, ...],
    force: bool,
    as_json: bool,
) -> None:
    """Reproduce every study file of a folder.

    --out receives a folder of results for each study, as of `kmrepro reproduce`, and the
    comparisons of all of them in batch.csv and batch.json. A study that fails does not stop the
    others; the exit status is then 1.
    """
    from .._batch import batch as run
    from ..processes import executor_for
    from .terminal import emit, emit_json, progress_bar

    try:
        with executor_for(workers=workers, dask=dask) as executor, progress_bar() as progress:
            result = run(
                folder,
                out,
                executor=executor,
                formats=formats,
                n_draws=draws,
                seed=seed,
                force=force,
                progress=progress,
            )
    except KeyboardInterrupt:
        click.echo("Interrupted. What is complete is kept: the same command carries on.", err=True)
        raise
    if as_json:
        emit_json(result.to_dict())
    else:
        emit(*_batch_tables(result, out))
    if result.failed:
        raise _incomplete(result)


def _batch_tables(batch: Batch, out: Path) -> Iterator[Part]:
    """Yield a line for each study, why studies failed, and what was written where."""
    columns = left("Study", "File") + right("Comparisons") + left("Verdicts") + right("Refused")
    if rows := list(_batch_rows(batch)):
        yield Table.of(columns, rows, title="Studies")
    for each in batch.failed:
        yield Paragraph(f"Failed: {each.file}: {each.reason}")
    kept = sum(each.done and not each.repeated for each in batch.studies)
    already = f" {kept} of them were there already." if kept else ""
    done = len(batch.studies) - len(batch.failed)
    yield Paragraph(
        f"Wrote to {out}: {done} of {count(len(batch.studies), 'study', 'studies')}.{already}"
    )


def _batch_rows(batch: Batch) -> Iterator[tuple[str, ...]]:
    for each in batch.to_dict()["studies"]:
        if each["status"] == "done":
            verdicts = Counter(comparison["verdict"] for comparison in each["comparisons"])
            yield (
                each["study"],
                each["file"],
                str(len(each["comparisons"])),
                ", ".join(f"{number} {verdict}" for verdict, number in sorted(verdicts.items())),
                str(len(each["refused"])),
            )


def _incomplete(result: Batch) -> BatchIncomplete:
    names = ", ".join(each.file for each in result.failed)
    return BatchIncomplete(
        f"{len(result.failed)} of {count(len(result.studies), 'study', 'studies')} failed: {names}."
    )


@click.command(
    epilog="""\b
Examples:
  kmrepro app                      in the folder kmrepro-study, which is made
  kmrepro app my-paper             in a folder, which goes on where it was left
  kmrepro app my-paper/study.toml
  kmrepro app an2025               with a bundled paper, in a folder of that name
  kmrepro reproduce my-paper/study.toml --out results

Without FOLDER the page works in the folder kmrepro-study. It holds a study file, figures and
readings as the other commands write and take them."""
)
@click.argument("source", metavar="[STUDY|FOLDER]", required=False)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    show_default=True,
    help="Port to listen on; 0 for a free one.",
)
@click.option("--no-browser", is_flag=True, help="Only print the address.")
def app(source: str | None, port: int, no_browser: bool) -> None:
    """Open the page: drop a paper in, check what was read, get the verdict.

    The page is served on this machine alone, under an address that nobody can guess, until Ctrl+C
    is pressed. Nothing is sent anywhere.
    """
    from ..app.server import PageServer

    page = PageServer(_folder(source), port=port)
    click.echo(page.address)
    click.echo(f"Working in {page.folder}. Press Ctrl+C to end.", err=True)
    if not no_browser:
        import webbrowser

        webbrowser.open(page.address)
    page.run()


def _folder(source: str | None) -> Path:
    """Return the folder to work in; that of a bundled paper is laid out with its study file."""
    if source is None:
        return _USUAL
    from ..app.workspace import bundled_folder

    return bundled_folder(source) or Path(source)

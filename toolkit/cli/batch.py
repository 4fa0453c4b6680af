"""The command `kmrepro batch`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..presentation.tables import Paragraph, Part, Table, left, right
from . import arguments

if TYPE_CHECKING:
    from .._batch import Batch

__all__ = ["BatchIncomplete", "batch"]


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
@click.option("--workers", type=click.IntRange(1, 512), help="Processes; 1 by default.")
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
    from ..executors import executor_for
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
        emit(*_tables(result, out))
    if result.failed:
        raise _incomplete(result)


def _tables(batch: Batch, out: Path) -> Iterator[Part]:
    """Yield a line for each study, why studies failed, and what was written where."""
    columns = left("Study", "File") + right("Comparisons") + left("Verdicts") + right("Refused")
    if rows := list(_rows(batch)):
        yield Table.of(columns, rows, title="Studies")
    for each in batch.failed:
        yield Paragraph(f"Failed: {each.file}: {each.reason}")
    kept = sum(each.done and not each.repeated for each in batch.studies)
    already = f" {kept} of them were there already." if kept else ""
    done = len(batch.studies) - len(batch.failed)
    yield Paragraph(f"Wrote to {out}: {done} of {len(batch.studies)} studies.{already}")


def _rows(batch: Batch) -> Iterator[tuple[str, ...]]:
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
        f"{len(result.failed)} of {len(result.studies)} studies failed: {names}."
    )

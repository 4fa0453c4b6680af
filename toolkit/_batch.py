"""A whole folder of studies reproduced, in this process, in several, or on a Dask cluster."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import BrokenExecutor, Executor, Future, as_completed
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from .batch_results import (
    STUDY_FILE,
    SUMMARY_FILES,
    Batch,
    BatchStudy,
    as_reported_json,
    open_batch_folder,
    study_files,
    write_summary,
)
from .defaults import DRAWS, SEED
from .outcome import nothing_reproduced, sentence
from .output import write_folder
from .processes import WORKER_ENDED
from .reproduction import reproduce
from .safeguards import MARKER, OutputRefused, made_from
from .studies import StudyFileError
from .studies.argument_types import check_draws, check_path, names_of, strict
from .studies.reader import read_study

if TYPE_CHECKING:
    from .outcome import Progress
    from .studies import Study

__all__ = ["Made", "Options", "batch", "make"]

_DRAWING = threading.Lock()  # matplotlib cannot draw in two threads at once


@dataclass(frozen=True, kw_only=True)
class Options:
    """What results depend on besides the study.

    Attributes
    ----------
    formats : tuple of {"svg", "pdf", "png"}
        Of the figures.
    n_draws : int
        Data sets drawn for each comparison.
    seed : int
        Of their random numbers.
    """

    formats: tuple[str, ...]
    n_draws: int
    seed: int


@dataclass(frozen=True, kw_only=True)
class Made:
    """The results of one study.

    Attributes
    ----------
    version : str
        Of kmrepro where they were made.
    files : dict of str to bytes
        Content by name relative to the folder of the results. If no endpoint could be
        reconstructed, they are the reasons and the quick looks.
    reason : str
        Why nothing was reproduced; empty if something was.
    """

    version: str
    files: dict[str, bytes]
    reason: str = ""

    def write(self, folder: Path) -> None:
        """Put the files into a folder."""
        for name, content in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


def make(study: Study, options: Options) -> Made:
    """Reproduce a study as `Reproduction.save` does, into memory, beside what it reports."""
    try:
        with _DRAWING, TemporaryDirectory() as scratch:
            folder = Path(scratch) / "results"
            result = reproduce(study, n_draws=options.n_draws, seed=options.seed)
            result.save(folder, formats=options.formats)
            (folder / STUDY_FILE).write_text(as_reported_json(study) + "\n", encoding="utf-8")
            refusal = None if result.analyses else nothing_reproduced(result, report=study.id)
            files = {
                path.relative_to(folder).as_posix(): path.read_bytes()
                for path in sorted(folder.rglob("*"))
                if path.is_file() and path.name != MARKER
            }
    except Exception as error:  # one study must not end a batch
        return Made(version=_version(), files={}, reason=sentence(error))
    return Made(version=_version(), files=files, reason=str(refusal) if refusal else "")


def _version() -> str:
    return version("kmrepro")


@dataclass(frozen=True, kw_only=True)
class _Task:
    """A study that is to be reproduced, and what its results will have been made from."""

    entry: BatchStudy
    study: Study
    source: Mapping[str, object]


@strict
def batch(
    folder: str | Path,
    out: str | Path,
    *,
    executor: Executor | None = None,
    formats: Collection[str] = ("svg", "pdf", "png"),
    n_draws: int = DRAWS,
    seed: int = SEED,
    force: bool = False,
    progress: Progress | None = None,
) -> Batch:
    """Reproduce every study file of a folder, and gather the comparisons in one table.

    Parameters
    ----------
    folder : str or Path
        The study files are those in it, not below it, whose names end in ".toml".
    out : str or Path
        It is made, with the folders above it. Each study's results go to a folder of its own in
        it, named by the study's id, and ``batch.csv`` and ``batch.json`` are about all of them.
    executor : concurrent.futures.Executor, optional
        Where the studies are reproduced: processes or a cluster, such as the ``get_executor()``
        of a Dask client; threads gain nothing, since only one can draw at a time. In this process
        by default. The results are the same, bit for bit. It is not shut down.
    formats : collection of {"svg", "pdf", "png"}
        Of the figures.
    n_draws : int
        Data sets drawn for each comparison; 0 for none.
    seed : int
        Of their random numbers, 0 or more.
    force : bool
        Replace what kmrepro did not make.
    progress : callable, optional
        See `Progress`.

    Returns
    -------
    Batch

    Raises
    ------
    NoStudies
        If the folder has no study file.
    OutputRefused
        If `out` must not be written to.
    TypeError
        If `folder` or `out` is no path.

    Notes
    -----
    A study's results are written when they are complete, together with a mark of what they were
    made from: what the study file and the files that it names say, the options and the version of
    kmrepro.
    Studies so marked are not repeated, so that a batch that was stopped carries on. A study that
    fails does not stop the others.
    """
    check_path("batch", folder, what="a folder of study files")
    check_path("batch", out, what="a folder for the results")
    out = Path(out)
    check_draws(n_draws, seed, least=0)
    kinds = tuple(sorted(set(names_of("formats", formats))))
    options = Options(formats=kinds, n_draws=n_draws, seed=seed)
    files = study_files(Path(folder))
    open_batch_folder(out, force=force)
    entries, tasks = _sorted_out(files, out, options)
    done = len(files) - len(tasks)
    if progress:
        progress(done, len(files), "Reproducing")
    for task, made in _made(tasks, options, executor):
        entries[task.entry.file] = _written(task, made, force=force)
        done += 1
        if progress:
            progress(done, len(files), f"Reproduced {task.entry.file}")
    result = Batch(studies=tuple(entries.values()), version=version("kmrepro"))
    write_summary(out, table=result.to_csv(), values=result.to_dict())
    return result


def _sorted_out(
    files: list[Path], out: Path, options: Options
) -> tuple[dict[str, BatchStudy], list[_Task]]:
    """Return an entry for every file, and the tasks that are still to be done."""
    entries: dict[str, BatchStudy] = {}
    tasks = []
    taken = {name.casefold(): "the table of all studies" for name in SUMMARY_FILES}
    for file in files:
        entry = BatchStudy(file=file.name, study="", folder=out)
        try:
            task = _task(file, out, options)
        except StudyFileError as error:
            reason = str(error).removeprefix(f"{error.file}: ")
            entries[file.name] = replace(entry, reason=reason)
            continue
        entry, name = task.entry, task.entry.study.casefold()
        if name in taken:
            reason = f'Its id "{entry.study}" is that of {taken[name]}; give it one of its own.'
            entry = replace(entry, reason=reason)
        elif made_from(entry.folder) == task.source:
            entry = replace(entry, repeated=False)
        else:
            tasks.append(task)
        taken.setdefault(name, file.name)
        entries[file.name] = entry
    return entries, tasks


def _task(file: Path, out: Path, options: Options) -> _Task:
    study = read_study(file)
    # What was read represents the file: it holds the points of digitised curves, too.
    content = repr(study.model_dump()).encode()
    source = {
        "sha256": hashlib.sha256(content).hexdigest(),
        "formats": list(options.formats),
        "n_draws": options.n_draws,
        "seed": options.seed,
        "kmrepro_version": version("kmrepro"),
    }
    entry = BatchStudy(file=file.name, study=study.id, folder=out / study.id)
    return _Task(entry=entry, study=study, source=source)


def _made(
    tasks: list[_Task], options: Options, executor: Executor | None
) -> Iterator[tuple[_Task, Made]]:
    """Yield the results of every task as they come."""
    if executor is None:
        for task in tasks:
            yield task, make(task.study, options)
        return
    waiting = {_submitted(executor, task, options): task for task in tasks}
    try:
        for future in as_completed(waiting):
            yield waiting.pop(future), _received(future)
    finally:
        for future in waiting:
            future.cancel()


def _submitted(executor: Executor, task: _Task, options: Options) -> Future[Made]:
    try:
        return executor.submit(make, task.study, options)
    except BrokenExecutor as error:  # a worker died of an earlier study
        failed: Future[Made] = Future()
        failed.set_exception(error)
        return failed


def _received(future: Future[Made]) -> Made:
    """Return what a worker made, or why it returned nothing."""
    try:
        return future.result()
    except BrokenExecutor:
        reason = f"{WORKER_ENDED}; the same command tries again."
    except Exception as error:  # one study must not end a batch
        reason = sentence(error)
    return Made(version=version("kmrepro"), files={}, reason=reason)


def _written(task: _Task, made: Made, *, force: bool) -> BatchStudy:
    """Write what there is of one study, and say why nothing was reproduced if that is so."""
    reason, refused = made.reason, bool(made.files and made.reason)
    if made.files and made.version != task.source["kmrepro_version"]:
        reason = f"It was reproduced by a worker that has another kmrepro, {made.version}."
        refused = False
    elif made.files:
        source = None if reason else task.source  # what was refused is tried again
        try:
            write_folder(task.entry.folder, made.write, force=force, source=source)
        except OutputRefused as refusal:
            reason, refused = str(refusal), False
    return replace(task.entry, reason=reason, refused=refused)

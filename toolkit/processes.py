"""Processes that share the work: of this machine, or of a Dask cluster."""

from __future__ import annotations

import functools
import multiprocessing
import os
import pickle
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import (
    FIRST_EXCEPTION,
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Generic, TypeVar

__all__ = [
    "WORKER_ENDED",
    "DaskUnavailable",
    "Helped",
    "Lent",
    "WorkerEnded",
    "begin_worker",
    "executor_for",
    "helped",
    "in_order",
    "usual_processes",
]

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")
_Lent = TypeVar("_Lent")

WORKER_ENDED = "A worker ended early, perhaps for lack of memory"
_PATIENCE = 10  # seconds that a scheduler has to answer
_MOST = 4  # processes; more would wait for what takes longest
_EACH = 2  # endpoints that are worth the seconds in which a process starts


class WorkerEnded(ValueError):  # noqa: N818 - it names the state
    """Raised when a process that shared the work ended before it was done."""


class DaskUnavailable(ValueError):  # noqa: N818 - it names the state
    """Raised when a Dask cluster was asked for and there is none."""


def usual_processes(endpoints: int) -> int:
    """Return how many processes share the work on so many endpoints, unless that is asked for.

    It is 1, which is this one, where a start would take longer than it saves, on a machine with one
    processor, and on a system that has no locks between processes.
    """
    wanted = min(endpoints // _EACH, _processors(), _MOST)
    if wanted < 2:
        return 1
    try:
        multiprocessing.get_context("spawn").Lock()
    except (ImportError, OSError):
        return 1
    return wanted


def _processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Helped(Executor):
    """Some processes and this one, which share what is mapped; this one takes it from the end.

    A process that starts takes a second to load what it needs, so that this one had better work,
    too, than wait for two.

    Parameters
    ----------
    pool : concurrent.futures.Executor
    helpers : int
        Its processes.
    """

    def __init__(self, pool: Executor, helpers: int) -> None:
        self.pool = pool
        self.helpers = helpers

    def submit(self, fn: Callable[..., _Result], /, *args: Any, **named: Any) -> Future[_Result]:
        """Have a helper work on one task."""
        return self.pool.submit(fn, *args, **named)

    def map(
        self,
        fn: Callable[..., _Result],
        *iterables: Iterable[Any],
        timeout: float | None = None,
        chunksize: int = 1,
        buffersize: int | None = None,
    ) -> Iterator[_Result]:
        """Yield what `fn` returns, in order; `timeout` and sizes are of no use here."""
        del timeout, chunksize, buffersize
        tasks = list(zip(*iterables, strict=False))
        left = deque(range(len(tasks)))
        results: dict[int, _Result] = {}
        threads = ThreadPoolExecutor(self.helpers)
        helping = [
            threads.submit(self._help, left, fn, tasks, results) for _ in range(self.helpers)
        ]
        try:
            for done in range(len(tasks)):
                while done not in results:
                    place = _taken(left.pop)
                    if place is None:
                        wait(helping, return_when=FIRST_EXCEPTION)
                        for each in helping:
                            each.result()
                    else:
                        results[place] = fn(*tasks[place])
                yield results.pop(done)
        finally:
            left.clear()
            threads.shutdown(wait=False)

    def _help(
        self,
        left: deque[int],
        fn: Callable[..., _Result],
        tasks: Sequence[tuple[Any, ...]],
        results: dict[int, _Result],
    ) -> None:
        """Have one helper take tasks from the front until none is left."""
        while (place := _taken(left.popleft)) is not None:
            results[place] = self.pool.submit(fn, *tasks[place]).result()


def _taken(pop: Callable[[], int]) -> int | None:
    """Return the next task of those that others take from, too; None if none is left."""
    try:
        return pop()
    except IndexError:
        return None


def in_order(
    executor: Executor | None, work: Callable[[_Task], _Result], tasks: Iterable[_Task]
) -> Iterator[_Result]:
    """Yield what `work` returns of each task, in the order of the tasks.

    Parameters
    ----------
    executor : concurrent.futures.Executor or None
        Where it is done; in this process, one after the other as they are asked for, if None.
    work : callable
        A function that a process can be sent, of one task.
    tasks : iterable

    Raises
    ------
    WorkerEnded
        If a process ended before its task was done.
    """
    if executor is None:
        yield from map(work, tasks)
        return
    try:
        yield from executor.map(work, tasks)
    except BrokenExecutor as error:
        raise WorkerEnded(f"{WORKER_ENDED}; one process needs less: --workers 1.") from error


class Lent(Generic[_Lent]):
    """A large value that processes of this machine are sent once, however often it is sent.

    Parameters
    ----------
    value : object
    folder : Path
        Where a file holds it meanwhile; the caller removes it.
    """

    def __init__(self, value: _Lent, folder: Path) -> None:
        self.value = value
        self.path = folder / ".lent"
        self._written = False

    def __reduce__(self) -> tuple[Callable[[Path], Lent[_Lent]], tuple[Path]]:
        """Send where it is."""
        if not self._written:
            with self.path.open("wb") as file:
                pickle.dump(self.value, file, protocol=5)
            self._written = True
        return _borrowed, (self.path,)


@functools.lru_cache(maxsize=1)
def _borrowed(path: Path) -> Lent[Any]:
    with path.open("rb") as file:
        found = Lent(pickle.load(file), path.parent)
    found._written = True
    return found


@contextmanager
def helped(processes: int, *, load: Callable[[], None]) -> Iterator[Executor | None]:
    """Hold processes ready that help this one while the block runs.

    Parameters
    ----------
    processes : int
        How many there are in all.
    load : callable
        Loads what the others will need, as soon as they are there.

    Yields
    ------
    Executor or None
        None if this process is alone.
    """
    if processes == 1:
        yield None
        return
    with _own_processes(processes - 1) as pool:
        for _ in range(processes - 1):
            pool.submit(load)
        yield Helped(pool, processes - 1)


@contextmanager
def executor_for(
    *, workers: int | None = None, dask: str | None = None
) -> Iterator[Executor | None]:
    """Hold workers ready while the block runs.

    Parameters
    ----------
    workers : int, optional
        How many processes; with Dask on this machine, as many as it has processors by default.
    dask : str, optional
        "local" for a cluster on this machine, or the address of a scheduler.

    Yields
    ------
    Executor or None
        None if one process was asked for, which is this one.
    """
    if dask is not None:
        with _dask(dask, workers) as executor:
            yield executor
    elif workers is None or workers == 1:
        yield None
    else:
        with _own_processes(workers) as executor:
            yield executor


@contextmanager
def _own_processes(workers: int) -> Iterator[Executor]:
    # Processes that start afresh, as everywhere but on Linux: none inherits threads or handlers.
    context = multiprocessing.get_context("spawn")
    executor = ProcessPoolExecutor(workers, mp_context=context, initializer=begin_worker)
    try:
        yield executor
    except BaseException:
        executor.shutdown(wait=False, cancel_futures=True)
        for process in multiprocessing.active_children():
            process.terminate()
        raise
    executor.shutdown()


def begin_worker() -> None:
    """Leave it to the parent process to be interrupted, and end with it however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@contextmanager
def _dask(where: str, workers: int | None) -> Iterator[Executor]:
    try:
        from distributed import Client
    except ImportError as error:
        raise DaskUnavailable(
            "--dask needs the package distributed; install it with: pip install 'kmrepro[dask]'"
        ) from error
    try:
        client = (
            Client(n_workers=workers, threads_per_worker=1, dashboard_address=None)
            if where == "local"
            else Client(where, timeout=_PATIENCE)
        )
    except (OSError, ValueError) as error:
        raise DaskUnavailable(f"No Dask scheduler answers at {where}: {error}") from error
    try:
        yield client.get_executor(pure=False)
    finally:
        client.close()

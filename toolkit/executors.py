"""Where the work of a batch is done: this process, several processes, or a Dask cluster."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager

__all__ = ["DaskUnavailable", "executor_for"]

_PATIENCE = 10  # seconds that a scheduler has to answer


class DaskUnavailable(ValueError):  # noqa: N818 - it names the state
    """Raised when a Dask cluster was asked for and there is none."""


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
        with _processes(workers) as executor:
            yield executor


@contextmanager
def _processes(workers: int) -> Iterator[Executor]:
    # Processes that start afresh, as everywhere but on Linux: none inherits threads or handlers.
    context = multiprocessing.get_context("spawn")
    executor = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin)
    try:
        yield executor
    except BaseException:
        executor.shutdown(wait=False, cancel_futures=True)
        for process in multiprocessing.active_children():
            process.terminate()
        raise
    executor.shutdown()


def _begin() -> None:
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

"""Processes that do the page's work, one task at a time, and the jobs that wait for them."""

from __future__ import annotations

import multiprocessing
import os
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any, Literal, Protocol

from ..outcome import Progress
from ..processes import begin_worker

__all__ = ["Job", "Jobs", "TaskFailed", "TaskRefused", "TaskStopped", "Worker"]

_POLL = 0.2  # seconds between looks at whether the process is alive or out of time
LONGEST = 900.0  # seconds that a task may take; a paper of 30 scanned pages takes a few minutes


class TaskRefused(ValueError):  # noqa: N818 - a refusal is an answer, not a fault
    """The data were refused; the message is a sentence for the user."""


class TaskFailed(RuntimeError):  # noqa: N818
    """The task ended without a result, by a fault of kmrepro or of the system."""


class TaskStopped(RuntimeError):  # noqa: N818
    """The task was cancelled."""


class _Child(Protocol):
    """What is used of `multiprocessing.Process`, which each start method has a class of."""

    def is_alive(self) -> bool: ...
    def kill(self) -> None: ...
    def join(self, timeout: float | None = None) -> None: ...


class Worker:
    """One process that is kept ready; it is started when it is first used, or by `warm`.

    Parameters
    ----------
    name : str
        Which of `tasks.WARM_UP` makes it ready.

    Notes
    -----
    A task that is cancelled, or takes longer than its limit, takes its process with it, and the
    next task gets a new one: nothing that a hostile file does can hold up the page for good.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._turn = threading.Lock()
        self._process: _Child | None = None
        self._pipe: Connection | None = None
        self._stopped = False

    def warm(self) -> None:
        """Start the process, so that it has loaded what it needs before it is asked."""
        with self._turn:
            self._ready()

    def run(
        self,
        task: str,
        arguments: Mapping[str, Any],
        *,
        progress: Progress | None = None,
        limit: float = LONGEST,
    ) -> Any:
        """Do a task and wait for its result; a task at a time.

        Parameters
        ----------
        task : str
            A name in `tasks.TASKS`.
        arguments : mapping
            Its keyword arguments, values that can be pickled.
        progress : callable, optional
            Called as the task goes on.
        limit : float
            In seconds.

        Raises
        ------
        TaskRefused
            If the data were refused.
        TaskStopped
            If `stop` was called.
        TaskFailed
            If the task failed, its process ended, or it took too long.
        """
        with self._turn:
            self._stopped = False
            pipe = self._ready()
            try:
                pipe.send((task, dict(arguments)))
                return self._answer(pipe, progress, time.monotonic() + limit)
            except (EOFError, OSError) as error:
                self._end()
                if self._stopped:
                    raise TaskStopped("It was cancelled.") from error
                raise TaskFailed("The process that did this ended unexpectedly.") from error

    def stop(self) -> None:
        """Cancel the task that is being done."""
        self._stopped = True
        if self._process is not None:
            self._process.kill()

    def close(self) -> None:
        """End the process, whatever it does."""
        self.stop()
        with self._turn:
            self._end()

    def _ready(self) -> Connection:
        """Return the pipe to a living process."""
        if self._process is None or self._pipe is None or not self._process.is_alive():
            self._end()
            context = multiprocessing.get_context("spawn")  # inherits neither threads nor sockets
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(theirs, self._name), daemon=True)
            process.start()
            theirs.close()
            self._process, self._pipe = process, ours
        return self._pipe

    def _answer(self, pipe: Connection, progress: Progress | None, until: float) -> Any:
        while True:
            if not pipe.poll(_POLL):
                if time.monotonic() > until:
                    self._end()
                    raise TaskFailed("It took too long and was stopped.")
                if self._process is None or not (self._process.is_alive() or pipe.poll(0)):
                    raise EOFError
                continue
            kind, value = pipe.recv()
            if kind == "progress":
                if progress is not None:
                    progress(*value)
            elif kind == "done":
                return value
            else:
                raise (TaskRefused if kind == "refused" else TaskFailed)(value)

    def _end(self) -> None:
        if self._process is not None:
            with suppress(OSError, ValueError):
                self._process.kill()
            self._process.join(timeout=5)
        if self._pipe is not None:
            self._pipe.close()
        self._process = self._pipe = None


def _serve(pipe: Connection, name: str) -> None:
    """Do tasks until the pipe is closed; runs in the process of a `Worker`."""
    begin_worker()
    from .tasks import TASKS, WARM_UP

    steps = list(WARM_UP.get(name, ()))
    with suppress(EOFError, OSError):
        while True:
            if steps and not pipe.poll(0):  # nobody waits: one step more towards being ready
                with suppress(Exception):  # what cannot be loaded is reported when it is needed
                    steps.pop(0)()
                continue
            task, arguments = pipe.recv()
            pipe.send(_outcome(TASKS[task], arguments, pipe))


def _outcome(
    function: Callable[..., Any], arguments: dict[str, Any], pipe: Connection
) -> tuple[str, Any]:
    from ..outcome import is_refusal, sentence

    def progress(done: int, total: int, doing: str) -> None:
        pipe.send(("progress", (done, total, doing)))

    try:
        return "done", function(progress=progress, **arguments)
    except Exception as error:
        if os.environ.get("KMREPRO_DEBUG"):
            raise
        return ("refused" if is_refusal(error) else "failed"), sentence(error)


State = Literal["waiting", "running", "done", "refused", "failed", "cancelled"]
_KEPT = 40  # jobs that are remembered after their end


@dataclass
class Job:
    """One piece of work.

    Attributes
    ----------
    id, title : str
    state : {"waiting", "running", "done", "refused", "failed", "cancelled"}
    done, total : int
        Steps; a total of 0 if it is not known how many there are.
    doing : str
        What is being done.
    result : object
        Once it is done, plain values.
    message : str
        Why it was refused or failed, in a sentence.
    """

    id: str
    title: str
    state: State = "waiting"
    done: int = 0
    total: int = 0
    doing: str = ""
    result: Any = None
    message: str = ""
    over: threading.Event = field(default_factory=threading.Event, repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values that JSON can hold."""
        names = ("id", "title", "state", "done", "total", "doing", "result", "message")
        return {name: getattr(self, name) for name in names}


class Jobs:
    """The long work of a page, done one after the other by one worker.

    Parameters
    ----------
    worker : Worker
    """

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._running: Job | None = None

    def start(
        self,
        title: str,
        task: str,
        arguments: Mapping[str, Any],
        *,
        finish: Callable[[Any], Any] | None = None,
    ) -> Job:
        """Start a task, or let it wait for its turn.

        Parameters
        ----------
        title : str
            What it is called on the page.
        task, arguments
            As for `Worker.run`.
        finish : callable, optional
            Turns the task's result into the job's, in this process.
        """
        job = Job(id=secrets.token_hex(8), title=title)
        with self._lock:
            self._jobs[job.id] = job
            over = [each.id for each in self._jobs.values() if each.over.is_set()]
            for old in over[:-_KEPT]:
                del self._jobs[old]
        threading.Thread(
            target=self._do, args=(job, task, dict(arguments), finish), daemon=True
        ).start()
        return job

    def get(self, job_id: str) -> Job | None:
        """Return a job; None if there is no such job, or no longer."""
        return self._jobs.get(job_id)

    def active(self) -> list[Job]:
        """Return the jobs that wait or run, in the order of their start."""
        return [job for job in list(self._jobs.values()) if not job.over.is_set()]

    def cancel(self, job: Job) -> None:
        """Stop a job; one that is over stays as it is."""
        with self._lock:
            if job.over.is_set():
                return
            job.state = "cancelled"
            if self._running is job:
                self._worker.stop()

    def _do(
        self,
        job: Job,
        task: str,
        arguments: dict[str, Any],
        finish: Callable[[Any], Any] | None,
    ) -> None:
        def progress(done: int, total: int, doing: str) -> None:
            job.done, job.total, job.doing = done, total, doing

        with self._turn:
            try:
                if not self._begin(job):
                    return
                result = self._worker.run(task, arguments, progress=progress)
                job.result = finish(result) if finish else result
                self._finish(job, "done")
            except TaskStopped:
                self._finish(job, "cancelled")
            except (TaskRefused, ValueError) as refusal:
                self._finish(job, "refused", str(refusal))
            except (TaskFailed, OSError) as failure:
                self._finish(job, "failed", str(failure))
            finally:
                self._running = None
                job.over.set()

    def _begin(self, job: Job) -> bool:
        with self._lock:
            if job.state == "cancelled":
                return False
            job.state = "running"
            self._running = job
            return True

    def _finish(self, job: Job, state: State, message: str = "") -> None:
        with self._lock:
            self._running = None
            if job.state != "cancelled":
                job.state, job.message = state, message

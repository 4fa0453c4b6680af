"""Long work that the page started: how far it is, and how it ended."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .workers import TaskFailed, TaskRefused, TaskStopped, Worker

__all__ = ["Job", "Jobs"]

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

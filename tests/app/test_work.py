"""Long work: processes that can be stopped, jobs, results, and the command."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from kmrepro.app.workers import Job, Jobs, TaskFailed, TaskRefused, TaskStopped, Worker
from kmrepro.cli import main
from kmrepro.studies import load_study

from .conftest import Page


@pytest.fixture
def worker() -> Iterator[Worker]:
    """Make a process that has nothing to load."""
    found = Worker("none")
    yield found
    found.close()


def until(test: Callable[[], Any]) -> None:
    """Wait for something that another thread does."""
    end = time.monotonic() + 60
    while not test():
        assert time.monotonic() < end
        time.sleep(0.02)


STUDY = 'id = "x"\n[[endpoint]]\nname = "OS"\n[endpoint.arms.A]\nn = 9\nevent_times = [1, 2]\n'


def test_a_process_does_tasks_and_tells_refusals(worker: Worker, tmp_path: Path) -> None:
    """Results and refusals come back; the same process does the next task."""
    study = tmp_path / "study.toml"
    study.write_text(STUDY)
    assert worker.run("audit", {"study": study})["findings"] == []
    first = worker._process
    with pytest.raises(TaskRefused, match=r"no such file|cannot be read"):
        worker.run("audit", {"study": tmp_path / "nothing.toml"})
    with pytest.raises(TaskFailed, match="Internal error"):
        worker.run("audit", {"study": None})
    assert worker.run("audit", {"study": study})["study"] == "x"
    assert worker._process is first


def test_a_task_can_be_stopped_and_the_next_is_done(worker: Worker, tmp_path: Path) -> None:
    """A stopped task ends at once, and a new process does what comes after it."""
    study = tmp_path / "study.toml"
    study.write_text(STUDY)
    ended: list[BaseException] = []

    def run() -> None:
        try:
            worker.run("reproduce", {"folder": tmp_path, "study": study})
        except TaskStopped as error:
            ended.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    until(lambda: worker._process is not None)
    worker.stop()
    thread.join(timeout=60)
    assert ended
    assert not (tmp_path / "results").exists()
    assert worker.run("audit", {"study": study})["study"] == "x"


def test_a_task_has_a_limit(worker: Worker, tmp_path: Path) -> None:
    """What takes too long is ended, so that no file can hold up the page for good."""
    study = tmp_path / "study.toml"
    study.write_text(STUDY)
    with pytest.raises(TaskFailed, match="too long"):
        worker.run("reproduce", {"folder": tmp_path, "study": study}, limit=0.01)
    assert worker.run("audit", {"study": study})["study"] == "x"


class Slow:
    """Stands in for a process: its tasks end when they are told to."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.stopped = False

    def run(self, task: str, arguments: Any, *, progress: Any = None, limit: float = 0) -> Any:
        """Wait, and return the task's name."""
        progress(1, 3, "Page 2")
        self.go.wait(timeout=60)
        if self.stopped:
            self.stopped = False
            self.go.clear()
            raise TaskStopped
        if task == "bad":
            raise TaskRefused("Because.")
        return task

    def stop(self) -> None:
        """End the wait."""
        self.stopped = True
        self.go.set()


def over(job: Job) -> Job:
    assert job.over.wait(timeout=60)
    return job


def test_jobs_wait_for_their_turn_and_tell_how_far_they_are() -> None:
    """One runs and the others wait; each ends with a result or a reason."""
    slow: Any = Slow()
    jobs = Jobs(slow)
    first = jobs.start("One", "one", {}, finish=str.upper)
    until(lambda: first.doing)
    second = jobs.start("Two", "bad", {})
    assert (first.state, first.done, first.total, second.state) == ("running", 1, 3, "waiting")
    assert jobs.active() == [first, second]
    slow.go.set()
    assert over(first).to_dict() | {"result": "ONE", "state": "done"} == first.to_dict()
    assert (over(second).state, second.message) == ("refused", "Because.")
    assert jobs.active() == []


def test_jobs_are_cancelled_before_and_while_they_run() -> None:
    """A job that waits is never begun; one that runs is stopped; one that is over stays."""
    slow: Any = Slow()
    jobs = Jobs(slow)
    first, second = jobs.start("One", "one", {}), None
    until(lambda: first.doing)
    second = jobs.start("Two", "two", {})
    jobs.cancel(second)
    jobs.cancel(first)
    assert over(first).state == "cancelled"
    assert over(second).state == "cancelled"
    slow.go.set()
    third = over(jobs.start("Three", "three", {}))
    jobs.cancel(third)
    assert third.state == "done"


def test_results_are_told_to_be_of_an_earlier_state(served: Page) -> None:
    """Once the study file changes, results are no longer of it."""
    served.json("api/study", "PUT", json={"text": STUDY})
    job = served.done(served.json("api/reproduce", "POST", json={}))
    assert job["state"] in ("done", "refused"), job
    found = served.json("api/results")
    assert found["current"]
    assert "report.html" in found["files"]
    time.sleep(0.02)
    edit = {"place": ["note"], "value": "changed"}
    served.json("api/study/edit", "POST", json={"edits": [edit]})
    assert not served.json("api/results")["current"]
    stray = served.workspace.folder / "results" / "stray.html"
    stray.write_text("<script>")
    assert served.ask("download/stray.html").status_code == 400


def _interruptible() -> None:
    """Hear an interrupt, also where the tests themselves run in the background and ignore it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def test_the_command_serves_until_it_is_ended(tmp_path: Path) -> None:
    """It prints the address, answers there, and ends without an error."""
    import urllib.request

    command = [sys.executable, "-m", "kmrepro", "app", "haic-tae", "--no-browser"]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path,
        preexec_fn=_interruptible,
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            with urllib.request.urlopen(address) as answer:
                assert b"<title>kmrepro</title>" in answer.read()
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 0, said
    assert "Traceback" not in said
    assert load_study(tmp_path / "haic-tae" / "study.toml").id == "haic-tae"


def test_the_command_refuses_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing extra, a folder that cannot be one and a port that is taken are told."""
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        result = CliRunner().invoke(main, ["app", str(tmp_path / "a"), "--port", port])
        assert result.exit_code == 1
        assert f"Port {port} cannot be listened on" in result.output
    (tmp_path / "file").write_text("")
    result = CliRunner().invoke(main, ["app", str(tmp_path / "file" / "below")])
    assert result.exit_code == 1
    assert "cannot be worked in" in result.output
    monkeypatch.setitem(sys.modules, "waitress", None)
    result = CliRunner().invoke(main, ["app", str(tmp_path / "b")])
    assert result.exit_code == 1
    assert "pip install 'kmrepro[app]'" in result.output


@pytest.mark.parametrize(
    ("path", "method", "body"),
    [
        ("api/study", "PUT", {"text": None}),
        ("api/study", "PUT", {"text": 5}),
        ("api/study", "PUT", {"text": "title = '\ud800'"}),
        ("api/study/edit", "POST", {"edits": [{"place": ["title"], "value": "\ud800"}]}),
        ("api/draft", "POST", {"text": None}),
        ("api/points/os.csv", "POST", {"endpoint": None, "arms": {}}),
        ("api/points/os.csv", "POST", {"endpoint": "x", "arms": {}}),
        ("api/points/os.csv", "POST", {"endpoint": -1, "arms": {"A": "A"}}),
        ("api/points/os.csv", "POST", {"endpoint": 0, "arms": 5}),
    ],
)
def test_requests_of_other_kinds_change_nothing(
    served: Page, path: str, method: str, body: dict[str, object]
) -> None:
    """They are refused in a sentence; no study file becomes "None"."""
    served.workspace.study.write_text('id = "mine"\n', encoding="utf-8")
    points = "arm,time,survival\n" + "".join(f"A,{t},{1 - t / 9}\n" for t in range(1, 7))
    (served.workspace.folder / "os.csv").write_text(points, encoding="utf-8")
    answer = served.ask(path, method, json=body)
    assert answer.status_code == 400
    assert "invalid literal" not in answer.json["error"]
    assert served.workspace.study.read_text(encoding="utf-8") == 'id = "mine"\n'


def test_a_folder_that_keeps_nothing_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the start, and not when the first change is lost."""
    monkeypatch.setattr("kmrepro.app.workspace.os.access", lambda *_: False)
    result = CliRunner().invoke(main, ["app", str(tmp_path), "--no-browser"])
    assert result.exit_code == 1
    assert "cannot be worked in: nothing can be made in it; choose another" in result.stderr

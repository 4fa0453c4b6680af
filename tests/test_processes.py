"""Work that several processes share: the same results, in order, and failures that are told."""

import os
import pickle
import threading
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from threading import Event

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import kmrepro as km
from kmrepro import processes
from kmrepro.cli import main
from kmrepro.processes import Helped, Lent, WorkerEnded, helped, in_order, usual_processes

from .seeds import nightly
from .toolkit.conftest import RISING, TWO_ARMS


def doubled(number: int) -> int:
    """Return twice a number, which a negative one refuses."""
    if number < 0:
        raise IndexError(f"{number} is negative")
    return 2 * number


def load_nothing() -> None:
    """Need nothing."""


@given(st.lists(st.integers(0, 100)), st.integers(1, 3))
def test_shared_work_comes_in_order(numbers: list[int], helpers: int) -> None:
    """However many help, the results are those of one, in the same order."""
    with ThreadPoolExecutor(helpers) as pool:
        shared = in_order(Helped(pool, helpers), doubled, numbers)
        assert list(shared) == list(in_order(None, doubled, numbers))


def test_both_ends_are_worked_on() -> None:
    """A helper takes the first tasks, and this process the last ones meanwhile."""
    first, others = Event(), []

    def work(number: int) -> int:
        if number == 0:
            assert first.wait(60)
        else:
            others.append(number)
            if number == 1:
                first.set()
        return number

    with ThreadPoolExecutor(1) as pool:
        assert list(Helped(pool, 1).map(work, range(6))) == list(range(6))
    assert others == [5, 4, 3, 2, 1]


@pytest.mark.parametrize("place", [0, 9])
def test_failures_are_raised(place: int) -> None:
    """What is raised in a task is raised here, whoever worked on it."""
    numbers = [-1 if each == place else each for each in range(10)]
    with ThreadPoolExecutor(1) as pool, pytest.raises(IndexError, match="-1 is negative"):
        list(Helped(pool, 1).map(doubled, numbers))


def test_work_that_is_given_up_stops() -> None:
    """No further task is begun once one of them failed."""
    begun, answer = [], Future()

    class Noting(Executor):
        def submit(self, fn, /, *args, **named):
            begun.append(args)
            return answer

    results = Helped(Noting(), 1).map(doubled, [1, 2, 3, -1])
    with pytest.raises(IndexError):
        next(results)
    answer.set_result(2)
    for thread in threading.enumerate():
        if thread.name.startswith("ThreadPoolExecutor"):
            thread.join()
    assert begun == [(1,)]


def test_a_worker_that_ends_is_told() -> None:
    """A process that ended without a result is reported in a sentence."""
    context = get_context("spawn")
    with (
        ProcessPoolExecutor(1, mp_context=context) as pool,
        pytest.raises(WorkerEnded, match=r"perhaps for lack of memory; .* --workers 1\.$"),
    ):
        list(in_order(pool, os._exit, [3]))  # as a system that lacks memory does


def test_what_is_lent_is_sent_once(tmp_path: Path) -> None:
    """A large value goes to a file at the first sending; later ones only say where it is."""
    value = list(range(10_000))
    lent = Lent(value, tmp_path)
    assert not list(tmp_path.iterdir())
    sent = pickle.dumps(lent)
    assert len(sent) < 1_000
    (file,) = tmp_path.iterdir()
    before = file.stat().st_mtime_ns
    assert pickle.dumps(lent) == sent
    received = pickle.loads(sent)
    assert received.value == value
    assert pickle.loads(pickle.dumps(received)) is received
    assert file.stat().st_mtime_ns == before


def test_how_many_processes_are_usual(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few endpoints are not worth another process, and no more are used than there are."""
    monkeypatch.setattr(processes, "_processors", lambda: 8)
    assert [usual_processes(endpoints) for endpoints in (0, 1, 3, 4, 6, 100)] == [1, 1, 1, 2, 3, 4]
    monkeypatch.setattr(processes, "_processors", lambda: 2)
    assert usual_processes(100) == 2
    monkeypatch.setattr(processes, "_processors", lambda: 1)
    assert usual_processes(100) == 1
    monkeypatch.undo()
    assert processes._processors() >= 1

    class Without:
        def Lock(self) -> None:  # noqa: N802 - the name that it has
            raise ImportError("no sem_open")

    monkeypatch.setattr(processes, "_processors", lambda: 8)
    monkeypatch.setattr(processes.multiprocessing, "get_context", lambda _: Without())
    assert usual_processes(100) == 1


def test_alone() -> None:
    """One process in all is this one."""
    with helped(1, load=load_nothing) as executor:
        assert executor is None


def content(folder: Path) -> dict[str, bytes]:
    """Return all files of a folder by name."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def half_refused(tmp_path: Path) -> Path:
    """Write a study file of two small endpoints, one of which cannot be reconstructed."""
    path = tmp_path / "mine.toml"
    path.write_text(TWO_ARMS + RISING, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "arguments",
    [
        ("reproduce", "mine.toml", "--draws", "8", "--format", "svg"),
        nightly(
            (
                *("reproduce", "an2025", "--only", "unmatched/OS", "--only", "unmatched/PPS"),
                *("--draws", "50", "--format", "svg"),
            )
        ),
        nightly(
            (
                *("figures", "an2025", "--only", "psm/OS", "--draws", "0", "--style", "grey"),
                *("--width", "column", "--format", "svg", "--format", "png"),
            )
        ),
    ],
    ids=["results", "results of a paper", "figures in another look"],
)
def test_files_are_the_same(
    tmp_path: Path, half_refused: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    """What two processes write is what one writes, byte for byte."""
    monkeypatch.chdir(tmp_path)
    for workers in ("1", "2"):
        out = str(tmp_path / workers)
        result = CliRunner().invoke(main, [*arguments, "--out", out, "--workers", workers])
        assert result.exit_code == 0, result.output
    assert content(tmp_path / "1") == content(tmp_path / "2")
    assert len(content(tmp_path / "1")) > 10


def test_refusals_come_from_helpers(half_refused: Path) -> None:
    """An endpoint that cannot be reconstructed is refused with the same words."""
    study = km.load_study(half_refused)
    context = get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        shared = km.reproduce(study, n_draws=8, executor=pool)
    alone = km.reproduce(study, n_draws=8)
    assert shared.refused
    assert shared.to_json() == alone.to_json()
    assert [each.reason for each in shared.refused] == [each.reason for each in alone.refused]

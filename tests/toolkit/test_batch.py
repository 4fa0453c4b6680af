"""A folder of studies: the same results wherever they are made, carried on, and failures told."""

import json
import shutil
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

import kmrepro as km
from kmrepro import _batch, saving
from kmrepro.batch_results import NoStudies
from kmrepro.cli import main
from kmrepro.processes import DaskUnavailable, executor_for
from kmrepro.safeguards import OutputRefused

from .conftest import draw_nothing

STUDY = """
id = "{id}"
[[endpoint]]
name = "OS"
reference = "A"
[endpoint.arms.A]
n = {n}
landmarks = {{ 12 = "80%", 24 = "60%" }}
[endpoint.arms.B]
n = {n}
landmarks = {{ 12 = "70%", 24 = "55%" }}
[endpoint.reported]
hazard_ratio = "1.2"
ci = ["0.7", "2.1"]
"""


DRAWN = saving._drawn


@pytest.fixture(autouse=True, scope="module")
def _not_drawn():
    """Draw no figure: a batch writes what there is, whatever it shows."""
    with pytest.MonkeyPatch.context() as patched:
        draw_nothing(patched)
        yield


@pytest.fixture
def every_figure(monkeypatch):
    """Draw figures, as other processes do."""
    monkeypatch.setattr(saving, "_drawn", DRAWN)


def write_studies(folder: Path) -> Path:
    """Write three small study files, and others that are none."""
    folder.mkdir()
    for name, n in (("b", 55), ("a", 60), ("c", 65)):
        (folder / f"{name}.toml").write_text(STUDY.format(id=name, n=n), encoding="utf-8")
    (folder / "notes.txt").write_text("not a study", encoding="utf-8")
    (folder / ".hidden.toml").write_text("not a study", encoding="utf-8")
    return folder


@pytest.fixture
def studies(tmp_path) -> Path:
    """Return a folder of study files."""
    return write_studies(tmp_path / "studies")


@pytest.fixture
def only_a(studies) -> Path:
    """Return a folder of one study file."""
    for name in "bc":
        (studies / f"{name}.toml").unlink()
    return studies


@pytest.fixture(scope="module")
def batch_made(tmp_path_factory) -> tuple[Path, km.Batch]:
    """Make a batch once, of which one study has a curve."""
    folder = tmp_path_factory.mktemp("finished")
    files = write_studies(folder / "studies")
    curve = "time,survival\n6,0.9\n12,0.8\n18,0.7\n24,0.6\n"
    (files / "curve.csv").write_text(curve, encoding="utf-8")
    along = STUDY.format(id="b", n=55).replace("n = 55", 'n = 55\ncurve = "curve.csv"', 1)
    (files / "b.toml").write_text(along, encoding="utf-8")
    return folder, run(files)


@pytest.fixture
def finished(batch_made, tmp_path) -> Path:
    """Return the folder of the studies of a batch that is done, in one of the test's own."""
    for name in ("studies", "out"):
        shutil.copytree(batch_made[0] / name, tmp_path / name)
    return tmp_path / "studies"


@pytest.fixture
def made(monkeypatch) -> list[str]:
    """List the studies that are reproduced, in order."""
    ids: list[str] = []
    make = _batch.make

    def noted(study, options):
        ids.append(study.id)
        return make(study, options)

    monkeypatch.setattr(_batch, "make", noted)
    return ids


# Other processes draw in blocks of their own size, so that draws would differ here.
FEW = {"n_draws": 0}


def run(studies, out="out", **options) -> km.Batch:
    return km.batch(studies, studies.parent / out, formats=["svg"], **FEW, **options)


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_each_study_as_by_itself(batch_made, finished, tmp_path):
    """Every study gets what `Reproduction.save` writes and what it reports; the table has all."""
    studies, result = finished, batch_made[1]
    assert [(each.file, each.study, each.done, each.repeated) for each in result.studies] == [
        (f"{name}.toml", name, True, True) for name in "abc"
    ]
    for name in "abc":
        alone = km.reproduce(km.load_study(studies / f"{name}.toml"), **FEW)
        alone.save(tmp_path / f"alone-{name}", formats=["svg"])
        expected = contents(tmp_path / f"alone-{name}")
        found = contents(tmp_path / "out" / name)
        assert "study.json" in found
        assert {key: found[key] for key in found if key not in (".kmrepro.json", "study.json")} == {
            key: expected[key] for key in expected if key != ".kmrepro.json"
        }
        row = result.to_frame().query("study == @name").drop(columns="study")
        pd.testing.assert_frame_equal(
            row.reset_index(drop=True), alone.to_frame(), check_dtype=False
        )
    written = json.loads((tmp_path / "out" / "batch.json").read_text(encoding="utf-8"))
    assert written == result.to_dict()
    assert [each["comparisons"][0]["verdict"] for each in written["studies"]] == list(
        result.to_frame()["verdict"]
    )
    assert (tmp_path / "out" / "batch.csv").read_text(encoding="utf-8") == result.to_csv()


def test_threads(finished, tmp_path):
    """Threads give what one process gives, bit for bit."""
    with ThreadPoolExecutor(2) as executor:
        run(finished, "elsewhere", executor=executor)
    assert contents(tmp_path / "elsewhere") == contents(tmp_path / "out")


@pytest.mark.nightly
@pytest.mark.parametrize("workers", [1, 2])
def test_processes(workers, studies, tmp_path, every_figure):
    """Processes give what one process gives, bit for bit, with every figure."""
    for name in "bc"[: 3 - workers]:
        (studies / f"{name}.toml").unlink()
    run(studies)
    with ProcessPoolExecutor(workers, get_context("spawn")) as executor:
        run(studies, "elsewhere", executor=executor)
    assert len(list((tmp_path / "out" / "a" / "figures").iterdir())) > 1
    assert contents(tmp_path / "elsewhere") == contents(tmp_path / "out")


@pytest.mark.filterwarnings("default")
def test_dask(studies, tmp_path, every_figure):
    """A Dask cluster gives what one process gives, bit for bit, also through its address."""
    distributed = pytest.importorskip("distributed", reason="the extra [dask] is not installed")
    run(studies)
    with executor_for(workers=1, dask="local") as executor:
        run(studies, "local", executor=executor)
    cluster = distributed.LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None
    )
    with cluster, executor_for(dask=cluster.scheduler_address) as executor:
        run(studies, "address", executor=executor)
    expected = contents(tmp_path / "out")
    assert contents(tmp_path / "local") == contents(tmp_path / "address") == expected


def test_no_dask(monkeypatch):
    """Without Dask the refusal says how to install it."""
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with (
        pytest.raises(DaskUnavailable, match=r"pip install 'kmrepro\[dask\]'"),
        executor_for(dask="local"),
    ):
        pass


def test_stopped_and_carried_on(finished, tmp_path, made, monkeypatch):
    """A batch that was stopped repeats nothing, and ends as if it had not been."""
    studies = finished
    (tmp_path / "out").rename(tmp_path / "whole")
    make = _batch.make

    def stop_at_b(study, options):
        if study.id == "b":
            raise KeyboardInterrupt
        return make(study, options)

    with monkeypatch.context() as patch:
        patch.setattr(_batch, "make", stop_at_b)
        with pytest.raises(KeyboardInterrupt):
            run(studies)
    assert made == ["a"]
    assert not (tmp_path / "out" / "batch.csv").exists()
    result = run(studies)
    assert made == ["a", "b", "c"]
    assert [each.repeated for each in result.studies] == [False, True, True]
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")
    run(studies)
    assert made == ["a", "b", "c"]


@pytest.mark.parametrize(
    "change", ["study file", "curve", "version", "a result is gone", "options"]
)
def test_what_is_done_again(change, finished, tmp_path, made, monkeypatch):
    """Results made from another file, version or option, or not whole, are made again."""
    studies, curve = finished, finished / "curve.csv"
    options = {}
    if change == "curve":
        curve.write_text("time,survival\n6,0.9\n12,0.8\n18,0.7\n24,0.605\n", encoding="utf-8")
    elif change == "study file":
        (studies / "b.toml").write_text(STUDY.format(id="b", n=50), encoding="utf-8")
    elif change == "version":
        monkeypatch.setattr(_batch, "version", lambda _: "0.0.9")
        monkeypatch.setattr(_batch, "_version", lambda: "0.0.9")
    elif change == "a result is gone":
        (tmp_path / "out" / "b" / "results.json").unlink()
    else:
        options = {"formats": ["svg", "png"]}
    km.batch(studies, tmp_path / "out", **{"formats": ["svg"], **FEW, **options})
    assert made == (["a", "b", "c"] if change in ("version", "options") else ["b"])


def test_failures_stop_nothing(studies, made):
    """A file at fault, a study without patients and a fault of kmrepro leave the others alone."""
    (studies / "b.toml").write_text('id = "b"', encoding="utf-8")
    (studies / "d.toml").write_text(STUDY.format(id="A", n=20), encoding="utf-8")
    (studies / "e.toml").write_text(
        'id = "e"\n[[endpoint]]\nname = "OS"\n[endpoint.arms.A]\nmedian = "12"\n', encoding="utf-8"
    )
    (studies / "f.toml").write_text(STUDY.format(id="batch.csv", n=20), encoding="utf-8")
    result = run(studies)
    assert {each.file: each.reason for each in result.failed} == {
        "b.toml": "endpoint: it is missing; write the endpoints, each of one cohort.",
        "d.toml": 'Its id "A" is that of a.toml; give it one of its own.',
        "e.toml": "all/OS of e cannot be reconstructed, so only reasons and quick looks were "
        "written to e: arm A reports no number of patients (n), so there is nobody to reconstruct; "
        'write `n = ...` under [endpoint.arms.A], with `n_basis = "allocation"` if it is the '
        "arm's share of all patients.",
        "f.toml": 'Its id "batch.csv" is that of the table of all studies; give it one of its own.',
    }
    assert made == ["a", "c", "e"]
    assert set(result.to_frame()["study"]) == {"a", "c"}
    report = next(each.folder for each in result.failed if each.study == "e") / "report.html"
    assert "there is nobody to reconstruct" in report.read_text(encoding="utf-8")


class Losing(Executor):
    """An executor whose workers fail at one study, and are lost from then on."""

    def __init__(self, error: Exception) -> None:
        self.error, self.lost = error, False

    def submit(self, function, study, options):
        """Fail at study b."""
        if self.lost:
            raise self.error
        future = Future()
        if study.id == "b":
            self.lost = isinstance(self.error, BrokenProcessPool)
            future.set_exception(self.error)
        else:
            future.set_result(function(study, options))
        return future


def test_a_worker_is_lost(studies):
    """Studies whose worker died are reported, and done by the next run."""
    result = run(studies, executor=Losing(BrokenProcessPool("killed")))
    assert [each.file for each in result.failed] == ["b.toml", "c.toml"]
    assert all("A worker ended early" in each.reason for each in result.failed)
    again = run(studies)
    assert not again.failed
    assert [each.repeated for each in again.studies] == [False, True, True]


def test_what_should_not_happen(studies):
    """An error that is no refusal is reported as a fault, and the others are done."""
    result = run(studies, executor=Losing(KeyError("x")))
    (failed,) = result.failed
    assert "Internal error (KeyError: 'x')" in failed.reason


def test_another_version_elsewhere(only_a, monkeypatch):
    """Results of a worker with another kmrepro are not taken."""
    monkeypatch.setattr(_batch, "_version", lambda: "0.0.9")
    (failed,) = run(only_a).failed
    assert "a worker that has another kmrepro, 0.0.9" in failed.reason


def test_folders_that_are_refused(only_a, tmp_path):
    """What no batch wrote is left alone, unless that is asked for."""
    studies = only_a
    with pytest.raises(NoStudies, match=r'none of its files ends in "\.toml"'):
        km.batch(tmp_path, tmp_path / "out")
    with pytest.raises(NoStudies, match="is no folder that can be read"):
        km.batch(tmp_path / "nowhere", tmp_path / "out")
    with pytest.raises(OutputRefused, match=r"is not the folder of a batch: it holds \.hidden"):
        run(studies, "studies")
    with pytest.raises(OutputRefused, match=r"is a file, and results go to a folder"):
        run(studies, "studies/a.toml")
    with pytest.raises(OutputRefused, match="not a directory"):
        run(studies, "studies/a.toml/below")
    assert not run(studies, "studies", force=True).failed


def test_what_was_added_is_kept(finished, tmp_path):
    """A study whose folder holds something of the user's is reported, and left as it is."""
    studies = finished
    (tmp_path / "out" / "b" / "thoughts.txt").write_text("keep me", encoding="utf-8")
    (studies / "b.toml").write_text(STUDY.format(id="b", n=50), encoding="utf-8")
    (failed,) = run(studies).failed
    assert "it holds thoughts.txt, which kmrepro did not write" in failed.reason
    assert (tmp_path / "out" / "b" / "thoughts.txt").exists()


def unwrapped(text: str) -> str:
    """Return text without the breaks that fit it to the terminal's width."""
    return " ".join(text.split())


def test_command(studies, tmp_path, every_figure, one_figure):
    """The command prints a table, lists what failed, and exits with status 1 for that alone."""
    arguments = ["batch", str(studies), "--out", str(tmp_path / "out"), "--format", "svg"]
    arguments += ["--draws", "20"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    assert f"Wrote to {tmp_path / 'out'}: 3 of 3 studies." in unwrapped(result.output)
    assert all(path.read_bytes() for path in tmp_path.glob("out/*/figures/*.svg"))
    assert len([*tmp_path.glob("out/*/figures/*.svg")]) == 3
    (studies / "b.toml").write_text('id = "b"', encoding="utf-8")
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1
    assert "2 of 3 studies. 2 of them were there already." in unwrapped(result.stdout)
    assert "Failed: b.toml: endpoint: it is missing" in unwrapped(result.stdout)
    assert "Error: 1 of 3 studies failed: b.toml." in result.stderr
    result = CliRunner().invoke(main, [*arguments, "--json"])
    assert result.exit_code == 1
    assert [each["status"] for each in json.loads(result.stdout)["studies"]] == [
        "done",
        "failed",
        "done",
    ]


def test_interrupted_command(studies, tmp_path, monkeypatch):
    """Ctrl-C ends with a sentence and the status of shells."""

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(_batch, "make", interrupted)
    arguments = ["batch", str(studies), "--out", str(tmp_path / "out"), "--draws", "0"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 130
    assert "the same command carries on" in result.stderr

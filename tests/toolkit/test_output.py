"""Results are written whole or not at all, and replace nothing that kmrepro did not make."""

import errno
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kmrepro import output
from kmrepro.output import write_file, write_folder
from kmrepro.safeguards import MARKER, OutputRefused, check_file, check_folder


def fill(text: str, *, name: str = "results.json"):
    """Return a writer of one file and one file in a sub-folder."""

    def write(folder: Path) -> None:
        (folder / name).write_text(text)
        (folder / "figures").mkdir()
        (folder / "figures" / "one.svg").write_text("<svg/>")

    return write


def contents(folder: Path) -> dict[str, str]:
    """Return the text of every file in a folder, by name, but the marker's."""
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in folder.rglob("*")
        if path.is_file() and path.name != MARKER
    }


def test_a_new_folder_is_made_with_usual_permissions(tmp_path: Path) -> None:
    """Others may read results wherever the file-creation mask lets them."""
    mask = os.umask(0o022)
    try:
        write_folder(tmp_path / "out", fill("new"))
    finally:
        os.umask(mask)
    assert contents(tmp_path / "out") == {"results.json": "new", "figures/one.svg": "<svg/>"}
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o755
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_folder_that_kmrepro_made_is_replaced_as_a_whole(tmp_path: Path) -> None:
    """Nothing of the older results stays among the newer ones."""
    write_folder(tmp_path / "out", fill("old", name="older.json"))
    (tmp_path / "out" / ".DS_Store").write_text("what a file manager leaves")
    write_folder(tmp_path / "out", fill("new"))
    assert contents(tmp_path / "out") == {"results.json": "new", "figures/one.svg": "<svg/>"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    """There is nothing to lose in an empty folder."""
    (tmp_path / "out").mkdir()
    write_folder(tmp_path / "out", fill("new"))
    assert contents(tmp_path / "out")["results.json"] == "new"


def test_a_folder_that_kmrepro_did_not_make_is_kept_unless_forced(tmp_path: Path) -> None:
    """Someone's files are named, and go only with `--force`."""
    out = tmp_path / "thesis"
    (out / "chapters").mkdir(parents=True)
    (out / "chapters" / "1.tex").write_text("years of work")
    (out / "results.json").write_text("{}")
    message = f"{out} is not replaced, because it holds chapters/1.tex and 1 more, which kmrepro"
    with pytest.raises(OutputRefused, match=re.escape(message)):
        write_folder(out, fill("new"))
    assert contents(out) == {"chapters/1.tex": "years of work", "results.json": "{}"}
    written = write_folder(out, fill("new"), force=True)
    assert contents(out)["results.json"] == "new"
    assert written.set_aside == tmp_path / "thesis.before-1"
    kept = {"chapters/1.tex": "years of work", "results.json": "{}"}
    assert contents(tmp_path / "thesis.before-1") == kept
    (out / "notes.txt").write_text("mine")
    assert write_folder(out, fill("third"), force=True).set_aside == tmp_path / "thesis.before-2"
    assert contents(tmp_path / "thesis.before-2")["notes.txt"] == "mine"
    assert write_folder(out, fill("fourth"), force=True).set_aside is None


def test_a_folder_stays_if_the_new_one_cannot_take_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Someone's folder is moved back under its name."""
    out = tmp_path / "thesis"
    out.mkdir()
    (out / "1.tex").write_text("years of work")
    rename = Path.rename

    def fail(path: Path, target: Path) -> Path:
        if path.name.startswith(".thesis.kmrepro-"):
            raise OSError(errno.EIO, "Input/output error")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(OutputRefused, match="input/output error"):
        write_folder(out, fill("new"), force=True)
    assert contents(out) == {"1.tex": "years of work"}
    assert [path.name for path in tmp_path.iterdir()] == ["thesis"]


def test_a_file_that_was_added_to_our_folder_is_kept(tmp_path: Path) -> None:
    """Notes that a reader put beside the results do not vanish with the next run."""
    write_folder(tmp_path / "out", fill("old"))
    (tmp_path / "out" / "notes.txt").write_text("mine")
    with pytest.raises(OutputRefused, match=r"it holds notes\.txt, which kmrepro did not write"):
        write_folder(tmp_path / "out", fill("new"))
    assert contents(tmp_path / "out")["results.json"] == "old"


def test_a_broken_marker_vouches_for_nothing(tmp_path: Path) -> None:
    """A marker that cannot be read is as good as none."""
    write_folder(tmp_path / "out", fill("old"))
    (tmp_path / "out" / MARKER).write_text('{"files": 3}')
    with pytest.raises(OutputRefused, match="which kmrepro did not write"):
        check_folder(tmp_path / "out")


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("vcs", [".git", ".hg", ".svn"])
def test_a_checkout_is_never_replaced(tmp_path: Path, vcs: str, force: bool) -> None:
    """Not even `--force` removes a version-control checkout."""
    (tmp_path / "out" / vcs).mkdir(parents=True)
    with pytest.raises(OutputRefused, match="it is a version-control checkout"):
        check_folder(tmp_path / "out", force=force)


def test_the_folders_that_one_lives_in_are_never_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even `--force` removes the home folder, the current one, or one that holds them."""
    home, here = tmp_path / "users" / "ann", tmp_path / "work" / "here"
    home.mkdir(parents=True)
    here.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    monkeypatch.chdir(here)
    for place, name in (
        (home, "home"),
        (home.parent, "home"),
        (here, "current"),
        (Path(".."), "current"),
    ):
        with pytest.raises(OutputRefused, match=f"it is or holds the {name} folder"):
            check_folder(place, force=True)
    with pytest.raises(
        OutputRefused, match="is not replaced, because it is or holds the home folder"
    ):
        check_folder(Path("/"), force=True)


def test_a_folder_that_holds_the_study_file_is_never_replaced(tmp_path: Path) -> None:
    """The results cannot take the place of what they are made from."""
    study = tmp_path / "out" / "papers" / "mine.toml"
    study.parent.mkdir(parents=True)
    study.touch()
    with pytest.raises(
        OutputRefused, match=r"it holds mine\.toml, which the results are made from"
    ):
        check_folder(tmp_path / "out", force=True, inputs=(study,))


def test_a_link_is_followed(tmp_path: Path) -> None:
    """A link to a results folder still is one afterwards."""
    write_folder(tmp_path / "real", fill("old"))
    (tmp_path / "link").symlink_to("real")
    write_folder(tmp_path / "link", fill("new"))
    assert (tmp_path / "link").is_symlink()
    assert contents(tmp_path / "real")["results.json"] == "new"


@pytest.mark.parametrize("force", [False, True])
def test_a_file_is_never_replaced_by_a_folder(tmp_path: Path, force: bool) -> None:
    """A file in the way is refused, with or without `--force`."""
    (tmp_path / "out").write_text("mine")
    with pytest.raises(
        OutputRefused, match="out is a file, and results go to a folder; choose another name"
    ):
        write_folder(tmp_path / "out", fill("new"), force=force)
    assert (tmp_path / "out").read_text() == "mine"


def test_missing_folders_are_made_and_a_file_is_no_folder(tmp_path: Path) -> None:
    """Results can go several folders down, but not below a file."""
    write_folder(tmp_path / "a" / "b" / "out", fill("new"))
    write_file(tmp_path / "c" / "d" / "out.csv", "x")
    assert (tmp_path / "c" / "d" / "out.csv").read_text() == "x"
    below = tmp_path / "c" / "d" / "out.csv" / "no" / "where"
    for write in (lambda: write_folder(below, fill("new")), lambda: write_file(below, "")):
        with pytest.raises(OutputRefused, match=r"out\.csv is a file; choose another folder"):
            write()


def test_a_folder_that_cannot_be_written_is_refused_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is computed for a place in which nothing can be made."""
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != tmp_path.resolve())
    with pytest.raises(OutputRefused, match=r"nothing can be made in .*; choose another folder"):
        write_folder(tmp_path / "a" / "out", lambda _: pytest.fail("work was done"))
    with pytest.raises(OutputRefused, match="nothing can be made in"):
        check_file(tmp_path / "out.csv")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), id="disk full"),
        pytest.param(RuntimeError("a bug"), id="a bug"),
        pytest.param(KeyboardInterrupt(), id="Ctrl-C"),
    ],
)
def test_a_failure_half_way_leaves_the_old_folder(tmp_path: Path, failure: BaseException) -> None:
    """Whatever ends the writing, the old results stay and no temporary is left."""
    write_folder(tmp_path / "out", fill("old"))

    def write(folder: Path) -> None:
        fill("new")(folder)
        raise failure

    with pytest.raises((OutputRefused, RuntimeError, KeyboardInterrupt)):
        write_folder(tmp_path / "out", write)
    assert contents(tmp_path / "out")["results.json"] == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_full_disk_is_a_sentence(tmp_path: Path) -> None:
    """The system's reason is passed on, with the place."""

    def write(folder: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    message = f"Cannot write {tmp_path / 'out'}: no space left on device."
    with pytest.raises(OutputRefused) as refused:
        write_folder(tmp_path / "out", write)
    assert str(refused.value) == message


@pytest.mark.parametrize("step", ["sync_folder", "_finish", "_move_in"])
def test_a_failure_at_the_last_steps_leaves_the_old_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Marking, syncing and moving can fail too."""
    write_folder(tmp_path / "out", fill("old"))

    def fail(*args: object, **options: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(output, step, fail)
    with pytest.raises(OutputRefused, match="input/output error"):
        write_folder(tmp_path / "out", fill("new"))
    assert contents(tmp_path / "out")["results.json"] == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_file_that_appears_meanwhile_is_kept(tmp_path: Path) -> None:
    """What may be replaced is asked again just before it is replaced."""

    def write(folder: Path) -> None:
        fill("new")(folder)
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "notes.txt").write_text("mine")

    with pytest.raises(OutputRefused, match=r"notes\.txt"):
        write_folder(tmp_path / "out", write)
    assert contents(tmp_path / "out") == {"notes.txt": "mine"}


def test_without_an_exchange_in_one_step_two_renames_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Systems that cannot exchange two folders replace them all the same."""
    monkeypatch.setattr(output, "exchange", lambda *folders: False)
    write_folder(tmp_path / "out", fill("old"))
    write_folder(tmp_path / "out", fill("new"))
    assert contents(tmp_path / "out")["results.json"] == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_run_killed_between_two_renames_is_put_right(tmp_path: Path) -> None:
    """The old results, moved aside by a run that was killed then, come back."""
    write_folder(tmp_path / "out", fill("old"))
    (tmp_path / "out").rename(tmp_path / ".out.kmrepro-old")

    def write(folder: Path) -> None:
        assert contents(tmp_path / "out")["results.json"] == "old"
        fill("new")(folder)

    write_folder(tmp_path / "out", write)
    assert contents(tmp_path / "out")["results.json"] == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_a_killed_run_leaves_the_old_folder_and_the_next_one_cleans_up(tmp_path: Path) -> None:
    """After SIGKILL in the middle of writing, the old results are whole."""
    write_folder(tmp_path / "out", fill("old"))
    code = (
        "import sys, time, pathlib\n"
        "from kmrepro.output import write_folder\n"
        "def write(folder):\n"
        "    (folder / 'half').write_text('x'); print('ready', flush=True); time.sleep(60)\n"
        "write_folder(pathlib.Path(sys.argv[1]), write)"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "out")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        assert len(list(tmp_path.iterdir())) == 2
        output._clean_up((tmp_path / "out").resolve())
        assert len(list(tmp_path.iterdir())) == 2, "what a running process builds is left alone"
        process.send_signal(signal.SIGKILL)
    assert contents(tmp_path / "out")["results.json"] == "old"
    write_folder(tmp_path / "out", fill("new"))
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_file_is_replaced_only_if_forced(tmp_path: Path) -> None:
    """One's own study file does not vanish under a starter, not even then."""
    path = tmp_path / "mine.toml"
    write_file(path, "old")
    with pytest.raises(OutputRefused, match=r"mine\.toml exists; choose another name, or"):
        write_file(path, "new")
    assert path.read_text() == "old"
    assert write_file(path, "new", force=True) == tmp_path / "mine.before-1.toml"
    assert path.read_text() == "new"
    assert (tmp_path / "mine.before-1.toml").read_text() == "old"
    assert write_file(path, "new", force=True) is None
    assert write_file(path, "third", force=True, keep=False) is None
    names = sorted(found.name for found in tmp_path.iterdir())
    assert names == ["mine.before-1.toml", "mine.toml"]


@pytest.mark.skipif(not Path("/dev/null").exists(), reason="needs /dev/null")
def test_a_device_is_not_replaced_by_a_file() -> None:
    """`--force` replaces files, nothing else."""
    with pytest.raises(OutputRefused, match="it is not a file; choose another name"):
        write_file(Path("/dev/null"), "", force=True)
    assert not Path("/dev/null").is_file()


def test_a_failed_file_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fills up while a file is written costs neither file nor place."""
    write_file(tmp_path / "ipd.csv", "old")

    def fail(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OutputRefused, match="no space left on device"):
        write_file(tmp_path / "ipd.csv", "new", force=True)
    assert (tmp_path / "ipd.csv").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["ipd.csv"]

"""Figures of a bundled paper come out the same, byte for byte."""

from collections.abc import Callable
from pathlib import Path

from click.testing import Result

Run = Callable[..., Result]


def test_a_second_run_writes_the_same_bytes(run: Run, tmp_path: Path) -> None:
    """SVG, PDF and PNG hold no date and no random id."""
    folders = [tmp_path / "first", tmp_path / "second"]
    for folder in folders:
        assert run("figures", "zhang2023", "--out", str(folder)).exit_code == 0
    first, second = (
        {path.name: path.read_bytes() for path in folder.iterdir()} for folder in folders
    )
    assert {Path(name).suffix for name in first} >= {".svg", ".pdf", ".png"}
    assert first == second

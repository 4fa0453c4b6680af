"""What a terminal hears while it waits."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from kmrepro.cli import main
from kmrepro.cli.curves import _SUFFIXES
from kmrepro.cli.terminal import working

Run = Callable[..., Result]


class Terminal(io.StringIO):
    """Text that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def test_a_terminal_hears_what_is_being_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """The words are written there."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with working("Placing patients"):
        pass
    assert "Placing patients" in terminal.getvalue()


def test_a_file_hears_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where stderr is no terminal, nothing is written to it."""
    quiet = io.StringIO()
    monkeypatch.setattr(sys, "stderr", quiet)
    with working("Placing patients"):
        pass
    assert not quiet.getvalue()


@pytest.mark.parametrize("command", sorted(main.commands))
def test_help_ends_with_the_exit_status(run: Run, command: str) -> None:
    """Every command says what its exit status means; no command says it twice."""
    text = " ".join(run(command, "--help").stdout.split())
    assert text.count("Exit status: 0 done") == 1
    assert text.endswith("2 wrong usage.")


@pytest.mark.parametrize(("columns", "widest"), [("60", 60), ("100", 100)])
def test_piped_tables_fit_columns(
    run: Run, monkeypatch: pytest.MonkeyPatch, columns: str, widest: int
) -> None:
    """COLUMNS counts when piped, too; without it no row is broken."""
    whole = run("show", "haic-tae").stdout
    monkeypatch.setenv("COLUMNS", columns)
    fitted = run("show", "haic-tae").stdout
    assert max(map(len, fitted.splitlines())) <= widest < max(map(len, whole.splitlines()))
    assert sorted(fitted.replace("\u2500", "").split()) == sorted(
        whole.replace("\u2500", "").split()
    )


@pytest.mark.parametrize("columns", ["", "wide", "0", "3"])
def test_a_senseless_width_is_none(run: Run, monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    """What is no width, or one in which nothing fits, is as if it were not set."""
    whole = run("show", "haic-tae").stdout
    monkeypatch.setenv("COLUMNS", columns)
    assert run("show", "haic-tae").stdout == whole


@pytest.mark.usefixtures("not_drawn")
def test_quiet(run: Run, two_arms: Path, half_contradicting: Path, here: Path) -> None:
    """Files are written, refusals and JSON are given, and nothing else is printed."""
    options = ("--out", "results", "--format", "png", "--quiet")
    result = run("reproduce", two_arms, *options)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")
    assert (here / "results" / "report.html").exists()
    result = run("validate", half_contradicting, "-q", "--check")
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", "")
    assert run("validate", two_arms, "-q", "--json").stdout.startswith("{")
    assert run("reconstruct", two_arms, "-q").stdout.startswith("time,event,arm\n")
    result = run("new", two_arms, "-q")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: mine.toml exists")
    assert run("list").stdout


def test_results_for_a_manuscript(run: Run, two_arms: Path) -> None:
    """The comparison is a pipe table in Markdown, and a booktabs table in LaTeX."""
    markdown = run("reproduce", two_arms, "--markdown").stdout
    assert "**Comparisons**\n\n| Endpoint | Compared | Reported HR" in markdown
    assert "\n| all/OS   | B vs A   | 0.65 (0.30\u20131.40) |" in markdown
    assert "95% RI: 95% reproduction interval" in markdown
    latex = run("reproduce", two_arms, "--latex").stdout
    assert "\\caption{Comparisons}" in latex
    assert "all/OS & B vs A & 0.65 (0.30--1.40) &" in latex
    assert r"95\% RI: 95\% reproduction interval" in latex


@pytest.mark.parametrize("others", [("--json", "--latex"), ("--markdown", "--latex")])
def test_one_form_at_a_time(run: Run, two_arms: Path, others: tuple[str, str]) -> None:
    """Two forms at once are wrong usage, whatever their order."""
    for pair in (others, others[::-1]):
        result = run("validate", two_arms, *pair)
        assert result.exit_code == 2
        assert f"Error: {pair[0]} and {pair[1]} exclude each other." in result.stderr


def test_a_figure_is_read_in_one_way(run: Run) -> None:
    """Paths and pixels at once are wrong usage, not the last of the two."""
    result = run("digitise", "figure.pdf", "--out", "read", "--raster", "--vector")
    assert result.exit_code == 2
    assert "Error: --vector and --raster exclude each other." in result.stderr


def test_help_names_the_files_of_curves(run: Run) -> None:
    """Workbooks, too."""
    text = run("reconstruct", "--help").stdout
    assert all(suffix in text for suffix in _SUFFIXES if suffix != ".xlsm")

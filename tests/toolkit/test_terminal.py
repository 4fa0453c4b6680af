"""What a terminal hears while it waits."""

from __future__ import annotations

import io
import sys

import pytest

from kmrepro.cli.terminal import working


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

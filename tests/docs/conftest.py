"""The parts of the site that are made from the code can be imported by the tests."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

HOOKS = Path(__file__).parents[2] / "docs" / "hooks"


@pytest.fixture(autouse=True)
def _hooks_can_be_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    """Find the modules of docs/hooks, which are not part of the package."""
    monkeypatch.setattr(sys, "path", [str(HOOKS), *sys.path])

"""docs/digitised-curves.md: the layouts that it shows can be read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kmrepro.studies import read_curves

PAGE = Path(__file__).parents[2] / "docs" / "digitised-curves.md"
LAYOUTS = re.findall(r"```csv\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
ARMS = ([""], ["Drug", "Placebo"], ["Drug", "Placebo"], ["Drug", "Placebo"])


@pytest.mark.parametrize(("layout", "arms"), zip(LAYOUTS, ARMS, strict=True))
def test_the_layouts_are_read(layout: str, arms: list[str], tmp_path: Path) -> None:
    """Every one gives the curves that it names, and the same height after the first fall."""
    path = tmp_path / "os.csv"
    path.write_text(layout, encoding="utf-8")
    curves = read_curves(path)
    assert list(curves) == arms
    assert next(iter(curves.values())).survival[0] == 0.95

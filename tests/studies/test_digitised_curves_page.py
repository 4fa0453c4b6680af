"""docs/digitised-curves.md: the layouts that it shows can be read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kmrepro.studies import read_at_risk, read_curves

PAGE = Path(__file__).parents[2] / "docs" / "digitised-curves.md"
LAYOUTS = re.findall(r"```csv\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_layouts_are_read(layout: str, tmp_path: Path) -> None:
    """Every one gives the arms that it names; the first falls first to a height near 1."""
    path = tmp_path / "os.csv"
    path.write_text(layout, encoding="utf-8")
    named = ["Drug", "Placebo"] if "Drug" in layout else [""]
    if "213" in layout:
        assert {arm: rows[0] for arm, rows in read_at_risk(path).items()} == dict(
            zip(named, [213, 210], strict=True)
        )
        return
    curves = read_curves(path)
    assert list(curves) == named
    assert 0.9 < next(iter(curves.values())).survival[0] < 1

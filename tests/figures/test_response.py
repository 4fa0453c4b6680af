"""Bars of printed response, by their artists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from matplotlib.figure import Figure

from kmrepro.figures import ResponseDisplay, drawings_of
from kmrepro.figures.response import has_response
from kmrepro.studies import Table, load_study


def _table(**levels: dict[str, str]) -> Table:
    values: dict[str, Any] = {"id": "table-3", "source": "Table 3"}
    return Table.model_validate({**values, "count": [{"variable": "Response", "levels": levels}]})


def _zhang() -> Table:
    return next(table for table in load_study("zhang2023").tables if table.id == "table-3")


def test_counts_are_as_printed() -> None:
    """Table 3 of Zhang 2023: responses of 26 patients by two criteria."""
    assert ResponseDisplay.from_table(_zhang()).counts == {
        "RECIST": {"CR": 0, "PR": 11, "SD": 15, "PD": 0},
        "mRECIST": {"CR": 5, "PR": 15, "SD": 6, "PD": 0},
    }


def test_bars_are_shares_of_each_group(check_texts: Callable[[Figure], None]) -> None:
    """Parts are as wide as their percentages, and responses that nobody had are not drawn."""
    display = ResponseDisplay.from_table(_zhang()).plot()
    assert set(display.bars_) == {
        ("RECIST", "PR"), ("RECIST", "SD"), ("mRECIST", "CR"), ("mRECIST", "PR"), ("mRECIST", "SD"),
    }  # fmt: skip
    assert display.bars_["mRECIST", "PR"].get_width() == pytest.approx(100 * 15 / 26)
    assert display.labels_["mRECIST", "CR"].get_text() == "5 (19%)"
    check_texts(display.figure_)


def test_narrow_parts_are_not_written_over(check_texts: Callable[[Figure], None]) -> None:
    """Words stay inside their part of the bar, or are left out."""
    cells = {"CR": "1", "PR": "12", "SD": "600", "PD": "3000"}
    table = _table(**{level: {"everybody": cell} for level, cell in cells.items()})
    display = ResponseDisplay.from_table(table).plot()
    assert ("everybody", "CR") not in display.labels_
    check_texts(display.figure_)
    for key, label in display.labels_.items():
        part, words = display.bars_[key].get_window_extent(), label.get_window_extent()
        assert part.x0 <= words.x0
        assert words.x1 <= part.x1


@pytest.mark.parametrize(
    "levels",
    [
        pytest.param({"CR": {"A": "1"}, "PR": {"A": "2"}, "SD": {"A": "3"}}, id="no progression"),
        pytest.param({each: {"A": "8%"} for each in ("CR", "PR", "SD", "PD")}, id="percentages"),
        pytest.param({each: {"A": "0"} for each in ("CR", "PR", "SD", "PD")}, id="nobody"),
    ],
)
def test_others_are_refused(levels: dict[str, dict[str, str]]) -> None:
    """Four counts are needed; nothing is filled in."""
    assert not has_response(_table(**levels))
    with pytest.raises(ValueError, match="must count complete, partial, stable"):
        ResponseDisplay.from_table(_table(**levels))


@pytest.mark.parametrize(
    ("study", "name"),
    [("zhang2023", "table-3_response"), ("sorafenib-tace-haic", "table-2_response")],
)
def test_papers_with_counts_have_bars(study: str, name: str) -> None:
    """The catalogue names them after their table."""
    tables = load_study(study).tables
    assert name in [drawing.name for drawing in drawings_of([], tables)]

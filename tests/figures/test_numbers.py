"""The tables beside the figures hold what the figures show."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import kmrepro as km
from kmrepro.figures import KaplanMeierDisplay, drawings_of
from kmrepro.figures.files import curve_numbers, forest_numbers
from kmrepro.figures.response import ResponseDisplay, has_response, response_numbers
from kmrepro.models import EndpointAnalysis

RATES = {"SR": 0.01, "TA": 0.02}


def test_curves_are_those_that_are_drawn(analysed: Callable[..., EndpointAnalysis]) -> None:
    """Each step of a drawn line is a row."""
    analysis = analysed(RATES)
    table = curve_numbers([analysis])
    drawn = KaplanMeierDisplay.from_analysis(analysis).plot()
    for arm, line in drawn.lines_.items():
        rows = table[table["arm"] == arm]
        heights = np.unique(np.asarray(line.get_ydata(), float))
        assert np.unique(rows["survival"]) == pytest.approx(heights)
        assert rows["n_events"].sum() == analysis.ipd.event[analysis.ipd.arm == arm].sum()
    assert set(table["cohort"] + "/" + table["endpoint"]) == {analysis.endpoint.key}


def test_forest_is_as_reported() -> None:
    """A row for each hazard ratio, with every decimal of the paper."""
    for study in ("an2025", "zhang2023"):
        for table in km.load_study(study).tables:
            if not table.hazard_ratios:
                continue
            rows = forest_numbers(table)
            assert list(rows["hazard_ratio"]) == [r.hazard_ratio.text for r in table.hazard_ratios]
            assert list(rows["p"]) == [r.p.text if r.p else "" for r in table.hazard_ratios]


def test_responses_are_those_of_the_bars() -> None:
    """Percentages are the widths of the bars."""
    (table,) = (each for each in km.load_study("zhang2023").tables if has_response(each))
    rows = response_numbers(table).set_index(["group", "response"])
    bars = ResponseDisplay.from_table(table).plot().bars_
    for key, bar in bars.items():
        assert rows.loc[key, "percent"] == pytest.approx(bar.get_width())
    assert rows["patients"].sum() == rows.loc[list(bars), "patients"].sum()


def test_what_is_drawn_from_numbers_has_a_table(analysed: Callable[..., EndpointAnalysis]) -> None:
    """Curves, residuals and restricted means have one, and none is empty."""
    drawings = drawings_of([analysed(RATES)])
    tables = {each.name.rpartition("_")[2]: each.numbers for each in drawings}
    assert {"agreement", "proportionality", "rmst"} <= set(tables)
    assert [name for name, numbers in tables.items() if numbers is None] == ["agreement"]
    for name, numbers in tables.items():
        if numbers is not None:
            table = numbers()
            assert len(table) > 2, name
            assert table.columns[0] == "cohort"


def test_patients_are_only_in_their_own_file(analysed: Callable[..., EndpointAnalysis]) -> None:
    """Patients that miss a curve are not written without being asked for, nor beside a figure."""
    drawings = drawings_of([analysed({"SR": 0.01}, n=20)])
    (swimmer,) = (each for each in drawings if each.name.endswith("swimmer"))
    assert swimmer.numbers is None

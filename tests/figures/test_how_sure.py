"""Fans of possible curves, and densities of possible hazard ratios."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

from kmrepro.figures import (
    FanDisplay,
    RatioDensityDisplay,
    figure_bytes,
    how_sure,
)
from kmrepro.figures.catalogue import drawings_of
from kmrepro.models import analyse, ensemble
from kmrepro.reconstruct import reconstruct
from kmrepro.studies import load_study

SHOWN = ("OS", "PFS")


@pytest.fixture(scope="module")
def analyses(no_search):
    """Analyse two endpoints of a bundled paper, with 60 draws of 4 scenarios each."""
    sampler = importlib.import_module("kmrepro.reconstruct.ensemble.sampler")
    scenarios = importlib.import_module("kmrepro.reconstruct.scenarios.scenarios")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sampler, "BLOCK", 60)
        patched.setattr(sampler, "SCENARIOS", 4)
        patched.setattr(scenarios, "LOT", 96)
        endpoints = [load_study("an2025").endpoint("psm", name) for name in SHOWN]
        yield [
            analyse(each, reconstruct(each), draws=ensemble(each, n_draws=60)) for each in endpoints
        ]


def test_a_fan_holds_every_curve_and_is_narrow_where_survival_is_printed(analyses):
    """The widest band reaches from the lowest to the highest curve; at 12 months it is 0.1%."""
    display = FanDisplay.from_analysis(analyses[0]).plot()
    curves = display.curves["SR"]
    assert curves.shape == (60, display.time.size)
    at = int(np.searchsorted(display.time, 12.0))
    assert 0.9875 - 1e-9 <= curves[:, at].min() <= curves[:, at].max() <= 0.9885 + 1e-9
    widest = display.bands_["SR"][0].get_paths()[0].vertices
    shown = display.time <= display.ends["SR"]
    assert widest[:, 1].min() == pytest.approx(curves[:, shown].min())
    # The last of a few patients may take a curve to 0.
    assert curves[:, shown].min() > 0
    assert curves.min() <= curves[:, shown].min()
    assert len(display.bands_["TA"]) == 3
    assert [len(points.lines[0].get_xdata()) for points in display.points_] == [4, 4]


def test_a_density_is_that_of_the_draws_and_marks_the_reported_ratio(analyses):
    """Half of the area is left of the median, bars are the intervals, the diamond is at 1.22."""
    draws = analyses[0].draws
    display = RatioDensityDisplay.from_analysis(analyses[0]).plot()
    mass = np.cumsum(display.density) / display.density.sum()
    median = np.interp(0.5, mass, display.hazard_ratio)
    assert median == pytest.approx(np.median(draws.hazard_ratio), rel=0.03)
    assert tuple(display.bars_[0].get_xdata()) == draws.interval()
    assert tuple(display.bars_[1].get_xdata()) == draws.interval(0.5)
    assert display.reported_.get_xdata()[0] == pytest.approx(1.22, abs=1e-4)
    assert display.ax_.get_title(loc="left").startswith("Reported 1.22, 95% RI ")


def test_rows_share_an_axis_and_nothing_runs_into_anything(analyses, check_texts):
    """One row for each endpoint, in the order of the printed panels."""
    figure = how_sure(analyses[::-1])
    fans, densities = figure.axes[::2], figure.axes[1::2]
    assert [ax.get_title(loc="left") for ax in fans] == [
        "(a) Overall survival, matched cohort", "(b) Progression-free survival, matched cohort",
    ]  # fmt: skip
    assert len({ax.get_xlim() for ax in densities}) == 1
    check_texts(figure)


def test_endpoints_with_draws_have_a_figure_of_them(analyses):
    """It comes after that of the curves, and is the same twice."""
    drawings = drawings_of(analyses)
    shown = [each.name for each in drawings if not each.further]
    assert shown == ["agreement", "figure-5", "figure-5_how-sure"]
    once, twice = (figure_bytes(drawings[-1].draw(), file_format="svg") for _ in range(2))
    assert once == twice


def test_without_draws_there_is_nothing_to_draw(analysed):
    """The message says how to come by them; the catalogue has no such figure."""
    alone = analysed()
    with pytest.raises(ValueError, match="must hold draws"):
        FanDisplay.from_analysis(alone)
    with pytest.raises(ValueError, match="must hold draws"):
        RatioDensityDisplay.from_analysis(alone)
    with pytest.raises(ValueError, match="at least one endpoint"):
        how_sure([])
    assert not any("how-sure" in each.name for each in drawings_of([alone]))

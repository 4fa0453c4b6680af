"""Ties and medians as R has them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kmrepro.models import (
    analyse,
    cox,
    ensemble,
    kaplan_meier,
    logrank,
)
from kmrepro.models.attainable import attainable_hazard_ratio
from kmrepro.reconstruct import PseudoIPD, reconstruct
from kmrepro.reconstruct.pseudo_ipd import tied
from kmrepro.studies.reader import study

pytestmark = pytest.mark.usefixtures("small_blocks")


@pytest.fixture
def r(from_r):
    """Return R's numbers by name."""
    return from_r("conventions").set_index("name")["value"]


def test_times_that_differ_in_their_last_bits_are_ties(patients, r):
    """Cox regression and log-rank test are those of R, whose `timefix` makes such times one."""
    ipd = patients("near-ties")
    assert cox(ipd).log_hazard_ratio == pytest.approx(r["log_hazard_ratio"], abs=1e-9)
    assert logrank(ipd).statistic == pytest.approx(r["chi_square"], rel=1e-9)
    assert "1 time was within 1.5e-08" in ipd.notes["ties"]
    assert ipd.notes["ties"] in ipd.assumptions


def test_ties_are_found_whoever_made_the_patients(make_ipd, r):
    """Patients that were not read from a table are analysed alike."""
    ipd = make_ipd(A=[(1, 1), (2, 1), (4, 1), (6, 0)], B=[(2 + 1e-9, 1), (3, 0), (5, 1), (7, 1)])
    assert cox(ipd).log_hazard_ratio == pytest.approx(r["log_hazard_ratio"], abs=1e-9)
    apart = make_ipd(A=[(1, 1), (2, 1), (4, 1), (6, 0)], B=[(2 + 1e-6, 1), (3, 0), (5, 1), (7, 1)])
    assert cox(apart).log_hazard_ratio == pytest.approx(r["log_hazard_ratio_untied"], abs=1e-9)


def test_tolerance_is_relative_to_the_mean_time():
    """Days by the hundred thousand differ by more than months do before they are apart."""
    time = np.array([100_000.0, 100_000.001, 100_000.1])
    found, moved = tied(time)
    assert (found.tolist(), moved) == ([100_000.0, 100_000.0, 100_000.1], 1)


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("median_flat", [(6, 1), (6, 1), (6, 1), (12, 1), (12, 1), (18, 1)]),
        ("median_flat_censored", [(2, 1), (4, 1), (5, 0), (9, 1)]),
        ("median_flat_to_the_end", [(2, 1), (4, 1), (5, 0), (9, 0)]),
        ("median_not_flat", [(t, 1) for t in range(1, 6)]),
    ],
)
def test_median_in_the_middle_of_a_flat_stretch(make_ipd, r, name, rows):
    """The median is the middle of the time in which survival is one half, if it falls on."""
    curve = kaplan_meier(make_ipd(A=rows), arm="A")
    assert curve.median_middle == pytest.approx(r[name])
    assert curve.median <= curve.median_middle


def flat(**others):
    """Return an endpoint whose treatment arm has a median that only R prints."""
    arms = {
        "C": {"n": 8, "events": 6, "landmarks": {12: "50%", 24: "25%"}},
        "T": {"n": 6, "events": 6, "landmarks": {6: "50%"}, "median": "9.0"},
    }
    keys = {"name": "OS", "reference": "C", "arms": arms, "reported": {"hazard_ratio": "1.1"}}
    return study(id="mine", endpoint=[{**keys, **others}]).endpoints[0]


def test_median_that_no_first_time_gives_is_the_middle():
    """With all six events survival is 50% at 6 exactly, so that a median of 9 is R's."""
    endpoint = flat()
    ipd = reconstruct(endpoint)
    curve = kaplan_meier(ipd, arm="T")
    assert curve.survival_at(6.0) == pytest.approx(0.5)
    assert endpoint.arms["T"].median.contains(curve.median_middle)
    assert ipd.notes["median midpoint"] == "T"
    assert any("middle of the time from 6 to 12 months" in each for each in ipd.assumptions)


def test_draws_have_that_median_too():
    """Every draw, and the verdict, rest on the middle."""
    endpoint = flat()
    draws = ensemble(endpoint, n_draws=40, seed=1)
    for number in (0, 17, 39):
        curve = kaplan_meier(draws.draw(number), arm="T")
        assert endpoint.arms["T"].median.contains(curve.median_middle)
    analysis = analyse(endpoint, reconstruct(endpoint), draws=draws)
    assert all(check.inside for check in analysis.landmarks)
    assert analysis.comparison.missed == ()
    assert attainable_hazard_ratio(endpoint, median="either").contains(
        endpoint.reported.hazard_ratio
    )


def test_median_that_a_first_time_gives_stays_the_first():
    """A hundred patients have survival of 50.5% at 6, and the first time is 9."""
    endpoint = flat(
        arms={
            "C": {"n": 100, "events": 70, "landmarks": {12: "50%", 24: "25%"}},
            "T": {"n": 101, "events": 90, "landmarks": {6: "50%"}, "median": "9.0"},
        }
    )
    ipd = reconstruct(endpoint)
    assert "median midpoint" not in ipd.notes
    assert endpoint.arms["T"].median.contains(kaplan_meier(ipd, arm="T").median)


def test_frame_without_ties_says_nothing():
    """Patients without near ties have no note."""
    frame = pd.DataFrame({"time": [1.0, 2.0], "event": [1, 1], "arm": ["A", "B"]})
    assert PseudoIPD.from_frame(frame, reference="A").notes == {}

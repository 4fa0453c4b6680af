"""Which printed numbers say how censoring ran, in order, and that they are met."""

from __future__ import annotations

import importlib
import math
import re

import numpy as np
import pytest

from kmrepro.models import cox
from kmrepro.reconstruct import reconstruct
from kmrepro.studies import load_study

from ..seeds import many
from .conftest import build_endpoint

LANDMARKS = {"12": "80%", "24": "65%", "36": "50%"}
LITTLE = {
    "C": {"n": 650, "landmarks": {"12": {"survival": "94.3%", "ci": ["92.5%", "96.1%"]}}},
    "T": {"n": 656, "landmarks": {"12": {"survival": "97.1%", "ci": ["95.8%", "98.4%"]}}},
}
DATES = {"enrolment": ["2015-01", "2018-12"], "data_cutoff": "2020-06-30"}
INTERVAL = {"hazard_ratio": "1.00", "ci": ["0.65", "1.54"]}


@pytest.mark.parametrize(
    ("arm", "reported", "more", "basis", "sentence"),
    [
        pytest.param(
            {"at_risk": {"12": 70, "24": 40}, "events": 45, "follow_up": {"max": "60"}},
            INTERVAL, DATES, "at-risk counts",
            "Censoring follows the reported numbers at risk; the rest is the mean of what is "
            "plausible with the 45 events.",
            id="at-risk counts first",
        ),
        pytest.param(
            {"events": 45, "follow_up": {"max": "60"}}, INTERVAL, DATES, "events per arm",
            "Censoring is the mean of what is plausible with the 45 events reported, which are one "
            "draw from it.",
            id="then events per arm",
        ),
        pytest.param(
            {"follow_up": {"max": "60"}}, INTERVAL | {"events": 91}, DATES, "events in total",
            "Censoring is the mean of what is plausible, similar in the arms, with the 91 events "
            "reported in total.",
            id="then events in total",
        ),
        pytest.param(
            {"follow_up": {"max": "60"}}, INTERVAL, DATES, "reported interval",
            "Events are not reported: censoring is the mean of what is plausible, similar in both "
            "arms, with the width of the reported interval (0.65 to 1.54), which implies 84 "
            "events.",
            id="then the reported interval",
        ),
        pytest.param(
            {"follow_up": {"median": "30", "max": "60"}}, None, DATES, "follow-up",
            "Events are not reported: censoring is the mean of what is plausible with the median "
            "follow-up reported (most often a reverse Kaplan-Meier median).",
            id="then follow-up",
        ),
        pytest.param(
            {}, None, DATES, "dates",
            "Events are not reported: censoring is the mean of what is plausible with entry over "
            "the enrolment period and follow-up to the cut-off.",
            id="then dates",
        ),
        pytest.param(
            {}, None, {}, "nothing",
            "Nothing reported says how censoring ran: it is the mean of what is plausible; the "
            "hazard ratio rests on this.",
            id="then nothing",
        ),
    ],
)  # fmt: skip
def test_the_best_that_is_printed_is_used_and_said(arm, reported, more, basis, sentence):
    """The order is that of the method notes, and the assumptions say what was used."""
    printed = {"n": 100, "landmarks": LANDMARKS} | arm
    ipd = reconstruct(build_endpoint({"A": printed, "B": printed}, reported, **more))
    assert ipd.notes["censoring"] == basis
    assert sentence in ipd.assumptions


def test_events_in_total_are_met_exactly():
    """A total for both arms is shared out in whole events."""
    arm = {"n": 100, "landmarks": LANDMARKS, "follow_up": {"max": "60"}}
    reported = {"hazard_ratio": "1.00", "events": 93}
    ipd = reconstruct(build_endpoint({"A": arm, "B": arm}, reported))
    assert ipd.event.sum() == 93


@pytest.mark.parametrize("key", ["psm/OS", "psm/PFS", "unmatched/OS", "unmatched/PFS"])
def test_the_interval_of_the_reported_hazard_ratio_is_as_wide_when_reproduced(key):
    """Where the hazard ratio is near the reported one, so is its standard error."""
    endpoint = load_study("an2025").endpoint(*key.split("/"))
    lower, upper = (bound.value for bound in endpoint.reported.ci)
    reported_se = math.log(upper / lower) / (2 * 1.959964)
    assert cox(reconstruct(endpoint)).se == pytest.approx(reported_se, rel=0.06)


def test_more_events_than_the_curve_leaves_room_for_come_after_it():
    """Where follow-up is not printed, printed events make room for themselves."""
    ipd = reconstruct(build_endpoint({"A": {"n": 100, "landmarks": LANDMARKS, "events": 80}}))
    assert ipd.event.sum() == 80
    assert ipd.time.max() > 36
    assert any("the middle of what is plausible" in text for text in ipd.assumptions)


def test_about_half_of_the_event_free_are_followed_beyond_the_median_follow_up():
    """The reverse Kaplan-Meier median of the patients is near the reported one, whosever it is."""
    arm = {"n": 400, "landmarks": LANDMARKS, "follow_up": {"median": "30", "max": "60"}}
    ipd = reconstruct(build_endpoint({"A": arm}))
    censored = np.sort(ipd.time[~ipd.event])
    at_risk = np.array([(ipd.time >= time).sum() for time in censored])
    free = np.cumprod(1 - 1 / at_risk)
    assert censored[np.argmax(free <= 0.5)] == pytest.approx(35, abs=8)


def test_an_arm_without_events_beside_one_with_landmarks():
    """The interval says nothing about one arm alone, which falls back on what else there is."""
    arms = {"A": {"n": 100, "events": 0}, "B": {"n": 100, "landmarks": LANDMARKS}}
    ipd = reconstruct(build_endpoint(arms, INTERVAL))
    assert ipd.of("A")[1].sum() == 0
    assert any("B: nothing reported says how censoring ran" in text for text in ipd.assumptions)


def test_more_scenarios_are_drawn_where_chance_moves_their_mean(monkeypatch):
    """Two arms of 650 that report little: the ratio depends less on the seed of the scenarios.

    Where 256 scenarios are enough, no more are drawn. Unless all tests are run, seeds are tried
    with a quarter of the scenarios, which depend more on them.
    """
    calibration = importlib.import_module("kmrepro.reconstruct.calibration")
    weigh, drawn = calibration.weighted_scenarios, []

    def counted(endpoint, arms, size, rng):
        drawn.append(size)
        return weigh(endpoint, arms, size, rng)

    monkeypatch.setattr(calibration, "weighted_scenarios", counted)

    def scatter(sizes):
        monkeypatch.setattr(calibration, "SCENARIOS", sizes)
        found = []
        for seed in range(1, 5):
            monkeypatch.setattr(calibration, "SEED", seed)
            endpoint = build_endpoint(LITTLE, {"events": 272})
            found.append(cox(reconstruct(endpoint)).log_hazard_ratio)
        return np.std(found)

    sizes = calibration.SCENARIOS
    tried = many(sizes, else_=tuple(size // 4 for size in sizes))
    assert scatter(tried) < 0.6 * scatter(tried[:1])
    monkeypatch.setattr(calibration, "SCENARIOS", sizes)
    drawn.clear()
    said = " ".join(reconstruct(build_endpoint(LITTLE, {"events": 272})).assumptions)
    assert re.search(r"chance moves this mean by \d(\.\d+)? standard errors", said)
    assert drawn[:3] == [256, 768, 2304]
    drawn.clear()
    much = {"n": 100, "landmarks": LANDMARKS, "events": 45, "follow_up": {"max": "60"}}
    ipd = reconstruct(build_endpoint({"A": much, "B": much}))
    assert drawn == [256]
    assert "chance" not in " ".join(ipd.assumptions)

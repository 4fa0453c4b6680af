"""Which printed numbers say how censoring ran, in order, and that they are met."""

from __future__ import annotations

import math

import numpy as np
import pytest

from kmrepro.models import cox
from kmrepro.reconstruct import reconstruct
from kmrepro.studies import load_study

from .conftest import build_endpoint

LANDMARKS = {"12": "80%", "24": "65%", "36": "50%"}
DATES = {"enrolment": ["2015-01", "2018-12"], "data_cutoff": "2020-06-30"}
INTERVAL = {"hazard_ratio": "1.00", "ci": ["0.65", "1.54"]}


@pytest.mark.parametrize(
    ("arm", "reported", "more", "basis", "sentence"),
    [
        pytest.param(
            {"at_risk": {"12": 70, "24": 40}, "events": 45, "follow_up": {"max": "60"}},
            INTERVAL, DATES, "at-risk counts",
            "Censoring follows the printed numbers at risk, and after the last of them the 45 "
            "events printed.",
            id="at-risk counts first",
        ),
        pytest.param(
            {"events": 45, "follow_up": {"max": "60"}}, INTERVAL, DATES, "events per arm",
            "Censoring is calibrated to the 45 events printed, as if patients had entered at a "
            "constant rate.",
            id="then events per arm",
        ),
        pytest.param(
            {"follow_up": {"max": "60"}}, INTERVAL | {"events": 91}, DATES, "events in total",
            "Censoring is calibrated, alike in the arms, to the 91 events printed in total.",
            id="then events in total",
        ),
        pytest.param(
            {"follow_up": {"max": "60"}}, INTERVAL, DATES, "reported interval",
            "Events are not printed: censoring is calibrated, alike in both arms, to the width of "
            "the reported interval (0.65 to 1.54), which implies about 83 events.",
            id="then the reported interval",
        ),
        pytest.param(
            {"follow_up": {"median": "30", "max": "60"}}, None, DATES, "follow-up",
            "Events are not printed: half of the event-free patients are followed beyond the "
            "median follow-up of 30 (read as a reverse Kaplan-Meier median).",
            id="then follow-up",
        ),
        pytest.param(
            {}, None, DATES, "dates",
            "Events are not printed: patients enter at a constant rate over the enrolment period, "
            "are followed to the cut-off, and none drops out.",
            id="then dates",
        ),
        pytest.param(
            {}, None, {}, "nothing",
            "Nothing printed says how censoring ran: everybody without an event is followed to 36 "
            "and censored there; the hazard ratio leans on this.",
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
    assert any("room for the printed events" in text for text in ipd.assumptions)


def test_half_of_the_event_free_are_followed_beyond_the_median_follow_up():
    """The reverse Kaplan-Meier median of the patients is the printed one."""
    arm = {"n": 400, "landmarks": LANDMARKS, "follow_up": {"median": "30", "max": "60"}}
    ipd = reconstruct(build_endpoint({"A": arm}))
    censored = np.sort(ipd.time[~ipd.event])
    at_risk = np.array([(ipd.time >= time).sum() for time in censored])
    free = np.cumprod(1 - 1 / at_risk)
    assert censored[np.argmax(free <= 0.5)] == pytest.approx(30, abs=1.5)


def test_an_arm_without_events_beside_one_with_landmarks():
    """The interval says nothing about one arm alone, which falls back on what else there is."""
    arms = {"A": {"n": 100, "events": 0}, "B": {"n": 100, "landmarks": LANDMARKS}}
    ipd = reconstruct(build_endpoint(arms, INTERVAL))
    assert ipd.of("A")[1].sum() == 0
    assert any("B: nothing printed says how censoring ran" in text for text in ipd.assumptions)

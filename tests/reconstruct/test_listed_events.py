"""Arms whose event times are all printed."""

from __future__ import annotations

import numpy as np
import pytest

from kmrepro.reconstruct import reconstruct
from kmrepro.studies import Arm, Endpoint, load_study

from .conftest import build_endpoint


def reverse_median(time, event):
    """Median follow-up by reverse Kaplan-Meier."""
    censored = np.unique(time[~event])
    free = 1.0
    for moment in censored:
        free *= 1 - ((time == moment) & ~event).sum() / (time >= moment).sum()
        if free <= 0.5:
            return moment
    return np.inf


def test_zhang2023_disease_free_survival():
    """Three recurrences among 23 resected patients, followed 0.9 to 26.9, median 11.4 months."""
    ipd = reconstruct(load_study("zhang2023").endpoint("resected", "DFS"))
    assert ipd.time[ipd.event].tolist() == [1.1, 2.1, 4.2]
    assert ipd.time.size == 23
    assert ipd.time.min() == 0.9
    assert ipd.time.max() == 26.9
    assert np.median(ipd.time) == 11.4
    assert np.median(ipd.time[~ipd.event]) == 11.4
    assert reverse_median(ipd.time, ipd.event) == 11.4


def test_zhang2023_overall_survival_has_no_event():
    """All 26 converted patients alive, followed 3.9 to 40.6, median 12.9 months."""
    ipd = reconstruct(load_study("zhang2023").endpoint("converted", "OS"))
    assert not ipd.event.any()
    assert (ipd.time.size, ipd.time.min(), ipd.time.max()) == (26, 3.9, 40.6)
    assert np.median(ipd.time) == 12.9


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 9, 10])
def test_small_arms_without_events(n):
    """However few they are, everybody is placed within the printed range."""
    arm = {"n": n, "events": 0, "follow_up": {"median": "10", "range": ["2", "30"]}}
    ipd = reconstruct(build_endpoint({"A": arm}))
    assert ipd.time.size == n
    assert ipd.time.max() == 30
    assert ipd.time.min() >= 2


def test_listed_events_mix_with_landmarks():
    """Event times that are printed beside a landmark are used as they are."""
    arm = {
        "n": 20,
        "event_times": [3, 7, 7],
        "landmarks": {"12": "83%"},
        "follow_up": {"max": "20"},
    }
    ipd = reconstruct(build_endpoint({"A": arm}))
    assert ipd.time[ipd.event].tolist() == [3, 7, 7]
    assert ipd.time.max() == 20


def test_some_events_listed_of_more():
    """Events beyond those listed are placed by the landmarks."""
    arm = {
        "n": 20, "event_times": [3, 7], "events": 6, "landmarks": {"12": "70%"},
        "follow_up": {"max": "20"},
    }  # fmt: skip
    ipd = reconstruct(build_endpoint({"A": arm}))
    assert ipd.event.sum() == 6
    assert {3, 7} <= set(ipd.time[ipd.event].tolist())


def partly_listed(events: int | None) -> Endpoint:
    """Three listed event times among 23 patients."""
    arm = Arm(n=23, events=events, event_times=(1.0, 2.0, 4.0), follow_up={"max": "30"})
    return Endpoint(name="OS", arms={"A": arm})


def test_the_others_are_said_to_be_placed():
    """The result says of how many events the times are printed, and where the others are."""
    ipd = reconstruct(partly_listed(5))
    assert int(ipd.event.sum()) == 5
    assert (
        "The times of 3 of 5 events are reported; the other 2 are placed along the expected course."
        in ipd.assumptions
    )


def test_nothing_is_said_where_all_are_printed():
    """Events that are all listed need no course."""
    for events in (3, None):
        ipd = reconstruct(partly_listed(events))
        assert not any("are placed along" in sentence for sentence in ipd.assumptions)

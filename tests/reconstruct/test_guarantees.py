"""What every reconstruction promises, on random trials printed as papers print them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kmrepro.reconstruct import reconstruct
from kmrepro.studies import digitised_curve, load_study

from ..seeds import examples, seeds
from .conftest import build_endpoint
from .trials import broken_promises, printed_arm, random_patients


@settings(max_examples=examples(150))
@given(seed=st.integers(0, 2**31))
def test_patients_meet_everything_that_a_real_trial_prints(seed):
    """Numbers printed from whole patients are met by whole patients again."""
    rng = np.random.default_rng(seed)
    time, event = random_patients(rng)
    endpoint = build_endpoint({"A": printed_arm(rng, time, event)})
    ipd = reconstruct(endpoint)
    assert broken_promises(endpoint.arms["A"], *ipd.of("A")) == []


@pytest.mark.parametrize("study", ["an2025", "sorafenib-tace-haic", "zhang2023"])
def test_bundled_papers_are_met_exactly(study):
    """Every number of every reconstructed endpoint of the bundled papers is met."""
    for endpoint in load_study(study).endpoints:
        if any(not (a.landmarks or a.median or a.event_times) for a in endpoint.arms.values()):
            continue
        ipd = reconstruct(endpoint)
        for name, arm in endpoint.arms.items():
            assert broken_promises(arm, *ipd.of(name)) == [], (endpoint.key, name)


def test_the_same_input_gives_the_same_patients():
    """Bit for bit, from a study that is read twice."""
    first, second = (reconstruct(load_study("an2025").endpoint("psm", "OS")) for _ in range(2))
    assert first.time.tobytes() == second.time.tobytes()
    assert first.event.tobytes() == second.event.tobytes()
    assert first.assumptions == second.assumptions


@settings(max_examples=examples(30))
@given(seed=st.integers(0, 2**31))
def test_months_and_years_give_the_same_patients(seed):
    """A change of unit scales the times and nothing else."""
    rng = np.random.default_rng(seed)
    time, event = random_patients(rng)
    arm = {"n": int(time.size), "events": int(event.sum()), "landmarks": {"12": "60%", "24": "40%"}}
    arm["events"] = min(arm["events"], arm["n"])
    years = arm | {"landmarks": {"1": "60%", "2": "40%"}}
    try:
        in_months = reconstruct(build_endpoint({"A": arm}))
    except ValueError:
        with pytest.raises(ValueError, match="A"):
            reconstruct(build_endpoint({"A": years}, time_unit="years"))
        return
    in_years = reconstruct(build_endpoint({"A": years}, time_unit="years"))
    np.testing.assert_allclose(in_months.time, 12 * in_years.time, rtol=1e-9)
    np.testing.assert_array_equal(in_months.event, in_years.event)


def test_an_arm_of_a_million_is_placed():
    """The largest arm that a study file may have is no trouble."""
    endpoint = build_endpoint({"A": {"n": 1_000_000, "landmarks": {"12": "98.8%", "36": "89.3%"}}})
    ipd = reconstruct(endpoint)
    order = np.lexsort((~ipd.event, ipd.time))
    time, event = ipd.time[order], ipd.event[order]
    survival = np.cumprod(np.where(event, 1 - 1 / (time.size - np.arange(time.size)), 1.0))
    for when, landmark in endpoint.arms["A"].landmarks.items():
        assert landmark.survival.contains(survival[np.searchsorted(time, when, side="right") - 1])


def test_events_that_are_fewer_than_the_course_of_a_curve_expects():
    """Of 47 events that are left 68 are expected up to 24 months, as in the arm that has a curve.

    Numbers of events near those expected were all beyond the total, and no patients were found.
    """
    at_risk = {"6": 603, "12": 427, "18": 300, "24": 209, "30": 112, "36": 45, "42": 9}
    landmarks = {"6": "74.1%", "12": "56.4%", "18": "43.0%"}
    arm = {"n": 878, "events": 502, "landmarks": landmarks, "at_risk": at_risk}
    endpoint = build_endpoint({"A": {"n": 860, "median": "12"}, "B": arm})
    months = np.arange(0, 47, 2.0)
    update = {"curve": digitised_curve(months, np.exp(-months / 17)), "median": None}
    drawn = endpoint.arms["A"].model_copy(update=update)
    endpoint = endpoint.model_copy(update={"arms": endpoint.arms | {"A": drawn}})
    assert broken_promises(endpoint.arms["B"], *reconstruct(endpoint).of("B")) == []


@pytest.mark.parametrize("seed", seeds(24, always=4))
def test_arms_of_thousands_are_met(seed):
    """Numbers at risk, medians and totals of many patients leave the search little to guess."""
    rng = np.random.default_rng([2026, seed])
    time, event = random_patients(rng, most=4000)
    endpoint = build_endpoint({"A": printed_arm(rng, time, event, table=True)})
    assert broken_promises(endpoint.arms["A"], *reconstruct(endpoint).of("A")) == []


@pytest.mark.parametrize(
    "arm",
    [
        pytest.param(
            {"n": 4000, "median": "28.0", "events": 3956, "follow_up": {"max": "95.6"},
             "at_risk": {"0": 4000, "17.2": 3097, "34.4": 1407, "51.6": 368, "68.8": 57, "86": 5}},
            id="no landmark, hardly anybody censored",
        ),
        pytest.param(
            {"n": 4000, "landmarks": {"1.5": "99.0%", "1.6": "98.9%", "27.7": "2%"},
             "median": "11.5", "events": 3807, "at_risk": {"26.7": 26}},
            id="events that must come before a number at risk",
        ),
        pytest.param(
            {"n": 1000, "median": "NR", "events": 259,
             "landmarks": {"16": "70.47%", "24": "62.8%", "28.1": "54.6%", "29": "53.0%"}},
            id="a median that is not reached leaves few events at the end",
        ),
        pytest.param(
            {"n": 4000, "median": "25.0", "follow_up": {"max": "30.0"},
             "landmarks": {"15.8": "58%", "16": "57%", "23": "50.9%", "29": "46.11%"},
             "at_risk": {"5.4": 2919, "10.8": 2552, "16.2": 2263, "21.6": 1890, "27": 756}},
            id="numbers at risk bound survival at each other",
        ),
        pytest.param(
            {"n": 46, "events": 11,
             "landmarks": {"12": "75.7%", "25": "66.5%", "28": "66.5%", "41": "66.5%"},
             "at_risk": {"5": 41, "10": 30, "15": 21, "20": 16, "25": 13, "30": 11, "35": 9,
                         "40": 8, "45": 4, "50": 3}},
            id="events that must be left for a later fall",
        ),
    ],
)  # fmt: skip
def test_numbers_that_leave_little_room(arm):
    """Each was printed from patients, far from what is expected of such numbers."""
    endpoint = build_endpoint({"A": arm})
    time, event = reconstruct(endpoint).of("A")
    of_longest = "longest follow-up"  # is met within its rounding
    broken = broken_promises(endpoint.arms["A"], time, event)
    assert [each for each in broken if not each.startswith(of_longest)] == []


@pytest.mark.parametrize(
    "arm",
    [
        pytest.param(
            {"n": 58, "events": 19, "median": "43.9",
             "landmarks": {"26.6": "80.1%", "27.9": "80.1%", "30.5": "73.9%", "40.8": "63.0%",
                           "45.8": "44.1%", "52.4": "38.6%"},
             "at_risk": {"10.7": 46, "21.4": 31, "32.1": 23, "42.8": 11, "53.6": 5}},
            id="survival, off by 0.4 points",
        ),
        pytest.param(
            {"n": 39, "median": "3.0",
             "landmarks": {"0.8": "100%", "2.4": "55%", "2.7": "55%", "3.6": "42%", "4.3": "18%",
                           "5.4": "7%"},
             "at_risk": {"1.1": 29, "2.2": 17, "3.2": 12, "4.3": 5, "5.4": 2}},
            id="the median, off by 0.2 without a word",
        ),
    ],
)  # fmt: skip
def test_what_a_search_misses_is_drawn(arm):
    """Where patients exist that no search comes to, those of a random data set are taken."""
    endpoint = build_endpoint({"A": arm})
    ipd = reconstruct(endpoint)
    assert broken_promises(endpoint.arms["A"], *ipd.of("A")) == []
    assert any("the most usual of many random data sets" in each for each in ipd.assumptions)


def test_what_nobody_can_have_is_named():
    """Survival of 45.0% is none that 3 patients can have, and so of no draw."""
    ipd = reconstruct(build_endpoint({"A": {"n": 3, "landmarks": {"12": "45.0%", "24": "44.0%"}}}))
    assert any(each.startswith("No 3 patients were found with") for each in ipd.assumptions)
    assert not any("random data sets" in each for each in ipd.assumptions)


def test_events_that_must_come_early_beside_another_arm():
    """A median that is not reached leaves no room at the end, which the course of both expects."""
    arms = {
        "A": {
            "n": 2000, "median": "NR", "events": 858, "landmarks": {"57": "50.4%"},
            "at_risk": {"10.8": 1460, "21.6": 1237, "32.4": 826, "43.2": 438, "54": 149},
        },
        "B": {
            "n": 1000, "events": 667,
            "landmarks": {"12": "71.3%", "15": "64.60%", "21.8": "54%", "36.6": "35%"},
            "at_risk": {"13.5": 678, "26.9": 368, "40.4": 136, "53.9": 22},
        },
    }  # fmt: skip
    endpoint = build_endpoint(arms)
    ipd = reconstruct(endpoint)
    for name, arm in endpoint.arms.items():
        assert broken_promises(arm, *ipd.of(name)) == []

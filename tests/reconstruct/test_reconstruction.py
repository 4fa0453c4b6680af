"""Assumptions, units, dates and the value that a reconstruction gives."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kmrepro.reconstruct import (
    ContradictionError,
    PseudoIPD,
    ReconstructionRefused,
    reconstruct,
)
from kmrepro.reconstruct.follow_up import entry_window
from kmrepro.studies import CensorMarks, load_study

from ..seeds import nightly
from .conftest import build_endpoint
from .trials import broken_promises

ARM = {"n": 50, "landmarks": {"12": "80%"}}


def test_post_progression_survival_says_what_it_assumed():
    """Its denominators are not printed, and the result says whose were taken."""
    ipd = reconstruct(load_study("an2025").endpoint("psm", "PPS"))
    assert ipd.assumptions[0] == (
        "The denominators of PPS are not reported: the cohort's n was taken (SR 185, TA 185), "
        "which is the most that it can be."
    )


def test_a_reference_that_is_not_stated_is_said():
    """Without `reference` the first arm is taken, and that is an assumption."""
    ipd = reconstruct(build_endpoint({"A": ARM, "B": ARM}))
    assert ipd.reference == "A"
    assert "The reference arm is not stated: A, the first arm, was taken." in ipd.assumptions


def test_the_reference_comes_first():
    """`arms` lists the reference first, whatever the file's order."""
    ipd = reconstruct(build_endpoint({"A": ARM, "B": ARM}, reference="B"))
    assert ipd.arms == ("B", "A")
    assert ipd.arm[0] == "B"


def test_an_assumption_of_one_arm_names_it():
    """What only one arm assumes is said of that arm."""
    ipd = reconstruct(build_endpoint({"A": ARM, "B": ARM | {"events": 20}}))
    assert any(text.startswith("A: nothing reported says") for text in ipd.assumptions)
    assert any(text.startswith("B: censoring is the mean") for text in ipd.assumptions)


@pytest.mark.parametrize("n", [3000, nightly(10_000)])
def test_an_interval_that_leaves_no_patients_is_not_used(n):
    """Events that only the interval's width implies give way, and no number is made up for them."""
    arms = {
        "A": {"n": n, "landmarks": {"12": "80%", "24": "60%", "36": "50%"}},
        "B": {"n": n, "landmarks": {"12": "85%", "24": "70%", "36": "60%"}},
    }
    endpoint = build_endpoint(arms, {"hazard_ratio": "0.75", "ci": ["0.40", "1.40"]})
    ipd = reconstruct(endpoint)
    for name, arm in endpoint.arms.items():
        assert not broken_promises(arm, ipd.time[ipd.arm == name], ipd.event[ipd.arm == name])
    assert ipd.assumptions[0].startswith(
        "The width of the reported interval implies too few events for the reported survival, so "
        "that it was not used; nothing reported says how censoring ran"
    )
    assert ipd.event.sum() > n / 4


@pytest.mark.parametrize(
    ("unit", "shortest", "longest"),
    [("days", 304, 5569), ("weeks", 304 / 7, 5569 / 7), ("months", 9.988, 182.965)],
)
def test_dates_become_follow_up(unit, shortest, longest):
    """2008-06 to 2022-10, cut off on 2023-08-31: a month stands for its first or last day."""
    endpoint = build_endpoint(
        {"A": ARM}, enrolment=["2008-06", "2022-10"], data_cutoff="2023-08-31", time_unit=unit
    )
    assert entry_window(endpoint) == pytest.approx((shortest, longest), rel=1e-4)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        pytest.param({"time": [1.0, np.nan]}, "positive and finite, but is nan in row 1", id="nan"),
        pytest.param({"time": [1.0, 0.0]}, "positive and finite, but is 0.0 in row 1", id="zero"),
        pytest.param({"time": [1.0]}, "of one length", id="lengths"),
        pytest.param({"arms": ("A", "B")}, r"differ by \['B'\]", id="arms"),
        pytest.param({"time": [], "event": [], "arm": []}, "at least one patient", id="nobody"),
    ],
)
def test_impossible_patients_cannot_be_built(change, sentence):
    """A value that breaks its own rules is refused."""
    sound = {"time": [1.0, 2.0], "event": [True, False], "arm": ["A", "A"], "arms": ("A",)}
    with pytest.raises(ValueError, match=sentence):
        PseudoIPD(**(sound | change))


def test_patients_own_their_arrays():
    """Nobody can change patients afterwards, nor the caller's array through them."""
    time = np.array([1.0, 2.0])
    ipd = PseudoIPD(time=time, event=[True, False], arm=["A", "A"], arms=("A",))
    time[0] = 9.0
    assert ipd.time[0] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        ipd.time[0] = 9.0


def test_an_unknown_arm_is_named():
    """The message lists the arms that there are."""
    ipd = reconstruct(build_endpoint({"A": ARM}))
    with pytest.raises(KeyError, match="there is no arm 'C'; there are A"):
        ipd.of("C")


def test_frames_go_round():
    """Patients survive a trip through a data frame."""
    ipd = reconstruct(load_study("an2025").endpoint("psm", "OS"))
    back = PseudoIPD.from_frame(ipd.to_frame(), reference="SR")
    pd.testing.assert_frame_equal(back.to_frame(), ipd.to_frame())


def test_small_arms_are_searched_almost_entirely():
    """Survival to two decimals of 44 simulated patients: few orders of exits give it."""
    landmarks = {"8": "88.64%", "20": "77.27%", "36": "69.56%", "55": "55.45%"}
    arm = {"n": 44, "events": 16, "landmarks": landmarks, "follow_up": {"max": "89.5"}}
    endpoint = build_endpoint({"A": arm})
    assert broken_promises(endpoint.arms["A"], *reconstruct(endpoint).of("A")) == []


# Survival of simulated trials, for all of which there are patients: those that were simulated.
PRECISE = {
    "plain shares": (89, ["75.28%", "53.93%", "35.96%", "28.09%", "24.72%"]),
    "flat in the middle": (53, ["94.15%", "74.15%", "61.46%", "61.46%", "59.18%"]),
    "two decimals": (55, ["90.38%", "84.21%", "70.55%", "56.51%", "46.77%"]),
    "one decimal": (54, ["82.9%", "63.1%", "43.7%", "28.4%", "24.0%"]),
    "few events": (143, ["96.5%", "95.8%", "92.9%", "92.2%", "92.2%"]),
}


@pytest.mark.parametrize("kind", PRECISE)
def test_patients_of_precise_landmarks_are_found(kind):
    """However precisely survival is reported, patients that give it are found."""
    n, survival = PRECISE[kind]
    landmarks = {str(12 * year): value for year, value in enumerate(survival, start=1)}
    endpoint = build_endpoint({"A": {"n": n, "landmarks": landmarks}})
    assert not broken_promises(endpoint.arms["A"], *reconstruct(endpoint).of("A"))


def test_plain_shares_of_the_patients_are_of_nobody_censored():
    """Where nothing near the expected course does, it is tried whether anybody was censored."""
    n, survival = PRECISE["plain shares"]
    landmarks = {str(12 * year): value for year, value in enumerate(survival, start=1)}
    ipd = reconstruct(build_endpoint({"A": {"n": n, "landmarks": landmarks}}))
    time, event = ipd.of("A")
    assert not np.any(~event & (time <= 60))
    assert np.sum(event & (time <= 60)) == 67
    said = " ".join(ipd.assumptions)
    assert "nobody is censored before 60" in said
    assert "it is the mean of what is plausible" not in said


def test_many_events_exactly_at_a_reported_number_at_risk():
    """Times in whole months put many events just where the number at risk is counted."""
    time = np.repeat([1.0, 2, 3, 4, 5, 6], [150, 150, 150, 150, 150, 750])
    event = np.arange(time.size) % 10 > 0
    arm = {"n": 1500, "landmarks": {}, "at_risk": {}, "events": int(event.sum())}
    for when in (2, 4):
        left = 1500 - 150 * np.arange(6)
        deaths = np.array([np.sum(event & (time == month)) for month in range(1, 7)])
        survival = np.prod(1 - deaths[:when] / left[:when])
        arm["landmarks"][str(when)] = f"{100 * survival:.1f}%"
        arm["at_risk"][str(when)] = int(np.sum(time >= when))
    endpoint = build_endpoint({"A": arm})
    assert not broken_promises(endpoint.arms["A"], *reconstruct(endpoint).of("A"))


def test_shares_by_the_allocation_are_said():
    """Numbers of patients that the paper does not report are an assumption, the first one."""
    shares = {"A": ARM | {"n_basis": "allocation"}, "B": ARM | {"n": 49, "n_basis": "allocation"}}
    assert reconstruct(build_endpoint(shares, reference="A")).assumptions[0] == (
        "The numbers of patients per arm are not reported: arm A 50 and arm B 49 were taken, their "
        "shares of all patients by the reported allocation."
    )
    one = {"A": ARM, "B": ARM | {"n": 49, "n_basis": "allocation"}}
    assert reconstruct(build_endpoint(one, reference="A")).assumptions[0] == (
        "The number of patients of arm B is not reported: 49 was taken, its share of all patients "
        "by the reported allocation."
    )


@pytest.mark.parametrize("basis", ["endpoint", "allocation"])
def test_a_contradiction_with_a_share_says_that_it_is_one(basis: str):
    """The number that the paper reports may agree."""
    arm = ARM | {"events": 51, "n_basis": basis}
    with pytest.raises(ContradictionError) as refusal:
        reconstruct(build_endpoint({"A": arm}))
    assert str(refusal.value).startswith("all/OS: arm A: 51 events are reported for 50 patients")
    said = "n of A is a share of all patients by the allocation, so the number that the paper"
    assert (said in str(refusal.value)) == (basis == "allocation")


@pytest.mark.parametrize(("name", "key"), [("A", "A"), ("arm A", '"arm A"')])
def test_a_refusal_for_want_of_n_says_what_to_write(name: str, key: str):
    """Where the number goes, and what to add if it is a share."""
    with pytest.raises(ReconstructionRefused) as refusal:
        reconstruct(build_endpoint({name: {"median": "12"}}))
    assert str(refusal.value) == (
        f"arm {name} reports no number of patients (n), so there is nobody to reconstruct; write "
        f'`n = ...` under [endpoint.arms.{key}], with `n_basis = "allocation"` if it is the '
        "arm's share of all patients"
    )


def test_survival_after_the_longest_follow_up_is_said_to_be_taken_at_its_end():
    """Nobody is at risk at its own time, where it counts as matched."""
    arm = {"n": 100, "landmarks": {"12": "60%", "24": "40%"}, "follow_up": {"max": "18.0"}}
    said = "Survival 40% is reported at 24 months and was taken at 18, the end of the follow-up."
    assert said in reconstruct(build_endpoint({"A": arm})).assumptions


def test_nobody_is_followed_after_survival_of_0():
    """The longest follow-up that is plausible was named, and nobody had it."""
    arm = {"n": 30, "landmarks": {"12": "50%", "24": "0%"}}
    ipd = reconstruct(build_endpoint({"A": arm}))
    assert ipd.time.max() <= 24
    assert not [each for each in ipd.assumptions if "followed up to" in each]


def test_censoring_marks_without_a_curve_are_said_to_be_unused():
    """As whatever else is reported and not looked at."""
    marks = CensorMarks(time=(13.0, 14.0), count=None)
    arm = {"n": 60, "landmarks": {"12": "50%"}, "censor_marks": marks}
    said = "Reported, but not used: the censoring marks of arm A."
    assert said in reconstruct(build_endpoint({"A": arm})).assumptions


@pytest.mark.parametrize(
    ("cutoff", "said"),
    [
        pytest.param("2022-01", True, id="24 months of entry and follow-up"),
        pytest.param("2024-12", False, id="60 months, less a day"),
    ],
)
def test_dates_that_leave_no_room_for_a_reported_time_are_said_to_be_unused(cutoff, said):
    """They were left out without a word, and a longer follow-up taken."""
    arm = {"n": 100, "landmarks": {"12": "80%", "60": "40%"}}
    endpoint = build_endpoint(
        {"A": arm, "B": arm}, reference="A", enrolment=["2020-01", "2021-06"], data_cutoff=cutoff
    )
    sentence = (
        "from first entry to cut-off are 25 months, less than the last reported time, 60 months: "
        "the dates were not used"
    )
    assert any(sentence in each.lower() for each in reconstruct(endpoint).assumptions) == said

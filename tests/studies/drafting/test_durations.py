"""Arms that are called by the time for which treatment is given are no times of survival."""

from __future__ import annotations

import pytest

from kmrepro.studies.drafting import draft_study
from kmrepro.studies.drafting.durations import durations

ASSIGNED = "Patients were randomly assigned (1:1) to 3 years or 6 years of drug. "


@pytest.mark.parametrize(
    "sentence",
    [
        "The 5-year RFS was 74.5% in the 3-year group and 88.6% in the 6-year group (HR 0.42).",
        "The 5-year RFS was 88.6% v 74.5% with 6 years and 3 years, respectively (HR 0.42).",
        "RFS at 5 years was 88.6% with 6 years (n = 137), 74.5% with 3 years (n = 139; HR 0.42).",
    ],
)
def test_durations_are_arms(sentence: str) -> None:
    """Five years is a time, three and six are arms."""
    (endpoint,) = draft_study(ASSIGNED + sentence).study.endpoints
    found = {arm: next(iter(one.landmarks.items())) for arm, one in endpoint.arms.items()}
    assert {arm: (time, landmark.survival.text) for arm, (time, landmark) in found.items()} == {
        "3 years": (60, "74.5%"),
        "6 years": (60, "88.6%"),
    }
    assert endpoint.reference == "3 years"


def test_a_time_that_is_also_a_duration_stays_a_time() -> None:
    """Survival at 3 years is not that of the 3-year arm."""
    text = f"{ASSIGNED}At 3 years, RFS was 80.1% in the 3-year group and 90.2% in the 6-year group."
    (endpoint,) = draft_study(text).study.endpoints
    found = [{t: s.survival.text for t, s in a.landmarks.items()} for a in endpoint.arms.values()]
    assert found == [{36: "80.1%"}, {36: "90.2%"}]


def test_events_of_durations() -> None:
    """The word group stands behind the second only."""
    (endpoint,) = draft_study(
        f"{ASSIGNED}In total, 40 deaths occurred, 27 in the 3-year and 13 in the 6-year group. The "
        "5-year OS was 74.5% in the 3-year group and 88.6% in the 6-year group."
    ).study.endpoints
    assert [arm.events for arm in endpoint.arms.values()] == [27, 13]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("We compared 12 months with 3 months of dual therapy.", ["12 months", "3 months"]),
        ("Patients were assigned to nine weeks or one year of drug.", ["9 weeks", "1 year"]),
        ("206 were assigned to the 2-year group and 203 to the 6-month group.",
         ["2 years", "6 months"]),
        ("Patients were assigned to 6 cycles of FOLFOX or 8 cycles of FOLFIRI.", []),
        ("OS at 3 years and 5 years of follow-up was compared.", []),
        ("Patients were assigned to drug or placebo for 2 years and 3 years of observation.", []),
        ("assigned " * 4000, []),
        ("assigned to 3 years " * 2000, []),
    ],
)  # fmt: skip
def test_two_durations_of_one_treatment(text: str, names: list[str]) -> None:
    """Durations of two treatments, and of follow-up, name no arms."""
    assert [one.name for one in durations(text) or ()] == names

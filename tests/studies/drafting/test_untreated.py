"""Arms that are named by the treatment that they did not have."""

from __future__ import annotations

import pytest

from kmrepro.studies.drafting import draft_study


@pytest.mark.parametrize(
    ("untreated", "treated"),
    [
        ("in patients without velone therapy", "in velone users"),
        ("in patients without velone", "in velone users"),
        ("in patients without velone", "in patients with velone"),
        ("without velone", "with velone"),
        ("in patients not receiving velone", "in patients receiving velone"),
        ("in patients who never received velone", "in those who received velone"),
        ("in the absence of velone", "in velone users"),
        ("in non-users of velone", "in velone users"),
    ],
)
def test_those_without_a_treatment_are_not_those_with_it(untreated: str, treated: str) -> None:
    """They are the arm "no X", also where the other is called after X."""
    draft = draft_study(
        f"Median OS was 12 months {untreated} (n=310) and 18 months {treated} (n=290)."
    )
    found = [(n[:3], a.n, a.median.text) for n, a in draft.study.endpoints[0].arms.items()]
    assert found == [("no ", 310, "12"), ("vel", 290, "18")]


def test_without_it_is_without_the_treatment_before() -> None:
    """What is said "without" more is of the same treatment."""
    draft = draft_study(
        "Median OS was 18 months with velone (n=290) and 12 months without (n=310)."
    )
    arms = draft.study.endpoints[0].arms
    assert {name: (arm.n, arm.median.text) for name, arm in arms.items()} == {
        "velone": (290, "18"),
        "no velone": (310, "12"),
    }


def test_an_arm_without_another_treatment_keeps_its_own() -> None:
    """Surgery without chemotherapy is no arm of those who had no chemotherapy."""
    draft = draft_study(
        "Patients were randomised to surgery without dacarb (n=100) or dacarb without surgery "
        "(n=101). Median OS was 12 months with surgery and 18 months with dacarb."
    )
    assert not any(name.startswith("no ") for name in draft.study.endpoints[0].arms)


def test_users_and_non_users() -> None:
    """Later sentences call them so without the treatment."""
    draft = draft_study(
        "Patients without velone therapy (n=310) had a higher risk of death than velone users "
        "(n=290): HR 1.45, 95% CI 1.10-1.92. Five-year survival was 61% in non-users and 70% in "
        "users."
    )
    endpoint = draft.study.endpoints[0]
    found = {name: (a.n, a.landmarks[60.0].survival.text) for name, a in endpoint.arms.items()}
    assert found == {"no velone therapy": (310, "61%"), "users": (290, "70%")}
    assert endpoint.reference == "users"


def test_a_name_behind_and_is_whole() -> None:
    """The first word of a name behind "and" is its own."""
    draft = draft_study(
        "The 5-year OS was 61% with dacarb regimen (n=310) and velone maintenance (n=290) had 70%."
    )
    assert "velone maintenance" in draft.study.endpoints[0].arms


def test_the_arm_behind_a_comma_keeps_its_first_word() -> None:
    """Its n is that of the bracket behind it, and the other arm is the reference."""
    draft = draft_study(
        "Compared with velone surgery (n=301), dacarb surgery (n=299) was associated with better "
        "5-year OS (69.5% vs 60.1%)."
    )
    arms = draft.study.endpoints[0].arms
    found = {name: (a.n, a.landmarks[60.0].survival.text) for name, a in arms.items()}
    assert found == {"velone surgery": (301, "60.1%"), "dacarb surgery": (299, "69.5%")}

"""Whom a whole text compares: by its results where these are not of those who were assigned."""

from __future__ import annotations

import pytest

from kmrepro.studies import Endpoint
from kmrepro.studies.drafting import Draft, DraftRefused, draft_study

ENTERED = "Children were randomly assigned to velone (n = 240) or dorone (n = 236). "
WEEKLY = "Infusions were tested against no infusions as well. "


def _endpoint(text: str, name: str = "OS") -> Endpoint:
    return next(e for e in draft_study(text).study.endpoints if e.name == name)


def _values(endpoint: Endpoint) -> dict[str, list[str]]:
    return {
        name: [each.survival.text for each in arm.landmarks.values()]
        for name, arm in endpoint.arms.items()
    }


def test_results_say_which_of_two_questions_they_answer() -> None:
    """Nothing is reported of those assigned, so the others are the arms, and without their n."""
    endpoint = _endpoint(
        f"{ENTERED}{WEEKLY}At a median follow-up of 5.1 years, there were 21 versus 37 events for "
        "infusions versus no infusions; the 5-year disease-free survival (DFS) rate was 88.2% "
        "(standard error [SE], 2.0%) and 79.9% (SE, 2.6%), respectively (hazard ratio = 0.55; 95% "
        "CI, 0.32-0.94; P = .03).",
        "DFS",
    )
    assert _values(endpoint) == {"infusions": ["88.2%"], "no infusions": ["79.9%"]}
    assert [(arm.n, arm.events) for arm in endpoint.arms.values()] == [(None, 21), (None, 37)]
    assert (endpoint.reference, endpoint.reported.hazard_ratio.text) == ("no infusions", "0.55")


def test_arms_with_results_of_their_own_stay_the_arms() -> None:
    """What a sentence compares besides is not dealt to them, but left open with its names."""
    draft = draft_study(
        f"{ENTERED}{WEEKLY}Overall survival at 3 years was 81% with velone and 74% with dorone. "
        "Between infusions and no infusions, overall survival at 5 years was 70% versus 66%. "
        "Infusions were compared with no infusions in all."
    )
    assert _values(draft.study.endpoints[0]) == {"velone": ["81%"], "dorone": ["74%"]}
    assert "70%" not in draft.text.split("# Left out")[0].replace("#?", "") or draft.questions


def test_values_for_names_set_against_each_other_are_left_open() -> None:
    """They stand in brackets behind two who are not the arms, so they were dealt to these."""
    draft = draft_study(
        f"{ENTERED}{WEEKLY}Overall survival at 3 years was 81% with velone and 74% with dorone. "
        "Infusions were compared with no infusions in all. Progression-free survival at 5 years "
        "was better after infusions than after no infusions (70% vs 66%)."
    )
    assert "PFS" not in {e.name for e in draft.study.endpoints if any(_values(e).values())}
    assert draft.questions[0] == (
        'PFS: arms.velone.survival = 70%? Left open because its sentence compares "infusions" with '
        '"no infusions".'
    )


@pytest.mark.parametrize(
    "patients",
    [
        "Each group had 238 children.",
        "The analysis included 238 children in each group.",
        "In a 1:1 ratio, 476 children were randomised.",
    ],
)
def test_patients_assigned_are_not_those_of_two_others(patients: str) -> None:
    """Neither each group's, nor shares by the allocation, of which nothing is asked either."""
    draft = draft_study(
        f"Children were randomly assigned to velone or dorone. {patients} {WEEKLY}At a median "
        "follow-up of 5.1 years, there were 21 versus 37 events for infusions versus no infusions; "
        "the 5-year disease-free survival (DFS) rate was 88.2% and 79.9%, respectively (hazard "
        "ratio = 0.55; 95% CI, 0.32-0.94)."
    )
    assert [(arm.n, arm.events) for arm in draft.study.endpoints[0].arms.values()] == [
        (None, 21),
        (None, 37),
    ]
    assert not draft.questions


def test_those_compared_once_are_no_rivals() -> None:
    """A text looks at some of its patients where it compares others in one sentence only."""
    text = (
        f"{ENTERED}Overall survival at 3 years was 60% in primed limbs and 52% in unprimed limbs."
    )
    try:
        draft: Draft | None = draft_study(text)
    except DraftRefused:
        draft = None
    assert draft is None or not any(_values(draft.study.endpoints[0]).values())


def test_a_treatment_is_called_by_the_start_of_its_name() -> None:
    """Beside "no radiotherapy", "radiotherapy" is the other arm, and "women who did not" are it."""
    endpoint = _endpoint(
        "We randomly assigned 410 women to receive either radiotherapy within two weeks (n = 204) "
        "or no radiotherapy until it was needed (n = 206). Women who received radiotherapy had "
        "better overall survival than women who did not (hazard ratio 0.70, 95% CI 0.51-0.96). "
        "This meant 5-year survival of 61% for women who did not receive radiotherapy and 72% for "
        "women who did receive radiotherapy."
    )
    assert _values(endpoint) == {"radiotherapy": ["72%"], "no radiotherapy": ["61%"]}
    assert (endpoint.reference, str(endpoint.reported.hazard_ratio)) == ("no radiotherapy", "0.70")


@pytest.mark.parametrize(("rest", "read"), [(302, True), (311, False)])
def test_those_who_were_not_treated_make_up_all(rest: int, read: bool) -> None:
    """A treatment and none of it are compared where their counts add up to all patients."""
    text = (
        f"The cohort consisted of 500 patients of whom 198 were consolidated with velone; {rest} "
        "were not. Those consolidated with velone had an improved 3-year overall survival (OS; 84% "
        "vs 70%; P = .01)."
    )
    if not read:
        with pytest.raises(DraftRefused):
            draft_study(text)
        return
    assert _values(_endpoint(text)) == {"velone": ["84%"], "no velone": ["70%"]}


def test_values_of_others_in_other_words_are_not_dealt_to_the_arms() -> None:
    """A sentence that names no arm, and compares with another name, is of others."""
    draft = draft_study(
        "We analysed 320 patients who had single (n = 286) or tandem (n = 34) transplantation. "
        "Median OS was better in patients receiving velone, compared with a traditional regimen "
        "(69 vs. 58 months; P = 0.01)."
    )
    assert [arm.median for arm in draft.study.endpoints[0].arms.values()] == [None, None]

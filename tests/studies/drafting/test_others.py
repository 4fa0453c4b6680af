"""Numbers of others than the arms and all patients are left open, with the words that say so."""

from __future__ import annotations

import pytest

from kmrepro.studies.drafting import DraftRefused, draft_study
from kmrepro.studies.endpoint import Endpoint

ARMS = "Patients were assigned to drug (n = 120) or placebo (n = 118). "
MEDIANS = "Median OS was 22.0 months with drug and 15.0 months with placebo. "


def _numbers(endpoint: Endpoint) -> list[str]:
    """Return what is filled in of an endpoint: survival, medians, events, hazard ratio, p."""
    found = []
    for arm in endpoint.arms.values():
        found += [str(landmark.survival) for landmark in arm.landmarks.values()]
        found += [str(number) for number in (arm.median, arm.events) if number is not None]
    reported = endpoint.reported
    ratio_and_p = (reported.hazard_ratio, reported.p) if reported else ()
    return [*found, *(str(number) for number in ratio_and_p if number is not None)]


@pytest.mark.parametrize(
    ("sentence", "whose"),
    [
        ("In diabetics, median OS was 12.6 and 7.4 months.", "diabetics"),
        ("Women lived for a median of 12.6 months with drug and 7.4 months with placebo.", "Women"),
        ("Median OS was 12.6 months with drug and 7.4 months with placebo in smokers.", "smokers"),
        ("Considering only renal deaths, median OS was 12.6 and 7.4 months.", "renal"),
        ("In patients above 70 years, median OS was 12.6 and 7.4 months.", "above 70 years"),
        ("Drug was superior to tegafur (hazard ratio for death, 0.61; P = .003).", "tegafur"),
        ("Compared with tegafur, drug reduced the risk of death (HR 0.61; P = .003).", "tegafur"),
        ("OS was longer with drug than with tegafur (HR 0.61; P = .003).", "tegafur"),
        ("Each decade of age raised the hazard of death (HR 1.58; P = .003).", "decade"),
        ("Ascites was associated with shorter OS (HR 1.58; P = .003).", "Ascites"),
        ("Denser chemotherapy improved survival (61% v 52% at 3 years; P = .003).", "Denser"),
    ],
)
def test_what_is_of_others_is_left_open(sentence: str, whose: str) -> None:
    """Whoever is named by words that are no arm and not all patients, no list of them is needed."""
    draft = draft_study(
        f"{ARMS}The 2-year OS was 48.1% with drug and 39.9% with placebo. {sentence}"
    )
    (endpoint,) = draft.study.endpoints
    assert _numbers(endpoint) == ["48.1%", "39.9%"]
    assert any("may be of others" in each and whose in each for each in draft.questions)


@pytest.mark.parametrize(
    "sentence",
    [
        "In an analysis by treatment received, the hazard ratio for death was 0.61 (0.40-0.93).",
        "OS was adjusted for competing events (sub-hazard ratio 0.61, 95% CI 0.40-0.93).",
    ],
)
def test_other_analyses_are_left_out(sentence: str) -> None:
    """They are neither by the arms as assigned nor of hazards of death alone."""
    (endpoint,) = draft_study(f"{ARMS}{MEDIANS}{sentence}").study.endpoints
    assert _numbers(endpoint) == ["22.0", "15.0"]


@pytest.mark.parametrize(
    "opening",
    [
        "The hazard ratio for death was 0.61",
        "The HR for OS was 0.61",
    ],
)
def test_what_goes_on_with_others_is_left_open(opening: str) -> None:
    """Also behind a sentence that was left out."""
    for before in ("In diabetics, OS was better.", "In patients with ascites, OS was 9.1 months."):
        draft = draft_study(f"{ARMS}{MEDIANS}{before} {opening} (95% CI 0.40-0.93).")
        assert _numbers(draft.study.endpoints[0]) == ["22.0", "15.0"]
        assert any("0.61" in each and "may be of others" in each for each in draft.questions)


def test_a_number_of_the_arms_goes_before_one_of_others() -> None:
    """It is no contradiction that women live longer."""
    draft = draft_study(
        f"{ARMS}{MEDIANS}In men, median OS was 9.8 and 8.1 months, respectively. Women lived for a "
        "median of 12.6 months with drug and 7.4 months with placebo (HR 0.55, 0.36-0.83)."
    )
    (endpoint,) = draft.study.endpoints
    assert _numbers(endpoint) == ["22.0", "15.0"]


@pytest.mark.parametrize(
    "sentence",
    [
        "In the intention-to-treat population, median OS was 22.0 months with drug and 15.0 months "
        "with placebo.",
        "In an analysis adjusted for age and stage, median OS was 22.0 and 15.0 months.",
        "With a median follow-up of 31 months among survivors, median OS was 22.0 and 15.0 months.",
        "Median OS after randomisation was 22.0 months with drug and 15.0 months with placebo.",
        "In gliomas, median OS was 22.0 months with drug and 15.0 months with placebo.",
    ],
)
def test_all_patients_are_no_others(sentence: str) -> None:
    """Nor are those whom the text says that it enrolled."""
    draft = draft_study(f"We enrolled patients with gliomas. {ARMS}{sentence}")
    assert _numbers(draft.study.endpoints[0]) == ["22.0", "15.0"]


def test_values_of_an_arm_stay_beside_those_of_others() -> None:
    """A second list is of somebody unknown, and does not take the first one along."""
    draft = draft_study(
        f"{ARMS}Survival at 1 and 5 years was 83% and 67% with drug and 86% and 81% in nurses."
    )
    assert _numbers(draft.study.endpoints[0]) == ["83%", "67%"]


def test_a_treatment_named_once_is_not_the_other_arm() -> None:
    """What is set against an arm in one sentence may be a third treatment."""
    draft = draft_study(
        "Median OS was 14.4 months with sunomab and 9.7 months with placebo; PFS was 6.1 months "
        "with sunomab and 3.9 months with placebo. OS was longer with sunomab than with tegafur "
        "(HR 0.57)."
    )
    assert {name for e in draft.study.endpoints for name in e.arms} == {"sunomab", "placebo"}
    assert all(not e.reported or not e.reported.hazard_ratio for e in draft.study.endpoints)


def test_three_arms_that_are_letters() -> None:
    """They are named before "groups" and behind it."""
    draft = draft_study(
        "Three-year DFS was 71.2%, 76.8% and 79.5% in groups A, B and C, respectively. Three-year "
        "OS in the A, B and C groups was 86.0%, 88.1% and 90.4%."
    )
    found = {e.name: _numbers(e) for e in draft.study.endpoints}
    assert found == {"DFS": ["71.2%", "76.8%", "79.5%"], "OS": ["86.0%", "88.1%", "90.4%"]}


def test_survival_with_a_functioning_graft_is_not_that_of_all() -> None:
    """It is lost with the graft."""
    draft = draft_study(
        f"{ARMS}At 5 years, survival with a functioning graft was 87.3% with drug and 74.4% with "
        "placebo."
    )
    assert [e.name for e in draft.study.endpoints] == ["GS"]


@pytest.mark.parametrize(
    "said",
    [
        "The 2-year OS was 81.0% in responders; in non-responders it was 43.2%.",
        "The 2-year OS was 81.0% if R0 resection was achieved and 43.2% otherwise.",
        "The 2-year OS was 81.0% under 65 years of age and 44.0% above.",
        "Excluding patients who died within 30 days, the 2-year OS was 81.0%.",
        "The 2-year OS was 81.0% once the learning curve was passed.",
        "The 2-year OS was 81.0% unless relapse occurred.",
        "The 2-year OS was 81.0% when dacarb was completed.",
        "The 2-year OS was 81.0% in cases of microvascular invasion.",
        "The 2-year OS was 81.0% above the median CRP.",
        "Above the median CRP, the 2-year OS was 81.0%.",
        "For N1 disease the 2-year OS was 81.0%.",
    ],
)
def test_a_condition_makes_survival_that_of_some(said: str) -> None:
    """What is true of some of the patients only leaves their survival open."""
    draft = draft_study(f"We treated 150 patients. {said}")
    arm = draft.study.endpoints[0].arms["all"]
    assert arm.n == 150
    assert not arm.landmarks
    assert any("81.0%? Left open" in question for question in draft.questions)


@pytest.mark.parametrize(
    "said",
    [
        "When compared at the time of the final analysis, the 2-year OS was 81.0%.",
        "Patients were seen once monthly, and the 2-year OS was 81.0%.",
        "Once 150 deaths had occurred, the 2-year OS was 81.0%.",
        "The 2-year OS was 81.0% when data were cut off.",
        "The 2-year OS, provided in Table 2, was 81.0%.",
        "The response rate was 60%, and the 2-year OS was 81.0%.",
        "If transplantation is counted as an event, the 2-year OS was 81.0%.",
        "With velone given once daily, the 2-year OS was 81.0%.",
        "The 2-year OS was 81.0% over the study period.",
    ],
)
def test_a_condition_of_the_analysis_is_of_all(said: str) -> None:
    """How an event, a dose or a period is defined divides no patients."""
    draft = draft_study(f"We treated 150 patients with velone. {said}")
    landmarks = draft.study.endpoints[0].arms["all"].landmarks
    assert [each.survival.text for each in landmarks.values()] == ["81.0%"]


@pytest.mark.parametrize(
    "sentence",
    [
        "For ECOG 0-1 the median OS was 11.2 months.",
        "Overall 1-year survival was 82% in recipients of grafts preserved by perfusion.",
        "Median survival (months) by arm: WBRT + SRS, 6.5; WBRT, 4.9 (P = 0.0393).",
    ],
)
def test_what_is_of_some_is_not_given_to_all(sentence: str) -> None:
    """They are a question, or the text is refused."""
    try:
        draft = draft_study(f"We treated 203 patients. {sentence}")
    except DraftRefused:
        return
    arms = [arm for endpoint in draft.study.endpoints for arm in endpoint.arms.values()]
    assert not any(arm.median or arm.landmarks for arm in arms)


@pytest.mark.parametrize("planned", [
    ", which was below the prespecified alpha of .025",
    ", below the 20% that was assumed under the null hypothesis",
    " (significant if below 0.048)",
])  # fmt: skip
def test_a_planned_number_behind_a_result_leaves_the_result(planned: str) -> None:
    """It is left out alone."""
    draft = draft_study(
        "Patients were assigned to drug (n = 88) or placebo (n = 86). Median PFS was 8.4 months "
        f"with drug versus 5.6 months with placebo, P = .015{planned}."
    )
    endpoint = draft.study.endpoints[0]
    assert endpoint.reported is not None
    assert endpoint.reported.p is not None
    assert endpoint.reported.p.text == "0.015"
    assert [arm.median.text for arm in endpoint.arms.values() if arm.median] == ["8.4", "5.6"]

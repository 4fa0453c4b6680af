"""Of three arms, a comparison is of the two that a text names."""

from __future__ import annotations

import pytest

from kmrepro.studies import Endpoint
from kmrepro.studies.drafting import Draft, draft_study

ARMS = "Patients received drug X (n = 101), drug Y (n = 99) or placebo (n = 103). "
MEDIANS = "Median OS was 19.2 months, 17.5 months and 14.0 months, respectively. "


def _compared(draft: Draft) -> list[tuple[str, str, str, str]]:
    """Return treatment, reference, hazard ratio and p of every comparison."""
    return [
        (e.treatment or "", e.reference or "", e.reported.hazard_ratio.text, _p(e))
        for e in draft.study.endpoints
        if e.reported is not None and e.reported.hazard_ratio is not None
    ]


def _p(endpoint: Endpoint) -> str:
    reported = endpoint.reported
    return reported.p.text if reported is not None and reported.p is not None else ""


@pytest.mark.parametrize(
    ("said", "compared"),
    [
        ("OS was longer with drug X than with placebo", ("drug X", "placebo", "0.70", "0.018")),
        ("Drug X was superior to placebo for OS", ("drug X", "placebo", "0.70", "0.018")),
        ("OS differed between drug X and placebo", ("drug X", "placebo", "0.70", "0.018")),
        ("Compared with placebo, drug X prolonged OS", ("drug X", "placebo", "0.70", "0.018")),
    ],
)
def test_a_comparison_of_two_of_three_arms(said: str, compared: tuple[str, ...]) -> None:
    """The arm with the better survival is the one that a ratio below 1 favours."""
    draft = draft_study(f"{ARMS}{MEDIANS}{said} (HR 0.70, 95% CI 0.52-0.94; P = 0.018).")
    assert _compared(draft) == [compared]


def test_the_survival_of_the_two_arms_says_which_is_the_reference() -> None:
    """Above 1 the arm with the worse survival is on top."""
    draft = draft_study(
        f"{ARMS}{MEDIANS}OS differed between drug X and placebo (HR 1.43, 95% CI 1.06-1.92)."
    )
    assert _compared(draft) == [("placebo", "drug X", "1.43", "")]


def test_two_comparisons_in_one_sentence_with_their_medians() -> None:
    """What stands in the brackets is of the two arms before them."""
    draft = draft_study(
        f"{ARMS}OS was longer with drug X than with placebo (median, 19.2 vs. 14.0 months; HR, "
        "0.70; 95% CI, 0.52 to 0.94; P = 0.018) and longer with drug Y than with placebo (median, "
        "17.5 vs. 14.0 months; HR, 0.78; 95% CI, 0.58 to 1.05; P = 0.10)."
    )
    assert _compared(draft) == [
        ("drug X", "placebo", "0.70", "0.018"),
        ("drug Y", "placebo", "0.78", "0.10"),
    ]
    medians = [[str(a.median) for a in e.arms.values()] for e in draft.study.endpoints]
    assert medians == [["19.2", "14.0"], ["17.5", "14.0"]]


def test_a_ratio_of_one_named_arm_is_a_question() -> None:
    """Its p is not that of all three arms."""
    draft = draft_study(
        f"{ARMS}{MEDIANS}OS with drug Y was not significantly longer (HR 0.78, 95% CI 0.58-1.05; "
        "P = 0.10)."
    )
    (endpoint,) = draft.study.endpoints
    assert (endpoint.reported, len(endpoint.arms)) == (None, 3)
    assert any("which of the arms it compares" in question for question in draft.questions)


def test_a_p_of_all_three_arms_stands_beside_a_comparison_of_two() -> None:
    """Each is of the endpoint with its arms."""
    draft = draft_study(
        f"{ARMS}Median OS was 19.2 months, 17.5 months and 14.0 months, respectively (P = 0.03). "
        "OS was longer with drug X than with placebo (HR 0.70, 95% CI 0.52-0.94; P = 0.018)."
    )
    assert [(len(e.arms), _p(e)) for e in draft.study.endpoints] == [(3, "0.03"), (2, "0.018")]


def test_an_endpoint_of_two_of_three_arms_holds_these_two() -> None:
    """The third has no result, and its patients are none of this endpoint."""
    draft = draft_study(
        f"{ARMS}{MEDIANS}Median PFS with drug X and drug Y was 8.2 and 7.9 months, respectively "
        "(P = 0.44)."
    )
    survival, progression = draft.study.endpoints
    assert (len(survival.arms), _p(survival)) == (3, "")
    assert ({*progression.arms}, _p(progression)) == ({"drug X", "drug Y"}, "0.44")


@pytest.mark.parametrize(
    "text",
    [
        "Patients received drug X (n = 101), drug Y (n = 99) or placebo (n = 103). ",
        "In all, 101 patients received drug X, 99 received drug Y and 103 received placebo. ",
        "In all, 101 patients received drug X, 99 drug Y and 103 placebo. ",
        "In all, 101 patients had drug X (DX), 99 drug Y (DY) and 103 placebo (P). ",
        "We allocated patients to drug X (n = 101), to drug Y (n = 99) or to placebo (n = 103). ",
    ],
)
def test_three_arms_by_their_counts(text: str) -> None:
    """The counts say that there are three."""
    (endpoint,) = draft_study(f"{text}{MEDIANS}").study.endpoints
    found = [(arm.n, str(arm.median)) for arm in endpoint.arms.values()]
    assert found == [(101, "19.2"), (99, "17.5"), (103, "14.0")]


def test_no_transplantation_is_an_arm_of_its_own() -> None:
    """A name with "no" before it is that of the others, also beside an abbreviation."""
    (endpoint,) = draft_study(
        "We studied high-dose therapy (HDT): 84 patients were allocated to HDT and 86 to no "
        "HDT. The 5-year OS was 71.2% in the HDT arm and 66.0% in the no-HDT arm. There were 24 "
        "deaths in the HDT arm and 29 in the no-HDT arm; the HDT and no-HDT arms did not differ."
    ).study.endpoints
    rates = [(arm.n, str(arm.landmarks[60].survival)) for arm in endpoint.arms.values()]
    assert rates == [(84, "71.2%"), (86, "66.0%")]


def test_values_of_somebody_else_are_not_dealt_out_to_the_arms() -> None:
    """What is said of two stages is not of two treatments."""
    (endpoint,) = draft_study(
        "In all, 90 patients underwent surgery and 88 radiotherapy. The 3-year OS was 61.2% after "
        "surgery and 52.4% after radiotherapy. The 5-year OS was 70.1% in early disease and 44.4% "
        "in late disease."
    ).study.endpoints
    assert [[*arm.landmarks] for arm in endpoint.arms.values()] == [[36], [36]]


@pytest.mark.parametrize(
    "said",
    [
        "HRs versus placebo were 0.70 (0.52-0.94) and 0.78 (0.58-1.05), respectively.",
        "With placebo as the reference, the hazard ratio was 0.70 (0.52-0.94) for drug X and 0.78 "
        "(0.58-1.05) for drug Y.",
    ],
)
def test_hazard_ratios_against_one_arm(said: str) -> None:
    """They are of the other arms, in their order if none is named."""
    order = "OS was 61.2% with drug X, 58.0% with drug Y and 44.1% with placebo at 1 year. "
    compared = _compared(draft_study(f"{ARMS}{order}{said}"))
    assert compared == [("drug X", "placebo", "0.70", ""), ("drug Y", "placebo", "0.78", "")]


def test_hazard_ratios_in_an_order_that_is_not_said_are_left_out() -> None:
    """Without "respectively" they may be of anybody."""
    draft = draft_study(f"{ARMS}{MEDIANS}HRs versus placebo were between 0.70 and 0.78.")
    assert _compared(draft) == []

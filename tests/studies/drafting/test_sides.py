"""Which arms a comparison is of, and what is asked where its numbers contradict each other."""

from __future__ import annotations

import pytest

from kmrepro.studies import Endpoint
from kmrepro.studies.drafting import Draft, draft_study
from kmrepro.studies.study import Study

ARMS = "360 patients were assigned to control and 356 patients to drug. "


def endpoint(study: Study, name: str):
    """Return the endpoint of a name."""
    return next(e for e in study.endpoints if e.name == name)


def test_values_are_in_the_order_of_their_sentence() -> None:
    """The arms of a list are those of its own sentence, not in the order of one before."""
    draft = draft_study(
        f"{ARMS}Overall survival was increased in the drug group compared with the control group "
        "(hazard ratio 0.77, 95% CI 0.63-0.94; median overall survival, 50 months vs 35 months)."
    )
    arms = draft.study.endpoints[0].arms
    assert arms["drug"].median.text == "50"
    assert arms["control"].median.text == "35"
    assert draft.study.endpoints[0].reference == "control"


def test_dealt_values_that_contradict_the_ratio_are_left_open() -> None:
    """What was dealt out in the order of the text is a question if the hazard ratio denies it."""
    draft = draft_study(
        "Patients were assigned to control (n = 360) or drug (n = 356). The hazard ratio for death "
        "for drug versus control was 0.60 (95% CI, 0.48-0.75). Median overall survival was 50 vs "
        "35 months."
    )
    arms = draft.study.endpoints[0].arms
    assert arms["drug"].median is None
    assert arms["control"].median is None
    assert any("their arms are not said beside them" in q for q in draft.questions)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (
            "Median OS was 21.2 months (95% CI 25.4-27.0) with drug and 15.0 months with control.",
            "OS: arms.drug.median = 21.2? As reported, but its interval is 25.4 to 27.0.",
        ),
        (
            "OS at 2 years was 60.1% with drug and 50.0% with control. OS at 4 years was 66.2% "
            "with drug and 31.0% with control.",
            "OS: arms.drug.survival = 66.2%? As reported, but survival was 60.1% before.",
        ),
        (
            "Median OS was 35.0 months with drug and 20.0 months with control (HR for control "
            "versus drug, 0.60; 95% CI, 0.40-0.90).",
            "OS: reported.hazard_ratio = 0.60? As reported, but survival favours the other arm.",
        ),
        (
            "Median OS was 35.0 months with drug and 20.0 months with control (HR, 0.36; 95% CI, "
            "0.40-0.90).",
            "OS: reported.hazard_ratio = 0.36? As reported, but its interval is 0.40 to 0.90.",
        ),
        (
            "Death occurred in 400 patients in the drug group and 120 in the control group. Median "
            "OS was 35.0 months with drug and 20.0 months with control.",
            "OS: arms.drug.events = 400? As reported, but n is 356.",
        ),
    ],
    ids=["interval", "rising", "side", "ratio", "events"],
)
def test_contradictions_are_asked(said: str, why: str) -> None:
    """Numbers are transcribed as reported, and a sentence says what contradicts them."""
    draft = draft_study(ARMS + said)
    assert why in draft.questions
    assert why in draft.text


def test_what_agrees_is_not_asked() -> None:
    """Survival that is nearly alike contradicts no hazard ratio."""
    draft = draft_study(
        f"{ARMS}OS at 3 and 5 years was 86.2% and 78.7% with drug and 87.1% and 78.6% with control "
        "(HR for drug, 0.87; 95% CI, 0.59-1.27)."
    )
    assert not draft.questions


@pytest.mark.parametrize(
    ("words", "reference"),
    [
        ("Progression-free survival was longer with drug than with control", "control"),
        ("Progression-free survival was shorter with drug than with control", "drug"),
        ("The risk of progression or death was 40% lower with drug than with control", "control"),
        ("Drug improved progression-free survival, as compared with control", "control"),
    ],
)
def test_words_say_the_side(words: str, reference: str) -> None:
    """Where no survival is reported, the words say which arm fared better."""
    draft = draft_study(f"{ARMS}{words} (hazard ratio for progression or death, 0.60).")
    assert endpoint(draft.study, "PFS").reference == reference
    assert "the text says which arm fared better" in draft.text


def test_denied_words_say_no_side() -> None:
    """A comparison that is denied says nothing."""
    draft = draft_study(
        f"{ARMS}Deaths occurred in 70 patients in the drug group and 71 in the control group. "
        "Overall survival was not longer with drug than with control (hazard ratio, 0.80)."
    )
    assert draft.study.endpoints[0].reported is None
    assert any("which arm is the reference" in q for q in draft.questions)


def test_three_arms_for_the_comparison_with_one() -> None:
    """The second hazard ratio says its reference, and stands beside the value of the other arm."""
    draft = draft_study(
        "We randomly assigned, in a 1:1:1 ratio, patients to adamab, belmab, or cormab. The median "
        "progression-free survival was 11.5 months with adamab, as compared with 2.9 months with "
        "cormab (hazard ratio for death or disease progression, 0.42), and 6.9 months with belmab "
        "(hazard ratio for the comparison with cormab, 0.57)."
    )
    found = {
        (e.treatment, e.reference): e.reported.hazard_ratio.text for e in draft.study.endpoints
    }
    assert found == {("adamab", "cormab"): "0.42", ("belmab", "cormab"): "0.57"}


THREE = "Patients received drug X (n = 101), drug Y (n = 99) or placebo (n = 103). "
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
    draft = draft_study(f"{THREE}{MEDIANS}{said} (HR 0.70, 95% CI 0.52-0.94; P = 0.018).")
    assert _compared(draft) == [compared]


def test_the_survival_of_the_two_arms_says_which_is_the_reference() -> None:
    """Above 1 the arm with the worse survival is on top."""
    draft = draft_study(
        f"{THREE}{MEDIANS}OS differed between drug X and placebo (HR 1.43, 95% CI 1.06-1.92)."
    )
    assert _compared(draft) == [("placebo", "drug X", "1.43", "")]


def test_two_comparisons_in_one_sentence_with_their_medians() -> None:
    """What stands in the brackets is of the two arms before them."""
    draft = draft_study(
        f"{THREE}OS was longer with drug X than with placebo (median, 19.2 vs. 14.0 months; HR, "
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
        f"{THREE}{MEDIANS}OS with drug Y was not significantly longer (HR 0.78, 95% CI 0.58-1.05; "
        "P = 0.10)."
    )
    (endpoint,) = draft.study.endpoints
    assert (endpoint.reported, len(endpoint.arms)) == (None, 3)
    assert any("which of the arms it compares" in question for question in draft.questions)


def test_a_p_of_all_three_arms_stands_beside_a_comparison_of_two() -> None:
    """Each is of the endpoint with its arms."""
    draft = draft_study(
        f"{THREE}Median OS was 19.2 months, 17.5 months and 14.0 months, respectively (P = 0.03). "
        "OS was longer with drug X than with placebo (HR 0.70, 95% CI 0.52-0.94; P = 0.018)."
    )
    assert [(len(e.arms), _p(e)) for e in draft.study.endpoints] == [(3, "0.03"), (2, "0.018")]


def test_an_endpoint_of_two_of_three_arms_holds_these_two() -> None:
    """The third has no result, and its patients are none of this endpoint."""
    draft = draft_study(
        f"{THREE}{MEDIANS}Median PFS with drug X and drug Y was 8.2 and 7.9 months, respectively "
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
    compared = _compared(draft_study(f"{THREE}{order}{said}"))
    assert compared == [("drug X", "placebo", "0.70", ""), ("drug Y", "placebo", "0.78", "")]


def test_hazard_ratios_in_an_order_that_is_not_said_are_left_out() -> None:
    """Without "respectively" they may be of anybody."""
    draft = draft_study(f"{THREE}{MEDIANS}HRs versus placebo were between 0.70 and 0.78.")
    assert _compared(draft) == []


BOTH = "We assigned 356 patients to drug and 360 patients to control. "


def test_values_behind_names_that_are_unknown_are_not_dealt_out() -> None:
    """Their order is that of the names before, which were not read."""
    draft = draft_study(
        f"{BOTH}DFS at 3 years was 70.1% with drug and 60.2% with control. Median OS was 35 months "
        "with the first plan and 50 months with the second plan. Median PFS was 15 and 20 months, "
        "respectively (P = 0.03)."
    )
    assert not [arm for e in draft.study.endpoints for arm in e.arms.values() if arm.median]
    assert "not read: its values (it is not said of which arms)" in draft.text


def test_order_of_a_text_that_changes_is_not_known() -> None:
    """A list without names, in a new paragraph, may be in either order."""
    draft = draft_study(
        "Drug or control was given. DFS at 3 years was 70.1% with drug and 60.2% with control. DFS "
        "at 5 years was 61.0% with drug and 50.9% with control. DFS at 7 years was 55.0% with drug "
        "and 44.9% with control. In all, 360 patients received control and 356 drug.\n\nMedian OS "
        "was 50 and 35 months."
    )
    assert not [arm for e in draft.study.endpoints for arm in e.arms.values() if arm.median]


@pytest.mark.parametrize(
    ("said", "medians"),
    [
        (
            "Compared with control-treated patients, those receiving the agent had a longer OS",
            {"drug": "50", "control": "35"},
        ),
        ("OS was longer in the drug group", {"drug": "50", "control": "35"}),
        ("Those given the agent lived with a longer OS than did control", None),
    ],
)
def test_arm_behind_than_is_the_second_of_two_values(
    said: str, medians: dict[str, str] | None
) -> None:
    """The one that is better comes first, whichever is named."""
    draft = draft_study(
        f"{BOTH}{said} (median, 50 vs 35 months; HR 0.70, 95% CI 0.55-0.89). DFS at 3 years was "
        "70.1% with drug and 60.2% with control."
    )
    found = {
        name: str(arm.median)
        for name, arm in endpoint(draft.study, "OS").arms.items()
        if arm.median is not None
    }
    assert found == medians or (medians is None and found != {"drug": "35", "control": "50"})


def test_list_before_another_clause_is_not_of_its_arm() -> None:
    """Behind "whereas in B it was" stand the values of B."""
    draft = draft_study(
        f"{BOTH}In the others survival at 1, 2 and 5 years was 88%, 77% and 49%, whereas in the "
        "control group it was 91%, 81% and 51%. Median PFS was 9 months with drug and 8 with "
        "control."
    )
    for each in draft.study.endpoints:
        assert "49%" not in [str(x.survival) for x in each.arms["control"].landmarks.values()]


def test_list_beside_its_arm_is_of_it_whatever_comes_after() -> None:
    """A second list of somebody unknown is left out, and does not take the first one along."""
    draft = draft_study(
        f"{BOTH}Survival at 1 and 5 years was 83% and 67% in the control group and 86% and 81% in "
        "the others. Median PFS was 9 months with drug and 8 with control."
    )
    found = {
        name: [str(x.survival) for x in arm.landmarks.values()]
        for name, arm in endpoint(draft.study, "OS").arms.items()
    }
    assert found == {"control": ["83%", "67%"], "drug": []}


def test_arm_before_a_bracket_is_that_of_the_bracket() -> None:
    """The values of an arm that is not known are not those of the next one."""
    draft = draft_study(
        f"{BOTH}Overall survival was better with that agent (median, 50 months; 95% CI, 41 to 58) "
        "than with control (median, 35 months; 95% CI, 30 to 41); hazard ratio for death, 0.71; "
        "95% CI, 0.54 to 0.94. DFS at 3 years was 70.1% with drug and 60.2% with control."
    )
    assert str(endpoint(draft.study, "OS").arms["control"].median) == "35"


def test_value_with_two_intervals_is_drafted_without() -> None:
    """It is asked which one is its own."""
    draft = draft_study(
        f"{BOTH}The 5-year MFS was 74% (95% CI 70-78) with control and 75% (95% CI 70-80) with "
        "drug. In a second model it was 74% (95% CI 70-77) with control and 75% (95% CI 70-80) "
        "with drug for 5-year MFS."
    )
    arms = endpoint(draft.study, "MFS").arms
    (control,) = arms["control"].landmarks.values()
    (drug,) = arms["drug"].landmarks.values()
    assert (str(control.survival), control.ci) == ("74%", None)
    assert drug.ci is not None
    assert any("it has two intervals" in question for question in draft.questions)


def test_interval_behind_an_interquartile_range_may_be_one() -> None:
    """Without a word on its kind it is no confidence interval, unless the text has said so."""
    said = (
        "After a median follow-up of 21.1 months (IQR 15.1-26.9), median OS was 24.5 months "
        "(9.9-not reached) with drug and 15.0 months (5.6-24.1) with control."
    )
    plain = draft_study(f"{BOTH}{said}").study.endpoints[0].arms
    assert [str(arm.median) for arm in plain.values()] == ["24.5", "15.0"]
    assert [arm.median_ci for arm in plain.values()] == [None, None]
    before = (
        "DFS at 3 years was 70.1% (95% CI 65-75) with drug and 60.2% (95% CI 55-65) with control."
    )
    told = endpoint(draft_study(f"{BOTH}{before} {said}").study, "OS").arms
    assert all(arm.median_ci for arm in told.values())


FAVOURED = f"{ARMS}The hazard ratio for death was {{}} in favour of drug. {{}}"


@pytest.mark.parametrize(("ratio", "reference"), [("0.72", "control"), ("1.39", "drug")])
def test_a_ratio_in_favour_of_an_arm_is_on_its_side(ratio: str, reference: str) -> None:
    """Below 1 it has that arm on top, and above 1 the other one."""
    draft = draft_study(FAVOURED.format(ratio, ""))
    assert endpoint(draft.study, "OS").reference == reference


def test_survival_that_denies_the_favoured_arm_is_a_question() -> None:
    """Neither the words nor survival decide on the reference then."""
    survival = "Overall survival at 5 years was 61% with control and 48% with drug."
    draft = draft_study(FAVOURED.format("0.72", survival))
    reported = endpoint(draft.study, "OS").reported
    assert reported is None or reported.hazard_ratio is None
    assert any("words beside it disagree" in question for question in draft.questions)


def test_an_improvement_is_that_of_the_second_arm() -> None:
    """Whose survival improved "from 5.5 months in control to 9.3 in drug": that of drug."""
    draft = draft_study(
        f"{ARMS}Median PFS improved from 5.5 months in the control group to 9.3 months in the "
        "drug group (HR 0.46; 95% CI 0.31-0.69)."
    )
    assert endpoint(draft.study, "PFS").reference == "control"

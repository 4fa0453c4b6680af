"""A draft holds those patients whose results a text reports, and asks where it does not say so."""

from __future__ import annotations

import pytest

from kmrepro.studies.drafting import Draft, DraftRefused, draft_study

ARMS = "We randomised patients to drug (n = 150) or placebo (n = 148). "
SURVIVAL = "The 3-year OS was 61.2% with drug and 52.0% with placebo."


def _numbers(draft: Draft) -> list[int | None]:
    return [arm.n for arm in draft.study.endpoints[0].arms.values()]


@pytest.mark.parametrize(
    "treated",
    [
        "61 were infused",
        "61 patients received the infusion",
        "the product was administered to 61 patients",
    ],
)
def test_results_of_infused_patients_are_of_those_infused(treated: str) -> None:
    """Who was enrolled and not infused has no part in them."""
    draft = draft_study(
        f"In all, 80 patients were enrolled and {treated}. Among infused patients, median OS was "
        "19.1 months. For all 80 enrolled patients the median OS was 15.0 months."
    )
    (endpoint,) = draft.study.endpoints
    assert (endpoint.arms["all"].n, str(endpoint.arms["all"].median)) == (61, "19.1")
    assert "all who entered" in draft.text


def test_infused_beside_enrolled_is_a_question_if_the_results_are_of_nobody() -> None:
    """Either may be meant."""
    draft = draft_study(
        "In all, 80 patients were enrolled and 61 were infused. Median OS was 19 months."
    )
    assert _numbers(draft) == [None]
    assert any("n = 80" in question for question in draft.questions)


@pytest.mark.parametrize(
    ("left_out", "numbers"),
    [
        ("Four patients (1 drug, 3 placebo) were excluded from the analysis.", [None, None]),
        ("Four patients withdrew and were not analysed.", [None, None]),
        ("One patient on drug was not analysed.", [None, 148]),
        ("Four patients were excluded from the safety analysis.", [150, 148]),
        ("The analysis included all patients.", [150, 148]),
    ],
)
def test_assigned_patients_who_were_not_analysed_are_a_question(
    left_out: str, numbers: list[int | None]
) -> None:
    """The number analysed is not filled in by subtraction."""
    draft = draft_study(f"{ARMS}{left_out} {SURVIVAL}")
    assert _numbers(draft) == numbers
    asked = sum("some of these patients were not analysed" in q for q in draft.questions)
    assert asked == numbers.count(None)


def test_numbers_analysed_are_read_after_those_left_out() -> None:
    """They stand at the end of the sentence."""
    draft = draft_study(
        "Of 298 patients randomised, 4 were excluded because of consent, and 149 patients given "
        f"drug and 145 given placebo were analysed. {SURVIVAL}"
    )
    assert _numbers(draft) == [149, 145]


def test_patients_of_another_procedure_are_not_those_analysed() -> None:
    """What was performed in some patients counts only these."""
    draft = draft_study(
        f"We compared drug and placebo. {SURVIVAL} Salvage surgery was performed in 31 patients "
        "on drug."
    )
    assert _numbers(draft) == [None, None]


def test_two_cohorts_of_so_many_each() -> None:
    """One number is of both."""
    draft = draft_study(
        "We compared surgery with ablation. Matching produced two cohorts of 88 patients each. The "
        "3-year OS was 71.0% after surgery and 66.4% after ablation."
    )
    assert _numbers(draft) == [88, 88]


def test_weighted_patients_are_a_cohort_of_all() -> None:
    """Weights leave nobody out."""
    draft = draft_study(
        "We compared 120 patients treated with ablation and 180 treated with surgery. The 3-year "
        "OS was 64.1% with ablation and 75.0% with surgery. After IPTW, the 3-year OS was 70.0% "
        "with ablation and 73.2% with surgery."
    )
    assert [e.cohort for e in draft.study.endpoints] == ["unmatched", "weighted"]
    assert [[arm.n for arm in e.arms.values()] for e in draft.study.endpoints] == [[120, 180]] * 2


COMPOSITE = "The primary outcome was a composite of death from any cause, stroke, or dialysis. "
ASSIGNED = "We assigned 402 patients to drug and 398 to placebo. "


def test_a_composite_primary_outcome_is_an_endpoint() -> None:
    """Its events, its hazard ratio, and survival free of it."""
    draft = draft_study(
        f"{ASSIGNED}{COMPOSITE}The primary outcome occurred in 61 of 402 patients in the drug "
        "group and in 79 of 398 in the placebo group (hazard ratio, 0.75; 95% CI, 0.54 to 1.05). "
        "Freedom from the primary outcome at 2 years was 84.0% with drug and 78.9% with placebo."
    )
    (endpoint,) = draft.study.endpoints
    assert endpoint.name == "primary outcome"
    assert endpoint.label == "free of death from any cause, stroke, or dialysis"
    assert [arm.events for arm in endpoint.arms.values()] == [61, 79]
    assert [str(arm.landmarks[24].survival) for arm in endpoint.arms.values()] == ["84.0%", "78.9%"]
    assert "The primary outcome occurred in 61" in draft.text


@pytest.mark.parametrize(
    "defined",
    [
        "The primary outcome was the change in the quality-of-life score or death. ",
        "The primary outcome was a hierarchical composite of death, stroke and symptoms. ",
        "The primary outcome was recurrence of symptoms. ",
        "",
    ],
)
def test_another_primary_outcome_is_no_endpoint(defined: str) -> None:
    """Only a composite of death and other events has a survival curve."""
    with pytest.raises(DraftRefused):
        draft_study(
            f"{ASSIGNED}{defined}The primary outcome occurred in 61 patients in the drug group and "
            "in 79 in the placebo group (hazard ratio, 0.75; 95% CI, 0.54 to 1.05)."
        )


@pytest.mark.parametrize("cause", ["Cardiovascular death", "Death from cardiovascular causes"])
def test_death_of_one_cause_is_not_overall_survival(cause: str) -> None:
    """Its hazard ratio is left out."""
    with pytest.raises(DraftRefused):
        draft_study(
            f"{ASSIGNED}{cause} occurred in 22 and 30 patients (HR 0.73; 95% CI 0.42-1.27)."
        )


def test_events_per_patient_years_are_no_counts() -> None:
    """They stand in the brackets of the hazard ratio."""
    draft = draft_study(
        f"{ASSIGNED}Death from any cause occurred in 61 patients with drug and in 79 with placebo "
        "(7.1 vs. 9.4 deaths per 100 patient-years; HR 0.75, 95% CI 0.54-1.05)."
    )
    assert [arm.events for arm in draft.study.endpoints[0].arms.values()] == [61, 79]
    assert [arm.n for arm in draft.study.endpoints[0].arms.values()] == [402, 398]


def test_a_kind_of_disease_at_the_head_of_a_sentence_is_a_subgroup() -> None:
    """It is named by a class, as T3 or Vp1-2."""
    draft = draft_study(
        f"{ARMS}Median OS was 21.3 months with drug and 18.9 months with placebo (P = 0.31). In "
        "Vp1-2 thrombosis, OS was longer with drug than with placebo (28.6 vs 20.1 months, P = "
        "0.03)."
    )
    (endpoint,) = draft.study.endpoints
    assert [str(arm.median) for arm in endpoint.arms.values()] == ["21.3", "18.9"]
    assert endpoint.reported is not None
    assert str(endpoint.reported.p) == "0.31"


def test_some_of_those_registered_were_not_analysed() -> None:
    """In a study of one arm, too."""
    draft = draft_study(
        "In all, 300 patients were registered; 12 were not treated and were excluded from the "
        "analysis. Median OS was 14.1 months."
    )
    assert _numbers(draft) == [None]


def test_some_of_the_patients_who_had_a_median_are_a_subgroup() -> None:
    """Also in the middle of a sentence."""
    draft = draft_study(
        "In all, 90 women were treated. Median OS was 31.0 months. Surgery was complete in 40, and "
        "women with complete surgery had a median OS of 61.0 months."
    )
    assert str(draft.study.endpoints[0].arms["all"].median) == "31.0"


def test_results_of_responders_are_a_subgroup() -> None:
    """They are some of the patients."""
    (endpoint,) = draft_study(
        "In all, 61 patients were analysed. The 2-year PFS was 57.4%. The 2-year PFS was 66.1% "
        "among patients in complete response at month 3."
    ).study.endpoints
    assert str(endpoint.arms["all"].landmarks[24].survival) == "57.4%"


@pytest.mark.parametrize("free", ["freedom from a", "being free of the"])
def test_freedom_from_the_primary_outcome_is_survival(free: str) -> None:
    """It is no complement, and "at least one event" counts nobody."""
    (endpoint,) = draft_study(
        f"{ASSIGNED}{COMPOSITE}At least one primary outcome event occurred in 61 patients in the "
        "drug group and in 79 patients in the placebo group (HR, 0.75; 95% CI, 0.54 to 1.05). The "
        f"Kaplan-Meier estimate of {free} primary outcome event at 12 months was 88.1% with drug "
        "and 84.0% with placebo."
    ).study.endpoints
    assert [arm.events for arm in endpoint.arms.values()] == [61, 79]
    assert [str(arm.landmarks[12].survival) for arm in endpoint.arms.values()] == ["88.1%", "84.0%"]
    assert endpoint.reference == "placebo"


def test_survival_from_listing_and_from_transplantation_is_told_apart() -> None:
    """They are counted from two events."""
    draft = draft_study(
        "We compared living donation (n = 120) with deceased donation (n = 180). Five-year overall "
        "survival from listing was 71.0% with living donation and 60.2% with deceased donation (P "
        "< 0.001). From transplantation, five-year overall survival was 75.1% and 73.3%, "
        "respectively (P = 0.51)."
    )
    found = {
        e.cohort: [(arm.n, str(arm.landmarks[60].survival)) for arm in e.arms.values()]
        for e in draft.study.endpoints
    }
    assert found == {
        "from listing": [(120, "71.0%"), (180, "60.2%")],
        "from transplantation": [(120, "75.1%"), (180, "73.3%")],
    }


MATCHED = (
    "Surgery was performed in 702 patients and ablation in 512. {before}Matching yielded 398 "
    "pairs. {after}The 3-year OS was 86.4% with surgery and 83.9% with ablation. "
)


@pytest.mark.parametrize("opening", ["In these, ", "In these pairs, ", "For these patients, "])
def test_these_are_the_matched_patients_of_the_sentence_before(opening: str) -> None:
    """They are no subgroup."""
    text = MATCHED.format(before="", after="").replace("The 3-year", f"{opening}the 3-year")
    (endpoint,) = draft_study(text).study.endpoints
    assert (endpoint.cohort, [arm.n for arm in endpoint.arms.values()]) == ("matched", [398, 398])
    other = "Surgery (n = 702) was compared with ablation (n = 512). " + opening
    with pytest.raises(DraftRefused):
        draft_study(f"{other}the 3-year OS was 86.4% with surgery and 83.9% with ablation.")


@pytest.mark.parametrize(
    "whom",
    [
        "tumours ≤3 cm",
        "tumours of 3.1-5 cm",
        "patients with tumours >3 cm",
        "lesions of up to 2 cm",
    ],
)
def test_tumours_of_a_size_are_a_subgroup(whom: str) -> None:
    """Their survival is none of all patients."""
    first = MATCHED.format(before="", after="")
    text = f"{first}For {whom}, 5-year OS was 77.6% with surgery and 76.0% with ablation."
    (endpoint,) = draft_study(text).study.endpoints
    assert [list(arm.landmarks) for arm in endpoint.arms.values()] == [[36], [36]]


def test_follow_up_before_matching_is_a_question_of_matched_patients() -> None:
    """It stays that of all patients."""
    early = (
        "Median follow-up was 61 months. The 3-year OS was 85.1% with surgery and 79.2% with "
        "ablation. "
    )
    all_of_them, matched = draft_study(MATCHED.format(before=early, after="")).study.endpoints
    assert [str(arm.follow_up.median) for arm in all_of_them.arms.values() if arm.follow_up] == [
        "61",
        "61",
    ]
    assert [arm.follow_up for arm in matched.arms.values()] == [None, None]
    after = "Median follow-up was 61 months for all patients. "
    late = early.partition(". ")[2]
    draft = draft_study(MATCHED.format(before=late, after=after))
    assert [arm.follow_up for arm in draft.study.endpoints[1].arms.values()] == [None, None]
    draft = draft_study(MATCHED.format(before=early, after="Median follow-up was 54 months. "))
    follow_up = draft.study.endpoints[1].arms["surgery"].follow_up
    assert follow_up is not None
    assert str(follow_up.median) == "54"


@pytest.mark.parametrize(
    ("treated", "number"),
    [
        ("60 received at least one dose and constituted the efficacy population", 60),
        ("60 received at least one dose", None),
    ],
)
def test_patients_without_a_dose(treated: str, number: int | None) -> None:
    """Those enrolled are not written if the text counts fewer."""
    draft = draft_study(
        f"Sixty-two patients were enrolled, of whom {treated}. Median PFS was 8.3 months."
    )
    assert _numbers(draft) == [number]


def test_an_endpoint_of_those_in_remission_has_their_numbers() -> None:
    """Overall survival stays that of all."""
    draft = draft_study(
        f"{ARMS}{SURVIVAL} In the 91 and 88 patients in remission, median RFS was 27.1 months with "
        "drug and 15.2 months with placebo."
    )
    found = {one.name: [arm.n for arm in one.arms.values()] for one in draft.study.endpoints}
    assert found == {"OS": [150, 148], "RFS": [91, 88]}


def test_follow_up_of_the_results_of_one_endpoint() -> None:
    """Progression-free survival was analysed before."""
    draft = draft_study(
        f"{ARMS}OS results are from the update with a median follow-up of 33 months. {SURVIVAL} "
        "Median PFS was 15.1 months with drug and 9.3 months with placebo."
    )
    found = {
        one.name: [arm.follow_up is not None for arm in one.arms.values()]
        for one in draft.study.endpoints
    }
    assert found == {"OS": [True, True], "PFS": [False, False]}


def test_follow_up_of_all_and_of_those_alive_is_not_dealt_out() -> None:
    """The first is of both arms, the second of neither."""
    follow_up = "Median follow-up was 33 months for all patients and 41 months for those alive. "
    (endpoint,) = draft_study(ARMS + follow_up + SURVIVAL).study.endpoints
    found = [arm.follow_up for arm in endpoint.arms.values()]
    assert [str(one.median) for one in found if one is not None] == ["33", "33"]


def test_groups_that_are_not_known_leave_nothing_to_one_group() -> None:
    """What follows their comparison may be of either, unless it is said of all."""
    compared = "Of the grafts, 5-year OS was 70% from older versus 77% from younger donors. "
    with pytest.raises(DraftRefused):
        draft_study(f"{compared}Recipients of the former had a 3-year OS of 52%.")
    (endpoint,) = draft_study(f"{compared}The 3-year OS of all recipients was 81%.").study.endpoints
    assert endpoint.arms["all"].landmarks[36].survival.text == "81%"


@pytest.mark.parametrize("whom", ["PD-L1 <1%", "tumours with a Ki-67 ≤10%", "NLR ≥3"])
def test_a_marker_below_a_value_is_a_subgroup(whom: str) -> None:
    """As one above it is."""
    draft = draft_study(
        f"{ARMS}{SURVIVAL} In {whom}, the 3-year OS was 71.2% with drug and 70.0% with placebo."
    )
    found = [arm.landmarks[36].survival.text for arm in draft.study.endpoints[0].arms.values()]
    assert found == ["61.2%", "52.0%"]


def test_heading_of_both_cohorts_is_none_of_one() -> None:
    """The patients below "the whole and the matched cohort" are not said to be matched."""
    draft = draft_study(
        "Survival of the whole and of the matched cohort\n\nIn all, 1151 patients were treated by "
        "drug (n = 611) or placebo (n = 540). In the whole cohort, survival at 1 year was 89.0% "
        "with drug and 90.5% with placebo.\n\nAmong the matched patients, survival at 1 year was "
        "92.0% with drug and 94.1% with placebo."
    )
    by_cohort = {e.cohort: [arm.n for arm in e.arms.values()] for e in draft.study.endpoints}
    assert by_cohort == {"unmatched": [611, 540], "matched": [None, None]}


def test_patients_who_began_of_those_enrolled_are_a_question() -> None:
    """Results may be of either."""
    draft = draft_study(
        "In all, 410 patients were enrolled, and 406 initiated protocol therapy. The 7-year OS was "
        "95%."
    )
    assert _numbers(draft) == [None]
    assert any("not analysed" in question for question in draft.questions)


@pytest.mark.parametrize(
    "excluded",
    [
        "three patients (two and one) were excluded after randomisation",
        "three patients were excluded, leaving 148 and 147 for analysis",
    ],
)
def test_patients_some_of_whom_were_excluded_after_randomisation_are_a_question(
    excluded: str,
) -> None:
    """Their numbers are not those of the analysis, even if it is not said which arm lost whom."""
    draft = draft_study(
        f"We randomised patients to drug (n = 150) or placebo (n = 148); {excluded}. {SURVIVAL}"
    )
    assert 150 not in _numbers(draft)
    assert any("some of these patients were not analysed" in q for q in draft.questions)


@pytest.mark.parametrize(
    "some",
    [
        "for the 60 patients with cirrhosis",
        "in patients older than 70 years",
        "for patients with cirrhosis and 23.4 months [19.9; 27.0] for those without",
    ],
)
@pytest.mark.parametrize("interval", ["[95% CI: 12.3; 17.5]", "(95% CI 12.3; 17.5)"])
def test_a_semicolon_in_a_bracket_ends_nothing(interval: str, some: str) -> None:
    """What stands behind an interval says of whom its value is."""
    text = f"We treated 150 patients. Median OS was 14.9 months {interval} {some}."
    with pytest.raises(DraftRefused, match="could not be told of whom"):
        draft_study(text)


def test_an_interval_with_a_semicolon_is_read() -> None:
    """It is that of its value."""
    draft = draft_study("We treated 150 patients. Median OS was 14.9 months [95% CI: 12.3; 17.5].")
    arm = draft.study.endpoints[0].arms["all"]
    assert arm.median.text == "14.9"
    assert [end.text for end in arm.median_ci] == ["12.3", "17.5"]


@pytest.mark.parametrize(
    ("said", "names"),
    [
        (
            "Median OS was 8.2 months in smokers, and 19.4 months in never-smokers.",
            ("smokers", "never-smokers"),
        ),
        (
            "Median OS was 8.2 months for patients with ECOG 2 and 19.4 months for those with "
            "ECOG 0-1.",
            ("ECOG 2", "ECOG 0-1"),
        ),
    ],
)
def test_groups_can_be_named_as_the_arms(said: str, names: tuple[str, str]) -> None:
    """Without names it is asked whose survival it is, and with them it is read."""
    with pytest.raises(DraftRefused, match=r"it could not be told .* name"):
        draft_study(f"We treated 150 patients. {said}")
    arms = draft_study(f"We treated 150 patients. {said}", arms=names).study.endpoints[0].arms
    assert {name: arm.median.text for name, arm in arms.items()} == dict(
        zip(names, ("8.2", "19.4"), strict=True)
    )


def test_named_arms_of_some_patients_are_still_of_some() -> None:
    """To name arms does not make the results of a subgroup theirs."""
    said = "In patients with diabetes, median OS was 12 months with velone and 10 with dacarb."
    with pytest.raises(DraftRefused):
        draft_study(said, arms=["velone", "dacarb"])


def test_a_value_that_another_is_longer_than() -> None:
    """It is that of the other group, named or not."""
    said = (
        "The 1- and 3-year OS in patients with MVI (n=88) were 71.6% and 33.9%, significantly "
        "lower than 90.2% and 68.8% in patients without MVI (n=164)."
    )
    for names in ((), ("MVI", "without MVI")):
        arms = draft_study(said, arms=names).study.endpoints[0].arms
        found = [(a.n, [s.survival.text for s in a.landmarks.values()]) for a in arms.values()]
        assert found == [(88, ["71.6%", "33.9%"]), (164, ["90.2%", "68.8%"])]


@pytest.mark.parametrize(
    "said",
    [
        "After propensity-score matching (204 pairs), the 5-year OS was 58.1% in the velone group "
        "and 62.9% in the dacarb group (p = 0.21); before matching it was 51.0% (n = 355) and "
        "63.3% (n = 610; p < 0.001).",
        "Before matching, the 5-year OS was 51.0% and 63.3% (p < 0.001); after matching (204 "
        "pairs), the 5-year OS was 58.1% with velone and 62.9% with dacarb (p = 0.21).",
    ],
)
def test_a_sentence_of_two_cohorts_is_two(said: str) -> None:
    """The p of all patients is not that of those who were matched."""
    endpoint = draft_study(said).study.endpoints[-1]
    assert endpoint.cohort == "matched"
    assert endpoint.reported is not None
    assert str(endpoint.reported.p) == "0.21"
    found = {name: (a.n, a.landmarks[60.0].survival.text) for name, a in endpoint.arms.items()}
    assert found == {"velone": (204, "58.1%"), "dacarb": (204, "62.9%")}

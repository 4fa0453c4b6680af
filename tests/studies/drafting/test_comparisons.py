"""Hazard ratios and p-values belong to the endpoint, the arms and the analysis that a text says."""

from __future__ import annotations

import pytest

from kmrepro.studies import Reported
from kmrepro.studies.drafting import DraftRefused, draft_study
from kmrepro.studies.drafting.arm_phrases import usable

ARMS = "We assigned patients to drug (n = 402) or placebo (n = 398). "
MEDIANS = "Median OS was 19.7 months with drug and 15.9 months with placebo"


def _reported(text: str) -> Reported:
    reported = draft_study(text).study.endpoints[0].reported
    assert reported is not None
    return reported


@pytest.mark.parametrize(
    ("events", "ratio", "reference"),
    [((61, 79), "0.75", "placebo"), ((79, 61), "0.75", "drug"), ((79, 61), "1.34", "placebo")],
)
def test_events_say_which_arm_is_the_reference(
    events: tuple[int, int], ratio: str, reference: str
) -> None:
    """Below 1 the arm with fewer events is on top, if no survival is reported."""
    draft = draft_study(
        f"{ARMS}Death from any cause occurred in {events[0]} and {events[1]} patients, "
        f"respectively (HR {ratio})."
    )
    assert draft.study.endpoints[0].reference == reference
    assert "the events say so, as the text does not" in draft.text


@pytest.mark.parametrize("events", [(70, 70), (70, 69)], ids=["equal", "alike"])
def test_events_that_are_alike_say_nothing(events: tuple[int, int]) -> None:
    """A hazard ratio whose side is unknown is a question beside the events."""
    draft = draft_study(f"{ARMS}Deaths occurred in {events[0]} and {events[1]} patients (HR 0.80).")
    assert draft.study.endpoints[0].reported is None
    assert any("which arm is the reference" in question for question in draft.questions)


def test_events_against_all_other_ratios_decide_nothing() -> None:
    """Where events alone would turn one hazard ratio around, it is asked of which arm it is."""
    draft = draft_study(
        f"{ARMS}Median PFS was 9.2 months with drug and 6.3 months with placebo (HR 0.48). "
        "Death from any cause occurred in 61 and 79 patients, respectively (HR for death 1.25)."
    )
    by_name = {endpoint.name: endpoint for endpoint in draft.study.endpoints}
    assert by_name["PFS"].reference == "placebo"
    assert by_name["OS"].reported is None
    assert any("disagree on the reference" in question for question in draft.questions)


@pytest.mark.parametrize(
    "tail",
    [
        "(unadjusted HR 0.77, 95% CI 0.62-0.95; adjusted HR 0.83, 95% CI 0.67-1.03).",
        "(crude HR 0.77, 95% CI 0.62-0.95). The adjusted HR was 0.83 (95% CI 0.67-1.03).",
        "(HR 0.77, 95% CI 0.62-0.95; after adjustment for age, it was 0.83 [95% CI 0.67-1.03]).",
    ],
)
def test_crude_hazard_ratio_is_preferred_to_the_adjusted_one(tail: str) -> None:
    """A reconstruction holds no covariates."""
    reported = _reported(f"{MEDIANS} {tail}")
    assert str(reported.hazard_ratio) == "0.77"
    assert not reported.adjusted


def test_a_pair_in_brackets_goes_with_the_ratio_after_it() -> None:
    """The pair before the next hazard ratio is not that of this one."""
    study = draft_study(
        "In all, 98 patients were in arm A, 101 in arm B and 99 in arm C. Median OS was 9.1, 11.3 "
        "and 10.2 months in arms A, B and C, respectively (B v A: HR, 0.79; P = .15; C v A: HR, "
        "0.90; P < .001 for noninferiority)."
    ).study
    found = {
        end.cohort: (str(end.reported.hazard_ratio), end.reference, end.reported.p)
        for end in study.endpoints
        if end.reported
    }
    assert {pair: each[:2] for pair, each in found.items()} == {
        "B vs A": ("0.79", "A"),
        "C vs A": ("0.90", "A"),
    }
    assert found["C vs A"][2] is None  # of another hypothesis
    assert {n: str(a.median) for end in study.endpoints for n, a in end.arms.items()} == {
        "A": "9.1", "B": "11.3", "C": "10.2",
    }  # fmt: skip


def test_one_p_of_three_arms_and_none_of_two_of_them() -> None:
    """A p-value of two of three arms would stand for all."""
    text = (
        "In all, 98 patients were in arm A, 101 in arm B and 99 in arm C. The 3-year OS was 61.0%, "
        "70.2% and 65.1% in arms A, B and C, respectively (P = .04)."
    )
    assert str(_reported(text).p) == "0.04"
    other = text.replace(" (P = .04)", "") + " OS was longer in arm B than in arm A (P = .02)."
    assert draft_study(other).study.endpoints[0].reported is None


def test_a_hazard_ratio_of_recurrence_is_of_the_endpoint_that_is_reported() -> None:
    """Recurrence or death may be DFS or RFS: the text reports RFS."""
    study = draft_study(
        f"{ARMS}RFS at 3 years was 62.1% v 47.3%; hazard ratio for recurrence or death 0.61."
    ).study
    assert [
        (end.name, str(end.reported and end.reported.hazard_ratio)) for end in study.endpoints
    ] == [("RFS", "0.61")]


def test_graft_loss_is_no_death() -> None:
    """A hazard ratio of graft loss is not that of the survival reported before it."""
    study = draft_study(
        "The 5-year graft survival was 78.2% with DBD (n = 301) and 69.9% with DCD (n = 154). The "
        "5-year OS was 81.9% with DBD and 79.2% with DCD. DCD was associated with graft loss (aHR "
        "1.49; 95% CI 1.06-2.10)."
    ).study
    found = {end.name: end.reported and str(end.reported.hazard_ratio) for end in study.endpoints}
    assert found == {"GS": "1.49", "OS": None}


@pytest.mark.parametrize(
    ("other", "median"),
    [("", "11.1"), ("Median investigator-assessed PFS was 10.2 v 6.4 months. ", "10.2")],
    ids=["alone", "beside another"],
)
def test_an_independent_review_is_left_out_beside_another_assessment(
    other: str, median: str
) -> None:
    """Where it is the only one, it is the result."""
    endpoint = draft_study(
        f"{ARMS}{other}Median PFS by blinded independent review was 11.1 months with drug and 6.9 "
        "months with placebo."
    ).study.endpoints[0]
    assert str(endpoint.arms["drug"].median) == median


def test_a_composite_is_called_by_its_words() -> None:
    """No abbreviation says what was counted."""
    endpoint = draft_study(
        f"{ARMS}Cardiovascular death or heart failure hospitalisation occurred in 88 patients in "
        "the drug group and 121 in the placebo group (hazard ratio 0.70)."
    ).study.endpoints[0]
    assert endpoint.label == "cardiovascular death or heart failure hospitalisation"
    assert {name: arm.events for name, arm in endpoint.arms.items()} == {"drug": 88, "placebo": 121}


@pytest.mark.parametrize(
    "each",
    [
        "Each 5-year increase in age was associated with death (HR 1.31; 95% CI 1.12-1.53).",
        "Age (HR 1.31 per 5-year increase; 95% CI 1.12-1.53) predicted death.",
        "The hazard ratio of death per year of age was 1.31 (95% CI 1.12-1.53).",
    ],
)
def test_a_hazard_ratio_per_unit_is_that_of_a_covariate(each: str) -> None:
    """It compares no arms."""
    study = draft_study(
        "Patients were randomised to drug (n = 120) or placebo (n = 118). The 2-year OS was 80.1% "
        f"with drug and 74.6% with placebo. {each}"
    ).study
    assert study.endpoints[0].reported is None


def test_death_or_a_transplantation_is_not_overall_survival() -> None:
    """The events and the hazard ratio are of an endpoint of their own."""
    study = draft_study(
        "Patients were assigned to drug (n = 58) or placebo (n = 61). The 2-year OS was 84% with "
        "drug and 70% with placebo. In all, 9 patients in the drug group and 27 in the placebo "
        "group died or underwent transplantation; the hazard ratio was 0.30 (95% CI 0.14-0.64)."
    ).study
    (overall,) = (each for each in study.endpoints if each.name == "OS")
    assert overall.reported is None or overall.reported.hazard_ratio is None
    assert {arm.events for arm in overall.arms.values()} == {None}


@pytest.mark.parametrize(
    ("said", "ratio"),
    [
        ("In multivariable analysis, drug was associated with OS", None),
        ("In multivariable analysis of the matched cohort, drug was associated with OS", "0.81"),
    ],
)
def test_a_multivariable_ratio_after_matching_needs_its_patients(
    said: str, ratio: str | None
) -> None:
    """It may be of all patients, as the sentences before are of those matched."""
    draft = draft_study(
        "Drug was given to 300 patients and placebo to 340. The 3-year OS was 61.0% with drug and "
        "50.2% with placebo. After matching (150 pairs), the 3-year OS was 58.1% with drug and "
        f"53.3% with placebo (log-rank P = 0.21). {said} (HR 0.81, 95% CI 0.58-1.13; P = 0.22)."
    )
    matched = next(e for e in draft.study.endpoints if e.cohort == "matched")
    assert matched.reported is not None
    assert str(matched.reported.p) == "0.21"
    found = matched.reported.hazard_ratio
    assert (str(found) if found else None) == ratio
    assert any("multivariable model" in q for q in draft.questions) == (ratio is None)


def test_a_hazard_ratio_in_the_row_below_a_median() -> None:
    """It is of that endpoint, and none below another outcome."""
    study = draft_study(
        "We randomised patients to drug or placebo.\n\n"
        "                         Drug (n = 167)        Placebo (n = 164)\n"
        "Median PFS, mo (95% CI)  9.6 (8.2-11.1)        6.3 (5.5-7.4)\n"
        "HR (95% CI)              0.65 (0.51-0.82)\n"
        "Median OS, mo (95% CI)   24.9 (21.0-NE)        19.4 (16.8-23.1)\n"
        "HR (95% CI)              0.79 (0.60-1.04)\n"
        "ORR, %                   45.5                  31.1\n"
        "HR (95% CI)              0.11 (0.05-0.33)\n"
    ).study
    found = {e.name: e.reported for e in study.endpoints}
    assert {name: str(r.hazard_ratio) for name, r in found.items() if r is not None} == {
        "PFS": "0.65",
        "OS": "0.79",
    }


def test_a_bracket_does_not_end_a_multivariable_analysis() -> None:
    """What stands in it may have a semicolon."""
    endpoint = draft_study(
        f"{MEDIANS} (log-rank P = 0.03). In the multivariable Cox model, MELD score (per 5 points; "
        "HR 1.11) and age (HR 1.92, 95% CI 1.49-2.47) were associated with death, and so was drug "
        "(drug versus placebo: HR 0.80, 95% CI 0.66-0.98; P = 0.04)."
    ).study.endpoints[0]
    assert endpoint.reported is not None
    assert (str(endpoint.reported.hazard_ratio), endpoint.reported.adjusted) == ("0.80", True)
    assert str(endpoint.reported.p) == "0.03"


@pytest.mark.parametrize(
    ("primary", "ratio", "median"),
    [("PFS by BICR", "0.62", "10.2"), ("PFS by investigators", "0.71", "9.1")],
)
def test_the_assessment_that_is_primary_counts(primary: str, ratio: str, median: str) -> None:
    """The other one is left out."""
    endpoint = draft_study(
        f"{ARMS}The primary endpoint was {primary}. Median PFS by independent review was 10.2 "
        "months with drug and 6.3 months with placebo (HR 0.62, 95% CI 0.50-0.77). Median PFS by "
        "the investigators was 9.1 months with drug and 6.0 months with placebo (HR 0.71, 95% CI "
        "0.58-0.87). Median OS was not reached in either group."
    ).study.endpoints[0]
    assert endpoint.reported is not None
    assert str(endpoint.reported.hazard_ratio) == ratio
    assert str(endpoint.arms["drug"].median) == median


def test_a_hazard_ratio_for_event_or_death() -> None:
    """It is of the endpoint before it."""
    reported = _reported(
        f"{ARMS}At 3 years, event-free survival was 84.5% with drug and 76.8% with placebo (hazard "
        "ratio for event or death, 0.63; 95% CI, 0.48 to 0.82; P<0.001)."
    )
    assert (str(reported.hazard_ratio), str(reported.p)) == ("0.63", "<0.001")


@pytest.mark.parametrize(("test", "p"), [("log-rank χ2", "0.013"), ("χ2", "None")])
def test_the_chi_square_of_a_log_rank_test(test: str, p: str) -> None:
    """That of another test compares shares of patients."""
    text = f"{ARMS}{MEDIANS} ({test} = 6.15, P = 0.013)."
    reported = draft_study(text).study.endpoints[0].reported
    assert str(reported and reported.p) == p


@pytest.mark.parametrize("phrase", ["noninferiority", "non-inferiority", "superiority"])
def test_what_a_test_is_for_is_no_arm(phrase: str) -> None:
    """It stands behind "P<0.001 for" as the names of arms stand behind numbers."""
    assert not usable(phrase)


def test_arms_named_last_are_those_of_the_whole_sentence() -> None:
    """Not in the order of the sentence before."""
    (endpoint, _) = draft_study(
        f"{ARMS}The 3-year DFS was 70.1% with drug and 60.2% with placebo. At 5 years, DFS was "
        "51.2% v 63.0% and OS 60.9% v 72.4% with placebo and drug, respectively."
    ).study.endpoints
    found = [arm.landmarks[60].survival.text for arm in endpoint.arms.values()]
    assert found == ["63.0%", "51.2%"]


def test_an_adjusted_ratio_behind_an_unadjusted_one() -> None:
    """Its p-value is its own."""
    reported = _reported(
        f"{ARMS}{MEDIANS}; unadjusted HR 0.80 (0.63-1.02), adjusted HR 0.76 (0.60-0.97; p = 0.026)."
    )
    assert (str(reported.hazard_ratio), reported.adjusted, reported.p) == ("0.80", False, None)


@pytest.mark.parametrize(
    ("ratio", "reference"), [("1.01", None), ("0.98", None), ("0.94", "placebo")]
)
def test_survival_gives_no_side_to_a_ratio_near_one(ratio: str, reference: str | None) -> None:
    """Curves that cross can be on either; the ratio is a question."""
    draft = draft_study(f"The 3-year OS was 79.5% with drug and 77.9% with placebo (HR {ratio}).")
    assert draft.study.endpoints[0].reference == reference
    assert any(ratio in question for question in draft.questions) == (reference is None)


def test_a_composite_of_mortality_is_no_overall_survival() -> None:
    """Its hazard ratio is none of death."""
    draft = draft_study(
        f"{ARMS}{MEDIANS}. All-cause mortality or all-cause hospitalization occurred in 177 "
        "patients in the drug group and 204 in the placebo group (hazard ratio, 0.82)."
    )
    assert draft.study.endpoints[0].reported is None


def test_a_p_value_before_a_percentage_is_no_fraction_of_survivors() -> None:
    """Numbers of one list are of one scale."""
    with pytest.raises(DraftRefused):
        draft_study("HR (95% CI); p 0.78 (0.64-0.95); 0.014 2-y PFS, % 14.6 9.0")


TIMES = "\N{MULTIPLICATION SIGN}"


@pytest.mark.parametrize("power", [f"3.2 {TIMES} 10-4", "3.2 x 10\N{MINUS SIGN}4"])
def test_a_power_of_ten_stays_as_reported(power: str) -> None:
    """A study file reads it as 0.00032."""
    p = _reported(f"{ARMS}{MEDIANS} (HR 0.57; P = {power}).").p
    assert p is not None
    assert (p.text, p.value) == (f"3.2 {TIMES} 10-4", pytest.approx(0.00032))


TWO = "Patients were assigned to drug (n = 120) or placebo (n = 118). "


def test_ratios_before_their_endpoints() -> None:
    """Each hazard ratio is that of the endpoint behind it, with its arms and p."""
    draft = draft_study(
        f"{TWO}The hazard ratio of drug versus placebo was 0.93 (95% CI, 0.71-1.22; P = .60) for "
        "OS and 0.80 (95% CI, 0.62-1.04; P = .09) for DFS."
    )
    found = {
        e.name: (e.reported.hazard_ratio.text, e.reported.p.text) for e in draft.study.endpoints
    }
    assert found == {"OS": ("0.93", "0.60"), "DFS": ("0.80", "0.09")}
    assert {e.reference for e in draft.study.endpoints} == {"placebo"}


def test_events_of_two_kinds_in_each_arm() -> None:
    """Events of two kinds are sorted by kind, and stay in their arms."""
    draft = draft_study(
        f"{TWO}There were 80 PFS events and 50 deaths in the drug arm, and 97 PFS events and 67 "
        "deaths in the placebo arm. Median PFS and OS were 11.2 and 29.2 months with drug and 9.1 "
        "and 23.5 months with placebo."
    )
    found = {e.name: {n: a.events for n, a in e.arms.items()} for e in draft.study.endpoints}
    assert found == {"PFS": {"drug": 80, "placebo": 97}, "OS": {"drug": 50, "placebo": 67}}


def test_times_with_values_in_brackets() -> None:
    """What stands in brackets behind an arm, each with its time, is of it."""
    draft = draft_study(
        f"{TWO}Survival was better in the drug group (1 year, 57%; 2 years, 31%) than in the "
        "placebo group (1 year, 32%; 2 years, 11%; P = .002)."
    )
    arms = draft.study.endpoints[0].arms
    assert {t: v.survival.text for t, v in arms["drug"].landmarks.items()} == {
        12.0: "57%",
        24.0: "31%",
    }


def test_arms_of_the_head_of_a_table() -> None:
    """Names above "N = 122" are those of the arms, one of them in the other."""
    draft = draft_study(
        "Results are summarized in Table 9.\n\n\tAlvorax + Bendamustine\tBendamustine\n"
        "\tN = 122\tN = 119\nProgression-Free Survival\n"
        "  Number of events (%)\t90 (74%)\t107 (90%)\n    Death\t9 (7%)\t12 (10%)\n"
        "  Median in months (95% CI)\t13.1 (9.7, 17.4)\t8.5 (6.3, 11.1)\n"
    )
    arms = draft.study.endpoints[0].arms
    found = {name: (arm.n, arm.events, arm.median.text) for name, arm in arms.items()}
    assert found == {
        "Alvorax + Bendamustine": (122, 90, "13.1"),
        "Bendamustine": (119, 107, "8.5"),
    }


def test_arms_of_rows_at_risk() -> None:
    """Rows of numbers at risk name the arms, and a lettered panel its endpoint."""
    draft = draft_study(
        "Fig. 1 | Survival. a, Progression-free survival. b, Overall survival.\n\na\n"
        "Number at risk\nTime (months)        0    6    12\nSelmatinib + Rd      208  172  136\n"
        "Placebo + Rd         205  152  114\n"
    )
    only = draft.study.endpoints[0]
    assert only.name == "PFS"
    assert {name: arm.at_risk[12.0] for name, arm in only.arms.items()} == {
        "Selmatinib + Rd": 136,
        "Placebo + Rd": 114,
    }


def test_alone_and_more_are_two_arms() -> None:
    """What is given with more is no name of the arm that is given it alone."""
    draft = draft_study(
        "Patients were randomly assigned to brachytherapy alone or to brachytherapy followed by "
        "six cycles of taxane chemotherapy. Patients who received brachytherapy plus chemotherapy "
        "had longer median overall survival than did those who received brachytherapy alone (13.3 "
        "vs. 7.8 years; hazard ratio for death, 0.59). The rate of PFS at 10 years was 51% in the "
        "group that received brachytherapy plus chemotherapy versus 21% in the group that "
        "received brachytherapy alone."
    )
    only = draft.study.endpoints[0]
    assert only.reference == "brachytherapy"
    assert only.arms["brachytherapy"].median.text == "7.8"


def test_name_of_more_is_not_the_arm_that_is_given_alone() -> None:
    """Two names are set against each other, and are not one arm because they share a word."""
    draft = draft_study(
        "The ITT population consisted of 451 patients given atezolin plus chemotherapy and 228 "
        "given the second strategy. OS continued to favour atezolin plus chemotherapy over "
        "chemotherapy (HR, 0.80; 95% CI, 0.67-0.95), with medians of 19.0 and 14.7 months."
    )
    (endpoint,) = draft.study.endpoints
    assert endpoint.reference == "chemotherapy"
    assert (endpoint.arms["chemotherapy"].n, str(endpoint.arms["chemotherapy"].median)) == (
        228,
        "14.7",
    )


def test_third_name_of_a_list_is_not_one_of_two_arms() -> None:
    """Three are compared, though one of them is set against one of the others only."""
    draft = draft_study(
        "Survival at 1 year and 2 years was 75% and 50% for embolisation; 82% and 63% for "
        "chemoembolisation, and 63% and 27% for control (chemoembolisation vs control p=0.009). "
        "Chemoembolisation had better survival than control."
    )
    control = draft.study.endpoints[0].arms["control"]
    assert "75%" not in [str(each.survival) for each in control.landmarks.values()]

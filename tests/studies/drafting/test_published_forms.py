"""Forms that published abstracts have, in other words and with other numbers."""

from __future__ import annotations

import re

import pytest

from kmrepro.studies import Endpoint
from kmrepro.studies.drafting import Draft, DraftRefused, draft_study


def _endpoints(text: str) -> dict[str, Endpoint]:
    return {each.name: each for each in draft_study(text).study.endpoints}


def _landmarks(endpoint: Endpoint) -> dict[str, list[str]]:
    return {
        name: [mark.survival.text for mark in arm.landmarks.values()]
        for name, arm in endpoint.arms.items()
    }


def _sizes(endpoint: Endpoint) -> list[int | None]:
    return [arm.n for arm in endpoint.arms.values()]


FOUR = (
    "We compared open thoracotomy (OT) (n = 41), video thoracotomy (VT) (n = 63), robotic "
    "thoracotomy (RT) (n = 97) and hybrid thoracotomy (HT) (n = 38). Five-year OS differed "
    "between the four groups (OT, 71.2%; VT, 74.5%; RT, 80.1%; HT, 77.9%; P = 0.021). Blood loss "
    "was least in the RT group and greatest in the OT group; VT and HT were alike."
)


def test_four_arms_are_listed_with_their_sizes() -> None:
    """Each is an arm, not two of them one."""
    endpoint = _endpoints(FOUR)["OS"]
    assert _landmarks(endpoint) == {
        "OT": ["71.2%"], "VT": ["74.5%"], "RT": ["80.1%"], "HT": ["77.9%"]
    }  # fmt: skip
    assert _sizes(endpoint) == [41, 63, 97, 38]
    assert endpoint.reported is not None
    assert endpoint.reported.p is not None


def test_sizes_beside_medians_name_the_arms() -> None:
    """A list of medians, each of patients who are counted, compares these patients."""
    text = (
        "Median OS was 8.2 (95% CI, 7.9-8.6) months with tegavir plus radiation (1204 patients), "
        "5.1 (95% CI, 4.8-5.4) months with radiation alone (811 patients), and 3.3 (95% CI, "
        "3.1-3.5) months with no therapy (640 patients) (P < .001)."
    )
    endpoint = _endpoints(text)["OS"]
    assert [arm.median.text for arm in endpoint.arms.values() if arm.median] == [
        "8.2", "5.1", "3.3"
    ]  # fmt: skip
    assert _sizes(endpoint) == [1204, 811, 640]


@pytest.mark.parametrize(
    "text",
    [
        "Patients had cirrhosis (n = 40), hepatitis (n = 31) or cholangitis (n = 22). OS at 3 "
        "years was 61% in all 93 patients.",
        "At relapse, patients received axolimab (n = 12), bexolimab (n = 9) or cexolimab (n = 7). "
        "OS at 3 years was 61% in all 93 patients.",
    ],
)
def test_lists_of_diseases_and_of_later_treatments_are_no_arms(text: str) -> None:
    """They divide patients, and the study compares nobody."""
    endpoint = draft_study(text).study.endpoints[0]
    assert len(endpoint.arms) == 1


def test_sites_in_a_trial_of_two_arms_are_no_arms() -> None:
    """A list of sizes says nothing against those who were assigned."""
    text = (
        "Patients were randomly assigned to axolimab (n = 110) or placebo (n = 108). Metastases "
        "were in the liver (n = 90), lung (n = 61) or bone (n = 47); liver and lung were resected "
        "in 12. Median OS was 14.1 months with axolimab and 11.0 months with placebo."
    )
    endpoint = _endpoints(text)["OS"]
    assert list(endpoint.arms) == ["axolimab", "placebo"]


@pytest.mark.parametrize("other", ["without tazavin", "who did not receive tazavin"])
def test_those_with_and_without_a_treatment_are_arms(other: str) -> None:
    """The second arm has no other name than that it lacks the first."""
    verb = "treated with" if other.startswith("without") else "who received"
    second = "treated without tazavin" if other.startswith("without") else other
    text = (
        f"The 5-year OS rate was 80.3% (95% CI 75.1-85.5) in patients {verb} tazavin and 72.2% "
        f"(95% CI 66.0-78.4) in those {second} (hazard ratio 0.66, 95% CI 0.45-0.97; p = 0.03)."
    )
    endpoint = _endpoints(text)["OS"]
    assert list(_landmarks(endpoint).values()) == [["80.3%"], ["72.2%"]]
    assert endpoint.reference == list(endpoint.arms)[1]


def test_arms_whose_names_have_commas_are_known_by_abbreviation() -> None:
    """A regimen of four drugs is no list of arms."""
    text = (
        "The trial compared lomavin, dexavin, virovin, and pexavin (LDVP) to zelimab plus LDVP "
        "(Z-LDVP) in 402 patients. Outcomes were better in patients treated with Z-LDVP: the "
        "8-year progression-free survival was 38.5%, compared with 22% with LDVP alone, and the "
        "8-year overall survival was 47.5% compared with 31.6%."
    )
    found = _endpoints(text)
    assert _landmarks(found["PFS"]) == {"LDVP": ["22%"], "Z-LDVP": ["38.5%"]}
    assert _landmarks(found["OS"]) == {"LDVP": ["31.6%"], "Z-LDVP": ["47.5%"]}


def test_abbreviated_outcomes_are_no_arms() -> None:
    """A comparison of two rates compares nobody."""
    text = (
        "We compared the overall response rate (ORR) with the disease control rate (DCR) in 90 "
        "patients. OS at 2 years was 44% in all patients."
    )
    assert len(draft_study(text).study.endpoints[0].arms) == 1


def test_the_first_word_of_a_name_may_stand_alone() -> None:
    """An arm that is "SIB HCT" is called "SIB" as well, where that is defined."""
    text = (
        "Between May 2011 and June 2014, 402 patients were assigned to half-matched donor (HMD) "
        "transplantation (n = 210) or sibling identical-by-blood donor (SIB) HCT (n = 192). Among "
        "HMD and SIB recipients, the 3-year disease-free survival rate was 71% and 75% (P = .40), "
        "respectively; the overall survival rate was 77% and 80% (P = .44), respectively; and the "
        "nonrelapse-mortality was 14% and 9% (P = .16), respectively."
    )
    found = _endpoints(text)
    marks = [mark for each in found.values() for own in _landmarks(each).values() for mark in own]
    assert "86%" not in marks
    assert "91%" not in marks


@pytest.mark.parametrize(
    "words", ["nonrelapse-mortality", "non-relapse mortality", "transplant-related mortality"]
)
def test_mortality_of_one_kind_is_not_survival(words: str) -> None:
    """Its complement would be drafted as overall survival."""
    text = (
        "Patients were assigned to axolimab (n = 98) or bexolimab (n = 95). At 3 years, OS was "
        f"70% with axolimab and 66% with bexolimab. The 3-year {words} was 14% with axolimab and "
        "9% with bexolimab."
    )
    endpoint = _endpoints(text)["OS"]
    assert _landmarks(endpoint) == {"axolimab": ["70%"], "bexolimab": ["66%"]}


def test_a_composite_with_mortality_behind_a_slash_is_not_survival() -> None:
    """There "stroke/mortality" is no overall survival, and "A/B hazard ratio" has A on top."""
    text = (
        "In all, 2410 patients receiving steel stents (SST) or vein grafts (VEG) (1205 SST-VEG "
        "pairs) were matched. Mortality (SST/VEG hazard ratio 1.09, 95% confidence interval 0.90 "
        "to 1.32) and stroke/mortality rates (SST/VEG hazard ratio 1.17, 95% confidence interval "
        "0.99 to 1.38) did not differ."
    )
    draft = draft_study(text, arms=["SST", "VEG"])
    ratios = [e.reported.hazard_ratio for e in draft.study.endpoints if e.reported]
    assert [ratio.text for ratio in ratios if ratio] == ["1.09"]
    assert draft.study.endpoints[0].reference == "VEG"


def test_a_value_of_both_groups_is_that_of_each() -> None:
    """The side of the hazard ratio stays open."""
    text = (
        "Of 290 patients, 148 were in group A and 142 in group B. After a median follow-up of 40 "
        "months, the 3-year disease-free survival was 71% in both groups (hazard ratio, 0.95; 95% "
        "CI, 0.62-1.46, P = .83)."
    )
    draft = draft_study(text)
    assert _landmarks(draft.study.endpoints[0]) == {"A": ["71%"], "B": ["71%"]}
    assert _sizes(draft.study.endpoints[0]) == [148, 142]
    assert any("which arm is the reference" in question for question in draft.questions)


THREE = (
    "Patients were randomized to Lx continuous (n = 300), Lx12 (n = 310), or BPT (n = 305). Median "
    "OS was 9 months longer with Lx continuous vs BPT (57.2 vs 48.0 months; HR, 0.79; 95% CI, "
    "0.66-0.95; P = .012), and similar with Lx12 (60.1 months)."
)


def test_a_difference_in_months_is_no_median() -> None:
    """And the median behind the bracket is that of the arm before it."""
    found = [each for each in draft_study(THREE).study.endpoints if each.name == "OS"]
    medians = {name: arm.median.text for e in found for name, arm in e.arms.items() if arm.median}
    assert medians == {"Lx continuous": "57.2", "BPT": "48.0", "Lx12": "60.1"}
    compared = next(each for each in found if each.reported and each.reported.hazard_ratio)
    assert (compared.treatment, compared.reference) == ("Lx continuous", "BPT")


def test_sizes_in_brackets_are_those_of_the_arms() -> None:
    """Not the patients of whom they were taken."""
    text = (
        "Of 371 eligible patients, 254 were randomly assigned to the surgery group (126) or the "
        "control group (128). Forty patients in the surgery group and 61 in the control group "
        "died, with 2-year overall survival rates of 68 and 54%, respectively."
    )
    assert _sizes(_endpoints(text)["OS"]) == [126, 128]


def test_parts_of_a_size_are_no_sizes() -> None:
    """The size of "(n = 101: 70 low risk, 31 high risk)" is that of one arm."""
    text = (
        "Patients in the axolimab arm (n = 101: 70 low, 31 high) received 4 mg, while the "
        "bexolimab arm (n = 97: 66 low, 31 high) received 40 mg. The 3-year OS for axolimab versus "
        "bexolimab was 50.5% vs. 68.3% (P = 0.08)."
    )
    assert _sizes(_endpoints(text)["OS"]) == [101, 97]


def test_doses_and_cycles_are_no_patients() -> None:
    """Nor are numbers that make up nearly nobody of those randomised."""
    text = (
        "Patients were randomly assigned to dalplatin (area under the curve, 5 or 6) or texavin "
        "(175 mg), given for 6 cycles or 12 additional cycles. A total of 1530 women from 11 "
        "countries were randomly assigned. Median PFS was 17.3 months with dalplatin and 19.0 "
        "months with texavin."
    )
    assert _sizes(_endpoints(text)["PFS"]) == [None, None]


def test_too_few_patients_are_a_question() -> None:
    """Sizes that make up less than a third of all who were randomised are those of a part."""
    text = (
        "In all, 1200 patients were randomly assigned. Function was assessed in the axolimab "
        "group (n = 60) and the bexolimab group (n = 58). Median OS was 20.1 months with axolimab "
        "and 17.0 months with bexolimab."
    )
    draft = draft_study(text)
    assert _sizes(draft.study.endpoints[0]) == [None, None]
    assert any("many more patients were randomised" in question for question in draft.questions)


@pytest.mark.parametrize("opening", ["a total of", "In all,"])
def test_counts_in_words_are_read_above_a_hundred(opening: str) -> None:
    """There are 108 of each arm in "one hundred eight pairs"."""
    text = (
        f"Of 520 patients, {opening} one hundred eight pairs were matched. In the matched cohort, "
        "3-year OS was 69% with resection and 50% with ablation (p = 0.004)."
    )
    assert _sizes(_endpoints(text)["OS"]) == [108, 108]


MATCHED = (
    "Median follow-up in the lobectomy (n = 240) and ablation (n = 72) group was 30.4 months and "
    "25.9 months, respectively. Three-year OS after lobectomy and ablation was 87.2% and 78.7% "
    "(P = 0.03). After matching (44 matched patients in each group), 3-year OS was 79.5% vs. 78.5% "
    "(P = 0.91)."
)


def test_follow_up_by_arm_is_that_of_the_unmatched() -> None:
    """It is a question for those who were matched."""
    unmatched, matched = draft_study(MATCHED).study.endpoints
    assert [arm.follow_up is not None for arm in unmatched.arms.values()] == [True, True]
    assert [arm.follow_up for arm in matched.arms.values()] == [None, None]


def test_survival_of_all_patients_is_that_before_matching() -> None:
    """And "in the propensity model" is that of those matched."""
    text = (
        "A total of 240 and 180 patients undergoing resection (RS) and embolisation (EM), "
        "respectively, were evaluated. Ninety pairs of matched patients were selected. Of all "
        "patients, the 1- and 3-year survival rates of patients receiving RS and EM were 84 versus "
        "61% and 67 versus 43%, respectively (p < 0.001). In the propensity model, the benefit "
        "remained. The 1- and 3-year survival rates of patients receiving RS and EM were 83 versus "
        "72% and 68 versus 51%, respectively (p = 0.004)."
    )
    unmatched, matched = draft_study(text).study.endpoints
    assert list(_landmarks(unmatched).values()) == [["84%", "67%"], ["61%", "43%"]]
    assert list(_landmarks(matched).values()) == [["83%", "68%"], ["72%", "51%"]]
    assert (_sizes(unmatched), _sizes(matched)) == ([240, 180], [90, 90])


def test_an_order_that_unknown_names_say_is_left_open() -> None:
    """The order of "between X and Y (36% versus 39%)" is that of names that are no arms."""
    text = (
        "Patients had axolimab (n = 120) or bexolimab (n = 80). No differences were noted in "
        "overall survival between relapsed strata and refractory strata (5-year rates 36% versus "
        "39%, P = .82)."
    )
    try:
        draft: Draft | None = draft_study(text)
    except DraftRefused:
        draft = None
    assert draft is None or not any(_landmarks(draft.study.endpoints[0]).values())


def test_follow_up_of_those_alive_is_left_out() -> None:
    """What "7 patients are alive with a median follow-up of 41 months" says is of these."""
    text = (
        "Eighteen patients underwent early grafting and 12 patients underwent late grafting. "
        "Eleven patients are alive and disease-free with a median follow-up of 41 months. Overall "
        "survival rates 2 years after BMT were 68% for early grafting and 32% for late grafting."
    )
    endpoint = _endpoints(text)["OS"]
    assert [arm.follow_up for arm in endpoint.arms.values()] == [None, None]
    assert list(_landmarks(endpoint).values()) == [["68%"], ["32%"]]


def test_a_restricted_mean_in_brackets_is_no_mean() -> None:
    """No mean or median is drafted of it."""
    text = (
        "Patients were assigned to axolimab or bexolimab. Progression-free survival (restricted "
        "mean) at 36 months was 20.3 months with axolimab, as compared with 21.8 months with "
        "bexolimab. Median overall survival was 40.1 months with axolimab and 44.0 months with "
        "bexolimab."
    )
    assert list(_endpoints(text)) == ["OS"]


def test_p_values_of_several_times_are_a_question() -> None:
    """None of them is that of the comparison."""
    text = (
        "Patients had axolimab (n = 120) or bexolimab (n = 80). Axolimab recipients had higher "
        "overall survival at 6 months (75% versus 59%, P = .01), but survival did not differ "
        "between the 2 groups at 1 and 5 years (60% versus 49%, P = .09; 44% versus 39%, P = .47, "
        "respectively)."
    )
    draft = draft_study(text)
    reported = draft.study.endpoints[0].reported
    assert reported is None or reported.p is None
    assert any("reported.p" in question for question in draft.questions)


def test_an_arm_behind_a_bracket_is_that_of_the_next() -> None:
    """What "in A (OS: 64%, DFS: 61%) compared with B (...)" says first is of A only."""
    text = (
        "After matching, 5-year OS and DFS were higher in Group A (OS: 64.1%, DFS: 61.0%) compared "
        "with Group B (OS: 33.3%, DFS: 21.9%)."
    )
    found = _endpoints(text)
    assert _landmarks(found["DFS"]) == {"A": ["61.0%"], "B": ["21.9%"]}
    assert "B" not in _landmarks(found["OS"]) or _landmarks(found["OS"])["B"] == ["33.3%"]


def test_patients_in_each_group_of_whom_some_died() -> None:
    """They are those of each arm."""
    text = (
        "Patients identified by screening detection (SDE) and clinical detection (CDE) were "
        "matched. Of the 1060 patients in each group, 14 (1.3%) died in the SDE group, compared to "
        "41 (3.9%) in the CDE group. OS at 5 years was 98.7% in the SDE group and 96.1% in the CDE "
        "group."
    )
    endpoint = _endpoints(text)["OS"]
    assert _sizes(endpoint) == [1060, 1060]
    assert [arm.events for arm in endpoint.arms.values()] == [14, 41]


def test_sizes_beside_each_name_are_not_moved_by_a_third_name() -> None:
    """The name of a registry that begins as an arm does changes nothing."""
    text = (
        "Patients underwent autologous (auto, n = 128) or identical sibling (allo, "
        "n = 76) grafting as the Autologous Transplant Registry reports. "
        "Overall survival at 5 years was 44% after autologous and 39% after allo grafting."
    )
    assert sorted(size or 0 for size in _sizes(_endpoints(text)["OS"])) == [76, 128]


@pytest.mark.parametrize(
    "second",
    ["In the Cox proportional hazards model, mortality was higher with bexolimab (p = 0.003).",
     "OS at 6 months was 88% with axolimab and 80% with bexolimab (p = 0.003)."],
)  # fmt: skip
def test_the_p_value_of_the_whole_comparison_goes_first(second: str) -> None:
    """That of a model, or of one time, is another."""
    text = (
        "Patients had axolimab or bexolimab. Median overall survival was 30.1 months with axolimab "
        f"and 24.0 months with bexolimab (p = 0.014). {second}"
    )
    reported = _endpoints(text)["OS"].reported
    assert reported is not None
    assert reported.p is not None
    assert reported.p.text == "0.014"


def test_times_that_may_be_no_medians_are_refused_as_such() -> None:
    """The refusal says what to write, and that does it."""
    text = (
        "Patients received epigenetic (EPI) or intensive (INT) induction. An analysis showed "
        "longer overall survival after INT ({}10.2 vs. 9.3 months, P = 0.021)."
    )
    with pytest.raises(DraftRefused, match=r'not said whether they are medians.*write "median"'):
        draft_study(text.format(""))
    assert draft_study(text.format("median, ")).study.endpoints[0].name == "OS"


def test_overall_survivals_are_overall_survival() -> None:
    """The plural is that of several times."""
    text = (
        "The 1-, 3-, and 5-year overall survivals for the resection and embolisation groups were "
        "41.0%, 15.1%, and 12.1% and 36.8%, 8.3%, and 1.5%, respectively (P < .001)."
    )
    endpoint = _endpoints(text)["OS"]
    assert list(_landmarks(endpoint).values()) == [
        ["41.0%", "15.1%", "12.1%"], ["36.8%", "8.3%", "1.5%"]
    ]  # fmt: skip


def test_arms_that_differ_by_a_number_behind_a_hyphen() -> None:
    """ABVD-21 is not ABVD-28."""
    text = (
        "In all, 702 patients were randomly assigned to receive ABVD-21 (n=349) or ABVD-28 "
        "(n=353). With a median follow-up of 44.6 months, the groups did not differ in 3-year "
        "PFS (78.6% for "
        "ABVD-21 vs. 82.2% for ABVD-28, p=0.321)."
    )
    endpoint = _endpoints(text)["PFS"]
    assert _landmarks(endpoint) == {"ABVD-21": ["78.6%"], "ABVD-28": ["82.2%"]}
    assert _sizes(endpoint) == [349, 353]


def test_interferon_alpha_is_no_level_of_significance() -> None:
    """A sentence about it is not planned."""
    text = (
        "Median overall survival was greater in the sutenib group than in the IFN-alpha group "
        "(25.4 v 20.8 months, respectively; hazard ratio [HR] = 0.811; 95% CI, 0.663 to 0.991; "
        "P = .041)."
    )
    endpoint = _endpoints(text)["OS"]
    assert endpoint.reference == "IFN-alpha"


def test_three_groups_of_patients_who_had_operations() -> None:
    """Their shares stand between the patients and what they had, and numbers count the groups."""
    text = (
        "Women were divided by operation: 1) lumpectomy with radiation (LWR), 2) simple removal "
        "(SRE), and 3) removal with implants (RWI). A total of 1,500 women were followed, "
        "including "
        "504 patients (33.6%) who underwent LWR, 676 patients (45.1%) who underwent SRE, and 320 "
        "patients (21.3%) who underwent RWI. The 5-year OS rates were 97%, 93%, and 96%, "
        "respectively (P = 0.003)."
    )
    endpoint = _endpoints(text)["OS"]
    assert _landmarks(endpoint) == {"LWR": ["97%"], "SRE": ["93%"], "RWI": ["96%"]}
    assert _sizes(endpoint) == [504, 676, 320]


def test_one_median_governs_the_times_of_a_sentence() -> None:
    """But progression-free survival of a marker is another outcome."""
    text = (
        "Patients were naive (n = 101) or resistant (n = 45). Higher median prostate-specific "
        "antigen progression-free survival (13.0 vs 6.7 months, P = 0.006), progression-free "
        "survival (16.0 vs 11.5 months, P = 0.004), and overall survival (26.0 vs 17.0 months, P = "
        "0.017) were found in the naive group compared to the resistant group, respectively."
    )
    found = draft_study(text, arms=["naive", "resistant"]).study.endpoints
    medians = {
        each.name: [arm.median.text for arm in each.arms.values() if arm.median] for each in found
    }
    assert medians == {"PFS": ["16.0", "11.5"], "OS": ["26.0", "17.0"]}


def test_the_last_two_of_a_list_of_sites_are_no_arms() -> None:
    """Nobody is compared, or others are."""
    text = (
        "Tumours were in the limb (N=54), neck (N=9), bladder (N=7), and perineum (N=1). Overall "
        "survival at 3 years was 71% in all 71 patients."
    )
    endpoint = _endpoints(text)["OS"]
    assert [arm.n for arm in endpoint.arms.values()] == [71]


def test_some_of_an_arm_are_not_the_arm() -> None:
    """Nor are unlike sizes those of patients matched one to one."""
    text = (
        "We compared patients who received axolimab (n = 230) or bexolimab (n = 74) after "
        "propensity score matching to construct a one-to-one matched cohort. The median overall "
        "survival was "
        "longer in the bexolimab group than in the axolimab group (13.1 months vs. 8.6 months, p = "
        "0.02). Of those who received bexolimab and became disease-free, 29% were grafted "
        "(one-year survival: 78.4%)."
    )
    endpoint = _endpoints(text)["OS"]
    assert _sizes(endpoint) == [None, None]
    assert not any(_landmarks(endpoint).values())


def test_a_draft_without_results_names_the_arms_that_were_found() -> None:
    """It says to write a sentence for each, and these are read."""
    text = (
        "Patients had cisp (n = 18) or cetu (n = 29). Overall survival at 3 years was 83% in the "
        "former cohort of women and 31% in the latter cohort of women."
    )
    draft = draft_study(text)
    assert re.search(r'whether of "cisp" or "cetu";.*write a sentence for', draft.questions[0])
    assert _sizes(draft.study.endpoints[0]) == [18, 29]
    written = "Median overall survival was 9.1 months with cisp. "
    written += "Median overall survival was 7.2 months with cetu."
    medians = [
        arm.median.text for arm in _endpoints(f"{text} {written}")["OS"].arms.values() if arm.median
    ]
    assert medians == ["9.1", "7.2"]


@pytest.mark.parametrize("bracket", ["(95% CI 19.0-25.2)", "(19.0-25.2)", "[95% CI: 19.0; 25.2]"])
def test_months_behind_the_interval_are_those_of_the_value(bracket: str) -> None:
    """The arms are found behind the unit."""
    draft = draft_study(
        f"Median OS was 22.1 {bracket} months in velone (n = 159) and 9.8 (8.0-11.6) months in "
        "dacarb (n = 156)."
    )
    arms = draft.study.endpoints[0].arms
    found = {name: (arm.n, arm.median.text) for name, arm in arms.items()}
    assert found == {"velone": (159, "22.1"), "dacarb": (156, "9.8")}


def test_an_error_in_brackets_before_the_sign() -> None:
    """As papers write survival with its standard error: "(40.6 ± 5.3)%"."""
    endpoint = _endpoints(
        "One hundred patients were randomised to alfa (n = 50) or beta (n = 50). The 5-year OS "
        "was (40.6 ± 5.3)% with alfa and (52.1 ± 5.6)% with beta (log-rank p = 0.03)."
    )["OS"]
    assert _landmarks(endpoint) == {"alfa": ["40.6%"], "beta": ["52.1%"]}

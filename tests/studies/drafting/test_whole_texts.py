"""What the rest of a text or sentence says of a number: of whom it is, and of which outcome."""

from __future__ import annotations

import pytest

from kmrepro.studies import Endpoint
from kmrepro.studies.drafting import DraftRefused, draft_study

ARMS = "We randomly assigned 120 patients to velone and 118 to placebo. "


def _endpoint(text: str, name: str = "OS") -> Endpoint:
    return next(e for e in draft_study(text).study.endpoints if e.name == name)


def _values(endpoint: Endpoint) -> list[str]:
    return [each.survival.text for arm in endpoint.arms.values() for each in arm.landmarks.values()]


def test_hazard_ratio_of_a_composite_is_not_that_of_its_deaths() -> None:
    """The events in its brackets say what it is made of."""
    with pytest.raises(DraftRefused):
        draft_study(
            f"{ARMS}Death did not differ between velone and placebo. A composite outcome (coronary "
            "death, stroke [of any kind], or bypass) was experienced by 52 velone and 66 placebo "
            "patients (hazard ratio, 0.81; 95% CI, 0.66-0.97)."
        )


def test_each_hazard_ratio_is_of_the_endpoint_of_the_values_before_it() -> None:
    """In a list, each stands in brackets behind the values of its own endpoint."""
    text = (
        f"{ARMS}The 3-year overall survival (OS), progression-free survival (PFS) and "
        "disease-free survival (DFS) of velone v placebo were 61.2% v 50.1% (HR, 0.71; 95% CI, "
        "0.52-0.97), "
        "48.0% v 36.3% (HR, 0.68; 95% CI, 0.50-0.92) and 71.5% v 60.2% (HR, 0.63; 95% CI, "
        "0.44-0.90), respectively."
    )
    ratios = [_endpoint(text, name).reported.hazard_ratio.text for name in ("OS", "PFS", "DFS")]
    assert ratios == ["0.71", "0.68", "0.63"]


def test_two_sizes_beside_the_name_of_one_arm_leave_it_open() -> None:
    """The number of those who began a part of a treatment may not be that of the arm."""
    draft = draft_study(
        "Four-year analysis (compared to placebo; n = 129) of velone (n = 131) in relapse\n\n"
        "Patients were assigned to six cycles of velone (n = 110), then rest (n = 98), or placebo. "
        "Median OS was 20.1 months with velone and 15.2 months with "
        "placebo."
    )
    assert all(arm.n is None for arm in draft.study.endpoints[0].arms.values())
    assert any("velone.n = 110 or 131" in question for question in draft.questions)


def test_sizes_of_every_arm_are_believed() -> None:
    """Those analysed are counted in one sentence for all arms."""
    endpoint = _endpoint(
        "Patients were assigned to velone (n = 131) or placebo (n = 129). In all, velone (n = 120) "
        "and placebo (n = 118) were analysed. Median OS was 20.1 months with velone and 15.2 "
        "months with placebo."
    )
    assert None not in [arm.n for arm in endpoint.arms.values()]


@pytest.mark.parametrize(
    "sentence",
    [
        "Seventy patients with a median age of 61 years showed a median OS of 12.5 months.",
        "With a total follow-up of 71 months, median overall survival was 12.5 months.",
        "Among a total of 70 adults with glioma, median overall survival was 12.5 months.",
    ],
)
def test_words_that_describe_all_patients_divide_nobody(sentence: str) -> None:
    """An age, a follow-up and the disease of the study are those of everybody."""
    text = f"We aimed to evaluate treatment for adults with glioma. {sentence}"
    assert _endpoint(text).arms["all"].median.text == "12.5"


def test_subgroups_that_do_not_differ_hide_no_result() -> None:
    """What closes a sentence on the heterogeneity of subgroups leaves its numbers those of all."""
    endpoint = _endpoint(
        "There were 154 deaths (38.5%) in 400 patients assigned to usual care and 101 deaths "
        "(25.0%) in 404 patients assigned to pacing (hazard ratio 0.61, 95% CI 0.48-0.78) without "
        "evidence of heterogeneity in pre-specified subgroups."
    )
    assert {name: (arm.n, arm.events) for name, arm in endpoint.arms.items()} == {
        "usual care": (400, 154),
        "pacing": (404, 101),
    }
    assert endpoint.reported.hazard_ratio.text == "0.61"


def test_result_of_a_subgroup_alone_stays_left_out() -> None:
    """A subgroup that the numbers are of is no such close."""
    draft = draft_study(
        f"{ARMS}Median OS was 20.1 months with velone and 15.2 months with placebo. OS was similar "
        "in the subgroup above 70 years (HR 0.98; 95% CI 0.70-1.37)."
    )
    assert draft.study.endpoints[0].reported is None


def test_validation_cohort_is_not_the_training_cohort() -> None:
    """Other patients than those of the main results are left out."""
    endpoint = _endpoint(
        f"{ARMS}They were the training cohort. The 3-year OS was 70% with velone and 61% with "
        "placebo. In the "
        "validation cohort, 3-year OS was 66% with velone and 60% with placebo."
    )
    assert _values(endpoint) == ["70%", "61%"]


@pytest.mark.parametrize(("first", "asked"), [("training", 0), ("study", 2)])
def test_validation_cohort_of_a_training_cohort_is_not_asked_about(first: str, asked: int) -> None:
    """Where the text has both, its results are left out; else it is open whose they are."""
    draft = draft_study(
        f"{ARMS}They were the {first} cohort. The 3-year OS was 70% with velone and 61% with "
        "placebo. In the validation cohort, median OS was 66 months with velone and 60 months with "
        "placebo."
    )
    assert len(draft.questions) == asked
    assert [arm.median for arm in draft.study.endpoints[0].arms.values()] == [None, None]


def test_cohort_for_training_and_for_validation_together_is_no_validation_cohort() -> None:
    """Of results of both it is asked whose they are."""
    draft = draft_study(
        f"{ARMS}They were the training cohort. In the validation cohort and later patients, 3-year "
        "OS was 70% with velone and 61% with placebo."
    )
    assert draft.questions


def test_overall_of_a_list_is_overall_survival() -> None:
    """A list writes "survival" once, behind the last of its names."""
    text = (
        "The study included 40 patients. The 5-year rates of overall, relapse-free, and event-free "
        "survival were 52.2%, 41.9%, and 36.7%, respectively."
    )
    assert [_values(_endpoint(text, name)) for name in ("OS", "RFS", "EFS")] == [
        ["52.2%"],
        ["41.9%"],
        ["36.7%"],
    ]


def test_numbers_of_a_list_count_nobody() -> None:
    """They stand before what is listed."""
    endpoint = _endpoint(
        "Inclusion criteria: 1) patients with glioma, 2) patients above 18 years. Seventy patients "
        "were treated. Median overall survival was 12.5 months."
    )
    assert endpoint.arms["all"].n == 70


def test_survival_that_contradicts_the_median_says_so() -> None:
    """At a time before the median, more than half are alive."""
    draft = draft_study(
        f"{ARMS}Median OS was 10.4 months with velone and 7.9 months with placebo. OS at 6 months "
        "was 61.2% with velone and 12.1% with placebo."
    )
    assert _values(draft.study.endpoints[0]) == ["61.2%", "12.1%"]
    [question] = draft.questions
    assert question.endswith("12.1%? As reported, but the median is 7.9 months.")


def test_medians_that_would_fit_the_other_arm_are_left_open() -> None:
    """Those dealt out in the order of the text are, if survival says that it is another."""
    draft = draft_study(
        f"{ARMS}OS at 12 months was 62% with velone and 38% with placebo. Median OS was 9.1 vs "
        "15.6 months."
    )
    endpoint = draft.study.endpoints[0]
    assert [arm.median for arm in endpoint.arms.values()] == [None, None]
    assert _values(endpoint) == ["62%", "38%"]


def test_groups_have_the_letters_that_stand_behind_their_names() -> None:
    """Counts that make up all patients, and their abbreviations, are of groups."""
    endpoint = _endpoint(
        "Of 300 patients, 110 patients (37%) were treatment naïve (TN) and 190 (63%) were "
        "pretreated (PT). Median OS of the whole cohort was 9 months. PT patients had longer OS "
        "than TN patients (10.5 vs. 6.6 months; p < 0.001)."
    )
    assert [(name, arm.median.text) for name, arm in endpoint.arms.items()] == [
        ("treatment naïve", "6.6"),
        ("pretreated", "10.5"),
    ]


def test_values_dealt_against_the_words_of_the_text_are_left_open() -> None:
    """In the order of the text the arm would have fared better that is said not to have."""
    draft = draft_study(
        "Patients were randomised to placebo (n = 118) or velone (n = 120). Median PFS (8.1 vs 6.2 "
        "months) and median OS (20.1 vs 15.0 months) were longer with velone."
    )
    medians = [arm.median for e in draft.study.endpoints for arm in e.arms.values()]
    assert medians == [None] * len(medians)
    assert any("the text says that the other fared better" in each for each in draft.questions)


def test_another_outcome_behind_an_endpoint_does_not_turn_its_arms_round() -> None:
    """The arm that opens the sentence has the first value, in the next sentence too."""
    text = (
        "We evaluated velone versus placebo. Of patients randomized (placebo, n = 259; velone, n = "
        "258), most were treated. The velone group showed a reduced relapse rate (58% vs 70%) and "
        "better relapse-free survival at 5 years (38% vs 29%) with nonrelapse mortality of 4% "
        "versus 1% in the placebo arm. Overall survival was similar (44% vs 41% at 5 years) "
        "because of more opportunities for salvage with a graft."
    )
    for name, values in {"RFS": ["38%", "29%"], "OS": ["44%", "41%"]}.items():
        landmarks = {n: arm.landmarks[60] for n, arm in _endpoint(text, name).arms.items()}
        assert [landmarks[n].survival.text for n in ("velone", "placebo")] == values


def test_the_combination_is_the_arm_that_has_both() -> None:
    """Its name needs no other sentence that says so."""
    endpoint = _endpoint(
        "We randomly assigned patients to receive either anastole or fulvane plus anastole. The "
        "combination-therapy group had 247 deaths among 349 women (71%) and a median overall "
        "survival of 49.8 months, as compared with 261 deaths among 345 women (76%) and a median "
        "overall survival of 42.0 months in the anastole-alone group."
    )
    medians = {arm.median.text for name, arm in endpoint.arms.items() if "fulvane" in name}
    assert medians == {"49.8"}


def test_values_of_parts_of_one_cohort_are_not_those_of_the_cohorts() -> None:
    """Neither are those behind them, in whose sentence the cohorts have no value."""
    draft = draft_study(
        "Velone was evaluated in chronic lymphocytic leukemia (CLL); 51 patients had TP53 "
        "aberration (TP53 cohort) and 35 were aged 65 years or older (elderly cohort). Both "
        "cohorts included patients with treatment-naive (TN) and relapsed/refractory (RR) CLL. The "
        "response rate was 95.8% for the TP53 cohort and 93.9% for the elderly cohort. In the TP53 "
        "cohort, the estimated 5-year progression-free survival (PFS) was 74.4% in TN-CLL compared "
        "with 19.4% in RR-CLL (P = .0002), and overall survival (OS) was 85.3% vs 53.7%, "
        "respectively (P = .023). In the elderly cohort, the estimated 5-year PFS and OS in RR-CLL "
        "were 64.8% and 71.6%, respectively, and no event occurred in TN-CLL."
    )
    assert not any(_values(endpoint) for endpoint in draft.study.endpoints)


def test_what_a_median_exceeds_is_not_the_median() -> None:
    """The numbers around it are read."""
    endpoint = _endpoint(
        "We studied 286 patients. The median survival exceeding 7 years reflects the efficacy of "
        "novel agents. The 5-year survival was 71%."
    )
    assert endpoint.arms["all"].median is None
    assert _values(endpoint) == ["71%"]


def test_a_pronoun_is_no_arm() -> None:
    """Whatever is compared with it."""
    text = (
        "Patients had radiation alone (RT). The trial evaluates SCRT and CCRT and compares them "
        "with RT. There were 345 and 350 women in CCRT and RT groups respectively. SCRT had a "
        "higher disease-free survival rate than RT at 90% vs. 82%. No improvements were in the "
        "CCRT vs. RT comparison."
    )
    with pytest.raises(DraftRefused, match="could not be told"):
        draft_study(text)


def test_who_changed_arms_in_the_brackets_of_a_size_is_in_no_other_arm() -> None:
    """The second size is of the arm before it."""
    endpoint = _endpoint(
        "Results\nBetween 4 January 2010 and 16 December 2010, a total of 675 patients were "
        "randomized to velone (n = 337) or dacarb (n = 338, of whom 84 crossed over to velone). "
        "Median OS was longer for velone than for dacarb (13.6 versus 9.7 months). Overall, 173 of "
        "the 338 patients (51%) in the dacarb arm and 175 of the 337 (52%) of those in the velone "
        "arm received subsequent anticancer therapies."
    )
    assert {name: arm.n for name, arm in endpoint.arms.items()} == {"velone": 337, "dacarb": 338}


def test_a_share_of_the_patients_is_not_all_of_them() -> None:
    """Nor is an outcome of theirs an arm."""
    endpoint = _endpoint(
        "We studied 286 consecutive patients treated with velone. Overall, 143 (50%) patients "
        "underwent transplantation. The 5-year overall survival was 71%."
    )
    assert [arm.n for arm in endpoint.arms.values()] == [286]


def test_two_endpoints_may_share_the_word_survival() -> None:
    """Each has a value of its own; who had something later is no arm."""
    drafted = draft_study(
        "The study included 63 patients. Metastasis-free and sarcoma-related survival at 5 years "
        "was 70% and 76%, respectively. 53 patients were treated with limb salvage surgery and 2 "
        "patients experienced a local recurrence."
    ).study
    assert {e.name: _values(e) for e in drafted.endpoints} == {"MFS": ["70%"], "DSS": ["76%"]}


def test_words_that_a_line_had_broken_are_read() -> None:
    """As a page leaves them when its text is copied; what a hyphen joins stays two words."""
    endpoint = _endpoint(
        f"{ARMS}Median over- all survival was 20.1 months with velone and 15.2 months with "
        "placebo (hazard ra- tio, 0.76; 95% CI, 0.62 to 0.93)."
    )
    assert endpoint.reported.hazard_ratio.text == "0.76"


def test_a_hyphen_may_be_a_dash() -> None:
    """What is no word elsewhere is not put together."""
    endpoint = _endpoint(
        f"{ARMS}Results- median overall survival was 20.1 months with velone and 15.2 months with "
        "placebo."
    )
    assert [arm.median.text for arm in endpoint.arms.values()] == ["20.1", "15.2"]


def test_a_difference_in_per_cent_is_no_survival() -> None:
    """It stands between the values of the arms and their hazard ratio."""
    endpoint = _endpoint(
        f"{ARMS}Overall survival at 42 months was 57.8% in the velone group and 45.9% in the "
        "placebo group, for a 28% difference in the relative risk of death (hazard ratio, 0.72)."
    )
    assert _values(endpoint) == ["57.8%", "45.9%"]
    assert endpoint.reported.hazard_ratio.text == "0.72"


def test_follow_up_after_which_a_trial_was_stopped_is_that_of_all() -> None:
    """To have been stopped divides no patients."""
    endpoint = _endpoint(
        f"{ARMS}The trial was stopped prematurely, according to rules, after a median follow-up of "
        "44.0 months. Median OS was 9 months with velone and 8 months with placebo."
    )
    assert {arm.follow_up.median.text for arm in endpoint.arms.values()} == {"44.0"}


@pytest.mark.parametrize(
    "sentence",
    [
        "We studied 286 patients with glioma.",
        "Between May 2010 and June 2014, 286 patients were enrolled in a network of research.",
    ],
)
def test_a_word_inside_another_says_nothing(sentence: str) -> None:
    """Nobody "died" who was studied, and nothing was "searched" in research."""
    draft = draft_study(f"{sentence} The 5-year overall survival was 71%.")
    assert [arm.n for arm in draft.study.endpoints[0].arms.values()] == [286]
    assert bool(draft.study.enrolment) == ("research" in sentence)


def test_an_endpoint_that_is_defined_has_no_ratio_of_fine_and_gray() -> None:
    """Defined contains "fine"; a subdistribution is left out all the same."""
    said = "{} with velone, hazard ratio versus placebo 0.75 (95% CI, 0.60 to 0.94)."
    text = f"{ARMS}Median PFS was 9 months with velone and 8 months with placebo. "
    defined = _endpoint(text + said.format("PFS, defined by imaging, was longer"), "PFS")
    assert defined.reported.hazard_ratio.text == "0.75"
    model = _endpoint(text + said.format("PFS by a Fine-Gray model was longer"), "PFS")
    assert model.reported is None


@pytest.mark.parametrize(
    "aside",
    [
        "The placebo group was younger (median age 60 vs 64 years).",
        "Placebo was given for a shorter time (8 vs 12 months).",
    ],
)
def test_an_aside_does_not_turn_the_arms_round(aside: str) -> None:
    """Only a sentence on survival that opens with one arm has its value first from there on."""
    text = f"Patients were randomised to velone (n = 100) or placebo (n = 98). {aside} Overall "
    endpoint = _endpoint(f"{text}survival at 2 years was 60% vs 40%.")
    assert [each.landmarks[24].survival.text for each in endpoint.arms.values()] == ["60%", "40%"]
    assert list(endpoint.arms) == ["velone", "placebo"]


def test_the_combined_group_may_be_both_arms() -> None:
    """Pooled patients are not those of the combination."""
    endpoint = _endpoint(
        "Patients were randomised to surgery alone (n = 100) or surgery plus velone (n = 100). In "
        "the combined group, 5-year overall survival was 62%."
    )
    assert "surgery plus velone" not in endpoint.arms or not _values(endpoint)


def test_toxic_deaths_of_an_organ_are_not_all_deaths() -> None:
    """Nor are those of cytotoxic drugs left out."""
    text = f"{ARMS}Overall survival at 2 years was 60% with velone and 40% with placebo. "
    toxic = _endpoint(text + "There were 12 hepatotoxic deaths with velone and 3 with placebo.")
    assert [arm.events for arm in toxic.arms.values()] == [None, None]
    died = _endpoint(
        text + "Of those on cytotoxic velone 42 patients died, of those on placebo 63."
    )
    assert [arm.events for arm in died.arms.values()] == [42, 63]


@pytest.mark.parametrize(
    ("opening", "sizes"),
    [
        ("In 210 patients with advanced glioma", [110, 100]),
        ("Among 240 patients with advanced glioma", [None, None]),
    ],
)
def test_patients_who_are_counted_by_arm_are_no_subgroup(
    opening: str, sizes: list[int | None]
) -> None:
    """All of them are those whom the arms make up; fewer or more may be some of the patients."""
    endpoint = _endpoint(
        "Patients had velone or surgery. Median OS was 9.0 months with velone and 8.0 months with "
        f"surgery. {opening}, overall survival at 3 years was 62% with velone (n = 110) and 51% "
        "with surgery (n = 100)."
    )
    assert [arm.n for arm in endpoint.arms.values()] == sizes
    assert _values(endpoint) == (["62%", "51%"] if sizes[0] else [])


def test_two_names_behind_two_values_are_arms() -> None:
    """Also where nothing else says who was compared."""
    endpoint = _endpoint(
        "Median overall survival was 12.1 vs 9.0 months for docetaxel and best supportive care, "
        "respectively."
    )
    assert {name: arm.median.text for name, arm in endpoint.arms.items()} == {
        "docetaxel": "12.1",
        "best supportive care": "9.0",
    }


def test_three_arms_may_have_their_sizes_bare_in_brackets() -> None:
    """As two may: "n =" is not needed."""
    endpoint = _endpoint(
        "A total of 449 patients were assigned to TACE (199), HAIC (141) or sorafenib (109). "
        "Median overall survival was 25.1, 17.3 and 8.7 months for TACE, HAIC and sorafenib, "
        "respectively."
    )
    assert {name: (arm.n, arm.median.text) for name, arm in endpoint.arms.items()} == {
        "TACE": (199, "25.1"), "HAIC": (141, "17.3"), "sorafenib": (109, "8.7")
    }  # fmt: skip


def test_men_and_women_who_are_named_as_the_arms_are_no_subgroups() -> None:
    """Somebody who names them says that results are of them."""
    draft = draft_study(
        "Five-year overall survival was 71% for men and 78% for women (HR 1.31; 95% CI 1.02-1.69).",
        arms=["men", "women"],
    )
    (endpoint,) = draft.study.endpoints
    assert _values(endpoint) == ["71%", "78%"]
    assert endpoint.reported.hazard_ratio.text == "1.31"

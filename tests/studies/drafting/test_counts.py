"""Patients, events and patients at risk are told apart."""

from __future__ import annotations

import pytest

from kmrepro.studies import Endpoint
from kmrepro.studies.drafting import draft_study
from kmrepro.studies.drafting.arms import TextArms
from kmrepro.studies.drafting.atoms import atoms
from kmrepro.studies.drafting.event_counts import without_defining

SURVIVAL = "The 2-year OS was 80.1% with drug and 74.6% with placebo. "


def _endpoint(text: str) -> Endpoint:
    return draft_study(text).study.endpoints[0]


def _of(endpoint: Endpoint, key: str) -> list[int | None]:
    return [getattr(arm, key) for arm in endpoint.arms.values()]


@pytest.mark.parametrize("verb", ["were still at risk", "remained at risk", "were at risk"])
def test_patients_at_risk_in_words_are_no_patients_analysed(verb: str) -> None:
    """They have a time and are of the endpoint before."""
    endpoint = _endpoint(
        f"{SURVIVAL}At 24 months, 214 patients in the drug group and 198 in the placebo group "
        f"{verb}."
    )
    assert [dict(arm.at_risk) for arm in endpoint.arms.values()] == [{24: 214}, {24: 198}]
    assert _of(endpoint, "n") == [None, None]


def test_patients_are_counted_in_words() -> None:
    """Numbers from twenty on in words count the patients of an arm, and name none."""
    endpoint = _endpoint(
        "Eighty-one patients were assigned to early surgery and seventy-nine to watchful waiting. "
        "Survival at ten years was 92.9% with surgery and 78.8% with watchful waiting."
    )
    assert list(endpoint.arms) == ["surgery", "watchful waiting"]
    assert _of(endpoint, "n") == [81, 79]


def test_patients_at_risk_of_something_are_not_read() -> None:
    """A risk of relapse is no number at risk."""
    endpoint = _endpoint(
        f"{SURVIVAL}At 24 months, 214 patients in the drug group and 198 in the placebo group "
        "were at risk of relapse."
    )
    assert [dict(arm.at_risk) for arm in endpoint.arms.values()] == [{}, {}]


@pytest.mark.parametrize(
    ("sentence", "events"),
    [
        ("In all, 39 in the 142 patients assigned to drug and 52 in the 139 patients assigned to "
         "placebo died.", [39, 52]),
        ("Overall, 39 deaths (27%) occurred among the 142 women assigned to drug and 52 (37%) "
         "among the 139 assigned to placebo.", [39, 52]),
        ("There were 39 deaths in the drug group (142 patients) and 52 in the placebo group (139 "
         "patients).", [39, 52]),
    ],
)  # fmt: skip
def test_events_of_counted_arms(sentence: str, events: list[int]) -> None:
    """The patients of an arm beside its events are no events."""
    endpoint = _endpoint(SURVIVAL + sentence)
    assert _of(endpoint, "events") == events
    assert _of(endpoint, "n") in ([142, 139], [None, None])


@pytest.mark.parametrize(
    ("verb", "second", "counted"),
    [("underwent", "246 (60.0%)", [164, 246]), ("had refused", "146 (35.6%)", [None, None])],
)
def test_counts_with_shares_are_n_if_they_make_up_all_patients(
    verb: str, second: str, counted: list[int | None]
) -> None:
    """Of 410 patients 164 and 146 had something else than the treatments."""
    endpoint = _endpoint(
        f"Of 410 patients, 164 (40.0%) {verb} surgery and {second} radiotherapy. The 5-year OS was "
        "61.2% after surgery and 54.9% after radiotherapy."
    )
    assert _of(endpoint, "n") == counted


def test_the_ratio_of_a_matching_counts_no_patients() -> None:
    """The 1 and the 2 of 1:2 are no arms."""
    endpoint = _endpoint(
        f"After 1:2 matching, 104 patients on drug and 208 on placebo were compared. {SURVIVAL}"
    )
    assert _of(endpoint, "n") == [104, 208]


def test_death_in_the_name_of_an_arm_counts_no_deaths() -> None:
    """Patients with grafts of a donor after brain death are alive."""
    endpoint = _endpoint(
        "In all, 688 received a graft of a donor after brain death (DBD) and 354 a graft of a "
        "donor after circulatory death (DCD). The 3-year graft survival was 84.7% in the DBD group "
        "and 77.2% in the DCD group."
    )
    assert _of(endpoint, "n") == [688, 354]


def test_age_in_brackets_gives_no_unit_to_the_counts_after_it() -> None:
    """The 161 are patients, not years."""
    endpoint = _endpoint(
        "Of the 322 participants randomized (median age, 61 years), 161 received drug and 160 "
        f"placebo. {SURVIVAL}"
    )
    assert _of(endpoint, "n") == [161, 160]


def test_those_analysed_after_exclusions_outrank_those_randomised() -> None:
    """Who withdrew was left out before; the numbers in brackets are of those analysed."""
    endpoint = _endpoint(
        "Patients were randomised to drug (n = 210) or placebo (n = 206). After exclusion of "
        "patients who withdrew, 401 patients were analysed (203 in the drug group and 198 in the "
        "placebo group). " + SURVIVAL
    )
    assert _of(endpoint, "n") == [203, 198]


@pytest.mark.parametrize(
    ("counted", "events"),
    [
        ("31 events in the drug group (22 relapses, 9 deaths) and 44 in", [None, None]),
        ("31 deaths in the drug group (14.9%) and 44 in", [31, 44]),
    ],
)
def test_kinds_of_events_in_brackets_do_not_make_them_deaths(
    counted: str, events: list[int | None]
) -> None:
    """Of events of several kinds none is said to be of overall survival."""
    endpoint = _endpoint(f"{SURVIVAL}There were {counted} the placebo group.")
    assert (endpoint.name, _of(endpoint, "events")) == ("OS", events)


def test_patients_at_risk_at_several_times() -> None:
    """The times before a list of counts are of each of its arms."""
    endpoint = _endpoint(
        f"{SURVIVAL}At 12, 24 and 36 months, 214, 150 and 71 patients were at risk in the drug "
        "group and 198, 133 and 60 in the placebo group."
    )
    assert [dict(arm.at_risk) for arm in endpoint.arms.values()] == [
        {12: 214, 24: 150, 36: 71},
        {12: 198, 24: 133, 36: 60},
    ]


@pytest.mark.parametrize(
    "died",
    [
        "Eighty-one patients had died, 38 in the drug group and 43 in the placebo group.",
        "38 deaths (31.1%) had occurred in the drug group and 43 (35.2%) in the placebo group.",
        "During follow-up, 38 drug users and 43 placebo users died.",
        "In the drug group, 38 patients died, compared with 43 in the placebo group.",
        "In the drug group 38 patients (31.1%) died, and in the placebo group 43 (35.2%).",
    ],
)
def test_deaths_of_each_arm(died: str) -> None:
    """However the sentence begins."""
    assert _of(_endpoint(f"{SURVIVAL}{died}"), "events") == [38, 43]


def test_some_of_the_patients_died_and_some_of_them_of_the_disease() -> None:
    """Only the first count is of all deaths."""
    endpoint = _endpoint(
        "In all, 80 patients were treated. The 2-year OS was 61.2%. In the end, 27 of the treated "
        "patients had died, 19 of them of progressive disease."
    )
    assert _of(endpoint, "events") == [27]


@pytest.mark.parametrize(
    ("died", "expected"),
    [
        ("In all, 64 patients died, 40 of them after drug and 24 after placebo.", [40, 24]),
        ("In all, 64 patients died, 40 of whom after drug and 24 after placebo.", [40, 24]),
        ("In all, 64 patients died, 40 of them after drug and 20 after placebo.", [None, None]),
    ],
)
def test_some_of_those_who_died_are_those_of_an_arm(died: str, expected: list[int | None]) -> None:
    """If they and the others add up to all; else it is open who the others were."""
    assert _of(_endpoint(f"{SURVIVAL}{died}"), "events") == expected


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("A composite outcome (death, stroke, or surgery) occurred in 52 patients.", False),
        ("The outcome (death or stroke) occurred in 52 patients.", False),
        ("A composite outcome (52 deaths, 13 strokes) occurred.", True),
        ("The outcome (death; stroke) occurred in 52 patients.", True),
        ("The outcome (death) occurred in 52 patients.", True),
    ],
)
def test_events_that_say_what_an_outcome_is_made_of(text: str, counted: bool) -> None:
    """A list in brackets that counts nobody defines an outcome; it reports no deaths."""
    left = without_defining(atoms(text, TextArms([])), text)
    assert any(atom.kind == "D" for atom in left) == counted


@pytest.mark.parametrize(
    ("first", "expected"), [("EFS", {"EFS": [22, 27], "OS": [14, 17]}), ("PFS", {"OS": [14, 17]})]
)
def test_events_of_no_kind_are_those_of_event_free_survival(
    first: str, expected: dict[str, list[int]]
) -> None:
    """Deaths among them are those of overall survival."""
    study = draft_study(
        f"{SURVIVAL}The 2-year {first} was 71.0% with drug and 65.2% with placebo. In survivors, "
        "22 events were observed with drug and 27 with placebo. There were 14 deaths with drug and "
        "17 with placebo."
    ).study
    found = {e.name: _of(e, "events") for e in study.endpoints}
    assert {name: counts for name, counts in found.items() if None not in counts} == expected


def test_lost_grafts_are_events_of_graft_survival() -> None:
    """They are no deaths, and their hazard ratio is not that of death."""
    study = draft_study(
        "We compared living donation (n = 120) with deceased donation (n = 130). Five-year patient "
        "survival was 92.1% after living donation and 88.0% after deceased donation. Five-year "
        "death-censored graft survival was 90.2% and 81.1%, respectively. In all, 11 living "
        "donation and 22 deceased donation recipients had lost their graft. The hazard ratio for "
        "death-censored graft loss was 0.52 (95% CI 0.26-1.04) for living donation versus deceased "
        "donation."
    ).study
    overall, graft = study.endpoints
    assert (overall.reported, _of(overall, "events")) == (None, [None, None])
    assert (graft.name, _of(graft, "events")) == ("DCGS", [11, 22])
    assert graft.reported is not None
    assert str(graft.reported.hazard_ratio) == "0.52"


@pytest.mark.parametrize(
    "of", ["of surviving patients", "for patients alive", "among survivors", "in living patients"]
)
def test_follow_up_of_those_alive(of: str) -> None:
    """It is no survival."""
    endpoint = _endpoint(f"{SURVIVAL}The median follow-up {of} was 31.2 months.")
    assert [str(a.follow_up.median) for a in endpoint.arms.values() if a.follow_up] == ["31.2"] * 2


def test_a_marker_that_fell_is_no_survival() -> None:
    """A sentence that begins with a time may be about something else."""
    endpoint = _endpoint(f"{SURVIVAL}At 9 months, proteinuria had fallen by 38.3% and 7.5%.")
    assert [[*arm.landmarks] for arm in endpoint.arms.values()] == [[24], [24]]


def test_deaths_after_a_follow_up_are_no_follow_up() -> None:
    """The follow-up is of both arms."""
    endpoint = _endpoint(
        f"{SURVIVAL}After a median follow-up of 26.8 months, 131 drug and 158 placebo users had "
        "died."
    )
    assert _of(endpoint, "events") == [131, 158]
    assert [str(a.follow_up.median) for a in endpoint.arms.values() if a.follow_up] == ["26.8"] * 2


def test_causes_of_death_in_another_clause_do_not_hide_the_deaths() -> None:
    """Only those of one cause are left out."""
    endpoint = _endpoint(
        f"{SURVIVAL}At the end, 47 patients with drug and 58 with placebo had died; lymphoma was "
        "the cause of death in 28 and 39."
    )
    assert _of(endpoint, "events") == [47, 58]


def test_deaths_of_the_patients_of_each_arm() -> None:
    """Patients of an arm are no deaths, and the sentence is about no subgroup."""
    endpoint = _endpoint(
        f"{SURVIVAL}Of the 347 patients in the drug group, 97 died during follow-up; of the 264 in "
        "the placebo group, 92 died."
    )
    assert _of(endpoint, "events") == [97, 92]


def test_prior_lines_are_no_patients() -> None:
    """Nor is the ratio of the randomisation."""
    endpoint = _endpoint(
        f"Patients with 1-3 prior lines were randomised 2:1 to drug (D) or placebo (P). {SURVIVAL}"
    )
    assert _of(endpoint, "n") == [None, None]


@pytest.mark.parametrize(
    "sentence",
    [
        "There were 220 patients in the drug group and 218 patients in the placebo group.",
        "There were 220 and 218 patients in the drug and placebo groups, respectively.",
        "The drug group had 220 patients and the placebo group 218.",
        "220 patients (50.2%) were assigned to drug and 218 (49.8%) to placebo.",
    ],
)
def test_plain_counts_of_groups(sentence: str) -> None:
    """A sentence that only counts the patients of each arm needs no word of entering."""
    endpoint = _endpoint(f"Drug was compared with placebo. {sentence} {SURVIVAL}")
    assert _of(endpoint, "n") == [220, 218]


def test_so_many_or_more_is_no_number_of_patients() -> None:
    """What patients had before is a threshold, where a text is of one group, too."""
    endpoint = _endpoint(
        "In all, 61% of patients had received 4 or more earlier treatment regimens. Median OS was "
        "18.3 months."
    )
    assert _of(endpoint, "n") == [None]


def test_events_of_lettered_arms_in_brackets() -> None:
    """A letter before a number is the arm."""
    endpoint = _endpoint(
        "Patients were randomised to drug (arm A, n = 220) or placebo (arm B, n = 218). After 377 "
        "PFS events (B 193, A 184), median PFS was 11.4 mo in arm A vs 9.3 mo in arm B."
    )
    assert _of(endpoint, "events") == [184, 193]


@pytest.mark.parametrize(
    "sentence",
    [
        "As of April 2022, 104 patients in the drug group and 83 in the placebo group had stopped.",
        "Neuropathy limited treatment in 17 patients of the drug group.",
        "Among the 90 patients randomized to drug, 19 withdrew their consent and received placebo "
        "instead; the remaining 71 received drug.",
        "Ninety-one patients in the placebo group (57%) had received another agent off protocol.",
    ],
)
def test_counts_of_something_unknown_are_no_patients_analysed(sentence: str) -> None:
    """Patients are those who entered, or were analysed, and are shared out among all arms."""
    assert _of(_endpoint(f"{SURVIVAL}{sentence}"), "n") == [None, None]


@pytest.mark.parametrize(
    "sentence",
    [
        "A total of 260 patients took part (drug 129, placebo 131).",
        "Of the 260 patients, 129 were in the drug arm and 131 in the placebo arm.",
        "In all, 129 patients had drug and 131 had placebo.",
        "129 and 131 patients of the drug and placebo groups formed the analysis set.",
    ],
)
def test_patients_who_entered_in_other_words(sentence: str) -> None:
    """Their numbers are those of the arms."""
    assert _of(_endpoint(f"{SURVIVAL}{sentence}"), "n") == [129, 131]


def test_digits_of_a_code_name_count_nobody() -> None:
    """The 7 of KX-7 is part of a name."""
    endpoint = _endpoint(
        "Altogether 299 patients entered the trial; 151 were allotted to KX-7 (ALA) and 148 to "
        "placebo. The 2-year OS was 80.1% with ALA and 74.6% with placebo."
    )
    assert _of(endpoint, "n") == [151, 148]


def test_all_patients_are_not_those_of_the_first_arm() -> None:
    """The count before "were randomized to X (46 patients) or to Y" is that of both."""
    endpoint = _endpoint(
        "92 patients were randomized to drug (drug group, 46 patients) or to placebo (placebo "
        "group). The 2-year OS was 80.1% with drug and 74.6% with placebo."
    )
    assert 92 not in _of(endpoint, "n")


def test_counts_without_names_are_in_the_order_of_the_counts_before() -> None:
    """Not in that in which the text speaks of the arms first."""
    endpoint = _endpoint(
        "Background. Drug is given to many. Methods. 117 patients were randomized to placebo (59 "
        "patients) or to drug (58 patients). Five were ineligible and are not included in this "
        "analysis, leaving 57 and 55 patients, respectively. Results. The 2-year OS was 80.1% with "
        "drug and 74.6% with placebo."
    )
    assert {name: arm.n for name, arm in endpoint.arms.items()} == {"drug": 55, "placebo": 57}


def test_patients_of_a_list_with_another_arm_are_a_question() -> None:
    """Of three sizes in a list two are not taken for those of the only two arms."""
    draft = draft_study(
        "Patients were assigned to drug (n = 178), placebo (n = 180), or both (n = 176). "
        f"{SURVIVAL}"
    )
    assert _of(draft.study.endpoints[0], "n") == [None, None]
    assert any("more arms than were recognised" in question for question in draft.questions)


def test_size_behind_two_treatments_is_not_that_of_the_second() -> None:
    """In "chemotherapy and surgery (250 patients)" it is that of both together."""
    endpoint = _endpoint(
        "Patients were assigned to either perioperative chemotherapy and surgery (250 patients) or "
        "the standard alone (253 patients). Five-year OS was 36% in the perioperative-chemotherapy "
        "group and 23% in the surgery group."
    )
    assert _of(endpoint, "n") == [250, 253]


def test_follow_up_is_not_that_of_the_arm_of_the_next_clause() -> None:
    """What improved survival after a comma was not followed alone."""
    endpoint = _endpoint(
        "We assigned 130 patients to drug and 128 to placebo. With a median follow-up of 12.1 "
        "years, only drug improved survival. The 2-year OS was 80.1% with drug and 74.6% with "
        "placebo."
    )
    assert [str(arm.follow_up.median) for arm in endpoint.arms.values() if arm.follow_up] == [
        "12.1",
        "12.1",
    ]


def test_second_time_of_another_clause_is_no_follow_up() -> None:
    """The year for which a drug is given is none of two lists of follow-up."""
    draft = draft_study(
        "We assigned 130 patients to drug and 128 to placebo. After a median follow-up of 11 "
        f"years, treatment for 1 year reduced mortality. {SURVIVAL}"
    )
    arms = draft.study.endpoints[0].arms.values()
    assert {str(arm.follow_up.median) for arm in arms if arm.follow_up} <= {"11"}


def test_end_of_an_unknown_interval_is_no_value() -> None:
    """The 71.5 of "(spread: 1.0-71.5 months)" is no second follow-up."""
    endpoint = _endpoint(
        "We assigned 130 patients to drug and 128 to placebo. The median follow-up time was 28.6 "
        f"months (spread: 1.0-71.5 months). {SURVIVAL}"
    )
    followed = [str(arm.follow_up.median) for arm in endpoint.arms.values() if arm.follow_up]
    assert followed in ([], ["28.6", "28.6"])


def test_all_patients_and_the_dead_among_them_are_no_arms() -> None:
    """The 802 are not the deaths of the first arm."""
    endpoint = _endpoint(f"{SURVIVAL}Of 802 randomized patients, 480 had died at data cutoff.")
    assert _of(endpoint, "events") == [None, None]


@pytest.mark.parametrize(
    "sentence",
    [
        "802 patients were enrolled and 790 were randomised to drug or placebo.",
        "Of 802 patients assessed for eligibility, 790 were randomised to drug or placebo.",
    ],
)
def test_all_patients_and_those_who_were_randomised_are_no_arms(sentence: str) -> None:
    """Nor are those who went on to be randomised the patients of the second."""
    assert _of(_endpoint(sentence + " " + SURVIVAL), "n") == [None, None]


def test_a_count_before_its_group_is_not_that_of_the_group_before() -> None:
    """Of "(968 men, 862 women)" the second is the number of women."""
    found = draft_study(
        "Of 1830 patients, 968 were men and 862 women. Overall survival at 5 years was 71% for men "
        "and 78% for women in this cohort (968 men, 862 women)."
    ).study.endpoints[0]
    assert {name: arm.n for name, arm in found.arms.items()} == {"men": 968, "women": 862}


def test_patients_in_brackets_are_no_events() -> None:
    """The events are those outside them, in the same order."""
    arms = (
        draft_study(
            "Patients were randomly assigned to A-101 (arm 1) or placebo (arm 2). In all patients "
            "(arm 1: 178; arm 2: 174), there were 119 and 131 deaths. Median overall survival was "
            "3.0 months in arm 1 and 1.5 months in arm 2."
        )
        .study.endpoints[0]
        .arms
    )
    assert [arm.events for arm in arms.values()] == [119, 131]


@pytest.mark.parametrize(("printed", "read"), [("p<0,001", "<0.001"), ("p = 0,71", "0.71")])
def test_a_decimal_comma_of_a_p_value_is_read_beside_decimal_points(
    printed: str, read: str
) -> None:
    """It is neither a list nor a thousand."""
    reported = (
        draft_study(
            "Patients had surgery (n = 58) or drug (n = 41). Median overall survival was 37.2 "
            f"months with surgery and 34.9 months with drug ({printed})."
        )
        .study.endpoints[0]
        .reported
    )
    assert reported is not None
    assert reported.p is not None
    assert reported.p.text == read


def test_the_interval_of_a_value_may_stand_beside_the_number_of_patients() -> None:
    """As in "34.4 months with A (n = 368; 95% CI 31.0-37.9)"."""
    arms = (
        draft_study(
            "Median PFS was 34.4 months with drug (n = 368; 95% CI 31.0-37.9) and 17.4 months with "
            "placebo (n = 369; 95% CI 14.8-20.2)."
        )
        .study.endpoints[0]
        .arms
    )
    ends = [tuple(end.text for end in arm.median_ci or ()) for arm in arms.values()]
    assert ends == [("31.0", "37.9"), ("14.8", "20.2")]


def test_the_p_of_two_means_is_not_that_of_survival() -> None:
    """It may be of a t-test, unless it says another."""
    draft = draft_study(
        "Patients had surgery (n = 36) or drug (n = 38). Mean PFS was 7.2 months with surgery and "
        "5.9 months with drug (p = 0.04). Overall survival at 2 years was 58.3% with surgery and "
        "36.8% with drug."
    )
    assert all(each.reported is None or each.reported.p is None for each in draft.study.endpoints)

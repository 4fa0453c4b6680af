"""Paragraphs of the Results section of a paper, with brackets, groups and lists of their own."""

from __future__ import annotations

import pytest

from kmrepro.studies import Endpoint, Study
from kmrepro.studies.drafting import DraftRefused, draft_study

ARMS = "Patients were assigned to velone (n = 60) or placebo (n = 61). "


def _values(endpoint: Endpoint) -> dict[str, list[str]]:
    return {
        name: [each.survival.text for each in arm.landmarks.values()]
        for name, arm in endpoint.arms.items()
    }


def _medians(study: Study) -> dict[str, str | None]:
    arms = study.endpoints[0].arms
    return {name: None if arm.median is None else arm.median.text for name, arm in arms.items()}


def test_arm_before_a_bracket_is_that_of_all_values_in_it() -> None:
    """The arm behind the bracket is the subject of the sentence, and has its own values."""
    (os, dfs) = draft_study(
        "Relative to the velone group (3-year OS = 66.1%; 5-year OS = 51.2%), the dorone group had "
        "better OS (3-year OS = 73.0%; 5-year OS = 67.9%; HR = 0.61, 95% CI = 0.38-0.98). In "
        "contrast to the velone group (3-year DFS = 57.1%; 5-year DFS = 44.8%), the dorone group "
        "did not differ in DFS (3-year DFS = 60.8%; 5-year DFS = 57.3%)."
    ).study.endpoints
    assert _values(os) == {"velone": ["66.1%", "51.2%"], "dorone": ["73.0%", "67.9%"]}
    assert _values(dfs) == {"velone": ["57.1%", "44.8%"], "dorone": ["60.8%", "57.3%"]}
    assert (os.reference, os.reported.hazard_ratio.text) == ("velone", "0.61")


def test_one_decimal_comma_among_decimal_points() -> None:
    """A slip: "59,1%" is no list, which has spaces."""
    endpoints = draft_study(
        "In all, 92 children were treated. Five-year PFS and OS were 58.4% (95% CI 49.4-69.1%) and "
        "59,1% (95% CI 50.5-69.3%), respectively."
    ).study.endpoints
    assert [_values(each) for each in endpoints] == [{"all": ["58.4%"]}, {"all": ["59.1%"]}]


def test_list_of_whole_percentages_without_spaces_stays_a_list() -> None:
    """Where times stand so, too."""
    (endpoint,) = draft_study(
        f"{ARMS}The 1-,3- and 5-year OS were 90,70 and 55% with velone and 88,65 and 50% with "
        "placebo."
    ).study.endpoints
    assert _values(endpoint) == {"velone": ["90%", "70%", "55%"], "placebo": ["88%", "65%", "50%"]}


@pytest.mark.parametrize("noun", ["groups", "arms"])
def test_names_that_share_their_last_word_are_in_the_order_of_the_text(noun: str) -> None:
    """Else the values of three would be dealt to them in another order."""
    (endpoint,) = draft_study(
        f"In the low-, mid- and high-volume {noun}, the 5-year OS was 96.1%, 93.1% and 92.5%. For "
        "the low-volume group vs the mid-volume group, OS did not differ (P = 0.2). Median OS was "
        "not reached in the low-volume group, the mid-volume group or the high-volume group."
    ).study.endpoints
    assert [text for (text,) in _values(endpoint).values()] == ["96.1%", "93.1%", "92.5%"]
    assert list(endpoint.arms) == ["low-volume", "mid-volume", "high-volume"]


def test_men_and_women_are_a_subgroup_analysis_of_all_patients() -> None:
    """They are named as the arms of a trial would be, but nothing says that they are all."""
    (endpoint,) = draft_study(
        "Median follow-up was 5 years. Five-year OS of the entire population was 59.2% (95% CI "
        "50.5-69.3%). There were no differences between males and females in OS (58.3% vs 60.2%; "
        "p = 0.49)."
    ).study.endpoints
    assert _values(endpoint) == {"all": ["59.2%"]}
    assert endpoint.reported is None


def test_those_without_a_treatment_are_those_of_no_treatment() -> None:
    """Another sentence calls "without PORT" no PORT."""
    study = draft_study(
        "PORT was associated with longer survival (median OS not reached vs 51.4 months without "
        "PORT; P = 0.041). PORT prolonged DFS compared with no PORT (median DFS not reached vs "
        "45.2 months)."
    ).study
    assert _medians(study) == {"PORT": "NR", "no PORT": "51.4"}


@pytest.mark.parametrize(
    "text",
    [
        "Patients treated with surgery plus velone had longer median OS (34.0 months, 95% CI "
        "28.9-39.1) than those treated with surgery alone (22.0 months, 95% CI 18.2-25.8).",
        "Patients who received surgery plus velone (n = 74) had a median OS of 34.0 months (95% "
        "CI: 28.9-39.1), compared to 22.0 months (95% CI: 18.2-25.8) for patients who received "
        "surgery alone (n = 96).",
    ],
)
def test_those_given_one_and_those_given_another_are_compared(text: str) -> None:
    """The words before both names are the same, and so they are those of arms."""
    assert list(_medians(draft_study(text).study).values()) == ["34.0", "22.0"]


@pytest.mark.parametrize(
    "text",
    [
        "The 3-year OS rates for the velone, dorone and caprone groups were 78.9%, 66.0% and "
        "54.7%, respectively. OS was longer with velone than with caprone (P = 0.01).",
        "The 3-year OS rates were 78.9%, 66.0% and 54.7% for the velone, dorone and caprone "
        "groups. OS was longer with velone than with caprone (P = 0.01).",
    ],
)
def test_three_groups_with_three_values_are_three_arms(text: str) -> None:
    """Two of them are set against each other, but the third has its value."""
    values = _values(draft_study(text).study.endpoints[0])
    assert values == {"velone": ["78.9%"], "dorone": ["66.0%"], "caprone": ["54.7%"]}


def test_sentence_may_end_with_the_letter_of_a_group() -> None:
    """It is no initial of a name; and a time may stand with its standard error."""
    endpoint = draft_study(
        "Twelve patients died in group A, and 21 in group B. Mean survival time was 31.2 ± 1.4 "
        "months in group A and 26.0 ± 1.6 months in group B. R0 resection was rare."
    ).study.endpoints[0]
    assert [arm.mean.text for arm in endpoint.arms.values()] == ["31.2", "26.0"]
    assert [arm.events for arm in endpoint.arms.values()] == [12, 21]


def test_long_line_is_a_paragraph_of_its_own() -> None:
    """No line of a column is so long: what follows does not go on with its sentence."""
    first = f"{ARMS}Three-year OS was 78% with velone and 66% with placebo (see the long table, "
    first += f"{'which lists all of the many covariates, ' * 6}Table 2)"
    study = draft_study(
        f"{first}\nMedian PFS was 9.1 months with velone and 7.0 months with placebo."
    ).study
    assert [e.name for e in study.endpoints] == ["OS", "PFS"]


def test_deaths_of_each_arm_are_no_patients_of_all_who_died() -> None:
    """They add up to the deaths of all before them, which are not all patients."""
    endpoint = draft_study(
        "Of the 512 recipients, 102 (19.9%) had died: 58 of 231 (25.1%) who received dorone and 44 "
        "of 281 (15.7%) who received velone. Patient survival at 3 years was 84.3% with dorone and "
        "91.8% with velone."
    ).study.endpoints[0]
    assert [(arm.n, arm.events) for arm in endpoint.arms.values()] == [(231, 58), (281, 44)]


@pytest.mark.parametrize("listed", ["1, 2, and 3", "1, 2 and 3"])
def test_numbers_of_arms_in_a_list(listed: str) -> None:
    """Those of times, as "at 1, 2, and 3 years", are no arms."""
    endpoint = draft_study(
        f"OS at 2 years for arms {listed} was 41.1% (95% CI 35.0-47.2), 47.9% (41.7-54.1) and "
        "39.2% (33.2-45.2). OS did not differ between arm 2 and arm 1, or arm 3 and arm 1. PFS at "
        "1, 2, and 3 years was 30%, 20% and 11% in all."
    ).study.endpoints[0]
    assert _values(endpoint) == {"1": ["41.1%"], "2": ["47.9%"], "3": ["39.2%"]}


def test_three_groups_in_a_bracket_are_three_arms() -> None:
    """The text says that there are three, and names them."""
    study = draft_study(
        "Median survival times for the three groups (velone, dorone, and caprone) were 61, 84 and "
        "77 months. Compared with velone, dorone reduced the risk of death (HR 0.74)."
    ).study
    assert _medians(study) == {"velone": "61", "dorone": "84", "caprone": "77"}


def test_difference_of_medians_is_no_median() -> None:
    """It stands in a bracket before the hazard ratio."""
    study = draft_study(
        f"{ARMS}Median OS was 9.8 months with velone versus 8.3 months with placebo (ΔOS = 1.5 "
        "months; HR 0.87; 95% CI, 0.73-1.03)."
    ).study
    assert _medians(study) == {"velone": "9.8", "placebo": "8.3"}
    assert study.endpoints[0].reported.hazard_ratio.text == "0.87"


@pytest.mark.parametrize(
    "opening",
    [
        "Compared with placebo, velone",
        "Compared with the 61 patients given placebo, the 60 patients given velone",
        "Relative to the 61 patients in the placebo group, the 60 in the velone group",
    ],
)
def test_values_are_of_the_subject_of_a_comparison_first(opening: str) -> None:
    """Also where both are counted before the values."""
    endpoint = draft_study(
        f"{ARMS}{opening} had better 2-year survival (88.7% versus 76.5%; p = 0.049)."
    ).study.endpoints[0]
    assert _values(endpoint) == {"velone": ["88.7%"], "placebo": ["76.5%"]}
    assert [arm.n for arm in endpoint.arms.values()] == [60, 61]


def test_number_of_another_name_behind_an_arm_is_not_that_of_the_arm() -> None:
    """A comma parts them: the number is of some of its patients."""
    study = draft_study(
        "Median OS was 16.3 months in HER2-positive and 11.1 months in HER2-negative patients (HR "
        "0.65, 95% CI 0.50-0.85). Among HER2-positive patients, velone (n = 84) was associated "
        "with a median OS of 19.4 months vs 11.9 months without velone (n = 61)."
    ).study
    assert [arm.n for arm in study.endpoints[0].arms.values()] == [None, None]
    assert list(_medians(study).values()) == ["16.3", "11.1"]


def test_value_that_another_is_higher_than() -> None:
    """It is of the arm behind it."""
    endpoint = draft_study(
        "The 5-year OS rate for the 96 patients in the RT group was 72%, significantly higher than "
        "the 55% for the 102 patients in the non-RT group (p = 0.012)."
    ).study.endpoints[0]
    assert _values(endpoint) == {"RT": ["72%"], "non-RT": ["55%"]}
    assert [arm.n for arm in endpoint.arms.values()] == [96, 102]


def test_last_of_the_values_of_a_change_is_not_that_of_all() -> None:
    """Each is of another period, though no period is an arm."""
    with pytest.raises(DraftRefused):
        draft_study(
            "Five-year survival improved over time, from 21% in 1995-2002 (n = 310) to 33% in "
            "2003-2010 (n = 402) and 41% in 2011-2018 (n = 455; p < 0.001)."
        )


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param(
            "OS and DFS for velone and placebo were 62% and 51%, and 55% and 40%",
            {"OS": ["62%", "51%"], "DFS": ["55%", "40%"]},
            id="endpoints first",
        ),
        pytest.param(
            "rates for velone and placebo of OS and DFS were 62% and 55%, and 51% and 40%",
            {"OS": ["62%", "51%"], "DFS": ["55%", "40%"]},
            id="arms first",
        ),
    ],
)
def test_two_endpoints_of_two_arms_are_listed_in_the_order_of_their_names(
    said: str, expected: dict[str, list[str]]
) -> None:
    """What is named first changes last; values were dealt arm by arm in either order."""
    endpoints = draft_study(f"{ARMS}Five-year {said}, respectively.").study.endpoints
    found = {each.name: _values(each) for each in endpoints}
    assert found == {
        name: {"velone": [one], "placebo": [other]} for name, (one, other) in expected.items()
    }

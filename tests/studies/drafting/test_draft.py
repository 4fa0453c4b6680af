"""A draft holds what the text says, with the words; the rest is asked or left out."""

from __future__ import annotations

import importlib.util
import json
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kmrepro.studies import Study
from kmrepro.studies.drafting import DraftRefused, draft_study
from kmrepro.studies.drafting.pasted_table import unruled

from ...seeds import examples

ABSTRACT = (
    "Methods: Between March 2009 and December 2019, patients were randomly assigned to drug "
    "(n = 203) or placebo (n = 198). Patients were followed until 30 June 2021.\n"
    "Results: Median overall survival was 19.7 months (95% CI 16.6-21.9) with drug and 15.9 "
    "months (14.1-19.3) with placebo (hazard ratio 0.73 [95% CI 0.58-0.93]; p = 0.009)."
)


def test_draft_is_a_valid_study_file_with_the_words() -> None:
    """The text is the study; each number has the sentence that it was found in above it."""
    draft = draft_study(ABSTRACT, name="my study")
    study = Study.model_validate(tomllib.loads(draft.text))
    assert study.id == "my-study"
    assert study == draft.study
    lines = draft.text.splitlines()
    place = lines.index('median = "19.7"')
    assert lines[place - 1].startswith('# Results, line 2: "Median overall survival was 19.7')
    assert "# not found: events, landmarks, mean, at_risk, follow_up" in lines


def test_dates_are_read_to_the_month_or_the_day() -> None:
    """First and last entry and the end of follow-up are dates of the study."""
    study = draft_study(ABSTRACT).study
    assert study.enrolment is not None
    assert [str(date) for date in study.enrolment] == ["2009-03", "2019-12"]
    assert str(study.data_cutoff) == "2021-06-30"


@pytest.mark.parametrize("noun", ["drug", "treatment", "regimen", "strategy"])
def test_an_arm_called_by_the_letter_a_keeps_it(noun: str) -> None:
    """The A of "drug A" is no article, and tells the arm from "drug B"."""
    text = ABSTRACT.replace("with drug", f"with {noun} A").replace("to drug", f"to {noun} A")
    study = draft_study(text.replace("placebo", f"{noun} B")).study
    assert {name: arm.n for name, arm in study.endpoints[0].arms.items()} == {
        f"{noun} A": 203,
        f"{noun} B": 198,
    }
    assert draft_study("A " + ABSTRACT).study.arms == draft_study(ABSTRACT).study.arms


@pytest.mark.parametrize(
    ("sentence", "why"),
    [
        pytest.param(
            "In patients with PD-L1 of 1% or more, median OS was 25.1 v 16.0 months.",
            "some of the patients",
            id="subgroup",
        ),
        pytest.param(
            "In an earlier trial, median OS was 10.4 months with drug and 9.1 with placebo.",
            "another study",
            id="other-study",
        ),
        pytest.param(
            "To detect a hazard ratio of 0.70 for OS with 80% power, 331 deaths were required.",
            "planned, assumed or modelled",
            id="planned",
        ),
    ],
)
def test_what_is_left_out_is_listed_with_the_reason(sentence: str, why: str) -> None:
    """Numbers of others, of plans and of subgroups change nothing, and are listed."""
    draft = draft_study(f"{ABSTRACT} {sentence}")
    assert draft.study.endpoints == draft_study(ABSTRACT).study.endpoints
    assert f"- {why}" in draft.text.splitlines()[-1]


@pytest.mark.parametrize(
    "sentence",
    [
        "The objective response rate was 34.4% with drug and 14.8% with placebo (P < 0.001).",
        "Median duration of response was 8.6 months with drug and 6.8 months with placebo.",
        "Grade 3 or 4 neutropenia occurred in 33.1% v 40.6%.",
        "The cumulative incidence of relapse at 2 years was 30% with drug and 31% with placebo.",
        "Ninety-day mortality was 2.5% with drug and 3.1% with placebo.",
        "The restricted mean survival time was 20.3 months with drug and 19.3 with placebo.",
        "In a multivariable model, age (HR 1.04) and stage III (HR 2.11) predicted survival.",
        "P for interaction was 0.19.",
    ],
)
def test_other_outcomes_change_nothing(sentence: str) -> None:
    """Response, toxicity, competing risks and covariates give no number."""
    extended = draft_study(f"{ABSTRACT} {sentence}").study
    assert extended.endpoints == draft_study(ABSTRACT).study.endpoints


def test_two_values_for_one_place_are_a_question() -> None:
    """Where a text contradicts itself, neither number is taken."""
    draft = draft_study(
        "Median OS was 20.1 months with drug and 15.2 months with placebo. "
        "Median OS was 21.4 months with drug and 15.2 months with placebo."
    )
    assert draft.study.endpoints[0].arms["drug"].median is None
    assert any("20.1 or 21.4" in question for question in draft.questions)
    assert "#? OS: arms.drug.median = 20.1 or 21.4?" in draft.text


def test_hazard_ratio_without_a_reference_is_a_question() -> None:
    """A hazard ratio that survival cannot give a side is left open."""
    draft = draft_study("OS did not differ between the arms (HR 0.98; 95% CI, 0.80-1.20). The "
                        "2-year OS was 50.0% with drug and 50.0% with placebo.")  # fmt: skip
    endpoint = draft.study.endpoints[0]
    assert endpoint.reported is None
    assert "it is not said which arm is the reference" in draft.questions[0]


def test_times_that_may_be_medians_or_means_are_a_question() -> None:
    """A survival time without its kind is asked for, beside what the text does say."""
    draft = draft_study(
        "Results: 17 patients underwent resection. The average disease-free survival of surgical "
        "patients was 15.2 months, and their overall survival was better than that of others "
        "(24.1 months vs. 12.6 months, P=0.021)."
    )
    (endpoint,) = draft.study.endpoints
    arm = endpoint.arms["all"]
    assert (endpoint.name, endpoint.cohort, arm.n) == ("DFS", "surgical patients", 17)
    assert arm.mean is not None
    assert arm.mean.text == "15.2"
    assert draft.questions[0].startswith("OS: 24.1 and 12.6 months (p = 0.021)? Left open because")


def test_conversion_is_no_version() -> None:
    """Dates of patients who had a conversion therapy are dates of entry."""
    study = draft_study(
        "Methods: 22 patients had conversion therapy from April 2019 to February 2022.\n"
        "Results: Median overall survival was 19.7 months."
    ).study
    assert study.enrolment is not None
    assert [str(date) for date in study.enrolment] == ["2019-04", "2022-02"]


def test_reference_follows_from_survival_if_nothing_is_said() -> None:
    """Below 1 the arm that lives longer is on top, and the file says why."""
    text = "Median OS was 12.0 months with drug and 15.0 months with placebo (HR 1.30; 1.10-1.54)."
    draft = draft_study(text)
    assert draft.study.endpoints[0].reference == "placebo"
    assert "drug versus placebo: survival says so, as the text does not" in draft.text


def test_an_interval_of_another_level_is_a_comment_with_its_level() -> None:
    """Taken without its level it would pass for one of 95%."""
    draft = draft_study(
        "Median OS was 19.7 months with drug and 15.9 months with placebo "
        "(HR 0.69; 97.5% CI, 0.50-0.94; P = .012)."
    )
    reported = draft.study.endpoints[0].reported
    assert reported is not None
    assert (reported.ci, reported.ci_level, str(reported.p)) == (None, None, "0.012")
    taken = draft.text.replace("# ci", "ci")
    own = Study.model_validate(tomllib.loads(taken)).endpoints[0].reported
    assert own is not None
    assert ([str(end) for end in own.ci or ()], own.ci_level) == (["0.50", "0.94"], 97.5)


def test_a_one_sided_p_says_that_it_is() -> None:
    """By its own key, and in the name of the test."""
    draft = draft_study(
        "Median OS was 19.7 months with drug and 15.9 months with placebo "
        "(HR 0.69; 95% CI, 0.50-0.94; one-sided P = .012)."
    )
    reported = draft.study.endpoints[0].reported
    assert reported is not None
    assert ([str(end) for end in reported.ci or ()], str(reported.p)) == (["0.50", "0.94"], "0.012")
    assert reported.one_sided
    assert "one-sided" in (reported.test or "")


def test_interval_below_the_levels_of_a_study_file_is_a_comment() -> None:
    """A study file holds levels from 80% on."""
    draft = draft_study("Median OS was 19.7 months (50% CI 18.0-21.0) in 60 patients.")
    assert draft.study.endpoints[0].arms["all"].median_ci is None
    assert '# median_ci = ["18.0", "21.0"]' in draft.text


def test_interval_in_the_wrong_order_leaves_a_valid_draft() -> None:
    """A draft is a valid study file, whatever the text says."""
    draft = draft_study("Patients had a median OS of 19.7 months (95% CI 21.9-16.6).")
    assert Study.model_validate(tomllib.loads(draft.text)) == draft.study


@pytest.mark.parametrize(
    "sentence",
    [
        "The 3-year OS was 101.2% with drug and 79.0% with placebo.",
        "Median PFS was 8.1 months with drug and 7.5 months with placebo (HR 0.75; P = 12.5).",
        "Data cutoff was 31 February 2020.",
    ],
)
def test_impossible_numbers_are_left_out(sentence: str) -> None:
    """What a study file cannot hold was misread or misprinted."""
    draft = draft_study(f"{ABSTRACT} {sentence}")
    assert all(number not in draft.text for number in ('"101.2%"', '"12.5"', '"2020-02-31"'))


@pytest.mark.parametrize(
    "text",
    ["", "  \n ", "12.3 45.6% (7-8) " * 500, "שלום עולם 12.3% " * 200, "No survival here.",
     "word " * 20_000, "1-, 2-, 3-, " * 5_000, "(" * 20_000, "95% CI " * 3_000,
     "the X group and the Y group " * 700],
    ids=["empty", "blank", "numbers", "hebrew", "none", "words", "times", "open", "ci", "groups"],
)  # fmt: skip
def test_text_without_results_is_refused_in_a_sentence(text: str) -> None:
    """The refusal says what was looked for; no text takes long."""
    with pytest.raises(DraftRefused, match=r"looked for survival at a time, median"):
        draft_study(text)


def test_what_is_no_text_is_refused() -> None:
    """Binary data and texts by the megabyte are refused before they are read."""
    with pytest.raises(DraftRefused, match="binary data"):
        draft_study("%PDF\x00\x01")
    with pytest.raises(DraftRefused, match=r"300,000 are read"):
        draft_study("x " * 200_000)


@pytest.mark.parametrize(
    ("last", "end", "key", "iso"),
    [
        ("May 2018", "March 2018", "2018-03", "2018-05"),
        ("May 31, 2018", "May 5, 2018", "2018-05-05", "2018-05-31"),
    ],
    ids=["to the month", "to the day"],
)
def test_a_cutoff_before_the_last_entry_is_a_question(
    last: str, end: str, key: str, iso: str
) -> None:
    """Where the text has days, the whole draft was refused."""
    start = "January 2015" if last.startswith("May 2") else "January 1, 2015"
    draft = draft_study(
        f"Patients were enrolled between {start}, and {last}. The data cutoff date was {end}. "
        "Median overall survival was 19.7 months with velotarsib (n = 203) and 15.9 months with "
        "placebo (n = 198)."
    )
    question = f'data_cutoff = "{key}"? {key} is before the last entry, {iso}.'
    assert draft.questions[0] == question
    assert f"\n#? {question}\n" in draft.text
    assert draft.study.enrolment is not None
    assert draft.study.enrolment[1] == iso
    assert draft.study.data_cutoff is None


@pytest.mark.parametrize("name", ["paper.txt", " my paper (2).PDF\n", "papers/one.docx"])
def test_the_name_of_a_file_is_no_text(name: str) -> None:
    """As a text and as a path; a text that ends in such a name is one."""
    with pytest.raises(DraftRefused, match=r"is the name of a file: read text with pathlib"):
        draft_study(name)
    with pytest.raises(TypeError, match=r"is the name of a file: read text with pathlib"):
        draft_study(Path(name))  # type: ignore[arg-type]
    with pytest.raises(DraftRefused, match=r"looked for survival at a time"):
        draft_study(f"Results.\nThey are in {name}")


_SENTENCE = (
    "median OS PFS was 12.3 months (95% CI 1.2-3.4) in the A group versus with HR 0.71 ; , . and "
    "5-year 45.6% respectively n = 123 p < 0.001 patients died of 200 [ ] ( ) / 1-, 3-, at 3 years "
    "not reached drug placebo mortality 0 100% 101% 2.5 <0.001 alive events follow-up B arm"
)


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(st.sampled_from(_SENTENCE.split()), min_size=5, max_size=60))
def test_any_words_give_a_valid_draft_or_a_refusal(words: list[str]) -> None:
    """Nonsense never ends in an error of another kind."""
    try:
        draft = draft_study(" ".join(words))
    except DraftRefused:
        return
    assert Study.model_validate(tomllib.loads(draft.text)) == draft.study


@given(st.integers(1, 99), st.integers(1, 99), st.sampled_from(["1-year", "12-month", "2-year"]))
@settings(max_examples=examples(30), deadline=None)
def test_numbers_are_kept_digit_for_digit(first: int, second: int, when: str) -> None:
    """The same sentence with other numbers gives the other numbers."""
    text = f"The {when} OS was {first}.0% in the drug group and {second}.5% in the placebo group."
    arms = draft_study(text).study.endpoints[0].arms
    found = [next(iter(arm.landmarks.values())).survival.text for arm in arms.values()]
    assert found == [f"{first}.0%", f"{second}.5%"]


def test_an_interval_without_a_level_has_that_of_those_before() -> None:
    """One of 98.3% is a comment with its level, and so is the next of the same sentence."""
    text = (
        "Patients were assigned to drug (n = 203) or placebo (n = 198). Median overall survival "
        "was 19.7 months (98.3% CI 16.0-22.9) with drug and 15.9 months (13.1-19.9) with placebo."
    )
    draft = draft_study(text)
    assert all(arm.median_ci is None for arm in draft.study.endpoints[0].arms.values())
    lines = draft.text.splitlines()
    assert sum(line.startswith("# median_ci = [") for line in lines) == 2
    assert lines.count("# median_ci_level = 98.3") == 2


@pytest.mark.parametrize(
    ("said", "stratified"),
    [
        ("stratified hazard ratio 0.73 [95% CI 0.58-0.93]; p = 0.009", True),
        ("hazard ratio 0.73 [95% CI 0.58-0.93]; p = 0.009 by stratified log-rank test", True),
        ("unstratified hazard ratio 0.73 [95% CI 0.58-0.93]; p = 0.009", False),
    ],
)
def test_a_stratified_analysis_is_called_so(said: str, stratified: bool) -> None:
    """The reconstruction cannot stratify, so that the verdict must know."""
    text = ABSTRACT.replace("hazard ratio 0.73 [95% CI 0.58-0.93]; p = 0.009", said)
    reported = draft_study(text).study.endpoints[0].reported
    assert reported is not None
    assert reported.stratified is stratified


def test_an_interval_behind_a_comma() -> None:
    """The value is none of its ends."""
    (endpoint,) = draft_study(
        "Patients were assigned to drug or placebo. Median PFS for drug of 14.1 months (95% CI "
        "12.6-15.9) was longer than for placebo (12.7 months, 11.2-14.0; hazard ratio 0.91, "
        "0.77-1.07; p=0.24)."
    ).study.endpoints
    ends = [arm.median_ci for arm in endpoint.arms.values()]
    assert [[str(end) for end in one or ()] for one in ends] == [["12.6", "15.9"], ["11.2", "14.0"]]
    assert endpoint.reported is not None
    assert [str(end) for end in endpoint.reported.ci or ()] == ["0.77", "1.07"]


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("freedom from biochemical or clinical failure", "BCFFS"),
        ("freedom from biochemical failure", "BFS"),
        ("distant DFS", "DDFS"),
        ("intracranial PFS", "ICPFS"),
        ("CNS PFS", "CNS PFS"),
        ("graft survival, death-censored,", "DCGS"),
        ("graft survival", "GS"),
    ],
)
def test_endpoints_with_a_word_more(words: str, name: str) -> None:
    """They are not the endpoint without it."""
    (endpoint,) = draft_study(
        f"The 5-year {words} was 95.8% in the drug group and 94.6% in the control group."
    ).study.endpoints
    assert endpoint.name == name


def test_times_behind_the_first_of_two_lists() -> None:
    """They hold for the second, too."""
    (endpoint,) = draft_study(
        "OS was 84.1% and 66.0% at 5 and 10 years in the drug group, compared with 76.3% and 52.4% "
        "in the control group."
    ).study.endpoints
    found = [{t: s.survival.text for t, s in a.landmarks.items()} for a in endpoint.arms.values()]
    assert found == [{60: "84.1%", 120: "66.0%"}, {60: "76.3%", 120: "52.4%"}]


def test_kaplan_meier_estimates_of_death_at_the_time_before() -> None:
    """The time is said once, of the first outcome."""
    (pfs, os) = draft_study(
        "At 24 months, PFS was 41.2% in the drug group and 38.0% in the control group. The "
        "Kaplan-Meier estimate of death from any cause was 7.4% in the drug group and 8.9% in the "
        "control group."
    ).study.endpoints
    assert pfs.name == "PFS"
    assert [arm.landmarks[24].survival.text for arm in os.arms.values()] == ["92.6%", "91.1%"]


def test_another_outcome_before_a_colon_ends_an_endpoint() -> None:
    """Rejection is no graft survival."""
    (endpoint,) = draft_study(
        "Three-year graft survival was 96.0% in the drug group and 95.2% in the control group. "
        "Biopsy-proven rejection at 1 year: 14.6% vs 7.7%."
    ).study.endpoints
    assert [list(arm.landmarks) for arm in endpoint.arms.values()] == [[36], [36]]


BENCHMARKS = Path(__file__).parents[3] / "benchmarks"
TEXTS = BENCHMARKS / "prose_texts"
TRUTHS = [
    json.loads(line) for line in (TEXTS / "truth.jsonl").read_text(encoding="utf-8").splitlines()
]


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    """Return the benchmark, which is no module of the package; each text is read once."""
    spec = importlib.util.spec_from_file_location("prose_benchmark", BENCHMARKS / "prose.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    compared, found = module.compared, {}

    def once(text: Path, truth: dict[str, Any]) -> list[tuple[str, str, tuple[object, ...]]]:
        if text not in found:
            found[text] = list(compared(text, truth))
        return found[text]

    module.compared = once  # type: ignore[attr-defined]
    return module


@pytest.mark.parametrize("truth", TRUTHS, ids=[truth["id"] for truth in TRUTHS])
def test_no_number_is_wrong(benchmark: ModuleType, truth: dict[str, Any]) -> None:
    """Whatever is drafted of a text is true of it."""
    found = list(benchmark.compared(TEXTS / f"{truth['id']}.txt", truth))
    assert [place for _, what, place in found if what == "wrong"] == []


def test_most_numbers_are_found(benchmark: ModuleType) -> None:
    """Of all numbers at least 96% are found."""
    counts = benchmark.scored(TEXTS)
    right = sum(number for (_, what), number in counts.items() if what == "right")
    expected = sum(number for (_, what), number in counts.items() if what == "expected")
    assert right >= 0.96 * expected


UNKNOWN = (
    "Of 1,073 patients entered, 1,007 were analyzable (ZQX 333, HQX 337, AQX-C 337). At 5 years, "
    "overall survival was 29.5% for ZQX, 37.1% for HQX and 33.7% for AQX-C."
)


def test_arms_that_are_not_recognised_can_be_named() -> None:
    """The refusal quotes the sentence and says how."""
    unknown = "Overall survival at 3 years was 61% in the prompt and 52% in the tardy."
    with pytest.raises(DraftRefused, match=r'reported \("At 5 years.*told of whom; name the arms'):
        draft_study("At 5 years, overall survival was 29.5% and 37.1%.")
    assert len(draft_study(unknown, arms=["prompt", "tardy"]).study.endpoints[0].arms) == 2


@pytest.mark.parametrize("arms", [(), ("ZQX", "HQX", "AQX-C")])
def test_names_beside_values_are_those_of_the_arms(arms: tuple[str, ...]) -> None:
    """Where no sentence sets any against others, as if somebody had named them."""
    found = draft_study(UNKNOWN, arms=arms).study.endpoints[0].arms
    assert {name: arm.n for name, arm in found.items()} == {"ZQX": 333, "HQX": 337, "AQX-C": 337}
    survival = [next(iter(arm.landmarks.values())).survival.text for arm in found.values()]
    assert survival == ["29.5%", "37.1%", "33.7%"]


def test_an_arm_may_have_other_names() -> None:
    """The first is that of the draft; the text need not name the arm by it."""
    draft = draft_study(ABSTRACT, arms={"Active": "drug", "Control": ["placebo", "dummy"]})
    medians = {name: arm.median.text for name, arm in draft.study.endpoints[0].arms.items()}
    assert medians == {"Active": "19.7", "Control": "15.9"}


@pytest.mark.parametrize(
    ("arms", "message"),
    [
        (["drug"], "Two to 4 different arms can be named, not 1: drug"),
        (["drug", "drug"], "Two to 4 different arms can be named, not 2"),
        (["drug", "PLACEBO", " Drug "], '"drug" cannot name two arms'),
        ({"drug": "pill", "placebo": "Pill"}, '"pill" cannot name two arms'),
        (["drug", "surgery"], 'names no arm "surgery".*--arm "surgery=OTHER NAME"'),
    ],
)
def test_names_that_are_none_of_arms_are_refused(arms: Any, message: str) -> None:
    """Too few, the same twice, and what the text does not name."""
    with pytest.raises(DraftRefused, match=message):
        draft_study(ABSTRACT, arms=arms)


@pytest.mark.parametrize(
    "arms", ["drug", 5, ["drug", 2], ["drug", " "], {"drug": [2], "placebo": ()}, {"drug": 3}]
)
def test_what_is_no_name_of_an_arm_is_said(arms: Any) -> None:
    """A text is no list of them: its letters are not taken for arms."""
    with pytest.raises(TypeError, match="takes the names of two arms or more, not "):
        draft_study(ABSTRACT, arms=arms)


RULED = """Table 2. Survival outcomes

| Outcome | Resection, n=185 | Ablation, n=184 | HR (95% CI) | P |
|:---|---:|---:|---|---|
| Overall survival | | | | |
| Median, months | 62.1 (50.3-71.0) | 55.0 (44.2-60.8) | 1.22 (0.78-1.89) | 0.381 |
| 1-year, % | 98.8 | 99.5 | | |
| 5-year, % | | 75.3 | | 0.04 |
"""


@pytest.mark.parametrize("marked", [True, False])
def test_a_table_ruled_by_bars_is_read_as_one_of_tabs(marked: bool) -> None:
    """With bars around it and a rule below its head, or without; an empty cell moves no other."""
    rows = RULED.splitlines()
    if not marked:
        rows = [row.strip("| ") for row in rows if not row.startswith("|:")]
    endpoint = draft_study("\n".join(rows)).study.endpoints[0]
    assert {name: arm.n for name, arm in endpoint.arms.items()} == {
        "Resection": 185,
        "Ablation": 184,
    }
    assert [arm.median.text for arm in endpoint.arms.values()] == ["62.1", "55.0"]
    survival = [
        {time: mark.survival.text for time, mark in arm.landmarks.items()}
        for arm in endpoint.arms.values()
    ]
    assert survival == [{12.0: "98.8%"}, {12.0: "99.5%", 60.0: "75.3%"}]
    assert endpoint.reported.hazard_ratio.text == "1.22"
    assert endpoint.reported.p.text == "0.381"


LABEL = """Table 11. Efficacy Results
Endpoint | BELVOR N=301 | Chemotherapy N=307
Overall Survival
Number (%) of patients with events | 134 (44.5) | 167 (54.4)
Median in months (95% CI) | 12.9 (10.6, 15.2) | 9.0 (8.1, 10.7)
Hazard ratio (95% CI) | 0.70 (0.56, 0.89) |
"""


@pytest.mark.parametrize("above", ["", "Patients got sorafenib (n = 98) or TACE (n = 100).\n"])
@pytest.mark.parametrize("caption", ["", "Table 2. Survival with sorafenib or TACE\n"])
def test_the_head_of_a_ruled_table_says_whose_its_columns_are(above: str, caption: str) -> None:
    """Whatever stands above it; a cell that is empty, or a dash, takes no other's number."""
    table = (
        "| Outcome | TACE (n = 100) | Sorafenib (n = 98) |\n|---|---|---|\n"
        "| 1-year OS | 50% | 60% |\n| 2-year OS | | 41% |\n| Median OS, months | 12 | - |\n"
    )
    (endpoint,) = draft_study(above + caption + table).study.endpoints
    found = {name.lower(): arm for name, arm in endpoint.arms.items()}
    survival = {
        name: {time: mark.survival.text for time, mark in arm.landmarks.items()}
        for name, arm in found.items()
    }
    assert survival == {"tace": {12.0: "50%"}, "sorafenib": {12.0: "60%", 24.0: "41%"}}
    assert found["tace"].median.text == "12"
    assert found["sorafenib"].median is None


def test_patients_with_events_are_no_subgroup() -> None:
    """The rows below theirs in a label's table are of the endpoint above."""
    endpoint = draft_study(LABEL).study.endpoints[0]
    assert endpoint.name == "OS"
    assert [arm.median.text for arm in endpoint.arms.values()] == ["12.9", "9.0"]
    assert endpoint.reported.hazard_ratio.text == "0.70"


def test_a_primary_outcome_that_has_a_name_is_read_as_that() -> None:
    """What the paper does not say there stands in square brackets; another definition is none."""
    text = (
        "Patients were assigned to receive a device (n = 556) or usual care (n = 560). The primary "
        "outcome was death from any cause. The primary outcome occurred in 120 patients in the "
        "device group and in 131 patients in the usual care group (hazard ratio, 0.87; 95% CI, "
        "0.68 to 1.12)."
    )
    draft = draft_study(text)
    (endpoint,) = draft.study.endpoints
    assert endpoint.name == "OS"
    assert [arm.events for arm in endpoint.arms.values()] == [120, 131]
    assert "The primary outcome [death from any cause] occurred in" in draft.text
    with pytest.raises(DraftRefused):
        draft_study(text.replace("death from any cause", "a score of symptoms"))


def test_rows_that_do_not_fit_the_head_of_a_ruled_table_are_left_as_they_are() -> None:
    """More cells than heads, or no head at all: nothing is named, moved or lost."""
    rows = [row for _, row in unruled(["| A | B |", "| OS | 12 | 10 |", "| PFS | 7 | 5 |"])]
    assert rows == ["", "A, B", "OS\t12\t10", "PFS\t7\t5"]
    rows = [row for _, row in unruled(["OS | 12 | 10", "PFS | 7 | 5"])]
    assert rows == ["", "OS\t12\t10", "PFS\t7\t5"]


def test_an_arm_called_p_is_no_p_value() -> None:
    """Its head gives its size."""
    rows = [row for _, row in unruled(["| | D (n=9) | P (n=8) | p |", "| OS | 12 | 10 | .3 |"])]
    assert rows[-1] == "OS\t12\t10\tP = .3"


def test_bars_in_prose_rule_no_table() -> None:
    """One bar, or bars between letters, are left as they are."""
    lines = ["P(A|B) and P(B|A) | both", "| x|", "5-year survival | 61%"]
    assert [line for _, line in unruled(lines)] == lines

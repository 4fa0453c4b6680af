"""The bundled papers hold what the papers print: expected values were read again from print."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import pytest

from kmrepro.studies import Arm, Endpoint, PrintedNumber, Study, bundled_ids, load_study
from kmrepro.studies.papers import bundled_contents, contents_of


class Counts(NamedTuple):
    """How much of a paper its study file holds."""

    endpoints: int
    arms: int
    landmarks: int
    table_rows: int


COUNTS = {
    "an2025": Counts(endpoints=8, arms=16, landmarks=64, table_rows=61),
    "haic-tae": Counts(endpoints=3, arms=5, landmarks=0, table_rows=0),
    "sorafenib-tace-haic": Counts(endpoints=8, arms=12, landmarks=6, table_rows=0),
    "wang2024": Counts(endpoints=6, arms=10, landmarks=6, table_rows=0),
    "zhang2023": Counts(endpoints=2, arms=2, landmarks=0, table_rows=30),
}

# Results, Comparison of survival outcomes: SR, TA (12, 36, 60, 120 months); HR, 95% CI, p.
AN2025 = {
    "unmatched/OS": (
        "99.1% 89.9% 82.4% 65.6%", "99.5% 90.2% 79.1% 55.7%", "1.13 0.77 1.66 0.543",
    ),
    "unmatched/PFS": (
        "88.8% 68.4% 57.3% 34.9%", "89.5% 70.2% 52.1% 28.5%", "1.07 0.83 1.37 0.614",
    ),
    "unmatched/EPFS": (
        "97.1% 91.8% 88.5% 83.3%", "99.5% 95.5% 92.1% 80.1%", "0.60 0.33 1.10 0.100",
    ),
    "unmatched/PPS": (
        "94.7% 85.5% 78.9% 69.0%", "96.3% 86.0% 73.8% 60.7%", "1.07 0.72 1.57 0.746",
    ),
    "psm/OS": (
        "98.8% 89.3% 82.9% 64.4%", "99.5% 88.4% 75.3% 53.9%", "1.22 0.78 1.89 0.381",
    ),
    "psm/PFS": (
        "88.5% 69.2% 58.8% 32.2%", "90.6% 71.4% 53.1% 32.0%", "0.97 0.71 1.32 0.855",
    ),
    "psm/EPFS": (
        "96.6% 92.0% 88.2% 82.2%", "100.0% 96.9% 92.0% 76.6%", "0.46 0.21 1.01 0.053",
    ),
    "psm/PPS": (
        "94.5% 85.1% 78.7% 67.9%", "94.4% 83.5% 68% 65.6%", "1.24 0.80 1.93 0.334",
    ),
}  # fmt: skip

# study, endpoint, arm, quantity, printed, place in the paper
SPOT_VALUES = [
    ("an2025", "unmatched/OS", "SR", "n", "219", "Table 1"),
    ("an2025", "unmatched/OS", "TA", "n", "390", "Table 1"),
    ("an2025", "psm/PFS", "TA", "n", "185", "Table 1"),
    ("an2025", "psm/OS", "SR", "follow_up.median", "22.4", "Comparison of survival outcomes"),
    ("an2025", "psm/OS", "SR", "follow_up.iqr", "15.6 72.6", "Comparison of survival outcomes"),
    ("an2025", "unmatched/PFS", "TA", "follow_up.median", "24.8", "Comparison of survival"),
    ("an2025", "unmatched/PFS", "TA", "follow_up.iqr", "18.2 68.5", "Comparison of survival"),
    ("zhang2023", "resected/DFS", "resected", "n", "23", "Results, Survival"),
    ("zhang2023", "resected/DFS", "resected", "events", "3", "Results, Survival"),
    ("zhang2023", "resected/DFS", "resected", "follow_up.median", "11.4", "Results, Survival"),
    ("zhang2023", "resected/DFS", "resected", "follow_up.range", "0.9 26.9", "Results, Survival"),
    ("zhang2023", "converted/OS", "converted", "n", "26", "Results, Survival"),
    ("zhang2023", "converted/OS", "converted", "events", "0", "Results, Survival"),
    ("zhang2023", "converted/OS", "converted", "follow_up.median", "12.9", "Results, Survival"),
    ("zhang2023", "converted/OS", "converted", "follow_up.range", "3.9 40.6", "Results, Survival"),
    ("sorafenib-tace-haic", "all/OS", "STH", "n", "66", "Results, Participant characteristics"),
    ("sorafenib-tace-haic", "all/OS", "STH", "events", "45", "Survival and disease progression"),
    ("sorafenib-tace-haic", "all/OS", "STH", "median", "21.8", "Survival and disease progression"),
    ("sorafenib-tace-haic", "all/OS", "STH", "median_ci", "12.9 30.6", "Survival and disease"),
    ("sorafenib-tace-haic", "all/OS", "STH", "landmarks", "68.2% 46.4% 25.6%", "Survival"),
    ("sorafenib-tace-haic", "all/OS", "STH", "follow_up.median", "22.0", "Survival and disease"),
    ("sorafenib-tace-haic", "all/OS", "STH", "follow_up.range", "1 77", "Survival and disease"),
    ("sorafenib-tace-haic", "all/PFS", "STH", "events", "43", "Survival and disease progression"),
    ("sorafenib-tace-haic", "all/PFS", "STH", "median", "13.1", "Survival and disease progression"),
    ("sorafenib-tace-haic", "all/PFS", "STH", "median_ci", "9.5 16.7", "Survival and disease"),
    ("sorafenib-tace-haic", "all/PFS", "STH", "landmarks", "75.0% 54.7% 30.0%", "Survival"),
    ("sorafenib-tace-haic", "bclc/OS", "B", "n", "29", "Table 1"),
    ("sorafenib-tace-haic", "bclc/OS", "B", "median", "46.1", "Survival and disease progression"),
    ("sorafenib-tace-haic", "bclc/OS", "C", "n", "37", "Table 1"),
    ("sorafenib-tace-haic", "bclc/OS", "C", "median", "15.6", "Survival and disease progression"),
    ("sorafenib-tace-haic", "bclc/PFS", "B", "median", "13.5", "Survival and disease progression"),
    ("sorafenib-tace-haic", "bclc/PFS", "C", "median", "9.4", "Survival and disease progression"),
    ("sorafenib-tace-haic", "portal-vein/OS", "PVI", "n", "23", "Discussion"),
    ("sorafenib-tace-haic", "portal-vein/OS", "PVI", "median", "13.6", "Discussion"),
    ("sorafenib-tace-haic", "portal-vein/PFS", "PVI", "median", "7.7", "Discussion"),
    ("sorafenib-tace-haic", "imaging/OS", "MRI", "n", "49", "Survival and disease progression"),
    ("sorafenib-tace-haic", "imaging/PFS", "CT", "n", "17", "Survival and disease progression"),
    ("haic-tae", "as-medians/OS", "resected", "n", "14", "Abstract, Results"),
    ("haic-tae", "as-means/OS", "resected", "mean", "22.7", "Abstract, Results"),
    ("haic-tae", "as-medians/OS", "resected", "median", "22.7", "Abstract, Results"),
    ("haic-tae", "as-medians/OS", "not-resected", "n", "8", "Abstract, Results: 22 less 14"),
    ("haic-tae", "as-means/OS", "not-resected", "mean", "13.2", "Abstract, Results"),
    ("haic-tae", "resected/DFS", "resected", "mean", "14.7", "Abstract, Results"),
    ("wang2024", "zhang2016/OS", "resection", "median", "49", "Section 3, reference 22"),
    ("wang2024", "zhang2016/OS", "conservative", "median", "31", "Section 3, reference 22"),
    ("wang2024", "zhang2016/OS", "resection", "landmarks", "26%", "Section 3, reference 22"),
    ("wang2024", "zhang2016/OS", "conservative", "landmarks", "10%", "Section 3, reference 22"),
    ("wang2024", "hamaoka2017/OS", "surgical", "landmarks", "71%", "Section 3, reference 34"),
    ("wang2024", "hamaoka2017/OS", "non-surgical", "landmarks", "18%", "Section 3, reference 34"),
    ("wang2024", "chong2018/DSS", "combination", "median", "62", "Section 3, reference 35"),
    ("wang2024", "chong2018/DSS", "resection-first", "median", "15", "Section 3, reference 35"),
    ("wang2024", "zhu2023/OS", "converted", "landmarks", "95.8%", "Section 4, reference 47"),
    ("wang2024", "zhu2023/RFS", "converted", "landmarks", "75%", "Section 4, reference 47"),
]

# study, table, variable, model, HR, lower, upper and p as printed
SPOT_ROWS = [
    ("an2025", "table-2-unmatched", "HBV", "univariable", "3.29 0.46 23.62 0.235"),
    ("an2025", "table-2-unmatched", "ALBI grade", "multivariable", "1.63 1.14 2.53 0.007"),
    ("an2025", "table-2-psm", "ALBI grade", "univariable", "1.60 1.11 232 0.012"),
    ("an2025", "table-2-psm", "Tumor number after TACE", "univariable", "0.77 0.29 2.08 0.608"),
    ("an2025", "table-3-unmatched", "AFP (ng/mL)", "univariable", "1.37 1.07 1.75 0.012"),
    ("an2025", "table-3-unmatched", "AFP (ng/mL)", "multivariable", "1.43 1.11 2.24 0.007"),
    ("an2025", "table-3-psm", "Treatment modality", "univariable", "0.97 0.71 1.32 0.855"),
    ("an2025", "table-3-psm", "Targeted immunotherapy", "multivariable", "2.13 1.2 3.12 0.001"),
    ("zhang2023", "table-9", "Liver cirrhosis", "univariable", "0.165 0.06 0.454 <0.001"),
    ("zhang2023", "table-9", "Liver cirrhosis", "multivariable", "0.291 0.098 0.869 0.027"),
    ("zhang2023", "table-9", "Bilirubin (µmol/L)", "univariable", "0.042 0 29.086 0.342"),
    ("zhang2023", "table-9", "HBV", "multivariable", "0.63 0.218 1.815 0.63"),
    ("zhang2023", "table-9", "Treatment", "univariable", "1.71 0.584 5.002 0.328"),
]


@cache
def paper(study_id: str) -> Study:
    """Read a bundled paper once."""
    return load_study(study_id)


def endpoint_of(study_id: str, key: str) -> Endpoint:
    """Look an endpoint up by its cohort/name key."""
    cohort, name = key.split("/")
    return paper(study_id).endpoint(cohort, name)


def every_arm() -> Iterator[tuple[Study, Endpoint, str, Arm]]:
    """Walk over all arms of all papers."""
    for study_id in COUNTS:
        for endpoint in paper(study_id).endpoints:
            for name, arm in endpoint.arms.items():
                yield paper(study_id), endpoint, name, arm


def text_of(arm: Arm, quantity: str) -> str:
    """Say one quantity of an arm as printed, several numbers joined by spaces."""
    if quantity == "landmarks":
        return " ".join(str(landmark.survival) for landmark in arm.landmarks.values())
    value: object = arm
    for part in quantity.split("."):
        value = getattr(value, part)
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def printed_numbers(value: object) -> Iterator[PrintedNumber]:
    """Find every printed number inside a study, however deep."""
    if isinstance(value, PrintedNumber):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from printed_numbers(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from printed_numbers(inner)
    elif hasattr(value, "model_fields_set"):
        yield from printed_numbers(dict(value))  # type: ignore[call-overload]


def test_five_papers_are_bundled() -> None:
    """The five papers are found by their ids."""
    assert set(COUNTS) <= set(bundled_ids())


@pytest.mark.parametrize("study_id", COUNTS)
def test_counts(study_id: str) -> None:
    """A paper has as many endpoints, arms, landmarks and table rows as were counted in print."""
    study = paper(study_id)
    arms = [arm for endpoint in study.endpoints for arm in endpoint.arms.values()]
    counted = Counts(
        endpoints=len(study.endpoints),
        arms=len(arms),
        landmarks=sum(len(arm.landmarks) for arm in arms),
        table_rows=sum(len(table.hazard_ratios) for table in study.tables),
    )
    assert counted == COUNTS[study_id]


@pytest.mark.parametrize("key", AN2025)
def test_an2025_comparison(key: str) -> None:
    """Each of the eight comparisons holds its landmarks, HR, interval and p exactly as printed."""
    endpoint = endpoint_of("an2025", key)
    reported = endpoint.reported
    assert reported is not None
    assert reported.ci is not None
    for name, printed in zip(("SR", "TA"), AN2025[key][:2], strict=True):
        assert text_of(endpoint.arms[name], "landmarks") == printed
        assert list(endpoint.arms[name].landmarks) == [12, 36, 60, 120]
    comparison = (reported.hazard_ratio, *reported.ci, reported.p)
    assert " ".join(map(str, comparison)) == AN2025[key][2]
    assert (endpoint.reference, endpoint.treatment, reported.test) == ("SR", "TA", "log-rank")


def test_an2025_figures() -> None:
    """The unmatched endpoints are Figure 4, the matched ones Figure 5, in the paper's order."""
    figures = [endpoint.figure for endpoint in paper("an2025").endpoints]
    assert figures == [f"Figure {number}({panel})" for number in (4, 5) for panel in "abcd"]


def test_an2025_dates() -> None:
    """Enrolment and cut-off are those of the abstract and of Assessments and follow-up."""
    study = paper("an2025")
    assert study.enrolment == ("2008-06", "2022-10")
    assert study.data_cutoff == "2023-08-31"


def test_only_post_progression_survival_borrows_its_denominator() -> None:
    """PPS starts at progression, so its n is the cohort's and the endpoint says why."""
    for _, endpoint, _, arm in every_arm():
        assert (arm.n_basis == "cohort") == (endpoint.name == "PPS")
        if endpoint.name == "PPS":
            assert "progression" in endpoint.note
            assert arm.follow_up is None


def test_an2025_treatment_rows_repeat_the_comparisons() -> None:
    """Tables 2 and 3 print the text's HR of treatment for OS and PFS."""
    study = paper("an2025")
    for table in filter(lambda table: table.hazard_ratios, study.tables):
        row = next(row for row in table.hazard_ratios if row.variable == "Treatment modality")
        reported = study.endpoint(table.cohort, table.endpoint).reported
        assert reported is not None
        assert (row.hazard_ratio, row.ci, row.p) == (reported.hazard_ratio, reported.ci, reported.p)
        assert (row.reference, row.level) == ("SR", "TA")


@pytest.mark.parametrize(("study_id", "key", "arm", "quantity", "printed", "place"), SPOT_VALUES)
def test_spot_value(
    study_id: str, key: str, arm: str, quantity: str, printed: str, place: str
) -> None:
    """A value read from its place in the paper is the file's value, digit for digit."""
    assert text_of(endpoint_of(study_id, key).arms[arm], quantity) == printed, place


@pytest.mark.parametrize(("study_id", "table_id", "variable", "model", "printed"), SPOT_ROWS)
def test_spot_row(study_id: str, table_id: str, variable: str, model: str, printed: str) -> None:
    """A table row read from the paper is the file's row, misprints included."""
    table = next(table for table in paper(study_id).tables if table.id == table_id)
    rows = [r for r in table.hazard_ratios if (r.variable, r.model) == (variable, model)]
    assert len(rows) == 1
    assert rows[0].ci is not None
    assert " ".join(map(str, (rows[0].hazard_ratio, *rows[0].ci, rows[0].p))) == printed


@pytest.mark.parametrize(
    ("study_id", "key", "p"),
    [
        ("haic-tae", "as-medians/OS", "0.018"),
        ("sorafenib-tace-haic", "imaging/OS", "0.25"),
        ("sorafenib-tace-haic", "imaging/PFS", "0.38"),
    ],
)
def test_comparison_with_p_only(study_id: str, key: str, p: str) -> None:
    """A paper that prints p alone gets no hazard ratio from us."""
    reported = endpoint_of(study_id, key).reported
    assert reported is not None
    assert (str(reported.p), reported.hazard_ratio, reported.ci) == (p, None, None)


def test_zhang2023_recurrence_times() -> None:
    """The three recurrence times stand as printed, one for each event."""
    arm = endpoint_of("zhang2023", "resected/DFS").arms["resected"]
    assert arm.event_times == (1.1, 2.1, 4.2)
    assert arm.events == len(arm.event_times)


def test_haic_tae_says_what_is_unclear() -> None:
    """The abstract does not name its statistic: it is entered both ways, and the notes say so."""
    medians = endpoint_of("haic-tae", "as-medians/OS")
    means = endpoint_of("haic-tae", "as-means/OS")
    assert "Unclear" in medians.note
    for name, arm in medians.arms.items():
        assert str(arm.median) == str(means.arms[name].mean)


def test_wang2024_prints_no_number_of_patients() -> None:
    """The review gives no arm's n, and its yearly rates stay in years."""
    study = paper("wang2024")
    assert {arm.n for endpoint in study.endpoints for arm in endpoint.arms.values()} == {None}
    units = {endpoint.key: endpoint.time_unit for endpoint in study.endpoints}
    assert units["hamaoka2017/OS"] == units["zhu2023/OS"] == units["zhu2023/RFS"] == "years"
    assert units["zhang2016/OS"] == units["chong2018/DSS"] == "months"


def test_wang2024_converts_no_risk_reduction() -> None:
    """Donafenib's 17% lower risk of death is quoted, not turned into a hazard ratio."""
    reported = endpoint_of("wang2024", "qin2021/OS").reported
    assert reported is not None
    assert reported.note is not None
    assert reported.hazard_ratio is None
    assert "17%" in reported.note


@pytest.mark.parametrize("study_id", COUNTS)
def test_everything_has_its_place(study_id: str) -> None:
    """Every endpoint and table names its place in the paper, and every endpoint has a label."""
    study = paper(study_id)
    assert study.id == study_id
    assert all(endpoint.source and endpoint.label for endpoint in study.endpoints)
    assert all(table.source and table.title for table in study.tables)


def test_every_arm_has_a_label() -> None:
    """An arm's label is its own or the study's, never only its key."""
    for study, endpoint, name, arm in every_arm():
        assert arm.label or study.arms.get(name), f"{study.id} {endpoint.key} {name}"


def test_every_comparison_has_a_reference() -> None:
    """Two arms: one of them is the reference. One arm: nothing is compared."""
    for study, endpoint, _, _ in every_arm():
        place = f"{study.id} {endpoint.key}"
        if len(endpoint.arms) == 2:
            assert endpoint.reference in endpoint.arms, place
        else:
            assert endpoint.reference is None, place
            assert endpoint.reported is None, place


@pytest.mark.parametrize("study_id", COUNTS)
def test_printed_numbers_parse(study_id: str) -> None:
    """Every printed number is finite, and reading its text again gives the same number."""
    numbers = list(printed_numbers(paper(study_id)))
    assert numbers
    for number in numbers:
        assert math.isfinite(number.value)
        assert PrintedNumber.parse(number.text) == number


def test_landmarks_fall() -> None:
    """No printed survival rises with time, and each lies between 0 and 1."""
    for study, endpoint, name, arm in every_arm():
        survival = [landmark.survival.value for landmark in arm.landmarks.values()]
        place = f"{study.id} {endpoint.key} {name}"
        assert survival == sorted(survival, reverse=True), place
        assert all(0 < value <= 1 for value in survival), place
        assert list(arm.landmarks) == sorted(arm.landmarks), place


def test_the_list_of_papers_is_that_of_their_files() -> None:
    """What `kmrepro list` shows is up to date; `python docs/make_contents.py` writes it again."""
    assert bundled_contents() == contents_of(load_study(name) for name in bundled_ids())

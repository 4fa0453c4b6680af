"""Counts, percentages, tests and repeated rows of tables."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmrepro.audit import audit
from kmrepro.audit.count_tests import count_tests
from kmrepro.studies import Study

from .conftest import Findings, counts, means

SEXES = 'male = {{ A = "{}", B = "{}" }}, female = {{ A = "{}", B = "{}" }}'
EVEN = SEXES.format("50", "50", "50", "50")


@pytest.mark.parametrize(
    ("cell", "rule", "severity"),
    [
        pytest.param("39/66 (83.3%)", "percentage", "error", id="far"),
        pytest.param("8/66 (12.2)", "percentage", "warning", id="one unit of the last digit"),
        pytest.param("19/22 (86.3)", "percentage-cut-off", "note", id="cut off"),
    ],
)
def test_a_percentage_of_another_count(
    findings: Findings, cell: str, rule: str, severity: str
) -> None:
    """A count over its denominator rounds to its percentage."""
    (found,) = findings(counts(f'male = {{ A = "{cell}" }}'), rule)
    assert found.severity == severity


@pytest.mark.parametrize(
    "cell",
    [
        pytest.param("1/8 (12.5)", id="exact"),
        pytest.param("1/8 (13)", id="half up"),
        pytest.param("1/8 (12)", id="half to even"),
        pytest.param("2/3 (67)", id="rounded"),
        pytest.param("26/26 (100)", id="all"),
        pytest.param("0/26 (0)", id="none"),
        pytest.param("1/400 (<1)", id="below"),
    ],
)
def test_a_percentage_at_the_edge_of_rounding(findings: Findings, cell: str) -> None:
    """Both ways of rounding a half are right."""
    text = counts(f'male = {{ A = "{cell}" }}')
    assert not findings(text, "percentage")
    assert not findings(text, "percentage-cut-off")


def test_percentages_may_be_of_those_with_known_values(findings: Findings) -> None:
    """16 (11.59) of 138 known values in a group of 219 is right, but 81 are missing."""
    text = counts(
        'low = { A = "16 (11.59)" }, mid = { A = "45 (32.61)" }, high = { A = "77 (55.80)" }',
        groups="A = 219",
    )
    assert not findings(text, "percentage")
    (found,) = findings(text, "sub-counts-sum")
    assert (found.severity, found.printed) == ("warning", "A 16 + 45 + 77 = 138")
    assert "the other 81" in found.sentence


def test_levels_that_add_up_to_too_many(findings: Findings) -> None:
    """More than the group has is an error, and whose percentages they are is said."""
    text = counts(
        'small = { A = "22 (8.21)" }, mid = { A = "166 (61.94)" }, large = { A = "80 (29.85)" }',
        groups="A = 185",
    )
    (found,) = findings(text, "sub-counts-sum")
    assert (found.severity, found.expected) == ("error", "A 185")
    assert "the percentages are those of 268" in found.sentence
    of_neither = text.replace("8.21", "11.89")
    (found,) = findings(of_neither, "sub-counts-sum")
    assert "percentages" not in found.sentence


@pytest.mark.parametrize(
    ("text", "errors"),
    [
        pytest.param(counts(EVEN), 0, id="levels that add up"),
        pytest.param(counts('a = { A = "60" }, b = { A = "70" }', row="exclusive = false"), 0,
                     id="patients in several"),
        pytest.param(counts('a = { A = "60" }, b = { A = "101" }', row="exclusive = false"), 1,
                     id="more than all in one"),
        pytest.param(counts('a = { A = "0" }, b = { A = "0" }'), 0, id="not of this group"),
        pytest.param(counts('a = { A = "26" }'), 0, id="one level"),
        pytest.param(counts('a = { A = "8" }, b = { A = "1" }', row="of = { A = 9 }"), 0,
                     id="a row of fewer"),
    ],
)  # fmt: skip
def test_sub_counts(findings: Findings, text: str, errors: int) -> None:
    """Levels share the patients out, unless the file says that they do not."""
    assert len(findings(text, "sub-counts-sum")) == errors


@pytest.mark.parametrize(
    ("exclusive", "total", "found"),
    [
        ("true", "5", 0), ("true", "4", 1), ("false", "4", 0), ("false", "3", 0),
        ("false", "2", 1), ("false", "6", 1),
    ],
)  # fmt: skip
def test_totals(findings: Findings, exclusive: str, total: str, found: int) -> None:
    """A total is the sum, or between the largest part and the sum."""
    text = counts(
        f'any = {{ A = "{total}" }}, a = {{ A = "3" }}, b = {{ A = "2" }}',
        row=f'total = "any"\nexclusive = {exclusive}',
    )
    assert [each.expected for each in findings(text, "total")] == (
        ["5" if exclusive == "true" else "3 to 5"] * found
    )


def _matched(unmatched: str, matched: str) -> str:
    part = counts(matched, groups="A = 80, B = 80").replace('id = "t"', 'id = "u"\nsubset_of = "t"')
    return counts(unmatched) + part


@pytest.mark.parametrize(
    ("matched", "rule"),
    [
        pytest.param(("18", "10", "62", "70"), "", id="a part"),
        pytest.param(("30", "10", "50", "70"), "subset-counts", id="more than all"),
        pytest.param(("78", "75", "2", "5"), "labels-swapped", id="labels the other way round"),
        pytest.param(("18", "18", "62", "62"), "", id="as many as can be"),
    ],
)
def test_matched_patients(findings: Findings, matched: tuple[str, ...], rule: str) -> None:
    """Matched patients are some of the unmatched ones."""
    text = _matched(SEXES.format("20", "20", "80", "80"), SEXES.format(*matched))
    for name in ("subset-counts", "labels-swapped"):
        assert len(findings(text, name)) == (name == rule)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        pytest.param("33", [], id="as many as were left out"),
        pytest.param("32", ["at least 33"], id="one more"),
        pytest.param("53", [], id="as many as before"),
        pytest.param("54", ["at most 53"], id="more than before"),
    ],
)
def test_no_more_drop_out_than_were_left_out(
    findings: Findings, cell: str, expected: list[str]
) -> None:
    """53 of 100 patients leave 33 to 53 of 80 chosen ones."""
    several = "exclusive = false"
    part = counts(f'fever = {{ A = "{cell}" }}', groups="A = 80", row=several)
    text = counts('fever = { A = "53" }', groups="A = 100", row=several)
    text += part.replace('id = "t"', 'id = "u"\nsubset_of = "t"')
    assert [found.expected for found in findings(text, "subset-counts")] == expected


def test_missing_values_leave_room(findings: Findings) -> None:
    """A patient whose value is not printed for all may be one of the matched."""
    text = _matched(SEXES.format("20", "20", "70", "80"), SEXES.format("30", "10", "50", "70"))
    assert not findings(text, "subset-counts")


TWO_ROWS = (
    '[[table]]\nid = "t"\ngroups = {{ A = 185, B = 185 }}\n'
    '[[table.count]]\nvariable = "one"\nlevels = {{ no = {{ A = "{0}", B = "{1}" }}, '
    'yes = {{ A = "{2}", B = "{3}" }} }}\n'
    '[[table.count]]\nvariable = "other"\nlevels = {{ off = {{ A = "{0}", B = "{1}" }}, '
    'on = {{ A = "{2}", B = "{3}" }} }}\n'
)


def test_repeated_rows_of_counts(findings: Findings) -> None:
    """Frequent levels seldom agree in both groups; rare ones often do."""
    assert len(findings(TWO_ROWS.format(103, 94, 82, 91), "repeated-row")) == 1
    assert not findings(TWO_ROWS.format(183, 184, 2, 1), "repeated-row")


def test_repeated_rows_of_medians(findings: Findings) -> None:
    """Six numbers of a part of the patients are not those of all; two short ones may be."""
    long = means("8.6 (17.4~31.1)", "7.2 (12.6~1.2)", row="").replace("mean", "median")
    part = long.replace('id = "t"', 'id = "u"\nsubset_of = "t"')
    assert len(findings(long + part, "repeated-row")) == 1
    short = means("3 (0.2)", "2.8 (0.3)")
    assert not findings(short + short.replace('"t"', '"u"'), "repeated-row")


# R 4: a <- matrix(c(22,166,80,20,168,80), 3); d <- matrix(c(18,201,13,377), 2)
#      e <- matrix(c(20,3,244,39), 2); g <- matrix(c(8,3,5,7,1,9), 3)
A, D = [[22, 20], [166, 168], [80, 80]], [[18, 13], [201, 377]]
E, G = [[20, 244], [3, 39]], [[8, 7], [3, 1], [5, 9]]
R_TESTS = [
    pytest.param(A, "Pearson's chi-square test", 0.947804452659, id="chisq.test(a)"),
    pytest.param(D, "Pearson's chi-square test", 0.00847748684209, id="correct = FALSE"),
    pytest.param(D, "the chi-square test with Yates' correction", 0.0146730376254, id="Yates"),
    pytest.param(D, "Fisher's exact test", 0.0117540958252, id="fisher.test(d)"),
    pytest.param(E, "the one-sided Fisher's exact test", 0.609735563763, id="alternative"),
    pytest.param(G, "Fisher's exact test", 0.339632956583, id="fisher.test(g)"),
]


@pytest.mark.parametrize(("table", "name", "p"), R_TESTS)
def test_tests_of_counts_agree_with_r(table: list[list[int]], name: str, p: float) -> None:
    """p-values as R's chisq.test and fisher.test print them."""
    found = {test.name: test.p for test in count_tests(np.array(table))}
    assert found[name] == pytest.approx(p, rel=1e-9)


def test_the_trend_is_the_squared_correlation() -> None:
    """(N - 1) r² of levels and groups, patient by patient."""
    (trend,) = (test for test in count_tests(np.array(A)) if test.name == "a test for trend")
    patients = [pair for pair, n in np.ndenumerate(np.array(A)) for _ in range(n)]
    r = np.corrcoef(np.array(patients).T)[0, 1]
    assert trend.statistic == pytest.approx((len(patients) - 1) * r**2, rel=1e-9)
    assert trend.statistic == pytest.approx(0.0226819858397, rel=1e-9)  # R: (n - 1) * cor(...)^2


@pytest.mark.parametrize(
    ("test", "p", "severity"),
    [
        pytest.param("chi-square", "0.008", None, id="Pearson"),
        pytest.param("chi-square", "0.015", None, id="Yates"),
        pytest.param("chi-square", "<0.05", None, id="a bound"),
        pytest.param("", "0.012", None, id="Fisher, where no test is named"),
        pytest.param("chi-square", "0.012", "note", id="Fisher, where chi-square is named"),
        pytest.param("chi-square", "0.020", "warning", id="none"),
        pytest.param("chi-square", "0.33", "error", id="none, across 0.05"),
        pytest.param("logistic regression", "0.33", None, id="a test that is not recomputed"),
    ],
)
def test_p_values_of_counts(findings: Findings, test: str, p: str, severity: str | None) -> None:
    """The p-value is recomputed with the test that the paper names."""
    text = counts(
        SEXES.format(18, 13, 201, 377), groups="A = 219, B = 390",
        row=f'p = "{p}"\ntest = "{test}"',
    )  # fmt: skip
    assert [each.severity for each in findings(text, "count-test-p")] == [severity] * bool(severity)


def test_a_p_of_a_total_is_of_it_and_of_those_without(findings: Findings) -> None:
    """40 and 20 of 100 give p 0.0020; what is reported names the total, not its parts."""
    levels = 'any = { A = "40", B = "20" }, a = { A = "25", B = "15" }, b = { A = "15", B = "5" }'
    text = counts(levels, row='total = "any"\np = "0.61"\ntest = "chi-square"')
    (found,) = findings(text, "count-test-p")
    assert found.printed == "A 40; B 20; p 0.61"


def test_a_p_beside_counts_that_are_not_all_reported_is_not_tested(findings: Findings) -> None:
    """A level that one group lacks leaves nothing to test."""
    text = counts(
        'low = { A = "40", B = "20" }, high = { A = "60" }', row='p = "0.61"\ntest = "chi-square"'
    )
    assert not findings(text, "count-test-p")


def test_a_one_sided_p_is_named(findings: Findings) -> None:
    """A one-sided p beside a chi-square statistic is found, and said to be one."""
    text = counts(
        SEXES.format(20, 244, 3, 39), groups="A = 23, B = 283",
        row='p = "0.61"\ntest = "chi-square"\nstatistic = "0.01"',
    )  # fmt: skip
    (found,) = findings(text, "count-test-p")
    assert found.severity == "warning"
    assert "one-sided Fisher" in found.sentence
    assert not findings(text, "count-test-statistic")
    assert findings(text.replace('"0.01"', '"0.11"'), "count-test-statistic")


@pytest.mark.parametrize(
    ("row", "rule", "severity"),
    [
        pytest.param('p = "0.166"\ntest = "t"', "", None, id="Student"),
        pytest.param('p = "0.5"\ntest = "t"', "mean-test-p", "error", id="far"),
        pytest.param('p = "0.176"\ntest = "t"', "mean-test-p", "warning", id="near"),
        pytest.param('p = "0.05"\ntest = "Mann-Whitney"', "", None, id="a rank test may differ"),
        pytest.param('p = "0.0001"\ntest = "Mann-Whitney"', "mean-test-p", "warning",
                     id="but not by that much"),
        pytest.param('statistic = "1.39"\ntest = "t"', "", None, id="its statistic"),
        pytest.param('statistic = "-1.50"\ntest = "t"', "mean-test-statistic", "warning",
                     id="another statistic"),
        pytest.param('statistic = "1.39"\np = "0.16"\ntest = "Mann-Whitney"', "", None, id="Z"),
        pytest.param('statistic = "1.39"\np = "0.26"\ntest = "Mann-Whitney"', "statistic-p",
                     "warning", id="Z of another p"),
    ],
)  # fmt: skip
def test_means(findings: Findings, row: str, rule: str, severity: str | None) -> None:
    """41.56 (4.63) and 40.87 (4.94) in 185 and 185 give t 1.386, p 0.1666."""
    text = means("41.56 (4.63)", "40.87 (4.94)", groups="A = 185, B = 185", row=row)
    for name in ("mean-test-p", "mean-test-statistic", "statistic-p"):
        found = [each.severity for each in findings(text, name)]
        assert found == ([severity] if name == rule else [])


def test_welch_is_a_t_test_too(findings: Findings) -> None:
    """A t of 2.36 is Welch's, where Student's would be 2.42."""
    row = 'statistic = "2.36"\np = "0.03"\ntest = "t"'
    text = means("8.53±3.62", "5.9±2.99", groups="A = 16, B = 21", row=row)
    for rule in ("mean-test-p", "mean-test-statistic", "statistic-p"):
        assert not findings(text, rule)


@pytest.mark.parametrize(("p", "found"), [("0.025", 0), ("0.007", 1), ("0.117", 1)])
def test_the_statistic_of_three_groups(findings: Findings, p: str, found: int) -> None:
    """R: pchisq(7.38, 2, lower = FALSE) is 0.025; with one degree 0.0066, with four 0.117."""
    text = (
        '[[table]]\nid = "t"\ngroups = { A = 30, B = 30, C = 30 }\n[[table.median]]\n'
        'variable = "Size"\nA = "4.1 (2.0-6.0)"\nB = "5.1 (3.0-7.0)"\nC = "6.2 (4.0-8.0)"\n'
        f'statistic = "7.38"\np = "{p}"\ntest = "Kruskal-Wallis"\n'
    )
    assert len(findings(text, "statistic-p")) == found


def test_a_statistic_of_fewer_patients(findings: Findings) -> None:
    """Zhang 2023, Table 6: t is 2.03 if one of the 23 patients is missing."""
    row = 'statistic = "2.03"\ntest = "t"'
    text = means("7.91±3.74", "5.99±4.33", groups="A = 23, B = 283", row=row)
    (found,) = findings(text, "mean-test-statistic")
    assert found.sentence.endswith("but with 22 in A.")


def test_a_zero_that_was_left_out_is_a_note(findings: Findings) -> None:
    """3 beside 2.8 may be 2.5 to 3.5; as 3.0 it does not go with p = 1."""
    row = 'p = "1.000"\ntest = "Mann-Whitney"'
    (found,) = findings(means("3 (0.2)", "2.8 (0.3)", row=row), "mean-test-p")
    assert found.severity == "note"
    (found,) = findings(means("3.0 (0.2)", "2.8 (0.3)", row=row), "mean-test-p")
    assert found.severity == "warning"


def test_cells(findings: Findings) -> None:
    """Medians outside their quartiles, spreads of two kinds, cells that cannot be read."""
    rows = means("1 (3, 5)", "4 (3, 5)").replace("table.mean", "table.median")
    assert len(findings(rows, "quartile-order")) == 1
    mixed = means("4 (3, 5)", "4 (1)").replace("table.mean", "table.median")
    assert [each.severity for each in findings(mixed, "cell-form")] == ["note"]
    (unread,) = findings(counts('male = { A = "5 of 9 or 10" }'), "cell-not-read")
    assert unread.printed == "5 of 9 or 10"


@given(st.lists(st.integers(1, 400), min_size=4, max_size=4), st.integers(0, 2))
def test_sound_counts_are_never_found(four: list[int], decimals: int) -> None:
    """Whatever is computed from counts, and rounded, is sound."""
    table = np.array(four).reshape(2, 2)
    n = table.sum(axis=0)
    for test in count_tests(table):
        if test.family == "one-sided":
            continue
        levels = {
            level: {
                group: f"{table[i, j]} ({100 * table[i, j] / n[j]:.{decimals}f})"
                for j, group in enumerate("AB")
            }
            for i, level in enumerate(("yes", "no"))
        }
        row = {"variable": "x", "levels": levels, "p": f"{test.p:.3f}", "test": test.family}
        groups = {"A": int(n[0]), "B": int(n[1])}
        paper = {"id": "t", "groups": groups, "count": [row]}
        study = {"id": "s", "endpoint": [{"name": "OS", "arms": {"A": {}}}], "table": [paper]}
        assert not audit(Study.model_validate(study)).findings


@pytest.mark.parametrize(
    ("p", "test", "found"),
    [
        pytest.param("0.157", "chi-square", 0, id="of both"),
        pytest.param(
            "0.203", "chi-square", 1, id="of Yates' correction, beside Pearson's statistic"
        ),
        pytest.param("0.203", "chi-square or Fisher's exact test", 0, id="may be exact"),
    ],
)
def test_a_chi_square_beside_counts(findings: Findings, p: str, test: str, found: int) -> None:
    """50 and 60 of 100 give 2.0202 and p 0.155 by Pearson's test, 1.636 and 0.201 by Yates'."""
    row = f'p = "{p}"\ntest = "{test}"\nstatistic = "2.00"'
    text = counts('Male = { A = "50", B = "60" }, Female = { A = "50", B = "40" }', row=row)
    assert len(findings(text, "statistic-p")) == found

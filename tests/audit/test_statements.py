"""Sums, percentages, quantities, claims, lists and sample sizes in sentences."""

from __future__ import annotations

import math
import tomllib

import pytest

from kmrepro.audit import (
    RULES,
    audit,
)
from kmrepro.audit.statements import needed
from kmrepro.studies import SampleSize, Study, bundled_ids, load_study

from .conftest import Findings, means


def statement(line: str, source: str = "Abstract") -> str:
    """Return a study file with one statement."""
    return f'[[statement]]\nsource = "{source}"\ntext = "a sentence"\n{line}\n'


@pytest.mark.parametrize(
    ("total", "parts", "expected"),
    [
        pytest.param("609", '"209", "390"', "599", id="counts"),
        pytest.param("609", '"219", "390"', "", id="counts that add up"),
        pytest.param("41.7%", '"11%", "31%"', "", id="rounded percentages"),
        pytest.param("43.7%", '"11%", "31%"', "41 to 43%", id="beyond rounding"),
    ],
)
def test_sums(findings: Findings, total: str, parts: str, expected: str) -> None:
    """Counts are exact, percentages rounded."""
    found = findings(statement(f'sum = {{ total = "{total}", parts = [{parts}] }}'), "sum")
    assert [each.expected for each in found] == [expected] * bool(expected)


@pytest.mark.parametrize(
    ("share", "rule", "severity"),
    [
        pytest.param('part = "39", of = "66", percent = "83.3%"', "percentage", "error", id="far"),
        pytest.param('part = "55", of = "66", percent = "83.3%"', "", "", id="right"),
        pytest.param('of = "22", percent = "86.3%"', "percentage-cut-off", "note", id="cut off"),
        pytest.param('of = "22", percent = "80%"', "percentage-of-nobody", "error", id="nobody"),
        pytest.param('of = "66", percent = "12.2%"', "percentage-of-nobody", "warning", id="near"),
        pytest.param('of = "22", percent = "86.4%"', "", "", id="somebody"),
    ],
)
def test_shares(findings: Findings, share: str, rule: str, severity: str) -> None:
    """A percentage is of its count, or of some whole count."""
    for name in ("percentage", "percentage-cut-off", "percentage-of-nobody"):
        found = findings(statement(f"share = [{{ {share} }}]"), name)
        assert [each.severity for each in found] == ([severity] if name == rule else [])


def test_the_count_that_would_fit_is_named(findings: Findings) -> None:
    """83.3% of 66 are 55."""
    share = 'share = [{ part = "39", of = "66", percent = "83.3%" }]'
    (found,) = findings(statement(share), "percentage")
    assert "which is what 55 would be" in found.sentence


@pytest.mark.parametrize(
    ("one", "other", "severity"),
    [
        pytest.param("6.7", "6.71", None, id="more digits"),
        pytest.param("6.7", "6.9", "error", id="apart"),
        pytest.param("2.8", "2.9", "note", id="agree between alone"),
        pytest.param("219", "209", "error", id="counts"),
        pytest.param("12", "12", None, id="same"),
        pytest.param("NR", "12", "error", id="reached or not"),
    ],
)
def test_one_quantity_at_two_places(
    findings: Findings, one: str, other: str, severity: str | None
) -> None:
    """Numbers under one name agree in some value."""
    text = statement(f'values = {{ "Age" = "{one}" }}') + statement(
        f'values = {{ "Age" = "{other}" }}', "Results"
    )
    found = [each.severity for each in findings(text, "same-quantity")]
    assert found == [severity] * bool(severity)


def test_cells_of_a_table_and_groups_the_other_way_round(findings: Findings) -> None:
    """The text has the two arms' means exchanged: one finding per arm, with mean and SD."""
    values = (
        'values = { "t / Albumin / A / mean" = "40.9", "t / Albumin / A / SD" = "4.9", '
        '"t / Albumin / B / mean" = "41.6", "t / Albumin / B / SD" = "4.6" }'
    )
    text = means("41.6 (4.6)", "40.9 (4.9)") + statement(values)
    found = findings(text, "same-quantity")
    assert [each.printed for each in found] == [
        "Albumin, A: mean 41.6, SD 4.6; mean 40.9, SD 4.9",
        "Albumin, B: mean 40.9, SD 4.9; mean 41.6, SD 4.6",
    ]
    assert "what the other has for Albumin, B" in found[0].sentence


def test_places_that_may_speak_of_different_things(findings: Findings) -> None:
    """With `certain = false` a difference is a note."""
    text = statement('values = { "Screened" = "4782" }')
    text += statement('values = { "Screened" = "1624" }\ncertain = false', "Results")
    (found,) = findings(text, "same-quantity")
    assert found.severity == "note"
    assert "may not speak of the same thing" in found.sentence


def test_the_number_of_another_table(findings: Findings) -> None:
    """A sentence that prints the matched patients' number may be of the matched patients."""
    table = '[[table]]\nid = "{}"\n[[table.count]]\nvariable = "Number"\nlevels.many.A = "{}"\n'
    text = table.format("all", 128) + table.format("matched", 102)
    text += statement('values = { "all / Number / many / A" = "%s" }')
    (warning,) = findings(text % 102, "same-quantity")
    (error,) = findings(text % 94, "same-quantity")
    assert (warning.severity, error.severity) == ("warning", "error")
    assert "It is the number in matched" in warning.sentence


def test_percentages_are_of_cells_too(findings: Findings) -> None:
    """A value with a percent sign is set beside the cell's percentage."""
    table = '[[table]]\nid = "t"\n[[table.count]]\nvariable = "Sex"\nlevels.male.A = "55 (83.3)"\n'
    right, wrong = (
        statement(f'values = {{ "t / Sex / male / A" = "{percent}" }}')
        for percent in ("83%", "59.1%")
    )
    assert not findings(table + right, "same-quantity")
    assert len(findings(table + wrong, "same-quantity")) == 1


ONE = {"design": "one proportion", "baseline": "30%", "alternative": "50%", "n": "60"}
POWER = {"power": "90%", "alpha": "0.05"}


def test_published_sample_sizes() -> None:
    """Sizes from textbooks lie inside the range."""
    one = needed(SampleSize.model_validate(ONE | POWER))
    assert one.lower <= 60 <= one.upper
    # Machin et al., Sample Size Tables, table 3.1: 0.25 and 0.40, 80%, two-sided 5%: 152 each
    two = {"design": "two proportions", "baseline": "25%", "alternative": "40%", "n": "304"}
    bounds = needed(SampleSize.model_validate(two | {"power": "80%", "alpha": "0.05"}))
    assert bounds.lower <= 304 <= bounds.upper
    # Fleiss, Levin and Paik 2003, equations 4.14 and 4.15: 2 / gap more in each group
    middle, gap = 0.325, 0.15
    each = 1.959964 * math.sqrt(2 * middle * (1 - middle)) + 0.841621 * math.sqrt(0.1875 + 0.24)
    assert bounds.upper == math.ceil(2 * (each / gap) ** 2 + 4 / gap)
    # Schoenfeld 1983: hazard ratio 0.67, 80%, two-sided 5%: 4 (1.96 + 0.84)² / ln² 0.67 = 196
    survival = {"design": "survival", "hazard_ratio": "0.67", "n": "196"}
    bounds = needed(SampleSize.model_validate(survival | {"power": "80%", "alpha": "0.05"}))
    assert bounds.lower <= 196 <= bounds.upper <= 197


@pytest.mark.parametrize(
    ("change", "rule", "severity"),
    [
        pytest.param({}, "", "", id="right"),
        pytest.param({"n": "120"}, "sample-size", "warning", id="twice as many"),
        pytest.param({"drop_out": "10%", "recruited": "67"}, "", "", id="n / (1 - d)"),
        pytest.param({"drop_out": "10%", "recruited": "66"}, "drop-out", "note", id="n (1 + d)"),
        pytest.param({"drop_out": "10%", "recruited": "62"}, "drop-out", "warning", id="fewer"),
    ],
)
def test_sample_sizes(findings: Findings, change: dict[str, str], rule: str, severity: str) -> None:
    """A size follows from its assumptions, and the number recruited from the size."""
    pairs = ", ".join(f'{key} = "{value}"' for key, value in (ONE | POWER | change).items())
    for name in ("sample-size", "drop-out"):
        found = findings(statement(f"sample_size = {{ {pairs} }}"), name)
        assert [each.severity for each in found] == ([severity] if name == rule else [])


@pytest.mark.parametrize("study_id", bundled_ids())
def test_findings_are_whole(study_id: str) -> None:
    """Every finding says where, what, what instead and by which rule, in neutral words."""
    names = {rule.name for rule in RULES}
    found = audit(load_study(study_id))
    for finding in found:
        assert finding.rule in names
        assert all((finding.place, finding.printed, finding.expected, finding.sentence))
        assert finding.sentence.endswith(".")
        assert not {"fraud", "fabricated", "manipulated", "false"} & set(finding.sentence.split())
    assert list(found.to_frame()["rule"]) == [finding.rule for finding in found]
    assert found.to_dict()["study"] == study_id


def test_known_misprints_are_found() -> None:
    """Those that the papers' readers know of are among the findings."""
    an = audit(load_study("an2025"))
    assert any(each.rule == "sum" and "209 + 390" in each.printed for each in an)
    assert any(each.rule == "limit-misprint" and "232" in each.printed for each in an)
    sorafenib = audit(load_study("sorafenib-tace-haic"))
    assert any("39/66 (83.3%)" in each.printed for each in sorafenib)


def test_rules_are_told_apart() -> None:
    """Every rule has its own name, question, tolerance and, if it has any, reference."""
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert all(rule.asks.endswith("?") and rule.tolerance.endswith(".") for rule in RULES)
    assert [rule.name for rule in RULES if not rule.reference] == ["cell-not-read"]


def test_a_study_of_endpoints_alone_has_no_findings() -> None:
    """Nothing printed, nothing found."""
    study = Study.model_validate({"id": "s", "endpoint": [{"name": "OS", "arms": {"A": {}}}]})
    found = audit(study)
    assert (len(found), found.has_errors, found.summary) == (
        0, False, "no errors, no warnings, no notes"
    )  # fmt: skip


def claim(p: str, significant: str, alpha: str = "0.05") -> str:
    """Return a study file with one claim."""
    said = f'{{ p = "{p}", significant = {significant}, alpha = "{alpha}" }}'
    return f'[[statement]]\nsource = "Results"\ntext = "x"\nclaim = [{said}]\n'


@pytest.mark.parametrize(
    ("p", "significant", "severity"),
    [
        pytest.param("0.06", "true", "error", id="called significant, above"),
        pytest.param("0.055", "true", "error", id="just above"),
        pytest.param("0.05", "true", "note", id="the level itself"),
        pytest.param("0.051", "true", "error", id="the level with one digit more"),
        pytest.param("0.049", "true", None, id="just below"),
        pytest.param("<0.05", "true", None, id="below, as a bound"),
        pytest.param(">0.05", "true", "error", id="above, as a bound"),
        pytest.param("0.053", "false", None, id="not significant, above"),
        pytest.param("0.05", "false", None, id="not significant at the level"),
        pytest.param("0.049", "false", "error", id="not significant, below"),
        pytest.param("<0.05", "false", "error", id="not significant, bound"),
    ],
)
def test_claims(findings: Findings, p: str, significant: str, severity: str | None) -> None:
    """Below 0.05 is significant, under every rounding of p."""
    found = [each.severity for each in findings(claim(p, significant), "called-significant")]
    assert found == ([severity] if severity else [])


def test_another_level(findings: Findings) -> None:
    """A paper may set its level at 0.01."""
    assert findings(claim("0.02", "true", "0.01"), "called-significant")
    assert not findings(claim("0.02", "true"), "called-significant")


LIST = """
[[table]]
id = "list"
columns = ["Patient", "Stage", "Therapy", "Days"]
rows = [
  ["1", "IIIa", "TACE + A", "29"],
  ["2", "IIIb", "TACE+A + B", "40"],
  ["3", "IIIb", "B", "-"],
  ["4", "IIIb", "Vp3, EHM", "33"],
]
[[statement]]
source = "Text"
text = "listed"
listed = [{ table = "list", column = "%s", %s }]
"""
RATIOS = """
[[table]]
id = "t"
[[table.hazard_ratio]]
variable = "Therapy"
level = "yes"
reference = "no"
hazard_ratio = "1.83"
ci = ["1.11", "3.02"]
p = "0.017"
[[statement]]
source = "Text"
text = "hazard ratio"
hazard_ratio = [{ table = "t", variable = "Therapy", %s }]
"""


@pytest.mark.parametrize(
    ("column", "holds", "found"),
    [
        pytest.param("Stage", "IIIb", 3, id="the whole cell"),
        pytest.param("Therapy", "TACE", 2, id="a part between plus signs"),
        pytest.param("Therapy", "TACE + A + B", 1, id="spaces around plus signs do not count"),
        pytest.param("Therapy", "EHM", 1, id="a part between commas"),
        pytest.param("Stage", "III", 0, id="the start of a cell is another thing"),
    ],
)
def test_listed_patients_are_counted(
    findings: Findings, column: str, holds: str, found: int
) -> None:
    """The right count is not found, one more is."""
    right, wrong = (
        LIST % (column, f'holds = "{holds}", count = "{count}"') for count in (found, found + 1)
    )
    assert not findings(right, "listed-count")
    (finding,) = findings(wrong, "listed-count")
    assert (finding.severity, finding.expected) == ("error", str(found))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param('mean = "34.0", sd = "5.6", median = "33"', [], id="rounded, n - 1"),
        pytest.param('sd = "4.5"', [], id="divided by n"),
        pytest.param('mean = "34.1"', ["34"], id="mean"),
        pytest.param('sd = "5.7"', ["5.57"], id="sd"),
        pytest.param('median = "34"', ["33"], id="median"),
    ],
)
def test_listed_values_are_summarised(findings: Findings, said: str, expected: list[str]) -> None:
    """29, 40 and 33 have the mean 34, the median 33 and standard deviations 5.57 and 4.55."""
    found = findings(LIST % ("Days", said), "listed-summary")
    assert [finding.expected for finding in found] == expected


def test_a_ratio_with_its_levels_exchanged(findings: Findings) -> None:
    """1.83 cannot be the ratio of yes to no and of no to yes."""
    said = 'level = "no", reference = "yes", hazard_ratio = "%s"'
    (found,) = findings(RATIOS % (said % "1.83"), "ratio-turned-round")
    assert (found.severity, found.expected) == ("error", "no versus yes 0.545 to 0.548")
    assert not findings(RATIOS % (said % "0.55"), "ratio-turned-round")


def test_a_ratio_near_one_is_its_own_inverse(findings: Findings) -> None:
    """1.00 is printed either way round."""
    text = RATIOS.replace("1.83", "1.00") % 'level = "no", reference = "yes", hazard_ratio = "1.00"'
    assert not findings(text, "ratio-turned-round")


@pytest.mark.parametrize(
    ("said", "severities"),
    [
        pytest.param('hazard_ratio = "1.83", ci = ["1.11", "3.02"], p = "0.017"', [], id="alike"),
        pytest.param('hazard_ratio = "1.8"', [], id="with fewer digits"),
        pytest.param('hazard_ratio = "1.82"', [], id="both may be 1.825"),
        pytest.param('hazard_ratio = "1.81"', ["error"], id="another ratio"),
        pytest.param('hazard_ratio = "1.83", p = "0.017"', [], id="without an interval"),
        pytest.param('hazard_ratio = "1.83", ci = ["1.11", "3.20"]', ["error"], id="interval"),
    ],
)
def test_a_ratio_that_the_text_repeats(
    findings: Findings, said: str, severities: list[str]
) -> None:
    """What is printed at both places must agree."""
    text = RATIOS % f'level = "yes", reference = "no", {said}'
    assert [found.severity for found in findings(text, "stated-ratio")] == severities


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(LIST % ("Sex", 'mean = "1"'), '"Sex" is no column of list', id="column"),
        pytest.param(
            (LIST % ("Days", 'mean = "1"')).replace('table = "list"', 'table = "x"'),
            'no table is "x"', id="table of a list",
        ),
        pytest.param(LIST % ("Days", 'holds = "29"'), "belong together", id="no count"),
        pytest.param(LIST % ("Days", 'holds = ""'), "nothing is stated", id="nothing"),
        pytest.param(
            (LIST % ("Days", 'mean = "1"')).replace('"B", "-"', '"-"'),
            "it has 3 cells; `columns` has 4", id="a cell is missing",
        ),
        pytest.param(
            RATIOS % 'level = "some", hazard_ratio = "1"', "t has no row of", id="no such row"
        ),
    ],
)  # fmt: skip
def test_names_of_nothing_are_refused(text: str, message: str) -> None:
    """A statement about a list or a ratio that the file does not hold is the file's fault."""
    study = {"id": "x", "endpoint": [{"name": "OS", "arms": {"A": {}}}], **tomllib.loads(text)}
    with pytest.raises(ValueError, match=message):
        Study.model_validate(study)

"""Lists of patients, and hazard ratios that the text repeats."""

from __future__ import annotations

import tomllib

import pytest

from kmrepro.studies import Study

from .conftest import Findings

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

"""Tables of subgroups, against the arms, the overall comparison and their own interactions."""

from __future__ import annotations

import tomllib

import pytest

from kmrepro.audit import Finding, audit
from kmrepro.studies import Study
from kmrepro.studies.doubts import doubts

# A simulated trial, its levels analysed by lifelines; p for interaction by Cochran's test.
SOUND = """id = "trial"
[[endpoint]]
name = "OS"
reference = "C"
arms.C = { n = 203, events = 148 }
arms.T = { n = 197, events = 117 }
reported = { hazard_ratio = "0.65", ci = ["0.51", "0.83"] }
[[table]]
id = "forest"
endpoint = "OS"
hazard_ratio = [
  { variable = "All", hazard_ratio = "0.65", ci = ["0.51", "0.83"], patients = { C = "148/203", T = "117/197" }, overall = true },
  { variable = "sex", level = "F", hazard_ratio = "0.78", ci = ["0.57", "1.07"], patients = { C = "79/107", T = "72/106" }, p_interaction = "0.111" },
  { variable = "sex", level = "M", hazard_ratio = "0.52", ci = ["0.36", "0.76"], patients = { C = "69/96", T = "45/91" } },
  { variable = "age", level = "<50", hazard_ratio = "0.41", ci = ["0.25", "0.65"], patients = { C = "51/66", T = "28/60" }, p_interaction = "0.051" },
  { variable = "age", level = "50-65", hazard_ratio = "0.77", ci = ["0.52", "1.14"], patients = { C = "48/65", T = "52/81" } },
  { variable = "age", level = ">65", hazard_ratio = "0.83", ci = ["0.54", "1.28"], patients = { C = "49/72", T = "37/56" } },
]
"""  # noqa: E501


def study(*changes: tuple[str, str]) -> Study:
    """Return the sound study after changes to its file."""
    text = SOUND
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return Study.model_validate(tomllib.loads(text))


def found(*changes: tuple[str, str]) -> list[Finding]:
    """Return what the audit finds after changes to the sound file."""
    return [part for each in audit(study(*changes)) for part in each.parts or (each,)]


def test_a_sound_table_has_no_finding_and_no_doubt() -> None:
    """The table that the other tests change agrees with itself."""
    assert found() == []
    assert doubts(study()) == ()


@pytest.mark.parametrize(
    ("old", "new", "rule", "severity", "expected"),
    [
        pytest.param("79/107", "79/177", "subgroup-counts", "error", "at most 203 in arm C",
                     id="more patients than the arm"),
        pytest.param("79/107", "97/107", "subgroup-counts", "error", "at most 148 in arm C",
                     id="more events than the arm"),
        pytest.param("69/96", "60/95", "subgroup-counts", "error", "at least 147 in arm C",
                     id="events that the patients in no level cannot have had"),
        pytest.param("79/107", "49/77", "subgroup-counts", "warning", "203, 197",
                     id="patients missing in one arm"),
        pytest.param("148/203", "140/203", "subgroup-counts", "error", "at least 148 in arm C",
                     id="events of all patients"),
        pytest.param('"0.111"', '"0.80"', "interaction-p", "warning", "p 0.083 to 0.13",
                     id="p too large"),
        pytest.param('"0.111"', '"0.001"', "interaction-p", "warning", "p 0.083 to 0.13",
                     id="p too small"),
        pytest.param('"0.051"', '"0.0001"', "interaction-p", "warning", "p 0.047 to 0.085",
                     id="p that no trend can give"),
        pytest.param('"0.051"', '"0.90"', "interaction-p", "note", "p 0.047 to 0.085",
                     id="p that a trend may give"),
        pytest.param('"0.78", ci = ["0.57", "1.07"]', '"0.78", ci = ["0.70", "0.87"]',
                     "interval-events", "error", "at least 1,104 events", id="narrow interval"),
        pytest.param('"0.65", ci = ["0.51", "0.83"], patients', '"0.95", ci = ["0.74", "1.22"], '
                     'patients', "subgroup-overall", "warning", "0.65", id="another ratio of all"),
        pytest.param('level = "M"', 'level = "F"', "subgroup-rows", "warning", "another level",
                     id="a level twice"),
        pytest.param('"79/107"', '"79.5/107"', "subgroup-rows", "note",
                     "events/patients of C, events/patients of T", id="no counts"),
        pytest.param('{ C = "79/107"', '{ X = "79/107"', "subgroup-rows", "note",
                     "events/patients of C, events/patients of T", id="an arm that is not there"),
        pytest.param('endpoint = "OS"', 'endpoint = "PFS"', "subgroup-rows", "note",
                     "an endpoint of the study", id="an endpoint that is not there"),
        pytest.param('endpoint = "OS"', 'endpoint = "OS"\nfavours = ["C", "T"]', "subgroup-rows",
                     "warning", "T, C", id="sides exchanged"),
    ],
)  # fmt: skip
def test_a_slip_is_found(old: str, new: str, rule: str, severity: str, expected: str) -> None:
    """Each slip has a finding of its rule; validation says all but what may well be right."""
    own = [each for each in found((old, new)) if each.rule == rule]
    assert (own[0].severity, own[0].expected) == (severity, expected)
    assert bool(doubts(study((old, new)))) == (severity != "note" or rule == "subgroup-rows")


def test_exchanged_arms_of_a_row_are_named() -> None:
    """If the counts of one row, exchanged, fit the arms, the findings say so."""
    cells = ('{ C = "79/107", T = "72/106" }', '{ C = "72/106", T = "79/107" }')
    sentences = [each.sentence for each in found(cells) if each.rule == "subgroup-counts"]
    hint = "with the counts of F exchanged between the arms, all would fit."
    assert len(sentences) == 3
    assert all(sentence.endswith(hint) for sentence in sentences)


def test_a_level_that_is_missing_from_both_arms_is_noted() -> None:
    """A forest plot leaves out patients of unknown level, and a row may have been forgotten."""
    rows = [line for line in SOUND.splitlines() if line.startswith('  { variable = "age"')]
    (own,) = found((rows[2], ""))
    assert (own.rule, own.severity) == ("subgroup-counts", "note")
    assert own.sentence == (
        "age: 72 of the 203 patients of arm C and 56 of the 197 patients of arm T are in none of "
        "the levels: a level may be left out of the table, or unknown for these patients."
    )
    few = ('"48/65"', '"44/60"'), ('"52/81"', '"49/76"')
    assert "subgroup-counts" not in [each.rule for each in found(*few)]


def test_events_and_patients_of_a_cell_exchanged() -> None:
    """107 events of 79 patients cannot be, and 79 of 107 can."""
    (own,) = (each for each in found(("79/107", "107/79")) if each.place == "forest: sex, F")
    assert (own.printed, own.expected) == ("107/79", "79/107 in arm C")


def test_all_levels_on_one_side_of_all() -> None:
    """0.78 and 0.92 do not go with 0.65 of all, and 0.58 and 0.60 do: it is nearer to 1."""
    second = '"0.52", ci = ["0.36", "0.76"]'
    own = found((second, '"0.92", ci = ["0.64", "1.32"]'))
    (ratios,) = (each for each in own if each.rule == "subgroup-ratios")
    assert (ratios.severity, ratios.expected) == ("warning", "about 0.84 of all")
    first = ('"0.78", ci = ["0.57", "1.07"]', '"0.58", ci = ["0.42", "0.80"]')
    rules = [each.rule for each in found(first, (second, '"0.60", ci = ["0.41", "0.88"]'))]
    assert "subgroup-ratios" not in rules


def test_levels_that_are_not_balanced_between_the_arms() -> None:
    """Where one arm has more of a level, the ratio of all need not lie among those of levels."""
    text = [("79/107", "119/167"), ("72/106", "22/36"), ("69/96", "29/36"), ("45/91", "95/161")]
    higher = ('"0.52", ci = ["0.36", "0.76"]', '"0.92", ci = ["0.64", "1.32"]')
    assert "subgroup-ratios" not in [each.rule for each in found(higher, *text)]


def test_two_p_for_interaction() -> None:
    """Two levels have one interaction."""
    cells = ('T = "45/91" }', 'T = "45/91" }, p_interaction = "0.5"')
    (own,) = found(cells)
    assert (own.rule, own.printed) == ("interaction-p", "0.111 and 0.5")


def test_an_adjusted_comparison_may_have_another_ratio() -> None:
    """A row of a forest plot is often not of the primary, stratified analysis."""
    other = ('"0.65", ci = ["0.51", "0.83"], patients', '"0.72", ci = ["0.56", "0.92"], patients')
    plain = [each.severity for each in found(other) if each.rule == "subgroup-overall"]
    stratified = ('["0.51", "0.83"] }', '["0.51", "0.83"], stratified = true }')
    own = [each.severity for each in found(stratified, other) if each.rule == "subgroup-overall"]
    assert (plain, own) == (["warning"], ["note"])


def test_rows_of_two_of_three_arms_are_no_slip() -> None:
    """A table may compare two arms of three; it is not used, and nothing is odd."""
    third = ("arms.T = { n = 197", "arms.D = { n = 200 }\narms.T = { n = 197")
    alone = ('reported = { hazard_ratio = "0.65", ci = ["0.51", "0.83"] }', "")
    assert doubts(study(third, alone)) == ()
    assert [each.rule for each in found(third, alone)] == []

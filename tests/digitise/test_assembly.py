"""Numbers at risk beside the curves: whose row it is, whether its numbers fit, and short names."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kmrepro.digitise.arm_names import abbreviates, similar_name
from kmrepro.digitise.assembly import start_doubts
from kmrepro.digitise.at_risk import checked_cells, matched_rows, without_row
from kmrepro.digitise.naming import clearer_name, named_twice
from kmrepro.digitise.reading import ReadArm, ReadCurve, RiskRow
from kmrepro.digitise.risk_labels import TableRow


def arm(name: str, rate: float, color: str = "#000000", *, named: bool = True) -> ReadArm:
    """Make an arm whose survival falls exponentially over 24 months."""
    time = np.linspace(0, 24, 97)
    curve = ReadCurve(time=time, survival=np.exp(-rate * time), tolerance=np.full(97, 0.004))
    return ReadArm(name=name, curve=curve, color=color, dash="solid", length_read=1.0, named=named)


def row(label: str, counts: list[int], rgb: tuple[float, float, float] | None = None) -> TableRow:
    """Make a row of the table at 0, 6, 12, 18 and 24 months."""
    cells = tuple(zip((0.0, 6.0, 12.0, 18.0, 24.0), counts, strict=False))
    return TableRow(
        label=label, y=0.0, left=0.0, right=9.0, label_right=1.0, size=9.0, cells=cells, unsure=(),
        rgb=rgb,
    )  # fmt: skip


FAST, SLOW = [100, 55, 30, 16, 9], [100, 88, 78, 69, 60]


def test_a_number_that_the_curve_rules_out_is_left_out_and_named():
    """50 at 12 months does not rise, but is more than the curve leaves of 55 at 6."""
    cells, doubts = checked_cells(row("Drug", [100, 55, 50, 16, 9]), arm("Drug", 0.1))
    assert dict(cells) == {0.0: 100, 6.0: 55, 18.0: 16, 24.0: 9}
    assert len(doubts) == 1
    assert "50 at 12" in doubts[0]
    assert "does not fit the fall of its curve" in doubts[0]


@pytest.mark.parametrize("counts", [FAST, [100, 40, 20, 5, 0]], ids=["no censoring", "censoring"])
def test_numbers_that_fall_with_the_curve_or_faster_are_kept(counts):
    cells, doubts = checked_cells(row("Drug", counts), arm("Drug", 0.1))
    assert [count for _, count in cells] == counts
    assert doubts == []


def test_a_row_that_misses_the_curve_throughout_is_kept_and_named():
    cells, doubts = checked_cells(row("Drug", SLOW), arm("Drug", 0.3))
    assert len(cells) == 5
    assert "falls less than its curve does" in doubts[0]


@pytest.mark.parametrize(
    ("label", "first", "name"), [("Group", 1197, "Group 1"), ("", 225, "2"), ("", 21125, "2")]
)
def test_a_number_that_may_run_into_a_label_is_left_out(label, first, name):
    """Of "Group 1" and 197 without a gap 1197 is read; the label 2 may lie on 125."""
    cells, doubts = checked_cells(row(label, [first, 90]), arm(name, 0.06))
    assert cells == ((6.0, 90),)
    assert f"{first} at 0 in the row of arm '{name}' may run into its name" in doubts[0]


def test_rows_named_by_colour_bars_go_to_the_arms_of_that_colour():
    arms = [arm("Drug", 0.02, "#1f77b4"), arm("Placebo", 0.1, "#d62728")]
    rows = [row("", FAST, (214, 39, 40)), row("", SLOW, (31, 119, 180))]
    _, matched, doubts = matched_rows(rows, arms)
    assert {r.arm: r.cells[1][1] for r in matched} == {"Placebo": 55, "Drug": 88}
    assert doubts == []


def test_rows_without_name_and_colour_go_to_the_curve_that_they_fit_and_it_is_said():
    arms = [arm("Drug", 0.1), arm("Placebo", 0.02)]
    _, matched, doubts = matched_rows([row("", SLOW), row("", FAST)], arms)
    assert {r.arm: r.cells[1][1] for r in matched} == {"Placebo": 88, "Drug": 55}
    assert all("by exclusion or order" in text for text in doubts)
    assert len(doubts) == 2


def test_an_arm_that_the_figure_does_not_name_takes_the_name_of_its_row():
    named, matched, _ = matched_rows([row("Surgery", FAST)], [arm("Arm 1", 0.1, named=False)])
    assert named[0].name == matched[0].arm == "Surgery"


def test_a_row_goes_to_the_arm_whose_name_it_shortens():
    """The rows are in another order than the legend, and their curves are alike."""
    arms = [arm("Pembrolizumab plus chemotherapy", 0.05), arm("Chemotherapy", 0.05)]
    rows = [row("Chemo", FAST), row("Pembro + chemo", [99, 50, 25, 12, 6])]
    _, matched, doubts = matched_rows(rows, arms)
    assert [r.arm for r in matched] == ["Chemotherapy", "Pembrolizumab plus chemotherapy"]
    assert doubts == []


def test_a_row_is_not_said_to_be_known_by_an_arm_that_the_figure_does_not_name():
    """The label "Arm A" is like "Arm 1", which is no name of the figure."""
    arms = [arm("Arm 1", 0.1, named=False), arm("Arm 2", 0.02, named=False)]
    named, _, doubts = matched_rows([row("Arm A", SLOW), row("Arm B", FAST)], arms)
    assert [a.name for a in named] == ["Arm B", "Arm A"]
    assert len(doubts) == 2
    assert all("by exclusion or order" in text for text in doubts)


def unnamed(k: int, rate: float, *names: str) -> ReadArm:
    """Make an arm whose name is one of several."""
    return replace(arm(f"Arm {k}", rate, named=False), may_be=names)


def test_numbers_at_risk_name_curves_that_the_legend_leaves_open():
    """60 of 100 are at risk at the end where a tenth survives of the other curve."""
    arms = [unnamed(1, 0.1, "Drug", "Placebo"), unnamed(2, 0.02, "Drug", "Placebo")]
    named, matched, doubts = matched_rows([row("Drug", SLOW), row("Placebo", FAST)], arms)
    assert [a.name for a in named] == ["Placebo", "Drug"]
    assert {r.arm: r.cells[1][1] for r in matched} == {"Drug": 88, "Placebo": 55}
    assert len(doubts) == 1
    assert "fit the curves in one way only" in doubts[0]


def test_rows_of_curves_without_a_clear_name_are_given_to_none():
    """Censoring may take the difference away: either row fits either curve."""
    arms = [unnamed(1, 0.1, "Drug", "Placebo"), unnamed(2, 0.02, "Drug", "Placebo")]
    arms.append(arm("Surgery", 0.05))
    rows = [row("Drug", FAST), row("Placebo", [90, 40, 20, 9, 2]), row("Surgery", FAST)]
    named, matched, doubts = matched_rows(rows, arms)
    assert [a.name for a in named] == ["Arm 1", "Arm 2", "Surgery"]
    assert {r.arm for r in matched} == {"Drug", "Placebo", "Surgery"}
    assert len(doubts) == 1
    assert "'Drug', 'Placebo' are too alike" in doubts[0]
    assert "left without a name, and the rows" in doubts[0]


def test_a_name_that_table_and_legend_spell_otherwise_is_said():
    _, _, doubts = matched_rows([row("Lenvatinib", FAST)], [arm("Lenvatinlb", 0.1)])
    assert doubts == [
        "arm 'Lenvatinlb': the table of numbers at risk calls it 'Lenvatinib': one of the two is "
        "misread."
    ]


def test_a_name_is_that_of_the_table_where_it_was_read_more_surely():
    rows = [row("Pembrovax + lenvatinib", SLOW), row("Lenvatinib", FAST)]
    assert clearer_name("Pembrovax + lenvatinb", 0.9, rows) == "Pembrovax + lenvatinib"
    assert clearer_name("Pembrovax + lenvatinb", 1.0, rows) == "Pembrovax + lenvatinb"
    assert clearer_name("Pembrovax", 0.5, rows) == "Pembrovax"
    assert clearer_name("Placebo", 0.5, rows) == "Placebo"


def test_a_name_is_not_that_of_a_table_which_the_edge_of_the_figure_cuts():
    rows = [row("rly surgery", SLOW), row("nful waiting", FAST)]
    assert clearer_name("Early surgery", 0.9, rows) == "Early surgery"


def test_an_arm_is_not_named_by_its_number_of_events():
    (named,), _, _ = matched_rows([row("143", SLOW)], [arm("Arm 1", 0.02, named=False)])
    assert named.name == "Arm 1"


def test_a_name_that_two_rows_resemble_is_kept():
    rows = [row("Arm A", SLOW), row("Arm B", FAST)]
    assert clearer_name("Arm 8", 0.6, rows) == "Arm 8"


def test_a_name_is_not_that_of_another_arm():
    rows = [row("Women", SLOW)]
    assert clearer_name("Woman", 0.6, rows) == "Women"
    assert clearer_name("Men", 0.6, rows, ["Women", "Men"]) == "Men"


def test_an_axis_is_doubted_only_where_no_curve_starts_at_1():
    early, other = (replace(arm(name, 0.1), first_level=0.9) for name in ("Drug", "Placebo"))
    assert len(start_doubts([early, other])) == 2
    assert "arm 'Drug': the curve starts at 0.90, not at 1" in start_doubts([early])[0]
    assert start_doubts([early, replace(other, first_level=1.0)]) == []


def test_curves_of_one_name_are_doubted():
    assert named_twice(["Stage I", "Stage II", "Stage I"]) == [
        "2 curves are named 'Stage I': their names may be exchanged or misread."
    ]
    assert named_twice(["Stage I", "Stage II"]) == []


def test_an_arm_without_a_row_is_named_where_others_have_one():
    arms = [arm("Surgery", 0.02), arm("Ablation", 0.05)]
    rows = [RiskRow(arm="Surgery", cells=((0.0, 90), (6.0, 80)))]
    assert without_row(arms, rows) == ["numbers at risk: no row of arm 'Ablation' was read."]
    assert without_row(arms, []) == []


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("2", "2: Experimental"),
        ("A", "Arm A: FOLFIRINOX"),
        ("Pembro + chemo", "Pembrolizumab plus chemotherapy"),
        ("P+C", "Pembrolizumab + chemotherapy"),
        ("PBO", "Placebo"),
        ("Sham", "Sham procedure"),
    ],
)
def test_short_forms_of_a_name(label, name):
    assert abbreviates(label, name)
    assert not abbreviates(name, label)


@pytest.mark.parametrize(
    ("label", "name"), [("Drug", "Placebo"), ("B", "Arm A"), ("", "Placebo"), ("Drug", "Drug")]
)
def test_other_names_are_no_short_forms(label, name):
    assert not abbreviates(label, name)


def test_likeness_is_blind_to_case_and_spaces():
    assert similar_name("Low NLR", "low nlr") == 1.0
    assert similar_name("", "Placebo") == 0.0

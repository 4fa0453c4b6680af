"""Layouts that digitisers, R, pandas and spreadsheets write: each gives the same two curves."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from kmrepro.reconstruct.constraints import arm_constraints
from kmrepro.studies import CurveFault, curve_endpoint, read_at_risk, read_curves

Read = Callable[[str], dict[str, tuple[float, ...]]]

DRUG = (1.5, 4.2, 8.0, 0.98, 0.93, 0.88)
CONTROL = (1.1, 3.3, 7.5, 0.95, 0.86, 0.71)
AT_RISK = {"Drug": {0: 52, 6: 48, 12: 41}, "Control": {0: 51, 6: 44, 12: 33}}


def points(path: Path) -> dict[str, tuple[float, ...]]:
    """Return times and heights by arm."""
    return {arm: (*curve.time, *curve.survival) for arm, curve in read_curves(path).items()}


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Return a function that writes a text and reads its curves."""

    def from_text(text: str) -> dict[str, tuple[float, ...]]:
        path = tmp_path / "curve.txt"
        path.write_text(text, encoding="utf-8")
        return points(path)

    return from_text


ONE = [
    pytest.param("K Tk S\n1 0 1\n2 1.5 .98\n3 4.2 .93\n4 8 .88\n", id="Guyot's file"),
    pytest.param("k\tT.k\tS.k\n1\t0\t1\n2\t1.5\t.98\n3\t4.2\t.93\n4\t8\t.88\n", id="T.k and S.k"),
    pytest.param("1 0 1\n2 1.5 .98\n3 4.2 .93\n4 8 .88\n", id="row numbers without headings"),
    pytest.param(
        '"time" "survival"\n"1" 0 1\n"2" 1.5 .98\n"3" 4.2 .93\n"4" 8 .88\n', id="write.table"
    ),
    pytest.param('"time" "surv"\n"a" 0 1\n"b" 1.5 .98\n"c" 4.2 .93\n"d" 8 .88\n', id="row names"),
    pytest.param(",time,survival\n0,0,1\n1,1.5,.98\n2,4.2,.93\n3,8,.88\n", id="pandas' index"),
    pytest.param(
        "Unnamed: 0,time,survival\n0,0,1\n1,1.5,.98\n2,4.2,.93\n3,8,.88\n", id="index read twice"
    ),
    pytest.param('# x, Curve1\n"1,5", "0,98"\n"4,2", "0,93"\n"8,0", "0,88"\n', id="Engauge"),
    pytest.param('x,Curve1\n0,1\n"1,5","0,98"\n"4,2","0,93"\n8,"0,88"\n', id="some quoted"),
    pytest.param(
        "# Plot Digitizer 2.6\n# Date: today\nx,y\n1.5,.98\n4.2,.93\n8,.88\n", id="comments"
    ),
    pytest.param("X-Val Y-Val\n0 100\n1.5 98\n4.2 93\n8 88\n", id="DigitizeIt"),
    pytest.param("0,00 1,00\n1,50 0,98\n4,20 0,93\n8,00 0,88\n", id="spaces and decimal commas"),
    pytest.param("t,St\n0,1\n1.5,.98\n4.2,.93\n8,.88\n", id="St"),
    pytest.param("Time (months),S(t)\n0,100%\n1.5,98%\n4.2,93%\n8,88%\n", id="percent signs"),
    pytest.param(
        "Months since randomisation;Overall survival [%]\n0;100\n1,5;98\n4,2;93\n8;88\n",
        id="titles of axes",
    ),
    pytest.param("time,ci\n0,0\n1.5,.02\n4.2,.07\n8,.12\n", id="cumulative incidence"),
    pytest.param(
        "time,surv,ci\n0,1,0.9-1\n1.5,.98,.9-1\n4.2,.93,.8-1\n8,.88,.7-1\n", id="interval"
    ),
    pytest.param("0.88,8\n0.93,4.2\n0.98,1.5\n1,0\n", id="survival first"),
    pytest.param("follow-up,whatever\n0,1\n1.5,.98\n4.2,.93\n8,.88\n", id="elimination"),
    pytest.param(
        "time n.risk n.event survival std.err lower 95% CI upper 95% CI\n"
        "1.5 50 1 0.98 0.02 0.94 1\n4.2 40 2 0.93 0.03 0.87 1\n8 30 2 0.88 0.04 0.8 0.9\n",
        id="survfit",
    ),
    pytest.param(
        "time,survival,n_risk\n0,1,52\n1.5,.98,\n4.2,.93,\n6,,48\n8,.88,\n12,,41\n", id="one sheet"
    ),
    pytest.param(
        "time,survival,,time,n_risk\n0,1,,0,52\n1.5,.98,,6,48\n4.2,.93,,12,41\n8,.88\n",
        id="side by side",
    ),
    pytest.param(
        "time,survival\n0,1\n1.5,.98\n4.2,.93\n8,.88\n\ntime,n_risk\n0,52\n6,48\n12,41\n",
        id="one below the other",
    ),
]


@pytest.mark.parametrize("text", ONE)
def test_one_curve(read: Read, text: str) -> None:
    """The curve has these points, whatever stands beside them."""
    (found,) = read(text).values()
    assert found == pytest.approx(DRUG)


LONG = (
    "0,1,{0}\n1.5,.98,{0}\n4.2,.93,{0}\n8,.88,{0}\n0,1,{1}\n1.1,.95,{1}\n3.3,.86,{1}\n7.5,.71,{1}\n"
)
ALIASES = [
    "arm",
    "group",
    "therapy",
    "drug",
    "trt",
    "treatment",
    "regimen",
    "cohort",
    "strata",
    "curve",
    "Study arm",
    "line",
    "label",
    "whatever",
]


@pytest.mark.parametrize("heading", ALIASES)
def test_a_column_of_words_names_the_arm(read: Read, heading: str) -> None:
    """Beside time and survival it can be nothing else, whatever it is called."""
    found = read(f"time,survival,{heading}\n" + LONG.format("Drug", "Control"))
    assert found == {"Drug": pytest.approx(DRUG), "Control": pytest.approx(CONTROL)}


def test_a_column_of_numbers_names_the_arm(read: Read) -> None:
    """An arm may be called 1 where times begin anew with every arm."""
    found = read("time,surv,curve\n" + LONG.format(1, 2))
    assert found == {"1": pytest.approx(DRUG), "2": pytest.approx(CONTROL)}
    rows = LONG.format(1, 2).splitlines()
    numbered = "".join(f"{at % 4 + 1},{row}\n" for at, row in enumerate(rows))
    assert read("id,time,St,curve\n" + numbered) == found  # SurvdigitizeR


@pytest.mark.parametrize("by_time", [False, True])
@pytest.mark.parametrize("heading", ["arm", "group", "strata", "treatment"])
def test_codes_name_long_arms(read: Read, heading: str, by_time: bool) -> None:
    """Times restart once in forty rows, or not at all; values stand elsewhere."""
    rows = [(code, time, 1 - time / (30 + 10 * code)) for code in (0, 1) for time in range(20)]
    rows = sorted(rows, key=lambda row: row[1]) if by_time else rows
    text = "".join(f"{code},{time},{survival:.4f}\n" for code, time, survival in rows)
    found = read(f"{heading},time,survival\n" + text)
    assert list(found) == ["0", "1"]
    late = [(time, survival) for code, time, survival in rows if code and time]
    times, heights = zip(*late, strict=True)
    assert found["1"] == pytest.approx((*times, *heights), abs=1e-4)


def test_names_of_strata(read: Read) -> None:
    """R writes the variable before the value."""
    found = read("time,surv,strata\n" + LONG.format("trt=Drug", "trt=Control"))
    assert list(found) == ["Drug", "Control"]


WIDE = "0,1,0,1\n1.5,.98,1.1,.95\n4.2,.93,3.3,.86\n8,.88,7.5,.71\n"
SEVERAL = [
    pytest.param("Drug,,Control,\nX,Y,X,Y\n" + WIDE, id="WebPlotDigitizer"),
    pytest.param("x,Drug,x,Control\n" + WIDE, id="WebPlotDigitizer, one row"),
    pytest.param("Drug,,Control,\n" + WIDE, id="names alone"),
    pytest.param("Drug_x,Drug_y,Control_x,Control_y\n" + WIDE, id="suffixes"),
    pytest.param("Drug time,Drug survival,Control time,Control survival\n" + WIDE, id="words"),
    pytest.param(
        'x,Drug\n"1,5","0,98"\n"4,2","0,93"\n"8,0","0,88"\n\n'
        'x,Control\n"1,1","0,95"\n"3,3","0,86"\n"7,5","0,71"\n',
        id="Engauge, a block for each curve",
    ),
    pytest.param(
        "Drug\n1.5,.98\n4.2,.93\n8,.88\nControl\n1.1,.95\n3.3,.86\n7.5,.71\n", id="titles"
    ),
    pytest.param(
        "Drug\nx,y\n1.5,.98\n4.2,.93\n8,.88\n\nControl\nx,y\n1.1,.95\n3.3,.86\n7.5,.71\n",
        id="titles and headings",
    ),
    pytest.param(
        "Call: survfit(formula = Surv(time, status) ~ arm)\n\n                arm=Drug \n"
        " time n.risk n.event survival std.err lower 95% CI upper 95% CI\n"
        "  1.5     50       1     0.98    0.02         0.94            1\n"
        "  4.2     40       2     0.93    0.03         0.87            1\n"
        "  8.0     30       2     0.88    0.04         0.80            1\n\n"
        "                arm=Control \n"
        " time n.risk n.event survival std.err lower 95% CI upper 95% CI\n"
        "  1.1     50       1     0.95    0.02         0.94            1\n"
        "  3.3     40       2     0.86    0.03         0.87            1\n"
        "  7.5     30       2     0.71    0.04         0.80            1\n",
        id="summary of a survfit",
    ),
]


@pytest.mark.parametrize("text", SEVERAL)
def test_two_curves(read: Read, text: str) -> None:
    """Both arms come by name."""
    found = read(text)
    assert found == {"Drug": pytest.approx(DRUG), "Control": pytest.approx(CONTROL)}


def test_arms_that_are_called_by_numbers(read: Read) -> None:
    """A row of headings may have numbers."""
    assert list(read("time,1,2\n0,1,1\n5,.9,.8\n")) == ["1", "2"]
    assert list(read("x1,y1,x2,y2\n" + WIDE)) == ["curve 1", "curve 2"]


DOUBTFUL = [
    pytest.param(
        "time,survival,what\n0,1,1\n5,.9,.8\n9,.8,.7\n", 'the columns? "what" is not', id="curve"
    ),
    pytest.param(
        "time,survival,what\n0,1,1\n5,.9,1\n0,1,2\n5,.8,2\n", '"what" is not understood', id="code"
    ),
    pytest.param(
        "hazard,foo,bar\n.1,.2,.3\n.2,.1,.3\n", "not understood; expected are time and", id="none"
    ),
    pytest.param("foo,bar\n5,.2\n1,.1\n", '"foo", "bar" are not understood; expected', id="two"),
    pytest.param(
        "k,survival\n1,1\n2,.9\n3,.8\n", "not understood; expected are time and", id="row numbers"
    ),
    pytest.param("time,n_risk\n0,52\n6,48\n", "it has no column of survival", id="another table"),
]


@pytest.mark.parametrize(("text", "said"), DOUBTFUL)
def test_a_column_in_doubt_is_questioned(read: Read, text: str, said: str) -> None:
    """It is named with what was expected, and never taken by its place."""
    with pytest.raises(CurveFault, match=said):
        read(text)


def test_a_column_left_out_is_named(tmp_path: Path) -> None:
    """One that can be neither an arm nor a curve is not used, and the result says so."""
    path = tmp_path / "curve.csv"
    path.write_text("time,survival,zoom\n0,1,3\n1.5,.98,5\n4.2,.93,4\n8,.88,7\n9,.8,2.5\n")
    assert 'column "zoom" was not understood and left out.' in read_curves(path)[""].repairs


TABLES = [
    pytest.param("Number at risk,0,6,12\nDrug,52,48,41\nControl,51,44,33\n", id="transposed"),
    pytest.param("No. at risk\n,0,6,12\nDrug,52,48,41\nControl,51,44,33\n", id="title above"),
    pytest.param("Number at risk 0 6 12\nDrug 52 48 41\nControl 51 44 33\n", id="spaces"),
    pytest.param("Arm,0 months,6 months,12 months\nDrug,52,48,41\nControl,51,44,33\n", id="units"),
    pytest.param("Arm\tt0\tt6\tt12\nDrug:\t52\t48\t41\nControl:\t51\t44\t33\n", id="tabs"),
    pytest.param("time,Drug,Control\n0,52,51\n6,48,44\n12,41,33\n", id="columns"),
    pytest.param("x,Drug,x,Control\n0,52,0,51\n6,48,6,44\n12,41,12,33\n", id="pairs"),
    pytest.param(
        "therapy,month,NAR\nDrug,0,52\nDrug,6,48\nDrug,12,41\nControl,0,51\nControl,6,44\n"
        "Control,12,33\n",
        id="long",
    ),
    pytest.param(
        "arm\ttrisk\tnrisk\nDrug\t0\t52\nDrug\t6\t48\nDrug\t12\t41\nControl\t0\t51\n"
        "Control\t6\t44\nControl\t12\t33\n",
        id="IPDfromKM",
    ),
]


@pytest.mark.parametrize("text", TABLES)
def test_numbers_at_risk(tmp_path: Path, text: str) -> None:
    """Every layout gives the same table."""
    path = tmp_path / "risk.csv"
    path.write_text(text)
    assert read_at_risk(path) == AT_RISK


def test_intervals_of_numbers_at_risk(tmp_path: Path) -> None:
    """The file of survHE numbers intervals and points beside times and patients."""
    path = tmp_path / "nrisk.txt"
    path.write_text("Interval\tt.risk\tlower\tupper\tn.risk\n1\t0\t1\t9\t52\n2\t6\t10\t20\t48\n")
    assert read_at_risk(path) == {"": {0: 52, 6: 48}}


def test_thousands_at_risk(tmp_path: Path) -> None:
    """A number at risk is whole, so its comma stands for thousands."""
    path = tmp_path / "risk.csv"
    path.write_text('time,Drug\n0,"1,052"\n6,"1,001"\n12,941\n')
    assert read_at_risk(path) == {"Drug": {0: 1052, 6: 1001, 12: 941}}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "time,Drug,Control\n0,52 (0),51 (0)\n6,48 (2),44 (1)\n12,0 (22),0 (19)\n",
            id="cumulative",
        ),
        pytest.param(
            "time,Drug,Control\n0,52(0),51(0)\n6,48(2),44(1)\n12,0(22),0(19)\n",
            id="without a space",
        ),
        pytest.param(
            "Arm 0 6 12\nDrug 52 (0) 48 (2) 0 (22)\nControl 51 (0) 44 (1) 0 (19)\n",
            id="as below the figure",
        ),
    ],
)
def test_numbers_censored(tmp_path: Path, text: str) -> None:
    """Numbers in parentheses are those censored; followed to the end, they say all events."""
    path = tmp_path / "risk.csv"
    path.write_text(text)
    tables = read_at_risk(path)
    assert tables["Drug"] == {0: 52, 6: 48, 12: 0}
    assert tables["Drug"].censored == {0: 0, 6: 2, 12: 22}
    assert (tables["Drug"].events, tables["Control"].events) == (30, 32)
    curve = read_curves(_written(tmp_path, "time,survival\n0,1\n2,.9\n5,.7\n12,.3\n"))[""]
    endpoint = curve_endpoint({"Drug": curve, "Control": curve}, at_risk=tables)
    assert {name: arm.events for name, arm in endpoint.arms.items()} == {"Drug": 30, "Control": 32}


def test_numbers_censored_in_each_interval(tmp_path: Path) -> None:
    """Numbers that fall cannot be cumulative, and are added up."""
    path = tmp_path / "risk.csv"
    path.write_text("time,n_risk\n0,52 (0)\n6,40 (5)\n12,30 (2)\n")
    assert read_at_risk(path)[""].censored == {0: 0, 6: 5, 12: 7}


def test_more_censored_than_left(tmp_path: Path) -> None:
    """Patients at risk and censored cannot be more than there were."""
    path = tmp_path / "risk.csv"
    path.write_text("time,n_risk\n0,52 (0)\n6,48 (9)\n")
    with pytest.raises(CurveFault, match="at 6, 9 are censored and 48 at risk, which is more than"):
        read_at_risk(path)


def _written(folder: Path, text: str) -> Path:
    (folder / "curve.csv").write_text(text)
    return folder / "curve.csv"


@pytest.mark.parametrize("suffix", [".xlsx", ".ods"])
def test_workbooks(tmp_path: Path, suffix: str) -> None:
    """A sheet of a workbook is read like a file."""
    pytest.importorskip({".xlsx": "openpyxl", ".ods": "odf"}[suffix])
    path = tmp_path / f"curve{suffix}"
    arms = ["Drug"] * 4 + ["Control"] * 4
    time, survival = [0, *DRUG[:3], 0, *CONTROL[:3]], [1, *DRUG[3:], 1, *CONTROL[3:]]
    frame = pd.DataFrame({"therapy": arms, "month": time, "S": survival})
    frame.to_excel(str(path), index=False)
    assert points(path) == {"Drug": pytest.approx(DRUG), "Control": pytest.approx(CONTROL)}


def test_sheets_of_a_workbook(tmp_path: Path) -> None:
    """Each sheet may be an arm, and one of them the numbers at risk."""
    pytest.importorskip("openpyxl")
    path = tmp_path / "curves.xlsx"
    with pd.ExcelWriter(path) as book:
        for arm, found in (("Drug", DRUG), ("Control", CONTROL)):
            sheet = pd.DataFrame({"x": found[:3], "y": found[3:]})
            sheet.to_excel(book, sheet_name=arm, index=False)
        table = pd.DataFrame({"time": [0, 6, 12], **{a: r.values() for a, r in AT_RISK.items()}})
        table.to_excel(book, sheet_name="n at risk", index=False)
    assert points(path) == {"Drug": pytest.approx(DRUG), "Control": pytest.approx(CONTROL)}
    assert read_at_risk(path) == AT_RISK


def test_what_is_no_workbook_is_refused(tmp_path: Path) -> None:
    """A file that only has the name of one is refused in a sentence."""
    path = tmp_path / "curve.xlsx"
    path.write_text("time,survival\n0,1\n")
    with pytest.raises(CurveFault, match="it is not a sound workbook"):
        read_curves(path)


def test_a_column_of_tolerances(tmp_path: Path) -> None:
    """Each point has its own, in the unit of survival, and the arm's knots are as wide."""
    path = _written(tmp_path, "time,survival,tolerance\n0,100,1\n2,95,0.5\n5,90,2\n9,85,0.5\n")
    curve = read_curves(path)[""]
    assert curve.widths == pytest.approx((0.005, 0.02, 0.005))
    assert (curve.tolerance, curve.tolerance_source) == (0.005, "as the file states")
    assert read_curves(path, tolerance=0.01)[""].widths == (0.01,) * 3
    knots = arm_constraints(curve_endpoint(curve, n=20), "all").knots
    assert [knot.upper - knot.lower for knot in knots] == pytest.approx([0.01, 0.04, 0.01])
    path = _written(tmp_path, "time,survival,tolerance\n0,1,1\n2,.95,0.5\n")
    with pytest.raises(CurveFault, match="line 2: a tolerance of 1 is not allowed; write"):
        read_curves(path)


def _with_cells(path: Path, **cells: object) -> Path:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in (
        ("time", "Drug", "Control"),
        (0, 1, 1),
        (2, 0.9, 0.8),
        (5, 0.8, 0.7),
        (9, 0.7, 0.5),
    ):
        book.active.append(row)
    book.active.title = "Figure 2"
    for place, value in cells.items():
        book.active[place] = value
    book.save(path)
    return path


@pytest.mark.parametrize("error", ["#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!"])
def test_an_error_in_a_cell_of_a_workbook_is_named(tmp_path: Path, error: str) -> None:
    """It is no empty cell: the cell and its error are named."""
    path = _with_cells(tmp_path / "curve.xlsx", C4=error)
    said = f'sheet "Figure 2", cell C4 has the error {re.escape(error)}; mend its formula'
    with pytest.raises(CurveFault, match=said):
        read_curves(path)


def test_na_of_a_workbook_is_a_gap(tmp_path: Path) -> None:
    """NA() marks times at which a curve has no point, as NA in a CSV file does."""
    path = _with_cells(tmp_path / "curve.xlsx", C4="#N/A")
    text = path.with_suffix(".csv")
    text.write_text("time,Drug,Control\n0,1,1\n2,0.9,0.8\n5,0.8,NA\n9,0.7,0.5\n")
    assert points(path) == points(text)
    assert len(read_curves(path)["Control"].time) == 2

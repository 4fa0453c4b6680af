"""CSV files of curves, at-risk tables and censoring marks, in every layout."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from kmrepro.studies import CurveFault, read_at_risk, read_censor_marks, read_curves
from kmrepro.studies.marks_csv import read_marks_by_arm

Write = Callable[..., Path]

ONE = (2.0, 5.0, 9.5, 0.9, 0.805, 0.6)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes a file."""

    def to_file(text: str | bytes, name: str = "curve.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return to_file


LAYOUTS = [
    pytest.param("time,survival\n0,1\n2,0.9\n5,0.805\n9.5,0.6\n", id="comma"),
    pytest.param("0,1\n2,0.9\n5,0.805\n9.5,0.6\n", id="no headings"),
    pytest.param("time;survival\n0;1\n2;0.9\n5;0.805\n9.5;0.6\n", id="semicolon"),
    pytest.param("time\tsurvival\n0\t1\n2\t0.9\n5\t0.805\n9.5\t0.6\n", id="tab"),
    pytest.param("0;1\n2;0,9\n5;0,805\n9,5;0,6\n", id="decimal commas"),
    pytest.param("0\t1\n2\t0,9\n5\t0,805\n9,5\t0,6\n", id="tab and decimal commas"),
    pytest.param(" 0  1\n 2  .9\n 5  .805\n 9.5  .6\n", id="spaces"),
    pytest.param('"time" "surv"\n0 1\n2 .9\n5 .805\n9.5 .6\n', id="spaces and headings"),
    pytest.param("0,100\n2,90\n5,80.5\n9.5,60\n", id="percent"),
    pytest.param("0,100%\n2,90%\n5,80.5 %\n9.5,60%\n", id="percent signs"),
    pytest.param("Survival (%),Time (months)\n100,0\n90,2\n80.5,5\n60,9.5\n", id="turned round"),
    pytest.param("x, y\n0, 1\n2, 0.9\n5, 0.805\n9.5, 0.6\n", id="WebPlotDigitizer, one"),
    pytest.param("\ufeff0,1\r\n2,0.9\r\n\r\n5,0.805\r\n9.5,0.6\r\n", id="Windows"),
    pytest.param("sep=;\n0;1\n2;0.9\n5;0.805\n9.5;0.6\n", id="spreadsheet's first line"),
    pytest.param("0,1,\n2,0.9,\n5,0.805,\n9.5,0.6,\n", id="empty last column"),
    pytest.param('"","time","surv"\n"1",0,1\n"2",2,.9\n"3",5,.805\n"4",9.5,.6\n', id="R's rows"),
    pytest.param(
        "time,survival,lower,upper\n0,1,1,1\n2,.9,.8,1\n5,.805,.7,1\n9.5,.6,.5,1\n", id="bands"
    ),
    pytest.param("0e0,1\n2E0,9e-1\n+5,8.05e-1\n9.5,.6\n", id="exponents"),
]


@pytest.mark.parametrize("text", LAYOUTS)
def test_one_curve(write: Write, text: str) -> None:
    """The same points are read from every layout."""
    curves = read_curves(write(text))
    assert list(curves) == [""]
    assert (*curves[""].time, *curves[""].survival) == pytest.approx(ONE)


SEVERAL = [
    pytest.param(
        "A,,B,\nX,Y,X,Y\n0,1,0,1\n2,0.9,3,0.8\n5,0.805,,\n9.5,0.6,,\n", id="WebPlotDigitizer"
    ),
    pytest.param("A;;B;\n0;1;0;1\n2;0,9;3;0,8\n5;0,805\n9,5;0,6\n", id="pairs under names"),
    pytest.param(
        "arm,time,survival\nA,0,1\nA,2,0.9\nB,0,1\nB,3,0.8\nA,5,0.805\nA,9.5,0.6\n", id="long"
    ),
    pytest.param(
        "time,survival,Group\n0,1,A\n2,.9,A\n5,.805,A\n9.5,.6,A\n0,1,B\n3,.8,B\n", id="arm last"
    ),
    pytest.param("0,1,A\n2,.9,A\n5,.805,A\n9.5,.6,A\n0,1,B\n3,.8,B\n", id="long without headings"),
    pytest.param("x,A,B\n0,1,1\n2,.9,\n3,,.8\n5,.805,\n9.5,.6,\n", id="a column for each"),
    pytest.param("Since entry,A,B\n0,1,1\n2,.9,\n3,,.8\n5,.805,\n9.5,.6,\n", id="another heading"),
]


@pytest.mark.parametrize("text", SEVERAL)
def test_several_arms(write: Write, text: str) -> None:
    """Arms come by name, in the file's order."""
    curves = read_curves(write(text))
    assert list(curves) == ["A", "B"]
    assert (*curves["A"].time, *curves["A"].survival) == pytest.approx(ONE)
    assert (*curves["B"].time, *curves["B"].survival) == pytest.approx((3.0, 0.8))


def test_three_columns_for_three_arms(write: Write) -> None:
    """With one column of times, four columns are three arms and not two pairs."""
    curves = read_curves(write("month,A,B,C\n0,1,1,1\n5,0.9,0.8,0.7\n"))
    assert {name: curve.survival for name, curve in curves.items()} == {
        "A": (0.9,), "B": (0.8,), "C": (0.7,),
    }  # fmt: skip


def test_unnamed_pairs_are_numbered(write: Write) -> None:
    """Pairs of columns without names are curve 1 and curve 2."""
    assert list(read_curves(write("0,1,0,1\n5,0.9,6,0.8\n"))) == ["curve 1", "curve 2"]
    assert list(read_curves(write("x,y,x,y\n0,1,0,1\n5,0.9,6,0.8\n"))) == ["curve 1", "curve 2"]


def test_a_single_curve_keeps_its_name(write: Write) -> None:
    """A digitiser writes the name of the only curve above its headings."""
    assert list(read_curves(write("Drug,\nX,Y\n0,1\n5,0.9\n"))) == ["Drug"]


def test_kind_and_tolerance_reach_every_arm(write: Write) -> None:
    """What is stated holds for all of a file."""
    path = write("x,A,B\n0,1,1\n5,0.9,0.8\n9,0.7,0.7\n")
    for curve in read_curves(path, kind="samples", tolerance=0.01).values():
        assert (curve.kind, curve.tolerance) == ("samples", 0.01)


REFUSED = [
    pytest.param("", "it holds no row of numbers", id="empty"),
    pytest.param("time,survival\n", "it holds no row of numbers", id="headings only"),
    pytest.param("1\n2\n", "two columns are needed, time and survival, and one was", id="column"),
    pytest.param("0,1\n", "1 point cannot be a curve; at least two are needed", id="one point"),
    pytest.param("0,1\n2,x\n", 'line 2, column 2: "x" is not a number$', id="word"),
    pytest.param("0,1\n2,nan\n", 'line 2, column 2: "nan" is not a number$', id="nan"),
    pytest.param("0,1\n2,\n", "line 2, column 2 is empty, where a number is needed", id="blank"),
    pytest.param(
        'time,survival\n0,1\n"1,500","0.9"\n',
        'line 3, column 1: "1,500" is not a number; write decimals with a point, or put semicolons',
        id="a comma that may stand for thousands",
    ),
    pytest.param(
        "time,survival\n0,0,1,0\n2,5,0,9\n",
        "line 2 has 4 cells under 2 headings; name every column, and if decimals have commas, put",
        id="commas twice",
    ),
    pytest.param(
        "0,0,1,0\n2,5,0,9\n5,0,0,805\n",
        'line 1, "0,0,1,0", can be read in two ways; if decimals have commas, put semicolons',
        id="commas twice without headings",
    ),
    pytest.param("arm,time,survival\nA,0,1\n,2,.9\n", "line 3 names no arm", id="no arm"),
    pytest.param("arm,time\nA,0\n", "beside the column of arms two are needed", id="no heights"),
    pytest.param("0,1,5\n2,.9,5\n", "3 columns cannot be told apart; write headings", id="three"),
    pytest.param(
        "A,,A,\n0,1,0,1\n2,.9,2,.9\n",
        'two arms are called "A"; give each a name of its',
        id="twice",
    ),
    pytest.param(
        "x,A,B\n0,100,1\n5,90,0.8\n",
        "arm A has percentages and arm B fractions; write all arms either way",
        id="units",
    ),
    pytest.param(
        "x,A,B\n0,1,1\n5,.9,.8\n6,.9,.9\n",
        r"arm B: survival rises by 0.100 at \(6, 0.9\)",
        id="rising arm",
    ),
    pytest.param("0,0\n5,0.1\n", "survival starts at 0 at time 0", id="incidence"),
    pytest.param(b"\xff\xfe0\x00", "it is not UTF-8 text; save it with the encoding", id="UTF-16"),
    pytest.param("a,b\n" + "x" * 200_000 + ",1\n", "it is not a table of cells", id="a huge cell"),
]


@pytest.mark.parametrize(("text", "said"), REFUSED)
def test_faults_name_file_and_line(write: Write, text: str | bytes, said: str) -> None:
    """Every refusal begins with the file, and says where, what was found, and what to do."""
    path = write(text)
    with pytest.raises(CurveFault, match=said) as caught:
        read_curves(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """A file that is not there, a folder, and what would block when it is read."""
    with pytest.raises(CurveFault, match=r"gone\.csv: it cannot be read: No such file"):
        read_curves(tmp_path / "gone.csv")
    with pytest.raises(CurveFault, match="it is a folder; name a CSV file of points in it"):
        read_curves(tmp_path)
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(CurveFault, match="it is not a plain file"):
        read_curves(tmp_path / "pipe.csv")
    with pytest.raises(CurveFault, match="null"):
        read_curves("a\0.csv")


def test_a_huge_file_is_refused(tmp_path: Path) -> None:
    """A file that would fill the memory is not read."""
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.truncate(20_000_001)
    with pytest.raises(CurveFault, match="20,000,001 bytes, and a CSV file of points has at most"):
        read_curves(path)


TABLES = [
    pytest.param("time,n_risk\n0,40\n12,30\n24,9\n", {"": {0: 40, 12: 30, 24: 9}}, id="one arm"),
    pytest.param("0;40\n24;9\n12;30\n", {"": {0: 40, 12: 30, 24: 9}}, id="out of order"),
    pytest.param("time,A,B\n0,40,39\n12,30,29\n", {"A": {0: 40, 12: 30}, "B": {0: 39, 12: 29}},
                 id="a column for each"),
    pytest.param("arm,time,n.risk\nA,0,40\nB,0,39\nA,12,30\n", {"A": {0: 40, 12: 30}, "B": {0: 39}},
                 id="long"),
    pytest.param("month,A,B\n0,40,39\n12,30,\n", {"A": {0: 40, 12: 30}, "B": {0: 39}}, id="blank"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "table"), TABLES)
def test_tables_of_numbers_at_risk(
    write: Write, text: str, table: dict[str, dict[float, int]]
) -> None:
    """Numbers at risk come by arm and time, in the order of time."""
    found = read_at_risk(write(text))
    assert found == table
    assert all(list(counts) == sorted(counts) for counts in found.values())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("0,40\n12,30.5\n", "line 2: 30.5 at risk at 12 is not a whole", id="half"),
        pytest.param("0,40\n12,-3\n", "line 2: -3 at risk at 12 is not a whole", id="negative"),
        pytest.param("-1,40\n12,3\n", "line 1: 40 at risk at -1 is not a whole", id="before 0"),
        pytest.param("0,40\n12,30\n12,29\n", "line 3: the time 12 is repeated", id="twice"),
        pytest.param("t,n risk\n0,100%\n6,70.0%\n", "line 2: 100% at risk at 0 is", id="share"),
        pytest.param(
            "0\n12\n", "two columns are needed, time and n_risk, and one was", id="column"
        ),
    ],
)
def test_faults_of_tables_at_risk(write: Write, text: str, said: str) -> None:
    """A number at risk is whole, and stands at a time of its own."""
    with pytest.raises(CurveFault, match=f"curve.csv: {said}"):
        read_at_risk(write(text))


def test_a_percent_sign_elsewhere_is_no_share_at_risk(write: Write) -> None:
    """An arm may have one in its name, and survival beside the numbers one in its cells."""
    file = write("time,n_risk,survival,arm\n0,50,100%,dose 50%\n5,40,80%,dose 50%\n")
    assert read_at_risk(file) == {"dose 50%": {0: 50, 5: 40}}


def test_columns_beside_the_curve_are_named(write: Write) -> None:
    """What a file says beside the points is read by another argument, or by none."""
    file = write("time,survival,n.risk,lower\n0,1,50,1\n5,0.9,45,0.8\n9,0.8,40,0.7\n")
    assert "not read with the curve: n.risk, lower." in read_curves(file)[""].repairs
    assert read_at_risk(file)[""] == {0: 50, 5: 45, 9: 40}


def test_marks(write: Write) -> None:
    """Marks are times, with how many patients each stands for if that is known."""
    assert read_censor_marks(write("3\n1\n7.5\n")).time == (1, 3, 7.5)
    assert read_censor_marks(write("time\n3\n1\n")).count is None
    counted = read_censor_marks(write("time,count\n3,2\n1,1\n3,1\n"))
    assert (counted.time, counted.count) == ((1, 3), (1, 3))


def test_marks_of_several_arms(write: Write) -> None:
    """A column names the arm, with and without numbers of patients."""
    plain = read_marks_by_arm(write("arm,time\nA,3\nB,2\nA,1\n"))
    assert {name: marks.time for name, marks in plain.items()} == {"A": (1, 3), "B": (2,)}
    assert plain["A"].count is None
    counted = read_marks_by_arm(write("time,count,arm\n3,2,A\n2,1,B\n"))
    assert {name: marks.count for name, marks in counted.items()} == {"A": (2,), "B": (1,)}
    with pytest.raises(CurveFault, match='it holds the marks of "A", "B"; write a file for each'):
        read_censor_marks(write("arm,time\nA,3\nB,2\n"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("3\n-1\n", "censoring marks must be positive times", id="negative"),
        pytest.param("3,1\n4,0\n", "line 2: 0 censored at 4 is no positive", id="none"),
        pytest.param("3,1\n4,1.5\n", "line 2: 1.5 censored at 4 is no positive", id="half"),
        pytest.param("3,1\n4,nan\n", 'line 2, column 2: "nan" is not a number', id="nan"),
        pytest.param("arm,time\nA,3\n,4\n", "line 3 names no arm", id="no arm"),
        pytest.param("2\n3\n2\n", "the censoring mark at 2 is listed more than once", id="twice"),
        pytest.param("time,arm\n2,A\n2,B\n2,B\n", "arm B: the censoring mark at 2 is", id="arm"),
    ],
)
def test_faults_of_marks(write: Write, text: str, said: str) -> None:
    """A mark is after time 0 and stands for whole patients."""
    with pytest.raises(CurveFault, match=f"curve.csv: {said}"):
        read_censor_marks(write(text))


DATES = "".join(f"2020-0{month}-01,{1 - month / 20}\n" for month in range(1, 7))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(
            'time,survival\n1,.9\n2,.8\n3,.7\n4,.6\n"5,.5\n6,.4\n',
            "line 6: a quote is opened and never closed",
            id="the points after an open quote would be one cell",
        ),
        pytest.param(
            '"Time\n(months)",survival\n1,.9\n2,.8\n3,x\n4,.6\n',
            'line 5, column 2: "x" is not a number',
            id="lines are counted below a heading of two lines",
        ),
        pytest.param(
            f"time,survival\n{DATES}",
            'line 2, column 1: "2020-01-01" is not a number',
            id="dates are no times, but their heading is right",
        ),
        pytest.param(
            "time,survival\n1,.9\n2,NA\n3,.7\n4,.6\n",
            "line 3, column 2 has NA, where a number is needed",
            id="a cell with NA is not an empty one",
        ),
    ],
)
def test_cells_are_named_as_what_they_are(write: Write, text: str, said: str) -> None:
    """By their line in the file, and with what stands there."""
    with pytest.raises(CurveFault, match=f"curve.csv: {said}"):
        read_curves(write(text))

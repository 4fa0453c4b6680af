"""CSV files of digitised curves, of the numbers at risk below them, and of censoring marks."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from .csv_table import CsvTable, read_csv_table
from .digitised import CensorMarks, CurveKind, DigitisedCurve, digitised_curve
from .errors import CurveFault, shown

__all__ = [
    "gathered_marks",
    "read_at_risk",
    "read_censor_marks",
    "read_curves",
    "read_marks_by_arm",
]

TIME_NAMES = {"time", "times", "t", "x", "day", "days", "week", "weeks", "month", "months", "year",
              "years", "trisk"}  # fmt: skip
ARM_NAMES = {"arm", "arms", "group", "curve", "name", "dataset", "treatment", "series", "strata"}


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A time and a value, and the line of the file that holds them."""

    line: int
    time: float
    value: float


def readings_by_arm(
    table: CsvTable, *, value_names: set[str], what: str
) -> dict[str, list[Reading]]:
    """Gather the readings of every arm, whichever the layout.

    Parameters
    ----------
    table : CsvTable
        Two columns, time and value; a third that names the arm; one of times and one of values
        for each arm; or a pair of columns for each arm.
    value_names : set of str
        What a column of values may be called.
    what : str
        What the values are, as messages call them.

    Returns
    -------
    dict of str to list of Reading
        By arm, in the file's order; a single arm without a name is called "".

    Raises
    ------
    CurveFault
        If a cell is no number, or the columns cannot be told apart.
    """
    _refuse_decimal_commas(table)
    times, values = table.columns_called(TIME_NAMES), table.columns_called(value_names)
    if table.width < 2:
        raise CurveFault(f"two columns are needed, time and {what}, and one was found")
    if (arm_at := _arm_column(table)) is not None:
        return _long(table, arm_at, times, values)
    if (len(times) <= 1 and len(values) == 1) or table.width == 2:
        time_at, value_at = _two(range(table.width), times, values)
        return {_only_name(table): [_reading(table, row, time_at, value_at) for row in table.rows]}
    if _is_wide(table, times):
        return _wide(table)
    if table.width % 2 == 0:
        return _pairs(table)
    raise CurveFault(
        f"{table.width} columns cannot be told apart; write headings: time and {what}, with a "
        "column arm if there are several, or time and the name of every arm"
    )


def _refuse_decimal_commas(table: CsvTable) -> None:
    """Refuse rows that commas cut into more cells than there are, as in "2,1,0,95".

    Without headings they are known by a third column that holds nothing but the 0 and 1 in front
    of the decimals of survival.
    """
    if table.decimal_comma:
        return
    fix = "if decimals have commas, put semicolons between the cells"
    if len(table.headings) == 1:
        named = len(table.headings[0])
        for line, cells in table.rows:
            if (found := len(_filled(cells))) > named:
                raise CurveFault(
                    f"line {line} has {found} cells under {named} headings; name every column, and "
                    f"{fix}"
                )
    elif (
        not table.headings
        and len(table.rows) > 2
        and all(len(cells) == 4 and cells[2] in ("0", "1") for _, cells in table.rows)
    ):
        line, cells = table.rows[0]
        raise CurveFault(f'line {line}, "{",".join(cells)}", can be read in two ways; {fix}')


def _filled(cells: tuple[str, ...]) -> tuple[str, ...]:
    """Leave out empty cells at the end."""
    while cells and not cells[-1]:
        cells = cells[:-1]
    return cells


def _two(
    columns: range | list[int], times: tuple[int, ...], values: tuple[int, ...]
) -> tuple[int, int]:
    """Return the columns of times and of values: as they are called, else in this order."""
    called = [place for place in columns if place in times]
    value_called = [place for place in columns if place in values]
    time_at = called[0] if called else next(p for p in columns if p not in value_called[:1])
    value_at = value_called[0] if value_called else next(p for p in columns if p != time_at)
    return time_at, value_at


def _only_name(table: CsvTable) -> str:
    """Return what is above the headings of the only curve, as digitisers write it."""
    if len(table.headings) < 2 or len([cell for cell in table.headings[-2] if cell]) != 1:
        return ""
    return table.headings[-2][0]


def _reading(
    table: CsvTable, row: tuple[int, tuple[str, ...]], time_at: int, value_at: int
) -> Reading:
    return Reading(line=row[0], time=table.number(row, time_at), value=table.number(row, value_at))


def _arm_column(table: CsvTable) -> int | None:
    """Find the column that names arms: by its heading, or as the only one of three with words."""
    named = table.columns_called(ARM_NAMES)
    if named:
        return named[0]
    if table.headings or table.width != 3:
        return None
    words = [
        place for place in range(3) if not any(table.is_number(c, place) for _, c in table.rows)
    ]
    return words[0] if len(words) == 1 else None


def _long(
    table: CsvTable, arm_at: int, times: tuple[int, ...], values: tuple[int, ...]
) -> dict[str, list[Reading]]:
    others = [place for place in range(table.width) if place != arm_at]
    if len(others) < 2:
        raise CurveFault("beside the column of arms two are needed, times and values")
    time_at, value_at = _two(others, times, values)
    arms: dict[str, list[Reading]] = {}
    for line, cells in table.rows:
        if table.is_blank(cells, arm_at):
            raise CurveFault(f"line {line} names no arm")
        reading = _reading(table, (line, cells), time_at, value_at)
        arms.setdefault(cells[arm_at], []).append(reading)
    return arms


def _is_wide(table: CsvTable, times: tuple[int, ...]) -> bool:
    """Say whether there is one column of times and a named column of values for each arm."""
    if not table.names or not all(table.names[1:]):
        return False
    return times == (0,) or (not times and table.width % 2 == 1)


def _wide(table: CsvTable) -> dict[str, list[Reading]]:
    arms: dict[str, list[Reading]] = {}
    for column in range(1, table.width):
        filled = [row for row in table.rows if not table.is_blank(row[1], column)]
        _add(arms, table.headings[-1][column], [_reading(table, row, 0, column) for row in filled])
    return arms


def _pairs(table: CsvTable) -> dict[str, list[Reading]]:
    """Read a pair of columns for every arm; columns may end at different lines."""
    names = table.headings[0] if table.headings else ()
    arms: dict[str, list[Reading]] = {}
    for pair in range(0, table.width, 2):
        given = names[pair] if pair < len(names) else ""
        generic = not given or given.lower() in TIME_NAMES
        filled = [row for row in table.rows if any(row[1][pair : pair + 2])]
        name = f"curve {pair // 2 + 1}" if generic else given
        _add(arms, name, [_reading(table, row, pair, pair + 1) for row in filled])
    return arms


def _add(arms: dict[str, list[Reading]], name: str, readings: list[Reading]) -> None:
    if name in arms:
        raise CurveFault(f"two arms are called {shown(name)}; give each a name of its own")
    arms[name] = readings


HEIGHT_NAMES = {"survival", "surv", "s", "y", "probability", "prob", "percent"}
RISK_NAMES = {"n_risk", "nrisk", "n.risk", "at_risk", "at risk", "n at risk", "number at risk", "n",
              "y"}  # fmt: skip
COUNT_NAMES = {"count", "n", "n_cens", "n_censor", "censored", "n_censored", "y"}


def read_curves(
    path: str | os.PathLike[str],
    *,
    kind: CurveKind | None = None,
    tolerance: float | None = None,
) -> dict[str, DigitisedCurve]:
    """Read the curves of a CSV file.

    Parameters
    ----------
    path : path
        UTF-8 text with commas, semicolons or tabs between cells, decimal points or (beside
        semicolons and tabs) decimal commas, with headings or without. Either two columns, time and
        survival; or a third that names the arm; or one of times and, under its name, one of
        survival for every arm; or a pair of columns for every arm, under a row of their names, as
        WebPlotDigitizer writes it.
    kind, tolerance
        As for `digitised_curve`.

    Returns
    -------
    dict of str to DigitisedCurve
        By arm, in the file's order; a single curve without a name is called "".

    Raises
    ------
    CurveFault
        If the file cannot be read as curves; the message names file, and line or points.
    """
    with _naming(path):
        readings = readings_by_arm(
            read_csv_table(Path(path)), value_names=HEIGHT_NAMES, what="survival"
        )
        _check_one_unit(readings)
        return {
            name: _curve(name, points, kind=kind, tolerance=tolerance)
            for name, points in readings.items()
        }


def read_at_risk(path: str | os.PathLike[str]) -> dict[str, dict[float, int]]:
    """Read a table of numbers at risk.

    Parameters
    ----------
    path : path
        A CSV file as for `read_curves`: columns time and n_risk; or a third that names the arm;
        or one of times and, under its name, one for every arm.

    Returns
    -------
    dict of str to dict of float to int
        By arm, then by time in increasing order; a single arm without a name is called "".

    Raises
    ------
    CurveFault
        If a number at risk is not whole, or a time is repeated; the message names file and line.
    """
    with _naming(path):
        readings = readings_by_arm(
            read_csv_table(Path(path)), value_names=RISK_NAMES, what="n_risk"
        )
        return {name: _rows_at_risk(rows) for name, rows in readings.items()}


def read_censor_marks(path: str | os.PathLike[str]) -> CensorMarks:
    """Read the censoring marks of one arm.

    Parameters
    ----------
    path : path
        A CSV file as for `read_curves`: a column of times and, if known, one of patients at each.

    Raises
    ------
    CurveFault
        If a cell is no number, a count no positive whole number, or several arms are named.
    """
    marks = read_marks_by_arm(path)
    if len(marks) > 1:
        raise CurveFault(
            f"{path}: it holds the marks of {', '.join(map(shown, marks))}; write a file for each "
            "arm"
        )
    return next(iter(marks.values()))


def read_marks_by_arm(path: str | os.PathLike[str]) -> dict[str, CensorMarks]:
    """Read the censoring marks of every arm; a single arm without a name is called ""."""
    with _naming(path):
        table = read_csv_table(Path(path))
        if table.width == 1:
            return {"": gathered_marks([table.number(row, 0) for row in table.rows], None)}
        if set(table.columns_called({"arm", "group"})) and table.width == 2:
            return _marks_without_counts(table)
        readings = readings_by_arm(table, value_names=COUNT_NAMES, what="count")
        return {name: _counted_marks(rows) for name, rows in readings.items()}


def gathered_marks(times: Iterable[float], counts: Iterable[int] | None) -> CensorMarks:
    """Put marks in order of time; marks at the same time are one, with their patients added up.

    Raises
    ------
    CurveFault
        If there is no mark, or one is not after time 0.
    """
    listed = list(times)
    numbers = [1] * len(listed) if counts is None else list(counts)
    if not listed or min(listed) <= 0:
        raise CurveFault("censoring marks must be positive times, one at least")
    stacked: dict[float, int] = {}
    for time, count in sorted(zip(listed, numbers, strict=True)):
        stacked[time] = stacked.get(time, 0) + count
    return CensorMarks(
        time=tuple(stacked), count=None if counts is None else tuple(stacked.values())
    )


@contextlib.contextmanager
def _naming(path: str | os.PathLike[str]) -> Iterator[None]:
    """Begin every fault with the file that has it."""
    try:
        yield
    except CurveFault as fault:
        raise CurveFault(f"{path}: {fault}") from fault


def _check_one_unit(readings: dict[str, list[Reading]]) -> None:
    """Refuse a file in which one arm has percentages and another fractions."""
    from .curve_cleaning import are_percentages  # numpy is slow to import

    scales = {
        name: are_percentages([point.value for point in points])
        for name, points in readings.items()
        if points
    }
    if len(set(scales.values())) > 1:
        percent = next(name for name, is_percent in scales.items() if is_percent)
        fraction = next(name for name, is_percent in scales.items() if not is_percent)
        raise CurveFault(
            f"arm {percent} has percentages and arm {fraction} fractions; write all arms either way"
        )


def _curve(
    name: str, points: list[Reading], *, kind: CurveKind | None, tolerance: float | None
) -> DigitisedCurve:
    time, survival = [point.time for point in points], [point.value for point in points]
    try:
        return digitised_curve(time, survival, kind=kind, tolerance=tolerance)
    except CurveFault as fault:
        raise CurveFault(f"arm {name}: {fault}" if name else str(fault)) from fault


def _rows_at_risk(rows: list[Reading]) -> dict[float, int]:
    counts: dict[float, int] = {}
    for row in sorted(rows, key=lambda row: row.time):
        if row.time < 0 or row.value < 0 or row.value != int(row.value):
            raise CurveFault(
                f"line {row.line}: {row.value:g} at risk at {row.time:g} is not a whole number of "
                "patients at a time from 0 on"
            )
        if row.time in counts:
            raise CurveFault(
                f"line {row.line}: the time {row.time:g} is repeated; write it once for each arm"
            )
        counts[row.time] = int(row.value)
    return counts


def _marks_without_counts(table: CsvTable) -> dict[str, CensorMarks]:
    """Read a column of times beside one of arms."""
    arm_at = table.columns_called({"arm", "group"})[0]
    times: dict[str, list[float]] = {}
    for line, cells in table.rows:
        if table.is_blank(cells, arm_at):
            raise CurveFault(f"line {line} names no arm")
        times.setdefault(cells[arm_at], []).append(table.number((line, cells), 1 - arm_at))
    return {name: gathered_marks(listed, None) for name, listed in times.items()}


def _counted_marks(rows: list[Reading]) -> CensorMarks:
    for row in rows:
        if row.value < 1 or row.value != int(row.value):
            raise CurveFault(
                f"line {row.line}: {row.value:g} patients censored at {row.time:g} is not a "
                "positive whole number"
            )
    return gathered_marks([row.time for row in rows], [int(row.value) for row in rows])

"""CSV files of digitised curves, of the numbers at risk below them, and of censoring marks."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from .arm_columns import Reading, readings_by_arm
from .digitised import (
    CensorMarks,
    CurveFault,
    CurveKind,
    DigitisedCurve,
    are_percentages,
    digitised_curve,
)
from .faults import shown
from .sheet import Sheet, SheetFault, read_sheet

__all__ = [
    "gathered_marks",
    "read_at_risk",
    "read_censor_marks",
    "read_curves",
    "read_marks_by_arm",
]

HEIGHT_NAMES = {"survival", "surv", "s", "y", "probability", "prob", "percent"}
RISK_NAMES = {"n_risk", "n_at_risk", "nrisk", "n.risk", "at_risk", "at risk", "n at risk", "number at risk", "n",
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
            read_sheet(Path(path)), value_names=HEIGHT_NAMES, what="survival"
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
        If a number at risk is not whole, or a time stands twice; the message names file and line.
    """
    with _naming(path):
        readings = readings_by_arm(read_sheet(Path(path)), value_names=RISK_NAMES, what="n_risk")
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
        sheet = read_sheet(Path(path))
        if sheet.width == 1:
            return {"": gathered_marks([sheet.number(row, 0) for row in sheet.rows], None)}
        if set(sheet.columns_called({"arm", "group"})) and sheet.width == 2:
            return _marks_without_counts(sheet)
        readings = readings_by_arm(sheet, value_names=COUNT_NAMES, what="count")
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
    except (CurveFault, SheetFault) as fault:
        raise CurveFault(f"{path}: {fault}") from fault


def _check_one_unit(readings: dict[str, list[Reading]]) -> None:
    """Refuse a file in which one arm has percentages and another fractions."""
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
                f"line {row.line}: the time {row.time:g} stands twice; write it once for each arm"
            )
        counts[row.time] = int(row.value)
    return counts


def _marks_without_counts(sheet: Sheet) -> dict[str, CensorMarks]:
    """Read a column of times beside one of arms."""
    arm_at = sheet.columns_called({"arm", "group"})[0]
    times: dict[str, list[float]] = {}
    for line, cells in sheet.rows:
        if sheet.is_blank(cells, arm_at):
            raise CurveFault(f"line {line} names no arm")
        times.setdefault(cells[arm_at], []).append(sheet.number((line, cells), 1 - arm_at))
    return {name: gathered_marks(listed, None) for name, listed in times.items()}


def _counted_marks(rows: list[Reading]) -> CensorMarks:
    for row in rows:
        if row.value < 1 or row.value != int(row.value):
            raise CurveFault(
                f"line {row.line}: {row.value:g} patients censored at {row.time:g} is not a "
                "positive whole number"
            )
    return gathered_marks([row.time for row in rows], [int(row.value) for row in rows])

"""Files of censoring marks."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from .column_evidence import role_of, unit_of
from .csv_table import CsvTable, read_tables
from .curve_csv import naming, readings_by_arm
from .digitised import CensorMarks, Reading, gathered_marks
from .errors import CurveFault, shown

__all__ = ["read_censor_marks", "read_marks_by_arm"]


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
    with naming(path):
        found, unit = _marks_of(read_tables(Path(path)))
        return {name: replace(marks, time_unit=unit) for name, marks in found.items()}


def _marks_of(tables: tuple[CsvTable, ...]) -> tuple[dict[str, CensorMarks], str]:
    """Return the marks by arm, and the unit that the heading of their times names."""
    table = tables[0]
    if len(tables) == 1 and table.width == 1:
        times = [table.number(row, 0) for row in table.rows]
        return {"": gathered_marks(times, None)}, unit_of(table.names[0])
    roles = [role_of(name) for name in table.names]
    if len(tables) == 1 and table.width == 2 and "arm" in roles:
        arm_at = roles.index("arm")
        return _marks_without_counts(table, arm_at), unit_of(table.names[1 - arm_at])
    readings = readings_by_arm(tables, "count")
    found = {name: _counted_marks(name, rows) for name, rows in readings.by_arm.items()}
    return found, readings.time_unit


def _marks_without_counts(table: CsvTable, arm_at: int) -> dict[str, CensorMarks]:
    """Read a column of times beside one of arms."""
    times: dict[str, list[float]] = {}
    for line, cells in table.rows:
        if table.is_blank(cells, arm_at):
            raise CurveFault(f"line {line} names no arm")
        times.setdefault(cells[arm_at], []).append(table.number((line, cells), 1 - arm_at))
    return {name: _marks(name, listed, None) for name, listed in times.items()}


def _counted_marks(name: str, rows: list[Reading]) -> CensorMarks:
    for row in rows:
        if row.value < 1 or row.value != int(row.value):
            raise CurveFault(
                f"line {row.line}: {row.value:g} censored at {row.time:g} is no positive "
                "whole number of patients"
            )
    return _marks(name, [row.time for row in rows], [int(row.value) for row in rows])


def _marks(name: str, times: list[float], counts: list[int] | None) -> CensorMarks:
    with naming(f"arm {name}" if name else ""):
        return gathered_marks(times, counts)

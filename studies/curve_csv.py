"""Files of digitised curves, and of the numbers at risk below them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from ..presentation.formats import count
from .column_evidence import Quantity, in_columns, is_generic, role_of, unit_of, without_thousands
from .csv_table import CsvTable, Row, read_tables
from .curve_columns import Columns, Pair, holds_another, understood
from .digitised import (
    LARGEST_TOLERANCE,
    CurveKind,
    DigitisedCurve,
    NumbersAtRisk,
    Reading,
    digitised_curve,
    numbers_at_risk,
)
from .errors import CurveFault, shown

__all__ = ["naming", "read_at_risk", "read_curves", "readings_by_arm"]


MOST_AS_FRACTION = 1.5  # a height above this can only be a percentage


@dataclass(frozen=True, kw_only=True)
class Readings:
    """The readings of a file by arm, what was concluded on the way, and the unit of its times."""

    by_arm: dict[str, list[Reading]]
    remarks: tuple[str, ...]
    time_unit: str = ""


def readings_by_arm(tables: Iterable[CsvTable], quantity: Quantity) -> Readings:
    """Gather the readings of every arm, whichever the layout.

    Parameters
    ----------
    tables : iterable of CsvTable
        The blocks of a file. Those whose headings name another quantity are passed over.
    quantity : {"survival", "n_risk", "count"}
        What the values are.

    Returns
    -------
    Readings
        By arm, in the file's order; a single arm without a name is called "".

    Raises
    ------
    CurveFault
        If a cell is no number, a column is in doubt, or headings name several units of time.
    """
    every = list(tables)
    for table in every:
        _refuse_decimal_commas(table)
    if len(every) > 1:
        every = [table for table in every if not holds_another(table, quantity)] or every
    arms: dict[str, list[Reading]] = {}
    remarks: list[str] = []
    units: set[str] = set()
    for table in every:
        if (columns := understood(table, quantity)) is None:
            continue
        found = _of_block(table, columns, several=len(every) > 1)
        for name, readings in found.items():
            _add(arms, name, readings)
        remarks += columns.remarks
        units |= {unit_of(table.names[pair.time]) for pair in columns.pairs}
        if any(pair.turned for pair in columns.pairs):
            remarks.append("heights are cumulative incidence, and survival is 1 less that.")
    units.discard("")
    if len(units) > 1:
        raise CurveFault(
            f"its times are headed {' and '.join(sorted(units))}; write them in one unit"
        )
    if not arms:
        raise CurveFault(
            f"it has no column of {quantity}; expected are time and {quantity}, with a column arm "
            "if there are several arms"
        )
    return Readings(
        by_arm=_plainly_named(arms),
        remarks=tuple(dict.fromkeys(remarks)),
        time_unit="".join(units),
    )


def _of_block(table: CsvTable, columns: Columns, *, several: bool) -> dict[str, list[Reading]]:
    if columns.arm is not None:
        return _long(table, columns, columns.arm)
    if len(columns.pairs) == 1:
        (pair,) = columns.pairs
        own = table.names[pair.value]
        quantities = ("survival", "incidence", "n_risk", "count")
        title = "" if role_of(table.title) in quantities else table.title
        name = pair.arm or title or (own if several and not role_of(own) else "")
        needed = (pair.time, pair.value)
        rows = [row for row in table.rows if _is_needed(table, row, columns, needed)]
        return {name: [_reading(table, row, columns, pair) for row in rows]}
    arms: dict[str, list[Reading]] = {}
    for pair in columns.pairs:
        shared = sum(other.time == pair.time for other in columns.pairs) > 1
        rows = table.filled(pair.value) if shared else [
            row for row in table.rows if not (table.is_blank(row[1], pair.value)
                                              and table.is_blank(row[1], pair.time))
        ]  # fmt: skip
        _add(arms, pair.arm, [_reading(table, row, columns, pair) for row in rows])
    return arms


def _is_needed(table: CsvTable, row: Row, columns: Columns, pair: tuple[int, int]) -> bool:
    """Say whether a row must have a point: any but one that holds only what is beside the points.

    A sheet may have numbers at risk, or censoring marks, at times at which there is no point.
    """
    known = {*pair, columns.arm}
    beside = any(cell and at not in known for at, cell in enumerate(row[1]))
    return not (table.is_blank(row[1], pair[1]) and beside)


def _plainly_named(arms: dict[str, list[Reading]]) -> dict[str, list[Reading]]:
    """Drop what is before every name, as in R's "arm=Drug", and a program's name of one curve."""
    if len(arms) == 1 and is_generic(next(iter(arms))):
        return {"": next(iter(arms.values()))}
    if (
        len(arms) > 1
        and len({name.partition("=")[:2] for name in arms}) == 1
        and all("=" in name for name in arms)
    ):
        return {name.partition("=")[2].strip(): readings for name, readings in arms.items()}
    return arms


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
                    f"line {line} has {count(found, 'cell')} under {count(named, 'heading')}; "
                    f"name every column, and {fix}"
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


def _reading(table: CsvTable, row: Row, columns: Columns, pair: Pair) -> Reading:
    value = table.number(row, pair.value)
    if pair.turned:
        value = (100.0 if max(table.numbers(pair.value)) > MOST_AS_FRACTION else 1.0) - value
    at = columns.tolerance
    tolerance = None if at is None or table.is_blank(row[1], at) else table.number(row, at)
    return Reading(
        line=row[0], time=table.number(row, pair.time), value=value, tolerance=tolerance,
        censored=table.in_parentheses(row, pair.value),
        is_share=row[1][pair.value].endswith("%"),
    )  # fmt: skip


def _long(table: CsvTable, columns: Columns, arm_at: int) -> dict[str, list[Reading]]:
    (pair,) = columns.pairs
    arms: dict[str, list[Reading]] = {}
    for row in table.rows:
        line, cells = row
        if not _is_needed(table, row, columns, (pair.time, pair.value)):
            continue
        if table.is_blank(cells, arm_at):
            raise CurveFault(f"line {line} names no arm")
        arms.setdefault(cells[arm_at], []).append(_reading(table, row, columns, pair))
    return arms


def _add(arms: dict[str, list[Reading]], name: str, readings: list[Reading]) -> None:
    if name in arms:
        raise CurveFault(f"two arms are called {shown(name)}; give each a name of its own")
    arms[name] = readings


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
    with naming(path):
        readings = readings_by_arm(read_tables(Path(path)), "survival")
        _check_one_unit(readings.by_arm)

        def of_file(curve: DigitisedCurve) -> DigitisedCurve:
            said = (*readings.remarks, *curve.repairs)
            return replace(curve, repairs=said, time_unit=readings.time_unit)

        return {
            name: _curve(name, points, kind=kind, tolerance=tolerance).in_both_readings(of_file)
            for name, points in readings.by_arm.items()
        }


def read_at_risk(path: str | os.PathLike[str]) -> dict[str, NumbersAtRisk]:
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
    with naming(path):
        tables = [without_thousands(in_columns(block)) for block in read_tables(Path(path))]
        readings = readings_by_arm(tables, "n_risk")
        found = {name: numbers_at_risk(rows) for name, rows in readings.by_arm.items()}
        for table in found.values():
            table.time_unit = readings.time_unit
        return found


@contextlib.contextmanager
def naming(path: str | os.PathLike[str]) -> Iterator[None]:
    """Begin every fault with the file, or the arm, that has it; an arm may have no name."""
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"`path` must be the path of a file, not {type(path).__name__}.")
    try:
        yield
    except CurveFault as fault:
        raise CurveFault(f"{path}: {fault}" if path else str(fault)) from fault


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
    with naming(f"arm {name}" if name else ""):
        curve = digitised_curve(time, survival, kind=kind, tolerance=tolerance)
        return curve if tolerance is not None else _with_tolerances(curve, points)


def _with_tolerances(curve: DigitisedCurve, points: list[Reading]) -> DigitisedCurve:
    """Give every point the tolerance that the file states for it, or the nearest one."""
    stated = {point.time: point.tolerance for point in points if point.tolerance is not None}
    if not stated:
        return curve
    share = 0.01 if max(point.value for point in points) > MOST_AS_FRACTION else 1.0
    for point in points:
        if point.tolerance is not None and not 0 < share * point.tolerance <= LARGEST_TOLERANCE:
            raise CurveFault(
                f"line {point.line}: a tolerance of {point.tolerance:g} is not allowed; write one "
                f"above 0 and up to {LARGEST_TOLERANCE / share:g}, in the unit of survival"
            )

    from .reading_error import SDS  # numpy is slow to import

    def given(other: DigitisedCurve) -> DigitisedCurve:
        nearest = (min(stated, key=lambda at: abs(at - time)) for time in other.time)
        widths = tuple(share * stated[at] for at in nearest)
        sds = tuple(width / SDS for width in widths)
        return replace(
            other,
            tolerances=widths,
            tolerance=median(widths),
            tolerance_source="as the file states",
            sds=sds,
            time_sd=0.0,
        )

    return curve.in_both_readings(given)

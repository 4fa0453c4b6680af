"""CSV files of digitised curves, in the layouts that digitisers export."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from .digitised import CensorMarks, CurveFault, CurveKind, DigitisedCurve, digitised_curve

__all__ = ["gathered_marks", "read_censor_marks", "read_curves"]

TIME_NAMES = {"time", "t", "x", "days", "weeks", "months", "years"}
HEIGHT_NAMES = {"survival", "surv", "s", "y", "probability", "prob", "percent"}
ARM_NAMES = {"arm", "group", "curve", "name", "dataset", "treatment", "series"}
COUNT_NAMES = {"count", "n", "n_cens", "censored", "n_censored"}
MAX_BYTES = 20_000_000


@dataclass(frozen=True, kw_only=True)
class _Sheet:
    """The cells of a CSV file: headings, if there are any, and rows with their line numbers."""

    headings: tuple[tuple[str, ...], ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    decimal_comma: bool

    @property
    def width(self) -> int:
        return max(len(cells) for _, cells in self.rows)


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
        survival; or a third that names the arm; or a pair of columns for every arm, under a row of
        their names, as WebPlotDigitizer writes it.
    kind, tolerance
        As for `digitised_curve`.

    Returns
    -------
    dict of str to DigitisedCurve
        By arm, in the file's order; a single curve without a name is called "".

    Raises
    ------
    CurveFault
        If the file cannot be read as curves; the message names line or points.
    """
    sheet = _sheet(Path(path))
    curves = {}
    for name, points in _by_arm(sheet).items():
        label = f"arm {name}: " if name else ""
        try:
            time, survival = zip(*points, strict=True) if points else ((), ())
            curves[name] = digitised_curve(time, survival, kind=kind, tolerance=tolerance)
        except CurveFault as fault:
            raise CurveFault(f"{label}{fault}") from fault
    return curves


def read_censor_marks(path: str | os.PathLike[str]) -> CensorMarks:
    """Read censoring marks: a column of times and, if known, one of patients at each.

    Raises
    ------
    CurveFault
        If a cell is no number, or a count no positive whole number.
    """
    sheet = _sheet(Path(path))
    headings = [name.lower() for name in sheet.headings[-1]] if sheet.headings else []
    time_at = _column(headings, TIME_NAMES, 0)
    count_at = _column(headings, COUNT_NAMES, 1) if sheet.width > 1 else None
    times, counts = [], []
    for line, cells in sheet.rows:
        times.append(_number(cells, time_at, line, comma=sheet.decimal_comma))
        if count_at is not None:
            counts.append(_number(cells, count_at, line, comma=sheet.decimal_comma))
    if any(count < 1 or count != int(count) for count in counts):
        raise CurveFault("a count of censored patients is not a positive whole number")
    return gathered_marks(times, [int(count) for count in counts] or None)


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


def _sheet(path: Path) -> _Sheet:
    if path.stat().st_size > MAX_BYTES:
        raise CurveFault(f"the file is larger than {MAX_BYTES // 1_000_000} MB")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CurveFault("the file is not UTF-8 text; save it with the encoding UTF-8") from error
    delimiter = next((mark for mark in ";\t" if mark in text), ",")
    cells = [
        (line, tuple(cell.strip() for cell in row))
        for line, row in enumerate(csv.reader(text.splitlines(), delimiter=delimiter), start=1)
        if any(cell.strip() for cell in row)
    ]
    comma = delimiter != ","
    headings: list[tuple[str, ...]] = []
    while cells and not any(_is_number(cell, comma=comma) for cell in cells[0][1]):
        headings.append(cells.pop(0)[1])
    if not cells:
        raise CurveFault("the file holds no points")
    return _Sheet(headings=tuple(headings), rows=tuple(cells), decimal_comma=comma)


def _is_number(cell: str, *, comma: bool) -> bool:
    try:
        float(_pointed(cell, comma=comma))
    except ValueError:
        return False
    return True


def _pointed(cell: str, *, comma: bool) -> str:
    text = cell.removesuffix("%").strip()
    return text.replace(",", ".") if comma else text


def _number(cells: tuple[str, ...], column: int, line: int, *, comma: bool) -> float:
    cell = cells[column] if column < len(cells) else ""
    try:
        return float(_pointed(cell, comma=comma))
    except ValueError:
        raise CurveFault(f'line {line}, column {column + 1}: "{cell}" is not a number') from None


def _column(headings: list[str], names: set[str], default: int) -> int:
    return next((place for place, name in enumerate(headings) if name in names), default)


def _by_arm(sheet: _Sheet) -> Mapping[str, list[tuple[float, float]]]:
    """Gather the points of every arm, whichever the layout."""
    if sheet.width < 2:
        raise CurveFault("points need two columns, time and survival; one was found")
    headings = [name.lower() for name in sheet.headings[-1]] if sheet.headings else []
    if (arm_at := _arm_column(sheet, headings)) is not None:
        return _long(sheet, headings, arm_at)
    if sheet.width >= 4 and sheet.width % 2 == 0:
        return _pairs(sheet)
    time_at, height_at = _column(headings, TIME_NAMES, 0), _column(headings, HEIGHT_NAMES, 1)
    return {"": [_point(sheet, row, time_at, height_at) for row in sheet.rows]}


def _point(
    sheet: _Sheet, row: tuple[int, tuple[str, ...]], time_at: int, height_at: int
) -> tuple[float, float]:
    line, cells = row
    comma = sheet.decimal_comma
    return (
        _number(cells, time_at, line, comma=comma),
        _number(cells, height_at, line, comma=comma),
    )


def _arm_column(sheet: _Sheet, headings: list[str]) -> int | None:
    named = [place for place, name in enumerate(headings) if name in ARM_NAMES]
    if named:
        return named[0]
    if headings or sheet.width != 3:
        return None
    texts = [
        place
        for place in range(3)
        if not any(
            place < len(cells) and _is_number(cells[place], comma=sheet.decimal_comma)
            for _, cells in sheet.rows
        )
    ]
    return texts[0] if len(texts) == 1 else None


def _long(sheet: _Sheet, headings: list[str], arm_at: int) -> dict[str, list[tuple[float, float]]]:
    others = [place for place in range(sheet.width) if place != arm_at]
    time_at = _column(headings, TIME_NAMES, others[0])
    height_at = _column(headings, HEIGHT_NAMES, others[1])
    arms: dict[str, list[tuple[float, float]]] = {}
    for line, cells in sheet.rows:
        name = cells[arm_at] if arm_at < len(cells) else ""
        if not name:
            raise CurveFault(f"line {line} names no arm")
        arms.setdefault(name, []).append(_point(sheet, (line, cells), time_at, height_at))
    return arms


def _pairs(sheet: _Sheet) -> dict[str, list[tuple[float, float]]]:
    """Read a pair of columns for every arm; columns may end at different lines."""
    names = sheet.headings[0] if sheet.headings else ()
    arms: dict[str, list[tuple[float, float]]] = {}
    for pair in range(0, sheet.width, 2):
        given = names[pair] if pair < len(names) else ""
        generic = not given or given.lower() in TIME_NAMES
        name = f"curve {pair // 2 + 1}" if generic else given
        if name in arms:
            raise CurveFault(f'two arms are called "{name}"; give each a name of its own')
        filled = [row for row in sheet.rows if any(row[1][pair : pair + 2])]
        arms[name] = [_point(sheet, row, pair, pair + 1) for row in filled]
    return arms

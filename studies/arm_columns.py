"""Times and values of every arm, in whichever columns of a CSV file they stand."""

from __future__ import annotations

from dataclasses import dataclass

from .faults import shown
from .sheet import Sheet, SheetFault

__all__ = ["TIME_NAMES", "Reading", "readings_by_arm"]

TIME_NAMES = {"time", "times", "t", "x", "day", "days", "week", "weeks", "month", "months", "year",
              "years", "trisk"}  # fmt: skip
ARM_NAMES = {"arm", "arms", "group", "curve", "name", "dataset", "treatment", "series", "strata"}


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A time and a value, and the line that they stand on."""

    line: int
    time: float
    value: float


def readings_by_arm(sheet: Sheet, *, value_names: set[str], what: str) -> dict[str, list[Reading]]:
    """Gather the readings of every arm, whichever the layout.

    Parameters
    ----------
    sheet : Sheet
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
    SheetFault
        If a cell is no number, or the columns cannot be told apart.
    """
    _refuse_decimal_commas(sheet)
    times, values = sheet.columns_called(TIME_NAMES), sheet.columns_called(value_names)
    if sheet.width < 2:
        raise SheetFault(f"two columns are needed, time and {what}, and one was found")
    if (arm_at := _arm_column(sheet)) is not None:
        return _long(sheet, arm_at, times, values)
    if (len(times) <= 1 and len(values) == 1) or sheet.width == 2:
        time_at, value_at = _two(range(sheet.width), times, values)
        return {_only_name(sheet): [_reading(sheet, row, time_at, value_at) for row in sheet.rows]}
    if _is_wide(sheet, times):
        return _wide(sheet)
    if sheet.width % 2 == 0:
        return _pairs(sheet)
    raise SheetFault(
        f"{sheet.width} columns cannot be told apart; write headings: time and {what}, with a "
        "column arm if there are several, or time and the name of every arm"
    )


def _refuse_decimal_commas(sheet: Sheet) -> None:
    """Refuse rows that commas cut into more cells than there are, as in "2,1,0,95".

    Without headings they are known by a third column that holds nothing but the 0 and 1 in front
    of the decimals of survival.
    """
    if sheet.decimal_comma:
        return
    fix = "if decimals have commas, put semicolons between the cells"
    if len(sheet.headings) == 1:
        named = len(sheet.headings[0])
        for line, cells in sheet.rows:
            if (found := len(_filled(cells))) > named:
                raise SheetFault(
                    f"line {line} has {found} cells under {named} headings; name every column, and "
                    f"{fix}"
                )
    elif (
        not sheet.headings
        and len(sheet.rows) > 2
        and all(len(cells) == 4 and cells[2] in ("0", "1") for _, cells in sheet.rows)
    ):
        line, cells = sheet.rows[0]
        raise SheetFault(f'line {line}, "{",".join(cells)}", can be read in two ways; {fix}')


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


def _only_name(sheet: Sheet) -> str:
    """Return what stands over the headings of the only curve, as digitisers write it."""
    if len(sheet.headings) < 2 or len([cell for cell in sheet.headings[-2] if cell]) != 1:
        return ""
    return sheet.headings[-2][0]


def _reading(
    sheet: Sheet, row: tuple[int, tuple[str, ...]], time_at: int, value_at: int
) -> Reading:
    return Reading(line=row[0], time=sheet.number(row, time_at), value=sheet.number(row, value_at))


def _arm_column(sheet: Sheet) -> int | None:
    """Find the column that names arms: by its heading, or as the only one of three with words."""
    named = sheet.columns_called(ARM_NAMES)
    if named:
        return named[0]
    if sheet.headings or sheet.width != 3:
        return None
    words = [
        place for place in range(3) if not any(sheet.is_number(c, place) for _, c in sheet.rows)
    ]
    return words[0] if len(words) == 1 else None


def _long(
    sheet: Sheet, arm_at: int, times: tuple[int, ...], values: tuple[int, ...]
) -> dict[str, list[Reading]]:
    others = [place for place in range(sheet.width) if place != arm_at]
    if len(others) < 2:
        raise SheetFault("beside the column of arms two are needed, times and values")
    time_at, value_at = _two(others, times, values)
    arms: dict[str, list[Reading]] = {}
    for line, cells in sheet.rows:
        if sheet.is_blank(cells, arm_at):
            raise SheetFault(f"line {line} names no arm")
        reading = _reading(sheet, (line, cells), time_at, value_at)
        arms.setdefault(cells[arm_at], []).append(reading)
    return arms


def _is_wide(sheet: Sheet, times: tuple[int, ...]) -> bool:
    """Say whether one column of times stands beside a named column of values for each arm."""
    if not sheet.names or not all(sheet.names[1:]):
        return False
    return times == (0,) or (not times and sheet.width % 2 == 1)


def _wide(sheet: Sheet) -> dict[str, list[Reading]]:
    arms: dict[str, list[Reading]] = {}
    for column in range(1, sheet.width):
        filled = [row for row in sheet.rows if not sheet.is_blank(row[1], column)]
        _add(arms, sheet.headings[-1][column], [_reading(sheet, row, 0, column) for row in filled])
    return arms


def _pairs(sheet: Sheet) -> dict[str, list[Reading]]:
    """Read a pair of columns for every arm; columns may end at different lines."""
    names = sheet.headings[0] if sheet.headings else ()
    arms: dict[str, list[Reading]] = {}
    for pair in range(0, sheet.width, 2):
        given = names[pair] if pair < len(names) else ""
        generic = not given or given.lower() in TIME_NAMES
        filled = [row for row in sheet.rows if any(row[1][pair : pair + 2])]
        name = f"curve {pair // 2 + 1}" if generic else given
        _add(arms, name, [_reading(sheet, row, pair, pair + 1) for row in filled])
    return arms


def _add(arms: dict[str, list[Reading]], name: str, readings: list[Reading]) -> None:
    if name in arms:
        raise SheetFault(f"two arms are called {shown(name)}; give each a name of its own")
    arms[name] = readings

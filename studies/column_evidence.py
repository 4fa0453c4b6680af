"""What headings, columns and rows of a file of points say that they hold, each by itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Literal

from .csv_table import CsvTable, Row

__all__ = [
    "Quantity",
    "Role",
    "are_counts",
    "falls_from_one",
    "in_columns",
    "is_generic",
    "role_and_arm_of",
    "role_of",
    "without_thousands",
]

Role = str
"""What a column holds: "time", "survival", "n_risk", ...; "" if that is open."""

_TIME = {
    "time", "times", "t", "x", "tk", "trisk", "t risk", "t k", "day", "days", "week", "weeks",
    "month", "months", "mo", "mos", "year", "years", "yr", "yrs", "x val", "xval", "x value",
    "follow up", "followup", "os time", "pfs time", "futime", "x values",
}  # fmt: skip
_SURVIVAL = {
    "survival", "surv", "s", "st", "s t", "sk", "s k", "y", "y val", "yval", "y value", "y values",
    "probability", "prob", "percent", "pct", "percentage", "%", "estimate", "km", "km estimate",
    "os", "pfs", "dfs", "efs", "rfs", "ttp", "survival probability", "surv prob", "proportion",
    "proportion surviving", "fraction", "km_estimate",
}  # fmt: skip
_INCIDENCE = {
    "ci", "cif", "cuminc", "cumulative incidence", "incidence", "failure", "f", "f t",
    "event probability", "1 survival", "cumulative events",
}  # fmt: skip
_RISK = {
    "n risk", "nrisk", "at risk", "n at risk", "number at risk", "no at risk", "n", "nar", "risk",
    "patients at risk", "atrisk", "no risk", "num risk", "numbers at risk", "natrisk",
}  # fmt: skip
_COUNT = {
    "count", "n cens", "n censor", "ncens", "ncensor", "censored", "n censored", "censor",
    "number censored", "counts", "no censored", "cens",
}  # fmt: skip
_EVENTS = {"n event", "n events", "nevent", "events", "event", "deaths", "d", "cumulative deaths"}
_ARM = {
    "arm", "arms", "group", "groups", "curve", "curves", "name", "dataset", "data set",
    "treatment", "treatments", "series", "strata", "stratum", "therapy", "drug", "trt",
    "regimen", "cohort", "line", "label", "trtp", "treat", "study arm", "treatment arm",
    "treatment group", "arm name", "curve name", "curve id", "group name", "legend",
}  # fmt: skip
_BAND = {
    "lower", "upper", "low", "high", "std err", "std error", "se", "stderr", "conf low",
    "conf high", "lcl", "ucl", "lci", "uci", "cumhaz", "std chaz", "hazard", "cumulative hazard",
    "variance", "ci", "95 ci", "95% ci", "ci 95", "conf int", "pixel x", "pixel y", "px", "py",
}  # fmt: skip
_ROW = {"id", "k", "i", "index", "row", "no", "nr", "#", "interval", "point", "row id", "rowid",
        "unnamed: 0", "obs", "j"}  # fmt: skip
_TOLERANCE = {"tolerance", "tol", "reading error"}
_NAMES: tuple[tuple[Role, set[str]], ...] = (
    ("time", _TIME), ("survival", _SURVIVAL), ("n_risk", _RISK), ("count", _COUNT),
    ("arm", _ARM), ("row", _ROW), ("tolerance", _TOLERANCE), ("incidence", _INCIDENCE),
    ("events", _EVENTS), ("band", _BAND),
)  # fmt: skip
_OPENINGS: tuple[tuple[Role, str], ...] = (
    ("time", r"(?:time|times|months?|days?|weeks?|years?|follow up) .*"),
    ("survival", r"(?:.* )?(?:survival|surviving|survived|alive)(?: .*)?"),
    ("incidence", r"(?:.* )?incidence(?: .*)?"),
    ("n_risk", r"(?:.* )?at risk(?: .*)?"),
    ("count", r"(?:.* )?censored(?: .*)?"),
    ("band", r"(?:lower|upper|low|high) .*|.* (?:lower|upper|low|high|lcl|ucl)"),
)
_OF_ARM = re.compile(
    r"(?P<arm>.*?\S)[\s_.:-]+(?P<end>x|y|t|time|months?|s|survival|surv)|(?P<x>[xyts])(?P<no>[0-9])"
)
_UNITS = {"day": "days", "week": "weeks", "wk": "weeks", "month": "months", "mo": "months",
          "year": "years", "yr": "years"}  # fmt: skip
_UNIT = re.compile(rf"\b({'|'.join(_UNITS)})s?\b")
_GENERIC = re.compile(r"(?:default )?(?:curve|data ?set|series|line|data|plot)[ _]?[0-9]*")


def is_generic(name: str) -> bool:
    """Say whether a name is a program's, such as "Curve1", and not an arm's."""
    return _GENERIC.fullmatch(name.strip().lower()) is not None


def role_of(heading: str) -> Role:
    """Return what a heading alone says of its column, "" if nothing."""
    plain = _plain(heading)
    named = [role for role, names in _NAMES if plain in names]
    opened = [role for role, opening in _OPENINGS if re.fullmatch(opening, plain)]
    return (*named, *opened, "")[0]


def role_and_arm_of(heading: str) -> tuple[Role, str] | None:
    """Return the role and the arm of a heading that names both: "Drug x", "y2"; None if not."""
    found = _OF_ARM.fullmatch(heading.strip())
    if found is None:
        return None
    return role_of(found["end"] or found["x"]), found["arm"] or f"curve {found['no']}"


def unit_of(heading: str) -> str:
    """Return the unit that a heading of times names, such as "years"; "" if none."""
    plain = heading.replace("_", " ").lower()
    behind = re.search(r"[(\[]([^()\[\]]*)[)\]]\s*$", plain)  # "time since day 0 (months)"
    found = _UNIT.findall(behind[1]) if behind else []
    units = {_UNITS[name] for name in found or _UNIT.findall(plain)}
    return units.pop() if len(units) == 1 else ""


def _plain(heading: str) -> str:
    """Return a heading in lower case without units and separators: "S(t) [%]" is "s"."""
    text = re.sub(r"\s*[(\[].*", "", heading) or heading.strip("()[] ")
    text = re.sub(r"(?i)(?<=[a-z])[\s_,]+in[\s_]+(?:months|days|weeks|years)$", "", text)
    return re.sub(r"[\s._,:-]+", " ", text).strip().lower()


Quantity = Literal["survival", "n_risk", "count"]
"""What a file is read for."""
LEAST_FIT = (
    0.75  # least survival at the first time, and share of the falls among all that heights move
)
AXIS_MISS = 0.06  # of survival, by which clicks may miss an axis


def falls_from_one(times: Sequence[float], values: Sequence[float]) -> bool:
    """Say whether values can be survival at these times: from near 1 (or 100) down, never below 0.

    Parameters
    ----------
    times, values : sequence of float, same length
        In any order.
    """
    if not times or min(times) < -AXIS_MISS * max(times) or max(times) <= 0:
        return False
    scale = 100.0 if max(values) > 1.5 else 1.0
    falling = sorted(zip(times, values, strict=True), key=lambda point: (point[0], -point[1]))
    in_time = [value / scale for _, value in falling]
    if not -AXIS_MISS <= min(in_time) <= max(in_time) <= 1 + AXIS_MISS or in_time[0] < LEAST_FIT:
        return False
    moves = [late - early for early, late in pairwise(in_time)]
    moved = sum(map(abs, moves))
    return sum(-move for move in moves if move < 0) >= LEAST_FIT * moved


def are_counts(times: Sequence[float], values: Sequence[float]) -> bool:
    """Say whether values can be numbers at risk: whole, none below 0, never more than before."""
    in_time = [value for _, value in sorted(zip(times, values, strict=True))]
    whole = all(value >= 0 and value == int(value) for value in in_time)
    return bool(times) and min(times) >= 0 and whole and in_time == sorted(in_time, reverse=True)


def fits(table: CsvTable, pair: tuple[int, int], quantity: Quantity) -> bool:
    """Say whether two columns can be times and values, by their numbers."""
    rows = [
        row for row in table.rows if all(table.is_number(row[1], column) for column in pair)
    ]  # fmt: skip
    times, values = ([table.number(row, column) for row in rows] for column in pair)
    if quantity == "survival":
        return falls_from_one(times, values)
    return quantity == "count" or are_counts(times, values)


def numbers_rows(table: CsvTable, column: int) -> bool:
    """Say whether a column numbers the rows 0, 1, 2, ... or 1, 2, 3, ..., or anew for each arm."""
    if not all(table.is_number(cells, column) for _, cells in table.rows):
        return False
    numbers = table.numbers(column)
    steps = pairwise(numbers)
    return numbers[0] in (0, 1) and all(
        late - early == 1 or late in (0, 1) for early, late in steps
    )


def rises(table: CsvTable, column: int) -> bool:
    """Say whether the numbers of a column rise, but for one in ten."""
    numbers = table.numbers(column)
    up = sum(late >= early for early, late in pairwise(numbers))
    return len(numbers) > 1 and up >= 0.9 * (len(numbers) - 1)


_TIME_CELL = re.compile(
    r"(?i)(?:t\s*=?\s*)?([0-9]+(?:[.,][0-9]+)?)\s*(?:days?|weeks?|months?|mo|years?|yrs?)?"
)
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:[, \u2009\u00a0][0-9]{3})+")


def without_thousands(table: CsvTable) -> CsvTable:
    """Take the commas of thousands out, as in "1,052": numbers at risk have no decimals."""
    rows = tuple(
        (line, tuple(re.sub(r"\D", "", cell) if _THOUSANDS.fullmatch(cell) else cell
                     for cell in cells))
        for line, cells in table.rows
    )  # fmt: skip
    return replace(table, rows=rows)


def in_columns(table: CsvTable) -> CsvTable:
    """Turn a table with a row for each arm, as below a figure, into one with a column for each.

    Parameters
    ----------
    table : CsvTable
        Any table of numbers at risk; one that has no row of times is returned as it is.
    """
    rows = list(table.rows)
    if any(role_of(name) == "time" for name in table.names[1:]):
        return table
    if _is_row_of_times(table.names) and not _are_times(table, rows[0]):
        times = [_time(cell) for cell in table.names[1:]]
    elif _are_times(table, rows[0]) and len(rows) > 1:
        times, rows = [_time(cell) for cell in rows[0][1][1:]], rows[1:]
    else:
        return table
    if any(table.is_number(cells, 0) for _, cells in rows) or not all(map(_falls, rows)):
        return table
    names = [re.sub(r"[:\s]+$", "", cells[0]) for _, cells in rows]
    if len(names) == 1 and not names[0]:
        names = ["n_risk"]
    turned = [
        (rows[0][0], (time, *(_cell(row, column) for row in rows)))
        for column, time in enumerate(times, start=1)
    ]
    return replace(
        table, headings=(("time", *names),), rows=tuple(row for row in turned if row[1][0])
    )


def _are_times(table: CsvTable, row: Row) -> bool:
    """Say whether a row is one of times, beside a label or nothing: from 0 on, increasing."""
    return not table.is_number(row[1], 0) and _is_row_of_times(row[1])


def _is_row_of_times(cells: tuple[str, ...]) -> bool:
    while cells and not cells[-1]:
        cells = cells[:-1]
    times = [_time(cell) for cell in cells[1:]]
    if len(times) < 2 or not all(times) or re.fullmatch("[0-9.]+", cells[0]):
        return False
    values = [float(time) for time in times]
    return all(early < late for early, late in pairwise(values))


def _falls(row: Row) -> bool:
    """Say whether the numbers of a row never rise, as those of an arm do not."""
    counts = [re.match(r"[0-9]+", re.sub(",", "", cell)) for cell in row[1][1:] if cell]
    numbers = [int(count[0]) for count in counts if count]
    return numbers == sorted(numbers, reverse=True)


def _time(cell: str) -> str:
    found = _TIME_CELL.fullmatch(cell.strip())
    return found[1].replace(",", ".") if found else ""


def _cell(row: Row, column: int) -> str:
    return row[1][column] if column < len(row[1]) else ""

"""Means, medians and their spreads: readable, in order, and possible for whole numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from ..presentation.formats import count
from ..studies.arm import lies_in
from ..studies.printed import FLOAT_SLACK, PrintedNumber
from ..studies.study import Study
from ..studies.table import (
    CellNumbers,
    GroupRow,
    Table,
    cell_numbers,
)
from .rule import Bounds, Finding, Rule, asks, short

__all__ = [
    "means_of_whole_numbers",
    "readable_cells",
    "whole_numbers",
]

UNREAD = Rule(
    name="cell-not-read",
    asks="Is the cell in a form that the audit reads?",
    tolerance="A note that the cell was not checked; it says nothing about the paper.",
    reference="",
)
QUARTILES = Rule(
    name="quartile-order",
    asks="Does a median lie between its quartiles?",
    tolerance="Every reported number may be any value that rounds to it.",
    reference="Altman DG, Bland JM. BMJ 1994;309:996. doi:10.1136/bmj.309.6960.996",
)
FORM = Rule(
    name="cell-form",
    asks="Do all cells of a row of medians give the same kind of spread?",
    tolerance="One number beside a median in one cell and two in another, or one where the row "
    "above has two: a note.",
    reference="Altman DG, Bland JM. BMJ 1994;309:996. doi:10.1136/bmj.309.6960.996",
)


@asks(UNREAD, QUARTILES, FORM)
def readable_cells(study: Study) -> Iterator[Finding]:
    """Yield the cells that cannot be read, or whose own numbers are out of order."""
    for table in study.tables:
        yield from _unread(table)
        for row in table.medians:
            cells = {group: cell_numbers(text) for group, text in row.cells.items()}
            hint = _exchange_hint(cells)
            for group, cell in cells.items():
                if cell is not None:
                    place = f"{table.place}: {row.variable}, {group}"
                    yield from _quartile_order(place, cell, hint)
            yield from _form(table, row, [cell for cell in cells.values() if cell])


def _unread(table: Table) -> Iterator[Finding]:
    texts = [
        (f"{row.variable}, {level}, {group}", text)
        for row in table.counts
        for level, cells in row.levels.items()
        for group, text in cells.items()
    ]
    texts += [
        (f"{row.variable}, {group}", text)
        for row in (*table.means, *table.medians)
        for group, text in row.cells.items()
    ]
    for where, text in texts:
        if cell_numbers(text) is None:
            yield UNREAD.finding(
                "note", f"{table.place}: {where}", printed=text,
                expected='a cell such as "22 (8.21)", "41.6 ± 4.6" or "55.6 (34.6, 72.3)"',
                sentence="This cell is in no form that the audit reads, so it was not checked.",
            )  # fmt: skip


def _exchange_hint(cells: Mapping[str, CellNumbers | None]) -> str:
    """Say so if the medians of two groups are inside each other's quartiles, and not their own."""
    known = [(group, cell) for group, cell in cells.items() if cell and len(cell.inside) == 2]
    if len(known) != 2 or len(cells) != 2:
        return ""
    (first, one), (second, other) = known
    own = lies_in(one.first, one.inside) and lies_in(other.first, other.inside)
    crossed = lies_in(one.first, other.inside) and lies_in(other.first, one.inside)
    if own or not crossed:
        return ""
    return f" With the quartiles of {first} and {second} exchanged, both medians are inside."


def _quartile_order(place: str, cell: CellNumbers, hint: str) -> Iterator[Finding]:
    if len(cell.inside) != 2:
        return
    lower, upper = cell.inside
    if not lies_in(cell.first, cell.inside):
        yield QUARTILES.finding(
            "error", place, printed=f"{cell.first} ({lower}, {upper})",
            expected=f"{lower} to {upper}",
            sentence=f"The median {cell.first} lies outside the {lower} to {upper} beside it."
            f"{hint}",
        )  # fmt: skip


def _form(table: Table, row: GroupRow, cells: list[CellNumbers]) -> Iterator[Finding]:
    usual = any(
        len(cell.inside) == 2
        for other in table.medians
        for cell in map(cell_numbers, other.cells.values())
        if cell is not None
    )
    if usual and any(len(cell.inside) == 1 for cell in cells):
        yield FORM.finding(
            "note", f"{table.place}: {row.variable}",
            printed="; ".join(f"{group} {text}" for group, text in row.cells.items()),
            expected="a median with two quartiles, as in the table's other rows",
            sentence="There is one number beside the median, where other rows of the table "
            "have two quartiles; it may be a mean with its standard deviation.",
        )  # fmt: skip


_MOST_MISSING = 0.2  # of the patients; further down some number of them always fits

WHOLE_MEAN = Rule(
    name="whole-number-mean",
    asks="Is the mean of whole numbers a whole number divided by the patients?",
    tolerance="Every rounding of the mean. Values may be missing without the table saying so, so "
    "it is a warning, which names the nearest smaller number of patients that fits. Only of rows "
    "with `whole = true`.",
    reference="Brown NJL, Heathers JAJ. Soc Psychol Personal Sci 2017;8:363-369. "
    "doi:10.1177/1948550616673876",
)
WHOLE_SPREAD = Rule(
    name="whole-number-spread",
    asks="Is the standard deviation large enough for whole numbers with this mean?",
    tolerance="Every rounding of mean and standard deviation, and the formula that divides by n as "
    "well as that by n - 1. Only of rows with `whole = true`.",
    reference="Anaya J. PeerJ Preprints 2016;4:e2400v1. doi:10.7287/peerj.preprints.2400v1",
)
WHOLE_MEDIAN = Rule(
    name="whole-number-median",
    asks="Is the median of whole numbers a whole number, or a half?",
    tolerance="Every rounding. An error in rows with `whole = true`; a note where only the range "
    "is reported in whole numbers, since that may have been rounded.",
    reference=WHOLE_MEAN.reference,
)


@asks(WHOLE_MEAN, WHOLE_SPREAD, WHOLE_MEDIAN)
def whole_numbers(study: Study) -> Iterator[Finding]:
    """Yield the means, spreads and medians that whole numbers cannot have."""
    for table in study.tables:
        for row in table.means:
            if row.whole:
                for group, cell, place in _read_cells(table, row):
                    yield from _whole_mean(
                        cell, row.of.get(group) or table.groups.get(group), place
                    )
                    yield from _whole_spread(cell, place)
        for row in table.medians:
            for _, cell, place in _read_cells(table, row):
                yield from _whole_median(cell, place, whole=row.whole)


def _read_cells(table: Table, row: GroupRow) -> Iterator[tuple[str, CellNumbers, str]]:
    for group, text in row.cells.items():
        cell = cell_numbers(text)
        if cell is not None:
            yield group, cell, f"{table.place}: {row.variable}, {group}"


def _fits(mean: PrintedNumber, n: int) -> bool:
    """Say whether some sum of n whole numbers gives the mean."""
    return math.floor(mean.upper * n * (1 + FLOAT_SLACK)) >= math.ceil(
        mean.lower * n * (1 - FLOAT_SLACK)
    )


def _whole_mean(cell: CellNumbers, n: int | None, place: str) -> Iterator[Finding]:
    mean = cell.first
    if n is None or mean.relation != "=" or mean.lower < 0 or _fits(mean, n):
        return
    decimals = mean.decimals + 2
    below, above = math.floor(mean.value * n) / n, math.ceil(mean.value * n) / n
    fewest = math.ceil(n * (1 - _MOST_MISSING))
    fewer = next((size for size in range(n - 1, fewest - 1, -1) if _fits(mean, size)), None)
    hint = f"; of {count(fewer, 'patient')} it can be" if fewer else ""
    yield WHOLE_MEAN.finding(
        "warning", place, printed=f"{mean.bare} of {count(n, 'patient')}",
        expected=f"{below:.{decimals}f} or {above:.{decimals}f}",
        sentence=f"{mean.bare} is not the mean of {n} whole numbers{hint}.",
    )  # fmt: skip


def _least_spread(mean: float) -> float:
    """Return the smallest standard deviation, dividing by n, of whole numbers with a mean."""
    part = mean - math.floor(mean)
    return math.sqrt(part * (1 - part))


def _whole_spread(cell: CellNumbers, place: str) -> Iterator[Finding]:
    if len(cell.inside) != 1 or cell.inside[0].relation != "=" or cell.first.relation != "=":
        return
    mean, spread = Bounds.of(cell.first), cell.inside[0]
    if means_of_whole_numbers(mean, spread.upper) is not None:
        return
    least = min(_least_spread(mean.lower), _least_spread(mean.upper))
    yield WHOLE_SPREAD.finding(
        "error", place, printed=f"mean {cell.first.bare}, SD {spread.bare}",
        expected=f"SD at least {short(least)}",
        sentence=f"Whole numbers with a mean of {cell.first.bare} have a standard deviation of at "
        f"least {short(least)}, because some must lie above the mean and some below; {spread.bare} "
        "is less.",
    )  # fmt: skip


def means_of_whole_numbers(mean: Bounds, spread: float) -> Bounds | None:
    """Return the means that whole numbers with at most this spread can have; None if none.

    Parameters
    ----------
    mean : Bounds
        Means that the rounding allows.
    spread : float
        Largest standard deviation that the rounding allows, dividing by n.

    Returns
    -------
    Bounds or None
        The smallest range that holds them.

    Notes
    -----
    With f the distance of the mean from the whole number below it, the variance is least where
    all values are the two whole numbers next to the mean: f (1 - f). So f is at most
    (1 - sqrt(1 - 4 s²)) / 2 from a whole number, if the spread s is below 1/2.
    """
    if spread >= 0.5:
        return mean
    room = (1 - math.sqrt(1 - 4 * spread * spread)) / 2 + FLOAT_SLACK
    whole = range(math.floor(mean.lower), math.ceil(mean.upper) + 1)
    parts = [Bounds(max(n - room, mean.lower), min(n + room, mean.upper)) for n in whole]
    allowed = [part for part in parts if part.lower <= part.upper]
    return Bounds(allowed[0].lower, allowed[-1].upper) if allowed else None


def _whole_median(cell: CellNumbers, place: str, *, whole: bool) -> Iterator[Finding]:
    median = cell.first
    printed_whole = len(cell.inside) == 2 and all(each.decimals == 0 for each in cell.inside)
    if median.relation != "=" or not (whole or printed_whole):
        return
    if math.floor(2 * median.upper * (1 + FLOAT_SLACK)) >= math.ceil(
        2 * median.lower * (1 - FLOAT_SLACK)
    ):
        return
    if not whole and median.decimals == 0:
        return
    below, above = math.floor(2 * median.value) / 2, math.ceil(2 * median.value) / 2
    inside = " and ".join(each.bare for each in cell.inside)
    yield WHOLE_MEDIAN.finding(
        "error" if whole else "note", place, printed=f"median {median.bare}"
        + (f" ({inside})" if inside else ""), expected=f"{below:g} or {above:g}",
        sentence=f"The median of whole numbers is a whole number or a half, which {median.bare} is "
        "not" + ("." if whole else "; it may be a mean, or of values that are not whole."),
    )  # fmt: skip

"""Percentages against the counts that they are of."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from ..studies.printed import PrintedNumber
from ..studies.statement import Share
from ..studies.study import Study
from .counts import Counts, count_rows
from .rule import Finding, Rule, Severity, asks

__all__ = ["percentages_of_counts"]

_GRIM = (
    "Brown NJL, Heathers JAJ. Soc Psychol Personal Sci 2017;8:363-369. doi:10.1177/1948550616673876"
)
PERCENTAGE = Rule(
    name="percentage",
    asks="Is each percentage the one that count and denominator give?",
    tolerance="Every rounding of the percentage, and as denominator the patients of the column, of "
    "the row, or of the levels that are printed, since patients with missing values are often left "
    "out. Less than one unit of the last digit off is a warning (percentages are sometimes added "
    "up, or made to add up to 100), more an error.",
    reference=_GRIM,
)
TRUNCATED = Rule(
    name="percentage-cut-off",
    asks="Is a percentage cut off where it would be rounded up?",
    tolerance="A percentage that fits once further digits are left out: a note.",
    reference=_GRIM,
)
NO_COUNT = Rule(
    name="percentage-of-nobody",
    asks="Is there a whole number of patients that gives this percentage?",
    tolerance="Every count from none to all, every rounding of the percentage. Less than one "
    "unit of the last digit off is a warning, as for counts; cut off is a note.",
    reference=_GRIM,
)


@dataclass(frozen=True)
class _Part:
    """One count and its percentage, with the wholes that it may be of."""

    place: str
    count: int
    percent: PrintedNumber
    wholes: tuple[int, ...]

    @property
    def text(self) -> str:
        return f"{self.count}/{self.wholes[0]} ({self.percent.bare.rstrip('%').strip()}%)"


@asks(PERCENTAGE, TRUNCATED, NO_COUNT)
def percentages_of_counts(study: Study) -> Iterator[Finding]:
    """Yield the percentages that are not those of their counts."""
    for row in count_rows(study):
        yield from _in_row(row)
    for statement in study.statements:
        for share in statement.shares:
            yield from _in_share(statement.source or statement.text, share)


def _in_row(row: Counts) -> Iterator[Finding]:
    for level, cells in row.cells.items():
        for group, cell in cells.items():
            wholes = _wholes(row, group)
            if cell.of is not None:
                wholes = (round(cell.of.value),)
            if cell.percentage is None or cell.count is None or not wholes:
                continue
            place = f"{row.place}, {level}, {group}"
            yield from _judge(_Part(place, cell.count, cell.percentage, wholes))


def _wholes(row: Counts, group: str) -> tuple[int, ...]:
    """Return what a percentage may be of: the patients, and those whose level is reported."""
    stated = row.patients(group)
    counts = row.counts(group) if row.row.exclusive and len(row.parts) > 1 else None
    known = sum(counts.values()) if counts else None
    return tuple(dict.fromkeys(whole for whole in (stated, known) if whole))


def _in_share(place: str, share: Share) -> Iterator[Finding]:
    whole = round(share.of.value)
    if share.of.decimals or share.of.relation != "=":
        return
    if share.part is not None and share.part.relation == "=":
        yield from _judge(_Part(place, round(share.part.value), share.percent, (whole,)))
    elif share.part is None:
        yield from _of_nobody(place, share.percent, whole)


def _judge(part: _Part) -> Iterator[Finding]:
    fractions = [part.count / whole for whole in part.wholes]
    if any(part.percent.contains(fraction) for fraction in fractions):
        return
    if any(_cut_off(part.percent, fraction) for fraction in fractions):
        yield _cut_off_finding(part, fractions[0])
        return
    unit = 10.0 ** -(part.percent.decimals + 2)
    apart = min(abs(part.percent.value - fraction) for fraction in fractions)
    near = apart < unit
    expected = " or ".join(dict.fromkeys(_shown(f, part.percent.decimals) for f in fractions))
    yield PERCENTAGE.finding(
        "warning" if near else "error", part.place, printed=part.text, expected=expected,
        sentence=f"{part.count} of {part.wholes[0]} {_are(part.count)} {expected}, not "
        f"{part.percent.bare.rstrip('%')}%{_fitting(part)}.",
    )  # fmt: skip


def _fitting(part: _Part) -> str:
    """Name the counts or wholes with which the percentage would fit, if there are few."""
    whole = part.wholes[0]
    counts = [n for n in range(whole + 1) if whole <= 10_000 and part.percent.contains(n / whole)]
    if len(counts) == 1:
        return f", which is what {counts[0]} would be"
    return ""


def _cut_off(percent: PrintedNumber, fraction: float) -> bool:
    """Say whether a fraction, with further digits left out, is the percentage."""
    scale = 10.0 ** (percent.decimals + 2)
    return percent.relation == "=" and math.floor(fraction * scale + 1e-9) == round(
        percent.value * scale
    )


def _cut_off_finding(part: _Part, fraction: float) -> Finding:
    expected = _shown(fraction, part.percent.decimals)
    return TRUNCATED.finding(
        "note", part.place, printed=part.text, expected=expected,
        sentence=f"{part.count} of {part.wholes[0]} {_are(part.count)} {expected} when "
        "rounded; the percentage is cut off instead.",
    )  # fmt: skip


def _of_nobody(place: str, percent: PrintedNumber, whole: int) -> Iterator[Finding]:
    nearest = round(percent.value * whole)
    candidates = [n / whole for n in (nearest - 1, nearest, nearest + 1) if 0 <= n <= whole]
    if any(percent.contains(fraction) for fraction in candidates):
        return
    cut = any(_cut_off(percent, fraction) for fraction in candidates)
    unit = 10.0 ** -(percent.decimals + 2)
    near = min(abs(percent.value - fraction) for fraction in candidates) < unit
    below, above = (
        _shown(min(max(n, 0), whole) / whole, percent.decimals)
        for n in (math.floor(percent.value * whole), math.ceil(percent.value * whole))
    )
    severity: Severity = "note" if cut else "warning" if near else "error"
    yield (TRUNCATED if cut else NO_COUNT).finding(
        severity, place, printed=f"{percent.bare} of {whole}",
        expected=f"{below} or {above}",
        sentence=f"No whole number of {whole} patients is {percent.bare}; the nearest are {below} "
        f"and {above}{', so it seems cut off' if cut else ''}.",
    )  # fmt: skip


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _shown(fraction: float, decimals: int) -> str:
    return f"{100 * fraction:.{decimals}f}%"

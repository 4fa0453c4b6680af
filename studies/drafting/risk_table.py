"""Numbers at risk below a figure, as the text of a PDF holds them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from .arms import TextArms
from .atoms import atoms
from .finding import Finding, panels
from .grammar import aligned
from .scope import Scope
from .vocabulary import UNITS, Atom

__all__ = ["numbers_at_risk"]

_HEAD = re.compile(
    r"(?:No\.?|Nos\.?|Numbers?|Patients|n)\s*(?:of\s+patients\s+)?at[\s-]risk", re.IGNORECASE
)
_IN_WORDS = re.compile(
    r"\b(?:were|was|remained|are|still)\s+(?:still\s+|all\s+)?at\s+risk\b(?!\s+(?:of|for))",
    re.IGNORECASE,
)
_AXIS = re.compile(r"\b(days|weeks|months|mo|years|yr)\b", re.IGNORECASE)
_NUMBERS = re.compile(r"(?:\d+(?:\.\d+)?\s+){2,}\d+(?:\.\d+)?")


def numbers_at_risk(found: Sequence[Scope], arms: TextArms) -> Iterator[Finding]:
    """Yield the numbers at risk, each with its arm and time.

    Parameters
    ----------
    found : sequence of Scope
        The sentences; a table's lines are rows.
    arms : TextArms
        The arms of the text. A line that names none is left out, unless there is one arm.
    """
    rows = [atoms(scope.sentence.text, arms) for scope in found]
    letters = panels(found, rows)
    endpoint: Atom | None = None
    for place, (scope, row) in enumerate(zip(found, rows, strict=True)):
        text = scope.sentence.text
        if letter := re.fullmatch(r"\(?(?:Panel\s+)?([A-Fa-f])[).:]?", text):
            endpoint = letters.get(letter[1].upper(), endpoint)
        elif heads := [a for a in row if a.kind == "E"]:
            endpoint = heads[-1] if scope.sentence.row or endpoint is None else endpoint
        if _HEAD.search(text) and endpoint is not None:
            yield from _table(found, place, endpoint, arms)
        elif _IN_WORDS.search(text) and scope.results:
            before = [*(rows[place - 1] if place else ()), *row]
            if own := [a for a in before if a.kind == "E"]:
                yield from _in_words(scope, row, own[-1], arms)


def _in_words(
    scope: Scope, row: Sequence[Atom], endpoint: Atom, arms: TextArms
) -> Iterator[Finding]:
    """Read "at 24 months, 214 patients in the A group and 198 in the B group were at risk"."""
    times = {(a.text, a.unit) for a in row if a.kind == "T"}
    if not times or any(a.kind in "VhDO" for a in row):
        return
    items = [
        replace(a, kind="C") if a.kind == "q" and a.text.isdigit() else a
        for a in row
        if a.kind in "ACTqs" and not (a.kind == "C" and a.of)
    ]
    usual = list(range(len(arms.arms))) or [0]
    for placed in aligned(items, values="C", order=usual, text=scope.sentence.text):
        if placed.time is None or (placed.arm is None and arms.arms):
            return
        yield Finding(
            "at_risk",
            placed.value.text,
            scope.sentence,
            endpoints=endpoint.names,
            label=endpoint.label,
            arm=placed.arm or 0,
            time=(float(placed.time.text), placed.time.unit),
            cohort=scope.cohort,
        )


def _table(found: Sequence[Scope], place: int, endpoint: Atom, arms: TextArms) -> Iterator[Finding]:
    """Read the lines after "No. at risk"; the times are before it, after it or beside it."""
    near = [found[i].sentence.text for i in range(max(0, place - 3), min(len(found), place + 3))]
    unit = next((UNITS[m[1].lower()] for text in near if (m := _AXIS.search(text))), "")
    times = _times(found, place)
    if not (unit and times):
        return
    after = found[place + 1 :]
    if after and _line(after[0].sentence.text)[1] == [float(t) for t in times]:
        after = after[1:]
    for scope in after[: max(len(arms.arms), 1) + 1]:
        label, counts = _line(scope.sentence.text)
        if len(counts) != len(times) or any(b > a for a, b in itertools.pairwise(counts)):
            return
        names = [a for a in atoms(label, arms) if a.kind == "A"]
        if arms.arms and len(names) != 1:
            return
        arm = names[0].index if names else 0
        for time, count in zip(times, counts, strict=True):
            yield Finding(
                "at_risk",
                f"{count:.0f}",
                scope.sentence,
                endpoints=endpoint.names,
                label=endpoint.label,
                arm=arm,
                time=(time, unit),
                cohort=scope.cohort,
            )


def _line(text: str) -> tuple[str, list[float]]:
    """Part a line into its label and its numbers."""
    found = _NUMBERS.search(text)
    if found is None:
        return text, []
    return text[: found.start()], [float(number) for number in found[0].split()]


def _times(found: Sequence[Scope], place: int) -> list[float]:
    """Return the increasing numbers from 0 around the head of the table."""
    for step in (0, -1, -2, 1):
        if 0 <= place + step < len(found):
            _, numbers = _line(found[place + step].sentence.text)
            rises = all(b > a for a, b in itertools.pairwise(numbers))
            if len(numbers) >= 3 and numbers[0] == 0 and rises:
                return numbers
    return []

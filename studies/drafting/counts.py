"""Counts of patients that are not those of the arms: of the safety population, or too few."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from .scope import Scope
from .vocabulary import Atom

__all__ = ["fits_total", "without_safety"]

_SAFETY_ASIDE = re.compile(
    r"(?:,?\s+and)?\s+\d{1,6}\s+[^(),;]{3,50}\([^()]*\bsafety\s+(?:analys[ei]s|population|set)[^()]*\)",
    re.IGNORECASE,
)


def without_safety(scope: Scope) -> Scope:
    """Leave out those of "(374 and 193; population for safety analyses)" beside all randomised."""
    text = _SAFETY_ASIDE.sub("", scope.sentence.text)
    if not re.search(r"random|assign", text, re.IGNORECASE):
        return scope
    return replace(scope, sentence=replace(scope.sentence, text=text))


def fits_total(row: Sequence[Atom], numbers: list[int], text: str) -> bool:
    """Say whether numbers can be those of the arms of all whom a sentence counts first."""
    first = next((a for a in row if a.kind in "Cqn"), None)
    if first is None or first.kind != "C" or not numbers:
        return True
    total = int(first.text)
    if numbers == [total]:  # "1006 men were assigned to A, B or C", of which one was recognised
        return not re.search(r"\bor\b", text[first.end :])
    if len(numbers) < 2:
        return True
    if total in numbers:  # that of the first arm, unless the others are nearly nobody
        return 10 * min(numbers) > total
    return 2 * sum(numbers) > total

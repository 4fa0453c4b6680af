"""Classes that medicine divides patients into under fixed names: by sex, margin, liver function."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["PatientClass", "counted_classes"]


@dataclass(frozen=True)
class PatientClass:
    """One class of a division: its name, and what it is called."""

    name: str
    aliases: tuple[str, ...]


def _margin(*names: str) -> PatientClass:
    words = ("resection", "resections", "margin", "margins", "status")
    longer = (f"{name} {word}" for name in names for word in words)
    return PatientClass(names[0], (*names, *longer))


def _liver(letter: str) -> PatientClass:
    name = f"Child-Pugh {letter}"
    heads = ("Child-Turcotte-Pugh", "Child-Pugh class", "Child-Pugh grade", "CP", "CTP")
    longer = (f"{head} {letter}" for head in heads)
    return PatientClass(name, (name, *longer, f"CP-{letter}", f"{name} class"))


_DIVISIONS: tuple[tuple[PatientClass, ...], ...] = (
    (
        PatientClass("men", ("men", "male", "males", "male sex", "male patients")),
        PatientClass("women", ("women", "female", "females", "female sex", "female patients")),
    ),
    (
        PatientClass("boys", ("boys",)),
        PatientClass("girls", ("girls",)),
    ),
    (_margin("R0"), _margin("R1", "R1/2", "R1/R2", "R1-2")),
    (_liver("A"), _liver("B"), _liver("C")),
)
_WHOLE = re.compile(r"(?<![\w.,/-])\d{1,6}(?![\w%]|[.,]\d|\s?%)")
_MOST = 30  # counts of a sentence; more are a list of data


def counted_classes(texts: Sequence[str]) -> list[PatientClass]:
    """Return the classes of the first division whose counts make up all patients of a sentence.

    Parameters
    ----------
    texts : sequence of str
        The sentences that are about the text's own patients.

    Returns
    -------
    list of PatientClass
        Two or three in the order of the text; none if it counts no such classes.
    """
    totals = {int(number[0]) for text in texts for number in _WHOLE.finditer(text)}
    for text in texts:
        for division in _DIVISIONS:
            named = sorted(
                (found.start(), index)
                for index, one in enumerate(division)
                if (found := _mention(one).search(text)) is not None
            )
            if len(named) > 1 and _make_up(text, len(named), totals):
                return [division[index] for _, index in named]
    return []


def _mention(one: PatientClass) -> re.Pattern[str]:
    names = "|".join(re.escape(alias).replace(r"\ ", r"[\s-]") for alias in one.aliases)
    return re.compile(rf"(?<![\w-])(?:{names})(?![\w-])", re.IGNORECASE)


def _make_up(text: str, number: int, totals: set[int]) -> bool:
    """Say whether as many counts of a sentence as it names classes make up all patients."""
    counts = [int(found[0]) for found in _WHOLE.finditer(text)]
    if len(counts) > _MOST:
        return False
    return any(all(part) and sum(part) in totals for part in itertools.combinations(counts, number))

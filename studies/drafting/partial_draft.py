"""A draft of arms whose results could not be told apart: what else a text says of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .arms import TextArms
from .atoms import atoms
from .endpoints import UNSAID
from .finding import EndpointSlots, Finding
from .scope import Scope
from .slots import fill
from .vocabulary import is_covariate

__all__ = ["without_results"]

_RESULTS = "landmarks, median or hazard_ratio"
_WHY = "it could not be told of which arm the numbers of this sentence are"
_GROUPS = re.compile(r"\b(?:groups|arms|cohorts|former|latter)\b", re.IGNORECASE)
_READ = ("survival", "median", "mean", "hazard_ratio", "unclear")
_NEARLY_ALL = 0.9


def without_results(
    scoped: Sequence[Scope], who: TextArms, sound: Sequence[Finding]
) -> list[EndpointSlots]:
    """Return endpoints with their patients, follow-up and p, and their numbers as questions.

    Parameters
    ----------
    scoped : sequence of Scope
        The sentences, and what each may be read for.
    who : TextArms
        The arms of the text.
    sound : sequence of Finding
        Everything that was read.

    Returns
    -------
    list of EndpointSlots
        None unless the number of patients of each arm is known, and of no more groups than
        these: else the arms may not be these.
    """
    number = len(who.arms)
    sized = [f for f in sound if f.slot == "n" and f.arm is not None]
    left = list(_left(scoped, who, sound))
    sure = number > 1 and all(_of_these(scope, who) for scope, _ in left)
    if not sure or any(_counts_others(f, sized, who) for f in sized):
        return []
    named = {name: label for _, ends in left for name, label in ends.items()}
    for finding in sound:
        if finding.slot in ("p", "unclear") and finding.endpoints not in ((), (UNSAID,)):
            named.setdefault(finding.endpoints[0], finding.label)
    endpoints = fill(sound, number, named)
    for slots in endpoints:
        _without_some_events(slots, number)
        for scope, ends in left:
            if slots.name in ends:
                slots.ask(_RESULTS, Finding("", "", scope.sentence), _WHY)
    return [
        slots for slots in endpoints if all(("n", 0.0) in slots.arms[arm] for arm in range(number))
    ]


def _without_some_events(slots: EndpointSlots, number: int) -> None:
    """Leave out events that are read of one arm alone: they may be of all, or of some."""
    if any(("events", 0.0) not in slots.arms[arm] for arm in range(number)):
        for own in slots.arms.values():
            own.pop(("events", 0.0), None)


def _counts_others(size: Finding, sized: Sequence[Finding], who: TextArms) -> bool:
    """Say whether a sentence with the number of an arm counts patients that are of none."""
    row = atoms(size.sentence.text, who)
    own = {f.arm: int(f.text) for f in sized if f.sentence == size.sentence}
    most = max((int(a.text) for a in row if a.kind == "C"), default=0)
    return sum(a.kind == "n" for a in row) > len(who.arms) or (
        len(own) == len(who.arms) and most > sum(own.values()) / _NEARLY_ALL
    )


def _of_these(scope: Scope, who: TextArms) -> bool:
    """Say whether a sentence that was not read can be of the arms, and of no more than these."""
    row = atoms(scope.sentence.text, who)
    middle = any(a.kind == "M" for a in row)
    values = [a for a in row if a.kind == "V" and not a.depth and (middle or a.unit == "percent")]
    named = any(a.kind in "AB" for a in row) or _GROUPS.search(scope.sentence.text)
    return bool(named) and len(values) % len(who.arms) == 0


def _left(
    scoped: Sequence[Scope], who: TextArms, sound: Sequence[Finding]
) -> Iterator[tuple[Scope, dict[str, str]]]:
    """Yield sentences that were not read, each with the endpoints that it names."""
    read = [f.sentence for f in sound if f.slot in _READ]
    for scope in scoped:
        row = atoms(scope.sentence.text, who) if scope.results else ()
        ends = {a.names[0]: a.label for a in row if a.kind == "E" and a.names != (UNSAID,)}
        valued = any(a.kind in "Vh" for a in row) and not is_covariate(scope.sentence.text)
        if ends and valued and scope.sentence not in read:
            yield scope, ends

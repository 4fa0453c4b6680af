"""Counts of subgroups that no patients of an endpoint's arms can have."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from ..presentation.formats import count
from .arm import Arm
from .endpoint import Endpoint
from .printed import PrintedNumber
from .printed_fields import Z_95
from .subgroups import ReportedLevel, ReportedVariable

__all__ = ["Miscount", "exchanged_rows", "miscounts"]

_ROUNDING = 1e-9


@dataclass(frozen=True, kw_only=True)
class Miscount:
    """Counts that no patients of the arms can have.

    Attributes
    ----------
    kind : {"arm", "row", "empty", "interval"}
        Whether it is of the levels of an arm together, of a row's counts, of an arm without an
        event beside a hazard ratio, or of an interval too narrow for the events.
    level : ReportedLevel or None
        The row; None for all levels of a variable.
    clause : str
        What cannot be.
    printed, expected : str
        The numbers, and what would agree.
    """

    kind: Literal["arm", "row", "empty", "interval"]
    level: ReportedLevel | None = None
    clause: str
    printed: str
    expected: str


def miscounts(variable: ReportedVariable, endpoint: Endpoint) -> Iterator[Miscount]:
    """Yield what counting proves wrong in the levels of a variable."""
    for place, name in enumerate(variable.arms):
        yield from _in_arm(variable, place, endpoint.arms[name])
    for level in variable.levels:
        yield from _in_level(level, variable)


def exchanged_rows(variable: ReportedVariable, endpoint: Endpoint) -> Iterator[ReportedLevel]:
    """Yield the rows whose counts, exchanged between the arms, would make all counts possible."""
    for place, level in enumerate(variable.levels):
        levels = [*variable.levels]
        levels[place] = level.with_arms_exchanged
        turned = replace(variable, levels=tuple(levels))
        if level.n != level.n[::-1] and not _of_kind(miscounts(turned, endpoint), "arm", "row"):
            yield level


def _of_kind(found: Iterable[Miscount], *kinds: str) -> list[Miscount]:
    return [each for each in found if each.kind in kinds]


def _in_arm(variable: ReportedVariable, place: int, arm: Arm) -> Iterator[Miscount]:
    total, events = variable.patients(place), variable.events(place)
    name = variable.arms[place]
    if arm.n is not None and total > arm.n:
        parts = " + ".join(str(level.n[place]) for level in variable.levels)
        sums = f"{parts} = " if len(variable.levels) > 1 else ""
        yield Miscount(
            kind="arm",
            clause=f"{_they_have(variable)} {sums}{count(total, 'patient')} of arm {name}, which "
            f"has {arm.n}",
            printed=f"{sums}{count(total, 'patient')}", expected=f"at most {arm.n} in arm {name}",
        )  # fmt: skip
    if events is None or arm.events is None:
        return
    spare = None if arm.n is None or arm.n_basis != "endpoint" else arm.n - total
    if events > arm.events:
        yield Miscount(
            kind="arm",
            clause=f"{_they_have(variable)} {count(events, 'event')} in arm {name}, for which "
            f"{arm.events} are reported",
            printed=count(events, "event"), expected=f"at most {arm.events} in arm {name}",
        )  # fmt: skip
    elif spare is not None and 0 <= spare < arm.events - events:
        yield Miscount(
            kind="arm", clause=_too_few(variable, place, arm), printed=count(events, "event"),
            expected=f"at least {arm.events - spare} in arm {name}",
        )  # fmt: skip


def _they_have(variable: ReportedVariable) -> str:
    return "the levels have" if len(variable.levels) > 1 else "the row has"


def _too_few(variable: ReportedVariable, place: int, arm: Arm) -> str:
    total, events = variable.patients(place), variable.events(place)
    name = variable.arms[place]
    if total == arm.n:
        return (
            f"{_they_have(variable)} all {count(total, 'patient')} of arm {name} and "
            f"{count(events or 0, 'event')}, for which {arm.events} are reported"
        )
    left, missed = (arm.n or 0) - total, (arm.events or 0) - (events or 0)
    return (
        f"{_they_have(variable)} {total} of the {count(arm.n or 0, 'patient')} of arm {name} and "
        f"{events} of its {count(arm.events or 0, 'event')}, so that the other "
        f"{count(left, 'patient')} would have {missed}"
    )


def _in_level(level: ReportedLevel, variable: ReportedVariable) -> Iterator[Miscount]:
    """Yield what no data set of so many patients and events can have."""
    if level.events is None:
        return
    for name, n, events in zip(variable.arms, level.n, level.events, strict=True):
        if events > n:
            yield Miscount(
                kind="row", level=level,
                clause=f"{count(events, 'event')} of {count(n, 'patient')} in arm {name}",
                printed=f"{events}/{n}", expected=f"{n}/{events} in arm {name}",
            )  # fmt: skip
    if min(level.events) == 0:
        empty = variable.arms[level.events.index(0)]
        yield Miscount(
            kind="empty", level=level,
            clause=f"a hazard ratio of {level.hazard_ratio} is impossible: nobody in arm {empty} "
            "had the event, so that it is 0, infinite or undetermined",
            printed=f"HR {level.hazard_ratio}", expected=f"an event in arm {empty}",
        )  # fmt: skip
    elif level.ci is not None and level.ci[0].upper > 0:
        yield from _narrow(level, level.ci, sum(level.events))


def _narrow(
    level: ReportedLevel, ci: tuple[PrintedNumber, PrintedNumber], events: int
) -> Iterator[Miscount]:
    # each event adds at most p (1 - p) <= 1/4 to the information
    narrowest = 2 * Z_95 * 2 / math.sqrt(events)
    widest = math.log(ci[1].upper) - math.log(max(ci[0].lower, 1e-9))
    if widest < narrowest * (1 - _ROUNDING):
        yield Miscount(
            kind="interval", level=level,
            clause=f"the interval {ci[0]} to {ci[1]} is impossible for an unadjusted hazard "
            f"ratio: {count(events, 'event')} cannot give one whose ends are less than a factor "
            f"of {math.exp(narrowest):.2f} apart",
            printed=f"{ci[0]} to {ci[1]}", expected=f"a factor of {math.exp(narrowest):.2f}",
        )  # fmt: skip

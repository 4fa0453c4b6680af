"""Reported numbers that cannot all be true of one set of patients.

Two layers. First, rules that two or three reported numbers break by themselves, each with its own
sentence. Then a linear programme, the fractional relaxation, that any integer counts satisfy:
when it has no solution, reported numbers are dropped one by one until those that remain are needed
for the contradiction, and these are named.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from ..presentation.formats import count, with_unit
from ..studies import Arm, Endpoint
from ..studies.endpoint import Reported
from .constraints import ABOVE_HALF, arm_constraints
from .errors import ReconstructionRefused, refuse_contradicting
from .lp_relaxation import Fact, facts_of, feasible

__all__ = ["ratio_outside_interval", "refuse_contradictions", "refuse_impossible"]

MOST_POINTS = 60  # of a curve that the linear programme takes in
ROUNDING = 1e-9  # of floats, relative
MISREAD = 0.05  # of survival: by more no single point of a curve is off
CLICKED = 1.02  # the end of a curve is clicked to within 2% of its length


class Contradiction(NamedTuple):
    """One sentence, and the reported numbers it is about."""

    sentence: str
    numbers: tuple[str, ...]


def refuse_contradictions(endpoint: Endpoint) -> None:
    """Raise if what an endpoint reports contradicts itself.

    Raises
    ------
    ContradictionError
        With every contradiction found by rule, or the first that the linear programme finds.
    """
    found = [*_in_comparison(endpoint)]
    for name, arm in endpoint.arms.items():
        found += [
            Contradiction(f"arm {name}: {c.sentence}", c.numbers) for c in _in_arm(arm, endpoint)
        ]
    if not found:
        uncurved = [name for name, arm in endpoint.arms.items() if arm.curve is None]
        found = [c for name in uncurved for c in _by_programme(endpoint, name)]
    refuse_contradicting(endpoint, found)


def refuse_impossible(endpoint: Endpoint, name: str) -> None:
    """Raise if the linear programme finds no patients consistent with an arm's curve and numbers.

    Raises
    ------
    ContradictionError
        Naming a set of points and numbers of which none can be left out.
    """
    refuse_contradicting(endpoint, list(_by_programme(endpoint, name)))


def _in_comparison(endpoint: Endpoint) -> Iterator[Contradiction]:
    reported = endpoint.reported
    if reported is None:
        return
    if found := ratio_outside_interval(reported):
        yield found
    total = sum(arm.n or 0 for arm in endpoint.arms.values())
    if reported.events is not None and total and reported.events > total:
        yield Contradiction(
            f"{count(reported.events, 'event is', 'events are')} reported among "
            f"{count(total, 'patient')}",
            (count(reported.events, "event"), f"n = {total}"),
        )


def ratio_outside_interval(reported: Reported) -> Contradiction | None:
    """Return what is wrong with an interval that falls, or does not contain its hazard ratio."""
    if reported.ci is None:
        return None
    (lower, upper), ratio = reported.ci, reported.hazard_ratio
    if lower.lower > upper.upper:
        return Contradiction(
            f"the interval runs from {lower} down to {upper}", (f"{lower}", f"{upper}")
        )
    if ratio is None or (ratio.upper >= lower.lower and ratio.lower <= upper.upper):
        return None
    return Contradiction(
        f"the {reported.level:g}% interval {lower} to {upper} does not contain the hazard ratio "
        f"{ratio}",
        (f"hazard ratio {ratio}", f"interval {lower} to {upper}"),
    )


def _in_arm(arm: Arm, endpoint: Endpoint) -> Iterator[Contradiction]:
    yield from _rising_survival(arm, endpoint)
    yield from _too_small_survival(arm, endpoint)
    yield from _at_risk(arm)
    yield from _leaving_between_rows(arm)
    yield from _events(arm)
    yield from _median(arm, endpoint)
    yield from _after_follow_up(arm)


def _rising_survival(arm: Arm, endpoint: Endpoint) -> Iterator[Contradiction]:
    for (early, first), (late, second) in itertools.pairwise(arm.landmarks.items()):
        if second.survival.lower > first.survival.upper:
            yield Contradiction(
                f"survival rises from {first.survival} at {early:g} to {second.survival} at "
                f"{with_unit(late, endpoint.time_unit)}, which a Kaplan-Meier estimate cannot do",
                (
                    f"survival {first.survival} at {early:g}",
                    f"survival {second.survival} at {late:g}",
                ),
            )


def _too_small_survival(arm: Arm, endpoint: Endpoint) -> Iterator[Contradiction]:
    """Survival above 0 is at least 1/n.

    The ratio of patients at risk to survival starts at n; an event leaves it as it is and a
    censoring lowers it. While survival is above 0 at least one patient has survived the last event.
    """
    for time, landmark in arm.landmarks.items():
        survival = landmark.survival
        if arm.n is not None and survival.lower > 0 and survival.upper < (1 - ROUNDING) / arm.n:
            yield Contradiction(
                f"survival {survival} at {with_unit(time, endpoint.time_unit)} is above 0 but "
                f"below 1/{arm.n}, the smallest that {count(arm.n, 'patient')} can have",
                (f"survival {survival} at {time:g}", f"n = {arm.n}"),
            )


def _at_risk(arm: Arm) -> Iterator[Contradiction]:
    for (early, first), (late, second) in itertools.pairwise(arm.at_risk.items()):
        if second > first:
            yield Contradiction(
                f"the number at risk rises from {first} at {early:g} to {second} at {late:g}",
                (f"{first} at risk at {early:g}", f"{second} at risk at {late:g}"),
            )
    if arm.n is None or not arm.at_risk:
        return
    first_time, first = next(iter(arm.at_risk.items()))
    if first > arm.n or (first_time == 0 and first != arm.n):
        yield Contradiction(
            f"{count(first, 'patient is', 'patients are')} at risk at {first_time:g} in an arm "
            f"of {arm.n}",
            (f"{first} at risk at {first_time:g}", f"n = {arm.n}"),
        )


def _events(arm: Arm) -> Iterator[Contradiction]:
    if arm.events is not None and arm.n is not None and arm.events > arm.n:
        yield Contradiction(
            f"{count(arm.events, 'event is', 'events are')} reported for {count(arm.n, 'patient')}",
            (count(arm.events, "event"), f"n = {arm.n}"),
        )
    drops = len(_drop_times(arm))
    if arm.events is not None and drops > arm.events:
        yield Contradiction(
            f"the curve falls at {count(drops, 'point')} but "
            f"{count(arm.events, 'event is', 'events are')} reported",
            (f"{drops} drops of the curve", count(arm.events, "event")),
        )
    listed = len(arm.event_times)
    if arm.events is not None and listed > arm.events:
        yield Contradiction(
            f"{count(listed, 'event time is', 'event times are')} reported but "
            f"{count(arm.events, 'event')}",
            (count(listed, "event time"), count(arm.events, "event")),
        )
    elif arm.events is not None and drops <= arm.events:
        yield from _too_few_events(arm, arm.events)


def _too_few_events(arm: Arm, events: int) -> Iterator[Contradiction]:
    """Survival falls at events only: once at least wherever no single height fits two values."""
    falls = list(_certain_falls(arm))
    if len(falls) > events:
        values = "they need" if len(falls) > 1 else "it needs"
        yield Contradiction(
            f"{count(events, 'event is', 'events are')} reported with {', '.join(falls)}, and "
            f"{values} at least {len(falls)}",
            (count(events, "event"), *falls),
        )


def _certain_falls(arm: Arm) -> Iterator[str]:
    """Yield the fewest values before each of which survival must have fallen.

    As long as one height lies in the intervals of all values since the last fall there need not
    be another one. Points of a curve may be misread by more than is known of them.
    """
    known = [
        (time, mark.survival.lower, mark.survival.upper, f"survival {mark.survival} at {time:g}")
        for time, mark in arm.landmarks.items()
    ]
    if arm.median is not None and arm.median.reached:
        known.append((arm.median.upper, 0.0, 0.5, f"median {arm.median}"))
    if arm.curve is not None:
        points = zip(arm.curve.time, arm.curve.survival, strict=True)
        known += [(t, s - MISREAD, s + MISREAD, f"the curve at {t:g}") for t, s in points]
    lowest = highest = 1.0  # heights that fit all values since the last fall
    for _, lower, upper, label in sorted(known):
        if upper < lowest * (1 - ROUNDING):
            yield label
            lowest, highest = max(lower, 0.0), upper
        else:
            highest = min(highest, upper)
            lowest = min(max(lowest, lower), highest)


def _drop_times(arm: Arm) -> list[float]:
    """Return the times at which a digitised curve is seen to fall."""
    if arm.curve is None or arm.curve.kind != "steps":
        return []
    falls = itertools.pairwise((1.0, *arm.curve.survival))
    return [time for time, (high, low) in zip(arm.curve.time, falls, strict=True) if low < high]


def _leaving_between_rows(arm: Arm) -> Iterator[Contradiction]:
    """Each drop and each mark takes a patient at least from one number at risk to the next."""
    falls_at = _drop_times(arm)
    for (early, first), (late, second) in itertools.pairwise(_rows_to_end(arm)):
        drops = bisect_left(falls_at, late) - bisect_left(falls_at, early)
        marked = sum(count for time, count in _marked(arm) if early <= time < late)
        if 0 <= first - second < drops + marked:
            often = "once" if drops == 1 else count(drops, "time")
            falls = [f"the curve falls {often}"] if drops else []
            marks = [f"{marked} are censored at marks"] if marked else []
            until = f" to {late:g}" if np.isfinite(late) else " on"
            yield Contradiction(
                f"from {early:g}{until} {' and '.join(falls + marks)}, but "
                + (f"only {first - second} of the {first} at risk leave" if np.isfinite(late)
                   else f"only {first} are at risk"),
                (
                    *([f"{drops} drops from {early:g}{until}"] if drops else ()),
                    *([f"{marked} censored from {early:g}{until}"] if marked else ()),
                    f"{first} at risk at {early:g}" if early else f"n = {first}",
                    *([f"{second} at risk at {late:g}"] if np.isfinite(late) else ()),
                ),
            )  # fmt: skip


def _marked(arm: Arm) -> list[tuple[float, int]]:
    """Return the times of censoring marks, and the fewest patients that each represents."""
    marks = arm.censor_marks
    if arm.curve is None or marks is None:
        return []
    counts = [1] * len(marks.time) if marks.count is None else marks.count
    return list(zip(marks.time, counts, strict=True))


def _rows_to_end(arm: Arm) -> list[tuple[float, int]]:
    """Return the numbers at risk from n at time 0 to nobody in the end."""
    if arm.n is None:
        return []
    later = ((time, count) for time, count in arm.at_risk.items() if time > 0)
    return [(0.0, arm.n), *later, (np.inf, 0)]


def _median(arm: Arm, endpoint: Endpoint) -> Iterator[Contradiction]:
    if arm.median is None:
        return
    for time, landmark in arm.landmarks.items():
        survival = landmark.survival
        too_low = survival.upper <= 0.5 and (not arm.median.reached or time < arm.median.lower)
        too_high = survival.lower >= ABOVE_HALF and arm.median.reached and time > arm.median.upper
        if too_low or too_high:
            unit = f" {endpoint.time_unit}" if arm.median.reached else ""
            yield Contradiction(
                f"the median is {arm.median}{unit} but survival at {time:g} is {survival}",
                (f"median {arm.median}", f"survival {survival} at {time:g}"),
            )


def _after_follow_up(arm: Arm) -> Iterator[Contradiction]:
    follow_up = arm.follow_up
    longest = None
    if follow_up is not None:
        longest = follow_up.longest
    if longest is None:
        return
    times = [
        *((time, f"{count} at risk at {time:g}") for time, count in arm.at_risk.items() if count),
        *((time, f"an event at {time:g}") for time in arm.event_times),
        *((time, f"a censoring mark at {time:g}") for time, _ in _marked(arm)),
    ]
    if arm.median is not None and arm.median.reached:
        times.append((arm.median.lower, f"median {arm.median}"))
    if arm.curve is not None:
        times.append((arm.curve.last_time / CLICKED, f"the curve to {arm.curve.last_time:g}"))
    for time, label in times:
        if time > longest.upper:
            yield Contradiction(
                f"{label} is reported but the longest follow-up is {longest}",
                (label, f"longest follow-up {longest}"),
            )


def _by_programme(endpoint: Endpoint, name: str) -> Iterator[Contradiction]:
    try:
        arm = arm_constraints(endpoint, name)
    except ReconstructionRefused:
        return
    facts = _thinned(facts_of(arm))
    if feasible(arm.n, facts):
        return
    needed = _needed(arm.n, facts)
    labels = dict.fromkeys(fact.label for fact in needed)
    named = {part for label in labels if " and " in label for part in label.split(" and ")}
    numbers = (f"n = {arm.n}", *(label for label in labels if label not in named))
    yield Contradiction(f"arm {name}: these cannot all be true: {', '.join(numbers)}", numbers)


def _thinned(facts: list[Fact]) -> list[Fact]:
    """Leave out points between others where there are many: what contradicts without them does so.

    The programme's size grows with the square of the facts.
    """
    spare = [place for place, fact in enumerate(facts) if fact.at_risk is fact.events is None]
    if len(spare) <= MOST_POINTS:
        return facts
    kept = {spare[row] for row in np.linspace(0, len(spare) - 1, MOST_POINTS).astype(int)}
    left_out = set(spare) - kept
    return [fact for place, fact in enumerate(facts) if place not in left_out]


def _needed(n: int, facts: list[Fact]) -> list[Fact]:
    """Drop facts, by halves first and one by one last, as long as the others contradict."""
    needed, size = list(facts), max(len(facts) // 2, 1)
    while True:
        start = 0
        while start < len(needed):
            fewer = needed[:start] + needed[start + size :]
            if fewer and not feasible(n, fewer):
                needed = fewer
            else:
                start += size
        if size == 1:
            return needed
        size = max(size // 2, 1)

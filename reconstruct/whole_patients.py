"""Whole patients that meet every constraint of one arm, near the expected course.

A depth-first search over the knots chooses, between each two, how many patients leave by an event
and how many censored, and in which order, so that survival, numbers at risk and total events are
exactly what is printed. Candidates are tried in order of their distance from the expected course,
so that the first solution is a likely one; a dead end is remembered and never entered twice.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .censoring import ExpectedCourse
from .constraints import ArmConstraints, Knot
from .interval import Exits, Span, exits_within
from .pseudo_ipd import FloatArray

__all__ = ["SearchExhausted", "WholePatients", "place_patients"]

EDGE = 1e-12  # both ends of a rounding interval belong to it, whatever the last bit says


class SearchExhausted(Exception):  # noqa: N818 - an outcome of the search, not an error
    """No whole patients were found that meet every constraint."""


@dataclass(frozen=True, kw_only=True, eq=False)
class WholePatients:
    """The patients of one arm in order of time."""

    time: FloatArray
    event: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class _State:
    """Where the search stands just after a knot."""

    at_risk: int
    events: int
    survival: float


@dataclass(frozen=True)
class _Step:
    """What leaves before a knot, and at it."""

    cost: float
    events: int
    censored: int
    at_knot: int


@dataclass(frozen=True, kw_only=True)
class _Width:
    """How far from the expected course candidates are looked for, and how long."""

    at_risk: int
    at_knot: int
    visits: int


WIDTHS = (
    _Width(at_risk=3, at_knot=0, visits=400),
    _Width(at_risk=12, at_knot=1, visits=3000),
    _Width(at_risk=60, at_knot=3, visits=20_000),
)


def place_patients(arm: ArmConstraints, course: ExpectedCourse) -> WholePatients:
    """Place the patients of one arm.

    Raises
    ------
    SearchExhausted
        If no patients were found that meet every constraint.
    """
    for width in WIDTHS:
        found = _Search(arm, course, width).run()
        if found is not None:
            return found
    raise SearchExhausted(arm.name)


NOBODY = Exits(time=np.empty(0), event=np.empty(0, dtype=bool), factor=1.0)


class _Search:
    """One depth-first search of a given width."""

    def __init__(self, arm: ArmConstraints, course: ExpectedCourse, width: _Width) -> None:
        self.arm, self.course, self.width = arm, course, width
        self.visits = 0
        self.dead: set[tuple[int, int, int, float]] = set()
        times = [0.0, *(knot.time for knot in arm.knots), arm.last_time]
        self.spans = [Span.of(course, a, b) for a, b in itertools.pairwise(times)]
        # nobody can leave by an event after a last knot that is also the end
        self.ends_at_knot = len(times) > 2 and times[-2] >= times[-1]
        self.listed_after = _sums_from_end([knot.events for knot in arm.knots])
        self.needed_after = _next_at_risk(arm.knots)

    def run(self) -> WholePatients | None:
        exits: list[Exits] = []
        found = self._descend(0, _State(self.arm.n, 0, 1.0), exits)
        if not found:
            return None
        time = np.concatenate([part.time for part in exits])
        event = np.concatenate([part.event for part in exits])
        starts = np.cumsum([0, *(part.time.size for part in exits)])
        if self.arm.median is not None:
            spans = list(zip(self.spans, starts, starts[1:], strict=False))
            time = _median_inside(time, event, self.arm.median, spans)
        return WholePatients(time=time, event=event)

    def _descend(self, index: int, state: _State, exits: list[Exits]) -> bool:
        if index == len(self.arm.knots):
            return self._finish(state, exits)
        key = (index, state.at_risk, state.events, round(state.survival, 9))
        if key in self.dead:
            return False
        for part, following in self._choices(index, state):
            self.visits += 1
            if self.visits > self.width.visits:
                return False
            exits.append(part)
            if self._descend(index + 1, following, exits):
                return True
            exits.pop()
        self.dead.add(key)
        return False

    def _choices(self, index: int, state: _State) -> Iterator[tuple[Exits, _State]]:
        knot = self.arm.knots[index]
        if state.at_risk == 0:
            if knot.lower - EDGE <= state.survival <= knot.upper + EDGE and not knot.at_risk:
                yield NOBODY, state
            return
        for step in sorted(self._steps(index, state), key=lambda s: s.cost):
            before = state.at_risk - step.events - step.censored
            at_knot = 1.0 - step.at_knot / before if step.at_knot else 1.0
            if at_knot <= 0.0:
                lower, upper = (0.0, 1.0) if knot.lower <= 0 else (1.0, 0.0)
            else:
                scale = state.survival * at_knot
                lower, upper = (knot.lower - EDGE) / scale, (knot.upper + EDGE) / scale
            for part in exits_within(
                self.spans[index],
                at_risk=state.at_risk,
                events=step.events,
                censored=step.censored,
                lower=lower,
                upper=upper,
            ):
                yield (
                    _with_events_at(part, knot.time, step.at_knot),
                    _State(
                        before - step.at_knot,
                        state.events + step.events + step.at_knot,
                        state.survival * part.factor * at_knot,
                    ),
                )

    def _steps(self, index: int, state: _State) -> Iterator[_Step]:
        """Yield every count of events and censorings near the expected course that can do."""
        knot = self.arm.knots[index]
        extra = 0 if self.arm.all_events_listed else self.width.at_knot
        for at_knot in range(knot.events, knot.events + extra + 1):
            for before in self._at_risk_before(knot, state, at_knot):
                leaving = state.at_risk - before
                for events in self._event_counts(knot, state, leaving, at_knot):
                    step = self._step(index, state, events, leaving - events, at_knot)
                    if self._allowed(index, state, step):
                        yield step

    def _at_risk_before(self, knot: Knot, state: _State, at_knot: int) -> range:
        """Return the numbers at risk just before a knot that are worth trying."""
        if knot.at_risk is not None:
            exact = knot.at_risk
            return range(exact, exact + 1) if at_knot <= exact <= state.at_risk else range(0)
        expected = round(self.course.at_risk_at(knot.time))
        low, high = expected - self.width.at_risk, expected + self.width.at_risk
        # survival bounds the events, and so the number at risk, from above
        most = int(state.at_risk * min(1.0, (knot.upper + EDGE) / state.survival) + EDGE) + at_knot
        if low > most:
            low = max(most - 2 * self.width.at_risk, 0)
        return range(max(low, at_knot, 0), min(max(high, 0), most, state.at_risk) + 1)

    def _event_counts(self, knot: Knot, state: _State, leaving: int, at_knot: int) -> range:
        """Return the counts of events for which some order meets the survival interval."""
        if self.arm.all_events_listed:
            return range(1)
        if knot.lower <= 0 and knot.upper >= 1:
            expected = round(self.course.events_by(knot.time)) - state.events - at_knot
            middle = min(max(expected, 0), leaving)
            reach = self.width.at_risk
            return range(max(middle - reach, 0), min(middle + reach, leaving) + 1)
        before = state.at_risk - leaving
        most = state.at_risk * (1.0 - (knot.lower - EDGE) / state.survival)
        if knot.lower <= 0:
            most = leaving
        # all censorings first, the lowest order, leaves S (before - at_knot) / (before + events)
        fewest = max(
            0.0, (before - at_knot) * state.survival / max(knot.upper + EDGE, 1e-300) - before
        )
        return range(max(int(fewest + 1 - 1e-9), 0), min(leaving, int(most + 1e-9)) + 1)

    def _step(self, index: int, state: _State, events: int, censored: int, at_knot: int) -> _Step:
        """Weigh a candidate by its distance from the expected course, in patients squared."""
        time = self.arm.knots[index].time
        before = state.at_risk - events - censored
        off_events = state.events + events + at_knot - self.course.events_by(time)
        off_at_risk = before - self.course.at_risk_at(time)
        extra = at_knot - self.arm.knots[index].events
        return _Step(off_at_risk**2 + 4 * off_events**2 + 25 * extra, events, censored, at_knot)

    def _allowed(self, index: int, state: _State, step: _Step) -> bool:
        """Say whether what is printed later can still be met."""
        after = state.at_risk - step.events - step.censored - step.at_knot
        events = state.events + step.events + step.at_knot
        later = self.listed_after[index + 1]
        if after < max(later, self.needed_after[index + 1]):
            return False
        if self.arm.events is None:
            return True
        if self.ends_at_knot and index == len(self.arm.knots) - 1:
            return events == self.arm.events
        return events + later <= self.arm.events <= events + after

    def _finish(self, state: _State, exits: list[Exits]) -> bool:
        """Let everybody who is left leave after the last knot."""
        left = state.at_risk
        if self.arm.events is not None:
            events = self.arm.events - state.events
        elif self.arm.all_events_listed or self.ends_at_knot:
            events = 0
        else:
            expected = self.course.events[-1] - self.course.events_by(self.spans[-1].start)
            share = expected / max(self.course.at_risk_at(self.spans[-1].start), 1e-9)
            events = min(round(share * left), left)
        if not 0 <= events <= left or (events and self.ends_at_knot):
            return False
        exits.append(_tail(self.spans[-1], at_risk=left, events=events))
        return True


def _median_inside(
    time: FloatArray,
    event: npt.NDArray[np.bool_],
    window: tuple[float, float],
    spans: Sequence[tuple[Span, int, int]],
) -> FloatArray:
    """Stretch the interval in which the curve reaches one half, so that it does so in time."""
    at_risk = time.size - np.arange(time.size)
    survival = np.cumprod(np.where(event, 1.0 - 1.0 / at_risk, 1.0))
    crossing = int(np.argmax(survival <= 0.5))
    if survival[crossing] > 0.5 or window[0] <= time[crossing] <= window[1]:
        return time
    span, first, last = next(s for s in spans if s[1] <= crossing < s[2])
    low, high = max(window[0], span.start), min(window[1], span.end)
    if not (low < high and span.start < time[crossing] < span.end):
        return time
    aim = low + 0.1 * (high - low) if time[crossing] < low else high - 0.1 * (high - low)
    stretched = time.copy()
    stretched[first:last] = np.interp(
        time[first:last], [span.start, time[crossing], span.end], [span.start, aim, span.end]
    )
    return stretched


def _tail(span: Span, *, at_risk: int, events: int) -> Exits:
    """Place those who leave after the last knot; the last of them leaves at the end."""
    time = np.concatenate([span.event_times(events), span.censoring_times(at_risk - events, 1.0)])
    event = np.arange(at_risk) < events
    order = np.lexsort((~event, time))
    time, event = time[order], event[order]
    if at_risk:
        time[-1] = span.end
    return Exits(time=time, event=event, factor=1.0)


def _with_events_at(part: Exits, time: float, count: int) -> Exits:
    if count == 0:
        return part
    return Exits(
        time=np.append(part.time, np.full(count, time)),
        event=np.append(part.event, np.ones(count, dtype=bool)),
        factor=part.factor,
    )


def _sums_from_end(counts: list[int]) -> list[int]:
    """Sum of the counts from each place to the end, and 0 after it."""
    return [int(total) for total in np.cumsum([0, *counts[::-1]])[::-1]]


def _next_at_risk(knots: tuple[Knot, ...]) -> list[int]:
    """Patients still needed at or after each place, and 0 after the last knot."""
    return [max((k.at_risk or 0 for k in knots[i:]), default=0) for i in range(len(knots) + 1)]

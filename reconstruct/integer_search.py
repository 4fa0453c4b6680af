"""Integer counts that satisfy every constraint of one arm, near the expected course.

A search over the knots chooses, between each two, how many patients leave by an event and how many
censored, and in which order, so that survival, numbers at risk and total events are as reported.
Candidates are tried in order of their distance from the expected course, so that the first solution
is a likely one; dead ends are remembered. The search looks near the expected course first, then
wider, and last through paths that stray little from the first choices, wherever they stray (limited
discrepancy search, Harvey and Ginsberg 1995).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ..studies.printed import FLOAT_SLACK
from .constraints import EDGE, ArmConstraints, Knot, tightened
from .event_order import Exits, Span, exits_within, median_inside, tail, with_events_at
from .expected_course import ExpectedCourse
from .lookahead import MOST_AT_KNOT, Lookahead, bounded_by_counts, next_at_risk, sums_from_end
from .pseudo_ipd import BoolArray, FloatArray, WholePatients

Counts = npt.NDArray[np.intp]

__all__ = ["SearchExhausted", "place_patients"]

# Warping costs little beside events that are anchored by a reported total, and much without one.
WARP_WEIGHT = {"events printed": 0.2, "events not printed": 8.0}
VISITS_PER_KNOT = 4  # at least: a straight way through visits some three states for each
FEW = 60  # patients for whom trying almost everything is affordable: some seconds at most


class SearchExhausted(Exception):  # noqa: N818 - an outcome of the search, not an error
    """No integer counts were found that satisfy every constraint; there may be some all the same.

    Attributes
    ----------
    visits : int
        States that the search looked at, which is what it costs.
    """

    def __init__(self, arm: str, *, visits: int = 0) -> None:
        super().__init__(arm)
        self.visits = visits


@dataclass(frozen=True)
class _State:
    """Where the search is just after a knot."""

    at_risk: int
    events: int
    survival: float


@dataclass(frozen=True)
class _Step:
    """Who leaves before a knot, and at it."""

    events: int
    censored: int
    at_knot: int


@dataclass(frozen=True, kw_only=True)
class _Width:
    """How far from the expected course candidates are looked for, and how long.

    With `uncensored`, those come first that hardly anybody has been censored in, whatever is
    expected: survival of many papers is a plain share of the patients.
    """

    at_risk: int
    at_knot: int
    visits: int
    far: int
    rooms: tuple[int, ...]
    uncensored: bool = False


ANY = 10_000
WIDTHS = (
    _Width(at_risk=3, at_knot=0, visits=300, far=0, rooms=(ANY,)),
    _Width(at_risk=8, at_knot=2, visits=600, far=0, rooms=(ANY,)),
    _Width(at_risk=40, at_knot=MOST_AT_KNOT, visits=300, far=50, rooms=(ANY,), uncensored=True),
    _Width(at_risk=40, at_knot=MOST_AT_KNOT, visits=1500, far=50, rooms=(ANY,)),
    _Width(at_risk=40, at_knot=MOST_AT_KNOT, visits=1000, far=50, rooms=(2, 4, 6, 9, 12, 16)),
)
USUAL_VISITS = sum(width.visits for width in WIDTHS)
EXHAUSTIVE = _Width(at_risk=FEW, at_knot=FEW, visits=10_000, far=0, rooms=(ANY,))


def place_patients(
    arm: ArmConstraints, course: ExpectedCourse, *, most_visits: int | None = None
) -> WholePatients:
    """Place the patients of one arm.

    Parameters
    ----------
    arm : ArmConstraints
        What they have to satisfy.
    course : ExpectedCourse
        What they should be near.
    most_visits : int or None
        States to look at before the search is given up; None for as many as its widths allow.

    Raises
    ------
    SearchExhausted
        If no patients were found that satisfy every constraint.
    """
    widths = WIDTHS if arm.n > FEW else (*WIDTHS, EXHAUSTIVE)
    knots = bounded_by_counts(tightened(arm.knots_to_end), arm.n)
    ahead = Lookahead.of(knots, arm.n, end=arm.last_time)
    visits = 0
    for width in widths:
        left = width.visits if most_visits is None else min(width.visits, most_visits - visits)
        search = _Search(arm, course, replace(width, visits=left), ahead)
        if (found := search.run()) is not None:
            return found
        visits += search.visits
        if most_visits is not None and visits >= most_visits:
            break
    raise SearchExhausted(arm.name, visits=visits)


def _survivals(
    state: _State, before: Counts, after: Counts, events: Counts
) -> tuple[FloatArray, FloatArray]:
    """Return the lowest and the highest survival after a knot that some order of exits gives."""
    share = np.divide(after, before, out=np.ones(after.shape), where=before > 0)
    highest = state.survival * (1.0 - events / state.at_risk) * share
    last = before + events  # at risk when all censorings have come first
    lowest = state.survival * np.divide(after, last, out=np.ones(after.shape), where=last > 0)
    return lowest, highest


NOBODY = Exits(time=np.empty(0), event=np.empty(0, dtype=bool), factor=1.0)


class _Search:
    """One depth-first search of a given width."""

    def __init__(
        self, arm: ArmConstraints, course: ExpectedCourse, width: _Width, ahead: Lookahead
    ) -> None:
        self.arm, self.course, self.width, self.ahead = arm, course, width, ahead
        self.knots = ahead.knots
        self.expected = [(course.at_risk_at(k.time), course.events_by(k.time)) for k in self.knots]
        self.visits = 0
        self.most_visits = max(width.visits, VISITS_PER_KNOT * len(self.knots))
        self.dead: dict[tuple[int, int, int, float], int] = {}
        times = [0.0, *(knot.time for knot in self.knots), arm.last_time]
        self.spans = [Span.of(course, a, b) for a, b in itertools.pairwise(times)]
        # nobody can leave by an event after a last knot that is also the end
        self.ends_at_knot = len(times) > 2 and times[-2] >= times[-1]
        self.listed_after = sums_from_end([knot.events for knot in self.knots])
        self.needed_after = next_at_risk(self.knots)

    def run(self) -> WholePatients | None:
        exits: list[Exits] = []
        start = _State(self.arm.n, 0, 1.0)
        if not any(self._descend(0, start, exits, room) for room in self.width.rooms):
            return None
        time = np.concatenate([part.time for part in exits])
        event = np.concatenate([part.event for part in exits])
        starts = np.cumsum([0, *(part.time.size for part in exits)])
        if self.arm.median is not None:
            spans = list(zip(self.spans, starts, starts[1:], strict=False))
            time = median_inside(time, event, self.arm.median, spans)
        return WholePatients(time=time, event=event)

    def _descend(self, index: int, state: _State, exits: list[Exits], room: int) -> bool:
        """Go on from a state, straying from the first choices by no more than `room` in all."""
        if index == len(self.knots):
            return self._finish(state, exits)
        key = (index, state.at_risk, state.events, round(state.survival, 6))
        if self.dead.get(key, -1) >= room:
            return False
        for rank, (part, following) in enumerate(self._choices(index, state)):
            strayed = (rank + 1).bit_length() - 1
            if strayed > room:
                break
            self.visits += 1
            if self.visits > self.most_visits:
                return False
            exits.append(part)
            if self._descend(index + 1, following, exits, room - strayed):
                return True
            exits.pop()
        self.dead[key] = room
        return False

    def _choices(self, index: int, state: _State) -> Iterator[tuple[Exits, _State]]:
        knot = self.knots[index]
        if state.at_risk == 0:
            inside = knot.lower - EDGE <= state.survival <= knot.upper + EDGE
            if inside and not knot.events and not knot.at_risk:
                yield NOBODY, state
            return
        for step in self._steps(index, state):
            self.visits += 1
            before = state.at_risk - step.events - step.censored
            at_knot = 1.0 - step.at_knot / before if step.at_knot else 1.0
            if at_knot <= 0.0:
                lower, upper = (0.0, 1.0) if knot.lower <= 0 else (1.0, 0.0)
            else:
                scale = state.survival * at_knot
                lower, upper = (knot.lower - EDGE) / scale, (knot.upper + EDGE) / scale
            events = state.events + step.events + step.at_knot
            for part in exits_within(
                self.spans[index], at_risk=state.at_risk, events=step.events,
                censored=step.censored, lower=lower, upper=upper,
            ):  # fmt: skip
                survival = state.survival * part.factor * at_knot
                following = _State(before - step.at_knot, events, survival)
                yield with_events_at(part, knot.time, step.at_knot), following

    def _steps(self, index: int, state: _State) -> list[_Step]:
        """Return every count of exits that can do, nearest the expected course first."""
        knot, width = self.knots[index], self.width
        before, at_knot, events = np.meshgrid(
            self._at_risk_before(index, state),
            np.arange(knot.events, knot.events + self._spare_at_knot(knot) + 1),
            self._event_counts(index, state),
            indexing="ij",
        )
        after = before - at_knot
        censored = state.at_risk - before - events
        total = state.events + events + at_knot
        lowest, highest = _survivals(state, before, after, events)
        good = (censored >= 0) & (after >= 0)
        good &= (highest >= knot.lower - EDGE) & (lowest <= knot.upper + EDGE)
        good &= self._later_possible(index, after, at_knot, total, (lowest, highest))
        expected_at_risk, expected_events = self.expected[index]
        cost = (before - expected_at_risk) ** 2 + 4 * (total - expected_events) ** 2
        cost += 25.0 * (at_knot - knot.events)
        cost += self._warping(knot, state, before, after, events)
        if width.uncensored:
            cost = censored.astype(float)
        rows = np.flatnonzero(good)
        rows = rows[np.argsort(cost.ravel()[rows], kind="stable")][: width.visits]
        columns = (each.ravel()[rows].tolist() for each in (events, censored, at_knot))
        return [_Step(*step) for step in zip(*columns, strict=True)]

    def _at_risk_before(self, index: int, state: _State) -> Counts:
        """Return the numbers at risk just before a knot that are worth trying."""
        knot, reach = self.knots[index], self.width.at_risk
        if knot.at_risk is not None:
            return np.array([knot.at_risk] if knot.at_risk <= state.at_risk else [], dtype=int)
        # survival bounds the events, and so the number at risk, from above
        share = min(1.0, (knot.upper + EDGE) / state.survival)
        at_knot = knot.events + self._spare_at_knot(knot)
        most = min(int(state.at_risk * share + EDGE) + at_knot, state.at_risk)
        middle = most if self.width.uncensored else min(round(self.expected[index][0]), most)
        near = np.arange(max(middle - reach, 0), min(middle + reach, most) + 1)
        return np.union1d(near, np.linspace(0, most, self.width.far).astype(int))

    def _spare_at_knot(self, knot: Knot) -> int:
        """Return how many unlisted events may fall exactly on a knot.

        Only where the number at risk is known, or at the end, does it matter on which side of the
        knot an event lies; elsewhere it is as well just before.
        """
        if self.arm.all_events_listed:
            return 0
        if knot.at_risk is not None:
            return self.width.at_knot
        return min(self.width.at_knot, 1) if knot.time >= self.arm.last_time else 0

    def _event_counts(self, index: int, state: _State) -> Counts:
        """Return the counts of events before a knot that are worth trying."""
        if self.arm.all_events_listed:
            return np.array([0])
        knot = self.knots[index]
        least = max((knot.lower - EDGE) / state.survival, 0.0)
        most = int(state.at_risk * (1.0 - min(least, 1.0)) + 1e-9)
        if knot.aim is not None:
            return np.arange(most + 1)
        fewest, most = self._bounds_by_counts(index, state, most)
        needed = max(fewest, self._needed_events(knot, state))
        middle = min(max(round(self.expected[index][1]) - state.events, needed), most)
        reach = self.width.at_risk
        return np.arange(max(middle - reach, fewest), min(middle + reach, most) + 1)

    def _needed_events(self, knot: Knot, state: _State) -> int:
        """Return the fewest events before a knot that take survival down to its interval."""
        if knot.at_risk is None or knot.upper <= 0:
            return 0
        # survival falls most if all censorings come first: to r / (r + events)
        return max(math.ceil(knot.at_risk * (state.survival / knot.upper - 1.0) - EDGE), 0)

    def _bounds_by_counts(self, index: int, state: _State, most: int) -> tuple[int, int]:
        """Return the fewest and the most events that numbers at risk and totals leave room for.

        The expected course has neither exactly, and may be farther from them than is looked.
        """
        fewest, at_risk = 0, self.knots[index].at_risk
        left = None if self.arm.events is None else self.arm.events - state.events
        if at_risk is not None:
            most = min(most, state.at_risk - at_risk)
            fewest = 0 if left is None else max(left - at_risk, 0)
        if left is not None:
            most = min(most, left)
        if left is not None and at_risk is not None and self.ends_at_knot and fewest < most:
            events = np.arange(fewest, most + 1)
            highest = state.survival * (1.0 - events / state.at_risk)
            later = self._most_events(index, np.full(events.shape, at_risk), highest)
            fewest += int(np.argmax(left - events <= later))  # the first that leaves room, or 0
        return fewest, most

    def _warping(
        self, knot: Knot, state: _State, before: Counts, after: Counts, events: Counts
    ) -> FloatArray:
        """Weigh how far censorings must move for the survival interval to be satisfied.

        Where events and censorings alternate evenly, survival falls by the power events / leaving
        of the fall in the number at risk; what this misses the interval by is counted in events.
        """
        leaving = np.maximum(state.at_risk - before, 1)
        share = np.log(np.maximum(before, 0.5) / state.at_risk) * events / leaving
        share += np.log(np.maximum(after, 0.5) / np.maximum(before, 0.5))
        expected = np.log(state.survival) + share
        low, high = np.log(np.maximum([knot.lower, knot.upper], 1e-9))
        miss = np.maximum(np.maximum(low - expected, expected - high), 0.0)
        known = "events printed" if self.arm.events is not None else "events not printed"
        return np.asarray(WARP_WEIGHT[known] * (miss * (before + state.at_risk) / 2) ** 2)

    def _later_possible(
        self,
        index: int,
        after: Counts,
        at_knot: Counts,
        total: Counts,
        survival: tuple[FloatArray, FloatArray],
    ) -> BoolArray:
        """Say for which counts what is reported later can still be matched."""
        lowest, highest = survival
        later = self.listed_after[index + 1]
        good = after >= max(later, self.needed_after[index + 1])
        if self.dead:  # costs milliseconds that a search without dead ends need not pay
            least = np.maximum(lowest, self.knots[index].lower - EDGE)
            good &= self.ahead.possible(index + 1, after, self._events_left(total), least)
        if self.arm.last_time_source == "printed":
            # somebody has to be followed to the reported longest follow-up
            at_end = self.knots[index].time >= self.arm.last_time
            good &= (after > 0) | (at_end & (at_knot > 0))
        if self.arm.events is None:
            return good
        if self.ends_at_knot and index == len(self.knots) - 1:
            return np.asarray(good & (total == self.arm.events))
        still = self.arm.events - total
        return np.asarray(
            good & (later <= still) & (still <= self._most_events(index, after, highest))
        )

    def _most_events(self, index: int, after: Counts, highest: FloatArray) -> Counts:
        """Return the most events after a knot: all at risk, or as survival at the end allows.

        Of r at risk d events at once leave 1 - d / r of survival, and later ones less. So most are
        as early as the numbers at risk that are reported allow.
        """
        if not self.ends_at_knot:
            return after
        end = self.knots[-1].lower - EDGE
        survival = np.clip(np.minimum(highest, self.knots[index].upper + EDGE), 1e-300, 1.0)
        at_risk, most = after.astype(float), np.zeros(after.shape)
        later = (knot.at_risk for knot in self.knots[index + 1 :])
        for following in (*(number for number in later if number is not None), 0):
            share = 1.0 - np.clip(end / survival, 0.0, 1.0)
            events = np.minimum(np.maximum(at_risk - following, 0.0), at_risk * share)
            survival = np.maximum(survival * (1.0 - events / np.maximum(at_risk, 1.0)), 1e-300)
            most += events
            at_risk = np.minimum(at_risk, following)
        return np.floor(most + FLOAT_SLACK).astype(np.intp)

    def _events_left(self, total: Counts) -> Counts | None:
        """Return how many reported events are still to come; None where no total is reported."""
        return None if self.arm.events is None else self.arm.events - total

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
        exits.append(tail(self.spans[-1], at_risk=left, events=events))
        return True

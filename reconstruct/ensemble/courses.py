"""What the scenarios of one arm expect between its knots, as tables for all of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..constraints import Knot, tightened
from ..pseudo_ipd import FloatArray
from ..scenarios import ArmScenarios
from .exits import IntArray, Law

__all__ = ["ArmCourses", "arm_courses"]

CELLS = 128  # of the tables of quantiles
NODES = 8  # at which the number at risk of an event is looked at


@dataclass(frozen=True, kw_only=True, eq=False)
class ArmCourses:
    """Expected numbers of one arm under each scenario.

    Attributes
    ----------
    knots : tuple of Knot
        With survival bounded by the knots before and after.
    ends : ndarray of float, shape (scenarios,)
        When the last patient leaves, or could have left at the latest; see `end_reported`.
    end_reported : bool
        Whether the longest follow-up is reported, so that somebody leaves then. Where it is not
        and everybody left has the event, the last event can be at any time until then.
    laws : tuple of Law
        When patients leave: one between each two knots, and one after the last.
    at_risk, events, censored : ndarray of float, shape (scenarios, knots + 2)
        Expected at time 0, at each knot and at the end.
    gone : ndarray of float, shape (scenarios, knots + 1, NODES)
        Share of a span's censorings that have happened when evenly spaced shares of its events
        have.
    """

    knots: tuple[Knot, ...]
    ends: FloatArray
    end_reported: bool
    laws: tuple[Law, ...]
    at_risk: FloatArray
    events: FloatArray
    censored: FloatArray
    gone: FloatArray

    def event_rate(self, scenario: IntArray, place: int) -> FloatArray:
        """Chance of a patient at risk at the start of a span to have the event in it."""
        inside = self.events[:, place + 1] - self.events[:, place]
        at_risk = np.maximum(self.at_risk[:, place], 1e-9)
        return np.asarray(np.clip(inside / at_risk, 0.0, 1.0)[scenario])

    def censoring_rate(self, scenario: IntArray, place: int) -> FloatArray:
        """Chance of a patient without event in a span to be censored in it."""
        events = self.events[:, place + 1] - self.events[:, place]
        censored = self.censored[:, place + 1] - self.censored[:, place]
        without = np.maximum(self.at_risk[:, place] - events, 1e-9)
        return np.asarray(np.clip(censored / without, 0.0, 1.0)[scenario])

    def gone_by(self, scenario: IntArray, place: int) -> FloatArray:
        """Return `gone` of a span for each row, shape (rows, NODES), a node's rows side by side."""
        by_node = np.ascontiguousarray(self.gone[:, place].T)
        return np.asarray(by_node.take(scenario, axis=1).T)


def arm_courses(scenarios: ArmScenarios, grid: FloatArray) -> ArmCourses:
    """Tabulate what the scenarios expect of one arm.

    Parameters
    ----------
    scenarios : ArmScenarios
    grid : ndarray of float, shape (k,)
        Times of their expected numbers.
    """
    arm, ends = scenarios.arm, scenarios.ends
    knots = tightened(arm.knots_to_end)
    if arm.last_time > ends.min():
        # follow-up ends at another time in each scenario, so that no knot can stand at its end
        knots = tuple(knot for knot in knots if knot.time < ends.min())
    columns = np.searchsorted(grid, np.array([0.0, *(k.time for k in knots)]) * (1 - 1e-9))
    rows = np.arange(ends.size)
    before = np.searchsorted(grid, ends * (1 - 1e-9)) - 1
    at_end = scenarios.events[:, -1]
    left = scenarios.at_risk[rows, before] - (at_end - scenarios.events[rows, before])
    left = np.maximum(left, 0.0)
    at_risk = np.column_stack([scenarios.at_risk[:, columns], left])
    events = np.column_stack([scenarios.events[:, columns], at_end])
    if knots and knots[-1].time >= ends.max() * (1 - 1e-9):
        at_risk[:, -2] = left  # who is followed to the end is censored there, not before a knot
    censored = arm.n - events - at_risk
    censored[:, -1] = arm.n - at_end
    spans = [
        _spans(scenarios, grid, (first, last), ends)
        for first, last in zip(columns, [*columns[1:], None], strict=True)
    ]
    return ArmCourses(
        knots=knots,
        ends=ends,
        end_reported=arm.last_time_source == "printed",
        laws=tuple(_law(span) for span in spans),
        at_risk=at_risk,
        events=events,
        censored=np.maximum.accumulate(censored, axis=1),
        gone=np.stack([[_gone(one) for one in span] for span in spans], axis=1),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Span:
    """One scenario between two times.

    Attributes
    ----------
    time : ndarray of float, shape (k,)
    events, censored : ndarray of float, shape (k,)
        Share of the span's expected events, and censorings, past at each time, from 0 to 1.
    """

    time: FloatArray
    events: FloatArray
    censored: FloatArray


def _spans(
    scenarios: ArmScenarios,
    grid: FloatArray,
    columns: tuple[int, int | None],
    ends: FloatArray,
) -> list[_Span]:
    """Cut the time between two columns of the grid, or after the last, out of every scenario."""
    first, last = columns
    if last is not None:
        everyone = np.arange(ends.size)
        return _spans_of(scenarios, everyone, slice(first, last + 1), grid[first : last + 1])
    stops = np.maximum(np.searchsorted(grid, ends * (1 - 1e-9)), first + 1)
    made: dict[int, _Span] = {}
    # the scenarios that end at the same time, often all, have the same columns
    for end, stop in {(float(end), int(stop)) for end, stop in zip(ends, stops, strict=True)}:
        rows = np.flatnonzero((ends == end) & (stops == stop))
        time = np.append(grid[first:stop], max(end, grid[first]))
        inside = slice(first, min(stop, grid.size - 1) + 1)
        spans = _spans_of(scenarios, rows, inside, time[: inside.stop - first])
        made |= zip(rows.tolist(), spans, strict=True)
    return [made[row] for row in range(ends.size)]


def _spans_of(
    scenarios: ArmScenarios, rows: IntArray, columns: slice, time: FloatArray
) -> list[_Span]:
    """Cut the same columns out of several scenarios."""
    shares = [
        _shares(time, counts[rows, columns]) for counts in (scenarios.events, scenarios.censored)
    ]
    return [
        _Span(time=time, events=events, censored=censored)
        for events, censored in zip(*shares, strict=True)
    ]


def _shares(time: FloatArray, cumulative: FloatArray) -> FloatArray:
    """Scale expected counts to run from 0 to 1, evenly in time where nothing is expected.

    Both `cumulative`, a row per scenario, and the result are of shape (rows, k).
    """
    span = time[-1] - time[0]
    even = (time - time[0]) / span if span > 0 else np.linspace(0.0, 1.0, time.size)
    total = cumulative[:, -1:] - cumulative[:, :1]
    nothing = total < 1e-9
    # a floor on the slope keeps times apart where nothing is expected to happen
    share = (cumulative - cumulative[:, :1]) / np.where(nothing, 1.0, total) + 1e-6 * even
    return np.where(nothing, even, share / (1 + 1e-6))


_EVEN = np.linspace(0.0, 1.0, CELLS + 1)
_MIDDLES = (np.arange(NODES) + 0.5) / NODES


def _law(spans: Sequence[_Span]) -> Law:
    return Law(
        event_times=np.array([np.interp(_EVEN, span.events, span.time) for span in spans]),
        censoring_times=np.array([np.interp(_EVEN, span.censored, span.time) for span in spans]),
    )


def _gone(span: _Span) -> FloatArray:
    middle = np.interp(_MIDDLES, span.events, span.time)
    return np.asarray(np.interp(middle, span.time, span.censored))

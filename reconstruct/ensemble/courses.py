"""What the scenarios of one arm expect between its knots, and random exits from it, a row per draw.

Exits are when patients leave, and by what.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..constraints import Knot, tightened
from ..pseudo_ipd import BoolArray, FloatArray, IntArray
from ..scenarios import ArmScenarios
from ..scenarios.hazards import interpolated
from .orders import NODES

__all__ = ["NOBODY", "ArmCourses", "arm_courses", "draw_exits", "flagged", "flags_of"]

AT_A_TIME = 2**14  # times of exits, which the processor's cache holds
NOBODY = np.inf  # in place of a time, where a row has fewer exits than others
CELLS = 128  # of the tables of quantiles
# Of expected numbers of patients. What rounding errors leave of nobody is nobody: a chance of 0
# asks for no random number and one of 1e-17 does, and which of them is left the processor decides.
DECIMALS = 9


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
    quantiles : ndarray of float, shape (2, knots + 1, scenarios, CELLS + 1)
        Of the times of events, and of censorings, between each two knots and after the last, at
        evenly spaced probabilities.
    at_risk, events, censored : ndarray of float, shape (scenarios, knots + 2)
        Expected at time 0, at each knot and at the end.
    gone : ndarray of float, shape (knots + 1, nodes, scenarios)
        Share of a span's censorings that have happened when `NODES` of its events have.
    """

    knots: tuple[Knot, ...]
    ends: FloatArray
    end_reported: bool
    quantiles: FloatArray
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
        """Return `gone` of a span for each row, shape (nodes, rows)."""
        return np.asarray(self.gone[place].take(scenario, axis=1))


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
    at_risk, events, censored = (np.round(x, DECIMALS) for x in (at_risk, events, censored))
    spans = [
        _span(scenarios, grid, (first, last))
        for first, last in zip(columns, [*columns[1:], None], strict=True)
    ]
    return ArmCourses(
        knots=knots,
        ends=ends,
        end_reported=arm.last_time_source == "printed",
        quantiles=np.array(
            [
                [span.times_at(_EVEN, span.events) for span in spans],
                [span.times_at(_EVEN, span.censored) for span in spans],
            ]
        ),
        at_risk=at_risk,
        events=events,
        censored=np.maximum.accumulate(censored, axis=1),
        gone=np.array([span.gone.T for span in spans]),
    )


_EVEN = np.linspace(0.0, 1.0, CELLS + 1)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Span:
    """All scenarios between two times.

    Attributes
    ----------
    start, length : ndarray of float, shape (scenarios, 1)
        In the time unit.
    past, events, censored : ndarray of float, shape (scenarios, k)
        Share of the time, of the span's expected events, and of its censorings, past at each of k
        times, from 0 to 1.
    """

    start: FloatArray
    length: FloatArray
    past: FloatArray
    events: FloatArray
    censored: FloatArray

    def times_at(self, share: FloatArray, shares: FloatArray) -> FloatArray:
        """Return when given shares of events or of censorings are past, a row per scenario."""
        return self.start + self.length * interpolated(share, shares, self.past)

    @property
    def gone(self) -> FloatArray:
        """Share of the censorings past when `NODES` of the events are, shape (scenarios, nodes)."""
        past = interpolated(NODES, self.events, self.past)
        return interpolated(past, self.past, self.censored)


def _span(scenarios: ArmScenarios, grid: FloatArray, columns: tuple[int, int | None]) -> _Span:
    """Cut the time between two columns of the grid, or after the last, out of every scenario.

    After the last, every scenario ends with its follow-up, which is repeated to the end of the row.
    """
    first, last = columns
    rows = np.arange(scenarios.ends.size)[:, None]
    inside = np.arange(first, grid.size if last is None else last + 1) + 0 * rows
    time = grid[inside]
    if last is None:
        ends = scenarios.ends[:, None]
        stop = np.maximum(np.searchsorted(grid, ends * (1 - 1e-9)), first + 1)
        time = np.where(inside < stop, time, np.maximum(ends, grid[first]))
        inside = np.minimum(inside, stop)
    length = time[:, -1:] - time[:, :1]
    even = np.linspace(0.0, 1.0, time.shape[1])
    past = np.where(length > 0, (time - time[:, :1]) / np.where(length > 0, length, 1.0), even)
    return _Span(
        start=time[:, :1],
        length=length,
        past=past,
        events=_shares(past, scenarios.events[rows, inside]),
        censored=_shares(past, scenarios.censored[rows, inside]),
    )


def _shares(past: FloatArray, cumulative: FloatArray) -> FloatArray:
    """Scale expected counts to run from 0 to 1, evenly in time where nothing is expected.

    All are of shape (scenarios, k).
    """
    total = cumulative[:, -1:] - cumulative[:, :1]
    nothing = total < 1e-9
    # a floor on the slope keeps times apart where nothing is expected to happen
    share = (cumulative - cumulative[:, :1]) / np.where(nothing, 1.0, total) + 1e-6 * past
    return np.where(nothing, past, share / (1 + 1e-6))


def flagged(time: FloatArray, event: BoolArray | bool) -> FloatArray:
    """Write the kind of exit into the last bit of its time, so that sorting keeps them together."""
    bits = np.ascontiguousarray(time).view(np.int64) & ~np.int64(1)
    bits |= event
    return np.asarray(bits.view(np.float64))


def flags_of(time: FloatArray) -> BoolArray:
    """Read the kind of exit from the last bit of its time."""
    return np.asarray((time.view(np.int64) & 1) != 0)


def draw_exits(
    quantiles: FloatArray,
    spans: slice,
    scenario: IntArray,
    *,
    counts: tuple[IntArray, IntArray],
    rng: np.random.Generator,
) -> FloatArray:
    """Draw the ordered exits of some spans.

    Parameters
    ----------
    quantiles : ndarray of float, shape (2, all spans, scenarios, cells + 1)
        Of the times of events and of censorings, at evenly spaced probabilities.
    spans : slice
        Those wanted.
    scenario : ndarray of int, shape (rows,)
    counts : tuple of ndarray of int, shape (rows, spans wanted)
        Events and censorings.
    rng : numpy.random.Generator

    Returns
    -------
    time : ndarray of float, shape (rows, most exits)
        In order, flagged; infinite where a row has fewer exits.
    """
    kinds, total, scenarios, nodes = quantiles.shape
    own = np.arange(kinds * total).reshape(kinds, total)[:, spans].ravel()
    table = own * scenarios + scenario[:, None]
    many = np.concatenate(counts, axis=1).ravel()
    first = np.repeat((table * nodes).ravel(), many)
    event = np.repeat(np.tile(own < total, scenario.size), many)
    drawn = rng.random(first.size)
    for start in range(0, drawn.size, AT_A_TIME):
        part = slice(start, start + AT_A_TIME)
        value = _quantile(quantiles.ravel(), first[part], drawn[part], nodes - 1)
        drawn[part] = flagged(value, event[part])
    exits = (counts[0] + counts[1]).sum(axis=1)
    shape = scenario.size, int(exits.max(initial=0))
    if drawn.size == math.prod(shape):
        time = drawn.reshape(shape)
    else:
        time = np.full(shape, NOBODY)
        time[np.arange(shape[1]) < exits[:, None]] = drawn
    time.sort(axis=1)
    return time


def _quantile(
    table: FloatArray, first: IntArray, probability: FloatArray, cells: int
) -> FloatArray:
    """Look times up in evenly spaced quantiles that begin at `first` in a table."""
    share = probability * cells
    cell = share.astype(np.int64)
    share -= cell
    cell += first
    low = table.take(cell)
    cell += 1
    high = table.take(cell)
    high -= low
    high *= share
    high += low
    return np.asarray(high)

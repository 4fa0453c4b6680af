"""What the scenarios of one arm expect between its knots, as tables for all of them at once."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..calibration import Calibration
from ..constraints import Knot, tightened
from ..event_order import Span
from ..pseudo_ipd import FloatArray
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
        When the last patient leaves.
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
    laws: tuple[Law, ...]
    at_risk: FloatArray
    events: FloatArray
    censored: FloatArray
    gone: FloatArray

    def event_rate(self, scenario: IntArray, place: int) -> FloatArray:
        """Chance of a patient at risk at the start of a span to have the event in it."""
        return self._rate(self.events, scenario, place)

    def censoring_rate(self, scenario: IntArray, place: int) -> FloatArray:
        """Chance of a patient without event in a span to be censored in it."""
        events = self.events[scenario, place + 1] - self.events[scenario, place]
        censored = self.censored[scenario, place + 1] - self.censored[scenario, place]
        without = np.maximum(self.at_risk[scenario, place] - events, 1e-9)
        return np.asarray(np.clip(censored / without, 0.0, 1.0))

    def _rate(self, counts: FloatArray, scenario: IntArray, place: int) -> FloatArray:
        inside = counts[scenario, place + 1] - counts[scenario, place]
        at_risk = np.maximum(self.at_risk[scenario, place], 1e-9)
        return np.asarray(np.clip(inside / at_risk, 0.0, 1.0))


def arm_courses(calibrations: Sequence[Calibration]) -> ArmCourses:
    """Tabulate the courses that the scenarios of one arm give."""
    knots = tightened(calibrations[0].arm.knots_to_end)
    times = [[0.0, *(k.time for k in knots), c.arm.last_time] for c in calibrations]
    pairs = list(zip(calibrations, times, strict=True))
    spans = [[Span.of(c.course, *pair) for pair in itertools.pairwise(row)] for c, row in pairs]
    at_risk, events = (
        np.array([np.interp(row, c.course.time, getattr(c.course, name)) for c, row in pairs])
        for name in ("at_risk", "events")
    )
    # who is followed to the end is censored there, and not before a knot at the end
    censored = calibrations[0].arm.n - events - at_risk
    censored[:, -1] += at_risk[:, -1]
    return ArmCourses(
        knots=knots,
        ends=np.array([c.arm.last_time for c in calibrations]),
        laws=tuple(_law(place) for place in zip(*spans, strict=True)),
        at_risk=at_risk,
        events=events,
        censored=censored,
        gone=np.array([[_gone(span) for span in row] for row in spans]),
    )


def _law(spans: Sequence[Span]) -> Law:
    even = np.linspace(0.0, 1.0, CELLS + 1)
    return Law(
        event_times=np.array([np.interp(even, s.event_share, s.time) for s in spans]),
        censoring_times=np.array([np.interp(even, s.censored_share, s.time) for s in spans]),
    )


def _gone(span: Span) -> FloatArray:
    nodes = (np.arange(NODES) + 0.5) / NODES
    when = np.interp(nodes, span.event_share, span.time)
    return np.asarray(np.interp(when, span.time, span.censored_share))

"""The expected course of an arm: its hazard between reported survival values, and its censoring.

One family of censoring curves is calibrated to what is reported.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.interpolate import PchipInterpolator
from scipy.optimize import brentq

from ..presentation.formats import count
from ..studies import PrintedNumber
from .constraints import LONGER, ArmConstraints
from .follow_up import EntryWindow
from .pseudo_ipd import FloatArray, WholePatients

__all__ = [
    "WEAKEST",
    "Calibration",
    "CensoringShape",
    "ExpectedCourse",
    "HazardCurve",
    "OpenCourse",
    "calibrated_strength",
    "cumulative_hazard",
    "expected_course",
    "information",
]

GRID_CELLS = 512
# log of the strength of censoring: from none before the last follow-up to almost everybody at once
WEAKEST, STRONGEST = -9.0, 6.0
LONGER_STEPS = 12
STEEPEST_TAIL = math.log(1000.0)
FEW_CENSORED, HARDLY = 4.0, 0.25  # expected; and the share of them that is hardly anybody


@dataclass(frozen=True, kw_only=True, eq=False)
class HazardCurve:
    """A cumulative hazard on a grid of times.

    Attributes
    ----------
    time : ndarray of float, shape (k,)
        From 0 to the last follow-up, every knot included.
    survival : ndarray of float, shape (k,)
        exp(-cumulative hazard), non-increasing from 1.
    """

    time: FloatArray
    survival: FloatArray

    def at(self, time: float | FloatArray) -> FloatArray:
        """Survival at given times.

        Parameters
        ----------
        time : float or ndarray of float, shape (k,)
            In the time unit.

        Returns
        -------
        ndarray of float, shape () or (k,)
            Fractions, 0 to 1.
        """
        return np.asarray(np.interp(time, self.time, self.survival))


def cumulative_hazard(arm: ArmConstraints, *, tail: float = 1.0) -> HazardCurve:
    """Interpolate the cumulative hazard of one arm monotonically through what it reports.

    Parameters
    ----------
    arm : ArmConstraints
        What the arm reports.
    tail : float, default 1.0
        Hazard after the last reported value, as a multiple of the default there.

    Notes
    -----
    Piecewise cubic Hermite interpolation [1]_ of -ln S through the reported values keeps the
    cumulative hazard monotone and its slope, the hazard, continuous. After the last reported value
    the hazard stays what it was on average over the last interval, or over all of them where the
    last is flat. On trials whose data are known
    this comes nearer to the hazard ratio than piecewise-constant hazards or interpolation of
    ln(-ln S) in ln t; see ``benchmarks/accuracy_landmarks.py``.

    References
    ----------
    .. [1] Fritsch FN, Carlson RE. SIAM J Numer Anal 1980;17:238-246.
    """
    time, survival = _pinned(arm)
    floor = 0.25 / arm.n  # a reported 0% has no finite hazard; a quarter of a patient has
    hazard = np.maximum.accumulate(-np.log(np.maximum(survival, floor)))
    if time[-1] < arm.last_time:
        slope = tail * _late_hazard(time, hazard, arm)
        time = np.append(time, arm.last_time)
        hazard = np.append(hazard, hazard[-1] + slope * (time[-1] - time[-2]))
    grid = np.union1d(
        np.linspace(0.0, arm.last_time, GRID_CELLS + 1), [knot.time for knot in arm.knots_to_end]
    )
    curve = PchipInterpolator(time, hazard) if time.size > 1 else np.zeros_like
    cumulative = np.maximum.accumulate(curve(grid))
    return HazardCurve(time=grid, survival=np.exp(-cumulative))


def _late_hazard(time: FloatArray, hazard: FloatArray, arm: ArmConstraints) -> float:
    """Return the hazard after the last reported value."""
    if time.size > 1 and hazard[-1] > hazard[-2]:
        return float((hazard[-1] - hazard[-2]) / (time[-1] - time[-2]))
    if hazard[-1] > 0:
        return float(hazard[-1] / time[-1])
    # nothing happened up to the last reported value: if events are reported, they come later
    return 0.5 / arm.n / arm.last_time if arm.events else 0.0


def _pinned(arm: ArmConstraints) -> tuple[FloatArray, FloatArray]:
    """Return the times and survivals to interpolate through: those reported, then the median.

    Knots that only bound survival (either side of a median) pin nothing by themselves; the middle
    of a median's rounding interval is pinned at one half, unless a reported survival is close by.
    """
    pinned = {0.0: 1.0} | {k.time: k.aim for k in arm.knots if k.aim is not None}
    median = sum(arm.median) / 2 if arm.median is not None else None
    near = 0.04 * max([*pinned, median or 0.0])
    if median is not None and all(abs(median - time) > near for time in pinned):
        before = min((s for t, s in pinned.items() if t < median), default=1.0)
        after = max((s for t, s in pinned.items() if t > median), default=0.0)
        if before > 0.5 > after:
            pinned[median] = 0.5
    times = sorted(pinned)
    return np.array(times), np.array([pinned[time] for time in times])


@dataclass(frozen=True, kw_only=True, eq=False)
class ExpectedCourse:
    """Expected numbers of patients over time, not yet whole.

    Attributes
    ----------
    time : ndarray of float, shape (k,)
        Grid of times from 0 to the last follow-up.
    at_risk, events, censored : ndarray of float, shape (k,)
        Patients still followed at each time, and events and censorings up to and including it.
    """

    time: FloatArray
    at_risk: FloatArray
    events: FloatArray
    censored: FloatArray

    def at_risk_at(self, time: float) -> float:
        """Patients expected to be followed at one time."""
        return float(np.interp(time, self.time, self.at_risk))

    def events_by(self, time: float) -> float:
        """Events expected up to one time."""
        return float(np.interp(time, self.time, self.events))


@dataclass(frozen=True, kw_only=True, eq=False)
class CensoringShape:
    """Probability of still being uncensored, as a function of time and of one strength.

    Attributes
    ----------
    known_time, known : ndarray of float, shape (m,)
        Times at which the probability is known (from at-risk counts), starting at (0, 1), and
        between which it is linear. After the last of them the strength decides.
    end : float
        Last follow-up, where the probability falls to 0.
    entry_window : tuple of float, or None
        Shortest and longest follow-up that entry and cut-off dates allow.
    """

    known_time: FloatArray
    known: FloatArray
    end: float
    entry_window: EntryWindow | None = None

    def uncensored(self, time: FloatArray, log_strength: float) -> FloatArray:
        """Return the probability of being uncensored just after each time.

        Parameters
        ----------
        time : ndarray of float, shape (k,)
            In the time unit.
        log_strength : float
            Logarithm of the strength; the larger, the earlier is censoring.

        Returns
        -------
        ndarray of float, shape (k,)
            Probabilities.

        Notes
        -----
        Without dates: entry at a constant rate makes follow-up uniform on [a, end]. Strength
        th = 1 - a/end <= 1 moves a from the end (everybody followed to the end) to the start;
        th > 1 goes on to (1 - t/end)**th, earlier and earlier censoring. With dates a is known,
        and the strength is the rate of exponential drop-out on top.
        """
        start = self.known_time[-1]
        early = np.interp(time, self.known_time, self.known)
        span = max(self.end - start, 1e-12)
        u = np.clip((time - start) / span, 0.0, 1.0)
        late = self._late(u, log_strength)
        return np.asarray(np.where(time <= start, early, self.known[-1] * late))

    def _late(self, u: FloatArray, log_strength: float) -> FloatArray:
        strength = np.exp(log_strength)
        if self.entry_window is not None and self.known_time[-1] == 0:
            first = self.entry_window[0] / self.end
            staggered = np.clip((1.0 - u) / max(1.0 - first, 1e-12), 0.0, 1.0)
            return np.asarray(staggered * np.exp(-strength * u))
        if strength <= 1:
            return np.asarray(np.clip((1.0 - u) / strength, 0.0, 1.0))
        return np.asarray((1.0 - u) ** strength)


def expected_course(
    arm: ArmConstraints, hazard: HazardCurve, shape: CensoringShape, log_strength: float
) -> ExpectedCourse:
    """Run the expected numbers of one arm through hazard and censoring."""
    survival = hazard.survival
    middle = (hazard.time[1:] + hazard.time[:-1]) / 2
    followed = arm.n * shape.uncensored(middle, log_strength)
    events = np.concatenate([[0.0], np.cumsum(followed * -np.diff(survival))])
    at_risk = arm.n * survival * shape.uncensored(hazard.time, log_strength)
    at_risk[0] = arm.n
    # whoever is followed to the end is at risk there
    before_end = np.array([arm.last_time * (1.0 - 2.0 * np.exp(WEAKEST))])
    at_risk[-1] = arm.n * survival[-1] * shape.uncensored(before_end, log_strength)[0]
    at_risk = np.minimum(np.minimum.accumulate(at_risk), arm.n - events)
    censored = arm.n - events - at_risk
    censored[-1] = arm.n - events[-1]  # whoever is left is censored at the end
    return ExpectedCourse(
        time=hazard.time, at_risk=at_risk, events=events, censored=np.maximum.accumulate(censored)
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class OpenCourse:
    """The course of one arm, whose strength of censoring is still open.

    Attributes
    ----------
    constraints : ArmConstraints
    hazard : HazardCurve
    window : tuple of float, or None
        Shortest and longest follow-up that entry and cut-off dates allow, where they decide.
    follow_up_median : PrintedNumber or None
        The reported median follow-up.
    """

    constraints: ArmConstraints
    hazard: HazardCurve
    window: EntryWindow | None
    follow_up_median: PrintedNumber | None

    def course(self, log_strength: float) -> ExpectedCourse:
        """Return the expected course at one strength."""
        return expected_course(self.constraints, self.hazard, self.shape(), log_strength)

    def shape(self) -> CensoringShape:
        """Return the family of censoring curves, through the numbers at risk."""
        arm = self.constraints
        known = [(0.0, 1.0)]
        for knot in arm.knots:
            if knot.at_risk is not None:
                alive = arm.n * float(self.hazard.at(knot.time))
                known.append((knot.time, min(knot.at_risk / max(alive, 1e-12), known[-1][1])))
        time, value = np.array(known).T
        return CensoringShape(
            known_time=time,
            known=value,
            end=arm.last_time,
            entry_window=self.window,
        )

    def followed_longer(self) -> Iterator[OpenCourse]:
        """Yield the arm followed ever longer, which more events than fit call for."""
        if self.constraints.last_time_source in ("printed", "dates"):
            return
        for step in range(1, LONGER_STEPS + 1):
            constraints = self.constraints.followed_to(self.constraints.last_time * LONGER**step)
            hazard = cumulative_hazard(constraints)
            yield replace(self, constraints=constraints, hazard=hazard, window=None)

    def with_later_events(self, excess: Callable[[ExpectedCourse], float]) -> OpenCourse | None:
        """Return the arm with the hazard after its last value that the reported events need."""

        def with_tail(log_tail: float) -> OpenCourse:
            hazard = cumulative_hazard(self.constraints, tail=math.exp(log_tail))
            return replace(self, hazard=hazard, window=None)

        def excess_at(log_tail: float) -> float:
            return excess(with_tail(log_tail).course(WEAKEST))

        if not excess_at(0.0) < 0.0 < excess_at(STEEPEST_TAIL):
            return None
        return with_tail(float(brentq(excess_at, 0.0, STEEPEST_TAIL, xtol=1e-6)))

    def followed_beyond(self, time: float, log_strength: float) -> float:
        """Return the share of patients that is followed beyond a time."""
        return float(self.shape().uncensored(np.array([time]), log_strength)[0])


def calibrated_strength(excess: Callable[[float], float]) -> tuple[float, bool]:
    """Find the strength at which a decreasing `excess` vanishes.

    Returns
    -------
    log_strength : float
        The root, or the end of the range that comes nearest.
    met : bool
        False if no strength reaches the target.
    """
    if excess(WEAKEST) <= 0:
        return WEAKEST, abs(excess(WEAKEST)) < 0.5
    if excess(STRONGEST) >= 0:
        return STRONGEST, abs(excess(STRONGEST)) < 0.5
    return float(brentq(excess, WEAKEST, STRONGEST, xtol=1e-6)), True


def information(courses: Sequence[ExpectedCourse], log_hazard_ratio: float) -> float:
    """Return the Cox information about the log hazard ratio that two expected courses hold.

    Notes
    -----
    The information at beta is the sum over events of p(1 - p), with p the share of the hazard in
    the risk set that the treatment arm carries; 1/sqrt(information) is the standard error of the
    log hazard ratio.
    """
    grid = np.union1d(courses[0].time, courses[1].time)
    middle = (grid[1:] + grid[:-1]) / 2
    events = sum(np.diff(np.interp(grid, c.time, c.events)) for c in courses)
    reference, treatment = (np.interp(middle, c.time, c.at_risk) for c in courses)
    hazard = np.exp(log_hazard_ratio) * treatment
    total = reference + hazard
    share = np.divide(hazard, total, out=np.zeros_like(total), where=total > 0)
    return float(np.sum(events * share * (1.0 - share)))


@dataclass(frozen=True, kw_only=True, eq=False)
class Calibration:
    """The expected course of one arm and how its censoring was found.

    Attributes
    ----------
    arm : ArmConstraints
        The arm's constraints, with the events filled in that the total or the interval of both
        arms implies.
    course : ExpectedCourse
        Expected numbers at risk, of events and of censorings.
    basis : str
        What censoring was calibrated to: "at-risk counts", "events per arm", "events in total",
        "reported interval", "follow-up", "dates", "curve" or "nothing".
    sentence : str
        The same as a sentence for the assumptions.
    """

    arm: ArmConstraints
    course: ExpectedCourse
    basis: str
    sentence: str

    def assumption(self, patients: WholePatients) -> str:
        """Return the sentence, or what is true of patients who are hardly censored at all."""
        last = max((knot.time for knot in self.arm.knots), default=0.0)
        expected = float(np.interp(last, self.course.time, self.course.censored))
        found = int(np.sum(~patients.event & (patients.time < last)))
        if self.basis != "nothing" or expected < FEW_CENSORED or found > HARDLY * expected:
            return self.sentence
        who = count(found, "patient") if found else "nobody"
        return (
            f"nothing reported says how censoring ran: {who} is censored before {last:g}, since no "
            "patients near the mean of what is plausible were found that give the reported "
            "survival; the hazard ratio rests on this"
        )

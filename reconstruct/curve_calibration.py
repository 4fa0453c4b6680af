"""How censoring ran along a digitised curve, and the expected course that this gives.

The order is: numbers at risk; events per arm; events in total; the interval of the reported hazard
ratio, whose width says how many events there were; follow-up and dates; nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import brentq

from ..studies import Endpoint, PrintedNumber
from .constraints import LONGER, ArmConstraints
from .expected_course import (
    Calibration,
    CensoringShape,
    ExpectedCourse,
    HazardCurve,
    calibrated_strength,
    cumulative_hazard,
    expected_course,
    information,
)
from .follow_up import EntryWindow, entry_window

__all__ = ["calibrate_curves"]

Z_95 = 1.959963984540054
LONGER_STEPS = 12
STEEPEST_TAIL = math.log(1000.0)
UNIFORM = 0.0  # log strength 0: entry at a constant rate, nobody followed to the end
WEAKEST = -9.0
# Where neither rows nor events are reported: nobody leaves in the first third of the follow-up, as
# where enrolment took two thirds of it. On trials of benchmarks/simulated_trials.py a half to 0.6
# would give as many events as there were at the median, on those of benchmarks/clicks.py 0.75.
LATE = math.log(2 / 3)

# Every step and n alone; benchmarks/accuracy_curves.py has these figures.
N_ALONE = (
    "where every step of 18 trials whose data are known was read to three decimals, it was off, on "
    "the log scale, by a median of 0.02 and by at most 0.19 standard errors"
)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Arm:
    """One arm on the way to its expected course."""

    constraints: ArmConstraints
    hazard: HazardCurve
    window: EntryWindow | None
    follow_up_median: PrintedNumber | None

    def course(self, log_strength: float) -> ExpectedCourse:
        return expected_course(self.constraints, self.hazard, self.shape(), log_strength)

    def shape(self) -> CensoringShape:
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


def calibrate_curves(
    endpoint: Endpoint, arms: Mapping[str, ArmConstraints]
) -> dict[str, Calibration]:
    """Find the expected course of every arm of an endpoint from the best that is reported.

    Parameters
    ----------
    endpoint : Endpoint
    arms : mapping of str to ArmConstraints
        What its arms report.
    """
    window = entry_window(endpoint)
    prepared = {
        name: _Arm(
            constraints=arm,
            hazard=cumulative_hazard(arm),
            window=window if arm.last_time_source == "dates" else None,
            follow_up_median=getattr(endpoint.arms[name].follow_up, "median", None),
        )
        for name, arm in arms.items()
    }
    done = {name: own for name, arm in prepared.items() if (own := _from_own_numbers(arm))}
    rest = {name: arm for name, arm in prepared.items() if name not in done}
    if rest:
        done |= _from_both_arms(endpoint, rest, done) or {
            name: _from_follow_up(arm) for name, arm in rest.items()
        }
    return {name: done[name] for name in arms}


def _from_own_numbers(arm: _Arm) -> Calibration | None:
    """Calibrate to at-risk counts and events of the arm itself."""
    constraints = arm.constraints
    has_at_risk = any(knot.at_risk is not None for knot in constraints.knots)
    if not has_at_risk and constraints.events is None:
        return None
    if constraints.events is None:
        return Calibration(
            arm=constraints,
            course=arm.course(UNIFORM),
            basis="at-risk counts",
            sentence="censoring follows the reported numbers at risk; after the last of them, "
            "while anyone is followed, patients are expected to leave at a constant rate",
        )
    wanted = constraints.events
    arm, strength, met = _calibrated(arm, lambda course: course.events[-1] - wanted)
    basis = "at-risk counts" if has_at_risk else "events per arm"
    with_events = f"the {wanted} reported events"
    sentence = (
        f"censoring follows the reported numbers at risk, and after the last of them {with_events}"
        if has_at_risk
        else f"censoring is calibrated to {with_events}, "
        "as if patients had entered at a constant rate"
    )
    if not met:
        sentence += "; no such censoring gives exactly that many, so the nearest was taken"
    return Calibration(
        arm=arm.constraints, course=arm.course(strength), basis=basis, sentence=sentence
    )


def _calibrated(arm: _Arm, excess: Callable[[ExpectedCourse], float]) -> tuple[_Arm, float, bool]:
    """Calibrate with the entry dates if they allow it, else without them."""
    for candidate in (arm, replace(arm, window=None), *_followed_longer(arm)):

        def excess_at(strength: float, arm: _Arm = candidate) -> float:
            return excess(arm.course(strength))

        strength, met = calibrated_strength(excess_at)
        if met:
            return candidate, strength, True
    steeper = _later_events(arm, excess)
    if steeper is not None:
        return steeper, WEAKEST, True
    nearest = replace(arm, window=None)
    return nearest, calibrated_strength(lambda s: excess(nearest.course(s)))[0], False


def _followed_longer(arm: _Arm) -> Iterator[_Arm]:
    """Yield the arm followed ever longer, which more events than fit call for."""
    if arm.constraints.last_time_source in ("printed", "dates"):
        return
    for step in range(1, LONGER_STEPS + 1):
        constraints = arm.constraints.followed_to(arm.constraints.last_time * LONGER**step)
        hazard = cumulative_hazard(constraints)
        yield replace(arm, constraints=constraints, hazard=hazard, window=None)


def _later_events(arm: _Arm, excess: Callable[[ExpectedCourse], float]) -> _Arm | None:
    """Return the arm with the hazard after its last value that the reported events need."""

    def with_tail(log_tail: float) -> _Arm:
        hazard = cumulative_hazard(arm.constraints, tail=math.exp(log_tail))
        return replace(arm, hazard=hazard, window=None)

    def excess_at(log_tail: float) -> float:
        return excess(with_tail(log_tail).course(WEAKEST))

    if not excess_at(0.0) < 0.0 < excess_at(STEEPEST_TAIL):
        return None
    return with_tail(float(brentq(excess_at, 0.0, STEEPEST_TAIL, xtol=1e-6)))


def _from_both_arms(
    endpoint: Endpoint, rest: Mapping[str, _Arm], done: Mapping[str, Calibration]
) -> dict[str, Calibration] | None:
    """Calibrate a strength that arms share to the total of events, or to the interval."""
    reported = endpoint.reported
    if reported is None:
        return None
    if reported.events is not None:
        known = sum(float(c.course.events[-1]) for c in done.values())
        wanted = reported.events - known
        found = _shared(rest, lambda courses: sum(float(c.events[-1]) for c in courses) - wanted)
        if found is not None:
            sentence = (
                f"censoring is calibrated, alike in the arms, to the {reported.events} events "
                "reported in total"
            )
            return _with_total(_as_calibrations(found, "events in total", sentence), round(wanted))
    if reported.ci is None or reported.hazard_ratio is None or len(rest) != 2 or done:
        return None
    return _from_interval(endpoint, rest)


def _from_interval(endpoint: Endpoint, rest: Mapping[str, _Arm]) -> dict[str, Calibration] | None:
    reported = endpoint.reported
    if reported is None or reported.ci is None or reported.hazard_ratio is None:
        return None
    lower, upper = (bound.value for bound in reported.ci)
    ratio = reported.hazard_ratio.value
    if not 0 < lower < upper < math.inf or ratio <= 0:
        return None
    wanted = (2 * Z_95 / math.log(upper / lower)) ** 2
    first = endpoint.reference
    ordered = {name: rest[name] for name in sorted(rest, key=lambda name: name != first)}
    found = _shared(ordered, lambda courses: information(courses, math.log(ratio)) - wanted)
    if found is None:
        return None
    total = sum(float(course.events[-1]) for course in found[1].values())
    sentence = (
        "events are not reported: censoring is calibrated, alike in both arms, to the width of the "
        f"reported interval ({reported.ci[0]} to {reported.ci[1]}), which implies about "
        f"{total:.0f} events"
    )
    return _as_calibrations(found, "reported interval", sentence)


_Shared = tuple[Mapping[str, _Arm], Mapping[str, ExpectedCourse]]


def _shared(
    arms: Mapping[str, _Arm], excess: Callable[[list[ExpectedCourse]], float]
) -> _Shared | None:
    """Find the strength that the arms share, with the entry dates or else without them."""
    undated = {name: replace(arm, window=None) for name, arm in arms.items()}
    longer = [
        dict(zip(arms, some, strict=True))
        for some in zip(*map(_followed_longer, arms.values()), strict=False)
    ]
    for candidates in (arms, undated, *longer):

        def excess_at(strength: float, arms: Mapping[str, _Arm] = candidates) -> float:
            return excess([arm.course(strength) for arm in arms.values()])

        strength, met = calibrated_strength(excess_at)
        if met:
            return candidates, {name: arm.course(strength) for name, arm in candidates.items()}
    return None


def _as_calibrations(found: _Shared, basis: str, sentence: str) -> dict[str, Calibration]:
    arms, courses = found
    return {
        name: Calibration(arm=arms[name].constraints, course=course, basis=basis, sentence=sentence)
        for name, course in courses.items()
    }


def _with_total(calibrations: dict[str, Calibration], total: int) -> dict[str, Calibration]:
    """Share a reported total of events out to the arms in whole events (largest remainder)."""
    expected = {name: float(c.course.events[-1]) for name, c in calibrations.items()}
    whole = {name: int(events) for name, events in expected.items()}
    by_remainder = sorted(expected, key=lambda name: whole[name] - expected[name])
    for name in by_remainder[: max(total - sum(whole.values()), 0)]:
        whole[name] += 1
    return {
        name: replace(c, arm=replace(c.arm, events=whole[name])) for name, c in calibrations.items()
    }


def _from_follow_up(arm: _Arm) -> Calibration:
    """Calibrate to the median follow-up, to entry dates, or to nothing."""
    constraints, median = arm.constraints, arm.follow_up_median
    if median is not None and median.reached and median.value < constraints.last_time:
        strength, met = calibrated_strength(lambda s: _followed_longer_than(arm, median.value, s))
        if met:
            return Calibration(
                arm=constraints,
                course=arm.course(strength),
                basis="follow-up",
                sentence="events are not reported: half of the event-free patients are followed "
                f"beyond the median follow-up of {median} (read as a reverse Kaplan-Meier median)",
            )
    if arm.window is not None:
        return Calibration(
            arm=constraints,
            course=arm.course(WEAKEST),
            basis="dates",
            sentence="events are not reported: patients enter at a constant rate over the "
            "enrolment period, are followed to the cut-off, and none drops out",
        )
    if constraints.along_curve:
        return _from_curve_alone(arm)
    return Calibration(
        arm=constraints,
        course=arm.course(WEAKEST),
        basis="nothing",
        sentence="how censoring ran is not reported: everybody without an event is followed "
        f"to {constraints.last_time:g} and censored there; the hazard ratio is sensitive to this "
        "assumption",
    )


def _from_curve_alone(arm: _Arm) -> Calibration:
    """Expect the usual censoring where a curve is all that is reported beside n."""
    constraints = arm.constraints
    usual = UNIFORM if constraints.exact_drops else LATE
    first = (1 - math.exp(usual)) * constraints.last_time
    expected = (
        f"nobody is expected to leave before {first:.3g} and then everyone at a constant rate"
        if first > 0
        else "patients are expected to leave at a constant rate"
    )
    return Calibration(
        arm=constraints,
        course=arm.course(usual),
        basis="curve",
        sentence=f"neither numbers at risk nor events are reported: {expected}, "
        "except where the height of single steps indicates otherwise; the hazard ratio is "
        "sensitive to this assumption" + (f" ({N_ALONE})" if constraints.drops_only else ""),
    )


def _followed_longer_than(arm: _Arm, median: float, log_strength: float) -> float:
    """Return by how much more than half of the patients are followed beyond a reported median."""
    return float(arm.shape().uncensored(np.array([median]), log_strength)[0]) - 0.5

"""Which reported numbers say how censoring ran, and the expected course that they give.

The order is: numbers at risk; events per arm; events in total; the interval of the reported hazard
ratio, whose width says how many events there were; follow-up and dates; nothing. What none of them
says is, along a digitised curve, the usual; else the mean of the scenarios that also give an
ensemble its draws.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from ..presentation.formats import count
from ..studies import Endpoint
from ..studies.printed_fields import Z_95
from .constraints import ArmConstraints
from .expected_course import (
    WEAKEST,
    Calibration,
    ExpectedCourse,
    OpenCourse,
    calibrated_strength,
    cumulative_hazard,
    information,
)
from .follow_up import entry_window
from .scenarios import Scenarios, mean_course, weighted_scenarios
from .scenarios.strengths import IN_TOTAL

__all__ = ["BY_INTERVAL", "Calibration", "calibrate", "calibrate_curves"]

# Scenarios that a mean course is of, and by how many standard errors chance may move it before more
# are drawn. Chosen on simulated trials; benchmarks/interval_seeds.py reports on others.
SCENARIOS, MOVED = (256, 768, 2304), 0.15
MOST_SAID = 10  # standard errors
BY_INTERVAL = "reported interval"  # the basis of what only its width says
SEED = 1


def calibrate(endpoint: Endpoint, arms: Mapping[str, ArmConstraints]) -> dict[str, Calibration]:
    """Find the expected course of every arm of an endpoint from the best that is reported.

    Parameters
    ----------
    endpoint : Endpoint
    arms : mapping of str to ArmConstraints
        What its arms report.

    Returns
    -------
    dict of str to Calibration
        The mean of the scenarios, weighted by what is reported; along digitised curves, the course
        that `calibrate_curves` finds.
    """
    if not arms:
        return {}
    if any(arm.along_curve for arm in arms.values()):
        return calibrate_curves(endpoint, arms)
    scenarios = _enough_scenarios(endpoint, arms)
    courses = {}
    for name, arm in arms.items():
        fixed = scenarios.arms[name].arm.last_time_source in ("printed", "dates")
        courses[name] = mean_course(arm, scenarios, end_is_known=fixed)
    return _calibrations(endpoint, arms, scenarios, courses)


def _enough_scenarios(endpoint: Endpoint, arms: Mapping[str, ArmConstraints]) -> Scenarios:
    """Draw scenarios anew, more of them, as long as chance moves their mean too far."""
    for size in SCENARIOS:
        scenarios = weighted_scenarios(endpoint, arms, size, np.random.default_rng(SEED))
        if scenarios.error_of_mean() <= MOVED:
            break
    return scenarios


def _calibrations(
    endpoint: Endpoint,
    arms: Mapping[str, ArmConstraints],
    scenarios: Scenarios,
    courses: Mapping[str, tuple[float, ExpectedCourse]],
) -> dict[str, Calibration]:
    """Say what censoring was calibrated to, and share out events that both arms have together."""
    ended = {
        name: arm if courses[name][0] == arm.last_time else arm.ending_at(courses[name][0])
        for name, arm in arms.items()
    }
    whole: dict[str, int] = {}
    if scenarios.total is not None:
        expected = {name: float(course.events[-1]) for name, (_, course) in courses.items()}
        low, high = (float(scenarios.weight @ bound) for bound in scenarios.total.T)
        whole = _shared_out(expected, round((low + high) / 2), arms)
    made, chance = {}, scenarios.error_of_mean()
    far = f"{chance:.2g}" if chance < MOST_SAID else f"more than {MOST_SAID}"
    left = f"; chance moves this mean by {far} standard errors" if chance > MOVED else ""
    for name, arm in ended.items():
        basis = _basis(endpoint, arm, scenarios)
        made[name] = Calibration(
            arm=replace(arm, events=whole.get(name, arm.events)),
            course=courses[name][1],
            basis=basis,
            sentence=_sentence(endpoint, arm, basis, sum(whole.values())) + left,
        )
    return made


def _shared_out(
    expected: Mapping[str, float], total: int, arms: Mapping[str, ArmConstraints]
) -> dict[str, int]:
    """Share a total of events out to the arms in proportion to what is expected."""
    factor = total / max(sum(expected.values()), 1e-9)
    wanted = {name: min(events * factor, arms[name].n) for name, events in expected.items()}
    return _in_whole_events(wanted, total)


def _in_whole_events(wanted: Mapping[str, float], total: int) -> dict[str, int]:
    """Return events of each arm that add up to a total (largest remainder)."""
    whole = {name: int(events) for name, events in wanted.items()}
    by_remainder = sorted(wanted, key=lambda name: whole[name] - wanted[name])
    for name in by_remainder[: max(total - sum(whole.values()), 0)]:
        whole[name] += 1
    return whole


def _basis(endpoint: Endpoint, arm: ArmConstraints, scenarios: Scenarios) -> str:
    if any(knot.at_risk is not None for knot in arm.knots):
        return "at-risk counts"
    if arm.events is not None:
        return "events per arm"
    if scenarios.basis in (IN_TOTAL, BY_INTERVAL):
        return scenarios.basis
    follow_up = endpoint.arms[arm.name].follow_up
    if follow_up is not None and follow_up.median is not None:
        return "follow-up"
    return "dates" if arm.last_time_source == "dates" else "nothing"


def _sentence(endpoint: Endpoint, arm: ArmConstraints, basis: str, total: int) -> str:
    """Say what censoring was calibrated to."""
    if basis == "at-risk counts":
        events = "" if arm.events is None else f" with the {count(arm.events, 'event')}"
        return (
            "censoring follows the reported numbers at risk; the rest is the mean of what is "
            f"plausible{events}"
        )
    if basis == "events per arm":
        return (
            "censoring is the mean of what is plausible with the "
            f"{count(arm.events or 0, 'event')} reported, which are one draw from it"
        )
    if basis == IN_TOTAL:
        return (
            "censoring is the mean of what is plausible, similar in the arms, with the "
            f"{count(total, 'event')} reported in total"
        )
    if basis == BY_INTERVAL:
        reported = endpoint.reported
        low, high = reported.ci if reported is not None and reported.ci else ("", "")
        return (
            "events are not reported: censoring is the mean of what is plausible, similar in both "
            f"arms, with the width of the reported interval ({low} to {high}), which implies "
            f"{count(total, 'event')}"
        )
    if basis == "follow-up":
        return (
            "events are not reported: censoring is the mean of what is plausible with the median "
            "follow-up reported (most often a reverse Kaplan-Meier median)"
        )
    if basis == "dates":
        return (
            "events are not reported: censoring is the mean of what is plausible with entry over "
            "the enrolment period and follow-up to the cut-off"
        )
    return (
        "nothing reported says how censoring ran: it is the mean of what is plausible; the hazard "
        "ratio rests on this"
    )


UNIFORM = 0.0  # log strength 0: entry at a constant rate, nobody followed to the end
# Where neither rows nor events are reported: nobody leaves in the first third of the follow-up, as
# where enrolment took two thirds of it. On trials of benchmarks/simulated_trials.py a half to 0.6
# would give as many events as there were at the median, on those of benchmarks/clicks.py 0.75.
LATE = math.log(2 / 3)

# Every step and n alone; benchmarks/accuracy_curves.py has these figures.
N_ALONE = (
    "where every step of 18 trials whose data are known was read to three decimals, it was off, on "
    "the log scale, by a median of 0.02 and by at most 0.19 standard errors"
)


def calibrate_curves(
    endpoint: Endpoint, arms: Mapping[str, ArmConstraints]
) -> dict[str, Calibration]:
    """Find the expected course of every arm without scenarios; otherwise as `calibrate`."""
    window = entry_window(endpoint)
    prepared = {
        name: OpenCourse(
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


def _from_own_numbers(arm: OpenCourse) -> Calibration | None:
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
    arm, course, met = _calibrated(arm, lambda course: course.events[-1] - wanted)
    basis = "at-risk counts" if has_at_risk else "events per arm"
    with_events = f"the {count(wanted, 'reported event')}"
    sentence = (
        f"censoring follows the reported numbers at risk, and after the last of them {with_events}"
        if has_at_risk
        else f"censoring is calibrated to {with_events}, "
        "as if patients had entered at a constant rate"
    )
    if not met:
        sentence += "; no such censoring gives exactly that many, so the nearest was taken"
    return Calibration(arm=arm.constraints, course=course, basis=basis, sentence=sentence)


def _calibrated(
    arm: OpenCourse, excess: Callable[[ExpectedCourse], float]
) -> tuple[OpenCourse, ExpectedCourse, bool]:
    """Calibrate with the entry dates if they allow it, else without them."""
    name = arm.constraints.name
    found = _shared({name: arm}, lambda courses: excess(courses[0]))
    if found is not None:
        return found[0][name], found[1][name], True
    steeper = arm.with_later_events(excess)
    if steeper is not None:
        return steeper, steeper.course(WEAKEST), True
    nearest = replace(arm, window=None)
    strength, _ = calibrated_strength(lambda s: excess(nearest.course(s)))
    return nearest, nearest.course(strength), False


def _from_both_arms(
    endpoint: Endpoint, rest: Mapping[str, OpenCourse], done: Mapping[str, Calibration]
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
                f"censoring is calibrated, alike in the arms, to the "
                f"{count(reported.events, 'event')} reported in total"
            )
            return _with_total(_as_calibrations(found, IN_TOTAL, sentence), round(wanted))
    return None if done or len(rest) != 2 else _from_interval(endpoint, rest)


def _from_interval(
    endpoint: Endpoint, rest: Mapping[str, OpenCourse]
) -> dict[str, Calibration] | None:
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
        f"{count(round(total), 'event')}"
    )
    return _as_calibrations(found, BY_INTERVAL, sentence)


_Shared = tuple[Mapping[str, OpenCourse], Mapping[str, ExpectedCourse]]


def _shared(
    arms: Mapping[str, OpenCourse], excess: Callable[[list[ExpectedCourse]], float]
) -> _Shared | None:
    """Find the strength that the arms share, with the entry dates or else without them."""
    undated = {name: replace(arm, window=None) for name, arm in arms.items()}
    longer = (
        dict(zip(arms, some, strict=True))
        for some in zip(*(arm.followed_longer() for arm in arms.values()), strict=False)
    )
    for candidates in itertools.chain((arms, undated), longer):

        def excess_at(strength: float, arms: Mapping[str, OpenCourse] = candidates) -> float:
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
    """Share a reported total of events out to the arms."""
    expected = {name: float(c.course.events[-1]) for name, c in calibrations.items()}
    whole = _in_whole_events(expected, total)
    return {
        name: replace(c, arm=replace(c.arm, events=whole[name])) for name, c in calibrations.items()
    }


def _from_follow_up(arm: OpenCourse) -> Calibration:
    """Calibrate to the median follow-up, to entry dates, or to nothing."""
    constraints, median = arm.constraints, arm.follow_up_median
    if median is not None and median.reached and median.value < constraints.last_time:
        strength, met = calibrated_strength(lambda s: arm.followed_beyond(median.value, s) - 0.5)
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


def _from_curve_alone(arm: OpenCourse) -> Calibration:
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

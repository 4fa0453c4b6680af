"""What reported numbers say of scenarios: survival at certain times, and how well the rest fits.

Survival is drawn within its rounding and its interval, and hazards are set to it; by the numbers
that nothing was set to scenarios are weighed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
from scipy.special import log_ndtr

from ...studies import Arm, Endpoint, FollowUp
from ...studies.arm import Landmark
from ...studies.printed_fields import Z_95
from ..constraints import ArmConstraints, tightened
from ..pseudo_ipd import FloatArray, IntArray
from .arm_scenarios import ArmScenarios
from .hazards import Pins, log_likelihood_of_own

__all__ = [
    "Known",
    "alike_hazards",
    "known_survivals",
    "log_likelihood",
    "pins_of",
    "survival_at_limit",
    "time_grid",
    "width_likelihood",
]

# Chosen on simulated trials; benchmarks/calibration.py reports on others.
FORMS = 3  # of intervals of survival: log, log-log, plain
NEAR = 0.03  # of the last known time; what is nearer says the same
LOST = 0.25, 0.6  # mean share of patients censored at the lower and upper limit of a median
ONE = 1.0 - 1e-9  # patient at risk: a reported 1 is one, whatever its last bits are
FOLLOWED = 0.8  # of the patients have not been censored before they have the event, or so

Known = dict[float, FloatArray]  # survival by time, shape (scenarios,)


def known_survivals(
    endpoint: Endpoint, arm: ArmConstraints, size: int, rng: np.random.Generator
) -> Known:
    """Draw survival at the times at which something reported says what it is."""
    knots = tightened(arm.knots_to_end)
    known = {
        knot.time: rng.uniform(knot.lower, np.maximum(knot.upper, knot.lower), size)
        for knot in knots
        if knot.aim is not None and knot.time < arm.last_time * (1 + 1e-12)
    }
    if arm.median is not None:
        middle = sum(arm.median) / 2
        near = NEAR * max([*known, middle])
        if all(abs(middle - time) > near for time in known) and middle > 0:
            known[middle] = 0.5 - rng.exponential(0.7 / arm.n, size)
    known |= _median_limits(endpoint, arm, known, size, rng)
    return dict(sorted(known.items()))


def _median_limits(
    endpoint: Endpoint, arm: ArmConstraints, known: Known, size: int, rng: np.random.Generator
) -> Known:
    """Draw survival at the ends of the median's interval (Brookmeyer and Crowley).

    Notes
    -----
    The interval ends where the lower, or the upper, pointwise limit of survival reaches one half;
    limits are taken on the scale of S, of log S or of log(-log S), as software does. The lower
    limit often does where the median is not reached.
    """
    ci = endpoint.arms[arm.name].median_ci
    if ci is None or (arm.median is None and not arm.median_not_reached):
        return {}
    made: Known = {}
    form = rng.integers(FORMS, size=size)
    middle = math.inf if arm.median is None else sum(arm.median) / 2
    for number, side in zip(ci, (1, -1), strict=True):
        when = number.value if number.reached else math.inf
        near = NEAR * max([*known, when if arm.median is None else middle])
        if not 0 < when < arm.last_time or (when - middle) * side >= 0:
            continue
        if any(abs(when - time) < near for time in known):
            continue
        lost = 1.0 + rng.exponential(LOST[0 if side > 0 else 1], size)  # of the patients, censored
        made[when] = survival_at_limit(side, form, np.sqrt(lost / arm.n))
    return made


def survival_at_limit(side: int, form: IntArray, scale: FloatArray) -> FloatArray:
    """Return survival where its lower (1) or upper (-1) 95% limit is one half.

    Parameters
    ----------
    side : {1, -1}
    form : ndarray of int
        0 for limits by log S, 1 by log(-log S), 2 by S.
    scale : ndarray of float
        Standard error of log S is `scale` times sqrt((1 - S)/S).
    """
    survival = np.full(form.shape, 0.5)
    for _ in range(12):
        se = scale * np.sqrt((1 - survival) / survival)  # of log S
        log = np.log(survival)
        by_log = 0.5 * np.exp(side * Z_95 * se)
        by_log_log = np.exp(math.log(0.5) * np.exp(side * Z_95 * se / log))
        plain = 0.5 / np.maximum(1 - side * Z_95 * se, 0.5)
        survival = np.clip(np.choose(form, [by_log, by_log_log, plain]), 0.02, 0.98)
    return np.asarray(survival)


def time_grid(
    reports: Iterable[ArmConstraints], known: Mapping[str, Known], cells: int
) -> FloatArray:
    """Return times from 0 to the longest follow-up, with every knot and known time among them.

    Parameters
    ----------
    reports : iterable of ArmConstraints
    known : mapping of str to mapping of float to ndarray
        By arm, where its survival is known.
    cells : int
        About how many there are between the times, which are closer where knots are.
    """
    arms = list(reports)
    end = max(arm.last_time for arm in arms)
    marks = {0.0, end}
    for arm in arms:
        marks |= {knot.time for knot in arm.knots_to_end if knot.time <= end}
        marks |= {time for time in known[arm.name] if time <= end}
        marks.add(arm.last_time)
    edges = np.array(sorted(marks))
    edges = edges[np.concatenate([[True], np.diff(edges) > 1e-9 * end])]
    width = np.sqrt(np.diff(edges))
    counts = np.maximum(np.rint(cells * width / width.sum()), 4).astype(int)
    parts = [
        np.linspace(low, high, count, endpoint=False)
        for low, high, count in zip(edges, edges[1:], counts, strict=False)
    ]
    return np.concatenate([*parts, [end]])


def pins_of(
    arm: ArmConstraints, known: Known, grid: FloatArray, size: int, rng: np.random.Generator
) -> Pins:
    """Return where the curve of an arm is known, as cumulative hazards on the grid."""
    times = np.array([0.0, *known])
    survival = np.column_stack([np.ones(size), *known.values()])
    survival = np.minimum.accumulate(survival, axis=1)
    hazard = -np.log(np.maximum(survival, 0.25 / arm.n))  # 0% has no finite hazard
    rest = max(arm.last_time - times[-1], 1e-9) / grid[-1]
    if times.size == 1 and arm.events is None:  # all that is known is that half are not reached
        late = -np.log(rng.uniform(0.5, 1.0, size)) / rest
    else:
        events = 0.5 if arm.events is None else max(arm.events, 0.5)
        share = min(events / arm.n, 0.9 if times.size == 1 else 0.3)
        late = -math.log1p(-share) / rest * np.exp(0.9 * rng.standard_normal(size))
    place = np.searchsorted(grid, times * (1 - 1e-9))
    fall = -np.diff(np.median(survival, axis=0))
    return Pins(
        place=place,
        hazard=np.maximum.accumulate(hazard, axis=1),
        late=late,
        events=FOLLOWED * arm.n * fall,
        followed=FOLLOWED * arm.n,
    )


# Follow-up of a reverse Kaplan-Meier estimate, of everybody, of the event-free: how often each.
WHOSE = 0.65, 0.22, 0.13
LOOSE = 0.04  # of a share that is followed; beside chance


def alike_hazards(
    arms: Mapping[str, ArmConstraints], known: Mapping[str, Known], own: FloatArray
) -> FloatArray:
    """Return what the landmarks that two arms share say of bends that are an arm's own.

    Parameters
    ----------
    arms, known : mapping by arm
    own : ndarray of float, shape (scenarios,)
        How large those bends are.

    Returns
    -------
    ndarray of float, shape (scenarios,)
        Log likelihoods.
    """
    if len(arms) != 2:
        return np.zeros(own.size)
    (first, second), (one, other) = arms.values(), known.values()
    # midpoints of medians as printed may differ in their last bits
    both = [(one[time], other[at]) for time in one for at in other if abs(time - at) < 1e-9 * time]
    survival = [
        np.minimum.accumulate([1.0, *(float(np.median(pair[arm])) for pair in both)])
        for arm in (0, 1)
    ]
    fall = [-np.diff(each) for each in survival]
    good = (fall[0] * first.n >= 0.9) & (fall[1] * second.n >= 0.9)
    good &= (survival[0][1:] > 0) & (survival[1][1:] > 0)
    if good.sum() < 2:
        return np.zeros(own.size)
    with np.errstate(divide="ignore"):
        hazard = [-np.diff(np.log(each))[good] for each in survival]
    noise = 1.25 / (fall[0][good] * first.n) + 1.25 / (fall[1][good] * second.n)
    return log_likelihood_of_own(own, np.log(hazard[1] / hazard[0]), noise)


def log_likelihood(
    arm: Arm, own: ArmScenarios, grid: FloatArray, rng: np.random.Generator
) -> FloatArray:
    """Return how well scenarios give intervals of landmarks, follow-up, and no median.

    Parameters
    ----------
    arm : Arm
        What it reports.
    own : ArmScenarios
        What they expect.
    grid : ndarray of float, shape (k,)
        Times.
    rng : numpy.random.Generator
    """
    value = np.zeros(own.ends.size)
    for time, landmark in arm.landmarks.items():
        if landmark.ci is not None:
            value += _landmark_interval(own, grid, time, landmark)
    if arm.follow_up is not None:
        value += _follow_up(own, arm.follow_up, grid, rng)
    if own.arm.median_not_reached:
        value += _not_reached(own)
    return value


def _not_reached(own: ArmScenarios) -> FloatArray:
    """Return how likely the estimated curve is to end above one half, by Greenwood's formula.

    It ends where less than one patient is expected to be at risk.
    """
    at_risk, events = own.at_risk, own.events
    left = at_risk[:, 1:] >= ONE
    middle = np.maximum((at_risk[:, 1:] + at_risk[:, :-1]) / 2, 0.5)
    variance = np.sum(np.diff(events, axis=1) / middle**2 * left, axis=1)
    last = np.min(np.where(left, own.survival[:, 1:], 1.0), axis=1)
    above = np.log(2 * np.maximum(last, 1e-12)) / np.sqrt(np.maximum(variance, 1e-6))
    return np.asarray(log_ndtr(above))


def _landmark_interval(
    own: ArmScenarios, grid: FloatArray, time: float, landmark: Landmark
) -> FloatArray:
    """Return how well a scenario gives the width of a landmark's interval, by any usual formula."""
    at_risk, events = own.at_risk, own.events
    place = min(int(np.searchsorted(grid, time * (1 - 1e-9))), grid.size - 1)
    middle = np.maximum((at_risk[:, 1 : place + 1] + at_risk[:, :place]) / 2, 0.5)
    variance = np.sum(np.diff(events[:, : place + 1], axis=1) / middle**2, axis=1)
    return width_likelihood(landmark, np.sqrt(np.maximum(variance, 1e-12)), own.arm.n)


def _follow_up(
    own: ArmScenarios, follow_up: FollowUp, grid: FloatArray, rng: np.random.Generator
) -> FloatArray:
    """Return how well a scenario gives the reported median and quartiles of follow-up.

    Whose they are is seldom said: of a reverse Kaplan-Meier estimate, of everybody or of the
    event-free.
    """
    asked = [] if follow_up.median is None else [(follow_up.median, 0.5)]
    asked += zip(follow_up.iqr or (), (0.75, 0.25), strict=False)
    if not asked:
        return np.zeros(own.ends.size)
    followed = own.followed
    kind = rng.choice(3, own.ends.size, p=WHOSE)
    left = np.diff(followed, axis=1) * -own.survival[:, 1:]
    all_left = np.maximum(left.sum(axis=1), 1e-9)
    value = np.zeros(own.ends.size)
    for number, level in asked:
        if not number.reached or number.value >= own.arm.last_time:
            continue
        place = min(int(np.searchsorted(grid, number.value)), grid.size - 1)
        free = left[:, place:].sum(axis=1) / all_left
        here = followed[:, place]
        beyond = np.choose(kind, [here, here * own.survival[:, place], free])
        sd = math.sqrt(level * (1 - level) / own.arm.n + LOOSE**2)
        # reports of follow-up are loose: Student's t with 4 degrees of freedom
        value += -2.5 * np.log1p(((beyond - level) / sd) ** 2 / 4)
    return value


CHANCE = 0.04  # relative; of Greenwood's formula in whole patients beside its expectation


def width_likelihood(landmark: Landmark, se: FloatArray, n: int) -> FloatArray:
    """Return the log likelihood of an interval's width, by whichever usual formula fits best.

    Parameters
    ----------
    landmark : Landmark
        With its interval.
    se : ndarray of float, shape (scenarios,)
        Expected standard error of log survival, positive.
    n : int
        Patients.
    """
    fits = [
        -0.5 * (np.log(se / implied) / math.hypot(CHANCE + 0.5 / math.sqrt(n), rounding)) ** 2
        for implied, rounding in _implied(landmark)
    ]
    if not fits:
        return np.zeros(se.size)
    return np.asarray(np.logaddexp.reduce(fits) - math.log(len(fits)))


def _implied(landmark: Landmark) -> Iterator[tuple[float, float]]:
    """Yield, formula by formula, a standard error of log survival, and its rounding on its log."""
    if landmark.ci is None:
        return
    survival = landmark.survival.value
    low, high = (number.value for number in landmark.ci)
    if not 0 < low < survival < high < 1:
        if 0 < low < survival < 1:  # cut at 1: the lower half says it all
            half = sum(abs(n.upper - n.lower) / 2 for n in (landmark.ci[0], landmark.survival)) / 2
            yield from (
                (value, half / max(survival - low, half))
                for value in (math.log(survival / low) / Z_95, (survival - low) / survival / Z_95)
            )
        return
    half = sum(abs(number.upper - number.lower) / 2 for number in landmark.ci) / 2
    rounding = half / (high - low)
    log = math.log(survival)
    yield math.log(high / low) / 2 / Z_95, rounding
    yield (high - low) / survival / 2 / Z_95, rounding
    yield math.log(math.log(low) / math.log(high)) * -log / 2 / Z_95, rounding

"""How well scenarios give the reported numbers that nothing was set to."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np

from ...studies import Arm, FollowUp
from ...studies.arm import Landmark
from ..constraints import ArmConstraints
from ..pseudo_ipd import FloatArray
from .drawn_arm import DrawnArm
from .hazards import log_likelihood_of_own
from .known import Known

__all__ = ["alike_hazards", "log_likelihood", "width_likelihood"]

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
    arm: Arm,
    own: DrawnArm,
    numbers: tuple[FloatArray, FloatArray],
    where: tuple[FloatArray, FloatArray],
    rng: np.random.Generator,
) -> FloatArray:
    """Return how well scenarios give intervals of landmarks, and follow-up.

    Parameters
    ----------
    arm : Arm
        What it reports.
    own : DrawnArm
    numbers : tuple of ndarray, shape (scenarios, times)
        Patients at risk, and events up to each time.
    where : tuple of ndarray
        Times, and log strengths of censoring.
    rng : numpy.random.Generator
    """
    grid, log_strength = where
    value = np.zeros(log_strength.size)
    for time, landmark in arm.landmarks.items():
        if landmark.ci is not None:
            value += _landmark_interval(own, numbers, grid, (time, landmark))
    if arm.follow_up is not None:
        value += _follow_up(own, arm.follow_up, grid, log_strength, rng)
    return value


def _landmark_interval(
    own: DrawnArm,
    numbers: tuple[FloatArray, FloatArray],
    grid: FloatArray,
    reported: tuple[float, Landmark],
) -> FloatArray:
    """Return how well a scenario gives the width of a landmark's interval, by any usual formula."""
    at_risk, events = numbers
    time, landmark = reported
    place = min(int(np.searchsorted(grid, time * (1 - 1e-9))), grid.size - 1)
    middle = np.maximum((at_risk[:, 1 : place + 1] + at_risk[:, :place]) / 2, 0.5)
    variance = np.sum(np.diff(events[:, : place + 1], axis=1) / middle**2, axis=1)
    return width_likelihood(landmark, np.sqrt(np.maximum(variance, 1e-12)), own.arm.n)


def _follow_up(
    own: DrawnArm,
    follow_up: FollowUp,
    grid: FloatArray,
    log_strength: FloatArray,
    rng: np.random.Generator,
) -> FloatArray:
    """Return how well a scenario gives the reported median and quartiles of follow-up.

    Whose they are is seldom said: of a reverse Kaplan-Meier estimate, of everybody or of the
    event-free.
    """
    asked = [] if follow_up.median is None else [(follow_up.median, 0.5)]
    asked += zip(follow_up.iqr or (), (0.75, 0.25), strict=False)
    if not asked:
        return np.zeros(log_strength.size)
    followed = own.censored_by(log_strength).followed
    kind = rng.choice(3, log_strength.size, p=WHOSE)
    both = followed * own.survival
    left = np.pad(
        np.cumsum((-np.diff(followed, axis=1) * own.survival[:, 1:])[:, ::-1], axis=1),
        ((0, 0), (1, 0)),
    )[:, ::-1]
    free = left / np.maximum(left[:, :1], 1e-9)
    beyond = np.choose(kind[:, None], [followed, both, free])
    value = np.zeros(log_strength.size)
    for number, level in asked:
        if not number.reached or number.value >= own.arm.last_time:
            continue
        place = min(int(np.searchsorted(grid, number.value)), grid.size - 1)
        sd = math.sqrt(level * (1 - level) / own.arm.n + LOOSE**2)
        # reports of follow-up are loose: Student's t with 4 degrees of freedom
        value += -2.5 * np.log1p(((beyond[:, place] - level) / sd) ** 2 / 4)
    return value


Z_95 = 1.959963984540054
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

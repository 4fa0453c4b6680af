"""Survival at one time, and its difference between two arms."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..reconstruct.pseudo_ipd import FloatArray, PseudoIPD, refuse_no_patients
from ..studies.argument_types import strict
from ._inference import Difference, chosen_level
from ._kaplan_meier import KaplanMeier, kaplan_meier, refuse_beyond
from ._kernels import RiskSets
from ._rmst import left_one_by_one

__all__ = ["Milestone", "MilestoneSurvival", "batched_milestone", "milestone"]


@dataclass(frozen=True, kw_only=True)
class MilestoneSurvival:
    """Survival of one arm at the milestone.

    Attributes
    ----------
    survival, se : float
        Kaplan-Meier survival and its Greenwood standard error.
    ci : tuple of float
        Log-log interval; NaN where survival is 0 or 1.
    n_at_risk : int
        Patients still followed just before the milestone.
    """

    survival: float
    se: float
    ci: tuple[float, float]
    n_at_risk: int


@dataclass(frozen=True, kw_only=True)
class Milestone:
    """Survival at one time, by arm.

    Attributes
    ----------
    time : float
        The milestone, in the time unit of the patients.
    arms : mapping of str to MilestoneSurvival
        By arm.
    difference, se : float
        Second arm minus reference and its standard error; NaN unless there are two arms.
    difference_ci : tuple of float
        Its interval.
    p : float
        Two-sided p; NaN if neither arm had an event before the milestone.
    confidence : float
        Coverage of the intervals.
    """

    time: float
    arms: Mapping[str, MilestoneSurvival]
    difference: float
    se: float
    difference_ci: tuple[float, float]
    p: float
    confidence: float

    @property
    def pvalue(self) -> float:
        """`p`, under SciPy's name."""
        return self.p

    @property
    def confidence_level(self) -> float:
        """`confidence`, under SciPy's name."""
        return self.confidence


@strict
def milestone(
    ipd: PseudoIPD,
    *,
    time: float,
    confidence_level: float = 0.95,
    confidence: float | None = None,
) -> Milestone:
    """Compare the survival of the arms at one time.

    Parameters
    ----------
    ipd : PseudoIPD
        Patients.
    time : float
        The milestone, at least 0, in the time unit of the patients.
    confidence_level : float
        Coverage of the intervals, in (0, 1).
    confidence : float, optional
        Earlier name of `confidence_level`.

    Raises
    ------
    NotEstimable
        If an arm was not followed up to `time`, unless its curve had come down to 0 before.
    ValueError
        If `time` is negative or not finite, or `confidence_level` is outside (0, 1).

    References
    ----------
    .. [1] Klein JP, Logan B, Harhoff M, Andersen PK. Stat Med 2007;26:4505-4519.
       doi:10.1002/sim.2864.

    Examples
    --------
    Maintained chemotherapy of acute myelogenous leukaemia against none (Miller 1981).

    >>> from kmrepro.reconstruct import PseudoIPD
    >>> maintained = [9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161]
    >>> nonmaintained = [5, 5, 8, 8, 12, 16, 23, 27, 30, 33, 43, 45]
    >>> ipd = PseudoIPD(
    ...     time=maintained + nonmaintained,
    ...     event=[1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0] + [1, 1, 1, 1, 1, 0] + [1] * 6,
    ...     arm=["maintained"] * 11 + ["nonmaintained"] * 12,
    ...     arms=("maintained", "nonmaintained"),
    ... )
    >>> round(milestone(ipd, time=24).difference, 3)
    -0.128
    """
    refuse_no_patients("milestone", ipd)
    level = chosen_level(confidence_level, confidence)
    if not (math.isfinite(time) and time >= 0):
        raise ValueError(f"`time` must be finite and at least 0, but is {time}.")
    arms = {}
    for arm in ipd.arms:
        curve = kaplan_meier(ipd, arm=arm, confidence_level=level)
        refuse_beyond(curve, time, name="time", time_unit=ipd.time_unit)
        arms[arm] = _at(curve, time)
    difference = Difference.of(
        [(each.survival, each.se) for each in arms.values()], confidence_level=level
    )
    return Milestone(
        time=time,
        arms=arms,
        difference=difference.value,
        se=difference.se,
        difference_ci=difference.ci,
        p=difference.p,
        confidence=level,
    )


def _at(curve: KaplanMeier, time: float) -> MilestoneSurvival:
    survival, until = curve.survival_at(time), curve.time <= time
    n, d = curve.n_at_risk[until], curve.n_events[until]
    left = n - d
    greenwood = np.divide(d, n * left, out=np.zeros(n.size), where=left > 0).sum()
    return MilestoneSurvival(
        survival=survival,
        se=survival * math.sqrt(float(greenwood)),
        ci=curve.band_at(time),
        n_at_risk=curve.n_at_risk_at(time),
    )


def batched_milestone(sets: RiskSets, *, time: float) -> tuple[FloatArray, FloatArray]:
    """Compare the survival of two arms at one time in every draw.

    Parameters
    ----------
    sets : RiskSets
    time : float
        The milestone, at least 0, in the unit of the times.

    Returns
    -------
    difference : ndarray of float, shape (draws,)
        Treatment minus reference; NaN where an arm was not followed up to `time`, unless its curve
        had come down to 0 before.
    variance : ndarray of float, shape (draws,)
        Greenwood's, as the square of the standard error of `milestone`.
    """
    difference, variance = np.zeros(len(sets.time)), np.zeros(len(sets.time))
    for sign, (n_at_risk, last) in zip((-1, 1), left_one_by_one(sets), strict=True):
        before = (n_at_risk > 0) & (sets.time <= time)
        stays = np.divide(n_at_risk - 1, n_at_risk, out=np.ones(before.shape), where=before)
        product = n_at_risk * (n_at_risk - 1.0)
        jump = np.divide(1.0, product, out=np.zeros(before.shape), where=before & (product > 0))
        survival = stays.prod(axis=1)
        known = (last >= time) | (survival == 0)
        difference += sign * np.where(known, survival, np.nan)
        variance += np.where(known, survival**2 * jump.sum(axis=1), np.nan)
    return difference, variance

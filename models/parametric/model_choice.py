"""Which extrapolation to believe: averages, what is implausible, and the hazard in the data."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from ...reconstruct.pseudo_ipd import FloatArray, PseudoIPD
from ...studies.argument_types import strict
from .._inference import NotEstimable, quantile, times_of
from .._kernels import n_at_risk_before
from .fit import FittedCurve, ParametricFit
from .flexible import MixtureCure

__all__ = [
    "Criterion",
    "ModelAverage",
    "average",
    "crossings",
    "empirical_hazard",
    "implausible",
    "weights",
]

Criterion = Literal["aic", "bic"]
_TELLING = -37.0, 6.6  # ln H of survivals of one less the smallest difference, and of 1e-319
_NARROWEST = 1e-9  # standard deviation
_HALVINGS = 50
_LEAST_AT_RISK = 10
_HAZARD_POINTS = 101


@strict
def weights(fits: Sequence[ParametricFit], *, by: Criterion = "aic") -> FloatArray:
    """Return the weight of each fit, exp(-D/2) of its difference D from the best, sum 1.

    Parameters
    ----------
    fits : sequence of ParametricFit
        Of the same patients, at least one.
    by : {"aic", "bic"}
        The criterion.

    Returns
    -------
    ndarray of float, shape (fits,)

    Raises
    ------
    ValueError
        If there are no fits, or they are not of the same patients.
    """
    if len({(fit.arms, fit.n, fit.n_events) for fit in fits}) != 1:
        raise ValueError("Models are averaged that were fitted to the same patients, at least one.")
    criterion = np.array([getattr(fit, by) for fit in fits])
    relative = np.exp(-(criterion - criterion.min()) / 2)
    return np.asarray(relative / relative.sum())


@dataclass(frozen=True, kw_only=True, eq=False)
class ModelAverage:
    """Several fits to the same patients, weighted.

    Attributes
    ----------
    fits : tuple of ParametricFit
    weights : mapping of str to float
        By the distribution's name, in the order of `fits`; sum 1.
    """

    fits: tuple[ParametricFit, ...]
    weights: Mapping[str, float]

    def survival(self, time: npt.ArrayLike, *, arm: str | None = None) -> FittedCurve:
        """Return the weighted mean of survival at some times, shape (k,).

        Notes
        -----
        The interval is the model-averaged tail area one [1]_, eq. 8: of ln H, normal in each model,
        it leaves as much on either side of the weighted mixture as one model's interval would. It
        is widened to hold the mean, which a model of small weight may take out of it.

        References
        ----------
        .. [1] Turek D, Fletcher D. Comput Stat Data Anal 2012;56:2809-2815.
           doi:10.1016/j.csda.2012.03.002.
        """
        times = times_of(time)
        z = quantile(self.fits[0].confidence_level)
        curves = [fit.survival(times, arm=arm) for fit in self.fits]
        share = np.array(list(self.weights.values()))
        value = share @ np.stack([curve.value for curve in curves])
        own = _log_hazards([curve.value for curve in curves])
        se = (own - _log_hazards([curve.upper for curve in curves])) / z
        low, high = (_mixture_quantile(own, se, share, z=each) for each in (-z, z))
        return FittedCurve(
            time=times,
            value=value,
            lower=np.minimum(np.exp(-np.exp(high)), value),
            upper=np.maximum(np.exp(-np.exp(low)), value),
            reconstruction_share=np.full(times.shape, np.nan),
        )

    @strict
    def mean(self, *, until: float | None = None, arm: str | None = None) -> float:
        """Return the weighted mean of the models' means; infinite if one of theirs is."""
        means = [fit.mean(until=until, arm=arm).value for fit in self.fits]
        if not all(map(math.isfinite, means)):
            return math.inf
        return sum(w * mean for w, mean in zip(self.weights.values(), means, strict=True))


def _log_hazards(survival: Sequence[FloatArray]) -> FloatArray:
    """Return ln H of survival, as far as numbers tell survival from 0 and 1; shape (fits, k)."""
    with np.errstate(divide="ignore"):
        return np.clip(np.log(-np.log(np.stack(survival))), *_TELLING)


def _mixture_quantile(
    middle: FloatArray, sd: FloatArray, share: FloatArray, *, z: float
) -> FloatArray:
    """Return the quantile of a mixture of normals that is `z` in a standard one, shape (k,).

    Parameters
    ----------
    middle, sd : ndarray of float, shape (fits, k)
        An sd of 0 is a mass at one place.
    share : ndarray of float, shape (fits,)
        Sum 1.
    z : float

    Notes
    -----
    It lies between the lowest and the highest of the normals' own, and is found by halving.
    """
    from scipy.special import ndtr

    sd, wanted = np.maximum(sd, _NARROWEST), ndtr(z)
    low, high = ((middle + z * sd).min(axis=0), (middle + z * sd).max(axis=0))
    for _ in range(_HALVINGS):
        half = (low + high) / 2
        below = share @ ndtr((half - middle) / sd) < wanted
        low, high = np.where(below, half, low), np.where(below, high, half)
    return np.asarray((low + high) / 2)


@strict
def average(fits: Sequence[ParametricFit], *, by: Criterion = "aic") -> ModelAverage:
    """Weight fits to the same patients by a criterion, each once; see `weights`."""
    found = weights(fits, by=by)
    names = [fit.name for fit in fits]
    if len(set(names)) < len(names):
        raise ValueError(f"Models are averaged once each, but were given {', '.join(names)}.")
    return ModelAverage(
        fits=tuple(fits),
        weights={fit.name: float(w) for fit, w in zip(fits, found, strict=True)},
    )


_FALLS_TO = 0.75  # share of the largest hazard during follow-up
_EARLY = 0.1  # share of the follow-up whose hazard is not looked at: some start at infinity
_NEVER = 0.01  # fraction that never has the event, worth a word
_POINTS = 240


@strict
def implausible(fit: ParametricFit, *, horizon: float, arm: str | None = None) -> tuple[str, ...]:
    """Return what is hard to believe of a fit between the end of follow-up and a horizon.

    Parameters
    ----------
    fit : ParametricFit
    horizon : float
        In the time unit, beyond the end of follow-up.
    arm : str, optional
        Needed if the fit is of two arms.

    Returns
    -------
    tuple of str
        A sentence each; empty if nothing was found. That a hazard falls is no proof against a
        model, and a sentence that it does is no reason to drop it: clinicians have to say.

    References
    ----------
    .. [1] Latimer N. NICE DSU Technical Support Document 14, 2011 (updated 2013), section 3.
    .. [2] Rutherford MJ, Lambert PC, Sweeting MJ, et al. NICE DSU Technical Support Document 21,
       2020.
    """
    return tuple(_found(fit, horizon, arm))


def _found(fit: ParametricFit, horizon: float, arm: str | None) -> Iterator[str]:
    unit = fit.time_unit.removesuffix("s")
    followed = np.linspace(_EARLY * fit.last_time, fit.last_time, _POINTS)
    highest = float(fit.hazard(followed, arm=arm).value.max())
    before, last = fit.hazard([0.99 * horizon, horizon], arm=arm).value
    if last < before and last < _FALLS_TO * highest:
        yield (
            f"The hazard falls to {100 * last / highest:.0f}% of its maximum during follow-up, "
            f"from {highest:.2g} to {last:.2g} per {unit} at {horizon:g}, and goes on falling; "
            "mortality of the general population rises with age."
        )
    if not np.isfinite(fit.mean(arm=arm).value):
        yield "Mean survival is infinite, so only restricted means can be used."
    if (never := _never(fit, arm)) > _NEVER:
        yield f"{100 * never:.0f}% of patients never have the event under this model."
    if fit.name.startswith("spline"):
        inside = np.linspace(fit.last_time / _POINTS, horizon, _POINTS)
        if not (fit.hazard(inside, arm=arm).value > 0).all():
            yield "The spline falls between events, where it implies a negative hazard."


def _never(fit: ParametricFit, arm: str | None) -> float:
    """Return the fraction that never has the event."""
    if fit.name == "gompertz" and fit.estimate[0] >= 0:
        return 0.0
    if fit.name == "gompertz" or isinstance(fit.distribution, MixtureCure):
        return float(fit.survival([fit.last_time * 1e6], arm=arm).value[0])
    return 0.0


@strict
def crossings(
    shorter: ParametricFit, longer: ParametricFit, *, horizon: float, arm: str
) -> str | None:
    """Say where the fitted progression-free survival exceeds overall survival.

    Parameters
    ----------
    shorter, longer : ParametricFit
        Of endpoints of which the first includes the second, such as PFS and OS.
    horizon : float
        In the time unit of both.
    arm : str
        Of both.

    Returns
    -------
    str or None
        None if the curves are in order up to the horizon.
    """
    time = np.linspace(0, horizon, _POINTS + 1)[1:]
    gap = shorter.survival(time, arm=arm).value - longer.survival(time, arm=arm).value
    beyond = time[gap > 1e-6]
    if not beyond.size:
        return None
    return (
        f"Arm {arm}: fitted progression-free survival ({shorter.name}) exceeds fitted overall "
        f"survival ({longer.name}) from {beyond[0]:.3g} {longer.time_unit} on, by up to "
        f"{100 * gap.max():.1f} percentage points, which is impossible."
    )


@strict
def empirical_hazard(
    ipd: PseudoIPD, *, arm: str, bandwidth: float | None = None, confidence_level: float = 0.95
) -> FittedCurve:
    """Smooth the hazard of one arm.

    Parameters
    ----------
    ipd : PseudoIPD
    arm : str
    bandwidth : float, optional
        Half the width of the kernel, in the time unit; by default a third of the time over which
        10 patients are at risk, times (20 / events)^(1/5), and at most half of it.
    confidence_level : float
        Coverage of the pointwise interval, in (0, 1).

    Returns
    -------
    FittedCurve
        At 101 times from 0 to the last at which 10 patients are at risk (all of them if the arm
        has fewer); `reconstruction_share` is NaN.

    Raises
    ------
    NotEstimable
        If there are fewer than two events while so many are at risk.
    KeyError
        If there is no such arm.
    ValueError
        If `bandwidth` is not positive.

    Notes
    -----
    h(t) is the sum over events of K((t - t_i) / b) / (b n_i), n_i at risk, with the Epanechnikov
    kernel K, divided by the kernel's area inside the range, and its variance the sum of the
    squares [1]_.

    References
    ----------
    .. [1] Ramlau-Hansen H. Ann Stat 1983;11:453-466. doi:10.1214/aos/1176346152.
    """
    time, event = ipd.of(arm)
    z = quantile(confidence_level)
    ordered = np.sort(time)[::-1]
    end = float(ordered[min(_LEAST_AT_RISK, ordered.size) - 1])
    at = np.sort(time[event & (time <= end)])
    if at.size < 2:
        raise NotEstimable(
            f"A smoothed hazard of arm {arm} needs at least 2 events while {_LEAST_AT_RISK} "
            f"patients are at risk; there {'is 1' if at.size == 1 else 'are none'}."
        )
    width = end / 3 * min(1.5, (20 / at.size) ** 0.2) if bandwidth is None else bandwidth
    if not width > 0:
        raise ValueError(f"`bandwidth` must be positive, but is {bandwidth}.")
    grid = np.linspace(0, end, _HAZARD_POINTS)
    kernel = _epanechnikov((grid[:, None] - at) / width) / width
    inside = _area((end - grid) / width) - _area(-grid / width)
    rate = kernel / inside[:, None] / n_at_risk_before(time, at)
    value = rate.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        half = np.exp(z * np.sqrt((rate**2).sum(axis=1)) / value)
    return FittedCurve(
        time=grid,
        value=value,
        lower=value / half,
        upper=value * half,
        reconstruction_share=np.full(grid.shape, np.nan),
    )


def _epanechnikov(u: FloatArray) -> FloatArray:
    return np.asarray(np.where(np.abs(u) < 1, 0.75 * (1 - u**2), 0.0))


def _area(u: FloatArray) -> FloatArray:
    """Return the kernel's area below u."""
    inside = np.clip(u, -1.0, 1.0)
    return np.asarray(0.5 + 0.75 * (inside - inside**3 / 3))

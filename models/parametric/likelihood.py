"""Maximum likelihood of one distribution in many data sets at once, by Newton's method.

lifelines' parametric fitters differentiate with autograd and fit one data set at a time; an
ensemble of 200 draws needs thousands of fits (``benchmarks/parametric.py`` times both). Here the
gradients are analytic, all draws take a step together, and the Hessian is the central difference of
the gradients. The search starts at a simpler distribution that has been fitted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ...reconstruct.pseudo_ipd import BoolArray, FloatArray
from .distribution import Distribution, Points
from .distributions import STANDARD
from .flexible import MixtureCure, Spline

__all__ = ["Fits", "Fitter", "Sample", "maximise"]


_MOST_STEPS = 200
_MOST_HALVINGS = 40
_LONGEST = {True: 2.0, False: 50.0}  # of a step, in typical sizes: of logarithms, of others
_DECREMENT = 1e-14  # g' I^-1 g: about the squared distance from the maximum in standard errors
_NO_MAXIMUM = 1e-6  # the same where the likelihood is flat in some direction
_NEARLY = 1e-9  # the same where rounding keeps the likelihood from rising any further
_FLATTEST = 1e-7  # share of the largest curvature that a direction is taken to have at least
_ROUNDING = 1e-11  # of a log likelihood
_STEP = 1e-3  # of the differences, in typical sizes


@dataclass(frozen=True, kw_only=True, eq=False)
class Sample:
    """Patients of every draw as a distribution sees them.

    Attributes
    ----------
    points : Points
        Times, shape (draws, n).
    event : ndarray of bool, shape (draws, n)
    treated : ndarray of float, shape (n,), or None
        1 in the treatment arm if its effect is a parameter.
    """

    points: Points
    event: BoolArray
    treated: FloatArray | None = None

    def take(self, rows: npt.NDArray[np.intp]) -> Sample:
        """Return some of the draws."""
        if rows.size == len(self.event):
            return self
        points = self.points
        return replace(
            self,
            event=self.event[rows],
            points=Points(
                time=points.time[rows],
                log_time=points.log_time[rows],
                basis=points.basis[:, rows] if points.basis.size else points.basis,
                slope=points.slope[:, rows] if points.slope.size else points.slope,
            ),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Fits:
    """The maximum of each draw's likelihood.

    Attributes
    ----------
    theta : ndarray of float, shape (draws, p)
        On the estimation scale; a treatment effect comes last.
    covariance : ndarray of float, shape (draws, p, p)
        Inverse of the observed information; NaN where there is no maximum.
    log_likelihood : ndarray of float, shape (draws,)
    converged : ndarray of bool, shape (draws,)
        Whether the gradient is 0 and the information positive definite.
    """

    theta: FloatArray
    covariance: FloatArray
    log_likelihood: FloatArray
    converged: BoolArray


def maximise(distribution: Distribution, sample: Sample, *, start: FloatArray) -> Fits:
    """Maximise the likelihood of every draw.

    Parameters
    ----------
    distribution : Distribution
    sample : Sample
    start : ndarray of float, shape (draws, p)
        Parameters at which the likelihood is positive.

    Notes
    -----
    The log likelihood is the sum of d ln h(t) - H(t), d = 1 for an event. Steps go along the
    Hessian's eigenvectors with curvatures made positive, no longer than two typical sizes of the
    parameters, and are halved until the likelihood rises.
    """
    sizes = _sizes(distribution, sample)
    longest = _LONGEST[set(distribution.links) != {"identity"}]
    theta = start.copy()
    going = np.arange(len(theta))
    done = np.zeros(len(theta), dtype=bool)
    value, gradient = _score(distribution, sample, theta)
    for _ in range(_MOST_STEPS):
        if not going.size:
            break
        part = sample.take(going)
        information = _information(distribution, part, theta[going], sizes=sizes, order=2)
        step, decrement, flat = _step(information, gradient[going], sizes, longest=longest)
        moved, risen = _searched(distribution, part, theta[going], step=step, value=value[going])
        theta[going] = moved
        value[going], gradient[going] = _score(distribution, part, moved)
        finished = decrement < _DECREMENT
        done[going] = finished | (~risen & (decrement < _NEARLY))
        # Along a flat direction the likelihood rises for ever: there is no maximum.
        endless = flat & (decrement < _NO_MAXIMUM)
        going = going[~(finished | endless | ~risen)]
    covariance, positive = _covariance(distribution, sample, theta, sizes=sizes)
    return Fits(theta=theta, covariance=covariance, log_likelihood=value, converged=done & positive)


def _sizes(distribution: Distribution, sample: Sample) -> FloatArray:
    sizes = distribution.scales(sample.points)
    return sizes if sample.treated is None else np.append(sizes, sizes[distribution.location])


def _score(
    distribution: Distribution, sample: Sample, theta: FloatArray, *, full: bool = True
) -> tuple[FloatArray, FloatArray]:
    """Return the log likelihood, -inf where it is undefined, and its gradient."""
    p = len(distribution.parameters)
    columns = [column[:, None] for column in theta.T]
    inner = columns[:p]
    if sample.treated is not None:
        inner[distribution.location] = inner[distribution.location] + columns[p] * sample.treated
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        at = distribution.evaluate(sample.points, inner, full=full)
        each = np.where(sample.event, at.log_hazard, 0.0) - at.cumulative
        value = each.sum(axis=1)
        by_patient = np.where(sample.event, at.d_log_hazard, 0.0) - at.d_cumulative
        gradient = by_patient.sum(axis=2).T
        if sample.treated is not None:
            effect = (by_patient[distribution.location] * sample.treated).sum(axis=1)
            gradient = np.column_stack([gradient, effect])
    return np.where(np.isfinite(value), value, -np.inf), gradient


# Central differences of second and fourth order: how far to go, the weights of the gradients for
# a first and of the values for a second derivative (there also that of the middle).
_STENCILS = {2: ((1, 0.5, 1.0),), 4: ((1, 8 / 12, 16 / 12), (2, -1 / 12, -1 / 12))}
_MIDDLE = {2: -2.0, 4: -30 / 12}


def _information(
    distribution: Distribution,
    sample: Sample,
    theta: FloatArray,
    *,
    sizes: FloatArray,
    order: int,
) -> FloatArray:
    """Return minus the Hessian by central differences, shape (draws, p, p).

    Its columns are differences of gradients. In the parameter whose derivative is itself a
    difference the row is that column, and the diagonal a second difference of the likelihood.
    """
    middle = _score(distribution, sample, theta, full=False)[0]
    found = np.zeros((*theta.shape, theta.shape[1]))
    width = _STEP if order == 4 else 0.1 * _STEP
    with np.errstate(invalid="ignore"):
        for k, size in enumerate(sizes):
            step = np.where(np.arange(sizes.size) == k, width * size, 0.0)
            second = _MIDDLE[order] * middle
            for times, weight, weight_of_values in _STENCILS[order]:
                high, above = _score(distribution, sample, theta + times * step, full=False)
                low, below = _score(distribution, sample, theta - times * step, full=False)
                found[:, :, k] -= weight * (above - below) / step[k]
                second = second + weight_of_values * (high + low)
            if k == distribution.numeric:
                found[:, k, k] = -second / step[k] ** 2
    if (numeric := distribution.numeric) is not None:
        found[:, numeric, :] = found[:, :, numeric]
    return np.asarray((found + found.transpose(0, 2, 1)) / 2)


def _step(
    information: FloatArray, gradient: FloatArray, sizes: FloatArray, *, longest: float
) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Return the step of each draw, the decrement g' I^-1 g, and whether a direction is flat."""
    scaled = np.nan_to_num(information * np.outer(sizes, sizes))
    slope = np.nan_to_num(gradient * sizes)
    curvature, vectors = np.linalg.eigh(scaled)
    largest = np.abs(curvature).max(axis=1, keepdims=True)
    flat = curvature[:, 0] < _FLATTEST * largest[:, 0]
    curvature = np.maximum(np.abs(curvature), np.maximum(_FLATTEST * largest, 1e-12))
    along = np.einsum("dji,dj->di", vectors, slope)
    step = np.einsum("dij,dj->di", vectors, along / curvature)
    decrement = (along**2 / curvature).sum(axis=1)
    length = np.abs(step).max(axis=1, keepdims=True)
    step = step * np.minimum(1.0, longest / np.maximum(length, 1e-300)) * sizes
    return step, decrement, flat


def _searched(
    distribution: Distribution,
    sample: Sample,
    theta: FloatArray,
    *,
    step: FloatArray,
    value: FloatArray,
) -> tuple[FloatArray, BoolArray]:
    """Halve the step of each draw until its likelihood does not fall; say where it did so."""
    moved = theta.copy()
    falling = np.arange(len(theta))
    for halvings in range(_MOST_HALVINGS):
        trial = theta[falling] + step[falling] * 0.5**halvings
        found = _score(distribution, sample.take(falling), trial, full=False)[0]
        fine = found >= value[falling] - _ROUNDING * np.abs(value[falling])
        moved[falling[fine]] = trial[fine]
        falling = falling[~fine]
        if not falling.size:
            break
    risen = np.ones(len(theta), dtype=bool)
    risen[falling] = False
    return moved, risen


def _covariance(
    distribution: Distribution, sample: Sample, theta: FloatArray, *, sizes: FloatArray
) -> tuple[FloatArray, BoolArray]:
    """Invert the information of every draw; NaN where it is not positive definite."""
    information = _information(distribution, sample, theta, sizes=sizes, order=4)
    scaled = information * np.outer(sizes, sizes)
    finite = np.isfinite(scaled).all(axis=(1, 2))
    covariance = np.full_like(scaled, np.nan)
    lowest = np.full(len(theta), -np.inf)
    if finite.any():
        curvature = np.linalg.eigvalsh(scaled[finite])
        lowest[finite] = curvature[:, 0] / np.maximum(curvature[:, -1], 1e-300)
    positive = lowest > 1e-13
    if positive.any():
        covariance[positive] = np.linalg.inv(scaled[positive]) * np.outer(sizes, sizes)
    return covariance, positive


_WITHIN = {"hazard": "weibull", "odds": "loglogistic", "normal": "lognormal"}
_CURED = (0.05, 0.5)  # least and most that are first taken to be cured


class Fitter:
    """Fits distributions to the same patients, each starting at what is known already.

    Parameters
    ----------
    time : ndarray of float, shape (draws, n)
        Positive.
    event : ndarray of bool, shape (draws, n)
    treated : ndarray of float, shape (n,), optional
        1 in the treatment arm; its effect is then a parameter.
    """

    def __init__(
        self, time: FloatArray, event: BoolArray, *, treated: FloatArray | None = None
    ) -> None:
        self._time, self._event, self._treated = time, event, treated
        self._known: dict[str, Fits] = {}

    def fit(self, distribution: Distribution) -> Fits:
        """Fit a distribution, once."""
        name = distribution.name
        if name not in self._known:
            sample = Sample(
                points=distribution.points(self._time), event=self._event, treated=self._treated
            )
            self._known[name] = maximise(distribution, sample, start=self._start(distribution))
        return self._known[name]

    def _start(self, distribution: Distribution) -> FloatArray:
        if isinstance(distribution, Spline):
            return self._spline(distribution)
        if isinstance(distribution, MixtureCure):
            return self._cure(distribution)
        starts: dict[str, Callable[[], list[FloatArray]]] = {
            "exponential": lambda: [self._log_rate()],
            "weibull": lambda: [self._zero(), -self._rate()],
            "gompertz": lambda: [self._zero(), self._rate()],
            "lognormal": lambda: [-self._rate() - 0.3, self._zero()],
            "loglogistic": lambda: [self._zero(), -self._rate() - 0.4],
            "gamma": lambda: [self._zero(), self._rate()],
            "gengamma": self._generalised,
        }
        theta = starts[distribution.name]()
        if self._treated is not None and len(theta) == len(distribution.parameters):
            theta.append(self._zero())
        return np.column_stack(theta)

    def _zero(self) -> FloatArray:
        return np.zeros(len(self._time))

    def _log_rate(self) -> FloatArray:
        return np.asarray(np.log(self._event.sum(axis=1) / self._time.sum(axis=1)))

    def _rate(self) -> FloatArray:
        return self.fit(STANDARD["exponential"]).theta[:, 0]

    def _generalised(self) -> list[FloatArray]:
        """Start each draw at the better of its Weibull and log-normal fits, both special cases."""
        weibull, normal = self.fit(STANDARD["weibull"]), self.fit(STANDARD["lognormal"])
        first = np.column_stack(
            [weibull.theta[:, 1], -weibull.theta[:, 0], np.ones(len(self._time))]
        )
        second = np.column_stack([normal.theta[:, :2], self._zero() + 0.1])
        if self._treated is not None:
            first = np.column_stack([first, weibull.theta[:, 2]])
            second = np.column_stack([second, normal.theta[:, 2]])
        better = (weibull.log_likelihood > normal.log_likelihood)[:, None]
        return list(np.where(better, first, second).T)

    def _spline(self, distribution: Spline) -> FloatArray:
        """Start at the distribution that is a straight line on the spline's scale."""
        line = self.fit(STANDARD[_WITHIN[distribution.scale]])
        if distribution.scale == "normal":
            slope, intercept = np.exp(-line.theta[:, 1]), line.theta[:, 0]
        else:
            slope, intercept = np.exp(line.theta[:, 0]), line.theta[:, 1]
        theta = np.zeros((len(slope), len(distribution.knots)))
        theta[:, 0], theta[:, 1] = -slope * intercept, slope
        if self._treated is not None:
            theta = np.column_stack([theta, -slope * line.theta[:, 2]])
        return theta

    def _cure(self, distribution: MixtureCure) -> FloatArray:
        """Start with the fraction that has no event, and the others' fit to the whole."""
        base = Fitter(self._time, self._event).fit(distribution.uncured).theta
        without = np.clip(1 - self._event.mean(axis=1), *_CURED)
        theta = np.column_stack([np.log(without / (1 - without)), base])
        if self._treated is not None:
            theta = np.column_stack([theta, self._zero()])
        return theta

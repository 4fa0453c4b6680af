"""What every survival distribution offers: hazard, gradients, areas, and tails as logarithms.

The tails of normal and gamma variables are taken as logarithms also where they underflow.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np

from ...reconstruct.pseudo_ipd import FloatArray

__all__ = [
    "LOG_ROOT_2PI",
    "RATIOS",
    "Distribution",
    "Effect",
    "Evaluation",
    "Link",
    "Points",
    "Theta",
    "differentiated",
    "evaluation",
    "log_lower",
    "log_time_nodes",
    "log_upper",
    "natural",
    "normal_tail",
    "with_effect",
]

Link = Literal["log", "logit", "identity"]
Effect = Literal["PH", "AFT", "AFT (rate)", "PO", "probit"]
"""What a treatment coefficient multiplies: hazard, time, rate (1 / time), odds, or shifts z."""
RATIOS: dict[Effect, str] = {
    "PH": "hazard ratio",
    "AFT": "time ratio",
    "AFT (rate)": "rate ratio",
    "PO": "odds ratio",
    "probit": "exp(shift of the normal deviate)",
}

LOG_ROOT_2PI = 0.5 * math.log(2 * math.pi)
_TINY = 1e-290  # below which an incomplete gamma function is taken as a series or a fraction
_TERMS = 200  # of these
_FOURTH_ORDER = ((-2, 1 / 12), (-1, -8 / 12), (1, 8 / 12), (2, -1 / 12))


@dataclass(frozen=True, kw_only=True, eq=False)
class Points:
    """Times at which a distribution is evaluated, with what it derives from them once.

    Attributes
    ----------
    time, log_time : ndarray of float, shape (draws or 1, n)
        Positive.
    basis, slope : ndarray of float, shape (k, draws or 1, n)
        Of a spline in log time, and its derivative; empty for other distributions.
    """

    time: FloatArray
    log_time: FloatArray
    basis: FloatArray = field(default_factory=lambda: np.empty((0, 1, 1)))
    slope: FloatArray = field(default_factory=lambda: np.empty((0, 1, 1)))


@dataclass(frozen=True, kw_only=True, eq=False)
class Evaluation:
    """A distribution at some times.

    Attributes
    ----------
    log_hazard, cumulative : ndarray of float, shape (draws, n)
        Logarithm of the hazard, and the cumulative hazard -ln S.
    d_log_hazard, d_cumulative : ndarray of float, shape (p, draws, n)
        Their derivatives in each parameter on its estimation scale.
    """

    log_hazard: FloatArray
    cumulative: FloatArray
    d_log_hazard: FloatArray
    d_cumulative: FloatArray


Theta = Sequence[FloatArray]
"""One array for each parameter on its estimation scale, each broadcast against the times."""


class Distribution(Protocol):
    """One family of survival distributions.

    Attributes
    ----------
    name : str
        Such as "weibull".
    flexsurv : str
        What flexsurv's `dist` calls it.
    parameters : tuple of str
        In flexsurv's order.
    links : tuple of {"log", "logit", "identity"}
        From the parameter to its estimation scale.
    location : int
        The parameter that a treatment acts on.
    effect : {"PH", "AFT", "AFT (rate)", "PO", "probit"}
        What that does.
    numeric : int or None
        The parameter in which derivatives have no closed form.
    """

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def flexsurv(self) -> str: ...  # noqa: D102
    @property
    def parameters(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def links(self) -> tuple[Link, ...]: ...  # noqa: D102
    @property
    def effect(self) -> Effect: ...  # noqa: D102

    @property
    def location(self) -> int:
        """The first."""
        return 0

    @property
    def numeric(self) -> int | None:
        """None: all have one."""
        return None

    def points(self, time: FloatArray) -> Points:
        """Prepare times, shape (draws or 1, n)."""
        with np.errstate(divide="ignore"):
            return Points(time=time, log_time=np.log(time))

    def evaluate(self, at: Points, theta: Theta, *, full: bool = True) -> Evaluation:
        """Return hazard and cumulative hazard, with derivatives.

        Unless `full`, derivatives in the parameter `numeric` are left at 0, which saves time.
        """

    def scales(self, at: Points) -> FloatArray:  # noqa: ARG002
        """Return a typical size of each parameter on its estimation scale, shape (p,).

        It is 1, as of a logarithm.
        """
        return np.ones(len(self.parameters))

    def mean_is_finite(self, theta: FloatArray) -> bool:  # noqa: ARG002
        """Say whether the mean exists at parameters of shape (p,): always."""
        return True

    def log_mean(self, theta: Theta) -> FloatArray | None:  # noqa: ARG002
        """Return the logarithm of a mean that exists; None if it has no closed form."""
        return None


def differentiated(function: Callable[[float], FloatArray], *, step: float = 1e-3) -> FloatArray:
    """Return the derivative of a function at 0 by a fourth-order central difference."""
    return np.asarray(sum(weight * function(k * step) for k, weight in _FOURTH_ORDER) / step)


def evaluation(
    log_hazard: FloatArray,
    cumulative: FloatArray,
    d_log_hazard: list[FloatArray],
    d_cumulative: list[FloatArray],
) -> Evaluation:
    """Return an evaluation, the derivatives stacked.

    Parameters
    ----------
    log_hazard, cumulative : ndarray of float, shape (draws, k)
    d_log_hazard, d_cumulative : list of ndarray of float, shape (draws, k)
        One for each parameter.
    """
    return Evaluation(
        log_hazard=log_hazard,
        cumulative=cumulative,
        d_log_hazard=np.stack(d_log_hazard),
        d_cumulative=np.stack(d_cumulative),
    )


_NODES = 8
_FINE, _COARSE = 0.25, 1.0  # width of panels in log time
_NEAR = 5.0  # log time around the end of follow-up where panels are fine
_EARLIEST = 36.0  # exp(-36) of the end of follow-up: nothing is lived before
_LATEST = 600.0


def log_time_nodes(*, until: float | None, scale: float) -> tuple[FloatArray, FloatArray]:
    """Return times and weights such that the sum of weight S(time) is the area under S.

    Parameters
    ----------
    until : float or None
        End of the area, positive; None for the whole.
    scale : float
        A time at which survival changes, such as the end of follow-up.

    Returns
    -------
    time, weight : ndarray of float, shape (k,)

    Notes
    -----
    Gauss-Legendre rules with 8 nodes on panels of ln t: the integral of S dt is that of
    S(e^x) e^x dx. Panels are 0.25 wide near the end of follow-up, where splines have knots.
    """
    middle = math.log(scale)
    last = middle + _LATEST if until is None else math.log(until)
    fine = np.arange(middle - _NEAR, min(middle + _NEAR, last), _FINE)
    edges: list[FloatArray] = [
        np.arange(middle - _EARLIEST, min(middle - _NEAR, last), _COARSE),
        fine,
        np.arange(middle + _NEAR, last, _COARSE) if last > middle + _NEAR else np.empty(0),
        np.array([last]),
    ]
    at = np.unique(np.concatenate(edges))
    node, weight = _rule()
    half = np.diff(at)[:, None] / 2
    x = (at[:-1, None] + half + half * node).ravel()
    time = np.exp(x)
    return time, (half * weight).ravel() * time


@functools.cache
def _rule() -> tuple[FloatArray, FloatArray]:
    return np.polynomial.legendre.leggauss(_NODES)


def normal_tail(z: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return -ln(1 - Phi(z)) and its derivative, the inverse Mills ratio."""
    from scipy.special import log_ndtr

    cumulative = -log_ndtr(-z)
    with np.errstate(over="ignore", invalid="ignore"):
        mills = np.exp(-0.5 * z**2 - LOG_ROOT_2PI + cumulative)
    return cumulative, np.where(np.isneginf(z), 0.0, mills)


def log_upper(a: FloatArray, x: FloatArray) -> FloatArray:
    """Return ln Q(a, x), the logarithm of the regularised upper incomplete gamma function."""
    from scipy.special import gammaincc, gammaln

    value = gammaincc(a, x)
    with np.errstate(divide="ignore"):
        result = np.asarray(np.log(value))
    far = (value < _TINY) & np.isfinite(x)
    if far.any():
        a, x = (np.broadcast_to(each, value.shape)[far] for each in (a, x))
        result[far] = a * np.log(x) - x - gammaln(a) + np.log(_continued_fraction(a, x))
    return result


def log_lower(a: FloatArray, x: FloatArray) -> FloatArray:
    """Return ln P(a, x), the logarithm of the regularised lower incomplete gamma function."""
    from scipy.special import gammainc, gammaln

    value = gammainc(a, x)
    with np.errstate(divide="ignore"):
        result = np.asarray(np.log(value))
    far = (value < _TINY) & (x > 0)
    if far.any():
        a, x = (np.broadcast_to(each, value.shape)[far] for each in (a, x))
        result[far] = a * np.log(x) - x - gammaln(a + 1) + np.log(_series(a, x))
    return result


def _continued_fraction(a: FloatArray, x: FloatArray) -> FloatArray:
    """Return Gamma(a, x) e^x x^-a by the modified Lentz method, for x above a + 1.

    References
    ----------
    .. [1] NIST Digital Library of Mathematical Functions, 8.9.2. https://dlmf.nist.gov/8.9.
    """
    b = x + 1 - a
    c, d = np.full_like(b, 1e300), 1 / b
    value = d.copy()
    for k in range(1, _TERMS):
        numerator = -k * (k - a)
        b = b + 2
        d = 1 / (numerator * d + b)
        c = b + numerator / c
        value = value * c * d
    return value


def _series(a: FloatArray, x: FloatArray) -> FloatArray:
    """Return the sum of x^k / ((a + 1) ... (a + k)), for x below a.

    References
    ----------
    .. [1] NIST Digital Library of Mathematical Functions, 8.7.1. https://dlmf.nist.gov/8.7.
    """
    term = np.ones_like(x)
    total = term.copy()
    for k in range(1, _TERMS):
        term = term * x / (a + k)
        total = total + term
    return total


def with_effect(slope: FloatArray, place: int, *, treated: bool) -> FloatArray:
    """Append the derivative in the effect: that in the location, or 0 in the reference arm.

    Parameters
    ----------
    slope : ndarray of float, shape (p, ...)
        Derivatives in the parameters of a distribution.
    place : int
        Of the location among them.
    treated : bool
    """
    # A product with 0 would be NaN where a derivative is infinite.
    effect = slope[[place]] if treated else np.zeros_like(slope[[place]])
    return np.concatenate([slope, effect])


def natural(value: float, link: str) -> float:
    """Return a parameter on its natural scale from its value on the scale of estimation."""
    if link == "log":
        return math.exp(value)
    return 1 / (1 + math.exp(-value)) if link == "logit" else float(value)

"""Gamma and generalised gamma distributions, whose derivative in one parameter is a difference.

Their incomplete gamma functions are taken as logarithms, also where the functions underflow.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ...reconstruct.pseudo_ipd import FloatArray
from .distribution import Effect, Evaluation, Link, Plain, Points, Theta, differentiated, evaluation

__all__ = ["Gamma", "GeneralisedGamma", "log_lower", "log_upper"]

_LOG_ROOT_2PI = 0.5 * math.log(2 * math.pi)


@dataclass(frozen=True)
class Gamma(Plain):
    """The density is rate^shape t^(shape - 1) exp(-rate t) / Gamma(shape)."""

    name: str = "gamma"
    flexsurv: str = "gamma"
    parameters: tuple[str, ...] = ("shape", "rate")
    links: tuple[Link, ...] = ("log", "log")
    location: int = 1
    effect: Effect = "AFT (rate)"
    numeric: int | None = 0

    def log_mean(self, theta: Theta) -> FloatArray | None:
        """Return ln(shape / rate)."""
        return np.asarray(theta[0] - theta[1])

    def evaluate(self, at: Points, theta: Theta, *, full: bool = True) -> Evaluation:
        """Return hazard and cumulative hazard, with derivatives."""
        from scipy.special import digamma, gammaln

        log_shape, log_rate = theta
        shape = np.exp(log_shape)
        x = np.exp(log_rate) * at.time
        cumulative = -log_upper(shape, x)
        # Time 0 is where the density may be 0 or infinite; nothing is asked of it there.
        log_x = log_rate + at.log_time
        with np.errstate(invalid="ignore"):
            log_density = shape * log_x - at.log_time - x - gammaln(shape)
            log_hazard = log_density + cumulative
        by_shape = np.zeros_like(x)
        if full:
            by_shape = -differentiated(lambda step: log_upper(np.exp(log_shape + step), x))
        by_rate = np.exp(log_hazard + at.log_time)
        return evaluation(
            log_hazard,
            cumulative,
            [shape * (log_x - digamma(shape)) + by_shape, shape - x + by_rate],
            [by_shape, by_rate],
        )


@dataclass(frozen=True)
class GeneralisedGamma(Plain):
    """Prentice's form: with w = (ln t - mu) / sigma, exp(Q w) / Q² is gamma with shape 1 / Q².

    Q = 1 is Weibull, Q = 0 log-normal, Q = sigma gamma.

    References
    ----------
    .. [1] Prentice RL. Biometrika 1974;61:539-544. doi:10.1093/biomet/61.3.539.
    """

    name: str = "gengamma"
    flexsurv: str = "gengamma"
    parameters: tuple[str, ...] = ("mu", "sigma", "Q")
    links: tuple[Link, ...] = ("identity", "log", "identity")
    location: int = 0
    effect: Effect = "AFT"
    numeric: int | None = 2

    def log_mean(self, theta: Theta) -> FloatArray | None:
        """Return mu + ln(Gamma(1/Q² + sigma/Q) / Gamma(1/Q²)) + 2 (sigma / Q) ln |Q|."""
        from scipy.special import gammaln

        mu, log_sigma, q = theta
        sigma = np.exp(log_sigma)
        tiny = np.abs(q) < 1e-3  # where the difference from log-normal has the smaller error
        safe = np.where(tiny, 1.0, q)
        a, ratio = safe**-2.0, sigma / safe
        general = gammaln(a + ratio) - gammaln(a) + 2 * ratio * np.log(np.abs(safe))
        return np.asarray(mu + np.where(tiny, sigma**2 / 2 + q * sigma**3 / 6, general))

    def evaluate(self, at: Points, theta: Theta, *, full: bool = True) -> Evaluation:
        """Return hazard and cumulative hazard, with derivatives."""
        mu, log_sigma, q = theta
        sigma = np.exp(log_sigma)
        w = (at.log_time - mu) / sigma
        with np.errstate(invalid="ignore", over="ignore"):
            log_f = _log_density(w, q) - log_sigma - at.log_time
            cumulative = -_log_survival(w, q)
            log_hazard = log_f + cumulative
            th = np.exp(log_hazard + at.log_time)  # t h: minus the derivative of -ln S in mu
            rise = _rise(w, q)  # (e^(Q w) - 1) / Q
            f_by_q = s_by_q = np.zeros_like(w)
            if full:
                f_by_q = differentiated(lambda step: _log_density(w, q + step))
                s_by_q = differentiated(lambda step: _log_survival(w, q + step))
            scaled = np.where(np.isfinite(w), w, 0.0) * sigma
            d_cumulative = [-th, -scaled * th, -s_by_q]
            d_log_f = [rise / sigma, scaled * rise / sigma - 1, f_by_q]
        d_log_hazard = [f + s for f, s in zip(d_log_f, d_cumulative, strict=True)]
        return evaluation(log_hazard, cumulative, d_log_hazard, d_cumulative)

    def mean_is_finite(self, theta: FloatArray) -> bool:
        """Say whether the tail, a power of t if Q < 0, falls faster than 1 / t."""
        return bool(theta[2] >= 0 or math.exp(theta[1]) * -theta[2] < 1)


_LOG_NORMAL_BELOW = 1e-5  # |Q| at which the difference from log-normal is below rounding


def _rise(w: FloatArray, q: FloatArray) -> FloatArray:
    tiny = np.abs(q) < _LOG_NORMAL_BELOW
    return np.where(tiny, w, np.expm1(q * w) / np.where(tiny, 1.0, q))


def _log_density(w: FloatArray, q: FloatArray) -> FloatArray:
    """Return the logarithm of the density of w, without a cancellation where Q is small.

    ln f = -ln sqrt(2 pi) - (e^x - 1 - x) / Q² - r(1 / Q²), x = Q w, r Stirling's remainder.
    """
    tiny = np.abs(q) < _LOG_NORMAL_BELOW
    safe = np.where(tiny, 1.0, q)
    x = safe * w
    small = np.abs(x) < 0.02
    near = np.where(small, x, 0.0)
    series = near**2 / 2 * (1 + near / 3 * (1 + near / 4 * (1 + near / 5 * (1 + near / 6))))
    excess = np.where(small, series, np.expm1(x) - x) / safe**2
    return np.where(tiny, -0.5 * w**2, -excess - _stirling_remainder(1 / safe**2)) - _LOG_ROOT_2PI


def _stirling_remainder(a: FloatArray) -> FloatArray:
    """Return ln Gamma(a) - ((a - 1/2) ln a - a + ln sqrt(2 pi))."""
    from scipy.special import gammaln

    large = a > 100
    big = np.where(large, a, 100.0)
    series = 1 / (12 * big) - 1 / (360 * big**3) + 1 / (1260 * big**5)
    few = np.where(large, 1.0, a)
    return np.where(large, series, gammaln(few) - (few - 0.5) * np.log(few) + few - _LOG_ROOT_2PI)


def _log_survival(w: FloatArray, q: FloatArray) -> FloatArray:
    from scipy.special import log_ndtr

    w, q = np.broadcast_arrays(w, q)
    survival = np.array(log_ndtr(-w))
    for tail, chosen in ((log_upper, q >= _LOG_NORMAL_BELOW), (log_lower, q <= -_LOG_NORMAL_BELOW)):
        if chosen.any():
            a = 1 / q[chosen] ** 2
            survival[chosen] = tail(a, a * np.exp(q[chosen] * w[chosen]))
    return survival


_TINY = 1e-290
_TERMS = 200


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

"""The standard survival distributions in flexsurv's parametrisations.

The derivatives of gamma and generalised gamma in one parameter are differences.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ...reconstruct.pseudo_ipd import FloatArray
from .distribution import (
    LOG_ROOT_2PI,
    Distribution,
    Effect,
    Evaluation,
    Link,
    Points,
    Theta,
    differentiated,
    evaluation,
    log_lower,
    log_upper,
    normal_tail,
)

__all__ = [
    "STANDARD",
    "Exponential",
    "Gamma",
    "GeneralisedGamma",
    "Gompertz",
    "LogLogistic",
    "LogNormal",
    "Weibull",
]


@dataclass(frozen=True)
class Exponential(Distribution):
    """h = rate."""

    name: str = "exponential"
    flexsurv: str = "exp"
    parameters: tuple[str, ...] = ("rate",)
    links: tuple[Link, ...] = ("log",)
    effect: Effect = "PH"

    def log_mean(self, theta: Theta) -> FloatArray | None:
        """Return -ln(rate)."""
        return -theta[0]

    def evaluate(self, at: Points, theta: Theta, *, full: bool = True) -> Evaluation:  # noqa: ARG002
        """Return hazard and cumulative hazard, with derivatives."""
        (log_rate,) = theta
        cumulative = np.exp(log_rate) * at.time
        log_hazard = log_rate + np.zeros_like(cumulative)
        return evaluation(log_hazard, cumulative, [np.ones_like(cumulative)], [cumulative])


@dataclass(frozen=True)
class Weibull(Distribution):
    """S = exp(-(t / scale)^shape)."""

    name: str = "weibull"
    flexsurv: str = "weibull"
    parameters: tuple[str, ...] = ("shape", "scale")
    links: tuple[Link, ...] = ("log", "log")
    location: int = 1
    effect: Effect = "AFT"

    def log_mean(self, theta: Theta) -> FloatArray | None:
        """Return ln(scale Gamma(1 + 1 / shape))."""
        from scipy.special import gammaln

        return np.asarray(theta[1] + gammaln(1 + np.exp(-theta[0])))

    def evaluate(self, at: Points, theta: Theta, *, full: bool = True) -> Evaluation:  # noqa: ARG002
        """Return hazard and cumulative hazard, with derivatives."""
        log_shape, log_scale = theta
        shape = np.exp(log_shape)
        u = shape * (at.log_time - log_scale)
        cumulative = np.exp(u)
        flat = -shape + np.zeros_like(u)
        return evaluation(
            log_shape + u - at.log_time,
            cumulative,
            [1 + u, flat],
            # u is -inf at time 0, where the cumulative hazard is 0.
            [cumulative * np.where(cumulative > 0, u, 0.0), cumulative * flat],
        )


@dataclass(frozen=True)
class Gompertz(Distribution):
    """h = rate exp(shape t); a negative shape leaves a fraction that never has the event."""

    name: str = "gompertz"
    flexsurv: str = "gompertz"
    parameters: tuple[str, ...] = ("shape", "rate")
    links: tuple[Link, ...] = ("identity", "log")
    location: int = 1
    effect: Effect = "PH"

    def scales(self, at: Points) -> FloatArray:
        """Return the sizes: the shape is per unit of time."""
        return np.array([1 / float(at.time.max()), 1.0])

    def evaluate(self, at: Points, theta: Theta, *, full: bool = True) -> Evaluation:  # noqa: ARG002
        """Return hazard and cumulative hazard, with derivatives."""
        shape, log_rate = theta
        x = shape * at.time
        base = np.exp(log_rate) * at.time
        growth, d_growth = _mean_exponential(x)
        cumulative = base * growth
        one = np.ones_like(cumulative)
        return evaluation(
            log_rate + x, cumulative, [one * at.time, one], [base * at.time * d_growth, cumulative]
        )

    def mean_is_finite(self, theta: FloatArray) -> bool:
        """Say whether everybody has the event at last."""
        return bool(theta[0] >= 0)


def _mean_exponential(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return (e^x - 1) / x and its derivative; near 0, where digits cancel, by their series."""
    small = np.abs(x) < 0.02
    near = np.where(small, x, 0.0)
    with np.errstate(over="ignore"):
        far = np.where(small, 1.0, x)
        value = np.expm1(far) / far
        derivative = (np.exp(far) - value) / far
    series = 1 + near / 2 * (1 + near / 3 * (1 + near / 4 * (1 + near / 5 * (1 + near / 6))))
    d_series = 0.5 + near / 3 + near**2 / 8 + near**3 / 30 + near**4 / 144 + near**5 / 840
    return np.where(small, series, value), np.where(small, d_series, derivative)


@dataclass(frozen=True)
class LogNormal(Distribution):
    """The logarithm of time is normal with mean `meanlog` and standard deviation `sdlog`."""

    name: str = "lognormal"
    flexsurv: str = "lnorm"
    parameters: tuple[str, ...] = ("meanlog", "sdlog")
    links: tuple[Link, ...] = ("identity", "log")
    effect: Effect = "AFT"

    def log_mean(self, theta: Theta) -> FloatArray | None:
        """Return meanlog + sdlog² / 2."""
        return np.asarray(theta[0] + np.exp(2 * theta[1]) / 2)

    def evaluate(self, at: Points, theta: Theta, *, full: bool = True) -> Evaluation:  # noqa: ARG002
        """Return hazard and cumulative hazard, with derivatives."""
        mean, log_sd = theta
        sd = np.exp(log_sd)
        z = (at.log_time - mean) / sd
        cumulative, mills = normal_tail(z)
        log_hazard = np.log(mills) - log_sd - at.log_time
        steep = mills - z  # derivative of ln(mills)
        known = np.isfinite(z)
        by_sd = np.where(known, -z, 0.0)
        return evaluation(
            log_hazard,
            cumulative,
            [-steep / sd, np.where(known, steep, 0.0) * by_sd - 1],
            [-mills / sd, mills * by_sd],
        )


@dataclass(frozen=True)
class LogLogistic(Distribution):
    """S = 1 / (1 + (t / scale)^shape)."""

    name: str = "loglogistic"
    flexsurv: str = "llogis"
    parameters: tuple[str, ...] = ("shape", "scale")
    links: tuple[Link, ...] = ("log", "log")
    location: int = 1
    effect: Effect = "AFT"

    def log_mean(self, theta: Theta) -> FloatArray | None:
        """Return ln(scale x / sin x), x = pi / shape."""
        x = math.pi * np.exp(-theta[0])
        return np.asarray(theta[1] + np.log(x / np.sin(x)))

    def evaluate(self, at: Points, theta: Theta, *, full: bool = True) -> Evaluation:  # noqa: ARG002
        """Return hazard and cumulative hazard, with derivatives."""
        log_shape, log_scale = theta
        shape = np.exp(log_shape)
        u = shape * (at.log_time - log_scale)
        cumulative = np.logaddexp(0, u)
        share = np.exp(u - cumulative)
        du = np.where(np.isfinite(u), u, 0.0)
        flat = -shape + np.zeros_like(u)
        return evaluation(
            log_shape - at.log_time + u - cumulative,
            cumulative,
            [1 + (1 - share) * du, (1 - share) * flat],
            [share * du, share * flat],
        )

    def mean_is_finite(self, theta: FloatArray) -> bool:
        """Say whether the tail falls faster than 1 / t."""
        return bool(theta[0] > 0)


@dataclass(frozen=True)
class Gamma(Distribution):
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
class GeneralisedGamma(Distribution):
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
    return np.where(tiny, -0.5 * w**2, -excess - _stirling_remainder(1 / safe**2)) - LOG_ROOT_2PI


def _stirling_remainder(a: FloatArray) -> FloatArray:
    """Return ln Gamma(a) - ((a - 1/2) ln a - a + ln sqrt(2 pi))."""
    from scipy.special import gammaln

    large = a > 100
    big = np.where(large, a, 100.0)
    series = 1 / (12 * big) - 1 / (360 * big**3) + 1 / (1260 * big**5)
    few = np.where(large, 1.0, a)
    return np.where(large, series, gammaln(few) - (few - 0.5) * np.log(few) + few - LOG_ROOT_2PI)


def _log_survival(w: FloatArray, q: FloatArray) -> FloatArray:
    from scipy.special import log_ndtr

    w, q = np.broadcast_arrays(w, q)
    survival = np.array(log_ndtr(-w))
    for tail, chosen in ((log_upper, q >= _LOG_NORMAL_BELOW), (log_lower, q <= -_LOG_NORMAL_BELOW)):
        if chosen.any():
            a = 1 / q[chosen] ** 2
            survival[chosen] = tail(a, a * np.exp(q[chosen] * w[chosen]))
    return survival


STANDARD: dict[str, Distribution] = {
    each.name: each
    for each in (
        Exponential(),
        Weibull(),
        Gompertz(),
        LogNormal(),
        LogLogistic(),
        Gamma(),
        GeneralisedGamma(),
    )
}
"""The seven standard distributions by name."""

"""The standard survival distributions in flexsurv's parametrisations, and mixtures for cure."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ...reconstruct.pseudo_ipd import FloatArray
from .distribution import Distribution, Effect, Evaluation, Link, Plain, Points, Theta, evaluation
from .gamma_family import Gamma, GeneralisedGamma

__all__ = [
    "STANDARD",
    "Exponential",
    "Gompertz",
    "LogLogistic",
    "LogNormal",
    "MixtureCure",
    "Weibull",
    "normal_tail",
]

_LOG_ROOT_2PI = 0.5 * math.log(2 * math.pi)


@dataclass(frozen=True)
class Exponential(Plain):
    """h = rate."""

    name: str = "exponential"
    flexsurv: str = "exp"
    parameters: tuple[str, ...] = ("rate",)
    links: tuple[Link, ...] = ("log",)
    location: int = 0
    effect: Effect = "PH"
    numeric: int | None = None

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
class Weibull(Plain):
    """S = exp(-(t / scale)^shape)."""

    name: str = "weibull"
    flexsurv: str = "weibull"
    parameters: tuple[str, ...] = ("shape", "scale")
    links: tuple[Link, ...] = ("log", "log")
    location: int = 1
    effect: Effect = "AFT"
    numeric: int | None = None

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
class Gompertz(Plain):
    """h = rate exp(shape t); a negative shape leaves a fraction that never has the event."""

    name: str = "gompertz"
    flexsurv: str = "gompertz"
    parameters: tuple[str, ...] = ("shape", "rate")
    links: tuple[Link, ...] = ("identity", "log")
    location: int = 1
    effect: Effect = "PH"
    numeric: int | None = None

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
class LogNormal(Plain):
    """The logarithm of time is normal with mean `meanlog` and standard deviation `sdlog`."""

    name: str = "lognormal"
    flexsurv: str = "lnorm"
    parameters: tuple[str, ...] = ("meanlog", "sdlog")
    links: tuple[Link, ...] = ("identity", "log")
    location: int = 0
    effect: Effect = "AFT"
    numeric: int | None = None

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


def normal_tail(z: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return -ln(1 - Phi(z)) and its derivative, the inverse Mills ratio."""
    from scipy.special import log_ndtr

    cumulative = -log_ndtr(-z)
    with np.errstate(over="ignore", invalid="ignore"):
        mills = np.exp(-0.5 * z**2 - _LOG_ROOT_2PI + cumulative)
    return cumulative, np.where(np.isneginf(z), 0.0, mills)


@dataclass(frozen=True)
class LogLogistic(Plain):
    """S = 1 / (1 + (t / scale)^shape)."""

    name: str = "loglogistic"
    flexsurv: str = "llogis"
    parameters: tuple[str, ...] = ("shape", "scale")
    links: tuple[Link, ...] = ("log", "log")
    location: int = 1
    effect: Effect = "AFT"
    numeric: int | None = None

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


@dataclass(frozen=True)
class MixtureCure:
    """S = theta + (1 - theta) S_u, theta the cured fraction and S_u the survival of the others.

    Parameters
    ----------
    uncured : Distribution

    References
    ----------
    .. [1] Boag JW. J R Stat Soc B 1949;11:15-53.
    .. [2] Lambert PC, Thompson JR, Weston CL, Dickman PW. Biostatistics 2007;8:576-594.
       doi:10.1093/biostatistics/kxl030.
    """

    uncured: Distribution

    @property
    def name(self) -> str:
        """Such as "cure-weibull"."""
        return f"cure-{self.uncured.name}"

    @property
    def flexsurv(self) -> str:
        """What flexsurvcure's `dist` calls the distribution of the others."""
        return self.uncured.flexsurv

    @property
    def parameters(self) -> tuple[str, ...]:
        """The cured fraction theta, then those of the others."""
        return ("theta", *self.uncured.parameters)

    @property
    def links(self) -> tuple[Link, ...]:
        """The cured fraction is estimated as its logit."""
        return ("logit", *self.uncured.links)

    @property
    def location(self) -> int:
        """A treatment acts on the cured fraction, as flexsurvcure's formula does."""
        return 0

    @property
    def effect(self) -> Effect:
        """Proportional odds: of being cured."""
        return "PO"

    @property
    def numeric(self) -> int | None:
        """That of the others."""
        return None if self.uncured.numeric is None else self.uncured.numeric + 1

    def points(self, time: FloatArray) -> Points:
        """Prepare times."""
        return self.uncured.points(time)

    def scales(self, at: Points) -> FloatArray:
        """Return a typical size of each parameter."""
        return np.concatenate([[1.0], self.uncured.scales(at)])

    def evaluate(self, at: Points, theta: Theta, *, full: bool = True) -> Evaluation:
        """Return hazard and cumulative hazard, with derivatives."""
        logit, *others = theta
        base = self.uncured.evaluate(at, others, full=full)
        cured = 1 / (1 + np.exp(-logit))
        own = (1 - cured) * np.exp(-base.cumulative)
        survival = cured + own
        share = own / survival  # of the survivors, those not cured
        log_hazard = base.log_hazard + np.log(share)
        by_logit = cured * (1 - cured) * (-np.expm1(-base.cumulative))
        known = np.isfinite(base.d_cumulative)
        inner = np.where(known, base.d_cumulative, 0.0)
        d_cumulative = np.concatenate([-(by_logit / survival)[None], share * inner])
        # ln h = ln h_u + ln(1 - theta) - H_u + H
        outer = np.concatenate([np.zeros_like(by_logit)[None] - cured, base.d_log_hazard - inner])
        return Evaluation(
            log_hazard=log_hazard,
            cumulative=-np.log(survival),
            d_log_hazard=outer + d_cumulative,
            d_cumulative=d_cumulative,
        )

    def mean_is_finite(self, theta: FloatArray) -> bool:  # noqa: ARG002
        """Say that the cured live for ever, so that there is no mean."""
        return False

    def log_mean(self, theta: Theta) -> FloatArray | None:  # noqa: ARG002
        """Say that there is no mean."""
        return None

"""Flexible models: splines in log time on three scales, and mixture cure; names of all models."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ...presentation.formats import count
from ...reconstruct.pseudo_ipd import BoolArray, FloatArray
from ...studies.argument_types import names_of
from .distribution import Distribution, Effect, Evaluation, Link, Points, Theta, normal_tail
from .distributions import STANDARD

__all__ = ["KNOWN", "SCALES", "MixtureCure", "Scale", "Spline", "check_names", "knots_of"]

Scale = Literal["hazard", "odds", "normal"]
SCALES: tuple[Scale, ...] = ("hazard", "odds", "normal")
_EFFECTS: dict[str, Effect] = {"hazard": "PH", "odds": "PO", "normal": "probit"}


def knots_of(time: FloatArray, event: BoolArray, *, inner: int) -> tuple[float, ...]:
    """Return knots of log time as flexsurv places them: quantiles of the uncensored log times.

    Parameters
    ----------
    time : ndarray of float, shape (n,)
        Positive.
    event : ndarray of bool, shape (n,)
    inner : int
        Number of inner knots, at least 0.

    Returns
    -------
    tuple of float
        First, inner and last knot, of log time.

    Raises
    ------
    ValueError
        If there are too few distinct event times for so many knots.
    """
    uncensored = np.log(time[event])
    distinct = np.unique(uncensored).size
    placed = np.quantile(uncensored, np.linspace(0, 1, inner + 2)) if distinct else uncensored
    if distinct < inner + 2 or np.unique(placed).size < inner + 2:
        raise ValueError(
            f"A spline with {count(inner, 'inner knot')} needs at least {inner + 2} distinct "
            f"event times, not most of them the same, and there are {distinct}; take fewer knots."
        )
    return tuple(float(knot) for knot in placed)


@dataclass(frozen=True)
class Spline(Distribution):
    """A transformation of survival is a natural cubic spline in x = ln t.

    Parameters
    ----------
    scale : {"hazard", "odds", "normal"}
        The transformation: ln(-ln S), ln(1 / S - 1) or -Phi^-1(S).
    knots : tuple of float
        Of log time: the first, the inner ones, the last. Outside the spline is linear.

    References
    ----------
    .. [1] Royston P, Parmar MKB. Stat Med 2002;21:2175-2197. doi:10.1002/sim.1203.
    """

    scale: Scale
    knots: tuple[float, ...]

    @property
    def name(self) -> str:
        """Such as "spline-odds-2", with two inner knots."""
        return f"spline-{self.scale}-{len(self.knots) - 2}"

    @property
    def flexsurv(self) -> str:
        """What flexsurv's `flexsurvspline` calls the scale."""
        return self.scale

    @property
    def parameters(self) -> tuple[str, ...]:
        """The coefficients gamma0, gamma1, ..."""
        return tuple(f"gamma{k}" for k in range(len(self.knots)))

    @property
    def links(self) -> tuple[Link, ...]:
        """None is transformed."""
        return tuple("identity" for _ in self.knots)

    @property
    def effect(self) -> Effect:
        """Proportional hazards, proportional odds or a shift of the normal deviate."""
        return _EFFECTS[self.scale]

    def points(self, time: FloatArray) -> Points:
        """Prepare times: the basis 1, x, v_1(x), ... and its derivative in x.

        Notes
        -----
        v_j(x) = (x - k_j)+³ - l_j (x - k_min)+³ - (1 - l_j) (x - k_max)+³ with
        l_j = (k_max - k_j) / (k_max - k_min) [1]_.
        """
        with np.errstate(divide="ignore"):
            x = np.log(time)
        # Where time is 0 nobody has had an event; any finite number far to the left says so.
        finite = np.where(np.isneginf(x), -700.0, x)
        first, last = self.knots[0], self.knots[-1]
        columns = [np.ones_like(finite), finite]
        slopes = [np.zeros_like(finite), np.ones_like(finite)]
        above = [np.maximum(finite - knot, 0.0) for knot in (first, last)]
        for knot in self.knots[1:-1]:
            share = (last - knot) / (last - first)
            own = np.maximum(finite - knot, 0.0)
            columns.append(own**3 - share * above[0] ** 3 - (1 - share) * above[1] ** 3)
            slopes.append(3 * (own**2 - share * above[0] ** 2 - (1 - share) * above[1] ** 2))
        return Points(time=time, log_time=finite, basis=np.stack(columns), slope=np.stack(slopes))

    def scales(self, at: Points) -> FloatArray:
        """Return the size of coefficients that move the spline by 1."""
        largest = np.abs(at.basis).max(axis=tuple(range(1, at.basis.ndim)))
        largest[1] = np.ptp(at.log_time)
        return np.asarray(1 / np.maximum(largest, 1e-6))

    def evaluate(self, at: Points, theta: Theta, *, full: bool = True) -> Evaluation:  # noqa: ARG002
        """Return hazard and cumulative hazard, with derivatives.

        The logarithm of the hazard is -inf where the spline falls.
        """
        basis, slope = at.basis, at.slope
        s = sum(g * column for g, column in zip(theta, basis, strict=True))
        ds = sum(g * column for g, column in zip(theta, slope, strict=True))
        with np.errstate(divide="ignore", invalid="ignore"):
            log_ds = np.where(ds > 0, np.log(np.where(ds > 0, ds, 1.0)), -np.inf)
            cumulative, first, second = self._transformed(np.asarray(s))
            # h = H'(s) s'(x) / t; `second` is the derivative of ln H'(s).
            by_slope = np.where(ds > 0, slope / np.where(ds > 0, ds, 1.0), 0.0)
            shape = np.broadcast(s, slope[0]).shape
            return Evaluation(
                log_hazard=np.log(first) + log_ds - at.log_time,
                cumulative=cumulative,
                d_log_hazard=np.broadcast_to(second * basis + by_slope, (len(theta), *shape)),
                d_cumulative=np.broadcast_to(first * basis, (len(theta), *shape)),
            )

    def _transformed(self, s: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return H(s), H'(s) and the derivative of ln H'(s)."""
        if self.scale == "hazard":
            cumulative = np.exp(np.minimum(s, 700.0))
            return cumulative, cumulative, np.ones_like(s)
        if self.scale == "odds":
            cumulative = np.logaddexp(0, s)
            share = np.exp(s - cumulative)
            return cumulative, share, 1 - share
        cumulative, mills = normal_tail(s)
        return cumulative, mills, mills - s

    def mean_is_finite(self, theta: FloatArray) -> bool:
        """Say whether the linear tail beyond the last knot falls fast enough."""
        at = self.points(np.exp(np.array([[self.knots[-1] + 1.0]])))
        slope = float(theta @ at.slope[:, 0, 0])
        return slope > (1 if self.scale == "odds" else 0)


@dataclass(frozen=True)
class MixtureCure(Distribution):
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
        """The cured fraction theta, on which a treatment acts, then the others'."""
        return ("theta", *self.uncured.parameters)

    @property
    def links(self) -> tuple[Link, ...]:
        """The cured fraction is estimated as its logit."""
        return ("logit", *self.uncured.links)

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


_SPLINES = tuple(f"spline-{scale}-{knots}" for scale in SCALES for knots in (1, 2, 3))
KNOWN = (*STANDARD, *_SPLINES, *(f"cure-{name}" for name in STANDARD))
"""Every name that can be asked for."""


def check_names(names: Sequence[str]) -> tuple[str, ...]:
    """Return distributions' names without repetitions.

    Raises
    ------
    TypeError
        If what is given is no name, nor a sequence of them.
    ValueError
        If there is none, or one is unknown; the message names the nearest.
    """
    names = names_of("distributions", names)
    for name in names:
        if name not in KNOWN:
            close = difflib.get_close_matches(name, KNOWN, n=1)
            hint = f"did you mean {close[0]}?" if close else f"choose among {', '.join(KNOWN)}."
            raise ValueError(f"There is no distribution {name!r}; {hint}")
    if not names:
        raise ValueError(f"`distributions` names none; choose among {', '.join(KNOWN)}.")
    return tuple(dict.fromkeys(names))

"""Parametric survival models of the patients of an endpoint, or of every draw of an ensemble."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from ...presentation.formats import count, with_unit
from ...reconstruct.pseudo_ipd import BoolArray, FloatArray, PseudoIPD
from ...studies.argument_types import given_kind, names_of, strict
from .._inference import NotEstimable, quantile
from ..ensemble import Ensemble
from .distribution import Distribution
from .distributions import STANDARD
from .fit import ParametricFit
from .flexible import SCALES, MixtureCure, Spline, check_names, knots_of
from .likelihood import Fitter
from .model_choice import Criterion, ModelAverage, average, implausible

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["DISTRIBUTIONS", "DRAWS", "ParametricModels", "parametric"]

DISTRIBUTIONS = (*STANDARD, *(f"spline-{scale}-1" for scale in SCALES))
"""What is fitted unless others are asked for."""
DRAWS = 200
"""Draws of an ensemble that are fitted unless another number is asked for."""

_YEAR = {"days": 365.25, "weeks": 52.1775, "months": 12.0, "years": 1.0}


@dataclass(frozen=True, kw_only=True, eq=False)
class ParametricModels:
    """Fits of several distributions, per arm and, if asked for, with a treatment effect.

    Attributes
    ----------
    fits : tuple of ParametricFit
        By arm, then in the order asked for; those with a treatment effect last.
    failures : mapping of (tuple of str, str) to str
        By arms and distribution: why there is no fit.
    ipd : PseudoIPD
        The patients, or those that an ensemble's draws resemble.
    horizon : float
        To which means are restricted and survival is extrapolated, in the time unit.
    times : tuple of float
        Landmark times of `to_frame`.
    n_draws : int
        Draws that were fitted; 1 for a single data set.
    confidence_level : float
    """

    fits: tuple[ParametricFit, ...]
    failures: Mapping[tuple[tuple[str, ...], str], str] = field(default_factory=dict)
    ipd: PseudoIPD
    horizon: float
    times: tuple[float, ...]
    n_draws: int
    confidence_level: float

    def __repr__(self) -> str:
        """Return how many fits there are, and of what."""
        draws = f", {count(self.n_draws, 'draw')}" if self.n_draws > 1 else ""
        return (
            f"ParametricModels({self.ipd.cohort}/{self.ipd.endpoint}: "
            f"{count(len(self.fits), 'fit')} to "
            f"{with_unit(self.horizon, self.ipd.time_unit)}{draws})"
        )

    def of(self, *arms: str) -> tuple[ParametricFit, ...]:
        """Return the fits of one arm, or those of two with a treatment effect, best AIC first.

        Raises
        ------
        KeyError
            If there are none.
        """
        found = [fit for fit in self.fits if fit.arms == arms]
        if not found:
            known = sorted({" and ".join(fit.arms) for fit in self.fits})
            raise KeyError(f"no fits of {' and '.join(arms)}; there are those of {known}")
        return tuple(sorted(found, key=lambda fit: fit.aic))

    def fit(self, name: str, *arms: str) -> ParametricFit:
        """Return one fit.

        Raises
        ------
        KeyError
            If there is none of that name; the message says why.
        """
        for each in self.of(*arms):
            if each.name == name:
                return each
        reason = self.failures.get((arms, name), "it was not asked for")
        raise KeyError(f"no fit of {name} to {' and '.join(arms)}: {reason}")

    @strict
    def average(
        self, arm: str, *, names: Sequence[str] | None = None, by: Criterion = "aic"
    ) -> ModelAverage:
        """Weight the fits of an arm, all of them or those that are thought plausible.

        Raises
        ------
        KeyError
            If a model was not fitted to the arm.
        ValueError
            If `names` is empty.
        """
        if names is None:
            return average(self.of(arm), by=by)
        chosen = names_of("names", names)
        if not chosen:
            have = ", ".join(fit.name for fit in self.of(arm))
            raise ValueError(f"`names` names no model; those of arm {arm} are {have}.")
        return average([self.fit(name, arm) for name in chosen], by=by)

    def warnings(self, fit: ParametricFit, *, arm: str | None = None) -> tuple[str, ...]:
        """Return what is hard to believe of a fit up to the horizon; see `implausible`."""
        return implausible(fit, horizon=self.horizon, arm=arm)

    def cautions(self) -> tuple[str, ...]:
        """Return a sentence for each arm whose best model by AIC has an implausible tail."""
        said = []
        for arm in self.ipd.arms:
            best = self.of(arm)[0]
            if found := self.warnings(best):
                said.append(f"Arm {arm}: AIC prefers {best.name}. {' '.join(found)}")
        return tuple(said)

    def to_frame(self) -> pd.DataFrame:
        """Return a row per fit and arm: criteria, means, median and survival at `times`."""
        import pandas as pd

        weights = {
            arms: average(self.of(*arms)).weights
            for arms in dict.fromkeys(fit.arms for fit in self.fits)
        }
        rows = ((fit, arm) for fit in self.fits for arm in fit.arms)
        return pd.DataFrame([self._row(fit, arm, weights[fit.arms][fit.name]) for fit, arm in rows])

    def _row(self, fit: ParametricFit, arm: str, weight: float) -> dict[str, object]:
        row: dict[str, object] = {
            "arm": arm,
            "model": fit.name,
            "treatment_effect": fit.has_effect,
            "aic": fit.aic,
            "bic": fit.bic,
            "aic_weight": weight,
            "log_likelihood": fit.log_likelihood,
            **fit.mean(until=self.horizon, arm=arm).columns("restricted_mean"),
            **fit.mean(arm=arm).columns("mean"),
            **fit.median(arm=arm).columns("median"),
        }
        curve = fit.survival(self.times, arm=arm)
        for k, time in enumerate(self.times):
            row[f"survival_{time:g}"] = curve.value[k]
            row[f"survival_{time:g}_lower"] = curve.lower[k]
            row[f"survival_{time:g}_upper"] = curve.upper[k]
        row["n_draws_failed"] = fit.n_failed
        row["warnings"] = " ".join(self.warnings(fit, arm=arm))
        return row


@strict
def parametric(
    patients: PseudoIPD | Ensemble,
    *,
    distributions: Sequence[str] = DISTRIBUTIONS,
    treatment_effect: bool = False,
    horizon: float | None = None,
    n_draws: int | None = None,
    confidence_level: float = 0.95,
) -> ParametricModels:
    """Fit parametric survival models, and extrapolate.

    Parameters
    ----------
    patients : PseudoIPD or Ensemble
        One data set, or many: each draw is then fitted and the fits are combined by Rubin's
        rules, so that intervals hold what the reconstruction does not know, and say its share.
    distributions : sequence of str
        "exponential", "weibull", "gompertz", "lognormal", "loglogistic", "gamma", "gengamma",
        "spline-SCALE-K" with the scale "hazard", "odds" or "normal" and 1 to 3 inner knots, and
        "cure-NAME" for a mixture cure model of one of the first seven.
    treatment_effect : bool
        Fit both arms together, too, with a treatment effect on the location parameter.
    horizon : float, optional
        In the time unit, beyond the end of follow-up; by default twice that.
    n_draws : int, optional
        Draws of an ensemble to fit; by default 200, or all if there are fewer.
    confidence_level : float
        Coverage of the intervals, in (0, 1).

    Raises
    ------
    NotEstimable
        If an arm has no events, nothing could be fitted to it, or `horizon` is before the end of
        follow-up.
    ValueError
        If a distribution, `n_draws` or `confidence_level` is not allowed.

    References
    ----------
    .. [1] Latimer N. NICE DSU Technical Support Document 14, 2011 (updated 2013).
    .. [2] Jackson CH. flexsurv. J Stat Softw 2016;70(8). doi:10.18637/jss.v070.i08.

    Examples
    --------
    >>> import kmrepro as km
    >>> ipd = km.reconstruct(km.load_study("an2025").endpoint("psm", "OS"))
    >>> models = km.parametric(ipd, distributions=["weibull", "gompertz"], horizon=240)
    >>> [fit.name for fit in models.of("SR")]
    ['weibull', 'gompertz']
    """
    quantile(confidence_level)
    names = check_names(distributions)
    ipd, time, event = _patients(patients, n_draws)
    last = float(ipd.time.max())
    until = 2 * last if horizon is None else horizon
    _refuse(ipd, until, last)
    tasks: list[tuple[str, ...]] = [(arm,) for arm in ipd.arms]
    if treatment_effect:
        if len(ipd.arms) != 2:
            raise NotEstimable(
                f"A treatment effect compares two arms; there are {len(ipd.arms)}: "
                f"{', '.join(ipd.arms)}."
            )
        tasks.append(ipd.arms)
    fits: list[ParametricFit] = []
    failures: dict[tuple[tuple[str, ...], str], str] = {}
    for arms in tasks:
        rows = np.isin(ipd.arm, arms)
        cohort = _Cohort(ipd, arms, time[:, rows], event[:, rows])
        found_by_name = cohort.fits(names, confidence_level=confidence_level)
        for name, found in zip(names, found_by_name, strict=True):
            if isinstance(found, str):
                failures[arms, name] = found
            else:
                fits.append(found)
    _refuse_unfitted(ipd, fits, failures)
    return ParametricModels(
        fits=tuple(fits),
        failures=failures,
        ipd=ipd,
        horizon=until,
        times=_times(ipd.time_unit, until),
        n_draws=len(time),
        confidence_level=confidence_level,
    )


def _patients(
    given: PseudoIPD | Ensemble, n_draws: int | None
) -> tuple[PseudoIPD, FloatArray, BoolArray]:
    """Return patients, and times and events of every draw in the same order of arms."""
    if isinstance(given, PseudoIPD):
        if n_draws is not None:
            raise ValueError("`n_draws` is of ensembles; these are the patients of one data set.")
        return given, given.time[None], given.event[None]
    if not isinstance(given, Ensemble):
        raise TypeError(
            f"`parametric` takes patients, such as km.reconstruct(endpoint), or the draws of "
            f"km.ensemble(endpoint), not {given_kind(given)}."
        )
    wanted = min(DRAWS, given.n_draws) if n_draws is None else n_draws
    if not 2 <= wanted <= given.n_draws:
        raise ValueError(f"`n_draws` must be from 2 to {given.n_draws}, but is {wanted}.")
    ends = given.sampler.open_ends
    blocks = [given.sampler.block(n) for n, _ in enumerate(given.sampler.blocks.rows(wanted))]
    # what draws have beyond a curve follows its last third: a fit would take it for evidence
    blocks = [
        {arm: own.up_to(ends[arm].time) if arm in ends else own for arm, own in b.items()}
        for b in blocks
    ]
    time = np.concatenate([np.hstack([b[arm].time for arm in b]) for b in blocks])[:wanted]
    event = np.concatenate([np.hstack([b[arm].event for arm in b]) for b in blocks])[:wanted]
    return replace(given.draw(0), time=time[0], event=event[0]), time, event


def _refuse(ipd: PseudoIPD, horizon: float, last: float) -> None:
    for arm in ipd.arms:
        if not ipd.of(arm)[1].any():
            raise NotEstimable(
                f"Arm {arm} has no events, so no distribution can be fitted to it; leave it out."
            )
    if not math.isfinite(horizon):
        raise NotEstimable(f"`horizon` must be a finite time, but is {horizon:g}.")
    if horizon < last:
        raise NotEstimable(
            f"The horizon, {with_unit(horizon, ipd.time_unit)}, is before the end of follow-up at "
            f"{last:g}; an extrapolation goes beyond it."
        )


def _refuse_unfitted(
    ipd: PseudoIPD,
    fits: Sequence[ParametricFit],
    failures: Mapping[tuple[tuple[str, ...], str], str],
) -> None:
    """Refuse an arm to which nothing could be fitted."""
    for arm in ipd.arms:
        if all(fit.arms != (arm,) for fit in fits):
            reasons = "; ".join(
                f"{name}: {why.rstrip('.')}"
                for (arms, name), why in failures.items()
                if arms == (arm,)
            )
            raise NotEstimable(f"No distribution could be fitted to arm {arm}. {reasons}.")


def _times(unit: str, horizon: float) -> tuple[float, ...]:
    years = (1, 2, 3, 5, 10, 15, 20, 30)
    inside = [year * _YEAR[unit] for year in years if year * _YEAR[unit] <= horizon]
    return tuple(dict.fromkeys([*inside, horizon]))


class _Cohort:
    """The patients of one arm or two, in every draw."""

    def __init__(
        self, ipd: PseudoIPD, arms: tuple[str, ...], time: FloatArray, event: BoolArray
    ) -> None:
        self._ipd, self._arms = ipd, arms
        with_events = event.any(axis=1)
        self._lost = int((~with_events).sum())
        self._time, self._event = time[with_events], event[with_events]
        treated = None
        if len(arms) == 2:
            treated = (ipd.arm[np.isin(ipd.arm, arms)] == arms[1]).astype(float)
        self._fitter = Fitter(self._time, self._event, treated=treated)

    def fits(
        self, names: Sequence[str], *, confidence_level: float
    ) -> Iterator[ParametricFit | str]:
        """Yield each fit, or why there is none."""
        for name in names:
            try:
                distribution = self._distribution(name)
            except ValueError as refusal:
                yield str(refusal)
                continue
            found = self._fitter.fit(distribution)
            good = found.converged
            if good.mean() < 0.5:
                yield _no_maximum(distribution, good, self._fewest(good))
                continue
            yield ParametricFit(
                distribution=distribution,
                arms=self._arms,
                theta=found.theta[good],
                covariances=found.covariance[good],
                log_likelihoods=found.log_likelihood[good],
                n=self._time.shape[1],
                n_events=float(self._event.sum(axis=1).mean()),
                last_time=float(self._ipd.time.max()),
                time_unit=self._ipd.time_unit,
                n_failed=int((~good).sum()) + self._lost,
                confidence_level=confidence_level,
            )

    def _fewest(self, good: BoolArray) -> tuple[int, int]:
        """Return the fewest events, and distinct times of events, of the draws without a fit."""
        each = [t[e] for t, e in zip(self._time[~good], self._event[~good], strict=True)]
        return min(map(len, each)), min(np.unique(times).size for times in each)

    def _distribution(self, name: str) -> Distribution:
        kind, _, rest = name.partition("-")
        if kind == "cure":
            return MixtureCure(STANDARD[rest])
        if kind != "spline":
            return STANDARD[name]
        scale, inner = rest.split("-")
        # The same knots in every draw, so that coefficients can be averaged over draws.
        knots = knots_of(self._time.ravel(), self._event.ravel(), inner=int(inner))
        return Spline(next(each for each in SCALES if each == scale), knots)


def _no_maximum(distribution: Distribution, good: BoolArray, fewest: tuple[int, int]) -> str:
    where = "" if good.size == 1 else f" in {int((~good).sum())} of {count(good.size, 'draw')}"
    said = f"The likelihood has no maximum{where}:"
    if isinstance(distribution, MixtureCure):
        return f"{said} the cured fraction goes to 0 or 1, so that the data do not show one."
    k, (events, times) = len(distribution.parameters), fewest
    parameters = count(k, "parameter")
    if events < k:
        return f"{said} there are too few events for {parameters}."
    if times < k:
        return f"{said} its events are at {count(times, 'time')} only, too few for {parameters}."
    return f"{said} the patients do not determine its {parameters}."

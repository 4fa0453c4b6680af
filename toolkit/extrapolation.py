"""Extrapolation of a study's endpoints, and everything that is written of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .models import NotEstimable
from .models.parametric import DISTRIBUTIONS, ParametricModels, crossings, parametric
from .presentation.formats import with_unit
from .results import plain_value
from .studies.argument_types import refuse_one_draw

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from .models import Ensemble
    from .outcome import Progress
    from .reconstruct import PseudoIPD
    from .studies import Endpoint

__all__ = ["Extrapolation", "ExtrapolationRefused", "Options", "extrapolate"]

MOST_CYCLES = 100_000  # days of 270 years; a table of a model has a row for each


class ExtrapolationRefused(ValueError):  # noqa: N818 - a refusal is an answer, not a fault
    """Raised if no endpoint can be extrapolated; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """What is fitted, and how far it is extrapolated.

    Attributes
    ----------
    distributions : tuple of str
    treatment_effect : bool
    horizon : float or None
        In the endpoints' time unit; None for twice the follow-up.
    cycle : float
        Step of the survival table, in the time unit.
    n_draws : int
        Draws of each comparison, at least 2; 0 for none.
    seed : int
    """

    distributions: tuple[str, ...] = DISTRIBUTIONS
    treatment_effect: bool = False
    horizon: float | None = None
    cycle: float = 1.0
    n_draws: int = 200
    seed: int = 0


@dataclass(frozen=True, kw_only=True, eq=False)
class Extrapolation:
    """The models of one endpoint.

    Attributes
    ----------
    key : str
        Cohort and endpoint.
    ipd : PseudoIPD
        One data set: the likeliest, or the one that was read.
    models : ParametricModels
        Of `draws` where there are any, else of `ipd`.
    single : ParametricModels
        Of `ipd`, as the R script beside the results fits it.
    draws : Ensemble or None
    label : str
    arm_labels : mapping of str to str
    """

    key: str
    ipd: PseudoIPD
    models: ParametricModels
    single: ParametricModels
    draws: Ensemble | None
    label: str
    arm_labels: Mapping[str, str]


def extrapolate(
    endpoints: Sequence[Endpoint] | PseudoIPD,
    options: Options,
    *,
    progress: Progress | None = None,
) -> tuple[tuple[Extrapolation, ...], dict[str, str]]:
    """Fit the models of endpoints, or of patients that were read.

    Returns
    -------
    tuple of Extrapolation
    dict of str to str
        Endpoints that were refused, and why.

    Raises
    ------
    ExtrapolationRefused
        If every endpoint was refused, or the survival table would have too many rows.
    ValueError
        If one draw is asked for.
    """
    from .reconstruct import PseudoIPD, ReconstructionRefused

    refuse_one_draw(options.n_draws)
    if isinstance(endpoints, PseudoIPD):
        return (_of_patients(endpoints, options),), {}
    found, refused = [], {}
    for done, endpoint in enumerate(endpoints):
        if progress:
            progress(done, len(endpoints), f"Fitting {endpoint.key}")
        try:
            found.append(_of_endpoint(endpoint, options))
        except (ReconstructionRefused, NotEstimable) as refusal:
            refused[endpoint.key] = str(refusal).removeprefix(f"{endpoint.key}: ")
    if not found:
        reasons = "; ".join(f"{key}: {why}" for key, why in refused.items())
        raise ExtrapolationRefused(f"No endpoint can be extrapolated: {reasons}")
    return tuple(found), refused


def _of_patients(ipd: PseudoIPD, options: Options) -> Extrapolation:
    _refuse_odd_cycles(ipd, options)
    models = _fitted(ipd, options)
    return Extrapolation(
        key=f"{ipd.cohort}/{ipd.endpoint}", ipd=ipd, models=models, single=models, draws=None,
        label=ipd.endpoint, arm_labels={},
    )  # fmt: skip


def _of_endpoint(endpoint: Endpoint, options: Options) -> Extrapolation:
    from .reproduction import draws_of, reconstruct

    ipd = reconstruct(endpoint)
    _refuse_odd_cycles(ipd, options)
    single = _fitted(ipd, options)
    draws = draws_of(endpoint, ipd, n_draws=options.n_draws, seed=options.seed)
    return Extrapolation(
        key=endpoint.key,
        ipd=ipd,
        models=single if draws is None else _fitted(draws, options),
        single=single,
        draws=draws,
        label=endpoint.label or endpoint.name,
        arm_labels={name: arm.label or name for name, arm in endpoint.arms.items()},
    )


def _refuse_odd_cycles(ipd: PseudoIPD, options: Options) -> None:
    """Refuse a survival table that nobody can open, or of its ends only, before the work."""
    until = 2 * float(ipd.time.max()) if options.horizon is None else options.horizon
    if options.cycle > until > 0 and options.cycle != Options.cycle:
        raise ExtrapolationRefused(
            f"A cycle of {with_unit(options.cycle, ipd.time_unit)} is longer than the horizon, "
            f"{with_unit(until, ipd.time_unit)}; choose a shorter `cycle`."
        )
    if until / options.cycle > MOST_CYCLES:
        raise ExtrapolationRefused(
            f"A survival table up to {with_unit(until, ipd.time_unit)} in steps of "
            f"{options.cycle:g} has more than {MOST_CYCLES:,} rows; choose a `cycle` of "
            f"{until / MOST_CYCLES:.2g} or more, or a nearer `horizon`."
        )


def _fitted(patients: PseudoIPD | Ensemble, options: Options) -> ParametricModels:
    return parametric(
        patients,
        distributions=options.distributions,
        treatment_effect=options.treatment_effect,
        horizon=options.horizon,
    )


def order_cautions(results: Sequence[Extrapolation]) -> Iterator[str]:
    """Yield where the best fit of progression-free survival exceeds that of overall survival."""
    by_place = {(each.ipd.cohort, each.ipd.endpoint.upper()): each for each in results}
    for (cohort, name), shorter in by_place.items():
        longer = by_place.get((cohort, "OS"))
        if name not in ("PFS", "EPFS", "DFS", "RFS", "EFS") or longer is None:
            continue
        horizon = min(shorter.models.horizon, longer.models.horizon)
        for arm in shorter.ipd.arms:
            if arm in longer.ipd.arms and shorter.ipd.time_unit == longer.ipd.time_unit:
                found = crossings(
                    shorter.models.of(arm)[0], longer.models.of(arm)[0], horizon=horizon, arm=arm
                )
                if found:
                    yield f"{shorter.key}: {found}"


def cautions(results: Sequence[Extrapolation]) -> list[str]:
    """Return what to look at twice, a sentence each."""
    whole = [
        f"{each.key}: fitted to the time to the first of {', '.join(each.ipd.causes)}; no cause "
        "alone is extrapolated."
        for each in results
        if each.ipd.causes
    ]
    said = [f"{each.key}: {text}" for each in results for text in each.models.cautions()]
    return [*whole, *said, *order_cautions(results)]


def models_frame(results: Sequence[Extrapolation]) -> pd.DataFrame:
    """Return a row per endpoint, arm and model."""
    import pandas as pd

    parts = []
    for each in results:
        frame = each.models.to_frame()
        frame.insert(0, "endpoint", each.key)
        frame.insert(1, "time_unit", each.ipd.time_unit)
        frame.insert(2, "horizon", each.models.horizon)
        parts.append(frame)
    return pd.concat(parts, ignore_index=True)


def parameters_frame(results: Sequence[Extrapolation]) -> pd.DataFrame:
    """Return a row per parameter, its covariances with the others in columns cov_1, cov_2, ..."""
    import pandas as pd

    parts = []
    for each in results:
        for fit in each.models.fits:
            frame = fit.parameter_frame()
            frame.insert(0, "endpoint", each.key)
            frame.insert(1, "arm", " and ".join(fit.arms))
            frame.insert(2, "model", fit.name)
            for k, column in enumerate(fit.covariance.T, start=1):
                frame[f"cov_{k}"] = column
            for k, column in enumerate(fit.cholesky.T, start=1):
                frame[f"chol_{k}"] = column
            parts.append(frame)
    return pd.concat(parts, ignore_index=True)


def survival_frame(results: Sequence[Extrapolation], *, cycle: float) -> pd.DataFrame:
    """Return survival and hazard of every fit by cycle, with bands, and the average by AIC."""
    import numpy as np
    import pandas as pd

    parts = []
    for each in results:
        # The horizon itself is the last row even if it is no whole number of cycles.
        steps = np.arange(0, each.models.horizon + cycle * 1e-9, cycle)
        time = np.unique(np.append(steps, each.models.horizon))
        for fit in each.models.fits:
            for arm in fit.arms:
                parts.append(_curve_rows(each.key, fit, arm, time))
        parts += [_average_rows(each, arm, time) for arm in each.ipd.arms]
    return pd.concat(parts, ignore_index=True)


def _curve_rows(key: str, fit: Any, arm: str, time: np.ndarray) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    curve, hazard = fit.survival(time, arm=arm), fit.hazard(time[1:], arm=arm)
    return pd.DataFrame(
        {
            "endpoint": key,
            "arm": arm,
            "model": fit.name,
            "treatment_effect": fit.has_effect,
            "time": time,
            "survival": curve.value,
            "lower": curve.lower,
            "upper": curve.upper,
            "hazard": np.concatenate([[np.nan], hazard.value]),
            "hazard_lower": np.concatenate([[np.nan], hazard.lower]),
            "hazard_upper": np.concatenate([[np.nan], hazard.upper]),
            "reconstruction_share": curve.reconstruction_share,
        }
    )


def _average_rows(each: Extrapolation, arm: str, time: np.ndarray) -> pd.DataFrame:
    """Return the survival of all models of an arm, weighted by AIC."""
    import pandas as pd

    curve = each.models.average(arm).survival(time)
    return pd.DataFrame(
        {
            "endpoint": each.key,
            "arm": arm,
            "model": "average-aic",
            "treatment_effect": False,
            "time": time,
            "survival": curve.value,
            "lower": curve.lower,
            "upper": curve.upper,
        }
    )


def extrapolation_dict(
    results: Sequence[Extrapolation], options: Options, refused: Mapping[str, str]
) -> dict[str, Any]:
    """Return everything but the curves as plain values; None is unknown or not finite."""
    from . import __version__

    plain: dict[str, Any] = plain_value(
        {
            "kmrepro_version": __version__,
            "seed": options.seed,
            "endpoints": [_endpoint_dict(each) for each in results],
            "cautions": cautions(results),
            "refused": dict(refused),
        }
    )
    return plain


def _endpoint_dict(each: Extrapolation) -> dict[str, Any]:
    summary = each.models.to_frame().to_dict(orient="records")
    return {
        "endpoint": each.key,
        "time_unit": each.ipd.time_unit,
        "arms": list(each.ipd.arms),
        "horizon": each.models.horizon,
        "end_of_follow_up": float(each.ipd.time.max()),
        "n_draws": each.models.n_draws,
        "models": summary,
        "parameters": [
            {
                "arms": list(fit.arms),
                "model": fit.name,
                "flexsurv": fit.distribution.flexsurv,
                "names": list(fit.parameters),
                "links": list(fit.links),
                "estimates_on_link": fit.estimate,
                "covariance": fit.covariance,
                "cholesky": fit.cholesky,
                "within": fit.combined.within,
                "between": fit.combined.between,
                "log_time_knots": list(getattr(fit.distribution, "knots", ())),
            }
            for fit in each.models.fits
        ],
        "failures": [
            {"arms": list(arms), "model": name, "reason": why}
            for (arms, name), why in each.models.failures.items()
        ],
        "assumptions": list(each.ipd.assumptions),
    }

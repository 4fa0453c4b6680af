"""One extrapolation from several models, weighted by an information criterion."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from ...reconstruct.pseudo_ipd import FloatArray
from .._inference import quantile
from .curves import FittedCurve
from .fit import ParametricFit

__all__ = ["Criterion", "ModelAverage", "average", "weights"]

Criterion = Literal["aic", "bic"]


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
        The standard error of ln H is the weighted mean of sqrt(v + d²), v the variance in a model
        and d its distance from the average [1]_, eq. 9: models that disagree widen the band.

        References
        ----------
        .. [1] Buckland ST, Burnham KP, Augustin NH. Biometrics 1997;53:603-618.
           doi:10.2307/2533961.
        """
        times = np.asarray(time, dtype=float)
        z = quantile(self.fits[0].confidence_level)
        curves = [fit.survival(times, arm=arm) for fit in self.fits]
        share = np.array(list(self.weights.values()))[:, None]
        value = (share * np.stack([curve.value for curve in curves])).sum(axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            middle = np.log(-np.log(value))
            own = np.log(-np.log(np.stack([curve.value for curve in curves])))
            low = np.log(-np.log(np.stack([curve.upper for curve in curves])))
            distance = np.where(np.isfinite(own), own - middle, 0.0)
            se = np.where(np.isfinite(own), (own - low) / z, 0.0)
            half = z * (share * np.hypot(se, distance)).sum(axis=0)
            return FittedCurve(
                time=times,
                value=value,
                lower=np.exp(-np.exp(middle + half)),
                upper=np.exp(-np.exp(middle - half)),
                reconstruction_share=np.full(times.shape, np.nan),
            )

    def mean(self, *, until: float | None = None, arm: str | None = None) -> float:
        """Return the weighted mean of the models' means; infinite if one of theirs is."""
        means = [fit.mean(until=until, arm=arm).value for fit in self.fits]
        if not all(map(math.isfinite, means)):
            return math.inf
        return sum(w * mean for w, mean in zip(self.weights.values(), means, strict=True))


def average(fits: Sequence[ParametricFit], *, by: Criterion = "aic") -> ModelAverage:
    """Weight fits to the same patients by a criterion; see `weights`."""
    found = weights(fits, by=by)
    return ModelAverage(
        fits=tuple(fits),
        weights={fit.name: float(w) for fit, w in zip(fits, found, strict=True)},
    )

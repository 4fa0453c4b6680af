"""Do the levels of a variable have one hazard ratio, and is the reported p that of the labels."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...presentation.formats import p_value
from ...reconstruct.pseudo_ipd import FloatArray
from ...studies.interactions import USUAL, beyond
from .reported import ReportedVariable

__all__ = ["heterogeneity", "unmatched_p"]


def heterogeneity(logs: FloatArray, se: FloatArray) -> FloatArray:
    """Return p of Cochran's test that all levels have one hazard ratio, shape (draws,).

    Parameters
    ----------
    logs, se : ndarray of float, shape (draws, levels)
        NaN or infinite ones make p NaN, and so does a single level.
    """
    from scipy.stats import chi2

    if logs.shape[1] < 2:
        return np.full(len(logs), np.nan)
    weight = np.where(np.isfinite(se), 1.0 / se**2, np.nan)
    with np.errstate(invalid="ignore"):
        mean = (weight * logs).sum(axis=1) / weight.sum(axis=1)
        statistic = (weight * (logs - mean[:, None]) ** 2).sum(axis=1)
    return np.asarray(chi2.sf(statistic, logs.shape[1] - 1))


def unmatched_p(variable: ReportedVariable, p: FloatArray) -> Iterator[str]:
    """Yield a sentence if the reported p for interaction is not what the labels give.

    Parameters
    ----------
    variable : ReportedVariable
    p : ndarray of float, shape (draws,)
        Of Cochran's test, in the draws whose labels match the hazard ratios.
    """
    reported, known = variable.p_interaction, p[np.isfinite(p)]
    if reported is None or not known.size:
        return
    if beyond(reported, (float(known.min()), float(known.max()))) > USUAL:
        yield (
            f"{variable.name}: the reported p for interaction, {reported}, is not matched: the "
            f"labels give {p_value(float(np.median(known)))}."
        )

"""The Cox score of events that two arms have at the same time."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ...reconstruct.pseudo_ipd import FloatArray

__all__ = ["tied_score"]


def tied_score(
    at_risk: tuple[npt.ArrayLike, npt.ArrayLike], events: tuple[int, int], hazard_ratio: float
) -> FloatArray:
    """Return what tied events add to the score, by Efron's approximation.

    Parameters
    ----------
    at_risk : tuple of array_like
        Patients at risk in the reference and the treatment arm; they broadcast.
    events : tuple of int
        Events in the reference and the treatment arm.
    hazard_ratio : float
        Where the score is evaluated, positive.

    Notes
    -----
    Of d tied events the l-th (l = 0, ..., d - 1) is drawn from n - l d_arm / d patients of each
    arm. If the arms are ordered instead, the treatment arm first, no fewer of the reference arm
    and no more of the treatment arm are at risk at the l-th, as min(l, d1) >= l d1 / d: ties
    never have a larger score than that order.
    """
    n0, n1 = (np.asarray(n, dtype=np.float64) for n in at_risk)
    d0, d1 = events
    total = d0 + d1
    score = np.full(np.broadcast(n0, n1).shape, float(d1))
    for drawn in range(total):
        treated = hazard_ratio * (n1 - drawn * d1 / total)
        score -= treated / np.maximum(n0 - drawn * d0 / total + treated, 1e-300)
    return score

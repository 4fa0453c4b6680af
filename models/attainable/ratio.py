"""The Cox estimate of one data set, infinite and undetermined ones included."""

from __future__ import annotations

import math

import numpy as np

from ...reconstruct.pseudo_ipd import PseudoIPD
from .._partial_likelihood import partial_likelihood
from .._risk_sets import risk_table

__all__ = ["log_hazard_ratio_of"]

FARTHEST = 30.0


def log_hazard_ratio_of(ipd: PseudoIPD) -> float:
    """Return the Cox estimate (Efron) of the log hazard ratio of two arms.

    Returns
    -------
    float
        Minus or plus infinity where the partial likelihood rises for ever; NaN if no event was
        seen while both arms were at risk, so that it is flat.
    """
    from scipy.optimize import brentq

    table = risk_table(ipd)
    seen = (table.n_at_risk > 0).all(axis=1)
    reference, treated = (bool(np.any(seen & (table.n_events[:, j] > 0))) for j in range(2))
    if not reference or not treated:
        return math.nan if reference == treated else math.inf if treated else -math.inf

    def score(log_ratio: float) -> float:
        return partial_likelihood(table, log_ratio).score

    return float(brentq(score, -FARTHEST, FARTHEST, xtol=1e-12))

"""The Cox estimate of one data set, infinite and undetermined ones included."""

from __future__ import annotations

from ...reconstruct.pseudo_ipd import PseudoIPD
from ..batched.cox import batched_cox

__all__ = ["log_hazard_ratio_of"]


def log_hazard_ratio_of(ipd: PseudoIPD) -> float:
    """Return the Cox estimate (Efron) of the log hazard ratio of two arms.

    Minus or plus infinity where the partial likelihood rises for ever; NaN if no event was seen
    while both arms were at risk, so that it is flat.
    """
    treated = ipd.arm != ipd.reference
    return float(batched_cox(ipd.time[None], ipd.event[None], treated[None]).log_hazard_ratio[0])

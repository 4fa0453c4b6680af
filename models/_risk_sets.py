"""Who was at risk, and who had the event, at every time of an event."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..reconstruct.pseudo_ipd import FloatArray, PseudoIPD
from ._read_only import ReadOnlyArrays
from ._remembered import remembered

__all__ = ["RiskTable", "n_at_risk_before", "risk_table"]

CountArray = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class RiskTable(ReadOnlyArrays):
    """One row per distinct event time, one column per arm in the order of `PseudoIPD.arms`.

    Attributes
    ----------
    time : ndarray of float, shape (k,)
        Distinct event times of all arms together, increasing.
    n_at_risk : ndarray of int, shape (k, n_arms)
        Patients still followed just before each time.
    n_events : ndarray of int, shape (k, n_arms)
        Events at each time.
    """

    time: FloatArray
    n_at_risk: CountArray
    n_events: CountArray


def n_at_risk_before(times: npt.ArrayLike, at: npt.ArrayLike) -> CountArray:
    """Count the patients still followed just before each time in `at`."""
    ordered = np.sort(np.asarray(times, dtype=float))
    return np.asarray(ordered.size - np.searchsorted(ordered, at, side="left"), dtype=np.int64)


@remembered
def risk_table(ipd: PseudoIPD) -> RiskTable:
    """Tabulate risk sets and events at the distinct event times of all arms together."""
    at = np.unique(ipd.time[ipd.event])
    at_risk, events = [], []
    for arm in ipd.arms:
        time, event = ipd.of(arm)
        at_risk.append(n_at_risk_before(time, at))
        events.append(np.bincount(np.searchsorted(at, time[event]), minlength=at.size))
    return RiskTable(
        time=at,
        n_at_risk=np.column_stack(at_risk),
        n_events=np.column_stack(events).astype(np.int64),
    )

"""Digitised curves, numbers at risk and events beside those of the reconstructed patients."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ..reconstruct.pseudo_ipd import FloatArray
from ..studies.digitised import CurveKind
from ..studies.endpoint import Endpoint
from ._read_only import ReadOnlyArrays
from .kaplan_meier import KaplanMeier

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["AtRiskCheck", "CurveCheck", "check_curves", "curve_frame"]

COLUMNS = (
    "arm", "kind", "repairs", "n", "events", "events_printed", "points", "points_met", "tolerance",
    "largest_residual", "typical_residual", "at_risk_rows", "at_risk_met",
)  # fmt: skip
ROUNDING = 1e-9  # of survival: both ends of the tolerance belong to it


@dataclass(frozen=True, kw_only=True)
class AtRiskCheck:
    """A printed number at risk beside the reconstructed one.

    Attributes
    ----------
    time : float
    printed, reproduced : int
        Patients still followed just before `time`.
    """

    time: float
    printed: int
    reproduced: int

    @property
    def met(self) -> bool:
        """Whether the two are the same."""
        return self.printed == self.reproduced


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class CurveCheck(ReadOnlyArrays):
    """How well the patients of one arm meet its digitised curve, point by point.

    Attributes
    ----------
    arm : str
    n : int
        Patients.
    time : ndarray of float, shape (k,)
        Of the curve's points, increasing.
    digitised, reproduced : ndarray of float, shape (k,)
        Survival at these times: as read off the figure, and as the patients have it.
    tolerance : float
        How far from a point the true curve may be.
    at_risk : tuple of AtRiskCheck
        The printed numbers at risk, in order of time.
    last_time : float
        When the last patient leaves.
    events : int
        Of the patients.
    events_printed : int or None
    kind : {"steps", "samples"}
        Whether the points were read as the curve's drops or as heights between them.
    repairs : tuple of str
        What was put right before the points were used, a sentence each.
    """

    arm: str
    n: int
    time: FloatArray
    digitised: FloatArray
    reproduced: FloatArray
    tolerance: float
    at_risk: tuple[AtRiskCheck, ...]
    last_time: float
    events: int
    events_printed: int | None
    kind: CurveKind
    repairs: tuple[str, ...] = ()

    def __repr__(self) -> str:
        met = f"{int(self.inside.sum())} of {self.time.size} points met"
        return f"CurveCheck({self.arm}: {met}, {self.n} patients, {self.events} events)"

    @property
    def residual(self) -> FloatArray:
        """Reproduced less digitised survival, shape (k,)."""
        return self.reproduced - self.digitised

    @property
    def inside(self) -> npt.NDArray[np.bool_]:
        """Whether each point is met to within the tolerance, shape (k,)."""
        return np.abs(self.residual) <= self.tolerance + ROUNDING

    @property
    def largest(self) -> float:
        """The largest residual's size."""
        return float(np.abs(self.residual).max())

    @property
    def typical(self) -> float:
        """The root mean square of the residuals."""
        return float(np.sqrt(np.mean(self.residual**2)))


def check_curves(endpoint: Endpoint, curves: Mapping[str, KaplanMeier]) -> tuple[CurveCheck, ...]:
    """Set the digitised curve of every arm that has one beside the estimate from its patients.

    Parameters
    ----------
    endpoint : Endpoint
        What the paper prints.
    curves : mapping of str to KaplanMeier
        The estimates by arm.
    """
    return tuple(_checks(endpoint, curves))


def _checks(endpoint: Endpoint, curves: Mapping[str, KaplanMeier]) -> Iterator[CurveCheck]:
    for name, estimate in curves.items():
        arm = endpoint.arms[name]
        if arm.curve is None:
            continue
        time = np.array(arm.curve.time)
        yield CurveCheck(
            arm=name,
            n=estimate.n,
            time=time,
            digitised=np.array(arm.curve.survival),
            reproduced=estimate.survival_at(time),
            tolerance=arm.curve.tolerance,
            at_risk=tuple(
                AtRiskCheck(time=time, printed=count, reproduced=estimate.n_at_risk_at(time))
                for time, count in arm.at_risk.items()
            ),
            last_time=estimate.last_time,
            events=int(estimate.n_events.sum()),
            events_printed=arm.events,
            kind=arm.curve.kind,
            repairs=arm.curve.repairs,
        )


def curve_frame(checks: tuple[CurveCheck, ...]) -> pd.DataFrame:
    """Return one row for each arm: kinds of repairs, points and rows met, residuals, events.

    Residuals and the tolerance are shares of patients; printed events are missing if there are
    none.
    """
    import pandas as pd

    rows = [
        {
            "arm": check.arm,
            "kind": check.kind,
            "repairs": len(check.repairs),
            "n": check.n,
            "events": check.events,
            "events_printed": check.events_printed,
            "points": check.time.size,
            "points_met": int(check.inside.sum()),
            "tolerance": check.tolerance,
            "largest_residual": check.largest,
            "typical_residual": check.typical,
            "at_risk_rows": len(check.at_risk),
            "at_risk_met": sum(row.met for row in check.at_risk),
        }
        for check in checks
    ]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return frame.astype({"events_printed": "Int64"})

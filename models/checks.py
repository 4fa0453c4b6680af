"""Reported survival, medians, counts and curves beside those of the patients."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ..presentation.formats import count, with_unit
from ..reconstruct.checks import missed_counts
from ..reconstruct.pseudo_ipd import BoolArray, FloatArray, PseudoIPD
from ..studies.digitised import CurveKind
from ..studies.endpoint import Endpoint
from ..studies.printed import PrintedNumber
from ._inference import ReadOnlyArrays
from ._kaplan_meier import KaplanMeier

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "AtRiskCheck",
    "CurveCheck",
    "LandmarkCheck",
    "check_curves",
    "check_landmarks",
    "curve_frame",
    "missed_numbers",
    "missed_sentence",
]

COLUMNS = (
    "arm", "kind", "repairs", "n", "events", "events_printed", "points", "points_met", "tolerance",
    "largest_residual", "typical_residual", "mean_distance", "bias", "at_risk_rows",
    "at_risk_met",
)  # fmt: skip
MISFIT = 0.005  # of survival, beyond the reading error: a miss that shows in a figure
CLEAR_MISFIT = 0.03  # the same, however short: more than a step of most trials
SHORT = 0.02  # of the time that a curve shows: a stretch as long may be misread
ROUNDING = 1e-9  # of survival: both ends of the tolerance belong to it


@dataclass(frozen=True, kw_only=True)
class LandmarkCheck:
    """One reported survival or median beside the reproduced one.

    Attributes
    ----------
    arm : str
        The arm.
    quantity : {"survival", "median"}
        Which is reported.
    time : float
        Time of the survival, in the study's time unit; NaN for a median.
    printed : PrintedNumber
        The value as reported.
    reproduced : float
        Kaplan-Meier survival at `time`, or the Kaplan-Meier median (infinite if not reached): the
        first time at which survival is at most 0.5 or, where that is not the reported one, the
        middle of the time in which it is 0.5, as R has it, if that is.
    inside : bool
        True if `reproduced` would be reported as `printed`; "NR" asks for an infinite median.
    """

    arm: str
    quantity: Literal["survival", "median"]
    time: float
    printed: PrintedNumber
    reproduced: float
    inside: bool


def check_landmarks(
    endpoint: Endpoint, curves: Mapping[str, KaplanMeier]
) -> tuple[LandmarkCheck, ...]:
    """Set every reported survival and median of an endpoint beside the curves.

    Parameters
    ----------
    endpoint : Endpoint
        What the paper reports.
    curves : mapping of str to KaplanMeier
        The reproduced curves by arm; arms without a curve are left out.
    """
    return tuple(
        check
        for arm in endpoint.arms
        if arm in curves
        for check in _landmark_checks(endpoint, arm=arm, curve=curves[arm])
    )


def _landmark_checks(
    endpoint: Endpoint, *, arm: str, curve: KaplanMeier
) -> Iterator[LandmarkCheck]:
    printed = endpoint.arms[arm]
    for time, landmark in printed.landmarks.items():
        reproduced = curve.survival_at(time)
        yield LandmarkCheck(
            arm=arm,
            quantity="survival",
            time=time,
            printed=landmark.survival,
            reproduced=reproduced,
            inside=landmark.survival.contains(reproduced),
        )
    if printed.median is not None:
        median = curve.median
        if not _median_inside(printed.median, median) and printed.median.contains(
            curve.median_middle
        ):
            median = curve.median_middle
        yield LandmarkCheck(
            arm=arm,
            quantity="median",
            time=math.nan,
            printed=printed.median,
            reproduced=median,
            inside=_median_inside(printed.median, median),
        )


def _median_inside(printed: PrintedNumber, median: float) -> bool:
    if math.isinf(median) or not printed.reached:
        return math.isinf(median) and math.isinf(printed.upper)
    return printed.contains(median)


def missed_numbers(
    endpoint: Endpoint, ipd: PseudoIPD, landmarks: Iterable[LandmarkCheck]
) -> tuple[str, ...]:
    """Name every reported value that the patients of an endpoint miss, and by how much.

    Parameters
    ----------
    endpoint : Endpoint
        What the paper reports.
    ipd : PseudoIPD
        The reconstruction of that endpoint.
    landmarks : iterable of LandmarkCheck
        The reported survival and medians beside the reproduced ones.
    """
    unit = endpoint.time_unit
    values = (_missed_value(check, unit) for check in landmarks if not check.inside)
    return (*values, *missed_counts(endpoint, ipd))


_NAMED = 4  # values that are missed, at most


def missed_sentence(missed: tuple[str, ...]) -> str:
    """Name the reported values that the patients miss, the first few of many.

    Parameters
    ----------
    missed : tuple of str
        At least one, as `missed_numbers` gives them.
    """
    named = "; ".join(missed[:_NAMED])
    more = f"; and {len(missed) - _NAMED} more" if len(missed) > _NAMED else ""
    return (
        "no patients were found that agree with every reported value. The nearest miss "
        f"{named}{more}"
    )


def _missed_value(check: LandmarkCheck, unit: str) -> str:
    printed, value = check.printed, check.reproduced
    distance = max(printed.lower - value, value - printed.upper)
    if check.quantity == "survival":
        return (
            f"survival {printed} at {with_unit(check.time, unit)} in arm {check.arm} (they have "
            f"{100 * value:.2f}%, {_size(100 * distance)} points outside its rounding)"
        )
    name = f"median {printed} {unit}" if printed.reached else f"median {printed}"
    if math.isinf(value):
        return f"{name} in arm {check.arm} (theirs is not reached)"
    outside = f", {_size(distance)} outside its rounding" if math.isfinite(distance) else ""
    return f"{name} in arm {check.arm} (theirs is {value:.4g}{outside})"


def _size(distance: float) -> str:
    return f"{distance:.2f}" if distance >= 0.1 else f"{distance:.2g}"


@dataclass(frozen=True, kw_only=True)
class AtRiskCheck:
    """A reported number at risk beside the reconstructed one.

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
    """How closely the patients of one arm follow its digitised curve, point by point.

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
        How far from a point the true curve may be: the median of `widths`.
    at_risk : tuple of AtRiskCheck
        The reported numbers at risk, in order of time.
    last_time : float
        Longest follow-up, of the last patient.
    events : int
        Of the patients.
    events_printed : int or None
    kind : {"steps", "samples"}
        Whether the points were read as the curve's drops or as heights between them.
    repairs : tuple of str
        What was repaired before the points were used, a sentence each.
    widths : ndarray of float, shape (k,)
        How far from each point the true curve may be, as the reconstruction has it.
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
    widths: FloatArray

    def __repr__(self) -> str:
        met = f"{int(self.inside.sum())} of {count(self.time.size, 'point')} within tolerance"
        return (
            f"CurveCheck({self.arm}: {met}, {count(self.n, 'patient')}, "
            f"{count(self.events, 'event')})"
        )

    @property
    def residual(self) -> FloatArray:
        """Reproduced minus digitised survival, shape (k,)."""
        return self.reproduced - self.digitised

    @property
    def inside(self) -> BoolArray:
        """Whether each point is within its width, shape (k,)."""
        return np.abs(self.residual) <= self.widths + ROUNDING

    @property
    def beyond(self) -> FloatArray:
        """How far beyond its reading error each point is missed, 0 if it is not, shape (k,)."""
        return np.maximum(np.abs(self.residual) - self.widths, 0.0)

    @property
    def misfit(self) -> bool:
        """Whether the curve is missed by more than its reading error.

        By half a percentage point beyond it over more than 2% of the time that the curve shows, or
        by 3 anywhere: single levels of a picture are misread, such as the ink of a fall.
        """
        lasts = np.diff(self.time, append=max(self.last_time, self.time[-1]))
        missed = lasts[self.beyond > MISFIT].sum() > SHORT * self.time[-1]
        return bool(missed or (self.beyond > CLEAR_MISFIT).any())

    def misfit_in_words(self, unit: str) -> str:
        """Say where the curve is missed, and by how much; "" if it is not."""
        if not self.misfit:
            return ""
        place = int(np.argmax(self.beyond))
        missed = int((self.beyond > MISFIT).sum())
        return (
            f"the patients of {self.arm} miss {missed} of {count(self.time.size, 'point')} of the "
            f"curve by more than their reading error, most at {with_unit(self.time[place], unit)}: "
            f"{100 * self.reproduced[place]:.1f}% where {100 * self.digitised[place]:.1f}% was "
            f"read to within {100 * self.widths[place]:.2g} points"
        )

    @property
    def mean_distance(self) -> float:
        """How far the patients are off the points on average."""
        return float(np.mean(np.abs(self.residual)))

    @property
    def bias(self) -> float:
        """By how much the patients are above the points (below 0: below them) on average."""
        return float(np.mean(self.residual))

    @property
    def largest(self) -> float:
        """The largest residual's size."""
        return float(np.abs(self.residual).max())

    @property
    def typical(self) -> float:
        """The root mean square of the residuals."""
        return float(np.sqrt(np.mean(self.residual**2)))

    def measures(self) -> dict[str, Any]:
        """Return numbers of patients, events and points, and the residuals, by name."""
        return {
            "n": self.n,
            "events": self.events,
            "events_printed": self.events_printed,
            "points": self.time.size,
            "points_met": int(self.inside.sum()),
            "tolerance": self.tolerance,
            "largest_residual": self.largest,
            "typical_residual": self.typical,
            "mean_distance": self.mean_distance,
            "bias": self.bias,
        }


def check_curves(endpoint: Endpoint, curves: Mapping[str, KaplanMeier]) -> tuple[CurveCheck, ...]:
    """Set the digitised curve of every arm that has one beside the estimate from its patients.

    Parameters
    ----------
    endpoint : Endpoint
        What the paper reports.
    curves : mapping of str to KaplanMeier
        The estimates by arm.
    """
    return tuple(_curve_checks(endpoint, curves))


def _curve_checks(endpoint: Endpoint, curves: Mapping[str, KaplanMeier]) -> Iterator[CurveCheck]:
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
            widths=np.array(arm.curve.widths),
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
    """Return one row for each arm: repairs, points and rows that agree, residuals, events.

    Residuals and the tolerance are shares of patients; reported events are missing if there are
    none.
    """
    import pandas as pd

    rows = [
        {
            "arm": check.arm,
            "kind": check.kind,
            "repairs": len(check.repairs),
            **check.measures(),
            "at_risk_rows": len(check.at_risk),
            "at_risk_met": sum(row.met for row in check.at_risk),
        }
        for check in checks
    ]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return frame.astype({"events_printed": "Int64"})

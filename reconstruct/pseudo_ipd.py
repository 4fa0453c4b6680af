"""Pseudo-individual patient data: what a reconstruction gives and every analysis takes."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

import numpy as np
import numpy.typing as npt

from ..presentation import notebook
from ..presentation.formats import count, time_text
from ..presentation.tables import Table, left, right
from ..studies.argument_types import given_kind
from ..studies.endpoint import DAYS_PER
from .patient_frame import (
    event_flags,
    frame_arms,
    frame_cause,
    frame_column,
    frame_event,
    frame_time,
)

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "BoolArray",
    "FloatArray",
    "IntArray",
    "PseudoIPD",
    "WholePatients",
    "patients_curves",
    "patients_table",
    "refuse_no_patients",
    "tied",
    "ties_said",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

_COLUMNS = (*left("Arm"), *right("Patients", "Events", "Censored", "Followed up to"))


@dataclass(frozen=True, kw_only=True, eq=False)
class WholePatients:
    """The patients of one arm in order of time, events before censorings at the same time.

    Attributes
    ----------
    time : ndarray of float, shape (n,)
        Time to event or censoring, positive, not decreasing.
    event : ndarray of bool, shape (n,)
        True if the event happened at `time`.
    """

    time: FloatArray
    event: BoolArray

    @classmethod
    def in_order(cls, time: FloatArray, event: BoolArray) -> Self:
        """Sort patients by time, events first.

        Parameters
        ----------
        time : ndarray of float, shape (n,)
            In the time unit.
        event : ndarray of bool, shape (n,)
            True where the event happened.
        """
        order = np.lexsort((~event, time))
        return cls(time=time[order], event=event[order])

    @property
    def survival(self) -> FloatArray:
        """Kaplan-Meier estimate after each patient has left, shape (n,).

        A factor 1 - 1/r for each event among r at risk: events at one time, one after the other,
        give the same product as the factor 1 - d/r of all d of them.
        """
        at_risk = np.arange(self.time.size, 0, -1)
        return np.asarray(np.cumprod(np.where(self.event, 1.0 - 1.0 / at_risk, 1.0)))

    def survival_at(self, time: npt.ArrayLike) -> FloatArray:
        """Kaplan-Meier estimate at given times, events at these times included, shape (k,)."""
        left_by = np.searchsorted(self.time, np.asarray(time, dtype=float), side="right")
        return np.asarray(np.concatenate([[1.0], self.survival])[left_by])


@dataclass(frozen=True, kw_only=True, eq=False)
class PseudoIPD:
    """Patients of one endpoint, one row each, arm by arm and in order of time.

    Attributes
    ----------
    time : ndarray of float, shape (n,)
        Time to event or censoring, in `time_unit`, positive.
    event : ndarray of bool, shape (n,)
        True if the event happened at `time`, False if the patient was censored then.
    arm : ndarray of str, shape (n,)
        The arm of each patient.
    arms : tuple of str
        The arms, the reference first.
    cohort, endpoint : str
        Where the patients belong.
    time_unit : str
        "days", "weeks", "months" or "years".
    assumptions : tuple of str
        Everything that was assumed because it is not reported, a sentence each.
    notes : mapping of str to str
        How the reconstruction went, by topic.
    cause : ndarray of str, shape (n,), or None
        What kind of event each patient had, "" if censored; None if all events are of one kind.
    """

    time: FloatArray
    event: BoolArray
    arm: npt.NDArray[np.str_]
    arms: tuple[str, ...]
    cohort: str = "all"
    endpoint: str = ""
    time_unit: str = "months"
    assumptions: tuple[str, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)
    cause: npt.NDArray[np.str_] | None = None

    def __post_init__(self) -> None:
        """Own the arrays and refuse impossible patients."""
        object.__setattr__(self, "event", event_flags(self.event))
        if self.time_unit not in DAYS_PER:
            raise ValueError(
                f"`time_unit` must be one of {', '.join(DAYS_PER)}, but is {self.time_unit!r}."
            )
        if np.asarray(self.time).dtype.kind in "mMc":
            raise ValueError("`time` must be real numbers: durations in the time unit, no dates.")
        for name, dtype in (("time", np.float64), ("event", np.bool_), ("arm", np.str_)):
            values = np.array(getattr(self, name), dtype=dtype)
            values.setflags(write=False)
            object.__setattr__(self, name, values)
        if not self.time.shape == self.event.shape == self.arm.shape or self.time.ndim != 1:
            raise ValueError(
                "`time`, `event` and `arm` must be one-dimensional and of one length, but have "
                f"shapes {self.time.shape}, {self.event.shape} and {self.arm.shape}."
            )
        if not self.time.size:
            raise ValueError("`time` must hold at least one patient.")
        if not (np.isfinite(self.time).all() and (self.time > 0).all()):
            worst = int(np.argmin(np.where(np.isfinite(self.time), self.time, -np.inf)))
            raise ValueError(
                f"`time` must be positive and finite, but is {self.time[worst]} in row {worst}."
            )
        if unknown := set(self.arm.tolist()) ^ set(self.arms):
            raise ValueError(
                f"`arms` must name exactly the arms in `arm`; they differ by {sorted(unknown)}."
            )
        if self.cause is not None:
            self._own_causes(self.cause)

    def _own_causes(self, cause: npt.ArrayLike) -> None:
        own = np.array(cause, dtype=np.str_)
        own.setflags(write=False)
        object.__setattr__(self, "cause", own)
        if own.shape != self.event.shape or ((own != "") != self.event).any():
            raise ValueError(
                "`cause` must name a cause for each patient with an event and be empty for the "
                "others."
            )

    def __repr__(self) -> str:
        """Return which patients these are and how many, for a notebook's line."""
        arms = ", ".join(f"{arm} {int((self.arm == arm).sum())}" for arm in self.arms)
        return (
            f"PseudoIPD({self.cohort}/{self.endpoint}: {count(self.time.size, 'patient')} "
            f"({arms}), {count(int(self.event.sum()), 'event')}, up to "
            f"{time_text(self.time.max())} {self.time_unit}"
            f"{', informed by the reported comparison' if self.informed else ''})"
        )

    def _repr_html_(self) -> str:
        """Return a line per arm, the curves of the arms, and what was assumed."""
        alt = f"Kaplan-Meier curves of {', '.join(self.arms)}"
        return notebook.block(
            patients_table(self),
            notebook.curves(patients_curves(self), unit=self.time_unit, alt=alt),
            notebook.listing("What was assumed", self.assumptions),
        )

    @property
    def informed(self) -> bool:
        """Whether the patients are conditioned on the reported comparison, and so cannot check it.

        ``notes["informed"]`` then says so, and how near they come.
        """
        return "informed" in self.notes

    @property
    def reference(self) -> str:
        """The arm in the denominator of the hazard ratio."""
        return self.arms[0]

    @property
    def causes(self) -> tuple[str, ...]:
        """The causes that patients have, in alphabetical order; none if there is one kind."""
        return () if self.cause is None else tuple(np.unique(self.cause[self.event]).tolist())

    def of_cause(self, cause: str) -> Self:
        """Return the patients with the events of one cause; those of others count as censored.

        What cause-specific hazards are of: ``cox(ipd.of_cause("relapse"))``.

        Raises
        ------
        KeyError
            If there is no such cause.
        """
        if self.cause is None or cause not in self.causes:
            known = ", ".join(self.causes) or "none"
            raise KeyError(f"there is no cause {cause!r} among the events; there are {known}")
        return replace(self, event=self.cause == cause, cause=None)

    def of(self, arm: str) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
        """Return the times and event flags of one arm.

        Returns
        -------
        time, event : ndarray of float and of bool, shape (n of the arm,)
        """
        if arm not in self.arms:
            raise KeyError(f"there is no arm {arm!r}; there are {', '.join(self.arms)}")
        rows = self.arm == arm
        return self.time[rows], self.event[rows]

    def to_frame(self) -> pd.DataFrame:
        """Return a data frame with the columns time, event (0 or 1), arm and any cause."""
        import pandas as pd

        columns = {"time": self.time, "event": self.event.astype(int), "arm": self.arm}
        return pd.DataFrame(columns if self.cause is None else {**columns, "cause": self.cause})

    def to_csv(self) -> str:
        """Return the columns of `to_frame` as CSV, without loading pandas."""
        columns = [self.time.tolist(), self.event.astype(int).tolist(), self.arm.tolist()]
        columns += [] if self.cause is None else [self.cause.tolist()]
        text = io.StringIO()
        rows = csv.writer(text, lineterminator="\n")
        rows.writerow(("time", "event", "arm", "cause")[: len(columns)])
        rows.writerows(zip(*columns, strict=True))
        return text.getvalue()

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, *, reference: str, time_unit: str = "months") -> Self:
        """Take patients from a data frame with the columns time, event and arm, or also cause.

        A cause that is missing or empty is that of a censored patient; without a column event, it
        is those with a cause who had one.

        Times that differ by no more than float arithmetic leaves are made one, as R's ``timefix``
        does; ``notes["ties"]`` and the assumptions say how many.

        Parameters
        ----------
        frame : DataFrame
            A row for each patient: `time` in the time unit, `event` True or False (or 1 and 0),
            `arm` any names or numbers, `cause` names.
        reference : str
            The arm in the denominator.
        time_unit : str
            "days", "weeks", "months" or "years".

        Raises
        ------
        TypeError
            If there is no data frame.
        ValueError
            If a column is not there, or a value is no time, event or arm: dates, words for events
            and missing values are not guessed.
        """
        frame_column(frame, "time")  # refuses what is no data frame
        arm, arms = frame_arms(frame, reference)
        alone, cause = "event" not in frame, None
        if "cause" in frame:
            cause = frame_cause(frame, alone=alone)
        event = cause != "" if alone and cause is not None else frame_event(frame)
        time, moved = tied(frame_time(frame))
        said = ties_said(moved)
        return cls(
            time=time,
            assumptions=(said,) if moved else (),
            notes={"ties": said} if moved else {},
            event=event,
            arm=arm,
            arms=arms,
            time_unit=time_unit,
            cause=cause,
        )


def refuse_no_patients(function: str, value: object) -> None:
    """Refuse what are no patients.

    Parameters
    ----------
    function : str
        The name of the public function that was called.
    value : object
        What it was given for patients.

    Raises
    ------
    TypeError
        If it is of another kind.
    """
    if isinstance(value, PseudoIPD):
        return
    study = repr(value) if isinstance(value, str) else "study"
    raise TypeError(
        f"`{function}` takes patients, a PseudoIPD, not {given_kind(value)}; make them by "
        "km.reconstruct(endpoint), or of a data frame by km.PseudoIPD.from_frame(frame, "
        f"reference=...). A whole study is re-analysed by km.reproduce({study})."
    )


NEAR = float(np.sqrt(np.finfo(float).eps))  # R's tolerance, 1.5e-8


def tied(time: FloatArray) -> tuple[FloatArray, int]:
    """Make one of times that differ by no more than the rounding of float arithmetic.

    Parameters
    ----------
    time : ndarray of float, shape (n,)

    Returns
    -------
    time : ndarray of float, shape (n,)
        Each the earliest of those that it is tied with.
    moved : int
        How many distinct times are gone.

    Notes
    -----
    As ``survival::aeqSurv`` in R: neighbours among the distinct times are tied if they are at most
    1.5e-8 apart, or at most 1.5e-8 of the mean time.

    Examples
    --------
    >>> tied(np.array([5.0, 5.0 + 1e-9, 7.0]))
    (array([5., 5., 7.]), 1)
    """
    distinct, place = np.unique(time, return_inverse=True)
    if not np.isfinite(distinct).all() or distinct.size < 2:
        return time, 0
    apart = np.diff(distinct)
    near = apart <= NEAR * max(1.0, float(np.mean(np.abs(distinct))))
    starts = np.concatenate([[True], ~near])
    return distinct[starts][np.cumsum(starts) - 1][place], int(near.sum())


def ties_said(moved: int) -> str:
    """Say how many times `tied` made one with an earlier one."""
    return (
        f"{count(moved, 'time was', 'times were')} within {NEAR:.2g} of an earlier one and "
        "taken as ties, as R's timefix does."
    )


def patients_table(ipd: PseudoIPD) -> str:
    """Return who the patients are, and a line per arm, as HTML."""
    informed = ", informed by the reported comparison" if ipd.informed else ""
    name = f"{ipd.cohort}/{ipd.endpoint}" if ipd.endpoint else "Patients"
    rows = (_row(ipd, arm) for arm in ipd.arms)
    title = notebook.heading(name, f"{count(ipd.time.size, 'patient')}{informed}")
    return title + Table.of(_COLUMNS, rows).to_html()


def _row(ipd: PseudoIPD, arm: str) -> tuple[str, ...]:
    time, event = ipd.of(arm)
    counts = (time.size, int(event.sum()), int((~event).sum()))
    return (arm, *map(str, counts), f"{time_text(time.max())} {ipd.time_unit}")


def patients_curves(ipd: PseudoIPD) -> dict[str, notebook.Curve]:
    """Return the Kaplan-Meier staircase of each arm, as it is sketched."""
    curves = {}
    for arm in ipd.arms:
        patients = WholePatients.in_order(*ipd.of(arm))
        time, survival = patients.time.tolist(), patients.survival.tolist()
        curves[arm] = notebook.Curve(time=time, survival=survival, points={})
    return curves

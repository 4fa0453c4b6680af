"""Follow-up after the end of a drawn curve, which its figure does not show.

The axis of a figure often ends while patients are at risk, and the hazard ratio of the paper is of
all follow-up. So those who are left at the end of a curve are followed for a while longer in some
of the draws: where patients were censored shortly before, entry was staggered and there is more to
come; where nobody was, follow-up may as well have been planned to end there, for everybody.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from ...studies import Endpoint
from ..constraints import ArmConstraints
from ..follow_up import entry_window
from ..pseudo_ipd import BoolArray, FloatArray
from .arm_draws import Patients

__all__ = ["CurveEnd", "followed_on", "open_ends"]

# Chosen on simulated trials; benchmarks/calibration.py --cut reports on others.
LATE = 2 / 3  # of the follow-up, after which events and censorings say how both go on
GOES_ON, SEEN = 0.9, 0.03  # most draws that go on, and the share censored late at which half do
SPREAD, LONGEST = 0.6, 1.0  # spread of the log of how much longer, and the most, in curves
USUAL = 2.0  # events at the arm's usual rate that weigh as much as those seen late
TOGETHER, APART = 0.3, 0.2  # spreads of the log rate of events beyond, of both arms and of one
AT_END, WHOLE = 1 - 1e-9, 1e-9  # relative; of a unit


@dataclass(frozen=True, kw_only=True)
class CurveEnd:
    """The end of the curve of an arm that may have been followed longer.

    Attributes
    ----------
    time : float
    counted : bool
        Whether its events are reported: who has the event after the end is drawn already.
    unit : float or None
        Whole units in which times were recorded, if the curve shows that.
    latest : float
        When everybody has left, by the dates of the study; infinite without any.
    """

    time: float
    counted: bool
    unit: float | None
    latest: float = math.inf


def open_ends(
    endpoint: Endpoint, arms: Mapping[str, ArmConstraints]
) -> tuple[dict[str, CurveEnd], int | None]:
    """Return the ends of the curves of arms that may have been followed longer, and their total.

    Parameters
    ----------
    endpoint : Endpoint
    arms : mapping of str to ArmConstraints
        Those with a curve.

    Returns
    -------
    ends : dict of str to CurveEnd
        By arm. Arms whose events are reported together with those of arms without an open end,
        and not by themselves, are left out.
    total : int or None
        Events of all of them together, where these alone are reported.
    """
    window = entry_window(endpoint)
    latest = math.inf if window is None else window[1]
    ends = {
        name: CurveEnd(
            time=arm.last_time,
            counted=arm.events is not None,
            unit=arm.recorded_unit,
            latest=latest,
        )
        for name, arm in arms.items()
        if arm.may_go_on
    }
    total = None if endpoint.reported is None else endpoint.reported.events
    counted = {name: end for name, end in ends.items() if end.counted}
    if total is None or len(counted) == len(ends):
        return ends, None
    return (ends, total) if len(ends) == len(endpoint.arms) else (counted, None)


def followed_on(
    drawn: Mapping[str, Patients],
    ends: Mapping[str, CurveEnd],
    rng: np.random.Generator,
    *,
    total: int | None = None,
) -> dict[str, Patients]:
    """Follow those who are at risk at the end of a curve for longer, in some of the draws.

    Parameters
    ----------
    drawn : mapping of str to Patients
        By arm.
    ends : mapping of str to CurveEnd
        Of those of them that may have been followed longer.
    rng : numpy.random.Generator
    total : int, optional
        Events of all of them, where these are reported.

    Returns
    -------
    dict of str to Patients
        Draws whose patients are the same up to the ends of the curves.

    Notes
    -----
    With entry at a constant rate, of c patients censored in the last third of the curve and r left
    at its end, a share q = c/(c + r) of those who are censored from then on is so already, and
    follow-up goes on for about (1 - q)/q of that third.
    """
    late = {name: _Late.of(drawn[name], end) for name, end in ends.items()}
    if not any(own.left.any() for own in late.values()):
        return dict(drawn)
    size = next(iter(late.values())).left.shape[0]
    censored = sum(own.censored for own in late.values()) + (1.0 - rng.random(size))
    share = censored / (censored + sum(own.left.sum(axis=1) for own in late.values()))
    goes_on = rng.random(size) < GOES_ON * share / (share + SEEN)
    longer = (1 - LATE) * (1 - share) / share * np.exp(SPREAD * rng.standard_normal(size))
    both = np.exp(TOGETHER * rng.standard_normal(size))
    rates = {
        name: own.rate(rng) * both * np.exp(APART * rng.standard_normal(size))
        for name, own in late.items()
        if not own.end.counted
    }
    if total is not None:
        late, rates = _with_total(late, rates, total, rng), {}
    for own in late.values():
        goes_on |= (own.left & own.patients.event).any(axis=1)
    longer = np.where(goes_on, np.minimum(longer, LONGEST), 0.0)
    return dict(drawn) | {
        name: own.gone_on(own.span(longer), rates.get(name), rng) for name, own in late.items()
    }


def _with_total(
    late: Mapping[str, _Late], rates: Mapping[str, FloatArray], total: int, rng: np.random.Generator
) -> dict[str, _Late]:
    """Choose who has the event after the end, so that all arms together have their total."""
    sizes = [own.left.shape[1] for own in late.values()]
    waits = [
        np.where(own.left, rng.exponential(1.0, own.left.shape) / rates[name][:, None], np.inf)
        for name, own in late.items()
    ]
    past = sum(np.sum(own.patients.event & ~own.left, axis=1) for own in late.values())
    rank = np.hstack(waits).argsort(axis=1).argsort(axis=1)
    chosen = np.split(rank < (total - past)[:, None], np.cumsum(sizes)[:-1], axis=1)
    return {
        name: replace(
            own,
            patients=replace(own.patients, event=np.where(own.left, first, own.patients.event)),
        )
        for (name, own), first in zip(late.items(), chosen, strict=True)
    }


@dataclass(frozen=True, kw_only=True, eq=False)
class _Late:
    """What happens late on the curve of one arm, a row per draw.

    Attributes
    ----------
    patients : Patients
    end : CurveEnd
        Of the curve.
    left : ndarray of bool, shape (rows, n)
        Who is at risk just after it.
    censored, events : ndarray of int, shape (rows,)
        In the last third, before its end.
    exposure : ndarray of float, shape (rows,)
        Time at risk in it, of all patients.
    usual : ndarray of float, shape (rows,)
        Events per time at risk, over the whole curve.
    """

    patients: Patients
    end: CurveEnd
    left: BoolArray
    censored: FloatArray
    events: FloatArray
    exposure: FloatArray
    usual: FloatArray

    @classmethod
    def of(cls, patients: Patients, end: CurveEnd) -> Self:
        time, event, last = patients.time, patients.event, end.time
        left = (time > last / AT_END) | (~event & (time >= AT_END * last))
        inside = (time > LATE * last) & ~left
        return cls(
            patients=patients,
            end=end,
            left=left,
            censored=np.sum(inside & ~event, axis=1),
            events=np.sum(inside & event, axis=1),
            exposure=np.clip(time - LATE * last, 0.0, (1 - LATE) * last).sum(axis=1),
            usual=(event.sum(axis=1) + 0.5) / time.sum(axis=1),
        )

    def rate(self, rng: np.random.Generator) -> FloatArray:
        """Draw events per time at risk beyond the curve, shape (rows,)."""
        exposure = self.exposure + USUAL / self.usual
        return np.asarray(rng.gamma(self.events + USUAL) / exposure)

    def span(self, longer: FloatArray) -> FloatArray:
        """Return the longest follow-up beyond the curve, given it in curves, shape (rows,)."""
        return np.minimum(longer * self.end.time, self.end.latest - self.end.time)

    def gone_on(
        self, span: FloatArray, rate: FloatArray | None, rng: np.random.Generator
    ) -> Patients:
        """Follow who is left for uniform times of at most `span`, both of shape (rows,).

        Without a rate, those of them who have the event are who had it before.
        """
        rows, columns = np.nonzero(self.left)
        time, event = self.patients.time.copy(), self.patients.event.copy()
        until = span[rows] * rng.random(rows.size)
        if rate is not None:
            happens = rng.exponential(1.0, rows.size) / rate[rows]
            event[rows, columns] = happens < until
            until = np.minimum(until, happens)
        until += self.end.time
        if self.end.unit is not None:
            until = np.ceil(until / self.end.unit - WHOLE) * self.end.unit
        time[rows, columns] = until
        order = np.argsort(time, axis=1, kind="stable")
        return Patients(
            time=np.take_along_axis(time, order, axis=1),
            event=np.take_along_axis(event, order, axis=1),
        )

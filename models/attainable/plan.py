"""Data sets as plans: who leaves in which phase, by an event or censored, in which order."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...reconstruct.pseudo_ipd import FloatArray, PseudoIPD
from .._cox import batched_cox
from .phases import Phase
from .timeline import ArmTimeline, Timeline

__all__ = ["Plan", "as_ipd", "is_consistent", "log_hazard_ratio_of"]

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, eq=False)
class Plan:
    """Who leaves when, as far as reported times show.

    Attributes
    ----------
    exits : tuple of list of ndarray of bool
        For the reference and the treatment arm, for every phase: the patients who leave in it, in
        order; True for an event.
    """

    exits: tuple[list[Flags], list[Flags]]


def as_ipd(timeline: Timeline, phases: Sequence[Phase], plan: Plan) -> PseudoIPD:
    """Return the patients of a plan, the treatment arm leaving first in every phase."""
    times, events = [], []
    for j, exits in enumerate(plan.exits):
        times += [
            _times(timeline.time, phase, late=j == 0, count=flags.size)
            for phase, flags in zip(phases, exits, strict=True)
        ]
        events += exits
    names = tuple(arm.name for arm in timeline.arms)
    return PseudoIPD(
        time=np.concatenate(times),
        event=np.concatenate(events),
        arm=np.repeat(np.array(names, dtype=np.str_), [arm.n for arm in timeline.arms]),
        arms=names,
    )


def _times(stops: FloatArray, phase: Phase, *, late: bool, count: int) -> FloatArray:
    """Spread those who leave over the first half of a phase, or over the second."""
    end = stops[phase.stop]
    if phase.instant:
        return np.full(count, end)
    start = stops[phase.stop - 1] if phase.stop else 0.0
    if math.isinf(end):
        end = start + max(start, 1.0) * 0.1
    middle = (start + end) / 2
    low, high = (middle, end) if late else (start, middle)
    return np.asarray(low + (high - low) * (np.arange(count) + 1.0) / (count + 1.0))


def is_consistent(timeline: Timeline, ipd: PseudoIPD) -> bool:
    """Say whether patients match everything that is reported, from their times alone."""
    events = 0
    for arm in timeline.arms:
        time, event = ipd.of(arm.name)
        events += int(event.sum())
        if not _arm_meets(timeline.time, arm, time, event):
            return False
    return timeline.events is None or events == timeline.events


def _arm_meets(stops: FloatArray, arm: ArmTimeline, time: FloatArray, event: Flags) -> bool:
    if time.size != arm.n or (arm.events is not None and event.sum() != arm.events):
        return False
    at_risk = np.array([(time >= stop).sum() for stop in stops])
    happened = np.array([(event & (time == stop)).sum() for stop in stops])
    if arm.only_listed and int(event.sum()) != int(arm.listed.sum()):
        return False
    if (happened < arm.listed).any():
        return False
    before, after = _survival(time, event, stops)
    return all(
        bool(((low <= values) & (values <= high)).all())
        for values, (low, high) in (
            (at_risk, arm.at_risk.T),
            (before, _forgiving(arm.before).T),
            (after, _forgiving(arm.after).T),
        )
    )


def _forgiving(bounds: FloatArray) -> FloatArray:
    """Allow for the last bits of a product, without touching either side of one half."""
    return np.asarray(bounds + np.array([-1e-13, 1e-13]))


def _survival(time: FloatArray, event: Flags, stops: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Kaplan-Meier estimates just before and at each stop."""
    moments, counts = np.unique(time[event], return_counts=True)
    followed = np.array([(time >= moment).sum() for moment in moments])
    curve = np.concatenate([[1.0], np.cumprod(1.0 - counts / np.maximum(followed, 1))])
    return (
        curve[np.searchsorted(moments, stops, side="left")],
        curve[np.searchsorted(moments, stops, side="right")],
    )


def log_hazard_ratio_of(ipd: PseudoIPD) -> float:
    """Return the Cox estimate (Efron) of the log hazard ratio of two arms.

    Minus or plus infinity where the partial likelihood rises for ever; NaN if no event was seen
    while both arms were at risk, so that it is flat.
    """
    treated = ipd.arm != ipd.reference
    return float(batched_cox(ipd.time[None], ipd.event[None], treated[None]).log_hazard_ratio[0])

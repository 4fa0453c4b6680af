"""Event-free survival of an endpoint with competing risks: what is left by all its causes."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from ...studies import Arm, DigitisedCurve, Endpoint, Landmark, PrintedNumber
from ..errors import ReconstructionRefused
from .bounds import CauseBounds, cause_bounds

__all__ = ["event_free", "may_exchange"]

_ROUNDING = 1e-12
_DIGITS = 12


def may_exchange(arm: Arm) -> bool:
    """Say whether events and censorings of an arm may exchange places between reported times.

    They may not where the arm reports more of its event-free survival than what its causes say.
    """
    more = (arm.landmarks, arm.median, arm.event_times, arm.censor_marks, arm.curve)
    return not any(more)


def event_free(endpoint: Endpoint, *, inferred: bool = True, slack: float = 0.0) -> Endpoint:
    """Return the endpoint of being free of every event that an endpoint's causes imply.

    Parameters
    ----------
    endpoint : Endpoint
        One whose arms report causes.
    inferred : bool
        Infer the events of any cause from those of some causes, where not all are reported.
    slack : float
        By how many patients' worth the intervals are widened, at either end, 0 or more.

    Returns
    -------
    Endpoint
        Without causes. Each arm's survival is 1 less the incidence of all causes at the times at
        which every one of them is reported, within an interval as wide as theirs together; what
        the arm reports of event-free survival itself is kept.

    Raises
    ------
    ReconstructionRefused
        If an arm's causes do not say how many patients are free of all of them.
    """
    arms = {
        name: _event_free_arm(endpoint, name, inferred=inferred, slack=slack)
        for name in endpoint.arms
    }
    reported = endpoint.reported
    if reported is not None and reported.causes:
        reported = reported.model_copy(update={"causes": {}})
    label = f"{endpoint.label or endpoint.name}, free of {' and '.join(endpoint.causes)}"
    return endpoint.model_copy(update={"arms": arms, "reported": reported, "label": label})


def _event_free_arm(endpoint: Endpoint, name: str, *, inferred: bool, slack: float) -> Arm:
    arm = endpoint.arms[name]
    bounds = cause_bounds(arm)
    _refuse_silent(endpoint, name, bounds)
    landmarks, curve = dict(arm.landmarks), arm.curve
    if curve is None and all(cause.curve is not None for cause in arm.causes.values()):
        curve = _curve(arm)
        marked = {when for cause in arm.causes.values() for when in cause.landmarks}
    else:
        marked = set(bounds.time.tolist())
    for place, when in enumerate(bounds.time.tolist()):
        if when in marked and when not in landmarks:
            landmarks[when] = _landmark(
                arm, bounds, place, slack=slack if may_exchange(arm) else 0.0
            )
    return arm.model_copy(
        update={
            "causes": {},
            "landmarks": dict(sorted(landmarks.items())),
            "curve": curve,
            "events": _all_events(arm, bounds) if inferred else _reported_events(arm, bounds),
        }
    )


def _refuse_silent(endpoint: Endpoint, name: str, bounds: CauseBounds) -> None:
    """Refuse an arm where the incidence of a cause is unknown and cannot be inferred."""
    arm = endpoint.arms[name]
    silent = [cause for cause, last in zip(bounds.causes, bounds.reach, strict=True) if last == 0]
    if len(silent) < len(bounds.causes) and (not silent or arm.landmarks or arm.curve):
        return
    told = [place for place, last in enumerate(bounds.reach) if last > 0]
    if told and all(count is not None for count in bounds.events):
        return
    raise ReconstructionRefused(
        f"{endpoint.key}, arm {name}: nothing says when events of {' and '.join(silent)} happened; "
        "give their cumulative incidence, the arm's event-free survival (`landmarks`), or the "
        "events of every cause",
        endpoint_key=endpoint.key,
    )


def _reported_events(arm: Arm, bounds: CauseBounds) -> int | None:
    if arm.events is not None or any(count is None for count in bounds.events):
        return arm.events
    return sum(count or 0 for count in bounds.events)


def _all_events(arm: Arm, bounds: CauseBounds) -> int | None:
    """Return the events of any cause; those of causes without a number in proportion to others'.

    Causes keep the shares of the last reported time: the events that are known, over their share.
    """
    reported = _reported_events(arm, bounds)
    known = [place for place, count in enumerate(bounds.events) if count is not None]
    if reported is not None or not known or arm.n is None:
        return reported
    total = sum(bounds.events[place] or 0 for place in known)
    last = bounds.value[:, -1] if bounds.time.size else np.zeros(len(bounds.causes))
    if not (bounds.reach > 0).all() or last[known].sum() <= 0:
        return None
    return min(round(total * float(last.sum() / last[known].sum())), arm.n)


def _landmark(arm: Arm, bounds: CauseBounds, place: int, *, slack: float) -> Landmark:
    """Return event-free survival at one time, in words and as an interval."""
    # rounded, so that one cause alone gives the interval of survival to the last bit
    wider = slack / (arm.n or math.inf)
    lower = round(max(1.0 - float(bounds.upper[:, place].sum()) - wider, 0.0), _DIGITS)
    upper = round(min(1.0 - float(bounds.lower[:, place].sum()) + wider, 1.0), _DIGITS)
    upper = max(upper, lower)
    value = min(max(round(1.0 - float(bounds.value[:, place].sum()), _DIGITS), lower), upper)
    when = float(bounds.time[place])
    said = [
        str(cause.landmarks[when].incidence)
        for cause in arm.causes.values()
        if when in cause.landmarks
    ]
    decimals = max((len(text.strip("%~ ").partition(".")[2]) for text in said), default=1)
    whole = len(said) == len(arm.causes)
    text = f"{'' if whole else 'about '}{100 * value:.{decimals}f}%"
    if whole:
        text += f" (100% less {' and '.join(said)})"
    number = PrintedNumber(text, value, lower, upper, decimals, percent=True)
    return Landmark(survival=number)


def _curve(arm: Arm) -> DigitisedCurve:
    """Return the curve of event-free survival that the curves of all causes add up to."""
    curves = [cause.curve for cause in arm.causes.values() if cause.curve is not None]
    if len(curves) == 1:
        return curves[0]
    steps = all(curve.kind == "steps" for curve in curves)
    time = np.unique(np.concatenate([curve.time for curve in curves]))
    gone = sum(1.0 - _height(curve, time, steps=steps) for curve in curves)
    survival = np.minimum.accumulate(np.clip(1.0 - gone, 0.0, 1.0))
    drops = np.diff(survival, prepend=1.0) < -_ROUNDING
    return replace(
        curves[0],
        time=tuple(time.tolist()),
        survival=tuple(survival.tolist()),
        is_drop=tuple((drops & steps).tolist()),
        kind="steps" if steps else "samples",
        # What event-free survival is off by, the causes have to share, each within its own.
        tolerance=max(curve.tolerance for curve in curves),
        tolerance_source="the largest of the causes' curves'",
        last_time=max(curve.last_time for curve in curves),
        repairs=tuple(repair for curve in curves for repair in curve.repairs),
        kind_stated=True,
        tolerances=(),
        rows=0,
        if_samples=None,
        if_steps=None,
    )


def _height(curve: DigitisedCurve, time: np.ndarray, *, steps: bool) -> np.ndarray:
    """Return the height of a curve at given times: as a staircase, or on lines between points."""
    known, heights = np.array([0.0, *curve.time]), np.array([1.0, *curve.survival])
    if steps:
        return np.asarray(heights[np.searchsorted(known, time, side="right") - 1])
    return np.asarray(np.interp(time, known, heights))

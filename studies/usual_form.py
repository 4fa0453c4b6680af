"""What an endpoint reports, with every interval one of 95% and every p two-sided."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..presentation.formats import count
from .arm import Arm, Landmark
from .endpoint import Endpoint
from .fields import ReadOnlyDict
from .interval_level import level_fit
from .printed import PrintedNumber
from .printed_fields import USUAL_LEVEL, level_z
from .reported import Reported, two_sided

__all__ = ["UsualForm", "usual_form"]


_Interval = tuple[PrintedNumber, PrintedNumber]
_Scale = tuple[Callable[[float], float], Callable[[float], float]]


@dataclass(frozen=True, kw_only=True)
class UsualForm:
    """An endpoint in the form that reconstruction reads.

    Attributes
    ----------
    endpoint : Endpoint
        With 95% intervals and a two-sided p; the same one if nothing had to be changed.
    remarks : tuple of str
        What was converted or left out, a sentence each.
    """

    endpoint: Endpoint
    remarks: tuple[str, ...] = ()


def usual_form(endpoint: Endpoint) -> UsualForm:
    """Convert intervals of other levels to 95%, and a one-sided p to a two-sided one.

    Left out are a p of non-inferiority or equivalence, an interval that states no level and, by
    the events and p beside it, cannot be one of 95%, and events and interval of a comparison of
    other patients. Where the events of all arms together and of all but one are reported, that one
    has the rest.

    Notes
    -----
    Limits are moved towards the estimate by the ratio of normal quantiles: of a hazard ratio and
    of a median on the log scale, of survival on the scale (plain, log, log-log) on which it is
    nearest to the middle of its interval. For medians that is an approximation, since their
    intervals come from survival on either side.
    """
    update: dict[str, Any] = {}
    remarks: list[str] = []
    arms = {name: _usual_arm(arm, name, remarks) for name, arm in endpoint.arms.items()}
    if any(arms[name] is not endpoint.arms[name] for name in arms):
        update["arms"] = ReadOnlyDict(arms)
    reported = _usual_reported(endpoint, remarks)
    if reported is not endpoint.reported:
        update["reported"] = reported
    if rest := _rest_of_events(arms, reported, remarks):
        update["arms"] = ReadOnlyDict(arms | rest)
    if not update:
        return UsualForm(endpoint=endpoint)
    return UsualForm(endpoint=endpoint.model_copy(update=update), remarks=tuple(remarks))


def _usual_reported(endpoint: Endpoint, remarks: list[str]) -> Reported | None:
    reported = endpoint.reported
    if reported is None:
        return None
    update: dict[str, Any] = {}
    if reported.ci is not None and reported.level != USUAL_LEVEL:
        limits = converted(reported.hazard_ratio, reported.ci, reported.level, (math.log, math.exp))
        update |= {"ci": limits, "ci_level": None}
        remarks.append(_converted_sentence("hazard ratio", reported.ci, reported.level, limits))
    elif fit := level_fit(endpoint):
        update["ci"] = None
        remarks.append(
            f"The interval of the hazard ratio was not used: {fit.sentence}; if the paper states "
            "its level, write it in `ci_level`."
        )
    if reported.p is not None and reported.p_of_difference is None:
        update |= {"p": None, "one_sided": False}
        remarks.append(
            f"The p {reported.p} was not used: it is of {reported.test}, not of a difference."
        )
    elif reported.one_sided and reported.p is not None:
        p = two_sided(reported.p)
        update |= {"p": p, "one_sided": False}
        remarks.append(f"The one-sided p {reported.p} was taken as a two-sided {p}.")
    total = _patients(endpoint.arms)
    if reported.n is not None and total is not None and reported.n != total:
        update |= {"ci": None, "events": None}
        remarks.append(
            f"The comparison is of {count(reported.n or 0, 'patient')}, the arms have {total}, "
            "so its events and interval were not used."
        )
    return reported.model_copy(update=update) if update else reported


def _rest_of_events(
    arms: Mapping[str, Arm], reported: Reported | None, remarks: list[str]
) -> dict[str, Arm]:
    """Return the one arm whose events follow from those of all together; empty if none does."""
    if reported is None or reported.events is None or len(arms) != 2:
        return {}
    open_ = [name for name, arm in arms.items() if arm.events is None and not arm.event_times]
    others = [arm.events for name, arm in arms.items() if name not in open_]
    if len(open_) != 1 or others[0] is None:
        return {}
    (name,), rest = open_, reported.events - others[0]
    if not 0 <= rest <= (arms[name].n or 0):
        return {}
    remarks.append(
        f"Arm {name} was taken to have {count(rest, 'event')}: the {reported.events} that are "
        "reported in total, less those of the other arm."
    )
    return {name: arms[name].model_copy(update={"events": rest})}


def _patients(arms: Mapping[str, Arm]) -> int | None:
    sizes = [arm.n for arm in arms.values() if arm.n is not None]
    return sum(sizes) if len(sizes) == len(arms) else None


def _usual_arm(arm: Arm, name: str, remarks: list[str]) -> Arm:
    update: dict[str, Any] = {}
    marks = {
        time: _usual_landmark(mark, f"survival at {time:g} in arm {name}", remarks)
        for time, mark in arm.landmarks.items()
    }
    if any(marks[time] is not arm.landmarks[time] for time in marks):
        update["landmarks"] = ReadOnlyDict(marks)
    level = arm.median_ci_level
    if arm.median_ci is not None and level is not None and level != USUAL_LEVEL:
        limits = converted(arm.median, arm.median_ci, level, (math.log, math.exp))
        update |= {"median_ci": limits, "median_ci_level": None}
        what = f"median in arm {name}"
        remarks.append(_converted_sentence(what, arm.median_ci, level, limits))
    return arm.model_copy(update=update) if update else arm


def _usual_landmark(mark: Landmark, what: str, remarks: list[str]) -> Landmark:
    level = mark.ci_level
    if mark.ci is None or level is None or level == USUAL_LEVEL:
        return mark
    limits = converted(mark.survival, mark.ci, level, _survival_scale(mark.survival, mark.ci))
    remarks.append(_converted_sentence(what, mark.ci, level, limits))
    return mark.model_copy(update={"ci": limits, "ci_level": None})


def _survival_scale(survival: PrintedNumber, ci: _Interval) -> _Scale:
    """Return the scale on which a survival is nearest to the middle of its interval."""
    scales: tuple[_Scale, ...] = (
        (lambda s: s, lambda v: v),
        (math.log, math.exp),
        (lambda s: -math.log(-math.log(s)), lambda v: math.exp(-math.exp(-v))),
    )
    values = [ci[0].value, survival.value, ci[1].value]
    if not 0 < min(values) <= max(values) < 1:
        return scales[0]

    def off(scale: _Scale) -> float:
        low, middle, high = (scale[0](value) for value in values)
        return abs((middle - low) / max(high - low, 1e-12) - 0.5)

    return min(scales, key=off)


def converted(
    estimate: PrintedNumber | None, ci: _Interval, level: float, scale: _Scale
) -> _Interval:
    """Return the 95% interval that goes with one of another level.

    Parameters
    ----------
    estimate : PrintedNumber or None
        Without one the middle of the interval on the scale.
    ci : tuple of PrintedNumber
        A limit that was not reached, or is 0, stays as it is.
    level : float
        Of `ci`, in per cent.
    scale : tuple of callable
        To the scale on which intervals are symmetric, and back.
    """
    share = level_z(USUAL_LEVEL) / level_z(level)
    forward, back = scale
    low, high = ci
    middle = estimate.value if estimate is not None and estimate.reached else math.nan
    if math.isnan(middle) and _usable(low) and _usable(high):
        middle = back((forward(low.value) + forward(high.value)) / 2)
    if not middle > 0 or (middle >= 1 and high.value < 1):
        return ci
    at = forward(middle)

    def moved(limit: PrintedNumber) -> PrintedNumber:
        if not _usable(limit):
            return limit
        ends = [
            back(at + share * (forward(end) - at)) if end > 0 else 0.0
            for end in (limit.lower, limit.value, limit.upper)
        ]
        digits = limit.decimals + 1
        text = f"{100 * ends[1]:.{digits}f}%" if limit.percent else f"{ends[1]:.{digits}f}"
        return PrintedNumber(text, ends[1], ends[0], ends[2], digits, limit.percent, limit.relation)

    return moved(low), moved(high)


def _usable(limit: PrintedNumber) -> bool:
    return limit.reached and limit.value > 0 and not (limit.percent and limit.upper >= 1)


def _converted_sentence(what: str, ci: _Interval, level: float, limits: _Interval) -> str:
    return (
        f"The {level:g}% interval of the {what}, {ci[0]} to {ci[1]}, was converted to a 95% "
        f"interval, {limits[0]} to {limits[1]}."
    )

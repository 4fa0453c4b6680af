"""What an endpoint reports, with every interval one of 95% and every p two-sided.

An interval that states no level may be of another than 95%: `level_fit` finds which levels agree
with the events and the p-value beside it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

from ..presentation.formats import count
from .arm import Arm, Landmark
from .endpoint import Endpoint
from .fields import ReadOnlyDict
from .printed import PrintedNumber
from .printed_fields import LEAST_LEVEL, MOST_LEVEL, USUAL_LEVEL, level_z, p_z
from .reported import Reported, two_sided

__all__ = [
    "FEWEST_EVENTS", "LevelFit", "UsualForm", "half_width", "information_of", "level_fit",
    "shares_in_one_arm", "usual_form",
]  # fmt: skip


# Of 2,400 simulated trials of many courses, 99% with 30 events or more have an information on the
# log hazard ratio of D q(1 - q) times (0.88 - 0.35 |log HR|) to 1.13, and 99% a log-rank z of 0.9
# to 1.25 times Wald's.
MOST_INFORMATION = 1.13
LEAST_INFORMATION, PER_LOG_RATIO, FLOOR = 0.88, 0.35, 0.3
OTHER_TESTS = 0.9, 1.25
FEWEST_EVENTS = 30
CLEAR = 1.0  # Wald's z, below which p says too little of a standard error
_OFTEN = (99.8, 99.0, 97.5, 98.0, 99.5, 99.9, 90.0, 80.0)  # per cent; often, beside 95


@dataclass(frozen=True, kw_only=True)
class LevelFit:
    """Levels at which an interval agrees with what is reported beside it.

    Attributes
    ----------
    lower, upper : float
        The levels in per cent, from 80 to 99.9.
    by : tuple of str
        What they follow from: "p", "events".
    """

    lower: float
    upper: float
    by: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """Why it is no 95% interval, and what it may be."""
        which = " and ".join(self.by)
        return f"as a 95% interval it does not agree with {which}; as one of {self.text} it would"

    @property
    def text(self) -> str:
        """The levels: "99% to 99.9%"."""
        low, high = (f"{end:.3g}%" for end in (self.lower, self.upper))
        return low if low == high else f"{low} to {high}"

    @property
    def usual(self) -> float:
        """A level that is often reported and fits; else the middle of those that do."""
        usual = [level for level in _OFTEN if self.lower <= level <= self.upper]
        return usual[0] if usual else round((self.lower + self.upper) / 2, 1)


def level_fit(endpoint: Endpoint) -> LevelFit | None:
    """Return the levels that fit an interval which states none and cannot be one of 95%.

    None if the level is stated, if 95% fits, or if no level from 80% to 99.9% does.

    Notes
    -----
    With z the quantile of the level, the half width of the interval on the log scale is z standard
    errors. A two-sided p gives the standard error |log HR| / z(p); D events, a share q of them at
    risk in one arm, 1 / sqrt(D q (1 - q)) about [1]_.

    References
    ----------
    .. [1] Parmar MKB, Torri V, Stewart L. Stat Med 1998;17:2815-2834, eq. 5-11.
    """
    reported = endpoint.reported
    if reported is None or reported.ci is None or reported.ci_level is not None:
        return None
    half = half_width(reported.ci)
    if half is None:
        return None
    found = {"p": _by_p(reported, half), "events": _by_events(endpoint, reported, half)}
    known = {name: ends for name, ends in found.items() if ends is not None}
    usual = level_z(USUAL_LEVEL)
    low = max((ends[0] for ends in known.values()), default=0.0)
    high = min((ends[1] for ends in known.values()), default=math.inf)
    if low <= usual <= high or low > high:
        return None
    low, high = max(low, level_z(LEAST_LEVEL)), min(high, level_z(MOST_LEVEL))
    if low > high:
        return None
    against = tuple(n for n, ends in known.items() if not ends[0] <= usual <= ends[1])
    return LevelFit(lower=_level_of(low), upper=_level_of(high), by=against)


def _level_of(z: float) -> float:
    return 100 * (2 * NormalDist().cdf(z) - 1)


def half_width(ci: tuple[PrintedNumber, PrintedNumber]) -> tuple[float, float] | None:
    """Return the smallest and largest half width on the log scale under every rounding."""
    low, high = ci
    if not (low.reached and high.reached) or low.lower <= 0 or high.lower <= low.upper:
        return None
    return math.log(high.lower / low.upper) / 2, math.log(high.upper / low.lower) / 2


def _by_p(reported: Reported, half: tuple[float, float]) -> tuple[float, float] | None:
    """Return the quantiles that agree with p, in any of the usual tests."""
    ratio, p = reported.hazard_ratio, reported.p
    if ratio is None or p is None or ratio.lower <= 0 or ratio.lower <= 1 <= ratio.upper:
        return None
    test = (reported.test or "").lower()
    if reported.adjusted and "log" in test:  # p is of another model than the interval
        return None
    p = two_sided(p) if reported.one_sided else p
    logs = sorted(abs(math.log(end)) for end in (ratio.lower, ratio.upper))
    if logs[0] / half[1] * level_z(USUAL_LEVEL) < CLEAR:
        return None
    least, most = (1.0, 1.0) if "wald" in test else OTHER_TESTS
    z = p_z(p.upper), p_z(p.lower)
    return z[0] * half[0] / logs[1] / most, z[1] * half[1] / logs[0] / least


def _by_events(
    endpoint: Endpoint, reported: Reported, half: tuple[float, float]
) -> tuple[float, float] | None:
    """Return the quantiles that agree with the events of both arms."""
    events, shares = _events(endpoint, reported), shares_in_one_arm(endpoint)
    if events is None or events < FEWEST_EVENTS or shares is None or reported.adjusted:
        return None
    if reported.n is not None:  # of other patients
        return None
    ratio = reported.hazard_ratio
    log = math.log(ratio.value) if ratio and ratio.value > 0 else 0.0
    least, most = information_of(events, shares=shares, log_ratio=log)
    return half[0] * math.sqrt(least), half[1] * math.sqrt(most)


def information_of(
    events: int, *, shares: tuple[float, float], log_ratio: float
) -> tuple[float, float]:
    """Return the least and the most information on a log hazard ratio that events usually have.

    Parameters
    ----------
    events : int
        Of both arms, `FEWEST_EVENTS` or more.
    shares : tuple of float
        Of the patients, in one arm: the least and the most, as `shares_in_one_arm` gives them.
    log_ratio : float
        The log hazard ratio.
    """
    least, most = (share * (1 - share) for share in sorted(shares, key=lambda q: -abs(q - 0.5)))
    most = 0.25 if shares[0] <= 0.5 <= shares[1] else most
    factor = max(LEAST_INFORMATION - PER_LOG_RATIO * abs(log_ratio), FLOOR)
    return events * least * factor, events * most * MOST_INFORMATION


def _events(endpoint: Endpoint, reported: Reported) -> int | None:
    own = [arm.events for arm in endpoint.arms.values()]
    known = [count for count in own if count is not None]
    return reported.events or (sum(known) if len(known) == len(own) == 2 else None)


def shares_in_one_arm(endpoint: Endpoint) -> tuple[float, float] | None:
    """Return the least and the most share of patients in one of two arms; None if unknown.

    They are the same, unless the numbers of patients are shares by the allocation.
    """
    arms = list(endpoint.arms.values())
    if len(arms) != 2:
        return None
    sizes = [(arm.n, arm.most_patients) for arm in arms]
    (first, most_first), (second, most_second) = sizes
    if first is None or second is None or most_first is None or most_second is None:
        return None
    total = first + second
    return max(second - (most_first - first), 1) / total, min(most_second, total - 1) / total


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

    Left out are an interval that states no level and, by the events and p beside it, cannot be
    one of 95%, and events and interval of a comparison of other patients. Where the events of all
    arms together and of all but one are reported, that one has the rest.

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
    if reported.one_sided and reported.p is not None:
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

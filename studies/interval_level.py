"""Levels of confidence that an interval of a hazard ratio may have, by the events and p beside it.

An interval that states no level may be of another than 95%: `level_fit` finds which levels agree
with the events and the p-value beside it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

from .arm import Arm
from .endpoint import Endpoint
from .printed import PrintedNumber
from .printed_fields import LEAST_LEVEL, MOST_LEVEL, USUAL_LEVEL, level_z, p_z
from .reported import Reported, two_sided

__all__ = ["ComparedEvents", "LevelFit", "compared_events", "half_width", "level_fit"]


# Of 3,512 simulated trials of many courses and of allocations up to 1 to 6, 99% with 30 events or
# more have the information on the log hazard ratio that their events allow by arm times 0.93 -
# 0.10 |log HR| to 1, and that of any split of their total from 0.82 to 1.07; 99% of 2,400 a
# log-rank z of 0.9 to 1.25 times Wald's.
LEAST_BY_ARM, PER_LOG_RATIO, FLOOR, MOST_BY_ARM = 0.93, 0.10, 0.6, 1.01
LEAST_IN_ALL, MOST_IN_ALL = 0.82, 1.07
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
        """The levels, rounded to what is between them: "99% to 99.9%"."""
        low, high = math.ceil(10 * self.lower - 1e-6) / 10, math.floor(10 * self.upper + 1e-6) / 10
        return f"{low:g}% to {high:g}%" if low < high else f"{self.lower:.3g}%"

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
    errors. A two-sided p gives the standard error |log HR| / z(p); D events, a share p of them in
    one arm, 1 / sqrt(D p (1 - p)) about [1]_; see `ComparedEvents`.

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
    ratio, p = reported.hazard_ratio, reported.p_of_difference
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
    events = compared_events(endpoint)
    if events is None or reported.adjusted or reported.n is not None:  # n is of other patients
        return None
    ratio, ci = reported.hazard_ratio, reported.ci
    middle = math.sqrt(ci[0].value * ci[1].value) if ci else 1.0
    ratio_value = ratio.value if ratio and ratio.value > 0 else middle
    information = events.information(math.log(ratio_value))
    return information and (
        half[0] * math.sqrt(information[0]), half[1] * math.sqrt(information[1])
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ComparedEvents:
    """The events of two arms, and what is known of how they are split between them.

    Attributes
    ----------
    total : int
        Of both arms.
    treated : int or None
        Of them in the treatment arm.
    shares : tuple of float or None
        Of the patients, in the treatment arm: the least and the most, as where numbers of patients
        are shares by the allocation.
    """

    total: int
    treated: int | None
    shares: tuple[float, float] | None

    def information(self, log_ratio: float) -> tuple[float, float] | None:
        """Return the least and the most information on a log hazard ratio; None if unknown.

        Notes
        -----
        That of D events is the sum of p_i (1 - p_i), p_i the chance that the i-th is in the
        treatment arm, and the sum of p_i is that arm's events d. So it is at most d (D - d) / D,
        by Jensen's inequality. With a share q of the patients d / D is between q theta / (1 - q +
        q theta), as of the first events, and q, as when all have had one.
        """
        if self.total < FEWEST_EVENTS:
            return None
        if self.treated is not None:
            own = self.treated * (self.total - self.treated) / self.total
            least = max(LEAST_BY_ARM - PER_LOG_RATIO * abs(log_ratio), FLOOR)
            return (own * least, own * MOST_BY_ARM) if own > 0 else None
        if self.shares is None:
            return None
        theta = math.exp(log_ratio)
        first = [theta * share / (1 - share + theta * share) for share in self.shares]
        low, high = min(*self.shares, *first), max(*self.shares, *first)
        ends = low * (1 - low), high * (1 - high)
        most = 0.25 if low <= 0.5 <= high else max(ends)
        return self.total * min(ends) * LEAST_IN_ALL, self.total * most * MOST_IN_ALL


def compared_events(endpoint: Endpoint) -> ComparedEvents | None:
    """Return the events of a comparison of two arms; None if there are more, or no total."""
    if endpoint.reported is None or endpoint.treatment is None or len(endpoint.arms) != 2:
        return None
    total, treatment = endpoint.reported.events, endpoint.arms[endpoint.treatment]
    (reference,) = (arm for name, arm in endpoint.arms.items() if name != endpoint.treatment)
    treated, others = treatment.events, reference.events
    if total is None:
        if treated is None or others is None:
            return None
        total = treated + others
    if others is not None:  # where all three are reported and disagree, the total is of others
        treated = total - others if treated in (None, total - others) else None
    return ComparedEvents(total=total, treated=treated, shares=_shares(treatment, reference))


def _shares(treatment: Arm, reference: Arm) -> tuple[float, float] | None:
    """Return the least and the most share of patients in the treatment arm; None if unknown."""
    sizes = [(arm.n, arm.most_patients) for arm in (reference, treatment)]
    (first, most_first), (second, most_second) = sizes
    if first is None or second is None or most_first is None or most_second is None:
        return None
    total = first + second
    return max(second - (most_first - first), 1) / total, min(most_second, total - 1) / total

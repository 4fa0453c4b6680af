"""Which confidence level an interval without a label can have, by events and p beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

from .endpoint import Endpoint
from .interval_levels import LEAST, MOST, USUAL, level_z
from .printed import PrintedNumber
from .reported import Reported, two_sided

__all__ = ["LevelFit", "level_fit"]

# Of 2,400 simulated trials of many courses, 99% with 30 events or more have an information on the
# log hazard ratio of D q(1 - q) times (0.88 - 0.35 |log HR|) to 1.13, and 99% a log-rank z of 0.9
# to 1.25 times Wald's.
MOST_INFORMATION = 1.13
LEAST_INFORMATION, PER_LOG_RATIO, FLOOR = 0.88, 0.35, 0.3
OTHER_TESTS = 0.9, 1.25
FEWEST_EVENTS = 30
CLEAR = 1.0  # Wald's z, below which p says too little of a standard error


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
    half = _half_width(reported.ci)
    if half is None:
        return None
    found = {"p": _by_p(reported, half), "events": _by_events(endpoint, reported, half)}
    known = {name: ends for name, ends in found.items() if ends is not None}
    usual = level_z(USUAL)
    low = max((ends[0] for ends in known.values()), default=0.0)
    high = min((ends[1] for ends in known.values()), default=math.inf)
    if low <= usual <= high or low > high:
        return None
    low, high = max(low, level_z(LEAST)), min(high, level_z(MOST))
    if low > high:
        return None
    against = tuple(n for n, ends in known.items() if not ends[0] <= usual <= ends[1])
    return LevelFit(lower=_level_of(low), upper=_level_of(high), by=against)


def _level_of(z: float) -> float:
    return 100 * (2 * NormalDist().cdf(z) - 1)


def _half_width(ci: tuple[PrintedNumber, PrintedNumber]) -> tuple[float, float] | None:
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
    if logs[0] / half[1] * level_z(USUAL) < CLEAR:
        return None
    least, most = (1.0, 1.0) if "wald" in test else OTHER_TESTS
    z = _deviate(p.upper), _deviate(p.lower)
    return z[0] * half[0] / logs[1] / most, z[1] * half[1] / logs[0] / least


def _deviate(p: float) -> float:
    if p <= 0:
        return math.inf
    return NormalDist().inv_cdf(1 - min(p, 1.0) / 2)


def _by_events(
    endpoint: Endpoint, reported: Reported, half: tuple[float, float]
) -> tuple[float, float] | None:
    """Return the quantiles that agree with the events of both arms."""
    events, share = _events(endpoint, reported), _share(endpoint)
    if events is None or events < FEWEST_EVENTS or share is None or reported.adjusted:
        return None
    if reported.n is not None:  # of other patients
        return None
    ratio = reported.hazard_ratio
    log = abs(math.log(ratio.value)) if ratio and ratio.value > 0 else 0.0
    root = math.sqrt(events * share * (1 - share))
    least = math.sqrt(max(LEAST_INFORMATION - PER_LOG_RATIO * log, FLOOR))
    return half[0] * root * least, half[1] * root * math.sqrt(MOST_INFORMATION)


def _events(endpoint: Endpoint, reported: Reported) -> int | None:
    own = [arm.events for arm in endpoint.arms.values()]
    known = [count for count in own if count is not None]
    return reported.events or (sum(known) if len(known) == len(own) == 2 else None)


def _share(endpoint: Endpoint) -> float | None:
    """Return the share of patients in one of the two arms."""
    sizes = [arm.n for arm in endpoint.arms.values()]
    if len(sizes) != 2 or sizes[0] is None or sizes[1] is None:
        return None
    return sizes[1] / (sizes[0] + sizes[1])

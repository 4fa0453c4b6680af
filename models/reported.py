"""The comparison that a paper reports, as the numbers that ours is measured against."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

from ..studies.endpoint import Reported
from ..studies.printed import PrintedNumber
from ._inference import quantile

__all__ = ["SIGNIFICANCE", "ReportedComparison", "p_test", "read_reported"]

SIGNIFICANCE = 0.05

_SHOWS_A_VALUE = ("=", "~")


@dataclass(frozen=True, kw_only=True)
class ReportedComparison:
    """The reported comparison in numbers; what is not reported is None.

    Attributes
    ----------
    hazard_ratio : float or None
        Treatment versus reference, as reported.
    ci : tuple of float, or None
        Its 95% interval, as reported.
    p : float or None
        As reported; the bound if an inequality is reported.
    hazard_ratio_text, p_text : str
        The printed hazard ratio with its interval, and the reported p as "p = ..." or "p <...";
        empty if not reported.
    test : str or None
        The test that the paper names.
    adjusted : bool
        True if the hazard ratio is adjusted for covariates.
    se : float or None
        Standard error of the log hazard ratio.
    se_source : {"interval", "p", ""}
        "interval": (ln upper - ln lower) / (2 z). "p": |ln HR| / z(p), where no usable interval
        is reported. Empty: neither is possible.
    significant : bool or None
        Whether the paper finds a difference at 0.05: by its p; where none is reported, or it may
        round to either side, by whether the interval excludes 1. None if neither tells.
    significant_by : {"p", "interval", ""}
        What told.
    """

    hazard_ratio: float | None = None
    ci: tuple[float, float] | None = None
    p: float | None = None
    hazard_ratio_text: str = ""
    p_text: str = ""
    test: str | None = None
    adjusted: bool = False
    se: float | None = None
    se_source: Literal["interval", "p", ""] = ""
    significant: bool | None = None
    significant_by: Literal["p", "interval", ""] = ""


def read_reported(reported: Reported | None) -> ReportedComparison:
    """Read the reported comparison; an absent one gives a value with nothing in it.

    References
    ----------
    .. [1] Parmar MKB, Torri V, Stewart L. Stat Med 1998;17:2815-2834, eq. 5-7.
    """
    if reported is None:
        return ReportedComparison()
    se, se_source = _standard_error(reported)
    significant, significant_by = _significance(reported)
    lower, upper = reported.ci or (None, None)
    return ReportedComparison(
        hazard_ratio=_value(reported.hazard_ratio),
        ci=None if lower is None or upper is None else (lower.value, upper.value),
        p=None if reported.p is None or not reported.p.reached else reported.p.value,
        hazard_ratio_text=_hazard_ratio_text(reported),
        p_text=_p_text(reported.p),
        test=reported.test,
        adjusted=reported.adjusted,
        se=se,
        se_source=se_source,
        significant=significant,
        significant_by=significant_by,
    )


def p_test(reported: ReportedComparison) -> str:
    """Return the test that the reported p is of: see `Comparison.p_test`."""
    if reported.significant_by == "interval" and reported.p is None:
        return "Wald"
    named = (reported.test or "log-rank").lower().replace("-", "").replace(" ", "")
    for word, test in (
        ("logrank", "log-rank"),
        ("score", "score"),
        ("likelihood", "likelihood-ratio"),
    ):
        if word in named:
            return test
    return "Wald"


def _value(printed: PrintedNumber | None) -> float | None:
    """Return a reported positive value; an inequality or "NR" gives none."""
    if printed is None or printed.relation not in _SHOWS_A_VALUE or printed.value <= 0:
        return None
    return printed.value


def _hazard_ratio_text(reported: Reported) -> str:
    if reported.hazard_ratio is None:
        return ""
    ci = "" if reported.ci is None else " (95% CI {} to {})".format(*reported.ci)
    return f"{reported.hazard_ratio}{ci}"


def _p_text(p: PrintedNumber | None) -> str:
    if p is None:
        return ""
    return f"p = {p}" if p.relation == "=" else f"p {p}"


def _standard_error(
    reported: Reported,
) -> tuple[float | None, Literal["interval", "p", ""]]:
    lower, upper = (_value(bound) for bound in reported.ci or (None, None))
    if lower is not None and upper is not None and lower < upper:
        return (math.log(upper) - math.log(lower)) / (2 * quantile(0.95)), "interval"
    hazard_ratio, p = _value(reported.hazard_ratio), _value(reported.p)
    if hazard_ratio is not None and hazard_ratio != 1 and p is not None and p < 1:
        return abs(math.log(hazard_ratio)) / NormalDist().inv_cdf(1 - p / 2), "p"
    return None, ""


def _significance(
    reported: Reported,
) -> tuple[bool | None, Literal["p", "interval", ""]]:
    p = reported.p
    if p is not None and p.reached:
        if p.upper <= SIGNIFICANCE:
            return True, "p"
        if p.lower >= SIGNIFICANCE:
            return False, "p"
    if reported.ci is not None and all(bound.reached for bound in reported.ci):
        lower, upper = reported.ci
        if lower.lower > 1 or upper.upper < 1:
            return True, "interval"
        if lower.upper < 1 < upper.lower:
            return False, "interval"
    return None, ""

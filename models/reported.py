"""The comparison that a paper reports, in numbers, and how far a reproduced one agrees with it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Self

from ..presentation.formats import p_value
from ..reconstruct.quick_looks import SHOWS_A_VALUE
from ..studies.endpoint import Reported
from ..studies.interval_level import LevelFit
from ..studies.printed import PrintedNumber
from ..studies.printed_fields import USUAL_LEVEL as USUAL
from ..studies.printed_fields import p_z
from ..studies.reported import two_sided
from ._inference import quantile

if TYPE_CHECKING:
    from ._cox import Cox
    from ._logrank import LogRank

__all__ = [
    "SIGNIFICANCE",
    "Agreement",
    "ReportedComparison",
    "is_weighted",
    "p_test",
    "read_reported",
]

SIGNIFICANCE = 0.05

_NO_TEST = re.compile(
    r"\b(?:one|two|1|2)[\s-]*(?:sided|tailed)\b|\b(?:un)?stratified\b|\btests?\b|[,;]"
)
_WEIGHTED = ("wilcoxon", "gehan", "breslow", "tarone", "peto", "fleming", "harrington", "renyi")


@dataclass(frozen=True, kw_only=True)
class ReportedComparison:
    """The reported comparison in numbers; what is not reported is None.

    Attributes
    ----------
    hazard_ratio : float or None
        Treatment versus reference, as reported.
    ci : tuple of float, or None
        Its interval, as reported.
    ci_level : float
        Level of `ci` in per cent: as stated, else 95.
    ci_doubt : str
        Why an interval that states no level is none of 95%, and which level fits; empty if there
        is no doubt.
    p : float or None
        As reported; the bound if an inequality is reported.
    p_two_sided : float or None
        The same if p is two-sided; the two-sided p that goes with a one-sided one.
    one_sided, stratified : bool
        Whether p is one-sided, and whether the analysis is stratified.
    n : int or None
        Patients of the comparison, if it states its own number.
    hazard_ratio_text, ci_text, p_text : str
        The reported hazard ratio with its interval, the interval alone, and the reported p as
        "p = ...", "p <..." or "one-sided p = ..."; empty if not reported.
    test : str or None
        The test that the paper names.
    adjusted : bool
        True if the hazard ratio is adjusted for covariates.
    ratio : PrintedNumber or None
        The reported hazard ratio; where only an interval is reported, its middle.
    p_printed : PrintedNumber or None
        The two-sided p with its rounding.
    se : float or None
        Standard error of the log hazard ratio.
    se_source : {"interval", "p", ""}
        "interval": (ln upper - ln lower) / (2 z). "p": |ln HR| / z(p), where no usable interval
        is reported. Empty: neither is possible.
    significant : bool or None
        Whether the paper finds a difference at 0.05: by its two-sided p; where none is reported,
        or it may round to either side, by whether a 95% interval excludes 1. None if neither
        tells.
    significant_by : {"p", "interval", ""}
        What indicated it.
    """

    hazard_ratio: float | None = None
    ci: tuple[float, float] | None = None
    ci_level: float = USUAL
    ci_doubt: str = ""
    p: float | None = None
    p_two_sided: float | None = None
    one_sided: bool = False
    stratified: bool = False
    n: int | None = None
    hazard_ratio_text: str = ""
    ci_text: str = ""
    p_text: str = ""
    test: str | None = None
    adjusted: bool = False
    ratio: PrintedNumber | None = None
    p_printed: PrintedNumber | None = None
    se: float | None = None
    se_source: Literal["interval", "p", ""] = ""
    significant: bool | None = None
    significant_by: Literal["p", "interval", ""] = ""


def read_reported(reported: Reported | None, fit: LevelFit | None = None) -> ReportedComparison:
    """Read the reported comparison; an absent one gives a value with nothing in it.

    Parameters
    ----------
    reported : Reported or None
    fit : LevelFit, optional
        Levels that fit the interval where it states none and is none of 95%; its width is not
        used then.

    References
    ----------
    .. [1] Parmar MKB, Torri V, Stewart L. Stat Med 1998;17:2815-2834, eq. 5-7.
    """
    if reported is None:
        return ReportedComparison()
    p, both = reported.p, reported.p_of_difference
    if both is not None and reported.one_sided:
        both = two_sided(both)
    ratio = _ratio(reported)
    se, se_source = _standard_error(reported, ratio, both, doubtful=fit is not None)
    significant, significant_by = _significance(reported, both, doubtful=fit is not None)
    lower, upper = reported.ci or (None, None)
    return ReportedComparison(
        hazard_ratio=_value(reported.hazard_ratio),
        ci=None if lower is None or upper is None else (lower.value, upper.value),
        ci_level=reported.level,
        ci_doubt="" if fit is None else fit.sentence,
        p=None if p is None or not p.reached else p.value,
        p_two_sided=None if both is None or not both.reached else both.value,
        one_sided=reported.one_sided,
        stratified=reported.stratified,
        n=reported.n,
        hazard_ratio_text=_hazard_ratio_text(reported),
        ci_text=_ci_text(reported),
        p_text=_p_text(reported),
        test=reported.test,
        adjusted=reported.adjusted,
        ratio=ratio,
        p_printed=both,
        se=se,
        se_source=se_source,
        significant=significant,
        significant_by=significant_by,
    )


def p_test(reported: ReportedComparison) -> str:
    """Return the test that the reported p is of: see `Comparison.p_test`."""
    if reported.significant_by == "interval" and reported.p is None:
        return "Wald"
    named = "".join(_NO_TEST.sub("", (reported.test or "").lower()).split()).replace("-", "")
    if not named:
        return "log-rank"
    for word, test in (
        ("logrank", "log-rank"),
        ("score", "score"),
        ("likelihood", "likelihood-ratio"),
    ):
        if word in named:
            return test
    return "Wald"


def is_weighted(reported: ReportedComparison | Reported) -> bool:
    """Say whether p is of a weighted log-rank test, such as Gehan's or Wilcoxon's."""
    named = (reported.test or "").lower()
    return any(word in named for word in _WEIGHTED)


def _value(printed: PrintedNumber | None) -> float | None:
    """Return a reported positive value; an inequality or "NR" gives none."""
    if printed is None or printed.relation not in SHOWS_A_VALUE or printed.value <= 0:
        return None
    return printed.value


def _ratio(reported: Reported) -> PrintedNumber | None:
    """Return the hazard ratio, or the geometric mean of its limits where only these are given."""
    if reported.hazard_ratio is not None or reported.ci is None:
        return reported.hazard_ratio
    low, high = reported.ci
    if _value(low) is None or _value(high) is None or low.lower <= 0:
        return None
    least, middle, most = (
        math.sqrt(one * other)
        for one, other in ((low.lower, high.lower), (low.value, high.value),
                           (low.upper, high.upper))
    )  # fmt: skip
    digits = max(low.decimals, high.decimals)
    return PrintedNumber(f"{middle:.{digits}f}", middle, least, most, digits)


def _ci_text(reported: Reported) -> str:
    if reported.ci is None:
        return ""
    return "{:g}% CI {} to {}".format(reported.level, *reported.ci)


def _hazard_ratio_text(reported: Reported) -> str:
    if reported.hazard_ratio is None:
        return ""
    ci = _ci_text(reported)
    return f"{reported.hazard_ratio} ({ci})" if ci else f"{reported.hazard_ratio}"


def _p_text(reported: Reported) -> str:
    if reported.p is None:
        return ""
    equals = "= " if reported.p.relation == "=" else ""
    return f"{reported.p_name} {equals}{reported.p}"


def _standard_error(
    reported: Reported, ratio: PrintedNumber | None, p: PrintedNumber | None, *, doubtful: bool
) -> tuple[float | None, Literal["interval", "p", ""]]:
    lower, upper = (_value(bound) for bound in reported.ci or (None, None))
    if lower is not None and upper is not None and lower < upper and not doubtful:
        width = math.log(upper) - math.log(lower)
        return width / (2 * quantile(reported.level / 100)), "interval"
    hazard_ratio, p_value = _value(ratio), _value(p)
    if hazard_ratio is not None and hazard_ratio != 1 and p_value is not None and p_value < 1:
        return abs(math.log(hazard_ratio)) / p_z(p_value), "p"
    return None, ""


def _significance(
    reported: Reported, p: PrintedNumber | None, *, doubtful: bool
) -> tuple[bool | None, Literal["p", "interval", ""]]:
    if p is not None and p.reached:
        if p.upper <= SIGNIFICANCE:
            return True, "p"
        if p.lower >= SIGNIFICANCE:
            return False, "p"
    if reported.ci is None or doubtful or not all(bound.reached for bound in reported.ci):
        return None, ""
    lower, upper = reported.ci
    if lower.lower > 1 or upper.upper < 1:
        return (True, "interval") if reported.level >= USUAL else (None, "")
    if lower.upper < 1 < upper.lower:
        return (False, "interval") if reported.level <= USUAL else (None, "")
    return None, ""


def two_sided_text(reported: ReportedComparison) -> str:
    """Return the reported p, with the two-sided one where it is one-sided."""
    if reported.one_sided and reported.p_printed is not None:
        return f"{reported.p_text} (two-sided {reported.p_printed})"
    return reported.p_text


def usual_explanation(reported: ReportedComparison) -> str:
    """Name what usually explains a difference and cannot be looked for."""
    what = "p of another test," if reported.ratio is None else "hazard ratio of another"
    models = [
        word
        for word, known in (("stratified", reported.stratified), ("adjusted", reported.adjusted))
        if not known
    ]
    analysis = f", or of a {' or '.join(models)} analysis" if models else ""
    analysis = analysis.replace("of a adjusted", "of an adjusted")
    return f"a {what} population or follow-up{analysis}"


def reported_text(reported: ReportedComparison) -> str:
    """Return the reported hazard ratio, or its interval where only that is reported."""
    return reported.hazard_ratio_text or reported.ci_text


def kinds_of(reported: ReportedComparison) -> list[str]:
    """Return "stratified" and "adjusted" where the analysis is, and its n where reported."""
    words = (("stratified", reported.stratified), ("adjusted", reported.adjusted))
    kinds = [word for word, holds in words if holds]
    return [*kinds, *([f"n {reported.n}"] if reported.n is not None else [])]


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """How far what is reproduced agrees with what is reported, under the names of `Comparison`."""

    difference_log_hazard_ratio: float | None
    ratio_of_hazard_ratios: float | None
    in_reported_se: float | None
    p_test: str
    p_reproduced: float | None
    same_direction: bool | None
    same_conclusion: bool | None

    @classmethod
    def of(cls, reported: ReportedComparison, fit: Cox | None, other: LogRank | None) -> Self:
        """Set the reported comparison beside a Cox regression and a log-rank test."""
        difference = _difference(reported, fit)
        in_se = None if difference is None or reported.se is None else abs(difference) / reported.se
        test = p_test(reported)
        p = _p_reproduced(test, fit, other)
        same_direction = _same_direction(reported, fit)
        return cls(
            difference_log_hazard_ratio=difference,
            ratio_of_hazard_ratios=None if difference is None else math.exp(difference),
            in_reported_se=in_se,
            p_test=test,
            p_reproduced=p,
            same_direction=same_direction,
            same_conclusion=_same_conclusion(reported, p, same_direction),
        )


def _difference(reported: ReportedComparison, fit: Cox | None) -> float | None:
    ratio = reported.ratio
    if fit is None or ratio is None or ratio.relation not in ("=", "~"):
        return None
    return fit.log_hazard_ratio - math.log(ratio.value)


def _same_direction(reported: ReportedComparison, fit: Cox | None) -> bool | None:
    printed = reported.ratio
    if fit is None or printed is None or fit.log_hazard_ratio == 0:
        return None
    if printed.lower <= 1 <= printed.upper:
        return None
    return (printed.lower > 1) == (fit.log_hazard_ratio > 0)


def _p_reproduced(test_name: str, fit: Cox | None, test: LogRank | None) -> float | None:
    if test_name == "log-rank":
        return None if test is None else test.p
    if fit is None:
        return None
    return {
        "Wald": fit.p_wald,
        "score": fit.p_score,
        "likelihood-ratio": fit.p_likelihood_ratio,
    }[test_name]


def _same_conclusion(
    reported: ReportedComparison, p: float | None, same_direction: bool | None
) -> bool | None:
    if reported.significant is None or p is None:
        return None
    if reported.significant != (p < SIGNIFICANCE):
        return False
    return not (reported.significant and same_direction is False)


def conclusions(reported: ReportedComparison, *, p: float, test: str, same: bool) -> str:
    """Say whether the paper and the reconstructed patients find a difference at 0.05.

    Parameters
    ----------
    reported : ReportedComparison
    p : float
        The reproduced p.
    test : str
        What it is of.
    same : bool
        Whether both find the same.
    """
    found = two_sided_text(reported) if reported.significant_by == "p" else "by its interval"
    ours = f"{p_value(p)}, {test}"
    if same or reported.significant == (p < SIGNIFICANCE):
        which = "a" if reported.significant else "no"
        but = "" if same else ", but in opposite directions"
        return (
            f"Both find {which} significant difference at {SIGNIFICANCE}{but} "
            f"(reported {found}; reproduced {ours})"
        )
    which, others = ("a", "do not") if reported.significant else ("no", "do")
    return (
        f"The paper finds {which} significant difference at {SIGNIFICANCE} ({found}), "
        f"the reconstructed patients {others} ({ours})"
    )


def cautions(reported: ReportedComparison) -> Iterator[str]:
    """Yield what a reported comparison says of itself that a reproduced one cannot have."""
    if reported.adjusted:
        yield "The reported hazard ratio is adjusted for covariates, the reproduced one cannot be"
    if reported.ci_doubt:
        yield f"The reported interval states no level: {reported.ci_doubt}"

"""What all estimates share: normal intervals and tests, Rubin's rules, refusals, and what is kept.

Estimates are frozen values whose arrays are read-only, so each can be computed once per data set
and handed to every analysis that needs it.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from numbers import Real
from statistics import NormalDist
from typing import Concatenate, ParamSpec, Self, TypeVar
from weakref import WeakKeyDictionary

import numpy as np

from ..reconstruct.pseudo_ipd import FloatArray, PseudoIPD, refuse_no_patients
from ..studies.argument_types import check_number, given_kind

__all__ = [
    "FEWEST_DRAWS",
    "FEWEST_SCENARIOS",
    "Combined",
    "Difference",
    "NotEstimable",
    "ReadOnlyArrays",
    "are_few",
    "chosen_level",
    "combine",
    "estimate_or_reason",
    "holding",
    "interval",
    "middle_share",
    "p_of_no_variance",
    "quantile",
    "remembered",
    "times_of",
    "two_sided_p",
    "two_sided_ps",
]

Estimate = TypeVar("Estimate")
Options = ParamSpec("Options")
Result = TypeVar("Result")

_USUAL_LEVEL = 0.95


FEWEST_DRAWS = 39
"""Draws from which on their range holds another one with a probability of 95%, (39 - 1) / (39 + 1).

Up to 39 draws the middle 95% of them are all of them. Of fewer the range misses another one, as
which a true report is taken, too often for a verdict that it is discrepant. (From 40 on the middle
95% leave out one at either end, which misses another one in 10% of cases, of 78 in 5%.)
"""

FEWEST_SCENARIOS = 10.0
"""Effective scenarios, below which data sets are too much alike for a verdict of discrepant.

They follow the same few courses then, and their limits depend on the seed
(``python benchmarks/interval_seeds.py`` prints both by effective scenarios).
"""


def are_few(n_draws: int, effective_scenarios: float) -> bool:
    """Say whether draws are too few, or too much alike, for a verdict of discrepant."""
    return n_draws < FEWEST_DRAWS or effective_scenarios < FEWEST_SCENARIOS


class NotEstimable(ValueError):  # noqa: N818 - it names the state, as statisticians do
    """Raised if the patients do not determine the quantity asked for; the message says why."""


def estimate_or_reason(make: Callable[[], Estimate]) -> tuple[Estimate | None, str]:
    """Return an estimate and an empty reason, or None and the reason why there is none."""
    try:
        return make(), ""
    except NotEstimable as refusal:
        return None, str(refusal)


def quantile(confidence_level: float) -> float:
    """Return z such that a standard normal is within ±z with probability `confidence_level`.

    Raises
    ------
    ValueError
        If `confidence_level` is outside (0, 1).
    """
    if not 0 < confidence_level < 1:
        raise ValueError(
            f"`confidence_level` must be between 0 and 1, such as 0.95, but is {confidence_level}."
        )
    return NormalDist().inv_cdf(0.5 + confidence_level / 2)


def chosen_level(confidence_level: float, confidence: float | None) -> float:
    """Return the coverage asked for, by its name or by its earlier one, `confidence`.

    Raises
    ------
    ValueError
        If it is outside (0, 1), or `confidence` is beside a `confidence_level` of its own.
    """
    if confidence is not None and confidence_level != _USUAL_LEVEL:
        raise ValueError(
            "`confidence` is the earlier name of `confidence_level`; give one of them."
        )
    level = confidence_level if confidence is None else confidence
    quantile(level)
    return level


def interval(estimate: float, se: float, *, confidence_level: float) -> tuple[float, float]:
    """Return the symmetric interval around an estimate."""
    half = quantile(confidence_level) * se
    return estimate - half, estimate + half


def middle_share(drawn: FloatArray, level: float = 0.95) -> tuple[float, float]:
    """Return the values between which the middle `level` of the draws are; NaN without any.

    Parameters
    ----------
    drawn : ndarray of float
        An estimate of each data set; NaN where there is none.
    level : float
        In (0, 1).

    Raises
    ------
    ValueError
        If `level` is outside (0, 1).
    """
    check_number("level", level)
    if not 0 < level < 1:
        raise ValueError(f"`level` must lie between 0 and 1, but is {level}.")
    known = drawn[~np.isnan(drawn)]
    if not known.size:
        return math.nan, math.nan
    ends = [0.5 - level / 2, 0.5 + level / 2]
    low, high = np.quantile(known, ends, method="inverted_cdf").tolist()
    return low, high


def holding(interval: tuple[float, float], value: float) -> tuple[float, float]:
    """Return the interval, widened to hold a value if that is finite and outside."""
    if not math.isfinite(value):
        return interval
    return min(interval[0], value), max(interval[1], value)


def two_sided_p(z: float) -> float:
    """Return the two-sided p of a standard normal deviate; NaN gives NaN."""
    return math.erfc(abs(z) / math.sqrt(2))


def two_sided_ps(z: FloatArray) -> FloatArray:
    """Return the two-sided p of each deviate, in the shape of `z`; NaN gives NaN."""
    from scipy.special import erfc

    return np.asarray(erfc(np.abs(z) / math.sqrt(2)))


def p_of_no_variance(gain: float) -> float:
    """Return the p of a variance of 0, by the log likelihood that another gains.

    Half a chi-squared on 1 degree, as 0 is at the boundary [1]_.

    References
    ----------
    .. [1] Self SG, Liang KY. J Am Stat Assoc 1987;82:605-610. doi:10.1080/01621459.1987.10478472.
    """
    from scipy.stats import chi2

    return 0.5 * float(chi2.sf(2 * gain, 1)) if gain > 0 else 1.0


def times_of(time: object) -> FloatArray:
    """Return one time or several as an array, in their shape.

    Raises
    ------
    TypeError
        If one is no number: a text of digits would be converted.
    ValueError
        If one is negative or NaN.
    """
    given = np.asarray(time)
    if given.dtype.kind not in "biuf" and not all(isinstance(v, Real) for v in given.ravel()):
        raise TypeError(f"`time` must be a number or an array of numbers, not {given_kind(time)}.")
    if not np.all(given >= 0):
        raise ValueError(f"`time` must be at least 0, but is {time}.")
    return given.astype(float)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Second arm minus reference; all NaN unless there are two arms.

    Attributes
    ----------
    value, se : float
        The difference and its standard error.
    ci : tuple of float
        Its interval.
    p : float
        Two-sided p; NaN if the standard error is 0.
    """

    value: float
    se: float
    ci: tuple[float, float]
    p: float

    @classmethod
    def of(cls, estimates: Sequence[tuple[float, float]], *, confidence_level: float) -> Self:
        """Take the difference of independent estimates, each with its standard error."""
        value = se = math.nan
        if len(estimates) == 2:
            (reference, reference_se), (treatment, treatment_se) = estimates
            value, se = treatment - reference, math.hypot(reference_se, treatment_se)
        return cls(
            value=value,
            se=se,
            ci=interval(value, se, confidence_level=confidence_level),
            p=two_sided_p(value / se if se else math.nan),
        )


class ReadOnlyArrays:
    """A base of frozen dataclasses that makes their arrays read-only, too."""

    def __post_init__(self) -> None:
        """Make the arrays read-only."""
        for values in vars(self).values():
            if isinstance(values, np.ndarray):
                values.setflags(write=False)


def remembered(
    function: Callable[Concatenate[PseudoIPD, Options], Result],
) -> Callable[Concatenate[PseudoIPD, Options], Result]:
    """Let a function of patients compute each result once, and keep it as long as the patients.

    Patients cannot be changed, so their results cannot either. A refusal is not kept.
    """
    known: WeakKeyDictionary[PseudoIPD, dict[tuple[object, ...], Result]] = WeakKeyDictionary()

    @functools.wraps(function)
    def once(ipd: PseudoIPD, /, *args: Options.args, **options: Options.kwargs) -> Result:
        refuse_no_patients(function.__name__, ipd)
        results = known.setdefault(ipd, {})
        key = (*args, *sorted(options.items()))
        if key not in results:
            results[key] = function(ipd, *args, **options)
        return results[key]

    return once


@dataclass(frozen=True, kw_only=True, eq=False)
class Combined:
    """An estimate over draws; the arrays have the shape of one draw's estimate.

    Attributes
    ----------
    value : ndarray of float
        Mean over the draws.
    within : ndarray of float
        Mean of the draws' own variances: that of sampling patients.
    between : ndarray of float
        Variance that the reconstruction adds, (1 + 1/m) B; 0 with one draw.
    """

    value: FloatArray
    within: FloatArray
    between: FloatArray

    @property
    def variance(self) -> FloatArray:
        """Of the estimate, both sources together."""
        return np.asarray(self.within + self.between)

    @property
    def reconstruction_share(self) -> FloatArray:
        """The reconstruction's share of the variance, 0 to 1; NaN without a variance."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(self.between / self.variance)


def combine(estimates: FloatArray, variances: FloatArray) -> Combined:
    """Combine the estimates of draws.

    Parameters
    ----------
    estimates, variances : ndarray of float, shape (m, ...)
        Of each draw, m at least 1.

    References
    ----------
    .. [1] Rubin DB. Multiple Imputation for Nonresponse in Surveys. Wiley, 1987, eq. 3.1.2-3.1.5.
    """
    m = len(estimates)
    with np.errstate(invalid="ignore"):
        spread = estimates.var(axis=0, ddof=1) if m > 1 else np.zeros_like(estimates[0])
        return Combined(
            value=np.asarray(estimates.mean(axis=0)),
            within=np.asarray(variances.mean(axis=0)),
            between=np.asarray((1 + 1 / m) * spread),
        )

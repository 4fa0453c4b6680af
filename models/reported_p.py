"""A reported p beside that of the patients, and among those of many data sets."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..presentation.formats import count, p_value
from ..reconstruct.pseudo_ipd import FloatArray
from ..studies.endpoint import Endpoint
from ..studies.printed import PrintedNumber
from ..studies.printed_fields import p_z
from ._inference import holding, middle_share, two_sided_ps
from ._logrank import LogRank
from .ensemble import Ensemble
from .reported import (
    SIGNIFICANCE,
    Agreement,
    ReportedComparison,
    is_weighted,
    p_test,
    read_reported,
    two_sided_text,
)

__all__ = ["CLOSE", "POfDraws", "logrank_text", "p_of_draws", "same_conclusion"]

CLOSE = 0.25
"""How far, in standard errors, a reported value that is close may be from the reproduced one."""
_WALD, _LOG_RANK = "Wald", "log-rank"


@dataclass(frozen=True, kw_only=True)
class POfDraws:
    """The p of many data sets, and where the reported one is among them.

    Attributes
    ----------
    test : {"log-rank", "Wald"}
        Score and likelihood-ratio tests are set beside the log-rank test.
    interval : tuple of float
        The middle 95% of the two-sided p of the data sets, widened where need be to hold that of
        the reconstruction.
    share_at_most : float
        Share of the data sets with a p no larger than the reported one; of the bound, if a bound
        is reported.
    inside : bool
        Whether some value that rounds to the reported p is in `interval`.
    close : bool
        Whether none is, but one has a normal deviate within `CLOSE` of that of the
        reconstruction's p: a quarter of a standard error of the log hazard ratio, near enough.
    explanations : tuple of str
        What fits a reported p outside, a clause each.
    """

    test: str
    interval: tuple[float, float]
    share_at_most: float
    inside: bool
    close: bool = False
    explanations: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The interval: "0.021 to 0.480", "< 0.001 to 0.020"."""
        low, high = (p_value(end).removeprefix("p ").removeprefix("= ") for end in self.interval)
        return low if low == high else f"{low} to {high}"

    def clause(self, reported: ReportedComparison, n_draws: int) -> str:
        """Say what the p of so many data sets is, and how often no larger than the reported one."""
        said = (
            f"The two-sided {self.test} p of 95% of {count(n_draws, 'data set')} consistent with "
            f"every reported value is {self.text}"
        )
        if reported.p_printed is not None and reported.p_printed.upper >= 1:  # bounded from below
            return said
        return (
            f"{said}, and of {100 * self.share_at_most:.3g}% no larger than the reported "
            f"{two_sided_text(reported)}"
        )


def p_of_draws(reported: ReportedComparison, draws: Ensemble) -> POfDraws | None:
    """Set a reported p beside those of the data sets.

    None if no p is reported, if it is of a weighted test, or if no data set has one.
    """
    p = reported.p_printed
    if p is None or not p.reached or is_weighted(reported):
        return None
    test = _WALD if p_test(reported) == _WALD else _LOG_RANK
    drawn = _of(draws, test)
    if not drawn.size:
        return None
    own = _reconstructed(draws, test)
    interval = holding(middle_share(drawn), own)
    inside = _meets(p.lower, p.upper, interval)
    return POfDraws(
        test=test,
        interval=interval,
        share_at_most=float(np.mean(drawn <= p.upper)),
        inside=inside,
        close=not inside and _apart(p, own) <= CLOSE,
        explanations=() if inside else tuple(_explanations(reported, draws, p, test)),
    )


def _of(draws: Ensemble, test: str) -> FloatArray:
    if test == _LOG_RANK:
        found = draws.p_logrank
    else:
        with np.errstate(divide="ignore", invalid="ignore"):
            found = two_sided_ps(np.abs(draws.log_hazard_ratio) / draws.se)
    return np.asarray(found[~np.isnan(found)])


def _reconstructed(draws: Ensemble, test: str) -> float:
    """Return the p of the reconstruction; NaN where it has none."""
    name = "p_logrank" if test == _LOG_RANK else "p_wald"
    return draws.reconstruction.get(name, math.nan)


def _meets(lower: float, upper: float, interval: tuple[float, float]) -> bool:
    return lower <= interval[1] and interval[0] <= upper


def _apart(p: PrintedNumber, own: float) -> float:
    """Return how far the deviates of a reported p and of another are apart, both two-sided."""
    if math.isnan(own):
        return math.inf
    return abs(p_z(min(max(own, p.lower), p.upper)) - p_z(own)) if own > 0 else math.inf


def _explanations(
    reported: ReportedComparison, draws: Ensemble, p: PrintedNumber, test: str
) -> Iterator[str]:
    interval = holding(middle_share(_of(draws, test)), _reconstructed(draws, test))
    if not reported.one_sided and _meets(2 * p.lower, 2 * p.upper, interval):
        yield f"twice the reported p, {2 * p.value:.3g}, is inside: it may be one-sided"
    other = _WALD if test == _LOG_RANK else _LOG_RANK
    drawn = _of(draws, other)
    if drawn.size and _meets(p.lower, p.upper, middle_share(drawn)):
        yield f"by the {other} test the data sets have a p that fits"
    if reported.stratified:
        yield "the reported test is stratified, the reproduced one cannot be"


def same_conclusion(endpoint: Endpoint, test: LogRank | None) -> bool | None:
    """Say whether paper and patients agree that there is, or is not, a difference at 0.05.

    None if the paper reports no p of a log-rank test, or one that may be on either side.
    """
    return Agreement.of(read_reported(endpoint.reported), None, test).same_conclusion


def logrank_text(endpoint: Endpoint, test: LogRank | None) -> str:
    """Return the reproduced p; with three or more arms also the reported one, and if they agree."""
    found = "not estimable" if test is None else p_value(test.p)
    reported = read_reported(endpoint.reported)
    if len(endpoint.arms) < 3 or reported.p is None:
        return found
    same = same_conclusion(endpoint, test)
    if same is not None:
        side = f", on the {'same' if same else 'other'} side of {SIGNIFICANCE}"
    elif reported.significant is None and reported.p_printed is not None:
        side = f", which may be on either side of {SIGNIFICANCE}"
    else:
        side = "" if test is None else ", of another test, so that the two are not compared"
    return f"{found}; {reported.p_text} is reported{side}"

"""Cox regression of two arms: the hazard ratio, of one data set and of many at once."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
import numpy.typing as npt

from ..presentation import notebook
from ..presentation.formats import p_value, ratio_interval
from ..presentation.tables import Table, left
from ..reconstruct.pseudo_ipd import FloatArray, PseudoIPD, refuse_no_patients
from ..studies.argument_types import strict
from ._inference import (
    NotEstimable,
    ReadOnlyArrays,
    chosen_level,
    interval,
    remembered,
    two_sided_p,
    two_sided_ps,
)
from ._kernels import (
    BoolArray,
    RiskSets,
    Ties,
    partial_likelihood,
    reference_odds,
    treated_share,
    two_arm_risk_sets,
)

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["BatchedCox", "Cox", "cox"]

# Newton's method doubles the correct digits: after such a step the error is about its square.
_LAST_STEP = 1e-9
# What is left of the score, for each event of the treatment arm, when all its digits cancel.
_ROUNDING = 1e-15
# No finite log hazard ratio of n patients is further from 0 than 3 ln n.
_BEYOND = 100.0
# By whether the score is anywhere positive, and anywhere negative; if both, it has a root.
_LIMITS = np.array([[np.nan, -np.inf], [np.inf, 0.0]])


@dataclass(frozen=True, kw_only=True)
class Cox:
    """The hazard ratio of two arms.

    Attributes
    ----------
    reference, treatment : str
        The arm in the denominator, and the other.
    hazard_ratio : float
        Hazard in `treatment` over hazard in `reference`.
    ci : tuple of float
        Wald interval of the hazard ratio.
    log_hazard_ratio, se : float
        Natural logarithm of the hazard ratio and its standard error.
    p_wald, p_score, p_likelihood_ratio : float
        Two-sided p of the three tests; without tied events the score test is the log-rank test.
    confidence : float
        Coverage of `ci`.
    n, n_events : int
        Patients and events of both arms.
    """

    reference: str
    treatment: str
    hazard_ratio: float
    ci: tuple[float, float]
    log_hazard_ratio: float
    se: float
    p_wald: float
    p_score: float
    p_likelihood_ratio: float
    confidence: float
    n: int
    n_events: int

    def __repr__(self) -> str:
        """Return the hazard ratio, its interval and p, for a notebook's line."""
        lower, upper = self.ci
        return (
            f"Cox({self.treatment} vs {self.reference}: HR {self.hazard_ratio:.3g} "
            f"({100 * self.confidence:g}% CI {lower:.3g} to {upper:.3g}), p = {self.p_wald:.2g})"
        )

    def _repr_html_(self) -> str:
        level = f"{100 * self.confidence:g}%"
        rows = (
            (f"Hazard ratio ({level} CI)", ratio_interval(self.hazard_ratio, self.ci)),
            ("Wald test", p_value(self.p_wald)),
            ("Score test", p_value(self.p_score)),
            ("Likelihood-ratio test", p_value(self.p_likelihood_ratio)),
            ("Patients, events", f"{self.n}, {self.n_events}"),
        )
        return notebook.block(
            notebook.heading(f"{self.treatment} vs {self.reference}", "Cox regression"),
            Table(columns=left("", ""), rows=rows).to_html(),
        )

    @property
    def pvalue(self) -> float:
        """`p_wald`, under SciPy's name."""
        return self.p_wald

    @property
    def confidence_level(self) -> float:
        """`confidence`, under SciPy's name."""
        return self.confidence

    def to_frame(self) -> pd.DataFrame:
        """Return one row, the treatment arm, with a column for each estimate.

        The columns are reference, hazard_ratio, ci_lower, ci_upper, log_hazard_ratio, se,
        p_wald, p_score, p_likelihood_ratio, confidence_level, n and n_events.
        """
        import pandas as pd

        lower, upper = self.ci
        row = {
            "reference": self.reference,
            "hazard_ratio": self.hazard_ratio,
            "ci_lower": lower,
            "ci_upper": upper,
            "log_hazard_ratio": self.log_hazard_ratio,
            "se": self.se,
            "p_wald": self.p_wald,
            "p_score": self.p_score,
            "p_likelihood_ratio": self.p_likelihood_ratio,
            "confidence_level": self.confidence,
            "n": self.n,
            "n_events": self.n_events,
        }
        return pd.DataFrame([row], index=pd.Index([self.treatment], name="arm"))


@strict
def cox(ipd: PseudoIPD, *, confidence_level: float = 0.95, confidence: float | None = None) -> Cox:
    """Estimate the hazard ratio of the second arm against the reference.

    Parameters
    ----------
    ipd : PseudoIPD
        Patients of two arms.
    confidence_level : float
        Coverage of the interval, in (0, 1).
    confidence : float, optional
        Earlier name of `confidence_level`.

    Returns
    -------
    Cox
        As R's ``coxph(..., ties = "efron")``.

    Raises
    ------
    NotEstimable
        If there are not two arms, nobody had an event, or the hazard ratio is 0, infinite or
        undetermined (an arm without events, or with none while the other arm was at risk).
    ValueError
        If `confidence_level` is outside (0, 1).

    References
    ----------
    .. [1] Cox DR. J R Stat Soc B 1972;34:187-220.
    .. [2] Efron B. J Am Stat Assoc 1977;72:557-565. doi:10.1080/01621459.1977.10480613.

    Examples
    --------
    Maintained chemotherapy of acute myelogenous leukaemia against none (Miller 1981).

    >>> from kmrepro.reconstruct import PseudoIPD
    >>> maintained = [9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161]
    >>> nonmaintained = [5, 5, 8, 8, 12, 16, 23, 27, 30, 33, 43, 45]
    >>> ipd = PseudoIPD(
    ...     time=maintained + nonmaintained,
    ...     event=[1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0] + [1, 1, 1, 1, 1, 0] + [1] * 6,
    ...     arm=["maintained"] * 11 + ["nonmaintained"] * 12,
    ...     arms=("maintained", "nonmaintained"),
    ... )
    >>> fit = cox(ipd)
    >>> round(fit.hazard_ratio, 3), round(fit.p_wald, 3)
    (2.498, 0.074)
    """
    refuse_no_patients("cox", ipd)
    return _estimated(ipd, confidence_level=chosen_level(confidence_level, confidence))


@remembered
def _estimated(ipd: PseudoIPD, *, confidence_level: float) -> Cox:
    sets = two_arm_risk_sets(ipd)
    fit = BatchedCox.of(sets)
    if not fit.converged[0]:
        raise NotEstimable(_why_not(ipd, limit=float(fit.log_hazard_ratio[0])))
    log_hazard_ratio, se = float(fit.log_hazard_ratio[0]), float(fit.se[0])
    at_one = partial_likelihood(sets, np.zeros(1))
    # Where HR is 1 to the last digit, the difference of two logarithms may come out below 0.
    gain = max(float(partial_likelihood(sets, fit.log_hazard_ratio).gain[0]), 0.0)
    low, high = interval(log_hazard_ratio, se, confidence_level=confidence_level)
    return Cox(
        reference=ipd.arms[0],
        treatment=ipd.arms[1],
        hazard_ratio=math.exp(log_hazard_ratio),
        ci=(math.exp(low), math.exp(high)),
        log_hazard_ratio=log_hazard_ratio,
        se=se,
        p_wald=two_sided_p(log_hazard_ratio / se),
        p_score=two_sided_p(float(at_one.score[0]) / math.sqrt(at_one.information[0])),
        p_likelihood_ratio=two_sided_p(math.sqrt(2 * gain)),
        confidence=confidence_level,
        n=ipd.time.size,
        n_events=int(ipd.event.sum()),
    )


def _why_not(ipd: PseudoIPD, *, limit: float) -> str:
    """Say why the hazard ratio tends to a limit, or is undetermined."""
    if not ipd.event.any():
        return "A hazard ratio needs events, but nobody in either arm had one."
    if math.isnan(limit):
        return (
            "The hazard ratio is undetermined: no event happened while patients of both arms were "
            "at risk."
        )
    without, other = ipd.arms if limit > 0 else ipd.arms[::-1]
    extreme = "infinite" if limit > 0 else "0"
    if not ipd.of(without)[1].any():
        return (
            f"The hazard ratio is {extreme}, without an interval: nobody in arm {without} had an "
            "event."
        )
    return (
        f"The hazard ratio is {extreme}, without an interval (monotone likelihood): every event in "
        f"arm {without} came after the last follow-up of arm {other}."
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class BatchedCox(ReadOnlyArrays):
    """The hazard ratio of each draw, treatment arm over reference arm.

    Attributes
    ----------
    log_hazard_ratio : ndarray of float, shape (draws,)
        Natural logarithm of the hazard ratio. It is -inf in a draw in which no patient of the
        treatment arm had the event while the reference arm was at risk, inf if the same holds
        the other way round, and NaN if both hold, so that nothing compares the arms.
    se : ndarray of float, shape (draws,)
        Its standard error; NaN where `log_hazard_ratio` is not finite.
    converged : ndarray of bool, shape (draws,)
        Whether the estimate exists and was found; True exactly where `log_hazard_ratio` is finite.

    Notes
    -----
    With one binary covariate the score at a log hazard ratio b is the number of events in the
    treatment arm less the sum over events of e^b / (e^b + o), where o are the odds that a patient
    drawn from the risk set belongs to the reference arm; for ties see [1]_. It falls
    in b, so its root lies where its sign changes: Newton's steps are kept between the last two
    values of b of which one was too small and one too large, and halve that interval where they
    would leave it. Draws that have converged take no further part.

    References
    ----------
    .. [1] Efron B. J Am Stat Assoc 1977;72:557-565. doi:10.1080/01621459.1977.10480613.

    Examples
    --------
    Two draws of four patients; in the second nobody in the treatment arm has the event.

    >>> import numpy as np
    >>> time = np.array([[1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 4.0]])
    >>> event = np.array([[True, True, True, False], [True, False, True, False]])
    >>> sets = RiskSets.of(time, event, np.array([False, True, False, True]))
    >>> BatchedCox.of(sets).log_hazard_ratio.round(3)
    array([-0.941,   -inf])
    """

    log_hazard_ratio: FloatArray
    se: FloatArray
    converged: BoolArray

    @property
    def p_wald(self) -> FloatArray:
        """Two-sided p of the Wald test, shape (draws,); NaN where there is no standard error."""
        return two_sided_ps(self.log_hazard_ratio / self.se)

    @classmethod
    def of(cls, sets: RiskSets, *, ties: Ties = "efron", max_iter: int = 100) -> Self:
        """Maximise the partial likelihood of every draw, as R's ``coxph(..., ties = ties)``.

        A draw that needs more than `max_iter` steps has not converged; a dozen is usual.
        """
        observed = np.count_nonzero(sets.treated, axis=1)
        # The score falls from `rise` to -`fall` as the log hazard ratio goes from -inf to inf.
        rise = observed - np.count_nonzero(sets.n_reference == 0, axis=1)
        fall = np.count_nonzero(sets.n_treatment, axis=1) - observed
        log_hazard_ratio = _LIMITS[(rise > 0).astype(int), (fall > 0).astype(int)]
        se = np.full(log_hazard_ratio.shape, np.nan)
        finite = np.flatnonzero((rise > 0) & (fall > 0))
        estimate, information = _maximise(
            reference_odds(sets, ties=ties)[finite], observed[finite], max_iter=max_iter
        )
        log_hazard_ratio[finite] = estimate
        se[finite] = 1 / np.sqrt(information)
        return cls(
            log_hazard_ratio=log_hazard_ratio, se=se, converged=np.isfinite(log_hazard_ratio)
        )


def _maximise(
    odds: FloatArray, observed: npt.NDArray[np.intp], *, max_iter: int
) -> tuple[FloatArray, FloatArray]:
    """Return where the score is 0, for draws in which it is somewhere, and the information there.

    Both are NaN in draws that need more than `max_iter` steps.
    """
    b = np.zeros(observed.size)
    information = np.full(observed.size, np.nan)
    low, high = np.full(b.shape, -_BEYOND), np.full(b.shape, _BEYOND)
    going = np.arange(b.size)
    for _ in range(max_iter):
        at = b[going]
        share = treated_share(odds, at)
        score = observed[going] - share.sum(axis=1)
        information[going] = np.einsum("ij,ij->i", share, 1 - share)
        low[going] = np.where(score > 0, at, low[going])
        high[going] = np.where(score < 0, at, high[going])
        with np.errstate(divide="ignore"):
            new = at + score / information[going]
        last = np.abs(score) < _LAST_STEP * information[going] + _ROUNDING * observed[going]
        inside = (low[going] < new) & (new < high[going])
        b[going] = np.where(last | inside, new, (low[going] + high[going]) / 2)
        going, odds = going[~last], odds[~last]
        if not going.size:
            break
    b[going] = information[going] = np.nan
    return b, information

"""Every analysis of one endpoint by cause: of its patients, and of many draws, with a verdict."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Literal

import numpy as np

from ...presentation.formats import count, ratio_interval
from ...reconstruct.causes import CauseSampler, reconstruct_causes
from ...reconstruct.checks import missed_counts
from ...reconstruct.errors import ReconstructionRefused
from ...reconstruct.pseudo_ipd import FloatArray, PseudoIPD
from ...studies import CauseComparison, Endpoint
from ...studies.argument_types import check_draw, check_draws, refuse_no_endpoint, strict
from ...studies.printed_fields import Z_95
from ...studies.reported import RatioKind
from .._cox import BatchedCox, Cox, cox
from .._inference import are_few, estimate_or_reason, holding, middle_share
from .._kernels import RiskSets
from ..ensemble import HELD
from ..p_of_draws import CLOSE
from ..verdict import COMPATIBLE
from .cumulative_incidence import (
    CumulativeIncidence,
    IncidenceCheck,
    check_incidence,
    cumulative_incidence,
)
from .fine_gray import BatchedFineGray, FineGray, fine_gray
from .gray import GrayTest, gray_test

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "CauseAnalysis",
    "CauseEnsemble",
    "CauseVerdict",
    "analyse_causes",
    "cause_ensemble",
]

CauseVerdict = Literal["reproduced", "compatible", "discrepant", "close", "not assessable"]


@dataclass(frozen=True, kw_only=True)
class CauseAnalysis:
    """What the patients of an endpoint give for one cause.

    Attributes
    ----------
    cause, label : str
    curves : mapping of str to CumulativeIncidence
        By arm, the reference first; an arm in which nobody had the event has none.
    events : mapping of str to int
        By arm.
    checks : tuple of IncidenceCheck
    reported : CauseComparison or None
    fine_gray : FineGray or None
        None if there is no finite ratio; `reason` says why.
    cause_specific : Cox or None
    gray : GrayTest or None
    reason : str
        Why there is no subdistribution hazard ratio; empty if there is one.
    reproduction_interval, cause_specific_interval : tuple of float, or None
        Where the hazard ratios of all draws are; None without draws.
    n_draws : int
    verdict : str
        On the reported hazard ratio of its kind: "reproduced" (inside the reproduction interval,
        same conclusion), "compatible" (inside, other conclusion), "close" (outside, within 0.25
        standard errors of the reproduced one), "discrepant", "not assessable"; without draws by
        distance in reported standard errors, "close", "compatible" or "discrepant".
    """

    cause: str
    label: str
    curves: Mapping[str, CumulativeIncidence]
    events: Mapping[str, int]
    checks: tuple[IncidenceCheck, ...]
    reported: CauseComparison | None
    fine_gray: FineGray | None
    cause_specific: Cox | None
    gray: GrayTest | None
    reason: str
    reproduction_interval: tuple[float, float] | None
    cause_specific_interval: tuple[float, float] | None
    n_draws: int
    verdict: CauseVerdict

    @property
    def matched(self) -> int:
        """How many reported incidences the patients have."""
        return sum(check.inside for check in self.checks)

    @property
    def sentence(self) -> str:
        """The reproduced comparison in words; empty if there is none."""
        if self.fine_gray is None:
            return self.reason
        text = (
            f"{self.label or self.cause}: subdistribution hazard ratio of "
            f"{self.fine_gray.treatment} versus {self.fine_gray.reference} "
            f"{ratio_interval(self.fine_gray.hazard_ratio, self.fine_gray.ci)}"
        )
        if self.cause_specific is not None:
            fit = self.cause_specific
            text += f"; cause-specific {ratio_interval(fit.hazard_ratio, fit.ci)}"
        return f"{text}."


def analyse_causes(
    endpoint: Endpoint, ipd: PseudoIPD, *, draws: CauseEnsemble | None = None
) -> tuple[CauseAnalysis, ...]:
    """Analyse the patients of an endpoint cause by cause, in the endpoint's order.

    Parameters
    ----------
    endpoint : Endpoint
        One whose arms report causes.
    ipd : PseudoIPD
        Its reconstruction.
    draws : CauseEnsemble, optional
        Many data sets of it, on which verdicts then rest. Where the patients miss a reported
        number of events or at risk, these do, too: there are no intervals, and no verdict.
    """
    missed = any(missed_counts(endpoint, ipd))
    found = [_analysis(endpoint, ipd, each, None if missed else draws) for each in endpoint.causes]
    return tuple(replace(each, verdict="not assessable") if missed else each for each in found)


def _analysis(
    endpoint: Endpoint, ipd: PseudoIPD, cause: str, draws: CauseEnsemble | None
) -> CauseAnalysis:
    there = cause in ipd.causes
    curves = (
        {arm: cumulative_incidence(ipd, arm=arm, cause=cause) for arm in ipd.arms} if there else {}
    )
    compared = there and endpoint.treatment is not None
    fit, reason, specific, test = None, "", None, None
    if compared:
        fit, reason = estimate_or_reason(lambda: fine_gray(ipd, cause=cause))
        specific, _ = estimate_or_reason(lambda: cox(ipd.of_cause(cause)))
    elif not there:
        reason = f"Nobody had {cause}."
    if there and len(ipd.arms) > 1:
        test, _ = estimate_or_reason(lambda: gray_test(ipd, cause=cause))
    reported = None if endpoint.reported is None else endpoint.reported.causes.get(cause)
    intervals = (
        (draws.interval(cause), draws.interval(cause, kind="cause-specific"))
        if draws is not None
        else (None, None)
    )
    return CauseAnalysis(
        cause=cause,
        label=next((arm.causes[cause].label for arm in endpoint.arms.values()), ""),
        curves=curves,
        events={arm: int(((ipd.arm == arm) & (ipd.cause == cause)).sum()) for arm in ipd.arms},
        checks=tuple(check_incidence(endpoint, cause, curves)),
        reported=reported,
        fine_gray=fit,
        cause_specific=specific,
        gray=test,
        reason=reason,
        reproduction_interval=intervals[0],
        cause_specific_interval=intervals[1],
        n_draws=0 if draws is None else draws.n_draws,
        verdict=_verdict(
            reported, (fit, specific, test), intervals, few=draws is not None and draws.has_few
        ),
    )


_Fits = tuple[FineGray | None, Cox | None, GrayTest | None]
_Intervals = tuple[tuple[float, float] | None, tuple[float, float] | None]


def _verdict(
    reported: CauseComparison | None, fits: _Fits, intervals: _Intervals, *, few: bool
) -> CauseVerdict:
    """Judge the reported hazard ratio against those of the draws, or by distance without them."""
    if reported is None or reported.hazard_ratio is None:
        return "not assessable"
    subdistribution = reported.kind == "subdistribution"
    fit = fits[0] if subdistribution else fits[1]
    bounds = intervals[0] if subdistribution else intervals[1]
    printed = reported.hazard_ratio
    apart = math.inf if fit is None else abs(fit.log_hazard_ratio - math.log(printed.value))
    if bounds is not None and not math.isnan(bounds[0]):
        if printed.lower <= bounds[1] and bounds[0] <= printed.upper:
            return "compatible" if _same_conclusion(reported, fits) is False else "reproduced"
        if fit is not None and apart <= CLOSE * fit.se:
            return "close"
        return "not assessable" if few else "discrepant"
    if fit is None or reported.ci is None or reported.ci[0].value <= 0:
        return "not assessable"
    low, high = (math.log(end.value) for end in reported.ci)
    in_reported_se = apart / ((high - low) / (2 * Z_95))
    if in_reported_se <= CLOSE:
        return "close"
    return "compatible" if in_reported_se <= COMPATIBLE else "discrepant"


def _same_conclusion(reported: CauseComparison, fits: _Fits) -> bool | None:
    """Say whether both p are on the same side of 0.05; None if one is unknown."""
    fit, specific, test = fits
    gray = reported.test is not None and "gray" in reported.test.lower()
    own = specific if reported.kind == "cause-specific" else fit
    p = test.p if gray and test is not None else own.p_wald if own is not None else None
    if reported.p is None or p is None:
        return None
    return (reported.p.value < 0.05) == (p < 0.05)


@dataclass(frozen=True, kw_only=True, eq=False)
class CauseEnsemble:
    """Many data sets that satisfy every number reported by cause, and what each of them gives.

    Attributes
    ----------
    sampler : CauseSampler
        Draws the patients again whenever they are asked for; they are not kept.
    n_draws : int
    subdistribution, cause_specific : mapping of str to ndarray of float, shape (n_draws,)
        Log hazard ratios by cause, treatment over reference; infinite or NaN where a draw has no
        finite one.
    reconstruction : mapping of (str, str) to float
        The hazard ratios of the reconstruction, which intervals hold, by cause and kind.
    """

    sampler: CauseSampler
    n_draws: int
    subdistribution: Mapping[str, FloatArray]
    cause_specific: Mapping[str, FloatArray]
    reconstruction: Mapping[tuple[str, str], float]

    def __repr__(self) -> str:
        """Return how many draws there are and the intervals, for a notebook's line."""
        found = {cause: self.interval(cause) for cause in self.subdistribution}
        parts = [f"{cause} sHR {low:.3g} to {high:.3g}" for cause, (low, high) in found.items()]
        drawn = count(self.n_draws, "draw")
        return f"CauseEnsemble({self.endpoint.key}: {drawn}, 95% {'; '.join(parts)})"

    @property
    def has_few(self) -> bool:
        """Whether draws are too few, or too much alike, for 95%: see `are_few`."""
        return are_few(self.n_draws, self.sampler.sampler.effective_scenarios)

    @property
    def endpoint(self) -> Endpoint:
        """What the paper reports."""
        return self.sampler.endpoint

    @strict
    def interval(
        self, cause: str, *, kind: RatioKind = "subdistribution", level: float = 0.95
    ) -> tuple[float, float]:
        """Return the reproduction interval of the hazard ratio of a cause.

        Parameters
        ----------
        cause : str
        kind : {"subdistribution", "cause-specific"}
        level : float
            Probability with which the estimate of the original data lies inside, in (0, 1).

        Raises
        ------
        KeyError
            If there is no such cause.
        ValueError
            If `level` is outside (0, 1), or `kind` is neither.

        Notes
        -----
        The middle share of the draws, widened as that of `Ensemble` is.
        """
        drawn = self.subdistribution if kind == "subdistribution" else self.cause_specific
        found = middle_share(np.exp(drawn[cause]), level)
        own = self.reconstruction.get((cause, kind))
        return found if own is None or level < HELD else holding(found, own)

    def draw(self, number: int) -> PseudoIPD:
        """Return the patients of one draw, counted from 0, with their causes.

        Raises
        ------
        IndexError
            If there is no such draw.
        """
        check_draw(number, self.n_draws)
        return self.sampler.draw(number)

    def to_frame(self) -> pd.DataFrame:
        """Return the hazard ratios as a data frame, one row per draw and cause."""
        import pandas as pd

        return pd.concat(
            pd.DataFrame(
                {
                    "draw": np.arange(self.n_draws),
                    "cause": cause,
                    "subdistribution_hazard_ratio": np.exp(self.subdistribution[cause]),
                    "cause_specific_hazard_ratio": np.exp(self.cause_specific[cause]),
                }
            )
            for cause in self.subdistribution
        ).reset_index(drop=True)


def cause_ensemble(
    endpoint: Endpoint,
    *,
    n_draws: int = 200,
    seed: int = 0,
    reconstruction: PseudoIPD | None = None,
) -> CauseEnsemble:
    """Draw many data sets that satisfy every number reported by cause, and analyse each of them.

    Parameters
    ----------
    endpoint : Endpoint
        One of two arms that report `causes`.
    n_draws : int
        Data sets, at least 1.
    seed : int
        Of the random numbers, 0 or more.
    reconstruction : PseudoIPD, optional
        The patients whose hazard ratios the intervals hold; by default those of
        `reconstruct_causes`.

    Raises
    ------
    ReconstructionRefused
        If there are not two arms with causes, too little is reported to place patients, or an arm
        has digitised curves.
    ContradictionError
        If no data set satisfies every reported number.
    ValueError
        If `n_draws` or `seed` is out of range.
    """
    refuse_no_endpoint("cause_ensemble", endpoint)
    check_draws(n_draws, seed)
    if endpoint.treatment is None or not endpoint.causes:
        raise ReconstructionRefused(
            f"{endpoint.key} does not report `causes` of two arms, which hazard ratios by cause "
            "compare",
            endpoint_key=endpoint.key,
        )
    sampler = CauseSampler.of(endpoint, seed=seed)
    parts = [
        _of_block(sampler, number, rows) for number, rows in enumerate(sampler.blocks.rows(n_draws))
    ]
    patients = reconstruct_causes(endpoint) if reconstruction is None else reconstruction
    return CauseEnsemble(
        sampler=sampler,
        n_draws=n_draws,
        reconstruction=dict(_of_reconstruction(patients, endpoint.causes)),
        subdistribution=_joined([part["subdistribution"] for part in parts]),
        cause_specific=_joined([part["cause-specific"] for part in parts]),
    )


def _of_reconstruction(
    ipd: PseudoIPD, causes: Iterable[str]
) -> Iterator[tuple[tuple[str, RatioKind], float]]:
    """Yield the finite hazard ratios of the reconstruction by cause and kind."""
    for cause in set(causes) & set(ipd.causes):
        fit, _ = estimate_or_reason(partial(fine_gray, ipd, cause=cause))
        if fit is not None:
            yield (cause, "subdistribution"), fit.hazard_ratio
        specific, _ = estimate_or_reason(partial(cox, ipd.of_cause(cause)))
        if specific is not None:
            yield (cause, "cause-specific"), specific.hazard_ratio


def _joined(parts: list[dict[str, FloatArray]]) -> dict[str, FloatArray]:
    return {cause: np.concatenate([part[cause] for part in parts]) for cause in parts[0]}


def _of_block(
    sampler: CauseSampler, number: int, rows: int
) -> dict[Literal["subdistribution", "cause-specific"], dict[str, FloatArray]]:
    """Analyse the first rows of one block of draws."""
    block = sampler.block(number)
    arms = list(block.values())
    time = np.concatenate([arm.patients.time[:rows] for arm in arms], axis=1)
    cause = np.concatenate([arm.cause[:rows] for arm in arms], axis=1)
    treated = np.repeat([False, True], [arm.cause.shape[1] for arm in arms])
    subdistribution, specific = {}, {}
    for place, name in enumerate(sampler.endpoint.causes):
        kind = np.where(cause == place, 1, np.where(cause >= 0, 2, 0))
        subdistribution[name] = BatchedFineGray.of(time, kind, treated).log_hazard_ratio
        sets = RiskSets.of(time, cause == place, treated)
        specific[name] = np.array(BatchedCox.of(sets).log_hazard_ratio)
    return {"subdistribution": subdistribution, "cause-specific": specific}

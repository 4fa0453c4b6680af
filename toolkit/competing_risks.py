"""Competing risks in the whole flow: reproduced, in `results.json`, and as tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from .defaults import CAUSE_DRAWS
from .presentation.formats import interval, p_value, ratio_interval
from .presentation.tables import Part, Table, left, right
from .studies.printed import interval_text

if TYPE_CHECKING:
    from .models import EndpointAnalysis, Ensemble
    from .models.competing import CauseAnalysis, CauseEnsemble
    from .reconstruct import PseudoIPD
    from .studies import Endpoint

__all__ = ["CauseResult", "cause_dicts", "cause_tables", "reproduced_causes"]

Number = int | float
Pair = tuple[Number | None, Number | None]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


class IncidenceResult(_Entry):
    """Cumulative incidence at a reported time."""

    arm: str
    time: Number
    printed: str
    reproduced: Number
    inside: bool


class RatioResult(_Entry):
    """A hazard ratio of the reconstructed patients."""

    hazard_ratio: Number
    ci: Pair
    p_wald: Number
    reproduction_interval: Pair | None


class ReportedCause(_Entry):
    """The comparison of a cause, as reported."""

    hazard_ratio: str | None
    ci: tuple[str, str] | None
    kind: str = Field(description='"subdistribution" or "cause-specific".')
    p: str | None
    test: str | None
    adjusted: bool


class GrayResult(_Entry):
    """Gray's test."""

    statistic: Number
    df: int
    p: Number


class CauseResult(_Entry):
    """One cause of an endpoint with competing risks."""

    cause: str
    label: str
    events: dict[str, int] = Field(description="By arm.")
    incidence: list[IncidenceResult]
    reported: ReportedCause | None
    subdistribution: RatioResult | None
    cause_specific: RatioResult | None
    gray: GrayResult | None
    reason: str = Field(description="Why there is no hazard ratio; empty if there is one.")
    n_draws: int
    verdict: str


def cause_dicts(analysis: EndpointAnalysis) -> list[dict[str, Any]]:
    """Return the causes of an analysis; none if it has no competing risks."""
    return [_cause_dict(cause) for cause in analysis.causes]


def _cause_dict(cause: CauseAnalysis) -> dict[str, Any]:
    names = ("arm", "time", "printed", "reproduced", "inside")
    reported = cause.reported
    return {
        "cause": cause.cause,
        "label": cause.label,
        "events": cause.events,
        "incidence": [{name: getattr(check, name) for name in names} for check in cause.checks],
        "reported": reported
        and {
            name: getattr(reported, name)
            for name in ("hazard_ratio", "ci", "kind", "p", "test", "adjusted")
        },
        "subdistribution": _ratio(cause.fine_gray, cause.reproduction_interval),
        "cause_specific": _ratio(cause.cause_specific, cause.cause_specific_interval),
        "gray": cause.gray
        and {"statistic": cause.gray.statistic, "df": cause.gray.df, "p": cause.gray.p},
        "reason": cause.reason,
        "n_draws": cause.n_draws,
        "verdict": cause.verdict,
    }


def _ratio(fit: Any, interval: tuple[float, float] | None) -> dict[str, Any] | None:
    if fit is None:
        return None
    return {
        "hazard_ratio": fit.hazard_ratio,
        "ci": fit.ci,
        "p_wald": fit.p_wald,
        "reproduction_interval": interval,
    }


_COLUMNS = (
    left("Endpoint", "Cause", "Compared", "Reported HR", "sHR", "95% RI", "Cause-specific HR")
    + left("Gray")
    + right("Events", "Matched")
    + left("Verdict")
)
_CAPTION = (
    "sHR: subdistribution hazard ratio (Fine and Gray). 95% RI: 95% reproduction interval of it. "
    "Gray: p of Gray's test. Events: by arm, the reference first. Matched: reported cumulative "
    "incidences."
)


def cause_tables(analyses: Iterable[EndpointAnalysis]) -> Iterator[Part]:
    """Yield a table with a line for each cause, if any endpoint has competing risks."""
    rows = [_row(each, cause) for each in analyses for cause in each.causes]
    if rows:
        table = Table.of(_COLUMNS, rows, title="Competing risks", caption=_CAPTION)
        yield table.without_empty_columns()


def _row(analysis: EndpointAnalysis, cause: CauseAnalysis) -> tuple[str, ...]:
    fit, specific, reported = cause.fine_gray, cause.cause_specific, cause.reported
    said = interval_text(reported.hazard_ratio, reported.ci) if reported else ""
    if reported and reported.kind == "cause-specific" and said:
        said += " (cause-specific)"
    return (
        analysis.endpoint.key,
        cause.cause,
        f"{fit.treatment} vs {fit.reference}" if fit else "",
        said,
        ratio_interval(fit.hazard_ratio, fit.ci) if fit else "",
        interval(*cause.reproduction_interval) if cause.reproduction_interval else "",
        ratio_interval(specific.hazard_ratio, specific.ci) if specific else "",
        p_value(cause.gray.p) if cause.gray else "",
        ", ".join(map(str, cause.events.values())),
        f"{cause.matched}/{len(cause.checks)}" if cause.checks else "",
        cause.verdict if said else "",
    )


def reproduced_causes(endpoint: Endpoint, *, n_draws: int, seed: int) -> EndpointAnalysis:
    """Reconstruct and analyse an endpoint that reports `causes`.

    Parameters
    ----------
    endpoint : Endpoint
    n_draws : int
        Data sets of the event of any cause; by cause as many, but no more than `CAUSE_DRAWS`.
    seed : int
        Of their random numbers.

    Returns
    -------
    EndpointAnalysis
        Of the event of any cause, with `causes` beside it.

    Raises
    ------
    ReconstructionRefused
        If too little is reported to place patients.
    ContradictionError
        If reported numbers cannot all be true of one set of patients.
    """
    from .models import analyse
    from .models.competing import analyse_causes  # loads a compiler
    from .reconstruct.causes import event_free, reconstruct_causes

    ipd = reconstruct_causes(endpoint)
    whole = event_free(endpoint)
    drawn, by_cause = _draws(endpoint, whole, ipd, n_draws=n_draws, seed=seed)
    analysis = analyse(whole, ipd, draws=drawn)
    causes = analyse_causes(endpoint, ipd, draws=by_cause)
    return replace(analysis, ipd=_with_draws(ipd, by_cause, n_draws), causes=causes)


def _draws(
    endpoint: Endpoint, whole: Endpoint, ipd: PseudoIPD, *, n_draws: int, seed: int
) -> tuple[Ensemble | None, CauseEnsemble | None]:
    """Draw ensembles of an endpoint that has them."""
    if endpoint.treatment is None or not n_draws:
        return None, None
    from .models import ensemble
    from .models.competing import cause_ensemble
    from .reconstruct import ReconstructionRefused

    drawn, by_cause = None, None
    try:
        drawn = ensemble(whole, n_draws=n_draws, seed=seed, reconstruction=ipd)
        by_cause = cause_ensemble(
            endpoint, n_draws=min(n_draws, CAUSE_DRAWS), seed=seed, reconstruction=ipd
        )
    except ReconstructionRefused:  # the patients say why: a curve, or a number that they miss, too
        pass
    return drawn, by_cause


def _with_draws(ipd: PseudoIPD, by_cause: CauseEnsemble | None, n_draws: int) -> PseudoIPD:
    """Say in the assumptions why there are no draws by cause, if they were asked for."""
    if by_cause is not None or not n_draws or len(ipd.arms) != 2:
        return ipd
    sentence = (
        "No data sets by cause were drawn (digitised curves, or no draw that satisfies every "
        "number): hazard ratios by cause have no reproduction interval."
    )
    return replace(ipd, assumptions=(*ipd.assumptions, sentence))

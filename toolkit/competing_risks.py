"""The whole flow of an endpoint with competing risks."""

from __future__ import annotations

from dataclasses import replace

from .defaults import CAUSE_DRAWS
from .models import EndpointAnalysis, Ensemble, analyse, ensemble
from .models.competing import CauseEnsemble, analyse_causes, cause_ensemble
from .reconstruct import PseudoIPD, ReconstructionRefused
from .reconstruct.causes import event_free, reconstruct_causes
from .studies import Endpoint

__all__ = ["reproduced_causes"]


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

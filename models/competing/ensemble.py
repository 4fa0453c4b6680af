"""Many data sets that satisfy what is reported by cause, and the hazard ratios of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

import numpy as np

from ...presentation.formats import count
from ...reconstruct.causes import CauseSampler, reconstruct_causes
from ...reconstruct.errors import ReconstructionRefused
from ...reconstruct.pseudo_ipd import FloatArray, PseudoIPD, refuse_no_patients
from ...studies import Endpoint
from ...studies.argument_types import check_draw, check_draws, refuse_no_endpoint, strict
from ...studies.reported import RatioKind
from .._cox import BatchedCox, cox
from .._inference import are_few, estimate_or_reason, holding, middle_share
from .._kernels import RiskSets
from ..ensemble import HELD
from .fine_gray import BatchedFineGray, fine_gray

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CauseEnsemble", "cause_ensemble"]


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
        if cause not in drawn:
            raise KeyError(f"There is no cause {cause!r}; there are {', '.join(drawn)}.")
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


@strict
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
    if reconstruction is not None:
        refuse_no_patients("cause_ensemble", reconstruction)
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

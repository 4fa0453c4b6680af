"""Draws of an endpoint with competing risks: many data sets, with a cause for every event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from ...studies import Endpoint
from ..ensemble import Patients, Sampler
from ..ensemble.streams import stream
from ..errors import ReconstructionRefused, refuse_curves
from ..pseudo_ipd import PseudoIPD
from .bounds import CauseBounds, cause_bounds
from .contradictions import refuse_cause_contradictions
from .draws import CodeArray, draw_causes
from .event_free import event_free

__all__ = ["CausePatients", "CauseSampler"]

_CAUSES = 7  # what random numbers are for, beside those of the event-free draws


@dataclass(frozen=True, kw_only=True, eq=False)
class CausePatients:
    """Patients of one arm, a row per draw.

    Attributes
    ----------
    patients : Patients
    cause : ndarray of int, shape (rows, n)
        Place of the cause among the endpoint's; -1 for a censored patient.
    """

    patients: Patients
    cause: CodeArray


@dataclass(frozen=True, kw_only=True, eq=False)
class CauseSampler:
    """Draws of one endpoint.

    Attributes
    ----------
    endpoint : Endpoint
        The one with causes.
    sampler : Sampler
        Draws patients who satisfy its event-free survival.
    bounds : mapping of str to CauseBounds
        By arm.
    """

    endpoint: Endpoint
    sampler: Sampler
    bounds: Mapping[str, CauseBounds]

    @classmethod
    def of(cls, endpoint: Endpoint, *, seed: int) -> Self:
        """Prepare the draws of an endpoint that reports causes.

        Raises
        ------
        ReconstructionRefused
            If too little is reported to place patients, or an arm has a digitised curve.
        ContradictionError
            If no data set satisfies every reported number.
        """
        refuse_cause_contradictions(endpoint)
        whole = event_free(endpoint)
        refuse_curves(whole, "an ensemble")
        bounds = {name: cause_bounds(arm) for name, arm in endpoint.arms.items()}
        return cls(endpoint=endpoint, sampler=Sampler.of(whole, seed=seed), bounds=bounds)

    @property
    def seed(self) -> int:
        """Of the random numbers."""
        return self.sampler.seed

    @property
    def arms(self) -> tuple[str, ...]:
        """The arms, the reference first."""
        return self.sampler.template.arms

    @property
    def block_size(self) -> int:
        """Draws in a block."""
        return self.sampler.block_size

    def block(self, number: int) -> dict[str, CausePatients]:
        """Return the patients of one block of draws by arm, the reference first.

        Draws of the event-free patients whose events cannot be given causes are replaced by copies
        of others of the same arm, with causes drawn anew.

        Raises
        ------
        ReconstructionRefused
            If causes were found for no draw of an arm.
        """
        drawn = self.sampler.block(number)
        return {
            name: self._with_causes(name, drawn[name], (number, place))
            for place, name in enumerate(self.arms)
        }

    def _with_causes(
        self, name: str, patients: Patients, purpose: tuple[int, int]
    ) -> CausePatients:
        rng = stream(self.seed, *purpose, _CAUSES)
        cause, good = draw_causes(patients, self.bounds[name], rng)
        if not good.any():
            raise ReconstructionRefused(
                f"{self.endpoint.key}, arm {name}: no draw was found whose causes satisfy every "
                "reported cumulative incidence and number of events at once",
                endpoint_key=self.endpoint.key,
            )
        rows = np.arange(good.size)
        rows[~good] = rng.choice(np.flatnonzero(good), int((~good).sum()))
        if not good.all():
            again, sound = draw_causes(patients.take(rows[~good]), self.bounds[name], rng)
            cause[~good] = np.where(sound[:, None], again, cause[rows[~good]])
        return CausePatients(patients=patients.take(rows), cause=cause)

    def draw(self, number: int) -> PseudoIPD:
        """Return the patients of one draw."""
        block = self.block(number // self.block_size)
        row = number % self.block_size
        names = np.array([*self.endpoint.causes, ""])
        parts = list(block.values())
        return replace(
            self.sampler.template,
            time=np.concatenate([part.patients.time[row] for part in parts]),
            event=np.concatenate([part.patients.event[row] for part in parts]),
            arm=np.repeat(np.array(list(block)), [part.cause.shape[1] for part in parts]),
            cause=np.concatenate([names[part.cause[row]] for part in parts]),
            assumptions=(self.sampler.sentence.format(number=number),),
        )

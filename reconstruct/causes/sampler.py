"""Draws of an endpoint with competing risks: many data sets, with a cause for every event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from ...studies import Endpoint
from ..ensemble import Patients, Sampler
from ..ensemble.source import stream
from ..errors import ReconstructionRefused, refuse_curves
from ..pseudo_ipd import PseudoIPD
from .bounds import CauseBounds, cause_bounds, refuse_cause_contradictions
from .draws import CodeArray, draw_causes, redrawn
from .event_free import event_free, may_exchange

__all__ = ["CausePatients", "CauseSampler"]

_CAUSES = 7  # what random numbers are for, beside those of the event-free draws
_BLOCK = 200
_SLACK = 0.5  # of a patient, by which event-free survival may be off before causes are settled
_PASSES = 2  # blocks of event-free patients that a block of draws may take
_ENOUGH = 0.5  # of a block; the rest are copies


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


def _rows(parts: list[CausePatients]) -> int:
    return sum(len(part.cause) for part in parts)


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
        whole = event_free(endpoint, slack=_SLACK)
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
        return min(self.sampler.block_size, _BLOCK)

    def block(self, number: int) -> dict[str, CausePatients]:
        """Return the patients of one block of draws by arm, the reference first.

        Event-free patients whose events cannot be given causes are left out, and others are drawn;
        rows that are then still missing are changed copies of others (`redrawn`).

        Raises
        ------
        ReconstructionRefused
            If causes were found for no draw of an arm.
        """
        found: dict[str, list[CausePatients]] = {name: [] for name in self.arms}
        for attempt in range(_PASSES):
            wanting = [name for name in self.arms if _rows(found[name]) < self._enough]
            if not wanting:
                break
            drawn = self.sampler.block(_PASSES * number + attempt)
            for name in wanting:
                rng = stream(self.seed, number, attempt, self.arms.index(name), _CAUSES)
                self._deal(name, drawn[name], found[name], rng)
        return {
            name: self._filled(name, parts, (number, place))
            for place, (name, parts) in enumerate(found.items())
        }

    def _deal(
        self, name: str, drawn: Patients, parts: list[CausePatients], rng: np.random.Generator
    ) -> None:
        """Add rows whose events can be given causes, some at a time, until there are enough."""
        for start in range(0, drawn.time.shape[0], self.block_size):
            if _rows(parts) >= self._enough:
                return
            some = drawn.take(np.arange(start, min(start + self.block_size, len(drawn.time))))
            cause, good = draw_causes(
                some, self.bounds[name], rng, exits_too=may_exchange(self.endpoint.arms[name])
            )
            rows = np.flatnonzero(good)
            found = Patients(time=some.time[rows], event=cause[rows] >= 0)
            parts.append(CausePatients(patients=found, cause=cause[rows]))

    @property
    def _enough(self) -> float:
        return _ENOUGH * self.block_size

    def _filled(
        self, name: str, parts: list[CausePatients], purpose: tuple[int, int]
    ) -> CausePatients:
        """Take a block's rows, or copies of some, with causes drawn anew, where there are fewer."""
        have, size = _rows(parts), self.block_size
        if not have:
            raise ReconstructionRefused(
                f"{self.endpoint.key}, arm {name}: no draw was found whose causes satisfy every "
                "reported cumulative incidence and number of events at once",
                endpoint_key=self.endpoint.key,
            )
        patients = Patients.joined([part.patients for part in parts])
        cause = np.concatenate([part.cause for part in parts])
        if have >= size:
            rows = np.arange(size)
            return CausePatients(patients=patients.take(rows), cause=cause[rows])
        rng = stream(self.seed, *purpose, _CAUSES)
        copied, others = rng.integers(0, have, (2, size - have))
        reported = self.endpoint.arms[name]
        changed, again = redrawn(
            patients.take(copied), cause[copied], self.bounds[name], patients.take(others), rng,
            exits_too=may_exchange(reported) and not reported.at_risk,
        )  # fmt: skip
        return CausePatients(
            patients=Patients.joined([patients, changed]), cause=np.concatenate([cause, again])
        )

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

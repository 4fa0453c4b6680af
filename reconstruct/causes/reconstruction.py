"""From cumulative incidence by cause to patients with a cause: one data set, and draws of many."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from ...presentation.formats import count, with_unit
from ...studies import Endpoint
from ..ensemble import Blocks, Patients, Sampler
from ..ensemble.sampler import stream
from ..errors import ContradictionError, ReconstructionRefused, refuse_curves
from ..pseudo_ipd import FloatArray, IntArray, PseudoIPD, WholePatients
from ..reconstruction import reconstruct
from .allotment import Allotment, Increments, allotted, judged
from .bounds import (
    CauseBounds,
    cause_bounds,
    event_free,
    may_exchange,
    refuse_cause_contradictions,
)
from .draws import CENSORED, draw_causes, redrawn, settled

__all__ = ["CausePatients", "CauseSampler", "placed_causes", "reconstruct_causes", "whole_arm"]

TRIES, STEPS = 10, 20_000  # starts of a search for other exits, and changes of each
SLACK = 0.5  # of a patient, by which event-free survival may be off before causes are settled
ROWS = 100  # draws looked at in one go
SEED = 0


def reconstruct_causes(endpoint: Endpoint) -> PseudoIPD:
    """Turn cumulative incidence by cause into patients with a cause.

    Parameters
    ----------
    endpoint : Endpoint
        One whose arms report `causes`.

    Returns
    -------
    PseudoIPD
        Patients whose Aalen-Johansen estimate is inside every reported interval if patients were
        found for which that holds, and else as near as was found, which the assumptions say.

    Raises
    ------
    ReconstructionRefused
        If no causes, or too little to place patients, are reported.
    ContradictionError
        If reported numbers cannot all be true of one set of patients.

    Notes
    -----
    Event-free survival, 1 less all incidences, is reconstructed first; then each event is given a
    cause (`allotted`). Where no causes fit the patients placed, events and censorings between
    reported times exchange places until some do (`settled`).
    """
    if not endpoint.causes:
        raise ReconstructionRefused(
            f"{endpoint.key} reports no `causes`; `km.reconstruct` takes endpoints of one event",
            endpoint_key=endpoint.key,
        )
    refuse_cause_contradictions(endpoint)
    whole = event_free(endpoint)
    try:
        ipd = reconstruct(whole)
    except ContradictionError:  # events that were inferred are not sure
        whole = event_free(endpoint, inferred=False)
        ipd = reconstruct(whole)
    bounds = {name: cause_bounds(arm) for name, arm in endpoint.arms.items()}
    placed = {name: whole_arm(ipd, name) for name in ipd.arms}
    found = {name: allotted(patients, bounds[name]) for name, patients in placed.items()}
    if all(arm.curve is None for arm in whole.arms.values()):
        for name in placed:
            if found[name].cost > 0:
                _settle(name, endpoint, bounds[name], (placed, found))
    return _with_causes(endpoint, ipd, placed, found, bounds)


def whole_arm(ipd: PseudoIPD, arm: str) -> WholePatients:
    """Return the patients of one arm in order of time."""
    return WholePatients.in_order(*ipd.of(arm))


def _settle(
    name: str,
    endpoint: Endpoint,
    bounds: CauseBounds,
    state: tuple[dict[str, WholePatients], dict[str, Allotment]],
) -> None:
    """Change how the patients of an arm leave until the causes fit, if that is found."""
    placed, found = state
    patients = placed[name]
    start = np.full(patients.time.size, CENSORED)
    start[patients.event] = found[name].cause
    rows = (TRIES, 1)
    causes, good = settled(
        np.tile(patients.time, rows),
        np.tile(start, rows),
        bounds,
        exits_too=may_exchange(endpoint.arms[name]),
        rng=stream(SEED),
        steps=STEPS,
    )
    time = patients.time
    if good.any():
        own = causes[int(np.argmax(good))]
    else:
        drawn = _drawn(name, endpoint, bounds)
        if drawn is None:
            return
        time, own = drawn
    placed[name] = WholePatients(time=time, event=own >= 0)
    found[name] = judged(placed[name], own[own >= 0], bounds)


def _drawn(
    name: str, endpoint: Endpoint, bounds: CauseBounds
) -> tuple[FloatArray, IntArray] | None:
    """Return times and causes of the first draw in which all is satisfied; None if in none."""
    try:
        sampler = Sampler.of(event_free(endpoint, slack=SLACK), seed=SEED)
        block = sampler.block(0)[name]
    except ReconstructionRefused:
        return None
    exits_too = may_exchange(endpoint.arms[name])
    for start in range(0, len(block.time), ROWS):
        rows = np.arange(start, min(start + ROWS, len(block.time)))
        cause, good = draw_causes(
            block.take(rows), bounds, stream(SEED, start), exits_too=exits_too
        )
        if good.any():
            first = int(np.argmax(good))
            return block.time[start + first], cause[first]
    return None


def placed_causes(patients: WholePatients, cause: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
    """Return the name of each patient's cause, "" for a censored one, shape (n,)."""
    width = max(map(len, names))
    named = np.full(patients.time.size, "", dtype=f"<U{width}")
    named[Increments.of(patients).place] = np.array(names)[cause]
    return named


def _with_causes(
    endpoint: Endpoint,
    ipd: PseudoIPD,
    placed: Mapping[str, WholePatients],
    found: Mapping[str, Allotment],
    bounds: Mapping[str, CauseBounds],
) -> PseudoIPD:
    sentences = [
        sentence
        for name in ipd.arms
        for sentence in _sentences(endpoint, name, found[name], bounds[name])
    ]
    return replace(
        ipd,
        time=np.concatenate([placed[name].time for name in ipd.arms]),
        event=np.concatenate([placed[name].event for name in ipd.arms]),
        arm=np.repeat(np.array(ipd.arms), [placed[name].time.size for name in ipd.arms]),
        cause=np.concatenate(
            [
                placed_causes(placed[name], found[name].cause, bounds[name].causes)
                for name in ipd.arms
            ]
        ),
        assumptions=(*ipd.assumptions, *dict.fromkeys(sentences)),
    )


def _sentences(
    endpoint: Endpoint, name: str, allotment: Allotment, bounds: CauseBounds
) -> Iterator[str]:
    """Yield what was assumed of an arm's causes, and what its patients miss."""
    if len(bounds.causes) == 1:
        yield (
            f"{bounds.causes[0]} is the only cause reported: its cumulative incidence was taken "
            "for 100% less survival, without competing events."
        )
        return
    yield "Between reported times causes keep the shares of the events that they have there."
    silent = [cause for cause, last in zip(bounds.causes, bounds.reach, strict=True) if last == 0]
    if silent:
        yield (
            f"{name}: no cumulative incidence of {' and '.join(silent)} is reported; its events "
            "were taken to run in proportion to the others'."
        )
    if bounds.events.count(None) not in (0, len(bounds.causes)):
        yield (
            f"{name}: events of causes without a reported number were taken in proportion to the "
            "others', as their incidences are."
        )
    unit = endpoint.time_unit
    for cause, place in np.argwhere(allotment.miss > 0):
        yield (
            f"{name}: no patients were found with the reported cumulative incidence of "
            f"{bounds.causes[cause]} at {with_unit(bounds.time[place], unit)}: the nearest found "
            f"are {100 * allotment.miss[cause, place]:.2g} points outside its rounding."
        )
    for cause, off in zip(bounds.causes, allotment.off, strict=True):
        if off:
            much = "many" if off > 0 else "few"
            yield (
                f"{name}: the patients found have {count(abs(off), 'event')} of {cause} too {much}."
            )


_CAUSES = 7  # what random numbers are for, beside those of the event-free draws
_BLOCK = 200
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
    cause: IntArray


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
        whole = event_free(endpoint, slack=SLACK)
        refuse_curves(whole, "an ensemble")
        bounds = {name: cause_bounds(arm) for name, arm in endpoint.arms.items()}
        sampler = Sampler.of(whole, seed=seed)
        even = replace(sampler, blocks=sampler.blocks.even())
        return cls(endpoint=endpoint, sampler=even, bounds=bounds)

    @property
    def seed(self) -> int:
        """Of the random numbers."""
        return self.sampler.seed

    @property
    def arms(self) -> tuple[str, ...]:
        """The arms, the reference first."""
        return self.sampler.template.arms

    @property
    def blocks(self) -> Blocks:
        """How many draws each block has, which are all alike."""
        return replace(self.sampler.blocks, most=min(self.sampler.blocks.first, _BLOCK))

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
        size = self.blocks.most
        for start in range(0, drawn.time.shape[0], size):
            if _rows(parts) >= self._enough:
                return
            some = drawn.take(np.arange(start, min(start + size, len(drawn.time))))
            cause, good = draw_causes(
                some, self.bounds[name], rng, exits_too=may_exchange(self.endpoint.arms[name])
            )
            rows = np.flatnonzero(good)
            found = Patients(time=some.time[rows], event=cause[rows] >= 0)
            parts.append(CausePatients(patients=found, cause=cause[rows]))

    @property
    def _enough(self) -> float:
        return _ENOUGH * self.blocks.most

    def _filled(
        self, name: str, parts: list[CausePatients], purpose: tuple[int, int]
    ) -> CausePatients:
        """Take a block's rows, or copies of some, with causes drawn anew, where there are fewer."""
        have, size = _rows(parts), self.blocks.most
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
        place, row = self.blocks.place(number)
        block = self.block(place)
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

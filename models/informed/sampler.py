"""Patients and draws consistent with the reported comparison and with every number of the arms."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from ...reconstruct.arm_placement import lists_only_events
from ...reconstruct.checks import is_consistent
from ...reconstruct.constraints import ArmConstraints, arm_constraints
from ...reconstruct.ensemble import Blocks, Patients, Sampler
from ...reconstruct.ensemble.draw_source import patients_of
from ...reconstruct.ensemble.later_follow_up import CurveEnd
from ...reconstruct.ensemble.sampler import stream
from ...reconstruct.errors import ReconstructionRefused, refuse_curves
from ...reconstruct.pseudo_ipd import FloatArray, IntArray, PseudoIPD, tied
from ...reconstruct.reconstruction import reconstruct
from ...studies import Endpoint
from .stretches import MET, Found, Stretches, stretched_to
from .targets import NotReached, Targets, estimates_of_arms, informed_sentence, nearest_sentence

__all__ = ["InformedSampler", "grids", "informed_patients"]

POOL = 10  # draws of which the nearest one is stretched
ATTEMPTS = 6
MOST_ATTEMPTS = 16  # where none of a block has been brought to the targets
AS_DRAWN = 2  # attempts from the draws themselves, the second with tied events; then from the best
NEAREST = 8  # where none has been brought to the targets, one in so many is started from again
SHAKEN = 0.1  # log power
TIED = 0.5  # of the draws have tied events, from the second attempt
FINEST, COARSEST = 1000, 20  # units of the grids of times in the follow-up
KEPT = 80  # blocks, which are 1,000 draws of eight endpoints
INFORMED = 2  # what random numbers are for


def grids(size: int, longest: float, rng: np.random.Generator) -> FloatArray:
    """Return random units in which times may have been written down.

    Returns
    -------
    ndarray of float, shape (size,)
        In the time unit.
    """
    units = np.exp(rng.uniform(np.log(COARSEST), np.log(FINEST), size))
    return np.asarray(longest / units)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Block:
    """A block of draws, those consistent with what is reported and others.

    Attributes
    ----------
    patients : dict of str to Patients
    gap : ndarray of float, shape (draws,)
        How far each is from what is reported, in log hazard ratios.
    bend : ndarray of float, shape (draws,)
        How much each was stretched.
    """

    patients: dict[str, Patients]
    gap: FloatArray
    bend: FloatArray

    @property
    def reached(self) -> IntArray:
        return np.flatnonzero(self.gap <= MET)

    def take(self, rows: IntArray) -> _Block:
        return _Block(
            patients={name: own.take(rows) for name, own in self.patients.items()},
            gap=self.gap[rows],
            bend=self.bend[rows],
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class InformedSampler:
    """Draws of one endpoint that are consistent with its reported comparison, too.

    Attributes
    ----------
    base : Sampler
        Draws that need not.
    targets : Targets
        What is reported.
    first : _Block
        The draws of the first block that are; other blocks without any copy these.
    """

    base: Sampler
    targets: Targets
    first: _Block

    @classmethod
    def of(cls, endpoint: Endpoint, *, seed: int) -> Self:
        """Prepare the draws of an endpoint.

        Raises
        ------
        NotReached
            If no draw of the first block could be brought to the reported comparison.
        ReconstructionRefused
            If too little is reported to place patients, or nothing is reported.
        ContradictionError
            If no data set is consistent with what the arms report.
        """
        targets = Targets.of(endpoint)
        refuse_curves(endpoint, "an informed ensemble")
        base = Sampler.of(endpoint, seed=seed)
        found = _informed_block(base, targets, 0)
        if not found.reached.size:
            nearest = found.take(np.argsort(found.gap, kind="stable")[:1])
            raise NotReached(
                f"{endpoint.key}: no data set was found that is consistent with what is reported "
                f"of the arms and with the reported {targets.text}. "
                f"{nearest_sentence(nearest.patients, targets)}",
                endpoint_key=endpoint.key,
                gap=float(nearest.gap[0]),
                nearest=nearest.patients,
            )
        return cls(base=base, targets=targets, first=found.take(found.reached))

    @property
    def endpoint(self) -> Endpoint:
        """What the paper reports."""
        return self.base.endpoint

    @property
    def seed(self) -> int:
        """Of the random numbers."""
        return self.base.seed

    @property
    def blocks(self) -> Blocks:
        """How many draws each block has."""
        return self.base.blocks.divided(POOL)

    @property
    def template(self) -> PseudoIPD:
        """Patients whose arms and notes the draws share."""
        notes = self.base.template.notes
        return replace(
            self.base.template, notes={**notes, "informed": informed_sentence(self.targets)}
        )

    @property
    def sentence(self) -> str:
        """What a draw is."""
        return f"{informed_sentence(self.targets)} {self.base.sentence}"

    @property
    def open_ends(self) -> Mapping[str, CurveEnd]:
        """Ends of the curves of arms that draws may follow longer, by arm."""
        return self.base.open_ends

    @property
    def effective_scenarios(self) -> float:
        """Effective number of the scenarios that draws follow."""
        return self.base.effective_scenarios

    def block(self, number: int) -> dict[str, Patients]:
        """Return the patients of one block of draws by arm, the reference first.

        Where a draw could not be brought to the reported comparison, another takes its place.
        Blocks are kept for a while, since figures of the draws ask for them again; they cannot be
        written to.
        """
        return _filled_block(self, number)

    def draw(self, number: int) -> PseudoIPD:
        """Return the patients of one draw."""
        return patients_of(self, number)


@functools.lru_cache(maxsize=KEPT)
def _filled_block(sampler: InformedSampler, number: int) -> dict[str, Patients]:
    found = _informed_block(sampler.base, sampler.targets, number, reserve=sampler.first)
    rng = stream(sampler.seed, number, INFORMED, 1)
    missing = np.flatnonzero(found.gap > MET)
    copied = found.take(found.reached) if found.reached.size else sampler.first
    copies = copied.take(rng.integers(0, copied.gap.size, missing.size))
    filled = _nearer(found, copies, missing).patients
    for arm in filled.values():
        arm.time.setflags(write=False)
        arm.event.setflags(write=False)
    return filled


def _informed_block(
    base: Sampler, targets: Targets, number: int, *, reserve: _Block | None = None
) -> _Block:
    """Stretch the draws of a block that are nearest to what is reported.

    Where that is not enough, others are started from that were brought there, of the reserve if
    there are none in the block, or from the nearest.
    """
    rng = stream(base.seed, number, INFORMED)
    pool = _nearest(base.block(number), targets, base.blocks.divided(POOL).size(number))
    longest = float(base.template.time.max())
    best = pool
    for attempt in range(MOST_ATTEMPTS):
        todo = np.flatnonzero(best.gap > MET)
        if not todo.size or (attempt >= ATTEMPTS and best.reached.size):
            break
        fresh = attempt < AS_DRAWN
        start = pool.take(todo) if fresh else _parents(best, reserve, todo.size, rng)
        grid = grids(todo.size, longest, rng) * (rng.random(todo.size) < TIED) * (attempt > 0)
        stretches = Stretches.of(start.patients, base.constraints, grid=grid)
        found = stretched_to(stretches, targets, rng, shaken=0.0 if fresh else SHAKEN)
        best = _nearer(best, _kept(stretches, found, base.constraints, start.bend), todo)
    return best


def _parents(best: _Block, reserve: _Block | None, size: int, rng: np.random.Generator) -> _Block:
    """Choose draws to start from again: those brought to the targets, or else the nearest."""
    if best.reached.size:
        among = best.take(best.reached)
    elif reserve is not None:
        among = reserve
    else:
        order = np.argsort(best.gap, kind="stable")
        among = best.take(order[: max(order.size // NEAREST, 1)])
    return among.take(rng.integers(0, among.gap.size, size))


def _nearest(block: dict[str, Patients], targets: Targets, size: int) -> _Block:
    """Return the draws that are nearest to what is reported, in the order in which they came."""
    gap = np.abs(targets.needed(estimates_of_arms(block, targets))).sum(axis=1)
    rows = np.sort(np.argsort(gap, kind="stable")[:size])
    whole = _Block(patients=block, gap=gap, bend=np.zeros(gap.size))
    return whole.take(rows)


def _kept(
    stretches: Stretches,
    found: Found,
    constraints: Mapping[str, ArmConstraints],
    bend: FloatArray,
) -> _Block:
    """Return stretched draws; those no longer consistent with the arms are infinitely far."""
    moved = stretches.patients(found.powers, np.arange(found.se.size))
    kept = np.logical_and.reduce(
        [
            is_consistent(arm, moved[name].time, moved[name].event)
            for name, arm in constraints.items()
        ]
    )
    return _Block(
        patients=moved,
        gap=np.where(kept, found.gap, np.inf),
        bend=bend + (found.powers**2).sum(axis=1),
    )


def _nearer(best: _Block, tried: _Block, rows: IntArray) -> _Block:
    """Put draws in the place of those that they are nearer than."""
    nearer = tried.gap < best.gap[rows]
    chosen = rows[nearer]
    patients = {}
    for name, own in best.patients.items():
        time, event = own.time.copy(), own.event.copy()
        time[chosen] = tried.patients[name].time[nearer]
        event[chosen] = tried.patients[name].event[nearer]
        patients[name] = Patients(time=time, event=event)
    gap, bend = best.gap.copy(), best.bend.copy()
    gap[chosen], bend[chosen] = tried.gap[nearer], tried.bend[nearer]
    return _Block(patients=patients, gap=gap, bend=bend)


SEED = 0
COPIES = 48  # of the likeliest patients, half of them with tied events


def informed_patients(endpoint: Endpoint) -> PseudoIPD:
    """Turn an endpoint into patients who also have its reported hazard ratio, interval and p.

    Parameters
    ----------
    endpoint : Endpoint
        One endpoint with two arms and a reported hazard ratio or p.

    Returns
    -------
    PseudoIPD
        What `kmrepro.reconstruct.reconstruct` returns, stretched in time between the printed
        times as little as brings the comparison to the reported one; where that is not enough,
        patients drawn at random who are consistent with every reported number. Where none were
        found, the nearest.
        ``notes["informed"]`` says which. The same endpoint gives the same patients.

    Raises
    ------
    ReconstructionRefused
        If nothing is reported of two arms, or too little is reported to place patients.
    """
    targets = Targets.of(endpoint)
    likeliest = reconstruct(endpoint)
    gap, patients = _stretched(endpoint, likeliest, targets)
    if gap > MET:
        gap, patients = min((_drawn(endpoint), (gap, patients)), key=lambda found: found[0])
    if gap <= MET:  # times that stretching has brought together are one
        needed = targets.needed(estimates_of_arms(_as_tied(patients), targets))
        gap = float(np.abs(needed).sum())
    return _as_ipd(likeliest, _as_tied(patients), targets, reached=gap <= MET)


def _as_tied(patients: dict[str, Patients]) -> dict[str, Patients]:
    """Make one of times that only rounding tells apart, as every estimate of the patients does."""
    together, _ = tied(np.concatenate([arm.time[0] for arm in patients.values()]))
    ends = np.cumsum([arm.time.shape[1] for arm in patients.values()])
    times = np.split(together, ends[:-1])
    return {
        name: replace(arm, time=time[None])
        for (name, arm), time in zip(patients.items(), times, strict=True)
    }


def _stretched(
    endpoint: Endpoint, likeliest: PseudoIPD, targets: Targets
) -> tuple[float, dict[str, Patients]]:
    """Stretch the likeliest patients, and say how far from the targets they are then."""
    constraints = {name: arm_constraints(endpoint, name) for name in endpoint.arms}
    free = {name: arm for name, arm in constraints.items() if not lists_only_events(arm)}
    rng = stream(SEED)
    grid = grids(COPIES, float(likeliest.time.max()), rng) * (np.arange(COPIES) % 2)
    copies = {name: _rows(likeliest, name, COPIES) for name in likeliest.arms}
    start = Stretches.of(copies, free, grid=grid)
    found = stretched_to(start, targets, rng)
    bend = (found.powers**2).sum(axis=1)
    best = np.lexsort((bend, np.where(found.gap <= MET, 0.0, found.gap)))[:1]
    return float(found.gap[best[0]]), start.patients(found.powers[best], best)


def _rows(ipd: PseudoIPD, arm: str, size: int) -> Patients:
    """Return an arm's patients in every row, in order, events first."""
    time, event = ipd.of(arm)
    order = np.lexsort((~event, time))
    shape = (size, time.size)
    return Patients(
        time=np.broadcast_to(time[order], shape), event=np.broadcast_to(event[order], shape)
    )


def _drawn(endpoint: Endpoint) -> tuple[float, dict[str, Patients]]:
    """Return random patients consistent with every reported number, stretched least, and how far.

    Infinitely far, if none can be drawn at all.
    """
    try:
        first = InformedSampler.of(endpoint, seed=SEED).first
    except NotReached as refusal:
        return refusal.gap, refusal.nearest
    except ReconstructionRefused:
        return math.inf, {}
    return 0.0, first.take(np.argsort(first.bend, kind="stable")[:1]).patients


def _as_ipd(
    likeliest: PseudoIPD, patients: dict[str, Patients], targets: Targets, *, reached: bool
) -> PseudoIPD:
    if reached:
        sentence = informed_sentence(targets)
    else:
        sentence = (
            "INFORMED: no patients were found that are also consistent with the reported "
            f"{targets.text}. "
            f"{nearest_sentence(patients, targets)} They cannot check it."
        )
    return replace(
        likeliest,
        time=np.concatenate([patients[name].time[0] for name in likeliest.arms]),
        event=np.concatenate([patients[name].event[0] for name in likeliest.arms]),
        arm=np.repeat(likeliest.arms, [patients[name].time.shape[1] for name in likeliest.arms]),
        assumptions=(sentence, *likeliest.assumptions),
        notes={**likeliest.notes, "informed": sentence},
    )

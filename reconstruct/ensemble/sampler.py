"""The sampler of an endpoint: patients of both arms, consistent with every reported number."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from ...studies import Endpoint
from ..arm_placement import by_convention, lists_only_events
from ..calibration import calibrate
from ..checks import is_consistent
from ..constraints import LONGER, ArmConstraints
from ..pseudo_ipd import IntArray, PseudoIPD
from ..reconstruction import arm_order, read_and_reconstructed
from .arm_draws import MOST_TIMES, Patients, draw_listed, with_median
from .chains import moved
from .counts import NoDraws
from .draw_source import Blocks, patients_of
from .groups import Group, prepared_group
from .later_follow_up import CurveEnd, followed_on, open_ends

if TYPE_CHECKING:
    from .curve_draws import CurveArm

__all__ = ["Sampler", "stream"]

SCENARIOS = 768  # turns that draws take
LISTED, DRAWN, ALONG, LATER = 0, 1, 2, 3  # what random numbers are for
BLOCK = 1000  # draws in the first block
KEPT = 8  # first blocks, of the endpoints that were drawn last
PASSES = 2
ENOUGH = 0.95  # of a block; the rest are copies that leave at new times
FEW_MOVES = 100  # of copies of different draws, where they are more
MOVES_PER_PATIENT, MOST_MOVES = 4, 3000  # of copies of one


def stream(seed: int, *purpose: int) -> np.random.Generator:
    """Return the random numbers of one purpose.

    Parameters
    ----------
    seed : int
        Of the whole ensemble, 0 or more.
    *purpose : int
        What they are for, such as the number of a block and of an arm.

    Notes
    -----
    Philox counts [1]_: a key gives the same numbers whatever was drawn before, in which order
    blocks are drawn and where.

    References
    ----------
    .. [1] Salmon JK, Moraes MA, Dror RO, Shaw DE. SC '11. doi:10.1145/2063384.2063405.
    """
    sequence = np.random.SeedSequence(seed, spawn_key=purpose)
    return np.random.Generator(np.random.Philox(sequence))


@dataclass(frozen=True, kw_only=True, eq=False)
class Sampler:
    """Draws of one endpoint.

    Attributes
    ----------
    endpoint : Endpoint
    seed : int
    template : PseudoIPD
        The reconstruction, whose arms and notes the draws share.
    blocks : Blocks
    group, listed, curves : Group or None, mapping of str to ArmConstraints, to CurveArm
        Arms that report numbers, that list all events, and that have a curve.
    open_ends : mapping of str to CurveEnd
        Ends of the curves of arms that draws may follow longer, by arm.
    total : int or None
        Events of these arms together, where they alone are reported.
    """

    endpoint: Endpoint
    seed: int
    template: PseudoIPD
    blocks: Blocks
    group: Group | None
    listed: Mapping[str, ArmConstraints]
    curves: Mapping[str, CurveArm]
    open_ends: Mapping[str, CurveEnd]
    total: int | None

    @classmethod
    def of(cls, endpoint: Endpoint, *, seed: int) -> Self:
        """Prepare the draws of an endpoint.

        Raises
        ------
        ReconstructionRefused
            If too little is reported to place patients.
        ContradictionError
            If no data set is consistent with every reported number.
        """
        read, template = read_and_reconstructed(endpoint)
        constraints = by_convention(read, template)
        listed = {name: arm for name, arm in constraints.items() if lists_only_events(arm)}
        along = {name: arm for name, arm in constraints.items() if arm.along_curve}
        others = {
            name: arm
            for name, arm in constraints.items()
            if name not in listed and name not in along
        }
        most = max(MOST_TIMES // sum(arm.n for arm in constraints.values()), 1)
        ends, total = open_ends(read, along)
        return cls(
            endpoint=endpoint,
            seed=seed,
            template=template,
            blocks=Blocks(first=min(most, BLOCK), most=most),
            group=prepared_group(read, others, SCENARIOS, stream(seed)) if others else None,
            curves=_curves(read, along, ends, seed),
            open_ends=ends,
            total=total,
            listed=listed,
        )

    def block(self, number: int) -> dict[str, Patients]:
        """Return the patients of one block of draws by arm, the reference first.

        The same block is the same whatever else is drawn, and wherever. The first, which figures of
        the draws and verdicts ask for again, is kept for a while and cannot be written to.
        """
        return self._drawn(number) if number else _first_block(self)

    def _drawn(self, number: int) -> dict[str, Patients]:
        """Draw a block."""
        size = self.blocks.size(number)
        drawn: dict[str, Patients] = {}
        for place, (name, arm) in enumerate(self.listed.items()):
            rng = stream(self.seed, number, LISTED, place)
            follow_up = self.endpoint.arms[name].follow_up
            drawn[name] = draw_listed(arm, follow_up, size, rng)
        for place, (name, curve) in enumerate(self.curves.items()):
            drawn[name] = curve.draw(size, stream(self.seed, number, ALONG, place))
        rng = stream(self.seed, number, LATER)
        drawn = followed_on(drawn, self.open_ends, rng, total=self.total)
        if self.group is not None:
            turn = (self.blocks.start(number) + np.arange(size)) % self.group.turns.size
            rng = stream(self.seed, number, DRAWN)
            drawn |= _draw_group(self.group, self.template, self.group.turns[turn], rng)
        return {name: drawn[name] for name in arm_order(self.endpoint)}

    @property
    def sentence(self) -> str:
        """What a draw is."""
        return (
            f"Draw {{number}} of an ensemble (seed {self.seed}): one of many data sets consistent "
            "with every reported number; what is not reported is drawn at random."
        )

    @property
    def effective_scenarios(self) -> float:
        """Effective number of the scenarios that draws follow; infinite where they follow none."""
        return math.inf if self.group is None else self.group.effective

    @property
    def constraints(self) -> dict[str, ArmConstraints]:
        """What the arms report, without those drawn along a curve or listed event by event."""
        arms = () if self.group is None else self.group.arms
        return {arm.constraints.name: arm.constraints for arm in arms}

    def draw(self, number: int) -> PseudoIPD:
        """Return the patients of one draw."""
        return patients_of(self, number)


@functools.lru_cache(maxsize=KEPT)
def _first_block(sampler: Sampler) -> dict[str, Patients]:
    block = sampler._drawn(0)
    for arm in block.values():
        arm.time.setflags(write=False)
        arm.event.setflags(write=False)
    return block


def _curves(
    endpoint: Endpoint,
    arms: Mapping[str, ArmConstraints],
    ends: Mapping[str, CurveEnd],
    seed: int,
) -> dict[str, CurveArm]:
    """Prepare the draws of arms with digitised curves."""
    if not arms:
        return {}
    from .curve_draws import CurveArm  # loads a compiler

    longer = {
        name: arm.followed_to(arm.last_time * LONGER) if arm.events and name in ends else arm
        for name, arm in arms.items()
    }
    found = calibrate(endpoint, longer)
    return {
        name: CurveArm.of(found[name], stream(seed, 0, ALONG, place))
        for place, name in enumerate(arms)
    }


def _draw_group(
    group: Group, template: PseudoIPD, scenario: IntArray, rng: np.random.Generator
) -> dict[str, Patients]:
    """Draw arms until all rows, or nearly all, match what is reported; fill up with copies then.

    Copies leave at new times, and where more than a few are missing in another order. If no row
    matches, copies of the reconstruction are changed.
    """
    parts: list[list[Patients]] = []
    found, few = 0, (1 - ENOUGH) * scenario.size
    for _ in range(PASSES):
        missing = scenario.size - found
        if missing <= few:
            break
        rows = scenario[rng.integers(0, scenario.size, missing)] if found else scenario
        try:
            drawn = group.draw(rows, rng)
        except NoDraws:
            continue
        parts.append(drawn)
        found += drawn[0].time.shape[0]
    moves = FEW_MOVES if scenario.size - found > few else 0
    if not found:
        parts = [group.reconstructed(template)]
        moves = min(MOVES_PER_PATIENT * max(arm.constraints.n for arm in group.arms), MOST_MOVES)
    joined = [Patients.joined(own) for own in zip(*parts, strict=True)]
    filled = _filled(group, joined, scenario, moves=moves, rng=rng)
    return dict(zip((arm.constraints.name for arm in group.arms), filled, strict=True))


def _filled(
    group: Group,
    patients: list[Patients],
    scenario: IntArray,
    *,
    moves: int,
    rng: np.random.Generator,
) -> list[Patients]:
    """Fill the missing rows with copies of others, changed by moves that keep every number."""
    size, have = scenario.size, patients[0].time.shape[0]
    if have >= size:
        return patients
    rows = rng.integers(0, have, size - have)
    filled = []
    for arm, own in zip(group.arms, patients, strict=True):
        copies = own.take(rows)
        changed = moved(copies, arm.courses, scenario[have:], moves=moves, rng=rng)
        changed = with_median(arm.constraints, arm.courses, changed, rng)
        good = is_consistent(arm.constraints, changed.time, changed.event)[:, None]
        kept = Patients(
            time=np.where(good, changed.time, copies.time),
            event=np.where(good, changed.event, copies.event),
        )
        filled.append(Patients.joined([own, kept]))
    return filled

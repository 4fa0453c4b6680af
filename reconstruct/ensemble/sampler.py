"""Draws of both arms of an endpoint, in blocks that can be drawn in any order and anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ...studies import Endpoint
from ..calibration import Calibration, calibrate
from ..constraints import ArmConstraints, arm_constraints
from ..contradictions import refuse_contradictions
from ..errors import ContradictionError
from ..listed import lists_only_events
from ..pseudo_ipd import PseudoIPD
from ..reconstruction import reconstruct
from ..whole_patients import SearchExhausted, place_patients
from .arm_draws import Patients, draw_patients
from .chains import moved
from .check import meets
from .counts import CountSampler, NoDraws, Paths
from .courses import ArmCourses, arm_courses
from .exits import IntArray
from .median import median_inside
from .listed_draws import draw_listed
from .scenarios import random_scenarios
from .streams import stream

__all__ = ["Sampler", "sampler"]

SCENARIOS = 48
BLOCK = 1000  # draws
MOST_TIMES = 2_000_000  # in a block
PASSES = 2
ENOUGH = 0.95  # of a block; the rest are changed copies
FEW_MOVES = 100  # of copies of different draws
MOVES_PER_PATIENT, MOST_MOVES = 4, 3000  # of copies of one


@dataclass(frozen=True, kw_only=True, eq=False)
class _Arm:
    """One arm, ready to be drawn."""

    constraints: ArmConstraints
    courses: ArmCourses
    counts: CountSampler
    calibration: Calibration


@dataclass(frozen=True, kw_only=True, eq=False)
class Sampler:
    """Draws of one endpoint.

    Attributes
    ----------
    endpoint : Endpoint
    seed : int
    template : PseudoIPD
        The likeliest patients, whose arms and assumptions the draws share.
    block_size : int
        Draws in a block.
    """

    endpoint: Endpoint
    seed: int
    template: PseudoIPD
    block_size: int
    arms: Mapping[str, _Arm]
    listed: Mapping[str, ArmConstraints]

    def block(self, number: int) -> dict[str, Patients]:
        """Return the patients of one block of draws by arm, the reference first.

        The same block is the same whatever else is drawn, and wherever.
        """
        scenario = stream(self.seed, number).integers(0, SCENARIOS, self.block_size)
        drawn = {}
        for place, name in enumerate(self.template.arms):
            rng = stream(self.seed, number, place)
            if name in self.listed:
                follow_up = self.endpoint.arms[name].follow_up
                drawn[name] = draw_listed(self.listed[name], follow_up, self.block_size, rng)
            else:
                drawn[name] = self._arm(self.arms[name], scenario, rng)
        return drawn

    def _arm(self, arm: _Arm, scenario: IntArray, rng: np.random.Generator) -> Patients:
        """Draw one arm until all rows, or nearly all, meet what it prints; change copies then."""
        size = scenario.size
        total = arm.constraints.events
        parts: list[Patients] = []
        found = 0
        for _ in range(PASSES):
            missing = size - found
            if missing <= (1 - ENOUGH) * size:
                break
            rows = scenario[rng.integers(0, size, missing)] if found else scenario
            totals = None if total is None else np.full(rows.size, total, dtype=np.int64)
            try:
                paths = arm.counts.paths(rows, total=totals, rng=rng)
            except NoDraws:
                continue
            patients = draw_patients(arm.constraints, arm.courses, paths, rng)
            good = np.flatnonzero(meets(arm.constraints, patients.time, patients.event))
            parts.append(patients.take(good))
            found += good.size
        if found:
            return _filled(_joined(parts), arm, scenario, moves=FEW_MOVES, rng=rng)
        parts = [_repeated(self.endpoint, arm)]
        many = min(MOVES_PER_PATIENT * arm.constraints.n, MOST_MOVES)
        return _filled(_joined(parts), arm, scenario, moves=many, rng=rng)


def _repeated(endpoint: Endpoint, arm: _Arm) -> Patients:
    """Return the likeliest patients as a single row."""
    try:
        placed = place_patients(arm.constraints, arm.calibration.course)
    except SearchExhausted:
        raise ContradictionError(
            f"{endpoint.key}, arm {arm.constraints.name}: no data set was found that meets every "
            "printed number, so there is no ensemble of them",
            numbers=tuple(label for knot in arm.constraints.knots for label in knot.printed),
            endpoint_key=endpoint.key,
        ) from None
    return Patients(time=placed.time[None, :], event=placed.event[None, :])


def _joined(parts: list[Patients]) -> Patients:
    return Patients(
        time=np.concatenate([part.time for part in parts]),
        event=np.concatenate([part.event for part in parts]),
    )


def _filled(
    patients: Patients, arm: _Arm, scenario: IntArray, *, moves: int, rng: np.random.Generator
) -> Patients:
    """Fill the missing rows with copies of others, changed by moves that keep every number."""
    size, have = scenario.size, patients.time.shape[0]
    if have >= size:
        return patients
    copies = patients.take(rng.integers(0, have, size - have))
    changed = moved(copies, arm.courses, scenario[have:], moves=moves, rng=rng)
    if arm.constraints.median is not None:
        knots = [knot.time for knot in arm.courses.knots]
        stretched = median_inside(
            changed.time, changed.event, arm.constraints.median, knots=knots, rng=rng
        )
        changed = Patients(time=stretched, event=changed.event)
    good = meets(arm.constraints, changed.time, changed.event)[:, None]
    kept = Patients(
        time=np.where(good, changed.time, copies.time),
        event=np.where(good, changed.event, copies.event),
    )
    return _joined([patients, kept])


def sampler(endpoint: Endpoint, *, seed: int) -> Sampler:
    """Prepare the draws of an endpoint.

    Raises
    ------
    ReconstructionRefused
        If too little is printed to place patients.
    ContradictionError
        If no data set meets every printed number.
    """
    refuse_contradictions(endpoint)
    template = reconstruct(endpoint)
    constraints = {name: arm_constraints(endpoint, name) for name in endpoint.arms}
    listed = {name: arm for name, arm in constraints.items() if lists_only_events(arm)}
    others = {name: arm for name, arm in constraints.items() if name not in listed}
    arms = _calibrated(endpoint, others, stream(seed)) if others else {}
    patients = sum(arm.n for arm in constraints.values())
    return Sampler(
        endpoint=endpoint,
        seed=seed,
        template=template,
        block_size=int(np.clip(MOST_TIMES // patients, 1, BLOCK)),
        arms=arms,
        listed=listed,
    )


def _calibrated(
    endpoint: Endpoint, arms: Mapping[str, ArmConstraints], rng: np.random.Generator
) -> dict[str, _Arm]:
    """Calibrate every scenario to what is printed."""
    found = [
        calibrate(endpoint, arms, scenarios=random_scenarios(arms, rng)) for _ in range(SCENARIOS)
    ]
    prepared = {}
    for name in arms:
        calibrations = [each[name] for each in found]
        courses = arm_courses(calibrations)
        constraints = calibrations[0].arm
        prepared[name] = _Arm(
            constraints=constraints,
            courses=courses,
            counts=CountSampler(constraints, courses),
            calibration=calibrate(endpoint, arms)[name],
        )
    return prepared

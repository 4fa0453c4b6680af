"""Arms that are drawn together, because they share a printed total of events, or one by one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from ...studies import Endpoint
from ..calibration import Calibration, calibrate
from ..constraints import ArmConstraints
from ..errors import ContradictionError
from ..integer_search import (
    SearchExhausted,
    place_patients,
)
from .arm_draws import Patients, draw_patients
from .check import meets
from .counts import CountSampler, Paths
from .courses import ArmCourses, arm_courses
from .exits import IntArray
from .scenarios import random_scenarios

__all__ = ["Group", "PreparedArm", "calibrated_groups"]

SHARED = "events in total"


@dataclass(frozen=True, kw_only=True, eq=False)
class PreparedArm:
    """One arm, ready to be drawn.

    Attributes
    ----------
    constraints : ArmConstraints
        What it prints.
    courses : ArmCourses
        What is expected of it under each scenario.
    likeliest : Calibration
        What is expected of it where nothing is unlike the likeliest guess.
    """

    constraints: ArmConstraints
    courses: ArmCourses
    likeliest: Calibration

    @property
    def counts(self) -> CountSampler:
        """Draws its numbers of exits."""
        return CountSampler(self.constraints, self.courses)


@dataclass(frozen=True, kw_only=True, eq=False)
class Group:
    """Arms whose rows belong together.

    Attributes
    ----------
    endpoint_key : str
    arms : tuple of PreparedArm
        One, or the two that share a total of events.
    total : int or None
        Their events together; None if they are not printed.
    """

    endpoint_key: str
    arms: tuple[PreparedArm, ...]
    total: int | None

    def draw(self, scenario: IntArray, rng: np.random.Generator) -> list[Patients]:
        """Draw patients of every arm, and return the rows that meet every printed number.

        Raises
        ------
        NoDraws
            If no row gets as far as times.
        """
        drawn = [
            draw_patients(arm.constraints, arm.courses, paths, rng)
            for arm, paths in zip(self.arms, self._paths(scenario, rng), strict=True)
        ]
        good = np.logical_and.reduce(
            [
                meets(arm.constraints, patients.time, patients.event)
                for arm, patients in zip(self.arms, drawn, strict=True)
            ]
        )
        if self.total is not None:
            good &= sum(patients.event.sum(axis=1) for patients in drawn) == self.total
        return [patients.take(np.flatnonzero(good)) for patients in drawn]

    def _paths(self, scenario: IntArray, rng: np.random.Generator) -> list[Paths]:
        """Draw numbers of exits: the last arm has the events that the others leave of the total."""
        rest = None if self.total is None else np.full(scenario.size, self.total, dtype=np.int64)
        paths: list[Paths] = []
        for arm in self.arms[:-1]:
            own = arm.counts.paths(scenario, total=None, rng=rng)
            paths = [*(other.take(own.origin) for other in paths), own]
            scenario = own.scenario
            rest = None if rest is None else rest[own.origin] - own.total_events
        last = self.arms[-1].counts.paths(scenario, total=rest, rng=rng)
        return [*(other.take(last.origin) for other in paths), last]

    def likeliest(self) -> list[Patients]:
        """Return the likeliest patients of every arm as a single row.

        Raises
        ------
        ContradictionError
            If the search finds no patients that meet every printed number.
        """
        return [self._likeliest(arm.likeliest) for arm in self.arms]

    def _likeliest(self, calibration: Calibration) -> Patients:
        arm = calibration.arm
        try:
            placed = place_patients(arm, calibration.course)
        except SearchExhausted:
            raise ContradictionError(
                f"{self.endpoint_key}, arm {arm.name}: no data set was found that meets every "
                "printed number, so there is no ensemble of them",
                numbers=tuple(label for knot in arm.knots for label in knot.printed),
                endpoint_key=self.endpoint_key,
            ) from None
        return Patients(time=placed.time[None, :], event=placed.event[None, :])


def calibrated_groups(
    endpoint: Endpoint,
    arms: Mapping[str, ArmConstraints],
    scenarios: int,
    rng: np.random.Generator,
) -> tuple[Group, ...]:
    """Calibrate random scenarios to what is printed, and group the arms that share a total."""
    likeliest = calibrate(endpoint, arms)
    found = [
        calibrate(endpoint, arms, scenarios=random_scenarios(arms, rng)) for _ in range(scenarios)
    ]
    shared = all(each.basis == SHARED for each in likeliest.values()) and len(arms) > 1
    prepared = [
        PreparedArm(
            constraints=replace(each.arm, events=None) if shared else each.arm,
            courses=arm_courses([one[name] for one in found]),
            likeliest=each,
        )
        for name, each in likeliest.items()
    ]
    if shared:
        total = sum(each.arm.events or 0 for each in likeliest.values())
        return (Group(endpoint_key=endpoint.key, arms=tuple(prepared), total=total),)
    return tuple(
        Group(endpoint_key=endpoint.key, arms=(arm,), total=arm.constraints.events)
        for arm in prepared
    )

"""The arms of an endpoint, drawn together: what they share of a scenario stays shared in a draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ...studies import Endpoint
from ..checks import is_consistent
from ..constraints import ArmConstraints
from ..errors import ContradictionError
from ..pseudo_ipd import BoolArray, FloatArray, IntArray, PseudoIPD
from ..scenarios import random_scenarios
from ..scenarios.strengths import IN_TOTAL
from .arm_draws import Patients, draw_patients
from .counts import CountSampler, Paths
from .courses import ArmCourses, arm_courses

__all__ = ["Group", "PreparedArm", "prepared_group"]


@dataclass(frozen=True, kw_only=True, eq=False)
class PreparedArm:
    """One arm, ready to be drawn.

    Attributes
    ----------
    constraints : ArmConstraints
        What it prints.
    courses : ArmCourses
        What is expected of it under each scenario.
    """

    constraints: ArmConstraints
    courses: ArmCourses

    @property
    def counts(self) -> CountSampler:
        """Draws its numbers of exits."""
        return CountSampler(self.constraints, self.courses)


@dataclass(frozen=True, kw_only=True, eq=False)
class Group:
    """Arms whose rows belong together.

    Attributes
    ----------
    endpoint : Endpoint
    effective : float
        Effective number of the scenarios that those of the draws were chosen among.
    arms : tuple of PreparedArm
    total : ndarray of float, shape (scenarios, 2), or None
        Bounds on their events together, where each arm's own are not reported; None if nothing
        says them.
    reported_total : bool
        Whether those are the events that are reported of all arms together.
    log_counted : ndarray of float, shape (scenarios, arms)
        How much of the likelihood of each arm's events (of all, in the first column, where they
        share a total) the choice of the scenarios has counted already.
    turns : ndarray of int, shape (turns,)
        Scenarios that draws take turns at.
    """

    endpoint: Endpoint
    effective: float
    arms: tuple[PreparedArm, ...]
    total: FloatArray | None
    reported_total: bool
    log_counted: FloatArray
    turns: IntArray

    def draw(self, scenario: IntArray, rng: np.random.Generator) -> list[Patients]:
        """Draw patients of every arm; return the rows consistent with every reported number.

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
                is_consistent(arm.constraints, patients.time, patients.event)
                for arm, patients in zip(self.arms, drawn, strict=True)
            ]
        )
        good &= self._has_total(drawn)
        return [patients.take(np.flatnonzero(good)) for patients in drawn]

    def _has_total(self, drawn: Sequence[Patients]) -> BoolArray:
        """Say for each row whether arms have the events that are reported of them together."""
        events = np.sum([patients.event.sum(axis=1) for patients in drawn], axis=0)
        if self.total is None or not self.reported_total:
            return np.ones(events.shape, dtype=bool)
        return np.asarray(events == round(float(self.total[0, 0])))

    def _paths(self, scenario: IntArray, rng: np.random.Generator) -> list[Paths]:
        """Draw numbers of exits: of a shared total, the last arm has what the others leave."""
        rest = None
        if self.total is not None:
            low, high = self.total[scenario].T
            rest = np.rint(rng.uniform(low, high)).astype(np.int64)
        paths: list[Paths] = []
        for place, arm in enumerate(self.arms):
            wanted, counted = self._wanted(place, scenario.size), self.log_counted[:, place]
            if rest is not None:
                last = place == len(self.arms) - 1
                wanted, counted = rest if last else None, self.log_counted[:, 0]
            own = arm.counts.paths(
                scenario, total=wanted, rng=rng, counted=None if wanted is None else counted
            )
            paths = [*(other.take(own.origin) for other in paths), own]
            scenario = own.scenario
            rest = None if rest is None else rest[own.origin] - own.total_events
        return paths

    def _wanted(self, place: int, size: int) -> IntArray | None:
        events = self.arms[place].constraints.events
        return None if events is None else np.full(size, events, dtype=np.int64)

    def reconstructed(self, ipd: PseudoIPD) -> list[Patients]:
        """Return the patients of the reconstruction of every arm as a single row.

        Raises
        ------
        ContradictionError
            If they are not consistent with every reported number, so that no data set is known
            that is.
        """
        found = [
            self._reconstructed(arm.constraints, *ipd.of(arm.constraints.name)) for arm in self.arms
        ]
        if not self._has_total(found).all():
            raise self._none_found("", ("events in total",))
        return found

    def _reconstructed(self, arm: ArmConstraints, time: FloatArray, event: BoolArray) -> Patients:
        order = np.lexsort((~event, time))
        row = Patients(time=time[None, order], event=event[None, order])
        if not is_consistent(arm, row.time, row.event).all():
            labels = tuple(label for knot in arm.knots for label in knot.printed)
            raise self._none_found(f", arm {arm.name}", labels)
        return row

    def _none_found(self, where: str, numbers: tuple[str, ...]) -> ContradictionError:
        return ContradictionError(
            f"{self.endpoint.key}{where}: no data set was found that is consistent with every "
            "reported number, so there is no ensemble of them",
            numbers=numbers,
            endpoint_key=self.endpoint.key,
        )


def prepared_group(
    endpoint: Endpoint,
    arms: Mapping[str, ArmConstraints],
    size: int,
    rng: np.random.Generator,
) -> Group:
    """Draw scenarios and choose those that give what is reported.

    Parameters
    ----------
    endpoint : Endpoint
    arms : mapping of str to ArmConstraints
    size : int
        Turns of the scenarios to choose; likely ones have several.
    rng : numpy.random.Generator
    """
    weighted = random_scenarios(endpoint, arms, rng=rng)
    chosen, turns = np.unique(weighted.chosen(size, rng), return_inverse=True)
    scenarios = weighted.take(chosen)
    return Group(
        endpoint=endpoint,
        effective=weighted.effective,
        arms=tuple(
            PreparedArm(constraints=each.arm, courses=arm_courses(each, scenarios.grid))
            for each in scenarios.arms.values()
        ),
        total=scenarios.total,
        reported_total=scenarios.basis == IN_TOTAL,
        log_counted=scenarios.log_counted,
        turns=turns,
    )

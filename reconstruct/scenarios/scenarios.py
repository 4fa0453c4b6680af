"""Scenarios: hazards and censoring drawn at random, weighted by what is reported, many at once.

Nothing that is not reported is held fixed. Where follow-up ends, how the hazards run between the
reported survivals and how patients are censored are drawn from a wide prior. The strength of
censoring is then set to what the reported events, or the width of the reported interval, ask for,
give or take chance, and every scenario is weighted by its prior density there and by how well it
gives the other reported numbers: intervals of landmarks and medians, and follow-up. Scenarios are
chosen in proportion to their weights (importance resampling).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from scipy.special import logsumexp

from ...studies import Endpoint
from ..constraints import LONGER, ArmConstraints
from ..expected_course import ExpectedCourse
from ..follow_up import EntryWindow, entry_window
from ..pseudo_ipd import FloatArray, IntArray
from .arm_scenarios import ArmScenarios
from .censorings import CensoringLaws, DrawnArm
from .hazards import random_hazards
from .interpolation import straight_lines
from .likelihood import alike_hazards, known_survivals, log_likelihood, pins_of, time_grid
from .strengths import strengths_of

__all__ = ["Scenarios", "mean_course", "random_scenarios", "weighted_scenarios"]

# Chosen on simulated trials; benchmarks/calibration.py reports on others.
LOT = 768  # scenarios that are tried at a time
FEW, LOTS = 300.0, 3  # effective scenarios that are too few, and most lots that are tried
CELLS, CELLS_OF_DRAWS = 144, 96  # of the grid of times; draws on finer ones differ by chance only
LONGEST = 4.0  # longest follow-up, in last reported times
BEYOND = math.log(0.45), 1.0  # log of the follow-up after the last reported time: middle, spread
ENDS_APART = 0.12  # spread of the log of what one arm is followed longer
ACCRUAL = 0.45, 0.15  # spreads of the log power of the share of the follow-up, shared and own
DROPOUTS = (0.35, 0.15, 0.7)  # share without drop-out; expected drop-outs otherwise, few and many
DROPOUTS_APART = 0.35, 0.6  # share of scenarios in which arms' drop-out differs, and log spread
FIXED_ENDS = ("printed", "dates", "curve")
TAIL_CELLS = 48  # of a mean course after the last time at which the curve is known


@dataclass(frozen=True, kw_only=True, eq=False)
class Scenarios:
    """Scenarios of all arms of an endpoint.

    Attributes
    ----------
    grid : ndarray of float, shape (k,)
        Times.
    arms : dict of str to ArmScenarios
    log_weight : ndarray of float, shape (scenarios,)
        Before they were chosen.
    total : ndarray of float, shape (scenarios, 2), or None
        Bounds on the events of all arms together; None where nothing says them.
    log_counted : ndarray of float, shape (scenarios, arms)
        How much of the likelihood of the events of each arm (of all, in the first column, where
        they share a total) has been counted already.
    basis : str
        What the strength of censoring was set to, see `kmrepro.reconstruct.calibration`.
    """

    grid: FloatArray
    arms: dict[str, ArmScenarios]
    log_weight: FloatArray
    total: FloatArray | None
    log_counted: FloatArray
    basis: str

    @cached_property
    def weight(self) -> FloatArray:
        """Their weights, which sum to 1, shape (scenarios,)."""
        return np.asarray(np.exp(self.log_weight - logsumexp(self.log_weight)))

    @property
    def effective(self) -> float:
        """The effective number of scenarios."""
        return float(1.0 / np.sum(self.weight**2))

    def error_of_mean(self) -> float:
        """Return how far chance takes the mean course, in standard errors of what it is used for.

        The largest, over the arms, of the standard error of the mean log rate of events, by the
        weights, over that which their events leave; of two arms or more, of rates against the
        first arm's.
        """
        rates, left = [], []
        for arm in self.arms.values():
            events = np.maximum(arm.events[:, -1], 0.5)
            rates.append(np.log(events / np.trapezoid(arm.at_risk, self.grid, axis=1)))
            left.append(1.0 / float(self.weight @ events))
        if len(rates) > 1:
            rates = [rate - rates[0] for rate in rates[1:]]
            left = [own + left[0] for own in left[1:]]
        if (others := self.effective - 1.0) < 1e-9:  # one scenario alone says nothing of chance
            return math.inf
        chance = [self.weight @ (rate - self.weight @ rate) ** 2 / others for rate in rates]
        return float(max(np.sqrt(own / most) for own, most in zip(chance, left, strict=True)))

    def joined(self, other: Scenarios) -> Self:
        """Return these and others of the same arms and times."""
        totals = [each for each in (self.total, other.total) if each is not None]
        return type(self)(
            grid=self.grid,
            arms={name: arm.joined(other.arms[name]) for name, arm in self.arms.items()},
            log_weight=np.concatenate([self.log_weight, other.log_weight]),
            total=np.concatenate(totals) if totals else None,
            log_counted=np.concatenate([self.log_counted, other.log_counted]),
            basis=self.basis,
        )

    def chosen(self, size: int, rng: np.random.Generator) -> IntArray:
        """Choose scenarios in proportion to their weights, by systematic resampling.

        Returns
        -------
        ndarray of int, shape (size,)
            Which they are, in random order; likely ones are there more than once.
        """
        cumulative = np.cumsum(self.weight)
        places = (np.arange(size) + rng.random()) / size * cumulative[-1]
        rows = np.minimum(np.searchsorted(cumulative, places), cumulative.size - 1)
        return rng.permutation(rows)

    def take(self, rows: IntArray) -> Self:
        """Return some of the scenarios."""
        return type(self)(
            grid=self.grid,
            arms={name: arm.take(rows) for name, arm in self.arms.items()},
            log_weight=self.log_weight[rows],
            total=None if self.total is None else self.total[rows],
            log_counted=self.log_counted[rows],
            basis=self.basis,
        )


def random_scenarios(
    endpoint: Endpoint,
    arms: Mapping[str, ArmConstraints],
    *,
    rng: np.random.Generator,
    lot: int | None = None,
) -> Scenarios:
    """Draw scenarios of the arms of an endpoint and weight them by what is reported.

    Parameters
    ----------
    endpoint : Endpoint
    arms : mapping of str to ArmConstraints
        Those to be drawn, and what they report.
    rng : numpy.random.Generator
    lot : int, optional
        Scenarios that are tried at a time: once, and again where too few of them are effective.
    """
    lot = lot or LOT
    ends = _ends(arms, LOTS * lot, rng)
    arms = _followed(arms, ends)
    lots = (
        {name: own[start : start + lot] for name, own in ends.items()}
        for start in range(0, LOTS * lot, lot)
    )
    found = _weighted(endpoint, arms, next(lots), rng, cells=CELLS_OF_DRAWS)
    for more in lots:
        if found.effective >= FEW:
            break
        found = found.joined(_weighted(endpoint, arms, more, rng, cells=CELLS_OF_DRAWS))
    return found


def weighted_scenarios(
    endpoint: Endpoint, arms: Mapping[str, ArmConstraints], size: int, rng: np.random.Generator
) -> Scenarios:
    """Draw scenarios and weight them by what is reported."""
    ends = _ends(arms, size, rng)
    return _weighted(endpoint, _followed(arms, ends), ends, rng, cells=CELLS)


def _weighted(
    endpoint: Endpoint,
    arms: Mapping[str, ArmConstraints],
    ends: Mapping[str, FloatArray],
    rng: np.random.Generator,
    *,
    cells: int,
) -> Scenarios:
    """Draw scenarios that end at given times, and weight them."""
    size = next(iter(ends.values())).size
    known = {name: known_survivals(endpoint, arm, size, rng) for name, arm in arms.items()}
    grid = time_grid(arms.values(), known, cells)
    pins = {name: pins_of(arm, known[name], grid, size, rng) for name, arm in arms.items()}
    hazards, own_bends = random_hazards(endpoint, pins, grid, rng)
    window = entry_window(endpoint)
    alike = _alike(size, rng)
    prepared = {}
    for name, arm in arms.items():
        survival = np.exp(-hazards[name])
        dates = window if arm.last_time_source == "dates" else None
        law = _law(arm, survival, grid, (ends[name], dates), alike, rng)
        prepared[name] = DrawnArm(arm=arm, survival=survival, law=law.uncensored(), ends=ends[name])
    last = {name: int(pins[name].place[-1]) for name in arms}
    strengths = strengths_of(endpoint, prepared, last, rng)
    log_weight = strengths.log_weight + alike_hazards(arms, known, own_bends)
    made = {}
    for name, own in prepared.items():
        made[name] = ArmScenarios(
            arm=own.arm,
            ends=own.ends,
            survival=own.survival,
            followed=own.law(strengths.log_strength[name]),
        )
        log_weight = log_weight + log_likelihood(endpoint.arms[name], made[name], grid, rng)
    return Scenarios(
        grid=grid,
        arms=made,
        log_weight=np.nan_to_num(log_weight, nan=-1e6, neginf=-1e6, posinf=-1e6),
        total=strengths.total,
        log_counted=strengths.log_counted,
        basis=strengths.basis,
    )


# When follow-up ends.


def _followed(
    arms: Mapping[str, ArmConstraints], ends: Mapping[str, FloatArray]
) -> dict[str, ArmConstraints]:
    """Return what the arms report, each followed to the last of its ends."""
    return {
        name: arm
        if arm.last_time_source in FIXED_ENDS
        else arm.followed_to(float(ends[name].max()))
        for name, arm in arms.items()
    }


def _ends(
    arms: Mapping[str, ArmConstraints], size: int, rng: np.random.Generator
) -> dict[str, FloatArray]:
    """Draw when the last patient of each arm leaves, where that is not reported."""
    beyond = np.exp(BEYOND[0] + BEYOND[1] * rng.standard_normal(size))
    ends = {}
    for name, arm in arms.items():
        if arm.last_time_source in FIXED_ENDS:
            ends[name] = np.full(size, arm.last_time)
            continue
        latest = arm.last_time / (LONGER if arm.last_time_source == "events" else 1.0)
        own = beyond * np.exp(ENDS_APART * rng.standard_normal(size))
        ends[name] = latest * np.minimum(1.0 + own, LONGEST)
    return ends


def _alike(size: int, rng: np.random.Generator) -> dict[str, FloatArray]:
    """Draw what arms share of entry and drop-out."""
    kind = rng.random(size)
    few, many = (rng.exponential(DROPOUTS[k], size) for k in (1, 2))
    none = kind < DROPOUTS[0]
    dropout = np.where(none, 0.0, np.where(kind < (1 + DROPOUTS[0]) / 2, few, many))
    return {
        "accrual": ACCRUAL[0] * rng.standard_normal(size),
        "dropout": dropout,
        "apart": np.where(rng.random(size) < 1 - DROPOUTS_APART[0], 0.0, DROPOUTS_APART[1]),
    }


def _law(
    arm: ArmConstraints,
    survival: FloatArray,
    grid: FloatArray,
    follow_up: tuple[FloatArray, EntryWindow | None],
    alike: Mapping[str, FloatArray],
    rng: np.random.Generator,
) -> CensoringLaws:
    end, window = follow_up
    size = end.size
    place, known = [0], [np.ones(size)]
    for knot in arm.knots:
        if knot.at_risk is None or knot.time >= arm.last_time:
            continue
        where = int(np.searchsorted(grid, knot.time * (1 - 1e-9)))
        alive = np.maximum(arm.n * survival[:, where], 1e-9)
        place.append(where)
        known.append(np.minimum(knot.at_risk / alive, known[-1]))
    own = alike["apart"] * rng.standard_normal(size)
    return CensoringLaws(
        grid=grid,
        end=end,
        known_place=np.array(place),
        known=np.column_stack(known),
        accrual=np.exp(alike["accrual"] + ACCRUAL[1] * rng.standard_normal(size)),
        dropout=alike["dropout"] * np.exp(own),
        window=window,
        early=np.exp(0.4 * rng.standard_normal((size, max(len(place) - 1, 1)))),
    )


# How well a scenario gives the other reported numbers.


def mean_course(
    arm: ArmConstraints, scenarios: Scenarios, *, end_is_known: bool
) -> tuple[float, ExpectedCourse]:
    """Return the middle of the ends of follow-up, and the mean of the expected courses.

    Parameters
    ----------
    arm : ArmConstraints
        One of those that the scenarios are of.
    scenarios : Scenarios
    end_is_known : bool
        Whether all scenarios have the same end of follow-up.

    Notes
    -----
    Where the end is not known, every scenario's tail is stretched to the same end first, so that
    its events and censorings stay with the tail.
    """
    drawn = scenarios.arms[arm.name]
    weight = scenarios.weight
    if end_is_known:
        numbers = drawn.at_risk, drawn.events
        return arm.last_time, _averaged(drawn, scenarios.grid, numbers, weight)
    last = max((knot.time for knot in arm.knots), default=0.0)
    order = np.argsort(drawn.ends)
    middle = int(np.searchsorted(np.cumsum(weight[order]), 0.5))
    end = float(drawn.ends[order[min(middle, order.size - 1)]])
    head = scenarios.grid[scenarios.grid <= last]
    share = np.linspace(0.0, 1.0, TAIL_CELLS + 1)[1:]
    time = np.concatenate([head, last + share * (end - last)])
    tails = last + share * (drawn.ends - last)[:, None]
    tails[:, -1] = np.nextafter(drawn.ends, 0.0)  # who is followed to the end is at risk there
    rows = np.empty((2, drawn.ends.size, time.size))
    for row, known in zip(rows, (drawn.at_risk, drawn.events), strict=True):
        row[:, : head.size] = known[:, : head.size]
        row[:, head.size :] = straight_lines(scenarios.grid, known, tails)
    rows[1, :, -1] = drawn.events[:, -1]
    return end, _averaged(drawn, time, (rows[0], rows[1]), weight)


def _averaged(
    drawn: ArmScenarios,
    time: FloatArray,
    numbers: tuple[FloatArray, FloatArray],
    weight: FloatArray,
) -> ExpectedCourse:
    n, inside = drawn.arm.n, time <= drawn.arm.last_time
    at_risk, events = ((weight @ each)[inside] for each in numbers)
    events = np.maximum.accumulate(events)
    if at_risk[-1] <= 0:
        at_risk[-1] = max(at_risk[-2] - (events[-1] - events[-2]), 0.0)
    at_risk = np.minimum(np.minimum.accumulate(at_risk), n - events)
    censored = np.maximum.accumulate(n - events - at_risk)
    censored[-1] = n - events[-1]  # whoever is left is censored at the end
    return ExpectedCourse(time=time[inside], at_risk=at_risk, events=events, censored=censored)

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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.special import logsumexp

from ...studies import Endpoint
from ..constraints import LONGER, ArmConstraints
from ..follow_up import entry_window
from ..outlook import tightened
from ..pseudo_ipd import FloatArray
from .censorings import (
    CensoringLaws,
    Response,
    log_prior,
    log_prior_apart,
    random_apart,
    random_strength,
)
from .exits import Flags, IntArray
from .hazards import Pins, random_hazards

__all__ = ["ArmScenarios", "Scenarios", "random_scenarios"]

# Chosen on simulated trials; benchmarks/calibration.py reports on others.
TRIED = 768  # scenarios, of which those that are kept are chosen
LONGEST = 4.0  # longest follow-up, in last reported times
BEYOND = math.log(0.35), 1.0  # log of the follow-up after the last reported time: middle, spread
ENDS_APART = 0.12  # spread of the log of what one arm is followed longer
DROPOUTS = (0.35, 0.15, 0.7)  # share without drop-out; expected drop-outs otherwise, few and many
CELLS = 144  # of the grid of times
Z_95 = 1.959963984540054
FORMS = 3  # of intervals of survival: log, log-log, plain


@dataclass(frozen=True, kw_only=True, eq=False)
class ArmScenarios:
    """What the scenarios expect of one arm.

    Attributes
    ----------
    arm : ArmConstraints
        What it reports, with the longest follow-up that occurs.
    ends : ndarray of float, shape (scenarios,)
        When its last patient leaves.
    at_risk, events, censored : ndarray of float, shape (scenarios, k)
        Expected at each time of the grid, the latter two up to it.
    """

    arm: ArmConstraints
    ends: FloatArray
    at_risk: FloatArray
    events: FloatArray
    censored: FloatArray

    def take(self, rows: IntArray) -> ArmScenarios:
        """Return some of the scenarios."""
        return ArmScenarios(
            arm=self.arm,
            ends=self.ends[rows],
            at_risk=self.at_risk[rows],
            events=self.events[rows],
            censored=self.censored[rows],
        )


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

    @property
    def effective(self) -> float:
        """The effective number of scenarios."""
        weight = np.exp(self.log_weight - logsumexp(self.log_weight))
        return float(1.0 / np.sum(weight**2))

    def chosen(self, size: int, rng: np.random.Generator) -> Self:
        """Choose scenarios in proportion to their weights, by systematic resampling."""
        weight = np.exp(self.log_weight - self.log_weight.max())
        cumulative = np.cumsum(weight)
        places = (np.arange(size) + rng.random()) / size * cumulative[-1]
        rows = np.minimum(np.searchsorted(cumulative, places), cumulative.size - 1)
        rows = rng.permutation(rows)
        return type(self)(
            grid=self.grid,
            arms={name: arm.take(rows) for name, arm in self.arms.items()},
            log_weight=self.log_weight[rows],
            total=None if self.total is None else self.total[rows],
            log_counted=self.log_counted[rows],
            basis=self.basis,
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Arm:
    """One arm on the way: hazards are drawn, censoring is not yet."""

    arm: ArmConstraints
    survival: FloatArray
    law: Callable[[FloatArray], FloatArray]
    ends: FloatArray

    def followed(self, log_strength: FloatArray) -> FloatArray:
        return self.law(log_strength)

    def events(self, log_strength: FloatArray) -> FloatArray:
        """Return expected events in each cell."""
        followed = self.law(log_strength)
        middle = (followed[:, 1:] + followed[:, :-1]) / 2
        return np.asarray(self.arm.n * middle * -np.diff(self.survival, axis=1))

    def total(self, log_strength: FloatArray) -> FloatArray:
        return np.asarray(self.events(log_strength).sum(axis=1))

    def spread(self, log_strength: FloatArray, last: int) -> FloatArray:
        """Return the standard deviation of the events, given the curve up to its last known place.

        Notes
        -----
        Before the last known time a patient who is censored takes along the events that those at
        risk still had; after it, events are binomial.
        """
        followed, survival = self.law(log_strength), self.survival
        to_come = 1.0 - survival[:, last, None] / np.maximum(survival[:, : last + 1], 1e-12)
        leave = -np.diff(followed[:, : last + 1], axis=1) * survival[:, :last]
        early = self.arm.n * np.sum(leave * to_come[:, :-1] ** 2, axis=1)
        late = self.events(log_strength)[:, last:].sum(axis=1)
        left = np.maximum(self.arm.n * followed[:, last] * survival[:, last], 1e-9)
        return np.sqrt(early + late * np.clip(1.0 - late / left, 0.1, 1.0) + 0.15)


def random_scenarios(
    endpoint: Endpoint,
    arms: Mapping[str, ArmConstraints],
    *,
    size: int,
    rng: np.random.Generator,
    tried: int | None = None,
) -> Scenarios:
    """Draw scenarios of the arms of an endpoint and choose among them by what is reported.

    Parameters
    ----------
    endpoint : Endpoint
    arms : mapping of str to ArmConstraints
        Those to be drawn, and what they report.
    size : int
        Scenarios to choose.
    rng : numpy.random.Generator
    tried : int, optional
        Scenarios to choose from.
    """
    return weighted_scenarios(endpoint, arms, tried or TRIED, rng).chosen(size, rng)


def weighted_scenarios(
    endpoint: Endpoint, arms: Mapping[str, ArmConstraints], size: int, rng: np.random.Generator
) -> Scenarios:
    """Draw scenarios and weight them by what is reported."""
    ends = _ends(endpoint, arms, size, rng)
    arms = {
        name: arm if arm.last_time_source in ("printed", "dates", "curve")
        else arm.followed_to(float(ends[name].max()))
        for name, arm in arms.items()
    }
    known = {name: known_survivals(endpoint, arm, size, rng) for name, arm in arms.items()}
    grid = time_grid(arms.values(), known)
    pins = {name: _pins(arm, known[name], grid, size, rng) for name, arm in arms.items()}
    hazards = random_hazards(endpoint, pins, grid, rng)
    window = entry_window(endpoint)
    alike = _alike(size, rng)
    prepared = {}
    for name, arm in arms.items():
        survival = np.exp(-hazards[name])
        law = _law(arm, survival, grid, ends[name], alike, rng)
        law = CensoringLaws(**{**vars(law), "window": window if arm.last_time_source == "dates" else None})
        prepared[name] = _Arm(arm=arm, survival=survival, law=law.uncensored(), ends=ends[name])
    last = {name: int(pins[name].place[-1]) for name in arms}
    strengths = _strengths(endpoint, prepared, last, rng)
    log_weight = strengths.log_weight
    made = {}
    for name, own in prepared.items():
        made[name] = _expected(own, strengths.log_strength[name])
        log_weight = log_weight + _log_likelihood(endpoint, own, made[name], grid, strengths.log_strength[name], rng)
    return Scenarios(
        grid=grid,
        arms=made,
        log_weight=log_weight,
        total=strengths.total,
        log_counted=strengths.log_counted,
        basis=strengths.basis,
    )


# When follow-up ends, the grid of times, and what is known of survival.


def _ends(
    endpoint: Endpoint, arms: Mapping[str, ArmConstraints], size: int, rng: np.random.Generator
) -> dict[str, FloatArray]:
    """Draw when the last patient of each arm leaves, where that is not reported."""
    beyond = np.exp(BEYOND[0] + BEYOND[1] * rng.standard_normal(size))
    ends = {}
    for name, arm in arms.items():
        if arm.last_time_source in ("printed", "dates", "curve"):
            ends[name] = np.full(size, arm.last_time)
            continue
        latest = arm.last_time / (LONGER if arm.last_time_source == "events" else 1.0)
        own = beyond * np.exp(ENDS_APART * rng.standard_normal(size))
        ends[name] = latest * np.minimum(1.0 + own, LONGEST)
    return ends


Known = dict[float, FloatArray]  # survival by time, shape (scenarios,)


def known_survivals(
    endpoint: Endpoint, arm: ArmConstraints, size: int, rng: np.random.Generator
) -> Known:
    """Draw survival at the times at which something reported says what it is."""
    knots = tightened(arm.knots_to_end)
    known = {
        knot.time: rng.uniform(knot.lower, np.maximum(knot.upper, knot.lower), size)
        for knot in knots
        if knot.aim is not None and knot.time < arm.last_time * (1 + 1e-12)
    }
    if arm.median is not None:
        middle = sum(arm.median) / 2
        near = 0.03 * max([*known, middle])
        if all(abs(middle - time) > near for time in known) and middle > 0:
            known[middle] = 0.5 - rng.exponential(0.7 / arm.n, size)
        known |= _median_limits(endpoint, arm, known, size, rng)
    return dict(sorted(known.items()))


def _median_limits(
    endpoint: Endpoint, arm: ArmConstraints, known: Known, size: int, rng: np.random.Generator
) -> Known:
    """Draw survival at the ends of the median's interval (Brookmeyer and Crowley).

    Notes
    -----
    The interval ends where the lower, or the upper, pointwise limit of survival reaches one half;
    limits are taken on the scale of S, of log S or of log(-log S), as software does.
    """
    ci = endpoint.arms[arm.name].median_ci
    if ci is None or arm.median is None:
        return {}
    made: Known = {}
    form = rng.integers(FORMS, size=size)
    middle = sum(arm.median) / 2
    for number, side in zip(ci, (1, -1), strict=True):
        near = 0.03 * max([*known, middle])
        when = number.value if number.reached else math.inf
        if not 0 < when < arm.last_time or (when - middle) * side >= 0:
            continue
        if any(abs(when - time) < near for time in known):
            continue
        lost = 1.0 + rng.exponential(0.25 if side > 0 else 0.6, size)  # of the patients, censored
        made[when] = survival_at_limit(side, form, np.sqrt(lost / arm.n))
    return made


def survival_at_limit(side: int, form: IntArray, scale: FloatArray) -> FloatArray:
    """Return survival where its lower (1) or upper (-1) 95% limit is one half.

    Parameters
    ----------
    side : {1, -1}
    form : ndarray of int
        0 for limits by log S, 1 by log(-log S), 2 by S.
    scale : ndarray of float
        Standard error of log S is `scale` times sqrt((1 - S)/S).
    """
    survival = np.full(form.shape, 0.5)
    for _ in range(12):
        se = scale * np.sqrt((1 - survival) / survival)  # of log S
        log = np.log(survival)
        by_log = 0.5 * np.exp(side * Z_95 * se)
        by_log_log = np.exp(math.log(0.5) * np.exp(side * Z_95 * se / log))
        plain = 0.5 / np.maximum(1 - side * Z_95 * se, 0.5)
        survival = np.clip(np.choose(form, [by_log, by_log_log, plain]), 0.02, 0.98)
    return np.asarray(survival)


def time_grid(arms: Mapping[str, ArmConstraints] | object, known: Mapping[str, Known]) -> FloatArray:
    """Return times from 0 to the longest follow-up, with every knot and known time among them."""
    arms = list(arms)  # type: ignore[call-overload]
    end = max(arm.last_time for arm in arms)
    marks = {0.0, end}
    for arm in arms:
        marks |= {knot.time for knot in arm.knots_to_end if knot.time <= end}
        marks |= {time for time in known[arm.name] if time <= end}
        marks.add(arm.last_time)
    edges = np.array(sorted(marks))
    edges = edges[np.concatenate([[True], np.diff(edges) > 1e-9 * end])]
    width = np.sqrt(np.diff(edges))
    cells = np.maximum(np.rint(CELLS * width / width.sum()), 4).astype(int)
    parts = [
        np.linspace(low, high, count, endpoint=False)
        for low, high, count in zip(edges, edges[1:], cells, strict=False)
    ]
    return np.concatenate([*parts, [end]])


def _pins(
    arm: ArmConstraints, known: Known, grid: FloatArray, size: int, rng: np.random.Generator
) -> Pins:
    times = np.array([0.0, *known])
    survival = np.column_stack([np.ones(size), *known.values()])
    survival = np.minimum.accumulate(survival, axis=1)
    hazard = -np.log(np.maximum(survival, 0.25 / arm.n))  # 0% has no finite hazard
    events = 0.5 if arm.events is None else max(arm.events, 0.5)
    rest = max(arm.last_time - times[-1], 1e-9) / grid[-1]
    share = min(events / arm.n, 0.9) if times.size == 1 else min(max(events, 0.5) / arm.n, 0.3)
    late = -math.log1p(-share) / rest * np.exp(0.9 * rng.standard_normal(size))
    place = np.searchsorted(grid, times * (1 - 1e-9))
    return Pins(place=place, hazard=np.maximum.accumulate(hazard, axis=1), late=late)


# Censoring.


def _alike(size: int, rng: np.random.Generator) -> dict[str, FloatArray]:
    """Draw what arms share of entry and drop-out."""
    kind = rng.random(size)
    few, many = (rng.exponential(DROPOUTS[k], size) for k in (1, 2))
    none = kind < DROPOUTS[0]
    dropout = np.where(none, 0.0, np.where(kind < (1 + DROPOUTS[0]) / 2, few, many))
    return {
        "accrual": 0.45 * rng.standard_normal(size),
        "dropout": dropout,
        "apart": np.where(rng.random(size) < 0.65, 0.0, 0.6),
    }


def _law(
    arm: ArmConstraints,
    survival: FloatArray,
    grid: FloatArray,
    end: FloatArray,
    alike: Mapping[str, FloatArray],
    rng: np.random.Generator,
) -> CensoringLaws:
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
        accrual=np.exp(alike["accrual"] + 0.15 * rng.standard_normal(size)),
        dropout=alike["dropout"] * np.exp(own),
        window=None,
        early=np.exp(0.4 * rng.standard_normal((size, max(len(place) - 1, 1)))),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Strengths:
    log_strength: dict[str, FloatArray]
    log_weight: FloatArray
    total: FloatArray | None
    log_counted: FloatArray
    basis: str


def _strengths(
    endpoint: Endpoint,
    arms: Mapping[str, _Arm],
    last: Mapping[str, int],
    rng: np.random.Generator,
) -> _Strengths:
    """Set the strength of censoring to the best that is reported."""
    reported = endpoint.reported
    with_events = [name for name, own in arms.items() if own.arm.events is not None]
    if with_events:
        return _by_own_events(arms, with_events, last, rng)
    if reported is not None and reported.events is not None:
        listed = sum(
            arm.events or len(arm.event_times)
            for name, arm in endpoint.arms.items()
            if name not in arms
        )
        wanted = float(reported.events - listed)
        bounds = np.full((_size(arms), 2), wanted)
        return _by_both(arms, last, (bounds, None), "events in total", rng)
    target = _interval_target(endpoint, arms, rng)
    if target is not None:
        return target(last)
    return _from_prior(arms, "nothing", rng)


def _size(arms: Mapping[str, _Arm]) -> int:
    return int(next(iter(arms.values())).ends.size)


def _from_prior(arms: Mapping[str, _Arm], basis: str, rng: np.random.Generator) -> _Strengths:
    size = _size(arms)
    shared = random_strength(size, rng)
    made = {name: shared + 0.5 * random_apart(size, rng) for name in arms}
    return _Strengths(
        log_strength=made,
        log_weight=np.zeros(size),
        total=None,
        log_counted=np.zeros((size, len(arms))),
        basis=basis,
    )


def _by_own_events(
    arms: Mapping[str, _Arm],
    with_events: list[str],
    last: Mapping[str, int],
    rng: np.random.Generator,
) -> _Strengths:
    """Set each arm's strength to its events, which are one draw from what is expected.

    Notes
    -----
    Strengths are drawn from a mixture: from their prior; solved for the events of both arms, give
    or take chance; or solved for one arm, the other's drawn beside it. Their weights are prior
    density times likelihood over the density of the mixture.
    """
    size = _size(arms)
    names = list(arms)
    counts = {name: _Count.of(arms[name], last[name]) for name in with_events}
    kinds = [(), *((name,) for name in with_events)]
    if len(with_events) == 2:
        kinds.append(tuple(with_events))
    kind = rng.integers(len(kinds), size=size)
    shared = random_strength(size, rng)
    apart = random_apart(size, rng)
    draws = dict(zip(names, (shared - apart / 2, shared + apart / 2), strict=False))
    if len(names) > 2:
        draws = {name: shared + random_apart(size, rng) for name in names}
    aims = {name: count.solved(rng) for name, count in counts.items()}
    for number, solved in enumerate(kinds):
        rows = kind == number
        for name in solved:
            found, met = aims[name]
            rows = rows & met
        for name in names:
            if name in solved:
                draws[name] = np.where(rows, aims[name][0], draws[name])
            elif len(solved) == 1:
                beside = aims[solved[0]][0] + np.where(name == names[0], -apart, apart)
                draws[name] = np.where(rows, beside, draws[name])
    return _weighed(names, draws, counts, kinds)


def _weighed(
    names: list[str],
    draws: dict[str, FloatArray],
    counts: Mapping[str, _Count],
    kinds: Sequence[tuple[str, ...]],
) -> _Strengths:
    size = next(iter(draws.values())).size
    middle = np.mean([draws[name] for name in names], axis=0)
    apart = sum(log_prior_apart(draws[name] - draws[names[0]]) for name in names[1:])
    prior = log_prior(middle) + apart
    likelihood = {name: count.log_likelihood(draws[name]) for name, count in counts.items()}
    proposals = []
    for solved in kinds:
        if not solved:
            proposals.append(prior)
            continue
        density = sum(counts[name].log_density(draws[name]) for name in solved)
        proposals.append(density + (apart if len(solved) == 1 else 0.0))
    mixture = np.logaddexp.reduce(proposals) - math.log(len(kinds))
    counted = np.zeros((size, len(names)))
    for place, name in enumerate(names):
        counted[:, place] = likelihood.get(name, 0.0)
    return _Strengths(
        log_strength=draws,
        log_weight=prior + sum(likelihood.values()) - mixture,
        total=None,
        log_counted=counted,
        basis="events per arm",
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Count:
    """A reported count, what strengths give of it, and how it scatters."""

    wanted: FloatArray
    response: Response
    spread: Callable[[FloatArray], FloatArray]
    aimed: FloatArray  # standard deviation of what is aimed at

    @classmethod
    def of(cls, own: _Arm, last: int) -> Self:
        size = own.ends.size
        return cls(
            wanted=np.full(size, float(own.arm.events or 0)),
            response=Response.of(own.total, size),
            spread=lambda x: own.spread(x, last),
            aimed=own.spread(np.zeros(size), last),
        )

    def solved(self, rng: np.random.Generator) -> tuple[FloatArray, Flags]:
        aim = self.wanted + self.aimed * rng.standard_normal(self.wanted.size)
        return self.response.solved(aim)

    def log_likelihood(self, log_strength: FloatArray) -> FloatArray:
        return _log_normal(self.wanted - self.response.value(log_strength), self.spread(log_strength))

    def log_density(self, log_strength: FloatArray) -> FloatArray:
        """Return the log density of strengths that were solved for."""
        off = self.response.value(log_strength) - self.wanted
        return _log_normal(off, self.aimed) + self.response.log_slope(log_strength)


def _log_normal(deviation: FloatArray, sd: FloatArray) -> FloatArray:
    return np.asarray(-0.5 * (deviation / sd) ** 2 - np.log(sd) - 0.5 * math.log(2 * math.pi))


def _by_both(
    arms: Mapping[str, _Arm],
    last: Mapping[str, int],
    target: tuple[FloatArray, Callable[[dict[str, FloatArray]], FloatArray] | None],
    basis: str,
    rng: np.random.Generator,
) -> _Strengths:
    """Set a strength that arms share, with room to differ, to their events together."""
    size = _size(arms)
    bounds, information = target
    apart = dict(zip(arms, (np.zeros(size), *(random_apart(size, rng) for _ in list(arms)[1:])), strict=True))

    def each(x: FloatArray) -> dict[str, FloatArray]:
        return {name: x + apart[name] for name in arms}

    def events(x: FloatArray) -> FloatArray:
        return np.asarray(sum(own.total(x + apart[name]) for name, own in arms.items()))

    def spread(x: FloatArray) -> FloatArray:
        variance = sum(own.spread(x + apart[name], last[name]) ** 2 for name, own in arms.items())
        if information is None:
            return np.asarray(np.sqrt(variance))
        total = events(x)
        relative = np.sqrt(variance) / np.maximum(total, 1e-9)
        return np.asarray(information(each(x)) * np.minimum(relative, 0.5))

    def value(x: FloatArray) -> FloatArray:
        return events(x) if information is None else information(each(x))

    wanted = rng.uniform(bounds[:, 0], bounds[:, 1])
    count = _Count(
        wanted=wanted, response=Response.of(value, size), spread=spread, aimed=spread(np.zeros(size))
    )
    found, met = count.solved(rng)
    found = np.where(met & (rng.random(size) < 0.75), found, random_strength(size, rng))
    prior, likelihood = log_prior(found), count.log_likelihood(found)
    mixture = np.logaddexp(prior + math.log(0.25), count.log_density(found) + math.log(0.75))
    total = bounds
    if information is not None:
        per_event = events(found) / np.maximum(information(each(found)), 1e-9)
        total = bounds * per_event[:, None]
    counted = np.zeros((size, len(arms)))
    counted[:, 0] = likelihood
    return _Strengths(
        log_strength=each(found),
        log_weight=prior + likelihood - mixture,
        total=total,
        log_counted=counted,
        basis=basis,
    )


def _interval_target(
    endpoint: Endpoint, arms: Mapping[str, _Arm], rng: np.random.Generator
) -> Callable[[Mapping[str, int]], _Strengths] | None:
    """Return how to set the strength to the width of the reported interval, if that says events.

    Notes
    -----
    The information about the log hazard ratio is the sum over events of p(1 - p), with p the share
    of the hazard that the treatment arm carries; 1/sqrt(information) is the standard error.
    """
    reported = endpoint.reported
    if reported is None or reported.ci is None or reported.hazard_ratio is None or len(arms) != 2:
        return None
    lower, upper = reported.ci
    ratio = reported.hazard_ratio.value
    if not 0 < lower.value < upper.value < math.inf or ratio <= 0 or len(endpoint.arms) != 2:
        return None
    widest = math.log(upper.upper / max(lower.lower, 1e-6))
    narrowest = math.log(max(upper.lower, 1e-6) / lower.upper)
    if narrowest <= 0:
        return None
    least, most = ((2 * Z_95 / width) ** 2 for width in (widest, narrowest))
    reference = endpoint.reference or next(iter(endpoint.arms))
    treatment = next(name for name in arms if name != reference)

    def information(strength: dict[str, FloatArray]) -> FloatArray:
        at_risk = {}
        for name, own in arms.items():
            followed = own.followed(strength[name])
            both = own.arm.n * followed * own.survival
            at_risk[name] = (both[:, 1:] + both[:, :-1]) / 2
        events = sum(own.events(strength[name]) for name, own in arms.items())
        hazard = ratio * at_risk[treatment]
        whole = np.maximum(at_risk[reference] + hazard, 1e-12)
        share = hazard / whole
        return np.asarray(np.sum(events * share * (1.0 - share), axis=1))

    bounds = np.tile([least, most], (_size(arms), 1))
    return lambda last: _by_both(arms, last, (bounds, information), "reported interval", rng)


def _expected(own: _Arm, log_strength: FloatArray) -> ArmScenarios:
    """Return expected numbers over time."""
    n = own.arm.n
    events = np.pad(np.cumsum(own.events(log_strength), axis=1), ((0, 0), (1, 0)))
    at_risk = n * own.survival * own.followed(log_strength)
    at_risk[:, 0] = n
    at_risk = np.minimum(np.minimum.accumulate(at_risk, axis=1), n - events)
    censored = np.maximum.accumulate(n - events - at_risk, axis=1)
    return ArmScenarios(
        arm=own.arm, ends=own.ends, at_risk=at_risk, events=events, censored=censored
    )


# How well a scenario gives the other reported numbers.


def _log_likelihood(
    endpoint: Endpoint,
    own: _Arm,
    made: ArmScenarios,
    grid: FloatArray,
    log_strength: FloatArray,
    rng: np.random.Generator,
) -> FloatArray:
    arm = endpoint.arms[own.arm.name]
    value = np.zeros(log_strength.size)
    for time, landmark in arm.landmarks.items():
        if landmark.ci is not None:
            value += _landmark_interval(own, made, grid, time, landmark)
    if arm.follow_up is not None:
        value += _follow_up(own, arm.follow_up, grid, log_strength, rng)
    return value


def _landmark_interval(
    own: _Arm, made: ArmScenarios, grid: FloatArray, time: float, landmark: object
) -> FloatArray:
    """Return how well a scenario gives the width of a landmark's interval, by any usual formula."""
    from .interval_widths import width_likelihood

    place = min(int(np.searchsorted(grid, time * (1 - 1e-9))), grid.size - 1)
    middle = np.maximum((made.at_risk[:, 1 : place + 1] + made.at_risk[:, :place]) / 2, 0.5)
    variance = np.sum(np.diff(made.events[:, : place + 1], axis=1) / middle**2, axis=1)
    return width_likelihood(landmark, np.sqrt(np.maximum(variance, 1e-12)), own.arm.n)


def _follow_up(
    own: _Arm, follow_up: object, grid: FloatArray, log_strength: FloatArray, rng: np.random.Generator
) -> FloatArray:
    """Return how well a scenario gives the reported median and quartiles of follow-up.

    Whose they are is seldom said: of a reverse Kaplan-Meier estimate, of everybody or of the
    event-free.
    """
    median = getattr(follow_up, "median", None)
    quartiles = getattr(follow_up, "iqr", None) or ()
    asked = [(median, 0.5)] if median is not None else []
    asked += list(zip(quartiles, (0.75, 0.25), strict=False))
    if not asked:
        return np.zeros(log_strength.size)
    followed = own.followed(log_strength)
    kind = rng.choice(3, log_strength.size, p=[0.6, 0.25, 0.15])
    ends = own.survival[:, -1:]
    free = ends * followed + np.pad(np.zeros_like(ends), ((0, 0), (0, 0)))
    beyond = np.choose(kind[:, None], [followed, followed * own.survival, free / np.maximum(ends, 1e-9)])
    value = np.zeros(log_strength.size)
    for number, level in asked:
        if not number.reached or number.value >= own.arm.last_time:
            continue
        place = min(int(np.searchsorted(grid, number.value)), grid.size - 1)
        sd = math.sqrt(level * (1 - level) / own.arm.n + 0.04**2)
        # reports of follow-up are loose: Student's t with 4 degrees of freedom
        value += -2.5 * np.log1p(((beyond[:, place] - level) / sd) ** 2 / 4)
    return value


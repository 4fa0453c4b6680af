"""How strong censoring is: drawn, and weighed, by events or by the width of an interval."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from ...studies import Endpoint
from ..pseudo_ipd import FloatArray
from .censorings import (
    Flags,
    Response,
    log_prior,
    log_prior_apart,
    random_apart,
    random_strength,
)
from .drawn_arm import DrawnArm

__all__ = ["Strengths", "strengths_of"]

Z_95 = 1.959963984540054
SOLVED = 0.75  # of strengths that arms share are solved for; the rest are from the prior


@dataclass(frozen=True, kw_only=True, eq=False)
class Strengths:
    log_strength: dict[str, FloatArray]
    log_weight: FloatArray
    total: FloatArray | None
    log_counted: FloatArray
    basis: str


def strengths_of(
    endpoint: Endpoint,
    arms: Mapping[str, DrawnArm],
    last: Mapping[str, int],
    rng: np.random.Generator,
) -> Strengths:
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


def _size(arms: Mapping[str, DrawnArm]) -> int:
    return int(next(iter(arms.values())).ends.size)


def _from_prior(arms: Mapping[str, DrawnArm], basis: str, rng: np.random.Generator) -> Strengths:
    size = _size(arms)
    shared = random_strength(size, rng)
    made = {name: shared + 0.5 * random_apart(size, rng) for name in arms}
    return Strengths(
        log_strength=made,
        log_weight=np.zeros(size),
        total=None,
        log_counted=np.zeros((size, len(arms))),
        basis=basis,
    )


def _by_own_events(
    arms: Mapping[str, DrawnArm],
    with_events: list[str],
    last: Mapping[str, int],
    rng: np.random.Generator,
) -> Strengths:
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
) -> Strengths:
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
    return Strengths(
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
    def of(cls, own: DrawnArm, last: int) -> Self:
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
        return _log_normal(
            self.wanted - self.response.value(log_strength), self.spread(log_strength)
        )

    def log_density(self, log_strength: FloatArray) -> FloatArray:
        """Return the log density of strengths that were solved for."""
        off = self.response.value(log_strength) - self.wanted
        return _log_normal(off, self.aimed) + self.response.log_slope(log_strength)


def _log_normal(deviation: FloatArray, sd: FloatArray) -> FloatArray:
    return np.asarray(-0.5 * (deviation / sd) ** 2 - np.log(sd) - 0.5 * math.log(2 * math.pi))


def _by_both(
    arms: Mapping[str, DrawnArm],
    last: Mapping[str, int],
    target: tuple[FloatArray, Callable[[dict[str, FloatArray]], FloatArray] | None],
    basis: str,
    rng: np.random.Generator,
) -> Strengths:
    """Set a strength that arms share, with room to differ, to their events together."""
    size = _size(arms)
    bounds, information = target
    apart = dict(
        zip(arms, (np.zeros(size), *(random_apart(size, rng) for _ in list(arms)[1:])), strict=True)
    )

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
        wanted=wanted,
        response=Response.of(value, size),
        spread=spread,
        aimed=spread(np.zeros(size)),
    )
    found, met = count.solved(rng)
    found = np.where(met & (rng.random(size) < SOLVED), found, random_strength(size, rng))
    prior, likelihood = log_prior(found), count.log_likelihood(found)
    mixture = np.logaddexp(
        prior + math.log(1 - SOLVED), count.log_density(found) + math.log(SOLVED)
    )
    total = bounds
    if information is not None:
        per_event = events(found) / np.maximum(information(each(found)), 1e-9)
        total = np.column_stack([wanted * per_event - 0.5, wanted * per_event + 0.5])
    counted = np.zeros((size, len(arms)))
    counted[:, 0] = likelihood
    return Strengths(
        log_strength=each(found),
        log_weight=prior + likelihood - mixture,
        total=total,
        log_counted=counted,
        basis=basis,
    )


def _interval_target(
    endpoint: Endpoint, arms: Mapping[str, DrawnArm], rng: np.random.Generator
) -> Callable[[Mapping[str, int]], Strengths] | None:
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

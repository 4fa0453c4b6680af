"""How strong censoring is: drawn, and weighed, by events or by the width of an interval."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from ...studies import Endpoint
from ...studies.printed_fields import Z_95
from ..pseudo_ipd import BoolArray, FloatArray
from .censorings import (
    CensoredArm,
    DrawnArm,
    Response,
    log_prior,
    log_prior_apart,
    random_apart,
    random_strength,
)

__all__ = ["IN_TOTAL", "Strengths", "strengths_of"]

IN_TOTAL = "events in total"  # the basis where those of all arms together are reported
AT_A_TIME = 256  # scenarios
SOLVED = 0.75  # of strengths that arms share are solved for; the rest are from the prior


@dataclass(frozen=True, kw_only=True, eq=False)
class Strengths:
    """Strengths of censoring of all scenarios.

    Attributes
    ----------
    log_strength : dict of str to ndarray of float, shape (scenarios,)
        By arm.
    log_weight : ndarray of float, shape (scenarios,)
        Prior times likelihood over the density that they were drawn from.
    total : ndarray of float, shape (scenarios, 2), or None
        Bounds on the events of all arms together; None where nothing says them.
    log_counted : ndarray of float, shape (scenarios, arms)
        Log likelihood of the events of each arm, or of all in the first column.
    basis : str
        What the strengths were drawn by.
    """

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
    """Draw strengths by the best that is reported.

    Parameters
    ----------
    endpoint : Endpoint
    arms : mapping of str to DrawnArm
    last : mapping of str to int
        Column of the last time at which each arm's curve is known.
    rng : numpy.random.Generator
    """
    if any(own.arm.events is not None for own in arms.values()):
        return _by_own_events(arms, last, rng)
    size = _size(arms)
    reported = endpoint.reported
    others = [arm for name, arm in endpoint.arms.items() if name not in arms]
    counted = all(arm.events is not None or arm.event_times for arm in others)
    if reported is not None and reported.events is not None and counted:
        listed = sum(arm.events or len(arm.event_times) for arm in others)
        wanted = np.full(size, float(reported.events - listed))
        return _by_both(arms, last, _Target(wanted=wanted, information=None), rng)
    target = _interval_target(endpoint, arms, rng)
    if target is not None:
        return _by_both(arms, last, target, rng)
    shared = random_strength(size, rng)
    return Strengths(
        log_strength={name: shared + 0.5 * random_apart(size, rng) for name in arms},
        log_weight=np.zeros(size),
        total=None,
        log_counted=np.zeros((size, len(arms))),
        basis="nothing",
    )


def _size(arms: Mapping[str, DrawnArm]) -> int:
    return int(next(iter(arms.values())).ends.size)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Count:
    """A reported count, what strengths give of it, and how it scatters around that.

    Attributes
    ----------
    wanted : ndarray of float, shape (scenarios,)
        The count.
    given : callable
        Gives, at log strengths of shape (scenarios,), the count, its standard deviation and the
        expected events, shape (3, scenarios).
    response : Response
        How the count answers to the strength.
    aimed : ndarray of float, shape (scenarios,)
        Standard deviation of what is aimed at.
    """

    wanted: FloatArray
    given: Callable[[FloatArray], FloatArray]
    response: Response
    aimed: FloatArray

    @classmethod
    def of(cls, own: DrawnArm, last: int) -> Self:
        size = own.ends.size

        def given(log_strength: FloatArray, rows: slice) -> FloatArray:
            expected = own.censored_by(log_strength, rows)
            return np.stack([expected.total, expected.spread(last), expected.total])

        def total(log_strength: FloatArray, rows: slice) -> FloatArray:
            return own.censored_by(log_strength, rows).total

        return cls(
            wanted=np.full(size, float(own.arm.events or 0)),
            given=_in_parts(given),
            response=Response.of(_in_parts(total), size),
            aimed=_in_parts(given)(np.zeros(size))[1],
        )

    def solved(self, rng: np.random.Generator) -> tuple[FloatArray, BoolArray]:
        """Return strengths that give the count, give or take its scatter, and where there are."""
        return self.response.solved(self.wanted + self.aimed * rng.standard_normal(self.aimed.size))

    def weighed(self, log_strength: FloatArray, given: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the log likelihood of strengths, and their log density had they been solved for.

        Both have shape (scenarios,); `given` is what the strengths give.
        """
        value, spread, _ = given
        density = _log_normal(value - self.wanted, self.aimed)
        return (
            _log_normal(self.wanted - value, spread),
            density + self.response.log_slope(log_strength),
        )


def _in_parts(
    value: Callable[[FloatArray, slice], FloatArray],
) -> Callable[[FloatArray], FloatArray]:
    """Let something be worked out for so many scenarios at a time as the cache holds."""

    def of(log_strength: FloatArray) -> FloatArray:
        starts = range(0, log_strength.size, AT_A_TIME)
        rows = [slice(start, start + AT_A_TIME) for start in starts]
        return np.concatenate([value(log_strength[part], part) for part in rows], axis=-1)

    return of


def _log_normal(deviation: FloatArray, sd: FloatArray) -> FloatArray:
    return np.asarray(-0.5 * (deviation / sd) ** 2 - np.log(sd) - 0.5 * math.log(2 * math.pi))


def _by_own_events(
    arms: Mapping[str, DrawnArm], last: Mapping[str, int], rng: np.random.Generator
) -> Strengths:
    """Draw each arm's strength by its events, which are one draw from what is expected.

    Notes
    -----
    Strengths are drawn from a mixture: from their prior; solved for the events of both arms, give
    or take chance; or solved for one arm, the other's drawn beside it. Their weights are prior
    density times likelihood over the density of the mixture.
    """
    names = list(arms)
    counts = {
        name: _Count.of(own, last[name]) for name, own in arms.items() if own.arm.events is not None
    }
    kinds: list[tuple[str, ...]] = [(), *((name,) for name in counts)]
    if len(counts) == 2:
        kinds.append(tuple(counts))
    draws = _mixed(names, counts, kinds, rng)
    middle = np.mean([draws[name] for name in names], axis=0)
    apart = np.zeros(middle.size)
    for name in names[1:]:
        apart += log_prior_apart(draws[name] - draws[names[0]])
    prior = log_prior(middle) + apart
    weighed = {
        name: count.weighed(draws[name], count.given(draws[name])) for name, count in counts.items()
    }
    proposals = [prior]
    for solved in kinds[1:]:
        density = np.sum([weighed[name][1] for name in solved], axis=0)
        proposals.append(density + apart if len(solved) == 1 else density)
    counted = np.zeros((middle.size, len(names)))
    for place, name in enumerate(names):
        if name in counts:
            counted[:, place] = weighed[name][0]
    mixture = np.logaddexp.reduce(proposals) - math.log(len(kinds))
    return Strengths(
        log_strength=draws,
        log_weight=prior + counted.sum(axis=1) - mixture,
        total=None,
        log_counted=counted,
        basis="events per arm",
    )


def _mixed(
    names: Sequence[str],
    counts: Mapping[str, _Count],
    kinds: Sequence[tuple[str, ...]],
    rng: np.random.Generator,
) -> dict[str, FloatArray]:
    """Draw strengths from the mixture; where no strength gives a count, from the prior."""
    size = next(iter(counts.values())).wanted.size
    kind = rng.integers(len(kinds), size=size)
    shared = random_strength(size, rng)
    apart = {name: random_apart(size, rng) for name in names[1:]}
    half = apart[names[1]] / 2 if len(names) == 2 else np.zeros(size)
    draws = {name: shared + apart.get(name, 0.0) - half for name in names}
    found = {name: count.solved(rng) for name, count in counts.items()}
    for number, solved in enumerate(kinds):
        if not solved:
            continue
        rows = (kind == number) & np.logical_and.reduce([found[name][1] for name in solved])
        first = found[solved[0]][0]
        step = first - draws[solved[0]]
        for name in names:
            value = found[name][0] if name in solved else draws[name] + step
            draws[name] = np.where(rows, value, draws[name])
    return draws


@dataclass(frozen=True, kw_only=True, eq=False)
class _Target:
    """Events of all arms together, or the information that they hold.

    Attributes
    ----------
    wanted : ndarray of float, shape (scenarios,)
    information : callable or None
        Gives the information of censored arms, by name; None where events are wanted.
    """

    wanted: FloatArray
    information: Callable[[Mapping[str, CensoredArm]], FloatArray] | None

    def of(self, arms: Mapping[str, CensoredArm]) -> FloatArray:
        """Return what of censored arms is compared with what is wanted, shape (scenarios,)."""
        return _events(arms) if self.information is None else self.information(arms)


def _events(arms: Mapping[str, CensoredArm]) -> FloatArray:
    return np.asarray(np.sum([own.total for own in arms.values()], axis=0))


def _by_both(
    arms: Mapping[str, DrawnArm],
    last: Mapping[str, int],
    target: _Target,
    rng: np.random.Generator,
) -> Strengths:
    """Draw a strength that arms share, with room to differ, by their events together."""
    size = _size(arms)
    apart = {
        name: random_apart(size, rng) if place else np.zeros(size)
        for place, name in enumerate(arms)
    }

    def censored_by(x: FloatArray, rows: slice) -> dict[str, CensoredArm]:
        return {name: own.censored_by(x + apart[name][rows], rows) for name, own in arms.items()}

    def given(x: FloatArray, rows: slice) -> FloatArray:
        censored = censored_by(x, rows)
        variances = [own.spread(last[name]) ** 2 for name, own in censored.items()]
        sd, value = np.sqrt(np.sum(variances, axis=0)), target.of(censored)
        events = _events(censored)
        if target.information is not None:
            sd = value * np.minimum(sd / np.maximum(events, 1e-9), 0.5)
        return np.stack([value, sd, events])

    count = _Count(
        wanted=target.wanted,
        given=_in_parts(given),
        response=Response.of(_in_parts(lambda x, rows: target.of(censored_by(x, rows))), size),
        aimed=_in_parts(given)(np.zeros(size))[1],
    )
    found, met = count.solved(rng)
    found = np.where(met & (rng.random(size) < SOLVED), found, random_strength(size, rng))
    at_found = count.given(found)
    prior, (likelihood, density) = log_prior(found), count.weighed(found, at_found)
    shares = math.log(1 - SOLVED), math.log(SOLVED)
    mixture = np.logaddexp(prior + shares[0], density + shares[1])
    total = target.wanted
    if target.information is not None:  # events are what gives the information
        total = total * at_found[2] / np.maximum(at_found[0], 1e-9)
    return Strengths(
        log_strength={name: found + apart[name] for name in arms},
        log_weight=prior + likelihood - mixture,
        total=np.column_stack([total, total]),
        log_counted=np.pad(likelihood[:, None], ((0, 0), (0, len(arms) - 1))),
        basis=IN_TOTAL if target.information is None else "reported interval",
    )


def _interval_target(
    endpoint: Endpoint, arms: Mapping[str, DrawnArm], rng: np.random.Generator
) -> _Target | None:
    """Return the information that the reported interval shows, if it shows any.

    Notes
    -----
    The information about the log hazard ratio is the sum over events of p(1 - p), with p the share
    of the hazard that the treatment arm carries; 1/sqrt(information) is the standard error.
    """
    reported = endpoint.reported
    if reported is None or reported.ci is None or reported.hazard_ratio is None:
        return None
    lower, upper = reported.ci
    ratio = reported.hazard_ratio.value
    known = 0 < lower.lower < upper.value < math.inf and ratio > 0
    if not known or len(arms) != 2 or len(endpoint.arms) != 2 or upper.lower <= lower.upper:
        return None
    widest = math.log(upper.upper / lower.lower)
    narrowest = math.log(upper.lower / lower.upper)
    least, most = ((2 * Z_95 / width) ** 2 for width in (widest, narrowest))
    reference = endpoint.reference or next(iter(endpoint.arms))
    treatment = next(name for name in arms if name != reference)

    def information(censored: Mapping[str, CensoredArm]) -> FloatArray:
        events = censored[reference].events + censored[treatment].events
        share = ratio * censored[treatment].at_risk
        share /= np.maximum(censored[reference].at_risk + share, 1e-12)
        events *= share
        return np.asarray(np.einsum("ij,ij->i", events, 1.0 - share))

    return _Target(wanted=rng.uniform(least, most, _size(arms)), information=information)

"""Random courses of the hazard, through what is reported, for many scenarios at once.

A scenario's cumulative hazard rises through the reported survivals as a monotone cubic in a power
of time, which both arms share: below 1 the hazard falls from the start, above 1 it rises. On it
come bends and abrupt steps in the log hazard, most of them shared by the arms and some of each arm
alone, and, where events are seen at visits, cliffs at the visits, alike in both arms. None of them
moves the curve at a time at which it is known.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.polynomial.chebyshev import chebval

from ...studies import Endpoint
from ...studies.endpoint import DAYS_PER
from ..pseudo_ipd import FloatArray, IntArray
from .interpolation import monotone_cubics

__all__ = ["Pins", "interpolated", "log_likelihood_of_own", "random_hazards"]

# Chosen on simulated trials, so that z has a root mean square of 1 in every kind of paper;
# benchmarks/calibration.py reports it on others.
POWERS = np.exp(0.45 * np.array([-1.8, -1.0, -0.55, -0.2, 0.05, 0.35, 0.75, 1.3]))
WAVES, STEPS = 4, 3
SHARED = 0.22, 0.8  # median and log spread of the size of what both arms share
OWN = 0.1, 1.3  # the same of what is an arm's own
SHOWN = 1.0  # share of the variance of what is an arm's own that averages between landmarks show
TAIL = 0.28  # spread of the log hazard after the last reported survival
BORROWED = 4.0  # events in the last interval that weigh as much as what the whole time shows
ALIKE = 4.0  # events that weigh as much as that hazard ratios are seldom far from 1
PLATEAU, OWN_PLATEAU = 0.12, 0.04  # chance that it falls there, in all arms or in one
TAIL_OWN = 2.5  # what is an arm's own there, in sizes of its bends
VISIT_WEEKS = (6.0, 8.0, 9.0, 12.0, 13.0, 16.0, 26.0)
SEEN_AT_VISITS = re.compile(
    r"progress|relapse|recurren|disease|event-free|metasta|failure|\b[ER]?[PDELRFM]{1,3}FS\b|TTP",
    re.IGNORECASE,
)
VISITS = 0.6, 0.05  # chance of cliffs where events are usually seen at visits, and elsewhere
BETWEEN = 0.12  # of the events are seen between visits


@dataclass(frozen=True, kw_only=True, eq=False)
class Pins:
    """Where the curve of one arm is known.

    Attributes
    ----------
    place : ndarray of int, shape (k,)
        Columns of the grid of times, the first of them 0.
    hazard : ndarray of float, shape (scenarios, k)
        Cumulative hazard there, rising.
    late : ndarray of float, shape (scenarios,)
        Hazard after the last of them where none before says it.
    events : ndarray of float, shape (k - 1,)
        About how many events each interval between them has.
    followed : float
        About how many patients could have had them.
    """

    place: IntArray
    hazard: FloatArray
    late: FloatArray
    events: FloatArray
    followed: float


def random_hazards(
    endpoint: Endpoint,
    pins: Mapping[str, Pins],
    grid: FloatArray,
    rng: np.random.Generator,
) -> tuple[dict[str, FloatArray], FloatArray]:
    """Draw the cumulative hazards of the arms.

    Parameters
    ----------
    endpoint : Endpoint
        Its name and label say whether events are seen at visits.
    pins : mapping of str to Pins
        Where each arm's curve is known.
    grid : ndarray of float, shape (k,)
        Times, in order, from 0.

    Returns
    -------
    hazards : dict of str to ndarray of float, shape (scenarios, k)
    own : ndarray of float, shape (scenarios,)
        Size of the bends that are an arm's own, in the log hazard.
    """
    size = next(iter(pins.values())).hazard.shape[0]
    power = np.asarray(rng.integers(0, POWERS.size, size))
    plain = _cubic(pins, grid, power, rng)
    share = _event_share(list(plain.values()))
    size_of = {
        what: middle * np.exp(spread * rng.standard_normal(size))
        for what, (middle, spread) in (("shared", SHARED), ("own", OWN))
    }
    cosine = np.cos(np.pi * share)
    shared, tail = _bends(share, cosine, size_of["shared"], rng), _tails(size, rng)
    bent = {}
    for name, cumulative in plain.items():
        bend = shared + _bends(share, cosine, size_of["own"], rng)
        apart = np.exp(TAIL_OWN * size_of["own"] * rng.standard_normal(size))
        apart *= _stopping(OWN_PLATEAU, size, rng)
        bent[name] = _pinned(np.diff(cumulative, axis=1) * np.exp(bend), pins[name], tail * apart)
    return _with_visits(endpoint, bent, pins, grid, rng), size_of["own"]


def log_likelihood_of_own(own: FloatArray, log_ratio: FloatArray, noise: FloatArray) -> FloatArray:
    """Return how well the size of an arm's own bends agrees with the ratios that landmarks show.

    Parameters
    ----------
    own : ndarray of float, shape (scenarios,)
        Size of the bends.
    log_ratio : ndarray of float, shape (intervals,)
        Logs of the ratio of the two arms' average hazards between landmarks.
    noise : ndarray of float, shape (intervals,)
        Their variances by chance.

    Notes
    -----
    The ratios scatter around their common mean, which has a flat prior, by chance and by the
    bends. Where they are alike, bends are small.
    """
    variance = SHOWN * own[:, None] ** 2 + noise
    precision = 1.0 / variance
    middle = np.sum(precision * log_ratio, axis=1) / precision.sum(axis=1)
    square = np.sum(precision * (log_ratio - middle[:, None]) ** 2, axis=1)
    return np.asarray(
        -0.5 * (np.log(variance).sum(axis=1) + np.log(precision.sum(axis=1)) + square)
    )


def _cubic(
    pins: Mapping[str, Pins], grid: FloatArray, power: IntArray, rng: np.random.Generator
) -> dict[str, FloatArray]:
    """Interpolate monotonically in a power of time, and go on at a random rate."""
    warped = ((grid / grid[-1]) ** POWERS[:, None])[power]
    made = {}
    for name, own in pins.items():
        if own.place.size > 1:
            made[name] = monotone_cubics(warped, own.place, own.hazard)
        else:
            made[name] = np.zeros(warped.shape)
    late = _late_rates(pins, made, warped, rng)
    for name, own in pins.items():
        made[name] += late[name][:, None] * np.maximum(warped - warped[:, own.place[-1:]], 0.0)
    return made


def _late_rates(
    pins: Mapping[str, Pins],
    known: Mapping[str, FloatArray],
    warped: FloatArray,
    rng: np.random.Generator,
) -> dict[str, FloatArray]:
    """Draw hazards, in warped time, after the last place at which each arm's curve is known.

    `known` are cumulative hazards up to there, by arm, shape (scenarios, k).

    Notes
    -----
    They go on from the last interval where that had many events. Where it had few, its hazard is
    mostly chance: the hazard of the arm over the whole time, changed as that of all arms together
    changes, says more. Where another arm's curve is known for longer, hazards change from then on
    as that arm's does, and are the more alike the fewer events show them. Chance makes a hazard
    that e events show uncertain by 1/sqrt(e) on the log scale. Where an arm is known to have had
    no events, its hazard is from a gamma distribution around the other arms', given that.
    """
    whole, last = {}, {}
    for name, own in pins.items():
        at = warped[:, own.place]
        if at.shape[1] < 2:
            continue
        rise = own.hazard[:, -1] - own.hazard[:, -2]
        whole[name] = (own.hazard[:, -1] / at[:, -1], own.events.sum())
        last[name] = (rise / (at[:, -1] - at[:, -2]), own.events[-1])
    common = np.zeros(warped.shape[0])
    if whole:
        rates = [sum(rate for rate, _ in each.values()) for each in (whole, last)]
        events = sum(count for _, count in last.values())
        ratio = np.log(np.maximum(rates[1], 1e-9) / np.maximum(rates[0], 1e-9))
        common = events / (events + BORROWED) * np.clip(ratio, -3.0, 3.0)
    made = {}
    for name, own in pins.items():
        if name not in whole or not own.events.sum() > 0.5:
            continue
        longer = [each for each in pins if pins[each].place[-1] > own.place[-1]]
        others = [(pins[each], known[each]) for each in longer]
        value, spread = _late_rate(own, (whole[name], last[name]), common, others, warped)
        value += spread * rng.standard_normal(value.size) - spread**2 / 2
        made[name] = np.exp(value)
    usual = list(made.values())
    for name, own in pins.items():
        if name in whole and name not in made and usual:
            shown = own.followed * warped[:, own.place[-1]] + ALIKE / np.mean(usual, axis=0)
            made[name] = rng.gamma(ALIKE, size=shown.size) / shown
        elif name not in made:
            made[name] = own.late
    return made


def _late_rate(
    own: Pins,
    rates: tuple[tuple[FloatArray, float], tuple[FloatArray, float]],
    common: FloatArray,
    others: Sequence[tuple[Pins, FloatArray]],
    warped: FloatArray,
) -> tuple[FloatArray, float]:
    """Return the middle and the spread of the log hazard at which an arm goes on.

    Parameters
    ----------
    own : Pins
    rates : pair of (ndarray, float)
        Hazards, and about how many events show them: of the whole time, of the last interval.
    common : ndarray of float, shape (scenarios,)
        By how much the log hazards of all arms change after what is known.
    others : sequence of (Pins, ndarray of float, shape (scenarios, k))
        Arms whose curves are known for longer, and their cumulative hazards.
    warped : ndarray of float, shape (scenarios, k)
    """
    (average, total), (recent, count) = rates
    change, goes_on, of_change = common, np.zeros(common.size), 0.0
    if others:
        change, of_change, beside = _change(others, (0, own.place[-1]), warped)
        goes_on, _, _ = _change(others, (own.place[-2], own.place[-1]), warped)
    weight = count / (count + BORROWED)
    value = weight * (np.log(np.maximum(recent, 1e-9)) + goes_on)
    value += (1 - weight) * (np.log(np.maximum(average, 1e-9)) + change)
    shown = weight * count + (1 - weight) * total
    if others:
        value = (shown * value + ALIKE * np.log(beside)) / (shown + ALIKE)
        shown += ALIKE
    return value, math.hypot(1.1 / math.sqrt(shown + 0.3), math.sqrt(of_change))


def _change(
    others: Sequence[tuple[Pins, FloatArray]], between: tuple[int, int], warped: FloatArray
) -> tuple[FloatArray, float, FloatArray]:
    """Return by how much the hazards of arms change after a time, and how uncertain that is.

    Parameters
    ----------
    others : sequence of (Pins, ndarray of float, shape (scenarios, k))
        Arms whose curves are known for longer, and their cumulative hazards.
    between : tuple of int
        Columns of the time, and of one before since when hazards are compared with those after it.
    warped : ndarray of float, shape (scenarios, k)

    Returns
    -------
    change : ndarray of float, shape (scenarios,)
        Of the log hazard; less of it the fewer events show it.
    variance : float
    late : ndarray of float, shape (scenarios,)
        Their mean hazard after it.
    """
    first, here = between
    early, late = np.zeros(warped.shape[0]), np.zeros(warped.shape[0])
    before = after = 0.0
    for own, hazard in others:
        end = own.place[-1]
        early += (hazard[:, here] - hazard[:, first]) / (warped[:, here] - warped[:, first])
        late += (hazard[:, end] - hazard[:, here]) / (warped[:, end] - warped[:, here])
        events = np.interp([first, here, end], own.place, np.cumsum([0.0, *own.events]))
        before, after = before + events[1] - events[0], after + events[2] - events[1]
    shown = before * after / max(before + after, 1e-9)
    ratio = np.log(np.maximum(late, 1e-9) / np.maximum(early, 1e-9))
    weight = shown / (shown + BORROWED)
    change = weight * np.clip(ratio, -3.0, 3.0)
    return change, float(weight / (shown + BORROWED)), np.maximum(late, 1e-9) / len(others)


def _event_share(cumulative: Sequence[FloatArray]) -> FloatArray:
    """Return the share of events that is past in the middle of each cell, over all arms."""
    past = np.sum([1.0 - np.exp(-each) for each in cumulative], axis=0)
    share = past / np.maximum(past[:, -1:], 1e-12)
    return np.asarray((share[:, 1:] + share[:, :-1]) / 2)


def _bends(
    share: FloatArray, cosine: FloatArray, much: FloatArray, rng: np.random.Generator
) -> FloatArray:
    """Draw what is added to the log hazard: smooth waves, and abrupt steps.

    `cosine` is that of half a turn over the share of events; waves of 1, 2, ... half turns are
    Chebyshev polynomials of it.
    """
    size = share.shape[0]
    part = rng.random((size, 1))  # of the waves; the rest are steps
    waves = [
        np.sqrt(part / number) * rng.standard_normal((size, 1)) for number in range(1, WAVES + 1)
    ]
    total = chebval(cosine, np.stack([np.zeros((size, 1)), *waves]), tensor=False)
    for _ in range(STEPS):
        jump = np.sqrt(1 - part) * rng.standard_normal((size, 1))
        total += jump * (share > rng.random((size, 1)))
    total *= much[:, None]
    return np.asarray(total, dtype=np.float64)


def _tails(size: int, rng: np.random.Generator) -> FloatArray:
    """Draw by how much the hazard of all arms changes after the last reported survival."""
    return np.exp(TAIL * rng.standard_normal(size)) * _stopping(PLATEAU, size, rng)


def _stopping(chance: float, size: int, rng: np.random.Generator) -> FloatArray:
    return np.where(rng.random(size) < chance, rng.uniform(0.0, 0.6, size), 1.0)


def _pinned(rise: FloatArray, pins: Pins, tail: FloatArray) -> FloatArray:
    """Scale the rises between the places where the curve is known, and those after the last.

    The tail is scaled as the last interval is, so that bends change it against that interval only.
    """
    made, factor = rise.copy(), np.ones(rise.shape[0])
    for number, (first, last) in enumerate(zip(pins.place, pins.place[1:], strict=False)):
        inside = rise[:, first:last].sum(axis=1)
        wanted = pins.hazard[:, number + 1] - pins.hazard[:, number]
        even = (inside <= 0) & (wanted > 0)
        made[even, first:last] = 1.0
        inside = np.where(even, float(last - first), inside)
        scale = np.divide(wanted, inside, out=np.zeros_like(inside), where=inside > 0)
        made[:, first:last] *= scale[:, None]
        factor = np.where(even | (wanted <= 0), factor, scale)
    made[:, pins.place[-1] :] *= (tail * factor)[:, None]
    return np.concatenate([np.zeros((rise.shape[0], 1)), np.cumsum(made, axis=1)], axis=1)


def _with_visits(
    endpoint: Endpoint,
    cumulative: Mapping[str, FloatArray],
    pins: Mapping[str, Pins],
    grid: FloatArray,
    rng: np.random.Generator,
) -> dict[str, FloatArray]:
    """Let events be seen at visits, alike in the arms, in some of the scenarios."""
    size = next(iter(cumulative.values())).shape[0]
    usual = SEEN_AT_VISITS.search(f"{endpoint.name} {endpoint.label}") is not None
    rows = np.flatnonzero(rng.random(size) < VISITS[0 if usual else 1])
    if not rows.size:
        return dict(cumulative)
    every = rng.choice(np.array(VISIT_WEEKS), rows.size) * 7 / DAYS_PER[endpoint.time_unit]
    last = max(grid[own.place[-1]] for own in pins.values()) or grid[-1]
    every = np.minimum(every, last / 5)
    width = rng.uniform(0.05, 0.3, rows.size)
    seen = _seen_by(grid, every, width)
    made = {}
    for name, own in cumulative.items():
        warped = own.copy()
        warped[rows] = interpolated(
            seen / grid[-1], np.broadcast_to(grid / grid[-1], seen.shape), own[rows]
        )
        some = replace(pins[name], hazard=pins[name].hazard[rows], late=pins[name].late[rows])
        warped[rows] = _repinned(np.diff(warped[rows], axis=1), some)
        made[name] = warped
    return made


def interpolated(at: FloatArray, x: FloatArray, y: FloatArray) -> FloatArray:
    """Interpolate linearly in every row of y over the same row of x, which runs from 0 to 1."""
    apart = 2.0 * np.arange(x.shape[0])[:, None]
    found = np.interp((at + apart).ravel(), (x + apart).ravel(), y.ravel())
    return np.asarray(found.reshape(x.shape[0], -1))


def _seen_by(grid: FloatArray, every: FloatArray, width: FloatArray) -> FloatArray:
    """Return up to when what has happened is seen at each time, shape (rows, times).

    Visits are spread over a part of the interval around their date.
    """
    part = grid / every[:, None] + width[:, None] / 2
    number = np.floor(part)
    ramp = np.clip((part - number) / width[:, None], 0.0, 1.0)
    seen = np.maximum(number - 1 + ramp, 0.0) * every[:, None]
    seen = (1 - BETWEEN) * np.where(number < 1, 0.0, seen) + BETWEEN * grid
    return np.asarray(np.maximum.accumulate(seen, axis=1))


def _repinned(rise: FloatArray, pins: Pins) -> FloatArray:
    """Scale rises again, the tail as it is."""
    made = rise.copy()
    for number, (first, last) in enumerate(zip(pins.place, pins.place[1:], strict=False)):
        inside = rise[:, first:last].sum(axis=1)
        wanted = pins.hazard[:, number + 1] - pins.hazard[:, number]
        factor = np.divide(wanted, inside, out=np.zeros_like(inside), where=inside > 0)
        made[:, first:last] *= factor[:, None]
    return np.concatenate([np.zeros((rise.shape[0], 1)), np.cumsum(made, axis=1)], axis=1)

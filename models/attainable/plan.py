"""Data sets as plans: who leaves in which phase, by an event or censored, in which order.

Fractional patients are converted to integer counts: as many levels have the event as are reported,
those with the largest shares. Survival is then mended from the first reported value to the last, by
exchanging events and censorings that come after the one before, so that what is satisfied already
stays so. At last those exchanges are made that raise the score most and leave every demand
satisfied.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...reconstruct.pseudo_ipd import BoolArray, FloatArray, IntArray, PseudoIPD
from .._cox import BatchedCox
from .._kernels import RiskSets
from .phases import Phase
from .timeline import Timeline

__all__ = [
    "Choice",
    "Plan",
    "Unmet",
    "as_ipd",
    "integer_choice",
    "log_hazard_ratio_of",
    "tied_score",
]

Places = npt.NDArray[np.intp]

DETOURS = 12
PAIRS = 200  # exchanges whose partners are looked at
IMPROVEMENTS = 40
CANDIDATES = 100  # of either kind in an arm
LITTLE = 1e-7  # of the score
MET = 1e-12


@dataclass(frozen=True, kw_only=True, eq=False)
class Plan:
    """Who leaves when, as far as reported times show.

    Attributes
    ----------
    exits : tuple of list of ndarray of bool
        For the reference and the treatment arm, for every phase: the patients who leave in it, in
        order; True for an event.
    """

    exits: tuple[list[BoolArray], list[BoolArray]]


def as_ipd(timeline: Timeline, phases: Sequence[Phase], plan: Plan) -> PseudoIPD:
    """Return the patients of a plan, the treatment arm leaving first in every phase."""
    times, events = [], []
    for j, exits in enumerate(plan.exits):
        times += [
            _times(timeline.time, phase, late=j == 0, count=flags.size)
            for phase, flags in zip(phases, exits, strict=True)
        ]
        events += exits
    names = tuple(arm.name for arm in timeline.arms)
    return PseudoIPD(
        time=np.concatenate(times),
        event=np.concatenate(events),
        arm=np.repeat(np.array(names, dtype=np.str_), [arm.n for arm in timeline.arms]),
        arms=names,
    )


def _times(stops: FloatArray, phase: Phase, *, late: bool, count: int) -> FloatArray:
    """Spread those who leave over the first half of a phase, or over the second."""
    end = stops[phase.stop]
    if phase.instant:
        return np.full(count, end)
    start = stops[phase.stop - 1] if phase.stop else 0.0
    if math.isinf(end):
        end = start + max(start, 1.0) * 0.1
    middle = (start + end) / 2
    low, high = (middle, end) if late else (start, middle)
    return np.asarray(low + (high - low) * (np.arange(count) + 1.0) / (count + 1.0))


def log_hazard_ratio_of(ipd: PseudoIPD) -> float:
    """Return the Cox estimate (Efron) of the log hazard ratio of two arms.

    Minus or plus infinity where the partial likelihood rises for ever; NaN if no event was seen
    while both arms were at risk, so that it is flat.
    """
    treated = ipd.arm != ipd.reference
    sets = RiskSets.of(ipd.time[None], ipd.event[None], treated)
    return float(BatchedCox.of(sets).log_hazard_ratio[0])


def tied_score(
    at_risk: tuple[npt.ArrayLike, npt.ArrayLike], events: tuple[int, int], hazard_ratio: float
) -> FloatArray:
    """Return what tied events add to the score, by Efron's approximation.

    Parameters
    ----------
    at_risk : tuple of array_like
        Patients at risk in the reference and the treatment arm; they broadcast.
    events : tuple of int
        Events in the reference and the treatment arm.
    hazard_ratio : float
        Where the score is evaluated, positive.

    Notes
    -----
    Of d tied events the l-th (l = 0, ..., d - 1) is drawn from n - l d_arm / d patients of each
    arm. If the arms are ordered instead, the treatment arm first, no fewer of the reference arm
    and no more of the treatment arm are at risk at the l-th, as min(l, d1) >= l d1 / d: ties
    never have a larger score than that order.
    """
    n0, n1 = (np.asarray(n, dtype=np.float64) for n in at_risk)
    d0, d1 = events
    total = d0 + d1
    score = np.full(np.broadcast(n0, n1).shape, float(d1))
    for drawn in range(total):
        treated = hazard_ratio * (n1 - drawn * d1 / total)
        score -= treated / np.maximum(n0 - drawn * d0 / total + treated, 1e-300)
    return score


class Unmet(Exception):  # noqa: N818 - an outcome of the search, not an error
    """No choice of levels was found that satisfies a demand; `place` says which."""

    def __init__(self, place: int) -> None:
        super().__init__(place)
        self.place = place


@dataclass(frozen=True, kw_only=True, eq=False)
class Choice:
    """Levels of which some have the event.

    Attributes
    ----------
    gain : ndarray of float, shape (k,)
        What the event at each level adds to the score.
    rows : ndarray of float, shape (d, k)
        What it adds to each quantity that a demand is about.
    low, high : ndarray of float, shape (d,)
        The demands.
    unit : ndarray of float, shape (d,)
        What one unit missing of each counts.
    fixed : ndarray of bool, shape (k,)
        Levels whose choice must stay.
    arm : ndarray of int, shape (k,)
        The arm of each level.
    counts : ndarray of bool, shape (d,)
        True for demands that are about the number of events, False for those about survival, which
        come arm by arm in order of time.
    """

    gain: FloatArray
    rows: FloatArray
    low: FloatArray
    high: FloatArray
    unit: FloatArray
    fixed: BoolArray
    arm: IntArray
    counts: BoolArray

    def missing(self, amounts: FloatArray) -> FloatArray:
        """Return how much is missing of all demands together; `amounts` has shape (d, ...)."""
        extra = (1,) * (amounts.ndim - 1)
        low, high, unit = (a.reshape(-1, *extra) for a in (self.low, self.high, self.unit))
        short = np.maximum(np.maximum(low - amounts, amounts - high), 0.0)
        return np.asarray((np.where(short > MET, short, 0.0) * unit).sum(axis=0))


def integer_choice(choice: Choice, share: FloatArray) -> BoolArray:
    """Return levels that have the event so that every demand is satisfied.

    Parameters
    ----------
    choice : Choice
        The levels.
    share : ndarray of float, shape (k,)
        Shares of the levels that have the event, as a start.

    Raises
    ------
    Unmet
        If none were found.
    """
    event = _rounded(choice, share)
    before = choice.fixed.copy()
    for place, row in enumerate(choice.rows):
        if choice.counts[place] or not row.any():
            continue
        own = choice.arm == choice.arm[np.flatnonzero(row)[0]]
        bounds = (float(choice.low[place]), float(choice.high[place]))
        if not _mended(choice, row, bounds, event=event, movable=own & ~before):
            raise Unmet(place)
        before |= row > 0
    if choice.missing(choice.rows @ event) > 0:
        raise Unmet(-1)
    for _ in range(IMPROVEMENTS):
        if not _improved(choice, event):
            break
    return event


def _rounded(choice: Choice, share: FloatArray) -> BoolArray:
    """Round shares so that events are as many as reported."""
    event = share > 0.5
    for row, counts, low in zip(choice.rows, choice.counts, choice.low, strict=True):
        if counts:
            own = np.flatnonzero(row > 0)
            most_like = own[np.argsort(-share[own], kind="stable")]
            event[own] = False
            event[most_like[: round(low)]] = True
    return event


@dataclass(frozen=True, kw_only=True, eq=False)
class _Moves:
    """Exchanges of an event and a censoring, every one with every other.

    Attributes
    ----------
    off, on : ndarray of int, shapes (k,) and (m,)
        Levels that can lose, and gain, the event; -1 for none.
    step, gain : ndarray of float, shape (k * m,)
        What the exchanges change, those of the first of `off` first.
    """

    off: Places
    on: Places
    step: FloatArray
    gain: FloatArray

    def levels(self, move: Places) -> tuple[Places, Places]:
        """Return the levels that lose and that gain the event by some exchanges."""
        return self.off[move // self.on.size], self.on[move % self.on.size]

    def make(self, move: int, event: BoolArray) -> None:
        """Change events in place."""
        for level, happens in zip(self.levels(np.array([move])), (False, True), strict=True):
            event[level[level >= 0]] = happens

    def apart(self, one: Places, other: Places) -> BoolArray:
        """Say which exchanges concern different levels than others."""
        off, on = self.levels(one)
        other_off, other_on = self.levels(other)
        return np.asarray(((off != other_off) | (off < 0)) & ((on != other_on) | (on < 0)))


def _moves(choice: Choice, row: FloatArray, event: BoolArray, movable: BoolArray) -> _Moves:
    """Return exchanges; events may also come and go where their number is not reported."""
    off = _some(np.flatnonzero(movable & event))
    on = _some(np.flatnonzero(movable & ~event))
    first = int(np.argmax(movable))
    if movable[first] and not choice.rows[choice.counts, first].any():
        off, on = np.append(off, -1), np.append(on, -1)

    def at(values: FloatArray) -> FloatArray:
        added, removed = (np.where(side >= 0, values[side], 0.0) for side in (on, off))
        return np.asarray((added - removed[:, None]).ravel())

    return _Moves(off=off, on=on, step=at(row), gain=at(choice.gain))


def _mended(
    choice: Choice,
    row: FloatArray,
    bounds: tuple[float, float],
    *,
    event: BoolArray,
    movable: BoolArray,
    detours: int = 1,
) -> bool:
    """Exchange events and censorings until one demand is satisfied; say whether it is."""
    amount = float(row @ event)
    low, high = bounds[0] - amount, bounds[1] - amount
    if low <= 0.0 <= high:
        return True
    moves = _moves(choice, row, event, movable)
    chosen = _one(moves, low, high) or _two(moves, low, high)
    for move in chosen:
        moves.make(move, event)
    if chosen or not detours:
        return bool(chosen)
    aim = (low + high) / 2
    for move in _detours(moves, aim):
        other = event.copy()
        moves.make(move, other)
        again = detours - 1 if abs(moves.step[move] - aim) < abs(aim) else 0
        if _mended(choice, row, bounds, event=other, movable=movable, detours=again):
            event[:] = other
            return True
    return False


def _detours(moves: _Moves, aim: float) -> Places:
    """Return some exchanges to begin with where one or two do not do, of every size."""
    if not moves.step.size:
        return np.zeros(0, dtype=np.intp)
    order = np.argsort(np.abs(moves.step - aim), kind="stable")
    places = np.unique(np.linspace(0, order.size - 1, DETOURS).astype(int))
    return np.asarray(order[places])


def _one(moves: _Moves, low: float, high: float) -> tuple[int, ...]:
    """Return the exchange that satisfies the demand at the least cost of the score."""
    meets = (moves.step >= low) & (moves.step <= high)
    return (int(np.argmax(np.where(meets, moves.gain, -np.inf))),) if meets.any() else ()


def _two(moves: _Moves, low: float, high: float) -> tuple[int, ...]:
    """Return two exchanges that together satisfy the demand."""
    if not moves.step.size or 2 * moves.step.max() < low or 2 * moves.step.min() > high:
        return ()
    order = np.argsort(moves.step, kind="stable")
    steps = moves.step[order]
    first = np.searchsorted(steps, low - steps, side="left")
    beyond = np.searchsorted(steps, high - steps, side="right")
    hits = np.flatnonzero(first < beyond)
    hits = hits[np.argsort(-moves.gain[order[hits]], kind="stable")]
    for some in (hits[:1], hits[1:PAIRS]):  # where there are many, the first mostly has a partner
        n_partners = beyond[some] - first[some]
        one = np.repeat(order[some], n_partners)
        shift = np.repeat(beyond[some] - n_partners.cumsum(), n_partners)
        other = order[np.arange(one.size) + shift]
        apart = moves.apart(one, other)
        if apart.any():
            own = one == one[apart.argmax()]
            best = np.where(apart & own, moves.gain[other], -np.inf).argmax()
            return int(one[best]), int(other[best])
    return ()


def _improved(choice: Choice, event: BoolArray) -> bool:
    """Make the exchange, if any, that raises the score most and leaves every demand satisfied."""
    amounts = choice.rows @ event
    best, worth = None, LITTLE
    for j in range(2):
        movable = ~choice.fixed & (choice.arm == j)
        moves = _moves(choice, choice.gain, event, movable)
        better = np.flatnonzero(moves.gain > worth)
        off, on = moves.levels(better)
        steps = [
            np.where(on >= 0, row[on], 0.0) - np.where(off >= 0, row[off], 0.0)
            for row in choice.rows
        ]
        if better.size and steps:
            missing = choice.missing(amounts[:, None] + np.array(steps))
            better = better[missing == 0]
        if better.size:
            move = int(better[np.argmax(moves.gain[better])])
            best, worth = (moves, move), float(moves.gain[move])
    if best is None:
        return False
    best[0].make(best[1], event)
    return True


def _some(levels: Places) -> Places:
    """Return no more levels than can be tried against each other, evenly spread."""
    if levels.size <= CANDIDATES:
        return levels
    return np.asarray(levels[np.linspace(0, levels.size - 1, CANDIDATES).astype(int)])

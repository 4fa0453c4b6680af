"""One arm leaves in one phase: bounds on what this adds to the score.

For every pair of cells, before and after the phase, the events of the arm are chosen among the
levels between them so that they add most to the score and survival falls by no more and no less
than reported. Fractional patients make this a linear programme with one constraint; its value is
the least over all prices of a fall in survival of the sum over levels of what is gained at that
price, if anything. A few prices are tried, and each gives a bound.

Courses of large arms are distinguished by cells: ranges of the number left after a phase.
Patients are counted down from n to 1; the one who leaves when m are left is said to leave at level
m. Levels are grouped too, in blocks, where an arm is very large.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...reconstruct.pseudo_ipd import FloatArray
from .phases import Phase

__all__ = ["Blocks", "Cells", "Leaving", "Transition", "blocks_of", "cells_of", "transition"]

Counts = npt.NDArray[np.int64]

FINER_WHERE_FEW = 0.6  # cells are evenly wide on the scale of n to this power


@dataclass(frozen=True, kw_only=True, eq=False)
class Cells:
    """Ranges of the number of patients left, from `fewest` to `most` each; shape (k,)."""

    fewest: Counts
    most: Counts


def cells_of(fewest: int, most: int, *, at_most: int) -> Cells:
    """Cut a range into cells, of one number each if there are no more than `at_most`."""
    if most - fewest < at_most:
        every = np.arange(fewest, most + 1)
        return Cells(fewest=every, most=every)
    low, high = fewest**FINER_WHERE_FEW, (most + 1) ** FINER_WHERE_FEW
    edges = np.round(np.linspace(low, high, at_most + 1) ** (1 / FINER_WHERE_FEW)).astype(int)
    edges[0], edges[-1] = fewest, most + 1
    edges = np.unique(edges)
    return Cells(fewest=edges[:-1], most=edges[1:] - 1)


@dataclass(frozen=True, kw_only=True, eq=False)
class Blocks:
    """Levels of one arm in blocks, from the lowest.

    Attributes
    ----------
    edge : ndarray of int, shape (k + 1,)
        The block i holds the levels above edge[i], up to and with edge[i + 1].
    count, lowest, highest : ndarray of float, shape (k,)
        How many levels, the lowest and the highest of each block.
    least, most : ndarray of float, shape (k,)
        What an event at the highest, and the lowest, level of a block adds to -ln S: -ln(1 - 1/m)
        at level m, and ln n + 1 at level 1, which stands for survival falling to 0.
    """

    edge: Counts
    count: FloatArray
    lowest: FloatArray
    highest: FloatArray
    least: FloatArray
    most: FloatArray

    def below(self, level: Counts) -> Counts:
        """Return how many blocks are wholly at or below each level, of the shape of `level`."""
        return np.asarray(np.searchsorted(self.edge, level, side="right") - 1)

    def up_to(self, level: Counts) -> Counts:
        """Return how many blocks have a level at or below each level, of the shape of `level`."""
        return np.asarray(np.searchsorted(self.edge, level, side="left"))


def blocks_of(n: int, *, at_most: int) -> Blocks:
    """Cut the levels of n patients into blocks; half of them are single low levels."""
    edge = np.arange(n + 1)
    if n > at_most:
        half = at_most // 2
        edge = np.unique(np.concatenate([edge[:half], np.linspace(half, n, half).astype(int)]))
    lowest, highest = edge[:-1] + 1, edge[1:]
    return Blocks(
        edge=edge,
        count=np.diff(edge).astype(float),
        lowest=lowest.astype(float),
        highest=highest.astype(float),
        least=_fall(highest, n),
        most=_fall(lowest, n),
    )


def _fall(level: Counts, n: int) -> FloatArray:
    falls = -np.log1p(-1.0 / np.maximum(level, 2))
    return np.asarray(np.where(level == 1, math.log(n) + 1.0, falls))


NEVER = -1e15
NO_LIMIT = 1e9  # stands for a fall without bound, which no positive price should be paid for
LAST_BITS = 1e-9


@dataclass(frozen=True, kw_only=True, eq=False)
class Leaving:
    """One arm in one phase.

    Attributes
    ----------
    j : int
        0 for the reference arm, 1 for the treatment arm.
    phase : Phase
        The phase.
    place : int
        Its place among the phases.
    before, after : Cells
        Patients of the arm left before and after it; shapes (b,) and (a,).
    standing : ndarray of int, shape (r,)
        Patients of the other arm, which waits; the most favourable of each of its cells.
    least, most : float
        Bounds on the rise of -ln S in this phase.
    price : float
        What a rise of -ln S costs by the multipliers.
    per_event : float
        What an event costs.
    hazard_ratio : float
        Where the score is evaluated.
    """

    j: int
    phase: Phase
    place: int
    before: Cells
    after: Cells
    standing: Counts
    least: float
    most: float
    price: float
    per_event: float
    hazard_ratio: float

    def gain(self, blocks: Blocks) -> FloatArray:
        """Return the most that an event in each block adds to the score, shape (r, blocks)."""
        standing = self.standing[:, None].astype(float)
        if self.j == 1:
            return np.asarray(standing / (standing + self.hazard_ratio * blocks.lowest))
        weight = self.hazard_ratio * standing
        return np.asarray(-weight / (blocks.highest + weight))

    @property
    def to_nobody(self) -> bool:
        """Whether the last patient may have the event."""
        return math.isinf(self.phase.leaving[self.j][1])


@dataclass(frozen=True, kw_only=True, eq=False)
class Chosen:
    """Which blocks have the event at each of the prices.

    Attributes
    ----------
    profit : ndarray of float, shape (r, prices, blocks)
        Positive where the levels of a block have the event.
    price : ndarray of float, shape (r, prices)
        What a rise of -ln S costs.
    which : ndarray of int, shape (r, b, a)
        The best price.
    """

    profit: FloatArray
    price: FloatArray
    which: npt.NDArray[np.intp]

    def rise(self, row: int, blocks: Blocks) -> FloatArray:
        """Return what an event adds to -ln S in each block at each price, shape (prices, blocks).

        The end of a block that costs less counts, so that the bound is on the safe side.
        """
        return np.where(self.price[row][:, None] > 0, blocks.least, blocks.most)


class Transition:
    """What leaving adds to the score, from every cell before to every cell after.

    Attributes
    ----------
    reward : ndarray of float, shape (r, b, a)
        Bounds; very negative where it is impossible.
    """

    def __init__(
        self, leaving: Leaving, blocks: Blocks, reward: FloatArray, chosen: Chosen | None
    ) -> None:
        self.leaving, self.blocks, self.reward, self.chosen = leaving, blocks, reward, chosen
        self.origin = np.zeros((0, 0), dtype=np.intp)

    def forward(self, best: FloatArray) -> FloatArray:
        """Carry the best scores, shape (r, b), over the phase; the result has shape (r, a)."""
        total = best[:, :, None] + self.reward
        self.origin = total.argmax(axis=1)
        return np.asarray(np.take_along_axis(total, self.origin[:, None, :], axis=1)[:, 0])

    def back(self, *, row: int, after: int) -> tuple[int, FloatArray]:
        """Return the cell before, and the events on the way, as in `Course.events`."""
        before = int(self.origin[row, after])
        if self.chosen is None:
            return before, np.zeros((6, 0))
        spot = (row, before, after)
        low, high = self._span(before, after)
        share = self._share(spot, low, high)
        here = np.flatnonzero(share > 0) + low
        count = share[here - low] * self.blocks.count[here]
        rise = self.chosen.rise(row, self.blocks)[self.chosen.which[spot], here]
        level = (self.blocks.lowest if self.leaving.j == 1 else self.blocks.highest)[here]
        return before, np.stack(
            [
                np.full(here.size, float(self.leaving.j)),
                np.full(here.size, float(self.leaving.place)),
                level,
                np.full(here.size, float(self.leaving.standing[row])),
                rise * count,
                count,
            ]
        )

    def _span(self, before: int, after: int) -> tuple[int, int]:
        """Return the blocks between two cells."""
        return (
            int(self.blocks.below(self.leaving.after.fewest[after : after + 1])[0]),
            int(self.blocks.up_to(self.leaving.before.most[before : before + 1])[0]),
        )

    def _share(self, spot: tuple[int, int, int], low: int, high: int) -> FloatArray:
        """Mix the choices at two neighbouring prices so that survival falls as reported."""
        chosen, leaving = self.chosen, self.leaving
        if chosen is None:
            return np.zeros(0)
        shares = (chosen.profit[spot[0], :, low:high] > 0).astype(float)
        if leaving.phase.instant:
            return self._with_sure(shares[0], spot, low, high)
        rise = chosen.rise(spot[0], self.blocks)[:, low:high]
        rises = (shares * rise) @ self.blocks.count[low:high]
        at = int(chosen.which[spot])
        target = min(max(rises[at], leaving.least), leaving.most)
        if abs(rises[at] - target) <= LAST_BITS:
            return np.asarray(shares[at])
        beyond = rises <= target if rises[at] > target else rises >= target
        if not beyond.any():
            return np.asarray(shares[at])
        candidates = np.flatnonzero(beyond)
        other = int(candidates[np.argmin(np.abs(rises[candidates] - target))])
        weight = (target - rises[other]) / (rises[at] - rises[other])
        return np.asarray(weight * shares[at] + (1.0 - weight) * shares[other])

    def _with_sure(
        self, share: FloatArray, spot: tuple[int, int, int], low: int, high: int
    ) -> FloatArray:
        """At an instant all who leave have the event, whether it pays or not."""
        first = int(self.blocks.up_to(self.leaving.after.most[spot[2] : spot[2] + 1])[0])
        last = int(self.blocks.below(self.leaving.before.fewest[spot[1] : spot[1] + 1])[0])
        places = np.arange(low, high)
        return np.where((places >= first) & (places < last), 1.0, share)


def transition(leaving: Leaving, blocks: Blocks, *, n_prices: int) -> Transition:
    """Bound what one arm adds to the score in one phase."""
    possible = leaving.before.most[:, None] >= leaving.after.fewest
    if leaving.phase.instant and not leaving.phase.moves[leaving.j]:
        possible &= leaving.before.fewest[:, None] <= leaving.after.most
        return _without_events(leaving, blocks, possible)
    if leaving.phase.instant:
        return _at_instant(leaving, blocks, possible & _instant_possible(leaving))
    if not leaving.phase.free[leaving.j]:
        return _without_events(leaving, blocks, possible)
    return _over_time(leaving, blocks, possible, n_prices)


Pairs = npt.NDArray[np.bool_]


def _without_events(leaving: Leaving, blocks: Blocks, possible: Pairs) -> Transition:
    possible = possible & (leaving.least <= LAST_BITS)
    reward = np.where(possible, 0.0, NEVER)[None]
    return Transition(leaving, blocks, np.repeat(reward, leaving.standing.size, axis=0), None)


def _prefix(values: FloatArray, blocks: Blocks) -> FloatArray:
    """Sum over the blocks below, along the last axis."""
    sums = np.zeros((*values.shape[:-1], values.shape[-1] + 1))
    np.cumsum(values * blocks.count, axis=-1, out=sums[..., 1:])
    return sums


def _instant_possible(leaving: Leaving) -> Pairs:
    """Say between which cells events alone can lead, with survival falling as reported."""
    before, after = leaving.before, leaving.after
    farthest = before.most[:, None] - after.fewest
    nearest = before.fewest[:, None] - after.most
    listed = leaving.phase.listed[leaving.j]
    possible = farthest >= listed
    if not leaving.phase.free[leaving.j]:
        possible &= nearest <= listed
    nobody = after.fewest == 0
    steepest = np.log(np.maximum(before.most[:, None], 1) / np.maximum(after.fewest, 1))
    steepest[:, nobody] = math.inf
    flattest = np.log(np.maximum(before.fewest[:, None] / np.maximum(after.most, 1e-300), 1.0))
    possible &= (steepest >= leaving.least - LAST_BITS) & (flattest <= leaving.most + LAST_BITS)
    if not leaving.to_nobody:
        possible &= (after.most > 0) | (before.fewest[:, None] == 0)
    return np.asarray(possible)


def _at_instant(leaving: Leaving, blocks: Blocks, possible: Pairs) -> Transition:
    price = leaving.price
    rise = blocks.least if price > 0 else blocks.most
    profit = leaving.gain(blocks) - price * rise - leaving.per_event
    wanted = _prefix(np.maximum(profit, 0.0), blocks)
    unwanted = _prefix(np.minimum(profit, 0.0), blocks)
    top, bottom = blocks.up_to(leaving.before.most), blocks.below(leaving.after.fewest)
    last, first = blocks.below(leaving.before.fewest), blocks.up_to(leaving.after.most)
    reward = wanted[:, top][:, :, None] - wanted[:, bottom][:, None, :]
    forced = unwanted[:, last][:, :, None] - unwanted[:, first][:, None, :]
    reward += np.where(last[:, None] > first, forced, 0.0)
    chosen = Chosen(
        profit=profit[:, None],
        price=np.full((len(profit), 1), price),
        which=np.zeros(reward.shape, dtype=np.intp),
    )
    return Transition(leaving, blocks, np.where(possible, reward, NEVER), chosen)


def _over_time(leaving: Leaving, blocks: Blocks, possible: Pairs, n_prices: int) -> Transition:
    gain = leaving.gain(blocks) - leaving.per_event
    extra = _prices(leaving, blocks, gain, n_prices)
    price = leaving.price + extra
    # the fall of survival at one event is too large where few are at risk
    allowed = blocks.least <= leaving.most + LAST_BITS
    # in place: these arrays are what a bound takes its time for
    profit = price[:, :, None] * blocks.least
    negative = price <= 0
    profit[negative] = price[negative][:, None] * blocks.most
    np.subtract(gain[:, None, :], profit, out=profit)
    np.maximum(profit, 0.0, out=profit)
    profit *= blocks.count * allowed
    sums = np.zeros((*profit.shape[:-1], profit.shape[-1] + 1))
    np.cumsum(profit, axis=-1, out=sums[..., 1:])
    top, bottom = blocks.up_to(leaving.before.most), blocks.below(leaving.after.fewest)
    most = leaving.most if math.isfinite(leaving.most) else NO_LIMIT
    paid = np.where(extra > 0, extra * most, extra * leaving.least)
    reward, which = _least_over_prices(sums[:, :, top], sums[:, :, bottom], paid)
    falls = np.concatenate([[0.0], np.cumsum(blocks.most * blocks.count * allowed)])
    steep_enough = falls[top][:, None] - falls[bottom] >= leaving.least - LAST_BITS
    chosen = Chosen(profit=profit, price=price, which=which)
    return Transition(leaving, blocks, np.where(possible & steep_enough, reward, NEVER), chosen)


def _least_over_prices(
    above: FloatArray, below: FloatArray, paid: FloatArray
) -> tuple[FloatArray, npt.NDArray[np.intp]]:
    """Minimise above - below + paid over prices, for every row and every pair of cells.

    Prices increase and the sum is convex in the price, so that halving finds the least. Shapes are
    (rows, prices, b), (rows, prices, a) and (rows, prices); the results have shape (rows, b, a).
    """
    rows, n_prices, n_before = above.shape
    shape = (rows, n_before, below.shape[2])
    row, before, after = np.ogrid[:rows, :n_before, : below.shape[2]]
    above, below = np.ascontiguousarray(above).ravel(), np.ascontiguousarray(below).ravel()
    paid = paid.ravel()

    def at(price: npt.NDArray[np.intp]) -> FloatArray:
        place = row * n_prices + price
        gained = above.take(place * n_before + before) - below.take(place * shape[2] + after)
        return np.asarray(gained + paid.take(place))

    low, high = np.zeros(shape, dtype=np.intp), np.full(shape, n_prices - 1, dtype=np.intp)
    for _ in range(math.ceil(math.log2(n_prices))):
        middle = (low + high) // 2
        falls = at(np.minimum(middle + 1, n_prices - 1)) < at(middle)
        low, high = np.where(falls, middle + 1, low), np.where(falls, high, middle)
        low = np.minimum(low, high)
    return at(low), low


def _prices(leaving: Leaving, blocks: Blocks, gain: FloatArray, n_prices: int) -> FloatArray:
    """Return prices to try for each row, increasing: none, and some over the range that matters."""
    ratio = gain / np.maximum(blocks.least, 1e-12) - leaving.price
    low, high = ratio.min(axis=1), ratio.max(axis=1)
    steps = np.linspace(0.0, 1.0, n_prices - 1)
    prices = low[:, None] + steps * (high - low)[:, None]
    return np.sort(np.concatenate([np.zeros((prices.shape[0], 1)), prices], axis=1), axis=1)

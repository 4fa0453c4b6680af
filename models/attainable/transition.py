"""One arm leaves in one phase: bounds on what this adds to the score.

For every pair of cells, before and after the phase, the events of the arm are chosen among the
levels between them so that they add most to the score and survival falls by no more and no less
than reported. Fractional patients make this a linear programme with one constraint; its value is
the least over all prices of a fall in survival of the sum over levels of what is gained at that
price, if anything. A few prices are tried, and each gives a bound.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...reconstruct.pseudo_ipd import BoolArray, FloatArray
from .levels import LAST_BITS, Blocks, Leaving, Terms

__all__ = ["Transition", "transition"]

Places = npt.NDArray[np.intp]

NEVER = -1e15
NO_LIMIT = 1e9  # stands for a fall without bound, which no positive price should be paid for
CACHED = 2**16  # numbers that stay in the processor's cache from one operation to the next


@dataclass(frozen=True, kw_only=True, eq=False)
class Chosen:
    """Which blocks have the event at each of the prices.

    Attributes
    ----------
    blocks : Blocks
        The levels.
    gain : ndarray of float, shape (r, blocks)
        What an event adds to the score, less what it costs whatever the price. At an instant, with
        a single price, less that, too.
    price : ndarray of float, shape (r, prices)
        What a rise of -ln S costs.
    which : ndarray of int, shape (r, b, a)
        The best price.
    allowed : ndarray of bool, shape (blocks,)
        Where events can happen.
    """

    blocks: Blocks
    gain: FloatArray
    price: FloatArray
    which: Places
    allowed: BoolArray

    def rise(self, row: int) -> FloatArray:
        """Return what an event adds to -ln S in each block at each price, shape (prices, blocks).

        The end of a block that costs less counts, so that the bound is on the safe side.
        """
        return np.where(self.price[row][:, None] > 0, self.blocks.least, self.blocks.most)

    def has_event(self, row: int) -> BoolArray:
        """Say which blocks have the event at each price, shape (prices, blocks)."""
        profit = self.gain[row] - self.price[row][:, None] * self.rise(row)
        return np.asarray((profit > 0) & self.allowed)


class Transition:
    """What leaving adds to the score, from every cell before to every cell after.

    Attributes
    ----------
    reward : ndarray of float, shape (r, b, a)
        Bounds; very negative where it is impossible.
    """

    def __init__(self, leaving: Leaving, reward: FloatArray, chosen: Chosen | None) -> None:
        self.leaving, self.reward, self.chosen = leaving, reward, chosen
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
        blocks, spot = self.leaving.blocks, (row, before, after)
        low, high = int(self.leaving.bottom[after]), int(self.leaving.top[before])
        share = self._share(spot, low, high)
        here = np.flatnonzero(share > 0) + low
        count = share[here - low] * blocks.count[here]
        rise = self.chosen.rise(row)[self.chosen.which[spot], here]
        level = (blocks.lowest if self.leaving.j == 1 else blocks.highest)[here]
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

    def _share(self, spot: tuple[int, int, int], low: int, high: int) -> FloatArray:
        """Mix the choices at two neighbouring prices so that survival falls as reported."""
        chosen, leaving = self.chosen, self.leaving
        if chosen is None:
            return np.zeros(0)
        if leaving.phase.instant:
            share = (chosen.gain[spot[0], low:high] > 0).astype(float)
            return self._with_sure(share, spot, low, high)
        shares = chosen.has_event(spot[0])[:, low:high].astype(float)
        rise = chosen.rise(spot[0])[:, low:high]
        rises = (shares * rise) @ leaving.blocks.count[low:high]
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
        blocks, leaving = self.leaving.blocks, self.leaving
        first = int(blocks.up_to(leaving.after.most[spot[2] : spot[2] + 1])[0])
        last = int(blocks.below(leaving.before.fewest[spot[1] : spot[1] + 1])[0])
        places = np.arange(low, high)
        return np.where((places >= first) & (places < last), 1.0, share)


def transition(leaving: Leaving, terms: Terms, *, n_prices: int) -> Transition:
    """Bound what one arm adds to the score in one phase."""
    possible = np.asarray(leaving.before.most[:, None] >= leaving.after.fewest)
    if leaving.phase.instant and not leaving.phase.moves[leaving.j]:
        possible &= leaving.before.fewest[:, None] <= leaving.after.most
        return _without_events(leaving, possible)
    if leaving.phase.instant:
        return _at_instant(leaving, terms, possible & _instant_possible(leaving))
    if not leaving.phase.free[leaving.j]:
        return _without_events(leaving, possible)
    return _over_time(leaving, terms, n_prices)


def _without_events(leaving: Leaving, possible: BoolArray) -> Transition:
    possible = possible & (leaving.least <= LAST_BITS)
    reward = np.where(possible, 0.0, NEVER)[None]
    return Transition(leaving, np.repeat(reward, leaving.standing.size, axis=0), None)


def _prefix(values: FloatArray, blocks: Blocks) -> FloatArray:
    """Sum over the blocks below, along the last axis."""
    sums = np.zeros((*values.shape[:-1], values.shape[-1] + 1))
    np.cumsum(values * blocks.count, axis=-1, out=sums[..., 1:])
    return sums


def _instant_possible(leaving: Leaving) -> BoolArray:
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


def _at_instant(leaving: Leaving, terms: Terms, possible: BoolArray) -> Transition:
    blocks, price = leaving.blocks, terms.price
    rise = blocks.least if price > 0 else blocks.most
    profit = leaving.gain(terms.hazard_ratio) - price * rise - terms.per_event
    wanted = _prefix(np.maximum(profit, 0.0), blocks)
    unwanted = _prefix(np.minimum(profit, 0.0), blocks)
    last, first = blocks.below(leaving.before.fewest), blocks.up_to(leaving.after.most)
    reward = wanted[:, leaving.top][:, :, None] - wanted[:, leaving.bottom][:, None, :]
    forced = unwanted[:, last][:, :, None] - unwanted[:, first][:, None, :]
    reward += np.where(last[:, None] > first, forced, 0.0)
    chosen = Chosen(
        blocks=blocks,
        gain=profit,
        price=np.full((len(profit), 1), price),
        which=np.zeros(reward.shape, dtype=np.intp),
        allowed=np.ones(blocks.count.size, dtype=bool),
    )
    return Transition(leaving, np.where(possible, reward, NEVER), chosen)


def _over_time(leaving: Leaving, terms: Terms, n_prices: int) -> Transition:
    gain = leaving.gain(terms.hazard_ratio) - terms.per_event
    extra = _prices(leaving.blocks, gain, terms.price, n_prices)
    price = terms.price + extra
    sums = _sums_to_edges(leaving, gain, price)
    top, bottom = (np.searchsorted(leaving.edges, at) for at in (leaving.top, leaving.bottom))
    most = leaving.most if math.isfinite(leaving.most) else NO_LIMIT
    paid = np.where(extra > 0, extra * most, extra * leaving.least)
    before, after = leaving.possible.nonzero()
    least, best = _least_over_prices(sums, paid, top[before], bottom[after])
    reward = np.full((len(gain), *leaving.possible.shape), NEVER)
    which = np.zeros(reward.shape, dtype=np.intp)
    reward[:, before, after], which[:, before, after] = least, best
    chosen = Chosen(
        blocks=leaving.blocks, gain=gain, price=price, which=which, allowed=leaving.allowed
    )
    return Transition(leaving, reward, chosen)


def _sums_to_edges(leaving: Leaving, gain: FloatArray, price: FloatArray) -> FloatArray:
    """Sum the profits of events in the blocks below every edge, shape (edges, rows, prices)."""
    edges = leaving.edges
    sums = np.zeros((edges.size, *price.shape))
    total, first = np.zeros(price.shape), 0
    pieces = min(math.ceil(edges[-1] * price.size / CACHED), edges.size)
    for places in np.array_split(np.arange(edges.size), max(pieces, 1)):
        profit = _profits(leaving, gain, price, slice(first, edges[places[-1]]))
        start = first
        for place in places:
            own = profit[first - start : edges[place] - start]
            if len(own):
                own[0] += total
                total = own.sum(axis=0)
            sums[place], first = total, edges[place]
    return sums


def _profits(leaving: Leaving, gain: FloatArray, price: FloatArray, own: slice) -> FloatArray:
    """Return what some blocks earn where that is positive, shape (blocks, rows, prices)."""
    blocks = leaving.blocks
    count = (blocks.count * leaving.allowed)[own, None, None]
    profit = price * blocks.least[own, None, None]
    if (count > 1).any():  # otherwise both ends of a block are the same
        np.multiply(price, blocks.most[own, None, None], out=profit, where=price <= 0)
    np.subtract(gain.T[own, :, None], profit, out=profit)
    np.maximum(profit, 0.0, out=profit)
    if (count != 1).any():
        profit *= count
    return profit


def _least_over_prices(
    sums: FloatArray, paid: FloatArray, above: Places, below: Places
) -> tuple[FloatArray, Places]:
    """Minimise the sum between two edges, and what is paid, over prices.

    Prices increase and the sum is convex in the price, so that halving finds the least.

    Parameters
    ----------
    sums : ndarray of float, shape (edges, rows, prices)
    paid : ndarray of float, shape (rows, prices)
    above, below : ndarray of int, shape (k,)
        Pairs of edges.

    Returns
    -------
    least : ndarray of float, shape (rows, k)
    which : ndarray of int, shape (rows, k)
        The price that gives it.
    """
    rows, n_prices = paid.shape
    row = np.arange(rows)[:, None]
    to, since = ((edge * rows + row) * n_prices for edge in (above, below))

    def at(price: Places) -> FloatArray:
        between = sums.take(to + price) - sums.take(since + price)
        return np.asarray(between + paid.take(row * n_prices + price))

    low = np.zeros(to.shape, dtype=np.intp)
    high = np.full(to.shape, n_prices - 1)
    for _ in range(math.ceil(math.log2(n_prices))):
        middle = (low + high) // 2
        falls = at(np.minimum(middle + 1, n_prices - 1)) < at(middle)
        low, high = np.where(falls, middle + 1, low), np.where(falls, high, middle)
        low = np.minimum(low, high)
    return at(low), low


def _prices(blocks: Blocks, gain: FloatArray, price: float, n_prices: int) -> FloatArray:
    """Return what to add to a price, increasing: nothing, and some over the range that matters."""
    ratio = gain / np.maximum(blocks.least, 1e-12) - price
    low, high = ratio.min(axis=1), ratio.max(axis=1)
    steps = np.linspace(0.0, 1.0, n_prices - 1)
    prices = low[:, None] + steps * (high - low)[:, None]
    return np.sort(np.concatenate([np.zeros((prices.shape[0], 1)), prices], axis=1), axis=1)

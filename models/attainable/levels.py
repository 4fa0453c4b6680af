"""What one arm can do in one phase: the levels at which its patients leave, and their numbers.

Courses of large arms are distinguished by cells: ranges of the number left after a phase.
Patients are counted down from n to 1; the one who leaves when m are left is said to leave at level
m. Levels are grouped too, in blocks, where an arm is very large.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ...reconstruct.pseudo_ipd import BoolArray, FloatArray, IntArray
from .phases import Phase

__all__ = ["LAST_BITS", "Blocks", "Cells", "Leaving", "Terms", "blocks_of", "cells_of"]


LAST_BITS = 1e-9  # of -ln S
FINER_WHERE_FEW = 0.6  # cells are evenly wide on the scale of n to this power


@dataclass(frozen=True, kw_only=True, eq=False)
class Cells:
    """Ranges of the number of patients left, from `fewest` to `most` each; shape (k,)."""

    fewest: IntArray
    most: IntArray


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

    edge: IntArray
    count: FloatArray
    lowest: FloatArray
    highest: FloatArray
    least: FloatArray
    most: FloatArray

    def below(self, level: IntArray) -> IntArray:
        """Return how many blocks are wholly at or below each level, of the shape of `level`."""
        return np.asarray(np.searchsorted(self.edge, level, side="right") - 1)

    def up_to(self, level: IntArray) -> IntArray:
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


def _fall(level: IntArray, n: int) -> FloatArray:
    falls = -np.log1p(-1.0 / np.maximum(level, 2))
    return np.asarray(np.where(level == 1, math.log(n) + 1.0, falls))


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What events earn and cost.

    Attributes
    ----------
    hazard_ratio : float
        Where the score is evaluated.
    price : float
        What a rise of -ln S costs by the multipliers.
    per_event : float
        What an event costs.
    """

    hazard_ratio: float
    price: float
    per_event: float


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
    blocks : Blocks
        The levels of the arm.
    before, after : Cells
        Patients of the arm left before and after it; shapes (b,) and (a,).
    standing : ndarray of int, shape (r,)
        Patients of the other arm, which waits; the most favourable of each of its cells.
    least, most : float
        Bounds on the rise of -ln S in this phase.
    """

    j: int
    phase: Phase
    place: int
    blocks: Blocks
    before: Cells
    after: Cells
    standing: IntArray
    least: float
    most: float

    def gain(self, hazard_ratio: float) -> FloatArray:
        """Return the most that an event in each block adds to the score, shape (r, blocks)."""
        standing = self.standing[:, None].astype(float)
        if self.j == 1:
            return np.asarray(standing / (standing + hazard_ratio * self.blocks.lowest))
        weight = hazard_ratio * standing
        return np.asarray(-weight / (self.blocks.highest + weight))

    @property
    def to_nobody(self) -> bool:
        """Whether the last patient may have the event."""
        return math.isinf(self.phase.leaving[self.j][1])

    @cached_property
    def top(self) -> IntArray:
        """Blocks that have a level at or below the most patients before, shape (b,)."""
        return self.blocks.up_to(self.before.most)

    @cached_property
    def bottom(self) -> IntArray:
        """Blocks that are wholly at or below the fewest patients after, shape (a,)."""
        return self.blocks.below(self.after.fewest)

    @cached_property
    def allowed(self) -> BoolArray:
        """Blocks in which an event does not let survival fall too far, shape (blocks,)."""
        return np.asarray(self.blocks.least <= self.most + LAST_BITS)

    @cached_property
    def edges(self) -> IntArray:
        """Blocks at which a pair of cells begins or ends, increasing; shape (e,)."""
        return np.unique(np.concatenate([self.bottom, self.top]))

    @cached_property
    def possible(self) -> BoolArray:
        """Between which cells patients can leave over time, shape (b, a)."""
        return np.asarray(self.before.most[:, None] >= self.after.fewest) & self._steep_enough()

    def _steep_enough(self) -> BoolArray:
        """Say whether survival falls enough if all who leave have the event, shape (b, a)."""
        rises = self.blocks.most * self.blocks.count * self.allowed
        falls = np.concatenate([[0.0], np.cumsum(rises)])
        return np.asarray(falls[self.top][:, None] - falls[self.bottom] >= self.least - LAST_BITS)

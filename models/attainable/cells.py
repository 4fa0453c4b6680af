"""Numbers of patients, grouped where there are many.

Courses of large arms are told apart by cells: ranges of the number of patients left after a phase.
Patients are counted down from n to 1; the one who leaves when m are left is said to leave at level
m. Levels are grouped too, in blocks, where an arm is very large.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...reconstruct.pseudo_ipd import FloatArray

__all__ = ["Blocks", "Cells", "blocks_of", "cells_of"]

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
        """Return how many blocks lie wholly at or below each level."""
        return np.asarray(np.searchsorted(self.edge, level, side="right") - 1)

    def up_to(self, level: Counts) -> Counts:
        """Return how many blocks have a level at or below each level."""
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

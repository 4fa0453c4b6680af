"""How many draws are drawn at a time: blocks that can be drawn in any order and anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Self

__all__ = ["Blocks"]

# A block costs much whatever its size, and is drawn whole: late ones, which only they draw who ask
# for many, are larger. Of n draws less than n more are thus drawn in vain.
GROWTH = (1, 1, 2, 2, 4)  # sizes of blocks against the first; the last is that of all later ones


@dataclass(frozen=True, kw_only=True)
class Blocks:
    """Sizes of the blocks of an ensemble.

    Attributes
    ----------
    first : int
        Draws in the first block, at least 1.
    most : int
        Draws in any block.
    growth : tuple of int
        Sizes of the blocks against the first; the last is that of all later ones.

    Examples
    --------
    >>> blocks = Blocks(first=1000, most=4000)
    >>> [blocks.size(number) for number in range(6)]
    [1000, 1000, 2000, 2000, 4000, 4000]
    >>> blocks.place(2500)
    (2, 500)
    >>> list(blocks.rows(2500))
    [1000, 1000, 500]
    """

    first: int
    most: int
    growth: tuple[int, ...] = GROWTH

    def even(self) -> Self:
        """Return blocks that are all as large as the first."""
        return replace(self, growth=(1,))

    def divided(self, parts: int) -> Self:
        """Return smaller blocks, at least one draw in each."""
        return replace(self, first=max(self.first // parts, 1), most=max(self.most // parts, 1))

    def size(self, number: int) -> int:
        """Return how many draws a block has."""
        return min(self.first * self.growth[min(number, len(self.growth) - 1)], self.most)

    def start(self, number: int) -> int:
        """Return the number of a block's first draw."""
        early = min(number, len(self.growth))
        return sum(map(self.size, range(early))) + (number - early) * self.size(early)

    def place(self, draw: int) -> tuple[int, int]:
        """Return the block of a draw, and its row there."""
        early = len(self.growth)
        number = next((each for each in range(early) if draw < self.start(each + 1)), early)
        if number == early:
            number += (draw - self.start(early)) // self.size(early)
        return number, draw - self.start(number)

    def rows(self, n_draws: int) -> Iterator[int]:
        """Yield how many rows of each block are among the first draws, block by block."""
        for number in range(self.place(n_draws - 1)[0] + 1):
            yield min(self.size(number), n_draws - self.start(number))

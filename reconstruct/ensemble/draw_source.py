"""Draws of an endpoint in blocks, which are drawn in any order and anywhere, and their tables."""

from __future__ import annotations

import functools
import itertools
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self

import numpy as np

from ...studies import Endpoint
from ..pseudo_ipd import FloatArray, PseudoIPD
from .arm_draws import Patients
from .later_follow_up import CurveEnd

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Blocks", "DrawSource", "patient_frames", "patients_of", "together", "write_frames"]

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


class DrawSource(Protocol):
    """Draws of both arms of an endpoint, in blocks.

    Attributes
    ----------
    endpoint : Endpoint
    seed : int
    template : PseudoIPD
        Patients whose arms and notes the draws share.
    blocks : Blocks
    sentence : str
        What a draw is; `{number}` stands for which.
    open_ends : mapping of str to CurveEnd
        Ends of the curves of arms that draws may follow longer, by arm.
    effective_scenarios : float
        Effective number of the random scenarios that draws follow; infinite where they follow none.
    """

    @property
    def endpoint(self) -> Endpoint: ...  # noqa: D102
    @property
    def seed(self) -> int: ...  # noqa: D102
    @property
    def template(self) -> PseudoIPD: ...  # noqa: D102
    @property
    def blocks(self) -> Blocks: ...  # noqa: D102
    @property
    def sentence(self) -> str: ...  # noqa: D102
    @property
    def open_ends(self) -> Mapping[str, CurveEnd]: ...  # noqa: D102
    @property
    def effective_scenarios(self) -> float: ...  # noqa: D102

    def __hash__(self) -> int:
        """Tell sources apart by identity."""

    def block(self, number: int) -> dict[str, Patients]:
        """Return the patients of one block of draws by arm, the reference first."""

    def draw(self, number: int) -> PseudoIPD:
        """Return the patients of one draw."""


def patients_of(source: DrawSource, number: int) -> PseudoIPD:
    """Return the patients of one draw."""
    place, row = source.blocks.place(number)
    block = _last_block(source, place)
    sizes = [arm.time.shape[1] for arm in block.values()]
    return replace(
        source.template,
        time=np.concatenate([arm.time[row] for arm in block.values()]),
        event=np.concatenate([arm.event[row] for arm in block.values()]),
        arm=np.repeat(np.array(list(block), dtype=np.str_), sizes),
        assumptions=(source.sentence.format(number=number),),
    )


@functools.lru_cache(maxsize=1)
def _last_block(source: DrawSource, number: int) -> dict[str, Patients]:
    """Keep the last block, since draws are often asked for one after the other."""
    return source.block(number)


def together(block: Mapping[str, Patients]) -> tuple[FloatArray, Any, Any]:
    """Return the patients of all arms side by side.

    Returns
    -------
    time, event : ndarray of float and of bool, shape (draws, n)
        In the time unit; True where the event happened.
    arm : ndarray of str, shape (n,)
    """
    return (
        np.concatenate([arm.time for arm in block.values()], axis=1),
        np.concatenate([arm.event for arm in block.values()], axis=1),
        np.repeat(list(block), [arm.time.shape[1] for arm in block.values()]),
    )


def patient_frames(source: DrawSource, n_draws: int) -> Iterator[pd.DataFrame]:
    """Yield the patients of the first draws, a block of them in each frame."""
    import pandas as pd

    for number, rows in enumerate(source.blocks.rows(n_draws)):
        time, event, arm = together(source.block(number))
        time, event = time[:rows], event[:rows]
        draws = source.blocks.start(number) + np.arange(rows)
        yield pd.DataFrame(
            {
                "draw": np.repeat(draws, time.shape[1]),
                "arm": np.broadcast_to(arm, time.shape).ravel(),
                "time": time.ravel(),
                "event": event.ravel(),
            }
        )


def write_frames(path: str | Path, frames: Iterator[pd.DataFrame]) -> None:
    """Write data frames of the same columns below each other into a Parquet file, at least one.

    The file is written beside its place and moved there when it is whole: what was there stays if
    a frame fails.

    Raises
    ------
    ImportError
        If pyarrow is not installed.
    FileNotFoundError, IsADirectoryError
        If the folder does not exist, or the path is one.
    """
    path = Path(path)
    if path.is_dir():
        raise IsADirectoryError(
            f"{path} is a folder; name a file in it, such as {path}/draws.parquet."
        )
    if not path.parent.is_dir():
        raise FileNotFoundError(f"There is no folder {path.parent} to write {path.name} into.")
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise ImportError(
            'Parquet files are written by pyarrow: pip install "kmrepro[parquet]"'
        ) from error
    tables = (pyarrow.Table.from_pandas(frame, preserve_index=False) for frame in frames)
    first = next(tables)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with pyarrow.parquet.ParquetWriter(beside, first.schema) as writer:
            for table in itertools.chain([first], tables):
                writer.write_table(table)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)

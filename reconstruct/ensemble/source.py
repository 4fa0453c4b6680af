"""What sources of draws offer: random numbers, one data set, and many as data frames."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ...studies import Endpoint
from ..pseudo_ipd import FloatArray, PseudoIPD
from .arm_draws import Patients

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["DrawSource", "patient_frames", "patients_of", "stream", "together", "write_frames"]


def stream(seed: int, *purpose: int) -> np.random.Generator:
    """Return the random numbers of one purpose.

    Parameters
    ----------
    seed : int
        Of the whole ensemble, 0 or more.
    *purpose : int
        What they are for, such as the number of a block and of an arm.

    Notes
    -----
    Philox counts [1]_: a key gives the same numbers whatever was drawn before, in which order
    blocks are drawn and where.

    References
    ----------
    .. [1] Salmon JK, Moraes MA, Dror RO, Shaw DE. SC '11. doi:10.1145/2063384.2063405.
    """
    sequence = np.random.SeedSequence(seed, spawn_key=purpose)
    return np.random.Generator(np.random.Philox(sequence))


class DrawSource(Protocol):
    """Draws of both arms of an endpoint, in blocks.

    Attributes
    ----------
    endpoint : Endpoint
    seed : int
    template : PseudoIPD
        Patients whose arms and notes the draws share.
    block_size : int
        Draws in a block.
    sentence : str
        What a draw is; `{number}` stands for which.
    """

    @property
    def endpoint(self) -> Endpoint: ...  # noqa: D102
    @property
    def seed(self) -> int: ...  # noqa: D102
    @property
    def template(self) -> PseudoIPD: ...  # noqa: D102
    @property
    def block_size(self) -> int: ...  # noqa: D102
    @property
    def sentence(self) -> str: ...  # noqa: D102

    def __hash__(self) -> int:
        """Tell sources apart by identity."""

    def block(self, number: int) -> dict[str, Patients]:
        """Return the patients of one block of draws by arm, the reference first."""

    def draw(self, number: int) -> PseudoIPD:
        """Return the patients of one draw."""


def patients_of(source: DrawSource, number: int) -> PseudoIPD:
    """Return the patients of one draw."""
    block = _last_block(source, number // source.block_size)
    row = number % source.block_size
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

    for first in range(0, n_draws, source.block_size):
        rows = min(source.block_size, n_draws - first)
        time, event, arm = together(source.block(first // source.block_size))
        time, event = time[:rows], event[:rows]
        yield pd.DataFrame(
            {
                "draw": np.repeat(np.arange(first, first + rows), time.shape[1]),
                "arm": np.broadcast_to(arm, time.shape).ravel(),
                "time": time.ravel(),
                "event": event.ravel(),
            }
        )


def write_frames(path: str | Path, frames: Iterator[pd.DataFrame]) -> None:
    """Write data frames of the same columns below each other into a Parquet file, at least one.

    Raises
    ------
    ImportError
        If pyarrow is not installed.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise ImportError(
            'Parquet files are written by pyarrow: pip install "kmrepro[parquet]"'
        ) from error
    writer = None
    try:
        for frame in frames:
            table = pyarrow.Table.from_pandas(frame, preserve_index=False)
            writer = writer or pyarrow.parquet.ParquetWriter(path, table.schema)
            writer.write_table(table)
    finally:
        if writer is not None:
            writer.close()

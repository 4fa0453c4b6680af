"""The draws of an ensemble as data frames, and data frames one after the other in a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..reconstruct.pseudo_ipd import FloatArray

if TYPE_CHECKING:
    import pandas as pd

    from ..reconstruct.ensemble import DrawSource, Patients

__all__ = ["patient_frames", "together", "write_frames"]


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

"""Random numbers that depend on the seed and on what they are for, and on nothing else."""

from __future__ import annotations

import numpy as np

__all__ = ["stream"]


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

"""What every source of draws offers: its random numbers, and the patients of one draw."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import Protocol

import numpy as np

from ...studies import Endpoint
from ..pseudo_ipd import PseudoIPD
from .arm_draws import Patients

__all__ = ["DrawSource", "patients_of", "stream"]


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

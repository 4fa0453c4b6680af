"""Values whose arrays cannot be changed by who receives them."""

from __future__ import annotations

import numpy as np

__all__ = ["ReadOnlyArrays"]


class ReadOnlyArrays:
    """A base of frozen dataclasses that makes their arrays read-only, too."""

    def __post_init__(self) -> None:
        """Make the arrays read-only."""
        for values in vars(self).values():
            if isinstance(values, np.ndarray):
                values.setflags(write=False)

"""A traced curve with its colour and its ink, and where all curves begin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .colours import LineColour
from .tracing import Trace

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class TracedArm:
    """A curve with its colour and its ink.

    Parameters
    ----------
    colour : LineColour
    curve : Trace
    like : ndarray, shape (height, width)
        Ink of the colour (rows as in the trace: upside down for incidence).
    flanked : bool
        Whether it is the middle one of three lines of the colour: the others are its limits.
    """

    colour: LineColour
    curve: Trace
    like: FloatArray
    flanked: bool = False

    @property
    def filled(self) -> float:
        """Share of the columns with ink: near 1 for a solid line, less for a dashed one."""
        visible = self.curve.own[: len(self.curve.rows)]
        return float((visible > 0.35).mean()) if len(visible) else 0.0


@dataclass(frozen=True, kw_only=True)
class Start:
    """Where every curve begins: column of time 0, row of survival 1, and how sure the row is."""

    column: int
    row: float
    slack: float

"""From a figure to a reading: curves, censoring marks and numbers at risk, offline."""

from .errors import UnreadableFigureError
from .hints import Hints
from .read import read_figure
from .reading import FigureReading, Panel, ReadArm, ReadCurve, RiskRow

__all__ = [
    "FigureReading",
    "Hints",
    "Panel",
    "ReadArm",
    "ReadCurve",
    "RiskRow",
    "UnreadableFigureError",
    "read_figure",
]

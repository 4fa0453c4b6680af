"""Survival curves as the numbers of a plot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..reconstruct.pseudo_ipd import FloatArray
from .printed_points import PrintedPoint
from .thinning import kept_steps

if TYPE_CHECKING:
    from ..models import KaplanMeier

__all__ = ["ShownCurve", "ShownCurves"]


@dataclass(frozen=True, kw_only=True, eq=False)
class ShownCurve:
    """One arm's curve where it lies in the plot.

    Attributes
    ----------
    time : ndarray of float, shape (k,)
        Increasing from 0.
    height, lower, upper : ndarray of float, shape (k,)
        The curve and its band from each time until the next, as fractions; the band is NaN where
        it is not defined.
    kept : ndarray of int, shape (m,)
        The steps to draw; see `thinning.kept_steps`.
    marks, marked : ndarray of float, shape (c,)
        When patients were censored, and how high the curve is then.
    n_censored : int
    """

    time: FloatArray
    height: FloatArray
    lower: FloatArray
    upper: FloatArray
    kept: np.typing.NDArray[np.intp]
    marks: FloatArray
    marked: FloatArray
    n_censored: int

    @classmethod
    def of(cls, curve: KaplanMeier) -> ShownCurve:
        """Lay out a curve."""
        marks = curve.time[curve.n_censored > 0]
        return cls(
            time=curve.time,
            height=curve.survival,
            lower=curve.lower,
            upper=curve.upper,
            kept=kept_steps(curve.survival),
            marks=marks,
            marked=np.asarray(curve.survival_at(marks)),
            n_censored=int(np.sum(curve.n_censored)),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class ShownCurves:
    """What lies in one plot.

    Attributes
    ----------
    curves : mapping of str to ShownCurve
        By arm, the reference first.
    points : tuple of PrintedPoint
    """

    curves: Mapping[str, ShownCurve]
    points: tuple[PrintedPoint, ...]

    @property
    def end(self) -> float:
        """The last time shown."""
        last = [float(curve.time[-1]) for curve in self.curves.values()]
        return max(*last, *(point.time for point in self.points), 0.0)

    @property
    def n_censored(self) -> int:
        """Patients censored in all arms together."""
        return sum(curve.n_censored for curve in self.curves.values())

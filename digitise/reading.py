"""A reading of a figure: the hints that it is given, what was read, and the refusal.

A hint outranks what would be recognised. What was read is panels, axes, arms, numbers at risk, and
what is unsure.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from .axes import AxisScale

FloatArray = npt.NDArray[np.float64]

WIDEST_TOLERANCE = 0.1
"""That study files take."""


@dataclass(frozen=True, kw_only=True)
class Hints:
    """What is given by hand.

    Parameters
    ----------
    page : int or None
        Page of a PDF, from 1; None for the only page, or the first with a plot.
    panel : str or None
        Letter or number of the panel to read; None for all.
    arms : int or None
        Number of curves.
    x_axis, y_axis : tuple of tuple of float, or None
        (value, pixel) of at least two places on the axis; percent as 0 to 100.
    box : tuple of float or None
        Left, top, right and bottom of the part of the figure to read, in pixels.
    colours : tuple of tuple of str
        (name, "#rrggbb") of each arm.
    ocr : bool
        Whether text is recognised; without it, both axes have to be given.
    kind : str or None
        "vector" or "raster" to read a PDF or SVG in that way; None to choose.
    """

    page: int | None = None
    panel: str | None = None
    arms: int | None = None
    x_axis: tuple[tuple[float, float], ...] | None = None
    y_axis: tuple[tuple[float, float], ...] | None = None
    box: tuple[float, float, float, float] | None = None
    colours: tuple[tuple[str, str], ...] = ()
    ocr: bool = True
    kind: str | None = None

    def __post_init__(self) -> None:
        """Refuse a text such as "no", which is true in Python, and a misspelt kind."""
        if self.kind not in (None, "vector", "raster"):
            raise ValueError(f"`kind` must be vector, raster or None, not {self.kind!r}.")
        if not isinstance(self.ocr, bool | np.bool_):
            raise TypeError(f"`ocr` must be True or False, not {self.ocr!r}.")

    def scaled(self, factor: float) -> Hints:
        """Return the hints for an image whose sides are multiplied by a factor."""

        def moved(
            points: tuple[tuple[float, float], ...] | None,
        ) -> tuple[tuple[float, float], ...] | None:
            return points and tuple((value, pixel * factor) for value, pixel in points)

        return replace(self, x_axis=moved(self.x_axis), y_axis=moved(self.y_axis))


class UnreadableFigureError(ValueError):
    """A figure, or a panel of it, cannot be read; the message names what was seen and the fix."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ReadCurve:
    """A survival curve as read: a right-continuous step function with a tolerance.

    Parameters
    ----------
    time : ndarray, shape (k,)
        In the unit of the time axis, not decreasing; the last is where the drawing ends.
    survival : ndarray, shape (k,)
        Fractions, not increasing; 1 minus the incidence where incidence is drawn.
    tolerance : ndarray, shape (k,)
        How far the true survival may be from the value read, as a fraction.
    """

    time: FloatArray
    survival: FloatArray
    tolerance: FloatArray

    def __post_init__(self) -> None:
        """Copy, freeze and check the arrays."""
        for name in ("time", "survival", "tolerance"):
            values = np.array(getattr(self, name), dtype=float)
            values.setflags(write=False)
            object.__setattr__(self, name, values)
        if not len(self.time) == len(self.survival) == len(self.tolerance):
            raise ValueError("`time`, `survival` and `tolerance` must have one length.")
        if (np.diff(self.time) < 0).any() or (np.diff(self.survival) > 1e-9).any():
            raise ValueError("`time` must not decrease and `survival` must not increase.")

    def at(self, time: npt.ArrayLike) -> FloatArray:
        """Survival at given times: 1 before the first point."""
        place = np.searchsorted(self.time, np.asarray(time, dtype=float), side="right")
        return np.concatenate([[1.0], self.survival])[place]


def curve_from_one(
    time: FloatArray,
    survival: FloatArray,
    tolerance: FloatArray,
    *,
    shortest: float,
    blurred: float = 0.0,
) -> ReadCurve:
    """Make a curve that starts at (0, 1).

    Parameters
    ----------
    time, survival, tolerance : ndarray, shape (k,)
        As seen, from the start of the curve on.
    shortest : float
        Time that cannot be told from 0, such as half a pixel.
    blurred : float
        Up to which time a level may be the middle of a fall: where one goes through a column of
        pixels, its ink there looks like a level at any height between those before and after.

    Returns
    -------
    ReadCurve
        Where the curve is seen below 1 from the start, it falls at `shortest`. Tolerances of
        blurred levels reach the levels before and after.
    """
    if survival[0] < 1.0:
        moved = np.maximum(time, min(shortest, float(time[-1])))
        time, survival = np.append(0.0, moved), np.append(1.0, survival)
        tolerance = np.append(tolerance[:1], tolerance)
    falls = -np.diff(survival)
    reach = np.maximum(np.append(0.0, falls), np.append(falls, 0.0))
    short = np.append(np.diff(time), np.inf) <= blurred
    short[0] = False
    wide = np.clip(reach, tolerance, np.maximum(tolerance, WIDEST_TOLERANCE))
    return ReadCurve(time=time, survival=survival, tolerance=np.where(short, wide, tolerance))


def down_to_zero(
    survival: FloatArray, tolerance: FloatArray, *, reach: float
) -> tuple[FloatArray, FloatArray]:
    """Let a curve that ends in a fall onto the time axis end at 0.

    The line of the axis hides where such a fall ends. Above 0 it would go on level, since somebody
    is followed beyond the last event; so a curve without a level after its last fall has ended at
    0. What was seen stays within the tolerance.

    Parameters
    ----------
    survival, tolerance : ndarray, shape (k,)
        Of a curve whose last two points are the ends of a level that is not seen.
    reach : float
        Survival up to which the lines of axis and curve hide what is below.

    Returns
    -------
    tuple of ndarray, shape (k,)
        Survival and tolerance.
    """
    seen = survival[-1]
    if not 0 < seen <= reach or len(survival) < 3 or survival[-3] - seen <= 2 * tolerance[-3]:
        return survival, tolerance
    ended, within = survival.copy(), tolerance.copy()
    ended[-2:], within[-2:] = 0.0, np.maximum(tolerance[-2:], seen)
    return ended, within


@dataclass(frozen=True, kw_only=True, eq=False)
class ReadArm:
    """One arm of a panel.

    Parameters
    ----------
    name : str
        From the legend, a label or the table; "Arm 1" and so on if the figure names none.
    curve : ReadCurve
    color : str
        Colour of the line, as in "#1f77b4".
    dash : str
        "solid" or "dashed".
    length_read : float
        Share of the curve's length that shows its own line; the rest is covered.
    censor_marks : ndarray, shape (m,)
        Times of the censoring marks.
    own_marks : bool
        Whether all of them are surely this arm's, and no other arm has one of its own.
    n : int or None
        Number of patients, if the legend states it.
    named : bool
        Whether the figure names the arm; otherwise the name is "Arm 1" or so.
    first_level : float
        Survival at the first place where the line was seen: below 1 where the curve falls at once,
        or where the survival axis is wrong.
    may_be : tuple of str
        Names of the figure among which it is open which is this arm's; empty where that is clear.
    """

    name: str
    curve: ReadCurve
    color: str
    dash: str
    length_read: float
    censor_marks: FloatArray = field(default_factory=lambda: np.zeros(0))
    own_marks: bool = True
    n: int | None = None
    named: bool = True
    first_level: float = 1.0
    may_be: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RiskRow:
    """A row of the numbers at risk: the `arm` and pairs of time and count in `cells`."""

    arm: str
    cells: tuple[tuple[float, int], ...]


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One plot of a figure.

    Parameters
    ----------
    panel : int
        Number in reading order, from 1.
    label, title : str or None
        "a", and the line above the plot.
    x_axis, y_axis : AxisScale
    x_unit : str or None
        "days", "weeks", "months", "years", or None if the axis does not say.
    x_title, y_title : str or None
        What is written at the axes.
    percent : bool
        Whether the y axis is in percent.
    incidence : bool
        Whether the curves rise (1 - survival).
    arms : tuple of ReadArm
    at_risk : tuple of RiskRow
        Empty if there is no table.
    unsure : tuple of str
        Everything that a person should look at.
    remarks : tuple of str
        Results in the figure: hazard ratio, interval, p.
    """

    panel: int
    label: str | None
    title: str | None
    x_axis: AxisScale
    y_axis: AxisScale
    x_unit: str | None
    x_title: str | None
    y_title: str | None
    percent: bool
    incidence: bool
    arms: tuple[ReadArm, ...]
    at_risk: tuple[RiskRow, ...] = ()
    unsure: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    def cells_of(self, arm: ReadArm) -> dict[float, int]:
        """Return the numbers at risk of an arm by time."""
        return next((dict(row.cells) for row in self.at_risk if row.arm == arm.name), {})

    def patients_of(self, arm: ReadArm) -> int | None:
        """Return how many patients an arm has: its number at risk at 0, or what a label says."""
        return self.cells_of(arm).get(0.0, arm.n)

    def scaled(self, factor: float) -> Panel:
        """Return the panel with its axes in an image whose sides are multiplied by a factor."""
        if factor == 1.0:
            return self
        return replace(self, x_axis=self.x_axis.scaled(factor), y_axis=self.y_axis.scaled(factor))


@dataclass(frozen=True, kw_only=True, eq=False)
class Reading:
    """All that was read from a figure, as values.

    Parameters
    ----------
    figure : str
        Name of the file.
    kind : str
        "raster" or "vector".
    panels : tuple of Panel
        In reading order; at least one.
    image : ndarray of uint8, shape (height, width, 3)
        The figure as it was read (upright), for the overlay.
    image_scale : float
        Pixels of `image` per unit of the calibrations (1 for a raster figure).
    turned : float
        Degrees by which a scan was turned to be upright.
    page : int or None
        Page of a PDF, from 1.
    """

    figure: str
    kind: str
    panels: tuple[Panel, ...]
    image: npt.NDArray[np.uint8]
    image_scale: float = 1.0
    turned: float = 0.0
    page: int | None = None

    @property
    def unsure(self) -> tuple[str, ...]:
        """What is unsure in all panels."""
        if len(self.panels) == 1:
            return self.panels[0].unsure
        return tuple(f"panel {p.panel}: {text}" for p in self.panels for text in p.unsure)

    def to_dict(self) -> dict[str, Any]:
        """Return the content of `reading.json`."""
        several = len(self.panels) > 1
        content: dict[str, Any] = {"figure": self.figure, "kind": self.kind}
        if self.page is not None:
            content["page"] = self.page
        if self.turned:
            content["turned_degrees"] = round(self.turned, 3)
        content["panels"] = [_panel_dict(panel, several) for panel in self.panels]
        return content


def _axis_dict(scale: AxisScale) -> dict[str, Any]:
    return {
        "calibration": [[round(pixel, 3), value] for pixel, value in scale.points],
        "residual_pixels": round(scale.residual, 3),
    }


def _panel_dict(panel: Panel, several: bool) -> dict[str, Any]:
    prefix = f"panel-{panel.panel}/" if several else ""
    files = {"curves": f"{prefix}curves.csv"}
    if panel.at_risk:
        files["at_risk"] = f"{prefix}at_risk.csv"
    if any(len(arm.censor_marks) for arm in panel.arms):
        files["censor_marks"] = f"{prefix}censor_marks.csv"
    return {
        "panel": panel.panel,
        "label": panel.label,
        "title": panel.title,
        "files": files,
        "x_axis": {"unit": panel.x_unit, "title": panel.x_title, **_axis_dict(panel.x_axis)},
        "y_axis": {
            "kind": "percent" if panel.percent else "fraction",
            "title": panel.y_title,
            **_axis_dict(panel.y_axis),
        },
        "orientation": "incidence" if panel.incidence else "survival",
        "arms": [
            {
                "name": arm.name,
                "color": arm.color,
                "dash": arm.dash,
                "length_read": round(arm.length_read, 3),
                **({"may_be": list(arm.may_be)} if arm.may_be else {}),
            }
            for arm in panel.arms
        ],
        "unsure": list(panel.unsure),
    }

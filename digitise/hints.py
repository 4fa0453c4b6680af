"""Hints: what a person may say about a figure, and the refusal of one that cannot be read.

A hint outranks what would be recognised; what is refused names the hint that would help.
"""

from __future__ import annotations

from dataclasses import dataclass, replace


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

    def scaled(self, factor: float) -> Hints:
        """Return the hints for an image whose sides are multiplied by a factor."""

        def moved(
            points: tuple[tuple[float, float], ...] | None,
        ) -> tuple[tuple[float, float], ...] | None:
            return points and tuple((value, pixel * factor) for value, pixel in points)

        return replace(self, x_axis=moved(self.x_axis), y_axis=moved(self.y_axis))


class UnreadableFigureError(ValueError):
    """A figure, or a panel of it, cannot be read; the message names what was seen and the fix."""

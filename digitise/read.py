"""Reading a figure: the file's kind decides how."""

from __future__ import annotations

from pathlib import Path

from .errors import UnreadableFigureError
from .figure import chosen_panels, read_raster
from .hints import Hints
from .raster import open_image, prepare
from .reading import FigureReading


def read_figure(path: str | Path, hints: Hints | None = None) -> FigureReading:
    """Read the curves, censoring marks and numbers at risk of a Kaplan-Meier figure.

    Parameters
    ----------
    path : str or Path
        PNG, JPEG, TIFF, WebP, SVG or PDF.
    hints : Hints, optional
        What is given by hand; outranks what is recognised.

    Returns
    -------
    FigureReading

    Raises
    ------
    UnreadableFigureError
        If the file cannot be read or holds no plot with two linear axes and a curve.
    """
    path, hints = Path(path), hints or Hints()
    if not path.is_file():
        raise UnreadableFigureError(f"there is no file {path}.")
    figure = prepare(open_image(path))
    panels = chosen_panels(read_raster(figure, hints), hints.panel)
    return FigureReading(
        figure=path.name, kind="raster", panels=panels, image=figure.image, turned=figure.turned
    )

"""Words on a figure: measured once for all figures, and drawn as outlines in pictures."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from matplotlib.backend_bases import RendererBase
from matplotlib.path import Path
from matplotlib.textpath import TextToPath
from matplotlib.transforms import Affine2D

if TYPE_CHECKING:
    from matplotlib.backend_bases import GraphicsContextBase
    from matplotlib.font_manager import FontProperties

__all__ = ["draw_outlines", "measured"]


def measured(words: str, font: FontProperties) -> tuple[float, float, float]:
    """Return width, height and descent of words, in points."""
    return _measured(words, font.copy())  # a font can change


@lru_cache(maxsize=4096)
def _measured(words: str, font: FontProperties) -> tuple[float, float, float]:
    return RendererBase().get_text_width_height_descent(words, font, ismath=False)


def draw_outlines(
    renderer: Any,
    pen: GraphicsContextBase,
    place: tuple[float, float],
    words: str,
    font: FontProperties,
    angle: float,
) -> None:
    """Draw words in a picture, as wide as they are measured and as in PDF and SVG.

    Matplotlib fits each letter to the pixels, every time that it is drawn. That takes half of the
    time of a picture, and makes words up to 2% wider or narrower.

    Parameters
    ----------
    renderer : RendererAgg
    pen : GraphicsContextBase
    place : tuple of float
        Of the start of the base line, in pixels from the lower left corner.
    words : str
    font : FontProperties
    angle : float
        In degrees, counterclockwise.
    """
    size = renderer.points_to_pixels(font.get_size_in_points()) / TextToPath.FONT_SCALE
    pen.set_linewidth(0)
    pen.set_snap(False)  # dashes and "I" would be moved to the next pixel
    renderer.draw_path(
        pen,
        _outlines(words, font.copy()),
        Affine2D().scale(size).rotate_deg(angle).translate(*place),
        rgbFace=pen.get_rgb(),
    )


@lru_cache(maxsize=4096)
def _outlines(words: str, font: FontProperties) -> Path:
    vertices, codes = TextToPath().get_text_path(font, words)
    return Path(vertices, codes)

"""A figure with its text, made smaller where that costs nothing, and read again in places."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from . import text
from .hints import Hints
from .labels import Rereader
from .raster import darkness
from .text import TextLine, Word, text_lines

Image = npt.NDArray[np.uint8]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Sheet:
    """A figure with its text: what every panel is read from."""

    image: Image
    ink: FloatArray
    words: tuple[Word, ...]
    lines: tuple[TextLine, ...]
    hints: Hints


def reduced(sheet: Sheet, factor: float) -> Sheet:
    """Make a sheet smaller: a plot wider than needed costs time and memory, and reads no better."""
    from PIL import Image as Pillow

    height, width = sheet.image.shape[:2]
    size = (int(width / factor), int(height / factor))
    box = (0.0, 0.0, size[0] * factor, size[1] * factor)  # so that pixels scale exactly
    smaller = Pillow.fromarray(sheet.image).resize(size, Pillow.Resampling.BOX, box=box)
    image = np.asarray(smaller)
    words = tuple(word.scaled(1 / factor) for word in sheet.words)
    return Sheet(
        image=image,
        ink=darkness(image),
        words=words,
        lines=text_lines(words),
        hints=sheet.hints.scaled(1 / factor),
    )


def rereader(image: Image) -> Rereader:
    """Return the function that reads the text in a box of an image again, enlarged."""
    return lambda box: _read_again(image, box)


def _read_again(image: Image, box: tuple[float, float, float, float]) -> tuple[str, float]:
    """Text in a box, enlarged to letters of about 40 pixels."""
    from PIL import Image as Pillow

    x0, y0, x1, y1 = (max(0, round(value)) for value in box)
    crop = image[y0:y1, x0:x1]
    if crop.size == 0:
        return "", 0.0
    scale = 48.0 / max(crop.shape[0], 1)
    size = (max(8, round(crop.shape[1] * scale)), 48)
    enlarged = Pillow.fromarray(crop).resize(size, Pillow.Resampling.BICUBIC)
    return text.recognise(np.ascontiguousarray(np.asarray(enlarged)))

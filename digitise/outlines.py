"""Words of a drawing whose letters are outlines, recognised as in a picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .text import Word, read_words

FloatArray = npt.NDArray[np.float64]

_OUTLINE_SCALE = 4.0  # pixels to a unit of a drawing: letters of 10 points are some 30 pixels high
_LARGEST_DRAWING = 6000.0  # pixels of a side


def outlined_words(
    letters: Sequence[Sequence[FloatArray]], *, width: float, height: float
) -> tuple[Word, ...]:
    """Recognise words drawn as outlines.

    Parameters
    ----------
    letters : sequence of sequence of ndarray, shape (k, 2)
        Of each letter the closed lines that bound it, in the units of the drawing; what is inside
        an even number of them is no ink (the rule of even and odd).
    width, height : float
        Of the drawing.

    Returns
    -------
    tuple of Word
        In the units of the drawing.
    """
    from PIL import Image, ImageDraw

    scale = min(_OUTLINE_SCALE, _LARGEST_DRAWING / max(width, height))
    shape = round(height * scale), round(width * scale)
    ink = np.zeros(shape, dtype=bool)
    for letter in letters:
        placed = [scale * line[:, ::-1] for line in letter]
        corner = np.floor(np.min([line.min(axis=0) for line in placed], axis=0)).astype(int)
        size = np.ceil(np.max([line.max(axis=0) for line in placed], axis=0)).astype(int) - corner
        if (size > shape).any():  # a ground, or something else that is no letter
            continue
        inside = np.zeros(size + 1, dtype=bool)
        for line in placed:
            part = Image.new("1", (inside.shape[1], inside.shape[0]))
            ImageDraw.Draw(part).polygon([(x, y) for y, x in line - corner], fill=1)
            inside ^= np.asarray(part, dtype=bool)
        start = np.maximum(corner, 0)
        end = np.minimum(corner + inside.shape, shape)
        if (end > start).all():
            cut = tuple(slice(a, b) for a, b in zip(start - corner, end - corner, strict=True))
            ink[start[0] : end[0], start[1] : end[1]] |= inside[cut]
    image = np.repeat(np.where(ink, 0, 255).astype(np.uint8)[..., None], 3, axis=2)
    return tuple(word.scaled(1 / scale) for word in read_words(image))

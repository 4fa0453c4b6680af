"""A figure with its text, and what of it belongs to a panel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from . import text
from .hints import Hints
from .labels import Rereader
from .legend import LegendEntry, legend_entries
from .panels import Frame
from .raster import darkness
from .risk_table import TableRow
from .text import TextLine, Word, split_at_gaps, text_lines

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


def floor_of(frame: Frame, frames: Sequence[Frame], height: int) -> float:
    """Lowest pixel of a panel: where a panel below begins, or the end of the figure."""
    below = [
        other.top
        for other in frames
        if other.top > frame.bottom and other.left < frame.right and other.right > frame.left
    ]
    return min([float(height), *[top - 2 * frame.x.size for top in below]])


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


def panel_lines(
    sheet: Sheet, frame: Frame, rows: Sequence[TableRow], floor: float
) -> list[TextLine]:
    """Lines of text that may name arms: no tick labels, no rows of the table."""
    labels = [t.word for axis in (frame.x, frame.y) for t in axis.labels]
    used = {word.line for word in labels}
    free = [w for w in sheet.words if w.line not in used]
    in_table = [
        line
        for line in text_lines(split_at_gaps(free))
        if not any(abs(line.centre[1] - row.y) < 0.6 * row.size for row in rows)
    ]
    return [line for line in in_table if line.centre[1] < floor]


def legend_places(frame: Frame, floor: float) -> list[tuple[float, float, float, float]]:
    """In the plot and to its right, above it, and below the axis."""
    height, width = frame.bottom - frame.top, frame.right - frame.left
    right = frame.right + 0.6 * width
    return [
        (frame.left, frame.top - 0.3 * height, right, frame.bottom),
        (frame.left - 0.3 * width, frame.bottom, right, floor),
    ]


def shared_legend(sheet: Sheet, frames: Sequence[Frame]) -> list[LegendEntry]:
    """Find a legend above or below all panels of a figure.

    Parameters
    ----------
    sheet : Sheet
    frames : sequence of Frame
        All panels.

    Returns
    -------
    list of LegendEntry
        At least two; none for a figure of one panel, whose legend is its own.
    """
    if len(frames) < 2:
        return []
    top, bottom = min(f.top for f in frames), max(f.bottom for f in frames)
    labels = {t.word.line for f in frames for axis in (f.x, f.y) for t in axis.labels}
    free = split_at_gaps([word for word in sheet.words if word.line not in labels])
    outside = [line for line in text_lines(free) if not top <= line.centre[1] <= bottom]
    height, width = sheet.image.shape[:2]
    entries = legend_entries(sheet.image, outside, [(0.0, 0.0, float(width), float(height))])
    return entries if len(entries) > 1 else []

"""Patches: legends whose samples are discs or squares of a colour, not strokes of line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from .arm_names import is_of_marks, is_remark, may_be_name, split_name
from .colours import LineColour
from .samples import LegendEntry
from .text import TextLine

Image = npt.NDArray[np.uint8]
Box = tuple[float, float, float, float]

_INKED = 22.0  # RGB distance from the ground: patches of bands are pale
_COLOURED = 12.0  # difference of red, green and blue of a patch: grey ones may be anything
_SIDE = (0.5, 1.5)  # of the height of a name: width and height of its patch
_ROUND = (0.75, 1.33)  # width of a patch, of its height
_FULL = 0.62  # share of its box that a disc or a square fills
_EVEN = 14.0  # standard deviation of the colours within it
_REACH = 2.5  # of the height of a name: how far its patch may be
_ONE_PLACE = 0.25  # of the height of a name: how far patches of one legend are from a line
_ONE_HUE = 0.93  # likeness of the hues of a patch and of its line
_DARKER = 0.0004  # for each step of ink: of lines of one hue, edges of bands are the paler ones
_OTHER_COLOUR = 12.0  # RGB distance between the patches of two arms


def patch_entries(
    image: Image, lines: Sequence[TextLine], places: Sequence[Box]
) -> list[LegendEntry]:
    """Find the names that have a patch of colour at their left.

    Parameters
    ----------
    image : ndarray of uint8, shape (height, width, 3)
    lines : sequence of TextLine
        All text of the figure that is neither a tick label nor a number at risk.
    places : sequence of tuple of float
        Where a legend of the panel may be: left, top, right, bottom.

    Returns
    -------
    list of LegendEntry
        At least two, alike, of different colours and in one column or row; else none.
    """
    found = []
    for line in lines:
        x, y = line.centre
        inside = any(a <= x <= c and b <= y <= d for a, b, c, d in places)
        name, n = split_name(line.text)
        other = line.vertical or is_remark(line.text) or is_of_marks(line.text, lines)
        if inside and not other and may_be_name(name):
            patch = _patch_of(image, line)
            if patch is not None:
                rgb, box = patch
                found.append(
                    LegendEntry(
                        name=name, rgb=rgb, filled=1.0, box=box, n=n, score=line.score, patch=True
                    )
                )
    return found if len(found) > 1 and _are_one_legend(found) else []


def in_line_colours(
    entries: Sequence[LegendEntry], colours: Sequence[LineColour]
) -> list[LegendEntry]:
    """Give patches, which may be as pale as bands, the colours of the lines of their hue.

    Parameters
    ----------
    entries : sequence of LegendEntry
    colours : sequence of LineColour
        Of the lines in the plot.

    Returns
    -------
    list of LegendEntry
        Without the patches if one of them has no line of its own.
    """
    from scipy.optimize import linear_sum_assignment

    patches = [entry for entry in entries if entry.patch]
    if not patches:
        return list(entries)
    rest = [entry for entry in entries if not entry.patch]
    inks = [colour for colour in colours if colour.chroma >= _COLOURED]
    if len(inks) < len(patches):
        return rest
    mine, theirs = (
        255.0 - np.array([each.rgb for each in group], dtype=float) for group in (patches, inks)
    )
    strength = np.sqrt((theirs**2).sum(axis=1))
    likeness = mine @ theirs.T / np.outer(np.sqrt((mine**2).sum(axis=1)), strength)
    pairs = list(zip(*linear_sum_assignment(-likeness - _DARKER * strength), strict=True))
    if min(likeness[i, j] for i, j in pairs) < _ONE_HUE:
        return rest
    return [*rest, *(replace(patches[i], rgb=inks[j].rgb) for i, j in pairs)]


def _patch_of(image: Image, line: TextLine) -> tuple[tuple[float, float, float], Box] | None:
    """Colour and box of the disc or square beside a name."""
    from scipy import ndimage

    size = line.size
    top, left = max(int(line.centre[1] - size), 0), max(int(line.x0 - _REACH * size), 0)
    part = image[top : int(line.centre[1] + size) + 1, left : int(line.x0)].astype(np.float64)
    if min(part.shape[:2]) < 4:
        return None
    ground = np.median(part[:, -2:].reshape(-1, 3), axis=0)
    labels, _ = ndimage.label(np.sqrt(((part - ground) ** 2).sum(axis=2)) > _INKED)
    for k, place in reversed(list(enumerate(ndimage.find_objects(labels), start=1))):
        shape = labels[place] == k
        high, wide = shape.shape
        square = _ROUND[0] <= wide / high <= _ROUND[1]
        if not (
            square and _SIDE[0] * size <= min(high, wide) <= max(high, wide) <= _SIDE[1] * size
        ):
            continue
        colours = part[place][ndimage.binary_erosion(shape)]
        if shape.mean() < _FULL or len(colours) < 4 or colours.std(axis=0).max() > _EVEN:
            continue
        red, green, blue = (float(c) for c in np.median(colours, axis=0))
        if max(red, green, blue) - min(red, green, blue) < _COLOURED:
            continue
        rows, columns = place
        x0, y0 = left + columns.start, top + rows.start
        return (red, green, blue), (float(x0), float(y0), float(x0 + wide), float(y0 + high))
    return None


def _are_one_legend(entries: Sequence[LegendEntry]) -> bool:
    """Whether patches are as large as each other, of different colours, in one column or row."""
    boxes = np.array([entry.box for entry in entries])
    rgb = np.array([entry.rgb for entry in entries])
    size = float(np.median(boxes[:, 3] - boxes[:, 1]))
    off = _ONE_PLACE * size + 1.0
    alike = np.ptp(boxes[:, 2:] - boxes[:, :2], axis=0).max() <= off
    lined = np.ptp(boxes[:, 0]) <= off or np.ptp(boxes[:, 1]) <= off
    apart = np.sqrt(((rgb[:, None] - rgb[None, :]) ** 2).sum(axis=2)) + 1e6 * np.eye(len(rgb))
    return bool(alike and lined and apart.min() > _OTHER_COLOUR)

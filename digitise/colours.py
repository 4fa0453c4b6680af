"""Colours of a plotting area: ground, straight lines, and the colours that curves are drawn in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .panels import Frame
from .text import Word

Image = npt.NDArray[np.uint8]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

_FAINTEST = 28.0  # RGB distance from the ground that counts as ink
_SAME_COLOUR = 48.0  # RGB distance within one colour, JPEG noise included
_MAX_COLOURS = 7
_PARTS, _PARTS_DRAWN = 24, 0.9  # a grid line shows ink in nearly all of so many parts of the plot
_STRONG = 35.0  # largest minus smallest of red, green and blue: no grid line is as colourful
_NOISE = 34.0  # RGB distance from a pure mixture, one standard deviation, in a JPEG file
_GREY = 40.0  # largest minus smallest of red, green and blue of a grey line
_NO_BAND = 0.4  # of the strongest line's ink: a band is paler
_FLAT = 0.93  # of the ink beside a pixel: from there on it belongs to the inside of a line
_FRINGE = 0.8  # share of the pixels of a hue that lie beside a line of that hue: its edges


@dataclass(frozen=True, kw_only=True, eq=False)
class Canvas:
    """The plotting area cut out, with what is known of each of its pixels.

    Parameters
    ----------
    rgb : ndarray, shape (height, width, 3)
        Colours, 0 to 255.
    ground : ndarray, shape (height, width, 3)
        Local ground: the plot's background, or the band under the pixel.
    ink : ndarray, shape (height, width)
        RGB distance from the local ground.
    straight : ndarray of bool, shape (height, width)
        Pixels of the frame, the axes, grid lines and guide lines.
    text : ndarray of bool, shape (height, width)
        Pixels in boxes of text and legend samples.
    left, top : int
        Pixel of the figure in the canvas's first column and row.
    """

    rgb: FloatArray
    ground: FloatArray
    ink: FloatArray
    straight: BoolArray
    text: BoolArray
    left: int
    top: int

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width."""
        return self.ink.shape[0], self.ink.shape[1]


@dataclass(frozen=True, kw_only=True)
class LineColour:
    """A colour that lines are drawn in: `rgb` (0 to 255) and how many `pixels` show it."""

    rgb: tuple[float, float, float]
    pixels: int = 0

    @property
    def hex(self) -> str:
        """As in "#1f77b4"."""
        red, green, blue = (round(min(max(value, 0.0), 255.0)) for value in self.rgb)
        return f"#{red:02x}{green:02x}{blue:02x}"

    @property
    def chroma(self) -> float:
        """Largest minus smallest of red, green and blue: 0 for grey."""
        return max(self.rgb) - min(self.rgb)


def cut_out(
    image: Image,
    frame: Frame,
    words: Sequence[Word],
    boxes: Sequence[tuple[float, ...]] = (),
    *,
    inks: Sequence[tuple[float, float, float]] = (),
) -> Canvas:
    """Cut the plotting area out of a figure and separate ground, straight lines and text.

    Parameters
    ----------
    image : ndarray of uint8, shape (height, width, 3)
    frame : Frame
        The panel.
    words : sequence of Word
        All text of the figure.
    boxes : sequence of tuple of float
        Further places to leave out, such as samples of the legend: x0, y0, x1, y1.
    inks : sequence of tuple of float
        Colours of lines, as the legend shows them: no area of a strong one is ground.

    Returns
    -------
    Canvas
    """
    left, top = max(int(frame.left) - 2, 0), max(int(frame.top), 0)
    rgb = image[top : int(frame.bottom) + 1, left : int(frame.right) + 1].astype(np.float64)
    plain = _commonest(rgb)
    straight = _straight_lines(rgb, plain, _inner(frame, left, top))
    straight |= _grid_lines(rgb, plain, frame, corner=(left, top))
    straight &= ~_level_at_start(rgb, frame, top)
    ground = _local_ground(rgb, plain, np.array(inks, dtype=float).reshape(-1, 3))
    ink = np.sqrt(((rgb - ground) ** 2).sum(axis=2))
    text = np.zeros(ink.shape, dtype=bool)
    places = [(w.x0, w.y0, w.x1, w.y1) for w in words if _is_text(w)]
    for x0, y0, x1, y1 in [*places, *boxes]:
        text[
            max(int(y0 - top), 0) : max(int(y1 - top) + 1, 0),
            max(int(x0 - left), 0) : max(int(x1 - left) + 1, 0),
        ] = True
    return Canvas(rgb=rgb, ground=ground, ink=ink, straight=straight, text=text, left=left, top=top)


def _is_text(word: Word) -> bool:
    """Censoring marks are sometimes recognised as "+", "H" or "1"."""
    solid = sum(character.isalnum() for character in word.text)
    marks = set(word.text) <= set("+-|HIl1ti.,'#")
    return solid >= 1 and not marks and word.score > 0.55


def _commonest(rgb: FloatArray) -> FloatArray:
    """Commonest colour."""
    flat = (rgb.reshape(-1, 3) / 8).astype(int)
    codes = flat[:, 0] * 1024 + flat[:, 1] * 32 + flat[:, 2]
    values, counts = np.unique(codes, return_counts=True)
    members = rgb.reshape(-1, 3)[codes == values[np.argmax(counts)]]
    return np.asarray(np.median(members, axis=0))


def _inner(frame: Frame, left: int, top: int) -> tuple[slice, slice]:
    """Rows and columns of the canvas between the outermost ticks."""
    ys = sorted(float(frame.y.pixel(value)) for value in frame.y.values)
    xs = sorted(float(frame.x.pixel(value)) for value in frame.x.values)
    rows = slice(max(int(ys[0]) - top, 0), max(int(ys[-1]) - top, 1))
    return rows, slice(max(int(xs[0]) - left, 0), max(int(xs[-1]) - left, 1))


def _straight_lines(rgb: FloatArray, plain: FloatArray, inner: tuple[slice, slice]) -> BoolArray:
    """Pixels of rows and columns that one colour fills from the first tick to the last."""
    from scipy import ndimage

    away = np.sqrt(((rgb - plain) ** 2).sum(axis=2)) > 7
    found = np.zeros(away.shape, dtype=bool)
    for axis in (0, 1):
        sheet = away if axis == 0 else away.T
        colours = rgb if axis == 0 else rgb.transpose(1, 0, 2)
        marked = found if axis == 0 else found.T
        # dotted and dashed lines count once their gaps are closed
        closed = ndimage.binary_closing(sheet, structure=np.ones((1, 9), dtype=bool))
        share = closed[:, inner[1 - axis]].mean(axis=1)
        for line in np.flatnonzero(share > 0.88):
            own = np.median(colours[line][sheet[line]], axis=0) if sheet[line].any() else plain
            near = np.sqrt(((colours[line] - own) ** 2).sum(axis=1)) < 40
            if near[sheet[line]].mean() > 0.6:
                marked[line] |= near & sheet[line]
    return found


def _grid_lines(
    rgb: FloatArray, plain: FloatArray, frame: Frame, *, corner: tuple[int, int]
) -> BoolArray:
    """Pixels of dotted or dashed lines at the ticks, which run through the whole plot."""
    strength = np.sqrt(((rgb - plain) ** 2).sum(axis=2))
    found = np.zeros(strength.shape, dtype=bool)
    inner = _inner(frame, *corner)
    for axis, scale in ((0, frame.y), (1, frame.x)):
        sheet = strength if axis == 0 else strength.T
        colours = rgb if axis == 0 else rgb.transpose(1, 0, 2)
        marked = found if axis == 0 else found.T
        places = scale.pixel(scale.values) - corner[1 - axis]
        for line in {int(place) + k for place in places for k in (-2, -1, 0, 1, 2)}:
            if not 0 <= line < len(sheet):
                continue
            drawn = sheet[line] > _FAINTEST
            parts = np.array_split(drawn[inner[1 - axis]], _PARTS)
            if np.mean([part.any() for part in parts]) >= _PARTS_DRAWN:
                own = np.median(colours[line][drawn], axis=0)
                marked[line] |= drawn & (np.sqrt(((colours[line] - own) ** 2).sum(axis=1)) < 40)
    return found


def _level_at_start(rgb: FloatArray, frame: Frame, top: int) -> BoolArray:
    """Strong colours on the row of a survival of 1: an arm without events looks like a line."""
    found = np.asarray(np.ptp(rgb, axis=2) >= _STRONG)
    row = float(frame.y.pixel(frame.whole)) - top
    reach = 0.012 * len(rgb) + 1
    away = np.abs(np.arange(len(rgb)) + 0.5 - row) > reach
    found[away] = False
    return found


def _local_ground(rgb: FloatArray, plain: FloatArray, inks: FloatArray) -> FloatArray:
    """Colour without lines: a median over a neighbourhood wider than any line.

    Bands are areas and survive the median; lines, marks and letters do not.
    """
    from scipy import ndimage

    height, width, _ = rgb.shape
    away = np.sqrt(((rgb - plain) ** 2).sum(axis=2)) > 12
    reach = 2 * max(4, round(0.012 * max(height, width))) + 1
    thick = ndimage.binary_opening(away, structure=np.ones((reach // 2, reach // 2), dtype=bool))
    if thick.mean() < 0.002:
        return np.broadcast_to(plain, rgb.shape).copy()
    # every third pixel is enough for a median over so wide a window, and nine times faster
    step = max(2, reach // 5)
    small = rgb[::step, ::step].astype(np.uint8)
    size = max(3, reach // step) | 1
    median = np.stack([ndimage.median_filter(small[:, :, b], size=size) for b in range(3)], axis=2)
    ground = median.repeat(step, axis=0).repeat(step, axis=1)[:height, :width].astype(np.float64)
    # bands are pale; where marks are so dense that they fill an area, the ground is plain
    strength = np.sqrt(((rgb - plain) ** 2).sum(axis=2))
    thin = away & ~ndimage.binary_dilation(thick, iterations=2)
    lines = strength[thin] if thin.mean() > 0.001 else strength[away]
    strongest = float(np.percentile(lines, 97))
    bare = strength < 12
    bare |= np.sqrt(((ground - plain) ** 2).sum(axis=2)) > 0.5 * strongest
    darkness = np.sqrt(((inks - plain) ** 2).sum(axis=1))
    for ink in inks[darkness > _NO_BAND * darkness.max(initial=0.0)]:
        bare |= np.sqrt(((ground - ink) ** 2).sum(axis=2)) < _SAME_COLOUR
    return np.where(bare[:, :, None], plain, ground)


def line_colours(canvas: Canvas) -> list[LineColour]:
    """Find the colours in which curves may be drawn.

    Parameters
    ----------
    canvas : Canvas

    Returns
    -------
    list of LineColour
        Commonest first. Mixtures of a line's colour with the ground, as at the edges of lines,
        are not colours of their own.
    """
    ridge = _ridges(canvas)
    colours, strength = canvas.rgb[ridge], canvas.ink[ridge]
    found: list[LineColour] = []
    members: list[BoolArray] = []
    left = np.ones(len(colours), dtype=bool)
    grounds = _ground_colours(canvas)
    ground = grounds[0]
    for _ in range(3 * _MAX_COLOURS):
        if left.sum() <= 8 or len(found) == _MAX_COLOURS:
            break
        peak = _densest(colours[left], strength[left])
        distance = np.sqrt(((colours - peak) ** 2).sum(axis=1))
        mine = (distance < _SAME_COLOUR) & left
        beside = _beside(ridge, mine)
        left &= ~mine & ~(_is_mixture(colours, peak, ground) & beside)
        if mine.sum() < 0.08 * canvas.shape[1] or _near_any(peak, grounds, 32.0):
            continue
        stronger = _merged(found, peak, ground)
        if stronger is not None:
            found = stronger
            continue
        if any(
            same_hue(LineColour(rgb=(peak[0], peak[1], peak[2])), other)
            and _beside(ridge, theirs)[mine].mean() > _FRINGE
            for other, theirs in zip(found, members, strict=True)
        ):
            continue
        members.append(mine)
        best = mine & (distance < 0.6 * _SAME_COLOUR)
        rgb = np.median(colours[best], axis=0) if best.any() else peak
        found.append(LineColour(rgb=(rgb[0], rgb[1], rgb[2]), pixels=int(mine.sum())))
    return found


def _ground_colours(canvas: Canvas) -> FloatArray:
    """Colours that fill at least 1% of the plot as ground, commonest first: plain and bands."""
    flat = (canvas.ground[::2, ::2].reshape(-1, 3) / 12).round().astype(int)
    codes, counts = np.unique(flat @ np.array([1024, 32, 1]), return_counts=True)
    cells = np.stack([codes // 1024, codes // 32 % 32, codes % 32], axis=1)
    order = np.argsort(-counts, kind="stable")
    common = [k for k in order if counts[k] > 0.01 * counts.sum()]
    return np.asarray(cells[common] * 12.0)


def _near_any(colour: FloatArray, colours: FloatArray, reach: float) -> bool:
    return bool((np.sqrt(((colours - colour) ** 2).sum(axis=1)) < reach).any())


def _merged(
    found: Sequence[LineColour], peak: FloatArray, ground: FloatArray
) -> list[LineColour] | None:
    """Return the colours found if the new one is one of them, paler or stronger."""
    for k, other in enumerate(found):
        rgb = np.asarray(other.rgb)
        if _nearly_same(peak, rgb, ground):
            return list(found)
        if _nearly_same(rgb, peak, ground):
            stronger = LineColour(rgb=(peak[0], peak[1], peak[2]), pixels=other.pixels)
            return [*found[:k], stronger, *found[k + 1 :]]
    return None


def same_hue(colour: LineColour, other: LineColour) -> bool:
    """Whether a colour differs from another only in how dark it is and how much grey is in it."""
    one, two = np.asarray(colour.rgb), np.asarray(other.rgb)
    if other.chroma < _GREY:
        return colour.chroma < _GREY  # what is beside grey ink is no colour
    one, two = one - one.mean(), two - two.mean()
    return bool(one @ two > 0.9 * np.sqrt((one @ one) * (two @ two)))


def _nearly_same(colour: FloatArray, other: FloatArray, ground: FloatArray) -> bool:
    """Whether a colour is a line's colour a little diluted, as pixels beside its middle are."""
    way = other - ground
    part = float((colour - ground) @ way) / max(float(way @ way), 1.0)
    off = colour - ground - part * way
    return bool(0.62 < part < 1.15 and np.sqrt(off @ off) < 24)


def _beside(ridge: BoolArray, mine: BoolArray) -> BoolArray:
    """Which ridge pixels lie within two pixels of those of a colour."""
    from scipy import ndimage

    sheet = np.zeros(ridge.shape, dtype=bool)
    sheet[ridge] = mine
    return np.asarray(ndimage.binary_dilation(sheet, structure=np.ones((5, 5), dtype=bool))[ridge])


def _ridges(canvas: Canvas) -> BoolArray:
    """Pixels with more ink than their neighbours across the line."""
    from scipy import ndimage

    ink = canvas.ink
    # the inside of a thick line counts, too: its edges alone may be of another colour in a JPEG
    across = ink >= _FLAT * ndimage.maximum_filter(ink, size=(3, 1))
    along = ink >= _FLAT * ndimage.maximum_filter(ink, size=(1, 3))
    usable = ~canvas.text & ~canvas.straight & (ink > _FAINTEST)
    return np.asarray((across | along) & usable)


def _densest(colours: FloatArray, strength: FloatArray) -> FloatArray:
    """Mean of the fullest cell of a colour histogram, weighted by strength of ink."""
    cells = (colours / 20).astype(int)
    codes = cells[:, 0] * 400 + cells[:, 1] * 20 + cells[:, 2]
    weights = np.bincount(codes, strength)
    members = colours[codes == int(np.argmax(weights))]
    return np.asarray(members.mean(axis=0))


def _is_mixture(colours: FloatArray, line: FloatArray, ground: FloatArray) -> BoolArray:
    """Whether colours lie on the way from the ground to a line's colour, or just past it."""
    way = line - ground
    part = ((colours - ground) @ way) / max(float(way @ way), 1.0)
    off = np.sqrt(((colours - ground - part[:, None] * way) ** 2).sum(axis=1))
    return np.asarray((off < 30) & (part < 0.72) & (part > 0.0))


def likeness(canvas: Canvas, colour: LineColour, others: Sequence[LineColour]) -> FloatArray:
    """How much of a line's colour is in each pixel, 0 to 1.

    Parameters
    ----------
    canvas : Canvas
    colour : LineColour
        The line's colour.
    others : sequence of LineColour
        Colours of the other lines.

    Returns
    -------
    ndarray, shape (height, width)

    Notes
    -----
    A pixel is a mixture of ground and line: p = (1 - a) g + a c. The share a is estimated by
    least squares and weighted by how well the mixture fits. Edges of a darker line of the same
    hue look like a lighter line; they are told by the darker pixels next to them.
    """
    from scipy import ndimage

    inked = (canvas.ink > 12.0) & ~canvas.straight
    where = np.nonzero(inked)
    rgb, ground = canvas.rgb[where], canvas.ground[where]
    share, off = _mixture(rgb, ground, colour)
    like = np.clip(share, 0.0, 1.0) * np.exp(-0.5 * (off / _NOISE) ** 2)
    for other in others:
        other_share, other_off = _mixture(rgb, ground, other)
        if _darker_of_same_hue(other, colour, canvas):
            fits_better = (other_off < 60) & (other_off < off + 6)
            strong = _sheet(other_share * fits_better, where, canvas.shape)
            like = np.where(ndimage.maximum_filter(strong, size=3)[where] > 0.8, 0.0, like)
        else:
            better = (other_off < off - 12) & (other_share > 0.3)
            like = np.where(better, like * 0.3, like)
    if any(_darker_of_same_hue(colour, other, canvas) for other in others):
        strong = ndimage.maximum_filter(_sheet(share, where, canvas.shape), size=3)[where]
        like = np.where(strong < 0.72, like * 0.25, like)
    return _sheet(like, where, canvas.shape)


def _sheet(values: FloatArray, where: Any, shape: tuple[int, int]) -> FloatArray:
    sheet = np.zeros(shape)
    sheet[where] = values
    return sheet


def _mixture(
    rgb: FloatArray, ground: FloatArray, colour: LineColour
) -> tuple[FloatArray, FloatArray]:
    """Share of the line's colour in each pixel, and the RGB distance from that mixture."""
    way = np.asarray(colour.rgb) - ground
    square = np.maximum((way**2).sum(axis=1), 900.0)
    away = rgb - ground
    share = (away * way).sum(axis=1) / square
    off = np.sqrt(((away - share[:, None] * way) ** 2).sum(axis=1))
    # more ink than the colour itself holds: a darker line
    off = off + 60.0 * np.clip(share - 1.25, 0.0, None)
    return share, off


def _darker_of_same_hue(one: LineColour, other: LineColour, canvas: Canvas) -> bool:
    """Whether `other` looks like a mixture of `one` with the ground."""
    ground = np.median(canvas.ground.reshape(-1, 3), axis=0)
    way = np.asarray(one.rgb) - ground
    part = float((np.asarray(other.rgb) - ground) @ way) / max(float(way @ way), 1.0)
    off = np.asarray(other.rgb) - ground - part * way
    return bool(0.1 < part < 0.85 and np.sqrt(off @ off) < 40)

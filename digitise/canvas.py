"""The plotting area cut out of a figure: ground, straight lines and text apart from the curves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .panels import Frame
from .text import TextLine, Word

Image = npt.NDArray[np.uint8]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

_PARTS, _PARTS_DRAWN = 24, 0.9  # a grid line shows ink in nearly all of so many parts of the plot
_STRONG = 35.0  # largest minus smallest of red, green and blue: no grid line is as colourful
_NO_BAND = 0.4  # of the strongest line's ink: a band is paler
_END = 0.05  # of the plot: a line that is missing there is the long level of a curve
SAME_COLOUR = 48.0  # RGB distance within one colour, JPEG noise included
_LETTER_INK = 60.0  # RGB distance from the ground: letters and lines, not what lies between them
_SAMPLE = 0.3  # of its width: a line may reach half as far beyond a box and still be part of it
_SURE = 0.75  # score of a word below which it may be marks and steps
_IDEOGRAPHS = 0x2E80  # first code point of East Asian characters
_EDGE = 0.25  # of the height of a line of text, above and below, that is not looked at
FAINTEST = 28.0  # RGB distance from the ground that counts as ink


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

    def covered(self, *, flipped: bool) -> FloatArray:
        """Where text or straight lines may cover a curve, 0 to 1; upside down for incidence."""
        sheet: FloatArray = np.maximum(self.text, 0.5 * self.straight)
        return sheet[::-1] if flipped else sheet


@dataclass(frozen=True, kw_only=True)
class Start:
    """Where every curve begins: column of time 0, row of survival 1, and how sure the row is.

    `foot` is the row of survival 0, infinite if it is not known.
    """

    column: int
    row: float
    slack: float
    foot: float = np.inf


def runs(flags: BoolArray) -> list[tuple[int, int]]:
    """Stretches of a row of flags that are set: the first place, and the one after the last."""
    edges = np.diff(np.concatenate([[0], flags.astype(np.int8), [0]]))
    starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    return list(zip(starts.tolist(), ends.tolist(), strict=True))


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
    through = _through(np.where(straight, 0.0, ink))
    lines = Counter(word.line for word in words)
    texts = [w for w in words if _is_text(w, alone=lines[w.line] == 1)]
    places = [(w.x0, w.y0, w.x1, w.y1) for w in texts]
    for x0, y0, x1, y1 in [*places, *boxes]:
        place = (
            slice(max(int(y0 - top), 0), max(int(y1 - top) + 1, 0)),
            slice(max(int(x0 - left), 0), max(int(x1 - left) + 1, 0)),
        )
        text[place] |= ~through(place, 0.5 * max(y1 - y0, _SAMPLE * (x1 - x0)))
    return Canvas(rgb=rgb, ground=ground, ink=ink, straight=straight, text=text, left=left, top=top)


def _through(ink: FloatArray) -> Callable[[tuple[slice, slice], float], BoolArray]:
    """Return what finds, within a box, the lines that run so far beyond it: they are no letters."""
    from scipy import ndimage

    labels, count = ndimage.label(ink > _LETTER_INK, structure=np.ones((3, 3), dtype=int))
    places = ndimage.find_objects(labels, count)
    ends = np.array([(0, 0), *((at[1].start, at[1].stop) for at in places)]).reshape(-1, 2)

    def within(box: tuple[slice, slice], reach: float) -> BoolArray:
        beyond = (ends[:, 0] < box[1].start - reach) | (ends[:, 1] > box[1].stop + reach)
        beyond[0] = False
        return np.asarray(beyond[labels[box]])

    return within


def _is_text(word: Word, *, alone: bool = False) -> bool:
    """Censoring marks are sometimes recognised as "+", "H" or "1", and steps as ideographs.

    A single character that stands alone is no text, either: a step with a dash reads as "5".
    """
    solid = sum(c.isalnum() and ord(c) < _IDEOGRAPHS for c in word.text)
    marks = set(word.text) <= set("+-|HIl1ti.,'#")
    letter = alone and len(word.text) == 1
    return solid >= 1 and not marks and not letter and word.score > _SURE


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

    strength = np.sqrt(((rgb - plain) ** 2).sum(axis=2))
    found = np.zeros(strength.shape, dtype=bool)
    for axis in (0, 1):
        away = strength if axis == 0 else strength.T
        sheet = away > 7
        colours = rgb if axis == 0 else rgb.transpose(1, 0, 2)
        marked = found if axis == 0 else found.T
        # dotted and dashed lines count once their gaps are closed
        closed = ndimage.binary_closing(sheet, structure=np.ones((1, 9), dtype=bool))
        share = closed[:, inner[1 - axis]].mean(axis=1)
        for line in np.flatnonzero(share > 0.88):
            own = np.median(colours[line][sheet[line]], axis=0) if sheet[line].any() else plain
            near = np.sqrt(((colours[line] - own) ** 2).sum(axis=1)) < 40
            begins = _begins(away[line][inner[1 - axis]], own - plain)
            if near[sheet[line]].mean() > 0.6 and begins:
                marked[line] |= near & sheet[line]
    return found


def _begins(strength: FloatArray, own: FloatArray) -> bool:
    """Whether a line is drawn at both ends of the plot, where the level of a curve is not."""
    from scipy import ndimage

    drawn = strength > 0.5 * float(np.sqrt((own**2).sum()))
    closed = ndimage.binary_closing(drawn, structure=np.ones(9, dtype=bool))
    ends = max(round(_END * len(strength)), 6)
    # the other axis's line stands in the first columns
    return all(part.mean() > 0.4 for part in (closed[3 : 3 + ends], closed[-3 - ends : -3]))


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
            drawn = sheet[line] > FAINTEST
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
    # lines that run within bands are no thin ones: the legend shows how strong they are
    darkness = np.sqrt(((inks - plain) ** 2).sum(axis=1))
    strongest = max(float(np.percentile(lines, 97)), float(darkness.max(initial=0.0)))
    bare = strength < 12
    bare |= np.sqrt(((ground - plain) ** 2).sum(axis=2)) > 0.5 * strongest
    for ink in inks[darkness > _NO_BAND * darkness.max(initial=0.0)]:
        bare |= np.sqrt(((ground - ink) ** 2).sum(axis=2)) < SAME_COLOUR
    return np.where(bare[:, :, None], plain, ground)


def letter_colour(image: Image, line: TextLine) -> tuple[FloatArray, FloatArray]:
    """Colour of the letters, and of the ground between them."""
    edge = _EDGE * (line.y1 - line.y0)  # a curve may run along the edge of the box
    top, bottom = int(line.y0 + edge), int(line.y1 - edge) + 1
    crop = image[top:bottom, int(line.x0) : int(line.x1) + 1]
    flat = crop.reshape(-1, 3).astype(float)
    if len(flat) == 0:
        return np.zeros(3), np.full(3, 255.0)
    ground = np.median(flat, axis=0)
    away = np.sqrt(((flat - ground) ** 2).sum(axis=1))
    strong = away >= np.percentile(away, 92)
    return np.asarray(np.median(flat[strong], axis=0)), np.asarray(ground)

"""Colours of a plotting area: ground, straight lines, those of curves, and their shades."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .canvas import FAINTEST, SAME_COLOUR, Canvas

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

_MAX_COLOURS = 7
_NOISE = 34.0  # RGB distance from a pure mixture, one standard deviation, in a JPEG file
_OF_ONE_HUE = 60.0  # RGB distance of a paler line from the mixtures of a darker one with the ground
_OF_NOISE = 40.0  # the same for a colour that few pixels have
_COMMON = 0.25  # of another line's pixels: from there on a colour is that of a line
_OF_DARKER = 0.72  # share of the darker of two shades that the middle of its line has at least
_GREY = 40.0  # largest minus smallest of red, green and blue of a grey line
_FLAT = 0.93  # of the ink beside a pixel: from there on it belongs to the inside of a line
_LONG = 0.5  # of the plot's width: length of a line whose shade is one of its own
_TOGETHER = 0.85  # share of that length where a line of another shade is seen, too
_UNMARKED = 0.1  # share of a line's pixels that marks leave, at least
_AS_MUCH = 0.55  # ink across a line, of that of another, from which both may be one
_FRINGE = 0.8  # share of the pixels of a hue that lie beside a line of that hue: its edges
_COMMON_GREY = 0.1  # of the commonest grey's pixels: what a line shows at least
_TINTED = 25.0  # largest minus smallest of red, green and blue of a sample that is no grey
ANOTHER_GREY = 24.0  # difference of the greys of two samples that are two


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
    grounds = ground_colours(canvas)
    ground = grounds[0]
    for _ in range(3 * _MAX_COLOURS):
        if left.sum() <= 8 or len(found) == _MAX_COLOURS:
            break
        peak = _densest(colours[left], strength[left])
        distance = np.sqrt(((colours - peak) ** 2).sum(axis=1))
        mine = (distance < SAME_COLOUR) & left
        beside = _beside(ridge, mine)
        left &= ~mine & ~(_is_mixture(colours, peak, ground) & beside)
        if mine.sum() < 0.08 * canvas.shape[1] or _near_any(peak, grounds, 32.0):
            continue
        colour = LineColour(rgb=(peak[0], peak[1], peak[2]))
        stronger = None if _is_beside_all(ridge, mine, members) else _merged(found, peak, ground)
        if stronger is not None:
            found = stronger
            continue
        if any(
            same_hue(colour, other) and _beside(ridge, theirs)[mine].mean() > _FRINGE
            for other, theirs in zip(found, members, strict=True)
        ):
            continue
        members.append(mine)
        best = mine & (distance < 0.6 * SAME_COLOUR)
        rgb = np.median(colours[best], axis=0) if best.any() else peak
        found.append(LineColour(rgb=(rgb[0], rgb[1], rgb[2]), pixels=int(mine.sum())))
    greys = [mine for c, mine in zip(found, members, strict=True) if c.chroma < _GREY]
    alike = len(greys) > 1 and _have_equal_ink(canvas, ridge, greys)
    return one_grey(found) if alike else found


def ground_colours(canvas: Canvas) -> FloatArray:
    """Find the colours that fill at least 1% of the plot as ground: plain and bands.

    Parameters
    ----------
    canvas : Canvas

    Returns
    -------
    ndarray, shape (k, 3)
        Commonest first, to 12 levels of each.
    """
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


def _is_beside_all(ridge: BoolArray, mine: BoolArray, members: Sequence[BoolArray]) -> bool:
    """Whether a colour has a line of its own, above or below those of all colours found so far.

    Where a thin line lies between two pixels it is paler, but then it is nowhere else.
    """
    columns = np.nonzero(ridge)[1]
    for theirs in members:
        apart = np.unique(columns[mine & ~_beside(ridge, theirs)])
        if len(apart) < _LONG * ridge.shape[1]:
            return False
        if np.isin(apart, columns[theirs]).mean() < _TOGETHER:
            return False
    return bool(members)


def _have_equal_ink(canvas: Canvas, ridge: BoolArray, greys: Sequence[BoolArray]) -> bool:
    """Whether lines of all shades of grey have as much ink across.

    A thin line that lies between two pixels is paler there, in both of them; a pale line has less.
    What is between marks counts: they make a line thicker.
    """
    from scipy import ndimage

    sums = [ndimage.uniform_filter1d(canvas.ink, 5, axis=axis)[ridge] for axis in (0, 1)]
    across = [float(np.quantile(np.minimum(*sums)[mine], _UNMARKED)) for mine in greys]
    return min(across) > _AS_MUCH * max(across)


def _ridges(canvas: Canvas) -> BoolArray:
    """Pixels with more ink than their neighbours across the line."""
    from scipy import ndimage

    ink = canvas.ink
    # the inside of a thick line counts, too: its edges alone may be of another colour in a JPEG
    across = ink >= _FLAT * ndimage.maximum_filter(ink, size=(3, 1))
    along = ink >= _FLAT * ndimage.maximum_filter(ink, size=(1, 3))
    usable = ~canvas.text & ~canvas.straight & (ink > FAINTEST)
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
        if _shade(other, colour, canvas) is not None:
            fits_better = (other_off < 60) & (other_off < off + 6)
            strong = _sheet(other_share * fits_better, where, canvas.shape)
            like = np.where(ndimage.maximum_filter(strong, size=3)[where] > 0.8, 0.0, like)
        else:
            better = (other_off < off - 12) & (other_share > 0.3)
            like = np.where(better, like * 0.3, like)
    paler = {o: s for o in others if (s := _shade(colour, o, canvas)) is not None}
    if paler:
        strong = ndimage.maximum_filter(_sheet(share, where, canvas.shape), size=3)[where]
        halfway = [(1.0 + s) / 2 for o, s in paler.items() if _is_as_common(o, colour)]
        least = max([_OF_DARKER, *halfway])
        like = np.where(strong < least, like * 0.25, like)
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


def _shade(one: LineColour, other: LineColour, canvas: Canvas) -> float | None:
    """Share of `one` in the mixture with the ground that `other` looks like; None if like none."""
    ground = np.median(canvas.ground.reshape(-1, 3), axis=0)
    way = np.asarray(one.rgb) - ground
    part = float((np.asarray(other.rgb) - ground) @ way) / max(float(way @ way), 1.0)
    off = np.asarray(other.rgb) - ground - part * way
    reach = _OF_ONE_HUE if _is_as_common(other, one) else _OF_NOISE
    return part if 0.1 < part < 0.85 and np.sqrt(off @ off) < reach else None


def _is_as_common(colour: LineColour, other: LineColour) -> bool:
    """Whether a colour is that of a line, as the legend or the number of its pixels says."""
    return colour.pixels == 0 or colour.pixels >= _COMMON * other.pixels


def is_black(rgb: Sequence[float] | FloatArray) -> bool:
    """Whether letters are black or dark grey, so that their colour names no curve."""
    return max(rgb) - min(rgb) < 40 and max(rgb) < 130


def colour_distance(
    rgb: FloatArray, ground: FloatArray, line: Sequence[float], *, mixed: float = 1.0
) -> float:
    """Return the distance of a line's colour from that of letters, up to `mixed` with a ground.

    Parameters
    ----------
    rgb, ground : ndarray of float, shape (3,)
        Colours of the letters and of what is between them, 0 to 255.
    line : sequence of float
    mixed : float
        1 where the letters' colour is known.
    """
    ink = rgb - ground
    share = np.linspace(1.0, mixed, 21)
    purer = ground + share[:, None] * ink
    off = np.asarray(line) - purer
    return float(np.sqrt((off**2).sum(axis=1)).min())


def without_shades(
    known: Sequence[LineColour], places: Sequence[int]
) -> tuple[list[LineColour], list[int]]:
    """Join stronger shades of a sample's colour, which no sample has, with it.

    A thin line lies between two pixels and a JPEG file takes colour from it, so that its marks, and
    places where it is thicker, look like a line of another shade.
    """
    named = list(dict.fromkeys(places))
    shades: dict[int, list[LineColour]] = {k: [known[k]] for k in named}
    rest = []
    for j, colour in enumerate(known):
        if j in shades:
            continue
        alike = [k for k in named if _is_stronger_shade(colour, known[k])]
        if alike:
            shades[alike[_nearest(colour, [known[k] for k in alike])]].append(colour)
        else:
            rest.append(colour)
    joined = [_joined(shades[k]) for k in named]
    return [*joined, *rest], [named.index(place) for place in places]


def _joined(shades: Sequence[LineColour]) -> LineColour:
    """One colour for all shades: the darkest grey, or the mean of a hue."""
    if len(shades) == 1:
        return shades[0]
    if shades[0].chroma < _TINTED:
        return min(shades, key=lambda c: sum(c.rgb))
    weights = [max(shade.pixels, 1) for shade in shades]
    red, green, blue = np.average([shade.rgb for shade in shades], axis=0, weights=weights)
    return LineColour(rgb=(float(red), float(green), float(blue)), pixels=sum(weights))


def _nearest(colour: LineColour, others: Sequence[LineColour]) -> int:
    away = np.array([other.rgb for other in others]) - np.asarray(colour.rgb)
    return int(np.argmin((away**2).sum(axis=1)))


def _is_stronger_shade(colour: LineColour, other: LineColour) -> bool:
    """Whether a colour is another with more ink, and no rest of axes or letters."""
    darker = sum(colour.rgb) < sum(other.rgb) - ANOTHER_GREY
    found = other.pixels > 0 and colour.pixels >= _COMMON_GREY * other.pixels
    return darker and found and same_hue(colour, other)


def one_grey(colours: list[LineColour]) -> list[LineColour]:
    """Replace all greys by the darkest: the others are thin lines that lie between two pixels."""
    greys = [c for c in colours if c.chroma < 40]
    if not greys:
        return colours
    least = _COMMON_GREY * max(c.pixels for c in greys)  # rests of axes and letters are fewer
    darkest = min((c for c in greys if c.pixels >= least), key=lambda c: sum(c.rgb))
    return [darkest, *[c for c in colours if c.chroma >= 40]]


def hue_distance(one: FloatArray, other: FloatArray) -> float:
    """Distance of two colours; a thin sample is paler than the line, so paleness counts half."""
    plain = float(np.sqrt(((one - other) ** 2).sum()))
    chroma = float(np.ptp(other))
    if chroma >= _TINTED and np.ptp(one) < max(0.6 * chroma, min(chroma, 40.0)):
        return plain  # grey never pales into a hue
    way = one - 255.0
    part = float(np.clip(((other - 255.0) @ way) / max(float(way @ way), 1.0), 0.45, 1.0))
    mixed = 255.0 + part * way
    return min(plain, float(np.sqrt(((mixed - other) ** 2).sum())) + 55.0 * (1.0 - part))

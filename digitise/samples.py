"""Samples of line beside names and rows: how they are drawn, and whose colour they have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from .canvas import runs
from .colours import ANOTHER_GREY, LineColour, hue_distance, one_grey, without_shades

Image = npt.NDArray[np.uint8]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

_INKED = 40.0  # distance from the ground in RGB
_OTHER_INK = 60.0  # the same between two pieces of a stroke: the last is a letter
_SOLID_SAMPLE = 0.93  # share of a sample that is ink: below it, dashes may look like paler ink
_ONE_DASH = 0.04  # difference of the shares of ink of samples that are dashed alike, or not at all
_BAND = 16.0  # RGB distance of a sample from the colour of a band within which it shows the band
_DASHES = 0.5  # share of ink of a sample whose line was not seen
_OTHER_SHADE = 75.0  # RGB distance of two samples that are two shades
_STEP = (0.7, 3.0)  # width of a sample that is a step, in letters' heights
_THICK = 0.25  # of letters' height: no line of a sample is thicker
_ONE_GREY = 45.0  # levels by which samples of one grey differ
_DILUTED = 80.0  # the same of thin dashes, whose ends and edges are mixed with the ground


@dataclass(frozen=True, kw_only=True)
class LegendEntry:
    """A name with a sample of its line.

    Parameters
    ----------
    name : str
        As written, without "(n=318)".
    rgb : tuple of float
        Colour of the sample, 0 to 255.
    filled : float
        Share of the sample's length that is ink: near 1 for a solid line.
    box : tuple of float
        Left, top, right and bottom of the sample, in pixels of the figure.
    n : int or None
        Number of patients, where the legend states it.
    score : float
        How sure the recognition of the name was, 0 to 1.
    raised : float
        How far the sample stands above the middle of the text, in letters' heights.
    patch : bool
        Whether the sample is a disc or a square, which may have the colour of a band.
    """

    name: str
    rgb: tuple[float, float, float]
    filled: float
    box: tuple[float, float, float, float]
    n: int | None = None
    score: float = 1.0
    raised: float = 0.0
    patch: bool = False


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A stroke: its first and last column and its row, its colour and share of ink."""

    start: int
    end: int
    row: int
    rgb: tuple[float, float, float]
    filled: float


def sample_in(
    strip: FloatArray, size: float, reach: float = 2.2, least: float = 0.9
) -> Sample | None:
    """Find a horizontal stroke near the right end of a strip.

    Parameters
    ----------
    strip : ndarray, shape (height, width, 3)
        What stands at the left of a name, as high as its letters.
    size : float
        Height of the letters in pixels.
    reach : float
        How far from the right end the stroke may end, in letters' heights.
    least : float
        Length of the shortest stroke, in letters' heights.

    Returns
    -------
    Sample or None
    """
    if strip.shape[0] < 3 or strip.shape[1] < 1.2 * size:
        return None
    # between a sample and its text there is always a little bare ground, if only one column
    gap = np.median(strip[:, -max(3, round(0.3 * size)) :], axis=0)
    ground = gap[int(np.argmax(gap.sum(axis=1)))]
    ink = np.sqrt(((strip - ground) ** 2).sum(axis=2))
    ink[(ink > _INKED).mean(axis=1) > 0.97] = 0.0  # a line of the grid, which runs through
    margin = round(0.22 * len(strip))
    thin = max(1, round(0.08 * size))
    walls = _narrow_walls(ink, size)
    bare = np.where(walls, 0.0, ink)  # the corner of a box goes on one way only
    best: tuple[float, int, int, int] = (0.0, 0, 0, 0)
    for row in range(margin, len(strip) - margin):
        stroke = ink[max(row - thin, 0) : row + thin + 1].max(axis=0) > _INKED
        span = _last_span(stroke & ~walls, size, least=least)
        if span is None:
            continue
        start, end = span
        end = _without_letter(strip, ink, (row, start, end), thin=thin)
        if strip.shape[1] - end > reach * size or (start == 0 and end - start > 5.5 * size):
            continue
        if _is_step(bare, row, start) or _is_step(bare, row, end - 1):
            continue
        seen = ink[row, start:end]
        best = max(best, (float(seen[seen > _INKED].sum()), row, start, end))
    if best[0] == 0.0:
        return _step_sample(strip, ink, size, reach=reach)
    return _described(strip, ink, best[1:], thin=thin)


def _step_sample(strip: FloatArray, ink: FloatArray, size: float, *, reach: float) -> Sample | None:
    """Sample drawn as one step of a curve that begins and ends there: SPSS draws legends so."""
    from scipy import ndimage

    labels, _ = ndimage.label(ink > _INKED, structure=np.ones((3, 3), dtype=int))
    for k, place in reversed(list(enumerate(ndimage.find_objects(labels), start=1))):
        shape, columns = labels[place] == k, place[1]
        wide = shape.shape[1]
        alone = columns.start > 0 and columns.stop < strip.shape[1]
        near = strip.shape[1] - columns.stop <= reach * size
        if not (alone and near and _STEP[0] * size < wide < _STEP[1] * size):
            continue
        if not _is_one_step(shape, size):
            continue
        strong = shape & (ink[place] >= 0.9 * ink[place][shape].max())
        red, green, blue = np.median(strip[place][strong], axis=0)
        return Sample(
            start=columns.start,
            end=columns.stop,
            row=(place[0].start + place[0].stop) // 2,
            rgb=(float(red), float(green), float(blue)),
            filled=1.0,
        )
    return None


def _is_one_step(shape: BoolArray, size: float) -> bool:
    """Whether a shape is a level, a rise or fall in its middle, and another level."""
    high, wide = shape.shape
    half, thick = wide // 2, max(2, round(_THICK * size))
    levels = [
        np.flatnonzero(part.any(axis=1))
        for part in (shape[:, : half - thick], shape[:, half + thick :])
    ]
    flat = all(len(level) and np.ptp(level) < thick for level in levels)
    return flat and high > 2 * thick - 1 and abs(levels[0].mean() - levels[1].mean()) > high / 2 - 1


def _narrow_walls(ink: FloatArray, size: float) -> BoolArray:
    """Columns of upright lines: the border of a plot or of a box around the legend."""
    from scipy import ndimage

    upright = (ink > _INKED).mean(axis=0) > 0.85
    wide = ndimage.binary_opening(
        np.pad(upright, 4), np.ones(max(3, round(0.3 * size)) + 1, dtype=bool)
    )[4:-4]  # the patch of a band
    return np.asarray(upright & ~wide, dtype=bool)


def _without_letter(
    strip: FloatArray, ink: FloatArray, place: tuple[int, int, int], *, thin: int
) -> int:
    """End of a stroke without a letter, of another colour or at the strip's end, behind it."""
    row, start, end = place
    top = max(row - thin, 0)
    band = ink[top : row + thin + 1, start:end]
    colours = strip[top + band.argmax(axis=0), np.arange(start, end)]
    inked = band.max(axis=0) > _INKED
    while True:  # a letter may be cut into several pieces
        starts = np.flatnonzero(np.diff(np.concatenate([[0], inked.astype(np.int8)])) == 1)
        before = np.flatnonzero(inked[: starts[-1]]) if len(starts) else starts
        if len(before) == 0:
            return end
        tail = np.flatnonzero(inked[starts[-1] :]) + starts[-1]
        off = np.median(colours[tail], axis=0) - np.median(colours[before], axis=0)
        touching = start + tail[-1] + 1 == strip.shape[1]  # where the name begins
        other = np.sqrt((off**2).sum()) > _OTHER_INK
        if not (other or touching) or len(tail) >= len(before):
            return end
        end = start + int(before[-1]) + 1
        inked[starts[-1] :] = False


def _is_step(ink: FloatArray, row: int, column: int) -> bool:
    """Whether a stroke goes on upwards or downwards where it ends, as a curve does.

    A line that goes on both ways is a border or a guide.
    """
    around = ink[:, max(column - 2, 0) : column + 3] > _INKED
    up, down = around[: row + 1].all(axis=0), around[row:].all(axis=0)
    return bool((up.any() or down.any()) and not (up & down).any())


def _last_span(stroke: BoolArray, size: float, *, least: float) -> tuple[int, int] | None:
    """Start and end of the last stroke that is long enough; the gaps of dashes are closed."""
    from scipy import ndimage

    closed = ndimage.binary_closing(
        np.pad(stroke, 12), np.ones(max(3, round(0.55 * size)), dtype=bool)
    )[12:-12]
    long = [(a, b) for a, b in runs(closed) if b - a >= least * size]
    return long[-1] if long else None


def _described(
    strip: FloatArray, ink: FloatArray, place: tuple[int, int, int], *, thin: int
) -> Sample | None:
    """Measure the stroke in a row from a start to an end."""
    row, start, end = place
    band = slice(max(row - thin, 0), row + thin + 1)
    upright = (ink[:, start:end] > _INKED).mean(axis=0) > 0.85
    part = ink[band, start:end]
    if upright.mean() < 0.3:  # a mark on the sample; more would be the patch of a band
        part = np.where(upright, 0.0, part)
    if not (part > _INKED).any():  # nothing but the border of a box
        return None
    # the edges of a thin line are mixed with the ground
    strong = part >= 0.93 * np.percentile(part[part > _INKED], 90)
    red, green, blue = np.median(strip[band, start:end][strong], axis=0)
    if min(red, green, blue) > 235:
        return None
    stroke = ink[band, start:end].max(axis=0) > _INKED
    return Sample(
        start=start,
        end=end,
        row=row,
        rgb=(float(red), float(green), float(blue)),
        filled=_filled(stroke),
    )


def _filled(stroke: BoolArray) -> float:
    """Share of a sample that is ink: 1 for a solid one, which a letter may end."""
    longest = max((b - a for a, b in runs(stroke)), default=0)
    return 1.0 if longest > 0.7 * len(stroke) else float(stroke.mean())


def nearest_colour(entry: LegendEntry, colours: Sequence[LineColour]) -> int:
    """Place of the colour that is most like that of a sample; at least one colour is given."""
    off = [np.abs(np.subtract(colour.rgb, entry.rgb)).sum() for colour in colours]
    return int(np.argmin(off))


def counts_by_colour(
    entries: Sequence[LegendEntry],
    colours: Sequence[LineColour],
    grounds: Sequence[tuple[float, ...]] = (),
) -> tuple[list[LineColour], dict[int, int], list[int]]:
    """Match the samples of a legend to the colours found in the plot.

    Parameters
    ----------
    entries : sequence of LegendEntry
    colours : sequence of LineColour
    grounds : sequence of tuple of float, optional
        Colours of the plot's ground and of its bands.

    Returns
    -------
    tuple
        The colours (a sample's own colour is added where none is near), how many entries each
        colour has, and the colour of each entry.
    """
    entries = [_without_band(entry, colours, grounds) for entry in entries]
    known = one_grey(list(colours)) if _same_grey(entries) else list(colours)
    shades = _shades(entries)
    if shades:
        known = [*shades, *[c for c in colours if c.chroma >= 40]]
    counts: dict[int, int] = {}
    places = []
    for entry in entries:
        sample = np.asarray(entry.rgb)
        distances = [hue_distance(np.asarray(c.rgb), sample) for c in known]
        grey = _same_grey(entries) and known and known[0].chroma < 40
        if grey:
            distances = [0.0]
        if not distances or min(distances) > 70:
            known.append(LineColour(rgb=entry.rgb))
            distances.append(0.0)
        place = int(np.argmin(distances))
        if _is_other_shade(entry, entries, known[place]):
            known.append(LineColour(rgb=entry.rgb))
            place = len(known) - 1
        elif place not in counts and _is_purer(entry, known[place]):
            known[place] = replace(known[place], rgb=entry.rgb)
        places.append(place)
        counts[place] = counts.get(place, 0) + 1
    if len(entries) > 1:  # a legend of one name may be a part of it, and other shades other arms
        known, places = without_shades(known, places)
    return known, dict(Counter(places)), places


def _without_band(
    entry: LegendEntry, colours: Sequence[LineColour], grounds: Sequence[tuple[float, ...]]
) -> LegendEntry:
    """Sample of a line where the one that was seen is of its band: the plot's ink of that hue."""
    away = np.array(grounds, dtype=float).reshape(-1, 3) - np.asarray(entry.rgb)
    if not (np.sqrt((away**2).sum(axis=1)) < _BAND).any():
        return entry
    mine = 255.0 - np.asarray(entry.rgb)
    inks = [c for c in colours if sum(c.rgb) < sum(entry.rgb) - 3 * _BAND]
    if not inks or not mine.any():
        return entry
    ways = [255.0 - np.asarray(c.rgb) for c in inks]
    alike = [float(way @ mine / np.sqrt((way @ way) * (mine @ mine))) for way in ways]
    return replace(entry, rgb=inks[int(np.argmax(alike))].rgb, filled=_DASHES)


def _is_other_shade(
    entry: LegendEntry, entries: Sequence[LegendEntry], nearest: LineColour
) -> bool:
    """Whether the legend has this shade beside a darker one that the nearest colour fits better.

    Samples of one legend are equally thick, so that a solid one that is paler is paler ink.
    """
    mine = np.asarray(entry.rgb)
    colour = np.asarray(nearest.rgb)
    off = float(np.sqrt(((mine - colour) ** 2).sum()))
    if off < _OTHER_SHADE or entry.filled < _SOLID_SAMPLE:
        return False
    rivals = [np.asarray(e.rgb) for e in entries if e is not entry]
    return any(
        np.sqrt(((rival - colour) ** 2).sum()) < 0.6 * off
        and np.sqrt(((rival - mine) ** 2).sum()) > _OTHER_SHADE
        for rival in rivals
    )


def _is_purer(entry: LegendEntry, colour: LineColour) -> bool:
    """Whether a sample shows more of a colour than the plot, where marks and noise dilute it."""
    mine, theirs = np.asarray(entry.rgb) - 255.0, np.asarray(colour.rgb) - 255.0
    strong = np.ptp(entry.rgb) >= max(40.0, colour.chroma)
    return bool(strong and np.sqrt(((mine - theirs) ** 2).sum()) < _OTHER_SHADE)


def _shades(entries: Sequence[LegendEntry]) -> list[LineColour]:
    """Greys that tell the arms apart, where all samples are solid: as the legend shows them.

    In the plot the edges of a dark line look like a paler one; the samples are equally thick.
    """
    if len(entries) < 2 or any(np.ptp(e.rgb) >= 40 for e in entries):
        return []
    if any(e.filled < _SOLID_SAMPLE for e in entries) and not _one_dash(entries):
        return []
    groups: list[list[LegendEntry]] = []
    for entry in sorted(entries, key=lambda e: sum(e.rgb)):
        same = groups and sum(entry.rgb) - sum(groups[-1][-1].rgb) < 3 * ANOTHER_GREY
        groups[-1].append(entry) if same else groups.append([entry])
    if len(groups) < 2:
        return []
    means = [np.mean([entry.rgb for entry in group], axis=0) for group in groups]
    return [LineColour(rgb=(m[0], m[1], m[2])) for m in means]


def _one_dash(entries: Sequence[LegendEntry]) -> bool:
    """Whether the samples have one share of ink: their dashes do not tell the arms apart."""
    return float(np.ptp([entry.filled for entry in entries])) < _ONE_DASH


def _same_grey(entries: Sequence[LegendEntry]) -> bool:
    """Whether the legend's samples are all of one grey: then dashes tell the arms apart."""
    shades = np.array([entry.rgb for entry in entries])
    if len(shades) > 1 and _one_dash(entries) and np.ptp(shades.mean(axis=1)) > ANOTHER_GREY:
        return False
    if len(shades) < 2:
        return False
    most = _ONE_GREY if _one_dash(entries) else _DILUTED
    return bool(np.ptp(shades, axis=1).max() < 40 and np.ptp(shades) < most)

"""Samples of a legend, matched to a plot: their colours, and the dashes of curves of one colour."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from .colours import LineColour, same_hue
from .legend import LegendEntry
from .traced import TracedArm

FloatArray = npt.NDArray[np.float64]

_SOLID_SAMPLE = 0.93  # share of a sample that is ink: below it, dashes may look like paler ink
_COMMON = 0.1  # of the commonest grey's pixels: what a line shows at least
_ONE_DASH = 0.04  # difference of the shares of ink of samples that are dashed alike, or not at all
_TINTED = 25.0  # largest minus smallest of red, green and blue of a sample that is no grey
_ANOTHER_GREY = 24.0  # difference of the greys of two samples that are two
_BAND = 16.0  # RGB distance of a sample from the colour of a band within which it shows the band
_DASHES = 0.5  # share of ink of a sample whose line was not seen
_OTHER_SHADE = 75.0  # RGB distance of two samples that are two shades

_SEEN = 0.35  # ink of a column from which it belongs to a dash
_FLAT = 0.6  # pixels: rows that differ less are one step
_LENGTH = 0.3  # weight of the length of a dash (its logarithm) beside the share that is ink
_MIXED = 0.3  # weight of dots between the dashes
_HUE = 0.005  # weight of a difference of hue, by level of red, green and blue
_OFTEN = 0.3  # share of short dashes from which they belong to the pattern
_LEAST_APART = 0.06  # by how much exchanged names have to fit worse


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
    known = _one_grey(list(colours)) if _same_grey(entries) else list(colours)
    shades = _shades(entries)
    if shades:
        known = [*shades, *[c for c in colours if c.chroma >= 40]]
    counts: dict[int, int] = {}
    places = []
    for entry in entries:
        sample = np.asarray(entry.rgb)
        distances = [_hue_distance(np.asarray(c.rgb), sample) for c in known]
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
        known, places = _without_shades(known, places)
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


def _without_shades(
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
    darker = sum(colour.rgb) < sum(other.rgb) - _ANOTHER_GREY
    found = other.pixels > 0 and colour.pixels >= _COMMON * other.pixels
    return darker and found and same_hue(colour, other)


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
        same = groups and sum(entry.rgb) - sum(groups[-1][-1].rgb) < 3 * _ANOTHER_GREY
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
    if len(shades) > 1 and _one_dash(entries) and np.ptp(shades.mean(axis=1)) > _ANOTHER_GREY:
        return False
    return bool(len(shades) > 1 and np.ptp(shades, axis=1).max() < 40 and np.ptp(shades) < 45)


def _one_grey(colours: list[LineColour]) -> list[LineColour]:
    """Replace all greys by the darkest: the others are thin lines that lie between two pixels."""
    greys = [c for c in colours if c.chroma < 40]
    if not greys:
        return colours
    least = _COMMON * max(c.pixels for c in greys)  # rests of axes and letters are fewer
    darkest = min((c for c in greys if c.pixels >= least), key=lambda c: sum(c.rgb))
    return [darkest, *[c for c in colours if c.chroma >= 40]]


def _hue_distance(one: FloatArray, other: FloatArray) -> float:
    """Distance of two colours; a thin sample is paler than the line, so paleness counts half."""
    plain = float(np.sqrt(((one - other) ** 2).sum()))
    chroma = float(np.ptp(other))
    if chroma >= _TINTED and np.ptp(one) < max(0.6 * chroma, min(chroma, 40.0)):
        return plain  # grey never pales into a hue
    way = one - 255.0
    part = float(np.clip(((other - 255.0) @ way) / max(float(way @ way), 1.0), 0.45, 1.0))
    mixed = 255.0 + part * way
    return min(plain, float(np.sqrt(((mixed - other) ** 2).sum())) + 55.0 * (1.0 - part))


def by_dash(
    entries: Sequence[LegendEntry],
    arms: Sequence[TracedArm],
    inks: Sequence[FloatArray] = (),
) -> tuple[list[tuple[int, int]], bool]:
    """Give each sample of the legend the curve whose dashes it has.

    Parameters
    ----------
    entries : sequence of LegendEntry
    arms : sequence of TracedArm
        All of one colour.
    inks : sequence of ndarray, optional
        Red, green and blue of each curve as seen: thin lines of several hues may all be greyish.

    Returns
    -------
    tuple
        Pairs of an entry and a curve, and whether two of them fit nearly as well exchanged.
    """
    from scipy.optimize import linear_sum_assignment

    if not entries or not arms:
        return [], False
    longest = max(e.dash for e in entries)
    samples = np.array([_pattern(e.filled, e.dash, e.mixed, longest) for e in entries])
    curves = np.array([_pattern(a.filled, *dash_length(a), longest) for a in arms])
    cost = np.abs(samples[:, None] - curves[None, :]).sum(axis=2)
    if len(inks) == len(arms):
        colours = np.array([_tint(np.asarray(e.rgb)) for e in entries])
        seen = np.array([_tint(ink) for ink in inks])
        cost += _HUE * np.abs(colours[:, None] - seen[None, :]).sum(axis=2)
    pairs = [(int(i), int(j)) for i, j in zip(*linear_sum_assignment(cost), strict=True)]
    doubtful = any(
        cost[i, m] + cost[k, j] - cost[i, j] - cost[k, m] < _LEAST_APART
        for n, (i, j) in enumerate(pairs)
        for k, m in pairs[n + 1 :]
    )
    return pairs, doubtful


def _tint(rgb: FloatArray) -> FloatArray:
    """Hue without darkness, which depends on the thickness of a line."""
    return np.asarray(rgb - rgb.mean())


def _pattern(filled: float, dash: float, mixed: bool, longest: float) -> tuple[float, ...]:
    """Share of ink, length and evenness of dashes; a sample shows no more than its own length."""
    length = float(np.log(np.clip(dash, 1.0, max(longest, 1.0))))
    return filled, _LENGTH * length, _MIXED * mixed


def dash_length(arm: TracedArm) -> tuple[float, bool]:
    """Usual length of the longer dashes of a curve, and whether shorter ones alternate with them.

    Parameters
    ----------
    arm : TracedArm

    Returns
    -------
    tuple
        The third quartile of the runs of ink that begin and end within one step, in pixels.
    """
    rows = arm.curve.rows
    own = arm.curve.own[: len(rows)] > _SEEN
    edges = np.diff(np.concatenate([[0], own.astype(np.int8), [0]]))
    runs = [
        b - a
        for a, b in zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1), strict=True)
        if np.ptp(rows[a:b]) < _FLAT
    ]
    if not runs:
        return float(len(rows)), False
    usual = float(np.percentile(runs, 75))
    return usual, bool(np.mean(np.array(runs) < 0.5 * usual) > _OFTEN)

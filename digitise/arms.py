"""Arms of a raster panel: which lines are curves, how many there are, and what they are called."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from .colours import Canvas, LineColour, likeness
from .legend import LegendEntry
from .tracing import Trace, trace

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

_Scalar = TypeVar("_Scalar", bound=np.generic)

_LEAST_SUPPORT = 0.38  # share of a curve's columns that must show its own ink
_UNMISTAKABLE, _LEAST_STRONG = 80.0, 0.24  # a strong colour, whose dotted line shows less ink
_SEEN_ALONE = 0.5  # the same for a second curve that neither legend nor table announces
_SEEN_BESIDE = 0.15  # share of its columns that an announced curve must show beside the others
_SHORTEST = 0.10  # of the plot's width
_SOLID_SAMPLE = 0.85  # share of a sample that is ink: below it, dashes may look like paler ink
_MIRRORED_OF_CLIPPED = 0.6  # share of columns; limits are clipped at 1 where the curve is near it
_TINTED = 25.0  # largest minus smallest of red, green and blue of a sample that is no grey
_ANOTHER_GREY = 24.0  # difference of the greys of two samples that are two
_OTHER_SHADE = 75.0  # RGB distance of two samples that are two shades
_MARK_WIDTHS, _MARK_SHARE = 2.5, 0.018  # half a mark: of the line's width, of the plot's height
_INKED = 0.35
_MOST_PATHS = 4  # curves of one colour that are looked for


@dataclass(frozen=True, kw_only=True, eq=False)
class TracedArm:
    """A curve with its colour and its ink.

    Parameters
    ----------
    colour : LineColour
    curve : Trace
    like : ndarray, shape (height, width)
        Ink of the colour (rows as in the trace: upside down for incidence).
    """

    colour: LineColour
    curve: Trace
    like: FloatArray

    @property
    def filled(self) -> float:
        """Share of the columns with ink: near 1 for a solid line, less for a dashed one."""
        visible = self.curve.own[: len(self.curve.rows)]
        return float((visible > 0.35).mean()) if len(visible) else 0.0


@dataclass(frozen=True, kw_only=True)
class Start:
    """Where every curve begins: column of time 0, row of survival 1, and how sure the row is."""

    column: int
    row: float
    slack: float


class Search:
    """The curves of each colour of a canvas, looked for once however often they are asked for.

    Parameters
    ----------
    canvas : Canvas
    colours : sequence of LineColour
        Candidates.
    start : Start
        Where the curves begin, in rows of the (flipped) canvas.
    flipped : bool
        Whether the canvas is turned upside down (incidence).
    dashed : collection of int
        Places of the colours that only dashed lines have.
    """

    def __init__(
        self,
        canvas: Canvas,
        colours: Sequence[LineColour],
        *,
        start: Start,
        flipped: bool,
        dashed: Collection[int] = (),
    ) -> None:
        self.colours = tuple(colours)
        self._dashed = frozenset(dashed)
        self.start = start
        self._likes = [
            _flip(likeness(canvas, c, [o for o in colours if o is not c]), flipped) for c in colours
        ]
        self._blocked = _flip(np.maximum(0.5 * canvas.straight, canvas.text), flipped)
        self._text = _flip(canvas.text, flipped)
        self._own: dict[int, FloatArray] = {}
        self._found: dict[tuple[int, bool, int], tuple[int, list[Trace]]] = {}

    def own(self, k: int) -> FloatArray:
        """Ink of a colour outside of text."""
        if k not in self._own:
            self._own[k] = _without_letters(self._likes[k], self._text)
        return self._own[k]

    def paths(self, k: int, most: int, *, sloping: bool, expected: int = 0) -> list[Trace]:
        """Curves of a colour, at most so many, each without the ink of those before it.

        So many as are expected, if it is known, may be covered by others for most of their length.
        """
        sloping = sloping or k in self._dashed
        asked, paths = self._found.get((k, sloping, expected), (0, []))
        if most > asked and len(paths) == asked:
            others = [like for j, like in enumerate(self._likes) if j != k]
            hidden = np.maximum.reduce([self._blocked, *others]) if others else self._blocked
            hidden = np.clip(hidden, 0.0, 1.0)
            strong = sloping and self.colours[k].chroma >= _UNMISTAKABLE
            paths = _paths(
                self.own(k),
                hidden,
                start=self.start,
                most=most,
                sloping=sloping,
                least=_LEAST_STRONG if strong else _LEAST_SUPPORT,
                expected=expected,
            )
            self._found[k, sloping, expected] = (most, paths)
        return paths[:most]


def trace_arms(
    search: Search, *, wanted: dict[int, int] | None, total: int | None, sloping: bool = False
) -> list[TracedArm]:
    """Trace every curve of a panel.

    Parameters
    ----------
    search : Search
        The canvas, its colours, and where curves begin.
    wanted : dict of int to int, or None
        How many curves each colour has, by its place in the colours, if the legend says so.
    total : int or None
        How many curves there are, if legend or table say so.
    sloping : bool
        Whether gaps of dashed lines are bridged on slopes, too.

    Returns
    -------
    list of TracedArm
        Best seen first.
    """
    found: list[TracedArm] = []
    for k, colour in enumerate(search.colours):
        count = None if wanted is None else wanted.get(k, 0)
        if count == 0:
            continue
        alone = len(search.colours) == 1 or all(c.chroma < 40 for c in search.colours)
        expected = count or (total or 0) * alone
        paths = search.paths(k, _most(count, total), sloping=sloping, expected=expected)
        chosen = _chosen(paths, count, total, grey=colour.chroma < 40)
        if total is None and len(chosen) > 1:  # nothing announces a second: it must be seen
            chosen = [p for p in chosen if p is paths[0] or p.support >= _SEEN_ALONE]
            if colour.chroma >= 40:  # dashed lines beside a solid one of its hue: an interval
                solid = max(float((p.own > 0.35).mean()) for p in chosen)
                chosen = [p for p in chosen if (p.own > 0.35).mean() > 0.75 * solid]
        found += [TracedArm(colour=colour, curve=path, like=search.own(k)) for path in chosen]
    found = _distinct(found)
    if total is None:
        found = _without_intervals(found)
    found.sort(key=lambda arm: -float((arm.curve.own > 0.35).sum()))
    return found[:total] if total is not None else found


def _most(count: int | None, total: int | None) -> int:
    if count is not None:
        return max(3 * count if count == 1 else count, 1)
    return min(_MOST_PATHS, max(3, total or 0))


def _flip(sheet: npt.NDArray[_Scalar], flipped: bool) -> npt.NDArray[_Scalar]:
    return sheet[::-1] if flipped else sheet


def _without_letters(like: FloatArray, text: BoolArray) -> FloatArray:
    """Ink outside the boxes of text; under letters of another colour the line is kept."""
    from scipy import ndimage

    kept = like.copy()
    labels, count = ndimage.label(text)
    for k, place in enumerate(ndimage.find_objects(labels, count)):
        inside = labels[place] == k + 1
        if (like[place][inside] > 0.5).mean() > 0.02:
            kept[place][inside] = 0.0
    return kept


def _paths(
    like: FloatArray,
    hidden: FloatArray,
    *,
    start: Start,
    most: int,
    sloping: bool,
    least: float,
    expected: int,
) -> list[Trace]:
    """Curves of one colour, one after the other; each takes its ink away from the next."""
    paths: list[Trace] = []
    left, covered = like.copy(), hidden.copy()
    for _ in range(most):
        path = trace(
            left,
            covered,
            start=start.column,
            start_row=start.row,
            slack=start.slack,
            sloping=sloping,
        )
        announced = len(paths) < expected
        if path is None or not _is_curve(path, like.shape, start, least, announced=announced):
            break
        paths.append(path)
        used = _strip(path, like.shape) | _strokes_across(path, left)
        covered = np.where(used, np.maximum(covered, 0.85 * like), covered)
        left = np.where(used, 0.0, left)
    return paths


def without_others(arm: TracedArm, arms: Sequence[TracedArm]) -> FloatArray:
    """Ink of an arm's colour without the lines of the other arms of that colour."""
    left = arm.like
    for other in arms:
        if other is not arm and other.colour is arm.colour:
            apart = _strip(other.curve, arm.like.shape) & ~_strip(arm.curve, arm.like.shape)
            left = np.where(apart, 0.0, left)
    return left


def ink_of_marks(
    arm: TracedArm, arms: Sequence[TracedArm], canvas: Canvas, *, flipped: bool
) -> FloatArray:
    """Ink in which an arm's marks are looked for.

    Parameters
    ----------
    arm : TracedArm
    arms : sequence of TracedArm
        All arms of the panel.
    canvas : Canvas
    flipped : bool
        Whether the traces are upside down (incidence).

    Returns
    -------
    ndarray, shape (height, width)
        0 to 1, rows as in the trace. Strokes as thin as marks lose their hue in a JPEG file, so
        that ink of any colour counts, except near other curves, where only the arm's own does.
    """
    from scipy import ndimage

    full = np.sqrt(((np.asarray(arm.colour.rgb) - canvas.ground) ** 2).sum(axis=2))
    ink = np.clip(canvas.ink / np.maximum(full, 30.0), 0.0, 1.0)
    ink = _flip(np.where(canvas.straight | canvas.text, 0.0, ink), flipped)
    others = np.zeros(ink.shape, dtype=bool)
    for other in arms:
        if other is not arm:
            others |= _strip(other.curve, ink.shape)
    reach = round(max(_MARK_WIDTHS * arm.curve.width, _MARK_SHARE * len(ink))) + 2
    near = ndimage.maximum_filter(others, size=(2 * reach + 1, 3))
    return np.where(near, without_others(arm, arms), np.maximum(arm.like, ink))


def _is_curve(
    path: Trace, shape: tuple[int, ...], start: Start, least: float, *, announced: bool
) -> bool:
    """Whether a path shows its own ink, is long enough and does not fall at once.

    A curve that legend or table announce may lie on others for most of its length.
    """
    own = path.own > 0.35
    width = shape[1] - start.column
    early = path.rows[min(len(path.rows) - 1, max(2, round(0.01 * width)))]
    at_once = early - start.row > 0.3 * (shape[0] - start.row)
    support = path.visible if announced and own.mean() >= _SEEN_BESIDE else path.support
    return bool(own.sum() >= _SHORTEST * width and support >= least and not at_once)


def _strip(path: Trace, shape: tuple[int, ...]) -> BoolArray:
    """Pixels that belong to a traced line: its levels and its falls."""
    used = np.zeros(shape, dtype=bool)
    reach = path.width / 2 + 1.2
    rows = np.concatenate([[path.rows[0]], path.rows])
    side = int(np.ceil(path.width / 2)) + 1
    for k in range(len(path.rows)):
        top, bottom = int(rows[k] - reach), int(np.ceil(rows[k + 1] + reach))
        column = path.start + k
        low = column - side if rows[k + 1] - rows[k] > 1.5 else column
        high = column + side if rows[k + 1] - rows[k] > 1.5 else column
        used[max(top, 0) : bottom + 1, max(low, 0) : high + 1] = True
    return used


def _strokes_across(path: Trace, like: FloatArray) -> BoolArray:
    """Ink above and below a line without a gap, as of marks: no part of another curve."""
    height = len(like)
    reach = round(max(_MARK_WIDTHS * path.width, _MARK_SHARE * height)) + int(path.width / 2) + 1
    columns = path.start + np.arange(len(path.rows))
    rows = np.floor(path.rows).astype(np.intp)
    used = np.zeros(like.shape, dtype=bool)
    for step in (-1, 1):
        going = np.ones(len(rows), dtype=bool)
        for k in range(reach):
            places = np.clip(rows + step * k, 0, height - 1)
            # gaps of the line's own edge are narrow: ink has to begin within the line
            going &= (like[places, columns] > _INKED) | (k <= path.width / 2)
            used[places[going], columns[going]] = True
    return used


def _chosen(
    paths: Sequence[Trace], count: int | None, total: int | None, *, grey: bool
) -> list[Trace]:
    """Curves among the paths of one colour: the middle one of three is flanked by its interval."""
    if count is not None and count > 1:
        return list(paths[:count])
    flanked = count == 1 or total == 1 or (not grey and (total is None or total < 3))
    if len(paths) == 3 and flanked and _nested(paths):
        upper, middle, lower = sorted(paths, key=_mean_row)
        seen = middle.support >= max(upper.support, lower.support) - 0.05
        if seen and _mirrored(upper, middle, lower, least=_MIRRORED_OF_CLIPPED):
            return [middle]
    if count == 1:
        return list(paths[:1])
    return list(paths)


def _mean_row(path: Trace) -> float:
    """Mean row over the first two thirds of the columns."""
    return float(path.rows[: max(1, 2 * len(path.rows) // 3)].mean())


def _nested(paths: Sequence[Trace]) -> bool:
    """Whether three paths keep their order over nearly all their common length."""
    length = min(len(p.rows) for p in paths)
    upper, middle, lower = (p.rows[:length] for p in sorted(paths, key=_mean_row))
    return bool(np.mean((upper <= middle + 1) & (middle <= lower + 1)) > 0.85)


def _distinct(arms: Sequence[TracedArm]) -> list[TracedArm]:
    """Drop a path that follows another arm's line with little ink of its own."""
    kept: list[TracedArm] = []
    for arm in sorted(arms, key=lambda a: -float((a.curve.own > 0.35).sum())):
        apart = [other for other in kept if other.colour is not arm.colour and _follows(arm, other)]
        if not apart:
            kept.append(arm)
    return kept


def _without_intervals(arms: Sequence[TracedArm]) -> list[TracedArm]:
    """Drop thin or dashed lines that run above and below a curve at like distances.

    Confidence limits are even on the scale of log survival, so that near the curve the two
    distances are alike; other arms would have to part from it equally at all times.
    """
    left = list(arms)
    for middle in sorted(arms, key=lambda a: -a.filled * a.curve.width):
        if not any(arm is middle for arm in left):
            continue
        weaker = [a for a in left if a is not middle and _is_weaker(a, middle)]
        above = [a for a in weaker if _side(a, middle) < 0]
        below = [a for a in weaker if _side(a, middle) > 0]
        pair = next(
            ((u, v) for u in above for v in below if _mirrored(u.curve, middle.curve, v.curve)),
            None,
        )
        if pair is not None:
            left = [arm for arm in left if arm is not pair[0] and arm is not pair[1]]
    return left


def _is_weaker(arm: TracedArm, middle: TracedArm) -> bool:
    """Whether a line is thinner, or dashed beside a solid one."""
    thinner = arm.curve.width < 0.8 * middle.curve.width
    return thinner or (arm.filled < 0.9 and arm.filled < middle.filled - 0.08)


def _side(arm: TracedArm, middle: TracedArm) -> int:
    """Return -1 for a line wholly above a curve, 1 for one wholly below, 0 otherwise."""
    length = min(len(arm.curve.rows), len(middle.curve.rows))
    gap = arm.curve.rows[:length] - middle.curve.rows[:length]
    if (gap < 1.5).mean() > 0.95:
        return -1
    return 1 if (gap > -1.5).mean() > 0.95 else 0


def _mirrored(upper: Trace, middle: Trace, lower: Trace, *, least: float = 0.8) -> bool:
    """Whether two lines are equally far from the one between them in most columns."""
    length = min(len(path.rows) for path in (upper, middle, lower))
    up = middle.rows[:length] - upper.rows[:length]
    down = lower.rows[:length] - middle.rows[:length]
    apart = (up > 2) | (down > 2)
    if apart.mean() < 0.3:
        return False
    ratio = np.log(np.maximum(up[apart], 0.5) / np.maximum(down[apart], 0.5))
    return bool((np.abs(ratio) < np.log(2.2)).mean() > least)


def _follows(arm: TracedArm, other: TracedArm) -> bool:
    own = arm.curve.own[: len(other.curve.rows)] > 0.35
    return bool(is_one_line(arm, other) and own.mean() < 0.8)


def is_one_line(arm: TracedArm, other: TracedArm) -> bool:
    """Whether an arm lies on the line of another along nearly all of its length."""
    length = min(len(arm.curve.rows), len(other.curve.rows))
    if length < 0.5 * len(arm.curve.rows):
        return False
    gap = np.abs(arm.curve.rows[:length] - other.curve.rows[:length])
    near = gap < arm.curve.width / 2 + other.curve.width / 2 + 1.5
    return bool(near.mean() > 0.9)


def counts_by_colour(
    entries: Sequence[LegendEntry], colours: Sequence[LineColour]
) -> tuple[list[LineColour], dict[int, int], list[int]]:
    """Match the samples of a legend to the colours found in the plot.

    Parameters
    ----------
    entries : sequence of LegendEntry
    colours : sequence of LineColour

    Returns
    -------
    tuple
        The colours (a sample's own colour is added where none is near), how many entries each
        colour has, and the colour of each entry.
    """
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
    return known, counts, places


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
    if len(entries) < 2 or any(e.filled < _SOLID_SAMPLE or np.ptp(e.rgb) >= 40 for e in entries):
        return []
    groups: list[list[LegendEntry]] = []
    for entry in sorted(entries, key=lambda e: sum(e.rgb)):
        same = groups and sum(entry.rgb) - sum(groups[-1][-1].rgb) < 3 * _ANOTHER_GREY
        groups[-1].append(entry) if same else groups.append([entry])
    if len(groups) < 2:
        return []
    means = [np.mean([entry.rgb for entry in group], axis=0) for group in groups]
    return [LineColour(rgb=(m[0], m[1], m[2])) for m in means]


def _same_grey(entries: Sequence[LegendEntry]) -> bool:
    """Whether the legend's samples are all of one grey: then dashes tell the arms apart."""
    shades = np.array([entry.rgb for entry in entries])
    return bool(len(shades) > 1 and np.ptp(shades, axis=1).max() < 40 and np.ptp(shades) < 45)


def _one_grey(colours: list[LineColour]) -> list[LineColour]:
    """Replace all greys by the darkest: the others are thin lines that lie between two pixels."""
    greys = [c for c in colours if c.chroma < 40]
    if not greys:
        return colours
    darkest = min(greys, key=lambda c: sum(c.rgb))
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


def similar_name(one: str, other: str) -> float:
    """How alike two names are, 0 to 1, without regard to case and spaces."""
    a, b = ("".join(c for c in text.lower() if c.isalnum()) for text in (one, other))
    return SequenceMatcher(None, a, b).ratio() if a and b else 0.0

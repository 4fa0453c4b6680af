"""Names of arms: from legend, labels beside curves or table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
import numpy.typing as npt

from .arm_names import (
    SAME_NAME,
    abbreviates,
    lost_signs,
    may_label,
    nameless,
    similar_name,
    split_name,
)
from .canvas import Canvas, letter_colour
from .colours import LineColour, colour_distance, is_black
from .dashes import Told, by_dash
from .panels import Frame
from .risk_labels import TableRow
from .samples import LegendEntry
from .text import TextLine
from .traced import TracedArm

Image = npt.NDArray[np.uint8]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

_BESIDE = 5.0  # of a label's height: up to where it stands beside a curve
_CLEARLY_NEARER = 2.0  # of a label's height: by how much names have to fit worse exchanged
_COLOURED = 40.0  # chroma from which a colour tells a curve from black ones
_SAME_COLOUR = 40.0  # distance in RGB up to which letters have the colour of a curve
_LOST_LETTERS = 2  # letters by which two recognitions of one name may differ in length
_CLEARLY = 0.6  # ink of a column in which the line's own colour is seen
_MIXED = 2.0  # thin letters are at least half ink
COLOUR_COUNTS = 3.0  # pixels that a label counts as further off for a step of RGB distance


@dataclass(frozen=True, kw_only=True)
class Names:
    """Names of traced curves, in their order.

    Parameters
    ----------
    given : tuple of tuple
        Name and number of patients, where the legend states it; curves that nothing names are
        "Arm 1" and so on.
    may_be : tuple of tuple of str
        Names among which it is open which is a curve's; empty where that is clear.
    doubts : tuple of str
    """

    given: tuple[tuple[str, int | None], ...]
    may_be: tuple[tuple[str, ...], ...]
    doubts: tuple[str, ...]


def arm_names(
    traced: Sequence[TracedArm],
    entries: Sequence[LegendEntry],
    known: Sequence[LineColour],
    places: Sequence[int],
    *,
    complete: bool,
    frame: Frame,
    canvas: Canvas,
    lines: Sequence[TextLine],
    rows: Sequence[TableRow],
    image: Image,
    flipped: bool,
) -> Names:
    """Name each traced curve, with the number of patients where the legend states it.

    Parameters
    ----------
    traced : sequence of TracedArm
    entries : sequence of LegendEntry
    known : sequence of LineColour
    places : sequence of int
        Which of the colours each entry has.
    complete : bool
        Whether the legend names as many curves as there are; of one that does not, only entries
        with a colour of their own count.
    frame : Frame
    canvas : Canvas
    lines : sequence of TextLine
        Lines among which there may be names beside the curves.
    rows : sequence of TableRow
        Of the numbers at risk: their labels are names wherever they stand, and their colours are
        those of the curves.
    image : ndarray of uint8, shape (height, width, 3)
    flipped : bool
        Whether the traces are upside down (incidence).

    Returns
    -------
    Names
    """
    vocabulary = [row.label for row in rows if any(c.isalpha() for c in row.label)]
    inks = [_seen_colour(arm, canvas, image, flipped) for arm in traced]
    by_legend = _Legend(image=image, entries=entries, traced=traced, inks=inks, rows=rows)
    for place in sorted(set(places)):
        mine = [k for k, arm in enumerate(traced) if arm.colour is known[place]]
        theirs = [e for e, p in zip(entries, places, strict=False) if p == place]
        counted = complete and (len(entries) != len(traced) or len(theirs) == len(mine))
        if counted or (not complete and _is_sure(theirs, known[place], vocabulary)):
            by_legend.give(theirs, mine)
    if complete and len(entries) == len(traced):
        by_legend.give_rest()
    names, may_be = by_legend.names, by_legend.may_be
    doubts: list[str] = []
    if not names and not may_be:
        names |= by_row_colour([arm.colour.rgb for arm in traced], rows, mixed=_MIXED)
    free = [k for k in range(len(traced)) if k not in names and k not in may_be]
    if free:
        taken = {name for name, _ in names.values()}
        labels = _labels(lines, frame, vocabulary, taken=taken.union(*may_be.values()))
        beside, unclear = _nearest_labels(
            free, labels, traced, canvas=canvas, image=image, flipped=flipped
        )
        doubts += unclear
        for k, line in beside:
            name, n = split_name(line.text.strip())
            names[k] = (clearer_name(name, line.score, rows), n)
    for k in range(len(traced)):
        names.setdefault(k, (nameless(k), None))
    in_order = [names[k] for k in range(len(traced))]
    called = [name for name, _ in in_order]
    return Names(
        given=tuple(_unique(in_order)),
        may_be=tuple(may_be.get(k, ()) for k in range(len(traced))),
        doubts=(*doubts, *named_twice(called), *lost_signs(called)),
    )


@dataclass(kw_only=True, eq=False)
class _Legend:
    """Names that curves have by their samples in a legend, and names that they may have."""

    image: Image
    entries: Sequence[LegendEntry]
    traced: Sequence[TracedArm]
    inks: Sequence[FloatArray]
    rows: Sequence[TableRow]
    names: dict[int, tuple[str, int | None]] = field(default_factory=dict)
    may_be: dict[int, tuple[str, ...]] = field(default_factory=dict)

    def give(self, entries: Sequence[LegendEntry], curves: Sequence[int]) -> None:
        """Give entries of one colour to curves of that colour, by dashes and hue."""
        told = by_dash(
            self.image,
            entries,
            [self.traced[k] for k in curves],
            others=self.traced,
            inks=[self.inks[k] for k in curves],
        )
        self._take(told, entries, curves)

    def give_rest(self) -> None:
        """Give samples of colours that not as many curves have to the curves that are left."""
        taken = {name for name, _ in self.names.values()}.union(*self.may_be.values())
        left = [entry for entry in self.entries if self._name(entry) not in taken]
        free = [k for k in range(len(self.traced)) if k not in self.names and k not in self.may_be]
        self.give(left, free)

    def _name(self, entry: LegendEntry) -> str:
        return clearer_name(entry.name, entry.score, self.rows, [e.name for e in self.entries])

    def _take(self, told: Told, entries: Sequence[LegendEntry], curves: Sequence[int]) -> None:
        for j, places in told.open.items():
            self.may_be[curves[j]] = tuple(self._name(entries[i]) for i in places)
        for i, j in told.pairs:
            if j not in told.open:
                self.names[curves[j]] = (self._name(entries[i]), entries[i].n)


def clearer_name(
    name: str, score: float, rows: Sequence[TableRow], others: Sequence[str] = ()
) -> str:
    """Name of an arm as the table has it, where recognition was surer of it there.

    Parameters
    ----------
    name : str
        As recognised in the legend or beside the curve.
    score : float
        How sure that was, 0 to 1.
    rows : sequence of TableRow
    others : sequence of str, optional
        Names of other arms: "Men" is no misread "Women" where there are both.

    Returns
    -------
    str
        The label of the one row that is nearly the same, if it was read more surely.
    """
    alike = [similar_name(row.label, name) for row in rows]
    if not alike or not SAME_NAME <= max(alike) < 1.0:
        return name
    best = int(np.argmax(alike))
    label, near = rows[best].label.strip(), sum(a >= SAME_NAME for a in alike)
    other_form = abs(len(label) - len(name)) > _LOST_LETTERS
    clipped = label.lower() in name.lower()  # at the edge of the figure
    if label in others or near != 1 or other_form or clipped:
        return name
    return label if rows[best].label_score > score else name


def by_row_colour(
    colours: Sequence[tuple[float, float, float]], rows: Sequence[TableRow], *, mixed: float = 1.0
) -> dict[int, tuple[str, int | None]]:
    """Name curves by a table whose rows are labelled in the colours of the curves.

    Parameters
    ----------
    colours : sequence of tuple of float
        Of the curves, 0 to 255.
    rows : sequence of TableRow
    mixed : float
        How many times as far from white the ink of the labels may be as their thin letters are
        seen; 1 where a file says it.

    Returns
    -------
    dict
        Name and number of patients by place of the curve; empty unless every row has a label in the
        colour of one curve, clearly.
    """
    coloured = [row for row in rows if row.rgb is not None and any(map(str.isalpha, row.label))]
    if len(coloured) < 2 or len(coloured) != len(rows) or len(rows) != len(colours):
        return {}
    white = np.full(3, 255.0)
    off = np.array(
        [
            [colour_distance(np.asarray(row.rgb), white, rgb, mixed=mixed) for row in coloured]
            for rgb in colours
        ]
    )
    best = off.argmin(axis=1)
    second = np.sort(off, axis=1)[:, 1]
    clear = (off.min(axis=1) < _SAME_COLOUR) & (second - off.min(axis=1) > _SAME_COLOUR)
    if len(set(best.tolist())) < len(colours) or not clear.all():
        return {}
    return {k: split_name(coloured[int(j)].label) for k, j in enumerate(best)}


def _is_sure(entries: Sequence[LegendEntry], colour: LineColour, vocabulary: Sequence[str]) -> bool:
    """Whether an entry of an incomplete legend has a colour of its own and a name of the table."""
    return (
        len(entries) == 1
        and colour.chroma >= _COLOURED
        and (
            not vocabulary
            or max(similar_name(entries[0].name, label) for label in vocabulary) >= SAME_NAME
            or any(abbreviates(label, entries[0].name) for label in vocabulary)
        )
    )


def _labels(
    lines: Sequence[TextLine], frame: Frame, vocabulary: Sequence[str], *, taken: set[str]
) -> list[TextLine]:
    """Lines in the plot that may be names beside curves."""
    return [
        line
        for line in lines
        if not line.vertical
        and frame.left < line.centre[0]
        and frame.top < line.centre[1] < frame.bottom
        and line.text not in taken
        and may_label(line.text, vocabulary)
    ]


def named_twice(names: Sequence[str]) -> list[str]:
    """Say which names several curves have: one of them was misread, or is another curve's."""
    return [
        f"{names.count(name)} curves are named '{name}': their names may be exchanged or misread."
        for name in dict.fromkeys(names)
        if names.count(name) > 1
    ]


def _unique(names: Sequence[tuple[str, int | None]]) -> list[tuple[str, int | None]]:
    """Give numbers to names that occur twice, so that files can tell the arms apart."""
    unique: list[tuple[str, int | None]] = []
    for name, n in names:
        count = sum(other == name or other.startswith(f"{name} (") for other, _ in unique)
        unique.append((f"{name} ({count + 1})" if count else name, n))
    return unique


def _nearest_labels(
    free: Sequence[int],
    labels: Sequence[TextLine],
    traced: Sequence[TracedArm],
    *,
    canvas: Canvas,
    image: Image,
    flipped: bool,
) -> tuple[list[tuple[int, TextLine]], list[str]]:
    """Assign names written beside the curves, by the letters' colour and by distance.

    Also returned are doubts about names that fit nearly as well exchanged.
    """
    if not free or not labels:
        return [], []
    cost = np.zeros((len(free), len(labels)))
    black = np.zeros(len(labels), dtype=bool)
    for j, line in enumerate(labels):
        rgb, ground = letter_colour(image, line)
        black[j] = is_black(rgb)
        for i, k in enumerate(free):
            arm = traced[k]
            off = 0.0
            if not black[j]:
                off = colour_distance(rgb, ground, arm.colour.rgb, mixed=_MIXED)
            cost[i, j] = _distance(arm, line, canvas, flipped) + COLOUR_COUNTS * off
    farthest = 0.35 * max(canvas.shape)
    pairs, unclear = assigned_labels(cost, labels, black, farthest=farthest)
    return [(free[i], labels[j]) for i, j in pairs], unclear


def assigned_labels(
    cost: FloatArray, labels: Sequence[TextLine], black: BoolArray, *, farthest: float
) -> tuple[list[tuple[int, int]], list[str]]:
    """Give labels to curves so that they fit best together.

    Parameters
    ----------
    cost : ndarray of float, shape (curves, labels)
        How badly each label fits each curve, in lengths of the page.
    labels : sequence of TextLine
    black : ndarray of bool, shape (labels,)
        Whose colour says nothing.
    farthest : float
        From which on a label names no curve.

    Returns
    -------
    pairs : list of tuple of int
        Places of a curve and its label.
    doubts : list of str
        About names that fit nearly as well exchanged, and black ones that stand beside none of
        several curves.
    """
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(cost)
    pairs = [(int(i), int(j)) for i, j in zip(rows, columns, strict=True) if cost[i, j] < farthest]
    doubts = [
        f"the names '{labels[j].text.strip()}' and '{labels[m].text.strip()}' stand about as near "
        "to either curve: they may be exchanged."
        for (i, j), (k, m) in combinations(pairs, 2)
        if cost[i, m] + cost[k, j] - cost[i, j] - cost[k, m] < _CLEARLY_NEARER * labels[j].size
    ]
    nameless_curves = [k for k in range(len(cost)) if k not in {i for i, _ in pairs}]
    doubts += [
        f"the name '{labels[j].text.strip()}' stands about as near to a curve that has no name: it "
        "may be that one's, and their names be exchanged."
        for i, j in pairs
        if any(cost[k, j] - cost[i, j] < _CLEARLY_NEARER * labels[j].size for k in nameless_curves)
    ]
    doubts += [
        f"the name '{labels[j].text.strip()}' stands far from the curve that it is given to."
        for i, j in pairs
        if len(cost) > 1 and black[j] and cost[i, j] > _BESIDE * labels[j].size
    ]
    return pairs, doubts


def _seen_colour(arm: TracedArm, canvas: Canvas, image: Image, flipped: bool) -> FloatArray:
    """Median colour of the pixels in the middle of a curve's line."""
    curve = arm.curve
    seen = np.flatnonzero(curve.own[: len(curve.rows)] > _CLEARLY)
    rows = canvas.shape[0] - curve.rows[seen] if flipped else curve.rows[seen]
    y = np.clip((rows + canvas.top).astype(np.intp), 0, image.shape[0] - 1)
    x = np.clip((curve.start + seen + canvas.left).astype(np.intp), 0, image.shape[1] - 1)
    return np.median(image[y, x].astype(float), axis=0) if len(seen) else np.zeros(3)


def _distance(arm: TracedArm, line: TextLine, canvas: Canvas, flipped: bool) -> float:
    """Smallest distance of a curve from the box of a label, in pixels."""
    curve = arm.curve
    x = curve.start + np.arange(len(curve.rows)) + canvas.left
    rows = canvas.shape[0] - curve.rows if flipped else curve.rows
    y = rows + canvas.top
    aside = np.maximum(np.maximum(line.x0 - x, x - line.x1), 0.0)
    below = np.maximum(np.maximum(line.y0 - y, y - line.y1), 0.0)
    return float(np.hypot(aside, below).min())

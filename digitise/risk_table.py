"""Numbers at risk: the table below or above a panel, read by row and tick, and checked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from .axes import AxisScale
from .panels import Frame
from .risk_cells import COUNT, Cell, Columns, cell_of, checked, divided, parted
from .risk_glued import unglued
from .risk_labels import (
    AT_RISK,
    ONLY_AT_RISK,
    OVERLAP,
    WORD_SPACE,
    TableRow,
    below_other_heading,
    labelled_above,
    labelled_at_right,
    labels_row,
)
from .text import Rereader, Word, text_lines

FloatArray = npt.NDArray[np.float64]

_TWO_ROWS = 1.6  # of the height of the labels of the time axis: a word so high holds two rows
_FULL = 0.7  # share of the ticks with a number in a row that stands within the plot
_OTHER_COUNTS = re.compile(
    r"\W*(?:(?:no\.?|number)\s*(?:of\s*)?)?(?:censored|events?)\W*", re.IGNORECASE
)


def read_table(
    frame: Frame,
    words: Sequence[Word],
    *,
    floor: float,
    wall: float = 0.0,
    roof: float | None = None,
    reread: Rereader | None = None,
    ink: npt.NDArray[np.float64] | None = None,
) -> list[TableRow]:
    """Read the numbers at risk of a panel: below the plot, above it under a heading, or in it.

    Parameters
    ----------
    frame : Frame
        The panel; its time labels say where the columns are.
    words : sequence of Word
        All text of the figure.
    floor : float
        Lowest pixel that belongs to the panel (the next panel's top, or the figure's bottom).
    wall : float
        Leftmost pixel that belongs to the panel.
    roof : float, optional
        Highest pixel that belongs to the panel; without it no table is looked for above the plot,
        nor in it.
    reread : callable, optional
        Reads the text in a box (x0, y0, x1, y1) again, enlarged; None for vector figures.
    ink : ndarray, optional
        Darkness of the figure, to tell an empty cell from one that was not recognised.

    Returns
    -------
    list of TableRow
        From top to bottom; empty if there is no table.
    """
    axis_row = float(np.mean([t.y for t in frame.x.labels])) if frame.x.labels else frame.bottom
    start = float(frame.y.pixel(frame.y.values[0])) + 1
    own = [
        w
        for w in words
        if not w.vertical
        and w.centre[0] > wall
        and w.centre[0] < frame.right + 0.5 * frame.x.spacing
        and abs(w.centre[1] - axis_row) > 0.5 * w.size
    ]
    below = [w for w in own if start < w.centre[1] < floor]
    rows = _rows_among(frame, below, reread=reread, ink=ink)
    if rows or roof is None:
        return rows
    above = [w for w in own if roof < w.centre[1] < frame.top]
    headings = [line.y0 for line in text_lines(above) if AT_RISK.search(line.text)]
    if headings:
        above = [w for w in above if w.y1 > min(headings)]
        return _rows_among(frame, above, reread=reread, ink=ink)
    edge = frame.left - frame.x.size
    inside = [w for w in own if frame.top < w.centre[1] <= start and w.centre[0] > edge]
    # without ink: where lines cross a number, a second reading takes them for figures
    return _named_and_full(frame, _rows_among(frame, inside, reread=reread, ink=None))


def _named_and_full(frame: Frame, rows: Sequence[TableRow]) -> list[TableRow]:
    """Rows with a name, and with a number at nearly all ticks: within a plot, others are texts."""
    least = max(3.0, _FULL * len(frame.x.values))
    return [row for row in rows if len(row.cells) >= least and any(map(str.isalpha, row.label))]


def _rows_among(
    frame: Frame,
    words: Sequence[Word],
    *,
    reread: Rereader | None,
    ink: npt.NDArray[np.float64] | None,
) -> list[TableRow]:
    """Rows of numbers at risk among the words of one side of a plot."""
    inside = list(words)
    if reread is not None and frame.x.size:
        inside = _halved(inside, frame.x.size, reread)
        inside = parted(inside, [float(frame.x.pixel(value)) for value in frame.x.values], reread)
    rows = []
    for group in _by_height([w for w in inside if COUNT.match(w.text)]):
        row = _row(frame, group, inside, reread=reread, ink=ink)
        if row is not None:
            rows.append(row)
    lines = text_lines(inside)
    headings = [line for line in lines if not labels_row(line, rows)]
    at_risk = [row for row in rows if not below_other_heading(row, headings)]
    return labelled_above(labelled_at_right(_one_block(at_risk), inside), lines)


def _halved(words: Sequence[Word], size: float, reread: Rereader) -> list[Word]:
    """Part words that hold two rows of a narrow table, one above the other, and read them again."""
    halves: list[Word] = []
    for word in words:
        if not (_TWO_ROWS * size < word.size < 3.0 * size) or not word.text[:1].isalnum():
            halves.append(word)
            continue
        middle = word.centre[1]
        for top, bottom in ((word.y0, middle), (middle, word.y1)):
            text, score = reread((word.x0 - 0.1 * size, top, word.x1 + 0.1 * size, bottom))
            if text:
                halves.append(replace(word, text=text, score=score, y0=top, y1=bottom))
    return halves


def _by_height(words: Sequence[Word]) -> list[list[Word]]:
    groups: list[list[Word]] = []
    for word in sorted(words, key=lambda w: w.centre[1]):
        if groups and word.centre[1] - np.mean([w.centre[1] for w in groups[-1]]) < 0.5 * word.size:
            groups[-1].append(word)
        else:
            groups.append([word])
    return groups


def _row(
    frame: Frame,
    group: Sequence[Word],
    inside: Sequence[Word],
    *,
    reread: Rereader | None,
    ink: npt.NDArray[np.float64] | None,
) -> TableRow | None:
    ticks = _columns_of(frame.x, group)
    y = float(np.mean([w.centre[1] for w in group]))
    size = float(np.median([w.size for w in group]))
    beside = [w for w in inside if abs(w.centre[1] - y) < 0.55 * size]
    group = [w for w in group if not _ends_label(w, group, beside)]
    group, beside = unglued(group, beside, ticks, reread=reread, ink=ink)
    cells = divided(group, [cell_of(w, beside, size) for w in group])
    spacing = float(np.diff([x for x, _ in ticks]).min())
    placed = _place(cells, [x for x, _ in ticks], spacing)
    ticks = _before_name(ticks, placed, cells, beside)
    if len(placed) < max(2, 0.35 * len(ticks)) or _is_axis(cells, placed, ticks):
        return None
    first = min(cells[k].box[0] for k in placed.values())
    labels = [
        w for w in beside
        if _stands_before(w, first) and w not in [group[k] for k in placed.values()]
    ]  # fmt: skip
    label = " ".join(w.text for w in sorted(labels, key=lambda w: w.x0))
    if labels and 0 in placed:
        first_cell = cells[placed[0]]
        rest = [c for c in cells if c is not first_cell]
        if _holds_end_of_label(first_cell, rest, max(w.x1 for w in labels)):
            cells[placed[0]] = replace(first_cell, score=0.0)
    shift = float(np.median([cells[k].x - ticks[i][0] for i, k in placed.items()]))
    columns: list[Cell | None] = [
        cells[placed[i]] if i in placed else None for i in range(len(ticks))
    ]
    seen = Columns(xs=[x + shift for x, _ in ticks], y=y, size=size, spacing=spacing, label=label)
    counts, unsure = checked(columns, seen, [v for _, v in ticks], reread=reread, ink=ink)
    return TableRow(
        label=label,
        y=y,
        left=min([first, *[w.x0 for w in labels]]),
        right=max(cells[k].box[2] for k in placed.values()),
        label_right=max([w.x1 for w in labels], default=first),
        label_score=min([w.score for w in labels], default=1.0),
        size=size,
        cells=tuple((v, c) for (_, v), c in zip(ticks, counts, strict=True) if c is not None),
        unsure=tuple(unsure),
    )


def _before_name(
    ticks: list[tuple[float, float]],
    placed: dict[int, int],
    cells: Sequence[Cell],
    beside: Sequence[Word],
) -> list[tuple[float, float]]:
    """Columns up to a name that follows a row's last number: behind it there are no more."""
    if not placed:
        return ticks
    last = max(placed)
    edge = cells[placed[last]].box[2]
    names = [w.x0 for w in beside if w.x0 > edge and any(map(str.isalpha, w.text))]
    behind = ticks[last + 1 :]
    return [*ticks[: last + 1], *(t for t in behind if t[0] < min(names, default=np.inf))]


def _ends_label(word: Word, group: Sequence[Word], beside: Sequence[Word]) -> bool:
    """Whether a number ends a label to the right of the row's own numbers: "Group 1" of a panel."""
    return any(
        any(c.isalpha() for c in other.text)
        and 0.0 <= word.x0 - other.x1 < WORD_SPACE * word.size
        and sum(number.x1 < other.x0 for number in group) >= 2
        for other in beside
    )


def _stands_before(word: Word, first: float) -> bool:
    """Whether a word ends where the first number of a row begins."""
    worded = any(c.isalpha() for c in word.text)
    return word.x1 < first + 1 + (OVERLAP * word.size if worded else 0.0)


def _holds_end_of_label(cell: Cell, others: Sequence[Cell], label_right: float) -> bool:
    """Whether a first number may begin with the end of its label: "Stage I" and 208 as 1208.

    It then has more figures than it has room for.
    """
    text = str(cell.count)
    letters = [c.letter for c in others if c.count is not None]
    if cell.count is None or len(text) < 3 or text[0] != "1" or len(letters) < 2:
        return False
    letter = float(np.median(letters))
    short = len(text) * cell.letter < (len(text) - 0.8) * letter
    return bool(short and cell.box[0] - label_right < 0.5 * letter)


def _columns_of(axis: AxisScale, group: Sequence[Word]) -> list[tuple[float, float]]:
    """Pixel and time of each column: the labels, and where numbers stand between and beside them.

    Some programs leave out labels that would overlap, and no numbers at risk; and the first or
    last label of an axis may not have been recognised.
    """
    values = np.array(axis.values)
    halfway = (values[1:] + values[:-1]) / 2
    places = np.array([w.centre[0] for w in group])

    def filled(times: FloatArray) -> npt.NDArray[np.bool_]:
        off = np.abs(axis.pixel(times)[:, None] - places[None, :]).min(axis=1)
        return np.asarray(off < 0.12 * axis.spacing, dtype=bool)

    if filled(halfway).sum() >= max(2.0, 0.6 * len(halfway)):
        values = np.sort(np.concatenate([values, halfway]))
    step = float(np.diff(values).min())
    between = values[0] + step * np.arange(1, round((values[-1] - values[0]) / step))
    new = np.abs(between[:, None] - values[None, :]).min(axis=1) > 0.1 * step
    if len(between):
        values = np.sort(np.concatenate([values, np.round(between[new & filled(between)], 9)]))
    for going, start in ((-step, values[0]), (step, values[-1])):
        time = round(float(start + going), 9)
        while time >= -1e-9 and filled(np.array([time]))[0]:
            values = np.sort(np.append(values, abs(time)))
            time = round(time + going, 9)
    return [(float(axis.pixel(value)), float(value)) for value in values]


def _place(cells: Sequence[Cell], ticks: Sequence[float], spacing: float) -> dict[int, int]:
    """Cell of each tick: the nearest one within a third of the spacing."""
    reach = 0.36 * spacing
    placed: dict[int, int] = {}
    for i, tick in enumerate(ticks):
        near = [
            (abs(cell.x - tick), k) for k, cell in enumerate(cells) if abs(cell.x - tick) < reach
        ]
        if near:
            placed[i] = min(near)[1]
    return placed


def _is_axis(
    cells: Sequence[Cell], placed: dict[int, int], ticks: Sequence[tuple[float, float]]
) -> bool:
    """Whether a row is a second time axis, as below the tables of survminer."""
    same = [cells[k].count == ticks[i][1] for i, k in placed.items()]
    return sum(same) > 0.6 * len(same)


def _one_block(rows: Sequence[TableRow]) -> list[TableRow]:
    """Rows that lie close under each other; a second time axis below the table is no row.

    Nor are counts of other kinds: of the censored, of events.
    """
    kept: list[TableRow] = []
    last: TableRow | None = None
    for row in rows:
        counts = [count for _, count in row.cells]
        if _OTHER_COUNTS.fullmatch(row.label):
            last = row
            continue
        if len(counts) < 2 or all(count == time for time, count in row.cells):
            continue
        if set(counts) == {1} and not row.label:
            continue  # tick marks
        far = last is not None and row.y - last.y > 5.0 * max(row.size, last.size)
        if far and not ONLY_AT_RISK.fullmatch(row.label.strip()):  # of the next arm of a table
            break
        kept.append(row)
        last = row
    return kept

"""Labels of numbers at risk: the rows of a table with their names, and its headings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from .arm_names import SAME_NAME, is_caption, similar_name
from .panels import Frame
from .text import TextLine, Word
from .time_units import time_unit

AT_RISK = re.compile(r"at\s*risk", re.IGNORECASE)
OVERLAP = 0.4  # of a letter's height: boxes of a label and of its first number may overlap
WORD_SPACE = 0.6  # of the height of letters, between two words
_TITLE = 4.0  # of the height of letters: how far above a row "At risk" the name of its arm stands
_HIGHEST = 0.5  # of a plot's height: how far above it the heading of its table may stand
_BEHIND = 2.0  # of the height of letters: how far behind a row's last number its name may stand
ONLY_AT_RISK = re.compile(r"(?:no\.?|number|n)?\s*at\s*risk:?", re.IGNORECASE)
_OTHER_HEADING = re.compile(
    r"(?:(?:cumulative|cum\.?)\s*)?(?:(?:no\.?|number|n)\s*(?:of\s*)?)?"
    r"(?:(?:patients|subjects)\s*)?(?:censored|events?|censoring)(?:\s*\(.*\))?:?",
    re.IGNORECASE,
)
_HEADING = re.compile(r"at\s*risk|number|censored|patients|subjects", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class TableRow:
    """A row as read.

    Parameters
    ----------
    label : str
        What stands at its left ("" if nothing does).
    y : float
        Height of the row in pixels.
    left, right : float
        Left edge of the label (or first cell) and right edge of the last cell.
    label_right : float
        Right edge of the label (or left edge of the first cell).
    size : float
        Height of the letters.
    cells : tuple of tuple
        (time, count) of every cell that was read with certainty.
    unsure : tuple of str
        Cells that were left out, in words.
    rgb : tuple of float or None
        Colour of the bar or of the letters that name the row, if they have one.
    label_y : float or None
        Height of the label where it stands above its row.
    label_score : float
        How sure the recognition of the label was, 0 to 1.
    """

    label: str
    y: float
    left: float
    right: float
    label_right: float
    size: float
    cells: tuple[tuple[float, int], ...]
    unsure: tuple[str, ...]
    rgb: tuple[float, float, float] | None = None
    label_y: float | None = None
    label_score: float = 1.0


def labelled_at_right(rows: Sequence[TableRow], words: Sequence[Word]) -> list[TableRow]:
    """Label rows that have no name at their left by what stands just behind their last number."""
    if not all(map(is_nameless, rows)):
        return list(rows)
    labelled = []
    for row in rows:
        names: list[Word] = []
        edge = row.right
        for word in sorted(words, key=lambda w: w.x0):
            gap = (WORD_SPACE if names else _BEHIND) * row.size
            beside = abs(word.centre[1] - row.y) < 0.55 * row.size
            if beside and -OVERLAP * row.size < word.x0 - edge < gap:
                names.append(word)
                edge = word.x1
        label = " ".join(word.text for word in names)
        if not any(map(str.isalpha, label)):
            return list(rows)
        score = min(word.score for word in names)
        labelled.append(replace(row, label=label, label_score=score))
    return labelled


def is_nameless(row: TableRow) -> bool:
    """Whether a row has no name at its left, only numbers or nothing."""
    return not any(map(str.isalpha, row.label))


def named_behind(rows: Sequence[TableRow], lines: Sequence[TextLine]) -> list[TableRow]:
    """Name rows without a name by the legend behind their last numbers, as in EORTC's tables.

    Parameters
    ----------
    rows : sequence of TableRow
    lines : sequence of TextLine
        Text that is no number of a row.

    Returns
    -------
    list of TableRow
        As given unless every row has a text there.
    """
    named = []
    for row in rows:
        behind = [
            line for line in lines
            if line.x0 > row.right and abs(line.centre[1] - row.y) < 0.5 * row.size
        ]  # fmt: skip
        if not (is_nameless(row) and behind):
            return list(rows)
        line = min(behind, key=lambda line: line.x0)
        named.append(replace(row, label=line.text.strip(), label_score=line.score))
    return named


def labels_row(line: TextLine, rows: Sequence[TableRow]) -> bool:
    """Whether a line is the label of a row, such as "Events" between rows "At risk"."""
    return any(abs(line.centre[1] - row.y) < 0.5 * row.size and line.x0 < row.right for row in rows)


def below_other_heading(row: TableRow, lines: Sequence[TextLine]) -> bool:
    """Whether the last heading above a row is of counts of another kind, such as "Events"."""
    above = [
        line
        for line in lines
        if line.centre[1] < row.y - 0.5 * row.size
        and (AT_RISK.search(line.text) or _OTHER_HEADING.fullmatch(line.text.strip()))
    ]
    last = max(above, key=lambda line: line.centre[1], default=None)
    return last is not None and not AT_RISK.search(last.text)


def labelled_above(rows: Sequence[TableRow], lines: Sequence[TextLine]) -> list[TableRow]:
    """Label rows without a name by the line just above each, where every such row has one.

    Of several rows "At risk" none has a name: each is of the arm above it.
    """
    labelled = []
    for k, row in enumerate(rows):
        nameless = len(rows) > 1 and ONLY_AT_RISK.fullmatch(row.label.strip())
        if any(c.isalnum() for c in row.label) and not nameless:
            return list(rows)
        start = max((other.y for other in rows[:k]), default=-np.inf)
        above = [
            line
            for line in lines
            if 0.7 * row.size < row.y - line.centre[1] < (_TITLE if nameless else 2.3) * row.size
            and line.centre[1] - start > 0.7 * row.size
            and line.x0 < row.right
            and any(c.isalpha() for c in line.text)
            and not _HEADING.search(line.text)
            and not _OTHER_HEADING.fullmatch(line.text.strip())
            and not (k == 0 and (is_caption(line.text) or time_unit(line.text)))  # of the axis
        ]
        if not above:
            return list(rows)
        line = max(above, key=lambda found: found.centre[1])
        label = line.text.strip()
        labelled.append(replace(row, label=label, label_y=line.centre[1], label_score=line.score))
    return labelled


def unread_table(
    frame: Frame, rows: Sequence[TableRow], lines: Sequence[TextLine], *, floor: float
) -> list[str]:
    """Say that numbers at risk have a heading, below or above a panel, and no row was read."""
    reach = frame.left - 0.6 * (frame.right - frame.left)
    height = frame.bottom - frame.top
    headings = [
        line.text
        for line in lines
        if not rows
        and AT_RISK.search(line.text)
        and (frame.bottom < line.centre[1] < floor or 0 < frame.top - line.y1 < _HIGHEST * height)
        and reach < line.x1
        and line.x0 < frame.right
    ]
    return [f"numbers at risk: below '{heading}' no row could be read." for heading in headings[:1]]


def renamed_rows(
    rows: Sequence[TableRow], called: Sequence[tuple[str, str]]
) -> tuple[TableRow, ...]:
    """Give rows that have a curve's name in the figure the name that it has by hand.

    Parameters
    ----------
    rows : sequence of TableRow
    called : sequence of tuple of str
        Name of each curve by hand, and by the figure.

    Returns
    -------
    tuple of TableRow
        Each name is given to one row at most, the likeliest, and to none if a row has it already.
    """
    alike = [[similar_name(row.label, given) for given, _ in called] for row in rows]
    known = [max(own, default=0.0) >= SAME_NAME for own in alike]
    held = {
        given
        for place, (given, _) in enumerate(called)
        if any(r[place] >= SAME_NAME for r in alike)
    }
    pairs = [
        (similar_name(row.label, own), place, given)
        for place, row in enumerate(rows)
        for given, own in called
        if not known[place] and given not in held
    ]
    labels: dict[int, str] = {}
    for likeness, place, given in sorted(pairs, key=lambda pair: -pair[0]):
        if likeness >= SAME_NAME and place not in labels and given not in labels.values():
            labels[place] = given
    return tuple(replace(row, label=labels.get(i, row.label)) for i, row in enumerate(rows))

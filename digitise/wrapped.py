"""Names that are written over two or three lines, in a legend, beside a curve or in a table."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from .legend import LegendEntry, is_caption, is_remark
from .text import TextLine

_OPEN = re.compile(
    r"(?:[+&/,(\-\u2013]|\b(?:plus|and|with|or|of|to|in|versus|vs\.?))$", re.IGNORECASE
)
_GOES_ON = re.compile(r"[+&(]|plus\b|and\b|with\b|or\b|of\b")
_NEAREST, _FARTHEST = 0.6, 1.5  # of a letter's height: distance of the lines of one name
_BETWEEN = 0.2  # the same from the middle of a line up to a sample between it and the one above
_ASIDE = 0.7  # the same for their left edges or middles


def joined(
    lines: Sequence[TextLine], sample_of: Callable[[TextLine], LegendEntry | None]
) -> tuple[TextLine, ...]:
    """Join lines that are one name.

    Parameters
    ----------
    lines : sequence of TextLine
    sample_of : callable
        The entry that a line is by itself, if it has a sample: then it is a name of its own, unless
        the sample stands between it and the line above.

    Returns
    -------
    tuple of TextLine
        A name that stands on two lines is one with `rows` of 2 and the box of both.
    """
    left = sorted(lines, key=lambda line: (line.y0, line.x0))
    done: list[TextLine] = []
    while left:
        first = left.pop(0)
        below = [line for line in left if _stands_below(line, first)]
        second = min(below, key=lambda line: line.y0, default=None)
        names = second is not None and not is_remark(first.text) and not is_caption(first.text)
        if second is None or not names or not continues(first.text, second.text):
            done.append(first)
            continue
        own = sample_of(second)
        if own is not None and (own.raised < _BETWEEN or sample_of(first) is not None):
            done.append(first)
            continue
        left.remove(second)
        left.insert(0, _union(first, second))
    return tuple(sorted(done, key=lambda line: (line.y0, line.x0)))


def continues(first: str, second: str) -> bool:
    """Whether a name goes on in the next line: "Anti-PD-1 +" and "radiation".

    Parameters
    ----------
    first, second : str
        Two lines, one below the other.

    Returns
    -------
    bool
    """
    first, second = first.strip(), second.strip()
    if not any(c.isalpha() for c in first) or not any(c.isalpha() for c in second):
        return False
    if is_remark(second):
        return False
    goes_on = second[0].islower() and not first[0].islower()
    return bool(_OPEN.search(first) or _GOES_ON.match(second) or goes_on)


def _stands_below(line: TextLine, first: TextLine) -> bool:
    if line.vertical or first.vertical:
        return False
    size = min(line.size, first.size)
    down = line.centre[1] - (first.y1 - first.size / 2)
    aside = min(abs(line.x0 - first.x0), abs(line.centre[0] - first.centre[0]))
    return _NEAREST * size < down < _FARTHEST * size and aside < _ASIDE * size


def _union(first: TextLine, second: TextLine) -> TextLine:
    return replace(
        first,
        text=f"{first.text.strip()} {second.text.strip()}",
        x0=min(first.x0, second.x0),
        x1=max(first.x1, second.x1),
        y1=second.y1,
        score=min(first.score, second.score),
        rows=first.rows + second.rows,
    )

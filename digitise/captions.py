"""Captions of a panel: titles of the axes, the unit of time, and results in the plot."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from .legend import is_remark
from .panels import Frame
from .text import TextLine

_UNITS = (
    ("days", r"\bdays?\b"),
    ("weeks", r"\bweeks?\b|\bwks?\b"),
    ("months", r"\bmonths?\b|\bmos?\b"),
    ("years", r"\byears?\b|\byrs?\b"),
)
INCIDENCE_TITLE = re.compile(
    r"inciden|event rate|of event|cumulative (?:event|risk|hazard)|failure", re.I
)


def axis_titles(
    frame: Frame, lines: Sequence[TextLine], floor: float
) -> tuple[str | None, str | None]:
    """Titles of the time axis and of the survival axis."""
    height, width = frame.bottom - frame.top, frame.right - frame.left
    row = float(np.mean([t.y for t in frame.x.labels])) if frame.x.labels else frame.bottom
    size = frame.x.size or 12.0
    below = [
        line
        for line in lines
        if not line.vertical
        and row + 0.4 * size < line.centre[1] < min(row + 4.5 * size, floor)
        and frame.left < line.centre[0] < frame.right
        and sum(c.isalpha() for c in line.text) >= 3
    ]
    unit_first = sorted(below, key=lambda line: (time_unit(line.text) is None, line.centre[1]))
    beside = [
        line
        for line in lines
        if line.vertical
        and frame.left - 0.5 * width < line.centre[0] < frame.left
        and frame.top - 0.1 * height < line.centre[1] < frame.bottom + 0.1 * height
        and sum(c.isalpha() for c in line.text) >= 2
    ]
    nearest = max(beside, key=lambda line: line.centre[0], default=None)
    return (unit_first[0].text if unit_first else None), (nearest.text if nearest else None)


def time_unit(title: str | None) -> str | None:
    """Find the unit named in a title: days, weeks, months or years."""
    for unit, pattern in _UNITS:
        if title and re.search(pattern, title, re.IGNORECASE):
            return unit
    return None


def remarks_in(frame: Frame, lines: Sequence[TextLine]) -> list[str]:
    """Lines in the plot that report a hazard ratio, an interval, a median or a p value."""
    return [
        line.text
        for line in lines
        if frame.left - 5 < line.centre[0] < frame.right + 0.3 * (frame.right - frame.left)
        and frame.top < line.centre[1] < frame.bottom
        and is_remark(line.text)
        and any(c.isdigit() for c in line.text)
    ]

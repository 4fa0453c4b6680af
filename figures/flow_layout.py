"""Where the boxes of a flow diagram are, in inches, and the lines between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..studies.table import Excluded, Flow, FlowBox
from .style import SMALL_SIZE
from .text import text_width, wrap

__all__ = ["LINE", "FlowLayout", "Line", "Panel", "laid_out", "narrowest"]

LINE = SMALL_SIZE * 1.3 / 72
_NARROWEST_BOX = 0.62  # inches
_WIDEST_BOX = 2.7
_PAD, _GUTTER, _EDGE = 0.05, 0.1, 0.04
_ABOVE, _LANE, _TIP = 0.09, 0.07, 0.13  # below a row: to the exclusions, to each bus, the arrow
_ASIDE = 0.14  # from the line to the box of those excluded
_MOST_LINES = 12
_BULLET, _UNDER = "\u2013 ", "   "  # before the first and the other lines of a reason
_INDENT = 0.1
_HINTED = 1.06  # times as wide as they are measured letters may be on a screen


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A box with its words.

    Attributes
    ----------
    left, top, width, height : float
        In inches from the figure's upper left corner.
    lines : tuple of str
    """

    left: float
    top: float
    width: float
    height: float
    lines: tuple[str, ...]

    @property
    def middle(self) -> float:
        """Where its middle is, from the left."""
        return self.left + self.width / 2

    @property
    def bottom(self) -> float:
        """Where it ends, from the top."""
        return self.top + self.height


@dataclass(frozen=True)
class Line:
    """A line from one box towards the next: its corners, and whether an arrow ends it."""

    corners: tuple[tuple[float, float], ...]
    arrow: bool


@dataclass(frozen=True, kw_only=True)
class FlowLayout:
    """Boxes, the exclusions beside them, and the lines that join them.

    Attributes
    ----------
    boxes : mapping of str to Panel
        By id.
    exclusions : tuple of Panel
        In the order of the flow's.
    lines : tuple of Line
    height : float
        Where it ends, in inches from the top.
    """

    boxes: Mapping[str, Panel]
    exclusions: tuple[Panel, ...]
    lines: tuple[Line, ...]
    height: float


# Rows --------------------------------------------------------------------------------------------


def _rows(flow: Flow) -> list[list[str]]:
    """Return the boxes of each row: a box is below all that it comes from.

    A line that passes a row is in it as "child|row", so that it passes no box.
    """
    depth: dict[str, int] = {}
    for box in flow.boxes:
        depth[box.id] = 1 + max((depth[name] for name in box.boxes), default=-1)
    rows: list[list[str]] = [[] for _ in range(max(depth.values()) + 1)]
    for box in flow.boxes:
        first = min((depth[name] for name in box.boxes), default=depth[box.id])
        for row in range(first + 1, depth[box.id]):
            rows[row].append(_passing(box.id, row))
        rows[depth[box.id]].append(box.id)
    return rows


def _passing(box: str, row: int) -> str:
    return f"{box}|{row}"  # no id holds "|"


def _links(flow: Flow, rows: Sequence[Sequence[str]]) -> list[tuple[str, str]]:
    """Return what is joined to what in the next row."""
    row_of = {name: number for number, row in enumerate(rows) for name in row}
    links: dict[tuple[str, str], None] = {}
    for box in flow.boxes:
        for source in box.boxes:
            steps = [source]
            steps += [_passing(box.id, row) for row in range(row_of[source] + 1, row_of[box.id])]
            links |= dict.fromkeys(zip(steps, [*steps[1:], box.id], strict=True))
    return list(links)


def _ordered(rows: list[list[str]], links: Sequence[tuple[str, str]]) -> list[list[str]]:
    """Put each row in the order of what its boxes come from, so that few lines cross."""
    place: dict[str, float] = {}
    ordered = []
    for row in rows:
        for number, name in enumerate(row):
            above = [place[source] for source, target in links if target == name]
            place[name] = sum(above) / len(above) if above else (number + 0.5) / len(row)
        ordered.append(sorted(row, key=lambda name: place[name]))
        place |= {name: (at + 0.5) / len(row) for at, name in enumerate(ordered[-1])}
    return ordered


def narrowest(flow: Flow) -> float:
    """Return the least width of a drawing in which every box can be read, in inches."""
    leaving = {each.box for each in flow.exclusions}
    need = 0.0
    for row in _rows(flow):
        aside = any(name in leaving for name in row)
        slot = 2 * (_NARROWEST_BOX + _ASIDE) if aside else _NARROWEST_BOX
        need = max(need, len(row) * (slot + _GUTTER))
    return need + 2 * _EDGE


# Words -------------------------------------------------------------------------------------------


def _box_lines(box: FlowBox, width: float) -> tuple[str, ...]:
    words = wrap(box.label, width=width, size=SMALL_SIZE, lines=_MOST_LINES)
    return (*words, *wrap(_number(box.n), width=width, size=SMALL_SIZE))


def _number(n: int | None) -> str:
    return "(n not reported)" if n is None else f"(n = {n})"


def _excluded_lines(excluded: Excluded, width: float) -> tuple[str, ...]:
    lines = _counted(excluded.label, _number(excluded.n), width)
    for reason in excluded.reasons:
        number = "" if reason.n is None else _number(reason.n)
        first, *others = _counted(reason.label, number, width - _INDENT)
        lines += [f"{_BULLET}{first}", *(f"{_UNDER}{line}" for line in others)]
    return tuple(lines)


def _counted(label: str, number: str, width: float) -> list[str]:
    """Return words and their number, which stays on one line if it fits on one."""
    lines = wrap(label, width=width, size=SMALL_SIZE, lines=_MOST_LINES)
    if number and text_width(f"{lines[-1]} {number}", size=SMALL_SIZE) <= width:
        return [*lines[:-1], f"{lines[-1]} {number}"]
    return [*lines, *wrap(number, width=width, size=SMALL_SIZE)] if number else lines


# Places ------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Slots:
    """Where across the figure everything is: each row shares the width out evenly."""

    middle: Mapping[str, float]
    width: Mapping[str, float]
    alone: frozenset[str]

    @classmethod
    def of(cls, rows: Sequence[Sequence[str]], width: float) -> _Slots:
        shares = {name: (width - 2 * _EDGE) / len(row) for row in rows for name in row}
        return cls(
            middle={
                name: _EDGE + (at + 0.5) * shares[name]
                for row in rows
                for at, name in enumerate(row)
            },
            width=shares,
            alone=frozenset(row[0] for row in rows if len(row) == 1),
        )

    def box_width(self, name: str) -> float:
        """Return how wide a box is."""
        return min(self.width[name] - (0 if name in self.alone else _GUTTER), _WIDEST_BOX)

    def aside_width(self, name: str) -> float:
        """Return how wide those are who are excluded from a box, beside the line below it."""
        half = self.width[name] / 2 - (0 if name in self.alone else _GUTTER / 2)
        return min(half - _ASIDE, _WIDEST_BOX)


def laid_out(flow: Flow, *, width: float, top: float = 0.0) -> FlowLayout:
    """Lay out a flow diagram.

    Parameters
    ----------
    flow : Flow
    width : float
        In inches, at least `narrowest(flow)`.
    top : float
        Where it begins, in inches from the top.
    """
    links = _links(flow, _rows(flow))
    rows = _ordered(_rows(flow), links)
    slots = _Slots.of(rows, width)
    boxes: dict[str, Panel] = {}
    beside: dict[int, Panel] = {}
    lines: list[Line] = []
    for row in rows:
        panels = _row_panels(flow, row, slots=slots, top=top)
        bottom = max([top, *(panel.bottom for panel in panels.values())])
        aside = _row_exclusions(flow, panels, slots=slots, top=bottom)
        under = max([bottom, *(panel.bottom for panel in aside.values())]) + _ABOVE
        leaving = [link for link in links if link[0] in row]
        lanes = _lanes(leaving, slots.middle)
        reached = under + _LANE * max(lanes.values(), default=0) + _TIP
        for (source, target), lane in lanes.items():
            start, end = slots.middle[source], slots.middle[target]
            bus = under + _LANE * lane
            from_ = bottom if source in panels else top
            lines.append(
                Line(((start, from_), (start, bus), (end, bus), (end, reached)), "|" not in target)
            )
        boxes, beside, top = boxes | panels, beside | aside, reached if lanes else under
    return FlowLayout(
        boxes={box.id: boxes[box.id] for box in flow.boxes},
        exclusions=tuple(beside[number] for number in range(len(flow.exclusions))),
        lines=tuple(lines),
        height=top,
    )


def _row_panels(flow: Flow, row: Sequence[str], *, slots: _Slots, top: float) -> dict[str, Panel]:
    """Return the boxes of a row, all of one height."""
    lines = {
        box.id: _box_lines(box, (slots.box_width(box.id) - 2 * _PAD) / _HINTED)
        for box in flow.boxes
        if box.id in row
    }
    height = max(map(len, lines.values())) * LINE + 2 * _PAD
    return {
        name: Panel(
            left=slots.middle[name] - slots.box_width(name) / 2,
            top=top,
            width=slots.box_width(name),
            height=height,
            lines=words,
        )
        for name, words in lines.items()
    }


def _row_exclusions(
    flow: Flow, panels: Mapping[str, Panel], *, slots: _Slots, top: float
) -> dict[int, Panel]:
    """Return those excluded below the boxes of a row, by number, one below the other."""
    found: dict[int, Panel] = {}
    under = dict.fromkeys(panels, top + _ABOVE)
    for number, excluded in enumerate(flow.exclusions):
        name = excluded.box
        if name in panels:
            lines = _excluded_lines(excluded, (slots.aside_width(name) - 2 * _PAD) / _HINTED)
            longest = max(text_width(line, size=SMALL_SIZE) for line in lines)
            found[number] = Panel(
                left=slots.middle[name] + _ASIDE,
                top=under[name],
                width=longest * _HINTED + 2 * _PAD,
                height=len(lines) * LINE + 2 * _PAD,
                lines=lines,
            )
            under[name] = found[number].bottom + _ABOVE
    return found


def _lanes(
    links: Sequence[tuple[str, str]], middle: Mapping[str, float]
) -> dict[tuple[str, str], int]:
    """Return how far down each line turns, so that lines of other boxes do not touch it."""
    groups: list[set[tuple[str, str]]] = []
    for link in links:
        joined = {link}
        for group in list(groups):
            if any(each[0] == link[0] or each[1] == link[1] for each in group):
                joined |= group
                groups.remove(group)
        groups.append(joined)
    taken: list[float] = []  # how far to the right each lane is taken
    lanes: dict[tuple[str, str], int] = {}
    for left, right, together in sorted(_spans(groups, middle)):
        lane = next((at for at, end in enumerate(taken) if end < left - 1e-9), len(taken))
        taken[lane : lane + 1] = [right]
        lanes |= dict.fromkeys(together, lane)
    return lanes


def _spans(
    groups: Sequence[set[tuple[str, str]]], middle: Mapping[str, float]
) -> Iterator[tuple[float, float, tuple[tuple[str, str], ...]]]:
    """Yield how far each group of lines reaches to the left and right."""
    for group in groups:
        ends = [middle[name] for link in group for name in link]
        yield min(ends), max(ends), tuple(sorted(group))

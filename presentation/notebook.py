"""Values in a notebook: small pieces of HTML, and small drawings as SVG inside HTML.

Arms have their colours in drawings, and all else that of the text around. They are for a glance,
and cost a millisecond; what is published is drawn by the figures room.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

__all__ = [
    "ARM_COLOURS",
    "Curve",
    "block",
    "curves",
    "folded",
    "heading",
    "histogram",
    "listing",
    "text",
]

_WIDTH, _HEIGHT = 460, 210
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 120, 10, 34
# Of the arms, as in the figures: readable on light and dark. The third is that of the text around.
ARM_COLOURS = (
    "#0072B2", "#D55E00", "currentColor", "#CC79A7", "#7B61C4", "#A3651A", "#3F8F29", "#B5446E",
)  # fmt: skip
_DASHES = ("", "7 3", "2 3", "9 3 2 3", "12 4", "4 4", "6 2 1 2 1 2", "12 2 4 2")
_LONGEST_NAME = 16


@dataclass(frozen=True, kw_only=True)
class Curve:
    """A staircase that starts at survival 1.

    Attributes
    ----------
    time, survival : sequence of float
        Times, increasing, and the survival from each of them on.
    points : mapping of float to float
        Reported survival by time, drawn as points.
    """

    time: Sequence[float]
    survival: Sequence[float]
    points: Mapping[float, float]


def curves(by_name: Mapping[str, Curve], *, unit: str, alt: str) -> str:
    """Draw survival curves from 0 to 100%.

    Parameters
    ----------
    by_name : mapping of str to Curve
    unit : str
        Of the times.
    alt : str
        What the drawing shows, in words.
    """
    last = [time for curve in by_name.values() for time in (*curve.time, *curve.points)]
    end = max(last, default=0.0) or 1.0
    parts = [_percent_axis(), _time_axis(end, unit)]
    for index, (name, curve) in enumerate(by_name.items()):
        dashes = _DASHES[index % len(_DASHES)]
        colour = ARM_COLOURS[index % len(ARM_COLOURS)]
        look = f'fill="none" stroke="{colour}" stroke-dasharray="{dashes}"'
        parts.append(f'<path d="{_stairs(curve, end)}" {look} stroke-width="1.5"/>')
        for time, survival in curve.points.items():
            x, y = _x(time / end), _y(survival)
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="none" stroke="{colour}"/>')
        parts.append(_key(index, name, look))
    return _drawing(parts, alt)


_POINT = 'fill="none" stroke="currentColor"'


def _stairs(curve: Curve, end: float) -> str:
    """Return the path of a curve, in which steps smaller than a tenth of a pixel are left out."""
    path, drawn = [f"M{_x(0):.1f} {_y(1):.1f}"], (_x(0), _y(1))
    for time, survival in zip(curve.time, curve.survival, strict=True):
        x, y = round(_x(time / end), 1), round(_y(survival), 1)
        if (x, y) != drawn:
            path.append(f"H{x}V{y}")
            drawn = (x, y)
    return "".join(path)


def _key(index: int, name: str, look: str) -> str:
    x, y = _WIDTH - _RIGHT + 8, _TOP + 8 + 18 * index
    short = name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
    line = f'<path d="M{x} {y}h22" {look} stroke-width="1.5"/>'
    return f"{line}{_text(x + 27, y + 4, short, anchor='start')}"


def histogram(
    values: Sequence[float],
    *,
    interval: tuple[float, float],
    reported: float | None,
    alt: str,
    bins: int = 36,
) -> str:
    """Draw how often ratios occur, on a logarithmic axis, with an interval and a reported value.

    Parameters
    ----------
    values : sequence of float
        Ratios, of which those that are positive and finite are drawn.
    interval : tuple of float
        Drawn as a line below the bars.
    reported : float or None
        Drawn as a vertical line.
    alt : str
        What the drawing shows, in words.
    bins : int
        Number of bars.
    """
    logs = [math.log(value) for value in values if _drawable(value)]
    ends = [math.log(value) for value in (*interval, reported or math.nan) if _drawable(value)]
    if not logs:
        return ""
    low, high = min(logs + ends), max(logs + ends)
    low, high = (low, high) if high - low > 1e-6 else (low - 0.1, high + 0.1)
    counts = [0] * bins
    for value in logs:
        counts[min(int((value - low) / (high - low) * bins), bins - 1)] += 1
    parts = [_bar(index, count / max(counts), bins) for index, count in enumerate(counts) if count]
    places = [_x((value - low) / (high - low)) for value in ends]
    parts += [_interval_line(places[:2])] if len(places) >= 2 else []
    if reported is not None and _drawable(reported):
        parts.append(_reported_line(places[-1]))
    parts += [
        _text(_x(at), _HEIGHT - 12, f"{math.exp(low + at * (high - low)):.2f}")
        for at in (0.0, 0.5, 1.0)
    ]
    return _drawing(parts, alt)


def _drawable(value: float) -> bool:
    return 0 < value < math.inf


def _bar(index: int, height: float, bins: int) -> str:
    x, wide, y = _x(index / bins), (_x(1) - _x(0)) / bins, _y(height)
    size = f'x="{x:.1f}" y="{y:.1f}" width="{wide * 0.9:.1f}" height="{_y(0) - y:.1f}"'
    return f'<rect {size} fill="currentColor" fill-opacity="0.35"/>'


def _interval_line(places: Sequence[float]) -> str:
    y = _y(0) + 6
    line = f"M{places[0]:.1f} {y}H{places[1]:.1f}"
    return f'<path d="{line}" stroke="currentColor" stroke-width="3"/>'


def _reported_line(x: float) -> str:
    line = f'<path d="M{x:.1f} {_y(1)}V{_y(0)}" stroke="currentColor" stroke-dasharray="4 3"/>'
    anchor = "end" if x > (_x(0) + _x(1)) / 2 else "start"
    return line + _text(x + (-5 if anchor == "end" else 5), _y(1) + 10, "reported", anchor=anchor)


def _percent_axis() -> str:
    lines = [f'<path d="M{_x(0)} {_y(1)}V{_y(0)}H{_x(1)}" {_POINT}/>']
    lines += [
        _text(_x(0) - 6, _y(percent / 100) + 4, f"{percent}%", anchor="end")
        for percent in (0, 50, 100)
    ]
    return "".join(lines)


def _time_axis(end: float, unit: str) -> str:
    """Write round times below the axis: 1, 2 or 5 times a power of ten apart."""
    rough = end / 5
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(width * power for width in (1, 2, 5, 10) if width * power >= rough * 0.999)
    marks = [step * count for count in range(int(end / step * 1.0001) + 1)]
    numbers = [_text(_x(mark / end), _y(0) + 14, f"{mark:g}") for mark in marks]
    return "".join([*numbers, _text((_x(0) + _x(1)) / 2, _HEIGHT - 4, unit)])


def _x(fraction: float) -> float:
    return _LEFT + fraction * (_WIDTH - _LEFT - _RIGHT)


def _y(fraction: float) -> float:
    return _TOP + (1 - fraction) * (_HEIGHT - _TOP - _BOTTOM)


def _text(x: float, y: float, words: str, *, anchor: str = "middle") -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text {place} fill="currentColor">{escape(words)}</text>'


def _drawing(parts: Sequence[str], alt: str) -> str:
    size = f'width="{_WIDTH}" height="{_HEIGHT}" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
    look = 'style="max-width: 100%; height: auto" font-size="11" font-family="sans-serif"'
    return f'<svg {size} {look} role="img" aria-label="{escape(alt)}">{"".join(parts)}</svg>'


def heading(words: str, remark: str = "") -> str:
    """Return what a value is, in bold, and a remark after it."""
    after = f" {escape(remark)}" if remark else ""
    return f"<p><strong>{escape(words)}</strong>{after}</p>"


def text(words: str) -> str:
    """Return a paragraph."""
    return f"<p>{escape(words)}</p>"


def listing(summary: str, sentences: Iterable[str]) -> str:
    """Return sentences as a list that opens when it is clicked; nothing if there are none."""
    items = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
    if not items:
        return ""
    return folded(summary, f"<ul>{items}</ul>")


def folded(summary: str, inside: str) -> str:
    """Return HTML that is shown when its summary is clicked."""
    return f"<details><summary>{escape(summary)}</summary>{inside}</details>"


def block(*parts: str) -> str:
    """Return pieces of HTML as one."""
    return f"<div>{''.join(parts)}</div>"

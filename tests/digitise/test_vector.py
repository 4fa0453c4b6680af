"""Vector figures whose every place is known: an SVG written by hand."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from kmrepro.digitise import Panel, read_figure

LEFT, BOTTOM, WIDTH, HEIGHT = 100.0, 400.0, 480.0, 300.0  # of the plot: 0 to 24 months, 0 to 1
CURVES = {
    "red": [(0.0, 1.0), (6.0, 0.8), (12.0, 0.6), (20.0, 0.4), (24.0, 0.4)],
    "blue": [(0.0, 1.0), (4.0, 0.9), (8.0, 0.6), (15.0, 0.5), (24.0, 0.5)],
}
NAMES = {"red": "Drug", "blue": "Placebo"}


def place(time: float, survival: float) -> tuple[float, float]:
    """Return the points from the left and from the top."""
    return LEFT + WIDTH * time / 24, BOTTOM - HEIGHT * survival


def text(x: float, y: float, words: str, *, fill: str = "black", anchor: str = "middle") -> str:
    """Write words whose middle is at the height y."""
    return (
        f'<text x="{x:.2f}" y="{y + 3.5:.2f}" font-size="10" fill="{fill}"'
        f' text-anchor="{anchor}">{words}</text>'
    )


def line(points: list[tuple[float, float]], color: str) -> str:
    """Draw a line through points."""
    corners = " L ".join(f"{x:.2f} {y:.2f}" for x, y in points)
    return f'<path d="M {corners}" fill="none" stroke="{color}" stroke-width="1"/>'


def steps(points: list[tuple[float, float]], shift: float) -> list[tuple[float, float]]:
    """Return the corners of a curve, with the falls moved to the right by some points."""
    corners = [place(*points[0])]
    for (_, before), (time, after) in pairwise(points):
        corners += [(place(time, before)[0] + shift, place(0, before)[1])]
        corners += [(place(time, after)[0] + shift, place(0, after)[1])]
    return corners


def drawn(path: Path, *, marks: dict[str, list[float]], shift: float = 0.0) -> Panel:
    """Write the figure, with a plus sign for each mark, and read it."""
    parts = [line([place(0, 1), place(0, 0), place(24, 0)], "black")]
    for time in range(0, 25, 6):
        x, y = place(time, 0)
        parts += [line([(x, y), (x, y + 5)], "black"), text(x, y + 15, str(time))]
    for tenth in range(0, 11, 2):
        x, y = place(0, tenth / 10)
        parts += [line([(x - 5, y), (x, y)], "black"), text(x - 18, y, f"{tenth / 10:.1f}")]
    for k, (color, points) in enumerate(CURVES.items()):
        x, y = place(17, 0.95 - 0.06 * k)
        parts += [line(steps(points, shift), color), line([(x, y), (x + 20, y)], color)]
        parts.append(text(x + 26, y, NAMES[color], anchor="start"))
        for time in marks.get(color, ()):
            at = [survival for start, survival in points if start <= time][-1]
            parts.append(text(place(time, 0)[0] + shift, place(0, at)[1], "+", fill=color))
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 480">{"".join(parts)}</svg>',
        encoding="utf-8",
    )
    (panel,) = read_figure(path).panels
    return panel


def test_letters_as_marks_belong_to_the_curve_of_their_colour(tmp_path: Path) -> None:
    """Where curves lie on each other, from 12 to 15 months, heights do not say whose it is."""
    panel = drawn(tmp_path / "figure.svg", marks={"red": [13.0, 14.0], "blue": [10.0, 13.5]})
    read = {arm.name: list(arm.censor_marks) for arm in panel.arms}
    assert read["Drug"] == pytest.approx([13.0, 14.0], abs=0.01)
    assert read["Placebo"] == pytest.approx([10.0, 13.5], abs=0.01)


@pytest.mark.parametrize("shift", [-0.01, 0.0, 0.01])
def test_times_at_a_tick_are_the_tick_s_where_coordinates_are_rounded(
    tmp_path: Path, shift: float
) -> None:
    """A fall at 12 months is of somebody who is counted at risk at 12 months, not one before."""
    panel = drawn(tmp_path / "figure.svg", marks={"red": [18.0]}, shift=shift)
    read = {arm.name: arm for arm in panel.arms}
    assert {6.0, 12.0} <= set(read["Drug"].curve.time)
    assert list(read["Drug"].censor_marks) == [18.0]
    assert read["Placebo"].curve.time[1] == pytest.approx(4.0 + shift / 20, abs=1e-6)

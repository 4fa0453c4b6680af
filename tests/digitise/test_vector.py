"""Vector figures whose every place is known: an SVG written by hand."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from kmrepro.digitise import Hints, Panel, UnreadableFigureError, read_figure
from kmrepro.digitise.glyphs import letters_alone
from kmrepro.digitise.pages import pdf_drawing
from kmrepro.digitise.vector import read_vector

LEFT, BOTTOM, WIDTH, HEIGHT = 100.0, 400.0, 480.0, 300.0  # of the plot: 0 to 24 months, 0 to 1
CURVES = {
    "red": [(0.0, 1.0), (6.0, 0.8), (12.0, 0.6), (20.0, 0.4), (24.0, 0.4)],
    "blue": [(0.0, 1.0), (4.0, 0.9), (8.0, 0.6), (15.0, 0.5), (24.0, 0.5)],
}
PAGE = 460.0  # points: height of the page of a PDF
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


def line(points: list[tuple[float, float]], color: str, style: str = 'stroke-width="1"') -> str:
    """Draw a line through points."""
    corners = " L ".join(f"{x:.2f} {y:.2f}" for x, y in points)
    return f'<path d="M {corners}" fill="none" stroke="{color}" {style}/>'


def steps(points: list[tuple[float, float]], shift: float) -> list[tuple[float, float]]:
    """Return the corners of a curve, with the falls moved to the right by some points."""
    corners = [place(*points[0])]
    for (_, before), (time, after) in pairwise(points):
        corners += [(place(time, before)[0] + shift, place(0, before)[1])]
        corners += [(place(time, after)[0] + shift, place(0, after)[1])]
    return corners


def drawn(
    path: Path,
    *,
    marks: dict[str, list[float]] | None = None,
    shift: float = 0.0,
    others: tuple[str, ...] = (),
    off: float = 0.0,
    sample_at: float = 0.0,
) -> Panel:
    """Write the figure, with a plus sign for each mark and with other paths, and read it.

    Axes are drawn so many points `off`, and samples of the legend so many right of where it is.
    """
    marks = marks or {}
    parts = [line([place(0, 1), place(0, 0), place(24, 0)], "black")]
    parts.append(text(place(12, 0)[0], place(0, 0)[1] + 30, "Months"))
    for time in range(0, 25, 6):
        x, y = (each + off for each in place(time, 0))
        parts += [line([(x, y), (x, y + 5)], "black"), text(x, y + 15, str(time))]
    for tenth in range(0, 11, 2):
        x, y = (each + off for each in place(0, tenth / 10))
        parts += [line([(x - 5, y), (x, y)], "black"), text(x - 18, y, f"{tenth / 10:.1f}")]
    for k, (color, points) in enumerate(CURVES.items()):
        x, y = place(17, 0.95 - 0.06 * k)
        sample = [(x + sample_at, y), (x + sample_at + 20, y)]
        parts += [line(steps(points, shift), color), line(sample, color)]
        parts.append(text(x + 26, y, NAMES[color], anchor="start"))
        for time in marks.get(color, ()):
            at = [survival for start, survival in points if start <= time][-1]
            parts.append(text(place(time, 0)[0] + shift, place(0, at)[1], "+", fill=color))
    parts += others
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 480">{"".join(parts)}</svg>',
        encoding="utf-8",
    )
    (panel,) = read_figure(path).panels
    return panel


def drawn_pdf(path: Path, more: str = "", *, before: str = "") -> Panel:
    """Write the curves and their axes as a PDF, with other operators before and after, read it."""
    return read_figure(written_pdf(path, more, before=before)).panels[0]


def written_pdf(path: Path, more: str = "", *, before: str = "") -> Path:
    """Write the curves and their axes as a PDF, with other operators before and after."""
    pytest.importorskip("pdfplumber")
    pytest.importorskip("pypdfium2")

    def path_of(points: list[tuple[float, float]]) -> str:
        ways = " l ".join(f"{x:.2f} {PAGE - y:.2f}" for x, y in points)
        return ways.replace(" l ", " m ", 1) + " l S"

    lines = [
        "0 0 0 RG 1 w",
        path_of([place(0, 0), place(24, 0)]),
        path_of([place(0, 0), place(0, 1)]),
    ]
    words = []
    for time in (0, 6, 12, 18, 24):
        x, y = place(time, 0)
        lines.append(path_of([(x, y), (x, y + 4)]))
        words.append(f"1 0 0 1 {x - 3 * len(str(time)):.2f} {PAGE - y - 16:.2f} Tm ({time}) Tj")
    for survival in ("0.0", "0.5", "1.0"):
        x, y = place(0, float(survival))
        lines.append(path_of([(x, y), (x - 4, y)]))
        words.append(f"1 0 0 1 {x - 22:.2f} {PAGE - y - 3.5:.2f} Tm ({survival}) Tj")
    lines.append(before)
    for color, code in (("red", "1 0 0"), ("blue", "0 0 1")):
        lines += [f"{code} RG", path_of(steps(CURVES[color], 0.0))]
    content = "\n".join([*lines, more, "0 0 0 rg BT /F 10 Tf", *words, "ET"])
    parts = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 700 {PAGE:.0f}] /Contents 4 0 R"
        " /Resources << /Font << /F 5 0 R >> >> >>",
        f"<< /Length {len(content)} >>\nstream\n{content}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    text, starts = "%PDF-1.4\n", []
    for number, part in enumerate(parts, start=1):
        starts.append(len(text))
        text += f"{number} 0 obj\n{part}\nendobj\n"
    table = "".join(f"{start:010d} 00000 n \n" for start in starts)
    size, start = len(parts) + 1, len(text)
    text += (
        f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer << /Size {size} /Root 1 0 R >>\n"
        f"startxref\n{start}\n%%EOF\n"
    )
    path.write_bytes(text.encode("latin-1"))
    return path


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


def times(color: str, factor: float) -> list[tuple[float, float]]:
    """Return corners of a curve whose hazard is that of another times a factor."""
    return steps([(time, survival**factor) for time, survival in CURVES[color]], 0.0)


DOTS = 'stroke-dasharray="2 3"'


@pytest.mark.parametrize("style", [f'stroke-width="1" {DOTS}', 'stroke-width="0.5"'])
def test_confidence_limits_are_no_curves(tmp_path: Path, style: str) -> None:
    """Whether they are dashed and as thick as the curve, or thinner; and one of them alone."""
    limits = tuple(line(times("red", factor), "red", style) for factor in (0.8, 1.2))
    for shown in (limits, limits[1:]) if "0.5" in style else (limits,):
        panel = drawn(tmp_path / "figure.svg", others=shown)
        assert [arm.name for arm in panel.arms] == ["Drug", "Placebo"]
        assert panel.arms[0].curve.at(np.array([13.0]))[0] == pytest.approx(0.6)


def test_arms_of_one_colour_may_differ_in_thickness(tmp_path: Path) -> None:
    """A dotted line is often the thickest: all three are curves."""
    third = line(times("red", 2.0), "red", f'stroke-width="1.2" {DOTS}')
    panel = drawn(tmp_path / "figure.svg", others=(third,))
    assert sorted(float(arm.curve.survival[-1]) for arm in panel.arms) == pytest.approx(
        [0.16, 0.4, 0.5]
    )


@pytest.mark.parametrize(
    "shape", ["l 4 0 l 0 4 l -4 0 Z", "l 2 -2 l 2 2 l -2 2 Z", "l 4 4 m 0 -4 l -4 4"]
)
def test_small_shapes_are_marks(tmp_path: Path, shape: str) -> None:
    """Squares, diamonds and crosses whose middle is on the curve; elsewhere they are none."""
    x, y = place(16.0, 0.6)
    left, top = x - 2, y if "-2" in shape else y - 2
    paths = tuple(
        f'<path d="M {left} {height} {shape}" fill="white" stroke="red" stroke-width="1"/>'
        for height in (top, top + 9)
    )
    panel = drawn(tmp_path / "figure.svg", others=paths)
    read = {arm.name: list(arm.censor_marks) for arm in panel.arms}
    assert read["Drug"] == pytest.approx([16.0], abs=0.01)
    assert read["Placebo"] == []


@pytest.mark.parametrize(
    "shape",
    [
        '<circle cx="{x}" cy="{y}" r="2.5" fill="none" stroke="red"/>',
        '<circle cx="{x}" cy="{y}" r="2.5" fill="red"/>',
        '<ellipse cx="{x}" cy="{y}" rx="2.5" ry="2" fill="red"/>',
        '<rect x="{left}" y="{top}" width="4" height="4" fill="none" stroke="red"/>',
        '<rect x="{left}" y="{top}" width="4" height="4" fill="red"/>',
        '<path d="M {x} {top} l 2 2 l -2 2 l -2 -2 Z" fill="red"/>',
    ],
)
def test_circles_rectangles_and_filled_shapes_are_marks(tmp_path: Path, shape: str) -> None:
    """One on the curve of its colour, one above it, and one on the other curve."""
    places = [place(16.0, 0.6), place(16.0, 0.8), place(10.0, 0.6)]
    shapes = tuple(shape.format(x=x, y=y, left=x - 2, top=y - 2) for x, y in places)
    panel = drawn(tmp_path / "figure.svg", others=shapes)
    read = {arm.name: list(arm.censor_marks) for arm in panel.arms}
    assert read["Drug"] == pytest.approx([16.0], abs=0.01)
    assert read["Placebo"] == []


@pytest.mark.parametrize(
    "shape", ["{left} {top} 4 4 re S", "{left} {top} 4 4 re f", "{x} {top} m {right} {y} l {x} "
              "{bottom} l {left} {y} l h f"]
)  # fmt: skip
def test_rectangles_and_filled_shapes_of_a_pdf_are_marks(tmp_path: Path, shape: str) -> None:
    x, y = place(16.0, 0.6)
    y = PAGE - y
    corners = {"x": x, "y": y, "left": x - 2, "right": x + 2, "top": y - 2, "bottom": y + 2}
    panel = drawn_pdf(tmp_path / "figure.pdf", f"1 0 0 RG 1 0 0 rg {shape.format(**corners)}")
    read = {arm.color: list(arm.censor_marks) for arm in panel.arms}
    assert read["#ff0000"] == pytest.approx([16.0], abs=0.01)
    assert read["#0000ff"] == []


def test_a_curve_that_is_drawn_twice_is_one(tmp_path: Path) -> None:
    """As programs do that draw it again above its band."""
    panel = drawn(tmp_path / "figure.svg", others=(line(times("red", 1.0), "red"),))
    assert [arm.name for arm in panel.arms] == ["Drug", "Placebo"]


STYLED = {  # what draws both curves and the axes, as style sheets say it
    "by class": ".a, .b{fill:none} .a{stroke:red} .b{stroke:blue} .c{stroke:#000;fill:none}",
    "by class within a figure": "svg .a{stroke:red;fill:none}\nsvg > path.b{stroke:#00f;fill:none}"
    "/* no rule: .c{stroke:none} */ .c{fill:none;stroke:rgb(0,0,0)}",
    "by variable": ":root{--one: red; --two:#123} .a{stroke:var(--one)} .b{stroke:var(--no, blue)}"
    ".c{stroke:black} *{fill:none}",
    "by the colour around": ".a{stroke:currentColor;color:red} .b{stroke:currentColor}"
    "svg{color:blue} .c{stroke:black;stroke-opacity:inherit} *{fill:none}",
    "of all paths but some": "path{fill:none;stroke:black} .a{stroke:red} #n.b, .b{stroke:#0000ff}"
    "@font-face{font-family:x} path:hover{stroke:green}",
}


@pytest.mark.parametrize("sheet", STYLED.values(), ids=STYLED.keys())
def test_colours_may_stand_in_a_style_sheet(tmp_path: Path, sheet: str) -> None:
    """As drawing programs export them."""
    plain, styled = tmp_path / "plain.svg", tmp_path / "styled.svg"
    expected = drawn(plain, marks={"red": [13.0]})
    written = plain.read_text(encoding="utf-8")
    for name, color in (("a", "red"), ("b", "blue"), ("c", "black")):
        written = written.replace(f'fill="none" stroke="{color}"', f'class="line {name}"')
    styled.write_text(written.replace("<path", f"<style>{sheet}</style><path", 1), encoding="utf-8")
    (panel,) = read_figure(styled).panels
    assert [(arm.name, arm.color) for arm in panel.arms] == [
        (arm.name, arm.color) for arm in expected.arms
    ]
    for arm, other in zip(panel.arms, expected.arms, strict=True):
        np.testing.assert_array_equal(arm.curve.survival, other.curve.survival)


def test_parts_of_a_text_may_have_places_of_their_own(tmp_path: Path) -> None:
    """Tick labels that a drawing program has joined to one text."""
    plain, joined = tmp_path / "plain.svg", tmp_path / "joined.svg"
    expected = drawn(plain)
    written = plain.read_text(encoding="utf-8")
    labels = [text(place(t, 0)[0], place(t, 0)[1] + 15, str(t)) for t in range(0, 25, 6)]
    for label in labels:
        written = written.replace(label, "")
    parts = "".join(label.replace("<text", "<tspan").replace("/text", "/tspan") for label in labels)
    whole = f'<text font-size="10">{parts}</text></svg>'
    joined.write_text(written.replace("</svg>", whole), encoding="utf-8")
    (panel,) = read_figure(joined).panels
    assert panel.x_axis.values == expected.x_axis.values
    for arm, other in zip(panel.arms, expected.arms, strict=True):
        np.testing.assert_array_equal(arm.curve.time, other.curve.time)


@pytest.mark.parametrize("off", [-0.5, 0.5])
def test_axes_that_are_half_a_point_off_are_moved_to_where_curves_start(
    tmp_path: Path, off: float
) -> None:
    """Programs for screens draw them so, to be sharp; a curve starts at time 0, at 1."""
    panel = drawn(tmp_path / "figure.svg", off=off)
    for arm, expected in zip(panel.arms, CURVES.values(), strict=True):
        time, survival = np.array(expected).T
        assert arm.curve.time == pytest.approx(time, abs=1e-3)
        assert arm.curve.survival == pytest.approx(survival, abs=1e-4)


def test_samples_of_a_legend_may_stand_at_the_right_of_names(tmp_path: Path) -> None:
    panel = drawn(tmp_path / "figure.svg", sample_at=72.0)
    assert [(arm.name, arm.color) for arm in panel.arms] == [
        ("Drug", "#ff0000"),
        ("Placebo", "#0000ff"),
    ]
    assert panel.unsure == ()


def test_a_sign_behind_a_name_is_a_part_of_it(tmp_path: Path) -> None:
    plain, signed = tmp_path / "plain.svg", tmp_path / "signed.svg"
    drawn(plain)
    written = plain.read_text(encoding="utf-8").replace("Drug", "HBV -").replace("Placebo", "HBV +")
    signed.write_text(written, encoding="utf-8")
    assert [arm.name for arm in read_figure(signed).panels[0].arms] == ["HBV -", "HBV +"]


@pytest.mark.parametrize(
    "style",
    [
        'stroke-width="9" stroke-opacity="0.0001"',
        'stroke-width="1" style="stroke:rgba(192, 192, 192, 0.001)"',
        'stroke-width="1" visibility="hidden"',
        'stroke-width="1" style="display: none"',
    ],
)
def test_lines_that_cannot_be_seen_are_no_curves(tmp_path: Path, style: str) -> None:
    """As web pages draw them above their curves, to catch the pointer."""
    panel = drawn(tmp_path / "figure.svg", others=(line(times("red", 1.3), "green", style),))
    assert [arm.name for arm in panel.arms] == ["Drug", "Placebo"]
    assert panel.unsure == ()


@pytest.mark.parametrize("font", ["font-size: 20px", "font: italic 1.25rem serif", "font: 125% x"])
def test_letters_may_be_sized_by_those_around_them(tmp_path: Path, font: str) -> None:
    plain, sized = tmp_path / "plain.svg", tmp_path / "sized.svg"
    expected = drawn(plain)
    written = plain.read_text(encoding="utf-8").replace('font-size="10"', 'font-size="0.5em"')
    sized.write_text(written.replace("<svg", f'<svg style="{font}"', 1), encoding="utf-8")
    (panel,) = read_figure(sized).panels
    assert [arm.name for arm in panel.arms] == [arm.name for arm in expected.arms]
    assert panel.x_axis.size == pytest.approx(expected.x_axis.size)


def test_curves_that_look_alike_may_have_each_other_s_name(tmp_path: Path) -> None:
    """Two black lines with black samples; of two widths, each has its own."""
    plain, black, wide = (tmp_path / f"{name}.svg" for name in ("plain", "black", "wide"))
    drawn(plain)
    written = plain.read_text(encoding="utf-8").replace('"blue"', '"red"')
    black.write_text(written, encoding="utf-8")
    assert any("are drawn alike" in text for text in read_figure(black).panels[0].unsure)
    colored = plain.read_text(encoding="utf-8")
    wider = colored.replace('"blue" stroke-width="1"', '"red" stroke-width="1.4"')
    wide.write_text(wider, encoding="utf-8")
    (panel,) = read_figure(wide).panels
    last = {arm.name: float(arm.curve.survival[-1]) for arm in panel.arms}
    assert last == {"Drug": pytest.approx(0.4), "Placebo": pytest.approx(0.5)}
    assert panel.unsure == ()


def test_a_survival_axis_goes_on_to_0_where_the_time_axis_is(tmp_path: Path) -> None:
    """Its label is lost, and one curve goes on below the lowest that is left, 0.2."""
    plain, lost = tmp_path / "plain.svg", tmp_path / "lost.svg"
    third = line(steps([(0.0, 1.0), (3.0, 0.5), (9.0, 0.1), (24.0, 0.1)], 0.0), "green")
    drawn(plain, others=(third,))
    x, y = place(0, 0)
    label = text(x - 18, y, "0.0")
    lost.write_text(plain.read_text(encoding="utf-8").replace(label, ""), encoding="utf-8")
    (panel,) = read_figure(lost).panels
    assert sorted(float(arm.curve.survival[-1]) for arm in panel.arms) == pytest.approx(
        [0.1, 0.4, 0.5], abs=1e-3
    )
    assert any("no label of 0 was read" in text for text in panel.unsure)
    assert not any("reaches the edge" in text for text in panel.unsure)


LIMITS = 'stroke-width="1" stroke-dasharray="4 2"'


def limit(color: str, factor: float, *, rise: float = 0.0) -> str:
    """Draw a confidence limit: 1, and the survival times a factor, at most 1; it may rise once."""
    points = [(0.0, 1.0), *((time, min(factor * s, 1.0)) for time, s in CURVES[color][1:])]
    points[-2] = (points[-2][0], points[-2][1] + rise)
    return line(steps(points, 0.0), color, LIMITS)


def test_a_limit_that_rises_belongs_to_an_interval(tmp_path: Path) -> None:
    """The lower one would else be an arm of its own."""
    others = (limit("red", 1.2, rise=0.25), limit("red", 0.7))
    panel = drawn(tmp_path / "figure.svg", others=others)
    assert [arm.name for arm in panel.arms] == ["Drug", "Placebo"]


def test_a_limit_whose_other_one_stays_at_1_belongs_to_an_interval(tmp_path: Path) -> None:
    others = (limit("red", 1.2), limit("red", 0.7), limit("blue", 9.0), limit("blue", 0.6))
    panel = drawn(tmp_path / "figure.svg", others=others)
    assert [arm.name for arm in panel.arms] == ["Drug", "Placebo"]


@pytest.mark.parametrize("sides", [["top", "left", "bottom", "right"], ["left", "bottom"]])
def test_the_frame_not_the_line_of_the_axis_ends_a_plot(tmp_path: Path, sides: list[str]) -> None:
    """R draws the axis from its first to its last tick, within a frame."""
    (x0, y0), (x1, y1) = place(-1, 1.04), place(27, -0.04)
    corners = [(x0, y0), (x0, y1), (x1, y1)]
    corners += [(x1, y0), (x0, y0)] if "top" in sides else []
    longer = [*CURVES["red"], (26.0, 0.4)]
    axis = line([place(0, -0.04), place(24, -0.04)], "black")
    others = (line(corners, "black"), axis, line(steps(longer, 0.0), "green"))
    panel = drawn(tmp_path / "figure.svg", others=others)
    (read,) = (arm for arm in panel.arms if arm.color == "#008000")
    assert read.curve.time[-1] == pytest.approx(26.0, abs=0.01)


@pytest.mark.parametrize(
    ("clip", "end"),
    [
        ("", 26.0),
        ('clip-path="url(#plot)"', 25.0),
        ('style="clip-path: url(#plot)"', 25.0),
        ('class="shown"', 25.0),
        ('clip-path="inset(0)"', 24.0),  # not known: up to the end of the line of the axis
    ],
)
def test_a_curve_goes_on_beyond_the_axis_unless_a_path_hides_it(
    tmp_path: Path, clip: str, end: float
) -> None:
    longer = [*CURVES["red"], (26.0, 0.4)]
    (x0, y0), (x1, y1) = place(0, 1.04), place(25, 0)
    shape = f'<rect x="{x0}" y="{y0}" width="{x1 - x0}" height="{y1 - y0}"/>'
    others = (
        f'<defs><clipPath id="plot">{shape}</clipPath></defs>',
        "<style>.shown { clip-path: url(#plot) }</style>",
        f"<g {clip}>{line(steps(longer, 0.0), 'green')}</g>",
        line([place(0, 0), place(24, 0)], "black"),
    )
    panel = drawn(tmp_path / "figure.svg", others=others)
    (read,) = (arm for arm in panel.arms if arm.color == "#008000")
    assert read.curve.time[-1] == pytest.approx(end, abs=0.01)


@pytest.mark.parametrize(("clip", "end"), [("", 26.0), ("q {} re W n", 25.0)])
def test_a_curve_of_a_pdf_goes_on_beyond_the_axis_unless_a_path_hides_it(
    tmp_path: Path, clip: str, end: float
) -> None:
    (x0, y0), (x1, y1) = place(0, 0), place(25, 1.04)
    corners = steps([*CURVES["red"], (26.0, 0.4)], 0.0)
    path = " l ".join(f"{x:.2f} {PAGE - y:.2f}" for x, y in corners).replace(" l ", " m ", 1)
    clipped = clip.format(f"{x0} {PAGE - y0} {x1 - x0} {y0 - y1}")
    more = f"{clipped} 0 1 0 RG {path} l S {'Q' if clip else ''}"
    panel = drawn_pdf(tmp_path / "figure.pdf", more)
    (read,) = (arm for arm in panel.arms if arm.color == "#00ff00")
    assert read.curve.time[-1] == pytest.approx(end, abs=0.01)


def test_dashes_that_are_areas_are_not_read_from_paths(tmp_path: Path) -> None:
    """A curve whose dashes a program filled would be lost beside those that are strokes."""
    left, top = place(1, 0.9)
    right, _ = place(20, 0.9)
    dashes = "\n".join(f"{x:.1f} {PAGE - top:.1f} 4 1 re f" for x in np.arange(left, right, 8.0))
    path = written_pdf(tmp_path / "figure.pdf", f"0 0.5 0 rg\n{dashes}")
    with pytest.raises(UnreadableFigureError, match="dashes of curves are areas"):
        read_vector(pdf_drawing(path, 1), Hints())
    assert len(read_vector(pdf_drawing(path, 1), Hints(kind="vector"))[0].arms) == 2


def test_a_plot_without_a_curve_beside_another_is_named(tmp_path: Path) -> None:
    more = [
        line([(x, 60.0), (x, 300.0)], "black") + line([(x, 300.0), (x + 200.0, 300.0)], "black")
        for x in (760.0,)
    ]
    more += [text(760.0 + 50.0 * k, 315.0, str(6 * k)) for k in range(5)]
    more += [text(742.0, 300.0 - 48.0 * k, f"{0.2 * k:.1f}") for k in range(6)]
    panel = drawn(tmp_path / "figure.svg", others=tuple(more))
    assert any("was not read: the axes of a plot were found" in text for text in panel.unsure)


def test_logarithms_and_hazards_are_refused_or_named(tmp_path: Path) -> None:
    title = '<text x="20" y="250" font-size="12" transform="rotate(-90 20 250)">{}</text>'
    read = drawn(tmp_path / "a.svg", others=(title.format("Overall survival"),))
    assert not any("titled" in doubt for doubt in read.unsure)
    with pytest.raises(UnreadableFigureError, match="the axis is titled 'log"):
        drawn(tmp_path / "b.svg", others=(title.format("log(-log(survival))"),))
    read = drawn(tmp_path / "c.svg", others=(title.format("Cumulative hazard"),))
    assert any("hazards are larger" in doubt for doubt in read.unsure)


def test_an_arm_of_a_figure_without_a_row_is_named(tmp_path: Path) -> None:
    numbers = [text(place(t, 0)[0], 440.0, str(90 - 3 * t)) for t in range(0, 25, 6)]
    label = text(60.0, 440.0, "Drug")
    read = drawn(tmp_path / "figure.svg", others=(*numbers, label))
    assert [row.arm for row in read.at_risk] == ["Drug"]
    assert any("no row of arm 'Placebo' was read" in doubt for doubt in read.unsure)


def test_a_level_line_in_a_colour_of_its_own_is_the_curve_of_an_arm_without_events(
    tmp_path: Path,
) -> None:
    """A grey one is a line of a grid."""
    for color, count in (("green", 3), ("#bbbbbb", 2)):
        level = line([place(0, 1), place(12, 1), place(24, 1)], color)
        panel = drawn(tmp_path / "figure.svg", others=(level,))
        assert len(panel.arms) == count
    assert panel.arms[0].curve.survival[-1] < 1.0


def test_a_name_of_a_legend_whose_line_is_no_curve_is_said(tmp_path: Path) -> None:
    x, y = place(17, 0.83)
    others = (line([(x, y), (x + 20, y)], "green"), text(x + 26, y, "Third", anchor="start"))
    panel = drawn(tmp_path / "figure.svg", others=others)
    assert len(panel.arms) == 2
    assert any("legend's 'Third' has a sample of line, and no curve" in t for t in panel.unsure)


def test_marks_may_have_a_colour_that_no_curve_has(tmp_path: Path) -> None:
    """They are centred on their curve; a stroke that only touches it is none."""

    def cross(time: float, survival: float, off: float = 0.0) -> str:
        x, y = place(time, survival)
        return line([(x, y - 3.5 + off), (x, y + 3.5 + off)], "black")

    others = (cross(13.0, 0.6), cross(18.0, 0.5), cross(21.0, 0.5, off=2.0))
    panel = drawn(tmp_path / "figure.svg", others=others)
    read = {arm.name: list(arm.censor_marks) for arm in panel.arms}
    assert read["Drug"] == pytest.approx([13.0], abs=0.01)
    assert read["Placebo"] == pytest.approx([18.0], abs=0.01)


def test_copies_of_a_mark_have_the_colour_of_their_place(tmp_path: Path) -> None:
    """Marks of gnuplot are defined once, in the colour that is current where they are placed."""
    shape = '<defs><path id="m" stroke="currentColor" d="M-1,0 h2 M0,-1 v2"/></defs>'
    x, y = place(13.0, 0.6)
    at = f"translate({x:.2f},{y:.2f}) scale(3)"
    copy = f'<use href="#m" color="red" transform="{at}"/>'
    placed = f'<g color="black" stroke="currentColor">{copy}</g>'
    panel = drawn(tmp_path / "figure.svg", others=(shape, placed))
    assert panel.arms[0].censor_marks == pytest.approx([13.0], abs=0.01)


def test_a_letter_drawn_again_and_again_by_itself_is_a_mark(tmp_path: Path) -> None:
    """Written as a word, or fewer times, it is not: "II" of a stage."""
    times = [7.0, 9.0, 9.1, 13.0, 14.0, 16.0]
    letters = [
        text(place(t, 0)[0], place(0, s)[1] - 0.9, "I", fill="red")
        for t, s in zip(times, [0.8, 0.8, 0.8, 0.6, 0.6, 0.6], strict=True)
    ]
    panel = drawn(tmp_path / "figure.svg", others=tuple(letters))
    assert [arm.name for arm in panel.arms] == ["Drug", "Placebo"]
    assert panel.arms[0].censor_marks == pytest.approx(times, abs=0.02)
    few = drawn(tmp_path / "figure.svg", others=tuple(letters[:3]))
    assert len(few.arms[0].censor_marks) == 0


def test_letters_of_words_are_no_marks() -> None:
    flush = [("I", 10.0 + 3 * k, 13.0 + 3 * k, 5.0) for k in range(6)]
    apart = [("I", 10.0 + 9 * k, 13.0 + 9 * k, 5.0) for k in range(6)]
    figures = [("1", *place) for _, *place in apart]
    assert letters_alone(flush) == []
    assert letters_alone(figures) == []
    assert letters_alone([("x", 0.0, 3.0, 5.0), *apart]) == [1, 2, 3, 4, 5, 6]


def test_dots_of_a_legend_name_the_curves_of_their_colour(tmp_path: Path) -> None:
    """In a figure whose legend has no samples of line."""
    path = tmp_path / "figure.svg"
    drawn(path)
    page = path.read_text(encoding="utf-8")
    for k, color in enumerate(CURVES):
        x, y = place(17, 0.95 - 0.06 * k)
        page = page.replace(
            line([(x, y), (x + 20, y)], color),
            f'<circle cx="{x + 15:.2f}" cy="{y:.2f}" r="4" fill="{color}"/>',
        )
    path.write_text(page, encoding="utf-8")
    (panel,) = read_figure(path).panels
    assert {arm.name: arm.color for arm in panel.arms} == {"Drug": "#ff0000", "Placebo": "#0000ff"}
    assert not any("name" in text for text in panel.unsure)


def test_marks_where_curves_of_one_colour_lie_on_each_other_are_nobody_s(tmp_path: Path) -> None:
    """The draft study file then says so, and states none as all times of censoring."""
    path = tmp_path / "figure.svg"
    drawn(path)
    page = path.read_text(encoding="utf-8").replace(
        'stroke="blue"', 'stroke="red" stroke-dasharray="5"'
    )

    def cross(time: float, survival: float) -> str:
        x, y = place(time, survival)
        return line([(x, y - 3.5), (x, y + 3.5)], "red")

    for time, whose in ((13.0, False), (18.0, True)):  # the curves are one from 12 to 15 months
        marked = page.replace("</svg>", cross(time, 0.6 if time < 15 else 0.5) + "</svg>")
        path.write_text(marked, encoding="utf-8")
        reading = read_figure(path)
        assert [arm.own_marks for arm in reading.panels[0].arms] == [whose, whose]
        assert any("whose they are is not known" in text for text in reading.unsure) != whose
        study = reading.save(tmp_path / f"read-{time:g}") / "study.toml"
        assert ("censor_marks = " in study.read_text(encoding="utf-8")) == whose


def test_letters_are_given_to_the_curve_that_they_are_centred_on(tmp_path: Path) -> None:
    """Wherever a font has the middle of a letter: by the others of the figure."""
    path = tmp_path / "figure.svg"
    drawn(path)
    page = path.read_text(encoding="utf-8").replace(
        'stroke="blue"', 'stroke="red" stroke-dasharray="5"'
    )
    times = {"Drug": [7.0, 9.0, 10.0, 16.0], "Placebo": [5.0, 9.5, 20.0]}
    letters = [
        text(
            place(t, 0)[0],
            place(0, [s for start, s in CURVES[color] if start <= t][-1])[1] + 3,
            "+",
            fill="red",
        )
        for color, name in NAMES.items()
        for t in times[name]
    ]
    path.write_text(page.replace("</svg>", "".join(letters) + "</svg>"), encoding="utf-8")
    arms = read_figure(path).panels[0].arms
    assert {arm.name: list(arm.censor_marks) for arm in arms} == {
        name: pytest.approx(places, abs=0.02) for name, places in times.items()
    }

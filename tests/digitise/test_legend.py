"""Legends: names, the samples of line beside them, and what is neither."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from kmrepro.digitise.arm_names import (
    is_caption,
    is_of_marks,
    is_remark,
    is_row_of_marks,
    is_row_of_rings,
)
from kmrepro.digitise.axes import tokens, x_scales, y_scales
from kmrepro.digitise.canvas import letter_colour
from kmrepro.digitise.colours import LineColour
from kmrepro.digitise.layout import continues, is_label, joined
from kmrepro.digitise.legend import entry_of, legend_entries, row_colour
from kmrepro.digitise.naming import assigned_labels
from kmrepro.digitise.panels import Frame
from kmrepro.digitise.patches import in_line_colours, patch_entries
from kmrepro.digitise.risk_labels import TableRow
from kmrepro.digitise.samples import LegendEntry, counts_by_colour
from kmrepro.digitise.text import TextLine, Word

Image = npt.NDArray[np.uint8]
EVERYWHERE = [(0.0, 0.0, 400.0, 200.0)]
BLUE, RED = (31, 119, 180), (214, 39, 40)


def sheet() -> Image:
    """Make a white figure."""
    return np.full((200, 400, 3), 255, dtype=np.uint8)


def name(text: str, y: float, *, x: float = 300) -> TextLine:
    """Make a line of text 16 pixels high whose middle is at y."""
    return TextLine(
        text=text, x0=x, y0=y - 8, x1=x + 8 * len(text), y1=y + 8, score=1.0, vertical=False
    )


def stroke(image: Image, y: int, rgb: tuple[int, int, int], start: int = 262) -> None:
    """Draw a sample of a line that ends eight pixels before a name."""
    image[y - 1 : y + 2, start:292] = rgb


def test_a_sample_is_told_from_a_curve_and_a_border_at_its_height() -> None:
    """The curve ends at the border of the plot, at the left of a legend outside of it."""
    image = sheet()
    image[50:53, 150:240] = RED  # thicker than the sample
    image[:, 250:252] = 0
    image[58:60, 262:292] = BLUE
    (entry,) = legend_entries(image, [name("Surgery", 58)], EVERYWHERE)
    assert entry.rgb == BLUE
    assert (entry.box[0], entry.box[2]) == pytest.approx((262, 292), abs=2)


def test_the_colour_of_a_thin_sample_is_that_of_its_core() -> None:
    image = sheet()
    stroke(image, 60, (143, 187, 218))
    image[60, 262:292] = BLUE
    (entry,) = legend_entries(image, [name("Surgery", 60)], EVERYWHERE)
    assert entry.rgb == BLUE


def test_a_name_may_be_followed_by_its_result() -> None:
    image = sheet()
    stroke(image, 60, BLUE)
    (entry,) = legend_entries(image, [name("Drug A (median, 18.2 mo)", 60)], EVERYWHERE)
    assert entry.name == "Drug A"
    assert legend_entries(image, [name("Median 18.2 mo", 60)], EVERYWHERE) == []


def test_numbers_in_the_colours_of_the_curves_have_it() -> None:
    image = sheet()
    image[54:66, 100:112] = image[54:66, 200:212] = RED
    row = TableRow(
        label="", y=60, left=98, right=214, label_right=98, size=16, cells=((0, 9), (6, 5)),
        unsure=(),
    )  # fmt: skip
    assert row_colour(image, row) == RED


def test_a_letter_behind_a_sample_is_no_part_of_it() -> None:
    """The box of a name may begin within its first letter."""
    image = sheet()
    stroke(image, 60, (82, 82, 82))
    image[54:66, 297:306] = 0
    (entry,) = legend_entries(image, [name("Surgery", 60)], EVERYWHERE)
    assert entry.rgb == (82, 82, 82)
    assert entry.box[2] == pytest.approx(292, abs=1)


def test_a_sample_behind_a_speck_is_no_letter() -> None:
    image = sheet()
    image[59:62, 268:270] = (200, 200, 200)
    stroke(image, 60, (0, 0, 0), start=272)
    (entry,) = legend_entries(image, [name("Surgery", 60)], EVERYWHERE)
    assert entry.rgb == (0, 0, 0)
    assert entry.box[2] == pytest.approx(292, abs=1)


def test_a_curve_that_steps_down_before_a_label_is_no_sample() -> None:
    image = sheet()
    stroke(image, 60, BLUE)
    image[20:61, 262:265] = BLUE
    assert legend_entries(image, [name("Surgery", 60)], EVERYWHERE) == []


def test_short_names_in_the_column_of_a_legend_are_names() -> None:
    """Alone, "CC" and "TT" would be taken for rows of marks."""
    image = sheet()
    lines = []
    for k, text in enumerate(("CC", "CT", "TT", "Unknown")):
        stroke(image, 40 + 22 * k, (40 * k, 80, 160))
        lines.append(name(text, 40 + 22 * k))
    entries = legend_entries(image, lines, EVERYWHERE)
    assert [entry.name for entry in entries] == ["CC", "CT", "TT", "Unknown"]
    image = sheet()
    stroke(image, 60, BLUE)
    assert legend_entries(image, [name("TT", 60)], EVERYWHERE) == []


def test_numbers_beside_strokes_are_a_legend_only_in_one_column() -> None:
    """Groups may be called 0 and 1; a number at risk beside a bar is no name."""
    image = sheet()
    stroke(image, 40, BLUE)
    assert legend_entries(image, [name("135", 40)], EVERYWHERE) == []
    stroke(image, 62, RED)
    entries = legend_entries(image, [name("0", 40), name("1", 62)], EVERYWHERE)
    assert [entry.name for entry in entries] == ["0", "1"]


def test_a_name_on_two_lines_has_its_sample_between_them() -> None:
    image = sheet()
    stroke(image, 40, RED)
    stroke(image, 80, BLUE)
    lines = [name("Anti-PD-1", 40), name("Anti-PD-1 +", 71), name("radiation", 89)]
    whole = joined(lines, lambda line: entry_of(image, line, lines))
    assert [line.text for line in whole] == ["Anti-PD-1", "Anti-PD-1 + radiation"]
    found = {e.name: e.rgb for e in legend_entries(image, whole, EVERYWHERE)}
    assert found == {"Anti-PD-1": RED, "Anti-PD-1 + radiation": BLUE}


def test_two_names_with_samples_are_not_joined() -> None:
    lines = [name("Drug +", 40), name("placebo", 58)]
    assert len(joined(lines, lambda line: entry(line.text, 1.0))) == 2
    assert len(joined(lines, lambda _: None)) == 1
    heading = [name("Strata", 40), name("stage=III", 58)]
    own = entry("stage=III", 1.0)
    assert len(joined(heading, lambda line: own if line.text == own.name else None)) == 2
    between = replace(own, raised=0.4)  # the sample of a name on two lines
    assert len(joined(heading, lambda line: between if line.text == own.name else None)) == 1


@pytest.mark.parametrize(
    ("first", "second", "one"),
    [
        ("Chemotherapy plus", "Bevacizumab", True),
        ("Standard", "of care", True),
        ("Placebo", "Drug", False),
        ("low", "high", False),
        ("Drug", "(n=120)", True),
        ("Drug", "p=0.03", False),
    ],
)
def test_lines_that_continue_a_name(first: str, second: str, one: bool) -> None:
    assert continues(first, second) is one


@pytest.mark.parametrize("text", ["HH4HH+HHHH", "KLHT", "|-|+", "十 ー 千"])
def test_marks_on_a_curve_are_no_name(text: str) -> None:
    assert is_row_of_marks(text)


@pytest.mark.parametrize("text", ["Low expression", "HER2+", "CMF + TAM", "Arm 1", "IFL"])
def test_names_are_no_marks(text: str) -> None:
    assert is_row_of_marks(text) is (text == "IFL")  # only a sample or a table makes it a name


def test_titles_and_results_are_no_names() -> None:
    """Recognition may lose the sign between p and its value."""
    assert is_caption("Event-free survival")
    assert is_caption("Months since randomization")
    assert not is_caption("Delayed surgery")
    assert is_remark("p 0.061")
    assert not is_remark("Group 0.5 mg")


def entry(text: str, filled: float) -> LegendEntry:
    """Make an entry whose sample has this share of ink."""
    return LegendEntry(name=text, rgb=(0.0, 0.0, 0.0), filled=filled, box=(0.0, 0.0, 30.0, 9.0))


def test_short_samples_count_only_beside_each_other() -> None:
    """Boxes of small letters are twice as high as the letters, and samples seem short."""
    image = sheet()
    for right in (112, 212):
        image[57:60, right - 12 : right] = BLUE
    row = [name("CR", 58, x=120), name("PR", 58, x=220)]
    assert [entry.name for entry in legend_entries(image, row, EVERYWHERE)] == ["CR", "PR"]
    assert legend_entries(image, row[:1], EVERYWHERE) == []


def test_a_sample_beside_the_corner_of_a_box_is_no_step_of_a_curve() -> None:
    image = sheet()
    image[57:60, 262:292] = BLUE
    image[52:, 258:260] = 200  # the box begins within the height of the name
    image[56:61, 260] = 200
    (entry,) = legend_entries(image, [name("10 mg", 58)], EVERYWHERE)
    assert entry.rgb == BLUE


def test_a_number_at_risk_of_the_panel_above_is_no_name() -> None:
    image = sheet()
    stroke(image, 58, BLUE)
    stroke(image, 90, RED)
    lines = [name("361", 58), name("120", 90)]
    assert legend_entries(image, lines, EVERYWHERE) == []


def sheet_with_samples_at_the_right() -> Image:
    """Draw two lines below each other that start behind names, as gnuplot does."""
    image = sheet()
    for y, rgb in ((40, BLUE), (64, RED)):
        image[y - 1 : y + 2, 166:206] = rgb
    return image


def test_samples_may_stand_at_the_right_of_names() -> None:
    """Two below each other; a line beside one name alone is none."""
    image = sheet_with_samples_at_the_right()
    lines = [name("Surgery", 40, x=100), name("Radiation", 64, x=84)]
    entries = legend_entries(image, lines, EVERYWHERE)
    assert [(entry.name, entry.rgb) for entry in entries] == [("Surgery", BLUE), ("Radiation", RED)]
    assert (entries[0].box[0], entries[0].box[2]) == pytest.approx((166, 206), abs=2)
    assert legend_entries(image, lines[:1], EVERYWHERE) == []


def test_a_sample_at_the_right_may_be_recognised_as_the_end_of_its_name() -> None:
    lines = [name("Surgery ----", 40, x=100), name("Radiation -", 64, x=84)]
    entries = legend_entries(sheet_with_samples_at_the_right(), lines, EVERYWHERE)
    assert [entry.name for entry in entries] == ["Surgery", "Radiation"]


@pytest.mark.parametrize(("second", "found"), [(278, 2), (272, 0)])
def test_short_samples_count_where_they_are_alike_and_below_each_other(
    second: int, found: int
) -> None:
    """A dash of less than a letter's height beside a single name may be anything."""
    image = sheet()
    stroke(image, 40, BLUE, start=278)
    stroke(image, 64, RED, start=second)
    image[60:68, 284:292] = 255 if second == 272 else image[60:68, 284:292]
    lines = [name("Surgery", 40), name("Radiation", 64)]
    assert len(legend_entries(image, lines, EVERYWHERE)) == found


def test_marks_that_the_legend_explains_name_no_arm() -> None:
    """SPSS lists every arm twice; "Grade II" is no other arm than "Grade l"."""
    image = sheet()
    lines = [name(text, 30 + 22 * k) for k, text in enumerate(("Grade I", "Grade II"))]
    lines += [
        name(f"{text}-censored", 90 + 22 * k) for k, text in enumerate(("Grade l", "Grade ll"))
    ]
    for line, rgb in zip(lines, (BLUE, RED, BLUE, RED), strict=True):
        stroke(image, round(line.centre[1]), rgb)
    entries = legend_entries(image, lines, EVERYWHERE)
    assert [entry.name for entry in entries] == ["Grade I", "Grade II"]
    assert not is_of_marks("Drug, n=80 (12 censored)")


@pytest.mark.parametrize(("text", "count"), [("M -A", 0), ("A B", 1), ("Anti-D", 1)])
def test_triangles_on_a_line_name_no_arm(text: str, count: int) -> None:
    image = sheet()
    stroke(image, 60, BLUE)
    assert len(legend_entries(image, [name(text, 60)], EVERYWHERE)) == count


def test_a_mark_of_the_axis_is_no_sample_of_the_title_of_a_legend() -> None:
    image = sheet()
    image[59:62, 230:250] = 0  # at the left of the plot
    stroke(image, 82, BLUE)
    lines = [name("Cohort", 60, x=270), name("Drug A", 82)]
    entries = legend_entries(image, lines, [(252.0, 0.0, 400.0, 200.0)])
    assert [entry.name for entry in entries] == ["Drug A"]


@pytest.mark.parametrize(
    ("text", "rings"),
    [("880 O6 O", True), ("B---G--D-1", True), ("GO O", True), ("Group B", False), ("CD8", False),
     ("DOG", False), ("60-80", True), ("B", False)],
)  # fmt: skip
def test_rows_of_circles_are_no_names(text: str, rings: bool) -> None:
    assert is_row_of_rings(text) == rings


def labelled(places: dict[str, tuple[float, float]]) -> bool:
    """Whether the first of some names, the only one with a sample, is a label beside a curve."""
    heights = [name(f"{v:g}", 180 - 160 * v, x=20) for v in (0, 0.25, 0.5, 0.75, 1)]
    labels = [*heights, *(name(str(t), 200, x=50 + 30 * t) for t in range(9))]
    words = [
        Word(text=n.text, x0=n.x0, y0=n.y0, x1=n.x1, y1=n.y1, line=k) for k, n in enumerate(labels)
    ]
    (x,), (y,) = x_scales(tokens(words)), y_scales(tokens(words))
    frame = Frame(x=x, y=y, left=50, right=330, top=10, bottom=190)
    lines = [name(text, height, x=left) for text, (left, height) in places.items()]
    first = lines[0]
    box = (first.x0 - 34, first.y0, first.x0 - 4, first.y1)
    entry = LegendEntry(name=first.text, rgb=BLUE, filled=1.0, box=box)
    return is_label(entry, frame, lines)


def test_the_end_of_a_curve_before_its_label_is_no_sample() -> None:
    assert labelled({"Drug": (290, 60), "Placebo": (250, 110)})
    assert labelled({"Drug": (290, 60), "Placebo": (290, 110)})
    assert not labelled({"Drug": (290, 60), "Placebo": (290, 82)})  # a legend
    assert not labelled({"Drug": (290, 60), "p = 0.03": (120, 150)})
    assert not labelled({"Drug": (290, 60)})


def step(image: Image, y: int, rgb: tuple[int, int, int], start: int = 262) -> None:
    """Draw a sample that is one step of a curve, as SPSS does."""
    image[y + 5 : y + 7, start : start + 14] = rgb
    image[y - 6 : y + 7, start + 12 : start + 14] = rgb
    image[y - 6 : y - 4, start + 12 : start + 26] = rgb


def test_a_sample_may_be_one_step() -> None:
    image = sheet()
    step(image, 58, BLUE)
    step(image, 88, RED)
    lines = [name("5", 88, x=268), name("Surgery", 58), name("Ablation", 88)]
    entries = legend_entries(image, lines, EVERYWHERE)
    assert [(entry.name, entry.rgb) for entry in entries] == [("Surgery", BLUE), ("Ablation", RED)]


def test_roman_numbers_below_each_other_are_a_legend() -> None:
    image = sheet()
    stroke(image, 58, BLUE)
    stroke(image, 78, RED)
    entries = legend_entries(image, [name("II", 58), name("III", 78)], EVERYWHERE)
    assert [entry.name for entry in entries] == ["II", "III"]
    assert legend_entries(image, [name("III", 78)], EVERYWHERE) == []


def test_a_name_that_looks_like_marks_may_stand_beside_another() -> None:
    image = sheet()
    stroke(image, 58, BLUE)
    image[57:60, 132:162] = RED
    lines = [name("Chemo", 58, x=170), name("TIL", 58)]
    entries = legend_entries(image, lines, EVERYWHERE)
    assert {entry.name for entry in entries} == {"Chemo", "TIL"}


def test_thin_dashes_that_look_paler_are_of_one_grey() -> None:
    """Their ends are mixed with the ground; the dashes tell the curves apart."""
    entries = [entry("A", 1.0), entry("B", 0.87), entry("C", 0.7)]
    greys = (68.0, 119.0, 105.0)
    entries = [replace(e, rgb=(g, g, g)) for e, g in zip(entries, greys, strict=True)]
    dark, pale = LineColour(rgb=(32.0,) * 3, pixels=900), LineColour(rgb=(147.0,) * 3, pixels=300)
    known, counts, _ = counts_by_colour(entries, [dark, pale])
    assert (len(known), list(counts.values())) == (1, [3])


def test_the_colour_of_letters_is_not_that_of_a_curve_at_the_edge_of_their_box() -> None:
    image = sheet()
    image[92:96, 200:390] = 0  # stronger than the letters, and longer
    for k in range(6):
        image[95:106, 304 + 8 * k : 306 + 8 * k] = RED
    rgb, _ = letter_colour(image, name("Cluster", 100))
    assert tuple(rgb) == RED


def test_a_name_that_may_be_of_a_curve_without_one_is_doubtful() -> None:
    lines = [name("Surgery", 50)]
    cost = np.array([[8.0], [20.0]])
    black = np.array([True])
    pairs, doubts = assigned_labels(cost, lines, black, farthest=100.0)
    assert pairs == [(0, 0)]
    assert "about as near to a curve that has no name" in doubts[0]
    clear = assigned_labels(np.array([[8.0], [90.0]]), lines, black, farthest=100.0)
    assert clear == ([(0, 0)], [])


def test_points_of_a_name_that_stands_in_the_legend_are_marks() -> None:
    """As statsmodels writes it; "Score of 3 points" without the name is an arm."""
    lines = [name("Drug", 40), name("Drug points", 60)]
    assert is_of_marks("Drug points", lines)
    assert not is_of_marks("Drug", lines)
    assert not is_of_marks("Drug points", lines[1:])
    assert not is_of_marks("Score of 3 points", lines)


def disc(image: Image, y: int, rgb: tuple[int, int, int], *, x: int = 280, radius: int = 7) -> None:
    """Draw a disc."""
    rows, columns = np.ogrid[: image.shape[0], : image.shape[1]]
    image[(rows - y) ** 2 + (columns - x) ** 2 <= radius**2] = rgb


def test_discs_and_squares_of_colour_are_samples() -> None:
    """Alone, grey, of one colour, or out of line they are anything."""
    image = sheet()
    disc(image, 40, (219, 227, 238))
    image[54:67, 274:287] = (255, 230, 210)
    lines = [name("Drug", 40), name("None", 60)]
    found = patch_entries(image, lines, EVERYWHERE)
    assert [(entry.name, entry.rgb) for entry in found] == [
        ("Drug", (219.0, 227.0, 238.0)),
        ("None", (255.0, 230.0, 210.0)),
    ]
    assert patch_entries(image, lines[:1], EVERYWHERE) == []
    image[38:41, 263:266] = 0  # too small for a sample
    assert patch_entries(image, lines, EVERYWHERE) == found
    for second, x in (((219, 227, 238), 280), ((200, 200, 200), 280), ((255, 230, 210), 272)):
        other = sheet()
        disc(other, 40, (219, 227, 238))
        disc(other, 60, second, x=x)
        assert patch_entries(other, lines, EVERYWHERE) == []


def test_pale_patches_have_the_colours_of_the_lines_of_their_hue() -> None:
    entries = [
        LegendEntry(name=text, rgb=rgb, filled=1.0, box=(0, 0, 9, 9), patch=True)
        for text, rgb in (("Drug", (219.0, 227.0, 238.0)), ("None", (255.0, 230.0, 210.0)))
    ]
    orange, blue = LineColour(rgb=(245.0, 133.0, 24.0)), LineColour(rgb=(76.0, 120.0, 168.0))
    found = in_line_colours(entries, [orange, blue])
    assert {entry.name: entry.rgb for entry in found} == {"Drug": blue.rgb, "None": orange.rgb}
    assert in_line_colours(entries, [orange]) == []
    assert in_line_colours(entries, [orange, LineColour(rgb=(20.0, 160.0, 40.0))]) == []


def test_the_title_of_a_legend_names_no_arm() -> None:
    """It stands above the samples; what ends at its left is a curve."""
    image = sheet()
    for y, rgb in ((58, BLUE), (78, RED)):
        stroke(image, y, rgb)
    image[37:40, 200:252] = BLUE
    lines = [name("Treatment", 38, x=262), name("Drug", 58), name("None", 78)]
    found = legend_entries(image, lines, EVERYWHERE)
    assert [entry.name for entry in found] == ["Drug", "None"]

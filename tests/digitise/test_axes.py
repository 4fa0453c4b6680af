"""Scales from tick labels."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmrepro.digitise.axes import (
    is_logarithmic,
    scale_through,
    tokens,
    x_scales,
    y_scales,
)
from kmrepro.digitise.panels import without_shared_labels
from kmrepro.digitise.text import Word
from kmrepro.digitise.ticks import completed, refine


def label(text, x, y):
    """Make a label whose middle is at x, y."""
    half = 4 * len(text)
    return Word(text=text, x0=x - half, y0=y - 8, x1=x + half, y1=y + 8)


def row(values, *, left=100.0, step=80.0, y=500.0):
    return [label(f"{v:g}", left + step * k, y) for k, v in enumerate(values)]


def test_a_row_of_even_numbers_is_a_time_axis():
    (scale,) = x_scales(tokens(row([0, 6, 12, 18, 24])))
    assert scale.value(100.0) == pytest.approx(0.0)
    assert scale.value(420.0) == pytest.approx(24.0)
    assert scale.residual < 1e-9


def test_a_label_that_does_not_fit_is_left_out_and_named():
    (scale,) = x_scales(tokens(row([0, 6, 12, 99, 24, 30])))
    assert scale.misfits == ("99",)
    assert scale.value(260.0) == pytest.approx(12.0)


def test_a_misread_label_near_its_value_does_not_spoil_the_others():
    """0.26 for 0.25 lies on the line to a pixel, and breaks the even steps."""
    values = {0.0: "0.0", 0.25: "0.26", 0.5: "0.5", 0.75: "0.75", 1.0: "1"}
    words = [label(text, 50, 400 - 300 * v) for v, text in values.items()]
    (scale,) = y_scales(tokens(words))
    assert scale.misfits == ("0.26",)
    assert scale.value(250.0) == pytest.approx(0.5)


def test_falling_numbers_are_no_time_axis():
    assert x_scales(tokens(row([120, 90, 60, 30, 0]))) == []


def test_survival_rises_upwards():
    words = [label(f"{v:g}", 50, 400 - 300 * v) for v in (0, 0.25, 0.5, 0.75, 1)]
    (scale,) = y_scales(tokens(words))
    assert scale.value(100.0) == pytest.approx(1.0)


def test_two_labels_are_too_few():
    assert x_scales(tokens(row([0, 12]))) == []


def test_a_logarithmic_axis_is_recognised():
    numbers = tokens(row([1, 10, 100, 1000]))
    assert is_logarithmic(numbers)
    assert not is_logarithmic(tokens(row([0, 6, 12, 18])))


def test_tick_marks_move_the_scale_to_a_part_of_a_pixel():
    """Labels are off by up to 2 pixels; ticks of 1 pixel stand at 100.5, 180.5, ..."""
    words = [
        label(f"{v:g}", 100.5 + 80 * k + off, 500)
        for k, (v, off) in enumerate(zip([0, 6, 12, 18, 24], [2, -1, 1, -2, 0], strict=True))
    ]
    ink = np.zeros((520, 520))
    ink[480, 90:430] = 1.0
    for k in range(5):
        ink[480:487, 100 + 80 * k] = 1.0
    scale = refine(x_scales(tokens(words))[0], ink)
    assert scale.from_ticks
    assert scale.pixel(0.0) == pytest.approx(100.5, abs=0.01)
    assert scale.pixel(24.0) == pytest.approx(420.5, abs=0.01)


@given(
    step=st.sampled_from([0.5, 1.0, 3.0, 6.0, 12.0, 365.0]),
    count=st.integers(3, 11),
    left=st.floats(40, 200),
    spacing=st.floats(45, 120),
)
def test_every_even_axis_is_recovered(step, count, left, spacing):
    values = [step * k for k in range(count)]
    (scale,) = x_scales(tokens(row(values, left=left, step=spacing)))
    assert scale.pixel(values[-1]) == pytest.approx(left + spacing * (count - 1), abs=1e-6)


BARE = np.zeros((600, 700))


def test_a_label_in_its_place_counts_though_it_was_not_read_as_a_number():
    words = [*row([0, 6, 12, 18]), label("Z4", 420.0, 500.0)]
    (scale,) = x_scales(tokens(words))
    assert completed(scale, words, BARE, None).values == (0, 6, 12, 18, 24)


def test_a_label_that_was_not_detected_is_read_in_its_place():
    words = [label(f"{v:g}", 50, 400 - 300 * v) for v in (0.2, 0.4, 0.6, 0.8, 1.0)]
    (scale,) = y_scales(tokens(words))
    ink = BARE.copy()
    ink[396:404, 44:56] = 1.0  # something stands where 0 must be
    boxes = []

    def reread(box):
        boxes.append(box)
        return "0.0", 0.98

    assert completed(scale, words, ink, reread).values[0] == 0.0
    assert all(box[1] < 400 < box[3] for box in boxes)
    assert completed(scale, words, ink, lambda _: ("0.1", 0.98)).values[0] == 0.2
    assert completed(scale, words, BARE, reread).values[0] == 0.2


def test_an_axis_beyond_which_there_are_words_is_not_made_longer():
    words = [*row([0, 6, 12, 18]), label("Months", 420.0, 500.0)]
    (scale,) = x_scales(tokens(words))
    assert completed(scale, words, BARE, None).values == (0, 6, 12, 18)


def test_strokes_beyond_the_axis_line_are_no_tick_marks():
    """A table of numbers between curves and axis has strokes that look like ticks."""
    (scale,) = x_scales(tokens(row([0, 6, 12, 18, 24])))
    ink = BARE.copy()
    ink[478:480, 60:460] = 1.0
    for k in range(5):
        ink[480:485, 100 + 80 * k : 102 + 80 * k] = 1.0
        ink[462:470, 95 + 76 * k : 97 + 76 * k] = 1.0
    better = refine(scale, ink)
    assert better.from_ticks
    assert better.value(101.0) == pytest.approx(0.0, abs=1e-9)
    assert better.value(421.0) == pytest.approx(24.0, abs=1e-9)


def test_a_zero_that_two_axes_share_is_taken_from_the_one_it_does_not_fit():
    """The "0" of the survival axis was not recognised; that of the time axis is nearly in line."""
    zero = label("0", 60, 512)  # 12 pixels below the end of the survival axis
    words = [*(label(f"{v:g}", 60, 500 - 3 * v) for v in (25, 50, 75, 100)), zero]
    words += [label(f"{v:g}", 60 + 10 * v, 512) for v in (6, 12, 18)]
    (y,) = y_scales(tokens([*words[:4], zero]))
    (x,) = x_scales(tokens([zero, *words[5:]]))
    stretched = scale_through([*((t.y, t.value) for t in y.labels), (512.0, 0.0)], "y", y.labels)
    shared = next(t for t in x.labels if t.value == 0)
    y = replace(stretched, labels=(*(t for t in y.labels if t.value > 0), shared))
    (time,), (survival,) = without_shared_labels([x], [y])
    assert time.values == (0.0, 6.0, 12.0, 18.0)
    assert survival.pixel(0.0) == pytest.approx(500.0)


def test_labels_that_touch_are_no_number():
    """Here 100, 200 and 300 touch, and no axis ends at a hundred million."""
    assert not tokens([label("100200300", 100, 500)])


def test_labels_of_one_decimal_that_touch_are_parted():
    """They run into each other on narrow axes, and are recognised as one word."""
    word = Word(text="0.00.51.01.52.0", x0=100, x1=250, y0=300, y1=312)
    (scale,) = x_scales(tokens([word]))
    assert [value for _, value in scale.points] == [0.0, 0.5, 1.0, 1.5, 2.0]
    assert [pixel for pixel, _ in scale.points] == pytest.approx([115, 145, 175, 205, 235])
    for text in ("0.00.51.01.72.0", "2.01.51.0", "0.51.0", "12.5"):
        assert len(tokens([replace(word, text=text)])) <= 1


def test_labels_of_uneven_steps_are_used_where_they_fit_and_named_where_not() -> None:
    """30 and 365 days are on no grid with 90, 180 and 270, but where the scale has them."""
    days = [0, 30, 90, 180, 270, 365, 540, 720]

    def word(text: str, x: float) -> Word:
        return Word(text=text, x0=x - 4 * len(text), y0=412, x1=x + 4 * len(text), y1=428)

    row = [word(str(day), 100 + day / 2) for day in days]
    (scale,) = x_scales(tokens(row))
    assert [label.value for label in scale.labels] == days
    assert scale.misfits == ()
    row[1] = word("38", 115)
    (scale,) = x_scales(tokens(row))
    assert scale.misfits == ("38",)
    assert scale.residual < 1e-9


@pytest.mark.parametrize(
    ("days", "named"),
    [
        ([0, 12, 24, 36, 48, 60, 120], {"120"}),
        ([0, 1, 2, 3, 4, 5, 10], {"10"}),
        ([0, 10, 20, 30, 60, 90, 120], {"60"}),
    ],
)
def test_a_broken_axis_is_named(days: list[int], named: set[str]) -> None:
    """The number at the next place is not the next number: the scale ends, or is broken."""
    row = [
        Word(text=str(day), x0=96 + 80 * k, y0=412, x1=104 + 80 * k, y1=428)
        for k, day in enumerate(days)
    ]
    scales = x_scales(tokens(row))
    assert scales
    assert all(scale.misfits for scale in scales)
    assert {misfit for scale in scales for misfit in scale.misfits} == named


def test_axes_of_panels_side_by_side_are_not_broken() -> None:
    """The first label of the next panel is no end of a broken axis."""
    row = [
        Word(text=str(12 * (k % 4)), x0=96 + 80 * k, y0=412, x1=104 + 80 * k, y1=428)
        for k in range(8)
    ]
    scales = x_scales(tokens(row))
    assert [scale.misfits for scale in scales] == [(), ()]


def test_a_row_of_counts_that_rise_evenly_in_part_is_no_axis() -> None:
    """Numbers of events: 34, 40 and 46 are even by chance, 0, 14 and 26 before them are not."""
    row = [
        Word(text=str(count), x0=96 + 80 * k, y0=412, x1=104 + 80 * k, y1=428)
        for k, count in enumerate([0, 14, 26, 34, 40, 46])
    ]
    assert x_scales(tokens(row)) == []


def test_decimal_points_that_were_not_recognised_follow_from_that_of_the_zero() -> None:
    """A column "10", "8", "6", "0.0" is of a program that writes one decimal: 1.0 at its top."""

    def column(*texts: str) -> list[Word]:
        return [
            Word(text=text, x0=40, y0=92 + 60 * k, x1=70, y1=108 + 60 * k, vertical=True)
            for k, text in enumerate(texts)
        ]

    (scale,) = y_scales(tokens(column("10", "8", "6", "04", "2", "0.0")))
    values = sorted(label.value for label in scale.labels)
    assert values == pytest.approx([0.0, 0.2, 0.4, 0.6, 0.8, 1.0])
    assert scale.slope < 0
    (scale,) = y_scales(tokens(column("10", "8", "6", "4", "2", "0")))
    assert scale.values[-1] == 10


def test_a_tick_mark_that_a_curve_covers_is_left_out():
    """Inside the plot, the tick at a survival of 1 may lie below thick curves that start there."""
    (scale,) = x_scales(tokens(row([0, 6, 12, 18, 24])))
    ink = BARE.copy()
    ink[478:480, 60:460] = 1.0
    for k in range(5):
        ink[472:480, 100 + 80 * k : 102 + 80 * k] = 1.0
    ink[472:478, 101:106] = 1.0
    better = refine(scale, ink)
    assert better.pixel(0.0) == pytest.approx(101.0, abs=1e-9)
    assert better.pixel(24.0) == pytest.approx(421.0, abs=1e-9)


def test_tick_marks_are_found_where_labels_were_placed_too_near_each_other():
    """Boxes of a row recognised as one line may be off by more than half a letter at its ends."""
    off = (6, -5, 2, 4, 0, -3, 4, -6, -8)
    words = [label(str(3 * k), 100.5 + 40 * k + off[k], 500) for k in range(9)]
    ink = np.zeros((520, 520))
    ink[480, 60:460] = 1.0
    for k in range(9):
        ink[481:487, 100 + 40 * k] = 1.0
    (scale,) = x_scales(tokens(words))
    assert scale.residual > 1.0
    better = refine(scale, ink)
    assert better.from_ticks
    assert better.pixel(0.0) == pytest.approx(100.5, abs=0.01)
    assert better.pixel(24.0) == pytest.approx(420.5, abs=0.01)


def test_an_upright_label_and_its_sign_have_one_middle():
    """R turns labels such as "50 %": the tick is at the middle of both words."""
    words = [
        Word(text="50", x0=60, y0=118, x1=72, y1=132, line=3, vertical=True),
        Word(text="%", x0=60, y0=104, x1=72, y1=114, line=3, vertical=True),
        Word(text="75", x0=60, y0=40, x1=72, y1=54, line=4, vertical=True),
    ]
    assert [token.y for token in tokens(words)] == [118.0, 47.0]

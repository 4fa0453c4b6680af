"""The plotting area: which lines are curves, which ink is text, and what is ground."""

from __future__ import annotations

import numpy as np
import pytest

from kmrepro.digitise.axes import scale_through
from kmrepro.digitise.canvas import Canvas, cut_out
from kmrepro.digitise.colours import LineColour
from kmrepro.digitise.panels import Frame
from kmrepro.digitise.read import _rises
from kmrepro.digitise.text import Word

HEIGHT, WIDTH = 200, 300
FRAME = Frame(
    x=scale_through([(2.0, 0.0), (290.0, 12.0)], "x"),
    y=scale_through([(10.0, 1.0), (195.0, 0.0)], "y"),
    left=2.0, right=299.0, top=0.0, bottom=199.0,
)  # fmt: skip


def blank() -> np.ndarray:
    return np.full((HEIGHT, WIDTH, 3), 255, dtype=np.uint8)


def canvas_of(image: np.ndarray, words: tuple[Word, ...] = (), **inks: object) -> Canvas:
    return cut_out(image, FRAME, words, **inks)  # type: ignore[arg-type]


def word(text: str, box: tuple[float, float, float, float], score: float = 1.0) -> Word:
    return Word(text=text, x0=box[0], y0=box[1], x1=box[2], y1=box[3], score=score)


def test_a_long_level_of_a_curve_is_no_grid_line():
    """It begins after the first fall, as no grid line does."""
    image = blank()
    image[20:22, 30:299] = 0
    assert not canvas_of(image).straight.any()


def test_a_line_through_the_whole_plot_is_a_grid_line():
    image = blank()
    image[100, :] = 200
    assert canvas_of(image).straight[100].mean() > 0.9


def test_a_line_through_a_box_of_text_is_no_text():
    image = blank()
    image[100:102, 50:250] = 0
    image[96:106, 120:123] = 0  # a letter on the line is kept with it
    image[90:94, 126:130] = 0  # a letter beside it is text
    text = canvas_of(image, (word("ty", (115, 88, 140, 108)),)).text
    assert not text[100:102].any()
    assert text[90:94, 126:130].all()


@pytest.mark.parametrize(
    ("text", "score"), [("\u5341", 0.9), ("tl", 0.6), ("H+", 0.95), ("5", 0.95)]
)
def test_marks_and_steps_recognised_as_characters_are_no_text(text, score):
    assert not canvas_of(blank(), (word(text, (115, 88, 140, 108), score),)).text.any()


def test_bands_that_hold_all_of_a_line_are_ground():
    """Where two bands overlap, they are nearly half as strong as the line within."""
    image = blank()
    image[40:120, 5:295] = (190, 195, 205)
    image[78:80, 5:295] = (36, 134, 192)
    canvas = canvas_of(image, inks=[(36.0, 134.0, 192.0)])
    assert np.abs(canvas.ground[60, 150] - (190, 195, 205)).max() < 2
    assert canvas.ink[60, 150] < 5 < 100 < canvas.ink[78, 150]


def test_a_rest_of_the_axis_line_is_no_start_of_incidence():
    """A curve that falls at once leaves less ink at the top than the axis line does below."""
    image = blank()
    image[10:12, 2:8] = (156, 59, 59)
    for k in range(60):
        image[10 + 2 * k : 14 + 2 * k, 8 + 4 * k : 12 + 4 * k] = (156, 59, 59)
    image[192:194, 2:60] = (25, 25, 25)
    red = LineColour(rgb=(156.0, 59.0, 59.0), pixels=700)
    rest = LineColour(rgb=(25.0, 25.0, 25.0), pixels=40)
    canvas = canvas_of(image)
    assert not _rises(canvas, [red, rest], FRAME)
    assert _rises(canvas_of(image[::-1]), [red, rest], FRAME)

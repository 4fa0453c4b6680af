"""Censoring marks on a drawn line."""

from __future__ import annotations

import numpy as np
import pytest

from kmrepro.digitise.marks import find_marks, share_beside
from kmrepro.digitise.traced import Trace


def level_line(marks: list[int], *, thick: int = 2) -> tuple[np.ndarray, Trace]:
    """Draw a level line two pixels wide at row 50, with strokes upwards at some columns."""
    like = np.zeros((100, 300))
    like[49:51] = 1.0
    for column in marks:
        like[43:51, column : column + thick] = 0.8
    line = Trace(
        rows=np.full(300, 50.0), start=0, own=np.ones(300), width=2.0, falls=np.zeros(0),
        levels=np.array([50.0]), hidden=np.array([False]),
    )  # fmt: skip
    return like, line


def test_separate_marks_are_found_at_their_middles():
    found = find_marks(*level_line([40, 90, 200]))
    np.testing.assert_allclose(found, [41, 91, 201])


def test_marks_that_run_together_are_as_many_as_cover_the_place():
    """Twelve pixels of strokes that are two wide need six."""
    found = find_marks(*level_line([40, 90, 130, 200, 202, 204, 206, 208, 210]))
    assert len(found) == 9


def test_a_guide_line_is_no_mark():
    like, line = level_line([40, 90])
    like[5:50, 150:152] = 1.0
    np.testing.assert_allclose(find_marks(like, line), [41, 91])


def test_a_line_without_marks_has_none():
    assert len(find_marks(*level_line([]))) == 0


def test_thin_edges_beside_clear_marks_are_none():
    """A column of pale ink, as where two lines pass each other, is thinner than a mark."""
    like, line = level_line([40, 90, 200], thick=3)
    like[43:49, 150] = 0.4
    np.testing.assert_allclose(find_marks(like, line), [41.5, 91.5, 201.5])


def test_marks_below_the_line_are_found_where_a_fall_hides_their_upper_half():
    like, _ = level_line([])
    like[10:51, 150:152] = 1.0  # the fall, from the level at row 10
    like[49:51, :150] = 0.0
    like[9:11, :152] = 1.0
    rows = np.where(np.arange(300) < 151, 10.0, 50.0)
    curve = Trace(
        rows=rows, start=0, own=np.ones(300), width=2.0, falls=np.array([151.0]),
        levels=np.array([10.0, 50.0]), hidden=np.zeros(2, dtype=bool),
    )  # fmt: skip
    like[44:57, 153:155] = 0.9  # three columns after the fall
    np.testing.assert_allclose(find_marks(like, curve), [154], atol=0.6)


def test_marks_that_rise_two_pixels_above_a_sharp_line_are_found():
    like, line = level_line([])
    for column in (40, 90, 200):
        like[47:53, column] = 1.0
    np.testing.assert_allclose(find_marks(like, line), [40.5, 90.5, 200.5])


def test_thick_marks_that_stand_alone_are_one_each():
    found = find_marks(*level_line([40, 90, 130, 200], thick=7))
    assert len(found) == 4


def test_limits_drawn_like_the_curve_are_beside_it_along_all_of_it():
    like, line = level_line([40, 90, 200])
    assert share_beside(like, line) == 0.0
    like[30] = 1.0
    assert share_beside(like, line) > 0.99


def test_the_pale_edge_of_a_fall_of_a_thick_line_is_no_mark():
    """A fall between two columns has half its ink in those beside it."""
    like = np.zeros((100, 300))
    falls = np.array([60.5, 140.5, 220.5])
    levels = np.array([20.0, 34.5, 49.0, 63.5])
    rows = levels[np.searchsorted(falls, np.arange(300) + 0.5)]
    for column, row in enumerate(rows):
        like[round(row - 2.5) : round(row + 2.5), column] = 1.0
    for fall, top, bottom in zip(falls, levels, levels[1:], strict=False):
        span = slice(round(top - 2.5), round(bottom + 2.5))
        like[span, int(fall) - 2 : int(fall) + 3] = 1.0
        for edge in (int(fall) - 3, int(fall) + 3):
            like[span, edge] = np.maximum(like[span, edge], 0.5)
    line = Trace(
        rows=rows, start=0, own=np.ones(300), width=5.0, falls=falls, levels=levels,
        hidden=np.zeros(4, dtype=bool),
    )  # fmt: skip
    assert len(find_marks(like, line)) == 0


def drawn_marks(shape: str, columns: list[int], *, size: float = 5.0) -> tuple[np.ndarray, Trace]:
    """Draw a level line two pixels wide at row 50, with shapes at some columns, not filled."""
    like, line = level_line([])
    y, x = np.mgrid[0:100, 0:300] + 0.5
    for column in columns:
        across, up = np.abs(x - column - 0.5), np.abs(y - 50)
        away = {
            "circle": np.abs(np.hypot(across, up) - size),
            "square": np.abs(np.maximum(across, up) - size),
            "diamond": np.abs(across + up - size) / np.sqrt(2),
            "cross": np.where(np.maximum(across, up) > size, 9.0, np.abs(across - up)),
            "disc": np.hypot(across, up) - size,
        }[shape]
        like = np.maximum(like, np.clip(1.3 - away, 0.0, 1.0))
    return like, line


@pytest.mark.parametrize("shape", ["circle", "square", "diamond", "cross"])
def test_a_mark_of_two_sides_is_one(shape):
    like, line = drawn_marks(shape, [40, 90, 130, 200])
    np.testing.assert_allclose(find_marks(like, line), [40.5, 90.5, 130.5, 200.5], atol=1)


def test_circles_that_run_together_are_as_many_as_cover_the_place():
    like, line = drawn_marks("circle", [40, 90, 130, 200, 207, 214])
    assert len(find_marks(like, line)) in (5, 6)


def test_discs_are_one_mark_each_beside_two_thin_specks():
    like, line = drawn_marks("disc", [40, 130, 200])
    like[45:49, 90] = like[45:49, 96] = 0.7
    assert len(find_marks(like, line)) <= 5

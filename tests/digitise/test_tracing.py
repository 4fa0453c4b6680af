"""The cheapest staircase, against enumeration and on drawn lines."""

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from kmrepro.digitise.marks import find_marks
from kmrepro.digitise.tracing import ENDED, cheapest_rows, closed_along, trace


def drawn_line(*, width=3, shape=(200, 300)):
    """Draw a staircase of known levels: falls at columns 60, 120 and 200, drawn until 260."""
    like = np.zeros(shape)
    levels, falls, end = [20, 60, 61 + 40, 150], [60, 120, 200], 260
    edges = [5, *falls, end]
    for level, a, b in zip(levels, edges[:-1], edges[1:], strict=True):
        like[level - width // 2 : level + width // 2 + 1, a : b + 1] = 1.0
    for k, fall in enumerate(falls):
        like[levels[k] : levels[k + 1] + 1, fall - width // 2 : fall + width // 2 + 1] = 1.0
    return like, levels, falls, end


def test_a_drawn_staircase_is_recovered_to_half_a_pixel():
    like, levels, falls, end = drawn_line()
    curve = trace(like, np.zeros_like(like), start=5, start_row=20, slack=2)
    assert curve.levels == pytest.approx([level + 0.5 for level in levels], abs=0.2)
    assert curve.falls == pytest.approx([fall + 0.5 for fall in falls], abs=0.5)
    assert curve.end == pytest.approx(end, abs=1.5)
    assert curve.support > 0.98


def test_a_dashed_line_is_followed_over_its_gaps():
    like, levels, falls, _ = drawn_line()
    strokes = np.min(np.abs(np.arange(300)[:, None] - np.array(falls)), axis=1) <= 1
    like[:, (np.arange(300) % 12 >= 7) & ~strokes] = 0.0
    curve = trace(like, np.zeros_like(like), start=5, start_row=20, slack=2)
    assert curve.levels == pytest.approx([level + 0.5 for level in levels], abs=0.3)
    assert curve.end == pytest.approx(255, abs=8)
    assert curve.support == pytest.approx(7 / 12, abs=0.1)


def test_a_line_is_followed_under_another_that_hides_it():
    like, levels, _, _ = drawn_line()
    hidden = np.zeros_like(like)
    hidden[:, 130:150] = 1.0
    like[:, 130:150] = 0.0
    curve = trace(like, hidden, start=5, start_row=20, slack=2)
    assert curve.rows[140 - 5] == pytest.approx(levels[2] + 0.5, abs=1.0)


def test_ink_before_the_start_alone_is_no_curve():
    """Of the line of the axis, for example."""
    like = np.zeros((50, 80))
    like[:, :3] = 1.0
    found = trace(like, np.ones((50, 80)), start=5, start_row=5, slack=2)
    assert found is None or found.support == 0.0


@pytest.mark.parametrize("slope", [0.25, 1.0, 4.0])
def test_gaps_along_a_slope_are_closed_as_scipy_does(slope):
    rng = np.random.default_rng(7)
    ink = rng.random((60, 90)) < 0.05
    along = np.linspace(-9, 9, 80) / max(1.0, slope)
    line = {(round(slope * a), round(a)) for a in along.tolist()}
    structure = np.zeros((19, 19), dtype=bool)
    structure[tuple(9 + np.array(sorted(line)).T)] = True
    np.testing.assert_array_equal(
        closed_along(ink, line), ndimage.binary_closing(ink, structure=structure)
    )


def test_no_ink_is_no_curve():
    assert trace(np.zeros((50, 80)), np.zeros((50, 80)), start=0, start_row=5, slack=2) is None


def test_marks_are_found_above_the_line_and_falls_are_none():
    like, levels, _, _ = drawn_line()
    for column, level in ((30, levels[0]), (90, levels[1]), (230, levels[3])):
        like[level - 6 : level + 7, column : column + 2] = 1.0
    curve = trace(like, np.zeros_like(like), start=5, start_row=20, slack=2)
    assert find_marks(like, curve) == pytest.approx([31, 91, 231], abs=0.6)


def enumerated(level, fall, start_row, slack):
    """Cost of the cheapest staircase, by trying every one."""
    height, width = level.shape
    best = np.inf
    for end in range(width):
        for rows in product(range(height), repeat=end + 1):
            if any(b < a for a, b in pairwise(rows)):
                continue
            for first in range(rows[0] + 1):
                cost = 2.0 * max(abs(first - start_row) - slack, 0.0) + ENDED * (width - 1 - end)
                previous = first
                for column, row in enumerate(rows):
                    cost += fall[previous + 1 : row + 1, column].sum() + level[row, column]
                    previous = row
                best = min(best, cost)
    return best


def cost_of(rows, level, fall, start_row, slack):
    first = min(
        range(rows[0] + 1),
        key=lambda f: 2 * max(abs(f - start_row) - slack, 0) + fall[f + 1 : rows[0] + 1, 0].sum(),
    )
    cost = 2.0 * max(abs(first - start_row) - slack, 0.0)
    cost += ENDED * (level.shape[1] - len(rows))
    previous = first
    for column, row in enumerate(rows):
        cost += fall[previous + 1 : row + 1, column].sum() + level[row, column]
        previous = row
    return cost


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_no_staircase_is_cheaper(seed):
    rng = np.random.default_rng(seed)
    level, fall = rng.random((4, 4)), rng.random((4, 4))
    rows = cheapest_rows(level, fall, start=0, start_row=1.0, slack=0.5)
    assert (np.diff(rows) >= 0).all()
    found = cost_of(list(rows), level, fall, 1.0, 0.5)
    assert found == pytest.approx(enumerated(level, fall, 1.0, 0.5))


def test_the_thickness_of_a_line_is_measured_along_it_not_among_specks():
    """A dotted grid has more runs of ink than the curve."""
    like, levels, _, _ = drawn_line(width=7)
    like[::7, ::5] = np.maximum(like[::7, ::5], 0.8)
    found = trace(like, np.zeros_like(like), start=0, start_row=levels[0], slack=3.0)
    assert found.width == pytest.approx(7.0, abs=0.7)
    np.testing.assert_allclose(found.levels[:4], np.array(levels) + 0.5, atol=0.8)


def test_a_curve_that_ends_with_a_mark_does_not_fall_along_it():
    like = np.zeros((100, 200))
    like[49:52, :150] = 1.0
    like[43:58, 148:150] = 1.0
    found = trace(like, np.zeros_like(like), start=0, start_row=50.0, slack=3.0)
    np.testing.assert_allclose(found.levels, [50.5], atol=0.5)


def test_a_curve_that_ends_with_a_fall_keeps_it():
    like = np.zeros((100, 200))
    like[49:52, :150] = 1.0
    like[49:90, 148:151] = 1.0
    found = trace(like, np.zeros_like(like), start=0, start_row=50.0, slack=3.0)
    assert found.levels[-1] == pytest.approx(89, abs=2)


def test_a_curve_ends_with_its_ink_where_a_name_stands_beside_its_end():
    like = np.zeros((100, 300))
    like[49:52, :150] = 1.0
    hidden = np.zeros_like(like)
    hidden[40:60, 154:230] = 1.0
    found = trace(like, hidden, start=0, start_row=50.0, slack=3.0)
    assert found.end == pytest.approx(150, abs=1)


def test_the_last_fall_of_a_curve_is_kept_where_another_goes_on_at_the_level_before_it():
    like, hidden = np.zeros((100, 300)), np.zeros((100, 300))
    like[29:32, :100] = like[29:50, 99:102] = 1.0
    hidden[48:52, 40:290] = 1.0
    like[52:71, 99:102] = like[68:71, 99:108] = 1.0
    found = trace(like, hidden, start=0, start_row=30.0, slack=3.0)
    assert found.end == pytest.approx(108, abs=1)
    assert found.levels[-1] == pytest.approx(69.5, abs=0.5)


def rendered(rows, width, shape, finer=8):
    """Ink of a staircase of rows at finer columns, as thick as `width`, averaged into pixels."""
    fine = np.zeros((shape[0] * finer, shape[1] * finer))
    half = int(width * finer / 2)
    previous = rows[0]
    for column, row in enumerate(rows):
        top, bottom = int(previous * finer), int(row * finer)
        side = half if bottom - top > 0 else 0
        place = slice(max(column - side, 0), column + side + 1)
        fine[max(top - half, 0) : bottom + half, place] = 1.0
        previous = row
    return fine.reshape(shape[0], finer, shape[1], finer).mean(axis=(1, 3))


@pytest.mark.parametrize("width", [1.5, 2.5])
def test_dense_low_steps_are_read_neither_late_nor_early(width):
    """A curve that falls by half a pixel 300 times on 290 columns."""
    rng = np.random.default_rng(11)
    falls = np.sort(rng.integers(80, 8 * 290, 300))
    rows = 10 + 0.5 * np.searchsorted(falls, np.arange(8 * 300), side="right")
    like = rendered(rows, width, (180, 300))
    found = trace(like, np.zeros_like(like), start=0, start_row=9.5, slack=2.0)
    middles = (np.arange(8 * 280) + 0.5) / 8
    read = found.levels[np.searchsorted(found.falls, middles, side="right")]
    assert (read - rows[: len(read)]).mean() == pytest.approx(0.0, abs=0.06)
    assert np.abs(read - rows[: len(read)]).mean() < 0.55


def test_two_long_falls_nearer_than_the_line_is_thick_are_two():
    like = np.zeros((200, 300))
    like[17:24, :104] = 1.0
    like[17:94, 97:104] = 1.0
    like[87:94, 97:109] = 1.0
    like[87:164, 102:109] = 1.0  # five pixels later
    like[157:164, 102:300] = 1.0
    found = trace(like, np.zeros_like(like), start=0, start_row=20.0, slack=2.0)
    assert found.falls == pytest.approx([100.5, 105.5], abs=0.6)
    assert found.levels[[0, 2]] == pytest.approx([20.5, 160.5], abs=0.6)


def test_a_line_under_marks_that_leave_no_gap_runs_through_their_middle():
    """The line is seen alone in its first quarter only."""
    like = np.zeros((120, 400))
    like[39:41, :390] = 1.0
    like[34:46, 90:390] = 1.0  # marks
    found = trace(like, np.zeros_like(like), start=0, start_row=40.0, slack=8.0)
    assert found.rows[150:380].mean() == pytest.approx(40.0, abs=0.6)
    assert found.width == pytest.approx(12.0, abs=1.0)

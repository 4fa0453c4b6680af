"""Samples of a legend looked for along curves: whose dashes a curve has, and where it is open."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

from kmrepro.digitise.colours import LineColour
from kmrepro.digitise.dashes import by_dash, ink_along
from kmrepro.digitise.samples import LegendEntry
from kmrepro.digitise.traced import Trace, TracedArm, measured

FloatArray = npt.NDArray[np.float64]

WIDE, HIGH, LONG = 400, 240, 42  # of the plot, and of a sample
FALLS = (60, 110, 130, 190, 260, 300)  # columns at which the curves fall
DASHED, DOTTED, MIXED = (9, 5), (2, 4), (10, 4, 2, 4)  # ink and gaps in turn


def inked(pattern: Sequence[int], length: int, *, after: int = 0) -> FloatArray:
    """Ink of a line of dashes and gaps in turn; no pattern is a solid line."""
    unit = [float(k % 2 == 0) for k, n in enumerate(pattern) for _ in range(n)] or [1.0]
    return np.resize(np.array(unit), length + after)[after:]


def curve(pattern: Sequence[int], top: int, *, marks: int = 0) -> tuple[Trace, FloatArray]:
    """Draw a staircase whose dashes run on along its falls, with a mark every so many columns."""
    rows = top + 12 * np.searchsorted(FALLS, np.arange(WIDE), side="right")
    like = np.zeros((HIGH, WIDE))
    going = 0
    for column, row in enumerate(rows):
        above = rows[column - 1] if column else row
        ink = inked(pattern, row - above + 1, after=going)
        like[above : row + 1, column] = ink
        going += row - above + 1
    for column in range(marks, WIDE, marks or WIDE):
        like[max(rows[column] - 5, 0) : rows[column] + 6, column - 1 : column + 1] = 1.0
    hidden = np.zeros(like.shape)
    return measured(like, hidden, rows=rows.astype(np.intp), start=0, width=1.0), like


def arms(*patterns: Sequence[int], apart: int = 40, marks: int = 0) -> list[TracedArm]:
    """Curves of one colour, the second some rows below the first and so on."""
    drawn = [curve(p, 20 + apart * k, marks=marks) for k, p in enumerate(patterns)]
    like = np.maximum.reduce([ink for _, ink in drawn])
    black = LineColour(rgb=(0.0, 0.0, 0.0))
    return [TracedArm(colour=black, curve=trace, like=like) for trace, _ in drawn]


def legend(*patterns: Sequence[int]) -> tuple[npt.NDArray[np.uint8], list[LegendEntry]]:
    """Draw samples below each other, cut off within a dash."""
    image = np.full((20 * len(patterns) + 20, 80, 3), 255, dtype=np.uint8)
    entries = []
    for k, pattern in enumerate(patterns):
        y = 20 + 20 * k
        image[y, 10 : 10 + LONG] = (255 * (1 - inked(pattern, LONG, after=3))).astype(int)[:, None]
        entries.append(
            LegendEntry(
                name=f"Arm {'ABCD'[k]}", rgb=(0.0, 0.0, 0.0), filled=0.7,
                box=(10.0, y - 6.0, 10.0 + LONG, y + 6.0),
            )
        )  # fmt: skip
    return image, entries


@pytest.mark.parametrize("marks", [0, 50])
def test_every_curve_gets_the_sample_whose_dashes_it_has(marks: int) -> None:
    image, entries = legend((), DASHED, DOTTED, MIXED)
    told = by_dash(image, entries, arms(MIXED, DOTTED, (), DASHED, marks=marks))
    assert dict(told.pairs) == {0: 2, 1: 3, 2: 1, 3: 0}
    assert told.open == {}


def test_dashes_of_one_share_of_ink_are_told_apart() -> None:
    image, entries = legend((6, 3), (12, 6))
    told = by_dash(image, entries, arms((12, 6), (6, 3)))
    assert dict(told.pairs) == {0: 1, 1: 0}
    assert told.open == {}


def test_dashes_that_do_not_differ_leave_the_names_open() -> None:
    image, entries = legend((), (9, 5), (9, 5))
    told = by_dash(image, entries, arms((9, 5), (), (9, 5)))
    assert (0, 1) in told.pairs
    assert told.open == {0: (1, 2), 2: (1, 2)}


def test_a_curve_that_others_cover_leaves_its_name_open() -> None:
    """Two curves a pixel apart: the ink may be of either."""
    image, entries = legend(DASHED, DOTTED)
    told = by_dash(image, entries, arms(DASHED, DOTTED, apart=1))
    assert set(told.open) == {0, 1}


def test_of_more_curves_than_samples_the_best_fitting_is_named() -> None:
    image, entries = legend(DOTTED)
    told = by_dash(image, entries, arms((), DOTTED))
    assert told.pairs == ((0, 1),)
    assert told.open == {}


def test_thin_lines_that_look_grey_are_told_apart_by_their_hue() -> None:
    """Thin lines of a JPEG file keep little of their colour."""
    image, (one, two) = legend((), ())
    colours = ((100.0, 110.0, 119.0), (129.0, 99.0, 97.0))
    entries = [
        LegendEntry(name=e.name, rgb=rgb, filled=1.0, box=e.box)
        for e, rgb in zip((one, two), colours, strict=True)
    ]
    inks = [np.array([150.0, 128.0, 126.0]), np.array([128.0, 134.0, 140.0])]
    told = by_dash(image, entries, arms((), ()), inks=inks)
    assert dict(told.pairs) == {0: 1, 1: 0}
    assert told.open == {}


def test_solid_lines_of_two_greys_are_told_apart_by_their_shade() -> None:
    """In the plot both are paler than in the legend, as thin lines are."""
    image, pair = legend((), ())
    entries = [
        LegendEntry(name=e.name, rgb=(grey, grey, grey), filled=1.0, box=e.box)
        for e, grey in zip(pair, (120.0, 150.0), strict=True)
    ]
    told = by_dash(image, entries, arms((), ()), inks=[np.full(3, 170.0), np.full(3, 145.0)])
    assert dict(told.pairs) == {0: 1, 1: 0}
    assert told.open == {}
    alike = by_dash(image, entries, arms((), ()), inks=[np.full(3, 160.0), np.full(3, 156.0)])
    assert set(alike.open) == {0, 1}


def test_ink_runs_on_along_falls_and_marks_are_no_part_of_it() -> None:
    (arm,) = arms(DASHED, marks=50)
    ink, clear = ink_along(arm, [arm])
    assert len(ink) == len(clear) == WIDE + 12 * len(FALLS)
    assert not clear[:WIDE][50 - 1]
    np.testing.assert_allclose(ink[:40], inked(DASHED, 40))


def test_nothing_is_told_without_samples_or_curves() -> None:
    image, entries = legend(DASHED)
    assert by_dash(image, [], arms(DASHED)).pairs == ()
    assert by_dash(image, entries, []).pairs == ()

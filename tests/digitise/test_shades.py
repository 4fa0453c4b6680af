"""Two shades of one hue: the edge of a dark line is no line of the paler shade."""

from __future__ import annotations

import numpy as np
import pytest

from kmrepro.digitise.canvas import Canvas
from kmrepro.digitise.colours import LineColour, likeness


def canvas_with(dark: tuple[float, ...], pale: tuple[float, ...]) -> Canvas:
    """Level of a dark line at row 10, with its edges half covered, and of a pale one at row 30."""
    rgb = np.full((40, 60, 3), 255.0)
    for row, colour in ((10, dark), (30, pale)):
        rgb[row - 1 : row + 2] = colour
        rgb[[row - 2, row + 2]] = (np.asarray(colour) + 255.0) / 2
    ground = np.full(rgb.shape, 255.0)
    bare = np.zeros(rgb.shape[:2], dtype=bool)
    ink = np.sqrt(((rgb - ground) ** 2).sum(axis=2))
    return Canvas(rgb=rgb, ground=ground, ink=ink, straight=bare, text=bare, left=0, top=0)


@pytest.mark.parametrize(
    ("dark", "pale"),
    [
        pytest.param((16.0, 59.0, 87.0), (119.0, 175.0, 208.0), id="navy and sky"),
        pytest.param((0.0, 0.0, 0.0), (64.0, 64.0, 64.0), id="black and dark grey"),
        pytest.param((0.0, 0.0, 0.0), (150.0, 150.0, 150.0), id="black and grey"),
    ],
)
def test_each_shade_is_found_in_its_own_line_alone(dark, pale):
    canvas = canvas_with(dark, pale)
    darker, paler = (LineColour(rgb=c, pixels=100) for c in (dark, pale))
    of_dark = likeness(canvas, darker, [paler])
    of_pale = likeness(canvas, paler, [darker])
    assert of_dark[9:12].min() > 0.9
    assert of_dark[28:33].max() < 0.3
    assert of_pale[29:32].min() > 0.9
    assert of_pale[8:13].max() < 0.3


def test_a_mixed_colour_of_few_pixels_takes_nothing_from_a_line():
    canvas = canvas_with((16.0, 40.0, 66.0), (119.0, 175.0, 208.0))
    line = LineColour(rgb=(4.0, 36.0, 64.0), pixels=600)
    mixture = LineColour(rgb=(90.0, 60.0, 64.0), pixels=25)
    assert likeness(canvas, line, [mixture])[9:12].min() > 0.9

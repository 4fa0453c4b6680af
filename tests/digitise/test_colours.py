"""Colours of lines: two shades of one hue, and the samples of a legend."""

from __future__ import annotations

import numpy as np
import pytest

from kmrepro.digitise.canvas import Canvas
from kmrepro.digitise.colours import LineColour, likeness, line_colours
from kmrepro.digitise.samples import LegendEntry, counts_by_colour


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


def stairs(shades: list[tuple[float, ...]]) -> Canvas:
    """One staircase of two pixels for each shade, below each other."""
    rgb = np.full((200, 240, 3), 255.0)
    for k, shade in enumerate(shades):
        for step in range(12):
            row = 10 + 45 * k + 2 * step
            rgb[row : row + 2, 20 * step : 20 * step + 20] = shade
    ground = np.full(rgb.shape, 255.0)
    bare = np.zeros(rgb.shape[:2], dtype=bool)
    ink = np.sqrt(((rgb - ground) ** 2).sum(axis=2))
    return Canvas(rgb=rgb, ground=ground, ink=ink, straight=bare, text=bare, left=0, top=0)


def test_four_shades_of_one_hue_are_four_colours():
    shades = [
        (34.0, 78.0, 108.0),
        (77.0, 136.0, 173.0),
        (125.0, 184.0, 219.0),
        (202.0, 226.0, 241.0),
    ]
    found = line_colours(stairs(shades))
    assert sorted(colour.rgb for colour in found) == sorted(shades)


def test_a_line_that_is_paler_between_two_pixels_has_one_colour():
    canvas = stairs([(77.0, 136.0, 173.0)])
    pale = canvas.rgb.copy()
    pale[:, 120:] = np.where(pale[:, 120:] < 255.0, 0.65 * pale[:, 120:] + 0.35 * 255.0, 255.0)
    ink = np.sqrt(((pale - canvas.ground) ** 2).sum(axis=2))
    found = line_colours(
        Canvas(
            rgb=pale,
            ground=canvas.ground,
            ink=ink,
            straight=canvas.straight,
            text=canvas.text,
            left=0,
            top=0,
        )
    )
    assert len(found) == 1


def entry(name: str, rgb: tuple[float, ...], filled: float = 1.0) -> LegendEntry:
    return LegendEntry(name=name, rgb=(rgb[0], rgb[1], rgb[2]), filled=filled, box=(0, 0, 9, 9))


def colour(*rgb: float, pixels: int = 500) -> LineColour:
    return LineColour(rgb=(rgb[0], rgb[1], rgb[2]), pixels=pixels)


def test_the_dark_marks_of_a_thin_pale_line_are_of_its_colour():
    """In a small JPEG file a black line is grey, and its marks, twice as thick, are black."""
    colours = [colour(4, 4, 4), colour(118, 118, 118, pixels=300), colour(200, 30, 30)]
    entries = [entry("Low", (118.0,) * 3), entry("High", (205, 40, 40))]
    known, counts, places = counts_by_colour(entries, colours)
    assert len(known) == 2
    assert known[places[0]].rgb == (4, 4, 4)
    assert counts == {0: 1, 1: 1}


def test_rests_of_black_axes_are_no_shade_of_a_grey_line():
    colours = [colour(100, 100, 100, pixels=30_000), colour(0, 0, 0, pixels=400)]
    entries = [entry("A", (100.0,) * 3), entry("B", (104.0,) * 3, filled=0.5)]
    known, _, places = counts_by_colour(entries, colours)
    assert known[places[0]].rgb == (100, 100, 100)


def test_a_sample_that_shows_its_band_takes_the_line_of_its_hue():
    colours = [colour(0, 0, 0), colour(190, 60, 40)]
    entries = [entry("A", (240, 190, 190)), entry("B", (10, 10, 10))]
    known, _, places = counts_by_colour(entries, colours, [(255.0,) * 3, (240.0, 192.0, 192.0)])
    assert known[places[0]].rgb == (190, 60, 40)


def test_fine_dashes_that_look_paler_are_not_another_shade():
    """At 72 dpi dashes of one pixel with gaps of one are grey."""
    entries = [entry("Solid", (68.0,) * 3), entry("Dashed", (119.0,) * 3, filled=0.87)]
    known, counts, _ = counts_by_colour(entries, [colour(29, 29, 29)])
    assert len(known) == 1
    assert counts == {0: 2}


@pytest.mark.parametrize("filled", [1.0, 0.67])
def test_two_greys_of_samples_that_are_dashed_alike_are_two_arms(filled):
    entries = [entry("A", (60.0,) * 3, filled), entry("B", (149.0,) * 3, filled)]
    _, counts, _ = counts_by_colour(entries, [colour(60, 60, 60), colour(149, 149, 149)])
    assert len(counts) == 2

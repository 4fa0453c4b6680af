"""Samples of a legend and the colours of a plot."""

from __future__ import annotations

import pytest

from kmrepro.digitise.colours import LineColour
from kmrepro.digitise.samples import LegendEntry, counts_by_colour


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

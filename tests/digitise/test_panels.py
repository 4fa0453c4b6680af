"""Panels beside each other: axes of which labels are missing, and panels that are not found."""

from __future__ import annotations

import numpy as np

from kmrepro.digitise.frames import find_frames, panels_not_read
from kmrepro.digitise.reading import Hints
from kmrepro.digitise.text import Word

BARE = np.zeros((300, 700))


def word(text: str, x: float, y: float) -> Word:
    return Word(text=text, x0=x - 4 * len(text), y0=y - 6, x1=x + 4 * len(text), y1=y + 6)


def time_axis(left: float, y: float = 270) -> list[Word]:
    return [word(str(12 * k), left + 60 * k, y) for k in range(5)]


def survival_axis(x: float, values: tuple[int, ...]) -> list[Word]:
    return [word(str(v), x, 250 - 2 * v) for v in values]


def test_two_labels_level_with_those_of_the_panel_beside_are_an_axis():
    words = [
        *time_axis(60), *survival_axis(35, (50, 100)),
        *time_axis(400), *survival_axis(375, (0, 50, 100)),
    ]  # fmt: skip
    frames = find_frames(words, BARE, Hints())
    assert [round(frame.left) for frame in frames] == [60, 400]
    assert abs(float(frames[0].y.value(250.0))) < 1e-9


def test_the_ends_of_an_axis_as_high_as_the_one_beside_are_an_axis():
    words = [
        *time_axis(60), word("0", 35, 250), word("20", 35, 50),
        *time_axis(400), *survival_axis(375, (0, 50, 100)),
    ]  # fmt: skip
    frames = find_frames(words, BARE, Hints())
    assert [round(frame.left) for frame in frames] == [60, 400]
    assert abs(float(frames[0].y.value(150.0)) - 10.0) < 1e-9


def test_two_numbers_elsewhere_are_no_axis():
    words = [
        *time_axis(60), word("50", 35, 170), word("100", 35, 130),
        *time_axis(400), *survival_axis(375, (0, 50, 100)),
    ]  # fmt: skip
    frames = find_frames(words, BARE, Hints())
    assert [round(frame.left) for frame in frames] == [400]
    (doubt,) = panels_not_read(words, frames)
    assert doubt.startswith("a time axis from 0 to 48 that starts at pixel 60 belongs to no panel")


def test_the_time_axis_of_a_table_is_no_panel():
    words = [*time_axis(60), *time_axis(60, 295), *survival_axis(35, (0, 50, 100))]
    frames = find_frames(words, BARE, Hints())
    assert panels_not_read(words, frames) == []

"""Frames: axes without some labels or tick marks, beside others, or at the right."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

from kmrepro.digitise import Hints, UnreadableFigureError, read_figure
from kmrepro.digitise.assembly import axis_titles, panels_not_read
from kmrepro.digitise.axes import Token, scale_through, tokens, x_scales, y_scales
from kmrepro.digitise.frames import (
    find_frames,
    from_start,
    panels_of,
    without_cells,
)
from kmrepro.digitise.panels import Frame, pair_axes_at_right
from kmrepro.digitise.text import TextLine, Word

from . import known
from .known import ARMS, distance

BARE = np.zeros((300, 700))


def frame_of(off: float = 0.0, *, ticks: bool = False) -> Frame:
    """Plot of 200 pixels for a survival of 1, whose labels stand `off` pixels too low."""
    places = [(20.0 + off + 40 * k, 1 - 0.2 * k) for k in range(6)]
    labels = [
        Token(value=v, word=Word(text=f"{v:.1f}", x0=2, x1=18, y0=p - 5, y1=p + 5))
        for p, v in places
    ]
    y = replace(scale_through(places, "y", labels), from_ticks=ticks)
    x = scale_through([(30.0, 0.0), (230.0, 24.0)], "x")
    return Frame(x=x, y=y, left=30, right=240, top=10, bottom=220)


@pytest.mark.parametrize(
    ("rows", "incidence", "expected"),
    [
        pytest.param([20.0, 20.2, 19.8], False, 20.0, id="starts at 1"),
        pytest.param([220.0], True, 20.0, id="incidence starts at 0"),
        pytest.param([], False, 23.0, id="no start seen"),
        pytest.param([10.0], False, 23.0, id="further off than a label can be"),
    ],
)
def test_labels_are_moved_to_the_start_of_the_curves(rows, incidence, expected):
    moved = from_start(frame_of(3.0), rows, incidence=incidence)
    assert moved.y.pixel(1.0) == pytest.approx(expected)
    assert moved.y.slope == pytest.approx(-1 / 200)


@pytest.mark.parametrize(("row", "moved"), [(20.0, True), (24.5, True), (26.0, False)])
def test_an_axis_is_hardly_moved_to_a_level_that_is_seen_below_1(row, moved):
    """In a picture the first level of a curve may be covered, and the first seen a later one."""
    frame = frame_of(3.0)
    assert (from_start(frame, [row], incidence=False, seen=True) is not frame) == moved
    assert from_start(frame, [row], incidence=False) is not frame


def test_a_plot_made_of_the_cells_of_a_table_is_none():
    """Two numbers below a tick of a plot above are no survival axis; those left of it are."""
    x_axis = scale_through([(30.0, 0.0), (130.0, 12.0), (230.0, 24.0)], "x")
    above = replace(frame_of(), x=replace(x_axis, labels=frame_of().y.labels))
    for place, left in ((130.0, 1), (10.0, 2)):
        labels = [
            Token(value=v, word=Word(text=f"{v:g}", x0=place - 5, x1=place + 5, y0=p, y1=p + 10))
            for v, p in ((2.0, 320.0), (16.0, 260.0))
        ]
        y_axis = scale_through([(325.0, 2.0), (265.0, 16.0)], "y", labels)
        table = Frame(x=x_axis, y=y_axis, left=130, right=240, top=255, bottom=330)
        assert len(without_cells([above, table])) == left


@pytest.mark.parametrize("look", ["line", "ground"])
def test_curves_are_read_down_to_the_foot_of_a_plot_whose_labels_end_above_it(
    tmp_path, known_words, look
):
    """ggplot2 sets limits by the data: the lowest label may stand far above the time axis."""
    pytest.importorskip("rapidocr")
    path = tmp_path / "figure.png"
    times = np.arange(1.0, 24.0)
    survival = 1 - 0.0205 * times
    figure, axes = plt.subplots(figsize=(6, 4.6))
    axes.step([0, *times, 24], [1, *survival, survival[-1]], where="post", color="#1f77b4")
    axes.set(xlim=(-1, 25), ylim=(0.505, 1.02), xlabel="Time (months)", ylabel="Survival")
    axes.set_xticks(range(0, 25, 6))
    axes.set_yticks([0.6, 0.7, 0.8, 0.9, 1.0])
    if look == "ground":
        axes.set_facecolor("#ebebeb")
        axes.spines[:].set_visible(False)
    figure.savefig(path, dpi=110)
    plt.close(figure)
    (panel,) = read_figure(path).panels
    assert panel.arms[0].curve.survival[-1] == pytest.approx(survival[-1], abs=0.004)
    assert not any("edge of the plot" in text for text in panel.unsure)


def test_tick_marks_stay_where_they_are():
    frame = frame_of(3.0, ticks=True)
    assert from_start(frame, [20.0], incidence=False) is frame


def test_a_font_that_states_a_wrong_depth_does_not_shift_the_axis(tmp_path):
    pytest.importorskip("pdfplumber")
    path = tmp_path / "figure.pdf"
    with mpl.rc_context({"font.family": "STIXGeneral", "pdf.fonttype": 42, "font.size": 12}):
        figure, axes = plt.subplots(figsize=(5, 3))
        for (time, survival), colour, _ in known.ARMS.values():
            axes.step([0, *time], [1, *survival], where="post", color=colour)
        axes.set(xlim=(-1, 25), ylim=(-0.1, 1.05), xlabel="Time (months)", ylabel="Survival")
        axes.set_xticks(np.arange(0, 25, 6))
        axes.set_yticks(np.arange(0, 1.1, 0.2))
        axes.tick_params(length=0)
        figure.savefig(path)
        plt.close(figure)
    (panel,) = read_figure(path, Hints()).panels
    assert len(panel.arms) == 2
    truths = sorted((truth for truth, _, _ in known.ARMS.values()), key=lambda t: t[1][-1])
    read = sorted(panel.arms, key=lambda a: a.curve.survival[-1])
    for arm, truth in zip(read, truths, strict=True):
        assert known.distance(arm.curve, truth, 20.0) < 0.002


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


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_a_survival_axis_at_the_right_is_read(
    tmp_path: Path, known_words: None, suffix: str
) -> None:
    if suffix == "png":
        pytest.importorskip("rapidocr")
    path = tmp_path / f"figure.{suffix}"
    with mpl.rc_context({"svg.fonttype": "none", "path.simplify": False}):
        figure, axes = plt.subplots(figsize=(6, 4.6))
        for name, ((time, survival), colour, _) in ARMS.items():
            x = np.concatenate([[0.0], time, [24.0 if name == "Drug" else 22.0]])
            y = np.concatenate([[1.0], survival, survival[-1:]])
            axes.step(x, y, where="post", color=colour, lw=1.5, label=name)
        axes.set(xlim=(0, 25), ylim=(0, 1.05), xticks=[0, 6, 12, 18, 24], xlabel="Months")
        axes.yaxis.tick_right()
        axes.legend(loc="lower left")
        figure.savefig(path, dpi=110)
        plt.close(figure)
    (panel,) = read_figure(path).panels
    assert [arm.name for arm in panel.arms] == list(ARMS)
    for arm in panel.arms:
        assert distance(arm.curve, ARMS[arm.name][0], 22.0) < 0.004
    assert panel.y_axis.from_ticks


def test_an_axis_far_to_the_right_is_of_no_plot() -> None:
    def word(text: str, x: float, y: float) -> Word:
        return Word(text=text, x0=x - 8, y0=y - 8, x1=x + 8, y1=y + 8, line=round(x + y))

    def frames(right: float) -> int:
        words = [word(str(t), 100 + 40 * t, 420) for t in range(7)]
        words += [word(f"{v:g}", right, 400 - 300 * v) for v in (0, 0.25, 0.5, 0.75, 1)]
        numbers = tokens(words)
        return len(pair_axes_at_right(x_scales(numbers), y_scales(numbers), (900, 480)))

    assert frames(360) == 1
    assert frames(620) == 0


@dataclass(frozen=True)
class Read:
    """What is changed of a panel."""

    unsure: tuple[str, ...] = ()


def test_a_plot_of_a_picture_in_which_no_curve_is_read_is_named():
    """It was left out without a word where another plot was read."""
    inside = replace(frame_of(), left=50, right=150, top=40, bottom=120)
    frames = [frame_of(), inside]

    def one_panel(number):
        if number == 2:
            raise UnreadableFigureError("no curve.")
        return Read()

    (panel,) = panels_of(frames, one_panel)
    assert panel.unsure == ("the plot whose axes meet at pixel 50, 120 was not read: no curve.",)
    assert frames[0].holds(inside)
    assert not inside.holds(frames[0])


@pytest.mark.parametrize(("left", "found"), [(4, "Survival"), (34, None), (-150, None)])
def test_the_title_of_the_survival_axis_stands_left_of_it(left: float, found: str | None) -> None:
    """What runs upwards within the plot, or far from it, is no title of its axis."""
    title = TextLine(text="Survival", x0=left, x1=left + 10, y0=80, y1=150, vertical=True)
    assert axis_titles(frame_of(), [title], 300.0) == (None, found)

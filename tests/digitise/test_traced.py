"""Traced curves: lines moved to whole pixels, and confidence limits drawn like the curve."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest

from kmrepro.digitise import Hints, read_figure
from kmrepro.digitise.axes import scale_through
from kmrepro.digitise.traced import Trace, rounding_offset

from . import known


def curve_at(levels):
    """Levels of ten pixels each."""
    levels = np.array(levels, dtype=float)
    return Trace(
        rows=np.repeat(levels, 10), start=0, own=np.ones(10 * len(levels)), width=2.0,
        falls=10.0 * np.arange(1, len(levels)), levels=levels,
        hidden=np.zeros(len(levels), dtype=bool),
    )  # fmt: skip


def axis_at(pixels):
    points = [(pixel, float(value)) for value, pixel in enumerate(pixels)]
    return replace(scale_through(points, "x"), from_ticks=True)


EDGES = [10.0, 31.0, 47.0, 60.0, 82.0]


MIDDLES = [10.5, 31.5, 47.5, 60.5, 82.5]


ANYWHERE = [10.1, 31.3, 47.8, 60.65, 82.4]


@pytest.mark.parametrize(
    ("levels", "ticks", "expected"),
    [
        pytest.param(EDGES, MIDDLES, 0.5, id="even line, odd ticks"),
        pytest.param(MIDDLES, EDGES, -0.5, id="odd line, even ticks"),
        pytest.param(MIDDLES, MIDDLES, 0.0, id="both odd"),
        pytest.param(ANYWHERE, MIDDLES, 0.5, id="levels anywhere, of two pixels"),
        pytest.param(EDGES, ANYWHERE, 0.0, id="the ticks were not rounded"),
        pytest.param(EDGES[:3], MIDDLES, 0.0, id="too few levels"),
    ],
)
def test_half_a_pixel_is_allowed_for_only_between_odd_and_even_lines(levels, ticks, expected):
    assert rounding_offset(curve_at(levels), axis_at(ticks)) == expected


def test_labels_without_tick_marks_say_nothing_of_rounding():
    axis = replace(axis_at(MIDDLES), from_ticks=False)
    assert rounding_offset(curve_at(EDGES), axis) == 0.0


@pytest.mark.nightly
def test_a_line_of_two_pixels_on_ticks_of_one_is_read_without_a_shift(tmp_path):
    """Agg draws the ticks half a pixel further right and down than the curve, on average."""
    pytest.importorskip("rapidocr")
    (panel,) = read_figure(known.draw(tmp_path / "figure.png", dpi=100), Hints()).panels
    plt.close("all")
    grid = np.linspace(0.5, 21.5, 4001)
    signed = []
    for arm in panel.arms:
        time, survival = known.ARMS[arm.name][0]
        true = np.concatenate([[1.0], survival])[np.searchsorted(time, grid, side="right")]
        signed.append((arm.curve.at(grid) - true).mean() / abs(panel.y_axis.slope))
    assert np.mean(signed) == pytest.approx(0.0, abs=0.25)


def test_a_line_of_two_pixels_whose_levels_are_scattered_by_marks_lies_on_edges():
    spread = [10.0 + 9.13 * k for k in range(12)]
    assert rounding_offset(curve_at(spread), axis_at(MIDDLES)) == 0.5
    assert rounding_offset(curve_at(spread), axis_at(EDGES)) == 0.0
    odd = replace(curve_at(spread), width=3.3)
    assert rounding_offset(odd, axis_at(MIDDLES)) == 0.0


def test_levels_near_the_edges_of_pixels_are_rounded_ones():
    near = [10.15, 30.9, 47.1, 59.85, 82.1, 90.0]
    assert rounding_offset(curve_at(near), axis_at(MIDDLES)) == 0.5


def draw_with_limits(path: Path) -> None:
    """Draw both arms with pointwise limits of log survival in the look of the curve."""
    figure, axes = plt.subplots(figsize=(6, 4.6))
    for name, ((time, survival), colour, _) in known.ARMS.items():
        n = round(1 / (1 - survival[0]))
        error = np.sqrt((1 - survival) / (n * survival))
        for k, factor in enumerate((0.0, -1.96, 1.96)):
            line = np.minimum(survival * np.exp(factor * error), 1.0)
            axes.step([0, *time], [1, *line], where="post", color=colour, lw=1.2,
                      label=name if k == 0 else None)  # fmt: skip
    axes.set(xlim=(0, 25), ylim=(0, 1.05), xlabel="Time (months)", ylabel="Overall survival")
    axes.set_xticks(np.arange(0, 25, 6))
    axes.legend(frameon=False)
    figure.savefig(path, dpi=120)
    plt.close(figure)


def test_the_middle_of_three_lines_is_the_curve_and_it_is_said(tmp_path, known_words):
    pytest.importorskip("rapidocr")
    draw_with_limits(tmp_path / "figure.png")
    (panel,) = read_figure(tmp_path / "figure.png", Hints()).panels
    assert {arm.name for arm in panel.arms} == set(known.ARMS)
    for arm in panel.arms:
        assert known.distance(arm.curve, known.ARMS[arm.name][0], 20.0) < 0.006
        said = f"arm '{arm.name}': three lines of its colour lie one above the other"
        assert any(doubt.startswith(said) for doubt in panel.unsure)


@pytest.mark.parametrize(("lowest", "said"), [(0.5, True), (0.0, False)])
def test_a_curve_that_leaves_the_plot_is_named(tmp_path, lowest, said):
    """Where the axis starts at 50% the curves may go on below it; where it starts at 0 they end."""
    figure, axes = plt.subplots(figsize=(6, 4.6))
    for name, ((time, survival), colour, _) in known.ARMS.items():
        axes.step([0, *time], [1, *survival], where="post", color=colour, label=name)
    axes.set(xlim=(0, 25), ylim=(lowest, 1.0), xlabel="Time (months)", ylabel="Overall survival")
    axes.set_xticks(np.arange(0, 25, 6))
    axes.legend(loc="upper right")
    figure.savefig(tmp_path / "figure.svg")
    plt.close(figure)
    reading = read_figure(tmp_path / "figure.svg")
    assert any("Placebo': the curve reaches the edge" in text for text in reading.unsure) is said


def test_the_frame_of_a_cut_incidence_axis_is_no_curve(tmp_path):
    """Where the axis ends at 40%, its sides are shorter than a whole scale, and no falls."""
    figure, axes = plt.subplots(figsize=(6, 4.6))
    for name, ((time, survival), colour, _) in known.ARMS.items():
        axes.step([0, *time], [0, *(1 - survival)], where="post", color=colour, label=name)
    axes.set(xlim=(0, 25), ylim=(0, 0.4), xlabel="Time (months)", ylabel="Cumulative incidence")
    axes.set_xticks(np.arange(0, 25, 6))
    axes.legend(loc="lower right")
    figure.savefig(tmp_path / "figure.svg")
    plt.close(figure)
    reading = read_figure(tmp_path / "figure.svg")
    assert {arm.name for arm in reading.panels[0].arms} == set(known.ARMS)
    assert any("a survival of 0.6, and is read up to there" in text for text in reading.unsure)

"""Confidence limits drawn like the curve: of three lines of a colour, the middle is the curve."""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest

from kmrepro.digitise import Hints, read_figure

from . import known


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


def test_the_middle_of_three_lines_is_the_curve_and_it_is_said(tmp_path):
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

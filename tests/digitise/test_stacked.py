"""Panels above each other of which only the lowest have labels on their time axes."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

from kmrepro.digitise import read_figure

from . import known

SCALES = {"PFS": 1.0, "OS": 0.5}  # of the times of all falls


def drawn(path: Path, *, labelled: bool = False, above: bool = False) -> Path:
    """Draw two panels of two arms with time labels below the lower, both, or above the upper."""
    if path.suffix == ".png":
        pytest.importorskip("rapidocr")
    with mpl.rc_context({"svg.fonttype": "none", "path.simplify": False}):
        figure, both = plt.subplots(2, 1, figsize=(6, 8))
        for axes, (title, scale) in zip(both, SCALES.items(), strict=True):
            for name, ((time, survival), colour, dash) in known.ARMS.items():
                x = np.concatenate([[0.0], time * scale, [24.0]])
                y = np.concatenate([[1.0], survival, survival[-1:]])
                axes.step(x, y, dash, where="post", color=colour, lw=1.5, label=name)
            axes.set(xlim=(0, 25), ylim=(0, 1.05), ylabel=title, xticks=np.arange(0, 25, 6))
            axes.legend(loc="upper right")
        both[0].set_title("Progression-free survival by treatment, all patients")
        if not labelled:
            both[0].tick_params(labelbottom=False, labeltop=above)
        if above:
            both[1].set_xlim(0, 40)
        both[1].set_title("Overall survival")
        both[1].set_xlabel("Months")
        figure.savefig(path, dpi=120)
        plt.close(figure)
    return path


@pytest.mark.parametrize("suffix", ["svg", "png"])
def test_a_panel_takes_the_time_axis_of_the_one_below(tmp_path: Path, suffix: str) -> None:
    upper, lower = read_figure(drawn(tmp_path / f"stacked.{suffix}")).panels
    assert "time axis: taken from the panel below." in upper.unsure
    assert not any("time axis" in said for said in lower.unsure)
    assert (upper.x_unit, lower.x_unit) == ("months", "months")
    for panel, scale in zip((upper, lower), SCALES.values(), strict=True):
        assert {arm.name for arm in panel.arms} == set(known.ARMS)
        for arm in panel.arms:
            time, survival = known.ARMS[arm.name][0]
            assert known.distance(arm.curve, (time * scale, survival), 20.0) < 0.006


@pytest.mark.parametrize("suffix", ["svg", "png"])
def test_panels_with_labels_have_their_own_time_axes(tmp_path: Path, suffix: str) -> None:
    panels = read_figure(drawn(tmp_path / f"own.{suffix}", labelled=True)).panels
    assert len(panels) == 2
    assert not any("time axis" in said for panel in panels for said in panel.unsure)


@pytest.mark.parametrize("suffix", ["svg", "png"])
def test_labels_above_a_panel_are_those_of_another_axis(tmp_path: Path, suffix: str) -> None:
    """It had the times of the panel below, half as long again."""
    panels = read_figure(drawn(tmp_path / f"above.{suffix}", above=True)).panels
    assert not any("taken from the panel below" in said for each in panels for said in each.unsure)


@pytest.mark.parametrize("suffix", ["svg", "png"])
def test_a_panel_without_any_label_takes_both_axes_and_the_legend(
    tmp_path: Path, suffix: str
) -> None:
    """It was not read, nor named: the second of four whose axes are shared."""
    if suffix == "png":
        pytest.importorskip("rapidocr")
    scales = (1.0, 0.5, 0.8, 0.6)
    with mpl.rc_context({"svg.fonttype": "none", "path.simplify": False}):
        figure, grid = plt.subplots(2, 2, figsize=(9, 7), sharex=True, sharey=True)
        for axes, scale in zip(grid.flat, scales, strict=True):
            for name, ((time, survival), colour, dash) in known.ARMS.items():
                x = np.concatenate([[0.0], time * scale, [24.0]])
                y = np.concatenate([[1.0], survival, survival[-1:]])
                axes.step(x, y, dash, where="post", color=colour, lw=1.5, label=name)
            axes.set(xlim=(0, 25), ylim=(0, 1.05), xticks=np.arange(0, 25, 6))
        for axes in grid[1]:
            axes.set_xlabel("Months")
        grid[0, 0].legend(loc="upper right")
        figure.savefig(tmp_path / f"grid.{suffix}", dpi=110)
        plt.close(figure)
    panels = read_figure(tmp_path / f"grid.{suffix}").panels
    assert len(panels) == 4
    for said in ("time axis: taken from the panel below.", "taken from the panel to the left."):
        assert any(said in text for text in panels[1].unsure)
    for panel, scale in zip(panels, scales, strict=True):
        assert {arm.name for arm in panel.arms} == set(known.ARMS)
        borrowed = any("the legend of panel 1" in text for text in panel.unsure)
        assert borrowed == (panel is not panels[0])
        for arm in panel.arms:
            time, survival = known.ARMS[arm.name][0]
            assert known.distance(arm.curve, (time * scale, survival), 20.0) < 0.006

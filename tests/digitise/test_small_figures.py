"""Small black figures as R draws them: thin lines, no legend, limits around the curve, insets."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

from kmrepro.digitise import read_figure

from . import known

SEEDS = (1, 2, 3, 4)
pytestmark = pytest.mark.usefixtures("known_words")


def drawn(
    path: Path, curves: list[tuple[np.ndarray, np.ndarray, str]], *, end: float = 24.0
) -> Path:
    """Draw black lines, a pixel wide and not moved to whole pixels, on axes beside the plot."""
    pytest.importorskip("rapidocr")
    with mpl.rc_context({"path.simplify": False, "path.snap": False, "lines.scale_dashes": False}):
        figure, axes = plt.subplots(figsize=(6.6, 6.6))
        for time, survival, dash in curves:
            x = np.concatenate([[0.0], time, [end]])
            y = np.concatenate([[1.0], survival, survival[-1:]])
            ls = (0, (3.0, 3.0)) if dash == "dashed" else "-"
            axes.step(x, y, where="post", color="black", lw=0.75, ls=ls)
        axes.set(xlim=(-1, 25), ylim=(-0.04, 1.04), xticks=np.arange(0, 25, 6))
        axes.set(xlabel="Time (months)", ylabel="Survival")
        figure.savefig(path, dpi=72)
        plt.close(figure)
    return path


@pytest.mark.parametrize("seed", SEEDS)
def test_a_solid_and_a_dashed_curve_are_two(tmp_path: Path, seed: int) -> None:
    """Nothing announces the second, and pixels between which a line lies are grey, not black."""
    one = known.exponential_steps(12, n=60, seed=seed, end=24)
    two = known.exponential_steps(40, n=60, seed=seed + 100, end=24)
    curves = [(*one, "solid"), (*two, "dashed")]
    (panel,) = read_figure(drawn(tmp_path / "two.png", curves)).panels
    assert len(panel.arms) == 2
    by_height = sorted(panel.arms, key=lambda arm: float(arm.curve.survival[-1]))
    for arm, truth in zip(by_height, (one, two), strict=True):
        assert known.distance(arm.curve, truth, 24.0) < 0.012


@pytest.mark.parametrize("seed", SEEDS)
def test_limits_of_few_patients_are_no_arms(tmp_path: Path, seed: int) -> None:
    """They are even on the scale of log survival, and the upper one is cut at 1."""
    time, survival = known.exponential_steps(15, n=18, seed=seed, end=24)
    n = np.arange(18, 0, -1)[: len(time)]
    error = np.sqrt(np.cumsum(1 / (n * np.maximum(n - 1, 0.5))))
    limits = [np.minimum(survival * np.exp(z * error), 1.0) for z in (-1.96, 1.96)]
    curves = [(time, survival, "solid"), *((time, limit, "dashed") for limit in limits)]
    (panel,) = read_figure(drawn(tmp_path / "limits.png", curves)).panels
    (arm,) = panel.arms
    assert known.distance(arm.curve, (time, survival), 24.0) < 0.012


def test_dashed_curves_around_a_solid_one_may_be_its_limits(tmp_path: Path) -> None:
    """Three curves far from even, and none of them named: they are read, with a word."""
    scales = (("solid", 18.0), ("dashed", 80.0), ("dashed", 15.0))
    curves = [
        (*known.exponential_steps(scale, n=200, seed=k, end=24.0), dash)
        for k, (dash, scale) in enumerate(scales)
    ]
    (panel,) = read_figure(drawn(tmp_path / "three.png", curves)).panels
    assert len(panel.arms) == 3
    assert any("they may be its confidence limits" in said for said in panel.unsure)


def test_a_curve_that_falls_at_once_starts_at_one(tmp_path: Path) -> None:
    """Its first level was below the top of its first fall: the axis was doubted."""
    time = np.concatenate([[0.02, 0.03, 0.04], np.arange(1.0, 20.0)])
    survival = np.concatenate([[0.95, 0.92, 0.9], np.linspace(0.87, 0.3, 19)])
    (panel,) = read_figure(drawn(tmp_path / "steep.png", [(time, survival, "solid")])).panels
    assert not any("not at 1" in said for said in panel.unsure)
    assert known.distance(panel.arms[0].curve, (time, survival), 24.0) < 0.012


def test_the_table_below_a_plot_is_not_that_of_its_inset(tmp_path: Path) -> None:
    """Names and first counts were rows of the inset, whose axis stands above them."""
    pytest.importorskip("rapidocr")
    figure = plt.figure(figsize=(7, 5.4), dpi=110)
    axes = figure.add_axes((0.22, 0.3, 0.75, 0.66))
    inset = axes.inset_axes((0.25, 0.45, 0.7, 0.5))
    for name, ((time, survival), colour, _) in known.ARMS.items():
        rising = 10 * (1 - np.concatenate([[1.0], survival]))
        for plot in (axes, inset):
            plot.step([0.0, *time], rising, where="post", color=colour, label=name)
    axes.set(xlim=(0, 25), ylim=(0, 100), yticks=range(0, 101, 20), xticks=range(0, 25, 6))
    axes.set(xlabel="Months", ylabel="Cumulative incidence (%)")
    inset.set(xlim=(0, 25), ylim=(0, 10), yticks=(0, 5, 10), xticks=range(0, 25, 6))
    for k, (name, (truth, _, _)) in enumerate(known.ARMS.items()):
        axes.text(-6, -28 - 8 * k, name)
        for month, count in zip(range(0, 25, 6), known.numbers_at_risk(truth), strict=True):
            axes.text(month, -28 - 8 * k, str(count), ha="center")
    figure.savefig(tmp_path / "inset.png")
    plt.close(figure)
    outer, inner = sorted(
        read_figure(tmp_path / "inset.png").panels, key=lambda panel: -panel.y_axis.values[-1]
    )
    assert len(outer.at_risk) == 2
    assert inner.at_risk == ()
    assert not any("numbers at risk" in said for said in inner.unsure)
    assert not any("belong to none of the curves" in said for said in outer.unsure)

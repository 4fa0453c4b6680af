"""Which legend belongs to which panel of a drawn figure."""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
import pytest

from kmrepro.digitise import read_figure

from ..seeds import nightly
from . import known

pytest.importorskip("rapidocr")

COLOURS = ("#1f77b4", "#d62728")
CURVES = (known.ARMS["Drug"][0], known.ARMS["Placebo"][0])


def draw_panel(axes: plt.Axes, names: tuple[str, str], *, bars: bool = False) -> None:
    """Draw two curves and their numbers at risk, with names or bars of colour at their left."""
    for k, (name, (time, survival)) in enumerate(zip(names, CURVES, strict=True)):
        axes.step([0, *time], [1, *survival], where="post", color=COLOURS[k], label=name)
        here = -0.42 - 0.11 * k
        if bars:
            shape = {"color": COLOURS[k], "lw": 2.5, "clip_on": False}
            axes.plot([-4.5, -2.5], [here + 0.025] * 2, **shape)
        else:
            axes.text(-9, here, name)
        for month, count in zip(range(0, 25, 6), known.numbers_at_risk(CURVES[k]), strict=True):
            axes.text(month, here, str(count), ha="center")
    axes.set(xlim=(0, 24.5), ylim=(0, 1.02), xlabel="Months", xticks=range(0, 25, 6))
    axes.spines[["top", "right"]].set_visible(False)


def save(figure: plt.Figure, path: Path) -> Path:
    """Save a figure, its letters as letters, and close it."""
    with plt.rc_context({"svg.fonttype": "none"}):
        figure.savefig(path, dpi=130)
    plt.close(figure)
    return path


def counts(panel: object) -> dict[str, list[int]]:
    """Numbers at risk by arm."""
    return {r.arm: [n for _, n in r.cells] for r in panel.at_risk}  # type: ignore[attr-defined]


TRUE = [known.numbers_at_risk(curve) for curve in CURVES]


@pytest.mark.parametrize("suffix", ["svg", nightly("png")])
def test_a_panel_without_a_legend_takes_that_of_another_and_it_is_said(tmp_path, suffix):
    figure, grid = plt.subplots(1, 2, figsize=(10, 4.4))
    figure.subplots_adjust(bottom=0.36, wspace=0.55, left=0.13)
    for axes in grid:
        draw_panel(axes, ("Surgery", "Radiotherapy"), bars=True)
    grid[0].legend(frameon=False)
    first, second = read_figure(save(figure, tmp_path / f"first.{suffix}")).panels
    for panel in (first, second):
        assert counts(panel) == {"Surgery": TRUE[0], "Radiotherapy": TRUE[1]}
    assert any("the legend of panel 1" in text for text in second.unsure)
    assert not any("the legend of panel 1" in text for text in first.unsure)


@pytest.mark.parametrize("suffix", ["svg", nightly("png")])
def test_legends_of_two_panels_in_one_row_are_not_one(tmp_path, suffix):
    """Both have a blue and a red sample above their plot."""
    figure, grid = plt.subplots(1, 2, figsize=(10, 4.6))
    figure.subplots_adjust(bottom=0.36, wspace=0.55, left=0.13, top=0.86)
    pairs = (("Mutant", "Wild type"), ("Female", "Male"))
    for axes, names in zip(grid, pairs, strict=True):
        draw_panel(axes, names)
        axes.legend(frameon=False, ncol=2, loc="lower center", bbox_to_anchor=(0.5, 1.02))
    for panel, names in zip(read_figure(save(figure, tmp_path / f"row.{suffix}")).panels, pairs,
                            strict=True):  # fmt: skip
        assert counts(panel) == dict(zip(names, TRUE, strict=True))
        assert {arm.name: arm.color for arm in panel.arms}.keys() == set(names)
        assert not any("legend names" in text for text in panel.unsure)


@pytest.mark.parametrize("suffix", ["svg", nightly("png")])
def test_rows_in_the_colours_of_the_curves_name_them(tmp_path, suffix):
    """Neither a legend nor a label beside a curve names the arms."""
    figure, axes = plt.subplots(figsize=(6, 4.6))
    figure.subplots_adjust(bottom=0.36, left=0.25)
    draw_panel(axes, ("Surgery", "Radiotherapy"))
    for text in axes.texts:
        for k, name in enumerate(("Surgery", "Radiotherapy")):
            if text.get_text() == name:
                text.set_color(COLOURS[1 - k])  # the table names the curves in another order
    (panel,) = read_figure(save(figure, tmp_path / f"coloured.{suffix}")).panels
    ends = {arm.name: arm.curve.survival[-1] for arm in panel.arms}
    assert ends.keys() == {"Surgery", "Radiotherapy"}
    assert ends["Surgery"] < ends["Radiotherapy"]


def test_panels_of_a_vector_figure_are_named_by_their_own_legends(tmp_path):
    """Solid and dashed in both, so that the samples of the other panel would fit, too."""
    figure, grid = plt.subplots(1, 2, figsize=(10, 4))
    pairs = (("Mutant", "Wild type"), ("Female", "Male"))
    for axes, names in zip(grid, pairs, strict=True):
        for k, (name, (time, survival)) in enumerate(zip(names, CURVES, strict=True)):
            dash = "-" if k else "--"
            axes.step([0, *time], [1, *survival], dash, where="post", color="k", label=name)
        axes.set(xlim=(0, 24.5), ylim=(0, 1.02), xlabel="Months", xticks=range(0, 25, 6))
        axes.legend(frameon=False)
    panels = read_figure(save(figure, tmp_path / "two.svg")).panels
    assert [{arm.name for arm in panel.arms} for panel in panels] == [set(p) for p in pairs]
    for panel, names in zip(panels, pairs, strict=True):
        last = {arm.name: arm.curve.survival[-1] for arm in panel.arms}
        assert last[names[0]] > last[names[1]]


@pytest.mark.parametrize("suffix", ["svg", nightly("png")])
def test_a_legend_far_above_the_highest_label_is_found(tmp_path, suffix):
    """The axis goes on to 150% without a label, as some programs draw it."""
    figure, axes = plt.subplots(figsize=(6, 4.6))
    figure.subplots_adjust(bottom=0.36, left=0.25)
    draw_panel(axes, ("Surgery", "Radiotherapy"), bars=True)
    axes.set_ylim(0, 1.5)
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1])
    axes.legend(frameon=False, loc="upper right")
    (panel,) = read_figure(save(figure, tmp_path / f"high.{suffix}")).panels
    assert [arm.name for arm in panel.arms] == ["Surgery", "Radiotherapy"]


def draw_labels(path: Path, *, colours: tuple[str, str], height: float) -> Path:
    """Draw two curves without a legend, and a name beside each other at some height."""
    figure, axes = plt.subplots(figsize=(6, 4.6))
    for k, (time, survival) in enumerate(CURVES):
        axes.step([0, *time], [1, *survival], where="post", color=COLOURS[k])
    for k, name in enumerate(("Surgery", "Radiotherapy")):
        axes.text(19 - 6 * k, height - 0.04 * k, name, color=colours[k])
    axes.set(xlim=(0, 24.5), ylim=(0, 1.02), xlabel="Months", xticks=range(0, 25, 6))
    with plt.rc_context({"pdf.fonttype": 42}):
        return save(figure, path)


@pytest.mark.parametrize("suffix", ["svg", "pdf"])
@pytest.mark.parametrize("exchanged", [False, True])
def test_names_beside_curves_go_by_the_colour_of_their_letters(tmp_path, suffix, exchanged):
    """Both stand above both curves, so that one of the ways is not the nearest."""
    colours = COLOURS[::-1] if exchanged else COLOURS
    path = draw_labels(tmp_path / f"labels.{suffix}", colours=colours, height=0.8)
    (panel,) = read_figure(path).panels
    ends = {arm.name: arm.curve.survival[-1] for arm in panel.arms}
    assert (ends["Surgery"] < ends["Radiotherapy"]) == exchanged
    assert not any("may be exchanged" in text for text in panel.unsure)


def test_black_names_that_are_about_as_near_to_either_curve_are_doubtful(tmp_path):
    path = draw_labels(tmp_path / "black.svg", colours=("black", "black"), height=0.9)
    (panel,) = read_figure(path).panels
    assert {arm.name for arm in panel.arms} == {"Surgery", "Radiotherapy"}
    assert any("may be exchanged" in text for text in panel.unsure)


def test_a_black_name_far_from_every_curve_is_doubtful(tmp_path):
    """One is beside its curve, the other in the corner."""
    figure, axes = plt.subplots(figsize=(6, 4.6))
    for k, (time, survival) in enumerate(CURVES):
        axes.step([0, *time], [1, *survival], where="post", color=COLOURS[k])
    time, survival = CURVES[0]
    axes.text(12, survival[time <= 12][-1] + 0.02, "Surgery")
    axes.text(1, 0.1, "Radiotherapy")
    axes.set(xlim=(0, 24.5), ylim=(0, 1.02), xlabel="Months", xticks=range(0, 25, 6))
    (panel,) = read_figure(save(figure, tmp_path / "far.svg")).panels
    far = [text for text in panel.unsure if "stands far from the curve" in text]
    assert [text.split("'")[1] for text in far] == ["Radiotherapy"]

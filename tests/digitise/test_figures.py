"""Whole figures of known data: raster, PDF and SVG."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest

from kmrepro.digitise import Hints, UnreadableFigureError, read_figure
from kmrepro.digitise.files import draft_study
from kmrepro.digitise.reading import WIDEST_TOLERANCE, curve_from_one, down_to_zero

from ..seeds import nightly
from . import known

pytest.importorskip("pdfplumber")
pytest.importorskip("rapidocr")

ENDS = known.ENDS


def by_name(panel):
    return {arm.name: arm for arm in panel.arms}


@pytest.fixture(scope="module")
def raster(tmp_path_factory):
    """Read a PNG with numbers at risk and marks, once."""
    path = known.draw(tmp_path_factory.mktemp("raster") / "figure.png", marks=True, at_risk=True)
    return read_figure(path)


def test_curves_of_a_raster_figure_are_within_half_a_percent(raster):
    (panel,) = raster.panels
    arms = by_name(panel)
    assert set(arms) == {"Drug", "Placebo"}
    for name, (truth, _, _) in known.ARMS.items():
        assert known.distance(arms[name].curve, truth, ENDS[name]) < 0.005
        assert arms[name].curve.time[-1] == pytest.approx(ENDS[name], abs=0.2)


def test_the_truth_is_within_the_tolerance_nearly_everywhere(raster):
    for arm in raster.panels[0].arms:
        truth = known.ARMS[arm.name][0]
        middle = (arm.curve.time[:-1] + arm.curve.time[1:]) / 2
        long = np.diff(arm.curve.time) > 0.5  # levels far from any fall
        true = np.concatenate([[1.0], truth[1]])[np.searchsorted(truth[0], middle, side="right")]
        off = np.abs(arm.curve.survival[:-1] - true)[long]
        assert (off <= arm.curve.tolerance[:-1][long]).mean() > 0.95


def test_axes_unit_and_orientation_are_recognised(raster):
    (panel,) = raster.panels
    assert panel.x_unit == "months"
    assert not panel.percent
    assert not panel.incidence
    assert panel.x_axis.residual < 0.6


def test_numbers_at_risk_are_exact(raster):
    rows = {row.arm: [count for _, count in row.cells] for row in raster.panels[0].at_risk}
    assert rows == {
        name: known.numbers_at_risk(truth) for name, (truth, _, _) in known.ARMS.items()
    }


def test_marks_are_found(raster):
    for arm in raster.panels[0].arms:
        found = [np.abs(arm.censor_marks - mark).min() < 0.15 for mark in known.MARKS]
        assert sum(found) >= 3
        assert len(arm.censor_marks) <= 5


def test_files_are_written_and_name_each_other(raster, tmp_path):
    folder = raster.save(tmp_path / "read")
    content = json.loads((folder / "reading.json").read_text())
    (panel,) = content["panels"]
    assert panel["orientation"] == "survival"
    assert [arm["color"] for arm in panel["arms"]] != []
    for name in panel["files"].values():
        assert (folder / name).is_file()
    with (folder / "curves.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert set(rows[0]) == {"arm", "time", "survival", "tolerance"}
    with pytest.raises(UnreadableFigureError, match="not empty"):
        raster.save(folder)


def test_the_draft_study_is_sound(raster, tmp_path):
    from kmrepro.studies import load_study

    study = load_study(str(raster.save(tmp_path / "read") / "study.toml"))
    assert study.time_unit == "months"


def test_each_endpoint_of_a_draft_has_the_unit_of_its_panel(raster, tmp_path):
    from kmrepro.studies import load_study

    (panel,) = raster.panels
    other = replace(panel, panel=2, x_unit="years")
    both = replace(raster, panels=(panel, other)).save(tmp_path / "read")
    study = load_study(str(both / "study.toml"))
    assert [endpoint.time_unit for endpoint in study.endpoints] == ["months", "years"]


def test_a_unit_that_is_not_known_is_said(tmp_path):
    path = known.draw(tmp_path / "plain.svg")
    path.write_text(path.read_text().replace("Time (months)", "Time (m)"))
    reading = read_figure(path)
    assert any("unit of the times is not known: 'Time (m)'" in said for said in reading.unsure)


def test_a_notebook_shows_the_overlay(raster):
    assert "data:image/png;base64," in raster._repr_html_()
    assert raster.overlay().shape[2] == 3


@pytest.mark.parametrize("suffix", ["svg", nightly("png")])
def test_incidence_is_turned_into_survival(tmp_path, suffix):
    path = known.draw(tmp_path / f"incidence.{suffix}", incidence=True, percent=True)
    reading = read_figure(path)
    (panel,) = reading.panels
    assert panel.incidence
    assert panel.percent
    assert "where another event, such as death, competes" in draft_study(reading)
    for arm in panel.arms:
        assert known.distance(arm.curve, known.ARMS[arm.name][0], ENDS[arm.name]) < 0.006


@pytest.mark.parametrize("suffix", ["svg", nightly("png")])
def test_the_frame_of_a_legend_where_survival_would_start_is_no_curve(tmp_path, suffix):
    """Incidence from 0 to 1 with matplotlib's legend in the upper left corner."""
    arms = {
        "Drug": (known.exponential_steps(40, n=110, seed=1, end=60), "#1f77b4"),
        "Control": (known.exponential_steps(22, n=100, seed=2, end=60), "#ff7f0e"),
    }
    figure, axes = plt.subplots(figsize=(7, 5))
    for name, ((time, survival), colour) in arms.items():
        time += 2.0  # no event at first: little of the curves is near 0
        x, y = np.concatenate([[0], time]), np.concatenate([[1], survival])
        axes.step(x, 1 - y, where="post", color=colour, label=name)
    axes.set(xlim=(0, 60), ylim=(0, 1), xlabel="Months", ylabel="Cumulative incidence")
    axes.legend(loc="upper left")
    path = tmp_path / f"figure.{suffix}"
    with plt.rc_context({"svg.fonttype": "none"}):
        figure.savefig(path, dpi=120, bbox_inches="tight")
    plt.close(figure)
    (panel,) = read_figure(path).panels
    assert panel.incidence
    for arm in panel.arms:
        assert known.distance(arm.curve, arms[arm.name][0], 55.0) < 0.006


def test_black_curves_are_told_apart_by_their_dashes(tmp_path, known_words):
    arms = {
        "Drug": (known.ARMS["Drug"][0], "black", "-"),
        "Placebo": (known.ARMS["Placebo"][0], "black", "--"),
    }
    (panel,) = read_figure(known.draw(tmp_path / "black.png", arms=arms)).panels
    read = by_name(panel)
    assert read["Drug"].dash == "solid"
    assert read["Placebo"].dash == "dashed"
    for name, arm in read.items():
        assert known.distance(arm.curve, known.ARMS[name][0], ENDS[name]) < 0.01


def test_black_curves_of_one_dash_are_left_without_a_name(tmp_path, known_words):
    """Nothing tells whose they are; without numbers at risk that do, a name would be a guess."""
    arms = {name: (known.ARMS[name][0], "black", "--") for name in ("Drug", "Placebo")}
    reading = read_figure(known.draw(tmp_path / "alike.png", arms=arms))
    (panel,) = reading.panels
    assert {arm.name for arm in panel.arms} == {"Arm 1", "Arm 2"}
    assert [text for text in panel.unsure if "'Drug', 'Placebo' are too alike" in text]
    for arm in reading.to_dict()["panels"][0]["arms"]:
        assert sorted(arm["may_be"]) == ["Drug", "Placebo"]


@pytest.mark.parametrize("suffix", ["pdf", "svg"])
def test_vector_figures_are_read_exactly(tmp_path, suffix):
    path = known.draw(tmp_path / f"figure.{suffix}", marks=True, at_risk=True)
    reading = read_figure(path)
    assert reading.kind == "vector"
    (panel,) = reading.panels
    for arm in panel.arms:
        truth = known.ARMS[arm.name][0]
        assert known.distance(arm.curve, truth, ENDS[arm.name]) < 0.0005
        assert arm.censor_marks == pytest.approx(known.MARKS, abs=0.02)
    rows = {row.arm: [count for _, count in row.cells] for row in panel.at_risk}
    assert rows == {
        name: known.numbers_at_risk(truth) for name, (truth, _, _) in known.ARMS.items()
    }


def test_axes_given_by_hand_need_no_recognition(tmp_path):
    """0 and 24 months, 0 and 1, at the pixels where matplotlib puts them."""
    path = tmp_path / "figure.png"
    (panel,) = read_figure(path, known.hints_of(known.draw_bare(path))).panels
    for arm in panel.arms:
        assert known.distance(arm.curve, known.ARMS[arm.name][0], ENDS[arm.name]) < 0.006


@pytest.mark.parametrize(
    ("drug", "placebo", "said"),
    [("Drug", "Placebo", 0), ("Placebo", "Drug", 2), ("New", "Old", 0)],
    ids=["as in the legend", "exchanged", "renamed"],
)
def test_names_by_hand_that_the_legend_contradicts_are_named(
    tmp_path, known_words, drug, placebo, said
):
    colours = [known.ARMS[name][1] for name in ("Drug", "Placebo")]
    hints = Hints(colours=tuple(zip((drug, placebo), colours, strict=True)))
    path = known.draw(tmp_path / "figure.png", at_risk=True)
    (panel,) = read_figure(path, hints).panels
    contradicted = [text for text in panel.unsure if "may be exchanged" in text]
    assert len(contradicted) == said
    if said:
        assert "named 'Drug' by hand has the figure's own name 'Placebo'" in " ".join(contradicted)
        return
    rows = {row.arm: [count for _, count in row.cells] for row in panel.at_risk}
    known_rows = [known.numbers_at_risk(arm[0]) for arm in known.ARMS.values()]
    assert rows == dict(zip((drug, placebo), known_rows, strict=True))


def test_axes_of_paths_given_by_hand(tmp_path):
    """In points, 72 an inch: a file whose axes have no numbers is read as exactly."""
    figure, axes = plt.subplots(figsize=(6, 4.5))
    for (time, survival), colour, dash in known.ARMS.values():
        axes.step([0, *time], [1, *survival], dash, where="post", color=colour)
    axes.set(xlim=(0, 25), ylim=(0, 1.05), xticks=[], yticks=[])
    figure.savefig(tmp_path / "bare.svg")
    places = known.places_of(axes, dpi=72)
    plt.close(figure)
    with pytest.raises(UnreadableFigureError, match="among 0 numbers"):
        read_figure(tmp_path / "bare.svg")
    hints = replace(known.hints_of(places), colours=(), ocr=True)
    (panel,) = read_figure(tmp_path / "bare.svg", hints).panels
    for arm, (name, (truth, colour, _)) in zip(panel.arms, known.ARMS.items(), strict=True):
        assert arm.color == colour
        assert known.distance(arm.curve, truth, ENDS[name] - 1) < 0.0005


def test_a_curve_that_was_not_asked_for_is_no_limit_of_another(tmp_path, known_words):
    """It is of another colour; that a line is left is said."""
    path = known.draw(tmp_path / "figure.png")
    (panel,) = read_figure(path, Hints(colours=(("Drug", "#1f77b4"),))).panels
    assert [arm.name for arm in panel.arms] == ["Drug"]
    assert any("belong to none of the curves" in text for text in panel.unsure)
    assert not any("ink of its colour" in text for text in panel.unsure)


@pytest.mark.parametrize("suffix", ["svg", nightly("png")])
def test_facets_share_the_survival_axis_of_the_first(tmp_path, suffix):
    figure, grid = plt.subplots(1, 2, figsize=(9, 3.6), sharey=True)
    for axes, (time, survival) in zip(grid, (arm[0] for arm in known.ARMS.values()), strict=True):
        axes.step([0, *time], [1, *survival], where="post", color="black")
        axes.set(xlim=(0, 24), ylim=(0, 1.02), xlabel="Months", xticks=range(0, 25, 6))
    path = tmp_path / f"facets.{suffix}"
    with plt.rc_context({"svg.fonttype": "none"}):
        figure.savefig(path, dpi=140)
    plt.close(figure)
    panels = read_figure(path).panels
    said = ("survival axis: taken from the panel to the left.",)
    assert [panel.unsure for panel in panels] == [(), said]
    for panel, (truth, _, _) in zip(panels, known.ARMS.values(), strict=True):
        assert known.distance(panel.arms[0].curve, truth, 20.0) < 0.003


@pytest.mark.parametrize("suffix", ["svg", nightly("png")])
def test_two_panels_share_a_legend_above_both(tmp_path, suffix):
    """Either panel is below one of the two names only."""
    figure, grid = plt.subplots(1, 2, figsize=(9, 3.6))
    for axes in grid:
        for name, dash in (("Surgery", "-"), ("Radiotherapy", "--")):
            time, survival = known.ARMS["Drug" if dash == "--" else "Placebo"][0]
            axes.step([0, *time], [1, *survival], dash, where="post", color="black", label=name)
        axes.set(xlim=(0, 24), ylim=(0, 1.02), xlabel="Months", xticks=range(0, 25, 6))
        axes.spines[["top", "right"]].set_visible(False)
    figure.legend(*grid[0].get_legend_handles_labels(), loc="upper center", ncol=2, frameon=False)
    path = tmp_path / f"shared.{suffix}"
    with plt.rc_context({"svg.fonttype": "none"}):
        figure.savefig(path, dpi=140)
    plt.close(figure)
    panels = read_figure(path).panels
    assert [sorted(by_name(panel)) for panel in panels] == [["Radiotherapy", "Surgery"]] * 2
    for panel in panels:
        for name, source in (("Surgery", "Placebo"), ("Radiotherapy", "Drug")):
            truth = known.ARMS[source][0]
            assert known.distance(by_name(panel)[name].curve, truth, 20.0) < 0.01


def test_no_tolerance_is_wider_than_study_files_take():
    from kmrepro.studies.digitised import LARGEST_TOLERANCE

    assert WIDEST_TOLERANCE <= LARGEST_TOLERANCE


def test_letters_without_a_word_of_what_they_say_are_recognised(tmp_path):
    """Matplotlib writes letters as outlines, and beside them comments that other programs drop."""
    path = known.draw(tmp_path / "figure.svg", at_risk=True, letters="path")
    silent = re.sub("<!--.*?-->", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    path.write_text(silent, encoding="utf-8")
    (panel,) = read_figure(path).panels
    assert panel.unsure == (
        "the file's letters are outlines: text and numbers were recognised as in a picture.",
    )
    arms = by_name(panel)
    for name, (truth, _, _) in known.ARMS.items():
        assert known.distance(arms[name].curve, truth, ENDS[name]) < 0.001
    rows = {row.arm: [count for _, count in row.cells] for row in panel.at_risk}
    assert rows == {name: known.numbers_at_risk(arm[0]) for name, arm in known.ARMS.items()}
    with pytest.raises(UnreadableFigureError, match="among 0 numbers"):
        read_figure(path, Hints(ocr=False))


@pytest.mark.parametrize(
    "outline", ["M0 0h5z", "m0 0l5 5z", "L 1 1", "M 1", "M0 0 C 1 2 3", "M0 0 9e9 0 9e9 9e9 Z", "A"]
)
def test_outlines_that_are_no_letters_do_no_harm(tmp_path, outline):
    path = tmp_path / "shapes.svg"
    path.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 30 30"><defs>'
        f'<path id="a" d="{outline}"/></defs><use href="#a" x="9" y="9"/></svg>',
        encoding="utf-8",
    )
    with pytest.raises(UnreadableFigureError):
        read_figure(path)


def test_what_a_person_would_notice_is_named_in_a_picture(tmp_path, known_words):
    """A black solid curve ends on a dashed one, a box covers another; a name has no sample."""
    figure, axes = plt.subplots(figsize=(6, 4.6), dpi=120)
    slow = [(0, 1.0), (3, 0.9), (8, 0.75), (24, 0.75)]
    fast = [(0, 1.0), (2, 0.92), (4, 0.83), (6, 0.75), (10, 0.75)]
    red = [(0, 1.0), (0.5, 0.7), (9, 0.5), (11, 0.4), (12, 0.3), (20, 0.2), (24, 0.2)]
    for points, color, dash, name in (
        (slow, "k", "--", "Placebo"), (fast, "k", "-", "Drug"), (red, "r", "-", "Other")
    ):  # fmt: skip
        axes.step(*zip(*points, strict=True), dash, where="post", color=color, label=name)
    axes.legend(loc="upper right", frameon=False)
    axes.text(21.4, 0.79, "Observed")
    axes.add_patch(plt.Rectangle((10, 0.25), 3.5, 0.28, color="white", zorder=5))
    axes.set(xlim=(0, 25), ylim=(0, 1.05), xlabel="Time (months)", ylabel="Overall survival")
    axes.set_xticks(np.arange(0, 25, 6))
    figure.savefig(tmp_path / "figure.png")
    plt.close(figure)
    (panel,) = read_figure(tmp_path / "figure.png").panels
    drug = next(arm for arm in panel.arms if arm.name == "Drug")
    assert drug.curve.time[-1] == pytest.approx(10, abs=0.5)
    said = " ".join(panel.unsure)
    assert "arm 'Other': nothing of the curve is seen from 9.92 to 13.5" in said
    assert "the legend's 'Observed' has no sample" in said


@pytest.mark.parametrize(("thick", "ocr"), [(1.0, False), nightly(2.0, False), nightly(1.0, True)])
def test_a_curve_that_falls_onto_the_time_axis_ends_at_zero(tmp_path, thick, ocr):
    """The axis hides the end of the fall; a level that goes on just above it is kept."""
    figure, axes = plt.subplots(figsize=(6, 4.5))
    falls = [(0, 1), (6, 0.8), (12, 0.5), (16, 0.2), (20, 0), (20, 0)]
    stays = [(0, 1), (5, 0.9), (10, 0.4), (15, 0.1), (18, 0.03), (22, 0.03)]
    for name, points, colour in (("Falls", falls, "tab:blue"), ("Stays", stays, "tab:red")):
        axes.step(*zip(*points, strict=True), where="post", color=colour, lw=thick, label=name)
    axes.set(xlim=(0, 24), ylim=(0, 1.05), xlabel="Time (months)", ylabel="Overall survival")
    axes.set_xticks(range(0, 25, 6))
    if ocr:
        axes.legend()
    figure.savefig(tmp_path / "figure.png", dpi=120)
    colours = {"Falls": "#1f77b4", "Stays": "#d62728"}
    hints = Hints() if ocr else known.hints_of(known.places_of(axes, dpi=120), colours)
    plt.close(figure)
    arms = by_name(read_figure(tmp_path / "figure.png", hints).panels[0])
    assert arms["Falls"].curve.survival[-1] == 0
    stays_at = arms["Stays"].curve
    assert abs(stays_at.survival[-1] - 0.03) <= stays_at.tolerance[-1]


@pytest.mark.parametrize(("first", "last"), [(0, 12), (3, 7)])
def test_two_places_of_an_axis_give_its_scale_and_no_end(tmp_path, first, last):
    """Curves are read to the end of the axis, also where two places in its middle are given."""
    path = tmp_path / "bare.png"
    places = known.draw_bare(path)
    hints = known.hints_of(places)
    (_, left), (_, right) = places["x_axis"]
    given = tuple((t, left + (right - left) * t / 24) for t in (first, last))
    (whole,) = read_figure(path, hints).panels
    (panel,) = read_figure(path, replace(hints, x_axis=given)).panels
    for name, arm in by_name(panel).items():
        assert arm.curve.time[-1] == pytest.approx(by_name(whole)[name].curve.time[-1], abs=0.1)
        assert known.distance(arm.curve, known.ARMS[name][0], ENDS[name]) < 0.004


def test_the_middle_of_a_fall_is_known_to_both_its_ends():
    """A level a pixel long may be ink of a fall: it is anywhere between those beside it."""
    time, survival = np.array([0.0, 4.0, 4.2, 9.0]), np.array([1.0, 0.9, 0.84, 0.84])
    for blurred, expected in ((0.0, 0.003), (0.3, 0.1)):
        read = curve_from_one(time, survival, np.full(4, 0.003), shortest=0.1, blurred=blurred)
        assert read.tolerance.tolist() == pytest.approx([0.003, expected, 0.003, 0.003])
    wide = np.array([1.0, 0.7, 0.3, 0.3])
    read = curve_from_one(time, wide, np.full(4, 0.003), shortest=0.1, blurred=0.3)
    assert read.tolerance[1] == 0.1  # the largest that a study file takes


@pytest.mark.parametrize(
    ("survival", "ends"),
    [
        pytest.param([1.0, 0.2, 0.01, 0.01], 0.0, id="hidden by the axis"),
        pytest.param([1.0, 0.2, 0.03, 0.03], 0.03, id="clear of it"),
        pytest.param([1.0, 0.016, 0.01, 0.01], 0.01, id="a fall of no height"),
    ],
)
def test_what_the_time_axis_hides(survival, ends):
    """Zero keeps what was seen within its tolerance; the rest stays."""
    given = np.array(survival), np.full(4, 0.003)
    read, tolerance = down_to_zero(*given, reach=0.012)
    assert read[-1] == ends
    assert tolerance[-1] == (0.01 if ends == 0 else 0.003)
    assert (read[:-2] == given[0][:-2]).all()

"""Axes without tick marks: their labels' middles are moved to where the curves start."""

from __future__ import annotations

from dataclasses import replace

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

from kmrepro.digitise import Hints, read_figure
from kmrepro.digitise.axes import Token, scale_through
from kmrepro.digitise.frames import from_start
from kmrepro.digitise.panels import Frame
from kmrepro.digitise.text import Word

from . import known


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

"""Plots whose survival axis stands at their right."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

from kmrepro.digitise import read_figure
from kmrepro.digitise.axes import tokens, x_scales, y_scales
from kmrepro.digitise.panels import pair_axes_at_right
from kmrepro.digitise.text import Word

from .known import ARMS, distance


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_a_survival_axis_at_the_right_is_read(tmp_path: Path, suffix: str) -> None:
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

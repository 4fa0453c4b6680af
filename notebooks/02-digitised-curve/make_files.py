"""Draw the curves of a trial whose data are public, and read them off the picture again.

python make_files.py writes curves.csv and at-risk.csv beside itself. The trial is that of the
German Breast Cancer Study Group (Schumacher M, et al. J Clin Oncol. 1994;12:2086-93), as the data
set GBSG2 of lifelines has it: recurrence-free survival with and without hormonal therapy.
"""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from lifelines import KaplanMeierFitter
from lifelines.datasets import load_gbsg2
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

FOLDER = Path(__file__).parent
DAYS = 30.4375  # in a month
END, TICKS = 84, range(0, 84, 12)  # months
COLOURS = {"No hormones": (0.8, 0.2, 0.1), "Hormones": (0.0, 0.3, 0.7)}
EVERY = 8  # columns of pixels from one point to the next

Picture = npt.NDArray[np.float64]


def draw(arms: dict[str, KaplanMeierFitter]) -> tuple[Picture, tuple[float, float, float, float]]:
    """Return a picture, and the pixels of its plot: left, right, bottom and top."""
    with mpl.rc_context({"path.simplify": False}):
        figure = Figure(figsize=(6, 4), dpi=150)
        ax = figure.add_subplot(xlim=(0, END), ylim=(0, 1))
        for name, curve in arms.items():
            survival = curve.survival_function_.iloc[:, 0]
            ax.step(survival.index, survival, where="post", color=COLOURS[name], linewidth=1)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        box = ax.get_window_extent()
        picture = np.asarray(canvas.buffer_rgba())[::-1, :, :3] / 255.0  # row 0 is lowest
    return picture, (box.x0, box.x1, box.y0, box.y1)


def read_off(
    picture: Picture, box: tuple[float, float, float, float], colour: tuple[float, float, float]
) -> list[tuple[float, float]]:
    """Return month and percentage of every eighth column, where a curve of this colour is."""
    left, right, bottom, top = box
    like = np.abs(picture - colour).max(axis=2) < 0.25
    points = []
    for column in range(int(left) + 2, int(right), EVERY):
        rows = np.flatnonzero(like[int(bottom) + 2 : int(top) - 1, column]) + int(bottom) + 2.5
        if rows.size:
            month = END * (column + 0.5 - left) / (right - left)
            points.append((month, 100 * (rows.mean() - bottom) / (top - bottom)))
    return points


def main() -> None:
    """Write the points as WebPlotDigitizer does, and the numbers at risk."""
    data = load_gbsg2()
    data["month"] = data["time"] / DAYS
    groups = dict(
        zip(COLOURS, (data[data["horTh"] == said] for said in ("no", "yes")), strict=True)
    )
    arms = {
        name: KaplanMeierFitter().fit(group["month"], event_observed=group["cens"])
        for name, group in groups.items()
    }
    picture, box = draw(arms)
    read = [read_off(picture, box, COLOURS[name]) for name in groups]
    lines = [",,".join(groups) + ",", "X,Y,X,Y"]
    for row in range(max(map(len, read))):
        cells = [f"{arm[row][0]:.3f},{arm[row][1]:.3f}" if row < len(arm) else "," for arm in read]
        lines.append(",".join(cells))
    (FOLDER / "curves.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    lines = [",".join(["time", *groups])]
    for tick in TICKS:
        counts = [int((group["month"] >= tick).sum()) for group in groups.values()]
        lines.append(",".join(map(str, [tick, *counts])))
    (FOLDER / "at-risk.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

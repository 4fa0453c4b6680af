"""Kaplan-Meier figures as packages of Python, gnuplot and Octave draw them, each in its own way.

Every way takes the path of the figure, the arms and a `Plan`, and draws. Packages are loaded where
they are used: what is not installed is left out by drawn_programs.py.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
from drawn_trials import Arm, drawing

mpl.use("Agg")
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is chosen at random for a figure; a program takes of it what it has."""

    end: float
    step: float
    unit: str
    kind: str
    res: int
    table: bool
    marks: bool
    bands: bool
    percent: bool
    black: bool
    choice: int

    def rng(self) -> np.random.Generator:
        """Choices that only one program has."""
        return np.random.default_rng(self.choice)

    def ticks(self) -> FloatArray:
        """Labels of the time axis."""
        return np.arange(0, self.end + 1e-9, self.step)


def steps(arm: Arm, end: float) -> tuple[FloatArray, FloatArray]:
    """Corners of a curve: times and survival from there on, up to the end of the axis."""
    return drawing(arm, min(end, float(arm.time.max())))


def limits(arm: Arm, end: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return times and pointwise limits of 95% confidence, as log(-log S) gives them."""
    at, survival = arm.curve()
    inside = (at <= end) & (survival > 0)
    log = np.log(survival[inside])
    half = 1.96 * arm.error()[inside] / np.abs(log)
    low, high = np.exp(log * np.exp(half)), np.exp(log * np.exp(-half))
    last = min(end, float(arm.time.max()))
    return (
        np.concatenate([[0.0], at[inside], [last]]),
        np.concatenate([[1.0], low, low[-1:]]),
        np.concatenate([[1.0], high, high[-1:]]),
    )


def censored(arm: Arm, end: float) -> tuple[FloatArray, FloatArray]:
    """Return times of censoring and survival there."""
    at, survival = arm.curve()
    times = np.unique(arm.time[~arm.event & (arm.time <= end)])
    return times, np.concatenate([[1.0], survival])[np.searchsorted(at, times, side="right")]


def _page(plan: Plan) -> Any:
    rng = plan.rng()
    size = (float(rng.uniform(5.5, 8.0)), float(rng.uniform(4.2, 6.0)))
    figure, axes = plt.subplots(figsize=size, layout="constrained")
    axes.set_xlabel(f"Time ({plan.unit})")
    return figure, axes, rng


def _keep(figure: Any, path: Path, plan: Plan) -> None:
    figure.savefig(path, dpi=plan.res)
    plt.close(figure)


def _axis(axes: Any, plan: Plan) -> None:
    axes.set_xlim(0, plan.end)
    axes.set_xticks(plan.ticks())


def lifelines(path: Path, arms: list[Arm], plan: Plan) -> None:
    """Draw with lifelines; its table may say how many are at risk, censored and had the event."""
    from lifelines import KaplanMeierFitter
    from lifelines.plotting import add_at_risk_counts

    figure, axes, rng = _page(plan)
    fitted = []
    style = {"marker": str(rng.choice(["|", "+"])), "ms": 6, "mew": 1}
    lines = bool(rng.random() < 0.2)
    for arm, colour in zip(arms, ("k", "0.5", "k", "0.5"), strict=False):
        fitter = KaplanMeierFitter(label=arm.name).fit(arm.time, arm.event)
        more = {"c": colour, "ls": ["-", "--", "-.", ":"][len(fitted)]} if plan.black else {}
        fitter.plot_survival_function(
            ax=axes, ci_show=plan.bands, show_censors=plan.marks, censor_styles=style,
            ci_force_lines=lines, **more)  # fmt: skip
        fitted.append(fitter)
    _axis(axes, plan)
    axes.set_xlabel(f"Time ({plan.unit})")
    axes.set_ylim(0, 1.05)
    if plan.table:
        rows = None if rng.random() < 0.6 else ["At risk"]
        add_at_risk_counts(*fitted, ax=axes, rows_to_show=rows)
    _keep(figure, path, plan)


def statsmodels(path: Path, arms: list[Arm], plan: Plan) -> None:
    """Draw with statsmodels, whose marks of censoring are crosses."""
    from statsmodels.api import SurvfuncRight
    from statsmodels.duration.survfunc import plot_survfunc

    figure, axes, _ = _page(plan)
    plot_survfunc([SurvfuncRight(a.time, a.event.astype(int), title=a.name) for a in arms], ax=axes)
    _axis(axes, plan)
    axes.set_xlabel(f"Time ({plan.unit})")
    if len(arms) > 1:
        axes.legend(loc="best")
    _keep(figure, path, plan)


def sksurv(path: Path, arms: list[Arm], plan: Plan) -> None:
    """Draw as the guide of scikit-survival does: a step from the first time on."""
    from sksurv.nonparametric import kaplan_meier_estimator

    figure, axes, rng = _page(plan)
    for arm in arms:
        time, survival, around = kaplan_meier_estimator(arm.event, arm.time, conf_type="log-log")
        axes.step(time, survival, where="post", label=arm.name)
        if plan.bands:
            axes.fill_between(time, around[0], around[1], alpha=0.25, step="post")
    axes.set_ylim(0, 1)
    axes.set_ylabel(r"est. probability of survival $\hat{S}(t)$")
    axes.set_xlabel("time $t$" if rng.random() < 0.5 else f"Time ({plan.unit})")
    if plan.table:  # which scikit-survival does not draw
        axes.set_xlim(0, plan.end)
    axes.legend(loc="best")
    _keep(figure, path, plan)


def seaborn(path: Path, arms: list[Arm], plan: Plan) -> None:
    """Draw with a style and a palette of seaborn."""
    import pandas as pd
    import seaborn as sns

    rng = plan.rng()
    with sns.axes_style(str(rng.choice(["darkgrid", "whitegrid", "ticks", "white"]))):
        figure, axes, _ = _page(plan)
        table = pd.concat(
            pd.DataFrame({"time": x, "survival": y, "arm": a.name})
            for a in arms for x, y in [steps(a, plan.end)])  # fmt: skip
        sns.lineplot(table, x="time", y="survival", hue="arm", drawstyle="steps-post",
                     estimator=None, palette=str(rng.choice(["deep", "colorblind", "Set2"])),
                     style="arm" if plan.black else None, ax=axes)  # fmt: skip
        _axis(axes, plan)
        axes.set_ylim(0, 1.02)
        axes.set_xlabel(f"Time ({plan.unit})")
        sns.move_legend(axes, "best", title=None)
        sns.despine(figure)
        _keep(figure, path, plan)


def plotly(path: Path, arms: list[Arm], plan: Plan) -> None:
    """Draw with plotly in one of its templates."""
    from plotly import colors
    from plotly import graph_objects as go

    rng, figure = plan.rng(), go.Figure()
    for arm, colour in zip(arms, colors.qualitative.Plotly, strict=False):
        shade = f"rgba{(*colors.hex_to_rgb(colour), 0.2)}"
        if plan.bands:
            time, low, high = limits(arm, plan.end)
            common = {"x": time, "showlegend": False, "line_shape": "hv", "mode": "lines"}
            figure.add_scatter(y=high, line_width=0, **common)
            figure.add_scatter(y=low, line_width=0, fill="tonexty", fillcolor=shade, **common)
        x, y = steps(arm, plan.end)
        figure.add_scatter(x=x, y=y, line_shape="hv", mode="lines", name=arm.name,
                           line_color=colour)  # fmt: skip
        if plan.marks:
            x, y = censored(arm, plan.end)
            figure.add_scatter(x=x, y=y, mode="markers", showlegend=False, marker={
                "symbol": "line-ns-open", "size": 7, "color": colour})  # fmt: skip
    figure.update_layout(
        template=str(rng.choice(["plotly", "plotly_white", "simple_white"])),
        xaxis_title=f"Time ({plan.unit})", yaxis_title="Survival probability",
        legend={"orientation": "h", "y": 1.08} if rng.random() < 0.3 else {})  # fmt: skip
    figure.update_xaxes(range=[0, plan.end], dtick=plan.step)
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%" if plan.percent else None)
    figure.write_image(path, width=700, height=500, scale=plan.res / 72)


def altair(path: Path, arms: list[Arm], plan: Plan) -> None:
    """Draw with altair, that is Vega."""
    import altair as alt
    import pandas as pd

    def table(corners: Callable[[Arm, float], tuple[FloatArray, ...]], *names: str) -> Any:
        found = [(a.name, dict(zip(names, corners(a, plan.end), strict=True))) for a in arms]
        return pd.concat(pd.DataFrame(columns).assign(arm=name) for name, columns in found)

    time = alt.X("time:Q", title=f"Time ({plan.unit})", scale=alt.Scale(domain=[0, plan.end]),
                 axis=alt.Axis(values=plan.ticks().tolist()))  # fmt: skip
    form = alt.Axis(format="%") if plan.percent else alt.Axis()
    title = "Survival probability"
    up = alt.Y("survival:Q", title=title, scale=alt.Scale(domain=[0, 1]), axis=form)
    hue = alt.Color("arm:N", title=None, sort=[a.name for a in arms])
    chart = alt.Chart(table(steps, "time", "survival")).mark_line(
        interpolate="step-after").encode(x=time, y=up, color=hue)  # fmt: skip
    if plan.bands:
        chart = alt.Chart(table(limits, "time", "low", "high")).mark_area(
            interpolate="step-after", opacity=0.2).encode(
                x=time, y=alt.Y("low:Q", title=title), y2="high:Q", color=hue) + chart  # fmt: skip
    if plan.marks:
        chart = chart + alt.Chart(table(censored, "time", "survival")).mark_point(
            shape="cross", size=25, filled=True).encode(x=time, y=up, color=hue)  # fmt: skip
    chart.properties(width=420, height=300).save(path, ppi=plan.res)


def plotnine(path: Path, arms: list[Arm], plan: Plan) -> None:
    """Draw with plotnine in one of its themes."""
    import pandas as pd
    import plotnine as p9

    rng = plan.rng()
    table = pd.concat(pd.DataFrame({"time": x, "survival": y, "arm": a.name})
                      for a in arms for x, y in [steps(a, plan.end)])  # fmt: skip
    shown = p9.ggplot(table, p9.aes("time", "survival", color="arm")) + p9.geom_step(size=0.8)
    if plan.marks:
        marks = pd.concat(pd.DataFrame({"time": x, "survival": y, "arm": a.name})
                          for a in arms for x, y in [censored(a, plan.end)])  # fmt: skip
        shown += p9.geom_point(data=marks, shape="|", size=3, show_legend=False)
    theme = [p9.theme_gray, p9.theme_bw, p9.theme_classic, p9.theme_minimal][int(rng.integers(4))]
    shown += theme()
    shown += p9.theme(legend_position=str(rng.choice(["right", "bottom", "top"])))
    shown += p9.scale_x_continuous(name=f"Time ({plan.unit})", breaks=plan.ticks().tolist())
    shown += p9.scale_y_continuous(name="Survival", limits=(0, 1))
    shown.save(path, width=6, height=4.5, dpi=plan.res, verbose=False)


def _data(folder: Path, arms: list[Arm], plan: Plan) -> list[tuple[Path, Path]]:
    """Write the corners and the censoring times of each arm as columns of text."""
    found = []
    for k, arm in enumerate(arms):
        paths = (folder / f"curve{k}.txt", folder / f"marks{k}.txt")
        for path, columns in zip(
            paths, (steps(arm, plan.end), censored(arm, plan.end)), strict=True
        ):
            np.savetxt(path, np.column_stack(columns), fmt="%.8g")
        found.append(paths)
    return found


def gnuplot(path: Path, arms: list[Arm], plan: Plan) -> None:
    """Draw with gnuplot's steps."""
    rng = plan.rng()
    inch = (float(rng.uniform(5.5, 8)), float(rng.uniform(4.2, 5.5)))
    dots = [round(side * plan.res) for side in inch]
    terminal = {
        "png": f"pngcairo size {dots[0]},{dots[1]} fontscale {plan.res / 100} linewidth "
               f"{plan.res / 100}",
        "svg": f"svg size {round(inch[0] * 90)},{round(inch[1] * 90)}",
        "pdf": f"pdfcairo size {inch[0]},{inch[1]}",
    }[plan.kind]  # fmt: skip
    colour = " lc 'black'" if plan.black else ""
    with tempfile.TemporaryDirectory() as folder:
        parts = []
        for k, (curve, marks) in enumerate(_data(Path(folder), arms, plan)):
            line = f"lt {k + 1}{colour} dt {k + 1 if plan.black else 1}"
            parts.append(f"'{curve}' with steps {line} lw 1.5 title '{arms[k].name}'")
            if plan.marks:
                parts.append(f"'{marks}' with points lt {k + 1}{colour} pt 1 ps 0.7 notitle")
        lines = [f"set terminal {terminal}", f"set output '{path}'", f"set xrange [0:{plan.end}]",
                 f"set xtics {plan.step}", "set yrange [0:1]" if rng.random() < 0.5 else
                 "set yrange [0:1.05]", "set ytics 0.2", f"set xlabel 'Time ({plan.unit})'",
                 "set ylabel 'Survival'", "set grid" if rng.random() < 0.3 else "unset grid",
                 "set border 3; set tics nomirror" if rng.random() < 0.4 else "set border 31",
                 f"set key {rng.choice(['top right', 'bottom left', 'outside', 'below'])}",
                 "plot " + ", ".join(parts)]  # fmt: skip
        subprocess.run(["gnuplot", "-e", "; ".join(lines)], check=True, capture_output=True)


def octave(path: Path, arms: list[Arm], plan: Plan) -> None:
    """Draw with Octave's stairs, as a script for MATLAB does."""
    rng = plan.rng()
    dashes = ("-", "--", "-.", ":")
    with tempfile.TemporaryDirectory() as folder:
        lines = ["graphics_toolkit('gnuplot')", "f = figure('visible', 'off')", "hold on", "h = []"]
        for k, (curve, marks) in enumerate(_data(Path(folder), arms, plan)):
            style = f"'k{dashes[k]}'" if plan.black else "'-'"
            lines += [f"d = load('{curve}'); [x, y] = stairs(d(:, 1), d(:, 2))",
                      f"h(end + 1) = plot(x, y, {style}, 'linewidth', 1.5)"]  # fmt: skip
            if plan.marks:
                lines.append(f"d = load('{marks}'); plot(d(:, 1), d(:, 2), '+', 'color', "
                             "get(h(end), 'color'), 'markersize', 5)")  # fmt: skip
        names = ", ".join(f"'{arm.name}'" for arm in arms)
        place = rng.choice(["northeast", "southwest", "southoutside"])
        lines += [f"legend(h, {{{names}}}, 'location', '{place}')", f"xlim([0 {plan.end}])",
                  f"ylim([0 1]); xlabel('Time ({plan.unit})'); ylabel('Survival')",
                  f"set(gca, 'xtick', 0:{plan.step}:{plan.end})",
                  "box on" if rng.random() < 0.5 else "box off",
                  f"print(f, '{path}', '-d{plan.kind}', '-r{plan.res}')"]  # fmt: skip
        subprocess.run(["octave", "--no-gui", "--quiet", "--eval", "; ".join(lines) + ";"],
                       check=True, capture_output=True)  # fmt: skip


WAYS: dict[str, Callable[[Path, list[Arm], Plan], None]] = {
    "lifelines": lifelines, "statsmodels": statsmodels, "sksurv": sksurv, "seaborn": seaborn,
    "plotly": plotly, "altair": altair, "plotnine": plotnine, "gnuplot": gnuplot,
    "octave": octave,
}  # fmt: skip

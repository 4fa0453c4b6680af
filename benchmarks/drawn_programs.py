"""Draw Kaplan-Meier figures of known data with the programs that papers use.

    python benchmarks/drawn_programs.py FOLDER [--seed 1] [--count 60] [--ways survplot,gnuplot]

FOLDER receives what drawn_figures.py writes, for figures.py to measure. In R: rms, prodlim, cmprsk,
GGally, ggfortify, survminer with further tables, and ggplot2 with patchwork in the look of
ggsurvfit; in Python: lifelines with its own table, statsmodels, scikit-survival, seaborn, plotly,
altair and plotnine; gnuplot and Octave. A figure whose program is not installed is left out, which
is said.
"""

from __future__ import annotations

import argparse
import subprocess
import warnings
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from drawn_figures import write_truth
from drawn_in_python import WAYS, FloatArray, Plan
from drawn_looks import UNITS, pick
from drawn_trials import Arm, drawn_until, nice_step, random_arms, write_patients

ORDER = ("survplot", "prodlim", "ggsurvfit", "lifelines", "plotly", "gnuplot", "cuminc", "ggsurv",
         "survminer", "ggsurvfit", "sksurv", "altair", "survplot", "autoplot", "lifelines",
         "statsmodels", "prodlim", "plotnine", "octave", "seaborn")  # fmt: skip
TABLES = ("survplot", "prodlim", "ggsurvfit", "lifelines", "survminer")
MARKS = ("prodlim", "ggsurvfit", "lifelines", "plotly", "gnuplot", "ggsurv", "survminer", "altair",
         "autoplot", "statsmodels", "plotnine", "octave")  # fmt: skip
BEYOND = {"cuminc": 1.04, "survminer": 1.05}  # of the last label: where the frame stands
NO_JPEG = ("altair", "gnuplot", "octave")


def random_plan(rng: np.random.Generator, way: str) -> tuple[Plan, list[Arm]]:
    """Draw patients and what a figure of them shows."""
    unit = UNITS[int(rng.choice(4, p=[0.6, 0.25, 0.1, 0.05]))]
    arms, end = random_arms(rng, unit)
    kind = pick(rng, png=6, jpg=1.5, svg=1.5, pdf=1)
    plan = Plan(
        end=end, step=nice_step(end, unit, rng), unit=unit,
        kind="png" if kind == "jpg" and way in NO_JPEG else kind,
        res=int(rng.choice([72, 100, 150, 300])), table=bool(rng.random() < 0.65),
        marks=bool(rng.random() < 0.6), bands=bool(rng.random() < 0.4),
        percent=bool(rng.random() < 0.3), black=bool(rng.random() < 0.2),
        choice=int(rng.integers(1, 10_000)))  # fmt: skip
    return plan, arms


def draw_in_r(path: Path, arms: list[Arm], plan: Plan, way: str) -> None:
    """Let R draw a figure."""
    data = path.with_suffix(".patients.csv")
    write_patients(data, arms)
    script = Path(__file__).with_name("drawn_programs.R")
    given = [f"{key}={value}" for key, value in {"way": way, **asdict(plan)}.items()]
    try:
        subprocess.run(["Rscript", "--vanilla", str(script), str(data), str(path), *given],
                       check=True, capture_output=True, text=True)  # fmt: skip
    finally:
        data.unlink()


def _until(arm: Arm, plan: Plan, way: str) -> float:
    """Where a program ends a curve: ggplot2 leaves out what lies beyond the limits of an axis.

    Others draw on up to the frame, which is a little behind the last label.
    """
    if way == "autoplot" or (way == "sksurv" and not plan.table):
        return drawn_until(arm, float("inf"))
    if way in BEYOND:
        return drawn_until(arm, BEYOND[way] * plan.end)
    if way == "ggsurv":
        return float(arm.time[arm.time <= plan.end].max())
    return drawn_until(arm, plan.end)


def _rows(arms: list[Arm], ticks: FloatArray, way: str) -> dict[str, Any]:
    """Numbers at risk as printed: lifelines counts those who are left after the time."""
    after = way == "lifelines"
    rows = [
        {"arm": a.name, "counts": [int((a.time > t).sum()) for t in ticks]}
        if after
        else {"arm": a.name, "counts": a.at_risk(ticks)}
        for a in arms
    ]
    return {"times": ticks.tolist(), "rows": rows}


def describe(name: str, path: Path, arms: list[Arm], plan: Plan, way: str) -> dict[str, Any]:
    """Say of a figure what figures.jsonl says."""
    vector = plan.kind in ("pdf", "svg")
    table = plan.table and way in TABLES
    found = [way, plan.kind, "vector" if vector else "raster", f"arms{len(arms)}"]
    found += [word for word in ("black", "bands") if getattr(plan, word)]
    found += ["table"] if table else []
    panel = {
        "panel": 1, "x_range": [0.0, float(plan.ticks()[-1])], "y_range": [0.0, 1.0],
        "calibration": None, "orientation": "incidence" if way == "cuminc" else "survival",
        "censor_ticks": way == "statsmodels" or (plan.marks and way in MARKS),
        "at_risk": _rows(arms, plan.ticks(), way) if table else None,
        "arms": [{"name": a.name, "n": len(a.time), "drawn_until": _until(a, plan, way)}
                 for a in arms]}  # fmt: skip
    return {"figure": name, "file": path.name, "tool": way, "style": way, "format": plan.kind,
            "dpi": None if vector else plan.res, "operations": [], "tags": found,
            "panels": [panel], "look": asdict(plan)}  # fmt: skip


def draw(
    folder: Path, number: int, seed: int, way: str
) -> tuple[dict[str, Any], list[list[Arm]]] | None:
    """Draw one figure; None, and a line that says why, if its program cannot."""
    rng = np.random.default_rng([seed, 78, number])
    plan, arms = random_plan(rng, way)
    name = f"t{number:03d}"
    path = folder / f"{name}.{plan.kind}"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the programs, about their own insides
            if way in WAYS:
                WAYS[way](path, arms, plan)
            else:
                draw_in_r(path, arms, plan, way)
    except (ImportError, FileNotFoundError) as error:
        print(f"{name}: {way} is not installed: {error}")
    except subprocess.CalledProcessError as error:
        print(f"{name}: {way} did not draw: {str(error.stderr).strip()[-200:]}")
    else:
        return describe(name, path, arms, plan, way), [arms]
    return None


def main() -> None:
    """Draw the figures and write what is true of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--ways", default=",".join(ORDER))
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    ways = given.ways.split(",")
    drawn = [draw(given.folder, k, given.seed, ways[k % len(ways)]) for k in range(given.count)]
    there = [one for one in drawn if one is not None]
    write_truth(given.folder, [record for record, _ in there], [arms for _, arms in there])


if __name__ == "__main__":
    main()

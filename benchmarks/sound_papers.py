"""Papers without a mistake: data are simulated, analysed as usual, and printed as usual.

Two arms with covariates; survival is analysed by lifelines, tables by scipy. What is printed is
rounded as papers do, each paper in its own style.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from lifelines import CoxPHFitter, KaplanMeierFitter
from lifelines.statistics import logrank_test
from scipy import stats
from sound_flow import sound_flow

__all__ = ["sound_paper"]

ARMS = ("control", "treated")
RANKED = ("AFP", "Interval")
BINARY = ("Sex", "Cirrhosis", "Smoking", "Stage")


@dataclass(frozen=True)
class Style:
    """How one paper prints its numbers."""

    ratio: int
    p: int
    percent: int
    survival: int

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> Style:
        """Return a usual style."""
        ratio, p, percent, survival = (
            int(rng.choice(each)) for each in ((2, 2, 3), (2, 3, 3), (0, 1, 1, 2), (0, 1, 1))
        )
        return cls(ratio, p, percent, survival)

    def p_text(self, p: float) -> str:
        """Return a p-value, "<0.001" for what would print as 0."""
        least = 10.0**-self.p
        return f"<{least:.{self.p}f}" if p < least else f"{p:.{self.p}f}"

    def count(self, n: int, whole: int) -> str:
        """Return a count with its percentage."""
        return f"{n} ({100 * n / whole:.{self.percent}f})" if whole else str(n)


def sound_paper(rng: np.random.Generator) -> dict[str, Any]:
    """Return a study file's contents."""
    style = Style.drawn(rng)
    patients = _patients(rng)
    table = _table_one(patients, style, "table-1", rng)
    study = {"id": "sound", "endpoint": [_endpoint(patients, style)]}
    regression = _regression(patients, style)
    study["table"] = [table, _matched(patients, style, rng), regression, _list(patients, rng)]
    study["statement"] = _statements(table, patients, style)
    study["statement"] += [_listed(study["table"][3]), _stated(regression)]
    study["flow"] = [sound_flow(table["groups"], rng.spawn(1)[0])]
    return study


def _patients(rng: np.random.Generator) -> pd.DataFrame:
    """Draw patients: arm, covariates, time and event."""
    n = int(rng.integers(60, 500))
    arm = (rng.random(n) < rng.choice([0.5, 0.5, 0.35])).astype(int)
    frame = pd.DataFrame({"arm": arm})
    effect = math.log(rng.choice([0.3, 0.5, 0.7, 0.9, 1.0])) * arm
    for name in BINARY:
        frame[name] = (rng.random(n) < rng.uniform(0.1, 0.6)).astype(int)
        effect = effect + rng.normal(0, 0.4) * frame[name].to_numpy()
    frame["Size"] = rng.choice(3, n, p=rng.dirichlet((3, 3, 3)))
    frame["Albumin"] = rng.normal(40, 5, n)
    frame["AFP"] = np.exp(rng.normal(4, 1.5, n))
    frame["Interval"] = (
        rng.gamma(rng.choice([0.8, 2, 9]), rng.uniform(5, 50), n) * rng.uniform(1, 1.5, 2)[arm]
    )
    frame["Sessions"] = 1 + rng.poisson(rng.uniform(0.3, 4), n)
    frame["Bilirubin"] = np.exp(rng.normal(2.6, 0.4, n))
    shape = rng.uniform(0.7, 1.4)
    time = 30 * (rng.exponential(size=n) / np.exp(effect)) ** (1 / shape)
    follow_up = rng.uniform(6, rng.uniform(30, 90), n)
    frame["event"] = (time <= follow_up).astype(int)
    frame["time"] = np.maximum(np.minimum(time, follow_up), 0.1)
    return frame


def _cox(patients: pd.DataFrame, names: list[str]) -> pd.DataFrame | None:
    """Return lifelines' table of coefficients; None if it does not converge."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            fit = CoxPHFitter().fit(patients[["time", "event", *names]], "time", "event")
        except Exception:  # a covariate without events or variation: no paper prints it
            return None
    return fit.summary


def _ratio(row: pd.Series, style: Style) -> dict[str, Any]:
    limits = [math.exp(row[f"coef {side} 95%"]) for side in ("lower", "upper")]
    return {
        "hazard_ratio": f"{math.exp(row['coef']):.{style.ratio}f}",
        "ci": [f"{limit:.{style.ratio}f}" for limit in limits],
    }


def _endpoint(patients: pd.DataFrame, style: Style) -> dict[str, Any]:
    arms = {}
    for number, name in enumerate(ARMS):
        own = patients[patients.arm == number]
        curve = KaplanMeierFitter().fit(own.time, own.event)
        marks = [time for time in (12, 24, 36, 60) if time <= own.time.max()]
        arm: dict[str, Any] = {"n": len(own), "events": int(own.event.sum())}
        arm["landmarks"] = {
            str(time): f"{100 * float(curve.predict(time)):.{style.survival}f}%" for time in marks
        }
        median = float(curve.median_survival_time_)
        arm["median"] = f"{median:.1f}" if math.isfinite(median) else "NR"
        arm["follow_up"] = {"range": [f"{own.time.min():.1f}", f"{own.time.max():.1f}"]}
        arms[name] = arm
    endpoint: dict[str, Any] = {"cohort": "all", "name": "OS", "reference": ARMS[0], "arms": arms}
    summary = _cox(patients, ["arm"])
    if summary is not None:
        groups = [patients[patients.arm == number] for number in (0, 1)]
        test = logrank_test(groups[0].time, groups[1].time, groups[0].event, groups[1].event)
        reported = _ratio(summary.loc["arm"], style)
        endpoint["reported"] = reported | {"p": style.p_text(test.p_value), "test": "log-rank"}
    return endpoint


def _regression(patients: pd.DataFrame, style: Style) -> dict[str, Any]:
    """Return univariable and multivariable rows, with Wald or likelihood-ratio p."""
    rows = []
    names = [*BINARY[:2], "Albumin", "arm"]
    models = [("univariable", [name]) for name in names] + [("multivariable", names)]
    for model, covariates in models:
        summary = _cox(patients, covariates)
        for name in covariates if summary is not None else ():
            row = {"variable": name, "model": model, **_ratio(summary.loc[name], style)}
            if name != "Albumin":
                row |= {"level": "yes", "reference": "no"}
            if float(row["hazard_ratio"]) > 0 and float(row["ci"][1]) > 0:
                rows.append(row | {"p": style.p_text(summary.loc[name, "p"])})
    return {
        "id": "table-2", "cohort": "all", "endpoint": "OS",
        "events": int(patients.event.sum()), "hazard_ratio": rows,
    }  # fmt: skip


def _table_one(
    patients: pd.DataFrame, style: Style, name: str, rng: np.random.Generator
) -> dict[str, Any]:
    groups = {arm: int((patients.arm == number).sum()) for number, arm in enumerate(ARMS)}
    counted = [_counted(patients, each, style) for each in (*BINARY, "Size")]
    measured = [_measured(patients, each, style, rng) for each in ("Albumin", "Bilirubin")]
    measured.append(_measured(patients, "Sessions", style, rng) | {"whole": True})
    return {
        "id": name, "groups": groups, "count": [row for row in counted if row],
        "mean": measured, "median": [_ranked(patients, each, style) for each in RANKED],
    }  # fmt: skip


def _counted(patients: pd.DataFrame, name: str, style: Style) -> dict[str, Any]:
    table = pd.crosstab(patients[name], patients.arm).to_numpy()
    if min(table.shape) < 2:
        return {}
    wholes = table.sum(axis=0)
    levels = {
        f"level {level}": {
            arm: style.count(int(table[level, number]), int(wholes[number]))
            for number, arm in enumerate(ARMS)
        }
        for level in range(table.shape[0])
    }
    expected = stats.contingency.expected_freq(table)
    if expected.min() < 5 and table.shape == (2, 2):
        return {"variable": name, "levels": levels, "test": "Fisher",
                "p": style.p_text(stats.fisher_exact(table)[1])}  # fmt: skip
    p = stats.chi2_contingency(table, correction=style.p == 3).pvalue
    return {"variable": name, "levels": levels, "test": "chi-square", "p": style.p_text(p)}


def _measured(
    patients: pd.DataFrame, name: str, style: Style, rng: np.random.Generator
) -> dict[str, Any]:
    one, other = (patients.loc[patients.arm == number, name] for number in (0, 1))
    kind = rng.choice(["t", "Welch", "Mann-Whitney"])
    if kind == "Mann-Whitney":
        p = stats.mannwhitneyu(one, other).pvalue
    else:
        p = stats.ttest_ind(one, other, equal_var=kind == "t").pvalue
    cells = {
        arm: f"{values.mean():.1f} ± {values.std():.1f}"
        for arm, values in zip(ARMS, (one, other), strict=True)
    }
    return {"variable": name, **cells, "p": style.p_text(float(p)), "test": str(kind)}


def _ranked(patients: pd.DataFrame, name: str, style: Style) -> dict[str, Any]:
    groups = [patients.loc[patients.arm == number, name] for number in (0, 1)]
    cells = {
        arm: "{:.1f} ({:.1f}, {:.1f})".format(*np.quantile(values, (0.5, 0.25, 0.75)))
        for arm, values in zip(ARMS, groups, strict=True)
    }
    p = stats.mannwhitneyu(*groups).pvalue
    return {
        "variable": name, **cells, "p": style.p_text(float(p)), "test": "Mann-Whitney",
        "spread": "quartiles",
    }  # fmt: skip


def _matched(patients: pd.DataFrame, style: Style, rng: np.random.Generator) -> dict[str, Any]:
    """Return the same table of as many patients from each arm."""
    size = int(0.8 * patients.arm.value_counts().min())
    chosen = [patients[patients.arm == number].sample(size, random_state=rng) for number in (0, 1)]
    return _table_one(pd.concat(chosen), style, "table-1-matched", rng) | {"subset_of": "table-1"}


def _statements(table: dict[str, Any], patients: pd.DataFrame, style: Style) -> list[Any]:
    n = table["groups"]
    events = int(patients.event.sum())
    total = sum(n.values())
    values = {}
    for row in table["count"]:
        for level, cells in row["levels"].items():
            name = f"table-1 / {row['variable']} / {level} / control"
            values[name] = cells["control"].split(" ")[0]
    for row in table["mean"]:
        values[f"table-1 / {row['variable']} / treated / mean"] = row["treated"].split(" ")[0]
    share = {"of": str(total), "percent": f"{100 * events / total:.{style.percent}f}%"}
    return [
        {"source": "Abstract", "text": "patients by arm",
         "sum": {"total": str(total), "parts": [str(each) for each in n.values()]}},
        {"source": "Abstract", "text": "patients who died", "share": [share]},
        {"source": "Results", "text": "events", "share": [share | {"part": str(events)}]},
        {"source": "Results", "text": "baseline", "values": values},
    ]  # fmt: skip


def _list(patients: pd.DataFrame, rng: np.random.Generator) -> dict[str, Any]:
    """Return a table of a few patients one by one."""
    few = patients.sample(int(rng.integers(8, 30)), random_state=rng)
    rows = [
        [str(number), f"stage {size}", str(sessions)]
        for number, (size, sessions) in enumerate(zip(few.Size, few.Sessions, strict=True), 1)
    ]
    return {"id": "table-3", "columns": ["Patient", "Stage", "Sessions"], "rows": rows}


def _listed(table: dict[str, Any]) -> dict[str, Any]:
    stages = [row[1] for row in table["rows"]]
    sessions = np.array([int(row[2]) for row in table["rows"]])
    counts = [
        {"table": "table-3", "column": "Stage", "holds": stage, "count": str(stages.count(stage))}
        for stage in sorted(set(stages))
    ]
    summary = {"mean": f"{sessions.mean():.1f}", "sd": f"{sessions.std(ddof=1):.1f}"}
    counts.append({"table": "table-3", "column": "Sessions", **summary})
    return {"source": "Results", "text": "patients one by one", "listed": counts}


def _stated(regression: dict[str, Any]) -> dict[str, Any]:
    rows = [row for row in regression["hazard_ratio"] if "level" in row]
    stated = [{"table": "table-2", **row} for row in rows]
    return {"source": "Results", "text": "hazard ratios", "hazard_ratio": stated}

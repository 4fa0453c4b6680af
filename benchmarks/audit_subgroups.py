"""How often tables of subgroups without a mistake raise an alarm, and planted mistakes are found.

    python benchmarks/audit_subgroups.py --trials 300 --first 910000

Trials with prognostic and predictive variables are analysed by lifelines, whose p for interaction
is the likelihood ratio's of the products in one Cox regression, and reported as papers do. Each is
audited, and looked at by `kmrepro validate`, as it is and once more with each kind of mistake.
"""

from __future__ import annotations

import argparse
import copy
import math
import warnings
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from lifelines import CoxPHFitter
from scipy.stats import chi2

from kmrepro.audit import audit
from kmrepro.studies import Study
from kmrepro.studies.doubts import doubts

Report = dict[str, Any]
Row = dict[str, Any]
Planter = Callable[[Report, np.random.Generator], bool]
Looks = tuple[set[tuple[str, str, str]], set[str]]  # findings, severity and rule first; doubts
ARMS = ("C", "T")
FEWEST = 5  # events of a level in an arm; with fewer papers print no ratio


# Sound reports ------------------------------------------------------------------------------------


def report_of(seed: int) -> Report | None:
    """Report a trial with the subgroups of three variables; None if a level has few events."""
    rng = np.random.default_rng(seed)
    patients, levels = _patients(rng)
    try:
        whole = _fit(patients, ["arm"])
        rows = [row for name, k in levels.items() for row in _variable(patients, name, k)]
    except ValueError:
        return None
    overall: Row = {"variable": "All", "overall": True, **_ratio(whole), **_cells(patients)}
    arms = {
        arm: {"n": int((patients.arm == place).sum()),
              "events": int(patients.event[patients.arm == place].sum())}
        for place, arm in enumerate(ARMS)
    }  # fmt: skip
    endpoint = {"name": "OS", "reference": "C", "arms": arms, "reported": _ratio(whole)}
    table = {"id": "forest", "endpoint": "OS", "hazard_ratio": [overall, *rows]}
    return {"id": "simulated", "endpoint": [endpoint], "table": [table]}


def _patients(rng: np.random.Generator) -> tuple[pd.DataFrame, dict[str, int]]:
    """Simulate patients, and the number of levels of each variable; -1 where it is missing."""
    n = int(rng.choice([200, 400, 800]))
    levels = {"sex": 2, "age": int(rng.choice([2, 3])), "stage": int(rng.choice([2, 3, 4]))}
    frame = pd.DataFrame({"arm": rng.integers(0, 2, n)})
    log = rng.normal(-0.3, 0.25) * frame.arm
    for name, k in levels.items():
        own = rng.choice(k, n, p=rng.dirichlet([4] * k))
        log += rng.normal(0, rng.choice([0, 0.4, 0.7]), k)[own]
        log += rng.normal(0, rng.choice([0, 0.3]), k)[own] * frame.arm
        missing = rng.random(n) < rng.choice([0, 0, 0, 0.08])
        frame[name] = np.where(missing, -1, own)
    time = 20 * (rng.exponential(1, n) / np.exp(log)) ** (1 / rng.choice([0.8, 1.0, 1.5]))
    censored = rng.uniform(6, 60, n)
    frame["time"] = np.minimum(time, censored) + 1e-3
    frame["event"] = (time <= censored).astype(int)
    return frame, levels


def _fit(patients: pd.DataFrame, names: list[str]) -> CoxPHFitter:
    """Fit Cox regression; ValueError if an arm has few events."""
    if min(int(patients.event[patients.arm == place].sum()) for place in (0, 1)) < FEWEST:
        raise ValueError("few events")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return CoxPHFitter().fit(patients[["time", "event", *names]], "time", "event")


def _ratio(fit: CoxPHFitter) -> Row:
    row = fit.summary.loc["arm"]
    ends = [math.exp(row[f"coef {side} 95%"]) for side in ("lower", "upper")]
    return {"hazard_ratio": f"{math.exp(row['coef']):.2f}", "ci": [f"{end:.2f}" for end in ends]}


def _cells(patients: pd.DataFrame) -> Row:
    cells = {}
    for place, arm in enumerate(ARMS):
        own = patients[patients.arm == place]
        cells[arm] = f"{int(own.event.sum())}/{len(own)}"
    return {"patients": cells}


def _variable(patients: pd.DataFrame, name: str, k: int) -> list[Row]:
    own = [patients[patients[name] == level] for level in range(k)]
    rows: list[Row] = [
        {"variable": name, "level": f"level {level}", **_ratio(_fit(each, ["arm"])), **_cells(each)}
        for level, each in enumerate(own)
    ]
    known = patients[patients[name] >= 0].copy()
    main, product = [], []
    for level in range(1, k):
        known[f"l{level}"] = (known[name] == level).astype(float)
        known[f"p{level}"] = known[f"l{level}"] * known.arm
        main.append(f"l{level}")
        product.append(f"p{level}")
    with_product = _fit(known, ["arm", *main, *product]).log_likelihood_
    gained = with_product - _fit(known, ["arm", *main]).log_likelihood_
    p = float(chi2.sf(2 * gained, k - 1))
    rows[0]["p_interaction"] = f"{p:.3f}" if p >= 0.001 else "<0.001"
    return rows


# Mistakes -----------------------------------------------------------------------------------------


def _table(report: Report) -> list[Row]:
    rows: list[Row] = report["table"][0]["hazard_ratio"]
    return rows


def _of(report: Report, name: str) -> list[Row]:
    return [row for row in _table(report) if row["variable"] == name]


def _some(report: Report, rng: np.random.Generator) -> Row:
    rows = [row for row in _table(report) if not row.get("overall")]
    return rows[int(rng.integers(len(rows)))]


def _count(change: Callable[[int, int], tuple[int, int]]) -> Planter:
    """Change events and patients of one cell."""

    def plant(report: Report, rng: np.random.Generator) -> bool:
        row, arm = _some(report, rng), str(rng.choice(ARMS))
        events, n = map(int, row["patients"][arm].split("/"))
        row["patients"][arm] = "{}/{}".format(*change(events, n))
        return change(events, n) != (events, n)

    return plant


def _turn(report: Report, rng: np.random.Generator) -> bool:
    cells = _some(report, rng)["patients"]
    cells["C"], cells["T"] = cells["T"], cells["C"]
    return bool(cells["C"] != cells["T"])


def _p(report: Report, rng: np.random.Generator) -> bool:
    row = _of(report, str(rng.choice(["sex", "age", "stage"])))[0]
    p = 0.0 if row["p_interaction"].startswith("<") else float(row["p_interaction"])
    row["p_interaction"] = "0.003" if p > 0.2 else "0.720"
    return p > 0.2 or p < 0.05


def _scaled(row: Row, share: float, width: float = 1.0) -> None:
    middle = math.log(float(row["hazard_ratio"]))
    ends = [middle + width * (math.log(max(float(end), 0.01)) - middle) for end in row["ci"]]
    row["hazard_ratio"] = f"{share * math.exp(middle):.2f}"
    row["ci"] = [f"{share * math.exp(end):.2f}" for end in ends]


def _narrow(report: Report, rng: np.random.Generator) -> bool:
    row = _some(report, rng)
    _scaled(row, 1.0, 0.5)
    return True


def _one_side(report: Report, _: np.random.Generator) -> bool:
    rows = _of(report, "sex")
    nearest = min(float(row["hazard_ratio"]) for row in rows)
    share = 1.15 * float(_table(report)[0]["hazard_ratio"]) / nearest
    for row in rows:
        _scaled(row, share)
    return True


def _overall(report: Report, _: np.random.Generator) -> bool:
    _scaled(_table(report)[0], 1.3)
    return True


def _overall_events(report: Report, _: np.random.Generator) -> bool:
    cells = _table(report)[0]["patients"]
    events, n = map(int, cells["C"].split("/"))
    cells["C"] = f"{events - 5}/{n}"
    return True


def _twice(report: Report, _: np.random.Generator) -> bool:
    rows = _of(report, "sex")
    rows[1]["level"] = rows[0]["level"]
    return True


def _arm(report: Report, rng: np.random.Generator) -> bool:
    cells = _some(report, rng)["patients"]
    cells["Control"] = cells.pop("C")
    return True


def _endpoint(report: Report, _: np.random.Generator) -> bool:
    report["table"][0]["endpoint"] = "PFS"
    return True


MISTAKES: dict[str, Planter] = {
    "another p for interaction": _p,
    "patients of a cell, half as many more": _count(lambda events, n: (events, n + n // 2)),
    "patients of a cell, 30 fewer": _count(lambda events, n: (events, max(n - 30, events))),
    "events of a cell, 9 more": _count(lambda events, n: (min(events + 9, n), n)),
    "events of a cell, 9 fewer": _count(lambda events, n: (max(events - 9, 1), n)),
    "events and patients of a cell exchanged": _count(lambda events, n: (n, events)),
    "arms of a row exchanged": _turn,
    "interval of a level half as wide": _narrow,
    "both levels on one side of all": _one_side,
    "row of all patients, another ratio": _overall,
    "row of all patients, 5 events fewer": _overall_events,
    "a level twice": _twice,
    "an arm that is not there": _arm,
    "an endpoint that is not there": _endpoint,
}


# Running ------------------------------------------------------------------------------------------


def looked_at(report: Report) -> Looks:
    """Return the findings of the audit and the doubts of validation."""
    study = Study.model_validate(report)
    found = {(each.severity, each.rule, each.sentence) for each in audit(study)}
    return found, {str(each) for each in doubts(study)}


def run(trials: int, first: int) -> Report:
    """Look at the tables of trials, and at each with every kind of mistake."""
    seeds = range(first, first + trials)
    reports = {seed: made for seed in seeds if (made := report_of(seed)) is not None}
    sound = {seed: looked_at(report) for seed, report in reports.items()}
    alarms = Counter((severity, rule) for found, _ in sound.values() for severity, rule, _ in found)
    return {
        "tables": len(reports),
        "alarms": alarms,
        "doubted": sum(bool(said) for _, said in sound.values()),
        "mistakes": {kind: _found(kind, reports, sound) for kind in MISTAKES},
    }


def _found(kind: str, reports: dict[int, Report], sound: dict[int, Looks]) -> Report:
    """Return in how many tables a mistake was made, and the shares in which it is found."""
    rules: list[set[str]] = []
    doubted = 0
    for seed, report in reports.items():
        wrong = copy.deepcopy(report)
        if MISTAKES[kind](wrong, np.random.default_rng([seed, len(kind)])):
            found, said = looked_at(wrong)
            rules.append({rule for level, rule, _ in found - sound[seed][0] if level != "note"})
            doubted += bool(said - sound[seed][1])
    tried = max(len(rules), 1)
    return {
        "tables": len(rules),
        "found": sum(map(bool, rules)) / tried,
        "doubted": doubted / tried,
        "rules": Counter(rule for each in rules for rule in each).most_common(3),
    }


def show(result: Report) -> None:
    """Print the alarms about sound tables, and how many of each mistake are found."""
    print(f"{result['tables']} sound tables; findings, by rule")
    for (severity, rule), number in sorted(result["alarms"].items()):
        print(f"  {severity:8}{rule:26}{number:6}")
    print(f"  tables that `validate` doubts     {result['doubted']:6}")
    print("share of tables with a mistake that is found: errors and warnings, doubts")
    for kind, each in result["mistakes"].items():
        shares = f"{each['found']:5.0%}{each['doubted']:6.0%} of {each['tables']:4}"
        print(f"  {kind:42}{shares}  {', '.join(f'{r} {m}' for r, m in each['rules'])}")


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=300)
    parser.add_argument("--first", type=int, default=910_000, help="seed of the first trial")
    options = parser.parse_args()
    show(run(options.trials, options.first))


if __name__ == "__main__":
    main()

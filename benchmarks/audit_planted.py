"""How often the audit finds a fault planted in the report of a trial, and alarms without one.

    python benchmarks/audit_planted.py --trials 300 --first 700000

Trials are simulated (`simulated_trials.py`), analysed, and reported in full: survival and medians
with intervals, events, numbers at risk, follow-up, hazard ratio, interval and p with its statistic,
quartiles of a measurement, survival after progression. Each report is audited as it is and once for
each kind of fault. `audit_false_alarms.py` does the same with tables and texts.
"""

from __future__ import annotations

import argparse
import copy
import json
import math
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats
from simulated_trials import SimulatedTrial, simulated_trial

from kmrepro.audit import audit
from kmrepro.models import KaplanMeier, cox, kaplan_meier, logrank
from kmrepro.reconstruct import PseudoIPD
from kmrepro.studies import Study

Report = dict[str, Any]
Planter = Callable[[Report, np.random.Generator], bool]
ARMS = ("C", "T")
FEWEST = 12  # events in an arm; with fewer a report is mostly "NR"


# Sound reports ------------------------------------------------------------------------------------


def report_of(trial: SimulatedTrial) -> Report | None:
    """Report a trial in full, rounded as papers do; None if too little happened in it."""
    if min(int(event.sum()) for event in trial.event) < FEWEST:
        return None
    sizes = [time.size for time in trial.time]
    ipd = PseudoIPD(
        time=np.concatenate(trial.time),
        event=np.concatenate(trial.event),
        arm=np.repeat(ARMS, sizes),
        arms=ARMS,
    )
    curves = {arm: kaplan_meier(ipd, arm=arm) for arm in ARMS}
    last = min(float(np.quantile(time, 0.85)) for time in trial.time)
    step = next((unit for unit in (12.0, 6.0, 3.0, 1.0) if 3 * unit <= last), round(last / 4, 1))
    times = [step, 2 * step, 3 * step]
    if not 0 < times[-1] < last:
        return None
    fit, test = cox(ipd), logrank(ipd)
    endpoint = {
        "name": "PFS",
        "reference": "C",
        "arms": {arm: _arm(curves[arm], trial, times) for arm in ARMS},
        "reported": {
            "hazard_ratio": f"{fit.hazard_ratio:.2f}",
            "ci": [f"{end:.2f}" for end in fit.ci],
            "p": f"{test.p:.4f}" if test.p >= 0.001 else "<0.001",
            "test": f"log-rank, chi-square = {test.statistic:.2f}",
            "events": int(ipd.event.sum()),
        },
    }
    rng = np.random.default_rng([trial.seed, 7])
    progressed = {arm: int(curves[arm].n_events.sum() * rng.uniform(0.6, 0.95)) for arm in ARMS}
    after = {"name": "PPS", "arms": {arm: {"n": max(n, 1)} for arm, n in progressed.items()}}
    table = {
        "id": "table-1", "groups": dict(zip(ARMS, sizes, strict=True)),
        "median": [_measured(sizes, rng)],
    }  # fmt: skip
    return {"id": "simulated", "endpoint": [endpoint, after], "table": [table]}


def _arm(curve: KaplanMeier, trial: SimulatedTrial, times: list[float]) -> Report:
    place = ARMS.index(curve.arm)
    followed = np.sort(trial.time[place])
    median = "NR" if math.isinf(curve.median) else f"{curve.median:.1f}"
    arm: Report = {
        "n": curve.n,
        "events": int(curve.n_events.sum()),
        "landmarks": dict(_landmarks(curve, times)),
        "median": median,
        "at_risk": {"0": curve.n} | {f"{t:g}": int(curve.n_at_risk_at(t)) for t in times},
        "follow_up": {
            "median": f"{np.median(followed):.1f}",
            "iqr": [f"{np.quantile(followed, share):.1f}" for share in (0.25, 0.75)],
            "max": f"{followed[-1]:.2f}",
        },
    }
    if not any(map(math.isnan, curve.median_ci)) and median != "NR":
        arm["median_ci"] = ["NR" if math.isinf(t) else f"{t:.1f}" for t in curve.median_ci]
    return arm


def _landmarks(curve: KaplanMeier, times: list[float]) -> Iterator[tuple[str, Report]]:
    for time in times:
        row = int(np.searchsorted(curve.time, time, side="right")) - 1
        values = [float(part[row]) for part in (curve.survival, curve.lower, curve.upper)]
        mark: Report = {"survival": _percent(values[0])}
        if not any(map(math.isnan, values)) and 0 < values[0] < 1:
            mark["ci"] = [_percent(values[1]), _percent(values[2])]
        yield f"{time:g}", mark


def _percent(value: float) -> str:
    return f"{100 * value:.1f}%"


def _measured(sizes: list[int], rng: np.random.Generator) -> Report:
    """Report the quartiles of a skewed measurement, and its Mann-Whitney p."""
    shift = rng.uniform(0.6, 1.6)
    centres = (40.0, 40 * shift)
    values = [np.exp(rng.normal(np.log(c), 0.8, n)) for c, n in zip(centres, sizes, strict=True)]
    p = float(stats.mannwhitneyu(*values).pvalue)
    row: Report = {"variable": "Marker", "spread": "quartiles", "test": "Mann-Whitney U test"}
    for arm, own in zip(ARMS, values, strict=True):
        first, middle, third = np.quantile(own, [0.25, 0.5, 0.75])
        row[arm] = f"{middle:.1f} ({first:.1f}, {third:.1f})"
    return row | {"p": f"{p:.3f}" if p >= 0.001 else "<0.001"}


# Faults -------------------------------------------------------------------------------------------


def _arms(report: Report) -> tuple[Report, Report]:
    return report["endpoint"][0]["arms"]["C"], report["endpoint"][0]["arms"]["T"]


def _reported(report: Report) -> Report:
    found: Report = report["endpoint"][0]["reported"]
    return found


def _exchange(key: str) -> Planter:
    def plant(report: Report, _: np.random.Generator) -> bool:
        one, other = _arms(report)
        one[key], other[key] = other.get(key), one.get(key)
        return one[key] != other[key] and None not in (one[key], other[key])

    return plant


def _exchange_follow_up(report: Report, _: np.random.Generator) -> bool:
    one, other = (arm["follow_up"] for arm in _arms(report))
    one["median"], other["median"] = other["median"], one["median"]
    return bool(one["median"] != other["median"])


def _exchange_intervals(report: Report, rng: np.random.Generator) -> bool:
    one, other = _arms(report)
    time = str(rng.choice(list(one["landmarks"])))
    mine, theirs = one["landmarks"][time], other["landmarks"][time]
    if "ci" not in mine or "ci" not in theirs:
        return False
    mine["ci"], theirs["ci"] = theirs["ci"], mine["ci"]
    return bool(mine["ci"] != theirs["ci"])


def _exchange_quartiles(report: Report, _: np.random.Generator) -> bool:
    row = report["table"][0]["median"][0]
    (one, mine), (other, theirs) = (row[arm].split(" ", 1) for arm in ARMS)
    row["C"], row["T"] = f"{one} {theirs}", f"{other} {mine}"
    return bool(mine != theirs)


def _narrow(share: float) -> Planter:
    """Print every interval of survival of one arm as if of more patients."""

    def plant(report: Report, rng: np.random.Generator) -> bool:
        arm = _arms(report)[int(rng.integers(2))]
        marks = [mark for mark in arm["landmarks"].values() if "ci" in mark]
        for mark in marks:
            middle = float(mark["survival"][:-1])
            ends = [middle + share * (float(end[:-1]) - middle) for end in mark["ci"]]
            mark["ci"] = [f"{min(max(end, 0.1), 99.9):.1f}%" for end in ends]
        return bool(marks)

    return plant


def _narrow_median(report: Report, rng: np.random.Generator) -> bool:
    arm = _arms(report)[int(rng.integers(2))]
    if "median_ci" not in arm or "NR" in arm["median_ci"]:
        return False
    middle = float(arm["median"])
    arm["median_ci"] = [f"{middle + 0.3 * (float(end) - middle):.1f}" for end in arm["median_ci"]]
    return True


def _level(z: float) -> Planter:
    """Print the interval of the hazard ratio at another level, without saying so."""

    def plant(report: Report, _: np.random.Generator) -> bool:
        reported = _reported(report)
        middle = math.log(float(reported["hazard_ratio"]))
        ends = [math.log(max(float(end), 1e-3)) for end in reported["ci"]]
        moved = [math.exp(middle + z / 1.96 * (end - middle)) for end in ends]
        reported["ci"] = [f"{end:.2f}" for end in moved]
        return min(moved) >= 0.05

    return plant


def _one_sided(report: Report, _: np.random.Generator) -> bool:
    reported = _reported(report)
    if reported["p"].startswith("<") or float(reported["p"]) > 0.5:
        return False
    reported["p"] = f"{float(reported['p']) / 2:.4f}"
    reported["test"] = "log-rank"
    return True


def _statistic(report: Report, _: np.random.Generator) -> bool:
    reported = _reported(report)
    name, _, value = reported["test"].rpartition(" ")
    reported["test"] = f"{name} {float(value) + 3:.2f}"
    return not reported["p"].startswith("<")


def _other_p(report: Report, _: np.random.Generator) -> bool:
    reported = _reported(report)
    reported["test"] = "log-rank"
    p = 0.0 if reported["p"].startswith("<") else float(reported["p"])
    reported["p"] = "0.0110" if p > 0.2 else "0.6840"
    return True


def _without_interval(planter: Planter) -> Planter:
    """Return what plants the same fault where no interval and no statistic are reported."""

    def plant(report: Report, rng: np.random.Generator) -> bool:
        done = planter(report, rng)
        reported = _reported(report)
        reported.pop("ci", None)
        reported["test"] = "log-rank"
        return done

    return plant


def _tenth_of_p(report: Report, _: np.random.Generator) -> bool:
    reported = _reported(report)
    if reported["p"].startswith("<") or float(reported["p"]) < 0.001:
        return False
    reported["p"] = f"{float(reported['p']) / 10:.5f}"
    return True


def _inverse(report: Report, _: np.random.Generator) -> bool:
    reported = _reported(report)
    values = [float(reported["hazard_ratio"]), *map(float, reported["ci"])]
    if min(values) < 0.05:
        return False
    ratio, low, high = (f"{1 / value:.2f}" for value in values)
    reported |= {"hazard_ratio": ratio, "ci": [high, low]}
    return values[1] > 1 or values[2] < 1


def _total(report: Report, rng: np.random.Generator) -> bool:
    _reported(report)["events"] += int(rng.choice([-9, -3, 4, 20]))
    return bool(_reported(report)["events"] > 0)


def _more_events(report: Report, rng: np.random.Generator) -> bool:
    arm = _arms(report)[int(rng.integers(2))]
    arm["events"] = min(int(arm["events"] * 1.35) + 2, arm["n"])
    _reported(report).pop("events")
    return True


def _fewer_events(report: Report, rng: np.random.Generator) -> bool:
    arm = _arms(report)[int(rng.integers(2))]
    arm["events"] = max(int(arm["events"] * 0.7), 1)
    _reported(report).pop("events")
    return True


def _whole_arm(report: Report, _: np.random.Generator) -> bool:
    first, second = report["endpoint"]
    for name, arm in second["arms"].items():
        arm["n"] = first["arms"][name]["n"]
    return any(arm["events"] < arm["n"] for arm in first["arms"].values())


def _short_follow_up(report: Report, rng: np.random.Generator) -> bool:
    arm = _arms(report)[int(rng.integers(2))]
    last = float(list(arm["landmarks"])[-1])
    arm["follow_up"] = {"max": f"{0.8 * last:.1f}"}
    return True


def _rising(report: Report, rng: np.random.Generator) -> bool:
    arm = _arms(report)[int(rng.integers(2))]
    first, *_, last = arm["landmarks"]
    marks = arm["landmarks"]
    marks[first], marks[last] = marks[last], marks[first]
    return bool(marks[first] != marks[last])


FAULTS: dict[str, Planter] = {
    "events of the arms exchanged": _exchange("events"),
    "median follow-up exchanged, not its quartiles": _exchange_follow_up,
    "medians exchanged": _exchange("median"),
    "intervals of a landmark exchanged": _exchange_intervals,
    "quartiles exchanged": _exchange_quartiles,
    "intervals of survival half as wide": _narrow(0.5),
    "intervals of survival twice as wide": _narrow(2.0),
    "interval of a median a third as wide": _narrow_median,
    "interval of 99% without its level": _level(2.576),
    "interval of 99.8% without its level": _level(3.09),
    "interval of 80% without its level": _level(1.2816),
    "one-sided p without a word": _one_sided,
    "chi-square of another p": _statistic,
    "another p": _other_p,
    "no interval, nothing wrong": _without_interval(lambda *_: True),
    "no interval, a tenth of p": _without_interval(_tenth_of_p),
    "no interval, another p": _without_interval(_other_p),
    "hazard ratio turned round": _inverse,
    "total of events": _total,
    "a third more events in an arm": _more_events,
    "a third fewer events in an arm": _fewer_events,
    "all patients after progression": _whole_arm,
    "longest follow-up before the last landmark": _short_follow_up,
    "survival exchanged in time": _rising,
}


# Running ------------------------------------------------------------------------------------------


def run(trials: int, first: int) -> Report:
    """Audit the reports of trials, and each with every fault."""
    reports = [made for made in map(_made, range(first, first + trials)) if made is not None]
    alarms: Counter[tuple[str, str]] = Counter()
    sound = [audit(Study.model_validate(report)) for _, report in reports]
    for found in sound:
        alarms.update({(each.severity, each.rule) for each in found})
    faults = {}
    for kind, plant in FAULTS.items():
        tried, by = 0, []
        for (seed, report), before in zip(reports, sound, strict=True):
            wrong = copy.deepcopy(report)
            if plant(wrong, np.random.default_rng([seed, len(kind)])):
                tried += 1
                new = set(audit(Study.model_validate(wrong))) - set(before)
                by.append({each.rule for each in new if each.severity != "note"})
        faults[kind] = {
            "reports": tried,
            "found": sum(map(bool, by)) / max(tried, 1),
            "rules": dict(Counter(rule for each in by for rule in each).most_common(4)),
        }
    return {"reports": len(reports), "alarms": alarms, "faults": faults}


def _made(seed: int) -> tuple[int, Report] | None:
    report = report_of(simulated_trial(seed))
    return None if report is None else (seed, report)


def show(result: Report) -> None:
    """Print the share of sound reports with each alarm, and of each fault that is found."""
    count = result["reports"]
    print(f"{count} sound reports; share with a finding, by rule")
    for (severity, rule), number in sorted(result["alarms"].items()):
        print(f"  {severity:8}{rule:28}{number / count:7.1%}")
    print("share of reports in which a planted fault is found (errors and warnings), least first")
    for kind, each in sorted(result["faults"].items(), key=lambda item: item[1]["found"]):
        rules = ", ".join(f"{rule} {number}" for rule, number in each["rules"].items())
        print(f"  {kind:44}{each['found']:5.0%} of {each['reports']:4}  {rules}")


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=300)
    parser.add_argument("--first", type=int, default=700_000, help="seed of the first trial")
    parser.add_argument("--out", type=Path, help="JSON file for the numbers")
    options = parser.parse_args()
    result = run(options.trials, options.first)
    show(result)
    if options.out:
        alarms = {f"{severity} {rule}": n for (severity, rule), n in result["alarms"].items()}
        text = json.dumps(result | {"alarms": alarms}, indent=2)
        options.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

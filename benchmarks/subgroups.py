"""How well survival of subgroups is recovered from what a forest plot reports of them.

    python benchmarks/subgroups.py --draws 40 --out subgroups.json

Three data sets of R's survival package with covariates (colon, rotterdam, pbc; written by
tests/reference/subgroups_reference.R) are reported as a paper would: by arm n, events and survival
at five times in whole per cent, the hazard ratio with its interval and p, and a forest plot with
patients, events, hazard ratio and interval by subgroup. Labels are then found for patients drawn
from that report. Compared with the true Kaplan-Meier curve of each level in each arm are the mean
curve under these labels, under random labels within arms (patients of the levels only), and under
random labels within arms and kinds of exit, which is what maximum entropy gives for patients and
events. "Own patients" labels the true patients instead of drawn ones, which shows what the labels
alone cost.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import pandas as pd

from kmrepro import cox, kaplan_meier, logrank
from kmrepro.models.subgroups import label_subgroups
from kmrepro.models.subgroups.analysis import labels_of
from kmrepro.reconstruct import PseudoIPD
from kmrepro.reconstruct.pseudo_ipd import WholePatients
from kmrepro.studies import Endpoint, Table

REFERENCE = Path(__file__).parent.parent / "tests" / "reference"
DATA = ("colon", "rotterdam", "pbc")
GRID = 60


def patients_of(name: str) -> tuple[PseudoIPD, pd.DataFrame]:
    """Return a data set, and its frame in the same order."""
    frame = pd.read_csv(REFERENCE / "subgroups" / f"{name}.csv", dtype={"stage": str, "size": str})
    arms = list(dict.fromkeys(frame["arm"]))
    return PseudoIPD(
        time=frame["time"].to_numpy(),
        event=frame["event"].to_numpy().astype(bool),
        arm=frame["arm"].to_numpy(dtype=str),
        arms=(arms[0], arms[1]),
        endpoint="OS",
    ), frame


def reported(ipd: PseudoIPD) -> Endpoint:
    """Return what a paper would report of all patients."""
    arms = {}
    for arm in ipd.arms:
        curve = kaplan_meier(ipd, arm=arm)
        times = [12.0, 24.0, 36.0, 60.0, 84.0]
        arms[arm] = {
            "n": curve.n,
            "events": int(curve.n_events.sum()),
            "landmarks": {f"{t:g}": f"{100 * curve.survival_at(t):.0f}%" for t in times},
            "follow_up": {"max": f"{curve.last_time:.1f}"},
        }
    fit = cox(ipd)
    ratio = {
        "hazard_ratio": f"{fit.hazard_ratio:.2f}",
        "ci": [f"{end:.2f}" for end in fit.ci],
        "p": f"{max(logrank(ipd).p, 0.001):.3f}",
    }
    return Endpoint.model_validate(
        {"name": "OS", "reference": ipd.arms[0], "arms": arms, "reported": ratio}
    )


def forest(name: str, arms: tuple[str, ...]) -> Table:
    """Return the forest plot of a data set."""
    rows = pd.read_csv(REFERENCE / "subgroups.csv", dtype={"level": str})
    return Table.model_validate(
        {
            "id": "forest",
            "endpoint": "OS",
            "hazard_ratio": [
                {
                    "variable": row.variable,
                    "level": row.level,
                    "hazard_ratio": f"{row.hazard_ratio:.2f}",
                    "ci": [f"{row.lower:.2f}", f"{row.upper:.2f}"],
                    "p_interaction": f"{row.p_interaction:.2f}",
                    "patients": {
                        arms[0]: f"{row.events_reference}/{row.n_reference}",
                        arms[1]: f"{row.events_treatment}/{row.n_treatment}",
                    },
                }
                for row in rows[rows.data == name].itertuples()
            ],
        }
    )


def curve_of(ipd: PseudoIPD, members: np.ndarray, grid: np.ndarray) -> np.ndarray:
    """Return the Kaplan-Meier estimate of some patients."""
    return WholePatients.in_order(ipd.time[members], ipd.event[members]).survival_at(grid)


def random_labels(
    ipd: PseudoIPD, truth: np.ndarray, own: PseudoIPD, rng: np.random.Generator, *, exits: bool
) -> np.ndarray:
    """Deal the true numbers of labels at random within arms, or within arms and kinds of exit."""
    labels = np.full(ipd.time.size, "", dtype=object)
    for arm in ipd.arms:
        kinds = (True, False) if exits else (None,)
        for kind in kinds:
            here = (ipd.arm == arm) & ((ipd.event == kind) if exits else True)
            there = (own.arm == arm) & ((own.event == kind) if exits else True)
            places = rng.permutation(np.flatnonzero(here))
            pool = rng.permutation(truth[there])
            count = min(places.size, pool.size)
            labels[places[:count]] = pool[:count]
    return labels


def lines_of(name: str, draws: int, seed: int) -> list[dict]:
    """Return a line for each level in each arm, and for each variable."""
    own, frame = patients_of(name)
    endpoint, table = reported(own), forest(name, own.arms)
    found = label_subgroups(endpoint, table, n_draws=draws, seed=seed)
    drawn = [found.source.draw(number) for number in range(draws)]
    rng = np.random.default_rng(seed)
    lines = []
    for place, each in enumerate(found.variables):
        variable = each.variable
        truth = frame[variable.name].to_numpy(dtype=str)
        alone = labels_of(variable, [own] * min(draws, 20), seed=seed, purpose=place)
        within = [random_labels(ipd, truth, own, rng, exits=False) for ipd in drawn]
        exits = [random_labels(ipd, truth, own, rng, exits=True) for ipd in drawn]
        for level, row in enumerate(variable.levels):
            for arm in own.arms:
                real = (truth == row.name) & (own.arm == arm)
                grid = np.linspace(0, np.quantile(own.time[real], 0.9), GRID + 1)[1:]
                known = curve_of(own, real, grid)

                def off(curves: list[np.ndarray]) -> float:
                    if not curves:
                        return float("nan")
                    return float(np.abs(np.mean(curves, axis=0) - known).mean())  # noqa: B023

                met = np.flatnonzero(each.met)
                curves = {
                    "labels": [
                        curve_of(drawn[i], (each.labels[i] == level) & (drawn[i].arm == arm), grid)
                        for i in met
                    ],
                    "own patients": [
                        curve_of(own, (alone.labels[i] == level) & (own.arm == arm), grid)
                        for i in np.flatnonzero(alone.met)
                    ],
                    "random in arms": [
                        curve_of(ipd, (labels == row.name) & (ipd.arm == arm), grid)
                        for ipd, labels in zip(drawn, within, strict=True)
                    ],
                    "random in arms and exits": [
                        curve_of(ipd, (labels == row.name) & (ipd.arm == arm), grid)
                        for ipd, labels in zip(drawn, exits, strict=True)
                    ],
                }
                lines.append(
                    {
                        "data": name, "variable": variable.name, "level": row.name, "arm": arm,
                        "n": int(real.sum()), "found": each.found,
                        "found_own": float(alone.met.mean()),
                        **{kind: off(each_curve) for kind, each_curve in curves.items()},
                        "p_interaction": float(np.median(each.p_interaction[each.met]))
                        if each.met.any() else None,
                        "p_reported": float(variable.p_interaction.value),
                    }
                )  # fmt: skip
    return lines


def main() -> None:
    """Label, compare, print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--data", choices=DATA, action="append", default=[])
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    started = time.time()
    lines = [
        line
        for name in options.data or DATA
        for line in lines_of(name, options.draws, options.seed)
    ]
    frame = pd.DataFrame(lines)
    kinds = ["labels", "random in arms", "random in arms and exits", "own patients"]
    print("Mean distance from the true curve of a level in an arm, in percentage points")
    print((100 * frame.groupby("data")[kinds].mean()).round(2).to_string())
    print((100 * frame[kinds].mean()).round(2).to_string())
    variables = frame.groupby(["data", "variable"])[
        ["found", "found_own", "p_interaction", "p_reported"]
    ].first()
    print(variables.round(3).to_string())
    print(f"{time.time() - started:.0f} s")
    if options.out:
        options.out.write_text(json.dumps(lines, indent=1) + "\n")


if __name__ == "__main__":
    main()

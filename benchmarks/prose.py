"""Count the numbers of prose that `kmrepro draft` reads, and those that it reads wrongly.

Usage: python benchmarks/prose.py [FOLDER] [--json FILE]

FOLDER holds texts as NN.txt and what is true of them in truth.jsonl, a line for each: `endpoints`
with their `arms` and `reported`, `enrolment`, `data_cutoff`. By default the invented texts beside
this script. They were written while the reader was, so what is read of texts of other origin will
be less.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from kmrepro.studies import Arm, Endpoint
from kmrepro.studies.drafting import DraftRefused, draft_study

TEXTS = Path(__file__).parent / "prose_texts"
_MONTHS = {"days": 1 / 30.4375, "weeks": 7 / 30.4375, "months": 1.0, "years": 12.0}
Numbers = dict[tuple[object, ...], str]


def main() -> None:
    """Read every text, and print precision and recall by kind of number."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=TEXTS)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    counts = scored(options.folder)
    kinds = sorted({kind for kind, _ in counts}, key=lambda kind: -counts[kind, "expected"])
    print(f"{'kind':16} {'expected':>8} {'right':>6} {'wrong':>6} {'precision':>9} {'recall':>7}")
    for kind in [*kinds, "all"]:
        names = kinds if kind == "all" else [kind]
        expected, right, wrong = (
            sum(counts[name, what] for name in names) for what in ("expected", "right", "wrong")
        )
        precision, recall = right / max(right + wrong, 1), right / max(expected, 1)
        print(f"{kind:16} {expected:8} {right:6} {wrong:6} {precision:9.3f} {recall:7.3f}")
    if options.json:
        table = {f"{kind} {what}": number for (kind, what), number in sorted(counts.items())}
        options.json.write_text(json.dumps(table, indent=2) + "\n", encoding="utf-8")


def scored(folder: Path) -> Counter[tuple[str, str]]:
    """Return how many numbers of each kind were expected, read rightly and read wrongly."""
    counts: Counter[tuple[str, str]] = Counter()
    for line in (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines():
        truth = json.loads(line)
        for kind, what, _ in compared((folder / f"{truth['id']}.txt"), truth):
            counts[kind, what] += 1
    return counts


def compared(text: Path, truth: dict[str, Any]) -> Iterator[tuple[str, str, tuple[object, ...]]]:
    """Yield every number of one text: its kind, "expected", "right" or "wrong", and its place."""
    ends = truth["endpoints"]
    asked = {(i, *key): v for i, t in enumerate(ends) for key, v in _of_truth(t).items()}
    optional = {i for i, t in enumerate(ends) if t.get("optional")}
    for key in asked:
        if key[0] not in optional:
            yield str(key[-1]).split()[0], "expected", key
    seen: set[tuple[object, ...]] = set()
    try:
        study = draft_study(text.read_text(encoding="utf-8")).study
    except DraftRefused:
        return
    for endpoint in study.endpoints:
        number = _endpoint_like(endpoint, ends)
        for key, value in _of_draft(endpoint, ends[number] if number is not None else {}).items():
            place = (number, *key)
            right = asked.get(place) == value
            if place not in seen and not (right and number in optional):
                yield str(key[-1]).split()[0], "right" if right else "wrong", place
            seen.add(place)


def _plain(value: object) -> str:
    text = str(value).strip()
    return re.sub(r"(?<![\d.])\.(?=\d)", "0.", text)


def _like(one: str, other: str) -> float:
    left, right = (re.sub(r"[\W_]", "", text).lower() for text in (one, other))
    inside = min(len(left), len(right)) > 8 and (left in right or right in left)
    return 1.0 if left == right else 0.9 if inside else SequenceMatcher(None, left, right).ratio()


def _endpoint_like(endpoint: Endpoint, ends: list[dict[str, Any]]) -> int | None:
    """Return the truth's endpoint of the same name; of two cohorts, the one that fits better."""
    fits = [
        (i, sum(_of_draft(endpoint, t).get(key) == v for key, v in _of_truth(t).items()))
        for i, t in enumerate(ends)
        if max(
            _like(own, name)
            for own in (endpoint.name, endpoint.label)
            for name in (t["name"], *t.get("aka", ()))
        )
        >= 0.8
    ]
    return max(fits, key=lambda fit: fit[1])[0] if fits else None


def _of_truth(truth: dict[str, Any]) -> Numbers:
    """Return the numbers of an endpoint by arm, time and kind."""
    unit = truth["time_unit"]
    found: Numbers = {}
    for arm in truth["arms"]:
        for kind in ("n", "events", "median", "follow_up_median"):
            value = arm.get(kind, truth.get(kind) if kind.startswith("follow") else None)
            if value is not None:
                found[arm["label"], kind.replace("_median", "")] = _plain(value)
        for side, value in enumerate(arm.get("median_ci", ())):
            found[arm["label"], f"median_ci {side}"] = _plain(value)
        for time, value in arm.get("landmarks", {}).items():
            months = round(float(time) * _MONTHS[unit], 1)
            single = value if isinstance(value, dict) else {"survival": value}
            found[arm["label"], months, "survival"] = _plain(single["survival"])
            for side, end in enumerate(single.get("ci", ())):
                found[arm["label"], months, f"survival_ci {side}"] = _plain(end)
        for time, value in arm.get("at_risk", {}).items():
            found[arm["label"], round(float(time) * _MONTHS[unit], 1), "at_risk"] = str(value)
    reported = truth.get("reported", {})
    for one in reported if isinstance(reported, list) else [reported]:
        found |= _of_reported(one, truth)
    return found


def _of_reported(one: dict[str, Any], truth: dict[str, Any]) -> Numbers:
    reference = one.get("reference", truth.get("reference"))
    where = f"{one['treatment']} v {reference}" if "treatment" in one else ""
    found: Numbers = {}
    if "hazard_ratio" in one and reference:
        found[where, "hazard_ratio"] = _plain(one["hazard_ratio"])
        found[where, "reference"] = reference
        if one.get("ci_level", 0.95) == 0.95:
            found |= {(where, f"ratio_ci {i}"): _plain(v) for i, v in enumerate(one.get("ci", ()))}
    if "p" in one:
        found[where, "p"] = _plain(one["p"]) + (" one-sided" if one.get("one_sided") else "")
    return found


def _of_draft(endpoint: Endpoint, truth: dict[str, Any]) -> Numbers:
    """Return the numbers of a drafted endpoint under the truth's names of its arms."""
    names = _arm_names(endpoint, truth.get("arms", []))
    found: Numbers = {}
    for name, arm in endpoint.arms.items():
        found |= {(names[name], *key): v for key, v in _of_arm(arm, endpoint.time_unit).items()}
    several = isinstance(truth.get("reported"), list)
    where = ""
    if several and endpoint.treatment and endpoint.reference:
        where = f"{names[endpoint.treatment]} v {names[endpoint.reference]}"
    reported = endpoint.reported
    if reported is not None and reported.hazard_ratio is not None:
        found[where, "hazard_ratio"] = reported.hazard_ratio.text
        found[where, "reference"] = names.get(endpoint.reference or "", "")
        for side, end in enumerate(reported.ci or ()):
            found[where, f"ratio_ci {side}"] = end.text
    if reported is not None and reported.p is not None:
        found[where, "p"] = reported.p.text + (" one-sided" if reported.one_sided else "")
    return found


def _of_arm(arm: Arm, unit: str) -> Numbers:
    found: Numbers = {}
    if arm.n is not None:
        found["n",] = str(arm.n)
    if arm.events is not None:
        found["events",] = str(arm.events)
    if arm.median is not None:
        found["median",] = arm.median.text
    for side, end in enumerate(arm.median_ci or ()):
        found[f"median_ci {side}",] = end.text
    if arm.follow_up is not None and arm.follow_up.median is not None:
        found["follow_up",] = arm.follow_up.median.text
    for time, landmark in arm.landmarks.items():
        months = round(time * _MONTHS[unit], 1)
        found[months, "survival"] = landmark.survival.text
        for side, end in enumerate(landmark.ci or ()):
            found[months, f"survival_ci {side}"] = end.text
    for time, count in arm.at_risk.items():
        found[round(time * _MONTHS[unit], 1), "at_risk"] = str(count)
    return found


def _arm_names(endpoint: Endpoint, arms: list[dict[str, Any]]) -> dict[str, str]:
    """Return the truth's label of each drafted arm, the likest pairs first."""
    pairs = sorted(
        (
            -max(
                _like(own, other)
                for own in (name, arm.label)
                for other in (truth["label"], *truth.get("aka", ()))
            ),
            name,
            truth["label"],
        )
        for name, arm in endpoint.arms.items()
        for truth in arms
    )
    names: dict[str, str] = {}
    for _, name, label in pairs:
        if name not in names and label not in names.values():
            names[name] = label
    return {name: names.get(name, f"?{name}") for name in endpoint.arms}


if __name__ == "__main__":
    main()

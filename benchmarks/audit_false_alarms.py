"""How often the audit alarms about papers without a mistake, and how often it finds a planted one.

    python benchmarks/audit_false_alarms.py --papers 2000 --processes 2 --out audit.json

Papers are simulated, analysed by lifelines and scipy, and printed with usual rounding. Each is
audited as it is, and once more with one mistake planted, the kinds in turn.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from planted_mistakes import MISTAKES, planted
from sound_papers import sound_paper

from kmrepro.audit import (
    Audit,
    audit,
)
from kmrepro.studies import Study

SEED = 20240607
ALLOWED = 0.01  # warnings per statement


def statements(paper: dict[str, Any]) -> int:
    """Return how many things a paper prints that a rule can be asked of."""
    rows = sum(
        len(table.get(key, ())) for table in paper["table"]
        for key in ("count", "mean", "median", "hazard_ratio")
    )  # fmt: skip
    return rows + sum(len(paper[key]) for key in ("statement", "endpoint", "flow"))


def audited(paper: dict[str, Any]) -> Audit:
    """Audit a paper through its study file."""
    return audit(Study.model_validate(paper))


@dataclass(frozen=True)
class Outcome:
    """What the audit found in one paper, as it is and with a mistake."""

    statements: int
    alarms: tuple[tuple[str, str], ...]
    kind: str
    planted: bool
    found_by: frozenset[str]


def outcome(number: int) -> Outcome:
    """Audit one paper, which depends on its number alone."""
    rng = np.random.default_rng((SEED, number))
    paper = sound_paper(rng)
    before = audited(paper)
    kind = list(MISTAKES)[number % len(MISTAKES)]
    wrong = planted(paper, kind, rng)
    new = set(audited(wrong).findings) - set(before.findings) if wrong is not None else set()
    return Outcome(
        statements=statements(paper),
        alarms=tuple((finding.severity, finding.rule) for finding in before),
        kind=kind,
        planted=wrong is not None,
        found_by=frozenset(finding.rule for finding in new if finding.severity != "note"),
    )


def run(papers: int, processes: int = 1) -> dict[str, Any]:
    """Return what was found in the papers as they are, and with a mistake each."""
    start = time.perf_counter()
    with ProcessPoolExecutor(processes) as pool:
        outcomes = list(pool.map(outcome, range(papers), chunksize=10))
    asked = sum(each.statements for each in outcomes)
    alarms = Counter(alarm for each in outcomes for alarm in each.alarms)
    return {
        "papers": papers,
        "statements": asked,
        "papers_with_error": sum(any(a[0] == "error" for a in each.alarms) for each in outcomes),
        "warnings_per_statement": sum(n for (kind, _), n in alarms.items() if kind == "warning")
        / asked,
        "alarms": {
            severity: {rule: n for (kind, rule), n in alarms.items() if kind == severity}
            for severity in ("error", "warning", "note")
        },
        "planted": {kind: _shares([o for o in outcomes if o.kind == kind]) for kind in MISTAKES},
        "seconds": time.perf_counter() - start,
    }


def _shares(outcomes: list[Outcome]) -> dict[str, Any]:
    """Return how many papers a mistake was planted in, in how many it was found, and how."""
    tried = [each for each in outcomes if each.planted]
    rules = Counter(rule for each in tried for rule in each.found_by)
    return {
        "papers": len(tried),
        "found": sum(bool(each.found_by) for each in tried) / max(len(tried), 1),
        "rules": dict(rules.most_common()),
    }


def report(result: dict[str, Any]) -> None:
    """Print the tables."""
    print(f"{result['papers']} papers without a mistake, {result['statements']} statements")
    print(f"  papers with an error    {result['papers_with_error']}")
    print(f"  warnings per statement  {result['warnings_per_statement']:.3%}")
    for severity, rules in result["alarms"].items():
        for rule, count in sorted(rules.items(), key=lambda each: -each[1]):
            print(f"    {severity:8}{rule:26}{count:6}")
    print("one mistake each, share of papers in which it is found, and by which rules")
    for kind, each in result["planted"].items():
        print(f"  {kind:40}{each['found']:6.0%} of {each['papers']:4}  {_by(each['rules'])}")
    print(f"{result['seconds']:.0f} s")


def _by(rules: dict[str, int]) -> str:
    """Return the rules that found a mistake, with how often each did."""
    return ", ".join(f"{rule} {count}" for rule, count in rules.items())


def main() -> int:
    """Run the benchmark; status 1 if sound papers raise more alarms than is allowed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--papers", type=int, default=2000)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--out", type=Path, help="JSON file for the numbers.")
    arguments = parser.parse_args()
    result = run(arguments.papers, arguments.processes)
    report(result)
    if arguments.out:
        arguments.out.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    return int(result["papers_with_error"] > 0 or result["warnings_per_statement"] >= ALLOWED)


if __name__ == "__main__":
    sys.exit(main())

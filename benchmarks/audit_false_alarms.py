"""How often the audit alarms about papers without a mistake, and how often it finds a planted one.

    python benchmarks/audit_false_alarms.py --papers 2000 --out audit_false_alarms.json

Papers are simulated, analysed by lifelines and scipy, and printed with usual rounding. Each is
audited as it is, and once more with one mistake planted, the kinds in turn.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from planted_mistakes import MISTAKES, planted
from sound_papers import sound_paper

from kmrepro.models.audit import Audit, audit
from kmrepro.studies import Study

SEED = 20240607
ALLOWED = 0.01  # warnings per statement


def statements(paper: dict[str, Any]) -> int:
    """Return how many things a paper prints that a rule can be asked of."""
    rows = sum(
        len(table.get(key, ())) for table in paper["table"]
        for key in ("count", "mean", "median", "hazard_ratio")
    )  # fmt: skip
    return rows + len(paper["statement"]) + len(paper["endpoint"])


def audited(paper: dict[str, Any]) -> Audit:
    """Audit a paper through its study file."""
    return audit(Study.model_validate(paper))


def run(papers: int) -> dict[str, Any]:
    """Return what was found in the papers as they are, and with a mistake each."""
    rng = np.random.default_rng(SEED)
    alarms: dict[str, Counter[str]] = {"error": Counter(), "warning": Counter(), "note": Counter()}
    with_error = asked = 0
    tried, found, named = Counter[str](), Counter[str](), Counter[tuple[str, str]]()
    start = time.perf_counter()
    for number in range(papers):
        paper = sound_paper(rng)
        before = audited(paper)
        for finding in before:
            alarms[finding.severity][finding.rule] += 1
        with_error += before.has_errors
        asked += statements(paper)
        kind = list(MISTAKES)[number % len(MISTAKES)]
        wrong = planted(paper, kind, rng)
        if wrong is not None:
            tried[kind] += 1
            new = set(audited(wrong).findings) - set(before.findings)
            found[kind] += any(finding.severity != "note" for finding in new)
            named.update((kind, finding.rule) for finding in new if finding.severity != "note")
    return {
        "papers": papers, "statements": asked, "papers_with_error": with_error,
        "warnings_per_statement": sum(alarms["warning"].values()) / asked,
        "alarms": {severity: dict(rules) for severity, rules in alarms.items()},
        "planted": {
            kind: {
                "papers": tried[kind], "found": found[kind] / max(tried[kind], 1),
                "rules": [rule for (k, rule), _ in named.most_common() if k == kind],
            }
            for kind in MISTAKES
        },
        "seconds": time.perf_counter() - start,
    }  # fmt: skip


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
        print(f"  {kind:40}{each['found']:6.0%} of {each['papers']:4}  {', '.join(each['rules'])}")
    print(f"{result['seconds']:.0f} s")


def main() -> int:
    """Run the benchmark; status 1 if sound papers raise more alarms than is allowed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--papers", type=int, default=2000)
    parser.add_argument("--out", type=Path, help="JSON file for the numbers.")
    arguments = parser.parse_args()
    result = run(arguments.papers)
    report(result)
    if arguments.out:
        arguments.out.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    return int(result["papers_with_error"] > 0 or result["warnings_per_statement"] >= ALLOWED)


if __name__ == "__main__":
    sys.exit(main())

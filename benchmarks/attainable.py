"""Attainable ranges of trials with known data: how wide, how tight, and is the truth inside.

    python benchmarks/attainable.py [--every 10] [--json FILE]

Two inputs per trial: n, four landmarks, events and the longest follow-up; and with these numbers at
risk at the landmarks and medians. Reported are the number of trials whose own hazard ratio lies
outside the bounds (there must be none), the median width of the bounds and of what was attained, in
standard errors of the log hazard ratio, and seconds.
"""

from __future__ import annotations

import json
import math
import time
from statistics import median
from typing import Any

from corpus import Trial, corpus_argument, endpoint_of, read_trials

from kmrepro.models.attainable import attainable_hazard_ratio


def log(ratio: float) -> float:
    """Return the logarithm, of 0 too."""
    return math.log(ratio) if ratio > 0 else -math.inf


def measured(trial: Trial, *, more: bool) -> dict[str, Any]:
    """Bound one trial."""
    start = time.perf_counter()
    found = attainable_hazard_ratio(endpoint_of(trial, more=more))
    seconds = time.perf_counter() - start
    lower, upper, low, high = (
        log(ratio)
        for ratio in (found.lower, found.upper, found.lower_attained, found.upper_attained)
    )
    truth = trial.log_hazard_ratio
    return {
        "id": trial.id,
        "at-risk": more,
        "n": [arm["n"] for arm in trial.arms],
        "outside": not lower - 1e-9 <= truth <= upper + 1e-9,
        "width": (upper - lower) / trial.se,
        "attained": (high - low) / trial.se,
        "gap": max(low - lower, upper - high) / trial.se,
        "exact": found.exact,
        "seconds": seconds,
    }


def summary(rows: list[dict[str, Any]]) -> str:
    """Return one line about the trials with one kind of input."""
    return (
        f"{len(rows):4d} trials  outside {sum(row['outside'] for row in rows)}"
        f"  infinite {sum(math.isinf(row['width']) for row in rows)}"
        f"  width {median(row['width'] for row in rows):.1f} SE"
        f"  attained {median(row['attained'] for row in rows):.1f} SE"
        f"  gap {median(row['gap'] for row in rows):.1f} SE"
        f"  seconds {median(row['seconds'] for row in rows):.1f}"
        f" (most {max(row['seconds'] for row in rows):.1f})"
    )


def main() -> None:
    """Print a line per input, and write a record per trial."""
    parser = corpus_argument(__doc__)
    parser.add_argument("--every", type=int, default=1, help="take every so many trials")
    options = parser.parse_args()
    rows: list[dict[str, Any]] = []
    for more in (False, True):
        name = "with numbers at risk and medians" if more else "n, landmarks, events, follow-up"
        for trial in read_trials(options.corpus)[:: options.every]:
            rows.append(measured(trial, more=more))
        print(f"{name:34s}", summary([row for row in rows if row["at-risk"] == more]), flush=True)
    if options.json is not None:
        options.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()

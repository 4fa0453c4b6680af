"""How long the main steps take, beside a lifelines Cox fit timed in the same run.

python benchmarks/speed.py
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from lifelines import CoxPHFitter

import kmrepro as km
from kmrepro.reconstruct import PseudoIPD
from kmrepro.studies import Endpoint

REPEATS = 15


def seconds(step: Callable[[], object], repeats: int = REPEATS) -> float:
    """Return the median time of a step, after one run that is not counted."""
    step()
    taken = []
    for _ in range(repeats):
        started = time.perf_counter()
        step()
        taken.append(time.perf_counter() - started)
    return median(taken)


def lifelines_fit(ipd: PseudoIPD) -> Callable[[], object]:
    """Return the yardstick: lifelines' Cox fit of the same patients."""
    frame = ipd.to_frame().assign(arm=lambda table: (table["arm"] != ipd.reference).astype(int))
    return lambda: CoxPHFitter().fit(frame, duration_col="time", event_col="event")


def main_job() -> float:
    """Return how long `kmrepro reproduce an2025` takes, figures and report included."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "kmrepro", "reproduce", "an2025"]
        command += ["--out", str(Path(folder) / "results")]
        return seconds(lambda: subprocess.run(command, check=True, capture_output=True), repeats=3)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    study = km.load_study("an2025")
    endpoint: Endpoint = study.endpoint("psm", "OS")
    ipd = km.reconstruct(endpoint)
    yardstick = seconds(lifelines_fit(ipd))
    figures = {
        "lifelines Cox fit, 370 patients": yardstick,
        "reconstruct an2025 psm/OS, 370 patients": seconds(lambda: km.reconstruct(endpoint)),
        "analyse an2025 psm/OS": seconds(lambda: km.analyse(endpoint, ipd)),
        "audit an2025": seconds(lambda: km.audit(study)),
        "kmrepro reproduce an2025, whole command": main_job(),
    }
    print(f"{'':44s}{'median':>12s}{'ratio to lifelines':>20s}")
    for name, taken in figures.items():
        print(f"{name:44s}{1000 * taken:9.1f} ms{taken / yardstick:20.2f}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()

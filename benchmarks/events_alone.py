"""How near to the number of events a curve and n alone can come, whoever reads them.

    python benchmarks/events_alone.py --trials 300

Where single events cannot be told apart in a curve, nothing but a law of censoring says how many
there were. Here the curve itself is known, without any reading error, and the same law is assumed
of every trial: nobody leaves until some share of the follow-up, and then everyone at a constant
rate. The table has, by that share, how far off the events of both arms are at the median, and
their median ratio to the events that there were. The law that is best for trials of one kind of
censoring is not the best for others; of trials whose censoring differs none comes near.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
from clicking import Arm, drawn, simulated
from simulated_trials import simulated_trial

FloatArray = npt.NDArray[np.float64]

UNTIL = np.linspace(0.0, 0.6, 13)  # shares of the follow-up in which nobody leaves
CLICKED_FROM, SIMULATED_FROM = 770_000, 4_400_000  # seeds
SMALLEST = 40  # patients of the smaller arm
FEW = 4  # every so many-th clicked trial has few events


def clicked(trials: int) -> Iterator[list[Arm]]:
    """Simulate the trials of `clicks.py`, whose censoring is always of one law."""
    for seed in range(CLICKED_FROM, CLICKED_FROM + trials):
        rng = np.random.default_rng([seed])
        yield list(simulated(rng, visits=bool(seed % 2), few_events=seed % FEW == 0).values())


def varied(trials: int) -> Iterator[list[Arm]]:
    """Simulate the trials of `calibration.py`, whose censoring differs, without the smallest."""
    found, seed = 0, SIMULATED_FROM
    while found < trials:
        trial = simulated_trial(seed)
        if trial.smaller >= SMALLEST:
            found += 1
            yield list(zip(trial.time, trial.event, strict=True))
        seed += 1


def expected_events(arm: Arm) -> FloatArray:
    """Return the events that the curve of an arm gives by each law."""
    figure = drawn(arm)
    falls = -np.diff(np.concatenate([[1.0], figure.heights]))
    leaving = (1 - UNTIL[:, None]) * figure.end
    followed = np.clip((figure.end - figure.drops) / leaving, 0.0, 1.0)
    return np.asarray(arm[0].size * (followed * falls).sum(axis=1))


def figures(trials: Iterator[list[Arm]]) -> dict[str, list[float]]:
    """Return, by law, how far off the events are at the median, and their median ratio."""
    ratios = []
    for arms in trials:
        known = sum(int(event.sum()) for _, event in arms)
        ratios.append(np.sum([expected_events(arm) for arm in arms], axis=0) / known)
    ratio = np.array(ratios)
    return {
        "nobody_leaves_until": UNTIL.tolist(),
        "off": np.median(np.abs(ratio - 1), axis=0).tolist(),
        "ratio": np.median(ratio, axis=0).tolist(),
    }


def main() -> None:
    """Print the table and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--trials", type=int, default=300, help="of each kind")
    parser.add_argument("--json", type=Path, help="file for the figures")
    options = parser.parse_args()
    found = {
        "of one law": figures(clicked(options.trials)),
        "differing": figures(varied(options.trials)),
    }
    print(f"{'nobody leaves until':<22}{'of one law':>22}{'differing':>22}")
    for place, until in enumerate(UNTIL):
        parts = (
            f"{100 * own['off'][place]:12.1f}% {own['ratio'][place]:8.2f}" for own in found.values()
        )
        print(f"{100 * until:19.0f}%  {''.join(parts)}")
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

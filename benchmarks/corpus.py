"""Trials whose data are known, read from a folder beside the project.

The corpus is not part of the project: `--corpus` says where it is. `tasks.jsonl` holds a trial a
line: per arm what a paper would print, and the hazard ratio of the data themselves.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kmrepro.studies import Endpoint, Study

__all__ = ["BESIDE_THE_PROJECT", "Trial", "corpus_argument", "endpoint_of", "read_trials"]

BESIDE_THE_PROJECT = Path(__file__).resolve().parents[2] / "shared" / "corpus"


@dataclass(frozen=True)
class Trial:
    """One trial of the corpus."""

    id: str
    arms: tuple[dict[str, Any], dict[str, Any]]
    unit: str
    log_hazard_ratio: float
    se: float
    course: str
    """Where the data are from, and of which outcome."""

    @property
    def publication(self) -> str:
        """The paper: its figures share patients, so halves are split by it."""
        return self.id.split("_")[0]


def corpus_argument(description: str | None) -> argparse.ArgumentParser:
    """Return a parser that knows where the corpus is."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--corpus", type=Path, default=BESIDE_THE_PROJECT, help="its folder")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    return parser


def read_trials(folder: Path) -> list[Trial]:
    """Read every trial."""
    file = folder / "tasks.jsonl"
    if not file.exists():
        raise SystemExit(f"there is no corpus in {folder}: name its folder with --corpus")
    tasks = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    return [
        Trial(
            id=task["id"],
            arms=tuple(task["arms"]),
            unit=task["unit"],
            log_hazard_ratio=task["truth"]["log_hr"],
            se=task["truth"]["se"],
            course=", ".join(filter(None, (task["source"], task["outcome"], task["unit"]))),
        )
        for task in tasks
    ]


def endpoint_of(trial: Trial, *, more: bool) -> Endpoint:
    """Print n, four landmarks, events, longest follow-up; with `more`, at-risk and median."""
    arms = {}
    for name, arm in zip("01", trial.arms, strict=True):
        printed = {
            "n": arm["n"],
            "events": arm["events"],
            "landmarks": arm["landmarks"],
            "follow_up": {"max": repr(arm["max_follow_up"])},
        }
        if more:
            printed["at_risk"] = arm["at_risk_at_landmarks"]
            printed |= {"median": arm["median"]} if arm["median"] else {}
        arms[name] = printed
    endpoint = {"name": "endpoint", "reference": "0", "time_unit": trial.unit, "arms": arms}
    return Study.model_validate({"id": "corpus", "endpoint": [endpoint]}).endpoints[0]

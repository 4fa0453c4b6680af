"""Figures of programs: what is said to be true of them is what the programs draw."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"
MODULES = ("drawn_programs", "drawn_in_python", "drawn_figures", "drawn_looks", "drawn_pages",
           "drawn_panels", "drawn_trials", "drawn_journals")  # fmt: skip


@pytest.fixture
def programs(monkeypatch):
    """Import the benchmark, and forget what it imports afterwards."""
    monkeypatch.syspath_prepend(str(FOLDER))
    yield importlib.import_module("drawn_programs")
    for name in MODULES:
        sys.modules.pop(name, None)


def test_every_program_is_drawn_in_python_or_in_r(programs):
    script = (FOLDER / "drawn_programs.R").read_text(encoding="utf-8")
    for way in programs.ORDER:
        assert way in programs.WAYS or f"{way} = draw_{way}()" in script


def test_numbers_at_risk_are_those_that_a_program_prints(programs):
    """All count who is followed just before a time; lifelines counts who is left after it."""
    plan, arms = programs.random_plan(np.random.default_rng([52000009, 78, 3]), "lifelines")
    ticks = plan.ticks()
    for way, left in (("survplot", np.greater_equal), ("lifelines", np.greater)):
        rows = programs._rows(arms, ticks, way)["rows"]
        for arm, row in zip(arms, rows, strict=True):
            assert row["counts"] == [int(left(arm.time, t).sum()) for t in ticks]


def test_curves_end_where_a_program_ends_them(programs):
    """With the axis, a little behind it, or with the last time that ggplot2 keeps."""
    plan, arms = programs.random_plan(np.random.default_rng([52000009, 78, 5]), "ggsurv")
    arm = max(arms, key=lambda one: one.time.max())
    assert arm.time.max() > plan.end
    assert programs._until(arm, plan, "lifelines") == plan.end
    assert plan.end < programs._until(arm, plan, "cuminc") <= 1.04 * plan.end
    assert programs._until(arm, plan, "ggsurv") == arm.time[arm.time <= plan.end].max()
    assert programs._until(arm, plan, "autoplot") == arm.time.max()

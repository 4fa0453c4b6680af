"""Figures of programs: what is said to be true of them is what the programs draw."""

from __future__ import annotations

import numpy as np
import pytest

from .conftest import FOLDER


@pytest.fixture
def programs(imported):
    """Import the benchmark."""
    return imported("drawn_programs")


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

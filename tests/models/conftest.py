"""Patients and R's numbers for the tests of the models."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from kmrepro.reconstruct import PseudoIPD

REFERENCE = Path(__file__).parents[1] / "reference"


@pytest.fixture(scope="session")
def patients() -> Callable[[str], PseudoIPD]:
    """Read the patients of one data set that R analysed."""
    known: dict[str, PseudoIPD] = {}

    def read(name: str) -> PseudoIPD:
        if name not in known:
            frame = pd.read_csv(REFERENCE / "patients" / f"{name}.csv")
            known[name] = PseudoIPD.from_frame(frame, reference=frame["arm"].iloc[0])
        return known[name]

    return read


@pytest.fixture(scope="session")
def from_r() -> Callable[[str], pd.DataFrame]:
    """Read one of the tables that R wrote."""

    def read(table: str) -> pd.DataFrame:
        return pd.read_csv(REFERENCE / f"{table}.csv")

    return read


@pytest.fixture
def make_ipd() -> Callable[..., PseudoIPD]:
    """Make patients from `(time, event)` lists by arm, the reference first."""

    def make(**arms: list[tuple[float, int]]) -> PseudoIPD:
        rows = [(time, event, arm) for arm, rows in arms.items() for time, event in rows]
        time, event, arm = zip(*rows, strict=True)
        return PseudoIPD(time=time, event=event, arm=arm, arms=tuple(arms))

    return make

"""Intervals along curves hold what the data have, however large an arm and however it was read."""

from __future__ import annotations

import numpy as np
import pytest

from kmrepro.models import cox, ensemble
from kmrepro.reconstruct import PseudoIPD
from kmrepro.reconstruct.ensemble import Sampler

from ...seeds import many
from ..conftest import build_endpoint
from .test_curves import curve_of

Z_95 = 1.96


def patients(rng, n, *, hazard, weeks=False):
    """Simulate an arm whose drop-outs leave early and whose others entered over time."""
    death = rng.exponential(1 / hazard, n) * np.where(rng.random(n) < 0.2, 0.3, 1.0)
    leave = np.minimum(rng.uniform(6, 36, n), rng.exponential(40, n))
    time, event = np.minimum(death, leave), death <= leave
    time = np.ceil(time / 0.23) * 0.23 if weeks else time.round(4) + 1e-4
    return time, event


def reported(arms, **reading):
    """Report both arms with their curves, events, and numbers at risk if asked for."""
    rows = reading.pop("rows", False)
    return build_endpoint(
        {
            name: {"n": time.size, "curve": curve_of(time, event, **reading)}
            | {"events": int(event.sum())}
            | ({"at_risk": {t: int((time >= t).sum()) for t in (0, 6, 12, 18)}} if rows else {})
            for name, (time, event) in arms.items()
        },
        reference="A",
    )


def log_ratio(arms) -> float:
    """Estimate the log hazard ratio of the data."""
    time, event = (np.concatenate(part) for part in zip(*arms.values(), strict=True))
    arm = np.repeat(list(arms), [own[0].size for own in arms.values()])
    return cox(PseudoIPD(time=time, event=event, arm=arm, arms=tuple(arms))).log_hazard_ratio


def z_of(seed: int, n: int, **reading) -> float:
    """Return by how many standard deviations of the draws the truth is off their mean."""
    rng = np.random.default_rng(seed)
    weeks = reading.pop("weeks", False)
    arms = {
        name: patients(rng, n, hazard=hazard, weeks=weeks)
        for name, hazard in (("A", 0.05), ("B", 0.035))
    }
    drawn = ensemble(
        reported(arms, **reading), n_draws=many(120, else_=50), seed=seed
    ).log_hazard_ratio
    return float((log_ratio(arms) - drawn.mean()) / drawn.std())


def test_events_of_a_large_arm_are_as_reported():
    """Censoring is steered as far as it must be, and at risk are as many as there were."""
    rng, n = np.random.default_rng(11), many(1500, else_=800)
    time, event = patients(rng, n, hazard=0.02)
    endpoint = reported({"A": (time, event)}, points=20, decimals=3)
    drawn = Sampler.of(endpoint, seed=0).block(0)["A"]
    assert (drawn.event.sum(axis=1) == event.sum()).mean() > 0.95
    for when in (6.0, 12.0, 24.0):
        left = (drawn.time >= when).sum(axis=1)
        assert abs(left.mean() - (time >= when).sum()) < 4 * left.std() + 0.02 * n


def test_drops_in_whole_weeks_are_not_of_too_many_events():
    """Heights of three decimals say little of large arms; how many events a week has says more."""
    rng = np.random.default_rng(12)
    time, event = patients(rng, 900, hazard=0.03, weeks=True)
    curve = curve_of(time, event, decimals=3)
    drawn = Sampler.of(build_endpoint({"A": {"n": 900, "curve": curve}}), seed=0).block(0)["A"]
    assert drawn.event.sum(axis=1).mean() == pytest.approx(event.sum(), rel=0.08)


READ = (
    {"decimals": 4, "rows": True},
    {"points": 40, "decimals": 3},
    {"points": 25, "decimals": 3, "tolerance": 0.01, "rows": True},
)


@pytest.mark.nightly
def test_intervals_are_calibrated_at_every_quality_of_reading():
    """A trial of each: z neither collapses nor explodes."""
    sizes = (60, 120, 60)
    found = np.array([z_of(n, n, **how) for how, n in zip(READ, sizes, strict=True)])
    assert np.abs(found).max() < 3
    assert np.sqrt(np.mean(found**2)) < 1.7


@pytest.mark.nightly
def test_intervals_hold_at_every_quality_and_size():
    """Sixty trials each, within what as many can show."""
    for how in READ:
        found = np.array([z_of(seed, (30, 80, 250, 700)[seed % 4], **how) for seed in range(60)])
        assert np.mean(np.abs(found) < Z_95) > 0.85, how
        assert 0.5 < np.sqrt(np.mean(found**2)) < 1.4, how

"""Curves whose figures end before the last patient: draws follow those who are left for longer."""

from __future__ import annotations

import math

import numpy as np
import pytest

from kmrepro.models import cox, ensemble
from kmrepro.models.parametric import parametric
from kmrepro.reconstruct import PseudoIPD, reconstruct
from kmrepro.reconstruct.ensemble import Patients, Sampler
from kmrepro.reconstruct.ensemble.later_follow_up import CurveEnd, followed_on

from ...seeds import seeds
from ..conftest import build_endpoint
from .test_curves import curve_of

END = 24.0  # where the axis ends
END_AT_30 = CurveEnd(time=30.0, counted=False, unit=None)


def trial_of(seed: int, *, n: int = 80):
    """Return patients of two arms whose entry is staggered over twice the time that is drawn."""
    rng = np.random.default_rng(seed)
    arms = {}
    for name, mean in (("A", 20.0), ("B", 30.0)):
        death, leave = rng.exponential(mean, n), rng.uniform(4, 48, n)
        arms[name] = np.minimum(death, leave).round(2) + 0.01, death <= leave
    return arms


def cut_arm(time, event, *, rows: bool = True, events: bool = False, longest: bool = False):
    """Return an arm whose curve and numbers at risk were drawn up to the end of the axis."""
    arm = {"n": time.size, "curve": curve_of(np.minimum(time, END), event & (time <= END))}
    if rows:
        arm["at_risk"] = {f"{t:g}": int((time >= t).sum()) for t in np.arange(0, END + 1, 6)}
    if events:
        arm["events"] = int(event.sum())
    if longest:
        arm["follow_up"] = {"max": f"{END}"}
    return arm


def cut_endpoint(seed: int, **reported):
    """Return the endpoint that a figure of such a trial gives."""
    arms = {name: cut_arm(*arm, **reported) for name, arm in trial_of(seed).items()}
    return build_endpoint(arms, reference="A")


def log_ratio(arms) -> float:
    """Return the log hazard ratio of all follow-up."""
    ipd = PseudoIPD(
        time=np.concatenate([time for time, _ in arms.values()]),
        event=np.concatenate([event for _, event in arms.values()]),
        arm=np.repeat(list(arms), [time.size for time, _ in arms.values()]),
        arms=tuple(arms), cohort="", endpoint="OS", time_unit="months", assumptions=(), notes={},
    )  # fmt: skip
    return cox(ipd).log_hazard_ratio


@pytest.mark.parametrize("seed", seeds(4, always=2))
def test_draws_are_the_same_up_to_the_end_and_some_go_on(seed):
    """Numbers at risk at the end and survival up to it stay; beyond it there are events, too."""
    endpoint = cut_endpoint(seed)
    block = Sampler.of(endpoint, seed=1).block(0)
    for name, drawn in block.items():
        left = endpoint.arms[name].at_risk[END]
        np.testing.assert_array_equal((drawn.time >= END).sum(axis=1), left)
        off = drawn.survival_at(np.array([END])) - endpoint.arms[name].curve.survival[-1]
        assert np.abs(off).max() < 0.006
        beyond = drawn.time.max(axis=1) > END
        assert 0.5 < beyond.mean() < 1.0
        assert (drawn.event & (drawn.time > END)).any()
        assert np.all(np.diff(drawn.time, axis=1) >= 0)


def test_intervals_hold_what_happens_after_the_end():
    """They are wider than where the figure shows all follow-up, and hold the true ratio."""
    true = math.exp(log_ratio(trial_of(3)))
    spread = {}
    for longest in (False, True):
        draws = ensemble(cut_endpoint(3, longest=longest), n_draws=100)
        spread[longest] = draws.log_hazard_ratio.std()
        if not longest:
            low, high = draws.interval()
            assert low <= true <= high
    assert spread[False] > 1.5 * spread[True]


def test_nobody_is_followed_beyond_the_longest_follow_up_that_is_reported():
    """The figure then shows all there was."""
    block = Sampler.of(cut_endpoint(3, longest=True), seed=1).block(0)
    assert all(drawn.time.max() == END for drawn in block.values())


@pytest.mark.parametrize("seed", seeds(4, always=2))
def test_reported_events_are_all_there_some_after_the_end(seed):
    """Rows say how many events the figure shows, the report how many there are in all."""
    endpoint = cut_endpoint(seed, events=True)
    block = Sampler.of(endpoint, seed=1).block(0)
    for name, (time, event) in trial_of(seed).items():
        drawn = block[name]
        assert (drawn.event.sum(axis=1) == event.sum()).mean() > 0.9
        later = (drawn.event & (drawn.time > END)).sum(axis=1)
        assert abs(later.mean() - (event & (time > END)).sum()) < 4


@pytest.mark.parametrize("rows", [False, True])
def test_a_reported_total_is_that_of_every_draw(rows):
    """What the curves leave of it comes after their end, in either arm."""
    arms = trial_of(3)
    total = sum(int(event.sum()) for _, event in arms.values())
    drawn = {name: cut_arm(*arm, rows=rows) for name, arm in arms.items()}
    block = Sampler.of(build_endpoint(drawn, {"events": total}), seed=1).block(0)
    together = sum(each.event.sum(axis=1) for each in block.values())
    np.testing.assert_array_equal(together, total)
    assert all((each.event & (each.time > END)).any() for each in block.values())


def test_with_landmarks_in_the_other_arm_a_total_ends_with_the_curve():
    """How many of its events are whose is then not drawn after the end."""
    curve, landmarks = cut_arm(*trial_of(3)["A"]), {"6": "80%", "12": "60%", "24": "40%"}
    arms = {"A": curve, "B": {"n": 80, "landmarks": landmarks}}
    block = Sampler.of(build_endpoint(arms, {"events": 100}), seed=1).block(0)
    assert block["A"].time.max() == END


def test_nobody_is_followed_beyond_the_dates_of_the_study():
    """From first entry to cut-off are 30 months; a cut-off at the end of the curve closes it."""
    arms = {name: cut_arm(*arm) for name, arm in trial_of(3).items()}
    for cutoff, longest in (("2012-06", 30.1), ("2011-12", END)):
        dates = {"enrolment": ["2010-01", "2011-06"], "data_cutoff": cutoff, "reference": "A"}
        block = Sampler.of(build_endpoint(arms, **dates), seed=1).block(0)
        latest = max(drawn.time.max() for drawn in block.values())
        assert END <= latest <= longest
        assert (latest > END) == (longest > END)


def test_the_reconstruction_ends_with_the_curve_and_says_so():
    """Its last patients are censored there, and the assumptions name how many."""
    endpoint = cut_endpoint(3)
    ipd = reconstruct(endpoint)
    assert ipd.time.max() == END
    left = endpoint.arms["A"].at_risk[END]
    said = " ".join(ipd.assumptions)
    assert f"the last {left} patients are censored at 24 months, where the curve ends" in said
    assert "draws follow them for longer" in said
    assert "draws follow" not in " ".join(reconstruct(cut_endpoint(3, longest=True)).assumptions)


def test_extrapolations_are_fitted_to_what_the_curve_shows():
    """What draws have beyond it is no evidence."""
    draws = ensemble(cut_endpoint(3), n_draws=20)
    assert draws.draw(0).time.max() > END or draws.draw(1).time.max() > END
    fits = parametric(draws, distributions=("exponential",), horizon=60)
    assert max(fit.last_time for fit in fits.fits) <= END


def patients_at(end: float, *, left: int, censored: int, rows: int = 400) -> Patients:
    """Return rows of ten early events, late censorings, and patients at risk at the end."""
    time = np.concatenate([np.linspace(1, 5, 10), np.full(censored, 0.9 * end), np.full(left, end)])
    event = np.arange(time.size) < 10
    return Patients(time=np.tile(time, (rows, 1)), event=np.tile(event, (rows, 1)))


def test_who_goes_on_depends_on_late_censoring():
    """Where many left late, most draws go on; where nobody did, follow-up was planned to end."""
    share = {}
    for censored in (0, 40):
        drawn = {"A": patients_at(30.0, left=40, censored=censored)}
        found = followed_on(drawn, {"A": END_AT_30}, np.random.default_rng(0))["A"]
        share[censored] = (found.time.max(axis=1) > 30.0).mean()
    assert share[0] < 0.3
    assert share[40] > 0.7


def test_without_anybody_left_nothing_changes():
    """A curve that ends with an event, or an arm that is not open, stays as it is."""
    drawn = {"A": patients_at(30.0, left=0, censored=5), "B": patients_at(30.0, left=5, censored=5)}
    found = followed_on(drawn, {"A": END_AT_30}, np.random.default_rng(0))
    assert found == drawn

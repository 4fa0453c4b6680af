"""Estimates over draws: the same as of each draw by itself, and what is said of all of them."""

from __future__ import annotations

import functools
import importlib
import math
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

from kmrepro.models import cox, ensemble, kaplan_meier, logrank, rmst
from kmrepro.reconstruct import ContradictionError, ReconstructionRefused
from kmrepro.reconstruct.ensemble.draw_source import write_frames
from kmrepro.studies import Study, load_study

from ..seeds import many

PSM_OS = load_study("an2025").endpoint("psm", "OS")


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    """Draw 60 at a time, of 6 scenarios."""
    sampler = importlib.import_module("kmrepro.reconstruct.ensemble.sampler")
    monkeypatch.setattr(sampler, "BLOCK", 60)
    monkeypatch.setattr(sampler, "SCENARIOS", 6)
    monkeypatch.setattr(
        importlib.import_module("kmrepro.reconstruct.scenarios.scenarios"), "LOT", 96
    )


@functools.cache
def drawn(n_draws, seed=0):
    """Return draws of the paper's endpoint, of which several tests ask the same."""
    return ensemble(PSM_OS, n_draws=n_draws, seed=seed)


def endpoint_of(**arms: dict) -> Study:
    """Build an endpoint whose first arm is the reference."""
    endpoint = {"name": "OS", "reference": next(iter(arms)), "arms": arms}
    return Study.model_validate({"id": "made-up", "endpoint": [endpoint]}).endpoints[0]


@pytest.mark.parametrize("number", [0, 59, 60, 100])
def test_estimates_are_those_of_each_draw_by_itself(number):
    """Cox, log-rank and restricted means of one draw, one at a time."""
    draws = drawn(110, seed=4)
    ipd = draws.draw(number)
    assert draws.log_hazard_ratio[number] == pytest.approx(cox(ipd).log_hazard_ratio, abs=1e-8)
    assert draws.se[number] == pytest.approx(cox(ipd).se, abs=1e-8)
    assert draws.p_logrank[number] == pytest.approx(logrank(ipd).p, abs=1e-8)
    difference = rmst(ipd, tau=draws.tau).difference
    assert draws.rmst_difference[number] == pytest.approx(difference, abs=1e-6)
    times = np.array([6.0, 36.0, 100.0])
    curve = kaplan_meier(ipd, arm="TA")
    alone = [curve.survival_at(time) for time in times]
    np.testing.assert_allclose(draws.survival("TA", times)[number], alone, atol=1e-12)


def test_draws_do_not_depend_on_how_many_there_are_or_where_they_are_made():
    """A longer ensemble starts with the shorter one, and threads make no difference."""
    few, more = drawn(70), drawn(120)
    with ThreadPoolExecutor(2) as executor:
        elsewhere = ensemble(PSM_OS, n_draws=120, executor=executor)
    np.testing.assert_array_equal(few.log_hazard_ratio, more.log_hazard_ratio[:70])
    pd.testing.assert_frame_equal(elsewhere.to_frame(), more.to_frame())
    other = drawn(110, seed=4)
    assert not np.array_equal(few.log_hazard_ratio, other.log_hazard_ratio[:70])


def test_intervals_hold_their_share_of_the_draws():
    """The middle 95% and the middle half, one inside the other."""
    draws = drawn(120)
    wide, narrow = draws.interval(), draws.interval(0.5)
    assert wide[0] < narrow[0] < draws.estimate < narrow[1] < wide[1]
    inside = (draws.hazard_ratio >= narrow[0]) & (draws.hazard_ratio <= narrow[1])
    assert 0.48 <= inside.mean() <= 0.53


def test_the_reported_hazard_ratio_of_a_paper_meets_what_its_curves_allow():
    """An et al. 2025, Figure 5(a): 1.22 for overall survival of the matched patients."""
    low, high = drawn(many(300, else_=120)).interval(0.99)
    assert low < 1.22 < high


def test_an_arm_without_events_gives_infinite_ratios():
    """The reference has none: every draw's hazard ratio is infinite, and so is the interval."""
    arm = {"n": 40, "landmarks": {"12": "80%"}, "events": 8, "follow_up": {"max": "24"}}
    none = {"n": 40, "events": 0, "follow_up": {"max": "24"}}
    draws = ensemble(endpoint_of(A=none, B=arm), n_draws=20)
    assert draws.interval() == (math.inf, math.inf)
    assert math.isnan(draws.estimate)
    assert np.isnan(draws.se).all()


def test_frames_have_a_row_per_draw():
    """The estimates under their names, counted from 0."""
    draws = drawn(70)
    frame = draws.to_frame()
    assert list(frame) == ["hazard_ratio", "log_hazard_ratio", "se", "p_logrank", "rmst_difference"]
    assert frame.index.tolist() == list(range(70))
    np.testing.assert_array_equal(frame["log_hazard_ratio"], draws.log_hazard_ratio)
    np.testing.assert_array_equal(frame["hazard_ratio"], np.exp(draws.log_hazard_ratio))


def test_parquet_holds_estimates_or_patients(tmp_path):
    """Either is what it is in memory, a row group per block."""
    pytest.importorskip("pyarrow")
    draws = drawn(70)
    draws.to_parquet(tmp_path / "estimates.parquet")
    estimates = pd.read_parquet(tmp_path / "estimates.parquet").set_index("draw")
    pd.testing.assert_frame_equal(estimates, draws.to_frame(), check_index_type=False)
    draws.to_parquet(tmp_path / "patients.parquet", patients=True)
    patients = pd.read_parquet(tmp_path / "patients.parquet")
    assert len(patients) == 70 * 370
    last = patients[patients["draw"] == 69]
    np.testing.assert_array_equal(last["time"], draws.draw(69).time)
    np.testing.assert_array_equal(last["arm"], draws.draw(69).arm)


def test_parquet_without_its_library_is_refused(tmp_path, monkeypatch):
    """The message says what to install."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    draws = drawn(70)
    with pytest.raises(ImportError, match=r"kmrepro\[parquet\]"):
        draws.to_parquet(tmp_path / "estimates.parquet")


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        (None, "`to_parquet` takes a path, not None"),
        (".", "is a folder; name a file in it"),
        ("none/draws.parquet", "There is no folder .*none to write draws.parquet into"),
    ],
)
def test_parquet_without_a_place_is_refused(tmp_path, monkeypatch, path, fault):
    """Where it cannot be, in a sentence."""
    pytest.importorskip("pyarrow")
    monkeypatch.chdir(tmp_path)
    with pytest.raises((TypeError, OSError), match=fault):
        drawn(70).to_parquet(path)


def test_parquet_that_fails_leaves_what_was_there(tmp_path):
    """A block that cannot be drawn leaves the file as it was, and nothing beside it."""
    pytest.importorskip("pyarrow")
    path = tmp_path / "patients.parquet"
    path.write_bytes(b"before")

    def frames():
        yield pd.DataFrame({"draw": [0]})
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_frames(path, frames())
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
    assert path.read_bytes() == b"before"


def test_other_than_two_arms_are_refused():
    """A hazard ratio compares two."""
    endpoint = load_study("zhang2023").endpoint("resected", "DFS")
    with pytest.raises(ReconstructionRefused, match="resected/DFS has 1 arm"):
        ensemble(endpoint)


def test_numbers_that_no_data_set_has_are_refused():
    """Ten patients cannot give 98.8%."""
    arm = {"n": 10, "landmarks": {"12": "98.8%"}}
    with pytest.raises(ContradictionError, match="no data set was found"):
        ensemble(endpoint_of(A=arm, B=arm | {"n": 100}), n_draws=5)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        pytest.param({"n_draws": 0}, "`n_draws` must be at least 1", id="no draws"),
        pytest.param({"seed": -1}, "`seed` must be at least 0", id="seed below 0"),
    ],
)
def test_wrong_numbers_are_refused(wrong, message):
    """What is allowed is said."""
    with pytest.raises(ValueError, match=message):
        ensemble(PSM_OS, **wrong)


def test_draws_and_levels_out_of_range_are_refused():
    """There is no draw beyond the last, no arm of another name, and no level of 95."""
    draws = drawn(70)
    with pytest.raises(IndexError, match="run from 0 to 69"):
        draws.draw(70)
    with pytest.raises(KeyError, match="no arm 'X'"):
        draws.survival("X", np.array([1.0]))
    with pytest.raises(ValueError, match="between 0 and 1, but is 95"):
        draws.interval(95)

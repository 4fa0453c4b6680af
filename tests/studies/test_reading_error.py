"""The error of a reading, estimated from how its points scatter, and local to where it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kmrepro.studies import digitised_curve, read_curves
from kmrepro.studies.reading_error import SDS, reading_error

END = 36.0


def course(time: np.ndarray) -> np.ndarray:
    """Return a smooth survival curve."""
    return np.exp(-0.03 * time)


def clicked(seed: int, *, height: float, time: float, points: int = 60) -> tuple[list[float], ...]:
    """Click a smooth curve anywhere, off by normal errors of height and time."""
    rng = np.random.default_rng(seed)
    at = np.sort(rng.uniform(0, END, points))
    read = np.clip(course(at) + rng.normal(0, height, points), 0, 1)
    return (np.maximum(at + rng.normal(0, time, points), 0)).tolist(), read.tolist()


@pytest.mark.parametrize("height", [0.001, 0.004, 0.01])
def test_the_error_of_clicks_is_found(height: float) -> None:
    """Over many clickings the estimate is right within a third, and hardly one off by twice."""
    found = []
    for seed in range(30):
        time, read = clicked(seed, height=height, time=height * END)
        order = np.argsort(time)
        error = reading_error(np.array(time)[order], np.array(read)[order])
        found.append(error.height / height)
    assert 0.67 < np.median(found) < 1.5
    assert np.mean((np.array(found) > 0.5) & (np.array(found) < 2.0)) >= 0.9


def test_one_steep_edge_widens_no_other_point() -> None:
    """Points traced in no order along an edge say that times are off, and only there."""
    rng = np.random.default_rng(0)
    flat = np.arange(0.5, END, 0.9)
    edge = np.full(14, 2.8) + rng.normal(0, 0.02, 14)
    time = np.concatenate([flat, edge])
    levels = np.where(flat < 2.8, 1.0, 0.75 * np.exp(-0.03 * (flat - 2.8).clip(0)))
    height = np.concatenate([levels, rng.permutation(np.linspace(0.99, 0.76, 14))])
    read = np.minimum(height + rng.normal(0, 0.001, time.size), 1)
    curve = digitised_curve(time.tolist(), read.tolist(), kind="samples")
    widths, times = np.array(curve.widths), np.array(curve.time)
    on_edge = np.abs(times - 2.8) < 0.1
    assert np.median(widths[on_edge]) > 0.03
    assert widths[np.abs(times - 2.8) > 1.0].max() < 0.02
    assert 0 < curve.time_sd < 0.1
    assert len(curve.sds) == len(curve.time)


def test_the_true_curve_is_within_the_widths() -> None:
    """Of the heights of many clickings few are off by more than three standard deviations."""
    outside = []
    for seed in range(20):
        time, read = clicked(seed, height=0.004, time=0.004 * END)
        curve = digitised_curve(time, read, kind="samples")
        off = np.abs(np.array(curve.survival) - course(np.array(curve.time)))
        outside.append(np.mean(off > np.array(curve.widths)))
    assert np.mean(outside) < 0.04


def test_rows_of_pixels_and_rounding_have_no_likeliest_height() -> None:
    """Any error within a row of pixels, or within a decimal, is as likely as another."""
    time = np.linspace(0.5, END, 72)
    rows = digitised_curve(time.tolist(), (np.round(course(time) * 437) / 437).tolist())
    decimals = digitised_curve(time.tolist(), course(time).round(3).tolist())
    assert (rows.sds, decimals.sds) == ((), ())
    assert rows.widths[0] == pytest.approx(0.6 / 437)
    assert decimals.widths[0] == pytest.approx(0.0005)
    assert (rows.time_sd, decimals.time_sd) == (0, 0)


def test_decimals_of_clicks_are_no_accuracy() -> None:
    """Clicks that were written with four decimals are as far off as they were."""
    time, read = clicked(3, height=0.01, time=0.1)
    curve = digitised_curve(time, np.round(read, 4).tolist())
    assert 0.01 < curve.tolerance < 0.06


def test_a_stated_tolerance_outranks_what_the_points_show(tmp_path: Path) -> None:
    """Stated for all or, in a column, for each: it is taken, a third as standard deviation."""
    time, read = clicked(3, height=0.01, time=0.1)
    curve = digitised_curve(time, read, tolerance=0.02)
    assert set(curve.widths) == {0.02}
    assert curve.sds == pytest.approx([0.02 / SDS] * len(curve.time))
    rows = "".join(f"{t:.6f},{h:.6f},0.03\n" for t, h in zip(time, read, strict=True))
    path = tmp_path / "curve.csv"
    path.write_text("time,survival,tolerance\n" + rows, encoding="utf-8")
    assert set(read_curves(path)[""].widths) == {0.03}
    assert read_curves(path)[""].time_sd == 0

"""Digitised curves beside the estimates from their patients."""

from __future__ import annotations

import numpy as np
import pytest

import kmrepro as km
from kmrepro.models import EndpointAnalysis, check_curves, curve_frame, kaplan_meier
from kmrepro.reconstruct import PseudoIPD

PATIENTS = PseudoIPD(
    time=np.array([1.0, 2.0, 3.0, 4.0, 5.0]),
    event=np.array([True, False, True, False, False]),
    arm=np.array(["all"] * 5),
    arms=("all",),
)


def test_the_numbers_are_those_by_hand() -> None:
    """Five patients, two events: every number of the check can be counted."""
    curve = km.digitised_curve([0, 1, 3, 5], [1, 0.8, 0.55, 0.55], tolerance=0.02)
    endpoint = km.curve_endpoint(curve, n=5, at_risk={0: 5, 2: 4, 3: 2}, events=3)
    (check,) = check_curves(endpoint, {"all": kaplan_meier(PATIENTS, arm="all")})
    assert check.reproduced == pytest.approx([0.8, 0.8 * 2 / 3, 0.8 * 2 / 3])
    assert check.residual == pytest.approx([0, 0.8 * 2 / 3 - 0.55, 0.8 * 2 / 3 - 0.55])
    assert check.inside.tolist() == [True, True, True]
    assert check.largest == pytest.approx(0.55 - 0.8 * 2 / 3)
    assert check.typical == pytest.approx(check.largest * np.sqrt(2 / 3))
    assert [(row.printed, row.reproduced, row.met) for row in check.at_risk] == [
        (5, 5, True), (4, 4, True), (2, 3, False),
    ]  # fmt: skip
    assert (check.n, check.events, check.events_printed, check.last_time) == (5, 2, 3, 5)


def test_the_ends_of_the_tolerance_belong_to_it() -> None:
    """A curve that is off by exactly the tolerance is met, and by more is not."""
    for height, inside in ((0.82, True), (0.8201, False)):
        curve = km.digitised_curve([0, 1], [1, height], tolerance=0.02)
        endpoint = km.curve_endpoint(curve, n=5)
        (check,) = check_curves(endpoint, {"all": kaplan_meier(PATIENTS, arm="all")})
        assert check.inside.tolist() == [inside]


def analysis() -> EndpointAnalysis:
    """Analyse two arms, one of them with a curve."""
    curve = km.digitised_curve([0, 2, 5, 9, 20], [1, 0.9, 0.8, 0.65, 0.65])
    study = km.Study.model_validate({
        "id": "mine",
        "endpoint": [{"name": "OS", "reference": "B", "arms": {
            "A": {"n": 40, "curve": curve, "at_risk": {0: 40, 6: 30}},
            "B": {"n": 40, "landmarks": {12: "60%"}},
        }}],
    })  # fmt: skip
    return km.analyse(study.endpoints[0], km.reconstruct(study.endpoints[0]))


def test_only_arms_with_a_curve_are_checked() -> None:
    """An analysis checks the curves that there are."""
    (check,) = analysis().curve_checks
    assert check.arm == "A"
    assert check.inside.all()
    assert all(row.met for row in check.at_risk)


def test_as_a_frame() -> None:
    """One row for each arm; events that are not printed are missing."""
    frame = curve_frame(analysis().curve_checks)
    (row,) = frame.to_dict(orient="records")
    assert (row["arm"], row["n"], row["points"], row["points_met"]) == ("A", 40, 4, 4)
    assert (row["at_risk_rows"], row["at_risk_met"]) == (2, 2)
    assert frame["events_printed"].isna().all()


def test_no_curve_no_check() -> None:
    """Studies of printed numbers alone have nothing to check."""
    endpoint = km.load_study("an2025").endpoint("psm", "OS")
    assert km.analyse(endpoint, km.reconstruct(endpoint)).curve_checks == ()
    assert curve_frame(()).empty

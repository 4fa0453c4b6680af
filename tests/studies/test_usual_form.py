"""Intervals of other levels and one-sided p, as reconstruction reads them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmrepro.audit import audit
from kmrepro.models import BatchedCox, RiskSets
from kmrepro.reconstruct.quick_looks import quick_looks
from kmrepro.studies import PrintedNumber, Study, parse_interval
from kmrepro.studies.interval_level import level_fit
from kmrepro.studies.printed_fields import level_z
from kmrepro.studies.reader import study
from kmrepro.studies.usual_form import converted, usual_form

SIZES = {"A": {"n": 401}, "B": {"n": 405}}


def endpoint(arms=None, **reported):
    """Return an endpoint of two arms."""
    keys = {"name": "OS", "reference": "A", "arms": arms or SIZES, "reported": reported}
    return study(id="mine", endpoint=[keys]).endpoints[0]


def test_hazard_ratio_is_converted_on_the_log_scale():
    """The 99.8% interval 0.47 to 0.93 of 0.66 is one of 0.532 to 0.820 at 95%."""
    form = usual_form(endpoint(hazard_ratio="0.66", ci="99.8% CI 0.47 to 0.93"))
    low, high = form.endpoint.reported.ci
    share = 1.959964 / 3.090232
    assert low.value == pytest.approx(0.66 * (0.47 / 0.66) ** share, rel=1e-6)
    assert high.value == pytest.approx(0.66 * (0.93 / 0.66) ** share, rel=1e-6)
    assert form.remarks == (
        "The 99.8% interval of the hazard ratio, 0.47 to 0.93, was converted to a 95% interval, "
        "0.532 to 0.820.",
    )
    assert usual_form(form.endpoint).endpoint is form.endpoint


def test_what_is_usual_stays_the_same_object():
    """Nothing is copied where nothing has to be converted."""
    plain = endpoint(hazard_ratio="0.66", ci=["0.53", "0.82"], p="<0.001")
    assert usual_form(plain).endpoint is plain


@given(
    st.floats(0.05, 0.95), st.floats(0.02, 0.5), st.sampled_from([80.0, 90.0, 99.0, 99.8]),
    st.sampled_from(["plain", "log", "log-log"]),
)  # fmt: skip
def test_survival_is_converted_on_its_own_scale(survival, se, level, scale):
    """An interval made on a scale at a level becomes the one made on it at 95%."""
    forward, back = {
        "plain": (lambda s: s, lambda v: v),
        "log": (math.log, math.exp),
        "log-log": (lambda s: -math.log(-math.log(s)), lambda v: math.exp(-math.exp(-v))),
    }[scale]

    def ends(z):
        return [back(forward(survival) + side * z * se * 0.2) for side in (-1, 1)]

    at_level, usual = ends(level_z(level)), ends(level_z(95))
    if not 0.01 < at_level[0] < at_level[1] < 0.99:
        return
    text = [f"{100 * end:.8f}%" for end in (survival, *at_level)]
    estimate, *ci = map(PrintedNumber.parse, text)
    found = converted(estimate, tuple(ci), level, (forward, back))
    assert [end.value for end in found] == pytest.approx(usual, abs=1e-6)


def test_landmarks_and_medians_are_converted():
    """Both are read at 95%, and a limit that was not reached stays so."""
    arms = {
        "A": {"n": 80, "landmarks": {12: "75% (99% CI, 60 to 86)"},
              "median": "20.0 (99% CI 12.0 to NR)"},
        "B": {"n": 80},
    }  # fmt: skip
    form = usual_form(endpoint(arms, p="0.2"))
    arm = form.endpoint.arms["A"]
    low, high = arm.landmarks[12.0].ci
    assert 0.60 < low.value < 0.75 < high.value < 0.86
    assert arm.median_ci[0].value == pytest.approx(20 * 0.6 ** (1.959964 / 2.575829), rel=1e-5)
    assert str(arm.median_ci[1]) == "NR"
    assert len(form.remarks) == 2


def test_one_sided_p_is_doubled():
    """The two-sided p is twice the one-sided one, and said."""
    form = usual_form(endpoint(hazard_ratio="0.80", p="0.0414", one_sided=True))
    assert str(form.endpoint.reported.p) == "0.0828"
    assert not form.endpoint.reported.one_sided
    assert "one-sided p 0.0414 was taken as a two-sided 0.0828" in form.remarks[0]


def test_comparison_of_other_patients_says_nothing_of_the_arms():
    """Events and interval of 500 patients are not those of 806."""
    other = endpoint(hazard_ratio="0.7", ci=["0.5", "0.9"], events=120, n=500)
    reported = usual_form(other).endpoint.reported
    assert (reported.ci, reported.events) == (None, None)
    assert str(reported.hazard_ratio) == "0.7"
    same = endpoint(hazard_ratio="0.7", ci=["0.5", "0.9"], events=120, n=806)
    assert usual_form(same).endpoint is same


def ratio(level, *, hazard_ratio=0.7, se=0.1):
    """Return a hazard ratio and its interval of a level, as reported without it."""
    ends = [hazard_ratio * math.exp(side * level_z(level) * se) for side in (-1, 1)]
    return {"hazard_ratio": f"{hazard_ratio:.2f}", "ci": [f"{end:.3f}" for end in ends]}


@pytest.mark.parametrize("level", [80.0, 90.0, 95.0, 99.0, 99.8])
def test_level_by_events(level):
    """400 events give log HR a standard error of 0.1, so that the width says the level."""
    fit = level_fit(endpoint(**ratio(level), events=400))
    if level == 95.0:
        assert fit is None
    else:
        assert fit.lower <= level <= fit.upper
        assert fit.by == ("events",)
        assert "as a 95% interval it does not agree with events" in fit.sentence


@pytest.mark.parametrize("level", [95.0, 99.8])
def test_level_by_p(level):
    """Log HR of 3.57 standard errors has p 0.00036."""
    fit = level_fit(endpoint(**ratio(level), p="0.00036", test="log-rank"))
    assert (fit is None) == (level == 95.0)
    if fit is not None:
        assert fit.lower <= level <= fit.upper
        assert fit.by == ("p",)


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param({**ratio(99.8), "ci_level": 99.8, "events": 400}, id="stated"),
        pytest.param({**ratio(99.8), "events": 400, "adjusted": True}, id="adjusted"),
        pytest.param({**ratio(99.8), "events": 400, "n": 120}, id="other patients"),
        pytest.param({**ratio(99.8), "events": 20}, id="few events"),
        pytest.param({**ratio(99.8), "p": "0.00036", "adjusted": True, "test": "log-rank"},
                     id="p of another model"),
        pytest.param({**ratio(99.8, hazard_ratio=1.0), "p": "0.9"}, id="no effect"),
        pytest.param({**ratio(95.0), "p": "0.00036", "events": 20000}, id="nothing fits"),
    ],
)  # fmt: skip
def test_no_other_level_is_said(keys):
    """A level is doubted only where another one would fit."""
    assert level_fit(endpoint(**keys)) is None


def test_interval_of_a_doubtful_level_is_not_used():
    """What reconstruction reads has no interval then, and the remark says what to write."""
    form = usual_form(endpoint(**ratio(99.8), events=400))
    assert form.endpoint.reported.ci is None
    assert "write it in `ci_level`" in form.remarks[0]


def test_one_sided_p_is_doubled_before_levels_are_fitted():
    """Half of p goes with a 95% interval if it is one-sided."""
    assert level_fit(endpoint(**ratio(95.0), p="0.00018", one_sided=True)) is None


def test_text_of_a_level():
    """Interval text with any level is split."""
    assert parse_interval("90% CI 1-2", any_level=True)[1].value == 2


def test_one_arm_has_the_events_that_the_other_leaves_of_the_total():
    """Fifty in all, less 30 of the other arm; only if there are as many patients."""
    arms = {"A": {"n": 60, "events": 30}, "B": {"n": 60}}
    form = usual_form(endpoint(arms, hazard_ratio="0.66", events=50))
    assert form.endpoint.arms["B"].events == 20
    assert form.remarks == (
        "Arm B was taken to have 20 events: the 50 that are reported in total, less those of the "
        "other arm.",
    )
    for total in (29, 91):
        plain = endpoint(arms, hazard_ratio="0.66", events=total)
        assert usual_form(plain).endpoint is plain


@pytest.mark.parametrize("by_arm", [True, False])
@pytest.mark.parametrize(
    ("sizes", "ratio"), [((60, 240), 0.3), ((240, 60), 2.0), ((150, 150), 0.3)]
)
def test_true_intervals_of_unequal_arms_are_of_95(
    sizes: tuple[int, int], ratio: float, by_arm: bool
) -> None:
    """Of 4 to 1 and a ratio of 0.3, events are shared far more equally than patients."""
    rng = np.random.default_rng(8)
    told = 0
    for _ in range(40):
        exits = [rng.exponential(30 / each, n) for n, each in zip(sizes, (1, ratio), strict=True)]
        leave = [rng.uniform(12, 60, n) for n in sizes]
        event = [time < end for time, end in zip(exits, leave, strict=True)]
        time = np.minimum(np.concatenate(exits), np.concatenate(leave))
        treated = np.repeat([False, True], sizes)
        fit = BatchedCox.of(RiskSets.of(time[None], np.concatenate(event)[None], treated))
        ends = np.exp(fit.log_hazard_ratio[0] + np.array([0, -1.96, 1.96]) * fit.se[0])
        hazard_ratio, *ci = (f"{end:.2f}" for end in ends)
        counts = [int(each.sum()) for each in event]
        arms = {
            name: {"n": n} | ({"events": count} if by_arm else {})
            for name, n, count in zip("CT", sizes, counts, strict=True)
        }
        reported = {"hazard_ratio": hazard_ratio, "ci": ci}
        if not by_arm:
            reported["events"] = sum(counts)
        compared = {"name": "OS", "reference": "C", "arms": arms, "reported": reported}
        study = Study.model_validate({"id": "unequal", "endpoint": [compared]})
        told += level_fit(study.endpoints[0]) is not None
    assert told <= 1


@pytest.mark.parametrize(
    "test", ["non-inferiority", "one-sided noninferiority test", "equivalence"]
)
def test_a_p_of_a_margin_is_of_no_difference(test: str) -> None:
    """0.99 (0.81 to 1.22) with p = 0.001 for non-inferiority: no contradiction, no difference."""
    compared = endpoint(hazard_ratio="0.99", ci=["0.81", "1.22"], p="0.001", test=test)
    form = usual_form(compared)
    assert form.endpoint.reported.p is None
    assert form.remarks == (f"The p 0.001 was not used: it is of {test}, not of a difference.",)
    assert not list(quick_looks(endpoint(arms=SIZES, p="0.001", test=test, events=400)))
    audited = audit(study(id="mine", endpoint=[compared]))
    assert not [each for each in audited if each.severity != "note"]

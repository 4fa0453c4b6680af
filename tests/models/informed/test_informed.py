"""Patients and ensembles that meet the reported hazard ratio, interval and p as well."""

import importlib
import math

import numpy as np
import pytest

import kmrepro as km
from kmrepro.models.informed import NotReached
from kmrepro.models.informed.targets import Targets, estimates_of
from kmrepro.reconstruct.checks import is_consistent
from kmrepro.reconstruct.constraints import arm_constraints
from kmrepro.studies import Endpoint, Study, digitised_curve, load_study

from ...seeds import many

PSM_OS = load_study("an2025").endpoint("psm", "OS")
ARM = {"n": 60, "follow_up": {"max": "40"}}
ARMS = {
    "A": ARM | {"landmarks": {"12": "70%", "24": "45%"}, "events": 34, "median": "21.0"},
    "B": ARM | {"landmarks": {"12": "80%", "24": "60%"}, "at_risk": {"0": 60, "12": 46}},
}


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    """Draw 200 at a time, or 100 unless all tests are run, of 6 scenarios."""
    sampler = importlib.import_module("kmrepro.reconstruct.ensemble.sampler")
    monkeypatch.setattr(sampler, "BLOCK", many(200, else_=100))
    monkeypatch.setattr(sampler, "SCENARIOS", 6)
    monkeypatch.setattr(
        importlib.import_module("kmrepro.reconstruct.scenarios.scenarios"), "LOT", 96
    )


def endpoint_of(**reported: object) -> Endpoint:
    """Build an endpoint that reports some comparison."""
    endpoint = {"name": "OS", "reference": "A", "arms": ARMS, "reported": reported}
    return Study.model_validate({"id": "made-up", "endpoint": [endpoint]}).endpoints[0]


def assert_met(endpoint: Endpoint, ipd: km.PseudoIPD) -> None:
    """Re-analyse patients alone: what is reported and what the arms print is met."""
    reported, fit = endpoint.reported, km.cox(ipd)
    assert reported is not None
    assert reported.hazard_ratio is None or reported.hazard_ratio.contains(fit.hazard_ratio)
    for printed, found in zip(reported.ci or (), fit.ci, strict=False):
        assert printed.contains(found)
    for check in km.analyse(endpoint, ipd).landmarks:
        assert check.inside
    for arm in endpoint.arms:
        time, event = ipd.of(arm)
        order = np.lexsort((~event, time))
        assert is_consistent(
            arm_constraints(endpoint, arm), time[None, order], event[None, order]
        ).all()


def test_patients_meet_the_report_and_the_arms():
    """An et al. 2025, Figure 5(a): 1.22 (0.78 to 1.89), p = 0.381 by the log-rank test."""
    ipd = km.reconstruct(PSM_OS, informed=True)
    assert_met(PSM_OS, ipd)
    assert PSM_OS.reported.p.contains(km.logrank(ipd).p)
    assert ipd.informed
    assert "informed by the reported comparison" in repr(ipd)
    assert ipd.assumptions[0].startswith("INFORMED: these patients are conditioned on the reported")


def test_the_same_report_gives_the_same_patients():
    """Without a seed there is one answer."""
    ipd, again = (km.reconstruct(endpoint_of(hazard_ratio="0.66"), informed=True) for _ in range(2))
    np.testing.assert_array_equal(ipd.time, again.time)
    np.testing.assert_array_equal(ipd.event, again.event)


@pytest.mark.parametrize(
    ("test", "found"),
    [
        pytest.param("log-rank", lambda ipd: km.logrank(ipd).p, id="log-rank"),
        pytest.param("Wald", lambda ipd: km.cox(ipd).p_wald, id="Wald"),
        pytest.param("score", lambda ipd: km.cox(ipd).p_score, id="score"),
        pytest.param("likelihood ratio", lambda ipd: km.cox(ipd).p_likelihood_ratio, id="ratio"),
    ],
)
def test_the_p_is_that_of_the_named_test(test, found):
    """A hazard ratio and a p, with median, events and numbers at risk of arms of 60."""
    endpoint = endpoint_of(hazard_ratio="0.64", p="0.09", test=test)
    ipd = km.reconstruct(endpoint, informed=True)
    assert_met(endpoint, ipd)
    assert endpoint.reported.p.contains(found(ipd))


def test_every_draw_meets_the_report_and_the_arms():
    """Draws one by one, forty where all tests are run; and most of them differ."""
    size = many(40, else_=20)
    endpoint = endpoint_of(hazard_ratio="0.66", ci=["0.40", "1.09"])
    draws = km.ensemble(endpoint, n_draws=size, informed=True)
    for number in range(size):
        assert_met(endpoint, draws.draw(number))
    assert np.unique(draws.rmst_difference).size > 0.75 * size
    assert draws.informed
    assert "informed by the reported comparison" in repr(draws)
    assert "INFORMED" in draws.draw(0).assumptions[0]


def test_informed_draws_do_not_depend_on_how_many_there_are():
    """A longer ensemble starts with the shorter one; another seed gives others."""
    endpoint = endpoint_of(hazard_ratio="0.66")
    few, more, other = (
        km.ensemble(endpoint, n_draws=n, seed=seed, informed=True)
        for n, seed in ((15, 1), (25, 1), (15, 2))
    )
    np.testing.assert_array_equal(few.rmst_difference, more.rmst_difference[:15])
    assert not np.array_equal(few.rmst_difference, other.rmst_difference)


def test_a_report_that_no_draw_comes_to_is_refused_and_the_nearest_returned(monkeypatch):
    """An ensemble is refused, one data set says what it has instead."""
    sampler = importlib.import_module("kmrepro.models.informed.sampler")
    monkeypatch.setattr(sampler, "MOST_ATTEMPTS", many(sampler.MOST_ATTEMPTS, else_=3))
    endpoint = endpoint_of(hazard_ratio="0.05", ci=["0.04", "0.06"])
    with pytest.raises(NotReached, match=r"the reported 0\.05 .* The nearest have 0\.") as refusal:
        km.ensemble(endpoint, n_draws=5, informed=True)
    assert refusal.value.gap > 0.1
    ipd = km.reconstruct(endpoint, informed=True)
    said = "no patients were found that are also consistent with the reported 0.05"
    assert said in ipd.notes["informed"]
    assert all(check.inside for check in km.analyse(endpoint, ipd).landmarks)


def test_patients_of_digitised_curves_stay_on_them():
    """Whatever is reached, no point of a curve and no number at risk is missed."""
    times, heights = [4.0, 9.0, 15.0, 22.0], np.array([0.9, 0.75, 0.6, 0.5])
    arms = {
        name: {"n": 40, "curve": digitised_curve(times, heights**power, kind="samples")}
        | {"at_risk": {"0": 40, "9": 30, "15": 22}}
        for name, power in (("A", 1.0), ("B", 0.7))
    }
    content = {"name": "OS", "reference": "A", "arms": arms, "reported": {"hazard_ratio": "0.69"}}
    endpoint = Study.model_validate({"id": "made-up", "endpoint": [content]}).endpoints[0]
    plain = km.analyse(endpoint, km.reconstruct(endpoint))
    ipd = km.reconstruct(endpoint, informed=True)
    assert km.analyse(endpoint, ipd).comparison.missed == plain.comparison.missed == ()
    nearer = abs(math.log(km.cox(ipd).hazard_ratio / 0.69))
    assert nearer < abs(math.log(plain.cox.hazard_ratio / 0.69))
    with pytest.raises(km.ReconstructionRefused, match="digitised curve"):
        km.ensemble(endpoint, n_draws=5, informed=True)


@pytest.mark.parametrize(
    ("reported", "arms"),
    [
        pytest.param({}, ARMS, id="nothing reported"),
        pytest.param({"hazard_ratio": "0.7"}, {"A": ARMS["A"]}, id="one arm"),
    ],
)
def test_without_a_report_there_is_nothing_to_be_informed_by(reported, arms):
    """The message says what is missing."""
    content = {"name": "OS", "arms": arms} | ({"reported": reported} if len(arms) > 1 else {})
    endpoint = Study.model_validate({"id": "made-up", "endpoint": [content]}).endpoints[0]
    with pytest.raises(km.ReconstructionRefused, match="neither a hazard ratio nor a p"):
        km.reconstruct(endpoint, informed=True)


def test_an_informed_comparison_gets_no_verdict():
    """It says why, and has no reproduction interval."""
    endpoint = endpoint_of(hazard_ratio="0.66")
    ipd = km.reconstruct(endpoint, informed=True)
    draws = km.ensemble(endpoint, n_draws=20, informed=True)
    found = km.analyse(endpoint, ipd, draws=draws).comparison
    assert found.verdict == "not assessable"
    assert found.reproduction_interval is None
    assert found.n_draws == 20
    assert "Not assessable. INFORMED: these patients are conditioned on" in found.sentence
    assert km.compare(endpoint, km.reconstruct(endpoint), draws=draws).informed


def test_targets_are_the_roundings():
    """0.66 is 0.655 to 0.665; p < 0.05 a deviate above 1.96."""
    targets = Targets.of(endpoint_of(hazard_ratio="0.66", p="<0.05"))
    assert targets.low == pytest.approx([math.log(0.655), -np.inf, -np.inf, 1.95996], abs=1e-5)
    assert targets.high == pytest.approx([math.log(0.665), np.inf, np.inf, np.inf])
    assert targets.test == "log-rank"
    time, event = np.array([[1.0, 2, 3, 4]]), np.array([[True, True, True, False]])
    found = estimates_of(time, event, np.array([False, True, False, True]), "log-rank")
    needed = targets.needed(found)[0]
    assert found.values[0, 0] + needed[0] == pytest.approx(math.log(0.655))
    assert list(needed[1:3]) == [0.0, 0.0]
    assert needed[3] == pytest.approx((1.95996 - found.values[0, 3]) * found.se[0], abs=1e-4)


def test_the_nearest_are_the_patients_that_are_returned():
    """Times that stretching brings together are ties of every estimate: 1.090 was said of 1.064."""
    arms = {
        "A": {"n": 200, "landmarks": {"12": "66.5%", "24": "44.7%"}, "events": 130},
        "B": {"n": 200, "landmarks": {"12": "75.9%", "24": "57.5%"}, "events": 110},
    }
    reported = {"hazard_ratio": "2.5", "ci": ["1.9", "3.3"], "test": "Wald", "p": "<0.001"}
    endpoint = {"name": "OS", "reference": "A", "arms": arms, "reported": reported}
    study = Study.model_validate({"id": "far", "endpoint": [endpoint]})
    ipd = km.reconstruct(study.endpoints[0], informed=True)
    fit = km.cox(ipd)
    ends = "{:.3f} (95% CI {:.3f} to {:.3f})".format(fit.hazard_ratio, *fit.ci)
    assert f"The nearest have {ends}, p = {fit.p_wald:.3g} (Wald)" in ipd.notes["informed"]


@pytest.mark.parametrize(
    ("test", "said"),
    [
        ("stratified log-rank", "p = 0.40 (log-rank, unstratified)"),
        ("one-sided test", "one-sided p = 0.40 (log-rank)"),
        ("Wilcoxon", "1.22 (95% CI 0.78 to 1.89)"),
        ("non-inferiority", "1.22 (95% CI 0.78 to 1.89)"),
    ],
)
def test_targets_say_what_is_used_of_p(test, said):
    """A p of other tests is none of those that patients can be brought to."""
    reported = {"hazard_ratio": "1.22", "ci": ["0.78", "1.89"], "p": "0.40", "test": test}
    assert Targets.of(endpoint_of(**reported)).text.endswith(said)


@pytest.mark.parametrize("test", ["Wilcoxon", "test for non-inferiority"])
def test_a_p_of_another_test_alone_informs_nobody(test):
    """Patients were conditioned on it as if it were Wald's."""
    with pytest.raises(km.ReconstructionRefused, match="nothing to be informed by"):
        Targets.of(endpoint_of(p="0.01", test=test))

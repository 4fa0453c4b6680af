"""A p or an interval without a hazard ratio, and analyses that are not of all patients."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from kmrepro.audit import audit
from kmrepro.models import analyse, ensemble
from kmrepro.models.reported import cautions, read_reported
from kmrepro.reconstruct import reconstruct
from kmrepro.reconstruct.quick_looks import quick_looks
from kmrepro.studies import PrintedNumber, Reported
from kmrepro.studies.interval_level import level_fit
from kmrepro.studies.printed_fields import p_z
from kmrepro.studies.reader import study

pytestmark = pytest.mark.usefixtures("small_blocks")

ARMS = {
    "C": {"n": 120, "landmarks": {12: "60.0%", 24: "38.0%", 36: "25.0%"}, "events": 88},
    "T": {"n": 120, "landmarks": {12: "72.0%", 24: "52.0%", 36: "38.0%"}, "events": 72},
}


def endpoint(arms=None, **reported):
    """Return an endpoint of two arms with a comparison."""
    keys = {"name": "OS", "reference": "C", "arms": arms or ARMS, "reported": reported}
    return study(id="mine", endpoint=[keys]).endpoints[0]


@pytest.fixture(scope="module")
def draws():
    """Return data sets of the arms; the comparison does not matter to them."""
    return ensemble(endpoint(p="0.5"), n_draws=100, seed=3)


def judged(draws, **reported):
    """Return the comparison of an endpoint with these numbers."""
    own = endpoint(**reported)
    return analyse(own, reconstruct(own), draws=draws).comparison


def test_p_alone_is_set_among_those_of_the_draws(draws):
    """Without a hazard ratio the p is judged: inside, outside, and where it is."""
    middle = float(np.median(draws.p_logrank))
    inside = judged(draws, p=f"{middle:.4f}", test="log-rank")
    assert inside.verdict == "reproduced"
    assert inside.p_of_draws.share_at_most == pytest.approx(0.5, abs=0.03)
    assert inside.missing == ()
    assert "the reported p is inside: reproduced" in inside.sentence
    outside = judged(draws, p="0.81", test="log-rank")
    assert outside.verdict == "discrepant"
    assert not outside.p_of_draws.inside
    assert "a p of another test, population or follow-up" in outside.sentence


def test_interval_of_p_is_the_middle_of_the_draws(draws):
    """The range is that of the middle 95% of the p-values."""
    found = judged(draws, p="0.81", test="log-rank").p_of_draws
    assert found.test == "log-rank"
    low, high = np.quantile(draws.p_logrank, [0.025, 0.975], method="inverted_cdf")
    assert found.interval == (low, high)
    wald = judged(draws, p="0.81", test="Wald").p_of_draws
    z = np.abs(draws.log_hazard_ratio) / draws.se
    p = [math.erfc(each / math.sqrt(2)) for each in z]
    assert wald.interval[0] == pytest.approx(np.quantile(p, 0.025, method="inverted_cdf"))
    assert wald.test == "Wald"


def test_half_of_p_may_be_one_sided(draws):
    """Half of a p among those of the draws is named as a one-sided one."""
    half = float(np.quantile(draws.p_logrank, 0.03)) / 2
    found = judged(draws, p=f"{half:.2e}", test="log-rank")
    assert found.verdict == "discrepant"
    assert any("it may be one-sided" in each for each in found.explanations)
    told = judged(draws, p=f"{half:.2e}", test="one-sided log-rank")
    assert told.verdict == "reproduced"
    assert "two-sided" in told.sentence


def test_a_p_of_the_other_test_is_named(draws):
    """Where one test leaves the p outside and the other does not, that is said."""
    apart = dataclasses.replace(
        draws,
        p_logrank=draws.p_logrank / 1000,
        reconstruction={**draws.reconstruction, "p_logrank": 1e-6},
    )
    z = np.abs(draws.log_hazard_ratio) / draws.se
    wald = math.erfc(float(np.median(z)) / math.sqrt(2))
    found = judged(apart, p=f"{wald:.4f}", test="log-rank")
    assert found.verdict == "discrepant"
    assert "by the Wald test the data sets have a p that fits" in found.explanations
    logrank = float(np.median(apart.p_logrank))
    found = judged(apart, p=f"{logrank:.2e}", test="Wald")
    assert "by the log-rank test the data sets have a p that fits" in found.explanations


def test_a_ratio_that_some_draws_go_beyond_is_discrepant(draws):
    """Outside the interval, but not of all draws: no range of all data sets is looked for."""
    log = draws.log_hazard_ratio.copy()
    log[:2] = log.max() + 2.0
    apart = dataclasses.replace(draws, log_hazard_ratio=log)
    found = judged(apart, hazard_ratio=f"{math.exp(log.max() - 1.0):.2f}")
    assert found.verdict == "discrepant"
    assert found.attainable is None


def test_weighted_test_is_not_assessable(draws):
    """A Gehan test weighs early events, so its p says nothing of the log-rank test's."""
    found = judged(draws, p="0.81", test="Gehan-Breslow-Wilcoxon")
    assert (found.verdict, found.p_of_draws) == ("not assessable", None)
    assert "or a p of another test than the Gehan-Breslow-Wilcoxon test, is" in found.sentence


def test_a_bound_from_below_says_nothing_of_how_many_are_smaller(draws):
    """All are no larger than a p above 0.0001, which is 1 at most."""
    found = judged(draws, p=">0.0001", test="log-rank")
    assert found.verdict == "reproduced"
    assert "no larger than" not in found.sentence
    assert "no larger than" in judged(draws, p="0.81", test="log-rank").sentence


@pytest.mark.usefixtures("no_search_once")
def test_interval_alone_stands_for_its_middle(draws):
    """The geometric mean of the limits is the hazard ratio, with their rounding."""
    found = judged(draws, ci=["0.48", "0.90"])
    assert found.verdict == "reproduced"
    assert found.reported.ratio.value == pytest.approx(math.sqrt(0.48 * 0.90))
    assert found.reported.hazard_ratio is None
    assert "no hazard ratio for T against C, but its 95% CI 0.48 to 0.90" in found.sentence
    assert judged(draws, ci=["1.48", "1.90"]).verdict == "discrepant"


def test_level_of_the_interval_sets_the_standard_error():
    """A 99% interval is 2.576 standard errors either side."""
    ends = [f"{0.7 * math.exp(side * 2.575829 * 0.2):.4f}" for side in (-1, 1)]
    reported = Reported.model_validate({"hazard_ratio": "0.7", "ci": ends, "ci_level": 99})
    read = read_reported(reported)
    assert read.se == pytest.approx(0.2, rel=1e-3)
    assert read.hazard_ratio_text == f"0.7 (99% CI {ends[0]} to {ends[1]})"
    assert read.significant is None  # a 99% interval that holds 1 leaves 0.05 open


def test_doubtful_level_gives_the_standard_error_to_p():
    """An interval that cannot be one of 95% has no width that counts."""
    ends = [f"{0.7 * math.exp(side * 3.09 * 0.1):.3f}" for side in (-1, 1)]
    own = endpoint(hazard_ratio="0.70", ci=ends, p="0.0004", events=400)
    read = read_reported(own.reported, level_fit(own))
    assert read.se_source == "p"
    assert "as a 95% interval it does not agree" in read.ci_doubt
    assert list(cautions(read)) == [f"The reported interval states no level: {read.ci_doubt}"]


def test_significance_is_two_sided():
    """A one-sided p of 0.041 is no difference at 0.05."""
    one = Reported(p=PrintedNumber.parse("0.0414"), one_sided=True)
    read = read_reported(one)
    assert (read.significant, read.significant_by) == (False, "p")
    assert (read.p, read.p_two_sided) == (0.0414, pytest.approx(0.0828))
    assert read.p_text == "one-sided p = 0.0414"


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        pytest.param({"stratified": True}, "the reported analysis is stratified", id="stratified"),
        pytest.param({"n": 90}, "of 90 patients, the reproduced of 12", id="other patients"),
        pytest.param({"adjusted": True}, "", id="adjusted"),
    ],
)
def test_other_analyses_are_never_impossible(keys, why):
    """A stratified or adjusted ratio, or one of other patients, may be beyond every range."""
    found = of_six(**keys)
    assert found.verdict == "discrepant"
    assert why in "; ".join(found.explanations)


def test_a_ratio_beyond_every_range_is_impossible():
    """The same, of an analysis that is as the reproduced one."""
    assert of_six().verdict == "impossible"


def of_six(**others):
    """Return the comparison of a huge ratio with arms of six patients."""
    arms = {
        "C": {"n": 6, "landmarks": {6: "50%"}, "events": 6},
        "T": {"n": 6, "landmarks": {6: "66.7%"}, "events": 6, "median": "10.0"},
    }
    own = endpoint(arms, hazard_ratio="90.0", ci=["70.0", "115.7"], **others)
    drawn = ensemble(own, n_draws=50, seed=0)
    return analyse(own, reconstruct(own), draws=drawn).comparison


@pytest.mark.usefixtures("no_search_once")
def test_analysis_at_an_earlier_cut_is_named():
    """A ratio of the first months, where hazards cross later, is found by cutting follow-up."""
    arms = {
        "C": {"n": 300, "landmarks": {6: "60.0%", 12: "50.0%", 36: "40.0%"},
              "follow_up": {"max": "40"}},
        "T": {"n": 300, "landmarks": {6: "85.0%", 12: "60.0%", 36: "20.0%"},
              "follow_up": {"max": "40"}},
    }  # fmt: skip
    own = endpoint(arms, hazard_ratio="0.35", ci=["0.25", "0.49"])
    drawn = ensemble(own, n_draws=200, seed=1)
    found = analyse(own, reconstruct(own), draws=drawn).comparison
    assert found.verdict == "discrepant"
    assert any("with follow-up cut at" in each for each in found.explanations)


def test_arm_without_events_has_no_interval():
    """Zero events in an arm are not assessable, and no range from 0 to 0 is shown."""
    arms = {
        "C": {"n": 50, "landmarks": {12: "100%", 36: "90.0%"}, "events": 5},
        "T": {"n": 50, "landmarks": {12: "100%", 36: "100%"}, "events": 0},
    }
    own = endpoint(arms, hazard_ratio="0.09", ci=["0.01", "1.60"], p="0.020", test="log-rank")
    found = analyse(own, reconstruct(own), draws=ensemble(own, n_draws=50, seed=0)).comparison
    assert found.verdict == "not assessable"
    assert found.reproduction_interval is None
    assert found.attainable is None
    assert "log-rank p of 95% of 50 data sets" in found.sentence


@pytest.mark.parametrize(
    ("apart", "verdict"), [(0.2, "close"), (-0.2, "close"), (0.3, "discrepant")]
)
def test_a_p_just_outside_of_a_narrow_range_is_close(draws, apart, verdict):
    """All draws have the p of the reconstruction; the reported one is so many deviates away."""
    z = p_z(draws.reconstruction["p_logrank"])
    alike = dataclasses.replace(
        draws, p_logrank=np.full_like(draws.p_logrank, draws.reconstruction["p_logrank"])
    )
    found = judged(alike, p=f"{math.erfc((z + apart) / math.sqrt(2)):.4f}", test="log-rank")
    assert not found.p_of_draws.inside
    assert found.verdict == verdict
    assert ("less than a quarter of a standard error" in found.sentence) == (verdict == "close")


@pytest.mark.parametrize("p", ["1e-20", "0.00000000000000000001", "0.000", "<1e-300", "1"])
@pytest.mark.parametrize("ci", [None, ("0.50", "0.94")], ids=["alone", "interval"])
def test_any_p_is_judged(draws, p, ci):
    """Registries report p-values that 1 - p / 2 takes for 1."""
    keys = {"hazard_ratio": "0.69", "p": p} | ({"ci": ci} if ci else {})
    found = judged(draws, **keys)
    assert found.verdict in ("reproduced", "compatible", "close", "discrepant")
    assert quick_looks(endpoint(**keys))
    assert audit(study(id="mine", endpoint=[endpoint(**keys).model_dump()])) is not None

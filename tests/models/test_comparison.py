"""Reported against reproduced: measures, verdict and its words."""

import inspect
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kmrepro.models import analyse, check_landmarks, compare, cox, kaplan_meier, logrank
from kmrepro.studies import Arm, Endpoint, Landmark, PrintedNumber, Reported

from ..seeds import examples

parse = PrintedNumber.parse


def endpoint_of(ipd, *, reported=None, landmarks=None, medians=None, labels=None) -> Endpoint:
    """Make an endpoint of the arms of some patients."""
    arms = {
        arm: Arm(
            n=int((ipd.arm == arm).sum()),
            landmarks={
                time: Landmark(survival=parse(text))
                for time, text in (landmarks or {}).get(arm, {}).items()
            },
            median=parse(medians[arm]) if medians else None,
            label=(labels or {}).get(arm, ""),
        )
        for arm in ipd.arms
    }
    return Endpoint(
        cohort="psm",
        name="OS",
        reference=ipd.arms[0] if len(arms) > 1 else None,
        arms=arms,
        reported=None if reported is None else printed(**reported),
    )


def printed(hazard_ratio=None, ci=None, p=None, **others) -> Reported:
    return Reported(
        hazard_ratio=hazard_ratio and parse(hazard_ratio),
        ci=ci and (parse(ci[0]), parse(ci[1])),
        p=p and parse(p),
        **others,
    )


def around(ipd, *, shift=0.0):
    """Report the reproduced hazard ratio and interval, moved by some standard errors."""
    fit = cox(ipd)
    at = [math.exp(fit.log_hazard_ratio + (shift + z) * fit.se) for z in (0.0, -1.959964, 1.959964)]
    hazard_ratio, low, high = (f"{value:.6f}" for value in at)
    return {"hazard_ratio": hazard_ratio, "ci": (low, high)}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        pytest.param({"name": "PFS"}, "of psm/PFS, but holds those of psm/OS", id="endpoint"),
        pytest.param({"cohort": "all"}, "of all/OS, but holds those of psm/OS", id="cohort"),
        pytest.param({"time_unit": "years"}, "in years, as psm/OS is, not in months", id="unit"),
    ],
)
def test_patients_of_another_endpoint_are_refused(change, why, patients):
    """They would be judged by numbers that are not theirs."""
    ours = replace(patients("lung"), cohort="psm", endpoint="OS", time_unit="months")
    endpoint = endpoint_of(ours, reported=around(ours))
    other = endpoint.model_copy(update=change)
    for function in (compare, analyse):
        function(endpoint, ours)
        with pytest.raises(ValueError, match=why):
            function(other, ours)


@pytest.mark.parametrize(
    ("shift", "verdict"),
    [
        pytest.param(0.0, "close", id="same"),
        pytest.param(0.24, "close", id="just close"),
        pytest.param(-0.26, "compatible", id="no longer close"),
        pytest.param(0.99, "compatible", id="just compatible"),
        pytest.param(-1.01, "discrepant", id="beyond one standard error"),
    ],
)
def test_verdicts(shift, verdict, patients):
    """The verdict turns at a quarter and at one reported standard error."""
    ipd = patients("veteran")
    result = compare(endpoint_of(ipd, reported=around(ipd, shift=shift)), ipd)
    assert result.verdict == verdict
    assert result.in_reported_se == pytest.approx(abs(shift), abs=1e-4)
    assert result.ratio_of_hazard_ratios == pytest.approx(
        math.exp(-shift * result.cox.se), rel=1e-4
    )
    assert result.difference_log_hazard_ratio == pytest.approx(-shift * result.cox.se, abs=1e-4)
    assert verdict in result.sentence
    assert result.missing == ()


def test_one_comparison_in_full(patients):
    """Lung cancer survival of women against men, reported as it is, comes back close."""
    ipd = patients("lung")
    endpoint = endpoint_of(
        ipd,
        reported={
            "hazard_ratio": "0.59",
            "ci": ("0.42", "0.82"),
            "p": "0.001",
            "test": "log-rank",
        },
        landmarks={"male": {365.0: "33.6%"}, "female": {365.0: "52.6%"}},
        medians={"male": "270", "female": "426"},
        labels={"male": "Men", "female": "Women"},
    )
    result = compare(endpoint, ipd)
    assert (result.reference, result.treatment) == ("male", "female")
    assert result.events == {"male": 112, "female": 53}
    assert (result.verdict, result.same_direction, result.same_conclusion) == ("close", True, True)
    assert result.interval_overlap is True
    assert (result.p_test, result.p_reproduced) == ("log-rank", logrank(ipd).p)
    assert [(check.arm, check.quantity, check.inside) for check in result.landmarks] == [
        ("male", "survival", True),
        ("male", "median", True),
        ("female", "survival", True),
        ("female", "median", True),
    ]
    assert result.sentence == (
        "The paper reports a hazard ratio of 0.59 (95% CI 0.42 to 0.82) for Women against Men; "
        "the reconstructed patients give 0.59 (0.42 to 0.82). "
        "They are 0.02 reported standard errors apart: close, so the reported hazard ratio is "
        "consistent with the reported survival. "
        "Both find a significant difference at 0.05 (reported p = 0.001; reproduced p = 0.001, "
        "log-rank)."
    )


@pytest.mark.parametrize(
    ("reported", "missing", "words"),
    [
        pytest.param(
            {"p": "0.018"},
            ("a reported hazard ratio",),
            "reports no hazard ratio for female against male, only p = 0.018; the reconstructed "
            "patients give a hazard ratio of 0.59",
            id="p alone",
        ),
        pytest.param(
            {"hazard_ratio": "0.6"},
            ("an interval or an exact p of the reported hazard ratio",),
            "a hazard ratio of 0.6 for female against male; the reconstructed patients give 0.59",
            id="hazard ratio alone",
        ),
        pytest.param(
            {"hazard_ratio": "0.6", "p": "<0.01"},
            ("an interval or an exact p of the reported hazard ratio",),
            "Both find a significant difference at 0.05 (reported p <0.01;",
            id="hazard ratio and a bound",
        ),
        pytest.param(
            None, ("a reported hazard ratio",), "reports neither hazard ratio nor p", id="nothing"
        ),
    ],
)
def test_too_little_is_printed(reported, missing, words, patients):
    """What is missing is named; what can still be said is said."""
    ipd = patients("lung")
    result = compare(endpoint_of(ipd, reported=reported), ipd)
    assert (result.verdict, result.missing) == ("not assessable", missing)
    assert f"Not assessable: {missing[0]} is missing" in result.sentence
    assert words in result.sentence
    assert result.in_reported_se is None


def test_p_alone_still_compares_conclusions(patients):
    """A printed p is enough to say whether the conclusion is the same."""
    ipd = patients("lung")
    assert compare(endpoint_of(ipd, reported={"p": "0.018"}), ipd).same_conclusion is True
    other = compare(endpoint_of(ipd, reported={"p": "0.4"}), ipd)
    assert other.same_conclusion is False
    assert "The paper finds no significant difference at 0.05 (p = 0.4), the reconstructed " in (
        other.sentence
    )


def test_error_taken_from_p(patients):
    """Where p stands in for the interval, the sentence says so."""
    ipd = patients("lung")
    result = compare(endpoint_of(ipd, reported={"hazard_ratio": "0.60", "p": "0.002"}), ipd)
    assert result.reported.se_source == "p"
    assert result.verdict == "close"
    assert "reported standard errors (taken from p = 0.002) apart" in result.sentence


def test_no_finite_reproduced_hazard_ratio(patients):
    """Patients without events in one arm leave nothing to compare, and the sentence says why."""
    ipd = patients("no_events")
    result = compare(
        endpoint_of(ipd, reported={"hazard_ratio": "2", "ci": ("1.2", "4"), "p": "0.01"}), ipd
    )
    assert result.missing == ("a finite reproduced hazard ratio",)
    assert result.cox is None
    assert "nobody in arm A had an event" in result.cox_reason
    assert "give none (The hazard ratio is infinite" in result.sentence
    assert result.same_direction is None
    assert result.same_conclusion is False


@pytest.mark.parametrize(
    ("test", "ci", "p", "used"),
    [
        pytest.param(None, None, "0.01", "log-rank", id="unstated"),
        pytest.param("Log rank test", None, "0.01", "log-rank", id="logrank"),
        pytest.param("Cox regression", None, "0.01", "Wald", id="cox"),
        pytest.param("likelihood ratio", None, "0.01", "likelihood-ratio", id="likelihood"),
        pytest.param("score test", None, "0.01", "score", id="score"),
        pytest.param(None, ("0.4", "0.8"), None, "Wald", id="interval only"),
        pytest.param("log-rank", ("0.4", "0.8"), "0.01", "log-rank", id="both"),
    ],
)
def test_like_is_compared_with_like(test, ci, p, used, patients):
    """The reproduced p is that of the reported test; an interval speaks for a Wald test."""
    ipd = patients("lung")
    reported = {"hazard_ratio": "0.6", "ci": ci, "p": p, "test": test}
    result = compare(endpoint_of(ipd, reported=reported), ipd)
    fit = result.cox
    assert result.p_test == used
    assert (
        result.p_reproduced
        == {
            "log-rank": result.logrank.p,
            "Wald": fit.p_wald,
            "score": fit.p_score,
            "likelihood-ratio": fit.p_likelihood_ratio,
        }[used]
    )


def test_opposite_directions(patients):
    """Two significant differences in opposite directions are not the same conclusion."""
    ipd = patients("lung")
    reported = {"hazard_ratio": "1.7", "ci": ("1.2", "2.4"), "p": "0.003"}
    result = compare(endpoint_of(ipd, reported=reported), ipd)
    assert (result.same_direction, result.same_conclusion) == (False, False)
    assert result.interval_overlap is False
    assert "but in opposite directions" in result.sentence


def test_no_direction_where_1_is_printed(patients):
    """A hazard ratio printed as 1.0 points nowhere."""
    ipd = patients("lung")
    reported = {"hazard_ratio": "1.0", "ci": ("0.7", "1.4")}
    assert compare(endpoint_of(ipd, reported=reported), ipd).same_direction is None


def test_cautions(patients):
    """Hazards that are not proportional and adjusted hazard ratios are pointed out."""
    ipd = patients("kidney")
    reported = {"hazard_ratio": "0.43", "ci": ("0.24", "0.77"), "adjusted": True}
    sentence = compare(endpoint_of(ipd, reported=reported), ipd).sentence
    assert "hazards are not proportional (p = 0.001), so the hazard ratio depends" in sentence
    assert "is adjusted for covariates, the reproduced one cannot be." in sentence


@pytest.mark.parametrize(
    ("printed_median", "arm", "inside"),
    [
        pytest.param("31", "Maintained", True, id="met"),
        pytest.param("31.4", "Maintained", False, id="missed"),
        pytest.param("NR", "Maintained", False, id="reached after all"),
        pytest.param(">20", "Maintained", True, id="bound"),
        pytest.param("NR", "never", True, id="not reached"),
        pytest.param(">20", "never", True, id="bound, not reached"),
        pytest.param("31", "never", False, id="never reached"),
    ],
)
def test_medians(printed_median, arm, inside, patients, make_ipd):
    """A median is met inside its rounding interval, and "NR" by a curve that stays up."""
    ipd = make_ipd(never=[(4, 1), (5, 0), (9, 0)]) if arm == "never" else patients("aml")
    endpoint = Endpoint(name="OS", arms={arm: Arm(median=parse(printed_median))})
    (check,) = check_landmarks(endpoint, {arm: kaplan_meier(ipd, arm=arm)})
    assert check.inside is inside
    assert math.isnan(check.time)


def test_other_patients_are_refused(patients):
    """The patients must be those of the endpoint, the reference first."""
    ipd = patients("lung")
    endpoint = endpoint_of(ipd).model_copy(update={"reference": "female"})
    with pytest.raises(
        ValueError, match=r"two arms of psm/OS, the reference first \(female, male\)"
    ):
        compare(endpoint, ipd)


@settings(max_examples=examples(40))
@given(st.floats(0.2, 5), st.floats(0.05, 2), st.none() | st.floats(0.0002, 1))
def test_measures_hang_together(hazard_ratio, se, p):
    """Whatever is reported, verdict, measure and sentence agree."""
    from kmrepro.reconstruct import PseudoIPD

    ipd = PseudoIPD(
        time=[6, 13, 21, 30, 2, 5, 8, 11],
        event=[1, 0, 1, 0, 1, 1, 1, 1],
        arm=["A"] * 4 + ["B"] * 4,
        arms=("A", "B"),
    )
    low, high = (hazard_ratio * math.exp(sign * 1.96 * se) for sign in (-1, 1))
    result = compare(
        endpoint_of(
            ipd,
            reported={
                "hazard_ratio": f"{hazard_ratio:.3f}",
                "ci": (f"{low:.3f}", f"{high:.3f}"),
                "p": None if p is None else f"{p:.4f}",
            },
        ),
        ipd,
    )
    limits = {"close": (0, 0.25), "compatible": (0.25, 1), "discrepant": (1, math.inf)}
    if result.verdict == "not assessable":
        assert result.missing
    else:
        at_least, at_most = limits[result.verdict]
        assert at_least <= result.in_reported_se <= at_most
    assert result.verdict.capitalize() in result.sentence or result.verdict in result.sentence


def test_analysis_of_two_arms(patients):
    """An analysis gathers every estimate, at the last landmark that follow-up supports."""
    ipd = patients("lung")
    endpoint = endpoint_of(
        ipd,
        reported={"hazard_ratio": "0.59", "ci": ("0.42", "0.82"), "p": "0.001"},
        landmarks={arm: {365.0: "40%", 730.0: "20%", 5000.0: "1%"} for arm in ipd.arms},
    )
    result = analyse(endpoint, ipd)
    assert list(result.curves) == ["male", "female"]
    assert result.rmst.tau == 730
    assert result.comparison.cox is result.cox
    assert result.cox_reason == ""
    assert result.landmarks == result.comparison.landmarks
    assert result.proportionality is not None
    assert result.implied_events.allocation == pytest.approx(53 / 165)
    assert result.implied_events.estimate == pytest.approx(165, rel=0.05)
    assert result.quick_looks[0].name == "survival at 365"


def test_analysis_of_one_arm(make_ipd):
    """A single arm has a curve and a restricted mean, and a reason for no hazard ratio."""
    ipd = make_ipd(STH=[(3, 1), (5, 1), (9, 0)])
    result = analyse(endpoint_of(ipd), ipd)
    assert result.comparison is None
    assert result.cox is None
    assert "there is only STH" in result.cox_reason
    assert result.logrank is None
    assert result.rmst.tau == 9
    assert result.quick_looks == ()
    assert result.implied_events is None


def test_analysis_without_events(make_ipd):
    """Two arms without any event are analysed as far as that goes."""
    ipd = make_ipd(A=[(3, 0), (5, 0)], B=[(4, 0), (6, 0)])
    result = analyse(endpoint_of(ipd), ipd)
    assert (result.cox, result.logrank, result.proportionality) == (None, None, None)
    assert result.comparison.verdict == "not assessable"
    assert "nobody in either arm had one" in result.comparison.sentence


@dataclass(frozen=True)
class Draws:
    """What a verdict takes from an ensemble, which `compare` itself refuses."""

    low: float
    high: float
    n_draws: int = 100
    informed: bool = False
    effective_scenarios: float = 300.0
    reconstruction: Mapping[str, float] = field(default_factory=dict)

    def interval_of_draws(self) -> tuple[float, float]:
        """Return the same ends: they hold the reconstruction."""
        return self.low, self.high

    def interval(self) -> tuple[float, float]:
        """Return the ends that were given."""
        return self.low, self.high

    @property
    def hazard_ratio(self) -> np.ndarray:
        """A few draws lie far outside the interval."""
        return np.array([0.01, self.low, self.high, 100.0])

    @property
    def p_logrank(self) -> np.ndarray:
        """Any p may be that of a draw."""
        return np.linspace(0.0, 1.0, 101)

    @property
    def log_hazard_ratio(self) -> np.ndarray:
        """As the hazard ratios."""
        return np.log(self.hazard_ratio)

    @property
    def se(self) -> np.ndarray:
        """All the same."""
        return np.full(4, 0.3)


@pytest.mark.parametrize(
    ("interval", "p", "verdict"),
    [
        pytest.param((0.5, 0.9), "0.90", "reproduced", id="inside"),
        pytest.param((0.7049, 0.9), "0.90", "reproduced", id="the rounding reaches it"),
        pytest.param((0.7051, 0.9), "0.90", "discrepant", id="the rounding does not"),
        pytest.param((0.2, 0.6), "0.90", "discrepant", id="below"),
        pytest.param((0.5, 0.9), "0.001", "compatible", id="another conclusion"),
        pytest.param((math.nan, math.nan), "0.90", "not assessable", id="no draw has a ratio"),
    ],
)
@pytest.mark.parametrize("own", [None, 0.80], ids=["no ratio", "another ratio"])
def test_verdicts_by_draws(make_ipd, own, interval, p, verdict):
    """The printed 0.70, which is 0.695 to 0.705, against where draws lie."""
    ipd = make_ipd(A=[(t, 1) for t in range(1, 20, 2)], B=[(t, 1) for t in range(2, 22, 2)])
    endpoint = endpoint_of(ipd, reported={"hazard_ratio": "0.70", "p": p})
    draws = Draws(*interval, reconstruction={} if own is None else {"hazard_ratio": own})
    comparison = inspect.unwrap(compare)(endpoint, ipd, draws=draws)
    assert comparison.verdict == verdict
    assert comparison.n_draws == 100
    if verdict != "not assessable":
        low, high = interval
        assert f"interval is {low:.2f} to {high:.2f} (100 data sets" in comparison.sentence
        assert verdict in comparison.sentence


@pytest.mark.parametrize(
    ("own", "verdict"),
    [
        pytest.param(0.70 * math.exp(0.25 * 0.3 - 0.001), "close", id="nearer than a quarter"),
        pytest.param(0.70 * math.exp(0.25 * 0.3 + 0.001), "discrepant", id="farther"),
        pytest.param(0.0, "discrepant", id="nothing to be near to"),
    ],
)
@pytest.mark.parametrize("n_draws", [100, 20])
def test_what_is_just_outside_a_narrow_interval_is_close(make_ipd, own, verdict, n_draws):
    """A quarter of the data sets' standard error of 0.3; a few draws serve as well for that."""
    ipd = make_ipd(A=[(t, 1) for t in range(1, 20, 2)], B=[(t, 1) for t in range(2, 22, 2)])
    endpoint = endpoint_of(ipd, reported={"hazard_ratio": "0.70", "p": "0.90"})
    draws = Draws(0.7051, 0.9, n_draws=n_draws, reconstruction={"hazard_ratio": own})
    comparison = inspect.unwrap(compare)(endpoint, ipd, draws=draws)
    assert comparison.verdict == (
        verdict if verdict == "close" or n_draws == 100 else "not assessable"
    )
    assert ("less than a quarter of a standard error" in comparison.sentence) == (
        verdict == "close"
    )
    assert comparison.power == (
        {0.7: verdict != "close", 1.0: True, 1.43: True} if n_draws == 100 else {}
    )

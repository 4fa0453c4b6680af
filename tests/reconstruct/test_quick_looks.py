"""Approximate hazard ratios straight from printed numbers."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kmrepro.reconstruct.quick_looks import quick_looks
from kmrepro.studies import Arm, Endpoint, Landmark, PrintedNumber, Reported

from ..seeds import examples

parse = PrintedNumber.parse


def arm(landmarks=None, median=None, **others) -> Arm:
    return Arm(
        landmarks={t: Landmark(survival=parse(text)) for t, text in (landmarks or {}).items()},
        median=median and parse(median),
        **others,
    )


def looks(reference: Arm, treatment: Arm, **reported):
    """Return the quick looks by name."""
    ci = reported.pop("ci", None)
    others = {key: reported.pop(key) for key in ("events", "one_sided") if key in reported}
    parsed = {key: parse(text) for key, text in reported.items()}
    endpoint = Endpoint(
        name="OS",
        reference="A",
        arms={"A": reference, "B": treatment},
        reported=Reported(ci=ci and (parse(ci[0]), parse(ci[1])), **others, **parsed),
    )
    return {look.name: look for look in quick_looks(endpoint)}


def test_five_year_survival_of_a_review():
    """26% against 10% at 60 months and medians 49 against 31, without n: about 0.6 both."""
    found = looks(arm({60.0: "10%"}, "31"), arm({60.0: "26%"}, "49"))
    assert list(found) == ["survival at 60", "medians"]
    survival, medians = found.values()
    assert survival.hazard_ratio == pytest.approx(math.log(0.26) / math.log(0.10))
    assert survival.lower == pytest.approx(math.log(0.265) / math.log(0.095))
    assert survival.upper == pytest.approx(math.log(0.255) / math.log(0.105))
    assert medians.hazard_ratio == pytest.approx(31 / 49)
    assert (medians.lower, medians.upper) == pytest.approx((30.5 / 49.5, 31.5 / 48.5))
    assert survival.variance is None
    assert medians.variance is None
    assert survival.approximate is True
    assert "ln(26%) / ln(10%)" in survival.method
    assert "Parmar" in survival.reference


def test_variances_need_n_and_events():
    """N gives a landmark a variance, events give the medians one."""
    found = looks(
        arm({60.0: "50%"}, "20", n=100, events=40), arm({60.0: "60%"}, "30", n=50, events=20)
    )
    by_hand = 0.5 / (100 * 0.5 * math.log(0.5) ** 2) + 0.4 / (50 * 0.6 * math.log(0.6) ** 2)
    assert found["survival at 60"].variance == pytest.approx(by_hand)
    assert found["medians"].variance == pytest.approx(1 / 40 + 1 / 20)


def test_p_with_events_by_hand():
    """P of 0.05 with 50 events in each arm is z = 1.96 and V = 25: HR = exp(-1.96 / 5)."""
    found = looks(arm({60.0: "40%"}, events=50), arm({60.0: "50%"}, events=50), p="0.05")
    look = found["p and events"]
    assert look.hazard_ratio == pytest.approx(math.exp(-1.959964 / 5), rel=1e-6)
    assert look.variance == pytest.approx(1 / 25)
    assert look.lower < look.hazard_ratio < look.upper
    assert "direction from survival at 60" in look.method


@pytest.mark.parametrize(
    ("arms", "events", "information", "basis"),
    [
        pytest.param({}, 100, 25, "1:1 allocation assumed", id="n not printed"),
        pytest.param({"n": (100, 200)}, 90, 20, "allocation 100:200", id="total and n"),
        pytest.param({"events": (30, 60)}, None, 20, "30 and 60 events", id="events by arm"),
        pytest.param(
            {"n": (9, 9), "events": (30, 60)}, 100, 20, "30 and 60 events", id="events by arm first"
        ),
    ],
)
def test_information(arms, events, information, basis):
    """V comes from events by arm, or else from their total and the allocation."""
    reference, treatment = (
        arm(median=median, **{key: value[i] for key, value in arms.items()})
        for i, median in enumerate(("10", "20"))
    )
    reported = {"p": "0.01"} if events is None else {"p": "0.01", "events": events}
    look = looks(reference, treatment, **reported)["p and events"]
    assert look.variance == pytest.approx(1 / information)
    assert basis in look.method
    assert "direction from medians" in look.method


def test_p_as_a_bound():
    """P below 0.001 bounds the hazard ratio from above and says so."""
    look = looks(arm(median="10"), arm(median="20"), p="<0.001", events=100)["p and events"]
    assert look.upper == look.hazard_ratio == pytest.approx(math.exp(-3.2905267 / 5), rel=1e-6)
    assert look.lower == 0
    assert "p is a bound, and so is this" in look.method


def test_direction_falls_back_on_the_reported_hazard_ratio():
    """Without survival or medians the reported hazard ratio tells the direction."""
    look = looks(arm(), arm(), p="0.01", events=100, hazard_ratio="1.8")["p and events"]
    assert look.hazard_ratio > 1
    assert "direction from the reported hazard ratio" in look.method


@pytest.mark.parametrize(
    "reported",
    [
        pytest.param({"p": "0.01"}, id="no events"),
        pytest.param({"p": "0.01", "events": 100}, id="no direction"),
        pytest.param({"p": "0.01", "events": 100, "hazard_ratio": "1.0"}, id="hazard ratio of 1"),
        pytest.param({"p": "0", "events": 100, "hazard_ratio": "2"}, id="p of zero"),
        pytest.param({"p": "0.01", "events": 0, "hazard_ratio": "2"}, id="zero events"),
        pytest.param({"events": 100, "hazard_ratio": "2"}, id="no p"),
        pytest.param({"p": ">0.05", "events": 100, "hazard_ratio": "2"}, id="a lower bound"),
        pytest.param({"p": "≥0.10", "events": 100, "hazard_ratio": "2"}, id="another"),
        pytest.param(
            {"p": "0.97", "one_sided": True, "events": 100, "hazard_ratio": "0.5"},
            id="against the direction tested",
        ),
        pytest.param(
            {"p": ">0.97", "one_sided": True, "events": 100, "hazard_ratio": "0.5"}, id="far so"
        ),
    ],
)
def test_p_is_not_enough(reported):
    """P without events or a direction gives no hazard ratio, nor does a lower bound of it."""
    assert looks(arm(), arm(), **reported) == {}


@given(st.floats(0.001, 0.5))
def test_a_one_sided_p_is_half_of_the_two_sided_one(p):
    """Up to one half, whatever it is: the hazard ratio is that of twice p."""
    one, two = (
        looks(arm(median="10"), arm(median="20"), events=100, p=f"{each:.6f}", one_sided=sided)
        for each, sided in ((p, True), (2 * float(f"{p:.6f}"), False))
    )
    found = [each["p and events"].log_hazard_ratio for each in (one, two)]
    assert found[0] == pytest.approx(found[1], rel=1e-9)


def test_reported_interval():
    """0.78-1.89 has its middle at 1.214, and the variance of 78.5 events at 1:1."""
    look = looks(arm(), arm(), ci=("0.78", "1.89"))["reported interval"]
    assert look.hazard_ratio == pytest.approx(1.2142, abs=5e-5)
    assert 4 / look.variance == pytest.approx(78.5, abs=0.05)
    assert look.lower < look.hazard_ratio < look.upper


@pytest.mark.parametrize("ci", [("0", "2"), ("2", "1"), ("1.2", "NR"), ("<0.1", "2")])
def test_unusable_interval(ci):
    """A bound of 0, a falling or an open interval has no middle."""
    assert looks(arm(), arm(), ci=ci) == {}


@pytest.mark.parametrize(
    ("reference", "treatment"),
    [
        pytest.param({12.0: "90%"}, {24.0: "80%"}, id="no shared time"),
        pytest.param({12.0: "100%"}, {12.0: "80%"}, id="everybody alive"),
        pytest.param({12.0: "10%"}, {12.0: "0%"}, id="nobody alive"),
        pytest.param({12.0: "<5%"}, {12.0: "80%"}, id="a bound"),
    ],
)
def test_landmarks_that_say_nothing(reference, treatment):
    """A survival that is 0, 1 or no number gives no ratio of hazards."""
    assert looks(arm(reference), arm(treatment)) == {}


@pytest.mark.parametrize("median", ["NR", ">36", "0"])
def test_medians_that_say_nothing(median):
    """A median that is not a positive number gives no ratio."""
    assert looks(arm(median="20"), arm(median=median)) == {}


def test_one_arm_or_no_reference():
    """There is nothing to compare in one arm, or without a reference."""
    single = Endpoint(name="OS", arms={"A": arm(median="20")})
    unnamed = Endpoint(name="OS", arms={"A": arm(median="20"), "B": arm(median="10")})
    assert quick_looks(single) == quick_looks(unnamed) == ()


@settings(max_examples=examples(60))
@given(st.floats(0.1, 5), st.floats(0.3, 0.9), st.integers(0, 2))
def test_proportional_hazards_come_back(hazard_ratio, survival, decimals):
    """Printed survival of proportional hazards gives the hazard ratio back inside its range."""
    treated = survival**hazard_ratio
    texts = [f"{100 * s:.{decimals}f}%" for s in (survival, treated)]
    found = looks(*(arm({12.0: text}) for text in texts))
    if not 0 < parse(texts[1]).value < 1:
        assert found == {}
        return
    look = found["survival at 12"]
    assert look.lower * 0.999999 <= hazard_ratio <= look.upper * 1.000001
    assert look.lower <= look.hazard_ratio <= look.upper


@settings(max_examples=examples(40))
@given(st.floats(1, 90), st.floats(1, 90), st.floats(0.001, 0.999))
def test_swapping_the_arms_inverts(m0, m1, p):
    """The other reference gives the inverse of every quick look, with the same variance."""
    arms = [
        arm({12.0: f"{100 * 0.5 ** (12 / m):.1f}%"}, f"{m:.1f}", n=50, events=20) for m in (m0, m1)
    ]
    one = looks(*arms, p=f"{p:.3f}")
    other = looks(*arms[::-1], p=f"{p:.3f}")
    assert list(one) == list(other)
    for name, look in one.items():
        assert other[name].log_hazard_ratio == pytest.approx(-look.log_hazard_ratio, abs=1e-9)
        assert other[name].variance == pytest.approx(look.variance)

"""Hazard ratios against their intervals and p-values."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmrepro.audit import audit
from kmrepro.audit.events import fewest_events
from kmrepro.studies import Study

from .conftest import Findings, hazard_ratio


@pytest.mark.parametrize(
    ("ratio", "lower", "upper", "severity"),
    [
        pytest.param("1.33", "1.12", "2.50", "error", id="one standard error off"),
        pytest.param("1.63", "1.14", "2.53", "warning", id="a fifth of one"),
        pytest.param("2.02", "1.09", "3.67", "note", id="just beyond rounding"),
    ],
)
def test_a_ratio_off_the_middle_is_found(
    findings: Findings, ratio: str, lower: str, upper: str, severity: str
) -> None:
    """The further off the geometric mean, the graver; the expected range is given."""
    (found,) = findings(hazard_ratio(ratio, lower, upper), "ratio-centre")
    assert found.severity == severity
    low, high = (float(end) for end in found.expected.split(" to "))
    assert low <= math.sqrt(float(lower) * float(upper)) <= high


@pytest.mark.parametrize(
    ("ratio", "lower", "upper"),
    [
        pytest.param("1.22", "0.78", "1.89", id="in the middle"),
        pytest.param("0.04", "0.00", "29.1", id="a limit that prints as 0"),
        pytest.param("1.6", "1.1", "2.5", id="one decimal"),
        pytest.param("0.67", "0.50", "0.88", id="at the edge of rounding"),
        pytest.param("5.0", "1.2", "NR", id="an upper limit that was not reached"),
    ],
)
def test_what_rounding_allows_is_not_found(
    findings: Findings, ratio: str, lower: str, upper: str
) -> None:
    """Some values that round to print put the ratio in the middle."""
    assert not findings(hazard_ratio(ratio, lower, upper), "ratio-centre")


@given(
    log_ratio=st.floats(-2, 2), se=st.floats(0.05, 1.5), decimals=st.integers(1, 3),
)  # fmt: skip
def test_wald_intervals_are_never_found(log_ratio: float, se: float, decimals: int) -> None:
    """Whatever is computed as Wald's interval and p, and rounded, is sound."""
    limits = [math.exp(log_ratio + sign * 1.959964 * se) for sign in (-1, 1)]
    p = math.erfc(abs(log_ratio) / se / math.sqrt(2))
    ratio, lower, upper = (f"{value:.{decimals}f}" for value in (math.exp(log_ratio), *limits))
    if float(ratio) == 0 or float(upper) == 0:
        return
    row = {"variable": "x", "hazard_ratio": ratio, "ci": (lower, upper), "p": f"{p:.3f}"}
    table = {"id": "t", "hazard_ratio": [row]}
    study = {"id": "s", "endpoint": [{"name": "OS", "arms": {"A": {}}}], "table": [table]}
    assert not audit(Study.model_validate(study)).findings


def test_a_lost_decimal_point_is_named(findings: Findings) -> None:
    """An upper limit of 232 fits as 2.32, and p is not found a second time."""
    text = hazard_ratio("1.60", "1.11", "232", "0.012")
    (found,) = findings(text, "limit-misprint")
    assert (found.severity, found.expected) == ("error", "upper limit 2.32")
    assert not findings(text, "p-interval")


@pytest.mark.parametrize(
    ("lower", "upper"),
    [pytest.param("1.7", "2.9", id="outside"), pytest.param("2.9", "1.7", id="falling")],
)
def test_a_ratio_outside_its_interval_is_an_error(
    findings: Findings, lower: str, upper: str
) -> None:
    """A ratio lies inside its interval, and an interval rises."""
    (found,) = findings(hazard_ratio("1.22", lower, upper), "ratio-outside-interval")
    assert found.severity == "error"


@pytest.mark.parametrize(
    ("ratio", "lower", "upper", "p", "severity"),
    [
        pytest.param("0.384", "0.051", "2.883", "0.838", "error", id="far"),
        pytest.param("0.63", "0.218", "1.815", "0.63", "warning", id="p repeats the ratio"),
    ],
)
def test_a_p_value_of_another_interval_is_found(
    findings: Findings, ratio: str, lower: str, upper: str, p: str, severity: str
) -> None:
    """P is recomputed from ratio and interval."""
    (found,) = findings(hazard_ratio(ratio, lower, upper, p), "p-interval")
    assert found.severity == severity
    assert ("repeats the hazard ratio" in found.sentence) == (p == ratio)


@pytest.mark.parametrize("p", ["0.381", "0.36", "0.40", ">0.05"])
def test_a_p_value_of_another_usual_test_is_not_found(findings: Findings, p: str) -> None:
    """Log-rank and likelihood-ratio tests of the same data give nearly Wald's p."""
    assert not findings(hazard_ratio("1.22", "0.78", "1.89", p), "p-interval")


@pytest.mark.parametrize(
    ("p", "severity"),
    [
        pytest.param("0.32", "note", id="within the usual distance of other tests"),
        pytest.param("0.20", "warning", id="beyond it"),
    ],
)
def test_a_p_value_beside_a_coefficient_is_walds(findings: Findings, p: str, severity: str) -> None:
    """Another test beside a coefficient is possible, and worth knowing."""
    (found,) = findings(hazard_ratio("1.22", "0.78", "1.89", p), "p-interval")
    assert found.severity == severity
    assert "0.364 to 0.393" in found.expected


@pytest.mark.parametrize(
    ("lower", "upper", "p", "severity"),
    [
        pytest.param("1.01", "2.20", "0.063", "warning", id="a coefficient, near"),
        pytest.param("1.01", "2.20", "0.40", "error", id="far"),
        pytest.param("0.99", "2.25", "0.01", "error", id="the other way"),
    ],
)
def test_interval_and_p_on_different_sides(
    findings: Findings, lower: str, upper: str, p: str, severity: str
) -> None:
    """An interval without 1 goes with p below 0.05."""
    (found,) = findings(hazard_ratio("1.49", lower, upper, p), "significance-sides")
    assert found.severity == severity


@pytest.mark.parametrize(
    ("lower", "upper", "p"),
    [
        pytest.param("1.00", "2.22", "0.048", id="a limit that may be 1"),
        pytest.param("1.00", "2.22", "0.051", id="and on its other side"),
        pytest.param("1.01", "2.20", "0.05", id="a p that may be 0.05"),
        pytest.param("1.01", "2.20", "<0.05", id="p below"),
    ],
)
def test_sides_that_rounding_leaves_open(
    findings: Findings, lower: str, upper: str, p: str
) -> None:
    """A limit that prints as 1 may lie on either side."""
    assert not findings(hazard_ratio("1.49", lower, upper, p), "significance-sides")


def test_beside_a_log_rank_p_it_is_a_note(findings: Findings) -> None:
    """Two different tests may lie on different sides of 0.05."""
    reported = {"hazard_ratio": "1.49", "ci": ["1.01", "2.20"], "p": "0.053", "test": "log-rank"}
    (found,) = findings("", "significance-sides", reference="A", reported=reported)
    assert found.severity == "note"


def test_an_adjusted_ratio_is_not_set_beside_a_log_rank_p(findings: Findings) -> None:
    """The log-rank test does not adjust."""
    reported = {
        "hazard_ratio": "1.49", "ci": ["1.01", "2.20"], "p": "0.6", "test": "log-rank",
        "adjusted": True,
    }  # fmt: skip
    assert not findings("", "significance-sides", reference="A", reported=reported)
    assert not findings("", "p-interval", reference="A", reported=reported)


def test_an_interval_needs_events(findings: Findings) -> None:
    """0.78 to 1.89 needs 74 events at least (79 at one to one, and 5% are allowed)."""
    table = 'id = "t"\nevents = {}'
    two = 'level = "B"\nreference = "A"'
    text = hazard_ratio("1.22", "0.78", "1.89", table=table.format(60), row=two)
    (found,) = findings(text, "interval-events")
    assert found.expected == "at least 74 events"
    text = hazard_ratio("1.22", "0.78", "1.89", table=table.format(60))
    assert not findings(text, "interval-events")  # it may be per unit of a measurement
    text = hazard_ratio("1.22", "0.78", "1.89", table=table.format(77), row=two)
    assert not findings(text, "interval-events")


@pytest.mark.parametrize(
    ("follow_up", "found"),
    [
        pytest.param({"range": ["1", "59"]}, 1, id="nobody is followed after the last landmark"),
        pytest.param({"range": ["1", "60"]}, 0, id="somebody may be, for 60.4"),
        pytest.param({"median": "30"}, 0, id="nothing is known"),
    ],
)
def test_survival_limits_the_events(
    findings: Findings, follow_up: dict[str, object], found: int
) -> None:
    """At least 89.5% of 200 patients survive: 20 events at most, and 0.78 to 1.89 needs 74."""
    arm = {"n": 100, "landmarks": {"60": "90%"}, "follow_up": follow_up}
    reported = {"hazard_ratio": "1.22", "ci": ["0.78", "1.89"]}
    arms = {"A": arm, "B": arm}
    each = findings("", "interval-events", reference="A", arms=arms, reported=reported)
    assert len(each) == found
    assert ["at most 20 events" in finding.sentence for finding in each] == [True] * found


@given(st.lists(st.integers(0, 1), min_size=4, max_size=30), st.floats(-2, 2))
def test_fewest_events_is_a_bound(arms: list[int], beta: float) -> None:
    """No order of events in two arms gives a smaller standard error from as many events."""
    risk, information = np.array(arms, dtype=float), 0.0
    for first in range(len(arms)):
        weight = np.exp(beta * risk[first:])
        q = float((weight * risk[first:]).sum() / weight.sum())
        information += q * (1 - q)
    if information > 0:
        assert fewest_events(information**-0.5) <= len(arms) * (1 + 1e-9)


def test_repeated_ratios(findings: Findings) -> None:
    """All four numbers in another table are found; three are not."""
    one = hazard_ratio("0.77", "0.29", "2.08", "0.608")
    other = hazard_ratio("0.77", "0.29", "2.08", "0.608", table='id = "u"')
    (found,) = findings(one + other, "repeated-ratio")
    assert (found.severity, found.place) == ("warning", "u: Stage")
    assert not findings(one + other.replace("0.608", "0.609"), "repeated-ratio")


def test_one_variable_alone_in_two_models(findings: Findings) -> None:
    """Univariable and multivariable rows of one comparison may be the same."""
    rows = ", ".join(
        f'{{ variable = "Stage", model = "{model}", hazard_ratio = "1.5", ci = ["1.1", "2.0"], '
        'p = "0.01" }'
        for model in ("univariable", "multivariable")
    )
    assert not findings(f'[[table]]\nid = "t"\nhazard_ratio = [{rows}]', "repeated-ratio")


@pytest.mark.parametrize(
    ("test", "p", "found"),
    [
        pytest.param("log-rank, χ² = 4.21", "0.040", [], id="its own p"),
        pytest.param("log-rank (chi-square = 4.21)", "0.140", ["error"], id="another p"),
        pytest.param("log-rank, X2=4.21", "0.041", ["warning"], id="nearly"),
        pytest.param("log-rank", "0.140", [], id="no statistic"),
    ],
)
def test_a_statistic_in_the_name_of_the_test(
    findings: Findings, test: str, p: str, found: list[str]
) -> None:
    """chi2.sf(4.21, 1) is 0.0402; R: pchisq(4.21, 1, lower.tail = FALSE)."""
    reported = {"p": p, "test": test}
    assert [each.severity for each in findings("", "statistic-p", reported=reported)] == found


@pytest.mark.parametrize(
    ("events", "ratio", "p", "severity", "expected"),
    [
        pytest.param(60, "0.80", "0.22", "", "", id="as 120 events give it"),
        pytest.param(60, "0.80", "0.001", "error", "p of 0.132 to 0.352", id="too small"),
        pytest.param(60, "0.80", "0.05", "warning", "p of 0.132 to 0.352", id="somewhat too small"),
        pytest.param(60, "0.50", "0.30", "error", "p at most 0.0", id="too large"),
        pytest.param(14, "0.50", "0.99", "", "", id="few events say nothing of the largest p"),
        pytest.param(14, "0.50", "0.01", "warning", "p of at least 0.02", id="but of the smallest"),
        pytest.param(None, "0.80", "0.001", "error", "p of at least 0.04", id="patients at most"),
        pytest.param(None, "0.80", "0.99", "", "", id="who may all be alive"),
    ],
)
def test_a_p_needs_events(
    findings: Findings,
    events: int | None,
    ratio: str,
    p: str,
    severity: str,
    expected: str,
) -> None:
    """With D / 2 events in each arm z is |ln HR| times the root of 0.9 to 1.0 times D / 4."""
    arm = {"n": 100} | ({} if events is None else {"events": events})
    reported = {"hazard_ratio": ratio, "p": p}
    given = {"reference": "A", "arms": {"A": arm, "B": arm}, "reported": reported}
    found = findings("", "p-events", **given)
    assert [each.severity for each in found] == ([severity] if severity else [])
    assert all(each.expected.startswith(expected) for each in found)
    with_interval = given | {"reported": reported | {"ci": ["0.4", "1.2"]}}
    assert not findings("", "p-events", **with_interval)  # which says more


def test_half_of_a_p_may_be_one_sided(findings: Findings) -> None:
    """0.80 with 120 events has p = 0.22."""
    arm = {"n": 100, "events": 60}
    reported = {"hazard_ratio": "0.80", "p": "0.08"}
    given = {"reference": "A", "arms": {"A": arm, "B": arm}}
    (found,) = findings("", "p-events", **given, reported=reported)
    assert found.sentence.endswith("not 0.08. It would be the one-sided p.")
    assert not findings("", "p-events", **given, reported=reported | {"one_sided": True})


def test_a_p_of_many_digits_is_told_as_such(findings: Findings) -> None:
    """A Wald z of 13 has a p of 1e-39, which "below 0.001" would not say beside 2e-20."""
    reported = {"hazard_ratio": "0.35", "ci": ["0.30", "0.41"], "p": "2.1e-20"}
    (found,) = findings("", "p-interval", reference="A", reported=reported)
    assert " gives a Wald p-value of 5.5e-49 to 1.3e-32, not 2.1e-20." in found.sentence
    assert not findings("", "p-interval", reference="A", reported=reported | {"p": "1e-39"})


@pytest.mark.parametrize("p", [{}, {"p": "0.04"}], ids=["alone", "beside a p"])
def test_limits_that_only_rounding_makes_equal_do_not_rise(
    findings: Findings, p: dict[str, str]
) -> None:
    """0.9 and 0.8 may both be 0.85, which is no interval."""
    arm = {"n": 100, "events": 60}
    given = {"reference": "A", "arms": {"A": arm, "B": arm}}
    reported = {"hazard_ratio": "0.85", "ci": ["0.9", "0.8"], "ci_level": 90} | p
    (found,) = findings("", "ratio-outside-interval", **given, reported=reported)
    assert found.sentence == "The lower limit of the interval is above its upper limit."
    assert not findings("", "interval-events", **given, reported=reported)
    assert not findings("", "p-interval", **given, reported=reported)

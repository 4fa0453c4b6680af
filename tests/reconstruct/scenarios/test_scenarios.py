"""Scenarios: they pass through what is reported, and weigh as slow and obvious ways say."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kmrepro.models import kaplan_meier
from kmrepro.reconstruct import PseudoIPD, reconstruct
from kmrepro.reconstruct.constraints import arm_constraints
from kmrepro.reconstruct.scenarios import random_scenarios, weighted_scenarios
from kmrepro.reconstruct.scenarios.censorings import CensoringLaws, Response
from kmrepro.reconstruct.scenarios.hazards import Pins, log_likelihood_of_own, random_hazards
from kmrepro.reconstruct.scenarios.likelihood import survival_at_limit, width_likelihood
from kmrepro.studies.arm import Landmark

from ...seeds import examples, many
from ..conftest import build_endpoint

LANDMARKS = {"12": "80%", "24": "65%", "36": "50%"}
Z = 1.959963984540054


def scenarios_of(arms, *, size=400, seed=0, reported=None, **more):
    """Weigh scenarios of an endpoint."""
    endpoint = build_endpoint(arms, reported, **more)
    constraints = {name: arm_constraints(endpoint, name) for name in endpoint.arms}
    return weighted_scenarios(endpoint, constraints, size, np.random.default_rng(seed))


@settings(max_examples=examples(25), deadline=None)
@given(
    falls=st.lists(st.floats(0.0, 0.4), min_size=1, max_size=4),
    seed=st.integers(0, 1000),
    name=st.sampled_from(["OS", "PFS"]),
)
def test_hazards_rise_through_what_is_known(falls, seed, name):
    """Whatever bends, steps and visits do between, the curve is where it is known."""
    rng = np.random.default_rng(seed)
    grid = np.linspace(0.0, 48.0, 97)
    survival = np.cumprod([1.0, *(1.0 - fall for fall in falls)])
    place = np.linspace(0, 80, survival.size).astype(int)
    pins = Pins(
        place=place,
        hazard=np.tile(-np.log(survival), (12, 1)),
        late=np.full(12, 0.1),
        events=-np.diff(survival) * 100,
        followed=80.0,
    )
    endpoint = build_endpoint({"A": {"n": 100}, "B": {"n": 100}}, name=name)
    hazards, own = random_hazards(endpoint, {"A": pins, "B": pins}, grid, rng)
    assert (own > 0).all()
    for each in hazards.values():
        assert (np.diff(each, axis=1) >= -1e-12).all()
        np.testing.assert_allclose(np.exp(-each[:, place]), np.tile(survival, (12, 1)), atol=1e-9)


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize("form", [0, 1, 2])
@pytest.mark.parametrize("scale", [0.03, 0.08, 0.2])
def test_a_median_s_interval_ends_where_a_limit_of_survival_is_one_half(side, form, scale):
    """Brookmeyer and Crowley 1982, on three scales of survival."""
    survival = float(survival_at_limit(side, np.array([form]), np.array([scale]))[0])
    se = scale * math.sqrt((1 - survival) / survival)
    low, high = (
        (survival * math.exp(-Z * se), survival * math.exp(Z * se)),
        tuple(survival ** math.exp(-end * Z * se / math.log(survival)) for end in (1, -1)),
        (survival * (1 - Z * se), survival * (1 + Z * se)),
    )[form]
    limit = min(low, high) if side == 1 else max(low, high)
    assert limit == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("form", ["log", "log-log", "plain"])
def test_the_width_of_a_landmark_s_interval_finds_the_standard_error(form):
    """Greenwood's standard error gives the interval, and the interval gives it back."""
    survival, se = 0.8, 0.06
    low, high = {
        "log": (survival * math.exp(-Z * se), survival * math.exp(Z * se)),
        "log-log": tuple(
            survival ** math.exp(side * Z * se / -math.log(survival)) for side in (1, -1)
        ),
        "plain": (survival * (1 - Z * se), survival * (1 + Z * se)),
    }[form]
    landmark = Landmark.model_validate(
        {"survival": f"{survival:.3f}", "ci": [f"{low:.3f}", f"{high:.3f}"]}
    )
    candidates = np.exp(np.linspace(np.log(0.02), np.log(0.2), 181))
    best = candidates[np.argmax(width_likelihood(landmark, candidates, 200))]
    assert best == pytest.approx(se, rel=0.08)


def test_arms_with_alike_ratios_bend_little_by_themselves():
    """Ratios of average hazards that agree speak for small bends, others for large ones."""
    own = np.array([0.05, 0.5, 2.0])
    noise = np.full(4, 0.01)
    alike = log_likelihood_of_own(own, np.array([-0.3, -0.3, -0.28, -0.31]), noise)
    unlike = log_likelihood_of_own(own, np.array([-0.7, 0.0, 0.3, 0.6]), noise)
    assert np.argmax(alike) == 0
    assert np.argmax(unlike) == 1


def law(size, *, known=((0, 1.0),)):
    """Build laws of censoring over 60 months, with probabilities known at some columns."""
    return CensoringLaws(
        grid=np.linspace(0, 60, 121),
        end=np.full(size, 60.0),
        known_place=np.array([place for place, _ in known]),
        known=np.tile([value for _, value in known], (size, 1)),
        accrual=np.ones(size),
        dropout=np.zeros(size),
        window=None,
        early=np.ones((size, max(len(known) - 1, 1))),
    )


def test_laws_of_censoring_fall_from_one_to_nothing_through_what_is_known():
    """Entry at a constant rate at strength 1; numbers at risk are met."""
    uncensored = law(3).uncensored()(np.log(np.array([1.0, 0.5, 2.0])))
    np.testing.assert_allclose(uncensored[0, :-1], 1 - np.linspace(0, 60, 121)[:-1] / 60)
    np.testing.assert_allclose(uncensored[:, -1], 0.0)
    assert (np.diff(uncensored, axis=1) <= 1e-12).all()
    known = law(1, known=((0, 1.0), (40, 0.7), (80, 0.4))).uncensored()(np.zeros(1))
    np.testing.assert_allclose(known[0, [0, 40, 80]], [1.0, 0.7, 0.4], atol=1e-12)


def test_strengths_that_are_solved_for_give_their_target():
    """Three steps of the secant in a table are near enough for a proposal."""
    response = Response.of(lambda x: 100.0 / (1.0 + np.exp(x)), 3)
    found, met = response.solved(np.array([80.0, 30.0, 120.0]))
    assert met.tolist() == [True, True, False]
    assert response.value(found)[:2] == pytest.approx([80.0, 30.0], abs=1.0)


def test_weights_agree_with_plain_importance_sampling():
    """Drawing all from the prior, and weighing by the events alone, gives the same mean."""
    arm = {"n": 120, "landmarks": LANDMARKS, "events": 52, "follow_up": {"max": "60"}}
    size = many(6000, else_=2000)
    mixed = scenarios_of({"A": arm}, size=size)
    without = {key: value for key, value in arm.items() if key != "events"}
    plain = scenarios_of({"A": without}, size=2 * size, seed=1)
    expected = plain.arms["A"].events[:, -1]
    # the scatter of events given a scenario is about that of those after the last landmark
    late = expected - plain.arms["A"].events[:, np.searchsorted(plain.grid, 36.0)]
    weight = np.exp(-0.5 * (expected - 52) ** 2 / (late + 2.0)) / np.sqrt(late + 2.0)
    month_24 = [np.searchsorted(each.grid, 24.0) for each in (mixed, plain)]
    slow = np.average(plain.arms["A"].at_risk[:, month_24[1]], weights=weight)
    assert mixed.weight @ mixed.arms["A"].at_risk[:, month_24[0]] == pytest.approx(slow, rel=0.04)


def test_an_end_of_follow_up_that_is_not_reported_varies():
    """It lies after the last reported time; one that is reported stays."""
    unknown = scenarios_of({"A": {"n": 80, "landmarks": LANDMARKS}}).arms["A"].ends
    assert unknown.min() > 36
    assert unknown.std() > 5
    known = scenarios_of({"A": {"n": 80, "landmarks": LANDMARKS, "follow_up": {"max": "60"}}})
    assert (known.arms["A"].ends == 60).all()


def test_the_reported_interval_says_how_many_events_there_are():
    """At equal arms and a ratio near 1, four over the square of the standard error."""
    arm = {"n": 185, "landmarks": LANDMARKS, "follow_up": {"max": "100"}}
    reported = {"hazard_ratio": "1.00", "ci": ["0.70", "1.43"]}
    made = scenarios_of({"A": arm, "B": arm}, reported=reported)
    wanted = 4 / (math.log(1.43 / 0.70) / 2 / Z) ** 2
    assert made.weight @ made.total[:, 0] == pytest.approx(wanted, rel=0.08)
    both = sum(made.weight @ own.events[:, -1] for own in made.arms.values())
    assert both == pytest.approx(wanted, rel=0.1)


def test_chosen_scenarios_are_in_proportion_to_their_weights():
    """The mean of those chosen is the weighted mean of all."""
    arm = {"n": 120, "landmarks": LANDMARKS, "events": 52}
    made = scenarios_of({"A": arm, "B": arm})
    chosen = made.take(made.chosen(4000, np.random.default_rng(1)))
    for name in "AB":
        plain = made.weight @ made.arms[name].events[:, -1]
        assert chosen.arms[name].events[:, -1].mean() == pytest.approx(plain, rel=0.01)
    assert 1 < made.effective < 400


def test_two_lots_of_scenarios_are_as_one():
    """Their weights stay in proportion, within the lots and between them."""
    arm = {"n": 120, "landmarks": LANDMARKS, "events": 52, "follow_up": {"max": "60"}}
    lots = [scenarios_of({"A": arm, "B": arm}, size=300, seed=seed) for seed in (0, 1)]
    both = lots[0].joined(lots[1])
    total = np.exp(np.concatenate([lot.log_weight for lot in lots]))
    np.testing.assert_allclose(both.weight, total / total.sum(), rtol=1e-9)
    assert both.effective > max(lot.effective for lot in lots)
    np.testing.assert_array_equal(both.arms["B"].events[300:], lots[1].arms["B"].events)


def test_the_error_of_a_mean_is_how_far_means_scatter():
    """Of 30 sets of scenarios, mean log rates scatter as each set says, in standard errors."""
    arm = {"n": 120, "landmarks": LANDMARKS, "events": 52, "follow_up": {"max": "60"}}
    sets = [scenarios_of({"A": arm, "B": arm}, size=100, seed=seed) for seed in range(30)]

    def mean_log_ratio(made):
        rates = [
            np.log(own.events[:, -1] / np.trapezoid(own.at_risk, made.grid, axis=1))
            for own in made.arms.values()
        ]
        return made.weight @ (rates[1] - rates[0])

    events = [
        np.mean([made.weight @ made.arms[name].events[:, -1] for made in sets]) for name in "AB"
    ]
    scatter = np.std([mean_log_ratio(made) for made in sets]) / np.sqrt(sum(1 / e for e in events))
    said = np.sqrt(np.mean([made.error_of_mean() ** 2 for made in sets]))
    assert said == pytest.approx(scatter, rel=0.4)


def test_one_scenario_that_has_all_the_weight_says_nothing_of_chance():
    """Its mean is as uncertain as can be, not exact."""
    arm = {"n": 120, "landmarks": LANDMARKS, "events": 52}
    made = scenarios_of({"A": arm, "B": arm}, size=50)
    for others, least in ((-12.0, made.error_of_mean()), (-50.0, math.inf)):
        alone = replace(made, log_weight=np.where(np.arange(50) == 7, 0.0, others))
        assert alone.effective == pytest.approx(1.0, abs=0.001)
        assert alone.error_of_mean() >= least


def test_the_same_random_numbers_choose_the_same_scenarios():
    """Bit for bit."""
    endpoint = build_endpoint({"A": {"n": 60, "landmarks": LANDMARKS, "events": 25}})
    arms = {"A": arm_constraints(endpoint, "A")}
    one, other = (
        random_scenarios(endpoint, arms, rng=np.random.default_rng(5), lot=60) for _ in range(2)
    )
    np.testing.assert_array_equal(one.arms["A"].events, other.arms["A"].events)


def test_more_lots_are_tried_where_few_scenarios_are_effective():
    """Three lots of 60 are chosen from, not one: each scenario ends at a time of its own."""
    endpoint = build_endpoint({"A": {"n": 60, "landmarks": LANDMARKS}})
    arms = {"A": arm_constraints(endpoint, "A")}
    made = random_scenarios(endpoint, arms, rng=np.random.default_rng(7), lot=60)
    assert np.unique(made.arms["A"].ends).size == made.log_weight.size == 180


def test_a_median_s_interval_shapes_the_reconstruction():
    """With a narrow interval of the median the curve is steep there, with a wide one it is flat."""
    steepness = []
    for ci in (["18.0", "22.5"], ["6.0", "48.0"]):
        arm = {"n": 300, "events": 190, "median": "20.0", "median_ci": ci}
        ipd: PseudoIPD = reconstruct(build_endpoint({"A": arm, "B": arm}))
        curve = kaplan_meier(ipd, arm="A")
        steepness.append(curve.survival_at(16.0) - curve.survival_at(24.0))
    assert steepness[0] > 1.3 * steepness[1]


def test_times_that_differ_in_their_last_bits_are_one():
    """The middle of a rounded median, (14.85 + 14.95) / 2, is not quite the landmark's 14.9."""
    arms = {
        "A": {"n": 90, "landmarks": {"6": "80%", "14.9": "62%"}},
        "B": {"n": 90, "landmarks": {"6": "71%"}, "median": "14.9"},
    }
    assert (14.85 + 14.95) / 2 != 14.9
    apart = {**arms, "B": {**arms["B"], "median": "14.2"}}
    weights, others = (scenarios_of(each, size=64).log_weight for each in (arms, apart))
    assert np.isfinite(weights).all()
    assert not np.array_equal(weights, others)


def test_the_lower_limit_of_a_median_that_is_not_reached_says_where_the_curve_is():
    """Survival is where its own lower limit is one half, to within the formulas and censoring."""
    n, limit = 242, 60.0
    arms = {
        "C": {"n": 240, "median": "46.7"},
        "T": {"n": n, "median": "NR", "median_ci": [f"{limit:g}", "NR"]},
    }
    drawn = scenarios_of(arms)
    assert np.all(drawn.arms["T"].ends >= limit)
    at_risk, events = drawn.arms["T"].at_risk, drawn.arms["T"].events
    falls = np.diff(events, axis=1) / np.maximum(at_risk[:, :-1], 1e-9)
    place = int(np.searchsorted(drawn.grid, limit * (1 - 1e-9)))
    survival = np.median(np.prod(1 - falls[:, :place], axis=1))
    # without censoring S - 1.96 sqrt(S (1 - S) / n) = 1/2 at S = 0.562; with it, S is higher
    assert 0.55 < survival < 0.60


def test_a_lower_limit_at_the_end_leaves_none_to_half_of_the_patients():
    """Where nothing says how many had the event, it is not taken that next to nobody had."""
    arm = {"n": 200, "median": "NR", "median_ci": ["24", "NR"], "follow_up": {"max": "24"}}
    drawn = scenarios_of({"C": {"n": 200, "median": "20", "follow_up": {"max": "24"}}, "T": arm})
    shares = drawn.arms["T"].events[:, -1] / 200
    low, high = np.quantile(shares, [0.1, 0.9])
    assert low < 0.1
    assert 0.3 < high < 0.6


def test_an_interval_of_any_width_is_no_error():
    """One from next to nothing to next to everything says nothing, and is taken for that."""
    arms = {"A": {"n": 30, "landmarks": {"12": "90%"}}, "B": {"n": 30, "landmarks": {"12": "80%"}}}
    reported = {"hazard_ratio": "2", "ci": ["1e-10", "1e10"]}
    endpoint = build_endpoint(arms, reference="A", reported=reported)
    own = {name: arm_constraints(endpoint, name) for name in arms}
    scenarios = random_scenarios(endpoint, own, rng=np.random.default_rng(0), lot=64)
    assert scenarios.effective > 2


def expected_shares(arms, **endpoint):
    """Return by arm what shares of the patients have the event by the end, and their weights."""
    built = build_endpoint(arms, reference="A", **endpoint)
    own = {name: arm_constraints(built, name) for name in arms}
    scenarios = random_scenarios(built, own, rng=np.random.default_rng(0), lot=512)
    shares = {name: arm.events[:, -1] / own[name].n for name, arm in scenarios.arms.items()}
    return shares, scenarios.weight


def test_hazards_change_as_those_of_an_arm_that_is_known_for_longer():
    """Survival of 97% at one year says little where half of the other arm die later."""
    early = {"n": 300, "landmarks": {"12": "97.0%"}, "follow_up": {"max": "120"}}
    later = early | {"landmarks": {"12": "97.0%", "100": "40.0%"}}
    constant = 1 - 0.97 ** (120 / 12)  # of those who are not censored
    shares, weight = expected_shares({"A": early, "B": later})
    alone, alone_weight = expected_shares({"A": early, "B": early})
    assert weight @ shares["A"] > 1.15 * (alone_weight @ alone["A"])
    assert alone_weight @ alone["A"] < constant < 0.5


def test_an_arm_without_events_has_a_hazard_below_the_others():
    """None of 300 is nearly no hazard; none of 10 is that of the other arm."""
    other = {"n": 300, "landmarks": {"12": "80.0%"}, "follow_up": {"max": "36"}}
    shares = []
    for n in (10, 300):
        none = {"n": n, "landmarks": {"12": "100%"}, "follow_up": {"max": "36"}}
        found, weight = expected_shares({"A": none, "B": other})
        shares.append(float(weight @ found["A"] / (weight @ found["B"])))
    assert shares[1] < 0.2 < 0.35 < shares[0] < 1.2


def test_a_median_that_is_not_reached_makes_scenarios_unlikely_that_fall_below_one_half():
    """Those of many patients, by Greenwood's formula: chance keeps small arms above it."""
    falls = {"n": 400, "landmarks": {"12": "70.0%"}, "follow_up": {"max": "36"}}
    known = falls | {"median": "NR"}
    shares, weight = expected_shares({"A": falls, "B": falls})
    capped, capped_weight = expected_shares({"A": known, "B": falls})
    assert capped_weight @ capped["A"] < weight @ shares["A"]
    assert capped_weight @ (capped["A"] > 0.52) < 0.02

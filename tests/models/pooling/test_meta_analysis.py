"""Trials pooled: one-stage as coxph, two-stage by source, differences, and what is refused."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import scipy.stats

import kmrepro as km
from kmrepro.models import NotEstimable, cox, rmst
from kmrepro.models.pooling import (
    Effect,
    Trial,
    flipped,
    one_stage,
    pool_trials,
    reported_effect,
    trial_of,
)
from kmrepro.models.reported import read_reported
from kmrepro.reconstruct import PseudoIPD
from kmrepro.reconstruct.quick_looks import logrank_information, quick_looks
from kmrepro.studies import Endpoint, PrintedNumber


def trial(ipd: PseudoIPD, *, name: str, **fields: object) -> Trial:
    """Make a trial of patients, with their Cox regression."""
    fit = cox(ipd)
    own = Effect(estimate=fit.log_hazard_ratio, variance=fit.se**2, route="Cox")
    return Trial(
        name=name,
        endpoint="OS",
        arms=(ipd.arms[0], ipd.arms[1]),
        effects={"reproduced": own},
        n={arm: int((ipd.arm == arm).sum()) for arm in ipd.arms},
        ipd=ipd,
        **fields,  # type: ignore[arg-type]
    )


@pytest.fixture(scope="module")
def trials(patients: Callable[[str], PseudoIPD]) -> list[Trial]:
    """Take three of R's data sets as trials."""
    return [trial(patients(name), name=name) for name in ("lung", "veteran", "aml")]


@pytest.fixture(scope="module")
def drawn(small_blocks: None, no_search: None) -> list[Trial]:
    """Take two endpoints of a paper as trials, with draws."""
    study = km.load_study("an2025")
    result = km.reproduce(
        study, endpoints=[study.endpoint(c, "OS") for c in ("psm", "unmatched")], n_draws=10
    )
    return [trial_of(each, name=each.endpoint.cohort) for each in result.comparisons]


def test_one_stage_is_coxph_with_strata(
    trials: list[Trial], from_r: Callable[[str], pd.DataFrame]
) -> None:
    """Log hazard ratio and standard error are R's."""
    rows = from_r("pooling").query("set == 'one-stage' and method == 'cox'")
    values = rows.set_index("what")["value"]
    found = one_stage(trials)
    assert found.log_hazard_ratio == pytest.approx(values["log_hazard_ratio"], rel=1e-6)
    assert found.se == pytest.approx(values["se"], rel=1e-6)


def test_one_stage_with_a_random_effect_is_the_integrated_likelihood(
    trials: list[Trial], from_r: Callable[[str], pd.DataFrame]
) -> None:
    """Mean, its standard error, tau² and the likelihood are those of sums over a fine grid in R."""
    rows = from_r("pooling").query("set == 'one-stage' and method == 'random'")
    values = rows.set_index("what")["value"]
    found = one_stage(trials, random=True)
    assert found.log_hazard_ratio == pytest.approx(values["log_hazard_ratio"], abs=1e-6)
    assert found.tau2 == pytest.approx(values["tau2"], rel=1e-6)
    assert found.se == pytest.approx(values["se"], rel=1e-6)
    expected = scipy.stats.chi2.sf(2 * values["gain"], 1) / 2
    assert found.p_heterogeneity == pytest.approx(expected, rel=1e-6)


def test_a_random_effect_of_trials_that_agree(trials: list[Trial]) -> None:
    """Copies of one trial have no variance between them: the estimate is the common one."""
    copies = [replace(trials[0], name=f"copy {k}") for k in range(3)]
    common, found = one_stage(copies), one_stage(copies, random=True)
    assert (found.tau2, found.p_heterogeneity) == (0, 1)
    assert found.log_hazard_ratio == pytest.approx(common.log_hazard_ratio, abs=1e-12)
    assert found.se == pytest.approx(common.se, rel=1e-9)


def test_a_trial_with_an_empty_arm_counts_where_the_effect_is_random(
    trials: list[Trial], make_ipd: Callable[..., PseudoIPD]
) -> None:
    """Nobody in its second arm has an event: its hazard ratio is 0, and the pooled one falls."""
    empty = make_ipd(A=[(5, 1), (8, 1), (11, 1), (20, 0)], B=[(12, 0), (18, 0), (25, 0)])
    fourth = replace(trials[0], name="empty", ipd=empty)
    without, found = one_stage(trials, random=True), one_stage([*trials, fourth], random=True)
    assert found.log_hazard_ratio < without.log_hazard_ratio
    assert math.isfinite(found.se)


def test_one_stage_of_one_trial_twice_is_that_trial(trials: list[Trial]) -> None:
    """Two copies have its estimate, and half its variance."""
    found = one_stage([trials[0], replace(trials[0], name="copy")])
    own = trials[0].effects["reproduced"]
    assert found.log_hazard_ratio == pytest.approx(own.estimate, rel=1e-9)
    assert found.se**2 == pytest.approx(own.variance / 2, rel=1e-9)


def test_draws_add_the_reconstructions_variance(drawn: list[Trial]) -> None:
    """Each trial's variance is Rubin's, and the one-stage estimate has a share of it."""
    for each in drawn:
        draws = each.draws
        assert draws is not None
        within = np.mean(draws.se**2)
        between = (1 + 1 / 10) * np.var(draws.log_hazard_ratio, ddof=1)
        effect = each.effects["draws"]
        assert effect.variance == pytest.approx(within + between)
        assert effect.reconstruction_variance == pytest.approx(between)
    found = pool_trials(drawn)
    assert set(found.by_source) == {"reported", "reproduced", "draws"}
    assert found.one_stage["draws"].n_draws == 10
    assert 0 < found.one_stage["draws"].reconstruction_share < 1
    assert 0 < found.by_source["draws"].reconstruction_share < 1
    assert found.by_source["reproduced"].reconstruction_share == 0


def test_one_stage_of_draws_is_each_draws_own(drawn: list[Trial], small_blocks: None) -> None:
    """The mean over draws of single fits."""
    singles = []
    for number in range(10):
        parts = [each.draws.draw(number) for each in drawn if each.draws is not None]
        singles.append(
            one_stage([replace(t, ipd=part) for t, part in zip(drawn, parts, strict=True)])
        )
    found = one_stage(drawn, draws=True)
    mean = np.mean([each.log_hazard_ratio for each in singles])
    assert found.log_hazard_ratio == pytest.approx(mean, rel=1e-9)


def test_restricted_means(trials: list[Trial]) -> None:
    """Differences are those of each trial, pooled by their variances."""
    found = pool_trials(trials, tau=45.0, landmarks=[20.0])
    means = [each for each in found.differences if each.measure == "restricted mean difference"]
    own = [rmst(each.ipd, tau=45.0) for each in trials if each.ipd is not None]
    np.testing.assert_allclose(
        [effect.estimate for effect in means[0].effects], [each.difference for each in own]
    )
    assert {each.measure for each in found.differences} == {
        "restricted mean difference",
        "survival difference",
    }


def test_leave_one_out_and_subgroups(trials: list[Trial]) -> None:
    """Without one of three trials the other two are pooled; groups are compared by Q."""
    more = [replace(each, name=f"{each.name} again") for each in trials]
    grouped = [replace(each, group="first") for each in trials]
    grouped += [replace(each, group="second") for each in more]
    found = pool_trials(grouped).by_source["reproduced"]
    without = pool_trials(grouped[1:]).by_source["reproduced"]
    assert found.leave_one_out[0].estimate == pytest.approx(without.random.estimate)
    assert found.subgroups is not None
    assert set(found.subgroups.groups) == {"first", "second"}
    assert found.subgroups.q == pytest.approx(0, abs=1e-12)
    single = pool_trials([*grouped[:3], replace(more[0], group="alone")]).by_source["reproduced"]
    assert single.subgroups is not None
    assert single.subgroups.single == ("alone",)
    assert math.isnan(single.subgroups.q_p)


def test_flipping_a_trial(trials: list[Trial]) -> None:
    """Its log hazard ratio changes sign, and so does that of its patients."""
    turned = flipped(trials[0])
    assert turned.effects["reproduced"].estimate == -trials[0].effects["reproduced"].estimate
    assert turned.ipd is not None
    assert cox(turned.ipd).log_hazard_ratio == pytest.approx(turned.effects["reproduced"].estimate)


def test_routes_to_what_is_reported() -> None:
    """Interval, p, or events with a hazard ratio; p with events; survival. Others are marked."""

    def printed(**values: str) -> dict[str, PrintedNumber]:
        return {key: PrintedNumber.parse(value) for key, value in values.items()}

    arm = {"n": 100, "events": 40, "landmarks": {12.0: {"survival": "80%"}}}
    other = {"n": 100, "events": 50, "landmarks": {12.0: {"survival": "70%"}}}

    def route(**reported: object) -> Effect | None:
        endpoint = Endpoint.model_validate(
            {"name": "OS", "reference": "A", "arms": {"A": arm, "B": other}, "reported": reported}
        )
        return reported_effect(
            read_reported(endpoint.reported),
            quick_looks(endpoint),
            information=logrank_information(endpoint),
        )

    ci = [PrintedNumber.parse("1.0"), PrintedNumber.parse("2.0")]
    first = route(**printed(hazard_ratio="1.41"), ci=ci)
    second = route(**printed(hazard_ratio="1.41", p="0.05"))
    third = route(**printed(p="0.05"))
    fourth = route()
    events_only = route(**printed(hazard_ratio="1.41"))
    assert first is not None
    assert (first.route, first.approximate) == ("reported hazard ratio and interval", False)
    assert second is not None
    assert second.route == "reported hazard ratio and p"
    assert math.log(1.41) / second.variance**0.5 == pytest.approx(1.96, abs=0.001)
    assert events_only is not None
    assert events_only.route == "reported hazard ratio and events"
    assert events_only.approximate
    assert events_only.variance == pytest.approx(1 / 40 + 1 / 50)
    assert third is not None
    assert (third.route, third.approximate) == ("p and events", True)
    assert third.variance == pytest.approx(90 / (40 * 50))
    assert fourth is not None
    assert (fourth.route, fourth.approximate) == ("survival at 12", True)


REFUSED = [
    (lambda t: t[:1], "needs at least 2 trials; there is 1: lung"),
    (lambda t: [t[0], t[0]], "lung occurs twice"),
    (lambda t: [t[0], replace(t[1], endpoint="PFS")], r"different ones: OS \(lung\), PFS"),
    (
        lambda t: [
            t[0], replace(t[1], effects={}, missing={"reproduced": "nobody in arm B had an event."})
        ],
        "needs at least 2 trials with an estimate, and 1 of 2 has one of the same source; veteran "
        r"has none \(reproduced: nobody in arm B had an event\).$",
    ),
    (
        lambda t: [t[0], replace(t[1], effects={"reproduced": Effect(
            estimate=0.1, variance=0.0, route="x")})],
        "veteran has an estimate without variance",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("change", "message"), REFUSED)
def test_refusals(
    trials: list[Trial], change: Callable[[list[Trial]], list[Trial]], message: str
) -> None:
    """One trial, a trial twice, different endpoints, nothing to pool, no variance."""
    with pytest.raises(NotEstimable, match=message):
        pool_trials(change(trials))


def test_reasons_are_parts_of_one_sentence(trials: list[Trial]) -> None:
    """Each is a sentence of its own, and ended in a full stop in the middle of theirs."""
    found = pool_trials(trials, landmarks=[50_000.0])
    (said,) = [each for each in found.reasons.values() if "50000" in each]
    assert said.endswith("choose at most that.")
    assert ".;" not in said


def test_units_that_differ_leave_differences_out(trials: list[Trial]) -> None:
    """Hazard ratios have no unit; differences of time do."""
    found = pool_trials([trials[0], replace(trials[1], time_unit="days")])
    assert not found.differences
    assert "lung in months, veteran in days" in found.reasons["differences"]


def test_an_arm_without_events(trials: list[Trial], make_ipd: Callable[..., PseudoIPD]) -> None:
    """Such a trial is left out, with the reason, and the others are pooled."""
    empty = Trial(
        name="empty",
        endpoint="OS",
        arms=("A", "B"),
        effects={},
        missing={"reproduced": "nobody in arm B had an event."},
    )
    found = pool_trials([*trials, empty]).by_source["reproduced"]
    assert found.left_out == {"empty": "nobody in arm B had an event."}
    assert "empty" not in found.trials


def test_a_narrow_hartung_knapp_interval_is_noted(trials: list[Trial]) -> None:
    """Copies of one trial agree perfectly, and the interval would have no width."""
    copies = [replace(trials[0], name=f"copy {k}") for k in range(3)]
    found = pool_trials(copies)
    assert any("narrower than the common effect's" in note for note in found.notes)
    wald = pool_trials(copies, hartung_knapp=False)
    assert not any("narrower" in note for note in wald.notes)


@pytest.mark.parametrize(
    ("infinite", "said"),
    [
        pytest.param(1, "9 draws, Rubin's rules; 1 without a finite", id="few"),
        pytest.param(2, "2 of 10 draws have no finite hazard ratio", id="too many"),
        pytest.param(10, "no draw has a finite hazard ratio", id="all"),
    ],
)
def test_draws_without_a_finite_hazard_ratio(drawn: list[Trial], infinite: int, said: str) -> None:
    """A tenth of the draws may be left out, and that is said; more would be a choice."""
    study = km.load_study("an2025")
    analysis = km.reproduce(study, endpoints=[study.endpoint("psm", "OS")], n_draws=0).analyses[0]
    draws = drawn[0].draws
    assert draws is not None
    se = draws.se.copy()
    se[:infinite] = np.inf
    found = trial_of(replace(analysis, draws=replace(draws, se=se)), name="psm")
    if "draws" in found.effects:
        assert said in found.effects["draws"].route
    else:
        assert found.missing["draws"].startswith(said)


def test_an_interval_that_disagrees_with_the_events_is_not_called_absent() -> None:
    """The variance is then that of the events, and the note gives both reasons there can be."""
    arms = {
        "C": {"n": 100, "events": 55, "landmarks": {12: "70.0%", 24: "50.0%"}},
        "T": {"n": 110, "events": 50, "landmarks": {12: "77.0%", 24: "60.0%"}},
    }
    reported = {"hazard_ratio": "0.95", "ci": ["0.70", "1.29"]}  # of 163 events, not of 105
    endpoint = {"name": "OS", "reference": "C", "arms": arms, "reported": reported}
    trials = [km.study(id=name, endpoints=[endpoint]) for name in ("one", "two")]
    pooled = km.pool(trials, n_draws=0)
    (effect, _) = pooled.by_source["reported"].effects
    assert effect.approximate
    assert effect.variance == pytest.approx(105 / (55 * 50))
    (note,) = [note for note in pooled.notes if note.startswith("one, two: ")]
    assert "none is reported, or it disagrees with the events" in note


def test_the_same_arms_the_other_way_round_are_refused() -> None:
    """Hazard ratios of T against C and of C against T are no estimates of one thing."""

    def trial(name: str, reference: str, hazard_ratio: str, ci: list[str]) -> km.Study:
        landmarks = {"C": {12: "70.0%", 24: "50.0%"}, "T": {12: "77.0%", 24: "60.0%"}}
        arms = {arm: {"n": 100, "landmarks": landmarks[arm]} for arm in landmarks}
        reported = {"hazard_ratio": hazard_ratio, "ci": ci}
        endpoint = {"name": "OS", "reference": reference, "arms": arms, "reported": reported}
        return km.study(id=name, endpoints=[endpoint])

    trials = [
        trial("one", "C", "0.75", ["0.51", "1.10"]),
        trial("two", "C", "0.80", ["0.55", "1.16"]),
        trial("turned", "T", "1.43", ["0.98", "2.09"]),
    ]
    said = r"^turned compares C with T, and one the other way round: .*references=\[\"C\"\]"
    with pytest.raises(ValueError, match=said):
        km.pool(trials, n_draws=0)
    pooled = km.pool(trials, n_draws=0, references=["C"]).by_source["reported"]
    ratios = [math.exp(effect.estimate) for effect in pooled.effects]
    assert ratios == pytest.approx([0.75, 0.80, 1 / 1.43])
    assert 0.7 < math.exp(pooled.common.estimate) < 0.8


def test_groups_have_rows_of_their_own(trials: list[Trial]) -> None:
    """Those of a group are what its trials give when they are pooled alone."""
    more = [replace(each, name=f"{each.name} again") for each in trials]
    grouped = [replace(each, group="first") for each in trials]
    pooled = pool_trials(grouped + [replace(each, group="second") for each in more[:2]])
    frame = pooled.to_frame()
    ratios = frame[frame["measure"] == "hazard ratio"].set_index("group")
    assert list(ratios.index) == ["", "first", "second"]
    alone = pool_trials(trials).to_frame().iloc[0]
    for column in ("common", "random", "random_lower", "prediction_upper", "tau2", "q"):
        assert ratios.loc["first", column] == pytest.approx(alone[column], rel=1e-9)
    assert ratios["trials"].tolist() == [5, 3, 2]
    found = pooled.by_source["reproduced"].subgroups
    assert found is not None
    assert ratios.loc["", "q_between_p"] == found.q_p
    assert found.between == f"Q {found.q:.2f} on 1 degree of freedom, p = {found.q_p:.3f}"
    assert found.members["second"] == ("lung again", "veteran again")


def test_some_trials_without_a_group(trials: list[Trial]) -> None:
    """They were a group without a name."""
    grouped = [replace(trials[0], group="first"), *trials[1:]]
    with pytest.raises(NotEstimable, match=r"^veteran, aml are in no group, and the other trials"):
        pool_trials(grouped)


BETWEEN = {
    "A": ([0.110, 0.224, 0.338, 0.451, 0.480], [0.010, 0.030, 0.020, 0.015, 0.010]),
    "B": ([0.440, 0.492, 0.651, 0.710, 0.740], [0.015, 0.020, 0.015, 0.025, 0.012]),
}


@pytest.mark.parametrize("hartung_knapp", [True, False])
def test_q_between_groups_is_of_walds_variances(trials: list[Trial], hartung_knapp: bool) -> None:
    """Two groups of five studies, as in Borenstein et al. 2009, chapter 19, whichever interval.

    R: dl <- function(y, v) {w <- 1 / v; q <- sum(w * (y - weighted.mean(y, w))^2)
    t2 <- max(0, (q - length(y) + 1) / (sum(w) - sum(w^2) / sum(w))); w <- 1 / (v + t2)
    c(m = weighted.mean(y, w), v = 1 / sum(w))}; then sum(w * (m - weighted.mean(m, w))^2) of the
    two groups, w = 1 / v.
    """
    of = [(group, *each) for group, (y, v) in BETWEEN.items() for each in zip(y, v, strict=True)]
    each = [
        replace(trials[0], name=f"{k}", group=group,
                effects={"reproduced": Effect(estimate=y, variance=v, route="Cox")})
        for k, (group, y, v) in enumerate(of)
    ]  # fmt: skip
    pooled = pool_trials(each, method="DL", hartung_knapp=hartung_knapp)
    found = pooled.by_source["reproduced"].subgroups
    assert found is not None
    assert found.q == pytest.approx(8.054654311270809, rel=1e-9)
    assert found.q_p == pytest.approx(0.004538690237554628, rel=1e-9)


def test_groups_that_agree_to_the_digit_are_tested(trials: list[Trial]) -> None:
    """Hartung and Knapp's standard error of copies is 0; the variance that Q takes is not."""
    copies = [replace(trials[0], name=f"copy {k}", group="same") for k in range(2)]
    others = [replace(each, group="other") for each in trials[1:]]
    found = pool_trials([*copies, *others]).by_source["reproduced"].subgroups
    assert found is not None
    assert found.groups["same"].se == 0
    assert 0 < found.q_p < 1

"""Patients with a cause have every reported cumulative incidence, or it is said which not."""

import itertools

import numpy as np
import pytest
import scipy.optimize

from kmrepro import ContradictionError, ReconstructionRefused, digitised_curve, reconstruct
from kmrepro.models.competing import cumulative_incidence
from kmrepro.reconstruct.causes import cause_bounds, event_free, reconstruct_causes
from kmrepro.reconstruct.causes.allotment import Increments, allotted, beyond
from kmrepro.reconstruct.pseudo_ipd import WholePatients
from kmrepro.studies import Endpoint


def endpoint(arms, **more):
    return Endpoint.model_validate(
        {"name": "E", "reference": next(iter(arms)), "arms": arms, **more}
    )


def arm(n, relapse, death, **more):
    events = more.pop("of_causes", (None, None))
    causes = {}
    for name, marks, count in zip(("relapse", "death"), (relapse, death), events, strict=True):
        causes[name] = {"landmarks": marks} | ({} if count is None else {"events": count})
    return {"n": n, "causes": causes, **more}


TWO = endpoint({
    "A": arm(150, {"12": "21%", "24": "30%"}, {"12": "10%", "24": "15%"}, of_causes=(50, 26)),
    "B": arm(120, {"12": "15%", "24": "22%"}, {"12": "12%", "24": "17%"},
             at_risk={"0": 120, "24": 55}),
})  # fmt: skip


@pytest.fixture(scope="module")
def ipd():
    """Reconstruct the patients of two arms."""
    return reconstruct(TWO)


def test_every_reported_number_is_met(ipd):
    """Incidences, events by cause and numbers at risk are as reported, and causes fill 1 - S."""
    for name, reported in TWO.arms.items():
        total = np.zeros(2)
        for cause, own in reported.causes.items():
            curve = cumulative_incidence(ipd, arm=name, cause=cause)
            for time, mark in own.landmarks.items():
                assert mark.incidence.contains(float(curve.incidence_at(time)))
            total += curve.incidence_at([12, 24])
        time, event = ipd.of(name)
        survival = WholePatients.in_order(time, event).survival_at([12, 24])
        np.testing.assert_allclose(total, 1 - survival, atol=1e-12)
    assert ((ipd.arm == "A") & (ipd.cause == "relapse")).sum() == 50
    assert ((ipd.arm == "A") & (ipd.cause == "death")).sum() == 26
    assert (ipd.of("B")[0] >= 24).sum() == 55


def test_same_input_same_patients(ipd):
    """The reconstruction is deterministic."""
    again = reconstruct(TWO)
    assert (ipd.time == again.time).all()
    assert (ipd.cause == again.cause).all()


def test_a_single_cause_is_survival_turned_round():
    """One cause alone is 100% less survival, and that is said."""
    single = endpoint(
        {"A": {"n": 100, "causes": {"relapse": {"landmarks": {"12": "20%", "24": "35%"}}}}}
    )
    ipd = reconstruct(single)
    marks = event_free(single).arms["A"].landmarks
    assert [(mark.survival.lower, mark.survival.upper) for mark in marks.values()] == [
        (0.795, 0.805),
        (0.645, 0.655),
    ]
    found = WholePatients.in_order(*ipd.of("A")).survival_at([12, 24])
    assert found == pytest.approx([0.8, 0.65], abs=0.005001)
    assert set(ipd.cause) == {"", "relapse"}
    assert any("only cause reported" in sentence for sentence in ipd.assumptions)


def test_event_free_survival_has_the_interval_of_all_causes():
    """Its interval is as wide as those of the causes together."""
    mark = event_free(TWO).arms["A"].landmarks[12.0].survival
    assert (mark.lower, mark.upper) == pytest.approx((0.68, 0.70))
    assert str(mark) == "69% (100% less 21% and 10%)"


@pytest.mark.parametrize(
    ("arms", "sentence"),
    [
        pytest.param({"A": arm(50, {"12": "30%", "24": "20%"}, {"12": "1%"})},
                     "cumulative incidence of relapse falls from 30% at 12 to 20% at 24",
                     id="falls"),
        pytest.param({"A": arm(50, {"12": "60%"}, {"12": "55%"})},
                     "by 12 months the causes add up to 114% of patients at least", id="above 100"),
        pytest.param({"A": arm(50, {"12": "30%"}, {"12": "20%"}, landmarks={"12": "60%"})},
                     "add up to 110%", id="beside survival"),
        pytest.param({"A": arm(50, {"12": "30%"}, {"12": "20%"}, events=20, of_causes=(15, 10))},
                     "15 events of relapse and 10 events of death are 25, and 20 events",
                     id="events"),
        pytest.param({"A": arm(50, {"12": "30%"}, {"12": "20%"}, of_causes=(30, 25))},
                     "more than the arm's 50 patients", id="more than n"),
        pytest.param({"A": arm(50, {"12": "30%"}, {"12": "20%"}, of_causes=(0, 25))},
                     "no events of relapse are reported", id="none"),
    ],
)  # fmt: skip
def test_contradictions_are_named(arms, sentence):
    """Numbers that cannot be true together are refused, and named."""
    with pytest.raises(ContradictionError, match=sentence):
        reconstruct(endpoint(arms))


def test_silent_cause_is_refused():
    """A cause of which nothing is reported leaves open how many are free of it."""
    with pytest.raises(ReconstructionRefused, match="nothing says when events of death happened"):
        reconstruct(endpoint({"A": arm(50, {"12": "30%"}, {})}))


def test_event_free_survival_stands_in_for_a_silent_cause():
    """With event-free survival reported, the other cause is what is left."""
    told = endpoint({"A": arm(100, {"12": "30%"}, {}, landmarks={"12": "50%"})})
    ipd = reconstruct(told)
    found = cumulative_incidence(ipd, arm="A", cause="death").incidence_at(12.0)
    assert found == pytest.approx(0.2, abs=0.011)


def test_curves_of_incidence():
    """Digitised curves of both causes are followed within their tolerances."""
    time = np.arange(1.0, 37.0)
    falls = {"relapse": 0.3 * (1 - np.exp(-time / 15)), "death": 0.006 * time}
    causes = {
        name: {
            "curve": digitised_curve([0, *time], [1, *(1 - share)], kind="samples", tolerance=0.01)
        }
        for name, share in falls.items()
    }
    rows = {"0": 200, "12": 140, "24": 100, "36": 75}
    ipd = reconstruct(endpoint({"A": {"n": 200, "causes": causes, "at_risk": rows}}))
    for name, share in falls.items():
        found = cumulative_incidence(ipd, arm="A", cause=name).incidence_at(time)
        assert np.abs(found - share).max() < 0.01 + 1e-9


def test_clicked_curves_of_incidence():
    """Curves that were clicked by hand, each at times of its own and with errors of its own."""
    rng, causes, falls = (
        np.random.default_rng(4),
        {},
        {"relapse": (0.4, 20.0), "death": (0.25, 15.0)},
    )
    for name, (most, rate) in falls.items():
        time = np.sort(rng.uniform(0.0, 36.0, 15 if name == "relapse" else 18))
        height = 1 - most * (1 - np.exp(-time / rate)) + rng.normal(0.0, 0.004, time.size)
        causes[name] = {"curve": digitised_curve(time, np.minimum(height, 1.0))}
        assert causes[name]["curve"].sds
    ipd = reconstruct(endpoint({"A": {"n": 100, "causes": causes}}))
    at = np.array([12.0, 24.0, 34.0])
    for name, (most, rate) in falls.items():
        found = cumulative_incidence(ipd, arm="A", cause=name).incidence_at(at)
        np.testing.assert_allclose(found, most * (1 - np.exp(-at / rate)), atol=0.025)


def test_an_endpoint_without_causes_is_refused():
    """It says what takes those."""
    with pytest.raises(ReconstructionRefused, match=r"all/E reports no `causes`; `km.reconstruct`"):
        reconstruct_causes(endpoint({"A": {"n": 20, "landmarks": {"12": "50%"}}}))


def test_patients_do_not_depend_on_how_busy_the_machine_is(monkeypatch):
    """No search for causes ends at a time: it has so many steps."""
    programmes = []

    def milp(*given, options, **more):
        programmes.append(options)
        return scipy.optimize.OptimizeResult(x=None)

    monkeypatch.setattr(scipy.optimize, "milp", milp)
    reconstruct(endpoint({"A": arm(90, {"12": "21.3%", "24": "30.2%"}, {"12": "10.7%"})}))
    assert programmes
    assert all(set(options) == {"node_limit"} for options in programmes)


@pytest.mark.parametrize("seed", range(12))
def test_allotment_against_every_possibility(seed):
    """Causes inside every interval are found if and only if there are some (brute force)."""
    rng = np.random.default_rng(seed)
    n = 9
    patients = WholePatients.in_order(np.arange(1.0, n + 1), rng.random(n) < 0.75)
    low = rng.uniform(0, 0.35, 4)
    marks = [{"5": f"{100 * low[0]:.0f}%", "9": f"{100 * (low[0] + low[1]):.0f}%"},
             {"5": f"{100 * low[2]:.0f}%", "9": f"{100 * (low[2] + low[3]):.0f}%"}]  # fmt: skip
    if seed % 2:  # what some causes have, rounded
        own = rng.integers(0, 2, int(patients.event.sum()))
        bounds = cause_bounds(
            endpoint({"A": arm(n, {"5": "1%", "9": "1%"}, {"5": "1%", "9": "1%"})}).arms["A"]
        )
        found = Increments.of(patients).incidence(own, bounds)
        marks = [
            {f"{t:g}": f"{100 * x:.0f}%" for t, x in zip(bounds.time, row, strict=True)}
            for row in found
        ]
    bounds = cause_bounds(endpoint({"A": arm(n, *marks)}).arms["A"])
    increments = Increments.of(patients)
    possible = any(
        beyond(increments.incidence(np.array(causes, dtype=np.int64), bounds), bounds).sum() == 0
        for causes in itertools.product((0, 1), repeat=increments.size.size)
    )
    assert (allotted(patients, bounds).cost == 0) == possible
    assert possible or not seed % 2

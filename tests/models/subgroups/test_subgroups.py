"""Labels under which the numbers of a forest plot are met."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kmrepro import ContradictionError, ReconstructionRefused, cox
from kmrepro.models import RiskSets
from kmrepro.models._kernels import partial_likelihood
from kmrepro.models.subgroups import label_subgroups, reported_variables
from kmrepro.models.subgroups.analysis import labels_of
from kmrepro.models.subgroups.reported import heterogeneity, unlabelled
from kmrepro.models.subgroups.search import _score
from kmrepro.reconstruct import PseudoIPD
from kmrepro.reconstruct.pseudo_ipd import WholePatients
from kmrepro.studies import Endpoint, PrintedNumber, Table

pytestmark = pytest.mark.usefixtures("small_blocks")

REFERENCE = Path(__file__).parents[2] / "reference"
ROWS = pd.read_csv(REFERENCE / "subgroups.csv", dtype={"level": str})


def endpoint(n=(315, 304), events=(168, 123)):
    arms = {
        name: {"n": size, "events": count, "landmarks": {"24": "75%", "60": "50%"}}
        for name, size, count in zip(("Obs", "Lev+5FU"), n, events, strict=True)
    }
    arms["Lev+5FU"]["landmarks"] = {"24": "79%", "60": "64%"}
    return Endpoint.model_validate(
        {"name": "OS", "reference": "Obs", "arms": arms,
         "reported": {"hazard_ratio": "0.69", "ci": ["0.55", "0.87"]}}
    )  # fmt: skip


def row(level="male", hazard_ratio="0.52", ci=("0.37", "0.74"), cells=("91/166", "48/141"), **more):
    return {
        "variable": "sex", "level": level, "hazard_ratio": hazard_ratio, "ci": list(ci),
        "patients": dict(zip(("Obs", "Lev+5FU"), cells, strict=True)), **more,
    }  # fmt: skip


def table(*rows):
    return Table.model_validate({"id": "forest", "endpoint": "OS", "hazard_ratio": list(rows)})


FEMALE = row("female", "0.86", ("0.63", "1.19"), ("77/149", "75/163"), p_interaction="0.04")
SEX = table(FEMALE, row())


@pytest.fixture(scope="module")
def found():
    return label_subgroups(endpoint(), SEX, n_draws=6, seed=1)


def test_every_number_is_met(found):
    """Patients, events, hazard ratios and intervals of both levels are as reported, at once."""
    each = found["sex"]
    assert each.met.any()
    assert each.with_intervals
    for number in np.flatnonzero(each.met):
        ipd = found.source.draw(int(number))
        for place, level in enumerate(each.variable.levels):
            own = each.labels[number] == place
            patients = PseudoIPD(
                time=ipd.time[own], event=ipd.event[own], arm=ipd.arm[own], arms=ipd.arms
            )
            for arm, n, events in zip(ipd.arms, level.n, level.events, strict=True):
                time, event = patients.of(arm)
                assert (time.size, event.sum()) == (n, events)
            fit = cox(patients)
            assert level.hazard_ratio.contains(fit.hazard_ratio)
            assert level.ci[0].contains(fit.ci[0])
            assert level.ci[1].contains(fit.ci[1])


def test_interaction(found):
    """P for interaction is near R's, and the attainable ratio is that of the roundings."""
    each = found["sex"]
    assert np.median(each.p_interaction[each.met]) == pytest.approx(0.0424, abs=0.01)
    assert each.p_reported == pytest.approx(0.0424, abs=0.01)
    low, high = each.interaction_range
    assert (low, high) == pytest.approx((0.515 / 0.865, 0.525 / 0.855))
    inner = each.interaction_interval
    assert low <= inner[0] <= inner[1] <= high


def test_same_seed_same_labels(found):
    """Labels depend on the seed alone."""
    again = label_subgroups(endpoint(), SEX, n_draws=6, seed=1)
    assert (again["sex"].labels == found["sex"].labels).all()


def test_what_comes_out(found):
    """Frames and sentences name variables, levels and what is not identified."""
    frame = found.to_frame()
    assert list(frame["level"]) == ["female", "male"]
    assert set(found.draw(0)["sex"]) == {"female", "male"}
    assert found.survival("sex", "male", arm="Obs", time=[12.0]).shape == (
        found["sex"].met.sum(),
        1,
    )
    assert any("labels consistent with all reported" in sentence for sentence in found.sentences)
    with pytest.raises(KeyError, match="there is no variable 'age'"):
        found["age"]
    with pytest.raises(IndexError, match="there is no draw 9"):
        found.draw(9)


def test_labels_recover_curves_better_than_chance():
    """On colon's own patients curves by sex are nearer to the truth than under random labels."""
    data = pd.read_csv(REFERENCE / "subgroups" / "colon.csv")
    ipd = PseudoIPD.from_frame(data, reference="Obs")
    variable = reported_variables(SEX, endpoint())[0]
    each = labels_of(variable, [ipd] * 8, seed=0, purpose=0)
    rng, grid = np.random.default_rng(0), np.linspace(6, 80, 20)
    real = (data["sex"] == "male").to_numpy() & (data["arm"] == "Obs").to_numpy()

    def curve(members):
        return WholePatients.in_order(ipd.time[members], ipd.event[members]).survival_at(grid)

    ours = np.mean(
        [curve((each.labels[i] == 1) & (ipd.arm == "Obs")) for i in np.flatnonzero(each.met)],
        axis=0,
    )
    chance = []
    for _ in range(20):
        chosen = np.zeros(ipd.time.size, dtype=bool)
        chosen[rng.choice(np.flatnonzero(ipd.arm == "Obs"), real.sum(), replace=False)] = True
        chance.append(curve(chosen))
    off = [np.abs(each - curve(real)).mean() for each in (ours, np.mean(chance, axis=0))]
    assert off[0] < off[1]


def test_score_is_the_partial_likelihoods():
    """The compiled score and information are those of the batched Cox regression, with ties."""
    rng = np.random.default_rng(2)
    time = np.sort(rng.integers(1, 9, 40)).astype(float)
    event, treated, labels = rng.random(40) < 0.6, rng.random(40) < 0.5, rng.integers(0, 2, 40)
    own = labels == 1
    sets = RiskSets.of(time[None, own], event[None, own], treated[own])
    slow = partial_likelihood(sets, np.array([0.3]))
    score, information = _score(time, event, treated, labels, 1, 0.3)
    assert score == pytest.approx(slow.score[0])
    assert information == pytest.approx(slow.information[0])


def test_heterogeneity():
    """Cochran's Q of two estimates is the square of their standardised difference."""
    from scipy.stats import norm

    p = heterogeneity(np.array([[0.1, 0.6]]), np.array([[0.2, 0.15]]))
    assert p[0] == pytest.approx(2 * norm.sf(0.5 / 0.25))
    assert np.isnan(heterogeneity(np.array([[0.1]]), np.array([[0.2]]))[0])


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        pytest.param([row(cells=("91/200", "48/141")), row("female", cells=("77/149", "75/163"))],
                     r"200 \+ 149 = 349 patients of arm Obs, which has 315", id="n"),
        pytest.param([row(cells=("160/166", "48/141")), row("female", cells=("77/149", "75/163"))],
                     "237 events in arm Obs, for which 168 are reported", id="events"),
        pytest.param([row(cells=("90/166", "48/141")), FEMALE],
                     "all 315 patients of arm Obs and 167 events, for which 168",
                     id="not all events"),
        pytest.param([row(cells=("0/166", "48/141"))],
                     "0.52 is impossible: nobody in arm Obs had the event", id="no events"),
        pytest.param([row(cells=("170/166", "48/141"))], "170 events of 166 patients",
                     id="events over n"),
        pytest.param([row(ci=("0.50", "0.54"))],
                     "the interval 0.50 to 0.54 is impossible for an unadjusted", id="narrow"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(rows, sentence):
    """Only what counting proves is called impossible."""
    with pytest.raises(ContradictionError, match=sentence):
        label_subgroups(endpoint(), table(*rows), n_draws=1)


def test_what_is_not_found_is_not_called_impossible():
    """A hazard ratio for which no labels are found is said not to be proven impossible."""
    odd = table(row(hazard_ratio="3.10", ci=("2.20", "4.40")), FEMALE)
    sentences = label_subgroups(endpoint(), odd, n_draws=1).sentences
    assert any("does not prove that there are none" in sentence for sentence in sentences)


def test_tables_without_patients_are_refused():
    """A row has to say how many patients it is of."""
    bare = table({"variable": "sex", "level": "male", "hazard_ratio": "0.5"})
    with pytest.raises(ReconstructionRefused, match="no subgroup of all/OS with patients by arm"):
        label_subgroups(endpoint(), bare)


def test_unlabelled_patients_are_said():
    """Patients of none of the levels are counted in a sentence."""
    some = table(row(cells=("166", "141"), ci=("0.3", "0.9")))
    found = label_subgroups(endpoint(), some, n_draws=1)
    assert any("149 of the 315 patients of arm Obs are in none" in each for each in found.sentences)
    assert any("events of the levels are not reported" in each for each in found.sentences)


def test_a_p_for_interaction_that_labels_do_not_give_is_named(found):
    """Hazard ratios and intervals of the levels are met, and they give another p."""
    each = found["sex"]
    assert found.every_number
    variable = replace(each.variable, p_interaction=PrintedNumber.parse("0.80"))
    sentences = replace(each, variable=variable).sentences
    named = "sex: the reported p for interaction, 0.80, is not matched: the labels give p = 0.0"
    assert any(sentence.startswith(named) for sentence in sentences)
    assert not replace(found, variables=(replace(each, variable=variable),)).every_number


def test_a_row_that_is_left_out_is_named(found):
    """Its patients are in a level, and not said to be in none."""
    slip = table(FEMALE, row(cells=("91.5/166", "48/141")))
    sentences = replace(found, table=slip).sentences
    assert (
        'sex, male: the row was left out, since "91.5/166" of arm Obs is neither patients nor '
        "events/patients. Its patients have no label."
    ) in sentences
    assert not replace(found, table=slip).every_number
    (female,) = reported_variables(slip, endpoint())
    assert [*unlabelled(slip, endpoint(), [female])][1] == (
        "sex: 166 of the 315 patients of arm Obs are in none of its other levels and have no label."
    )


def test_events_that_the_patients_of_no_level_cannot_have_had():
    """Two patients are in no level; they cannot have had ten events."""
    few = table(row("female", "0.86", ("0.63", "1.19"), ("67/147", "75/163")), row())
    with pytest.raises(ContradictionError, match="so that the other 2 patients would have 10"):
        label_subgroups(endpoint(), few, n_draws=1)

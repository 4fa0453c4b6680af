"""What papers report of an effect, against their own events and interval, before it is pooled."""

import math

import pytest

import kmrepro as km
from kmrepro.models.pooling import trial_of


def _study(name: str, **reported: object) -> km.Study:
    arms = {
        "C": {"n": 100, "events": 60, "landmarks": {12: "70.0%", 24: "50.0%"}},
        "T": {"n": 100, "events": 50, "landmarks": {12: "77.0%", 24: "60.0%"}},
    }
    endpoint = {"name": "OS", "reference": "C", "arms": arms, "reported": reported}
    return km.study(id=name, endpoints=[endpoint])


GOOD = [
    _study("one", hazard_ratio="0.75", ci=["0.51", "1.10"]),
    _study("two", hazard_ratio="0.80", ci=["0.55", "1.16"]),
]


def test_an_interval_without_its_ratio_is_not_pooled() -> None:
    """As reported it had an interval that nobody reported, as wide around the ratio."""
    wrong = _study("wrong", hazard_ratio="0.64", ci=["0.70", "3.0"])
    pooled = km.pool([*GOOD, wrong], n_draws=0)
    said = "the 95% interval 0.70 to 3.0 does not contain the hazard ratio 0.64"
    assert pooled.by_source["reported"].left_out == {"wrong": said}


@pytest.mark.parametrize(
    ("ratio", "ci", "noted"),
    [
        pytest.param("0.66", ["0.55", "1.15"], True, id="skewed"),
        pytest.param("0.7", ["0.8", "1.7"], True, id="outside but for rounding"),
        pytest.param("0.66", ["0.36", "1.18"], False, id="as it should be"),
        pytest.param("0.7", ["0.4", "1.4"], False, id="within its rounding"),
    ],
)
def test_a_ratio_that_is_not_in_the_middle_is_noted(ratio: str, ci: list[str], noted: bool) -> None:
    """What is pooled is another interval than the reported one."""
    pooled = km.pool([*GOOD, _study("skew", hazard_ratio=ratio, ci=ci)], n_draws=0)
    said = f"skew, as reported: {ratio} is not the middle of its interval, {ci[0]} to {ci[1]}"
    assert any(note.startswith(said) for note in pooled.notes) is noted


def test_an_interval_alone_gives_its_middle() -> None:
    """It is nearer to the hazard ratio than what survival gives, and has its variance."""
    pooled = km.pool([*GOOD, _study("only", ci=["0.41", "0.91"])], n_draws=0)
    effect = pooled.by_source["reported"].effects[2]
    assert effect.route == "middle and width of the reported interval"
    assert not effect.approximate
    assert effect.estimate == pytest.approx(math.log(0.41 * 0.91) / 2, rel=1e-12)
    width = math.log(0.91 / 0.41) / (2 * 1.959963984540054)
    assert effect.variance == pytest.approx(width**2, rel=1e-12)


def test_the_middle_of_an_interval_says_where_its_variance_is_from() -> None:
    """A p that the interval cannot have beside it gives the variance, and the route names it."""
    pooled = km.pool([*GOOD, _study("p", ci=["0.61", "0.61"], p="0.005")], n_draws=0)
    assert pooled.by_source["reported"].effects[2].route == "middle of the reported interval, and p"


def test_a_trial_that_is_there_again_under_another_name_is_noted() -> None:
    """A second publication counts twice; trials that differ in one number are two."""
    again = _study("again", hazard_ratio="0.75", ci=["0.51", "1.10"])
    (note,) = [each for each in km.pool([*GOOD, again], n_draws=0).notes if "pool it once" in each]
    assert note.startswith("one, again have the same numbers of patients and the same hazard ratio")
    other = _study("again", hazard_ratio="0.75", ci=["0.51", "1.11"])
    assert not [each for each in km.pool([*GOOD, other], n_draws=0).notes if "once" in each]


@pytest.mark.parametrize(
    ("ratio", "p", "agrees"),
    [
        pytest.param("0.64", "0.99", False, id="far too large"),
        pytest.param("0.95", "0.0001", False, id="far too small"),
        pytest.param("0.70", "0.07", True, id="as it should be"),
        pytest.param("0.99", "0.95", True, id="within its rounding"),
        pytest.param("0.64", "0.04", True, id="of another model"),
    ],
)
def test_a_p_that_cannot_be_of_the_events(ratio: str, p: str, *, agrees: bool) -> None:
    """The variance is then that of the events, and the table says so."""
    pooled = km.pool([*GOOD, _study("odd", hazard_ratio=ratio, p=p)], n_draws=0)
    effect = pooled.by_source["reported"].effects[2]
    if agrees:
        assert effect.route == "reported hazard ratio and p"
        return
    assert effect.route == f"reported hazard ratio and events; p = {p} disagrees with them"
    assert effect.approximate
    assert effect.variance == pytest.approx(1 / 60 + 1 / 50)


def test_one_draw_of_a_reproduction_gives_no_effect() -> None:
    """It was combined by Rubin's rules with a variance between draws of 0."""
    analysis = km.reproduce(GOOD[0], n_draws=1).comparisons[0]
    found = trial_of(analysis, name="one")
    assert "draws" not in found.effects
    assert found.missing["draws"] == "one draw has no variance between draws"
    assert found.draws is None


@pytest.mark.parametrize(
    ("ci", "said"),
    [
        pytest.param(["0.63", "0.65"], "a standard error of 0.008", id="far too narrow"),
        pytest.param(["0.10", "4.0"], "a standard error of 0.94", id="far too wide"),
        pytest.param(["0.44", "0.93"], "", id="as it should be"),
        pytest.param(["0.4", "0.9"], "", id="within its rounding"),
    ],
)
def test_an_interval_that_cannot_be_of_the_events_is_noted(ci: list[str], said: str) -> None:
    """It is pooled as it is reported, and might take all of the weight."""
    pooled = km.pool([*GOOD, _study("odd", hazard_ratio="0.64", ci=ci)], n_draws=0)
    effect = pooled.by_source["reported"].effects[2]
    assert effect.route == "reported hazard ratio and interval"
    notes = [note for note in pooled.notes if note.startswith("odd, as reported: ")]
    assert bool(notes) == bool(said)
    for note in notes:
        assert said in note
        assert note.endswith(", and so many events have one of 0.19; check both.")


@pytest.mark.parametrize(
    ("reported", "route"),
    [
        pytest.param({"p": "<0.05"}, "p and events", id="the smallest effect that is possible"),
        pytest.param({"p": ">0.05"}, "survival at 24", id="the largest"),
        pytest.param({"p": "≥0.10"}, "survival at 24", id="the largest, its bound included"),
        pytest.param({"p": "0.04", "one_sided": True}, "p and events", id="one-sided"),
        pytest.param({"p": "0.97", "one_sided": True}, "survival at 24", id="of another direction"),
    ],
)
def test_a_p_is_pooled_if_it_tells_an_effect(reported: dict[str, object], route: str) -> None:
    """P over 0.05, and one of 0.97 against the treatment, gave as large an effect as 0.05."""
    pooled = km.pool([*GOOD, _study("odd", **reported)], n_draws=0)
    assert pooled.by_source["reported"].effects[2].route == route


def test_a_p_alone_that_tells_no_effect_is_left_out() -> None:
    """Medians without events have no variance either, and the reason names what p says."""
    odd = km.study(
        id="odd",
        endpoints=[
            {
                "name": "OS",
                "reference": "C",
                "arms": {name: {"n": 100, "median": "15.0"} for name in "CT"},
                "reported": {"p": ">0.05", "events": 120},
            }
        ],
    )
    left_out = km.pool([*GOOD, odd], n_draws=0).by_source["reported"].left_out
    assert 'nor p with events (one of ">0.05"' in left_out["odd"]

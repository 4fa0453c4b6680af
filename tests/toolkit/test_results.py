"""`results.json` and the comparison table: a contract that programs read."""

import csv
import io
import itertools
import json
import math
from dataclasses import dataclass

import numpy as np
import pytest

import kmrepro as km
from kmrepro.reproduction import Reproduction
from kmrepro.results import COMPARISON_TYPES, _median_dict, plain_value
from kmrepro.studies import Endpoint

STUDY = "an2025"


@pytest.fixture(scope="module")
def result() -> Reproduction:
    """Return the matched cohort of the SR-versus-TA paper, re-analysed."""
    study = km.load_study(STUDY)
    wanted = [study.endpoint("psm", name) for name in ("OS", "EPFS")]
    return km.reproduce(study, endpoints=wanted, n_draws=20)


def test_the_keys_of_the_contract(result: Reproduction) -> None:
    """Keys that programs rely on are there, with the types that they rely on."""
    results = json.loads(result.to_json())
    assert (results["study"], results["kmrepro_version"], results["seed"]) == (
        STUDY,
        km.__version__,
        0,
    )
    assert results["single_arm"] == results["refused"] == []
    entry = results["comparisons"][0]
    assert {key: entry[key] for key in ("cohort", "endpoint", "reference", "treatment")} == {
        "cohort": "psm", "endpoint": "OS", "reference": "SR", "treatment": "TA",
    }  # fmt: skip
    assert {key: entry["reported"][key] for key in ("hazard_ratio", "ci", "p")} == {
        "hazard_ratio": 1.22, "ci": [0.78, 1.89], "p": 0.381,
    }  # fmt: skip
    assert set(entry["reproduced"]) >= {"hazard_ratio", "ci", "p_logrank", "p_wald", "events"}
    assert set(entry["reproduced"]["events"]) == {"SR", "TA"}
    assert set(entry["difference"]) >= {"log_hazard_ratio", "in_reported_se", "same_conclusion"}
    assert entry["verdict"] in ("reproduced", "compatible", "discrepant", "not assessable")
    assert entry["n_draws"] == 20
    low, high = entry["reproduction_interval"]
    assert 0 < low < high
    assert all(isinstance(sentence, str) for sentence in entry["assumptions"])
    landmark = entry["landmarks"][0]
    assert list(landmark) == ["arm", "time", "printed", "reproduced", "inside"]
    assert (landmark["arm"], landmark["time"], landmark["printed"]) == ("SR", 12, "98.8%")
    assert landmark["inside"] is True
    assert 0.9875 <= landmark["reproduced"] <= 0.9885


def test_json_says_what_the_analyses_say(result: Reproduction) -> None:
    """The numbers in the file are those of the analyses, to the last digit."""
    for analysis, entry in zip(
        result.comparisons, json.loads(result.to_json())["comparisons"], strict=True
    ):
        assert analysis.cox is not None
        assert analysis.logrank is not None
        assert entry["reproduced"]["hazard_ratio"] == analysis.cox.hazard_ratio
        assert entry["reproduced"]["ci"] == list(analysis.cox.ci)
        assert entry["reproduced"]["p_logrank"] == analysis.logrank.p
        assert sum(entry["reproduced"]["events"].values()) == int(analysis.ipd.event.sum())


def test_a_median_that_is_not_reached_is_null() -> None:
    """JSON has no infinity; a strict reader reads every file."""
    study = km.load_study("zhang2023")
    results = json.loads(km.reproduce(study, n_draws=5).to_json(), parse_constant=pytest.fail)
    medians = [entry["median"]["reproduced"] for entry in results["single_arm"]]
    assert medians == [None, None]
    assert results["comparisons"] == []
    assert [entry["events"] for entry in results["single_arm"]] == [3, 0]


def test_a_median_is_said_to_be_met_or_missed() -> None:
    """Of each arm by itself; nothing is said of an arm that prints none."""

    def printing(median: str) -> Endpoint:
        one = {"n": 40, "landmarks": {12: "70%"}, "median": median}
        arms = {"A": one, "B": {"n": 40, "landmarks": {12: "80%"}}}
        written = {"name": "OS", "reference": "A", "arms": arms}
        return km.study(id="one", endpoints=[written]).endpoint("all", "OS")

    ipd = km.reconstruct(printing("20.0"))
    for median, inside in (("20.0", True), ("31.0", False)):
        analysis = km.analyse(printing(median), ipd)
        assert _median_dict(analysis, "A")["inside"] is inside
        assert _median_dict(analysis, "B")["inside"] is None


def test_what_is_refused_is_listed_with_its_reason_and_quick_looks() -> None:
    """A review without numbers of patients still says something."""
    study = km.load_study("wang2024")
    results = json.loads(km.reproduce(study, n_draws=20).to_json())
    assert len(results["refused"]) == len(study.endpoints)
    first = results["refused"][0]
    assert set(first) >= {"cohort", "endpoint", "reason", "numbers", "quick_looks"}
    assert "n" in first["reason"]
    assert {look["name"] for look in first["quick_looks"]} >= {"medians"}


def test_the_table_has_the_columns_that_it_is_documented_with(result: Reproduction) -> None:
    """Columns keep their names and types, also with no row to tell them from."""
    frame = result.to_frame()
    assert {name: str(kind) for name, kind in frame.dtypes.items()} == COMPARISON_TYPES
    assert frame["endpoint"].tolist() == ["OS", "EPFS"]
    assert frame.loc[0, "reported_hazard_ratio"] == 1.22
    empty = km.reproduce(km.load_study("zhang2023")).to_frame()
    assert {name: str(kind) for name, kind in empty.dtypes.items()} == COMPARISON_TYPES
    assert empty.empty


def test_the_same_study_gives_the_same_bytes(result: Reproduction) -> None:
    """Nothing is drawn at random, and no clock or path gets into the results."""
    endpoints = [analysis.endpoint for analysis in result.analyses]
    assert km.reproduce(result.study, endpoints=endpoints, n_draws=20).to_json() == result.to_json()


def test_progress_is_told_before_each_endpoint() -> None:
    """A bar knows how far the work is."""
    told: list[tuple[int, int, str]] = []
    study = km.load_study("zhang2023")
    km.reproduce(study, n_draws=0, progress=lambda *step: told.append(step))
    assert told == [(0, 2, "Reconstructing resected/DFS"), (1, 2, "Reconstructing converted/OS")]


@dataclass(frozen=True)
class _Point:
    time: float
    _hidden: int = 0


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        pytest.param(math.nan, None, id="NaN"),
        pytest.param(-math.inf, None, id="infinity"),
        pytest.param(np.float64(12.0), 12, id="whole"),
        pytest.param(0.988, 0.988, id="fraction"),
        pytest.param(np.bool_(True), True, id="numpy bool"),
        pytest.param(np.array([1.5, math.inf]), [1.5, None], id="array"),
        pytest.param({12.0: (1.5, None)}, {"12": [1.5, None]}, id="mapping"),
        pytest.param(km.PrintedNumber.parse("<0.001"), "<0.001", id="printed"),
        pytest.param(_Point(math.nan), {"time": None}, id="dataclass"),
        pytest.param(1e300, 1e300, id="large"),
    ],
)
def test_plain_values(value: object, plain: object) -> None:
    """Everything that a result holds becomes what JSON can hold."""
    assert plain_value(value) == plain
    json.dumps(plain_value(value), allow_nan=False)


def test_the_csv_reads_back(result: Reproduction) -> None:
    """The table survives the way through a file."""
    rows = list(csv.DictReader(io.StringIO(result.to_frame().to_csv(index=False))))
    assert list(rows[0]) == list(COMPARISON_TYPES)
    assert (
        float(rows[0]["reproduced_hazard_ratio"]) == result.to_frame()["reproduced_hazard_ratio"][0]
    )


def test_endpoints_of_another_study_are_refused() -> None:
    """The results would say that they are of this one."""
    study, other = km.load_study("zhang2023"), km.load_study(STUDY).endpoints[0]
    with pytest.raises(ValueError, match="which zhang2023 does not have; it has"):
        km.reproduce(study, endpoints=[other], n_draws=0)
    with pytest.raises(TypeError, match="`endpoints` holds a str; take endpoints such as"):
        km.reproduce(study, endpoints=["all/OS"], n_draws=0)  # type: ignore[list-item]


def test_progress_says_how_many_data_sets_are_drawn() -> None:
    """Millions of patients take minutes to draw from, which nobody should wait for in silence."""
    told: list[tuple[int, int, str]] = []
    study = km.load_study("an2025")
    endpoint = study.endpoint("psm", "OS")
    progress = told.append
    km.reproduce(study, endpoints=[endpoint], n_draws=400, progress=lambda *step: progress(step))
    rows = km.ensemble(endpoint, n_draws=1).sampler.blocks.rows(400)
    drawn = itertools.accumulate(rows)
    said = [(0, 1, f"Drawing psm/OS, {number} of 400 data sets") for number in drawn]
    assert told == [(0, 1, "Reconstructing psm/OS"), *said]

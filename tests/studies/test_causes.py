"""Competing risks in a study file."""

import pytest
from pydantic import ValidationError

from kmrepro.studies import Endpoint, Study, StudyFileError, load_study
from kmrepro.studies.reader import study_of


def raw(**changes):
    arm = {"n": 100, "causes": {"relapse": {"landmarks": {"12": "20%"}, "events": 30},
                                "death": {"landmarks": {"12": "10%"}}}}  # fmt: skip
    return {"name": "EFS", "reference": "A", "arms": {"A": arm, "B": arm}, **changes}


def test_causes_are_read():
    """An endpoint knows its causes, and what is reported of each."""
    endpoint = Endpoint.model_validate(raw())
    assert endpoint.causes == ("relapse", "death")
    cause = endpoint.arms["A"].causes["relapse"]
    assert cause.landmarks[12.0].incidence.contains(0.2)
    assert cause.events == 30


def test_reported_tables_name_causes():
    """What is reported by cause is among what is shown of an arm."""
    study = Study.model_validate({"id": "x", "endpoint": [raw()]})
    assert (
        "cumulative incidence of relapse 12: 20%, 30 events; death 12: 10%" in study._repr_html_()
    )


@pytest.mark.parametrize(
    ("endpoint", "sentence"),
    [
        pytest.param(
            raw(arms={"A": raw()["arms"]["A"], "B": {"n": 10, "landmarks": {"12": "50%"}}}),
            "arms.B.causes: is missing; other arms report relapse, death",
            id="other arm",
        ),
        pytest.param(
            raw(arms={"A": raw()["arms"]["A"], "B": {"n": 10, "causes": {"relapse": {}}}}),
            '"death" is missing, which another arm has',
            id="other cause",
        ),
        pytest.param(
            raw(reported={"causes": {"cure": {"hazard_ratio": "0.5"}}}),
            "names no cause of the arms",
            id="unknown",
        ),
        pytest.param(
            raw(reference=None, reported={"causes": {"relapse": {"hazard_ratio": "0.5"}}}),
            "no denominator",
            id="no reference",
        ),
        pytest.param(
            raw(arms={"A": {"causes": {"relapse": {"landmarks": {"12": "120%"}}}}}, reference="A"),
            "is not a cumulative incidence",
            id="above all",
        ),
        pytest.param(
            raw(arms={"A": {"causes": {"relapse": {"landmarks": {"12": 20}}}}}, reference="A"),
            "is not in quotes",
            id="no quotes",
        ),
    ],
)
def test_faults_are_named(endpoint, sentence):
    """What does not fit is refused with its place and the fix."""
    raw_study = {"id": "x", "endpoint": [{k: v for k, v in endpoint.items() if v is not None}]}
    with pytest.raises(StudyFileError, match=sentence.replace("(", r"\(")):
        study_of(raw_study, "x")


def test_a_curve_of_incidence_is_read(tmp_path):
    """A column of incidence becomes a curve that falls from 1."""
    (tmp_path / "r.csv").write_text("time,incidence\n0,0\n3,0.05\n6,0.1\n9,0.15\n12,0.2\n")
    text = (
        'id = "x"\n[[endpoint]]\nname = "R"\n[endpoint.arms.A]\nn = 100\n'
        '[endpoint.arms.A.causes.relapse]\ncurve = "r.csv"\n'
    )
    path = tmp_path / "x.toml"
    path.write_text(text)
    curve = load_study(path).endpoints[0].arms["A"].causes["relapse"].curve
    assert curve.survival[-1] == pytest.approx(0.8)


def test_unknown_key_is_refused():
    """A slip of the keyboard in a cause is found."""
    with pytest.raises(ValidationError, match="landmark"):
        Endpoint.model_validate(
            raw(arms={"A": {"causes": {"relapse": {"landmark": {"12": "1%"}}}}}, reference="A")
        )

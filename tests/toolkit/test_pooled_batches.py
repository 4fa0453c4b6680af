"""The results of a batch are pooled as the study files are that it was made from."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kmrepro as km
from kmrepro.batch_results import NoResults, as_reported_json
from kmrepro.models.pooling.trial import effect_as_reported
from kmrepro.pooled_studies import PoolingRefused
from kmrepro.studies import Study

from .conftest import draw_nothing

ARMS = """
[endpoint.arms.C]
n = 100
landmarks = { 12 = "60.0%", 24 = "40.0%" }
events = 70
[endpoint.arms.T]
n = 110
landmarks = { 12 = "70.0%", 24 = "50.0%" }
events = 66
"""
REPORTED = {
    "interval": 'hazard_ratio = "0.75"\nci = ["0.54", "1.05"]',
    "threshold": 'hazard_ratio = "0.97"\np = ">0.05"',
    "misprinted": 'hazard_ratio = "0.98"\np = "0.001"',
    "events": 'hazard_ratio = "0.80"',
    "skewed": 'hazard_ratio = "0.66"\nci = ["0.55", "1.15"]',
    "narrow": 'hazard_ratio = "0.75"\nci = ["0.66", "0.85"]',
    "outside": 'hazard_ratio = "0.64"\nci = ["0.70", "3.0"]',
    "level": 'hazard_ratio = "0.75"\nci = ["0.57", "0.99"]\nci_level = 90',
    "one-sided": 'hazard_ratio = "0.75"\np = "0.045"\none_sided = true',
    "curve": 'hazard_ratio = "0.70"\nadjusted = true',
    "refused": 'hazard_ratio = "0.70"\nci = ["0.50", "0.98"]',
}


def study_text(name: str, reported: str) -> str:
    arms = ARMS
    if name == "curve":
        arms = arms.replace("events = 70", 'curve = "curve.csv"')
    if name == "refused":
        arms = arms.replace('24 = "40.0%"', '24 = "80.0%"')
    head = f'id = "{name}"\n[[endpoint]]\nname = "OS"\nreference = "C"\n'
    return f"{head}{arms}[endpoint.reported]\n{reported}\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Write a study for each way to report an effect, and make a batch of them."""
    folder = tmp_path_factory.mktemp("pooled") / "studies"
    folder.mkdir()
    curve = "time,survival\n6,0.8\n12,0.6\n18,0.5\n24,0.4\n"
    (folder / "curve.csv").write_text(curve, encoding="utf-8")
    for name, reported in REPORTED.items():
        (folder / f"{name}.toml").write_text(study_text(name, reported), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patched:
        draw_nothing(patched)
        km.batch(folder, folder.parent / "out", formats=[], n_draws=0)
    return folder, folder.parent / "out"


def test_what_is_reported_is_the_same(made: tuple[Path, Path]) -> None:
    """A bound was an exact p, and events, doubts and reasons for none were lost."""
    files, results = (km.pool(folder, n_draws=0) for folder in made)
    for one, two in zip(files.trials, results.trials, strict=True):
        assert (one.name, one.arms, one.n, one.events) == (two.name, two.arms, two.n, two.events)
        assert one.effects.get("reported") == two.effects.get("reported")
        for source in ("reported", "reproduced"):
            assert one.missing.get(source) == two.missing.get(source)
    assert files.notes == results.notes
    own, read = (each.by_source["reproduced"].random for each in (files, results))
    assert own.estimate == pytest.approx(read.estimate, rel=1e-9)
    assert "refused" in results.by_source["reported"].trials
    assert "80.0%" in results.by_source["reproduced"].left_out["refused"]


@pytest.mark.parametrize("case", ["taken out", "cannot be read", "results are gone"])
def test_a_batch_is_what_its_last_run_lists(
    made: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    """A study that was taken out of the folder was pooled all the same."""
    draw_nothing(monkeypatch)
    folder, out = tmp_path / "studies", tmp_path / "out"
    folder.mkdir()
    for name in ("interval", "events", "level"):
        (folder / f"{name}.toml").write_bytes((made[0] / f"{name}.toml").read_bytes())
    km.batch(folder, out, formats=[], n_draws=0)
    if case == "taken out":
        (folder / "level.toml").unlink()
    elif case == "cannot be read":
        (folder / "level.toml").write_text('id = "level"', encoding="utf-8")
    km.batch(folder, out, formats=[], n_draws=0)
    if case == "taken out":
        assert [each.name for each in km.pool(out).trials] == ["events", "interval"]
    elif case == "cannot be read":
        with pytest.raises(NoResults, match=r"level\.toml has no results in .*: endpoint: it is"):
            km.pool(out)
    else:
        (out / "level" / "study.json").unlink()
        with pytest.raises(NoResults, match=r"study\.json cannot be read: .* run `kmrepro batch`"):
            km.pool(out)


def test_an_endpoint_that_not_every_study_has(made: tuple[Path, Path]) -> None:
    """It is refused in the same words as of the study files."""
    for folder in made:
        with pytest.raises(PoolingRefused, match="does not compare two arms on PFS; it has OS"):
            km.pool(folder, endpoint="PFS", n_draws=0)


PERCENT = st.integers(5, 95).map(lambda each: f"{each}%")
RATIO = st.floats(0.2, 4.0).map(lambda each: f"{each:.2f}")
P = st.tuples(st.sampled_from(["", "<", ">", "~"]), st.floats(0.001, 0.999)).map(
    lambda each: f"{each[0]}{each[1]:.3f}"
)
UNITS = ["days", "months", "years"]
MAYBE_COUNT = st.none() | st.integers(1, 90)


@st.composite
def studies(draw: st.DrawFn) -> Study:
    """Draw what a paper may report of two arms, a hazard ratio with or without its interval."""
    arms = {}
    for name in "CT":
        high, low = sorted((draw(PERCENT), draw(PERCENT)), key=lambda each: -int(each[:-1]))
        arm: dict[str, Any] = {"n": draw(st.none() | st.integers(90, 300))}
        arm |= {"events": draw(MAYBE_COUNT), "median": draw(st.none() | st.just("15.2"))}
        arm["landmarks"] = {12: high, 24.5: low} if draw(st.booleans()) else {}
        arms[name] = {key: value for key, value in arm.items() if value is not None}
    reported: dict[str, Any] = {
        "hazard_ratio": draw(st.none() | RATIO),
        "p": draw(st.none() | P),
        "events": draw(MAYBE_COUNT),
        "ci_level": draw(st.sampled_from([None, 90.0, 99.0])),
        "one_sided": draw(st.booleans()),
        "adjusted": draw(st.booleans()),
    }
    if draw(st.booleans()):
        reported["ci"] = sorted((draw(RATIO), draw(RATIO)), key=float)
    reported = {key: value for key, value in reported.items() if value is not None}
    endpoint = {"name": "OS", "reference": "C", "arms": arms, "reported": reported}
    return km.study(id="drawn", endpoints=[endpoint], time_unit=draw(st.sampled_from(UNITS)))


@given(studies())
@settings(max_examples=300, deadline=None)
def test_a_study_of_a_batch_reports_what_it_reported(study: Study) -> None:
    """Whatever is reported: what is pooled of it is read from these endpoints alone."""
    kept = Study.model_validate_json(as_reported_json(study))
    assert (kept.id, kept.endpoints) == (study.id, study.endpoints)
    assert [effect_as_reported(e) for e in kept.endpoints] == [
        effect_as_reported(e) for e in study.endpoints
    ]

"""Published trials: the files say what was reported and where, and the benchmark runs."""

from __future__ import annotations

import json

import pytest

from kmrepro import load_study
from kmrepro.study_tables import validity

from ..seeds import nightly
from .conftest import FOLDER

FILES = sorted((FOLDER / "published_trials").glob("*.toml"))
ODD = {"rtog-0617": 5}  # in the paper: medians outside their quartiles, and a ratio near 1


@pytest.fixture
def published(imported):
    """Import the benchmark."""
    return imported("published_trials")


def test_the_list_is_what_it_was():
    """None is taken out: 41 papers with 56 comparisons."""
    studies = [load_study(file) for file in FILES]
    assert len(studies) == 41
    endpoints = [endpoint for study in studies for endpoint in study.endpoints]
    assert sum(max(len(endpoint.comparisons), 1) for endpoint in endpoints) == 56


@pytest.mark.parametrize("file", [FILES[0], *map(nightly, FILES[1:])], ids=lambda file: file.stem)
def test_files_are_valid(file):
    """Nothing is odd but what is so in the paper."""
    study = load_study(file)
    found = validity(study)
    assert len(found.doubts) == ODD.get(study.id, 0)
    assert not found.contradictory


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_files_are_cited(file):
    """Each number has its place."""
    study = load_study(file)
    assert study.id == file.stem
    assert study.citation
    assert study.doi
    for endpoint in study.endpoints:
        assert endpoint.source
        assert all(arm.n for arm in endpoint.arms.values())
        assert endpoint.comparisons or endpoint.reported.hazard_ratio
        assert any(
            arm.landmarks or (arm.median is not None and arm.median.reached)
            for arm in endpoint.arms.values()
        )


def test_one_is_reproduced(published, tmp_path, capsys):
    """The ratio of two small arms comes within its reported standard error, and is written."""
    written = tmp_path / "published.json"
    published.main(["--only", "sormain", "--draws", "400", "--json", str(written)])
    printed = capsys.readouterr().out
    assert "0.39 (95% CI 0.18 to 0.85)" in printed
    (outcome,) = json.loads(written.read_text(encoding="utf-8"))
    assert outcome["verdict"] == "reproduced"
    assert outcome["reports"] == "one landmark"
    assert not outcome["events"]
    assert outcome["distance"] < 1
    assert outcome["interval"][0] < 0.39 < outcome["interval"][1]


def test_groups_count_every_comparison_once(published):
    """Refused ones are counted, and said why."""
    made = published.outcomes(FOLDER / "published_trials" / "jbr10.toml", draws=60, seed=0)
    assert [each.verdict for each in made] == ["reproduced", "refused"]
    assert "a median that is not reached" in made[1].said[0]
    groups = dict(published.groups(made))
    assert groups["all"] == made
    assert sum(len(groups[name]) for name in ("medians alone", "one landmark, medians")) == 2
    assert published.width_of((0.0, 2.0), 0.2) is None


@pytest.mark.usefixtures("small_blocks", "no_search")
def test_an_adjusted_ratio_is_explained_by_it(published, capsys):
    """The list of discrepancies does not say that nothing explains a weighted ratio."""
    published.main(["--only", "bima-weighted", "--draws", "60"])
    assert "discrepant: the reported analysis is adjusted" in capsys.readouterr().out


def test_an_unknown_study_is_named(published):
    """Not a run of nothing."""
    with pytest.raises(SystemExit, match="there is no study 'nobody'"):
        published.chosen(["nobody"])

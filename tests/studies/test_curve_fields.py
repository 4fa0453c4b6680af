"""The keys of a study file that name curves and censoring marks."""

from __future__ import annotations

from pathlib import Path

import pytest

from kmrepro.studies import Arm, Endpoint, StudyFileError, digitised_curve, read_study

STUDY = """
id = "mine"

[[endpoint]]
name = "OS"

[endpoint.arms.A]
n = 40
{keys}
"""
POINTS = "0,1\n2,0.975\n5,0.95\n9,0.925\n"
TWO = "x,A,B\n0,1,1\n2,0.9,0.8\n5,0.8,0.7\n"


def arm(folder: Path, keys: str, points: str = POINTS) -> Arm:
    """Read a study whose only arm has these keys, beside a file of points."""
    (folder / "os.csv").write_text(points)
    (folder / "mine.toml").write_text(STUDY.format(keys=keys))
    return read_study(folder / "mine.toml").endpoints[0].arms["A"]


def test_a_curve_by_its_file(tmp_path: Path) -> None:
    """The file stands beside the study file."""
    curve = arm(tmp_path, 'curve = "os.csv"').curve
    assert curve is not None
    assert curve.survival == (0.975, 0.95, 0.925)


def test_a_curve_by_its_name_in_a_file(tmp_path: Path) -> None:
    """One of several curves is chosen, and read as it is said to be."""
    keys = 'curve = { file = "os.csv", arm = "B", kind = "samples", tolerance = "0.5%" }'
    curve = arm(tmp_path, keys, TWO).curve
    assert curve is not None
    assert (curve.survival, curve.kind, curve.tolerance) == ((0.8, 0.7), "samples", 0.005)


def test_marks_as_a_list_or_a_file(tmp_path: Path) -> None:
    """Marks are times, or a file of them with their patients."""
    listed = arm(tmp_path, 'curve = "os.csv"\ncensor_marks = [3.5, 1.0]').censor_marks
    assert listed is not None
    assert (listed.time, listed.count) == ((1.0, 3.5), None)
    (tmp_path / "marks.csv").write_text("time,count\n1,2\n")
    counted = arm(tmp_path, 'curve = "os.csv"\ncensor_marks = "marks.csv"').censor_marks
    assert counted is not None
    assert (counted.time, counted.count) == ((1.0,), (2,))


FAULTS = [
    pytest.param('curve = "gone.csv"', "A.curve: there is no file \"gone.csv\" beside", id="gone"),
    pytest.param('curve = "../os.csv"', "leaves the study file's folder", id="outside"),
    pytest.param('curve = "/os.csv"', "must be relative to the study file", id="absolute"),
    pytest.param("curve = 3", '3 is not a file name: write one such as "os-sr.csv"', id="number"),
    pytest.param(
        'curve = { file = "os.csv", kin = "steps" }', '"kin" is no key of a curve', id="key"
    ),
    pytest.param(
        'curve = { file = "os.csv", kind = "stairs" }',
        'kind = "stairs" is not allowed: write "steps" or "samples"',
        id="kind",
    ),
    pytest.param(
        'curve = { file = "os.csv", tolerance = "50%" }',
        'tolerance = "50%" is not allowed: write a share above 0 and up to "10%"',
        id="tolerance",
    ),
    pytest.param(
        'curve = { file = "os.csv", arm = "C" }', 'the file holds the curves "" and none', id="arm"
    ),
    pytest.param("censor_marks = [-1.0]", "a time of -1.0 is not possible", id="mark"),
    pytest.param('censor_marks = ["3"]', '"3" is text: write the times without quotes', id="text"),
]  # fmt: skip


@pytest.mark.parametrize(("keys", "said"), FAULTS)
def test_faults_of_the_keys(tmp_path: Path, keys: str, said: str) -> None:
    """A fault names the key, what was found and what is allowed."""
    with pytest.raises(StudyFileError) as caught:
        arm(tmp_path, keys)
    assert said in str(caught.value)


def test_which_of_several_curves_must_be_said(tmp_path: Path) -> None:
    """A file of several curves is not guessed at."""
    with pytest.raises(
        StudyFileError, match='holds the curves "A", "B" and which is this arm'
    ) as c:
        arm(tmp_path, 'curve = "os.csv"', TWO)
    assert 'write { file = "...", arm = "A" }' in str(c.value)


def test_faults_of_the_points_name_key_and_file(tmp_path: Path) -> None:
    """Points that are no curve are the study file's fault, at the key that names their file."""
    with pytest.raises(StudyFileError, match=r"endpoint\[1\] all/OS: arms.A.curve: .*os.csv: surv"):
        arm(tmp_path, 'curve = "os.csv"', "0,1\n2,0.5\n3,0.9\n")


def test_arms_in_different_units_of_time_are_refused() -> None:
    """A curve that ends a fraction of the way, with patients alive, is in another unit."""
    months = digitised_curve([0, 20, 60], [1, 0.8, 0.6], kind="steps")
    years = digitised_curve([0, 2, 5], [1, 0.8, 0.55], kind="steps")
    arms = {"A": Arm(n=40, curve=months), "B": Arm(n=40, curve=years)}
    with pytest.raises(ValueError, match="it ends at 5 with 55% alive, and that of A at 60"):
        Endpoint(name="OS", arms=arms)


def test_an_arm_whose_patients_all_die_early_is_no_fault() -> None:
    """A curve that comes down to 0 may end long before the other."""
    long, short = (
        digitised_curve([0, 20, 60], [1, 0.8, 0.6], kind="steps"),
        digitised_curve([0, 2, 5], [1, 0.4, 0], kind="steps"),
    )
    endpoint = Endpoint(name="OS", arms={"A": Arm(n=9, curve=long), "B": Arm(n=9, curve=short)})
    assert endpoint.arms["B"].curve == short

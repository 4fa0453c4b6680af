"""Flow diagrams in study files: what is read, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from kmrepro.studies import Flow, StudyFileError, load_study, read_study

FLOW = """
[[flow]]
id = "figure-1"

[[flow.box]]
id = "all"
label = "Admitted"
n = 10

[[flow.excluded]]
from = "all"
n = 3
reasons = [{ label = "Refused", n = 3 }]

[[flow.box]]
id = "treated"
from = "all"
label = "Treated"
n = 7
"""


def test_boxes_are_read(tmp_path: Path, sound: str) -> None:
    """A box names one box without brackets, and knows what comes after it."""
    file = tmp_path / "mine.toml"
    file.write_text(sound + FLOW, encoding="utf-8")
    (flow,) = read_study(file).flows
    assert flow.place == "figure-1"
    assert flow.box("treated").boxes == ("all",)
    assert [box.id for box in flow.after("all")] == ["treated"]
    assert flow.exclusions_from("all")[0].reasons[0].n == 3
    with pytest.raises(KeyError, match="no box cured; it has all, treated"):
        flow.box("cured")


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        pytest.param(
            ("n = 10", "n = -1"),
            "box[1].n: -1 is not a number of patients: a whole number from 0 to 1000000 is allowed",
            id="negative",
        ),
        pytest.param(
            ("n = 10", 'n = "10"'),
            'box[1].n: "10" is not a number of patients: write a whole number without quotes, '
            "such as 185",
            id="quotes",
        ),
        pytest.param(
            ('from = "all"\nlabel', 'from = "treated"\nlabel'),
            'box[2].from: "treated" is no box above it; those are all',
            id="from itself",
        ),
        pytest.param(
            ('from = "all"\nlabel', 'from = ["all", "all"]\nlabel'),
            "box[2].from: it names a box twice",
            id="twice",
        ),
        pytest.param(
            ('from = "all"\nlabel', "from = 3\nlabel"),
            "box[2].from: it must be a list, but is 3",
            id="from a number",
        ),
        pytest.param(
            ('id = "treated"', 'id = "all"'),
            'box[2].id: "all" is the id of an earlier box too',
            id="same id",
        ),
        pytest.param(
            ('from = "all"\nn = 3', 'from = "some"\nn = 3'),
            'excluded[1].from: "some" is no box; they are all, treated',
            id="excluded from nothing",
        ),
        pytest.param(
            ("n = 7", 'n = 7\nquantity = "psm/OS / XX / n"'),
            'box[2].quantity: "psm/OS / XX / n" names no reported number',
            id="no such quantity",
        ),
        pytest.param(
            ("n = 7", "n = 7\nform = 1"),
            "box[2].form: there is no such key; did you mean `from`?",
            id="misspelt key",
        ),
        pytest.param(
            ('label = "Admitted"\n', ""),
            "box[1].label: it is missing; write the wording: who the patients are",
            id="no label",
        ),
        pytest.param(
            ("n = 7", "n = 7\ncomplete = 1"),
            "box[2].complete: it must be true or false without quotes, but is 1",
            id="not a truth",
        ),
    ],
)
def test_faults_name_the_box(
    tmp_path: Path, sound: str, change: tuple[str, str], fault: str
) -> None:
    """Every fault says where it is, what was found and what is allowed."""
    file = tmp_path / "mine.toml"
    assert change[0] in FLOW
    file.write_text(sound + FLOW.replace(*change, 1), encoding="utf-8")
    with pytest.raises(StudyFileError) as caught:
        read_study(file)
    assert caught.value.faults == (f"flow[1] figure-1: {fault}.".replace("?.", "?"),)


def test_ids_differ(tmp_path: Path, sound: str) -> None:
    """Two flow diagrams have two ids."""
    file = tmp_path / "mine.toml"
    file.write_text(sound + FLOW + FLOW, encoding="utf-8")
    with pytest.raises(
        StudyFileError, match=r"flow\[2\] figure-1: id: .* table or of another flow"
    ):
        read_study(file)


def test_a_flow_needs_a_box() -> None:
    """There is nothing to draw otherwise."""
    with pytest.raises(ValueError, match="at least 1"):
        Flow.model_validate({"id": "f", "box": []})


def test_the_papers_numbers() -> None:
    """Zhang 2023, Results: 1904 admitted, 232 untreated, 26 converted, 23 resected."""
    (flow,) = load_study("zhang2023").flows
    counts = {box.id: box.n for box in flow.boxes}
    assert counts["admitted"] == 1904
    assert flow.exclusions[0].n == 232
    assert [counts[name] for name in ("loco-regional", "systemic", "combination")] == [
        311,
        224,
        809,
    ]
    assert (counts["converted"], counts["resected"], counts["recurred"]) == (26, 23, 3)
    # An 2025, Study design: 4782 reviewed; Results: 1624 and 609; Table 1: 219, 390 and 185 each
    (flow,) = load_study("an2025").flows
    assert [box.n for box in flow.boxes] == [4782, 1624, 609, 219, 390, 185, 185]

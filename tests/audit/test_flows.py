"""Flow diagrams: boxes and reasons that add up, and those that do not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmrepro.audit import audit
from kmrepro.studies import Study, bundled_ids, load_study

from .conftest import Findings


def boxes(*lines: str) -> str:
    """Return a study file with one flow diagram: a box "id n from ..." or a table on each line."""
    parts = ['[[flow]]\nid = "figure-1"\nfigure = "Figure 1"']
    for line in lines:
        if line.startswith("-"):
            parts.append(f"[[flow.excluded]]\n{line[1:]}")
            continue
        head, _, keys = line.partition("|")
        name, count, *sources = head.split()
        number = "" if count == "?" else f"n = {count}"
        parts.append(f'[[flow.box]]\nid = "{name}"\nlabel = "Box {name}"\nfrom = {sources}\n'
                     f"{number}\n{keys}")  # fmt: skip
    return "\n".join(parts) + "\n"


OUT = '-from = "a"\nn = {}'


@pytest.mark.parametrize(
    ("lines", "severity", "expected"),
    [
        pytest.param(("a 10", "b 6 a", "c 4 a"), "", "", id="split"),
        pytest.param(("a 10", "b 6 a", "c 5 a"), "error", "at most 10", id="one too many"),
        pytest.param(("a 10", "b 6 a", "c 3 a"), "warning", "10", id="one too few"),
        pytest.param(("a 10", "b 7 a", OUT.format(3)), "", "", id="less those excluded"),
        pytest.param(("a 10", "b 7 a", OUT.format(4)), "error", "at most 10", id="excluded twice"),
        pytest.param(("a 10", "b 7 a", OUT.format(2)), "warning", "10", id="one forgotten"),
        pytest.param(("a 10", OUT.format(11)), "error", "at most 10", id="nobody left"),
        pytest.param(("a 10", OUT.format(3)), "", "", id="the end of the flow"),
        pytest.param(("a 10|complete = false", "b 7 a"), "", "", id="some of them"),
        pytest.param(
            ("a 10|complete = false", "b 11 a"), "error", "at most 10", id="more than all of them"
        ),
        pytest.param(("a 10", "b 7 a", "c ? a"), "", "", id="a number is not printed"),
        pytest.param(("a 10", "b 11 a", "c ? a"), "error", "at most 10", id="too many without it"),
        pytest.param(("a ?", "b 11 a", "c 3 a"), "", "", id="of an unknown number"),
        pytest.param(("a 10|exclusive = false", "b 7 a", "c 6 a"), "", "", id="in both boxes"),
        pytest.param(
            ("a 10|exclusive = false", "b 7 a", "c 11 a"), "error", "at most 10", id="in one box"
        ),
        pytest.param(("a 1", "b 25", "c 26 a b"), "", "", id="together"),
        pytest.param(("a 1", "b 25", "c 27 a b"), "error", "at most 26", id="together too many"),
        pytest.param(("a 1", "b 25", "c 25 a b"), "warning", "26", id="together too few"),
        pytest.param(("a 5", "b 7", "c 8 a b", "d 4 b"), "", "", id="joined and split"),
        pytest.param(("a 5", "b 7", "c 8 a b", "d 5 b"), "error", "at most 12", id="13 out of 12"),
    ],
)
def test_boxes(findings: Findings, lines: tuple[str, ...], severity: str, expected: str) -> None:
    """What comes out of boxes is what was in them, less those excluded."""
    found = findings(boxes(*lines), "flow-sum")
    assert [(each.severity, each.expected) for each in found] == [(severity, expected)] * bool(
        severity
    )


@pytest.mark.parametrize(
    ("reasons", "severity"),
    [
        pytest.param("3, 4", "", id="all"),
        pytest.param("3, 5", "warning", id="one more"),
        pytest.param("3, 3", "warning", id="one fewer"),
        pytest.param("8, 0", "error", id="more than all for one"),
        pytest.param("3, ?", "", id="not printed"),
        pytest.param("7, ?", "", id="not printed, nobody left for it"),
        pytest.param("", "", id="no reasons"),
    ],
)
def test_reasons(findings: Findings, reasons: str, severity: str) -> None:
    """Reasons are those of as many as were excluded."""
    text = _with_reasons(reasons)
    assert [each.severity for each in findings(text, "flow-reasons")] == [severity] * bool(severity)


def _with_reasons(reasons: str, keys: str = "") -> str:
    listed = ", ".join(
        f'{{ label = "reason {number}"' + (f", n = {n} }}" if n != "?" else " }")
        for number, n in enumerate(reasons.split(", "))
        if n
    )
    return boxes("a 10", f'-from = "a"\nn = 7\nreasons = [{listed}]\n{keys}')


def test_patients_with_several_reasons(findings: Findings) -> None:
    """With `exclusive = false` more reasons than patients are possible, but not fewer."""
    keys = "exclusive = false"
    assert not findings(_with_reasons("5, 7", keys), "flow-reasons")
    (found,) = findings(_with_reasons("3, 3", keys), "flow-reasons")
    assert found.severity == "warning"
    assert "why the other 1 were" in found.sentence


def test_a_box_and_the_arm_that_it_is(findings: Findings) -> None:
    """A box's `quantity` is the same number at another place."""
    text = boxes('a 185|quantity = "all/OS / A / n"')
    arms = {"A": {"n": 185}, "B": {}}
    assert not findings(text, "same-quantity", arms=arms)
    (found,) = findings(text, "same-quantity", arms=arms | {"A": {"n": 175}})
    assert (found.severity, found.place) == ("error", "all/OS; Figure 1: Box a")


def test_sentences_may_name_boxes(findings: Findings) -> None:
    """The text's number of a box is the diagram's."""
    sentence = '[[statement]]\nsource = "Abstract"\ntext = "x"\nvalues."figure-1 / a" = "{}"\n'
    assert not findings(boxes("a 10") + sentence.format(10), "same-quantity")
    (found,) = findings(boxes("a 10") + sentence.format(11), "same-quantity")
    assert found.printed == "a: 10; 11"


@pytest.mark.parametrize("study_id", bundled_ids())
def test_the_papers_flows_add_up(study_id: str) -> None:
    """No bundled paper's flow as transcribed has a finding."""
    assert not [each for each in audit(load_study(study_id)) if each.rule.startswith("flow")]


@given(data=st.data())
def test_a_sound_flow_has_no_finding_and_a_patient_more_has(data: st.DataObject) -> None:
    """Patients shared out among boxes and exclusions add up; with one more anywhere they do not."""
    flow, left = {"id": "f", "box": [], "excluded": []}, [("all", data.draw(st.integers(1, 5000)))]
    flow["box"].append({"id": "all", "label": "All", "n": left[0][1]})
    while left and len(flow["box"]) < 12:
        name, n = left.pop(0)
        out = data.draw(st.integers(0, n))
        flow["excluded"].append({"from": name, "n": out, "reasons": [{"label": "r", "n": out}]})
        first = data.draw(st.integers(0, n - out))
        for suffix, part in (("1", first), ("2", n - out - first)):
            box = {"id": f"{name}{suffix}", "label": "Box", "n": part, "from": name}
            flow["box"].append(box)
            left.append((box["id"], part))
    assert not _audited(flow)
    data.draw(st.sampled_from(flow["box"][1:]))["n"] += 1
    assert any(each.severity == "error" for each in _audited(flow))


def _audited(flow: dict[str, Any]) -> list[Any]:
    endpoint = {"name": "OS", "arms": {"A": {}}}
    study = {"id": "trial", "endpoint": [endpoint], "flow": [flow]}
    return [each for each in audit(Study.model_validate(study)) if each.rule.startswith("flow")]

"""Flow diagrams, by their artists."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from kmrepro.figures import PatientFlowDisplay, drawings_of, figure_bytes
from kmrepro.figures.flow_layout import laid_out, narrowest
from kmrepro.studies import Flow, load_study

from ..seeds import examples

PAPERS = ("zhang2023", "an2025", "sorafenib-tace-haic")
Check = Callable[[Figure], None]


def flow_of(boxes: Sequence[dict[str, Any]], *excluded: dict[str, Any]) -> Flow:
    """Return a flow diagram."""
    named = [{"label": f"Patients of box {box['id']}", **box} for box in boxes]
    return Flow.model_validate({"id": "f", "box": named, "excluded": excluded})


def _whole(display: PatientFlowDisplay) -> None:
    """Assert that words stay inside their box, and that no box meets another or a line's end."""
    display.figure_.draw_without_rendering()
    panels = [*display.boxes_.values(), *display.exclusions_]
    labels = [*display.labels_.values(), *display.exclusion_labels_]
    boxes = [panel.get_window_extent() for panel in panels]
    for box, label in zip(boxes, labels, strict=True):
        words = label.get_window_extent()
        assert box.x0 <= words.x0, label.get_text()
        assert words.x1 <= box.x1, label.get_text()
        assert box.y0 <= words.y0, label.get_text()
        assert words.y1 <= box.y1, label.get_text()
        assert display.figure_.bbox.containsx(box.x0)
        assert display.figure_.bbox.containsx(box.x1)
    for one, other in combinations(boxes, 2):
        assert Bbox.intersection(one, other) is None


@pytest.mark.parametrize("width", ["column", "page", None])
@pytest.mark.parametrize("paper", PAPERS)
def test_the_papers_flows_are_whole(paper: str, width: Any, check_texts: Check) -> None:
    """In one column and in two, nothing is cut off and nothing overlaps."""
    display = PatientFlowDisplay.from_study(load_study(paper)).plot(width=width)
    check_texts(display.figure_)
    _whole(display)


def test_boxes_and_exclusions_are_as_printed() -> None:
    """Zhang 2023: words and numbers of the boxes, and those without treatment at the side."""
    display = PatientFlowDisplay.from_study(load_study("zhang2023"), "figure-1").plot()
    assert display.title == "Figure 1: Patient flow"
    assert display.labels_["converted"].get_text().endswith("(n = 26)")
    (out,) = display.exclusion_labels_
    assert out.get_text() == "No anti-cancer treatment (n = 232)"
    admitted, treated = display.layout_.boxes["admitted"], display.layout_.boxes["treated"]
    panel = display.layout_.exclusions[0]
    assert admitted.bottom < panel.top < panel.bottom < treated.top
    assert panel.left > admitted.middle
    assert "Received anti-HCC treatment: 1672, from Patients with HCC admitted" in display.alt
    assert "It begins with Patients with HCC admitted to the centre" in display.alt
    assert "Free of disease at last follow-up, 20" in display.alt
    assert "Leaving after it: No anti-cancer treatment, 232." in display.alt


def test_numbers_that_are_not_printed_are_not_made_up() -> None:
    """An 2025 does not print how many were excluded, nor how many were not matched."""
    display = PatientFlowDisplay.from_study(load_study("an2025")).plot()
    words = [" ".join(label.get_text().split()) for label in display.exclusion_labels_]
    assert words[0].startswith("Excluded (n not reported) \u2013 Any treatment before TACE")
    assert words[1] == words[2] == "Not matched (n not reported)"
    assert "34" not in display.alt


def test_lines_go_from_box_to_box() -> None:
    """Every line begins below a box and ends on top of the next one."""
    display = PatientFlowDisplay.from_study(load_study("zhang2023")).plot()
    boxes = display.layout_.boxes.values()
    for line in display.layout_.lines:
        (start, above), (end, top) = line.corners[0], line.corners[-1]
        assert any(start == box.middle and above == pytest.approx(box.bottom) for box in boxes)
        assert any(end == box.middle and top == pytest.approx(box.top) for box in boxes)


def test_a_line_that_passes_a_row_meets_no_box() -> None:
    """A box that comes from two rows above has its line beside the row in between."""
    boxes = [{"id": "a"}, {"id": "b", "from": "a"}, {"id": "c", "from": ["a", "b"]}]
    display = PatientFlowDisplay.from_flow(flow_of(boxes)).plot()
    middle = display.layout_.boxes["b"]
    passing = [
        line for line in display.layout_.lines
        if line.corners[0][1] <= middle.top <= line.corners[-1][1] - 1e-9
    ]  # fmt: skip
    assert passing
    for line in passing:
        assert not any(middle.left < x < middle.left + middle.width for x, _ in line.corners[2:])


def test_a_study_without_that_flow_is_refused() -> None:
    """The message says which diagrams there are."""
    with pytest.raises(ValueError, match="is 'figure-9'; it has figure-1"):
        PatientFlowDisplay.from_study(load_study("zhang2023"), "figure-9")
    with pytest.raises(ValueError, match="it has none"):
        PatientFlowDisplay.from_study(load_study("wang2024"))


def test_too_narrow_and_too_many_are_refused() -> None:
    """Boxes side by side need room, unless no width is asked for; hundreds are no diagram."""
    boxes = [{"id": "a"}, *({"id": f"b{n}", "from": "a"} for n in range(8))]
    display = PatientFlowDisplay.from_flow(flow_of(boxes))
    with pytest.raises(ValueError, match=r"at least 148 mm .* but is 85 mm"):
        display.plot(width="column")
    assert display.plot().figure_.get_size_inches()[0] == pytest.approx(narrowest(display.flow))
    many = flow_of([{"id": str(n)} for n in range(61)])
    with pytest.raises(ValueError, match=r"at most 60 boxes .* f has 61"):
        PatientFlowDisplay.from_flow(many)
    assert not drawings_of([], flows=[many])


@pytest.mark.parametrize("style", ["journal", "grey"])
def test_files_come_out_the_same_twice(style: Any) -> None:
    """Two drawings are the same bytes."""
    flow = load_study("an2025").flows[0]
    one, other = (
        figure_bytes(
            PatientFlowDisplay.from_flow(flow).plot(style=style).figure_, file_format="svg"
        )
        for _ in range(2)
    )
    assert one == other


@pytest.mark.parametrize(
    ("paper", "name"),
    [("zhang2023", "figure-1"), ("an2025", "figure-1"), ("sorafenib-tace-haic", "figure-2")],
)
def test_flows_are_named_as_in_the_paper(paper: str, name: str) -> None:
    """The catalogue has them."""
    drawings = drawings_of([], flows=load_study(paper).flows)
    assert [drawing.name for drawing in drawings] == [name]


@st.composite
def _flows(draw: st.DrawFn) -> Flow:
    boxes: list[dict[str, Any]] = []
    for number in range(draw(st.integers(1, 9))):
        above = [box["id"] for box in boxes[-4:]]
        sources = draw(st.lists(st.sampled_from(above), max_size=2, unique=True)) if above else []
        label = draw(st.text(st.characters(codec="ascii", categories=["L", "Zs"]), max_size=60))
        boxes.append({"id": f"b{number}", "label": label.strip() or "x", "from": sources})
    names = st.sampled_from([box["id"] for box in boxes])
    excluded = [
        {"from": draw(names), "n": draw(st.integers(0, 9999)), "reasons": [{"label": "Refused"}]}
        for _ in range(draw(st.integers(0, 3)))
    ]
    return flow_of(boxes, *excluded)


@settings(max_examples=examples(60), deadline=None)
@given(flow=_flows())
def test_any_flow_is_laid_out_without_overlap(flow: Flow) -> None:
    """Boxes and exclusions never meet, whatever comes from what, and stay on the figure."""
    width = max(narrowest(flow), 3.35)
    layout = laid_out(flow, width=width)
    panels = [*layout.boxes.values(), *layout.exclusions]
    for panel in panels:
        assert panel.left >= 0
        assert panel.left + panel.width <= width + 1e-9
        assert panel.bottom <= layout.height + 1e-9
    for one, other in combinations(panels, 2):
        beside = one.left + one.width <= other.left or other.left + other.width <= one.left
        assert beside or one.bottom <= other.top or other.bottom <= one.top
    assert len(layout.lines) >= sum(len(box.boxes) for box in flow.boxes)

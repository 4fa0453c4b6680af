"""Displays of several endpoints below each other, and where the catalogue has them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from kmrepro.figures import drawings_of
from kmrepro.figures.panels import stack
from kmrepro.figures.proportionality import ProportionalityDisplay, proportionality_figure
from kmrepro.figures.rmst import (
    RmstAreaDisplay,
    rmst_figure,
)
from kmrepro.models import EndpointAnalysis, schoenfeld

Analysed = Callable[..., EndpointAnalysis]
Several = Callable[[list[EndpointAnalysis]], Figure]


@pytest.fixture(scope="module")
def two(analysed: Analysed) -> list[EndpointAnalysis]:
    """Two endpoints of one printed figure, the second letter first."""
    return [
        analysed(figure="Figure 5(b)", name="PFS", label="Progression-free survival", seed=2),
        analysed(figure="Figure 5(a)"),
    ]


def words(figure: Figure) -> list[str]:
    """Return every text of a figure."""
    return [str(text.get_text()) for text in figure.findobj(Text)]  # type: ignore[attr-defined]


@pytest.mark.parametrize("draw", [proportionality_figure, rmst_figure])
def test_endpoints_stand_in_the_order_of_the_paper(
    two: list[EndpointAnalysis], check_texts: Callable[[Figure], None], draw: Several
) -> None:
    """Each is titled with its letter; nothing written collides; the note stands once."""
    figure = draw(two)
    check_texts(figure)
    titles = [text for text in words(figure) if text.startswith("(")]
    assert titles == [
        "(a) Overall survival, cohort psm",
        "(b) Progression-free survival, cohort psm",
    ]
    assert sum("not the original" in " ".join(text.split()) for text in words(figure)) == 1
    assert len(figure.axes) == 4
    assert figure.get_label().count("cohort psm") == 2


@pytest.mark.parametrize("width", [85.0, 178.0])
def test_a_key_is_drawn_where_it_changes(
    two: list[EndpointAnalysis],
    analysed: Analysed,
    check_texts: Callable[[Figure], None],
    width: float,
) -> None:
    """Endpoints with the same arms share the key of the first; others have their own."""
    other = analysed({"B": 0.02, "C": 0.03}, labels={"B": "Stage B", "C": "Stage C"})
    blocks = [ProportionalityDisplay.from_analysis(each) for each in (*two, other)]
    figure = stack(blocks, width=width)
    check_texts(figure)
    assert len(figure.legends) == 2


def test_nothing_to_draw() -> None:
    """A figure needs a display."""
    with pytest.raises(ValueError, match="at least one display"):
        stack([])


def test_patients_that_met_what_is_reported_are_said_to(analysed: Analysed) -> None:
    """Such patients cannot check it, and both figures say so."""
    analysis = analysed()
    informed = replace(analysis, ipd=replace(analysis.ipd, notes={"informed": "They were."}))
    assert informed.ipd.informed
    for display in (ProportionalityDisplay, RmstAreaDisplay):
        assert "INFORMED" in display.from_analysis(informed).note
        assert "INFORMED" not in display.from_analysis(analysis).note


def test_an_analysis_carries_the_residuals(analysed: Analysed) -> None:
    """They are those of its patients, and their test is the one that is told."""
    analysis = analysed()
    assert analysis.schoenfeld is not None
    again = schoenfeld(analysis.ipd)
    assert analysis.schoenfeld.log_hazard_ratio_at.tolist() == again.log_hazard_ratio_at.tolist()
    assert analysis.proportionality == again.test


def test_the_catalogue_draws_what_there_is(two: list[EndpointAnalysis], analysed: Analysed) -> None:
    """By printed figure or endpoint, last; one arm has neither, and nothing is drawn for it."""
    drawings = drawings_of([*two, analysed(name="DFS"), analysed({"A": 0.02}, cohort="one")])
    further = [each for each in drawings if each.further]
    assert list(drawings[-len(further) :]) == further
    assert [each.name for each in further] == [
        "figure-5_proportionality", "figure-5_rmst", "psm_DFS_proportionality", "psm_DFS_rmst",
    ]  # fmt: skip
    assert further[0].caption == (
        "Figure 5, whether hazards are proportional: Progression-free survival, Overall survival; "
        "cohort psm"
    )
    assert further[3].caption == "Restricted mean survival: Overall survival; cohort psm"


@pytest.mark.parametrize(("rate", "below"), [(0.004, True), (0.05, False)])
def test_the_mean_is_written_where_no_curve_runs(
    analysed: Analysed, rate: float, below: bool
) -> None:
    """Below curves that stay up, and above the ends of curves that come down."""
    display = RmstAreaDisplay.from_analysis(analysed({"SR": rate, "TA": rate})).plot()
    for arm, ax in display.axes_.items():
        (mean,) = [text for text in ax.texts if "months" in text.get_text()]
        box = mean.get_window_extent().transformed(ax.transData.inverted())
        times, heights = (display.lines_[arm].get_xdata(), display.lines_[arm].get_ydata())
        under = [h for t, h in zip(times, heights, strict=True) if box.x0 <= t <= box.x1]
        # Curves that have come down may end before the words begin.
        assert (box.y1 < min(under)) if below else (box.y0 > max(under, default=0.0))

"""Several endpoints in one figure, beside or below each other, and the names of the files."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from kmrepro import load_study
from kmrepro.figures import drawings_of, figures_of, panel
from kmrepro.figures.panels import stack
from kmrepro.figures.proportionality import ProportionalityDisplay, proportionality_figure
from kmrepro.figures.rmst import (
    RmstAreaDisplay,
    rmst_figure,
)
from kmrepro.figures.text import panel_letter, printed_figure
from kmrepro.models import EndpointAnalysis, schoenfeld

Analysed = Callable[..., EndpointAnalysis]
LABELS = ("Overall", "Progression-free", "Extrahepatic progression-free", "Post-progression")
Several = Callable[[list[EndpointAnalysis]], Figure]


@pytest.fixture(scope="module")
def four(analysed: Analysed) -> list[EndpointAnalysis]:
    """Analyse four endpoints of one printed figure, given in another order."""
    analyses = [
        analysed(name=f"E{k}", label=f"{label} survival", figure=f"Figure 5({'abcd'[k]})", seed=k)
        for k, label in enumerate(LABELS)
    ]
    return analyses[::-1]


@pytest.fixture(scope="module")
def whole(four: list[EndpointAnalysis]) -> Figure:
    """Draw all four, once for all tests that look at them."""
    return panel(four)


@pytest.mark.parametrize(
    ("label", "figure", "letter"),
    [
        ("Figure 5(a)", "Figure 5", "a"),
        ("Fig. 5B", "Fig. 5", "b"),
        ("Figure 3 (c)", "Figure 3", "c"),
        ("Figure 2", "Figure 2", ""),
        ("Supplement", "Supplement", ""),
        ("", "", ""),
    ],
)
def test_figure_labels(label: str, figure: str, letter: str) -> None:
    """A label names a printed figure and maybe a part of it."""
    assert (printed_figure(label), panel_letter(label)) == (figure, letter)


def test_panels_stand_in_the_order_of_their_letters(whole: Figure) -> None:
    """(a) and (b) above (c) and (d), as printed."""
    axes = whole.axes
    titles = [ax.get_title(loc="left") for ax in axes]
    assert titles == [
        f"({letter}) {label} survival" for letter, label in zip("abcd", LABELS, strict=True)
    ]
    boxes = [ax.get_position() for ax in axes]
    assert boxes[0].y0 == boxes[1].y0 > boxes[2].y0 == boxes[3].y0
    assert boxes[0].x0 == boxes[2].x0 < boxes[1].x0 == boxes[3].x0
    assert len({(round(box.width, 9), round(box.height, 9)) for box in boxes}) == 1


def test_one_key_serves_all_panels(
    whole: Figure, four: list[EndpointAnalysis], analysed: Analysed
) -> None:
    """Panels of the same arms share a key; panels of others have their own."""
    assert len(whole.legends) == 1
    assert all(ax.get_legend() is None for ax in whole.axes)
    other = panel([*four, analysed({"A": 0.01, "B": 0.02})])
    assert other.legends == []
    assert all(ax.get_legend() is not None for ax in other.axes)


def test_nothing_written_collides(
    whole: Figure,
    four: list[EndpointAnalysis],
    analysed: Analysed,
    check_texts: Callable[[Figure], None],
) -> None:
    """No text is cut off or runs into another, in a full figure and in a mixed one."""
    check_texts(whole)
    long = "Transarterial chemoembolisation +sorafen"
    check_texts(panel([four[0], analysed({"A": 0.01, long: 0.02}, n=12), analysed({"A": 0.1})]))


def test_width_is_that_of_a_page(whole: Figure) -> None:
    """Two columns of a journal are 178 mm wide."""
    assert whole.get_size_inches()[0] * 25.4 == pytest.approx(178)
    assert whole.get_size_inches()[1] * 25.4 < 240


def test_nothing_to_draw(four: list[EndpointAnalysis]) -> None:
    """A panel needs an endpoint and a column."""
    with pytest.raises(ValueError, match="at least one endpoint"):
        panel([])
    with pytest.raises(ValueError, match="`columns` be at least 1"):
        panel(four, columns=0)


def test_files_are_named_after_what_is_printed(
    four: list[EndpointAnalysis], analysed: Analysed
) -> None:
    """Printed figures by their number, other endpoints by cohort and name, tables by their id."""
    study = load_study("an2025")
    analyses = [*four, analysed(name="DFS"), analysed(figure="Figure 2")]
    names = [drawing.name for drawing in drawings_of(analyses, study.tables)]
    assert names[:4] == ["agreement", "figure-5", "psm_DFS", "figure-2"]
    assert "table-2-psm" in names


def test_names_are_safe_and_distinct(analysed: Analysed) -> None:
    """Whatever a figure is called, its file stays in the folder and overwrites no other."""
    analysis = analysed()
    labels = ["../../etc/passwd", "FIGURE 1", "figure 1", "", "...", "x" * 300]
    analyses = [analysed(figure=label, cohort=f"c{k}", name="OS") for k, label in enumerate(labels)]
    names = [drawing.name for drawing in drawings_of([*analyses, analysis, analysis])]
    assert len({name.casefold() for name in names}) == len(names)
    assert all(re.fullmatch(r"[\w-]{1,70}", name) for name in names)


def test_drawing_waits_until_asked(four: list[EndpointAnalysis]) -> None:
    """The catalogue knows names and captions; the figure is made by `draw`."""
    drawing = drawings_of(four)[1]
    assert drawing.caption.startswith("Figure 5: ")
    assert isinstance(drawing.draw(), Figure)
    assert [name for name, _ in figures_of(four)] == [
        "agreement", "figure-5", "figure-5_proportionality", "figure-5_rmst",
    ]  # fmt: skip


def test_nothing_compared_has_no_agreement(analysed: Analysed) -> None:
    """Single arms alone give curves only."""
    assert [drawing.name for drawing in drawings_of([analysed({"A": 0.1})])] == ["psm_OS"]


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


def test_nothing_to_stack() -> None:
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

"""Several endpoints in one figure, and the names of the files."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from matplotlib.figure import Figure

from kmrepro import load_study
from kmrepro.figures import drawings_of, figures_of, panel
from kmrepro.figures.text import panel_letter, printed_figure
from kmrepro.models import EndpointAnalysis

Analysed = Callable[..., EndpointAnalysis]

LABELS = ("Overall", "Progression-free", "Extrahepatic progression-free", "Post-progression")


@pytest.fixture(scope="module")
def four(analysed: Analysed) -> list[EndpointAnalysis]:
    """Analyse four endpoints of one printed figure, given in another order."""
    analyses = [
        analysed(name=f"E{k}", label=f"{label} survival", figure=f"Figure 5({'abcd'[k]})", seed=k)
        for k, label in enumerate(LABELS)
    ]
    return analyses[::-1]


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


def test_panels_stand_in_the_order_of_their_letters(four: list[EndpointAnalysis]) -> None:
    """(a) and (b) above (c) and (d), as printed."""
    axes = panel(four).axes
    titles = [ax.get_title(loc="left") for ax in axes]
    assert titles == [
        f"({letter}) {label} survival" for letter, label in zip("abcd", LABELS, strict=True)
    ]
    boxes = [ax.get_position() for ax in axes]
    assert boxes[0].y0 == boxes[1].y0 > boxes[2].y0 == boxes[3].y0
    assert boxes[0].x0 == boxes[2].x0 < boxes[1].x0 == boxes[3].x0
    assert len({(round(box.width, 9), round(box.height, 9)) for box in boxes}) == 1


def test_one_key_serves_all_panels(four: list[EndpointAnalysis], analysed: Analysed) -> None:
    """Panels of the same arms share a key; panels of others have their own."""
    shared = panel(four)
    assert len(shared.legends) == 1
    assert all(ax.get_legend() is None for ax in shared.axes)
    other = panel([*four, analysed({"A": 0.01, "B": 0.02})])
    assert other.legends == []
    assert all(ax.get_legend() is not None for ax in other.axes)


def test_nothing_written_collides(
    four: list[EndpointAnalysis], analysed: Analysed, check_texts: Callable[[Figure], None]
) -> None:
    """No text is cut off or runs into another, in a full figure and in a mixed one."""
    check_texts(panel(four))
    long = "Transarterial chemoembolisation +sorafen"
    check_texts(panel([four[0], analysed({"A": 0.01, long: 0.02}, n=12), analysed({"A": 0.1})]))


def test_width_is_that_of_a_page(four: list[EndpointAnalysis]) -> None:
    """Two columns of a journal are 178 mm wide."""
    assert panel(four).get_size_inches()[0] * 25.4 == pytest.approx(178)
    assert panel(four).get_size_inches()[1] * 25.4 < 240


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

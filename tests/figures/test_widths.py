"""Survival curves at the widths of journals: nothing collides, and nothing leaves the figure."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import product
from typing import Any

import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from kmrepro.figures import CurveOptions, KaplanMeierDisplay, panel
from kmrepro.figures.style import inches_of
from kmrepro.models import EndpointAnalysis

from ..seeds import nightly

Analysed = Callable[..., EndpointAnalysis]

NAMES = {"A": "Atezolizumab with bevacizumab", "B": "Sorafenib", "C": "Best supportive care"}
RATES = {"A": 0.004, "B": 0.008, "C": 0.016, "D": 0.03}
EVERYTHING = CurveOptions(
    counts=("events", "censored"), median_guide=True, landmark_guides=True, time_in="years"
)


@pytest.fixture(scope="module")
def sized(analysed: Analysed) -> Callable[[int, int], EndpointAnalysis]:
    """Analyse an endpoint of so many arms and patients, once each."""

    @cache
    def build(arms: int, n: int) -> EndpointAnalysis:
        reported: Any = {"hazard_ratio": "1.22", "ci": ("0.78", "1.89"), "p": "0.381"}
        rates = dict(list(RATES.items())[:arms])
        times = (12.0, 36.0, 60.0) if n < 1000 else ()  # the fixture multiplies one by one
        reported = reported if arms == 2 else None
        return analysed(rates, n=n, labels=NAMES, reported=reported, times=times)

    return build


EVERY_DAY = {(4, "column", 8), (2, "column", 370), (4, "column", 20_000), (2, "page", 370)}


@pytest.mark.parametrize(
    ("arms", "width", "n"),
    [
        each if each in EVERY_DAY else nightly(*each)
        for each in product((1, 2, 3, 4), ("column", "page"), (8, 370, 20_000))
    ],
)
def test_nothing_collides(
    sized: Callable[[int, int], EndpointAnalysis],
    check_texts: Callable[[Figure], None],
    width: Any,
    arms: int,
    n: int,
) -> None:
    """Texts keep clear of each other and of the edges, whatever is drawn."""
    display = KaplanMeierDisplay.from_analysis(sized(arms, n))
    check_texts(display.plot(width=width).figure_)
    if n < 1000:
        options = CurveOptions(orientation="incidence", labels=arms > 2)
        check_texts(display.plot(width=width, options=options).figure_)
        check_texts(display.plot(width=width, options=EVERYTHING).figure_)


def test_panels_are_made_lower_for_a_page(analysed: Analysed) -> None:
    """Three in a column fit a page; four would be too low, and are as high as ever."""
    sizes = {}
    for count in (2, 3, 4):
        figure = panel([analysed()] * count, width="column")
        axes = figure.axes[0].get_position().height * figure.get_size_inches()[1]
        sizes[count] = (axes, 25.4 * figure.get_size_inches()[1])
    assert sizes[2][0] == pytest.approx(1.85)
    assert 1.6 <= sizes[3][0] < 1.85
    assert sizes[3][1] == pytest.approx(240)
    assert sizes[4][0] == pytest.approx(1.85)


@pytest.mark.parametrize(
    ("orientation", "width"),
    [
        ("survival", "column"),
        ("incidence", "page"),
        nightly("survival", "page"),
        nightly("incidence", "column"),
    ],
)
def test_panels_are_tidy_at_both_widths(
    analysed: Analysed, check_texts: Callable[[Figure], None], width: Any, orientation: Any
) -> None:
    """Four panels stand in one column of a journal, or in two that are no higher than a page."""
    analyses = [
        analysed(rates, figure=f"Figure 2({letter})", label="Survival", seed=seed, n=200)
        for seed, (letter, rates) in enumerate(
            zip(
                "abcd", [None, None, {"SR": 1e-4, "TA": 3e-4}, {"SR": 0.03, "TA": 0.1}], strict=True
            )
        )
    ]
    figure = panel(analyses, width=width, options=CurveOptions(orientation=orientation))
    check_texts(figure)
    wide, high = (25.4 * inches for inches in figure.get_size_inches())
    assert wide == pytest.approx({"column": 85, "page": 178}[width])
    assert width == "column" or high <= 240
    lefts = {round(ax.get_position().x0, 6) for ax in figure.axes}
    assert len(lefts) == (1 if width == "column" else 2)


def test_insets_in_panels(analysed: Analysed) -> None:
    """A panel whose curves stay near 100% enlarges them in its empty part."""
    near = analysed({"SR": 1e-4, "TA": 3e-4}, n=300)
    figure = panel([near, analysed()])
    assert [len(ax.child_axes) for ax in figure.axes] == [1, 0]


def test_panels_name_curves_at_their_ends_together(analysed: Analysed) -> None:
    """Names stand at the ends in all panels or in none, so that the panels are alike."""
    apart = analysed({"A": 0.002, "B": 0.008}, n=300, labels={})
    close = analysed({"A": 0.01, "B": 0.0101}, n=3000, labels={})
    for analyses, named in (([apart, apart], 2), ([apart, close], 0)):
        figure = panel(analyses)
        names = [text for text in figure.findobj(Text) if text.get_text() in ("A", "B")]
        inside = [text for text in names if text.get_va() == "center" and text.axes]
        assert len(inside) == named * 2


def test_panels_too_narrow_to_read(analysed: Analysed) -> None:
    """Two panels beside each other do not fit a column."""
    with pytest.raises(ValueError, match="leave each panel 60 mm, but 2 of 85 mm do not"):
        panel([analysed(), analysed()], columns=2, width="column")


@pytest.mark.parametrize(
    ("width", "message"),
    [
        ("poster", "must be in mm or one of 'column', 'page', but is 'poster'"),
        (8.5, "must be from 60 to 500 mm, or one of 'column', 'page', but is 8.5"),
        (float("nan"), "must be from 60 to 500 mm"),
    ],
)
def test_widths_that_are_none(width: Any, message: str) -> None:
    """The message says what a width is."""
    with pytest.raises(ValueError, match=message):
        inches_of(width, usual=7.0)

"""Reported beside reproduced hazard ratios."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from kmrepro.figures import AgreementDisplay
from kmrepro.models import EndpointAnalysis

Analysed = Callable[..., EndpointAnalysis]

REPORTED = {"hazard_ratio": "1.22", "ci": ("0.78", "1.89"), "p": "0.381"}


@pytest.fixture(scope="module")
def several(analysed: Analysed) -> list[EndpointAnalysis]:
    """Analyse every kind of endpoint: adjusted, not reported, not estimable, of one arm."""
    return [
        analysed(reported=REPORTED, cohort="unmatched"),
        analysed(reported={**REPORTED, "adjusted": True}, label="Progression-free survival"),
        analysed(label="Disease-free survival"),
        analysed({"SR": 1e-9, "TA": 0.01}, times=(), reported=REPORTED, label="Local control"),
        analysed({"SR": 0.01}, label="Single arm"),
    ]


def written(figure: Figure) -> list[str]:
    """Return every text of a figure."""
    return [str(text.get_text()) for text in figure.findobj(Text)]  # type: ignore[attr-defined]


def test_marks_are_the_numbers(several: list[EndpointAnalysis]) -> None:
    """Reported and reproduced hazard ratios and their intervals lie where they should."""
    display = AgreementDisplay.from_analyses(several).plot()
    expected = []
    for analysis in several[:4]:
        assert analysis.comparison is not None
        if analysis.comparison.reported.hazard_ratio is not None:
            expected.append((1.22, [0.78, 1.89]))
        if analysis.cox is not None:
            expected.append((analysis.cox.hazard_ratio, list(analysis.cox.ci)))
    drawn = []
    for mark in display.marks_:
        assert mark.point is not None
        assert mark.interval is not None
        drawn.append((mark.point.get_xdata()[0], list(mark.interval.get_xdata())))
    assert drawn == expected
    assert display.ax_.get_xscale() == "log"


def test_rows_are_grouped_by_cohort(several: list[EndpointAnalysis]) -> None:
    """One row for each comparison under its cohort, with what was found in words."""
    rows = AgreementDisplay.from_analyses(several).table.rows
    assert [each.name for each in rows] == [
        "Cohort: unmatched",
        "Overall survival",
        "Cohort: psm",
        "Progression-free survival",
        "Disease-free survival",
        "Local control",
    ]
    assert rows[3].cells[0] == "1.22 (0.78 to 1.89)*"
    assert rows[4].cells[0] == "not reported"
    assert rows[5].cells[1:] == ("not estimable", "not assessable")
    assert several[0].comparison is not None
    assert rows[1].cells[2] == several[0].comparison.verdict


def test_nothing_written_collides(
    several: list[EndpointAnalysis], check_texts: Callable[[Figure], None]
) -> None:
    """No text is cut off, and none runs into another."""
    check_texts(AgreementDisplay.from_analyses(several).plot().figure_)


def test_sides_are_named(several: list[EndpointAnalysis], analysed: Analysed) -> None:
    """Below 1 the treatment fares better, above 1 the reference."""
    texts = written(AgreementDisplay.from_analyses(several).plot().figure_)
    assert "\u2190 favours TA" in texts
    assert "favours SR \u2192" in texts
    other = analysed({"A": 0.01, "B": 0.02})
    mixed = AgreementDisplay.from_analyses([several[0], other])
    assert mixed.table.favours == ("\u2190 favours first arm", "favours second arm \u2192")
    assert mixed.table.rows[-1].name == "Overall survival, B vs A"


def test_adjusted_hazard_ratios_are_explained(several: list[EndpointAnalysis]) -> None:
    """A star leads to a note."""
    texts = written(AgreementDisplay.from_analyses(several).plot().figure_)
    assert any(text.startswith("* adjusted for covariates") for text in texts)


def test_the_description_counts_verdicts(several: list[EndpointAnalysis]) -> None:
    """Who cannot see the figure reads what was found."""
    alt = str(AgreementDisplay.from_analyses(several).plot().figure_.get_label())
    assert alt.startswith("Reported and reproduced hazard ratios with 95% intervals of 4")
    assert "2 not assessable" in alt


def test_no_comparison(several: list[EndpointAnalysis]) -> None:
    """Without two arms there is nothing to set side by side."""
    with pytest.raises(ValueError, match="at least one endpoint that compares two arms"):
        AgreementDisplay.from_analyses(several[4:])


def test_long_names_and_absurd_numbers(
    analysed: Analysed, check_texts: Callable[[Figure], None]
) -> None:
    """The key stays above the rows however narrow the axis is, and arrows are explained."""
    absurd = {"hazard_ratio": "0.00002", "ci": ("0.000001", "21000")}
    display = AgreementDisplay.from_analyses(
        [
            analysed(reported=absurd, label="Overall survival " * 6, cohort="c" * 60),
            analysed(reported=REPORTED),
        ]
    ).plot()
    check_texts(display.figure_)
    key = display.key_.get_window_extent()
    rule = display.ax_.get_window_extent().y1
    assert key.y0 >= rule - 1
    assert display.notes == ("Arrows point to what lies beyond the axis",)


def test_no_arrows_no_note(analysed: Analysed) -> None:
    """Where everything lies on the axis, nothing is said of arrows."""
    assert AgreementDisplay.from_analyses([analysed(reported=REPORTED)]).notes == ()

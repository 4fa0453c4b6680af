"""Reported beside reproduced hazard ratios."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from kmrepro.figures import AgreementDisplay
from kmrepro.models import EndpointAnalysis
from kmrepro.models.attainable import AttainableRange

Analysed = Callable[..., EndpointAnalysis]

MM = 1 / 25.4
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


@pytest.fixture(scope="module")
def ranged(analysed: Analysed) -> list[EndpointAnalysis]:
    """Analyse three endpoints: with both ranges, with draws alone, with neither."""
    return [
        _with_ranges(analysed(reported=REPORTED), (1.3, 1.6), attainable=(1.25, math.inf)),
        _with_ranges(analysed(reported=REPORTED, label="Local control"), (0.9, 1.4)),
        analysed(reported=REPORTED, label="Progression-free survival"),
    ]


def _with_ranges(
    analysis: EndpointAnalysis,
    interval: tuple[float, float],
    *,
    attainable: tuple[float, float] | None = None,
) -> EndpointAnalysis:
    """Add what many data sets would have given."""
    assert analysis.comparison is not None
    found = attainable and AttainableRange(
        reference="SR",
        treatment="TA",
        lower=attainable[0],
        upper=attainable[1],
        lower_attained=math.nan,
        upper_attained=math.nan,
        lower_data=None,
        upper_data=None,
        exact=False,
        method="bounded from outside, searched from inside",
    )
    comparison = replace(
        analysis.comparison, reproduction_interval=interval, n_draws=20, attainable=found or None
    )
    return replace(analysis, comparison=comparison)


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
        "Cohort unmatched",
        "Overall survival",
        "Cohort psm",
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


def test_levels_that_are_not_95_are_not_called_so(analysed: Analysed) -> None:
    """The rows say which they are of; the axis says 95% only if all are."""
    usual = AgreementDisplay.from_analyses([analysed(reported=REPORTED)])
    other = AgreementDisplay.from_analyses([analysed(reported=REPORTED | {"ci_level": 90})])
    assert (usual.table.axis_title, other.table.axis_title) == (
        "Hazard ratio (95% CI)",
        "Hazard ratio (CI)",
    )


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


def test_bands_are_the_ranges(ranged: list[EndpointAnalysis]) -> None:
    """The reproduction interval and the attainable range lie behind the marks, each where it is."""
    display = AgreementDisplay.from_analyses(ranged).plot()
    ends = [list(map(float, band.get_xdata())) for band in display.bands_]  # type: ignore[arg-type]
    assert ends == [[1.25, display.table.axis.upper], [1.3, 1.6], [0.9, 1.4]]
    below = min(mark.point.get_zorder() for mark in display.marks_ if mark.point)
    assert all(band.get_zorder() < below for band in display.bands_)
    levels = {float(band.get_ydata()[0]) for band in display.bands_}  # type: ignore[index]
    assert levels == {0.0, -0.2, -1.2}


def test_ranges_are_written_and_explained(ranged: list[EndpointAnalysis]) -> None:
    """The key and the notes name what is drawn, and no more than that."""
    both = AgreementDisplay.from_analyses(ranged).plot()
    assert both.table.cell_titles == ("Reported", "Reproduced", "95% RI", "Verdict")
    assert [row.cells[2] for row in both.table.rows] == [
        "1.30 to 1.60",
        "0.90 to 1.40",
        "not drawn",
    ]
    assert [text.get_text() for text in both.key_.get_texts()] == [
        "reported",
        "reproduced",
        "95% reproduction interval",
        "attainable range",
    ]
    assert [note.split()[0] for note in both.notes] == ["95%", "Attainable", "A"]
    drawn = AgreementDisplay.from_analyses(ranged[1:]).plot()
    assert [text.get_text() for text in drawn.key_.get_texts()][2:] == ["95% reproduction interval"]
    assert len(drawn.notes) == 1
    neither = AgreementDisplay.from_analyses(ranged[2:]).plot()
    assert (neither.bands_, neither.notes) == ((), ())
    assert neither.table.cell_titles == ("Reported", "Reproduced", "Verdict")


@pytest.mark.parametrize("millimetres", [85, 178])
def test_one_column_or_two(
    ranged: list[EndpointAnalysis], check_texts: Callable[[Figure], None], millimetres: int
) -> None:
    """Nothing collides at either width; in one column, a cell has ratios and verdict as lines."""
    figure = AgreementDisplay.from_analyses(ranged).plot(width=millimetres).figure_
    check_texts(figure)
    assert figure.get_size_inches()[0] == pytest.approx(millimetres * MM)
    assert ("Reproduced" in written(figure)) == (millimetres == 178)
    assert "1.22 (0.78 to 1.89)" in written(figure)
    assert ranged[0].comparison is not None
    assert ranged[0].comparison.verdict in written(figure)


def test_what_nobody_reports_has_no_column(ranged: list[EndpointAnalysis]) -> None:
    """Without reported hazard ratios there is no column of them, and no key."""
    silent = [_unreported(each) for each in ranged]
    display = AgreementDisplay.from_analyses(silent).plot()
    assert display.table.cell_titles == ("Reproduced", "95% RI", "Verdict")
    assert "reported" not in [text.get_text() for text in display.key_.get_texts()]


def _unreported(analysis: EndpointAnalysis) -> EndpointAnalysis:
    assert analysis.comparison is not None
    reported = replace(analysis.comparison.reported, hazard_ratio=None, ci=None)
    comparison = replace(analysis.comparison, reported=reported)
    endpoint = analysis.endpoint.model_copy(update={"reported": None})
    return replace(analysis, comparison=comparison, endpoint=endpoint)


def test_a_hazard_ratio_favours_treatments_alone(ranged: list[EndpointAnalysis]) -> None:
    """Stages of a disease are not favoured."""
    assert AgreementDisplay.from_analyses(ranged).table.favours is not None
    endpoint = ranged[0].endpoint.model_copy(update={"compares": "groups"})
    staged = [replace(ranged[0], endpoint=endpoint), *ranged[1:]]
    assert AgreementDisplay.from_analyses(staged).table.favours is None


@pytest.mark.parametrize("millimetres", [85, 178])
@pytest.mark.parametrize("rows", [1, 5, 20])
def test_no_name_is_cut(
    analysed: Callable[..., EndpointAnalysis],
    check_texts: Callable[[Figure], None],
    millimetres: int,
    rows: int,
) -> None:
    """Long names are broken into lines, every word of them is there, and no row covers another."""
    label = "Extrahepatic progression-free survival of resected patients"
    analyses = [
        analysed(name=f"E{row}", label=f"{label} {row}", cohort=f"cohort {row % 2}", n=20)
        for row in range(rows)
    ]
    display = AgreementDisplay.from_analyses(analyses).plot(width=millimetres)
    check_texts(display.figure_)
    words = " ".join(written(display.figure_)).split()
    assert not any("\u2026" in word for word in words)
    assert all(words.count(word) >= rows for word in label.split())

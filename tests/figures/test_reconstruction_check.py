"""Reconstructed against digitised curves, as drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure

import kmrepro as km
from kmrepro.figures import ReconstructionCheckDisplay, drawings_of, render_report
from kmrepro.models import AtRiskCheck, EndpointAnalysis

CheckTexts = Callable[[Figure], None]


@pytest.fixture(scope="module")
def analysis() -> EndpointAnalysis:
    """Analyse two digitised arms with numbers at risk."""
    rng = np.random.default_rng(0)
    curves = {}
    for name, scale in (("Drug", 50.0), ("Placebo", 30.0)):
        time = np.sort(rng.weibull(1.1, 60) * scale).round(2)
        time = np.unique(time[time < 48])
        heights = [round(1 - (k + 1) / 62, 3) for k in range(time.size)]
        curves[name] = km.digitised_curve([0, *time], [1, *heights])
    endpoint = km.curve_endpoint(
        curves, n={"Drug": 62, "Placebo": 62}, at_risk={"Drug": {0: 62, 12: 52}, "Placebo": {0: 62}}
    )
    return km.analyse(endpoint, km.reconstruct(endpoint))


def test_points_lie_where_they_were_read(analysis: EndpointAnalysis) -> None:
    """Points are the digitised ones, lines the estimates from the patients."""
    display = ReconstructionCheckDisplay.from_analysis(analysis).plot()
    assert list(display.points_) == ["Drug", "Placebo"]
    for check in analysis.curve_checks:
        points, line = display.points_[check.arm], display.lines_[check.arm]
        assert np.array_equal(points.get_xdata(), check.time)
        assert np.array_equal(points.get_ydata(), check.digitised)
        assert points.get_zorder() > line.get_zorder()
        assert line.get_drawstyle() == "steps-post"
        assert np.array_equal(line.get_ydata(), analysis.curves[check.arm].survival)


def test_residuals_lie_in_their_band(analysis: EndpointAnalysis) -> None:
    """Each arm has a strip of residuals in percentage points, with the tolerance marked."""
    display = ReconstructionCheckDisplay.from_analysis(analysis).plot()
    for check in analysis.curve_checks:
        strip = display.strips_[check.arm]
        assert np.allclose(display.residuals_[check.arm].get_ydata(), 100 * check.residual)
        assert np.allclose(strip.get_yticks(), 100 * check.tolerance * np.array([-1, 0, 1]))
        assert strip.get_xlim() == display.ax_.get_xlim()
        assert check.arm in strip.get_title(loc="left")
        low, high = strip.get_ylim()
        assert low < (100 * check.residual).min()
        assert (100 * check.residual).max() < high
    assert display.missed_ == {}


def changed(analysis: EndpointAnalysis) -> ReconstructionCheckDisplay:
    """Move the second arm's estimate and one of the first arm's numbers at risk."""
    drug, placebo = analysis.curve_checks
    rows = (drug.at_risk[0], AtRiskCheck(time=12.0, printed=52, reproduced=51))
    off = placebo.reproduced.copy()
    off[3] -= 0.03
    display = ReconstructionCheckDisplay.from_analysis(analysis)
    display.checks = (replace(drug, at_risk=rows), replace(placebo, reproduced=off))
    return display


def test_what_is_missed_is_crossed_out_and_starred(analysis: EndpointAnalysis) -> None:
    """A residual beyond the tolerance has a cross, another number at risk a star, both a key."""
    display = changed(analysis).plot()
    assert list(display.missed_) == ["Placebo"]
    assert np.allclose(display.missed_["Placebo"].get_xdata(), analysis.curve_checks[1].time[3])
    assert list(display.strips_["Placebo"].get_yticks()) == [-2, 0, 2]  # the band is too narrow
    assert display.at_risk_ is not None
    assert display.at_risk_.reconstructed["Drug"][12].get_text() == "51*"
    assert [text.get_text() for text in display.key_.get_texts()][-1] == "beyond tolerance"
    assert "* not as printed" in " ".join(text.get_text() for text in display.figure_.texts)


def test_numbers_at_risk_stand_below_each_other(analysis: EndpointAnalysis) -> None:
    """Printed above reconstructed, at their times."""
    table = ReconstructionCheckDisplay.from_analysis(analysis).plot().at_risk_
    assert table is not None
    assert {arm: list(rows) for arm, rows in table.printed.items()} == {
        "Drug": [0, 12], "Placebo": [0],
    }  # fmt: skip
    assert table.printed["Drug"][12].get_text() == "52"
    assert table.reconstructed["Drug"][12].get_text() == "52"


def test_nothing_runs_into_anything(analysis: EndpointAnalysis, check_texts: CheckTexts) -> None:
    """With all that can be shown, with one arm, and with more rows than there is room for."""
    check_texts(changed(analysis).plot().figure_)
    display = changed(analysis)
    rows = tuple(
        AtRiskCheck(time=t, printed=62, reproduced=62 - (t > 5)) for t in np.arange(0, 40.0)
    )
    display.checks = (replace(display.checks[0], at_risk=rows),)
    check_texts(display.plot().figure_)


def test_without_numbers_at_risk_there_is_no_table(
    analysis: EndpointAnalysis, check_texts: CheckTexts
) -> None:
    """The figure ends at its time axis."""
    display = ReconstructionCheckDisplay.from_analysis(analysis)
    display.checks = tuple(replace(check, at_risk=()) for check in display.checks)
    display.plot()
    assert display.at_risk_ is None
    check_texts(display.figure_)


def test_long_names_fit(analysis: EndpointAnalysis, check_texts: CheckTexts) -> None:
    """Names of any length and letters that mean something elsewhere are drawn as they are."""
    display = ReconstructionCheckDisplay.from_analysis(analysis, title="A $title$ " * 20)
    display.names = {"Drug": "A very long name of a treatment " * 4, "Placebo": "_$x^2$"}
    check_texts(display.plot().figure_)


def test_many_points_are_dots(analysis: EndpointAnalysis) -> None:
    """Thousands of points do not hide the curve."""
    display = ReconstructionCheckDisplay.from_analysis(analysis)
    time = np.linspace(0.1, 40, 2000)
    heights = analysis.curves["Drug"].survival_at(time)
    many = replace(
        display.checks[0],
        time=time,
        digitised=heights,
        reproduced=heights,
        widths=np.full(time.shape, 0.002),
    )
    display.checks = (many,)
    assert display.plot().points_["Drug"].get_marker() == "."


def test_it_is_told_in_words(analysis: EndpointAnalysis) -> None:
    """Those who cannot see the figure read what it shows."""
    drug = analysis.curve_checks[0]
    alt = ReconstructionCheckDisplay.from_analysis(analysis).alt
    assert f"Drug: {drug.time.size} of {drug.time.size} digitised points within 0.05" in alt
    assert "2 of 2 numbers at risk matched" in alt


def test_an_endpoint_without_a_curve_is_refused() -> None:
    """There is nothing to check."""
    endpoint = km.load_study("an2025").endpoint("psm", "OS")
    without = km.analyse(endpoint, km.reconstruct(endpoint))
    with pytest.raises(ValueError, match="must be of an endpoint with a digitised curve"):
        ReconstructionCheckDisplay.from_analysis(without)


def test_it_is_among_the_drawings_and_in_the_report(analysis: EndpointAnalysis) -> None:
    """An endpoint with curves has one drawing more, and a section of the report."""
    shown = [drawing.name for drawing in drawings_of([analysis]) if not drawing.further]
    assert shown[-1] == "all_curve_curve-check"
    study = km.Study.model_validate({"id": "mine", "endpoint": [analysis.endpoint]})
    report = render_report(study, [analysis], [], version="1", seed=0)
    assert "Digitised curves and the reconstruction" in report
    assert "no points beyond the tolerance" in report
    size = analysis.curve_checks[0].time.size
    assert f'class="yes">{size} of {size}</td>' in report
    assert "Reconstructed against digitised: curve; all" in report
    assert "divided by 100" not in report


def test_the_report_lists_repairs() -> None:
    """What was put right of the points stands beside how well they are met."""
    curve = km.digitised_curve([0, 2, 9, 5], [100, 90, 60, 80])
    endpoint = km.curve_endpoint(curve, n=20)
    study = km.Study.model_validate({"id": "mine", "endpoint": [endpoint]})
    analysis = km.analyse(endpoint, km.reconstruct(endpoint))
    report = render_report(study, [analysis], [], version="1", seed=0)
    assert '<td data-label="Read as">drops</td>' in report
    assert (
        "<strong>all, notes on its points.</strong> Heights are percentages and were divided by "
        "100. 1 point was out of order in time and sorted."
    ) in report

"""The two looks at proportional hazards, by their artists."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.figure import Figure
from numpy.testing import assert_allclose

from kmrepro.figures import ProportionalityDisplay, figure_bytes
from kmrepro.figures.proportionality import proportionality_figure
from kmrepro.models import EndpointAnalysis, NotEstimable

Analysed = Callable[..., EndpointAnalysis]
MM = 1 / 25.4


@pytest.mark.parametrize("n", [8, 60, 5000])
@pytest.mark.parametrize("millimetres", [85, 178])
def test_nothing_written_collides(
    analysed: Analysed, check_texts: Callable[[Figure], None], n: int, millimetres: int
) -> None:
    """One column or two, few patients or many."""
    display = ProportionalityDisplay.from_analysis(analysed(n=n, seed=3))
    figure = display.plot(width=millimetres).figure_
    check_texts(figure)
    assert figure.get_size_inches()[0] == pytest.approx(millimetres * MM)


def test_lines_are_the_curves_transformed(analysed: Analysed) -> None:
    """Each line is log(-log S) at the events of its arm."""
    analysis = analysed()
    display = ProportionalityDisplay.from_analysis(analysis).plot()
    for arm, curve in analysis.curves.items():
        times, values = (np.asarray(each) for each in display.lines_[arm].get_data())
        assert_allclose(np.exp(-np.exp(values)), curve.survival_at(times))
        assert set(times) <= set(curve.time[curve.n_events > 0])


def test_points_are_the_residuals(analysed: Analysed) -> None:
    """One point per event, and the smooth line inside its band."""
    display = ProportionalityDisplay.from_analysis(analysed()).plot()
    assert_allclose(display.residuals_.get_ydata(), display.residuals.log_hazard_ratio_at)
    assert display.smooth_ is not None
    assert_allclose(display.smooth_.get_ydata(), display.residuals.smooth)
    assert display.band_ is not None


def test_few_events_have_points_alone(analysed: Analysed) -> None:
    """Without enough event times there is no smooth line."""
    analysis = analysed({"SR": 0.003, "TA": 0.004}, n=4, seed=0)
    display = ProportionalityDisplay.from_analysis(analysis).plot()
    assert np.unique(display.residuals.time).size <= 4
    assert display.smooth_ is None


def test_one_arm_is_refused(analysed: Analysed) -> None:
    """A single arm has no hazards to compare."""
    with pytest.raises(NotEstimable, match="compares two arms"):
        ProportionalityDisplay.from_analysis(analysed({"A": 0.02}))


def test_same_bytes_twice(analysed: Analysed) -> None:
    """Two drawings of the same numbers are the same file."""
    one, two = (
        figure_bytes(ProportionalityDisplay.from_analysis(analysed()).plot().figure_, file_format=f)
        for f in ("svg", "svg")
    )
    assert one == two


def test_endpoints_share_the_scale_of_hazard_ratios(analysed: Analysed) -> None:
    """Below each other they can be compared: the limits are those of all together."""
    analyses = [analysed(n=40, seed=1), analysed(n=400, seed=2, name="PFS")]
    figure = proportionality_figure(analyses)
    shared = {ax.get_ylim() for ax in figure.axes if ax.get_ylabel() == "Hazard ratio"}
    assert len(shared) == 1
    own = [ProportionalityDisplay.from_analysis(each).plot().ratio_ax_ for each in analyses]
    assert shared.pop() == (
        min(ax.get_ylim()[0] for ax in own),
        max(ax.get_ylim()[1] for ax in own),
    )

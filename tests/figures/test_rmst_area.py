"""The areas under the curves, by their artists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from kmrepro.figures import RmstAreaDisplay, figure_bytes
from kmrepro.models import EndpointAnalysis

Analysed = Callable[..., EndpointAnalysis]
MM = 1 / 25.4


def enclosed(corners: np.ndarray) -> float:
    """Return the area of a polygon from its corners (the shoelace formula)."""
    x, y = corners[:, 0], corners[:, 1]
    return abs(float(x @ np.roll(y, 1) - y @ np.roll(x, 1))) / 2


def written(figure: Figure) -> list[str]:
    """Return every text of a figure."""
    return [str(text.get_text()) for text in figure.findobj(Text)]  # type: ignore[attr-defined]


@pytest.mark.parametrize("seed", [0, 1])
def test_the_shaded_area_is_the_restricted_mean(analysed: Analysed, seed: int) -> None:
    """What is shaded measures what is written, and ends at the horizon."""
    analysis = analysed(seed=seed)
    assert analysis.rmst is not None
    display = RmstAreaDisplay.from_analysis(analysis).plot()
    for arm, found in analysis.rmst.arms.items():
        (path,) = display.areas_[arm].get_paths()
        corners = np.asarray(path.vertices)
        assert enclosed(corners) == pytest.approx(found.mean)
        assert corners[:, 0].max() == analysis.rmst.tau
        assert list(display.horizons_[arm].get_xdata()) == [analysis.rmst.tau] * 2


def test_lines_are_the_curves(analysed: Analysed) -> None:
    """Each line goes down at the events of its arm, as far as it was followed."""
    analysis = analysed()
    display = RmstAreaDisplay.from_analysis(analysis).plot()
    for arm, curve in analysis.curves.items():
        times, heights = (np.asarray(each) for each in display.lines_[arm].get_data())
        assert times[-1] == curve.last_time
        falls = np.flatnonzero(np.diff(heights) < 0)
        assert set(times[falls]) == set(curve.time[curve.n_events > 0])
        np.testing.assert_allclose(heights[falls + 1], curve.survival[curve.n_events > 0])


def test_a_curve_at_zero_adds_nothing(analysed: Analysed) -> None:
    """A curve that comes down before the horizon has no area after it."""
    analysis = analysed({"SR": 0.2, "TA": 0.01}, n=30, times=(12.0, 60.0))
    assert analysis.rmst is not None
    assert analysis.curves["SR"].last_time < analysis.rmst.tau
    display = RmstAreaDisplay.from_analysis(analysis).plot()
    (path,) = display.areas_["SR"].get_paths()
    mean = analysis.rmst.arms["SR"].mean
    assert enclosed(np.asarray(path.vertices)) == pytest.approx(mean)


@pytest.mark.parametrize("n", [8, 60])
@pytest.mark.parametrize("millimetres", [85, 178])
def test_nothing_written_collides(
    analysed: Analysed, check_texts: Callable[[Figure], None], n: int, millimetres: int
) -> None:
    """One column or two, few patients or many."""
    display = RmstAreaDisplay.from_analysis(analysed(n=n, seed=3))
    figure = display.plot(width=millimetres).figure_
    check_texts(figure)
    assert figure.get_size_inches()[0] == pytest.approx(millimetres * MM)


def test_the_difference_is_written(analysed: Analysed) -> None:
    """Second arm less reference, with interval and p; in the description, too."""
    analysis = analysed()
    found = analysis.rmst
    assert found is not None
    known = replace(found, tau=60.0, difference=-3.456, difference_ci=(-8.0, 1.25), p=0.1234)
    display = RmstAreaDisplay.from_analysis(replace(analysis, rmst=known)).plot()
    sentence = (
        "Up to 60 months, TA minus SR: \u22123.5 (\u22128.0 to 1.2) months (95% CI), p = 0.123."
    )
    assert sentence in written(display.figure_)
    assert str(display.figure_.get_label()).endswith(sentence)
    short = replace(analysis, rmst=replace(known, tau=5.0))
    assert "\u22123.46 (\u22128.00 to 1.25)" in RmstAreaDisplay.from_analysis(short).alt
    untested = replace(analysis, rmst=replace(known, p=float("nan")))
    assert RmstAreaDisplay.from_analysis(untested).alt.endswith("months (95% CI).")


def test_other_numbers_of_arms(analysed: Analysed, check_texts: Callable[[Figure], None]) -> None:
    """One arm or three have areas and no difference."""
    for rates in ({"A": 0.01}, {"A": 0.01, "B": 0.02, "C": 0.005}):
        display = RmstAreaDisplay.from_analysis(analysed(rates)).plot()
        check_texts(display.figure_)
        assert list(display.areas_) == list(rates)
        assert not any("less" in text for text in written(display.figure_))


def test_without_a_restricted_mean(analysed: Analysed) -> None:
    """There is nothing to shade, and that is said."""
    with pytest.raises(ValueError, match=r"must hold a restricted mean, but psm/OS has none"):
        RmstAreaDisplay.from_analysis(replace(analysed(), rmst=None))


def test_same_bytes_twice(analysed: Analysed) -> None:
    """Two drawings of the same numbers are the same file."""
    display = RmstAreaDisplay.from_analysis(analysed())
    one, two = (figure_bytes(display.plot().figure_, file_format="svg") for _ in range(2))
    assert one == two

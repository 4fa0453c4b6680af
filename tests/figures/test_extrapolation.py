"""The drawing of fitted distributions: numbers, labels, and nothing that collides."""

from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.figure import Figure

from kmrepro.figures.extrapolation import ExtrapolationDisplay
from kmrepro.figures.files import figure_bytes
from kmrepro.models.parametric import ParametricModels, parametric

from .conftest import simulated


@pytest.fixture(scope="module")
def models() -> ParametricModels:
    """Fit a few distributions to drawn patients."""
    ipd = simulated({"SR": 0.006, "TA": 0.009}, n=80)
    return parametric(ipd, distributions=["exponential", "weibull", "lognormal"], horizon=240)


def test_lines_are_the_fits(models: ParametricModels) -> None:
    """Each line is the fitted survival or hazard at its times."""
    shown = ExtrapolationDisplay.from_models(models).plot()
    for arm in ("SR", "TA"):
        for name in ("exponential", "weibull", "lognormal"):
            line = shown.lines_[arm, "survival", name]
            time, survival = (np.asarray(each) for each in line.get_data())
            expected = 100 * models.fit(name, arm).survival(time).value
            np.testing.assert_allclose(survival, expected)
            assert time[-1] == 240
    assert shown.axes_["SR", "survival"].get_xlabel() == "Time (months)"
    assert shown.axes_["SR", "hazard"].get_ylabel() == "Hazard (per month)"


def test_best_models_are_shown_by_default() -> None:
    """Six, by AIC summed over arms; more than six cannot be told apart."""
    ipd = simulated({"SR": 0.006, "TA": 0.009}, n=60)
    many = parametric(ipd, horizon=240)
    shown = ExtrapolationDisplay.from_models(many)
    assert len(shown.arms[0].survival) == 6
    with pytest.raises(ValueError, match="at most 6 can be told apart"):
        ExtrapolationDisplay.from_models(many, names=[fit.name for fit in many.of("SR")][:7])


@pytest.mark.parametrize("width", [None, 140])
def test_no_text_is_cut_off(
    models: ParametricModels, check_texts: Callable[[Figure], None], width: float | None
) -> None:
    """Labels, key and footnote have room."""
    check_texts(ExtrapolationDisplay.from_models(models).plot(width=width).figure_)


def test_the_same_bytes_twice(models: ParametricModels) -> None:
    """A drawing comes out the same each time."""
    one, two = (ExtrapolationDisplay.from_models(models).plot().figure_ for _ in range(2))
    assert figure_bytes(one, file_format="svg") == figure_bytes(two, file_format="svg")

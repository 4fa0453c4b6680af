"""The drawing of fitted distributions: numbers, labels, and nothing that collides."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure

from kmrepro.figures.extrapolation import ExtrapolationDisplay
from kmrepro.figures.files import figure_bytes
from kmrepro.models.parametric import DISTRIBUTIONS, ParametricModels, parametric
from kmrepro.reconstruct import PseudoIPD

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
    """All that the table has; of more than ten those of lowest AIC, and the others are named."""
    ipd = simulated({"SR": 0.006, "TA": 0.009}, n=60)
    many = parametric(ipd, horizon=240)
    shown = ExtrapolationDisplay.from_models(many)
    for arm in shown.arms:
        assert set(arm.survival) == {fit.name for fit in many.of(arm.name)}
    assert "Not drawn" not in shown.note
    names = [*DISTRIBUTIONS, "spline-hazard-2", "spline-odds-2"]
    more = parametric(ipd, distributions=names, horizon=240)
    shown = ExtrapolationDisplay.from_models(more)
    drawn = set(shown.arms[0].survival) | set(shown.arms[1].survival)
    assert len(drawn) == 10
    left_out = shown.note.partition("Not drawn, of higher AIC: ")[2].partition(".")[0]
    assert set(left_out.split(", ")) | drawn == {fit.name for fit in more.fits}
    with pytest.raises(ValueError, match="at most 10 can be told apart"):
        ExtrapolationDisplay.from_models(more, names=names)
    with pytest.raises(ValueError, match="`names` names no distribution; there are "):
        ExtrapolationDisplay.from_models(many, names=[])
    one = ExtrapolationDisplay.from_models(many, names="weibull")  # type: ignore[arg-type]
    assert set(one.arms[0].survival) == {"weibull"}


def test_a_model_of_one_arm_is_drawn_there() -> None:
    """Its line has the same look as elsewhere, and the other arm none of it."""
    fits = parametric(simulated({"SR": 0.006, "TA": 0.009}, n=60), horizon=240)
    only = replace(
        fits, fits=tuple(f for f in fits.fits if (f.name, f.arms) != ("weibull", ("SR",)))
    )
    shown = ExtrapolationDisplay.from_models(only).plot()
    assert ("SR", "survival", "weibull") not in shown.lines_
    assert ("TA", "survival", "weibull") in shown.lines_
    for name in shown.arms[0].survival:
        one, other = (shown.lines_[arm, "survival", name].get_color() for arm in ("SR", "TA"))
        assert one == other


def test_no_model_rules_the_axis_of_hazards() -> None:
    """A hazard that explodes leaves the axis, and the note says which; the others have room."""
    rng = np.random.default_rng(5)
    time = np.round(30 * rng.weibull(1.8, 120), 2) + 0.01
    ipd = PseudoIPD(
        time=np.minimum(time, 40.0), event=time < 40, arm=np.full(120, "A"), arms=("A",)
    )
    fits = parametric(ipd, horizon=240)
    shown = ExtrapolationDisplay.from_models(fits).plot()
    (arm,) = shown.arms
    assert "gompertz" in arm.beyond_axis
    assert "A: hazards beyond the axis: " in shown.note
    top = shown.axes_["A", "hazard"].get_ylim()[1]
    assert top == arm.hazard_limit
    inside = [name for name in arm.hazard if arm.highest(name) <= top]
    assert len(inside) >= 0.75 * len(arm.hazard)
    assert arm.highest("gompertz") > 2 * top
    assert arm.empirical is not None
    assert top > 1.5 * arm.empirical.value.max()


def test_the_note_is_of_these_patients(models: ParametricModels) -> None:
    """Patients that were read are not called reconstructed."""
    assert "reconstructed" not in ExtrapolationDisplay.from_models(models).note
    shown = ExtrapolationDisplay.from_models(replace(models, n_draws=20))
    assert "Grey is one reconstructed data set; fits are combined over 20 draws." in shown.note


@pytest.mark.parametrize("width", [None, 140])
def test_no_text_is_cut_off(
    models: ParametricModels, check_texts: Callable[[Figure], None], width: float | None
) -> None:
    """Labels, key and footnote have room."""
    check_texts(ExtrapolationDisplay.from_models(models).plot(width=width).figure_)


def test_a_horizon_of_many_digits_is_not_cut_off(
    models: ParametricModels, check_texts: Callable[[Figure], None]
) -> None:
    """Twice the follow-up is the usual one; 105.316 ran out of the figure."""
    shown = ExtrapolationDisplay.from_models(replace(models, horizon=305.3164)).plot()
    labels = [each.get_text() for each in shown.axes_["TA", "survival"].get_xticklabels()]
    assert labels[-1] == "305"
    check_texts(shown.figure_)


def test_the_same_bytes_twice(models: ParametricModels) -> None:
    """A drawing comes out the same each time."""
    one, two = (ExtrapolationDisplay.from_models(models).plot().figure_ for _ in range(2))
    assert figure_bytes(one, file_format="svg") == figure_bytes(two, file_format="svg")

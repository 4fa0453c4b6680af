"""Forest and funnel plots of pooled trials: numbers, weights, and nothing that collides."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.figure import Figure

from kmrepro.figures.pooling import FunnelDisplay, PooledForestDisplay
from kmrepro.models import cox
from kmrepro.models.pooling import Effect, MetaAnalysis, Trial, pool_trials
from kmrepro.reconstruct import PseudoIPD


@pytest.fixture(scope="module")
def pooled() -> MetaAnalysis:
    """Pool four trials of which only estimates are known, one by an approximate route."""
    return pool_trials(
        [
            Trial(
                name=f"Trial {k}",
                endpoint="OS",
                arms=("A", "B"),
                effects={
                    "reported": Effect(
                        estimate=y, variance=se**2, route="interval", approximate=k == 3
                    )
                },
                n={"A": 100, "B": 90 + k},
            )
            for k, (y, se) in enumerate([(0.1, 0.1), (-0.2, 0.2), (0.3, 0.15), (0.0, 0.4)])
        ]
    )


def test_marks_are_the_estimates(pooled: MetaAnalysis) -> None:
    """Trials, then random and common effect as diamonds, then the prediction interval."""
    shown = PooledForestDisplay.from_meta_analysis(pooled).plot()
    found = pooled.by_source["reported"]
    estimates = [drawn.mark.estimate for drawn in shown.marks_]
    expected = [*(e.estimate for e in found.effects), found.random.estimate, found.common.estimate]
    np.testing.assert_allclose(np.log(estimates[:6]), expected)
    assert all(drawn.diamond is not None for drawn in shown.marks_[4:6])
    assert shown.marks_[6].mark.ci == tuple(map(math.exp, found.random.prediction))


def test_areas_of_squares_are_weights(pooled: MetaAnalysis) -> None:
    """The largest square is the heaviest trial's; another's area is in proportion."""
    shown = PooledForestDisplay.from_meta_analysis(pooled).plot()
    sizes = [drawn.point.get_markersize() for drawn in shown.marks_[:4] if drawn.point]
    weights = pooled.by_source["reported"].random.weights
    assert np.argmax(sizes) == np.argmax(weights)
    assert (sizes[1] / sizes[0]) ** 2 == pytest.approx(weights[1] / weights[0])


def test_approximate_trials_are_marked(pooled: MetaAnalysis) -> None:
    """With a dagger, explained below."""
    shown = PooledForestDisplay.from_meta_analysis(pooled)
    assert [row.name for row in shown.table.rows[:4]][3] == "Trial 3 \u2020"
    assert "\u2020 approximate" in shown.note


@pytest.mark.parametrize("width", [None, 130])
def test_no_text_is_cut_off(
    pooled: MetaAnalysis, check_texts: Callable[[Figure], None], width: float | None
) -> None:
    """Rows, titles and footnotes have room."""
    check_texts(PooledForestDisplay.from_meta_analysis(pooled).plot(width=width).figure_)
    check_texts(FunnelDisplay.from_synthesis(pooled.by_source["reported"]).plot().figure_)


def test_the_funnel(pooled: MetaAnalysis) -> None:
    """Points are estimates over standard errors, the smallest error on top."""
    shown = FunnelDisplay.from_synthesis(pooled.by_source["reported"]).plot()
    x, y = shown.points_.get_data()
    np.testing.assert_allclose(x, [0.1, -0.2, 0.3, 0.0])
    np.testing.assert_allclose(y, [0.1, 0.2, 0.15, 0.4])
    low, high = shown.ax_.get_ylim()
    assert low > high == 0


@pytest.fixture(scope="module")
def differences() -> MetaAnalysis:
    """Pool three simulated trials with restricted means and survival at a landmark."""
    rng = np.random.default_rng(3)
    trials = []
    for name, ratio in (("one", 0.7), ("two", 0.9), ("three", 0.6)):
        time = rng.exponential(np.repeat([30.0, 30.0 / ratio], 60))
        ipd = PseudoIPD(
            time=np.minimum(time, 60.0), event=time < 60, arm=np.repeat(["A", "B"], 60),
            arms=("A", "B"),
        )  # fmt: skip
        fit = cox(ipd)
        own = Effect(estimate=fit.log_hazard_ratio, variance=fit.se**2, route="Cox")
        trials.append(
            Trial(name=name, endpoint="OS", arms=("A", "B"), effects={"reproduced": own}, ipd=ipd)
        )
    return pool_trials(trials, tau=48.0, landmarks=[24.0])


def test_a_forest_of_differences(
    differences: MetaAnalysis, check_texts: Callable[[Figure], None]
) -> None:
    """Marks are the differences around 0, survival in percentage points."""
    for found, scale in zip(differences.differences, (1, 100), strict=True):
        shown = PooledForestDisplay.from_synthesis(differences, found).plot()
        check_texts(shown.figure_)
        expected = [*(e.estimate for e in found.effects), found.random.estimate]
        estimates = [drawn.mark.estimate for drawn in shown.marks_[:4]]
        np.testing.assert_allclose(estimates, scale * np.array(expected))
        low, high = shown.ax_.get_xlim()
        assert low < 0 < high
        assert "B minus A" in shown.ax_.get_xlabel()

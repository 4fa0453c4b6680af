"""Forest and funnel plots of pooled trials: numbers, weights, and nothing that collides."""

import math
from collections.abc import Callable
from dataclasses import replace

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


def test_groups_have_subtotals(pooled: MetaAnalysis, check_texts: Callable[[Figure], None]) -> None:
    """Trials stand below their group's name and above its estimate; squares keep their weights."""
    groups = ("East", "West", "East", "North")
    grouped = pool_trials(
        [replace(each, group=group) for each, group in zip(pooled.trials, groups, strict=True)]
    )
    found = grouped.by_source["reported"]
    assert found.subgroups is not None
    shown = PooledForestDisplay.from_meta_analysis(grouped).plot()
    names = [row.name for row in shown.table.rows]
    assert names[:4] == ["East", "Trial 0", "Trial 2", names[3]]
    assert names[3].startswith("Random effects, I\u00b2 ")
    assert names[4:8] == ["West", "Trial 1", "North", "Trial 3 \u2020"]
    subtotal = shown.table.rows[3]
    assert subtotal.marks[0].estimate == pytest.approx(
        math.exp(found.subgroups.groups["East"].estimate)
    )
    sizes = {
        drawn.mark.estimate: drawn.point.get_markersize()
        for drawn in shown.marks_
        if drawn.point is not None and drawn.mark.look.name == "trial"
    }
    weights = found.random.weights
    first, second = (sizes[math.exp(found.effects[k].estimate)] for k in (0, 1))
    assert (second / first) ** 2 == pytest.approx(weights[1] / weights[0])
    assert subtotal.cells[-1] == f"{100 * (weights[0] + weights[2]):.1f}%"
    check_texts(shown.figure_)


def test_q_between_groups_is_below_the_plot(pooled: MetaAnalysis) -> None:
    """With groups of two trials each there is a test, which the footnote has."""
    groups = ("East", "West", "East", "West")
    grouped = pool_trials(
        [replace(each, group=group) for each, group in zip(pooled.trials, groups, strict=True)]
    )
    found = grouped.by_source["reported"].subgroups
    assert found is not None
    shown = PooledForestDisplay.from_meta_analysis(grouped)
    assert f"Between groups: {found.between}." in shown.note

"""Small linear programmes: both ways to solve them agree, and prices are what they say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kmrepro.models.attainable.linear_programme import Infeasible, LinearProgramme

from ...seeds import seeds


def random_programme(rng: np.random.Generator) -> LinearProgramme:
    """Return a programme that 0 satisfies."""
    n_rows, size = (int(each) for each in rng.integers(1, 8, 2))
    return LinearProgramme(
        cost=rng.normal(size=size),
        rows=rng.normal(size=(n_rows, size)),
        most=rng.uniform(0.1, 1.0, n_rows),
        lower=np.zeros(size),
        upper=rng.uniform(0.5, 2.0, size),
    )


@pytest.mark.parametrize("seed", seeds(6, always=3))
def test_both_ways_find_the_same_solution(seed):
    """It satisfies every row, and costs no more than any other that was tried."""
    rng = np.random.default_rng(seed)
    programme = random_programme(rng)
    found = programme.solution()
    assert found == pytest.approx(programme.priced()[0])
    assert (programme.rows @ found <= programme.most + 1e-9).all()
    tried = rng.uniform(0, programme.upper, (2000, found.size))
    allowed = tried[(tried @ programme.rows.T <= programme.most).all(axis=1)]
    assert (allowed @ programme.cost >= programme.cost @ found - 1e-9).all()


@pytest.mark.parametrize("seed", seeds(6, always=3))
def test_prices_say_what_a_little_more_of_a_row_saves(seed):
    """One row after the other is given a little more room."""
    programme = random_programme(np.random.default_rng(seed))
    solution, prices = programme.priced()
    for row, price in enumerate(prices):
        wider = replace(programme, most=programme.most + 1e-6 * (np.arange(len(prices)) == row))
        saved = programme.cost @ solution - wider.cost @ wider.solution()
        assert saved == pytest.approx(1e-6 * price, abs=1e-11)


def test_without_rows_bounds_decide():
    """Each unknown is at the end of its range that costs less."""
    programme = LinearProgramme(
        cost=np.array([1.0, -1.0]),
        rows=np.zeros((0, 2)),
        most=np.zeros(0),
        lower=np.array([0.25, 0.0]),
        upper=np.array([1.0, 3.0]),
    )
    assert programme.solution().tolist() == [0.25, 3.0]
    solution, prices = programme.priced()
    assert (solution.tolist(), prices.size) == ([0.25, 3.0], 0)


def test_what_nothing_satisfies_is_infeasible():
    """Neither way returns a solution."""
    programme = LinearProgramme(
        cost=np.ones(1),
        rows=-np.ones((1, 1)),
        most=np.array([-2.0]),
        lower=np.zeros(1),
        upper=np.ones(1),
    )
    for way in (programme.solution, programme.priced):
        with pytest.raises(Infeasible):
            way()

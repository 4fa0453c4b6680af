"""How likely numbers of events and censorings are along a digitised curve."""

from __future__ import annotations

import functools
import math

import numpy as np
from scipy.special import gammaln

from ..curves.knots import Counts
from ..pseudo_ipd import FloatArray

__all__ = ["log_censorings", "log_events", "log_events_at_drop", "random_censorings"]

TOGETHER = 2.0  # shape of how censorings of a gap scatter beyond chance
TIED, WORST_TIES = 0.1, 20.0  # least mean of the events of a drop, and most in log likelihood
BURST, BURSTS = 4.0, 0.3  # the same of the events of a drop, where times are in whole units
LUMPS = 0.01  # of gaps in which censorings come together in any number


def random_censorings(mean: FloatArray, at_risk: Counts, rng: np.random.Generator) -> Counts:
    """Draw censorings, more scattered than by chance alone, as they come together."""
    share = np.clip(mean / np.maximum(at_risk, 1), 0.0, 1.0 - 1e-9)
    rate = -np.log1p(-share) * rng.gamma(TOGETHER, 1.0 / TOGETHER, mean.size)
    return rng.binomial(at_risk, -np.expm1(-rate))


def log_censorings(censored: Counts, mean: FloatArray) -> FloatArray:
    """Return the log probability of a number of censorings, as they are drawn."""
    return _log_scattered(censored, mean, (TOGETHER, LUMPS))


def _table_size(count: Counts) -> int:
    """Return how long a table by these numbers has to be, so that few lengths are needed."""
    return 1 << int(count.max()).bit_length()


@functools.lru_cache(maxsize=64)
def _log_ways(shape: float, size: int) -> FloatArray:
    """Return the log of the binomial coefficients of the negative binomial distribution."""
    count = np.arange(size)
    return np.asarray(gammaln(count + shape) - gammaln(count + 1) - math.lgamma(shape))


@functools.lru_cache(maxsize=32)
def _log_factorials(size: int) -> FloatArray:
    return np.asarray(gammaln(np.arange(size) + 1.0))


def _log_scattered(count: Counts, mean: FloatArray, scatter: tuple[float, float]) -> FloatArray:
    """Return the log probability of a number that scatters more than by chance, or is any."""
    shape, lumps = scatter
    share = np.maximum(mean, 1e-6) / (np.maximum(mean, 1e-6) + shape)
    ways = _log_ways(shape, _table_size(count))[count]
    usual = ways + count * np.log(share) + shape * np.log1p(-share)
    return np.logaddexp(usual, math.log(lumps) - np.log1p(count + mean))


def _log_poisson(events: Counts, mean: FloatArray) -> FloatArray:
    """Return the log probability of a number that is one at least."""
    none = np.log(np.expm1(np.minimum(mean, 500)))
    return np.asarray(events * np.log(mean) - _log_factorials(_table_size(events))[events] - none)


def log_events(events: Counts, mean: FloatArray) -> FloatArray:
    """Return the log probability of the events in a gap, which may come together."""
    return _log_scattered(events, mean, (BURST, BURSTS))


def log_events_at_drop(events: Counts, mean: FloatArray, *, fine: bool) -> FloatArray:
    """Return the log probability of the events at a drop, one at least; in fine time few."""
    mean = np.maximum(mean, TIED)
    some = -np.expm1(-BURST * np.log1p(mean / BURST))
    log = log_events(events, mean) - np.log(some)
    if not fine:
        return np.asarray(log)
    return np.where(mean < 1.0, np.maximum(_log_poisson(events, mean), -WORST_TIES), log)

"""Every rule of the audit."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..studies.study import Study
from . import (
    cells,
    claims,
    count_p,
    direction,
    flows,
    follow_up,
    interval_events,
    listings,
    mean_p,
    percentages,
    quantities,
    quartile_p,
    ratio_interval,
    ratio_p,
    repeated_ratios,
    repeated_rows,
    sample_sizes,
    stated_ratios,
    statistic_p,
    subsets,
    sums,
    survival_order,
    whole_numbers,
)
from .finding import Finding, Rule

__all__ = ["CHECKS", "RULES"]

_FAMILIES = (
    ratio_interval,
    ratio_p,
    interval_events,
    survival_order,
    direction,
    follow_up,
    repeated_ratios,
    stated_ratios,
    sums,
    flows,
    percentages,
    subsets,
    repeated_rows,
    count_p,
    mean_p,
    quartile_p,
    statistic_p,
    cells,
    whole_numbers,
    quantities,
    listings,
    claims,
    sample_sizes,
)
CHECKS: tuple[Callable[[Study], Iterator[Finding]], ...] = tuple(each.check for each in _FAMILIES)
RULES: tuple[Rule, ...] = tuple(rule for each in _FAMILIES for rule in each.RULES)

"""Which tests a paper may mean by a name, and how far a p-value is from theirs."""

from __future__ import annotations

from collections.abc import Iterable

from ..studies.printed import PrintedNumber
from .bounds import Bounds, z_of_p
from .finding import Severity

__all__ = ["count_families", "far_from", "mean_tests_named", "severity_of"]

_FAR = 0.5  # standard normal units


def count_families(name: str) -> frozenset[str]:
    """Return the families that the name of a test of counts may mean."""
    text = name.lower().replace("χ", "chi").replace("²", "2")
    families = {
        family
        for family, words in (("chi-square", ("chi", "pearson")), ("fisher", ("fisher", "exact")))
        if any(word in text for word in words)
    }
    return frozenset(families or ({"chi-square", "fisher"} if not text else set()))


def mean_tests_named(name: str) -> frozenset[str]:
    """Return the tests that the name of a test of means may mean: "t", "rank" or both."""
    text = name.lower()
    rank = any(word in text for word in ("mann", "whitney", "wilcoxon", "rank", "kruskal"))
    t = text.startswith("t") or any(word in text for word in ("student", "welch", " t"))
    return frozenset({"rank"} if rank and not t else {"t"} if t and not rank else {"t", "rank"})


def far_from(p: PrintedNumber, candidates: Iterable[Bounds]) -> float:
    """Return how far a p-value is from the nearest of the ranges, in standard normal units."""
    printed = Bounds.of(p).within(0.0, 1.0)
    return min(
        (
            0.0 if printed.overlaps(each) else z_of_p(printed).gap(z_of_p(each))
            for each in candidates
        ),
        default=0.0,
    )


def severity_of(p: PrintedNumber, candidates: list[Bounds], alpha: float = 0.05) -> Severity:
    """Return "error" for a p-value far from all, or on the other side of 0.05 of all."""
    other_side = all(each.upper < alpha < p.lower for each in candidates) or all(
        each.lower > alpha > p.upper for each in candidates
    )
    return "error" if other_side or far_from(p, candidates) > _FAR else "warning"

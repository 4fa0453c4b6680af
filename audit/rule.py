"""What the audit asks and finds, and the values and tests that reported numbers allow."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, Self

from scipy.special import stdtr

from ..presentation.formats import count
from ..studies.arm import Arm
from ..studies.printed import FLOAT_SLACK, PrintedNumber
from ..studies.printed_fields import p_z
from ..studies.study import Study

__all__ = [
    "SEVERITIES",
    "Bounds",
    "Check",
    "Finding",
    "MeanTest",
    "Rule",
    "Severity",
    "asks",
    "count_families",
    "exact_bounds",
    "far_from",
    "mean_tests_named",
    "p_is",
    "p_of_z",
    "p_text",
    "patients_text",
    "severity_of",
    "short",
    "t_tests",
    "z_of_p",
]

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Reported numbers that do not agree with each other.

    A finding speaks of numbers: it does not say which of them is the misprint, or why.

    Attributes
    ----------
    place : str
        Where in the paper.
    rule : str
        Name of the rule.
    severity : {"error", "warning", "note"}
        "error" if no rounding and no usual choice of method makes the numbers agree, "warning" if
        only an unusual one does, "note" for what is worth knowing and may well be right.
    printed : str
        The reported numbers.
    expected : str
        What would agree with the others, as the range that rounding allows.
    sentence : str
        The finding in a sentence that needs no statistics.
    reference : str
        Where the rule comes from.
    parts : tuple of Finding
        The findings that this one gathers, one by one; empty if it is one alone.
    """

    place: str
    rule: str
    severity: Severity
    printed: str
    expected: str
    sentence: str
    reference: str = ""
    parts: tuple[Finding, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A question that the audit asks of reported numbers.

    Attributes
    ----------
    name : str
        Short name, such as "ratio-centre".
    asks : str
        The question.
    tolerance : str
        What the rule allows for, and why.
    reference : str
        Where the arithmetic comes from.
    """

    name: str
    asks: str
    tolerance: str
    reference: str

    def finding(
        self, severity: Severity, place: str, *, printed: str, expected: str, sentence: str
    ) -> Finding:
        """Return a finding of this rule."""
        return Finding(
            place=place,
            rule=self.name,
            severity=severity,
            printed=printed,
            expected=expected,
            sentence=sentence,
            reference=self.reference,
        )


@dataclass(frozen=True)
class Check:
    """Rules that are asked together.

    Attributes
    ----------
    rules : tuple of Rule
        The rules.
    find : callable
        Takes a study and yields the findings of these rules.
    """

    rules: tuple[Rule, ...]
    find: Callable[[Study], Iterator[Finding]]


def asks(*rules: Rule) -> Callable[[Callable[[Study], Iterator[Finding]]], Check]:
    """Make a check of a function that yields the findings of `rules`."""
    return lambda find: Check(rules, find)


_SMALL_P = 0.001
_LARGEST_Z = 37.0  # beyond it a two-sided p is 0 in double precision


@dataclass(frozen=True)
class Bounds:
    """A closed range of values.

    Attributes
    ----------
    lower, upper : float
        Its ends; they may be infinite.
    """

    lower: float
    upper: float

    @classmethod
    def of(cls, printed: PrintedNumber) -> Self:
        """Return the values that are reported as `printed`."""
        return cls(printed.lower, printed.upper)

    @classmethod
    def around(cls, *values: float) -> Self:
        """Return the smallest range that holds all `values`."""
        return cls(min(values), max(values))

    def within(self, lower: float, upper: float) -> Bounds:
        """Return the part of the range that lies between `lower` and `upper`."""
        return Bounds(min(max(self.lower, lower), upper), max(min(self.upper, upper), lower))

    def overlaps(self, other: Bounds) -> bool:
        """Say whether some value lies in both ranges."""
        return self.gap(other) == 0

    def gap(self, other: Bounds) -> float:
        """Return how far the two ranges lie apart; 0 if they overlap."""
        apart = max(self.lower - other.upper, other.lower - self.upper)
        ends = (self.lower, self.upper, other.lower, other.upper)
        size = max((abs(end) for end in ends if math.isfinite(end)), default=0.0)
        return apart if apart > FLOAT_SLACK * size else 0.0

    def log(self) -> Bounds:
        """Return the natural logarithm; that of 0 or less is minus infinity."""
        return Bounds(_log(self.lower), _log(self.upper))

    def text(self, decimals: int) -> str:
        """Return both ends with as many decimals."""
        first, second = f"{self.lower:.{decimals}f}", f"{self.upper:.{decimals}f}"
        return first if first == second else f"{first} to {second}"

    def __str__(self) -> str:
        first, second = short(self.lower), short(self.upper)
        return first if first == second else f"{first} to {second}"


def _log(value: float) -> float:
    return math.log(value) if value > 0 else -math.inf


def exact_bounds(printed: PrintedNumber) -> Bounds:
    """Return the values of a reported number that may be a count: a whole number is itself."""
    whole = printed.decimals == 0 and not printed.percent and printed.relation == "="
    return Bounds(printed.value, printed.value) if whole else Bounds.of(printed)


def z_of_p(p: Bounds) -> Bounds:
    """Return the absolute standard normal deviates of two-sided p-values."""
    return Bounds(p_z(p.upper), p_z(p.lower))


def p_of_z(z: Bounds) -> Bounds:
    """Return the two-sided p-values of absolute standard normal deviates."""
    return Bounds(_p(z.upper), _p(z.lower))


def _p(z: float) -> float:
    return math.erfc(z / math.sqrt(2)) if z < _LARGEST_Z else 0.0


def p_text(p: Bounds, *, beside: PrintedNumber | None = None) -> str:
    """Return the p-values of a range in words; those below 0.001 need no digits.

    They do `beside` a reported p that is as small.
    """
    if p.upper < _SMALL_P and (beside is None or beside.upper > _SMALL_P):
        return f"below {_SMALL_P}"
    if p.upper < _SMALL_P:
        ends = dict.fromkeys(f"{end:.2g}" for end in (p.lower, p.upper))
        return " to ".join(ends) if p.lower > 0 else f"at most {p.upper:.2g}"
    return f"at most {short(p.upper)}" if p.lower < _SMALL_P else str(p)


def p_is(p: Bounds) -> str:
    """Return the end of a sentence about p: "= 0.012 to 0.014" or "below 0.001"."""
    text = p_text(p)
    return text if text[0].isalpha() else f"= {text}"


def patients_text(arm: Arm, noun: str = "patient") -> str:
    """Return an arm's patients, "352 patients", with how many a share by allocation may be."""
    if arm.n is None:
        return ""
    number = count(arm.n, noun) if noun else str(arm.n)
    share = arm.n_basis == "allocation"
    return f"{number} by the allocation, at most {arm.most_patients}" if share else number


def short(value: float) -> str:
    """Return a number with the three digits that a reader needs."""
    if not math.isfinite(value):
        return "infinity" if value > 0 else "-infinity"
    if value == 0:
        return "0"
    if value == round(value) and abs(value) < 1e6:
        return f"{value:.0f}"
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"


_FAR, _ALPHA = 0.5, 0.05  # standard normal units; the usual level of significance


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


def severity_of(p: PrintedNumber, candidates: list[Bounds]) -> Severity:
    """Return "error" for a p-value far from all, or on the other side of 0.05 of all."""
    other_side = all(each.upper < _ALPHA < p.lower for each in candidates) or all(
        each.lower > _ALPHA > p.upper for each in candidates
    )
    return "error" if other_side or far_from(p, candidates) > _FAR else "warning"


@dataclass(frozen=True)
class Sample:
    """Mean, standard deviation and patients of one group, each as far as rounding leaves it."""

    mean: Bounds
    sd: Bounds
    n: int


@dataclass(frozen=True, kw_only=True)
class MeanTest:
    """One t test over every rounding of what it is computed from."""

    name: str
    t: Bounds
    p: Bounds


def t_tests(one: Sample, other: Sample) -> tuple[MeanTest, ...]:
    """Return Student's and Welch's test over every rounding."""
    apart = one.mean.gap(other.mean)
    most = max(one.mean.upper - other.mean.lower, other.mean.upper - one.mean.lower)
    corners = list(itertools.product(_ends(one.sd), _ends(other.sd)))
    tests = []
    for name, error in (("Student's t test", _pooled), ("Welch's t test", _separate)):
        errors = [error(sds, (one.n, other.n)) for sds in corners]
        smallest, largest = min(se for se, _ in errors), max(se for se, _ in errors)
        df = Bounds.around(*(each for _, each in errors))
        t = Bounds(apart / largest, most / smallest if smallest > 0 else math.inf)
        tests.append(
            MeanTest(
                name=name, t=t, p=Bounds(_p_of_t(t.upper, df.upper), _p_of_t(t.lower, df.lower))
            )
        )
    return tuple(tests)


def _ends(bounds: Bounds) -> tuple[float, float]:
    return bounds.lower, bounds.upper


def _pooled(sds: tuple[float, float], ns: tuple[int, int]) -> tuple[float, float]:
    df = sum(ns) - 2
    variance = sum((n - 1) * sd * sd for n, sd in zip(ns, sds, strict=True)) / df
    return math.sqrt(variance * (1 / ns[0] + 1 / ns[1])), df


def _separate(sds: tuple[float, float], ns: tuple[int, int]) -> tuple[float, float]:
    parts = [sd * sd / n for sd, n in zip(sds, ns, strict=True)]
    below = sum(part * part / (n - 1) for part, n in zip(parts, ns, strict=True))
    df = sum(parts) ** 2 / below if below > 0 else min(ns) - 1.0
    return math.sqrt(sum(parts)), df


def _p_of_t(t: float, df: float) -> float:
    return float(2 * stdtr(df, -t)) if math.isfinite(t) else 0.0

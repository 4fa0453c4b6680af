"""Sample sizes against their own assumptions."""

from __future__ import annotations

import math
from collections.abc import Iterator
from statistics import NormalDist

from ..studies.statement import SampleSize
from ..studies.study import Study
from .bounds import Bounds, short
from .finding import Finding, Rule

__all__ = ["RULES", "check", "needed"]

_Z = NormalDist().inv_cdf

SIZE = Rule(
    name="sample-size",
    asks="Do the assumptions give the sample size?",
    tolerance="One- and two-sided tests, normal approximations with the variance of either "
    "hypothesis, arcsine, and a continuity correction: the printed size must lie between the "
    "smallest and the largest of these, or it is a warning.",
    reference="Fleiss JL, Levin B, Paik MC. Statistical Methods for Rates and Proportions. 2003. "
    "doi:10.1002/0471445428; Schoenfeld DA. Biometrics 1983;39:499-503. doi:10.2307/2531021",
)
DROP_OUT = Rule(
    name="drop-out",
    asks="Does the number recruited leave the sample size once patients drop out?",
    tolerance="n / (1 - d) leaves n patients; n (1 + d), which is common, leaves slightly fewer: a "
    "note. Fewer than that is a warning.",
    reference=SIZE.reference,
)
RULES = (SIZE, DROP_OUT)


def check(study: Study) -> Iterator[Finding]:
    """Yield the sample sizes that do not follow from their assumptions."""
    for statement in study.statements:
        if statement.sample_size is not None:
            place = statement.source or statement.text
            yield from _size(place, statement.sample_size)
            yield from _drop_out(place, statement.sample_size)


def needed(size: SampleSize) -> Bounds:
    """Return the smallest and the largest size that usual formulae give."""
    sizes = [
        formula
        for sides in (1, 2)
        for formula in _formulae(size, _Z(1 - size.alpha.value / sides), _Z(size.power.value))
    ]
    return Bounds(math.floor(min(sizes)), math.ceil(max(sizes)))


def _formulae(size: SampleSize, za: float, zb: float) -> Iterator[float]:
    if size.hazard_ratio is not None and size.design == "survival":
        log_ratio = math.log(size.hazard_ratio.value)
        yield 4 * ((za + zb) / log_ratio) ** 2 if log_ratio else math.inf
        return
    assert size.baseline is not None and size.alternative is not None  # noqa: S101, PT018 - checked when read
    p0, p1 = size.baseline.value, size.alternative.value
    gap = abs(p1 - p0) or math.nan
    v0, v1 = p0 * (1 - p0), p1 * (1 - p1)
    arcsine = 2 * (math.asin(math.sqrt(p1)) - math.asin(math.sqrt(p0)))
    if size.design == "one proportion":
        plain = ((za * math.sqrt(v0) + zb * math.sqrt(v1)) / gap) ** 2
        yield from (plain, plain + 1 / gap, ((za + zb) / gap) ** 2 * v1)
        yield ((za + zb) / arcsine) ** 2
        return
    middle = (p0 + p1) / 2
    pooled = za * math.sqrt(2 * middle * (1 - middle))
    plain = 2 * ((pooled + zb * math.sqrt(v0 + v1)) / gap) ** 2
    yield from (plain, plain + 4 / gap, 2 * ((za + zb) / gap) ** 2 * (v0 + v1))
    yield 4 * ((za + zb) / arcsine) ** 2


def _size(place: str, size: SampleSize) -> Iterator[Finding]:
    expected = needed(size)
    if expected.lower <= size.n.value <= expected.upper:
        return
    what = "events" if size.design == "survival" else "patients"
    yield SIZE.finding(
        "warning", place, printed=f"{size.n.bare} {what}", expected=f"{expected} {what}",
        sentence=f"These assumptions give {expected} {what} by usual formulae, not {size.n.bare}.",
    )  # fmt: skip


def _drop_out(place: str, size: SampleSize) -> Iterator[Finding]:
    if size.drop_out is None or size.recruited is None:
        return
    n, lost, recruited = size.n.value, size.drop_out.value, size.recruited.value
    enough = math.ceil(n / (1 - lost) - 1e-9)
    if recruited >= enough - 1 + 1e-9 and recruited * (1 - lost) >= n - 0.5:
        return
    added = recruited >= math.floor(n * (1 + lost) + 1e-9)
    how = "; the share was added to the sample size instead" if added else ""
    yield DROP_OUT.finding(
        "note" if added else "warning", place, expected=f"at least {enough}",
        printed=f"{size.recruited.bare} recruited, {size.n.bare} needed, {size.drop_out} drop-out",
        sentence=f"When {size.drop_out} of {size.recruited.bare} drop out, "
        f"{short(round(recruited * (1 - lost), 1))} remain of the {size.n.bare} needed{how}.",
    )  # fmt: skip

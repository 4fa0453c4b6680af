"""Comparisons as a paper reports them: hazard ratio, interval and p of two arms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Self

from pydantic import Field, model_validator

from .causes import CauseComparison
from .errors import FaultsError
from .fields import Count, Frozen, Name, Patients, ReadOnly, Text
from .printed import PrintedNumber, Relation
from .printed_fields import (
    USUAL_LEVEL,
    ConfidenceLevel,
    PrintedP,
    PrintedRatio,
    RatioInterval,
    as_printed,
)

__all__ = ["Reported", "ReportedPair", "two_sided"]

_ONE_SIDED = re.compile(r"(?<![a-z])(?:one|1|single)[-\s]*(?:sided|tailed)", re.IGNORECASE)
_STRATIFIED = re.compile(r"(?<!un)(?<!un-)(?<!non-)(?<!not )stratified", re.IGNORECASE)


class Reported(Frozen):
    """The comparison that the paper reports: treatment versus `reference`."""

    hazard_ratio: PrintedRatio | None = Field(
        None, description="Hazard ratio of treatment versus `reference`."
    )
    ci: RatioInterval | None = Field(None, description="Its interval, of 95% unless `ci_level`.")
    ci_level: ConfidenceLevel = Field(
        None, description="Level of the interval in per cent, if it is not 95."
    )
    p: PrintedP | None = Field(None, description="The p-value.")
    one_sided: bool = Field(
        False, strict=True, description='true if p is one-sided; so if `test` says "one-sided".'
    )
    test: Text | None = Field(None, description='The test that gave p, such as "log-rank".')
    stratified: bool = Field(
        False, strict=True,
        description='true if the analysis is stratified; so if `test` says "stratified".',
    )  # fmt: skip
    events: Count | None = Field(None, description="Events in all arms together.")
    n: Patients | None = Field(
        None, description="Patients of this comparison, if they are not those of the arms."
    )
    adjusted: bool = Field(
        False, strict=True, description="true if the hazard ratio is adjusted for covariates."
    )
    causes: ReadOnly[Mapping[Name, CauseComparison]] = Field(
        default_factory=dict, validate_default=True,
        description="Competing risks: the comparison of each cause, by name. What stands beside it "
        "is of the event of any cause.",
    )  # fmt: skip
    note: Text | None = Field(None, description="Remarks.")

    @model_validator(mode="before")
    @classmethod
    def _from_print(cls, raw: Any) -> Any:
        """Read an interval beside its ratio, and what the name of the test says of p."""
        table = as_printed(raw, value="hazard_ratio")
        if isinstance(table, dict) and isinstance(test := table.get("test"), str):
            if _ONE_SIDED.search(test):
                table.setdefault("one_sided", True)
            if _STRATIFIED.search(test):
                table.setdefault("stratified", True)
        return table

    @property
    def compares(self) -> bool:
        """Whether it has a number that is of two arms only: a hazard ratio or its interval."""
        return self.hazard_ratio is not None or self.ci is not None

    @property
    def level(self) -> float:
        """Level of the interval in per cent; 95 unless stated."""
        return USUAL_LEVEL if self.ci_level is None else self.ci_level

    @property
    def p_name(self) -> str:
        """What to call p: "p", or "one-sided p"."""
        return "one-sided p" if self.one_sided else "p"

    @property
    def kind(self) -> str:
        """How the analysis differs from the plain one: "stratified, adjusted"; "" if it does not.

        Examples
        --------
        >>> Reported(test="one-sided stratified log-rank", p="0.021").kind
        'stratified'
        """
        words = (("stratified", self.stratified), ("adjusted", self.adjusted))
        parts = [word for word, holds in words if holds]
        return ", ".join([*parts, *([f"n {self.n}"] if self.n is not None else [])])


class ReportedPair(Reported):
    """One of several comparisons of an endpoint, with the two arms that it is of."""

    treatment: Name = Field(description="The arm in the numerator of the hazard ratio.")
    reference: Name = Field(description="The arm in the denominator.")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.treatment == self.reference:
            raise FaultsError([(("treatment",), "it is the arm in `reference`; write another")])
        if not self.compares and self.p is None:
            raise FaultsError(
                [(("hazard_ratio",), "neither hazard ratio nor ci nor p is given; write one")]
            )
        return self

    @property
    def pair(self) -> str:
        """The two arms: "new vs control"."""
        return f"{self.treatment} vs {self.reference}"

    @property
    def alone(self) -> Reported:
        """The comparison without the names of its arms."""
        given = self.model_fields_set - {"treatment", "reference"}
        return Reported.model_construct(
            _fields_set=given, **{name: getattr(self, name) for name in Reported.model_fields}
        )


_TURNED: dict[Relation, Relation] = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def two_sided(p: PrintedNumber) -> PrintedNumber:
    """Return the two-sided p that goes with a one-sided one: twice it, or twice 1 - p if over half.

    Examples
    --------
    >>> str(two_sided(PrintedNumber.parse("0.0414")))
    '0.0828'
    """
    ends = sorted(2 * min(end, 1 - end) if p.value > 0.5 else 2 * end for end in (p.lower, p.upper))
    value = 2 * min(p.value, 1 - p.value)
    relation = _TURNED.get(p.relation, p.relation) if p.value > 0.5 else p.relation
    text = f"{value:.{max(p.decimals, 1)}f}"
    sign = "" if relation == "=" else relation
    return PrintedNumber(
        f"{sign}{text}", value, max(ends[0], 0.0), ends[1], p.decimals, relation=relation
    )

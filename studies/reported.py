"""Comparisons as a paper reports them; and competing risks: incidence by cause, compared."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    GetJsonSchemaHandler,
    SerializerFunctionWrapHandler,
    WithJsonSchema,
    field_serializer,
    model_validator,
)
from pydantic_core import CoreSchema

from ..presentation.formats import count
from .errors import Fault, FaultsError, shown
from .fields import (
    Count,
    Frozen,
    LandmarkTime,
    Name,
    Patients,
    ReadOnly,
    Text,
    increasing,
    number_or_table,
)
from .printed import PrintedNumber, Relation, interval_text
from .printed_fields import (
    USUAL_LEVEL,
    ConfidenceLevel,
    PrintedP,
    PrintedRatio,
    RatioInterval,
    ReadCurve,
    SurvivalInterval,
    as_printed,
)

__all__ = [
    "Cause",
    "CauseComparison",
    "Incidence",
    "RatioKind",
    "Reported",
    "ReportedPair",
    "cause_faults",
    "incidence_text",
    "two_sided",
]

RatioKind = Literal["subdistribution", "cause-specific"]


def _incidence(printed: PrintedNumber) -> PrintedNumber:
    if not printed.reached or printed.value < 0 or printed.value > 1:
        fix = "" if printed.percent or not printed.reached else (
            f'; if it is a percentage, write "{printed.text.strip()}%"'
        )  # fmt: skip
        raise ValueError(
            f"{shown(printed)} is not a cumulative incidence: it is between 0% and 100%{fix}"
        )
    return printed


PrintedIncidence = Annotated[
    PrintedNumber,
    AfterValidator(_incidence),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 60, "examples": ["21.5%"]}),
]


class Incidence(Frozen):
    """Cumulative incidence at one time: `"21.5%"`, or a table when its interval is reported too."""

    incidence: PrintedIncidence = Field(description="A percentage or a fraction.")
    ci: SurvivalInterval | None = Field(None, description="Its 95% interval.")

    @model_validator(mode="before")
    @classmethod
    def _from_number(cls, raw: Any) -> Any:
        if isinstance(raw, int | float) and not isinstance(raw, bool) and 1 < raw <= 100:
            raise ValueError(f'{raw} is not in quotes: write it as printed, such as "{raw}%"')
        if isinstance(raw, str | int | float | PrintedNumber):
            return {"incidence": raw}
        return raw

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return number_or_table(handler.resolve_ref_schema(handler(schema)), "incidence")


class Cause(Frozen):
    """What is reported of one cause in one arm."""

    landmarks: ReadOnly[
        Annotated[Mapping[LandmarkTime, Incidence], BeforeValidator(increasing)]
    ] = Field(
        default_factory=dict, validate_default=True,
        description='Cumulative incidence by time, times increasing: { 12 = "8.1%", 24 = "14%" }.',
    )  # fmt: skip
    events: Count | None = Field(None, description="Patients whose event was of this cause.")
    curve: ReadCurve | None = Field(
        None,
        description="CSV file of the digitised cumulative incidence with columns time and "
        "incidence; or { file, arm, kind, tolerance }.",
    )
    label: Text = Field("", description='The cause in full, such as "Death without relapse".')
    note: Text = Field("", description="Remarks.")

    @field_serializer("landmarks", mode="wrap", when_used="json")
    def _as_written(self, times: object, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        written: dict[object, Any] = handler(times)
        return {str(time).removesuffix(".0"): value for time, value in written.items()}


class CauseComparison(Frozen):
    """The comparison of one cause as the paper reports it: treatment versus `reference`."""

    hazard_ratio: PrintedRatio | None = Field(
        None, description="Hazard ratio of treatment versus `reference`."
    )
    ci: RatioInterval | None = Field(None, description="Its interval, of 95% unless `ci_level`.")
    ci_level: ConfidenceLevel = Field(
        None, description="Level of `ci` in per cent, such as 90, if not 95."
    )
    kind: RatioKind = Field(
        "subdistribution",
        description='"subdistribution" (Fine and Gray) or "cause-specific" (Cox).',
    )
    p: PrintedP | None = Field(None, description="The p-value.")
    test: Text | None = Field(None, description='The test that gave p, such as "Gray".')
    adjusted: bool = Field(
        False, strict=True, description="true if the hazard ratio is adjusted for covariates."
    )
    note: Text | None = Field(None, description="Remarks.")

    @model_validator(mode="before")
    @classmethod
    def _from_print(cls, raw: Any) -> Any:
        return as_printed(raw, value="hazard_ratio")

    @property
    def ratio_text(self) -> str:
        """The hazard ratio with its interval, as reported; empty if there is none."""
        return interval_text(self.hazard_ratio, self.ci, level=self.ci_level)

    @property
    def level(self) -> float:
        """Level of the interval in per cent; 95 unless stated."""
        return USUAL_LEVEL if self.ci_level is None else self.ci_level


def cause_faults(
    causes: Mapping[str, Mapping[str, Cause]],
    compared: Mapping[str, CauseComparison],
    *,
    reference: str | None,
) -> Iterator[Fault]:
    """Yield the place and the sentence of causes that do not fit each other.

    Parameters
    ----------
    causes : mapping of str to mapping of str to Cause
        By arm and name.
    compared : mapping of str to CauseComparison
        By name.
    reference : str or None
        The endpoint's reference arm.
    """
    names = list(dict.fromkeys(name for arm in causes.values() for name in arm))
    for arm, own in causes.items():
        if names and not own:
            yield ("arms", arm, "causes"), f"is missing; other arms report {', '.join(names)}"
        elif missing := [name for name in names if name not in own]:
            yield (
                ("arms", arm, "causes"),
                f"{shown(missing[0])} is missing, which another arm has; write the same causes for "
                "every arm (one without numbers as an empty table)",
            )
    for name, comparison in compared.items():
        if name not in names:
            known = " or ".join(shown(each) for each in names) or "causes in the arms first"
            yield ("reported", "causes", name), f"names no cause of the arms; write {known}"
        elif len(causes) == 1:
            yield ("reported", "causes", name), "it compares arms, but there is only one"
        elif (comparison.hazard_ratio or comparison.ci) and reference is None:
            yield (
                ("reference",),
                "is missing, so the hazard ratios by cause have no denominator; write "
                f'reference = "{next(iter(causes))}"',
            )


def incidence_text(causes: Mapping[str, Cause]) -> str:
    """Return the reported cumulative incidence of every cause in words."""
    parts = []
    for name, cause in causes.items():
        marks = [
            f"{time:g}: {interval_text(mark.incidence, mark.ci)}"
            for time, mark in cause.landmarks.items()
        ]
        if cause.events is not None:
            marks.append(count(cause.events, "event"))
        if cause.curve is not None:
            marks.append(f"a digitised curve of {count(len(cause.curve.time), 'point')}")
        parts.append(f"{name} {', '.join(marks)}".strip())
    return "; ".join(parts)


_ONE_SIDED = re.compile(r"(?<![a-z])(?:one|1|single)[-\s]*(?:sided|tailed)", re.IGNORECASE)
_OF_A_MARGIN = re.compile(r"non\W*inferiority|equivalence", re.IGNORECASE)
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
        """What to call p: "p", "one-sided p", or "p of non-inferiority"."""
        margin = _OF_A_MARGIN.search(self.test or "")
        side = "one-sided " if self.one_sided else ""
        return f"{side}p of {margin[0].lower()}" if margin else f"{side}p"

    @property
    def p_of_difference(self) -> PrintedNumber | None:
        """p, unless `test` says that it is of non-inferiority or equivalence.

        Such a p is small where the difference is less than a margin, also where there is none.

        Examples
        --------
        >>> Reported(p="0.001", test="non-inferiority", hazard_ratio="0.99").p_of_difference
        >>> str(Reported(p="0.001", test="log-rank").p_of_difference)
        '0.001'
        """
        return None if _OF_A_MARGIN.search(self.test or "") else self.p

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

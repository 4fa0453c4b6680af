"""What a paper prints, as frozen values: studies, endpoints, arms, reported comparisons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Self, cast

from pydantic import (
    BeforeValidator,
    Field,
    GetJsonSchemaHandler,
    SerializerFunctionWrapHandler,
    field_serializer,
    model_validator,
)
from pydantic_core import CoreSchema

from .curve_faults import curve_faults
from .curve_path import ReadCurve, ReadMarks
from .dates import Enrolment, PrintedDate, date_faults
from .faults import FaultsError, shown
from .fields import (
    AtRiskTime,
    Count,
    EventTime,
    LandmarkTime,
    Name,
    NumberAtRisk,
    Patients,
    ReadOnly,
    Slug,
    Text,
    increasing,
)
from .flow import Flow as Flow
from .frozen import Frozen
from .name_faults import name_faults
from .printed import PrintedNumber
from .printed_fields import (
    FollowUpInterval,
    FollowUpTime,
    PrintedP,
    PrintedRatio,
    PrintedSurvival,
    PrintedTime,
    RatioInterval,
    SurvivalInterval,
    TimeInterval,
)
from .read_only import ReadOnlyDict
from .statement import Statement as Statement
from .table import HazardRatioRow as HazardRatioRow
from .table import Table as Table

__all__ = [
    "Arm",
    "Endpoint",
    "Flow",
    "FollowUp",
    "HazardRatioRow",
    "Landmark",
    "Reported",
    "Statement",
    "Study",
    "Table",
    "TimeUnit",
]

TimeUnit = Literal["days", "weeks", "months", "years"]
_Place = tuple[str | int, ...]
_ABOUT = ("title", "description")
_INHERITED = frozenset({"time_unit", "enrolment", "data_cutoff"})


class Landmark(Frozen):
    """Survival printed at one time: `"98.8%"`, or a table when its interval is printed too."""

    survival: PrintedSurvival = Field(description="Survival, as a percentage or a fraction.")
    ci: SurvivalInterval | None = Field(None, description="Its 95% interval.")

    @model_validator(mode="before")
    @classmethod
    def _from_number(cls, raw: Any) -> Any:
        if isinstance(raw, int | float) and 1 < raw <= 100:
            raise ValueError(f'{raw} stands without quotes: write it as printed, such as "{raw}%"')
        if isinstance(raw, str | int | float | PrintedNumber):
            return {"survival": raw}
        if isinstance(raw, Mapping) and len(raw) == 1 and all(_is_digits(key) for key in raw):
            raise ValueError('a time with a decimal point must be in quotes, such as "2.5" = "91%"')
        return raw

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        described = handler.resolve_ref_schema(handler(schema))
        short = described["properties"]["survival"]
        table = {key: described.pop(key) for key in list(described) if key not in _ABOUT}
        described["anyOf"] = [short, table]
        return described


def _is_digits(key: object) -> bool:
    return isinstance(key, str) and key.isdecimal()


class FollowUp(Frozen):
    """Follow-up of an arm."""

    median: FollowUpTime | None = Field(None, description="Median follow-up.")
    iqr: FollowUpInterval | None = Field(None, description="First and third quartile.")
    range: FollowUpInterval | None = Field(None, description="Shortest and longest follow-up.")
    min: FollowUpTime | None = Field(None, description="Shortest follow-up.")
    max: FollowUpTime | None = Field(None, description="Longest follow-up.")


class Arm(Frozen):
    """What is printed about one arm of an endpoint. Times are in the endpoint's `time_unit`."""

    n: Patients | None = Field(
        None, description="Patients analysed. Without it the arm is not reconstructed."
    )
    n_basis: Literal["endpoint", "cohort"] = Field(
        "endpoint",
        description="\"cohort\" if `n` is the whole cohort's because the endpoint's own "
        "denominator is not printed.",
    )
    landmarks: ReadOnly[
        Annotated[Mapping[LandmarkTime, Landmark], BeforeValidator(increasing)]
    ] = Field(
        default_factory=dict, validate_default=True,
        description='Survival by time, times increasing: { 12 = "98.8%", "2.5" = "99%" }.',
    )  # fmt: skip
    events: Count | None = Field(None, description="Patients who had the event.")
    median: PrintedTime | None = Field(None, description='Median survival time; "NR" if never.')
    median_ci: TimeInterval | None = Field(None, description="Its 95% interval.")
    mean: PrintedTime | None = Field(None, description="Mean survival time.")
    at_risk: ReadOnly[
        Annotated[Mapping[AtRiskTime, NumberAtRisk], BeforeValidator(increasing)]
    ] = Field(
        default_factory=dict, validate_default=True,
        description="Patients still followed just before each time: { 0 = 185, 12 = 170 }.",
    )  # fmt: skip
    event_times: tuple[EventTime, ...] = Field(
        (), description="Every event's own time, if the paper lists them: [1.1, 2.1, 4.2]."
    )
    follow_up: FollowUp | None = Field(None, description="Follow-up of the arm.")
    curve: ReadCurve | None = Field(
        None,
        description="CSV file of the digitised curve with columns time and survival, in the "
        "study file's folder or below it; or { file, arm, kind, tolerance }.",
    )
    censor_marks: ReadMarks | None = Field(
        None, description="Times of the censoring marks on the curve, or a CSV file of them."
    )
    label: Text = Field("", description="The arm in full; by default the one in [arms].")
    note: Text = Field("", description="Remarks, such as what is unclear in the paper.")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.n is not None and len(self.event_times) > self.n:
            raise FaultsError(
                [(
                    ("event_times",),
                    f"{len(self.event_times)} event times are more than the arm's {self.n} "
                    "patients",
                )]
            )  # fmt: skip
        return self

    def __repr__(self) -> str:
        """Return how many patients and landmarks there are, for a notebook's line."""
        count = len(self.landmarks)
        parts = [
            f"n={'?' if self.n is None else self.n}",
            f"{count} landmark{'' if count == 1 else 's'}",
            *([f"{self.events} events"] if self.events is not None else []),
            *([f"median {self.median}"] if self.median else []),
        ]
        return f"Arm({self.label + ': ' if self.label else ''}{', '.join(parts)})"

    def _repr_html_(self) -> str:
        from .shown import arm_html

        return arm_html(self)

    @field_serializer("landmarks", "at_risk", mode="wrap", when_used="json")
    def _as_written(self, times: object, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Write 12.0 as "12", as a study file does."""
        written = cast(dict[object, Any], handler(times))
        return {str(time).removesuffix(".0"): value for time, value in written.items()}


class Reported(Frozen):
    """The comparison that the paper reports: treatment versus `reference`."""

    hazard_ratio: PrintedRatio | None = Field(
        None, description="Hazard ratio of treatment versus `reference`."
    )
    ci: RatioInterval | None = Field(None, description="Its 95% interval.")
    p: PrintedP | None = Field(None, description="The p-value.")
    test: Text | None = Field(None, description='The test that gave p, such as "log-rank".')
    events: Count | None = Field(None, description="Events in all arms together.")
    adjusted: bool = Field(
        False, strict=True, description="true if the hazard ratio is adjusted for covariates."
    )
    note: Text | None = Field(None, description="Remarks.")


class Endpoint(Frozen):
    """One endpoint of one cohort: its arms and what is reported of them.

    `time_unit`, `enrolment`, `data_cutoff` and the arms' labels are the study's unless the
    endpoint states its own.
    """

    # `time_unit` is in `model_fields_set` only if the endpoint or the study states it.

    cohort: Name = Field("all", description='Free label, such as "psm".')
    name: Name = Field(description='Short name, such as "OS".')
    label: Text = Field("", description='Full name, such as "Overall survival".')
    figure: Text = Field("", description='The paper\'s figure, such as "Figure 5(a)".')
    swimmer: Text = Field(
        "", description='The paper\'s figure with one bar per patient, such as "Figure 3".'
    )
    source: Text = Field("", description="Where in the paper the numbers stand.")
    note: Text = Field("", description="Remarks, such as what is unclear in the paper.")
    time_unit: TimeUnit = Field("months", description="Unit of all times; the study's by default.")
    enrolment: Enrolment | None = Field(
        None, description="First and last date of entry; the study's by default."
    )
    data_cutoff: PrintedDate | None = Field(
        None, description="Date at which follow-up ended; the study's by default."
    )
    reference: Name | None = Field(
        None, description="The arm in the denominator of the hazard ratio."
    )
    arms: ReadOnly[Mapping[Name, Arm]] = Field(min_length=1, description="The arms by short name.")
    reported: Reported | None = Field(None, description="The comparison as the paper reports it.")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if faults := list(self._faults()):
            raise FaultsError(faults)
        return self

    def _faults(self) -> Iterator[tuple[_Place, str]]:
        names = " or ".join(f'"{name}"' for name in self.arms)
        if self.reference is not None and self.reference not in self.arms:
            yield ("reference",), f"{shown(self.reference)} names no arm; write {names}"
        if self.reported is not None:
            ratio = self.reported.hazard_ratio or self.reported.ci
            if len(self.arms) == 1 and (ratio or self.reported.p):
                yield ("reported",), f"it compares arms, but {names} is the only one"
            elif ratio and self.reference is None:
                yield (
                    ("reference",),
                    "is missing, so the hazard ratio has no denominator; write "
                    f"reference = {names}",
                )
        yield from date_faults(self.enrolment, self.data_cutoff)
        yield from curve_faults({name: arm.curve for name, arm in self.arms.items()})

    def __repr__(self) -> str:
        """Return the endpoint's key and its arms, for a notebook's line."""
        arms = ", ".join(f"{name} n={'?' if a.n is None else a.n}" for name, a in self.arms.items())
        return f"Endpoint({self.key}: {arms})"

    def _repr_html_(self) -> str:
        from .shown import endpoint_html

        return endpoint_html(self)

    @property
    def key(self) -> str:
        """Name an endpoint as the command line does: `cohort/name`."""
        return f"{self.cohort}/{self.name}"

    @property
    def treatment(self) -> str | None:
        """The arm that is compared with the reference; None unless there are two arms."""
        others = [name for name in self.arms if name != self.reference]
        return others[0] if len(self.arms) == 2 and len(others) == 1 else None


class Study(Frozen):
    """One paper: what it prints about survival."""

    id: Slug = Field(description='Short name of the study, such as "smith-2024".')
    title: Text = Field("", description="Title of the paper.")
    citation: Text = Field("", description="Authors, journal, year, pages.")
    doi: Text = Field("", description='DOI, such as "10.1177/17588359241306648".')
    time_unit: TimeUnit = Field("months", description="Unit of all times in the file.")
    enrolment: Enrolment | None = Field(None, description="First and last date of entry.")
    data_cutoff: PrintedDate | None = Field(None, description="Date at which follow-up ended.")
    note: Text = Field("", description="Remarks on the paper as a whole.")
    arms: ReadOnly[Mapping[Name, Text]] = Field(
        default_factory=dict, validate_default=True, description="The arms in full, by short name."
    )
    endpoints: tuple[Endpoint, ...] = Field(
        alias="endpoint", min_length=1, description="The endpoints, each of one cohort."
    )
    tables: tuple[Table, ...] = Field(
        (), alias="table", description="Printed tables, for forest plots and the audit."
    )
    statements: tuple[Statement, ...] = Field(
        (), alias="statement", description="Sentences whose numbers can be checked."
    )
    flows: tuple[Flow, ...] = Field(
        (), alias="flow", description="Flow diagrams: who was admitted, excluded and analysed."
    )

    @model_validator(mode="after")
    def _complete(self) -> Self:
        """Give endpoints and arms what the study says once for all of them, then check."""
        endpoints = tuple(self._completed(endpoint) for endpoint in self.endpoints)
        object.__setattr__(self, "endpoints", endpoints)  # the one moment before it is shared
        if faults := list(self._faults()):
            raise FaultsError(faults)
        return self

    def _completed(self, endpoint: Endpoint) -> Endpoint:
        stated = (_INHERITED & self.model_fields_set) - endpoint.model_fields_set
        update: dict[str, Any] = {key: getattr(self, key) for key in stated}
        arms = {
            name: arm if arm.label else arm.model_copy(update={"label": self.arms.get(name, "")})
            for name, arm in endpoint.arms.items()
        }
        return endpoint.model_copy(update=update | {"arms": ReadOnlyDict(arms)})

    def _faults(self) -> Iterator[tuple[_Place, str]]:
        own = list(date_faults(self.enrolment, self.data_cutoff))
        yield from own
        seen: dict[str, int] = {}
        for number, endpoint in enumerate(self.endpoints):
            stem = f"{endpoint.cohort}_{endpoint.name}".casefold()  # results are saved under it
            if stem in seen:
                yield (
                    ("endpoint", number),
                    f"{endpoint.key} would be saved under the same name as "
                    f"endpoint[{seen[stem] + 1}]; give it a `cohort` or `name` of its own",
                )
            seen.setdefault(stem, number)
            if not own:
                for place, text in date_faults(endpoint.enrolment, endpoint.data_cutoff):
                    yield ("endpoint", number, *place), text
        yield from name_faults(self)

    def __repr__(self) -> str:
        """Return the study's id and its endpoints, for a notebook's line."""
        return f"Study({self.id}: {', '.join(endpoint.key for endpoint in self.endpoints)})"

    def _repr_html_(self) -> str:
        from .shown import study_html

        return study_html(self)

    def endpoint(self, cohort: str, name: str) -> Endpoint:
        """Return one endpoint.

        Raises
        ------
        KeyError
            If the study has no such endpoint; the message lists those that it has.
        """
        for endpoint in self.endpoints:
            if (endpoint.cohort, endpoint.name) == (cohort, name):
                return endpoint
        known = ", ".join(endpoint.key for endpoint in self.endpoints)
        raise KeyError(f"{self.id} has no endpoint {cohort}/{name}; it has {known}")

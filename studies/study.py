"""What a paper prints, as frozen values: studies, endpoints, arms, reported comparisons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from .printed import PrintedNumber

__all__ = [
    "Arm",
    "Endpoint",
    "FollowUp",
    "HazardRatioRow",
    "Landmark",
    "Reported",
    "Study",
    "Table",
    "TimeUnit",
]

TimeUnit = Literal["days", "weeks", "months", "years"]
MAX_PATIENTS = 1_000_000


class _Printed(BaseModel):
    """A frozen value that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Landmark(_Printed):
    """Survival printed at one time, with its interval if there is one."""

    survival: PrintedNumber
    ci: tuple[PrintedNumber, PrintedNumber] | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_number(cls, raw: Any) -> Any:
        return {"survival": raw} if isinstance(raw, str | PrintedNumber) else raw


class FollowUp(_Printed):
    """Follow-up of an arm, in the study's time unit."""

    median: PrintedNumber | None = None
    iqr: tuple[PrintedNumber, PrintedNumber] | None = None
    range: tuple[PrintedNumber, PrintedNumber] | None = None
    min: PrintedNumber | None = None
    max: PrintedNumber | None = None


class Arm(_Printed):
    """What is printed about one arm of an endpoint.

    Attributes
    ----------
    n : int or None
        Patients analysed. None means that the paper does not print it.
    n_basis : {"endpoint", "cohort"}
        "cohort" if `n` is the whole cohort's, and the endpoint's own denominator (post-progression
        survival starts at progression) is not printed.
    landmarks : mapping of float to Landmark
        Survival by time, in the study's time unit, times increasing.
    at_risk : mapping of float to int
        Patients still followed just before each time.
    """

    n: Annotated[int, Field(ge=1, le=MAX_PATIENTS)] | None = None
    n_basis: Literal["endpoint", "cohort"] = "endpoint"
    landmarks: Mapping[float, Landmark] = Field(default_factory=dict)
    events: Annotated[int, Field(ge=0)] | None = None
    median: PrintedNumber | None = None
    median_ci: tuple[PrintedNumber, PrintedNumber] | None = None
    mean: PrintedNumber | None = None
    at_risk: Mapping[float, int] = Field(default_factory=dict)
    event_times: tuple[float, ...] = ()
    follow_up: FollowUp | None = None
    curve: str | None = None
    censor_marks: tuple[float, ...] | str | None = None
    label: str = ""
    note: str = ""


class Reported(_Printed):
    """The comparison that the paper reports: treatment versus reference."""

    hazard_ratio: PrintedNumber | None = None
    ci: tuple[PrintedNumber, PrintedNumber] | None = None
    p: PrintedNumber | None = None
    test: str | None = None
    events: Annotated[int, Field(ge=0)] | None = None
    adjusted: bool = False
    note: str | None = None


class Endpoint(_Printed):
    """One endpoint of one cohort: its arms and what is reported of them.

    `time_unit`, `enrolment`, `data_cutoff` and the arms' labels are the study's unless the
    endpoint states its own.
    """

    cohort: str = "all"
    name: str
    label: str = ""
    figure: str = ""
    source: str = ""
    note: str = ""
    time_unit: TimeUnit = "months"
    enrolment: tuple[str, str] | None = None
    data_cutoff: str | None = None
    reference: str | None = None
    arms: Mapping[str, Arm]
    reported: Reported | None = None

    @property
    def key(self) -> str:
        """Name an endpoint as the command line does: `cohort/name`."""
        return f"{self.cohort}/{self.name}"

    @property
    def treatment(self) -> str | None:
        """The arm that is compared with the reference; None unless there are two arms."""
        others = [name for name in self.arms if name != self.reference]
        return others[0] if len(self.arms) == 2 and len(others) == 1 else None


class HazardRatioRow(_Printed):
    """One row of a table of hazard ratios."""

    variable: str
    level: str = ""
    reference: str = ""
    model: str = ""
    hazard_ratio: PrintedNumber
    ci: tuple[PrintedNumber, PrintedNumber] | None = None
    p: PrintedNumber | None = None
    note: str = ""


class Table(_Printed):
    """One printed table, or the part of it that belongs to one cohort and endpoint."""

    id: str
    source: str
    title: str = ""
    cohort: str = ""
    endpoint: str = ""
    figure: str = ""
    groups: Mapping[str, int] = Field(default_factory=dict)
    hazard_ratios: tuple[HazardRatioRow, ...] = Field(default=(), alias="hazard_ratio")


class Study(_Printed):
    """One paper."""

    id: str
    title: str = ""
    citation: str = ""
    doi: str = ""
    time_unit: TimeUnit = "months"
    enrolment: tuple[str, str] | None = None
    data_cutoff: str | None = None
    note: str = ""
    arms: Mapping[str, str] = Field(default_factory=dict)
    endpoints: tuple[Endpoint, ...] = Field(alias="endpoint")
    tables: tuple[Table, ...] = Field(default=(), alias="table")

    @model_validator(mode="after")
    def _inherit(self) -> Self:
        """Give endpoints and arms what the study says once for all of them."""
        endpoints = tuple(self._completed(endpoint) for endpoint in self.endpoints)
        object.__setattr__(self, "endpoints", endpoints)
        return self

    def _completed(self, endpoint: Endpoint) -> Endpoint:
        missing = {"time_unit", "enrolment", "data_cutoff"} & self.model_fields_set
        update: dict[str, Any] = {
            key: getattr(self, key) for key in missing - endpoint.model_fields_set
        }
        update["arms"] = {
            name: arm if arm.label else arm.model_copy(update={"label": self.arms.get(name, "")})
            for name, arm in endpoint.arms.items()
        }
        return endpoint.model_copy(update=update)

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

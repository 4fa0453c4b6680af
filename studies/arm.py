"""One arm of an endpoint as a paper reports it: survival, medians, counts, follow-up, a curve."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, Self, cast

from pydantic import (
    BeforeValidator,
    Field,
    GetJsonSchemaHandler,
    SerializerFunctionWrapHandler,
    ValidationInfo,
    field_serializer,
    field_validator,
    model_validator,
)
from pydantic_core import CoreSchema

from ..presentation import notebook
from ..presentation.formats import count
from ..presentation.tables import Table, left, right
from .digitised import DigitisedCurve
from .errors import FaultsError
from .fields import (
    AtRiskTime,
    Count,
    EventTime,
    Frozen,
    LandmarkTime,
    Name,
    NumberAtRisk,
    Patients,
    ReadOnly,
    ReadOnlyDict,
    Text,
    increasing,
    number_or_table,
)
from .printed import PrintedNumber, interval_text, parse_interval
from .printed_fields import (
    ConfidenceLevel,
    FollowUpInterval,
    FollowUpTime,
    PrintedSurvival,
    PrintedTime,
    ReadCurve,
    ReadMarks,
    SurvivalInterval,
    TimeInterval,
    as_printed,
)
from .reported import Cause, incidence_text

__all__ = ["ARM_COLUMNS", "Arm", "FollowUp", "Landmark", "arm_cells", "lies_in"]

_FAR_FROM_SHARE = 3.0  # standard deviations


class Landmark(Frozen):
    """Survival reported at one time: `"98.8%"`, or a table when its interval is reported too."""

    survival: PrintedSurvival = Field(description="Survival, as a percentage or a fraction.")
    ci: SurvivalInterval | None = Field(
        None, description="Its interval, of 95% unless `ci_level`; percent signs may be left out."
    )
    ci_level: ConfidenceLevel = Field(
        None, description="Level of the interval in per cent, if it is not 95."
    )

    @model_validator(mode="before")
    @classmethod
    def _from_number(cls, raw: Any) -> Any:
        if isinstance(raw, int | float) and 1 < raw <= 100:
            raise ValueError(f'{raw} is not in quotes: write it as printed, such as "{raw}%"')
        if isinstance(raw, str | int | float | PrintedNumber):
            raw = {"survival": raw}
        if isinstance(raw, Mapping) and len(raw) == 1 and all(_is_digits(key) for key in raw):
            raise ValueError('a time with a decimal point must be in quotes, such as "2.5" = "91%"')
        return _with_percent(as_printed(raw, value="survival"))

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return number_or_table(handler.resolve_ref_schema(handler(schema)), "survival")


def _with_percent(raw: Any) -> Any:
    """Give the limits of a survival the percent sign that it has and they lack.

    "75% (95% CI, 70 to 78)" has one sign for all. Limits that hold the survival as fractions, such
    as 0.70 to 0.78, are fractions.
    """
    if not isinstance(raw, Mapping) or raw.get("ci") is None:
        return raw
    try:
        survival = _printed(raw["survival"])
        limits = raw["ci"]
        pair = parse_interval(limits) if isinstance(limits, str) else [_printed(x) for x in limits]
    except (KeyError, TypeError, ValueError):
        return raw
    bare = [limit for limit in pair if not limit.percent and limit.reached]
    if not survival.percent or not bare or len(pair) != 2:
        return raw
    if lies_in(survival, pair) and not any(limit.value > 1 for limit in bare):
        return raw
    return {**raw, "ci": tuple(_in_percent(limit) for limit in pair)}


def _printed(raw: object) -> PrintedNumber:
    return raw if isinstance(raw, PrintedNumber) else PrintedNumber.parse(str(raw))


def lies_in(value: PrintedNumber, pair: Iterable[PrintedNumber]) -> bool:
    """Say whether a number may lie between two others, however they were rounded."""
    low, high = pair
    return low.lower <= value.upper and value.lower <= high.upper


def _in_percent(limit: PrintedNumber) -> PrintedNumber:
    if limit.percent or not limit.reached:
        return limit
    return PrintedNumber.parse(f"{limit.text.strip()}%")


def _is_digits(key: object) -> bool:
    return isinstance(key, str) and key.isdecimal()


class FollowUp(Frozen):
    """Follow-up of an arm."""

    median: FollowUpTime | None = Field(None, description="Median follow-up.")
    iqr: FollowUpInterval | None = Field(None, description="First and third quartile.")
    range: FollowUpInterval | None = Field(None, description="Shortest and longest follow-up.")
    min: FollowUpTime | None = Field(None, description="Shortest follow-up.")
    max: FollowUpTime | None = Field(None, description="Longest follow-up.")

    @property
    def longest(self) -> PrintedNumber | None:
        """The longest follow-up, if it is reported."""
        return self.max or (self.range[1] if self.range else None)


class Arm(Frozen):
    """What is reported of one arm of an endpoint. Times are in the endpoint's `time_unit`."""

    n: Patients | None = Field(
        None, description="Patients analysed. Without it the arm is not reconstructed."
    )
    n_basis: Literal["endpoint", "cohort", "allocation"] = Field(
        "endpoint",
        description="\"cohort\" if `n` is the whole cohort's because the endpoint's own "
        'denominator is not reported; "allocation" if the arm\'s own number is not reported, and '
        "`n` is its share of all patients by the reported allocation.",
    )
    landmarks: ReadOnly[
        Annotated[Mapping[LandmarkTime, Landmark], BeforeValidator(increasing)]
    ] = Field(
        default_factory=dict, validate_default=True,
        description='Survival by time, times increasing: { 12 = "98.8%", "2.5" = "99%" }.',
    )  # fmt: skip
    events: Count | None = Field(None, description="Patients who had the event.")
    median: PrintedTime | None = Field(None, description='Median survival time; "NR" if never.')
    median_ci: TimeInterval | None = Field(
        None, description="Its interval, of 95% unless `median_ci_level`."
    )
    median_ci_level: ConfidenceLevel = Field(
        None, description="Level of the median's interval in per cent, if it is not 95."
    )
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
    causes: ReadOnly[Mapping[Name, Cause]] = Field(
        default_factory=dict, validate_default=True,
        description="Competing risks: what is reported of each cause, by name. `landmarks` and "
        "`curve` of the arm are then event-free survival, and `events` those of any cause.",
    )  # fmt: skip
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

    @model_validator(mode="before")
    @classmethod
    def _from_print(cls, raw: Any) -> Any:
        return as_printed(raw, value="median", ci="median_ci", level="median_ci_level")

    @field_validator("curve", mode="after")
    @classmethod
    def _read_with_counts(
        cls, curve: DigitisedCurve | None, info: ValidationInfo
    ) -> DigitisedCurve | None:
        if curve is None:
            return None
        from .curve_reading import explained  # numpy is slow to import

        known = info.data
        return explained(
            curve, n=known.get("n"), at_risk=known.get("at_risk"), events=known.get("events")
        )

    @field_validator("causes", mode="after")
    @classmethod
    def _causes_with_counts(
        cls, causes: Mapping[str, Cause], info: ValidationInfo
    ) -> Mapping[str, Cause]:
        return ReadOnlyDict(
            {
                name: cause
                if cause.curve is None or info.data.get("n") is None
                else cause.model_copy(
                    update={"curve": _explained(cause.curve, info.data["n"], cause.events)}
                )
                for name, cause in causes.items()
            }
        )

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.n is not None and len(self.event_times) > self.n:
            raise FaultsError(
                [(
                    ("event_times",),
                    f"{len(self.event_times)} event times are more than the arm's "
                    f"{count(self.n, 'patient')}",
                )]
            )  # fmt: skip
        return self

    @property
    def most_patients(self) -> int | None:
        """The most patients that the arm can have, where `n` bounds something from above.

        That is `n`, as a cohort's is the most that an endpoint's can be. A share by the allocation
        may be exceeded, by three standard deviations where every patient is assigned by the toss
        of a coin: of N = 2 n patients at 1:1, the standard deviation is sqrt(N) / 2.
        """
        if self.n is None or self.n_basis != "allocation":
            return self.n
        return self.n + math.ceil(_FAR_FROM_SHARE * math.sqrt(self.n / 2))

    def __repr__(self) -> str:
        """Return how many patients and landmarks there are, for a notebook's line."""
        parts = [
            f"n={'?' if self.n is None else self.n}",
            count(len(self.landmarks), "landmark"),
            *([count(self.events, "event")] if self.events is not None else []),
            *([f"median {self.median}"] if self.median else []),
        ]
        return f"Arm({self.label + ': ' if self.label else ''}{', '.join(parts)})"

    def _repr_html_(self) -> str:
        """Return what is reported of the arm, a line each, for a notebook."""
        rows = zip(ARM_COLUMNS, arm_cells(self), strict=True)
        lines = [(column.name, cell) for column, cell in rows if cell]
        return notebook.block(
            notebook.heading(self.label or "Arm"), Table.of(left("", ""), lines).to_html()
        )

    @field_serializer("landmarks", "at_risk", mode="wrap", when_used="json")
    def _as_written(self, times: object, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Write 12.0 as "12", as a study file does."""
        written = cast(dict[object, Any], handler(times))
        return {str(time).removesuffix(".0"): value for time, value in written.items()}


def _explained(curve: DigitisedCurve, n: int, events: int | None) -> DigitisedCurve:
    from .curve_reading import explained  # numpy is slow to import

    # Not with numbers at risk: an event of one cause takes its curve by less than its share.
    return explained(curve, n=n, events=events)


ARM_COLUMNS = right("n", "Events") + left("Median (95% CI)", "Survival", "Follow-up")
"""Columns of a table of arms, after those that name the arm."""


def arm_cells(arm: Arm) -> tuple[str, ...]:
    """Return what is reported of an arm, in `ARM_COLUMNS`."""
    return (
        _count(arm.n) if arm.n_basis == "endpoint" else f"{_count(arm.n)} ({arm.n_basis})",
        _count(arm.events),
        interval_text(arm.median, arm.median_ci, level=arm.median_ci_level),
        _survival(arm),
        _follow_up(arm.follow_up),
    )


def _count(number: int | None) -> str:
    return "" if number is None else str(number)


def _survival(arm: Arm) -> str:
    marks = [
        f"{time:g}: {interval_text(mark.survival, mark.ci, level=mark.ci_level)}"
        for time, mark in arm.landmarks.items()
    ]
    if arm.mean:
        marks.append(f"mean {arm.mean}")
    if arm.event_times:
        marks.append(f"events at {', '.join(f'{time:g}' for time in arm.event_times)}")
    if arm.at_risk:
        counts = ", ".join(f"{time:g}: {count}" for time, count in arm.at_risk.items())
        marks.append(f"at risk {counts}")
    if arm.curve:
        marks.append(f"a digitised curve of {count(len(arm.curve.time), 'point')}")
    if arm.causes:
        marks.append(f"cumulative incidence of {incidence_text(arm.causes)}")
    return ", ".join(marks)


def _follow_up(follow_up: FollowUp | None) -> str:
    if follow_up is None:
        return ""
    parts = [f"median {follow_up.median}"] if follow_up.median else []
    for name in ("iqr", "range"):
        if pair := getattr(follow_up, name):
            parts.append(f"{name} {pair[0]}\N{EN DASH}{pair[1]}")
    parts += [f"{name} {bound}" for name in ("min", "max") if (bound := getattr(follow_up, name))]
    return ", ".join(parts)

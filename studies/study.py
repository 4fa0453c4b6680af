"""A study: what one paper reports, how its parts refer to each other, and its file's format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Self

from pydantic import Field, model_validator
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from ..presentation import notebook
from .digitised import CensorMarks, DigitisedCurve
from .endpoint import Endpoint, TimeUnit, reported_tables
from .errors import Fault, FaultsError, Place, shown
from .fields import (
    Enrolment,
    Frozen,
    Name,
    PrintedDate,
    ReadOnly,
    ReadOnlyDict,
    Slug,
    Text,
    date_faults,
)
from .printed import PrintedNumber
from .statement import JOINT, Statement, endpoint_quantities, flow_quantities, table_quantities
from .table import Flow, Table

__all__ = ["Study", "key_schema", "study_schema"]

_INHERITED = frozenset({"time_unit", "enrolment", "data_cutoff"})


class Study(Frozen):
    """One paper: what it reports about survival."""

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

    def _faults(self) -> Iterator[Fault]:
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
            for pair in endpoint.contrasts:
                stem = f"{pair.cohort}_{pair.name}".casefold()
                if stem in seen:
                    yield (
                        ("endpoint", number),
                        f"the comparison {pair.key} would be saved under the same name as "
                        f"endpoint[{seen[stem] + 1}]; give that a `cohort` of its own",
                    )
                seen.setdefault(stem, number)
            for place, text in _headed_otherwise(endpoint):
                yield ("endpoint", number, *place), text
            if not own:
                for place, text in date_faults(endpoint.enrolment, endpoint.data_cutoff):
                    yield ("endpoint", number, *place), text
        yield from _name_faults(self)

    def __repr__(self) -> str:
        """Return the study's id and its endpoints, for a notebook's line."""
        return f"Study({self.id}: {', '.join(endpoint.key for endpoint in self.endpoints)})"

    def _repr_html_(self) -> str:
        """Return what the study reports of survival, as tables, for a notebook."""
        arms = (f"{name}: {text}" for name, text in self.arms.items())
        return notebook.block(
            notebook.heading(self.title or self.id, f"{self.id}, times in {self.time_unit}"),
            *(table.to_html() for table in reported_tables(self.endpoints)),
            notebook.listing("Arms in full", arms),
        )

    @property
    def analysed(self) -> tuple[Endpoint, ...]:
        """What there is to analyse: every endpoint, and each of its comparisons of a pair."""
        return tuple(each for endpoint in self.endpoints for each in endpoint.analysed)

    def endpoint(self, cohort: str, name: str) -> Endpoint:
        """Return one endpoint.

        Raises
        ------
        KeyError
            If the study has no such endpoint; the message lists those that it has.
        """
        for endpoint in (*self.analysed, *self.endpoints):
            if (endpoint.cohort, endpoint.name) == (cohort, name):
                return endpoint
        known = ", ".join(endpoint.key for endpoint in self.endpoints)
        raise KeyError(f"{self.id} has no endpoint {cohort}/{name}; it has {known}")

    def quantities(self) -> dict[str, PrintedNumber]:
        """Return the numbers of the endpoints, tables and flow diagrams by name.

        Examples
        --------
        >>> from kmrepro.studies import load_study
        >>> str(load_study("an2025").quantities()["psm/OS / SR / 120"])
        '64.4%'
        """
        found: dict[str, PrintedNumber] = {}
        for endpoint in self.endpoints:
            found.update(endpoint_quantities(endpoint))
        for table in self.tables:
            found.update(table_quantities(table))
        for flow in self.flows:
            found.update(flow_quantities(flow))
        return found


def _headed_otherwise(endpoint: Endpoint) -> Iterator[Fault]:
    """Yield the files whose times are headed in another unit than the study's."""
    for name, arm in endpoint.arms.items():
        files: list[tuple[tuple[str, ...], DigitisedCurve | CensorMarks | None]]
        files = [(("curve",), arm.curve), (("censor_marks",), arm.censor_marks)]
        files += [(("causes", cause, "curve"), each.curve) for cause, each in arm.causes.items()]
        for place, file in files:
            if file is not None and file.time_unit not in ("", endpoint.time_unit):
                yield (
                    ("arms", name, *place),
                    f"its times are headed in {file.time_unit}, and `time_unit` is "
                    f"{endpoint.time_unit}; write them in one unit, or the heading without a unit",
                )


def _name_faults(study: Study) -> Iterator[Fault]:
    """Yield the place of each name that refers to nothing, and what is wrong with it."""
    tables = {table.id: table for table in study.tables}
    for number, table in enumerate(study.tables):
        if table.subset_of and (table.subset_of == table.id or table.subset_of not in tables):
            yield ("table", number, "subset_of"), f"no other table is {shown(table.subset_of)}"
    known = study.quantities() if study.statements or study.flows else {}
    yield from _in_flows(study, known)
    flows = (flow.id for flow in study.flows)
    keys = {*tables, *flows, *(endpoint.key for endpoint in study.endpoints)}
    for number, statement in enumerate(study.statements):
        for name in statement.values:
            if name.split(JOINT)[0] in keys and JOINT in name and name not in known:
                yield ("statement", number, "values"), f"{shown(name)} names no reported number"
        for place, problem in _in_statement(statement, tables):
            yield ("statement", number, *place), problem


def _in_flows(study: Study, known: Mapping[str, object]) -> Iterator[Fault]:
    taken = {table.id for table in study.tables}
    for number, flow in enumerate(study.flows):
        if flow.id in taken:
            yield (
                ("flow", number, "id"),
                f"{shown(flow.id)} is the id of a table or of another flow too",
            )
        taken.add(flow.id)
        for position, box in enumerate(flow.boxes):
            if box.quantity and box.quantity not in known:
                yield (
                    ("flow", number, "box", position, "quantity"),
                    f"{shown(box.quantity)} names no reported number",
                )


def _in_statement(statement: Statement, tables: Mapping[str, Table]) -> Iterator[Fault]:
    for number, listed in enumerate(statement.listed):
        table = tables.get(listed.table)
        if table is None:
            yield ("listed", number, "table"), f"no table is {shown(listed.table)}"
        elif listed.column not in table.columns:
            columns = ", ".join(table.columns) or "none"
            yield (
                ("listed", number, "column"),
                f"{shown(listed.column)} is no column of {table.id}; it has {columns}",
            )
    for number, stated in enumerate(statement.hazard_ratios):
        table = tables.get(stated.table)
        if table is None:
            yield ("hazard_ratio", number, "table"), f"no table is {shown(stated.table)}"
        elif not any(_levels(row) == _levels(stated) for row in table.hazard_ratios):
            yield (
                ("hazard_ratio", number),
                f"{table.id} has no row of {shown(stated.variable)} with these levels and this "
                "`model`",
            )


def _levels(row: object) -> tuple[object, ...]:
    """Return what a row is of, whichever way round its levels are."""
    names = [getattr(row, name) for name in ("variable", "model", "level", "reference")]
    return names[0], names[1], frozenset(names[2:])


_DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _WithoutNull(GenerateJsonSchema):
    """TOML has no null: a key that is optional is left out."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        described = super().default_schema(schema)
        default = described.get("default")
        if default in (None, "", []):
            described.pop("default", None)
        elif isinstance(default, dict) and "text" in default:  # a PrintedNumber
            described["default"] = default["text"]
        return described


def study_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a study file.

    Every file that the reader accepts is valid under it. The reader checks more: the order of
    times and dates, ranges of reported numbers, arms and files that a key names.

    Examples
    --------
    >>> study_schema()["required"]
    ['id', 'endpoint']
    """
    schema = Study.model_json_schema(by_alias=True, schema_generator=_WithoutNull)
    return {
        "$schema": _DIALECT,
        **schema,
        "title": "kmrepro study file",
        "description": "What one paper reports about survival; numbers are in quotes, as printed.",
    }


def key_schema(place: Place) -> dict[str, Any]:
    """Return the part of the schema that describes a place in a study file.

    Parameters
    ----------
    place : tuple of str and int
        Keys, and indices of lists, from the top of the file down.

    Returns
    -------
    dict
        Empty if the schema says nothing of the place. Where a short form is allowed too, the
        table.
    """
    schema = _cached_schema()
    node: Any = schema
    for step in place:
        node = _step(_resolved(node, schema), step)
    return _resolved(node, schema)


@cache
def _cached_schema() -> dict[str, Any]:
    return study_schema()


def _step(node: dict[str, Any], step: str | int) -> Any:
    if isinstance(step, int):
        return node.get("items", {})
    if step in node.get("properties", {}):
        return node["properties"][step]
    patterns = node.get("patternProperties", {})
    return next(iter(patterns.values()), node.get("additionalProperties", {}))


def _resolved(node: Any, schema: dict[str, Any]) -> dict[str, Any]:
    """Follow a reference, and take the table where a short form is allowed too."""
    if not isinstance(node, dict):
        return {}
    if "$ref" in node:
        node = {**schema["$defs"][node["$ref"].rpartition("/")[2]], **node}
    tables = [choice for choice in node.get("anyOf", ()) if "properties" in choice]
    return {**node, **tables[0]} if tables else node

"""Reported tables and their cells, and diagrams of how patients came to be analysed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    model_validator,
)

from ..presentation.formats import count
from .errors import Fault, FaultsError, Place, shown
from .fields import (
    Count,
    Frozen,
    Name,
    Names,
    Number,
    Patients,
    ReadOnly,
    ReadOnlyDict,
    Text,
)
from .printed import PrintedNumber, normalised
from .printed_fields import PrintedP, PrintedRatio, RatioInterval

__all__ = [
    "CellNumbers",
    "CountRow",
    "Excluded",
    "Flow",
    "FlowBox",
    "GroupRow",
    "HazardRatioRow",
    "Reason",
    "Table",
    "cell_numbers",
]

_CELL_NUMBER = r"[<>~]?\s*[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)\s*%?"
_CELL = re.compile(
    rf"""
    (?P<first>{_CELL_NUMBER}) \s*
    (?: / \s* (?P<of>[0-9]+) \s* )?
    (?: (?P<sign>±|\+/-) \s* (?P<spread>{_CELL_NUMBER})
      | [(\[] \s* (?:±\s*)? (?P<inner>{_CELL_NUMBER})
        (?: \s* (?: , | ; | to | ~ | - | \u2014 ) \s* (?P<second>{_CELL_NUMBER}) )? \s* [)\]] )?
    \s* [*\u2020\u2021\u00a7\u00b6#]*
    """,
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True)
class CellNumbers:
    """The numbers of one cell.

    Attributes
    ----------
    first : PrintedNumber
        The number in front: a count, a mean or a median.
    of : PrintedNumber or None
        The number after a slash, "39" in "3/39 (7.7)".
    inside : tuple of PrintedNumber
        The numbers after it, in brackets or after a plus-minus sign: none, one or two.
    """

    first: PrintedNumber
    of: PrintedNumber | None = None
    inside: tuple[PrintedNumber, ...] = ()

    @property
    def count(self) -> int | None:
        """The number in front, if it is a whole one."""
        whole = self.first.decimals == 0 and not self.first.percent and self.first.relation == "="
        return int(self.first.value) if whole and self.first.value >= 0 else None

    @cached_property
    def percentage(self) -> PrintedNumber | None:
        """The one number in brackets read as a percentage, with or without its sign."""
        if len(self.inside) != 1:
            return None
        only = self.inside[0]
        return only if only.percent else PrintedNumber.parse(f"{only.bare}%")


@lru_cache(maxsize=4096)
def cell_numbers(text: str) -> CellNumbers | None:
    """Read the numbers of a cell.

    Parameters
    ----------
    text : str
        The cell as reported.

    Returns
    -------
    CellNumbers or None
        None for a cell in another form than the ones above.

    Examples
    --------
    >>> cell = cell_numbers("22 (8.21)")
    >>> cell.count, str(cell.percentage)
    (22, '8.21%')
    """
    found = _CELL.fullmatch(normalised(text))
    if found is None:
        return None
    inside = [found[name] for name in ("spread", "inner", "second") if found[name]]
    return CellNumbers(
        first=PrintedNumber.parse(found["first"].strip()),
        of=PrintedNumber.parse(found["of"]) if found["of"] else None,
        inside=tuple(PrintedNumber.parse(number.strip()) for number in inside),
    )


def _cell(raw: str) -> str:
    if not re.search("[0-9]", raw):
        raise ValueError(
            f'{shown(raw)} holds no number: write the cell as printed, such as "22 (8.21)"'
        )
    return raw


Cell = Annotated[Text, AfterValidator(_cell)]


class HazardRatioRow(Frozen):
    """One row of a table of hazard ratios."""

    variable: Text = Field(description='The variable, such as "ALBI grade".')
    level: Text = Field("", description="The level that is compared.")
    reference: Text = Field("", description="The level that it is compared with.")
    model: Text = Field("", description='Such as "univariable" or "multivariable".')
    hazard_ratio: PrintedRatio = Field(description="Hazard ratio of level versus reference.")
    ci: RatioInterval | None = Field(None, description="Its 95% interval.")
    p: PrintedP | None = Field(None, description="The p-value.")
    patients: ReadOnly[Mapping[Name, Cell]] = Field(
        default_factory=dict, validate_default=True,
        description="Patients of the row, or events and patients, as printed, by arm: "
        '{ SR = "45/185", TA = "51/185" }.',
    )  # fmt: skip
    p_interaction: PrintedP | None = Field(
        None, description="The p-value for interaction of a subgroup's variable with treatment."
    )
    overall: bool = Field(
        False, strict=True, description="true if a table of subgroups has it for all patients."
    )
    note: Text = Field("", description="Remarks, such as a misprint.")


class CountRow(Frozen):
    """One variable of a table of counts, with its levels."""

    variable: Text = Field(description='The variable, such as "Tumour number".')
    levels: ReadOnly[Mapping[Text, ReadOnly[Mapping[Name, Cell]]]] = Field(
        min_length=1, description='Cells as printed, by level and group: { SR = "22 (8.21)" }.'
    )
    exclusive: bool = Field(
        True, strict=True, description="false if a patient may be counted in several levels."
    )
    total: Text = Field(
        "", description="The level that counts those in any of the other levels, if there is one."
    )
    of: ReadOnly[Mapping[Name, Patients]] = Field(
        default_factory=dict, validate_default=True,
        description="Patients that the row is of, by group, where they are not those of `groups`.",
    )  # fmt: skip
    p: PrintedP | None = Field(None, description="The p-value.")
    test: Text = Field("", description='The test that gave p, such as "chi-square".')
    statistic: PrintedNumber | None = Field(None, description='Its statistic, such as "3.84".')
    note: Text = Field("", description="Remarks.")


class GroupRow(Frozen):
    """One variable of a table of means or medians; every other key is a group with its cell."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[Name, Cell] = Field(init=False)

    variable: Text = Field(description='The variable with its unit, such as "ALB (g/L)".')
    p: PrintedP | None = Field(None, description="The p-value.")
    test: Text = Field("", description='The test that gave p, such as "t test".')
    statistic: PrintedNumber | None = Field(None, description='Its statistic, such as "-1.96".')
    of: ReadOnly[Mapping[Name, Patients]] = Field(
        default_factory=dict, validate_default=True,
        description="Patients that the row is of, by group, where they are not those of `groups`.",
    )  # fmt: skip
    spread: Literal["", "quartiles", "range"] = Field(
        "", description="What is given beside a median, if the paper says so."
    )
    whole: bool = Field(
        False, strict=True,
        description="true if each patient's value is a whole number, such as sessions or days.",
    )  # fmt: skip
    note: Text = Field("", description="Remarks.")

    @property
    def cells(self) -> Mapping[str, str]:
        """Cells as reported, such as "41.56 (4.63)", by group."""
        return ReadOnlyDict(self.__pydantic_extra__ or {})


class Table(Frozen):
    """One table of a paper, or the part of it that belongs to one cohort and endpoint."""

    id: Name = Field(description='Short name of the table, such as "table-2-psm".')
    source: Text = Field("", description="Where in the paper the table is.")
    title: Text = Field("", description="Title of the table.")
    cohort: Text = Field("", description="Cohort that the table is of.")
    endpoint: Text = Field("", description="Endpoint that the table is of.")
    figure: Text = Field("", description="Figure that shows the table, if there is one.")
    groups: ReadOnly[Mapping[Name, Patients]] = Field(
        default_factory=dict, validate_default=True, description="Patients by group."
    )
    subset_of: Text = Field(
        "", description="Id of the table whose groups hold these patients, such as the unmatched."
    )
    favours: tuple[Text, Text] | None = Field(
        None,
        description="Arms that a hazard ratio below 1 and above 1 speak for, in a table of "
        "subgroups.",
        examples=[["TA", "SR"]],
    )
    n: Patients | None = Field(None, description="Patients in a regression; by default the cohort.")
    events: Count | None = Field(None, description="Events in a regression.")
    hazard_ratios: tuple[HazardRatioRow, ...] = Field(
        (), alias="hazard_ratio", description="Rows of hazard ratios."
    )
    counts: tuple[CountRow, ...] = Field((), alias="count", description="Rows of counts.")
    means: tuple[GroupRow, ...] = Field(
        (), alias="mean", description="Rows of means with standard deviations."
    )
    medians: tuple[GroupRow, ...] = Field(
        (), alias="median", description="Rows of medians with quartiles or ranges."
    )
    columns: tuple[Text, ...] = Field(
        (), description="Headings of a table that lists patients one by one."
    )
    rows: tuple[tuple[Text, ...], ...] = Field(
        (), description="Its lines, each with a cell for every column, as printed."
    )

    @property
    def place(self) -> str:
        """Where the table is: its `source`, or its `id` if none is given."""
        return self.source or self.id

    @model_validator(mode="after")
    def _check(self) -> Self:
        if faults := [*self._faults()]:
            raise FaultsError(faults)
        return self

    def _faults(self) -> Iterator[Fault]:
        known = ", ".join(self.groups)
        for place, cells in self._cells():
            for group in cells:
                if self.groups and group not in self.groups:
                    yield (*place, group), f"there is no group {group}; `groups` has {known}"
        for number, row in enumerate(self.counts):
            if row.total and row.total not in row.levels:
                yield ("count", number, "total"), f"{shown(row.total)} is none of the row's levels"
        for number, line in enumerate(self.rows):
            if (found := len(line)) != (expected := len(self.columns)):
                yield ("rows", number), f"it has {count(found, 'cell')}; `columns` has {expected}"

    def _cells(self) -> Iterator[tuple[Place, Mapping[str, Any]]]:
        """Yield the cells of every row by group, and the place of the row."""
        for number, counted in enumerate(self.counts):
            for level, cells in counted.levels.items():
                yield ("count", number, "levels", level), cells
            yield ("count", number, "of"), counted.of
        for key, rows in (("mean", self.means), ("median", self.medians)):
            for number, row in enumerate(rows):
                yield (key, number), row.cells
                yield (key, number, "of"), row.of


class Reason(Frozen):
    """One reason for which patients were excluded."""

    label: Text = Field(min_length=1, description='The reason, such as "Lost to follow-up".')
    n: Number | None = Field(None, description="Patients excluded for it.")


class Excluded(Frozen):
    """Patients who leave the flow between one box and the next."""

    box: Name = Field(alias="from", description="Id of the box that they leave.")
    label: Text = Field("Excluded", min_length=1, description="Why, or what became of them.")
    n: Number | None = Field(None, description="Patients excluded.")
    reasons: tuple[Reason, ...] = Field(
        (), description='Reasons with their numbers: [{ label = "Other cancer", n = 4 }].'
    )
    exclusive: bool = Field(
        True, strict=True, description="false if a patient may be counted under several reasons."
    )


class FlowBox(Frozen):
    """One box of a flow diagram: patients at one stage of the study."""

    id: Name = Field(description='Short name of the box, such as "treated".')
    label: Text = Field(min_length=1, description="The wording: who the patients are.")
    n: Number | None = Field(None, description="How many, if it is reported.")
    boxes: Names = Field(
        (), alias="from", description="Id of the box that they come from, or a list of ids."
    )
    exclusive: bool = Field(
        True, strict=True,
        description="false if a patient may be in several of the boxes that come from it.",
    )  # fmt: skip
    complete: bool = Field(
        True, strict=True,
        description="false if the paper says only of some of its patients what became of them.",
    )  # fmt: skip
    quantity: Text = Field(
        "", description='The same number elsewhere, such as "psm/OS / SR / n"; the two must agree.'
    )


class Flow(Frozen):
    """A flow diagram of patients: boxes in the order of the flow, and exclusions beside them."""

    id: Name = Field(description='Short name of the diagram, such as "figure-1".')
    figure: Text = Field("", description='The paper\'s figure, such as "Figure 1".')
    source: Text = Field("", description="Where in the paper the numbers are.")
    title: Text = Field("", description="Title of the figure.")
    boxes: tuple[FlowBox, ...] = Field(
        alias="box", min_length=1, description="The boxes, each after those that it comes from."
    )
    exclusions: tuple[Excluded, ...] = Field(
        (), alias="excluded", description="Patients who leave the flow."
    )
    note: Text = Field("", description="Remarks, such as what is not reported.")

    @property
    def place(self) -> str:
        """Where the diagram is: its `figure`, or its `id` if none is given."""
        return self.figure or self.id

    def box(self, name: str) -> FlowBox:
        """Return the box with an id.

        Raises
        ------
        KeyError
            If there is none; the message lists those that there are.
        """
        for box in self.boxes:
            if box.id == name:
                return box
        raise KeyError(f"{self.id} has no box {name}; it has {', '.join(b.id for b in self.boxes)}")

    def exclusions_from(self, name: str) -> tuple[Excluded, ...]:
        """Return the exclusions of patients who leave the box with an id."""
        return tuple(each for each in self.exclusions if each.box == name)

    def after(self, name: str) -> tuple[FlowBox, ...]:
        """Return the boxes that come from the box with an id."""
        return tuple(box for box in self.boxes if name in box.boxes)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if faults := [*self._box_faults(), *self._exclusion_faults()]:
            raise FaultsError(faults)
        return self

    def _box_faults(self) -> Iterator[Fault]:
        before: list[str] = []
        for number, box in enumerate(self.boxes):
            place = ("box", number, "from")
            if box.id in before:
                yield ("box", number, "id"), f"{shown(box.id)} is the id of an earlier box too"
            for name in box.boxes:
                if name not in before:
                    known = ", ".join(before) or "none"
                    yield place, f"{shown(name)} is no box above it; those are {known}"
            if len(set(box.boxes)) < len(box.boxes):
                yield place, "it names a box twice"
            before.append(box.id)

    def _exclusion_faults(self) -> Iterator[Fault]:
        known = [box.id for box in self.boxes]
        for number, each in enumerate(self.exclusions):
            if each.box not in known:
                fix = f"{shown(each.box)} is no box; they are {', '.join(known)}"
                yield ("excluded", number, "from"), fix

"""Reported tables and their cells: hazard ratios, counts, means, medians, lists."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from ..presentation.formats import count
from .errors import FaultsError, shown
from .fields import Count, Frozen, Name, Patients, ReadOnly, ReadOnlyDict, Text
from .printed import PrintedNumber, normalised
from .printed_fields import PrintedP, PrintedRatio, RatioInterval

__all__ = [
    "CellNumbers",
    "CountRow",
    "GroupRow",
    "HazardRatioRow",
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
        faults: list[tuple[tuple[str | int, ...], str]] = [
            ((*place, group), f"there is no group {group}; `groups` has {', '.join(self.groups)}")
            for place, cells in self._cells()
            for group in cells
            if self.groups and group not in self.groups
        ]
        faults += [
            (("count", number, "total"), f"{shown(row.total)} is none of the row's levels")
            for number, row in enumerate(self.counts)
            if row.total and row.total not in row.levels
        ]
        faults += [
            (
                ("rows", number),
                f"it has {count(len(row), 'cell')}; `columns` has {len(self.columns)}",
            )
            for number, row in enumerate(self.rows)
            if len(row) != len(self.columns)
        ]
        if faults:
            raise FaultsError(faults)
        return self

    def _cells(self) -> Iterator[tuple[tuple[str | int, ...], Mapping[str, Any]]]:
        """Yield the cells of every row by group, and the place of the row."""
        for number, counted in enumerate(self.counts):
            for level, cells in counted.levels.items():
                yield ("count", number, "levels", level), cells
            yield ("count", number, "of"), counted.of
        for key, rows in (("mean", self.means), ("median", self.medians)):
            for number, row in enumerate(rows):
                yield (key, number), row.cells
                yield (key, number, "of"), row.of

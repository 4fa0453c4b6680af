"""Sentences of a paper that can be checked against each other, and the names of its numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, Self

from pydantic import Field, model_validator

from .endpoint import Endpoint, Reported
from .fields import Frozen, ReadOnly, Text
from .printed import PrintedNumber
from .printed_fields import PrintedP, PrintedRatio
from .table import Flow, HazardRatioRow, Table, cell_numbers

__all__ = [
    "JOINT",
    "Claim",
    "Listed",
    "SampleSize",
    "Share",
    "StatedRatio",
    "Statement",
    "Sum",
    "endpoint_quantities",
    "flow_quantities",
    "table_quantities",
]


class Sum(Frozen):
    """Numbers that a statement says to add up."""

    total: PrintedNumber = Field(description="The sum, as printed.")
    parts: tuple[PrintedNumber, ...] = Field(min_length=2, description="Parts, as printed.")


class Share(Frozen):
    """A percentage of a whole, with or without the count that it is."""

    percent: PrintedNumber = Field(description='The percentage with its sign, such as "83.3%".')
    of: PrintedNumber = Field(description="The whole that it is a percentage of.")
    part: PrintedNumber | None = Field(None, description="The count that it is, if it is reported.")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.percent.percent:
            raise ValueError(f'write the percentage with its sign, such as "{self.percent}%"')
        if not self.of.reached or self.of.value <= 0:
            raise ValueError(f"`of` is {self.of}; a percentage is of a number above 0")
        return self


class SampleSize(Frozen):
    """A sample size with the assumptions that it was computed from."""

    design: Literal["one proportion", "two proportions", "survival"] = Field(
        description="One proportion against a fixed one, two proportions, or events of a log-rank "
        "test."
    )
    n: PrintedNumber = Field(description="Patients, or events of a survival design, in all.")
    baseline: PrintedNumber | None = Field(None, description="The proportion to be exceeded.")
    alternative: PrintedNumber | None = Field(None, description="The proportion hoped for.")
    hazard_ratio: PrintedRatio | None = Field(None, description="The hazard ratio hoped for.")
    power: PrintedNumber = Field(description='Such as "90%".')
    alpha: PrintedNumber = Field(description='Such as "0.05".')
    drop_out: PrintedNumber | None = Field(None, description='Such as "10%".')
    recruited: PrintedNumber | None = Field(None, description="Patients with drop-out added.")

    @model_validator(mode="after")
    def _check(self) -> Self:
        needed = (
            ("hazard_ratio",) if self.design == "survival" else ("baseline", "alternative")
        )  # fmt: skip
        for key in needed:
            if getattr(self, key) is None:
                raise ValueError(f"`{key}` is missing; a design of {self.design} needs it")
        for key in ("baseline", "alternative", "power", "alpha", "drop_out"):
            number = getattr(self, key)
            if number is not None and not 0 < number.value < 1:
                raise ValueError(f"`{key}` is {number}; it must be between 0% and 100%")
        return self


class Claim(Frozen):
    """A difference that a statement calls significant, or not, with its p-value."""

    p: PrintedP = Field(description="The p-value.")
    significant: bool = Field(strict=True, description="true if it is called significant.")
    alpha: PrintedP = Field(
        PrintedNumber.parse("0.05"), description="The paper's level of significance."
    )


class Listed(Frozen):
    """What a statement says of a table that lists patients one by one."""

    table: Text = Field(description="Id of the table.")
    column: Text = Field(description="Heading of the column.")
    holds: Text = Field("", description="A cell, or one of its parts between commas or plus signs.")
    count: PrintedNumber | None = Field(None, description="Patients whose cell holds it.")
    mean: PrintedNumber | None = Field(None, description="Mean of the numbers in the column.")
    sd: PrintedNumber | None = Field(None, description="Their standard deviation.")
    median: PrintedNumber | None = Field(None, description="Their median.")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if bool(self.holds) != (self.count is not None):
            raise ValueError("`holds` and `count` belong together: what is counted, and how often")
        if self.count is self.mean is self.sd is self.median:
            raise ValueError("nothing is stated; give `count`, `mean`, `sd` or `median`")
        return self


class StatedRatio(HazardRatioRow):
    """A hazard ratio of a table that a statement repeats, with the levels that it names."""

    table: Text = Field(description="Id of the table.")


class Statement(Frozen):
    """A sentence of the paper whose numbers can be checked against each other."""

    source: Text = Field("", description="Where in the paper it is.")
    text: Text = Field(description="Wording of the sentence.")
    sum: Sum | None = Field(None, description="A sum that it states.")
    shares: tuple[Share, ...] = Field((), alias="share", description="Percentages that it states.")
    values: ReadOnly[Mapping[Text, PrintedNumber]] = Field(
        default_factory=dict, validate_default=True,
        description="Quantities by name. The same name elsewhere must have the same value; a name "
        'such as "table-1 / Sex / Male / SR" is that cell.',
    )  # fmt: skip
    certain: bool = Field(
        True, strict=True,
        description="false if the `values` may be of other patients than those of the same name; "
        "then a difference is a note.",
    )  # fmt: skip
    listed: tuple[Listed, ...] = Field((), description="What it says of a list of patients.")
    hazard_ratios: tuple[StatedRatio, ...] = Field(
        (), alias="hazard_ratio", description="Hazard ratios of a table that it repeats."
    )
    claims: tuple[Claim, ...] = Field(
        (), alias="claim", description="Differences that it calls significant, or not."
    )
    sample_size: SampleSize | None = Field(None, description="A sample size that it states.")
    note: Text = Field("", description="Remarks.")

    @property
    def place(self) -> str:
        """Where the sentence is: its `source`, or the sentence itself if none is given."""
        return self.source or self.text


JOINT = " / "  # between the parts of a name; no name of an arm or a table can hold it
Quantity = tuple[str, PrintedNumber]


def endpoint_quantities(endpoint: Endpoint) -> Iterator[Quantity]:
    """Yield the numbers of an endpoint by name: "psm/OS / SR / 120", "psm/OS / hazard ratio"."""
    for name, arm in endpoint.arms.items():
        stem = f"{endpoint.key}{JOINT}{name}"
        for time, mark in arm.landmarks.items():
            yield f"{stem}{JOINT}{time:g}", mark.survival
        yield from (
            (f"{stem}{JOINT}{key}", PrintedNumber.parse(str(number)))
            for key, number in (("n", arm.n), ("events", arm.events))
            if number is not None
        )
        low, high = arm.median_ci or (None, None)
        yield from _known(stem, {"median": arm.median, "lower": low, "upper": high})
        yield from _known(stem, {"mean": arm.mean})
        if arm.follow_up is not None:
            first, last = arm.follow_up.iqr or arm.follow_up.range or (None, None)
            followed = {"median": arm.follow_up.median, "lower": first, "upper": last}
            yield from _known(f"{stem}{JOINT}follow-up", followed)
    for stem, reported in _comparisons(endpoint):
        lower, upper = reported.ci or (None, None)
        yield from _known(
            stem,
            {
                "hazard ratio": reported.hazard_ratio,
                "lower": lower,
                "upper": upper,
                "p": reported.p,
            },
        )


def _comparisons(endpoint: Endpoint) -> Iterator[tuple[str, Reported]]:
    """Yield the comparisons by name: "psm/OS", "psm/OS / new vs control"."""
    if endpoint.reported is not None:
        yield endpoint.key, endpoint.reported
    seen: set[str] = set()
    for each in endpoint.comparisons:
        name = each.pair if each.pair not in seen else f"{each.pair}, {each.kind}"
        seen.add(name)
        yield f"{endpoint.key}{JOINT}{name}", each


def _known(stem: str, numbers: dict[str, PrintedNumber | None]) -> Iterator[Quantity]:
    for key, number in numbers.items():
        if number is not None:
            yield f"{stem}{JOINT}{key}", number


def flow_quantities(flow: Flow) -> Iterator[Quantity]:
    """Yield the numbers of a flow diagram's boxes by name: "figure-1 / treated"."""
    for box in flow.boxes:
        if box.n is not None:
            yield f"{flow.id}{JOINT}{box.id}", PrintedNumber.parse(str(box.n))


def table_quantities(table: Table) -> Iterator[Quantity]:
    """Yield the numbers of a table by name.

    Counts have two names, of which "... %" is the percentage: "table-1 / Sex / Male / SR" and
    "table-1 / Sex / Male / SR / %".
    """
    named = [(row.variable, row.p) for row in table.counts]
    named += [(row.variable, row.p) for row in (*table.means, *table.medians)]
    for variable, p in named:
        if p is not None:
            yield f"{table.id}{JOINT}{variable}{JOINT}p", p
    for count in table.counts:
        for level, cells in count.levels.items():
            for group, text in cells.items():
                yield from _of_count(JOINT.join((table.id, count.variable, level, group)), text)
    for rows, names in (
        (table.means, ("mean", "SD")),
        (table.medians, ("median", "lower", "upper")),
    ):
        for each in rows:
            for group, text in each.cells.items():
                stem = JOINT.join((table.id, each.variable, group))
                yield from _of_group(stem, text, names)


def _of_group(stem: str, text: str, names: tuple[str, ...]) -> Iterator[Quantity]:
    cell = cell_numbers(text)
    if cell is not None:
        for name, number in zip(names, (cell.first, *cell.inside), strict=False):
            yield f"{stem}{JOINT}{name}", number


def _of_count(stem: str, text: str) -> Iterator[Quantity]:
    cell = cell_numbers(text)
    if cell is not None:
        yield stem, cell.first
        if cell.percentage is not None:
            yield f"{stem}{JOINT}%", cell.percentage

"""Reported numbers by name, so that a quantity can be compared wherever a paper reports it."""

from __future__ import annotations

from collections.abc import Iterator

from .endpoint import Endpoint, Reported
from .flow import Flow
from .printed import PrintedNumber
from .table import Table, cell_numbers

__all__ = ["JOINT", "endpoint_quantities", "flow_quantities", "table_quantities"]

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

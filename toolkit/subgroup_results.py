"""Subgroups in `results.json` and in the terminal: a part of the contract in `results`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from .presentation.formats import interval, p_value, ratio
from .presentation.tables import Paragraph, Part, Table, left, right
from .studies.printed import interval_text

if TYPE_CHECKING:
    from .models.subgroups import Subgroups, VariableLabels

__all__ = ["SubgroupTableResult", "subgroup_parts", "subgroups_dict"]

Number = int | float
Pair = tuple[Number | None, Number | None]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


class LevelResult(_Entry):
    """One level of a variable."""

    level: str
    n: list[int] = Field(description="By arm, the reference first.")
    events: list[int] | None
    reported_hazard_ratio: str
    reported_ci: tuple[str, str] | None
    hazard_ratio: Number | None = Field(description="Median of the draws with labels.")
    se: Number | None


class VariableResult(_Entry):
    """One variable of a table of subgroups."""

    variable: str
    levels: list[LevelResult]
    labels_found: Number = Field(
        description="Share of draws with labels consistent with every number."
    )
    intervals_met: bool = Field(
        description="Whether these are also consistent with the reported intervals."
    )
    reported_p_interaction: str | None
    p_interaction_from_table: Number | None
    p_interaction: Number | None = Field(description="Median of the draws with labels.")
    interaction_range: Pair | None = Field(
        description="Attainable ratio of the last level's hazard ratio to the first's."
    )


class SubgroupTableResult(_Entry):
    """Labels for the patients of an endpoint by one table."""

    table: str
    cohort: str
    endpoint: str
    n_draws: int
    found_together: Number = Field(description="Share of draws in which all variables are matched.")
    variables: list[VariableResult]
    sentences: list[str]


def subgroups_dict(subgroups: Subgroups) -> dict[str, Any]:
    """Return labels as plain values."""
    return {
        "table": subgroups.table.id,
        "cohort": subgroups.endpoint.cohort,
        "endpoint": subgroups.endpoint.name,
        "n_draws": subgroups.n_draws,
        "found_together": float(subgroups.together.mean()),
        "variables": [_variable(each) for each in subgroups.variables],
        "sentences": list(subgroups.sentences),
    }


def _variable(each: VariableLabels) -> dict[str, Any]:
    met = each.met
    return {
        "variable": each.variable.name,
        "levels": [
            {
                "level": level.name,
                "n": list(level.n),
                "events": None if level.events is None else list(level.events),
                "reported_hazard_ratio": level.hazard_ratio,
                "reported_ci": level.ci,
                "hazard_ratio": _median(np.exp(each.log_hazard_ratio[met, place])),
                "se": _median(each.se[met, place]),
            }
            for place, level in enumerate(each.variable.levels)
        ],
        "labels_found": each.found,
        "intervals_met": each.with_intervals and bool(met.any()),
        "reported_p_interaction": each.variable.p_interaction,
        "p_interaction_from_table": each.p_reported,
        "p_interaction": _median(each.p_interaction[met]),
        "interaction_range": each.interaction_range,
    }


def _median(values: Any) -> float | None:
    return float(np.median(values)) if len(values) else None


_COLUMNS = (
    left("Endpoint", "Subgroup", "Reported HR", "Reproduced HR")
    + right("Labels found")
    + left("Reported p", "p for interaction", "Attainable ratio")
)
_CAPTION = (
    "Labels consistent with every number of the variable; no patient's own subgroup is known. "
    "Attainable ratio: of the last level's hazard ratio to the first's."
)


def subgroup_parts(found: Iterable[Subgroups]) -> Iterator[Part]:
    """Yield a table with a line for each level, and what is not identified in words."""
    for subgroups in found:
        rows = [row for each in subgroups.variables for row in _rows(subgroups, each)]
        title = f"Subgroups, {subgroups.table.place}, {subgroups.n_draws} draws"
        yield Table.of(_COLUMNS, rows, title=title, caption=_CAPTION).without_empty_columns()
        for sentence in subgroups.sentences:
            yield Paragraph(sentence)
        yield Paragraph("")


def _rows(subgroups: Subgroups, each: VariableLabels) -> Iterator[tuple[str, ...]]:
    plain = _variable(each)
    for place, level in enumerate(each.variable.levels):
        first = place == 0
        own, p = plain["levels"][place]["hazard_ratio"], plain["p_interaction"]
        yield (
            subgroups.endpoint.key,
            f"{each.variable.name}: {level.name}",
            interval_text(level.hazard_ratio, level.ci),
            "not found" if own is None else ratio(own),
            f"{100 * each.found:.0f}%" if first else "",
            str(each.variable.p_interaction or "") if first else "",
            p_value(p) if first and p is not None and p == p else "",
            interval(*each.interaction_range) if first and each.interaction_range else "",
        )

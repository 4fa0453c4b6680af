"""Competing risks as tables: what is reported of each cause beside what the patients give."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from .presentation.formats import interval, p_value, ratio_interval
from .presentation.tables import Part, Table, left, right
from .studies.printed import interval_text

if TYPE_CHECKING:
    from .models import EndpointAnalysis
    from .models.competing import CauseAnalysis

__all__ = ["cause_tables"]

_COLUMNS = (
    left("Endpoint", "Cause", "Compared", "Reported HR", "sHR", "95% RI", "Cause-specific HR")
    + left("Gray")
    + right("Events", "Matched")
    + left("Verdict")
)
_CAPTION = (
    "sHR: subdistribution hazard ratio (Fine and Gray). 95% RI: 95% reproduction interval of it. "
    "Gray: p of Gray's test. Events: by arm, the reference first. Matched: reported cumulative "
    "incidences."
)


def cause_tables(analyses: Iterable[EndpointAnalysis]) -> Iterator[Part]:
    """Yield a table with a line for each cause, if any endpoint has competing risks."""
    rows = [_row(each, cause) for each in analyses for cause in each.causes]
    if rows:
        table = Table.of(_COLUMNS, rows, title="Competing risks", caption=_CAPTION)
        yield table.without_empty_columns()


def _row(analysis: EndpointAnalysis, cause: CauseAnalysis) -> tuple[str, ...]:
    fit, specific, reported = cause.fine_gray, cause.cause_specific, cause.reported
    said = interval_text(reported.hazard_ratio, reported.ci) if reported else ""
    if reported and reported.kind == "cause-specific" and said:
        said += " (cause-specific)"
    return (
        analysis.endpoint.key,
        cause.cause,
        f"{fit.treatment} vs {fit.reference}" if fit else "",
        said,
        ratio_interval(fit.hazard_ratio, fit.ci) if fit else "",
        interval(*cause.reproduction_interval) if cause.reproduction_interval else "",
        ratio_interval(specific.hazard_ratio, specific.ci) if specific else "",
        p_value(cause.gray.p) if cause.gray else "",
        ", ".join(map(str, cause.events.values())),
        f"{cause.matched}/{len(cause.checks)}" if cause.checks else "",
        cause.verdict if said else "",
    )

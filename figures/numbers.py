"""The numbers that a figure shows, as a table for those who draw their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .response import response_counts

if TYPE_CHECKING:
    import pandas as pd

    from ..models import EndpointAnalysis
    from ..studies import Table

__all__ = [
    "curve_check_numbers",
    "curve_numbers",
    "forest_numbers",
    "incidence_numbers",
    "proportionality_numbers",
    "response_numbers",
    "rmst_numbers",
]


def curve_numbers(analyses: Iterable[EndpointAnalysis]) -> pd.DataFrame:
    """Return the Kaplan-Meier estimates, a row for each arm and time, from 0."""
    return _stacked(
        ({**_named(each), "arm": arm}, curve.to_frame())
        for each in analyses
        for arm, curve in each.curves.items()
    )


def incidence_numbers(analysis: EndpointAnalysis) -> pd.DataFrame:
    """Return the Aalen-Johansen estimates, a row for each cause, arm and time, from 0."""
    return _stacked(
        ({**_named(analysis), "cause": each.cause, "arm": arm}, curve.to_frame())
        for each in analysis.causes
        for arm, curve in each.curves.items()
    )


def curve_check_numbers(analysis: EndpointAnalysis) -> pd.DataFrame:
    """Return every digitised point beside the reconstructed curve, as fractions."""
    import pandas as pd

    return pd.concat(
        [
            pd.DataFrame(
                {
                    **_named(analysis),
                    "arm": check.arm,
                    "time": check.time,
                    "digitised": check.digitised,
                    "reproduced": check.reproduced,
                    "tolerance": check.widths,
                }
            )
            for check in analysis.curve_checks
        ],
        ignore_index=True,
    )


def rmst_numbers(analyses: Iterable[EndpointAnalysis]) -> pd.DataFrame:
    """Return the restricted means by arm, and their difference."""
    return _stacked((_named(each), each.rmst.to_frame()) for each in analyses if each.rmst)


def proportionality_numbers(analyses: Iterable[EndpointAnalysis]) -> pd.DataFrame:
    """Return the log hazard ratio at every event: the fitted one plus the scaled residual."""
    import pandas as pd

    return pd.concat(
        [
            pd.DataFrame(
                {
                    **_named(each),
                    "time": each.schoenfeld.time,
                    "log_hazard_ratio": each.schoenfeld.log_hazard_ratio_at,
                }
            )
            for each in analyses
            if each.schoenfeld
        ],
        ignore_index=True,
    )


def forest_numbers(table: Table) -> pd.DataFrame:
    """Return the reported hazard ratios of a table as it writes them, a row each."""
    import pandas as pd

    rows = [
        {
            "variable": row.variable,
            "level": row.level,
            "reference": row.reference,
            "model": row.model,
            "hazard_ratio": row.hazard_ratio.text,
            "ci_lower": row.ci[0].text if row.ci else "",
            "ci_upper": row.ci[1].text if row.ci else "",
            "p": row.p.text if row.p else "",
            **{f"patients_{arm}": str(cell) for arm, cell in row.patients.items()},
            "p_interaction": row.p_interaction.text if row.p_interaction else "",
        }
        for row in table.hazard_ratios
    ]
    return pd.DataFrame(rows).fillna("")


def response_numbers(table: Table) -> pd.DataFrame:
    """Return the patients by group and tumour response, in percent of the group too."""
    import pandas as pd

    return pd.DataFrame(
        {
            "group": group,
            "response": response,
            "patients": count,
            "percent": 100 * count / sum(counts.values()),
        }
        for group, counts in response_counts(table).items()
        for response, count in counts.items()
    )


def _named(analysis: EndpointAnalysis) -> dict[str, str]:
    return {"cohort": analysis.endpoint.cohort, "endpoint": analysis.endpoint.name}


def _stacked(parts: Iterator[tuple[Mapping[str, Any], pd.DataFrame]]) -> pd.DataFrame:
    """Put tables below each other, each behind columns that say what it is of."""
    import pandas as pd

    tables = []
    for names, table in parts:
        named = table.reset_index()
        for place, (name, value) in enumerate(names.items()):
            named.insert(place, name, value)
        tables.append(named)
    return pd.concat(tables, ignore_index=True)

"""Every hazard ratio that a study file holds, with its interval and p-value."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from ..studies.printed import PrintedNumber
from ..studies.study import Endpoint, Study
from ..studies.table import HazardRatioRow, Table
from .follow_up import longest_follow_up

__all__ = ["PrintedRatio", "printed_ratios"]


@dataclass(frozen=True, kw_only=True)
class PrintedRatio:
    """One hazard ratio in print.

    Attributes
    ----------
    place : str
        Where it stands.
    table : str
        The id of its table; "" for a reported comparison.
    subject : str
        What is compared.
    hazard_ratio : PrintedNumber or None
        The ratio.
    ci : tuple of PrintedNumber or None
        Its 95% interval.
    p : PrintedNumber or None
        Its p-value.
    test : str
        The test that gave p, in lower case; "" if not named.
    regression : bool
        True if it stands in a table of a regression, where p belongs to the coefficient.
    adjusted : bool
        True if other covariates are in the model.
    two_groups : bool
        True if it compares two groups, False if it may be per unit of a measurement.
    n, events : int or None
        Patients and events, if they are printed.
    most_events : int or None
        The most events that patients, landmarks and longest follow-up leave room for.
    """

    place: str
    table: str
    subject: str
    hazard_ratio: PrintedNumber | None
    ci: tuple[PrintedNumber, PrintedNumber] | None
    p: PrintedNumber | None
    test: str
    regression: bool
    adjusted: bool
    two_groups: bool
    n: int | None
    events: int | None
    most_events: int | None

    @property
    def text(self) -> str:
        """The numbers as they would stand in a sentence."""
        ratio = f"HR {self.hazard_ratio.bare}" if self.hazard_ratio else ""
        interval = f"95% CI {self.ci[0].bare} to {self.ci[1].bare}" if self.ci else ""
        p = f"p {_relation(self.p)}" if self.p else ""
        return ", ".join(part for part in (ratio, interval, p) if part)


def _relation(p: PrintedNumber) -> str:
    return p.bare if p.bare[:1] in "<>~≤≥" else f"= {p.bare}"


def printed_ratios(study: Study) -> Iterator[PrintedRatio]:
    """Yield the reported comparisons of the endpoints, then the rows of the tables."""
    for endpoint in study.endpoints:
        if endpoint.reported is not None:
            yield _reported(endpoint)
    for table in study.tables:
        for row in table.hazard_ratios:
            yield _row(table, row, study)


def _reported(endpoint: Endpoint) -> PrintedRatio:
    reported, arms = endpoint.reported, endpoint.arms.values()
    assert reported is not None  # noqa: S101 - the caller asked
    counted = [arm.events for arm in arms if arm.events is not None]
    numbers = [arm.n for arm in arms if arm.n is not None]
    return PrintedRatio(
        place=f"{endpoint.key}, reported comparison",
        table="",
        subject=f"{endpoint.treatment} versus {endpoint.reference}",
        hazard_ratio=reported.hazard_ratio,
        ci=reported.ci,
        p=reported.p,
        test=(reported.test or "").lower(),
        regression=False,
        adjusted=reported.adjusted,
        two_groups=True,
        n=sum(numbers) if len(numbers) == len(arms) else None,
        events=reported.events or (sum(counted) if len(counted) == len(arms) else None),
        most_events=_most_events(endpoint),
    )


def _most_events(endpoint: Endpoint) -> int | None:
    """Return the most events that there can be in all arms; None if an arm has no n.

    A survival of s at the end of follow-up is of at most n (1 - s) events: censoring only makes
    each event count for more. Where follow-up may go on after the last landmark, all may die.
    """
    most = 0
    for arm in endpoint.arms.values():
        if arm.n is None:
            return None
        longest = None if arm.follow_up is None else longest_follow_up(arm.follow_up)
        ended = [
            mark.survival.lower
            for time, mark in arm.landmarks.items()
            if longest is not None and longest.upper <= time
        ]
        most += math.floor(arm.n * (1 - max(ended, default=0.0)) * (1 + 1e-9))
    return most


def _row(table: Table, row: HazardRatioRow, study: Study) -> PrintedRatio:
    versus = f"{row.level} versus {row.reference}" if row.level and row.reference else row.level
    subject = ", ".join(part for part in (row.variable, versus) if part)
    model = f" ({row.model})" if row.model else ""
    return PrintedRatio(
        place=f"{table.place}: {subject}{model}",
        table=table.id,
        subject=subject,
        hazard_ratio=row.hazard_ratio,
        ci=row.ci,
        p=row.p,
        test="",
        regression=True,
        adjusted=row.model.lower().startswith("multi"),
        two_groups=bool(row.level and row.reference),
        n=table.n or _cohort_size(table, study),
        events=table.events,
        most_events=None,
    )


def _cohort_size(table: Table, study: Study) -> int | None:
    """Return the patients of the endpoint that a table names; None if that is not known."""
    for endpoint in study.endpoints:
        if (endpoint.cohort, endpoint.name) == (table.cohort, table.endpoint):
            numbers = [arm.n for arm in endpoint.arms.values() if arm.n is not None]
            return sum(numbers) if len(numbers) == len(endpoint.arms) else None
    return None

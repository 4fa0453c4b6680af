"""What a paper prints of its endpoints, as rows of text, for terminal and notebook alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..presentation.tables import left, right
from .printed import PrintedNumber
from .study import Arm, Endpoint, FollowUp

__all__ = [
    "ARM_COLUMNS",
    "REPORTED_COLUMNS",
    "arm_row",
    "arm_rows",
    "printed_interval",
    "reported_rows",
]

ARM_COLUMNS = (
    left("Endpoint", "Arm")
    + right("n", "Events")
    + left("Median (95% CI)", "Survival", "Follow-up")
)
REPORTED_COLUMNS = left("Endpoint", "Compared", "Hazard ratio (95% CI)", "p", "Test")


def arm_rows(endpoints: Iterable[Endpoint]) -> Iterator[tuple[str, ...]]:
    """Yield what is printed of each arm of each endpoint."""
    for endpoint in endpoints:
        for name, arm in endpoint.arms.items():
            yield (endpoint.key, name, *arm_row(arm))


def arm_row(arm: Arm) -> tuple[str, ...]:
    """Return what is printed of an arm: the columns after its name."""
    return (
        f"{_count(arm.n)} (cohort)" if arm.n_basis == "cohort" else _count(arm.n),
        _count(arm.events),
        printed_interval(arm.median, arm.median_ci),
        _survival(arm),
        _follow_up(arm.follow_up),
    )


def _count(number: int | None) -> str:
    return "" if number is None else str(number)


def printed_interval(
    value: PrintedNumber | None, ci: tuple[PrintedNumber, PrintedNumber] | None
) -> str:
    """Return a number with its interval, each as it was printed."""
    interval = f"({ci[0]}\N{EN DASH}{ci[1]})" if ci else ""
    return " ".join(filter(None, (str(value) if value else "", interval)))


def _survival(arm: Arm) -> str:
    marks = [
        f"{time:g}: {printed_interval(mark.survival, mark.ci)}"
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
        marks.append(f"a digitised curve of {len(arm.curve.time)} points")
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


def reported_rows(endpoints: Iterable[Endpoint]) -> Iterator[tuple[str, ...]]:
    """Yield the comparison that each endpoint reports, of those that report one."""
    for endpoint in endpoints:
        if reported := endpoint.reported:
            test = f"{reported.test or ''}{', adjusted' if reported.adjusted else ''}".strip(", ")
            ratio = printed_interval(reported.hazard_ratio, reported.ci)
            yield endpoint.key, _compared(endpoint), ratio, str(reported.p or ""), test


def _compared(endpoint: Endpoint) -> str:
    if endpoint.treatment:
        return f"{endpoint.treatment} vs {endpoint.reference}"
    return ", ".join(endpoint.arms)

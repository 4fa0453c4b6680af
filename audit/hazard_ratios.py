"""Hazard ratios as reported, and against their own intervals."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from ..studies.endpoint import Endpoint
from ..studies.interval_level import ComparedEvents, LevelFit, compared_events, level_fit
from ..studies.printed import FLOAT_SLACK, PrintedNumber
from ..studies.printed_fields import USUAL_LEVEL, level_z
from ..studies.reported import two_sided
from ..studies.study import Study
from ..studies.subgroups import is_subgroup, row_counts
from ..studies.table import HazardRatioRow, Table
from .rule import Bounds, Finding, Rule, Severity, asks

__all__ = [
    "ReportedRatio",
    "centre",
    "misprint",
    "off_centre",
    "ratio_intervals",
    "reported_ratios",
    "rises",
    "standard_error",
]


@dataclass(frozen=True, kw_only=True)
class ReportedRatio:
    """One reported hazard ratio.

    Attributes
    ----------
    place : str
        Where it is.
    table : str
        The id of its table; "" for a reported comparison.
    subject : str
        What is compared.
    hazard_ratio : PrintedNumber or None
        The ratio.
    ci : tuple of PrintedNumber or None
        Its interval.
    level : float or None
        Level of the interval in per cent, if the paper states one; it is taken for 95% else.
    fit : LevelFit or None
        Levels that fit an interval which states none and cannot be one of 95%.
    p : PrintedNumber or None
        Its p-value.
    one_sided : bool
        True if p is one-sided.
    test : str
        The test that gave p, in lower case; "" if not named.
    regression : bool
        True if it is in a table of a regression, where p belongs to the coefficient.
    adjusted : bool
        True if other covariates are in the model.
    two_groups : bool
        True if it compares two groups, False if it may be per unit of a measurement.
    n, events : int or None
        Patients and events, if they are reported.
    stratified : bool
        True if the analysis is stratified.
    most_events : int or None
        The most events that patients, landmarks and longest follow-up leave room for.
    compared : ComparedEvents or None
        The events of two arms of an endpoint.
    """

    place: str
    table: str
    subject: str
    hazard_ratio: PrintedNumber | None
    ci: tuple[PrintedNumber, PrintedNumber] | None
    level: float | None = None
    fit: LevelFit | None = None
    p: PrintedNumber | None
    one_sided: bool = False
    stratified: bool = False
    test: str
    regression: bool
    adjusted: bool
    two_groups: bool
    n: int | None
    events: int | None
    most_events: int | None
    compared: ComparedEvents | None = None

    @property
    def text(self) -> str:
        """The numbers as in a sentence."""
        ratio = f"HR {self.hazard_ratio.bare}" if self.hazard_ratio else ""
        level = f"{self.level or USUAL_LEVEL:g}% CI"
        interval = f"{level} {self.ci[0].bare} to {self.ci[1].bare}" if self.ci else ""
        side = "one-sided " if self.one_sided else ""
        p = f"{side}p {_relation(self.p)}" if self.p else ""
        return ", ".join(part for part in (ratio, interval, p) if part)

    @property
    def two_sided_p(self) -> PrintedNumber | None:
        """The p, or the two-sided one that goes with a one-sided p."""
        return two_sided(self.p) if self.p is not None and self.one_sided else self.p


def _relation(p: PrintedNumber) -> str:
    return p.bare if p.bare[:1] in "<>~≤≥" else f"= {p.bare}"


def reported_ratios(study: Study) -> Iterator[ReportedRatio]:
    """Yield the reported comparisons of the endpoints, then the rows of the tables."""
    for endpoint in study.analysed:
        if endpoint.reported is not None:
            yield _reported(endpoint)
    for table in study.tables:
        for row in table.hazard_ratios:
            yield _table_row(table, row, study)


def _reported(endpoint: Endpoint) -> ReportedRatio:
    reported, arms = endpoint.reported, endpoint.arms.values()
    assert reported is not None  # noqa: S101 - the caller asked
    counted = [arm.events for arm in arms if arm.events is not None]
    numbers = [arm.n for arm in arms if arm.n is not None]
    same = reported.n in (None, sum(numbers))  # otherwise it is of other patients than the arms
    return ReportedRatio(
        place=f"{endpoint.key}, reported comparison",
        table="",
        subject=f"{endpoint.treatment} versus {endpoint.reference}",
        hazard_ratio=reported.hazard_ratio,
        ci=reported.ci,
        level=reported.ci_level,
        fit=level_fit(endpoint),
        p=reported.p_of_difference,
        one_sided=reported.one_sided,
        stratified=reported.stratified,
        test=(reported.test or "").lower(),
        regression=False,
        adjusted=reported.adjusted,
        two_groups=True,
        n=reported.n or (sum(numbers) if len(numbers) == len(arms) else None),
        events=reported.events or (sum(counted) if same and len(counted) == len(arms) else None),
        most_events=_most_events(endpoint) if same else None,
        compared=compared_events(endpoint) if same else None,
    )


def _most_events(endpoint: Endpoint) -> int | None:
    """Return the most events that there can be in all arms; None if an arm has no n.

    A survival of s at the end of follow-up is of at most n (1 - s) events: censoring only makes
    each event count for more. Where follow-up may go on after the last landmark, all may die.
    """
    most = 0
    for arm in endpoint.arms.values():
        if arm.most_patients is None:
            return None
        longest = None if arm.follow_up is None else arm.follow_up.longest
        ended = [
            mark.survival.lower
            for time, mark in arm.landmarks.items()
            if longest is not None and longest.upper <= time
        ]
        most += math.floor(arm.most_patients * (1 - max(ended, default=0.0)) * (1 + 1e-9))
    return most


def _table_row(table: Table, row: HazardRatioRow, study: Study) -> ReportedRatio:
    versus = f"{row.level} versus {row.reference}" if row.level and row.reference else row.level
    subject = ", ".join(part for part in (row.variable, versus) if part)
    model = f" ({row.model})" if row.model else ""
    n, events = (table.n or _cohort_size(table, study)), table.events
    if row.patients:
        own, events = row_counts(row)
        n = n if own is None else own
    return ReportedRatio(
        place=f"{table.place}: {subject}{model}",
        table=table.id,
        subject=subject,
        hazard_ratio=row.hazard_ratio,
        ci=row.ci,
        p=row.p,
        test="",
        regression=True,
        adjusted=row.model.lower().startswith("multi"),
        two_groups=bool(row.level and row.reference) or is_subgroup(row),
        n=n,
        events=events,
        most_events=None,
    )


def _cohort_size(table: Table, study: Study) -> int | None:
    """Return the patients of the endpoint that a table names; None if that is not known."""
    for endpoint in study.endpoints:
        if (endpoint.cohort, endpoint.name) == (table.cohort, table.endpoint):
            numbers = [arm.n for arm in endpoint.arms.values() if arm.n is not None]
            return sum(numbers) if len(numbers) == len(endpoint.arms) else None
    return None


_FAR = 0.5  # standard errors; no profile-likelihood or bootstrap interval is that lopsided
_NEAR = 0.1  # standard errors; the asymmetry that such an interval commonly has
_SHIFTS = (-3, -2, -1, 1, 2, 3)  # places that a decimal point may have gone astray

CENTRE = Rule(
    name="ratio-centre",
    asks="Is the hazard ratio the geometric mean of the limits of its interval?",
    tolerance="Ratio and limits may each be any value that rounds to the reported one. A Wald"
    " interval is symmetric on the log scale; a profile-likelihood or bootstrap interval is "
    "nearly so: up to 0.1 standard errors off is a note, up to 0.5 a warning, more an error.",
    reference="Altman DG, Bland JM. BMJ 2011;343:d2090. doi:10.1136/bmj.d2090",
)
OUTSIDE = Rule(
    name="ratio-outside-interval",
    asks="Does the hazard ratio lie inside its own interval, and does the interval rise?",
    tolerance="Ratio and limits may each be any value that rounds to the reported one.",
    reference="Altman DG, Bland JM. BMJ 2011;343:d2090. doi:10.1136/bmj.d2090",
)
MISPRINT = Rule(
    name="limit-misprint",
    asks="Would moving the decimal point of one number make ratio and interval agree?",
    tolerance="Asked only where ratio and interval disagree by more than half a standard error.",
    reference="Altman DG, Bland JM. BMJ 2011;343:d2090. doi:10.1136/bmj.d2090",
)


@asks(CENTRE, OUTSIDE, MISPRINT)
def ratio_intervals(study: Study) -> Iterator[Finding]:
    """Yield the hazard ratios that do not fit their intervals."""
    for ratio in reported_ratios(study):
        if ratio.hazard_ratio is not None and ratio.ci is not None:
            yield from _in_ratio(ratio, ratio.hazard_ratio, ratio.ci)


def centre(ci: tuple[PrintedNumber, PrintedNumber]) -> Bounds:
    """Return the logarithms that can be the middle of an interval."""
    lower, upper = (Bounds.of(limit).log() for limit in ci)
    return Bounds((lower.lower + upper.lower) / 2, (lower.upper + upper.upper) / 2)


def rises(ci: tuple[PrintedNumber, PrintedNumber]) -> bool:
    """Say whether an interval has two limits, of which some rounding has the lower one below."""
    low, high = ci
    return low.reached and high.reached and low.lower < high.upper * (1 - FLOAT_SLACK)


def standard_error(ci: tuple[PrintedNumber, PrintedNumber], level: float | None = None) -> Bounds:
    """Return the standard errors of the log hazard ratio that agree with an interval.

    `level` is that of the interval in per cent; 95 if it is None.
    """
    lower, upper = (Bounds.of(limit).log() for limit in ci)
    width = 2 * level_z(level)  # standard errors
    return Bounds(
        max((upper.lower - lower.upper) / width, 0.0), (upper.upper - lower.lower) / width
    )


def off_centre(ratio: PrintedNumber, ci: tuple[PrintedNumber, PrintedNumber]) -> float:
    """Return how far a ratio is from the middle, in standard errors, after every rounding."""
    se = standard_error(ci)
    gap = Bounds.of(ratio).log().gap(centre(ci))
    if gap == 0 or math.isinf(se.upper):
        return 0.0
    return gap / se.upper


def _in_ratio(
    statement: ReportedRatio, ratio: PrintedNumber, ci: tuple[PrintedNumber, PrintedNumber]
) -> Iterator[Finding]:
    if not all(limit.reached for limit in ci):
        return
    if not rises(ci):
        yield OUTSIDE.finding(
            "error", statement.place, printed=statement.text,
            expected=f"a lower limit below {ci[1].bare}",
            sentence="The lower limit of the interval is above its upper limit.",
        )  # fmt: skip
        return
    apart = off_centre(ratio, ci)
    if apart == 0:
        return
    if fitting := misprint(ratio, ci):
        yield _misprint_finding(statement, fitting)
    elif ratio.upper < ci[0].lower or ratio.lower > ci[1].upper:
        yield _outside_finding(statement, ratio, ci)
    else:
        yield _lopsided(statement, ci, apart)


def misprint(ratio: PrintedNumber, ci: tuple[PrintedNumber, PrintedNumber]) -> str:
    """Say which number agrees with the others once its decimal point is moved; "" if none."""
    if off_centre(ratio, ci) <= _FAR:
        return ""
    lower, upper = ci
    for name, printed in (("upper limit", upper), ("lower limit", lower), ("hazard ratio", ratio)):
        for moved in filter(None, (_moved(printed, by) for by in _SHIFTS)):
            trial = {"upper limit": upper, "lower limit": lower, "hazard ratio": ratio, name: moved}
            limits = trial["lower limit"], trial["upper limit"]
            if limits[0].value < limits[1].value and off_centre(trial["hazard ratio"], limits) == 0:
                return f"{name} {moved.text}"
    return ""


def _moved(printed: PrintedNumber, by: int) -> PrintedNumber | None:
    """Return a number with its decimal point moved by some places."""
    digits, decimals = printed.bare.replace(".", ""), printed.decimals + by
    if printed.relation != "=" or not digits.isdecimal() or decimals < 0:
        return None
    digits = digits.rjust(decimals + 1, "0")
    whole = digits[: len(digits) - decimals].lstrip("0") or "0"
    return PrintedNumber.parse(f"{whole}.{digits[len(digits) - decimals :]}".rstrip("."))


def _misprint_finding(statement: ReportedRatio, fitting: str) -> Finding:
    return MISPRINT.finding(
        "error", statement.place, printed=statement.text, expected=fitting,
        sentence="The hazard ratio and its interval do not fit each other as printed; they would "
        f"with {_article(fitting)} {fitting}, so a decimal point may be missing or out of place.",
    )  # fmt: skip


def _article(what: str) -> str:
    return "an" if what[0] in "aeiou" else "a"


def _outside_finding(
    statement: ReportedRatio, ratio: PrintedNumber, ci: tuple[PrintedNumber, PrintedNumber]
) -> Finding:
    return OUTSIDE.finding(
        "error", statement.place, printed=statement.text, expected=_middle(ci),
        sentence=f"The hazard ratio {ratio.bare} lies outside its own confidence interval.",
    )  # fmt: skip


def _lopsided(
    statement: ReportedRatio, ci: tuple[PrintedNumber, PrintedNumber], apart: float
) -> Finding:
    severity: Severity = "error" if apart > _FAR else "warning" if apart > _NEAR else "note"
    kind = (
        "no rounding brings them together"
        if severity == "error"
        else "rounding does not explain it, an interval of another kind than Wald's might"
    )
    return CENTRE.finding(
        severity, statement.place, printed=statement.text, expected=_middle(ci),
        sentence=f"A hazard ratio with this interval would be {_middle(ci)}, the geometric mean of "
        f"the limits; {kind}.",
    )  # fmt: skip


def _middle(ci: tuple[PrintedNumber, PrintedNumber]) -> str:
    middle = centre(ci)
    decimals = max(limit.decimals for limit in ci) + 1
    return Bounds(math.exp(middle.lower), math.exp(middle.upper)).text(decimals)

"""A hazard ratio against its own interval."""

from __future__ import annotations

import math
from collections.abc import Iterator

from ..studies.printed import PrintedNumber
from ..studies.study import Study
from .bounds import Bounds
from .finding import Finding, Rule, Severity
from .ratios import PrintedRatio, printed_ratios

__all__ = ["RULES", "centre", "check", "misprint", "off_centre", "standard_error"]

_WIDTH = 2 * 1.959963984540054  # standard errors in a 95% interval
_FAR = 0.5  # standard errors; no profile-likelihood or bootstrap interval is that lopsided
_NEAR = 0.1  # standard errors; the asymmetry that such an interval commonly has
_SHIFTS = (-3, -2, -1, 1, 2, 3)  # places that a decimal point may have gone astray

CENTRE = Rule(
    name="ratio-centre",
    asks="Is the hazard ratio the geometric mean of the limits of its interval?",
    tolerance="Ratio and limits may each be any value that rounds to print. A Wald interval is "
    "symmetric on the log scale; a profile-likelihood or bootstrap interval is nearly so: up to "
    "0.1 standard errors off is a note, up to 0.5 a warning, more an error.",
    reference="Altman DG, Bland JM. BMJ 2011;343:d2090. doi:10.1136/bmj.d2090",
)
OUTSIDE = Rule(
    name="ratio-outside-interval",
    asks="Does the hazard ratio lie inside its own interval, and does the interval rise?",
    tolerance="Ratio and limits may each be any value that rounds to print.",
    reference="Altman DG, Bland JM. BMJ 2011;343:d2090. doi:10.1136/bmj.d2090",
)
MISPRINT = Rule(
    name="limit-misprint",
    asks="Would moving the decimal point of one number make ratio and interval agree?",
    tolerance="Asked only where ratio and interval disagree by more than half a standard error.",
    reference="Altman DG, Bland JM. BMJ 2011;343:d2090. doi:10.1136/bmj.d2090",
)
RULES = (CENTRE, OUTSIDE, MISPRINT)


def check(study: Study) -> Iterator[Finding]:
    """Yield the hazard ratios that do not fit their intervals."""
    for ratio in printed_ratios(study):
        if ratio.hazard_ratio is not None and ratio.ci is not None:
            yield from _in_ratio(ratio, ratio.hazard_ratio, ratio.ci)


def centre(ci: tuple[PrintedNumber, PrintedNumber]) -> Bounds:
    """Return the logarithms that can be the middle of an interval."""
    lower, upper = (Bounds.of(limit).log() for limit in ci)
    return Bounds((lower.lower + upper.lower) / 2, (lower.upper + upper.upper) / 2)


def standard_error(ci: tuple[PrintedNumber, PrintedNumber]) -> Bounds:
    """Return the standard errors of the log hazard ratio that an interval can stand for."""
    lower, upper = (Bounds.of(limit).log() for limit in ci)
    return Bounds(
        max((upper.lower - lower.upper) / _WIDTH, 0.0), (upper.upper - lower.lower) / _WIDTH
    )


def off_centre(ratio: PrintedNumber, ci: tuple[PrintedNumber, PrintedNumber]) -> float:
    """Return how far a ratio is from the middle, in standard errors, after every rounding."""
    se = standard_error(ci)
    gap = Bounds.of(ratio).log().gap(centre(ci))
    if gap == 0 or math.isinf(se.upper):
        return 0.0
    return gap / se.upper


def _in_ratio(
    statement: PrintedRatio, ratio: PrintedNumber, ci: tuple[PrintedNumber, PrintedNumber]
) -> Iterator[Finding]:
    if not all(limit.reached for limit in ci):
        return
    if ci[1].upper < ci[0].lower:
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
        yield _misprint(statement, fitting)
    elif ratio.upper < ci[0].lower or ratio.lower > ci[1].upper:
        yield _outside(statement, ratio, ci)
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


def _misprint(statement: PrintedRatio, fitting: str) -> Finding:
    return MISPRINT.finding(
        "error", statement.place, printed=statement.text, expected=fitting,
        sentence="The hazard ratio and its interval do not fit each other as printed; they would "
        f"with {_article(fitting)} {fitting}, so a decimal point may be missing or out of place.",
    )  # fmt: skip


def _article(what: str) -> str:
    return "an" if what[0] in "aeiou" else "a"


def _outside(
    statement: PrintedRatio, ratio: PrintedNumber, ci: tuple[PrintedNumber, PrintedNumber]
) -> Finding:
    return OUTSIDE.finding(
        "error", statement.place, printed=statement.text, expected=_middle(ci),
        sentence=f"The hazard ratio {ratio.bare} lies outside its own 95% confidence interval.",
    )  # fmt: skip


def _lopsided(
    statement: PrintedRatio, ci: tuple[PrintedNumber, PrintedNumber], apart: float
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

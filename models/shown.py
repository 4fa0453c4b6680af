"""How estimates, comparisons, audits, ensembles and attainable ranges show themselves."""

from __future__ import annotations

import math
from dataclasses import replace

from ..presentation import markup, sketch
from ..reconstruct.pseudo_ipd import PseudoIPD
from ..reconstruct.pseudo_ipd import (
    patients_curves,
    patients_table,
)
from .analysis import EndpointAnalysis
from .attainable import AttainableRange
from .comparison import Comparison
from .cox import Cox
from .ensemble import Ensemble
from .landmark_check import LandmarkCheck
from .verdict_sentence import format_p

__all__ = [
    "analysis_html",
    "attainable_html",
    "comparison_html",
    "cox_html",
    "ensemble_html",
    "ratio",
    "ratio_interval",
    "result_html",
]

_PAIR = ("", "Hazard ratio (95% CI)", "p")


def ratio(value: float) -> str:
    """Write a ratio with two decimals, three digits where that would be 0.00."""
    if not math.isfinite(value):
        return "none" if math.isnan(value) else "infinite"
    return f"{value:.2f}" if value == 0 or value >= 0.01 else f"{value:.2g}"


def ratio_interval(value: float, bounds: tuple[float, float]) -> str:
    """Write a ratio with its interval."""
    return f"{ratio(value)} ({' to '.join(map(ratio, bounds))})"


def cox_html(fit: Cox) -> str:
    """Return the hazard ratio with its interval and the three tests."""
    level = f"{100 * fit.confidence:g}%"
    rows = (
        (f"Hazard ratio ({level} CI)", ratio_interval(fit.hazard_ratio, fit.ci)),
        ("Wald test", format_p(fit.p_wald)),
        ("Score test", format_p(fit.p_score)),
        ("Likelihood-ratio test", format_p(fit.p_likelihood_ratio)),
        ("Patients, events", f"{fit.n}, {fit.n_events}"),
    )
    name = f"{fit.treatment} vs {fit.reference}"
    return markup.block(markup.heading(name, "Cox regression"), markup.table(("", ""), rows))


def comparison_html(comparison: Comparison) -> str:
    """Return reported beside reproduced, the verdict and what it rests on."""
    name = f"{comparison.cohort}/{comparison.endpoint}"
    arms = f"{comparison.treatment} vs {comparison.reference}"
    return markup.block(
        markup.heading(f"{name}: {comparison.verdict}", arms),
        markup.table(_PAIR, _pair(comparison)),
        markup.text(comparison.sentence),
    )


def _pair(comparison: Comparison) -> list[tuple[str, str, str]]:
    reported, fit = comparison.reported, comparison.cox
    adjusted = ", adjusted" if reported.adjusted else ""
    p = comparison.p_reproduced
    rows = [
        (f"Reported{adjusted}", reported.hazard_ratio_text, reported.p_text),
        (
            "Reproduced",
            ratio_interval(fit.hazard_ratio, fit.ci) if fit else "not estimable",
            "" if p is None else f"{format_p(p)}, {comparison.p_test}",
        ),
    ]
    if bounds := comparison.reproduction_interval:
        name = f"Middle 95% of {comparison.n_draws} draws"
        rows.append((name, " to ".join(map(ratio, bounds)), ""))
    return rows


def analysis_html(analysis: EndpointAnalysis) -> str:
    """Return the comparison, or the patients where nothing is compared, and the curves."""
    return result_html(analysis.ipd, analysis.landmarks, analysis.comparison)


def result_html(
    ipd: PseudoIPD, landmarks: tuple[LandmarkCheck, ...], comparison: Comparison | None
) -> str:
    """Return what patients give, with their curves and the printed survival as points."""
    drawing = sketch.curves(
        {
            arm: replace(curve, points=_points(landmarks, arm))
            for arm, curve in patients_curves(ipd).items()
        },
        unit=ipd.time_unit,
        alt=f"Kaplan-Meier curves of {', '.join(ipd.arms)} with printed survival as points",
    )
    return markup.block(
        comparison_html(comparison) if comparison else "",
        patients_table(ipd),
        drawing,
        markup.listing("What was assumed", ipd.assumptions),
    )


def _points(checks: tuple[LandmarkCheck, ...], arm: str) -> dict[float, float]:
    of_arm = (check for check in checks if check.arm == arm and check.quantity == "survival")
    return {check.time: check.printed.value for check in of_arm}


def attainable_html(found: AttainableRange) -> str:
    """Return the bounds and what was found inside them."""
    rows = (
        ("Smallest", ratio(found.lower), ratio(found.lower_attained)),
        ("Largest", ratio(found.upper), ratio(found.upper_attained)),
    )
    columns = ("Hazard ratio", "No data set beyond>", "Found>")
    return markup.block(
        markup.heading(f"{found.treatment} vs {found.reference}", "attainable hazard ratios"),
        markup.table(columns, rows),
        markup.text(found.sentence),
    )


def ensemble_html(draws: Ensemble) -> str:
    """Return where the hazard ratios of the draws lie, as a table and as bars."""
    interval, reported = draws.interval(), draws.endpoint.reported
    printed = reported.hazard_ratio if reported else None
    rows = [
        ("Middle of the draws", ratio(draws.estimate)),
        ("Middle 95%", " to ".join(map(ratio, interval))),
        *([("Reported", str(printed))] if printed else []),
    ]
    remark = f"{draws.n_draws} data sets that meet every printed number"
    informed = ", informed by the reported comparison" if draws.informed else ""
    drawing = sketch.histogram(
        draws.hazard_ratio.tolist(),
        interval=interval,
        reported=printed.value if printed else None,
        alt=f"Hazard ratios of the draws, the middle 95% from {' to '.join(map(ratio, interval))}",
    )
    return markup.block(
        markup.heading(draws.endpoint.key, f"{remark}{informed}"),
        markup.table(("Hazard ratio", ""), rows),
        drawing,
    )

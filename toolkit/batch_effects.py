"""Effects of one comparison as a batch's `results.json` holds them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .models._inference import quantile
from .models.pooling import Effect, reported_effect
from .models.pooling.trial import NOTHING_REPORTED
from .models.reported import ReportedComparison
from .reconstruct.quick_looks import QuickLook

if TYPE_CHECKING:
    from .reconstruct import PseudoIPD

__all__ = ["batch_effects", "batch_patients"]


def batch_effects(values: Mapping[str, Any]) -> tuple[dict[str, Effect], dict[str, str]]:
    """Return the effects of a comparison by source, and why others are missing."""
    effects: dict[str, Effect] = {}
    missing: dict[str, str] = {}
    looks = tuple(QuickLook(**each) for each in values["quick_looks"])
    if given := reported_effect(_reported(values["reported"]), looks):
        effects["reported"] = given
    else:
        missing["reported"] = NOTHING_REPORTED
    own = values["reproduced"]
    if own["hazard_ratio"] is None:
        return effects, {**missing, "reproduced": own["reason"], "draws": own["reason"]}
    estimate, se = math.log(own["hazard_ratio"]), _se(own["ci"])
    effects["reproduced"] = Effect(
        estimate=estimate, variance=se**2, route="Cox regression of reconstructed patients"
    )
    interval = values["reproduction_interval"]
    if interval is None or None in interval:
        missing["draws"] = "there is no reproduction interval"
    else:
        spread = _se(interval) ** 2
        effects["draws"] = Effect(
            estimate=(math.log(interval[0]) + math.log(interval[1])) / 2,
            variance=se**2 + spread,
            route="middle and width of the reproduction interval",
            reconstruction_variance=spread,
        )
    return effects, missing


def _se(ci: list[float], level: float = 95.0) -> float:
    return (math.log(ci[1]) - math.log(ci[0])) / (2 * quantile(level / 100))


def _reported(values: Mapping[str, Any]) -> ReportedComparison:
    ratio, ci = values["hazard_ratio"], values["ci"]
    p = values.get("p_two_sided", values["p"])  # older results have neither sides nor levels
    se = source = None
    if ratio and ci and 0 < ci[0] < ci[1] and not values.get("ci_doubt"):
        se, source = _se(ci, values.get("ci_level", 95.0)), "interval"
    elif ratio and ratio != 1 and p and p < 1:
        se, source = abs(math.log(ratio)) / quantile(1 - p), "p"
    return ReportedComparison(
        hazard_ratio=ratio,
        se=se,
        se_source=source or "",  # type: ignore[arg-type]
        adjusted=bool(values["adjusted"]),
    )


def batch_patients(
    place: Path, values: Mapping[str, Any], arms: tuple[str, str]
) -> PseudoIPD | None:
    """Return the patients that were written beside the results; None if they are not there."""
    from .figures.files import file_stems
    from .handover import read_patients

    (stem,) = file_stems([f"{values['cohort']}_{values['endpoint']}"])
    path = place / "ipd" / f"{stem}.csv"
    if not path.is_file():
        return None
    ipd = read_patients(path, reference=arms[0], time_unit=str(values["time_unit"]))
    return ipd if ipd.arms == arms else None

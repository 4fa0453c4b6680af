"""Hazard ratios of the patients that follow from a picture alone, beside those of the true ones."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from figure_scores import Truth

import kmrepro as km
from kmrepro.models import cox
from kmrepro.reconstruct import PseudoIPD


@dataclass(frozen=True, kw_only=True)
class RatioError:
    """Error of a log hazard ratio, the true standard error, or why there is none.

    `missed` is how many of the two arms have patients that miss their curve, and are not written.
    """

    figure: str
    missed: int = 0
    error: float = np.nan
    se: float = np.nan
    refused: str = ""


def ratio_error(
    truth: Truth, figure: dict[str, Any], panel: dict[str, Any], *, reading: Any, names: Any
) -> RatioError:
    """Reconstruct the patients of a panel of two arms and compare the hazard ratios.

    `names` gives the name that was read for each true arm. The truth is of the patients as drawn:
    nobody is followed beyond the end of the curve.
    """
    where = f"{figure['figure']} panel {panel['panel']}"
    if len(names) < 2:
        return RatioError(figure=where, refused="an arm was not found")
    keys = [(figure["figure"], panel["panel"], name) for name in names]
    if not all(key in truth.patients for key in keys):
        return RatioError(figure=where, refused="its true patients are not in the folder")
    try:
        with tempfile.TemporaryDirectory() as folder:
            reading.save(Path(folder) / "read")
            study = km.load_study(Path(folder) / "read" / "study.toml")
            endpoint = study.endpoints[panel["panel"] - 1]
            ipd = km.reconstruct(endpoint)
            fit = cox(ipd)
            missed = sum(check.misfit for check in km.analyse(endpoint, ipd).curve_checks)
    except ValueError as error:
        return RatioError(figure=where, refused=" ".join(str(error).split())[-160:])
    reference = reading.panels[panel["panel"] - 1].arms[0].name
    true = cox(_true_patients(truth, figure["figure"], panel, names, reference))
    error = abs(fit.log_hazard_ratio - true.log_hazard_ratio)
    return RatioError(figure=where, error=float(error), se=float(true.se), missed=missed)


def _true_patients(
    truth: Truth, figure: str, panel: dict[str, Any], names: Any, reference: str
) -> PseudoIPD:
    """Patients of both arms, the reading's reference first."""
    arms = sorted(panel["arms"], key=lambda arm: names[arm["name"]] != reference)
    times, events, labels = [], [], []
    for arm in arms:
        time, event = truth.patients[figure, panel["panel"], arm["name"]]
        until = arm["drawn_until"]
        times.append(np.minimum(time, until))
        events.append((event > 0) & (time <= until))
        labels.append(np.repeat(names[arm["name"]], len(time)))
    return PseudoIPD(
        time=np.concatenate(times),
        event=np.concatenate(events),
        arm=np.concatenate(labels),
        arms=tuple(names[arm["name"]] for arm in arms),
        cohort="",
        endpoint="OS",
        time_unit="months",
        assumptions=(),
        notes={},
    )


def show(errors: list[RatioError]) -> None:
    """Print the errors, those that are missing first."""
    known = [e for e in errors if not e.refused]
    print(f"hazard ratios: {len(known)} of {len(errors)} panels of two arms with patients")
    for e in errors:
        if e.refused:
            print(f"  none for {e.figure}: {e.refused}")
    if known:
        missed = sum(e.missed for e in known)
        print(
            f"  patients of {missed} of {2 * len(known)} arms miss their curve, and are not written"
        )
        error = np.sort([e.error for e in known])
        in_se = np.sort([e.error / e.se for e in known])
        print(
            f"  |log HR error|: median {np.median(error):.4f}, 95th percentile "
            f"{np.quantile(error, 0.95):.4f}, which in standard errors is "
            f"{np.median(in_se):.3f} and {np.quantile(in_se, 0.95):.3f}"
        )

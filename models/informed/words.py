"""That patients are informed by the reported comparison, in words that cannot be missed."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ...reconstruct.ensemble import Patients
from .._inference import two_sided_p
from .targets import Estimates, Targets, estimates_of

__all__ = ["informed_sentence", "nearest_sentence"]


def informed_sentence(targets: Targets) -> str:
    """Say that patients are conditioned on what is reported."""
    return (
        f"INFORMED: these patients are conditioned on the reported {targets.text}, so they cannot "
        "check it."
    )


def nearest_sentence(patients: Mapping[str, Patients], targets: Targets) -> str:
    """Say what the nearest patients, one row by arm, have instead of what is reported."""
    time = np.concatenate([arm.time for arm in patients.values()], axis=1)
    event = np.concatenate([arm.event for arm in patients.values()], axis=1)
    treated = np.repeat([False, True], [arm.time.shape[1] for arm in patients.values()])
    return _found(estimates_of(time, event, treated, targets.test), targets)


def _found(made: Estimates, targets: Targets) -> str:
    ratio, lower, upper, deviate = made.values[0]
    if not np.isfinite(ratio):
        return "The patients that were found have no finite hazard ratio."
    digits = "{:.3f} (95% CI {:.3f} to {:.3f})".format(*np.exp([ratio, lower, upper]))
    return f"The nearest have {digits}, p = {two_sided_p(deviate):.3g} ({targets.test})."

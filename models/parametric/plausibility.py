"""What an extrapolation implies beyond the data, and whether that can be."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .distributions import MixtureCure
from .fit import ParametricFit

__all__ = ["crossings", "implausible"]

_FALLS_TO = 0.75  # share of the largest hazard during follow-up
_EARLY = 0.1  # share of the follow-up whose hazard is not looked at: some start at infinity
_NEVER = 0.01  # fraction that never has the event, worth a word
_POINTS = 240


def implausible(fit: ParametricFit, *, horizon: float, arm: str | None = None) -> tuple[str, ...]:
    """Return what is hard to believe of a fit between the end of follow-up and a horizon.

    Parameters
    ----------
    fit : ParametricFit
    horizon : float
        In the time unit, beyond the end of follow-up.
    arm : str, optional
        Needed if the fit is of two arms.

    Returns
    -------
    tuple of str
        A sentence each; empty if nothing was found. That a hazard falls is no proof against a
        model, and a sentence that it does is no reason to drop it: clinicians have to say.

    References
    ----------
    .. [1] Latimer N. NICE DSU Technical Support Document 14, 2011 (updated 2013), section 3.
    .. [2] Rutherford MJ, Lambert PC, Sweeting MJ, et al. NICE DSU Technical Support Document 21,
       2020.
    """
    return tuple(_found(fit, horizon, arm))


def _found(fit: ParametricFit, horizon: float, arm: str | None) -> Iterator[str]:
    unit = fit.time_unit.removesuffix("s")
    followed = np.linspace(_EARLY * fit.last_time, fit.last_time, _POINTS)
    highest = float(fit.hazard(followed, arm=arm).value.max())
    before, last = fit.hazard([0.99 * horizon, horizon], arm=arm).value
    if last < before and last < _FALLS_TO * highest:
        yield (
            f"The hazard falls to {100 * last / highest:.0f}% of its maximum during follow-up, "
            f"from {highest:.2g} to {last:.2g} per {unit} at {horizon:g}, and goes on falling; "
            "mortality of the general population rises with age."
        )
    if not np.isfinite(fit.mean(arm=arm).value):
        yield "Mean survival is infinite, so only restricted means can be used."
    if (never := _never(fit, arm)) > _NEVER:
        yield f"{100 * never:.0f}% of patients never have the event under this model."
    if fit.name.startswith("spline"):
        inside = np.linspace(fit.last_time / _POINTS, horizon, _POINTS)
        if not (fit.hazard(inside, arm=arm).value > 0).all():
            yield "The spline falls between events, where it implies a negative hazard."


def _never(fit: ParametricFit, arm: str | None) -> float:
    """Return the fraction that never has the event."""
    if fit.name == "gompertz" and fit.estimate[0] >= 0:
        return 0.0
    if fit.name == "gompertz" or isinstance(fit.distribution, MixtureCure):
        return float(fit.survival([fit.last_time * 1e6], arm=arm).value[0])
    return 0.0


def crossings(
    shorter: ParametricFit, longer: ParametricFit, *, horizon: float, arm: str
) -> str | None:
    """Say where the fitted progression-free survival exceeds overall survival.

    Parameters
    ----------
    shorter, longer : ParametricFit
        Of endpoints of which the first includes the second, such as PFS and OS.
    horizon : float
        In the time unit of both.
    arm : str
        Of both.

    Returns
    -------
    str or None
        None if the curves are in order up to the horizon.
    """
    time = np.linspace(0, horizon, _POINTS + 1)[1:]
    gap = shorter.survival(time, arm=arm).value - longer.survival(time, arm=arm).value
    beyond = time[gap > 1e-6]
    if not beyond.size:
        return None
    return (
        f"Arm {arm}: fitted progression-free survival ({shorter.name}) exceeds fitted overall "
        f"survival ({longer.name}) from {beyond[0]:.3g} {longer.time_unit} on, by up to "
        f"{100 * gap.max():.1f} percentage points, which is impossible."
    )

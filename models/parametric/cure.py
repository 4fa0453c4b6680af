"""Mixture cure: a fraction never has the event, the others follow another distribution."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...reconstruct.pseudo_ipd import FloatArray
from .distribution import Distribution, Effect, Evaluation, Link, Points, Theta

__all__ = ["MixtureCure"]


@dataclass(frozen=True)
class MixtureCure:
    """S = theta + (1 - theta) S_u, theta the cured fraction and S_u the survival of the others.

    Parameters
    ----------
    uncured : Distribution

    References
    ----------
    .. [1] Boag JW. J R Stat Soc B 1949;11:15-53.
    .. [2] Lambert PC, Thompson JR, Weston CL, Dickman PW. Biostatistics 2007;8:576-594.
       doi:10.1093/biostatistics/kxl030.
    """

    uncured: Distribution

    @property
    def name(self) -> str:
        """Such as "cure-weibull"."""
        return f"cure-{self.uncured.name}"

    @property
    def flexsurv(self) -> str:
        """What flexsurvcure's `dist` calls the distribution of the others."""
        return self.uncured.flexsurv

    @property
    def parameters(self) -> tuple[str, ...]:
        """The cured fraction theta, then those of the others."""
        return ("theta", *self.uncured.parameters)

    @property
    def links(self) -> tuple[Link, ...]:
        """The cured fraction is estimated as its logit."""
        return ("logit", *self.uncured.links)

    @property
    def location(self) -> int:
        """A treatment acts on the cured fraction, as flexsurvcure's formula does."""
        return 0

    @property
    def effect(self) -> Effect:
        """Proportional odds: of being cured."""
        return "PO"

    @property
    def numeric(self) -> int | None:
        """That of the others."""
        return None if self.uncured.numeric is None else self.uncured.numeric + 1

    def points(self, time: FloatArray) -> Points:
        """Prepare times."""
        return self.uncured.points(time)

    def scales(self, at: Points) -> FloatArray:
        """Return a typical size of each parameter."""
        return np.concatenate([[1.0], self.uncured.scales(at)])

    def evaluate(self, at: Points, theta: Theta, *, full: bool = True) -> Evaluation:
        """Return hazard and cumulative hazard, with derivatives."""
        logit, *others = theta
        base = self.uncured.evaluate(at, others, full=full)
        cured = 1 / (1 + np.exp(-logit))
        own = (1 - cured) * np.exp(-base.cumulative)
        survival = cured + own
        share = own / survival  # of the survivors, those not cured
        log_hazard = base.log_hazard + np.log(share)
        by_logit = cured * (1 - cured) * (-np.expm1(-base.cumulative))
        known = np.isfinite(base.d_cumulative)
        inner = np.where(known, base.d_cumulative, 0.0)
        d_cumulative = np.concatenate([-(by_logit / survival)[None], share * inner])
        # ln h = ln h_u + ln(1 - theta) - H_u + H
        outer = np.concatenate([np.zeros_like(by_logit)[None] - cured, base.d_log_hazard - inner])
        return Evaluation(
            log_hazard=log_hazard,
            cumulative=-np.log(survival),
            d_log_hazard=outer + d_cumulative,
            d_cumulative=d_cumulative,
        )

    def mean_is_finite(self, theta: FloatArray) -> bool:  # noqa: ARG002
        """Say that the cured live for ever, so that there is no mean."""
        return False

    def log_mean(self, theta: Theta) -> FloatArray | None:  # noqa: ARG002
        """Say that there is no mean."""
        return None

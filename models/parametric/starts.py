"""Where the search for a maximum starts: at a simpler distribution that has been fitted."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ...reconstruct.pseudo_ipd import FloatArray
from .cure import MixtureCure
from .distribution import Distribution
from .distributions import STANDARD
from .likelihood import BoolArray, Fits, Sample, maximise
from .splines import Spline

__all__ = ["Fitter"]

_WITHIN = {"hazard": "weibull", "odds": "loglogistic", "normal": "lognormal"}
_CURED = (0.05, 0.5)  # least and most that are first taken to be cured


class Fitter:
    """Fits distributions to the same patients, each starting at what is known already.

    Parameters
    ----------
    time : ndarray of float, shape (draws, n)
        Positive.
    event : ndarray of bool, shape (draws, n)
    treated : ndarray of float, shape (n,), optional
        1 in the treatment arm; its effect is then a parameter.
    """

    def __init__(
        self, time: FloatArray, event: BoolArray, *, treated: FloatArray | None = None
    ) -> None:
        self._time, self._event, self._treated = time, event, treated
        self._known: dict[str, Fits] = {}

    def fit(self, distribution: Distribution) -> Fits:
        """Fit a distribution, once."""
        name = distribution.name
        if name not in self._known:
            sample = Sample(
                points=distribution.points(self._time), event=self._event, treated=self._treated
            )
            self._known[name] = maximise(distribution, sample, start=self._start(distribution))
        return self._known[name]

    def _start(self, distribution: Distribution) -> FloatArray:
        if isinstance(distribution, Spline):
            return self._spline(distribution)
        if isinstance(distribution, MixtureCure):
            return self._cure(distribution)
        starts: dict[str, Callable[[], list[FloatArray]]] = {
            "exponential": lambda: [self._log_rate()],
            "weibull": lambda: [self._zero(), -self._rate()],
            "gompertz": lambda: [self._zero(), self._rate()],
            "lognormal": lambda: [-self._rate() - 0.3, self._zero()],
            "loglogistic": lambda: [self._zero(), -self._rate() - 0.4],
            "gamma": lambda: [self._zero(), self._rate()],
            "gengamma": self._generalised,
        }
        theta = starts[distribution.name]()
        if self._treated is not None and len(theta) == len(distribution.parameters):
            theta.append(self._zero())
        return np.column_stack(theta)

    def _zero(self) -> FloatArray:
        return np.zeros(len(self._time))

    def _log_rate(self) -> FloatArray:
        return np.asarray(np.log(self._event.sum(axis=1) / self._time.sum(axis=1)))

    def _rate(self) -> FloatArray:
        return self.fit(STANDARD["exponential"]).theta[:, 0]

    def _generalised(self) -> list[FloatArray]:
        """Start each draw at the better of its Weibull and log-normal fits, both special cases."""
        weibull, normal = self.fit(STANDARD["weibull"]), self.fit(STANDARD["lognormal"])
        first = np.column_stack(
            [weibull.theta[:, 1], -weibull.theta[:, 0], np.ones(len(self._time))]
        )
        second = np.column_stack([normal.theta[:, :2], self._zero() + 0.1])
        if self._treated is not None:
            first = np.column_stack([first, weibull.theta[:, 2]])
            second = np.column_stack([second, normal.theta[:, 2]])
        better = (weibull.log_likelihood > normal.log_likelihood)[:, None]
        return list(np.where(better, first, second).T)

    def _spline(self, distribution: Spline) -> FloatArray:
        """Start at the distribution that is a straight line on the spline's scale."""
        line = self.fit(STANDARD[_WITHIN[distribution.scale]])
        if distribution.scale == "normal":
            slope, intercept = np.exp(-line.theta[:, 1]), line.theta[:, 0]
        else:
            slope, intercept = np.exp(line.theta[:, 0]), line.theta[:, 1]
        theta = np.zeros((len(slope), len(distribution.knots)))
        theta[:, 0], theta[:, 1] = -slope * intercept, slope
        if self._treated is not None:
            theta = np.column_stack([theta, -slope * line.theta[:, 2]])
        return theta

    def _cure(self, distribution: MixtureCure) -> FloatArray:
        """Start with the fraction that has no event, and the others' fit to the whole."""
        base = Fitter(self._time, self._event).fit(distribution.uncured).theta
        without = np.clip(1 - self._event.mean(axis=1), *_CURED)
        theta = np.column_stack([np.log(without / (1 - without)), base])
        if self._treated is not None:
            theta = np.column_stack([theta, self._zero()])
        return theta

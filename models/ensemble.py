"""How sure is it: estimates over data sets that are consistent with every reported number."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from ..presentation import notebook
from ..presentation.formats import count, ratio
from ..presentation.tables import Table, left
from ..reconstruct.causes import event_free
from ..reconstruct.ensemble import DrawSource, Sampler
from ..reconstruct.ensemble.draw_source import patient_frames, together, write_frames
from ..reconstruct.errors import ReconstructionRefused
from ..reconstruct.pseudo_ipd import FloatArray, PseudoIPD, refuse_no_patients
from ..studies.argument_types import check_draw, check_draws, check_path, refuse_no_endpoint, strict
from ..studies.endpoint import Endpoint
from ..studies.usual_form import usual_form
from ._cox import BatchedCox, cox
from ._inference import ReadOnlyArrays, estimate_or_reason, holding, middle_share, times_of
from ._kernels import RiskSets
from ._logrank import BatchedLogrank, logrank
from ._rmst import horizon, mean_differences, rmst

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["HELD", "Ensemble", "ensemble"]

Estimate = Literal["hazard_ratio", "rmst_difference"]
_ESTIMATES = ("log_hazard_ratio", "se", "p_logrank", "rmst_difference")
# An interval of less is meant to leave out many data sets that could be the original.
HELD = 0.9  # level from which an interval holds the estimate of the reconstruction


@dataclass(frozen=True, kw_only=True, eq=False)
class Ensemble(ReadOnlyArrays):
    """Data sets that are consistent with every reported number, and what each of them gives.

    Attributes
    ----------
    sampler : DrawSource
        Draws the patients again whenever they are asked for; few blocks of them are kept.
    n_draws : int
    tau : float
        Horizon of the restricted means, in the endpoint's time unit.
    log_hazard_ratio, se, p_logrank : ndarray of float, shape (n_draws,)
        Cox regression and log-rank test of each draw. The log hazard ratio is infinite where an
        arm has no events while the other is at risk; there is then no standard error (NaN).
    rmst_difference : ndarray of float, shape (n_draws,)
        Mean time lived up to `tau`, treatment less reference; NaN where an arm of a draw is not
        followed so long.
    reconstruction : mapping of str to float
        The hazard_ratio, p_logrank, p_wald and rmst_difference of the reconstruction, which
        intervals hold; those that it has none of are left out, and all if informed.
    """

    sampler: DrawSource
    n_draws: int
    tau: float
    log_hazard_ratio: FloatArray
    se: FloatArray
    p_logrank: FloatArray
    rmst_difference: FloatArray
    reconstruction: Mapping[str, float]

    def __repr__(self) -> str:
        """Return how many draws there are, and of what, for a notebook's line."""
        low, high = self.interval()
        informed = ", informed by the reported comparison" if self.informed else ""
        return (
            f"Ensemble({self.endpoint.key}: {count(self.n_draws, 'draw')}, "
            f"hazard ratio {self.estimate:.3g}, 95% from {low:.3g} to {high:.3g}{informed})"
        )

    def _repr_html_(self) -> str:
        interval, reported = self.interval(), self.endpoint.reported
        printed = reported.hazard_ratio if reported else None
        bounds = " to ".join(map(ratio, interval))
        rows = [
            ("Geometric mean", ratio(self.estimate)),
            ("95% reproduction interval", bounds),
            *([("Reported", str(printed))] if printed else []),
        ]
        informed = ", conditioned on the reported comparison" if self.informed else ""
        remark = f"{count(self.n_draws, 'data set')} consistent with every reported value{informed}"
        drawing = notebook.histogram(
            self.hazard_ratio.tolist(),
            interval=interval,
            reported=printed.value if printed else None,
            alt=f"Hazard ratios of the data sets; 95% reproduction interval {bounds}",
        )
        return notebook.block(
            notebook.heading(self.endpoint.key, remark),
            Table(columns=left("Hazard ratio", ""), rows=tuple(rows)).to_html(),
            drawing,
        )

    @property
    def endpoint(self) -> Endpoint:
        """What the paper reports."""
        return self.sampler.endpoint

    @property
    def informed(self) -> bool:
        """Whether the draws are conditioned on the reported comparison, and so cannot check it."""
        return self.sampler.template.informed

    @property
    def seed(self) -> int:
        """Of the random numbers."""
        return self.sampler.seed

    @property
    def effective_scenarios(self) -> float:
        """Effective number of the random scenarios that the draws follow.

        Where few of those that were tried give what is reported, draws are much alike, and another
        seed may give another interval. Infinite where both arms have digitised curves.
        """
        return self.sampler.effective_scenarios

    @property
    def hazard_ratio(self) -> FloatArray:
        """The hazard ratio of each draw, shape (n_draws,)."""
        return np.exp(self.log_hazard_ratio)

    @property
    def estimate(self) -> float:
        """The hazard ratio in the middle of the draws: the exponential of their mean logarithm."""
        finite = self.log_hazard_ratio[np.isfinite(self.log_hazard_ratio)]
        return float(np.exp(finite.mean())) if finite.size else float("nan")

    @strict
    def interval(
        self, level: float = 0.95, *, of: Estimate = "hazard_ratio"
    ) -> tuple[float, float]:
        """Return the reproduction interval.

        Parameters
        ----------
        level : float
            Probability with which the estimate of the original data lies inside, in (0, 1).
        of : {"hazard_ratio", "rmst_difference"}
            Which estimate.

        Raises
        ------
        ValueError
            If `level` is outside (0, 1), or there is no such estimate.

        Notes
        -----
        The middle share of the draws, from a level of 0.9 on widened, where need be, to hold the
        estimate of the reconstruction, which is consistent with every reported number, too. It says
        where the original data set's own estimate lies; it is no confidence interval for the truth.
        How often it does on trials whose data are known is measured by
        ``benchmarks/calibration.py``.
        """
        found = self.interval_of_draws(level, of=of)
        own = self.reconstruction.get(of)
        return found if own is None or level < HELD else holding(found, own)

    @strict
    def interval_of_draws(
        self, level: float = 0.95, *, of: Estimate = "hazard_ratio"
    ) -> tuple[float, float]:
        """Return the middle share of the draws, whether it holds the reconstruction or not.

        Takes what `interval` takes.
        """
        drawn = self.hazard_ratio if of == "hazard_ratio" else self.rmst_difference
        return middle_share(drawn, level)

    def draw(self, number: int) -> PseudoIPD:
        """Return the patients of one draw, counted from 0.

        Raises
        ------
        IndexError
            If there is no such draw.
        """
        check_draw(number, self.n_draws)
        return self.sampler.draw(number)

    def survival(self, arm: str, time: FloatArray, *, most: int | None = None) -> FloatArray:
        """Return the Kaplan-Meier estimate of one arm in every draw, shape (draws, times).

        Parameters
        ----------
        arm : str
        time : ndarray of float, shape (times,)
        most : int, optional
            Take no more than so many draws, the first ones; all by default.

        Raises
        ------
        KeyError
            If there is no such arm.
        """
        if arm not in self.sampler.template.arms:
            raise KeyError(f"there is no arm {arm!r}; there are {', '.join(self.endpoint.arms)}")
        return self.survival_by_arm(time, most=most)[arm]

    def survival_by_arm(
        self, time: FloatArray, *, most: int | None = None
    ) -> dict[str, FloatArray]:
        """Return the Kaplan-Meier estimate of every arm in every draw, each (draws, times).

        The patients are drawn again for it, those of all arms at once.

        Parameters
        ----------
        time : ndarray of float, shape (times,)
        most : int, optional
            Take no more than so many draws, the first ones; all by default.
        """
        wanted = self.n_draws if most is None else min(most, self.n_draws)
        at = np.atleast_1d(times_of(time))
        parts: dict[str, list[FloatArray]] = {arm: [] for arm in self.sampler.template.arms}
        for number, rows in enumerate(self.sampler.blocks.rows(wanted)):
            block = self.sampler.block(number)
            for arm, found in parts.items():
                found.append(block[arm].survival_at(at)[:rows])
        return {arm: np.concatenate(found) for arm, found in parts.items()}

    def to_frame(self) -> pd.DataFrame:
        """Return the estimates as a data frame, one row per draw."""
        import pandas as pd

        estimates = {name: getattr(self, name) for name in _ESTIMATES}
        frame = pd.DataFrame({"hazard_ratio": self.hazard_ratio, **estimates})
        frame.index.name = "draw"
        return frame

    @strict
    def to_parquet(self, path: str | Path, *, patients: bool = False) -> None:
        """Write the estimates, or the patients of every draw, to a Parquet file.

        Parameters
        ----------
        path : str or Path
        patients : bool
            Write the columns draw, arm, time and event, a row per patient and draw, instead of the
            estimates. Blocks are written one after the other, so memory does not limit the draws.

        Raises
        ------
        ImportError
            If pyarrow is not installed.
        FileNotFoundError, IsADirectoryError
            If the folder does not exist, or the path is one.
        TypeError
            If `path` is no path.
        """
        check_path("to_parquet", path, what="a path")
        by_draw = patient_frames(self.sampler, self.n_draws)
        write_frames(path, by_draw if patients else iter([self.to_frame().reset_index()]))


@strict
def ensemble(
    endpoint: Endpoint,
    *,
    n_draws: int = 1000,
    seed: int = 0,
    tau: float | None = None,
    informed: bool = False,
    reconstruction: PseudoIPD | None = None,
    executor: Executor | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Ensemble:
    """Draw data sets that are consistent with every reported number, and analyse each of them.

    Parameters
    ----------
    endpoint : Endpoint
        One endpoint with two arms; of one with competing risks, the event of any cause (see
        `cause_ensemble` for those by cause).
    n_draws : int
        Data sets, at least 1.
    seed : int
        Of the random numbers, 0 or more. The same seed gives the same draws, however many there
        are, and wherever they are drawn.
    tau : float, optional
        Horizon of the restricted means; by default the last landmark reported for both arms.
    informed : bool
        Condition the draws on the reported hazard ratio, interval and p, too. They are then the
        best replacement for the lost data, and say nothing of whether the reported is true.
    reconstruction : PseudoIPD, optional
        The patients whose estimate the intervals hold; by default those of `reconstruct`.
    executor : concurrent.futures.Executor, optional
        Where blocks of draws are worked on; here, one after the other, by default.
    progress : callable, optional
        Called with the data sets that are drawn, and all of them, whenever a block is done.

    Returns
    -------
    Ensemble
        Every draw matches survival, medians, numbers at risk, events and longest follow-up as they
        are reported. Draws differ in where inside its rounding each number lies, in when events
        happen between reported times, and in how censoring runs.

    Raises
    ------
    ReconstructionRefused
        If too little is reported to place patients, or there are not two arms.
    ContradictionError
        If no data set is consistent with every reported number.
    NotReached
        If `informed` and no data set was found that is consistent with the reported comparison,
        too; the message says what the nearest has. It is a `ReconstructionRefused`.
    ValueError
        If `n_draws`, `seed` or `tau` is out of range.

    Examples
    --------
    >>> import kmrepro as km
    >>> draws = km.ensemble(km.load_study("an2025").endpoint("psm", "OS"), n_draws=200)
    >>> draws.hazard_ratio.shape
    (200,)
    """
    refuse_no_endpoint("ensemble", endpoint)
    check_draws(n_draws, seed)
    if reconstruction is not None:
        refuse_no_patients("ensemble", reconstruction)
    if endpoint.treatment is None:
        raise ReconstructionRefused(
            f"{endpoint.key} has {count(len(endpoint.arms), 'arm')}, and a hazard ratio compares "
            f"two{_take_a_contrast(endpoint)}",
            endpoint_key=endpoint.key,
        )
    if endpoint.causes:
        endpoint = event_free(endpoint)
    source = _source(usual_form(endpoint).endpoint, seed=seed, informed=informed)
    until = horizon(endpoint, source.template) if tau is None else tau
    work = functools.partial(_estimates, source, until)
    rows = list(source.blocks.rows(n_draws))
    numbers = range(len(rows))
    parts: list[dict[str, FloatArray]] = []
    for part in map(work, numbers) if executor is None else executor.map(work, numbers):
        parts.append(part)
        if progress:
            progress(sum(rows[: len(parts)]), n_draws)
    patients = source.template if reconstruction is None else reconstruction
    return Ensemble(
        sampler=source,
        n_draws=n_draws,
        tau=until,
        reconstruction={} if informed else _own(patients, until),
        **{name: np.concatenate([part[name] for part in parts])[:n_draws] for name in _ESTIMATES},
    )


def _take_a_contrast(endpoint: Endpoint) -> str:
    """Say what makes an endpoint a comparison of two arms."""
    if len(endpoint.arms) == 2 and not endpoint.comparisons:
        either = " or ".join(f'"{name}"' for name in endpoint.arms)
        return f" in one direction; write reference = {either}"
    return "; take one of its `contrasts`" if endpoint.contrasts else ""


def _source(endpoint: Endpoint, *, seed: int, informed: bool) -> DrawSource:
    if not informed:
        return Sampler.of(endpoint, seed=seed)
    from .informed import InformedSampler

    return InformedSampler.of(endpoint, seed=seed)


def _own(ipd: PseudoIPD, tau: float) -> dict[str, float]:
    """Return the estimates of the reconstruction, those that there are."""
    fit, _ = estimate_or_reason(lambda: cox(ipd))
    test, _ = estimate_or_reason(lambda: logrank(ipd))
    means, _ = estimate_or_reason(lambda: rmst(ipd, tau=tau))
    found = {} if fit is None else {"hazard_ratio": fit.hazard_ratio, "p_wald": fit.p_wald}
    found |= {} if test is None else {"p_logrank": test.p}
    return found | ({} if means is None else {"rmst_difference": means.difference})


def _estimates(source: DrawSource, tau: float, number: int) -> dict[str, FloatArray]:
    """Analyse one block of draws."""
    time, event, arm = together(source.block(number))
    sets = RiskSets.of(time, event, arm == source.template.arms[1])
    fit = BatchedCox.of(sets)
    return {
        "log_hazard_ratio": np.array(fit.log_hazard_ratio),
        "se": np.array(fit.se),
        "p_logrank": np.array(BatchedLogrank.of(sets).p),
        "rmst_difference": mean_differences(sets, tau=tau),
    }

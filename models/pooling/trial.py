"""One trial of a meta-analysis, and what is known of its treatment effect."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from ...presentation.formats import count
from ...reconstruct.contradictions import ratio_outside_interval
from ...reconstruct.pseudo_ipd import FloatArray, PseudoIPD
from ...reconstruct.quick_looks import QuickLook, logrank_information, quick_looks
from ...studies.endpoint import Endpoint, Reported
from ...studies.interval_level import half_width, level_fit
from ...studies.printed_fields import p_z
from .._inference import NotEstimable, combine, quantile
from .._kernels import RiskSets
from ..analysis import EndpointAnalysis
from ..ensemble import Ensemble
from ..reported import ReportedComparison, read_reported
from ..reported_p import CLOSE

__all__ = [
    "NOTHING_REPORTED",
    "SOURCES",
    "Effect",
    "Source",
    "Trial",
    "combined_effect",
    "draw_risk_sets",
    "effect_as_reported",
    "exchanged_arms",
    "flipped",
    "reported_effect",
    "trial_of",
]

Source = Literal["reported", "reproduced", "draws"]
SOURCES: tuple[Source, ...] = ("reported", "reproduced", "draws")
"""What the paper reports; the patients' Cox regression; that of the draws, by Rubin's rules."""

NOTHING_REPORTED = (
    "neither a hazard ratio with an interval, p or events is reported, nor p with events (one of "
    '">0.05", or a one-sided one above 0.5, gives no estimate), nor medians, or survival between '
    "0% and 100% in both arms, with patients or events"
)
"""Why a paper gives no effect."""

MOST_LEFT_OUT = 0.1
"""Share of draws without a finite hazard ratio up to which the others are combined alone."""

FARTHEST = 2.0
"""Times the standard error of the events up to which an interval or p may be of as many."""

_ROUTES = {
    (True, "interval"): "reported hazard ratio and interval",
    (True, "p"): "reported hazard ratio and p",
    (False, "interval"): "middle and width of the reported interval",
    (False, "p"): "middle of the reported interval, and p",
}
"""By whether a hazard ratio is reported, and what its standard error is from."""


@dataclass(frozen=True, kw_only=True)
class Effect:
    """A log hazard ratio, treatment versus reference, with its variance.

    Attributes
    ----------
    estimate, variance : float
        The variance includes `reconstruction_variance`.
    route : str
        Where they are from.
    approximate : bool
        Whether the route rests on an assumption that the hazard ratio itself does not.
    adjusted : bool
        Whether it is adjusted for covariates.
    reconstruction_variance : float
        What the reconstruction adds; 0 unless there are draws.
    doubt : str
        What speaks against its variance; empty if nothing does.
    """

    estimate: float
    variance: float
    route: str
    approximate: bool = False
    adjusted: bool = False
    reconstruction_variance: float = 0.0
    doubt: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Trial:
    """One trial.

    Attributes
    ----------
    name : str
        Unique among the trials.
    endpoint : str
        Such as "OS".
    arms : tuple of str
        The reference and the treatment.
    time_unit : str
    effects : mapping of {"reported", "reproduced", "draws"} to Effect
        What is known; a source that gives nothing is absent, and in `missing`.
    n, events : mapping of str to int
        Patients and events by arm; empty if not known.
    group : str
        The subgroup of trials that it belongs to; empty if there are none.
    missing : mapping of str to str
        By source, why there is no effect.
    ipd : PseudoIPD or None
    draws : Ensemble or None
    """

    name: str
    endpoint: str
    arms: tuple[str, str]
    time_unit: str = "months"
    effects: Mapping[str, Effect]
    n: Mapping[str, int] = field(default_factory=dict)
    events: Mapping[str, int] = field(default_factory=dict)
    group: str = ""
    missing: Mapping[str, str] = field(default_factory=dict)
    ipd: PseudoIPD | None = None
    draws: Ensemble | None = None

    @property
    def draws_known(self) -> bool:
        """Whether anything is known of the draws."""
        return self.draws is not None or "draws" in self.effects

    def __repr__(self) -> str:
        """Return the trial's name and hazard ratios."""
        found = ", ".join(
            f"{source} {math.exp(effect.estimate):.3g}" for source, effect in self.effects.items()
        )
        return f"Trial({self.name}, {self.endpoint}, {' vs '.join(self.arms[::-1])}: HR {found})"


def trial_of(analysis: EndpointAnalysis, *, name: str, group: str = "") -> Trial:
    """Take a trial from an analysed endpoint of two arms.

    Raises
    ------
    ValueError
        If the endpoint does not compare two arms.
    """
    endpoint = analysis.endpoint
    if endpoint.reference is None or endpoint.treatment is None:
        raise ValueError(f"{name}: {endpoint.key} does not compare two arms.")
    several = analysis.draws is not None and analysis.draws.n_draws > 1
    found = {
        "reported": effect_as_reported(endpoint),
        "reproduced": _reproduced(analysis),
        "draws": _of_draws(analysis.draws),
    }
    return Trial(
        name=name,
        endpoint=endpoint.name,
        arms=(endpoint.reference, endpoint.treatment),
        time_unit=endpoint.time_unit,
        effects={source: each for source, each in found.items() if isinstance(each, Effect)},
        n={arm: curve.n for arm, curve in analysis.curves.items()},
        events={arm: int(analysis.ipd.of(arm)[1].sum()) for arm in analysis.ipd.arms},
        group=group,
        missing={source: each for source, each in found.items() if isinstance(each, str)},
        ipd=analysis.ipd,
        draws=analysis.draws if several else None,
    )


def effect_as_reported(endpoint: Endpoint) -> Effect | str:
    """Return what an endpoint reports, see `reported_effect`, or why that cannot be used."""
    reported = endpoint.reported
    if reported is not None and (wrong := ratio_outside_interval(reported)):
        return wrong.sentence
    information = logrank_information(endpoint)
    read = read_reported(reported, level_fit(endpoint))
    given = reported_effect(read, quick_looks(endpoint), information=information)
    by_width = given is not None and given.route in (_ROUTES[k, "interval"] for k in (True, False))
    if given is None or reported is None or not by_width:
        return NOTHING_REPORTED if given is None else given
    doubts = _off_centre(reported), _interval_against_events(reported, information)
    return replace(given, doubt="; ".join(filter(None, doubts)))


def _reproduced(analysis: EndpointAnalysis) -> Effect | str:
    if analysis.cox is None:
        return analysis.cox_reason
    return Effect(
        estimate=analysis.cox.log_hazard_ratio,
        variance=analysis.cox.se**2,
        route="Cox regression of reconstructed patients",
    )


def _of_draws(draws: Ensemble | None) -> Effect | str:
    """Combine the draws' hazard ratios; those without a finite one can be left out if few are."""
    if draws is None:
        return "there are no draws"
    if draws.n_draws < 2:
        return "one draw has no variance between draws"
    finite = np.isfinite(draws.se)
    if not finite.any():
        return "no draw has a finite hazard ratio"
    if finite.mean() < 1 - MOST_LEFT_OUT:
        return (
            f"{(~finite).sum()} of {count(finite.size, 'draw')} have no finite hazard ratio, "
            "and the others alone would not be all that is possible; the one-stage analysis has "
            "them all"
        )
    route = f"Cox regression of {count(int(finite.sum()), 'draw')}, Rubin's rules"
    if left_out := int((~finite).sum()):
        route += f"; {left_out} without a finite hazard ratio left out"
    return combined_effect(draws.log_hazard_ratio[finite], draws.se[finite] ** 2, route)


def combined_effect(value: FloatArray, variance: FloatArray, route: str) -> Effect:
    """Combine the estimates of draws, shape (draws,), by Rubin's rules."""
    found = combine(value, variance)
    return Effect(
        estimate=float(found.value),
        variance=float(found.variance),
        route=route,
        reconstruction_variance=float(found.between),
    )


def reported_effect(
    reported: ReportedComparison,
    looks: tuple[QuickLook, ...] = (),
    *,
    information: float | None = None,
) -> Effect | None:
    """Return the reported log hazard ratio, by the most direct route there is.

    Parameters
    ----------
    reported : ReportedComparison
    looks : tuple of QuickLook
        Approximate hazard ratios, for a paper that reports none: first p with events, then
        survival at the last shared landmark, then medians, where the variance is known.
    information : float, optional
        Variance of observed less expected events, for a hazard ratio without interval and p, or
        with a p that is none of so many events: its inverse is the variance of the log hazard
        ratio; see `logrank_information`.

    References
    ----------
    .. [1] Tierney JF, Stewart LA, Ghersi D, Burdett S, Sydes MR. Trials 2007;8:16.
       doi:10.1186/1745-6215-8-16.
    .. [2] Tierney JF, Burdett S, Fisher DJ. Syst Rev 2025;14:84.
    """
    doubt = _p_against_events(reported, information)
    told = bool(reported.hazard_ratio_text)
    middle = None if told or reported.ratio is None else reported.ratio.value
    ratio = reported.hazard_ratio if middle is None else middle
    if ratio is not None and reported.se is not None and not doubt:
        return Effect(
            estimate=math.log(ratio),
            variance=reported.se**2,
            route=_ROUTES[middle is None, reported.se_source],
            adjusted=reported.adjusted,
        )
    if reported.hazard_ratio is not None and information:
        return Effect(
            estimate=math.log(reported.hazard_ratio),
            variance=1 / information,
            route=f"reported hazard ratio and events{doubt}",
            approximate=True,
            adjusted=reported.adjusted,
        )
    usable = [
        look
        for look in looks
        if look.variance is not None and look.variance > 0 and look.name != "reported interval"
    ]
    order = {"p and events": 0, "medians": 2}
    best = min(reversed(usable), key=lambda look: order.get(look.name, 1), default=None)
    if best is None or best.variance is None:
        return None
    return Effect(
        estimate=best.log_hazard_ratio,
        variance=best.variance,
        route=best.name,
        approximate=True,
    )


def _p_against_events(reported: ReportedComparison, information: float | None) -> str:
    """Say that no rounding of a hazard ratio and p has a standard error near the events'.

    A p of another test than the hazard ratio's, or a misprint, is usual then. Adjusting and
    stratifying change a standard error by much less than `FARTHEST`.
    """
    ratio, p = reported.ratio, reported.p_printed
    of_other_patients = reported.n is not None
    if reported.se_source != "p" or not information or of_other_patients or not (ratio and p):
        return ""
    ends = [abs(math.log(end)) for end in (ratio.lower, ratio.upper) if end > 0]
    least = 0.0 if ratio.lower <= 1 <= ratio.upper else min(ends)
    far, near = p_z(p.lower), p_z(p.upper)
    of_events = 1 / math.sqrt(information)
    low, high = least / far, max(ends) / near if near > 0 else math.inf
    return f"; {reported.p_text} disagrees with them" if _far_off(low, high, of_events) else ""


def _interval_against_events(reported: Reported, information: float | None) -> str:
    """Say that no rounding of an interval has a standard error near the events'."""
    if reported.ci is None or not information or reported.n is not None:
        return ""
    lower, upper = reported.ci
    z = quantile(reported.level / 100)
    least = math.log(max(upper.lower / lower.upper, 1.0)) / (2 * z)
    most = math.log(upper.upper / lower.lower) / (2 * z) if lower.lower > 0 else math.inf
    of_events = 1 / math.sqrt(information)
    if not _far_off(least, most, of_events):
        return ""
    printed = math.log(upper.value / lower.value) / (2 * z)
    return (
        f"the interval {lower} to {upper} has a standard error of {printed:.2g}, and so many "
        f"events have one of {of_events:.2g}; check both"
    )


def _off_centre(reported: Reported) -> str:
    """Say that no rounding of a hazard ratio is near the middle of its interval, of the logs."""
    ratio, ci = reported.hazard_ratio, reported.ci
    half = None if ci is None else half_width(ci)
    if ratio is None or ratio.lower <= 0 or ci is None or half is None:
        return ""
    lower, upper = ci
    least, most = math.sqrt(lower.lower * upper.lower), math.sqrt(lower.upper * upper.upper)
    off = math.log(max(least / ratio.upper, ratio.lower / most))
    if off <= CLOSE * half[1] / quantile(reported.level / 100):
        return ""
    return (
        f"{ratio} is not the middle of its interval, {lower} to {upper}, of which the width was "
        "taken; check the three"
    )


def _far_off(low: float, high: float, of_events: float) -> bool:
    """Say whether standard errors between two are all far from that of the events."""
    return low > FARTHEST * of_events or high < of_events / FARTHEST


def exchanged_arms(trials: Sequence[Trial]) -> str:
    """Say which trials compare the same two arms the other way round; "" if none do."""
    found: dict[tuple[str, str], str] = {}
    for trial in trials:
        reference, treatment = trial.arms
        if other := found.get((treatment, reference)):
            return (
                f"{trial.name} compares {treatment} with {reference}, and {other} the other way "
                "round: their hazard ratios estimate different things. Name the reference of all, "
                f'references=["{treatment}"] or --reference {treatment}.'
            )
        found.setdefault(trial.arms, trial.name)
    return ""


def flipped(trial: Trial) -> Trial:
    """Return a trial with reference and treatment exchanged, its effects with the other sign."""
    arms = (trial.arms[1], trial.arms[0])
    return replace(
        trial,
        arms=arms,
        effects={
            source: replace(effect, estimate=-effect.estimate)
            for source, effect in trial.effects.items()
        },
        ipd=None if trial.ipd is None else replace(trial.ipd, arms=arms),
    )


def draw_risk_sets(trial: Trial) -> RiskSets:
    """Return the risk sets of every draw of a trial.

    Raises
    ------
    NotEstimable
        If it has no draws.
    """
    if trial.draws is None:
        raise NotEstimable(f"{trial.name} has no draws.")
    source = trial.draws.sampler
    blocks = [source.block(n) for n, _ in enumerate(source.blocks.rows(trial.draws.n_draws))]
    time = np.concatenate([np.hstack([block[arm].time for arm in block]) for block in blocks])
    event = np.concatenate([np.hstack([block[arm].event for arm in block]) for block in blocks])
    arm = np.repeat(list(blocks[0]), [each.time.shape[1] for each in blocks[0].values()])
    wanted = slice(trial.draws.n_draws)
    return RiskSets.of(time[wanted], event[wanted], arm == trial.arms[1])

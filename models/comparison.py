"""A reported comparison beside the reproduced one, with the verdict in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ..presentation import notebook
from ..presentation.formats import count, interval, p_value, ratio_interval
from ..presentation.tables import Table, left
from ._cox import Cox
from ._inference import FEWEST_DRAWS, FEWEST_SCENARIOS
from ._logrank import LogRank
from ._proportionality import Proportionality
from .attainable import AttainableRange
from .checks import LandmarkCheck, missed_sentence
from .reported import (
    SIGNIFICANCE,
    ReportedComparison,
    cautions,
    conclusions,
    kinds_of,
    reported_text,
    usual_explanation,
)
from .reported_p import POfDraws

__all__ = ["Comparison", "Verdict"]

Verdict = Literal["reproduced", "close", "compatible", "discrepant", "impossible", "not assessable"]

_BY_DISTANCE = {
    "close": "close, so the reported hazard ratio is consistent with the reported survival",
    "compatible": "compatible, a difference that what is not reported can explain",
    "discrepant": "discrepant, more than what is not reported usually explains",
}
_BY_DRAWS = {
    "reproduced": "the reported {what} is inside: reproduced",
    "close": (
        "the reported {what} is outside, but close: less than a quarter of a standard error from "
        "the reproduced one"
    ),
    "compatible": (
        "the reported {what} is inside, but the conclusions differ: compatible, a "
        "difference that what is not reported can explain"
    ),
    "discrepant": "the reported {what} is outside: discrepant",
    "impossible": (
        "the reported {what} is outside: impossible, as no data set with the reported "
        "values has it by any usual method"
    ),
}


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """The reported comparison beside the one that the pseudo-IPD gives.

    What the reported values do not determine is None.

    Attributes
    ----------
    cohort, endpoint, reference, treatment : str
        What is compared.
    reference_label, treatment_label : str
        The arms in the paper's words.
    reported : ReportedComparison
        The paper's numbers.
    cox, logrank, proportionality : Cox, LogRank, Proportionality, each or None
        The reproduced numbers.
    cox_reason : str
        Why there is no reproduced hazard ratio; empty if there is one.
    events : mapping of str to int
        Reproduced events by arm.
    ratio_of_hazard_ratios : float or None
        Reproduced over reported.
    difference_log_hazard_ratio : float or None
        Reproduced minus reported, measured from the reported value.
    in_reported_se : float or None
        Its size in standard errors of the reported log hazard ratio (`reported.se_source` says
        where that was taken from).
    interval_overlap : bool or None
        Whether the two 95% intervals overlap.
    same_direction : bool or None
        Whether both hazard ratios are on the same side of 1; None if either may be 1.
    same_conclusion : bool or None
        Whether both find a difference at 0.05 in the same direction, or neither finds any.
    p_reproduced : float or None
        The reproduced p that the conclusion rests on, of the test in `p_test`.
    p_test : str
        "log-rank" if the paper names that test or none; "score" or "likelihood-ratio" if it names
        those; otherwise, and where only an interval is reported, "Wald".
    landmarks : tuple of LandmarkCheck
        Reported survival and medians against reproduced ones.
    reproduction_interval : tuple of float, or None
        Where the hazard ratio of the original data usually is, in 95% of trials; None without
        draws. It holds the reproduced hazard ratio.
    interval_of_draws : tuple of float, or None
        The middle 95% of the draws alone; other than `reproduction_interval` where that had to be
        widened.
    n_draws : int
        Data sets that the interval was taken from; 0 without.
    effective_scenarios : float or None
        Effective number of the random scenarios that the data sets follow, to three digits;
        infinite where they follow digitised curves alone, None without draws.
    informed : str
        That the patients were conditioned on the reported comparison, so that they cannot check
        it, and how near they come; empty if they were not.
    attainable : AttainableRange or None
        The hazard ratios that any data set with the reported values can have; looked for only
        where the reported one is beyond those of all draws.
    explanations : tuple of str
        What fits a discrepant hazard ratio, a clause each, in order: the arms exchanged, a
        stratified analysis, another estimator or tie method, another convention for medians and
        percentages. Empty where nothing was found to fit.
    p_of_draws : POfDraws or None
        Where the reported p is among those of the data sets; None without either.
    power : mapping of float to bool
        For hazard ratios of 0.70, 1.0 and 1.43, whether a report of them would have been
        discrepant; empty with fewer than 39 draws, or where these follow few scenarios.
    verdict : {"reproduced", "close", "compatible", "discrepant", "impossible", "not assessable"}
        With draws: the reported hazard ratio, as rounded (the middle of its interval where only
        that is reported; the p where neither is), is inside the reproduction interval
        ("reproduced"); it is, but the conclusions differ ("compatible"); it is outside, but within
        0.25 standard errors of the data sets from the reproduced one ("close"); it is farther
        outside ("discrepant"; of fewer than 39 draws, or of draws that follow fewer than 10
        effective scenarios, "not assessable"); no data set has it,
        whatever usual estimator and convention is used, and it is neither adjusted for covariates,
        stratified nor of other patients ("impossible").
        Without: at most 0.25 reported standard errors apart ("close"); at most 1 ("compatible");
        more ("discrepant"). Either way
        "compatible" is a difference that what is not reported can explain, and "not assessable"
        that there is no measure, a reported value is missed, or the patients are conditioned on
        the reported comparison.
    missing : tuple of str
        What the measure lacks; empty if there is one.
    missed : tuple of str
        The reported values that the patients miss, and by how much; if there are any, the
        verdict is "not assessable".
    shares : tuple of str
        Arms whose number of patients is a share of all by the allocation, not the paper's own.
    """

    cohort: str
    endpoint: str
    reference: str
    treatment: str
    reference_label: str
    treatment_label: str
    reported: ReportedComparison
    cox: Cox | None
    cox_reason: str
    logrank: LogRank | None
    proportionality: Proportionality | None
    events: Mapping[str, int]
    ratio_of_hazard_ratios: float | None
    difference_log_hazard_ratio: float | None
    in_reported_se: float | None
    interval_overlap: bool | None
    same_direction: bool | None
    same_conclusion: bool | None
    p_reproduced: float | None
    p_test: str
    landmarks: tuple[LandmarkCheck, ...]
    reproduction_interval: tuple[float, float] | None
    interval_of_draws: tuple[float, float] | None
    n_draws: int
    effective_scenarios: float | None
    informed: str
    attainable: AttainableRange | None
    explanations: tuple[str, ...]
    power: Mapping[float, bool]
    p_of_draws: POfDraws | None
    verdict: Verdict
    missing: tuple[str, ...]
    missed: tuple[str, ...]
    shares: tuple[str, ...]

    @property
    def has_few_draws(self) -> bool:
        """Whether there are too few data sets for 95%: see `FEWEST_DRAWS`."""
        return 0 < self.n_draws < FEWEST_DRAWS

    @property
    def has_few_scenarios(self) -> bool:
        """Whether data sets follow too few scenarios for 95%: see `FEWEST_SCENARIOS`."""
        return 0.0 < (self.effective_scenarios or 0.0) < FEWEST_SCENARIOS

    def __repr__(self) -> str:
        """Return both hazard ratios and the verdict, for a notebook's line."""
        reproduced = "none" if self.cox is None else f"{self.cox.hazard_ratio:.3g}"
        return (
            f"Comparison({self.cohort}/{self.endpoint}, {self.treatment} vs {self.reference}: "
            f"HR reported {reported_text(self.reported) or 'none'}, reproduced {reproduced}; "
            f"{self.verdict})"
        )

    def _repr_html_(self) -> str:
        return notebook.block(
            notebook.heading(
                f"{self.cohort}/{self.endpoint}: {self.verdict}",
                f"{self.treatment} vs {self.reference}",
            ),
            Table(columns=left("", "Hazard ratio (95% CI)", "p"), rows=_rows(self)).to_html(),
            notebook.text(self.sentence),
        )

    @property
    def sentence(self) -> str:
        """What was reported, what was reproduced, how far apart they are and what follows."""
        parts = (
            f"{_reported(self)}; {_reproduced(self)}",
            _measured(self),
            _by_shares(self),
            "" if self.attainable is None else self.attainable.sentence.rstrip("."),
            _explained(self),
            _p_among_draws(self),
            _power(self),
            _conclusion(self),
            _caution(self),
            *cautions(self.reported),
        )
        return " ".join(f"{part}." for part in parts if part)


def _by_shares(comparison: Comparison) -> str:
    """Say that numbers of patients which contradict something are not the paper's own."""
    contradicted = comparison.missed or comparison.verdict in ("discrepant", "impossible")
    if not (contradicted and comparison.shares):
        return ""
    return (
        f"The numbers of patients of {' and '.join(comparison.shares)} are shares of all by the "
        "allocation, and those of the paper may give another answer"
    )


def _rows(comparison: Comparison) -> tuple[tuple[str, str, str], ...]:
    """Return the cells of the table: reported, reproduced and, with draws, their interval."""
    reported, fit, p = comparison.reported, comparison.cox, comparison.p_reproduced
    rows = [
        (
            ", ".join(["Reported", *kinds_of(reported)]),
            reported_text(reported),
            reported.p_text,
        ),
        (
            "Reproduced",
            ratio_interval(fit.hazard_ratio, fit.ci) if fit else "not estimable",
            "" if p is None else f"{p_value(p)}, {comparison.p_test}",
        ),
    ]
    if bounds := comparison.reproduction_interval:
        name = f"95% reproduction interval ({count(comparison.n_draws, 'data set')})"
        rows.append((name, interval(*bounds), ""))
    return tuple(rows)


def _reported(comparison: Comparison) -> str:
    reported = comparison.reported
    pair = f"{comparison.treatment_label} against {comparison.reference_label}"
    if reported.hazard_ratio_text:
        return f"The paper reports a hazard ratio of {reported.hazard_ratio_text} for {pair}"
    if reported.ratio is not None:
        return (
            f"The paper reports no hazard ratio for {pair}, but its {reported.ci_text}, the middle "
            f"of which is {reported.ratio}"
        )
    if reported.p_text:
        return f"The paper reports no hazard ratio for {pair}, only {reported.p_text}"
    return f"The paper reports neither hazard ratio nor p for {pair}"


def _reproduced(comparison: Comparison) -> str:
    fit = comparison.cox
    if fit is None:
        reason = comparison.cox_reason.rstrip(".")
        return f"the reconstructed patients give none ({reason})"
    what = "" if comparison.reported.ratio is not None else "a hazard ratio of "
    return f"the reconstructed patients give {what}{ratio_interval(fit.hazard_ratio, fit.ci)}"


def _measured(comparison: Comparison) -> str:
    if comparison.missed:
        return f"Not assessable: {missed_sentence(comparison.missed)}"
    if comparison.informed:
        return f"Not assessable. {comparison.informed.removesuffix('.')}"
    if comparison.verdict == "not assessable" and (few := _outside_few(comparison)):
        return few
    if comparison.verdict == "not assessable":
        verb = "is" if len(comparison.missing) == 1 else "are"
        return f"Not assessable: {' and '.join(comparison.missing)} {verb} missing"
    if comparison.reported.ratio is None and comparison.p_of_draws is not None:
        among = comparison.p_of_draws.clause(comparison.reported, comparison.n_draws)
        return f"{among}; {_BY_DRAWS[comparison.verdict].format(what='p')}"
    if comparison.reproduction_interval is not None:
        return _among_draws(comparison, comparison.reproduction_interval)
    reported = comparison.reported
    source = f" (taken from {reported.p_text})" if reported.se_source == "p" else ""
    return (
        f"They are {comparison.in_reported_se:.2f} reported standard errors{source} apart: "
        f"{_BY_DISTANCE[comparison.verdict]}"
    )


def _p_among_draws(comparison: Comparison) -> str:
    """Say so if a p beside a hazard ratio is not among those of the data sets."""
    among = comparison.p_of_draws
    if among is None or comparison.reported.ratio is None:
        return ""
    clause = among.clause(comparison.reported, comparison.n_draws)
    if comparison.verdict == "not assessable":
        return clause
    if among.inside or among.close:
        return ""
    fits = f" ({'; '.join(among.explanations)})" if among.explanations else ""
    return f"{clause}: the p is outside{fits}"


def _among_draws(comparison: Comparison, bounds: tuple[float, float]) -> str:
    few = f", too few for 95%: {_missed_by_few(comparison)}" if comparison.has_few_draws else ""
    if comparison.has_few_scenarios:
        few += f", which rest on {_few_scenarios(comparison)}"
    return (
        f"The 95% reproduction interval is {interval(*bounds)} "
        f"({count(comparison.n_draws, 'data set')} consistent with every reported value{few}"
        f"{_widened(comparison)}); {_BY_DRAWS[comparison.verdict].format(what='hazard ratio')}"
    )


def _outside_few(comparison: Comparison) -> str:
    """Say so if what is reported is only outside the range of a few data sets."""
    bounds, among = comparison.reproduction_interval, comparison.p_of_draws
    what, text, doubt = "hazard ratio", interval(*bounds) if bounds else "", ""
    if comparison.reported.ratio is None:
        what, text = "p", among.text if among and not among.inside else ""
    if comparison.has_few_draws:
        doubt = f"are too few: {_missed_by_few(comparison)}; draw at least {FEWEST_DRAWS}"
    elif comparison.has_few_scenarios:
        doubt = f"rest on {_few_scenarios(comparison)}; try some"
    if not text or not doubt:
        return ""
    sets = count(comparison.n_draws, "data set")
    return f"Not assessable: the reported {what} is outside the {text} of {sets}, but these {doubt}"


def _few_scenarios(comparison: Comparison) -> str:
    found = count(max(round(comparison.effective_scenarios or 0), 1), "plausible course")
    return f"about {found}, so that another random seed may give quite another interval"


def _missed_by_few(comparison: Comparison) -> str:
    share = 200 / (comparison.n_draws + 1)  # as often as one of them is the smallest or the largest
    return f"their range misses a further one in {min(share, 100):.0f}% of cases"


def _widened(comparison: Comparison) -> str:
    """Say so if the interval had to be widened to hold the reproduced hazard ratio."""
    alone = comparison.interval_of_draws
    if alone is None or alone == comparison.reproduction_interval:
        return ""
    return f", 95% of which have {interval(*alone)}; widened to hold the reproduced hazard ratio"


def _explained(comparison: Comparison) -> str:
    """Name what fits a discrepant hazard ratio, and what usually explains one."""
    if comparison.verdict != "discrepant":
        return ""
    clauses = (*comparison.explanations, usual_explanation(comparison.reported))
    return f"What may explain it: {'; '.join(clauses)}"


def _power(comparison: Comparison) -> str:
    """Say so if hardly any hazard ratio would have been discrepant."""
    if comparison.verdict not in ("reproduced", "compatible") or not comparison.power:
        return ""
    if any(comparison.power.values()):
        return ""
    probes = [f"{probe:.2f}" for probe in comparison.power]
    return (
        "The interval is so wide that the verdict says little: reports of "
        f"{', '.join(probes[:-1])} and {probes[-1]} would not have been discrepant, either"
    )


def _conclusion(comparison: Comparison) -> str:
    same, p = comparison.same_conclusion, comparison.p_reproduced
    if comparison.missed or comparison.informed or same is None or p is None:
        return ""
    return conclusions(comparison.reported, p=p, test=comparison.p_test, same=same)


def _caution(comparison: Comparison) -> str:
    test = comparison.proportionality
    if test is None or test.p >= SIGNIFICANCE:
        return ""
    return (
        f"The reconstructed hazards are not proportional ({p_value(test.p)}), so the hazard ratio "
        "depends on how long patients were followed"
    )

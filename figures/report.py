"""The whole reproduction of a study as one HTML file that needs nothing else."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Protocol

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template

from . import templates
from .audit_section import audit_section
from .catalogue import drawings_of
from .curve_section import curve_section
from .lettering import (
    arm_label,
    interval,
    letters_without_glyph,
    literal,
    number,
    p_value,
    printed_interval,
    printed_p,
)
from .style import figure_bytes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..models import Comparison, EndpointAnalysis, LandmarkCheck
    from ..models.audit import Audit
    from ..reconstruct.quick_looks import QuickLook
    from ..studies import Endpoint, Study

__all__ = ["RefusedEndpoint", "ReportFigure", "render_report"]

_MOST_LETTERS = 12
_LARGEST_SVG = 600_000  # bytes; a larger drawing goes into the report as PNG


class RefusedEndpoint(Protocol):
    """An endpoint that could not be reconstructed."""

    @property
    def endpoint(self) -> Endpoint:
        """What the paper prints."""

    @property
    def reason(self) -> str:
        """Why, in a sentence."""

    @property
    def quick_looks(self) -> Sequence[QuickLook]:
        """Approximate answers that need no patients."""


@dataclass(frozen=True, kw_only=True)
class ReportFigure:
    """A figure to put into a report: what it shows, and how it looks."""

    caption: str
    figure: Figure


def render_report(
    study: Study,
    analyses: Sequence[EndpointAnalysis],
    refused: Sequence[RefusedEndpoint],
    *,
    version: str,
    seed: int,
    figures: Iterable[ReportFigure] | None = None,
    audit: Audit | None = None,
) -> str:
    """Write the report of a study.

    Parameters
    ----------
    study : Study
    analyses : sequence of EndpointAnalysis
        The endpoints that were reconstructed.
    refused : sequence of RefusedEndpoint
        Those that were not.
    version : str
        Of kmrepro.
    seed : int
        Of the random numbers.
    figures : iterable of ReportFigure, optional
        Every figure of the study unless given; give those that have been drawn already.
    audit : Audit, optional
        Whether the paper's own numbers agree; no word of it unless given.

    Returns
    -------
    str
        HTML. Figures are inside, there is no script, and nothing is loaded from anywhere. All
        that comes from the study is escaped.
    """
    if figures is None:
        drawings = drawings_of(analyses, study.tables)
        figures = (ReportFigure(caption=each.caption, figure=each.draw()) for each in drawings)
    compared = [analysis for analysis in analyses if analysis.comparison]
    return _template().render(
        study=study,
        headline=_headline(compared, analyses=analyses, refused=refused),
        verdicts=[_verdict(analysis) for analysis in compared],
        informed=[
            f"{each.endpoint.label or each.endpoint.name}, {each.endpoint.cohort}"
            for each in compared
            if each.comparison and each.comparison.informed
        ],
        drawn=max((each.comparison.n_draws for each in compared if each.comparison), default=0),
        figures=[_picture(each) for each in figures],
        landmarks=[_landmarks(analysis) for analysis in analyses if analysis.landmarks],
        endpoints=[_details(analysis) for analysis in analyses],
        refused=[_refused(each) for each in refused],
        curves=[curve_section(analysis) for analysis in analyses if analysis.curve_checks],
        audit=audit_section(audit) if audit is not None else None,
        version=version,
        seed=seed,
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=FunctionLoader(lambda name: files(templates).joinpath(name).read_text("utf-8")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: literal(value) if type(value) is str else value,
    )
    return environment.get_template("report.html")


def _headline(
    compared: Sequence[EndpointAnalysis],
    *,
    analyses: Sequence[EndpointAnalysis],
    refused: Sequence[RefusedEndpoint],
) -> list[str]:
    """Return the findings in a few sentences."""
    sentences = []
    verdicts = [analysis.comparison.verdict for analysis in compared if analysis.comparison]
    if verdicts:
        counted = [f"{verdicts.count(each)} {each}" for each in dict.fromkeys(sorted(verdicts))]
        noun = "comparison" if len(verdicts) == 1 else "comparisons"
        sentences.append(f"{len(verdicts)} {noun} re-analysed: {_listed(counted)}.")
    checks = [check for analysis in analyses for check in analysis.landmarks]
    if checks:
        met = sum(check.inside for check in checks)
        sentences.append(
            f"The reconstructed patients meet {met} of {len(checks)} printed survival figures "
            "and medians."
        )
    if refused:
        keys = [each.endpoint.key for each in refused]
        sentences.append(f"Not reconstructed: {_listed(keys)}.")
    return sentences


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _verdict(analysis: EndpointAnalysis) -> dict[str, Any]:
    comparison, endpoint = analysis.comparison, analysis.endpoint
    assert comparison is not None  # noqa: S101 - the caller has chosen those that compare
    reported, cox = endpoint.reported, analysis.cox
    distance = None if comparison.missed else comparison.in_reported_se
    ratio = reported.hazard_ratio if reported else None
    p = reported.p if reported else None
    return {
        **_place(endpoint),
        "contrast": f"{comparison.treatment} vs {comparison.reference}",
        "reported": printed_interval(ratio, reported.ci) if ratio and reported else "not reported",
        "reported_p": printed_p(p) if p else "not reported",
        "reproduced": interval(cox.hazard_ratio, cox.ci) if cox else "not estimable",
        "reproduced_p": _reproduced_p(comparison),
        "distance": "" if distance is None else number(distance),
        "possible": _possible(comparison),
        "same_conclusion": {None: "cannot be told", True: "yes", False: "no"}[
            comparison.same_conclusion
        ],
        "verdict": comparison.verdict,
        "sentence": comparison.sentence,
    }


def _possible(comparison: Comparison) -> str:
    bounds = comparison.reproduction_interval
    return "" if bounds is None else f"{number(bounds[0])} to {number(bounds[1])}"


def _reproduced_p(comparison: Comparison) -> str:
    p = comparison.p_reproduced
    return "not estimable" if p is None else f"{p_value(p)} ({comparison.p_test})"


def _place(endpoint: Endpoint) -> dict[str, str]:
    return {
        "key": endpoint.key,
        "cohort": endpoint.cohort,
        "name": endpoint.label or endpoint.name,
        "source": endpoint.source,
        "note": endpoint.note,
        "time_unit": endpoint.time_unit,
    }


def _picture(given: ReportFigure) -> dict[str, str]:
    content, kind = figure_bytes(given.figure, file_format="svg"), "svg+xml"
    if len(content) > _LARGEST_SVG:
        content, kind = figure_bytes(given.figure, file_format="png"), "png"
    # An image of its own keeps the ids of one drawing apart from those of the next.
    encoded = base64.b64encode(content).decode("ascii")
    width = given.figure.get_size_inches()[0]
    return {
        "caption": given.caption,
        "boxes": _boxes(given.figure),
        "alt": str(given.figure.get_label()),
        "source": f"data:image/{kind};base64,{encoded}",
        "width": f"{width * 25.4:.0f}mm",
    }


def _boxes(figure: Figure) -> str:
    """Say which letters a drawing shows as boxes, for want of a font that has them."""
    from matplotlib.text import Text

    texts = [text.get_text() for text in figure.findobj(Text) if isinstance(text, Text)]
    lacking = letters_without_glyph(texts)
    if not lacking:
        return ""
    some = lacking if len(lacking) <= _MOST_LETTERS else f"{lacking[:_MOST_LETTERS]} and others"
    return f"The font of the drawing lacks {some}: boxes stand in their place."


def _landmarks(analysis: EndpointAnalysis) -> dict[str, Any]:
    endpoint = analysis.endpoint
    missed = sum(not check.inside for check in analysis.landmarks)
    return {
        **_place(endpoint),
        "finding": f"{missed} not met" if missed else "all met",
        "rows": [_check(endpoint, check) for check in analysis.landmarks],
    }


def _check(endpoint: Endpoint, check: LandmarkCheck) -> dict[str, Any]:
    unit = endpoint.time_unit
    survival = check.quantity == "survival"
    return {
        "arm": arm_label(endpoint, check.arm),
        "what": f"Survival at {check.time:g} {unit}" if survival else f"Median, {unit}",
        "printed": check.printed.text,
        "reproduced": _as_printed(check),
        "inside": "yes" if check.inside else "no",
    }


def _as_printed(check: LandmarkCheck) -> str:
    """Write the reproduced number as the printed one is written, with one more digit."""
    if math.isinf(check.reproduced):
        return "not reached"
    digits = check.printed.decimals + 1
    if check.printed.percent:
        return f"{100 * check.reproduced:.{digits}f}%"
    return f"{check.reproduced:.{digits}f}"


def _details(analysis: EndpointAnalysis) -> dict[str, Any]:
    return {
        **_place(analysis.endpoint),
        "arms": [_arm(analysis, arm) for arm in analysis.curves],
        "estimates": list(_estimates(analysis)),
        "assumptions": analysis.ipd.assumptions,
        "notes": [(topic.replace("_", " "), text) for topic, text in analysis.ipd.notes.items()],
        "quick_looks": [_quick_look(look) for look in analysis.quick_looks],
    }


def _arm(analysis: EndpointAnalysis, arm: str) -> dict[str, Any]:
    curve = analysis.curves[arm]
    median, bounds = _time(curve.median), [_time(bound) for bound in curve.median_ci]
    return {
        "name": arm_label(analysis.endpoint, arm),
        "n": curve.n,
        "events": int(curve.n_events.sum()),
        "median": median if {median} == set(bounds) else f"{median} ({' to '.join(bounds)})",
        "last": f"{curve.time[-1]:.1f}",
    }


def _time(value: float) -> str:
    if math.isnan(value):
        return "not defined"
    return f"{value:.1f}" if math.isfinite(value) else "not reached"


def _estimates(analysis: EndpointAnalysis) -> Iterator[tuple[str, str]]:
    """Yield what else was estimated, in words."""
    unit, logrank = analysis.endpoint.time_unit, analysis.logrank
    if logrank:
        yield "Log-rank test", p_value(logrank.p)
    elif len(analysis.curves) > 1:
        yield "Log-rank test", "not estimable"
    if analysis.cox_reason and len(analysis.curves) > 1:
        yield "No hazard ratio", analysis.cox_reason
    if analysis.rmst and math.isfinite(analysis.rmst.difference):
        means = analysis.rmst
        low, high = means.difference_ci
        yield (
            f"Difference in restricted mean survival time up to {means.tau:g} {unit}",
            f"{means.difference:.2f} {unit} (95% CI {low:.2f} to {high:.2f})",
        )
    if analysis.proportionality:
        yield "Test of proportional hazards", p_value(analysis.proportionality.p)
    if analysis.implied_events:
        low, high = analysis.implied_events.low, analysis.implied_events.high
        upper = f"to {high:.0f}" if math.isfinite(high) else "upwards"
        yield "Events implied by the reported interval", f"{low:.0f} {upper}"


def _quick_look(look: QuickLook) -> dict[str, str]:
    return {
        "name": look.name,
        "hazard_ratio": number(look.hazard_ratio),
        "range": f"{number(look.lower)} to {number(look.upper)}",
        "method": look.method,
        "reference": look.reference,
    }


def _refused(refusal: RefusedEndpoint) -> dict[str, Any]:
    return {
        **_place(refusal.endpoint),
        "reason": refusal.reason,
        "quick_looks": [_quick_look(look) for look in refusal.quick_looks],
    }

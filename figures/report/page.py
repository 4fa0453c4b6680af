"""The whole reproduction of a study as one HTML file that needs nothing else."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Protocol, Self

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template

from ..catalogue import Drawing, drawings_of
from ..files import figure_bytes, file_stems
from ..kaplan_meier import KaplanMeierDisplay
from ..text import boxes, cohort_text, literal
from . import templates
from .interactive import script
from .sections import (
    audit_section,
    curve_section,
    doi_link,
    endpoint_section,
    place,
    quick_look,
    subgroup_section,
)
from .summary import Summary, verdict_section

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ...audit import Audit
    from ...models import EndpointAnalysis
    from ...models.subgroups import Subgroups
    from ...reconstruct.quick_looks import QuickLook
    from ...studies import Endpoint, Study

__all__ = [
    "RefusedEndpoint",
    "ReportFigure",
    "endpoint_curves",
    "render_report",
    "render_summary",
]

LARGEST_SVG = 600_000  # bytes


class RefusedEndpoint(Protocol):
    """An endpoint that could not be reconstructed."""

    @property
    def endpoint(self) -> Endpoint:
        """What the paper reports."""

    @property
    def reason(self) -> str:
        """Why, in a sentence."""

    @property
    def quick_looks(self) -> Sequence[QuickLook]:
        """Approximate answers that need no patients."""


@dataclass(frozen=True, kw_only=True)
class ReportFigure:
    """A figure to put into a report.

    Attributes
    ----------
    caption : str
        What it shows.
    source : str
        The drawing itself, as a data URL.
    alt : str
        What it shows, in words.
    width : float
        In mm.
    boxes : str
        Which letters it shows as boxes; empty if none.
    further : bool
        Whether it is folded away.
    files : tuple of str
        Where it is beside the report, such as "figures/figure-5.svg".
    """

    caption: str
    source: str
    alt: str
    width: float
    boxes: str = ""
    further: bool = False
    files: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        figure: Figure,
        *,
        caption: str,
        further: bool = False,
        files: tuple[str, ...] = (),
        largest_svg: int = LARGEST_SVG,
    ) -> Self:
        """Take a figure that has been drawn; one that is larger than `largest_svg` as PNG."""
        content, kind = figure_bytes(figure, file_format="svg"), "svg+xml"
        if len(content) > largest_svg:
            content, kind = figure_bytes(figure, file_format="png"), "png"
        # An image of its own keeps the ids of one drawing apart from those of the next.
        encoded = base64.b64encode(content).decode("ascii")
        return cls(
            caption=caption,
            source=f"data:image/{kind};base64,{encoded}",
            alt=str(figure.get_label()),
            width=float(figure.get_size_inches()[0]) * 25.4,
            boxes=_boxes(figure),
            further=further,
            files=files,
        )


def render_report(
    study: Study,
    analyses: Sequence[EndpointAnalysis],
    refused: Sequence[RefusedEndpoint],
    *,
    version: str,
    seed: int,
    figures: Iterable[ReportFigure] | None = None,
    curves: Iterable[ReportFigure] | None = None,
    audit: Audit | None = None,
    subgroups: Sequence[Subgroups] = (),
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
    curves : iterable of ReportFigure, optional
        Those of `endpoint_curves`, if they have been drawn already.
    audit : Audit, optional
        Whether the paper's own numbers agree; no word of it unless given.
    subgroups : sequence of Subgroups
        Labelled patients; no word of subgroups unless given.

    Returns
    -------
    str
        HTML. Figures and patients are inside, and nothing is loaded from anywhere. Only the
        report's own script may run, and without it all but the interactive curves is there. All
        that comes from the study is escaped.
    """
    if figures is None:
        figures = _drawn(
            drawings_of(analyses, study.tables, flows=study.flows, subgroups=subgroups)
        )
    if curves is None:
        curves = _drawn(endpoint_curves(analyses))
    pictures = [(_picture(each), each.further) for each in figures]
    anchors = {each.endpoint.key: f"endpoint-{n}" for n, each in enumerate(analyses, start=1)}
    stems = file_stems(f"{each.endpoint.cohort}_{each.endpoint.name}" for each in analyses)
    return _template("report.html").render(
        study=study,
        summary=verdict_section(analyses, [each.endpoint.key for each in refused]),
        anchors=anchors,
        figures=[picture for picture, further in pictures if not further],
        further_figures=[picture for picture, further in pictures if further],
        endpoints=[
            {
                **endpoint_section(each, anchor=anchors[each.endpoint.key], stem=stem, audit=audit),
                "drawn": _picture(drawn),
            }
            for each, stem, drawn in zip(analyses, stems, curves, strict=True)
        ],
        refused=[_refused(each) for each in refused],
        curves=[curve_section(analysis) for analysis in analyses if analysis.curve_checks],
        subgroups=subgroup_section(subgroups),
        audit=audit_section(audit) if audit is not None else None,
        doi=doi_link(study.doi),
        script=script() if analyses else None,
        version=version,
        seed=seed,
    )


def render_summary(study: Study, summary: Summary, *, version: str, seed: int) -> str:
    """Write the summary of a study as one page.

    Parameters
    ----------
    study : Study
    summary : Summary
        As of `summary_of`.
    version : str
        Of kmrepro.
    seed : int
        Random seed of the draws.

    Returns
    -------
    str
        HTML that loads nothing; all that comes from the study is escaped.
    """
    return _template("summary.html").render(
        study=study,
        doi=doi_link(study.doi),
        paragraph=summary.paragraph,
        rows=summary.rows,
        refused=summary.refused,
        version=version,
        seed=seed,
    )


@cache
def _template(name: str) -> Template:
    environment = Environment(
        loader=FunctionLoader(lambda name: files(templates).joinpath(name).read_text("utf-8")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: literal(value) if type(value) is str else value,
    )
    return environment.get_template(name)


def endpoint_curves(analyses: Iterable[EndpointAnalysis]) -> tuple[Drawing, ...]:
    """Return the curves of each endpoint as a drawing: for print, and where no script runs."""
    return tuple(
        Drawing(
            name=each.endpoint.key,
            caption=f"{each.endpoint.label or each.endpoint.name}, {cohort_text(each.endpoint)}",
            draw=partial(_draw_column, each),
        )
        for each in analyses
    )


def _draw_column(analysis: EndpointAnalysis) -> Figure:
    return KaplanMeierDisplay.from_analysis(analysis).plot(width="column").figure_


def _drawn(drawings: Iterable[Drawing]) -> Iterator[ReportFigure]:
    for each in drawings:
        yield ReportFigure.of(each.draw(), caption=each.caption, further=each.further)


def _picture(given: ReportFigure) -> dict[str, Any]:
    return {
        "caption": given.caption,
        "boxes": given.boxes,
        "alt": given.alt,
        "source": given.source,
        "width": f"{given.width:.0f}mm",
        "files": [(path, path.rpartition(".")[2].upper()) for path in given.files],
    }


def _boxes(figure: Figure) -> str:
    """Say which letters a drawing shows as boxes, for want of a font that has them."""
    from matplotlib.text import Text

    return boxes(text.get_text() for text in figure.findobj(Text) if isinstance(text, Text))


def _refused(refusal: RefusedEndpoint) -> dict[str, Any]:
    return {
        **place(refusal.endpoint),
        "reason": refusal.reason,
        "quick_looks": [
            quick_look(look, refusal.endpoint.time_unit) for look in refusal.quick_looks
        ],
    }

"""Every figure that a study has, and what its files are called."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from .agreement import AgreementDisplay
from .cumulative_incidence import CumulativeIncidenceDisplay, Layout
from .curve_check import ReconstructionCheckDisplay
from .files import (
    curve_check_numbers,
    curve_numbers,
    file_stems,
    forest_numbers,
    incidence_numbers,
    proportionality_numbers,
    rmst_numbers,
)
from .flow_diagram import PatientFlowDisplay, can_be_drawn
from .forest import ForestDisplay
from .kaplan_meier import KaplanMeierDisplay
from .panels import panel
from .proportionality import proportionality_figure
from .ratio_density import has_density, how_sure
from .response import ResponseDisplay, has_response, response_numbers
from .rmst import rmst_figure
from .swimmer import SwimmerDisplay, has_swimmer
from .text import cohort_text, literal, printed_figure
from .uncertainty import SubgroupCurvesDisplay

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from ..models import EndpointAnalysis
    from ..models.subgroups import Subgroups
    from ..studies import Flow, Table

__all__ = ["Drawing", "drawings_of", "figures_of"]


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """One figure, drawn when it is asked for.

    Attributes
    ----------
    name : str
        Of its files, without suffix.
    caption : str
        What it shows.
    draw : callable
        Draws and returns it, here or in a process that it is sent to; what it shows in words is
        the figure's label.
    further : bool
        It checks an assumption or looks at the same patients in another way: for a second look.
    numbers : callable, optional
        Returns what it shows as a table. None for the agreement, which is ``comparison.csv``, for
        patients, which are in ``ipd/`` if they fit, for many data sets, and for diagrams.
    """

    name: str
    caption: str
    draw: Callable[[], Figure]
    further: bool = False
    numbers: Callable[[], pd.DataFrame] | None = None


def drawings_of(
    analyses: Sequence[EndpointAnalysis],
    tables: Iterable[Table] = (),
    *,
    flows: Iterable[Flow] = (),
    subgroups: Iterable[Subgroups] = (),
) -> tuple[Drawing, ...]:
    """Return every figure of a study, the most informative first.

    Parameters
    ----------
    analyses : sequence of EndpointAnalysis
        Endpoints that have been analysed. Those whose `figure` names the same reported figure
        ("Figure 5(a)", "Figure 5(b)") share one, called "figure-5"; one without it has its own,
        called "<cohort>_<endpoint>". "_how-sure", "_proportionality" and "_rmst" after such a name
        are the same endpoints as far as they have draws, a hazard ratio that can be tested for
        being constant, and restricted means of two arms. An endpoint with digitised curves has one
        more, of how well they match, called "<cohort>_<endpoint>_curve-check". An endpoint with
        competing risks has two more, of the cumulative incidence of its causes, called
        "<cohort>_<endpoint>_incidence" and "<cohort>_<endpoint>_stacked". An endpoint whose
        `swimmer` names a reported figure has a bar for each patient, called as that figure is; so
        has a single arm of at most 50 patients, called "<cohort>_<endpoint>_swimmer".
    tables : iterable of Table
        Reported tables; those with hazard ratios become forest plots, called by their id, and those
        that count every tumour response in one row become bars, called "<id>_response".
    flows : iterable of Flow
        Flow diagrams, called as their figure is ("figure-1") or by their id.
    subgroups : iterable of Subgroups
        Labelled patients, whose curves are called "<table>_subgroups".

    Returns
    -------
    tuple of Drawing
        Names are safe as file names on every system, and differ in more than case.
    """
    printed_tables = tuple(tables)
    found = [
        *_agreement(analyses),
        *_curves(analyses),
        *_incidences(analyses),
        *_curve_checks(analyses),
        *_swimmers(analyses),
        *_flows(flows),
        *_forests(printed_tables),
        *_responses(printed_tables),
        *_subgroups(subgroups),
        *_further(analyses),
    ]
    names = file_stems(drawing.name for drawing in found)
    return tuple(replace(drawing, name=name) for name, drawing in zip(names, found, strict=True))


def figures_of(
    analyses: Sequence[EndpointAnalysis],
    tables: Iterable[Table] = (),
    *,
    flows: Iterable[Flow] = (),
) -> Iterator[tuple[str, Figure]]:
    """Draw every figure of a study, one after the other; see `drawings_of`.

    Yields
    ------
    tuple of str and Figure
        The name of its files, and the figure.
    """
    for drawing in drawings_of(analyses, tables, flows=flows):
        yield drawing.name, drawing.draw()


def _agreement(analyses: Sequence[EndpointAnalysis]) -> Iterator[Drawing]:
    compared = [analysis for analysis in analyses if analysis.comparison is not None]
    if compared:
        yield Drawing(
            name="agreement",
            caption=f"Reported beside reproduced hazard ratios{_informed(compared)}",
            draw=partial(_drawn, AgreementDisplay.from_analyses, compared),
        )


@dataclass(frozen=True, kw_only=True)
class _Shared:
    """Endpoints that share one figure: those of one reported figure, or a single one.

    `stem` names its files, `printed` is the figure of the paper or empty.
    """

    stem: str
    printed: str
    members: tuple[EndpointAnalysis, ...]

    def caption(self, members: Sequence[EndpointAnalysis], what: str = "") -> str:
        """Name some of the endpoints, after the figure of the paper and `what` is shown of them."""
        labels = [each.endpoint.label or each.endpoint.name for each in members]
        cohorts = dict.fromkeys(cohort_text(each.endpoint) for each in members)
        before = ", ".join(part for part in (self.printed, what) if part)
        named = f"{', '.join(labels)}; {', '.join(cohorts)}{_informed(members)}"
        return literal(f"{before[:1].upper()}{before[1:]}: {named}" if before else named)


def _shared(analyses: Sequence[EndpointAnalysis]) -> Iterator[_Shared]:
    groups: dict[tuple[str, str], list[EndpointAnalysis]] = {}
    for analysis in analyses:
        endpoint = analysis.endpoint
        printed = printed_figure(endpoint.figure)
        own = "" if printed else f"{endpoint.cohort}_{endpoint.name}"
        groups.setdefault((printed, own), []).append(analysis)
    for (printed, own), members in groups.items():
        yield _Shared(stem=printed.lower() or own, printed=printed, members=tuple(members))


def _curves(analyses: Sequence[EndpointAnalysis]) -> Iterator[Drawing]:
    for group in _shared(analyses):
        yield Drawing(
            name=group.stem,
            caption=group.caption(group.members),
            draw=partial(_draw_curves, group.members),
            numbers=partial(curve_numbers, group.members),
        )
        drawn = [each for each in group.members if has_density(each)]
        if drawn:
            yield Drawing(
                name=f"{group.stem}_how-sure",
                caption=group.caption(group.members, "how sure"),
                draw=partial(how_sure, drawn),
            )


def _further(analyses: Sequence[EndpointAnalysis]) -> Iterator[Drawing]:
    for group in _shared(analyses):
        tested = [each for each in group.members if each.schoenfeld]
        if tested:
            yield Drawing(
                name=f"{group.stem}_proportionality",
                caption=group.caption(tested, "whether hazards are proportional"),
                draw=partial(proportionality_figure, tested),
                numbers=partial(proportionality_numbers, tested),
                further=True,
            )
        compared = [each for each in group.members if each.rmst and len(each.curves) > 1]
        if compared:
            yield Drawing(
                name=f"{group.stem}_rmst",
                caption=group.caption(compared, "restricted mean survival"),
                draw=partial(rmst_figure, compared),
                numbers=partial(rmst_numbers, compared),
                further=True,
            )


def _informed(analyses: Sequence[EndpointAnalysis]) -> str:
    """Say whose patients cannot check what is reported."""
    names = [each.endpoint.name for each in analyses if each.ipd.informed]
    if not names:
        return ""
    return (
        f". INFORMED: patients conditioned on the reported comparison of {', '.join(names)}, which "
        "they cannot check"
    )


def _drawn(build: Callable[[Any], Any], shown: object) -> Figure:
    """Draw the display that is built of what is shown, in its usual way."""
    figure: Figure = build(shown).plot().figure_
    return figure


def _draw_curves(members: Sequence[EndpointAnalysis]) -> Figure:
    if len(members) > 1:
        return panel(members)
    return KaplanMeierDisplay.from_analysis(members[0]).plot().figure_


def _incidences(analyses: Sequence[EndpointAnalysis]) -> Iterator[Drawing]:
    for analysis in analyses:
        if not analysis.causes:
            continue
        endpoint = analysis.endpoint
        what = f"{endpoint.label or endpoint.name}; cohort {endpoint.cohort}"
        yield Drawing(
            name=f"{endpoint.cohort}_{endpoint.name}_incidence",
            caption=literal(f"Cumulative incidence by cause: {what}"),
            draw=partial(_draw_incidence, analysis, "by cause"),
            numbers=partial(incidence_numbers, analysis),
        )
        yield Drawing(
            name=f"{endpoint.cohort}_{endpoint.name}_stacked",
            caption=literal(f"Cumulative incidence, causes stacked: {what}"),
            draw=partial(_draw_incidence, analysis, "stacked"),
            numbers=partial(incidence_numbers, analysis),
        )


def _draw_incidence(analysis: EndpointAnalysis, layout: Layout) -> Figure:
    return CumulativeIncidenceDisplay.from_analysis(analysis).plot(layout=layout).figure_


def _curve_checks(analyses: Sequence[EndpointAnalysis]) -> Iterator[Drawing]:
    for analysis in analyses:
        if analysis.curve_checks:
            endpoint = analysis.endpoint
            label = endpoint.label or endpoint.name
            yield Drawing(
                name=f"{endpoint.cohort}_{endpoint.name}_curve-check",
                caption=literal(
                    f"Reconstructed against digitised: {label}; {cohort_text(endpoint)}"
                ),
                draw=partial(_drawn, ReconstructionCheckDisplay.from_analysis, analysis),
                numbers=partial(curve_check_numbers, analysis),
            )


def _swimmers(analyses: Sequence[EndpointAnalysis]) -> Iterator[Drawing]:
    for analysis in analyses:
        if has_swimmer(analysis):
            endpoint = analysis.endpoint
            printed = endpoint.swimmer
            words = f"One bar for each patient: {endpoint.label or endpoint.name}; "
            words += cohort_text(endpoint) + _informed([analysis])
            yield Drawing(
                name=printed.lower() or f"{endpoint.cohort}_{endpoint.name}_swimmer",
                caption=literal(f"{printed}: {words}" if printed else words),
                draw=partial(_drawn, SwimmerDisplay.from_analysis, analysis),
                further=not printed,
            )


def _flows(flows: Iterable[Flow]) -> Iterator[Drawing]:
    for flow in flows:
        if can_be_drawn(flow):
            yield Drawing(
                name=printed_figure(flow.figure).lower() or flow.id,
                caption=literal(f"{flow.place}: {flow.title or 'Flow of patients'}"),
                draw=partial(_drawn, PatientFlowDisplay.from_flow, flow),
            )


def _forests(tables: Iterable[Table]) -> Iterator[Drawing]:
    for table in tables:
        if table.hazard_ratios:
            caption = f"{table.source}: {table.title}" if table.title else table.source
            yield Drawing(
                name=table.id,
                caption=literal(caption),
                draw=partial(_drawn, ForestDisplay.from_table, table),
                numbers=partial(forest_numbers, table),
            )


def _subgroups(found: Iterable[Subgroups]) -> Iterator[Drawing]:
    for each in found:
        if any(variable.met.any() for variable in each.variables):
            yield Drawing(
                name=f"{each.table.id}_subgroups",
                caption=literal(f"{each.table.place}: survival by subgroup, as far as it is known"),
                draw=partial(_drawn, SubgroupCurvesDisplay.from_subgroups, each),
            )


def _responses(tables: Iterable[Table]) -> Iterator[Drawing]:
    for table in tables:
        if has_response(table):
            caption = f"{table.place}: {table.title}" if table.title else table.place
            yield Drawing(
                name=f"{table.id}_response",
                caption=literal(caption),
                draw=partial(_drawn, ResponseDisplay.from_table, table),
                numbers=partial(response_numbers, table),
            )

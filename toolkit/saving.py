"""Results on disk: JSON, CSV, patients, figures and the report, each folder as a whole."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from .figures import ReportFigure, drawings_of, figure_bytes, render_report
from .figures.files import file_stems
from .figures.flow_diagram import can_be_drawn
from .figures.report import endpoint_curves
from .figures.response import has_response
from .figures.style import as_in, current_look, current_width, usual_width
from .outcome import nothing_reproduced
from .output import Written, write_folder
from .processes import Lent, in_order
from .r_scripts import reproduce_script
from .results import write_audit
from .studies.argument_types import names_of

if TYPE_CHECKING:
    from concurrent.futures import Executor

    import pandas as pd

    from .figures import Drawing
    from .figures.style import Look, Width
    from .models import EndpointAnalysis
    from .outcome import Progress, ReproducedStudy
    from .studies import Flow, Table

__all__ = ["drawings", "save", "save_figures"]


def save(
    reproduction: ReproducedStudy,
    out: Path,
    *,
    formats: Collection[str],
    force: bool = False,
    inputs: tuple[Path, ...] = (),
    progress: Progress | None = None,
    accept_misfit: bool = False,
    executor: Executor | None = None,
) -> Written:
    """Write a reproduction to a folder; see `Reproduction.save` and `output.write_folder`."""
    kinds = names_of("formats", formats)

    def write(folder: Path) -> None:
        (folder / "figures").mkdir()
        drawn, curves = _figures(
            reproduction,
            folder / "figures",
            formats=kinds,
            progress=progress,
            executor=executor,
        )
        _write_report(reproduction, folder, drawn, curves)
        write_audit(reproduction.audit, folder)
        _write_numbers(reproduction, folder)
        fitting = [
            analysis
            for analysis in reproduction.analyses
            if accept_misfit or not any(check.misfit for check in analysis.curve_checks)
        ]
        if fitting:
            _write_patients(fitting, folder / "ipd")
        if not drawn:
            (folder / "figures").rmdir()

    return write_folder(out, write, force=force, inputs=inputs)


def save_figures(
    reproduction: ReproducedStudy,
    out: Path,
    *,
    formats: Collection[str],
    force: bool = False,
    inputs: tuple[Path, ...] = (),
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> Written:
    """Write the figures alone to a folder; see `output.write_folder`."""
    if not (reproduction.analyses or _tables(reproduction) or _flows(reproduction)):
        raise nothing_reproduced(reproduction)

    def write(folder: Path) -> None:
        _figures(
            reproduction,
            folder,
            formats=formats,
            progress=progress,
            executor=executor,
            report=False,
        )

    return write_folder(out, write, force=force, inputs=inputs)


def drawings(reproduction: ReproducedStudy) -> tuple[Drawing, ...]:
    """Return the figures that a reproduction has, not drawn yet."""
    return drawings_of(
        reproduction.analyses,
        _tables(reproduction),
        flows=_flows(reproduction),
        subgroups=reproduction.subgroups,
    )


def _tables(reproduction: ReproducedStudy) -> tuple[Table, ...]:
    """Return the reported tables that belong to what was asked for and that figures show."""
    asked = _asked(reproduction)
    whole = _is_whole(reproduction)
    return tuple(
        printed
        for printed in reproduction.study.tables
        if (printed.hazard_ratios or has_response(printed))
        and (whole or f"{printed.cohort}/{printed.endpoint}" in asked)
    )


def _flows(reproduction: ReproducedStudy) -> tuple[Flow, ...]:
    """Return the flow diagrams that figures show; they belong to the whole study."""
    flows = reproduction.study.flows if _is_whole(reproduction) else ()
    return tuple(flow for flow in flows if can_be_drawn(flow))


def _asked(reproduction: ReproducedStudy) -> list[str]:
    """Return the keys of the endpoints that were asked for."""
    found = [analysis.endpoint.key for analysis in reproduction.analyses]
    return found + [refusal.endpoint.key for refusal in reproduction.refused]


def _is_whole(reproduction: ReproducedStudy) -> bool:
    return len(_asked(reproduction)) == len(reproduction.study.analysed)


@dataclass(frozen=True, kw_only=True)
class _Drawn:
    """A figure as a report shows it, if there is one, and its files by name."""

    figure: ReportFigure | None
    files: Mapping[str, bytes]


def _figures(
    reproduction: ReproducedStudy,
    folder: Path,
    *,
    formats: Collection[str],
    progress: Progress | None,
    executor: Executor | None,
    report: bool = True,
) -> tuple[list[ReportFigure], list[ReportFigure]]:
    """Draw every figure into its files, for a report beside what it shows as a table.

    Returns
    -------
    figures, curves : list of ReportFigure
        Those with files, and the curves of each endpoint; none of both without a report.
    """
    every = drawings(reproduction)
    drawn = (*every, *endpoint_curves(reproduction.analyses)) if report else every
    kinds = tuple(sorted(set(formats), key=lambda each: (each != "svg", each == "pdf")))
    found: list[ReportFigure] = []
    with TemporaryDirectory() as scratch:
        work = partial(
            _drawn,
            Lent(drawn, Path(scratch)),
            formats=[kinds if place < len(every) else None for place in range(len(drawn))],
            report=folder.name if report else None,
            look=(current_look(), current_width()),
        )
        results = in_order(executor, work, range(len(drawn)))
        for done, drawing in enumerate(drawn):
            if progress:
                progress(done, len(drawn), f"Drawing {drawing.name}")
            result = next(results)
            if result.figure is not None:
                found.append(result.figure)
            for name, content in result.files.items():
                (folder / name).write_bytes(content)
    return found[: len(every)], found[len(every) :]


def _drawn(
    lent: Lent[tuple[Drawing, ...]],
    place: int,
    *,
    formats: Sequence[tuple[str, ...] | None],
    report: str | None,
    look: tuple[Look, Width | None],
) -> _Drawn:
    """Draw one of the figures, the same wherever this is run.

    Parameters
    ----------
    lent, place
        All of them, and which.
    formats : sequence of tuple of str or None
        Of the files of each; None for those that only the report shows.
    report : str or None
        Where files are, as seen from a report; None if there is none.
    look
        What the figures are drawn in.
    """
    drawing, kinds, files = lent.value[place], formats[place], {}
    with as_in(look[0]), usual_width(look[1]):
        figure = drawing.draw()
        for each in kinds or ():
            files[f"{drawing.name}.{each}"] = figure_bytes(figure, file_format=each)
        if report is None:
            return _Drawn(figure=None, files=files)
        if kinds is not None and drawing.numbers is not None:
            files[f"{drawing.name}.csv"] = _table(drawing.numbers()).encode()
        shown = ReportFigure.of(
            figure,
            caption=drawing.caption,
            further=drawing.further,
            files=tuple(f"{report}/{name}" for name in files),
        )
    return _Drawn(figure=shown, files=files)


def _write_report(
    reproduction: ReproducedStudy,
    folder: Path,
    drawn: list[ReportFigure],
    curves: list[ReportFigure],
) -> None:
    report = render_report(
        reproduction.study,
        reproduction.analyses,
        reproduction.refused,
        version=reproduction.version,
        seed=reproduction.seed,
        figures=drawn,
        curves=curves,
        audit=reproduction.audit,
        subgroups=reproduction.subgroups,
    )
    (folder / "report.html").write_text(report, encoding="utf-8")
    _write_summary(reproduction, folder)


def _write_summary(reproduction: ReproducedStudy, folder: Path) -> None:
    """Write the summary as a page, and for Word if python-docx is installed."""
    from .figures.report import render_summary, summary_document, summary_of

    study, version = reproduction.study, reproduction.version
    summary = summary_of(
        study,
        reproduction.analyses,
        reproduction.refused,
        audit=reproduction.audit,
        version=version,
    )
    page = render_summary(study, summary, version=version, seed=reproduction.seed)
    (folder / "summary.html").write_text(page, encoding="utf-8")
    if find_spec("docx") is not None:
        (folder / "summary.docx").write_bytes(summary_document(summary))


def _write_numbers(reproduction: ReproducedStudy, folder: Path) -> None:
    (folder / "results.json").write_text(reproduction.to_json(), encoding="utf-8")
    comparisons = _table(reproduction.to_frame())
    (folder / "comparison.csv").write_text(comparisons, encoding="utf-8")


def _write_patients(analyses: Sequence[EndpointAnalysis], folder: Path) -> None:
    folder.mkdir()
    endpoints = [analysis.endpoint for analysis in analyses]
    stems = file_stems(f"{endpoint.cohort}_{endpoint.name}" for endpoint in endpoints)
    for stem, analysis in zip(stems, analyses, strict=True):
        (folder / f"{stem}.csv").write_text(analysis.ipd.to_csv(), encoding="utf-8")
    files = {
        analysis.endpoint.key: (f"{folder.name}/{stem}.csv", analysis.ipd.arms)
        for stem, analysis in zip(stems, analyses, strict=True)
    }
    (folder.parent / "reproduce.R").write_text(reproduce_script(files), encoding="utf-8")


def _table(table: pd.DataFrame) -> str:
    return table.to_csv(index=False, lineterminator="\n")

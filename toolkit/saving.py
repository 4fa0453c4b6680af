"""Results on disk: JSON, CSV, patients, figures and the report, each folder as a whole."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from .figures import ReportFigure, drawings_of, render_report, save_figure
from .figures.files import file_stems
from .figures.flow_diagram import can_be_drawn
from .figures.response import has_response
from .outcome import nothing_reproduced
from .output import Written, write_folder
from .r_scripts import reproduce_script
from .results import write_audit

if TYPE_CHECKING:
    import pandas as pd

    from .figures import Drawing
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
) -> Written:
    """Write a reproduction to a folder; see `Reproduction.save` and `output.write_folder`."""

    def write(folder: Path) -> None:
        (folder / "figures").mkdir()
        drawn = _draw(
            reproduction, folder / "figures", formats=formats, numbers=True, progress=progress
        )
        _write_report(reproduction, folder, drawn)
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
) -> Written:
    """Write the figures alone to a folder; see `output.write_folder`."""
    if not (reproduction.analyses or _tables(reproduction) or _flows(reproduction)):
        raise nothing_reproduced(reproduction)

    def write(folder: Path) -> None:
        _draw(reproduction, folder, formats=formats, numbers=False, progress=progress)

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


def _draw(
    reproduction: ReproducedStudy,
    folder: Path,
    *,
    formats: Collection[str],
    numbers: bool,
    progress: Progress | None,
) -> list[ReportFigure]:
    """Draw every figure into its files, on demand beside what it shows as a table."""
    every = drawings(reproduction)
    drawn = []
    for done, drawing in enumerate(every):
        if progress:
            progress(done, len(every), f"Drawing {drawing.name}")
        figure = drawing.draw()
        save_figure(figure, folder, name=drawing.name, formats=tuple(formats))
        kinds = [each for each in ("svg", "png", "pdf") if each in formats]
        if numbers and drawing.numbers is not None:
            _write_table(drawing.numbers(), folder / f"{drawing.name}.csv")
            kinds.append("csv")
        drawn.append(
            ReportFigure(
                caption=drawing.caption,
                figure=figure,
                further=drawing.further,
                files=tuple(f"{folder.name}/{drawing.name}.{each}" for each in kinds),
            )
        )
    return drawn


def _write_report(reproduction: ReproducedStudy, folder: Path, drawn: list[ReportFigure]) -> None:
    report = render_report(
        reproduction.study,
        reproduction.analyses,
        reproduction.refused,
        version=reproduction.version,
        seed=reproduction.seed,
        figures=drawn,
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
    _write_table(reproduction.to_frame(), folder / "comparison.csv")


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


def _write_table(table: pd.DataFrame, path: Path) -> None:
    path.write_text(table.to_csv(index=False, lineterminator="\n"), encoding="utf-8")

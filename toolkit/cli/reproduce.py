"""The commands `kmrepro reproduce` and `kmrepro figures`: a study re-analysed."""

from __future__ import annotations

from collections import Counter
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

import click

from ..output import Written
from ..presentation.formats import count
from ..presentation.tables import Paragraph
from ..safeguards import check_folder
from . import arguments
from .arguments import StudyArgument, choose
from .curves import misfits
from .terminal import emit, emit_json, moved, progress_bar

if TYPE_CHECKING:
    from ..figures.style import PanelLetters, PStyle, StyleName, Width
    from ..reproduction import Reproduction

__all__ = ["figures", "reproduce", "written"]


@click.command(
    epilog="""\b
Examples:
  kmrepro reproduce an2025 --out results
  kmrepro reproduce an2025 --only psm/OS --only psm/PFS
  kmrepro reproduce mine.toml --out mine --format png
  kmrepro reproduce an2025 --draws 10000 --seed 1
  kmrepro reproduce an2025 --informed --out stand-in
  kmrepro reproduce an2025 --json > an2025.json

Without --out the comparison is printed and nothing is written.

Exit status: 0 done, 1 no endpoint could be reconstructed, the data was refused, or patients miss a
digitised curve, 2 wrong usage."""
)
@arguments.study_argument
@arguments.out_folder("Folder for results, patients, figures and report.")
@arguments.only
@arguments.draws
@arguments.seed
@arguments.informed
@arguments.accept_misfit
@arguments.formats
@arguments.force
@arguments.as_json
@arguments.markup
@arguments.quiet
def reproduce(
    source: StudyArgument,
    out: Path | None,
    only: tuple[str, ...],
    draws: int,
    seed: int,
    informed: bool,
    accept_misfit: bool,
    formats: tuple[str, ...],
    force: bool,
    as_json: bool,
) -> None:
    """Re-analyse a study, and compare with what it reports.

    Every endpoint is reconstructed as pseudo-individual patient data and re-analysed. Many more
    data sets consistent with every reported value are drawn: the range of their hazard ratios
    decides the verdict. --out receives results.json, comparison.csv, audit.json, audit.csv, ipd/,
    figures/ and report.html; it is written as a whole or not at all. If no endpoint can be
    reconstructed, the report has the reasons and the quick looks, and the exit status is 1.
    Patients that miss a digitised curve by more than its reading error are left out of ipd/, and
    the exit status is 1, too.
    """
    from ..outcome import nothing_reproduced
    from ..reproduction import reproduce as run
    from ..result_tables import reproduction_tables

    wanted = choose(source.study, only)
    if out is not None:  # before the work, so that it is not done in vain
        check_folder(out, force=force, inputs=source.inputs)
    files: tuple[Path, ...] = ()
    with progress_bar() as progress:
        result = run(
            source.study,
            endpoints=wanted,
            n_draws=draws,
            seed=seed,
            informed=informed,
            progress=progress,
        )
        if out is not None:
            from ..saving import save

            files = save(
                result,
                out,
                formats=formats,
                force=force,
                inputs=source.inputs,
                progress=progress,
                accept_misfit=accept_misfit,
            )
    if as_json:
        click.echo(result.to_json(), nl=False)
    else:
        emit(*reproduction_tables(result), *written(out, files))
    if not result.analyses:
        refusal = nothing_reproduced(result, report=out)
        raise refusal if source.path is None else arguments.in_file(source, refusal)
    if not accept_misfit and (missed := misfits(result.analyses)):
        raise click.ClickException(f"{source.name}: {missed}")


@click.command(
    epilog="""\b
Examples:
  kmrepro figures an2025 --out figures
  kmrepro figures an2025 --out figures --only psm/OS --format pdf
  kmrepro figures an2025 --out figures --width column --style grey
  kmrepro figures an2025 --out figures --dpi 600 --p-style "P = .012" --panel-letters A"""
)
@arguments.study_argument
@arguments.out_folder("Folder for the figures.", required=True)
@arguments.only
@arguments.draws
@arguments.seed
@arguments.formats
@arguments.style
@arguments.width
@arguments.font
@arguments.dpi
@arguments.p_style
@arguments.panel_letters
@arguments.force
@arguments.as_json
@arguments.quiet
def figures(
    source: StudyArgument,
    out: Path,
    only: tuple[str, ...],
    draws: int,
    seed: int,
    formats: tuple[str, ...],
    style: StyleName,
    width: Width | None,
    font: str | None,
    dpi: int | None,
    p_style: PStyle | None,
    panel_letters: PanelLetters | None,
    force: bool,
    as_json: bool,
) -> None:
    """Draw a study's figures, and nothing else."""
    from ..figures import context, usual_width
    from ..outcome import NothingReproduced
    from ..reproduction import reproduce as run
    from ..results import results_dict
    from ..saving import save_figures

    wanted = choose(source.study, only)
    check_folder(out, force=force, inputs=source.inputs)
    look = context(style, font=font, dpi=dpi, p_style=p_style, panel_letters=panel_letters)
    with progress_bar() as progress, look, usual_width(width):
        result = run(source.study, endpoints=wanted, n_draws=draws, seed=seed, progress=progress)
        try:
            files = save_figures(
                result, out, formats=formats, force=force, inputs=source.inputs, progress=progress
            )
        except NothingReproduced:
            emit(*([] if as_json else _not_drawn(result)))
            raise
    if as_json:
        names = [path.as_posix() for path in files]
        refused = results_dict(result)["refused"]
        emit_json({"study": source.study.id, "files": names, "refused": refused})
    else:
        emit(*_not_drawn(result), *written(out, files))


def _not_drawn(result: Reproduction) -> list[Paragraph]:
    return [Paragraph(f"Not drawn: {each.endpoint.key}: {each.reason}") for each in result.refused]


def written(out: Path | None, files: tuple[Path, ...]) -> list[Paragraph]:
    """Say what was written where: files at the top by name, the others by number."""
    if out is None or not files:
        return []
    folders = Counter(path.parent.as_posix() for path in files if path.parent != PurePath())
    parts = [path.name for path in files if path.parent == PurePath()]
    parts += [f"{folder}/ ({count(number, 'file')})" for folder, number in folders.items()]
    said = [Paragraph(f"Wrote to {out}: {', '.join(parts)}")]
    return said + moved(out, files.set_aside if isinstance(files, Written) else None)

"""The command `kmrepro reconstruct`: patients of a study's endpoint, or of digitised curves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..handover import check_patients_file
from ..output import write_file
from ..presentation.formats import count
from ..safeguards import check_file
from . import arguments
from .arguments import StudyArgument, choose
from .curves import (
    ArmCount,
    CurveArguments,
    FigureFile,
    is_curve_file,
    misfits,
    patients_dict,
    reconstruct_curves,
    refuse_for_study,
)
from .terminal import emit, emit_json, moved

if TYPE_CHECKING:
    from ..reconstruct import PseudoIPD
    from ..studies import Endpoint, Study

__all__ = ["reconstruct"]

_FILE = click.Path(path_type=Path)


@click.command(
    epilog="""\b
Examples:
  kmrepro reconstruct os.csv --n 213 --at-risk risk.csv --out ipd.csv --plot check.png
  kmrepro reconstruct os.csv --n Drug=213 --n Placebo=210 --events Drug=150 --out ipd.csv
  kmrepro reconstruct os.csv --arm Drug --n 213 --kind samples --tolerance 0.5% > ipd.csv
  kmrepro reconstruct an2025 --only psm/OS --out ipd.csv
  kmrepro reconstruct an2025 --only psm/OS --out ipd.dta
  kmrepro reconstruct an2025 --only psm/OS --informed --out stand-in.csv

CURVE.csv holds the points of one curve or several, as WebPlotDigitizer and other digitisers
export them; its name ends in .csv, .tsv, .txt or .dat. docs/digitised-curves.md has its layouts.
A folder that "kmrepro digitise" wrote stands for its curves, numbers at risk and marks."""
)
@arguments.source_argument
@click.option(
    "--out",
    type=_FILE,
    help="File for the patients, .csv, .dta (Stata) or .parquet; CSV on stdout by default.",
)
@click.option(
    "--n",
    "n",
    type=ArmCount(),
    multiple=True,
    metavar="[ARM=]N",
    help="Patients of a curve's arm; by default those at risk at time 0.",
)
@click.option("--at-risk", type=_FILE, help="CSV file: time, n_risk; or a column for each arm.")
@click.option(
    "--events",
    type=ArmCount(),
    multiple=True,
    metavar="[ARM=]N",
    help="Events of a curve's arm in total.",
)
@click.option("--censor-marks", type=_FILE, help="CSV file: time, and how many if that is known.")
@click.option("--arm", help="Only this curve of the file; or the name of its only curve.")
@click.option(
    "--reference",
    metavar="ARM",
    help="The arm in the denominator of the hazard ratio; the first by default.",
)
@click.option(
    "--time-unit",
    type=click.Choice(("days", "weeks", "months", "years")),
    help="Unit of every time; months by default.",
)
@click.option(
    "--kind",
    type=click.Choice(("steps", "samples")),
    help="Whether points are the curve's drops or other heights; recognised by default.",
)
@click.option("--tolerance", help='The curve is within so much of its points: "0.5%".')
@click.option("--plot", type=FigureFile(), help="Figure of the check, as .png, .svg or .pdf.")
@arguments.only
@arguments.informed
@arguments.accept_misfit
@arguments.force
@arguments.as_json
@arguments.quiet
def reconstruct(
    source: str,
    out: Path | None,
    only: tuple[str, ...],
    informed: bool,
    accept_misfit: bool,
    force: bool,
    as_json: bool,
    **curve: Any,
) -> None:
    """Write pseudo-individual patient data.

    Of a study, those of one endpoint. Of CURVE.csv, those of its digitised curves, with what was
    repaired and assumed and how well the curves are met; of two arms also the hazard ratio and the
    log-rank test. Patients that miss a curve by more than its reading error are not written, and
    the exit status is 1, but --plot is drawn and shows where. The columns are time, event (1
    happened, 0 censored) and arm. --json adds what was assumed.
    """
    if Path(source).is_dir():
        from .digitise import reading_kind, reading_sources

        files = reading_sources(Path(source))
        curve["kind"] = curve["kind"] or reading_kind(Path(source))
        source = str(files.pop("curves"))
        curve |= {name: curve[name] or path for name, path in files.items()}
    if is_curve_file(source):
        if informed:
            raise click.UsageError(
                "--informed needs a study, whose file says what is reported; digitised curves "
                f"such as {source} report nothing."
            )
        given = CurveArguments.of(Path(source), only=only, **curve)
        reconstruct_curves(
            given, out=out, force=force, as_json=as_json, accept_misfit=accept_misfit
        )
    else:
        refuse_for_study(source, curve)
        study = arguments.read_study_argument(source)
        endpoint = _the_endpoint(study.study, only)
        if out is not None:  # before the work, so that it is not done in vain
            check_patients_file(out)
            check_file(out, force=force, inputs=study.inputs)
        ipd = _patients(study, endpoint, informed=informed, accept_misfit=accept_misfit)
        _write_patients(study, ipd, out=out, force=force, as_json=as_json)


def _patients(
    source: StudyArgument, endpoint: Endpoint, *, informed: bool, accept_misfit: bool
) -> PseudoIPD:
    """Reconstruct the patients of one endpoint."""
    from ..models import analyse
    from ..reconstruct import ReconstructionRefused
    from ..reproduction import reconstruct as run

    try:
        ipd = run(endpoint, informed=informed)
    except ReconstructionRefused as refusal:
        raise arguments.in_file(source, refusal) from refusal
    curved = any(arm.curve is not None for arm in endpoint.arms.values())
    if curved and not accept_misfit and (missed := misfits([analyse(endpoint, ipd)])):
        raise click.ClickException(f"{source.name}: {endpoint.key}: {missed}")
    return ipd


def _write_patients(
    source: StudyArgument, ipd: PseudoIPD, *, out: Path | None, force: bool, as_json: bool
) -> None:
    """Print or write the patients of one endpoint."""
    from ..presentation.tables import Paragraph

    aside = None
    if out is not None:
        from ..handover import patients_content

        content = patients_content(ipd, out)
        aside = write_file(out, content, force=force, inputs=source.inputs)
    if ipd.informed:
        click.echo(ipd.notes["informed"], err=True)
    if as_json:
        from .. import __version__

        about = {"study": source.study.id, "kmrepro_version": __version__}
        emit_json({**about, **patients_dict(ipd)})
    elif out is None:
        click.echo(ipd.to_csv(), nl=False)
    else:
        assumed = (Paragraph(f"Assumed: {sentence}") for sentence in ipd.assumptions)
        key = f"{ipd.cohort}/{ipd.endpoint}"
        said = Paragraph(f"Wrote {out}: {count(ipd.time.size, 'patient')} of {key}.")
        emit(said, *moved(out, aside), *assumed)


def _the_endpoint(study: Study, only: tuple[str, ...]) -> Endpoint:
    """Return the endpoint that is asked for; there must be one."""
    chosen = choose(study, only)
    if len(chosen) != 1:
        raise click.UsageError(
            f"Patients are written of one endpoint, and {len(chosen)} of {study.id} are asked "
            f"for; name one, such as --only {chosen[0].key}."
        )
    return chosen[0]

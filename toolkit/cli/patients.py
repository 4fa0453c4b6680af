"""Commands that make patients: `digitise` a figure, `reconstruct` an endpoint or curves."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..handover import check_patients_file, patients_content
from ..output import write_file, write_folder
from ..presentation.formats import count
from ..presentation.tables import Paragraph
from ..safeguards import check_file, check_folder
from . import arguments
from .arguments import ParamType, StudyArgument, choose
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
from .terminal import emit, emit_json, moved, working

if TYPE_CHECKING:
    from ..reconstruct import PseudoIPD
    from ..studies import Endpoint, Study

__all__ = [
    "digitise",
    "reading_kind",
    "reading_sources",
    "reconstruct",
]

_NUMBER = r"[-+]?\d*\.?\d+"
_FILE = click.Path(path_type=Path)


class AxisPoints(ParamType[tuple[tuple[float, float], ...]]):
    """Places on an axis, as in 0=112,60=840 or 0%=500,100%=40: value=pixel."""

    name = "value=pixel,..."

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[tuple[float, float], ...]:
        """Read the pairs; two at least, with different values and pixels."""
        if isinstance(value, tuple):
            return value
        parts = [re.fullmatch(rf"\s*({_NUMBER})%?=({_NUMBER})\s*", p) for p in value.split(",")]
        points = tuple((float(p[1]), float(p[2])) for p in parts if p)
        distinct = len({v for v, _ in points}) == len({p for _, p in points}) == len(points)
        if len(points) != len(parts) or len(points) < 2 or not distinct:
            self.fail(
                f"{value!r} does not give two places of the axis: write value=pixel, such as "
                "0=112,60=840 or 0%=500,100%=40.",
                param,
                ctx,
            )
        return points


class Box(ParamType[tuple[float, ...]]):
    """Part of the figure, as in 10,20,640,480: left, top, right and bottom in pixels."""

    name = "x0,y0,x1,y1"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[float, ...]:
        """Read the four numbers."""
        if isinstance(value, tuple):
            return value
        numbers = re.fullmatch(rf"({_NUMBER}),({_NUMBER}),({_NUMBER}),({_NUMBER})", value.strip())
        if not numbers:
            self.fail(f"{value!r} is no box: write left,top,right,bottom in pixels.", param, ctx)
        left, top, right, bottom = (float(n) for n in numbers.groups())
        if left >= right or top >= bottom:
            self.fail(
                f"{value!r} is no box: its right must be greater than its left, and its bottom "
                "than its top.",
                param,
                ctx,
            )
        return left, top, right, bottom


class ArmColor(ParamType[tuple[str, str]]):
    """An arm's colour, as in Drug=#1f77b4."""

    name = "arm=#rrggbb"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Read name and colour."""
        if isinstance(value, tuple):
            return value
        found = re.fullmatch(r"(.+)=(#[0-9a-fA-F]{6})", value.strip())
        if not found:
            self.fail(f"{value!r} is no colour of an arm: write Drug=#1f77b4.", param, ctx)
        return found[1].strip(), found[2].lower()


@click.command(
    epilog="""\b
Examples:
  kmrepro digitise figure.png --out read
  kmrepro digitise paper.pdf --page 5 --panel a --out read
  kmrepro digitise figure.png --x-axis 0=112,60=840 --y-axis 0%=500,100%=40 --out read
  kmrepro reproduce read/study.toml --out results

Every hint is optional and outranks what is recognised. Look at read/overlay.png: it shows what was
read over the figure."""
)
@click.argument("figure", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder for the files.")
@click.option("--page", type=click.IntRange(min=1), help="Page of a PDF; the first with a plot.")
@click.option("--panel", help="Letter or number of the panel; all by default.")
@click.option("--arms", type=click.IntRange(1, 12), help="Number of curves.")
@click.option("--x-axis", type=AxisPoints(), help="Places on the time axis: 0=112,60=840.")
@click.option("--y-axis", type=AxisPoints(), help="Places on the survival axis: 0%=500,100%=40.")
@click.option("--box", type=Box(), help="Only this part of the figure, in pixels.")
@click.option("--color", "colours", type=ArmColor(), multiple=True, help="Colour of an arm's line.")
@click.option("--no-ocr", is_flag=True, help="Recognise no text; both axes have to be given.")
@click.option("--vector", is_flag=True, help="Read paths, or refuse.")
@click.option("--raster", is_flag=True, help="Render a PDF and read the picture.")
@arguments.force
@arguments.as_json
def digitise(
    figure: Path, out: Path, vector: bool, raster: bool, force: bool, as_json: bool, **hints: Any
) -> None:
    """Read curves, censoring marks and numbers at risk from a Kaplan-Meier figure.

    FIGURE is a PNG, JPEG, TIFF, WebP, SVG or PDF file. --out receives reading.json, curves.csv,
    at_risk.csv, censor_marks.csv, overlay.png and study.toml, a draft study file; it is written as
    a whole or not at all. What could not be read with certainty is named.
    """
    if vector and raster:
        raise click.UsageError("--vector and --raster exclude each other.")
    check_folder(out, force=force, inputs=(figure,))
    kind = "vector" if vector else "raster" if raster else None
    with working("Reading the figure"):
        reading = _read(figure, {**hints, "kind": kind})
    from ..digitise.files import write_files

    write_folder(out, lambda folder: write_files(reading, folder), force=force, inputs=(figure,))
    if as_json:
        emit_json(reading.to_dict())
    else:
        emit(*map(Paragraph, _summary(reading, out)))


def _read(figure: Path, hints: dict[str, Any]) -> Any:
    try:
        from ..digitise import Hints, UnreadableFigureError, read_figure

        return read_figure(figure, Hints(ocr=not hints.pop("no_ocr"), **hints))
    except ImportError as error:  # the extra is not installed
        raise click.ClickException(
            f"reading figures needs more packages ({error.name} is missing): "
            "pip install 'kmrepro[figures]'."
        ) from error
    except UnreadableFigureError as error:
        named = str(error).startswith(f"{figure} ")
        said = str(error) if named else f"{figure}: {error}"
        raise click.ClickException(said.removesuffix(".") + ".") from error


def _summary(reading: Any, out: Path) -> list[str]:
    lines = []
    for panel in reading.panels:
        for arm in panel.arms:
            end = f"{arm.curve.time[-1]:g} {panel.x_unit or ''}".strip()
            lines.append(
                f"panel {panel.panel}, {arm.name}: {count(len(arm.curve.time), 'point')} up to "
                f"{end}, {count(len(arm.censor_marks), 'censoring mark')}"
            )
        cells = sum(len(row.cells) for row in panel.at_risk)
        lines.append(f"panel {panel.panel}: {count(cells, 'number at risk', 'numbers at risk')}")
        unknown = " and ".join(arm.name for arm in panel.arms if not panel.patients_of(arm))
        if unknown:
            lines.append(
                f"panel {panel.panel}: how many patients {unknown} had was not read; write it as "
                f"n in {out / 'study.toml'}, or give --n to kmrepro reconstruct."
            )
    lines += [f"unsure: {text}" for text in reading.unsure]
    return [*lines, f"Wrote {out}. Compare {out / 'overlay.png'} with the figure."]


def reading_kind(folder: Path) -> str | None:
    """Say how `reconstruct` takes the curves of a reading: those of a raster are heights."""
    try:
        kind = json.loads((folder / "reading.json").read_text(encoding="utf-8")).get("kind")
    except (OSError, ValueError, AttributeError):
        return None
    return {"raster": "samples", "vector": "steps"}.get(kind)


def reading_sources(folder: Path) -> dict[str, Path]:
    """Files of a folder that `digitise` wrote, as `reconstruct` takes them.

    Parameters
    ----------
    folder : Path
        Holds curves.csv, and perhaps at_risk.csv and censor_marks.csv.

    Returns
    -------
    dict of str to Path
        "curves", "at_risk" and "censor_marks", those that exist; of a raster, no marks.

    Raises
    ------
    click.ClickException
        If it holds no curves.csv.
    """
    found = {
        name: folder / f"{name}.csv"
        for name in ("curves", "at_risk", "censor_marks")
        if (folder / f"{name}.csv").is_file()
    }
    if reading_kind(folder) == "samples":  # marks of a raster are incomplete, and not all times
        found.pop("censor_marks", None)
    if "curves" not in found:
        panels = sorted(p.parent.name for p in folder.glob("panel-*/curves.csv"))
        fix = "it is no reading"
        if panels:
            fix = f"give one of its panels, such as {folder / panels[0]}"
        raise click.ClickException(f"{folder} holds no curves.csv: {fix}.")
    return found


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
export them; its name ends in .csv, .tsv, .txt, .dat, .xlsx or .ods. docs/digitised-curves.md has
its layouts.
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
    help="Unit of every time; by default as the file's heading has it, else months.",
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
        with working("Placing patients"):
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
    aside = None
    if out is not None:
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

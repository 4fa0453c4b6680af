"""The command `kmrepro extrapolate`: parametric survival models beyond the end of follow-up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..defaults import MOST_DRAWS
from ..presentation.formats import count, with_unit
from . import arguments

if TYPE_CHECKING:
    from ..extrapolation import Extrapolation, Options
    from ..presentation.tables import Column, Part

__all__ = ["extrapolate"]

_COMMANDLINE = click.core.ParameterSource.COMMANDLINE


@click.command(
    epilog="""\b
Examples:
  kmrepro extrapolate an2025 --only psm/OS --horizon 240 --out extrapolated
  kmrepro extrapolate an2025 --horizon 240 --draws 0
  kmrepro extrapolate ipd.csv --time-unit months --horizon 240 --out extrapolated
  kmrepro extrapolate ipd.csv --model weibull --model cure-weibull --json

IPD.csv has the columns time, event (1 happened, 0 censored) and arm, as `kmrepro reconstruct`
writes it."""
)
@click.argument("source", metavar="STUDY|IPD.csv")
@click.option(
    "--out", type=click.Path(path_type=Path),
    help="Folder for tables, workbook, patients, figures and an R script.",
)  # fmt: skip
@arguments.only
@click.option(
    "--horizon", type=arguments.TimeAbove0(),
    help="How far to extrapolate, in the time unit; twice the follow-up by default.",
)  # fmt: skip
@click.option(
    "--model", "names", multiple=True, metavar="NAME",
    help="Only this distribution, such as weibull, spline-odds-2 or cure-weibull. Can be given "
    "several times.",
)  # fmt: skip
@click.option("--treatment-effect", is_flag=True, help="Also fit both arms with one effect.")
@click.option(
    "--cycle", type=arguments.TimeAbove0(), default=1.0, show_default=True,
    help="Step of the survival table, in the time unit.",
)  # fmt: skip
@click.option(
    "--draws", type=click.IntRange(0, MOST_DRAWS), default=200, show_default=True,
    help="Data sets to fit for each comparison; 0 fits one.",
)  # fmt: skip
@arguments.seed
@click.option("--reference", metavar="ARM", help="Of IPD.csv: the arm in the denominator.")
@click.option(
    "--time-unit", type=click.Choice(("days", "weeks", "months", "years")),
    help="Of IPD.csv; months by default.",
)  # fmt: skip
@arguments.formats
@arguments.force
@arguments.as_json
def extrapolate(source: str, **given: Any) -> None:
    """Fit parametric survival models, and extrapolate.

    Of a study, every endpoint is reconstructed, and each of many data sets is fitted: intervals
    then include the uncertainty of the reconstruction, and say its share. Of IPD.csv, its patients
    are fitted. Ten distributions by default, for each arm.
    """
    from ..analysis_files import save_extrapolation
    from ..extrapolation import ExtrapolationRefused, extrapolation_dict
    from ..extrapolation import extrapolate as run
    from ..models import NotEstimable
    from ..safeguards import check_folder
    from .terminal import emit, emit_json, progress_bar

    out, options = given["out"], _options(given)
    endpoints, inputs = _endpoints(source, given)
    if out is not None:
        check_folder(out, force=given["force"], inputs=inputs)
    try:
        with progress_bar() as progress:
            results, refused = run(endpoints, options, progress=progress)
    except (ExtrapolationRefused, NotEstimable) as refusal:
        raise click.ClickException(f"{source}: {refusal}") from refusal
    files: tuple[Path, ...] = ()
    if out is not None:
        files = save_extrapolation(
            results, out, options=options, refused=refused, formats=given["formats"],
            force=given["force"], inputs=inputs,
        )  # fmt: skip
    if given["as_json"]:
        emit_json(extrapolation_dict(results, options, refused))
    else:
        emit(*_tables(results, refused), *_written(out, files))


def _options(given: dict[str, Any]) -> Options:
    from ..extrapolation import Options
    from ..models.parametric import DISTRIBUTIONS, check_names

    try:
        names = check_names(given["names"] or DISTRIBUTIONS)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="'--model'") from error
    return Options(
        distributions=names,
        treatment_effect=given["treatment_effect"],
        horizon=given["horizon"],
        cycle=given["cycle"],
        n_draws=given["draws"],
        seed=given["seed"],
    )


def _endpoints(source: str, given: dict[str, Any]) -> tuple[Any, tuple[Path, ...]]:
    """Return the endpoints of a study, or the patients of a file, and the files read."""
    from ..handover import is_patients_file, read_patients

    if is_patients_file(source):
        if given["only"]:
            raise click.UsageError(f"--only chooses endpoints of a study; {source} has one.")
        for option in ("draws", "seed"):
            if click.get_current_context().get_parameter_source(option) is _COMMANDLINE:
                raise click.UsageError(f"--{option} is for a study; {source} holds one data set.")
        path = Path(source)
        unit = given["time_unit"] or "months"
        return read_patients(path, reference=given["reference"], time_unit=unit), (path,)
    for option in ("reference", "time_unit"):
        if given[option] is not None:
            name = option.replace("_", "-")
            raise click.UsageError(f"--{name} is for IPD.csv; a study file has its own.")
    study = arguments.read_study_argument(source)
    return arguments.choose(study.study, given["only"]), study.inputs


def _tables(results: tuple[Extrapolation, ...], refused: dict[str, str]) -> Iterator[Part]:
    from ..extrapolation import cautions
    from ..presentation.tables import Paragraph, Table

    for each in results:
        models = each.models
        draws = f", {count(models.n_draws, 'draw')}" if models.n_draws > 1 else ""
        title = f"{each.key}: to {with_unit(models.horizon, each.ipd.time_unit)}{draws}"
        caption = (
            "Restricted mean to the horizon. Share: of its variance that the reconstruction adds."
            if draws
            else "Restricted mean to the horizon."
        )
        yield Table.of(
            _columns(), _rows(each), title=title, caption=caption
        ).without_empty_columns()
        for (arms, name), why in models.failures.items():
            yield Paragraph(f"Not fitted: {name}, {' and '.join(arms)}: {why}")
    for text in cautions(results):
        yield Paragraph(f"Caution: {text}")
    for key, why in refused.items():
        yield Paragraph(f"Not extrapolated: {key}: {why}")


def _columns() -> tuple[Column, ...]:
    from ..presentation.tables import left, right

    numbers = ("AIC", "Weight", "Restricted mean")
    return left("Arm", "Model") + right(*numbers) + left("95% CI") + right("Median", "Share")


def _rows(each: Extrapolation) -> Iterator[tuple[str, ...]]:
    frame = each.models.to_frame().sort_values(["treatment_effect", "arm", "aic"], kind="stable")
    for row in frame.to_dict(orient="records"):
        share = row["restricted_mean_reconstruction_share"]
        yield (
            row["arm"],
            f"{row['model']}, with effect" if row["treatment_effect"] else row["model"],
            f"{row['aic']:.1f}",
            f"{100 * row['aic_weight']:.0f}%",
            f"{row['restricted_mean']:.1f}",
            f"{row['restricted_mean_lower']:.1f} to {row['restricted_mean_upper']:.1f}",
            f"{row['median']:.1f}",
            f"{100 * share:.0f}%" if each.models.n_draws > 1 else "",
        )


def _written(out: Path | None, files: tuple[Path, ...]) -> list[Any]:
    from ..handover import can_write_workbook
    from ..presentation.tables import Paragraph
    from .reproduce import written

    said = written(out, files)
    if files and not can_write_workbook():
        said.append(Paragraph('No extrapolation.xlsx: it needs pip install "kmrepro[excel]".'))
    return said

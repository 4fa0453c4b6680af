"""Commands of further analyses: `extrapolate` beyond the end of follow-up, `pool` studies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import arguments

if TYPE_CHECKING:
    from ..extrapolation import Options
    from ..studies import Endpoint

__all__ = ["extrapolate", "pool"]

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
@arguments.out_folder("Folder for tables, workbook, patients, figures and an R script.")
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
    "--draws", type=arguments.NoneOrSeveral(), default=200, show_default=True,
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
    from ..analysis_files import extrapolation_tables, save_extrapolation
    from ..extrapolation import ExtrapolationRefused, extrapolation_dict
    from ..extrapolation import extrapolate as run
    from ..models import NotEstimable
    from ..safeguards import check_folder
    from .terminal import emit, emit_json, progress_bar

    out, options = given["out"], _options(given)
    arguments.refuse_without_out(out, "cycle")
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
        emit(
            *extrapolation_tables(results, refused),
            *_of_file(endpoints, given["reference"]),
            *_written(out, files),
        )


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
    from ..patients_csv import is_patients_file, read_patients

    if is_patients_file(source):
        if given["only"]:
            raise click.UsageError(f"--only chooses endpoints of a study; {source} has one.")
        _refuse_given(f"is for a study; {source} holds one data set", "draws", "seed")
        path = Path(source)
        unit = given["time_unit"] or "months"
        return read_patients(path, reference=given["reference"], time_unit=unit), (path,)
    for option in ("reference", "time_unit"):
        if given[option] is not None:
            name = option.replace("_", "-")
            raise click.UsageError(f"--{name} is for IPD.csv; a study file has its own.")
    study = arguments.read_study_argument(source)
    chosen = arguments.choose(study.study, given["only"])
    if given["treatment_effect"] and not given["only"]:
        chosen = tuple(pair for each in chosen for pair in _of_two_arms(each))
    return chosen, study.inputs


def _refuse_given(why: str, *options: str) -> None:
    """Refuse options that would do nothing."""
    for option in options:
        if click.get_current_context().get_parameter_source(option) is _COMMANDLINE:
            raise click.UsageError(f"--{option} {why}.")


def _of_two_arms(endpoint: Endpoint) -> tuple[Endpoint, ...]:
    """Return the comparisons of pairs of an endpoint of several arms, which an effect is of."""
    return (len(endpoint.arms) > 2 and endpoint.contrasts) or (endpoint,)


def _of_file(patients: Any, asked: str | None) -> list[Any]:
    """Say how patients of a file were read: what was assumed, and the arm taken as reference."""
    from ..presentation.tables import Paragraph
    from ..reconstruct import PseudoIPD

    if not isinstance(patients, PseudoIPD):
        return []
    said = [f"Assumed: {sentence}" for sentence in patients.assumptions]
    if not asked and len(patients.arms) > 1:
        first = patients.arms[0]
        said.append(f"Reference: {first}, the first arm of the file; --reference takes another.")
    return [Paragraph(each) for each in said]


def _written(out: Path | None, files: tuple[Path, ...]) -> list[Any]:
    from ..handover import can_write_workbook
    from ..presentation.tables import Paragraph
    from .terminal import written

    said = written(out, files)
    if files and not can_write_workbook():
        said.append(Paragraph('No extrapolation.xlsx: it needs pip install "kmrepro[excel]".'))
    return said


@click.command(
    epilog="""\b
Examples:
  kmrepro pool studies --out pooled
  kmrepro pool studies --endpoint OS --cohort psm --tau 60 --landmark 36 --out pooled
  kmrepro pool results --method PM --reference resection --json

FOLDER holds a study file per trial, or is what `kmrepro batch` wrote."""
)
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@arguments.out_folder("Folder for tables, patients, figures and an R script.")
@click.option("--endpoint", metavar="NAME", help="Such as OS; needed if the studies share several.")
@click.option(
    "--cohort", "cohorts", multiple=True, metavar="NAME",
    help="Where a study has several cohorts, this one. Can be given several times.",
)  # fmt: skip
@click.option(
    "--reference", "references", multiple=True, metavar="ARM",
    help="The reference in every study that has this arm. Can be given several times.",
)  # fmt: skip
@click.option(
    "--group", "groups", multiple=True, metavar="STUDY=NAME",
    help="Group of a study, for a subgroup analysis. Can be given several times.",
)  # fmt: skip
@click.option(
    "--method", type=click.Choice(("REML", "DL", "PM")), default="REML", show_default=True,
    help="Of the variance between trials.",
)  # fmt: skip
@click.option("--wald", is_flag=True, help="Wald interval instead of Hartung and Knapp's.")
@click.option(
    "--tau", multiple=True, type=arguments.TimeAbove0(),
    help="Horizon of differences of restricted means; the largest possible by default. Can be "
    "given several times.",
)  # fmt: skip
@click.option(
    "--landmark", "landmarks", multiple=True, type=arguments.TimeAbove0(),
    help="Time of differences of survival. Can be given several times.",
)  # fmt: skip
@click.option(
    "--draws", type=arguments.NoneOrSeveral(), default=200, show_default=True,
    help="Data sets to draw of each trial; 0 draws none. Of a batch, its own are used.",
)  # fmt: skip
@arguments.seed
@arguments.formats
@arguments.force
@arguments.as_json
def pool(folder: Path, **given: Any) -> None:
    """Pool the hazard ratios of trials.

    Two-stage: as reported, as reproduced, and with the reconstruction's variance added to each
    trial's; common and random effects. One-stage: a Cox regression of all patients, stratified by
    trial, with one treatment effect and with one that varies between trials. Also differences of
    restricted means, with several horizons together, and of survival.
    """
    from ..analysis_files import pooled_dict, save_pooled
    from ..pooled_studies import pool as run
    from ..safeguards import check_folder
    from .terminal import emit, emit_json, progress_bar

    out = given["out"]
    if (folder / "batch.json").is_file():
        _refuse_given("is for study files; what batch wrote has its own", "draws", "seed")
    inputs = tuple(sorted(folder.glob("*.toml")))
    if out is not None:
        check_folder(out, force=given["force"], inputs=inputs)
    with progress_bar() as progress:
        result = run(
            folder,
            endpoint=given["endpoint"],
            cohorts=given["cohorts"],
            references=given["references"],
            groups=_groups(given["groups"]),
            method=given["method"],
            hartung_knapp=not given["wald"],
            tau=given["tau"] or None,
            landmarks=given["landmarks"],
            n_draws=given["draws"],
            seed=given["seed"],
            progress=progress,
        )
    files: tuple[Path, ...] = ()
    if out is not None:
        files = save_pooled(
            result, out, formats=given["formats"], force=given["force"], inputs=inputs
        )
    if given["as_json"]:
        emit_json(pooled_dict(result))
    else:
        from ..pooled_tables import pooled_tables
        from .terminal import written

        emit(*pooled_tables(result), *written(out, files))


def _groups(given: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for each in given:
        study, equals, name = each.partition("=")
        if not (study and equals and name):
            raise click.BadParameter(f"{each!r} is not STUDY=NAME.", param_hint="'--group'")
        if study in found:
            raise click.BadParameter(f"{study} is given twice.", param_hint="'--group'")
        found[study] = name
    return found

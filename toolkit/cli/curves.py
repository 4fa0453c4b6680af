"""Digitised curves on the command line: what `kmrepro reconstruct CURVE.csv` takes and does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, Self, TypeVar

import click

from ..defaults import FORMATS, SEED
from ..handover import check_patients_file, patients_content
from ..output import write_file
from ..presentation.formats import count
from ..presentation.tables import Paragraph
from ..safeguards import check_file
from .arguments import ParamType
from .terminal import emit, emit_json, moved, working

if TYPE_CHECKING:
    from ..models import EndpointAnalysis
    from ..reconstruct import PseudoIPD
    from ..studies import Endpoint

__all__ = [
    "ArmCount",
    "CurveArguments",
    "FigureFile",
    "is_curve_file",
    "misfits",
    "patients_dict",
    "reconstruct_curves",
    "refuse_for_study",
]

T = TypeVar("T")
_SUFFIXES = (".csv", ".tsv", ".txt", ".dat", ".xlsx", ".xlsm", ".ods")


class ArmCount(ParamType[tuple[str, int]]):
    """A number of patients, "213", or that of one of several arms, "Drug=213"."""

    name = "[ARM=]N"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, int]:
        """Return the arm, empty if none is named, and the number."""
        if isinstance(value, tuple):
            return value
        arm, _, number = str(value).rpartition("=")
        if not re.fullmatch("[0-9]{1,9}", number.strip()):
            self.fail(
                f'"{value}" is not a whole number such as 213, or Drug=213 for one of several '
                "arms.",
                param,
                ctx,
            )
        return arm.strip(), int(number)


class FigureFile(click.Path):
    """The path of a figure, whose name says the format."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Return the path."""
        path = Path(super().convert(value, param, ctx))  # type: ignore[arg-type]
        if path.suffix.lower().removeprefix(".") not in FORMATS:
            self.fail(f'"{value}" must end in .png, .svg or .pdf.', param, ctx)
        return path


@dataclass(frozen=True, kw_only=True)
class CurveArguments:
    """A file of curves and what is reported beside them; numbers are by arm."""

    file: Path
    n: Mapping[str, int]
    events: Mapping[str, int]
    at_risk: Path | None
    censor_marks: Path | None
    arm: str | None
    reference: str | None
    time_unit: str | None
    kind: str | None
    tolerance: str | None
    plot: Path | None

    @classmethod
    def of(cls, file: Path, *, only: tuple[str, ...], n: Any, events: Any, **others: Any) -> Self:
        """Take the options of the command.

        Raises
        ------
        click.UsageError
            If an endpoint is asked for, which a file of curves has not, or a number given twice.
        """
        if only:
            raise click.UsageError(
                "--only names an endpoint of a study; a curve of a file is chosen with --arm."
            )
        patients, deaths = _by_arm(n, "--n"), _by_arm(events, "--events")
        return cls(file=file, n=patients, events=deaths, **others)

    @property
    def inputs(self) -> tuple[Path, ...]:
        """The files that results must not take the place of."""
        return tuple(path for path in (self.file, self.at_risk, self.censor_marks) if path)


def is_curve_file(source: str) -> bool:
    """Say whether an argument names a file of curves, and not a study."""
    return PurePath(source).suffix.lower() in _SUFFIXES


def refuse_for_study(source: str, curve: Mapping[str, Any]) -> None:
    """Refuse the options of a file of curves where a study is named.

    Raises
    ------
    click.UsageError
        If one was given.
    """
    for name, value in curve.items():
        if value not in (None, ()):
            raise click.UsageError(
                f"--{name.replace('_', '-')} goes with a file of digitised curves, whose name ends "
                f"in .csv, .tsv, .txt, .dat, .xlsx or .ods; {source} is read as a study."
            )


def _by_arm(given: tuple[tuple[str, int], ...], option: str) -> dict[str, int]:
    numbers: dict[str, int] = {}
    for arm, number in given:
        if arm in numbers:
            of = f" for {arm}" if arm else ""
            raise click.UsageError(f"{option} is given twice{of}; write {option} ARM=N for an arm.")
        numbers[arm] = number
    return numbers


def reconstruct_curves(
    given: CurveArguments, *, out: Path | None, force: bool, as_json: bool, accept_misfit: bool
) -> None:
    """Reconstruct the patients of a file's curves; write or print them, and the check."""
    from ..models import analyse
    from ..reconstruct import ReconstructionRefused, reconstruct
    from ..result_tables import curve_tables

    _check_outputs(given, out, force=force)
    endpoint = _endpoint(given)
    try:
        with working("Placing patients along the curve"):
            analysis = analyse(endpoint, reconstruct(endpoint))
    except ReconstructionRefused as refusal:
        why = str(refusal).removeprefix(f"{endpoint.key}: ").removeprefix(f"{endpoint.key}, ")
        raise click.ClickException(f"{given.file}: {_as_options(why)}") from refusal
    if not accept_misfit and (missed := misfits([analysis])):
        said = _written(given, analysis, {}, force=force)
        emit(*curve_tables(analysis), *said, to_stderr=True)
        raise click.ClickException(f"{given.file}: {missed} {_other_reading(analysis)}")
    table = {} if out is None else {out: patients_content(analysis.ipd, out)}
    files = _written(given, analysis, table, force=force)
    if as_json:
        emit_json(_as_dict(given, analysis))
        return
    if out is None:
        click.echo(analysis.ipd.to_csv(), nl=False)
    emit(*curve_tables(analysis), *files, to_stderr=out is None)


def misfits(analyses: Iterable[EndpointAnalysis]) -> str:
    """Say which curves the patients miss, and that they are not written; "" if none is missed."""
    given = tuple(analyses)
    said = [
        f"{analysis.endpoint.key}: {sentence}" if len(given) > 1 else sentence
        for analysis in given
        for check in analysis.curve_checks
        if (sentence := check.misfit_in_words(analysis.endpoint.time_unit))
    ]
    if not said:
        return ""
    return f"{'; '.join(said)}. These patients are not written; --accept-misfit writes them."


def _other_reading(analysis: EndpointAnalysis) -> str:
    """Say how the points were read, and which options read them otherwise."""
    kinds = {check.kind for check in analysis.curve_checks if check.misfit}
    read, other = ("drops", "samples") if "steps" in kinds else ("heights", "steps")
    return (
        f"The points were read as {read}: if that is not what they are, say so with "
        f"--kind {other}, or with --tolerance how closely they were read."
    )


def _check_outputs(given: CurveArguments, out: Path | None, *, force: bool) -> None:
    """Refuse outputs before the work, so that it is not done in vain."""
    wanted = [path for path in (out, given.plot) if path is not None]
    if len(wanted) == 2 and wanted[0].resolve() == wanted[1].resolve():
        raise click.UsageError(f"--out and --plot both name {out}; give each a name of its own.")
    if out is not None:
        check_patients_file(out)
    for path in wanted:
        check_file(path, force=force, inputs=given.inputs)


def _endpoint(given: CurveArguments) -> Endpoint:
    """Read the files, and put the arms together."""
    from ..studies import CurveFault, curve_endpoint

    try:
        curves, at_risk, marks = _read(given)
    except CurveFault as fault:
        raise click.ClickException(f"{str(fault).rstrip('.')}.") from fault
    chosen = _chosen(curves, given)
    try:
        return curve_endpoint(
            chosen,
            n=_of_arms(given.n, chosen, curves) or None,
            at_risk=_of_arms(at_risk, chosen, curves),
            events=_of_arms(given.events, chosen, curves) or None,
            censor_marks=_of_arms(marks, chosen, curves),
            reference=given.reference,
            time_unit=given.time_unit,  # type: ignore[arg-type]
        )
    except CurveFault as fault:
        raise click.ClickException(f"{given.file}: {_as_options(str(fault))}") from fault


def _read(given: CurveArguments) -> tuple[Any, Any, Any]:
    """Return curves, numbers at risk and censoring marks by arm; None for a file not given."""
    from ..studies import read_at_risk, read_curves, read_marks_by_arm
    from ..studies.printed_fields import curve_tolerance

    try:
        width = curve_tolerance(given.tolerance)
    except ValueError as error:
        raise click.BadParameter(f"{error}.", param_hint="'--tolerance'") from error
    curves = read_curves(given.file, kind=given.kind, tolerance=width)  # type: ignore[arg-type]
    at_risk = read_at_risk(given.at_risk) if given.at_risk else None
    return curves, at_risk, read_marks_by_arm(given.censor_marks) if given.censor_marks else None


def _as_options(text: str) -> str:
    """Name options, where the public function names its arguments, and end the sentence."""
    text = re.sub('kind = "(steps|samples)"', r"--kind \1", text)
    for name in ("at_risk", "censor_marks", "time_unit", "events", "n"):
        text = text.replace(f"`{name}`", f"--{name.replace('_', '-')}")
    return f"{text.rstrip('.')}."


def _chosen(curves: Mapping[str, T], given: CurveArguments) -> dict[str, T]:
    """Return the curve that --arm names, or every curve."""
    if given.arm is None:
        return dict(curves)
    if list(curves) == [""]:
        return {given.arm: curves[""]}
    if given.arm not in curves:
        raise click.BadParameter(
            f'{given.file} has no curve "{given.arm}"; it has {", ".join(curves)}.',
            param_hint="'--arm'",
        )
    return {given.arm: curves[given.arm]}


def _of_arms(
    values: Mapping[str, T] | None, chosen: Mapping[str, Any], curves: Mapping[str, Any]
) -> dict[str, T] | None:
    """Leave out what belongs to arms of the file that were not chosen."""
    if values is None:
        return None
    kept = {"", *chosen}
    return {name: each for name, each in values.items() if name in kept or name not in curves}


def _written(
    given: CurveArguments,
    analysis: EndpointAnalysis,
    texts: Mapping[Path, str | bytes],
    *,
    force: bool,
) -> list[Any]:
    """Write patients and figure, and say so."""
    contents = dict(texts)
    if given.plot is not None:
        contents[given.plot] = _figure(analysis, given)
    said = []
    for path, content in contents.items():
        said += moved(path, write_file(path, content, force=force, inputs=given.inputs))
    size = count(analysis.ipd.time.size, "patient")
    return [
        Paragraph(f"Wrote {path}: {'the check' if path == given.plot else size}.")
        for path in contents
    ] + said


def _figure(analysis: EndpointAnalysis, given: CurveArguments) -> bytes:
    from ..figures import ReconstructionCheckDisplay, figure_bytes

    display = ReconstructionCheckDisplay.from_analysis(analysis, title=given.file.name).plot()
    suffix = given.plot.suffix if given.plot else ""
    return figure_bytes(display.figure_, file_format=suffix.lower().removeprefix("."))


def _as_dict(given: CurveArguments, analysis: EndpointAnalysis) -> dict[str, Any]:
    from .. import __version__
    from ..results import curve_dict, plain_value

    cox, logrank = analysis.cox, analysis.logrank
    plain: dict[str, Any] = plain_value(
        {
            "curves": str(given.file),
            "kmrepro_version": __version__,
            **patients_dict(analysis.ipd),
            "checks": [curve_dict(check) for check in analysis.curve_checks],
            "hazard_ratio": cox and {"treatment": analysis.endpoint.treatment,
                                     "hazard_ratio": cox.hazard_ratio, "ci": cox.ci,
                                     "p_wald": cox.p_wald},
            "p_logrank": logrank and logrank.p,
        }
    )  # fmt: skip
    return plain


def patients_dict(ipd: PseudoIPD) -> dict[str, Any]:
    """Return patients as plain values, with what was assumed."""
    return {
        "seed": SEED,
        "cohort": ipd.cohort,
        "endpoint": ipd.endpoint,
        "time_unit": ipd.time_unit,
        "reference": ipd.reference,
        "patients": ipd.to_frame().to_dict(orient="list"),
        "assumptions": list(ipd.assumptions),
        "notes": dict(ipd.notes),
    }

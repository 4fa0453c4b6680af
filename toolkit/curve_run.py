"""From a file of digitised curves to patients, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .curve_arguments import CurveArguments
from .output import check_file, write_file
from .terminal import emit, emit_json, paragraph, working

if TYPE_CHECKING:
    from .models import EndpointAnalysis
    from .studies import Endpoint

__all__ = ["run_curves"]

T = TypeVar("T")


def run_curves(given: CurveArguments, *, out: Path | None, force: bool, as_json: bool) -> None:
    """Reconstruct the patients of a file's curves; write or print them, and the check."""
    from .curve_text import check_tables
    from .models import analyse
    from .reconstruct import ReconstructionRefused, reconstruct

    _check_outputs(given, out, force=force)
    endpoint = _endpoint(given)
    try:
        with working("Placing patients along the curve; the very first time compiles for seconds"):
            analysis = analyse(endpoint, reconstruct(endpoint))
    except ReconstructionRefused as refusal:
        why = str(refusal).removeprefix(f"{endpoint.key}: ").removeprefix(f"{endpoint.key}, ")
        raise click.ClickException(f"{given.file}: {why.rstrip('.')}.") from refusal
    table = analysis.ipd.to_frame().to_csv(index=False, lineterminator="\n")
    files = _written(given, analysis, {} if out is None else {out: table}, force=force)
    if as_json:
        emit_json(_as_dict(given, analysis))
        return
    if out is None:
        click.echo(table, nl=False)
    emit(*check_tables(analysis), *files, to_stderr=out is None)


def _check_outputs(given: CurveArguments, out: Path | None, *, force: bool) -> None:
    """Refuse outputs before the work, so that it is not done in vain."""
    wanted = [path for path in (out, given.plot) if path is not None]
    if len(wanted) == 2 and wanted[0].resolve() == wanted[1].resolve():
        raise click.UsageError(f"--out and --plot both name {out}; give each a name of its own.")
    for path in wanted:
        check_file(path, force=force, inputs=given.inputs)


def _endpoint(given: CurveArguments) -> Endpoint:
    """Read the files, and put the arms together."""
    from .studies import CurveFault, curve_endpoint

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
            time_unit=given.time_unit or "months",  # type: ignore[arg-type]
        )
    except CurveFault as fault:
        raise click.ClickException(f"{given.file}: {_as_options(str(fault))}") from fault


def _read(given: CurveArguments) -> tuple[Any, Any, Any]:
    """Return curves, numbers at risk and censoring marks by arm; None for a file not given."""
    from .studies import read_at_risk, read_curves, read_marks_by_arm
    from .studies.curve_fields import curve_tolerance

    try:
        width = curve_tolerance(given.tolerance)
    except ValueError as error:
        raise click.BadParameter(f"{error}.", param_hint="'--tolerance'") from error
    curves = read_curves(given.file, kind=given.kind, tolerance=width)  # type: ignore[arg-type]
    at_risk = read_at_risk(given.at_risk) if given.at_risk else None
    return curves, at_risk, read_marks_by_arm(given.censor_marks) if given.censor_marks else None


def _as_options(text: str) -> str:
    """Name options, where the public function names its arguments, and end the sentence."""
    for name in ("at_risk", "censor_marks", "events", "n"):
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
    for path, content in contents.items():
        write_file(path, content, force=force, inputs=given.inputs)
    size = analysis.ipd.time.size
    return [
        paragraph(f"Wrote {path}: {'the check' if path == given.plot else f'{size} patients'}.")
        for path in contents
    ]


def _figure(analysis: EndpointAnalysis, given: CurveArguments) -> bytes:
    from .figures import ReconstructionCheckDisplay, figure_bytes

    display = ReconstructionCheckDisplay.from_analysis(analysis, title=given.file.name).plot()
    suffix = given.plot.suffix if given.plot else ""
    return figure_bytes(display.figure_, file_format=suffix.lower().removeprefix("."))


def _as_dict(given: CurveArguments, analysis: EndpointAnalysis) -> dict[str, Any]:
    from . import __version__
    from .results import curve_dict, plain_value
    from .runs import patients_dict

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

"""What the longer commands do, step by step."""

from __future__ import annotations

from collections import Counter
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

import click

from .arguments import FigureLook, Sampling, StudyArgument, choose
from .output import check_folder, write_file
from .terminal import emit, emit_json, paragraph, progress_bar

if TYPE_CHECKING:
    from .reconstruct import PseudoIPD
    from .reproduction import Progress, Reproduction
    from .studies import Endpoint, Study, StudyFileError

__all__ = [
    "patients_dict",
    "run_figures",
    "run_reconstruct",
    "run_reproduce",
    "run_validate",
    "written",
]


def run_reproduce(
    source: StudyArgument,
    *,
    out: Path | None,
    only: tuple[str, ...],
    sampling: Sampling,
    formats: tuple[str, ...],
    force: bool,
    as_json: bool,
) -> None:
    """Re-analyse a study, print the comparison and, if there is an `out`, write the results."""
    from .reproduction import nothing_reproduced
    from .result_text import reproduction_tables

    wanted = choose(source.study, only)
    if out is not None:  # before the work, so that it is not done in vain
        check_folder(out, force=force, inputs=source.inputs)
    files: tuple[Path, ...] = ()
    with progress_bar() as progress:
        result = _reproduced(source.study, wanted, sampling, progress)
        if out is not None and result.analyses:
            from .saving import save

            files = save(
                result, out, formats=formats, force=force, inputs=source.inputs, progress=progress
            )
    if as_json:
        click.echo(result.to_json(), nl=False)
    else:
        emit(*reproduction_tables(result), *written(out, files))
    if not result.analyses:
        refusal = nothing_reproduced(result)
        raise refusal if source.path is None else _in_file(source, refusal)


def _in_file(source: StudyArgument, refusal: ValueError) -> click.ClickException:
    """Say of which file something was refused."""
    return click.ClickException(f"{source.name}: {refusal}")


def _reproduced(
    study: Study, wanted: tuple[Endpoint, ...], sampling: Sampling, progress: Progress | None
) -> Reproduction:
    from .reproduction import reproduce

    return reproduce(
        study,
        endpoints=wanted,
        n_draws=sampling.n_draws,
        seed=sampling.seed,
        informed=sampling.informed,
        progress=progress,
    )


def run_reconstruct(
    source: StudyArgument,
    *,
    out: Path | None,
    only: tuple[str, ...],
    informed: bool,
    force: bool,
    as_json: bool,
) -> None:
    """Print or write the patients of one endpoint."""
    from .reconstruct import ReconstructionRefused
    from .reconstructing import reconstruct

    endpoint = _the_endpoint(source.study, only)
    try:
        ipd = reconstruct(endpoint, informed=informed)
    except ReconstructionRefused as refusal:
        raise _in_file(source, refusal) from refusal
    text = ipd.to_frame().to_csv(index=False, lineterminator="\n")
    if out is not None:
        from .handover import patients_bytes

        write_file(out, patients_bytes(ipd, out.suffix.lower()) or text, force=force)
    if ipd.informed:
        click.echo(ipd.notes["informed"], err=True)
    if as_json:
        from . import __version__

        about = {"study": source.study.id, "kmrepro_version": __version__}
        emit_json({**about, **patients_dict(ipd)})
    elif out is None:
        click.echo(text, nl=False)
    else:
        assumed = (paragraph(f"Assumed: {sentence}") for sentence in ipd.assumptions)
        emit(paragraph(f"Wrote {out}: {ipd.time.size} patients of {endpoint.key}."), *assumed)


def _the_endpoint(study: Study, only: tuple[str, ...]) -> Endpoint:
    """Return the endpoint that is asked for; there must be one."""
    chosen = choose(study, only)
    if len(chosen) != 1:
        raise click.UsageError(
            f"Patients are written of one endpoint, and {len(chosen)} of {study.id} are asked "
            f"for; name one, such as --only {chosen[0].key}."
        )
    return chosen[0]


def patients_dict(ipd: PseudoIPD) -> dict[str, Any]:
    """Return patients as plain values, with what was assumed."""
    from .reproduction import SEED

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


def run_figures(
    source: StudyArgument,
    *,
    out: Path,
    only: tuple[str, ...],
    sampling: Sampling,
    formats: tuple[str, ...],
    look: FigureLook,
    force: bool,
    as_json: bool,
) -> None:
    """Draw a study's figures into a folder of their own."""
    from .figures import context, usual_width
    from .reproduction import NothingReproduced
    from .results import results_dict
    from .saving import save_figures

    wanted = choose(source.study, only)
    check_folder(out, force=force, inputs=source.inputs)
    with progress_bar() as progress:
        result = _reproduced(source.study, wanted, sampling, progress)
        with context(look.style), usual_width(look.width):
            try:
                files = save_figures(
                    result, out, formats=formats, force=force, inputs=source.inputs,
                    progress=progress,
                )  # fmt: skip
            except NothingReproduced:
                emit(*([] if as_json else _refused_lines(result)))
                raise
    if as_json:
        refused = results_dict(result)["refused"]
        names = [path.as_posix() for path in files]
        emit_json({"study": source.study.id, "files": names, "refused": refused})
    else:
        emit(*_refused_lines(result), *written(out, files))


def _refused_lines(result: Reproduction) -> list[Any]:
    return [paragraph(f"Not drawn: {each.endpoint.key}: {each.reason}") for each in result.refused]


def written(out: Path | None, files: tuple[Path, ...]) -> list[Any]:
    """Say what was written where: files at the top by name, the others by number."""
    if out is None or not files:
        return []
    folders = Counter(path.parent.as_posix() for path in files if path.parent != PurePath())
    parts = [path.name for path in files if path.parent == PurePath()]
    parts += [f"{folder}/ ({count} file{'s' * (count > 1)})" for folder, count in folders.items()]
    return [paragraph(f"Wrote to {out}: {', '.join(parts)}")]


def run_validate(source: StudyArgument | StudyFileError, *, as_json: bool) -> None:
    """Say what is wrong with a study file, or which of its endpoints can be reconstructed."""
    if isinstance(source, StudyArgument):
        _validate_endpoints(source, as_json=as_json)
        return
    if not as_json:
        raise source
    emit_json({"study": None, "file": source.file, "faults": source.faults})
    click.get_current_context().exit(1)


def _validate_endpoints(source: StudyArgument, *, as_json: bool) -> None:
    from .reconstruct import ReconstructionRefused, reconstruct
    from .reproduction import refusal_reason

    study = source.study
    refused: dict[str, str] = {}
    for endpoint in study.endpoints:
        try:
            reconstruct(endpoint)
        except ReconstructionRefused as refusal:
            refused[endpoint.key] = refusal_reason(endpoint, refusal)
    keys = [endpoint.key for endpoint in study.endpoints]
    if as_json:
        emit_json({"study": study.id, "faults": [], "endpoints": keys, "refused": refused})
    else:
        count = f"{len(keys)} endpoint{'s' * (len(keys) != 1)}"
        emit(
            paragraph(f"{source.name} is a sound study file: {count}."),
            *(paragraph(f"{key} cannot be reconstructed: {why}") for key, why in refused.items()),
        )

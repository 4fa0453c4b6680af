"""What the page's processes do, by name: functions of plain values that return plain values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..outcome import Progress
from .workspace import RESULTS, Workspace

__all__ = ["TASKS", "WARM_UP"]


# The study file ----------------------------------------------------------------------------------


def state(folder: Path, study: Path, *, progress: Progress) -> dict[str, Any]:
    """Return what the page shows of the study file, and which curves it uses."""
    del progress
    from .study_figures import used
    from .study_state import study_state

    found = study_state(study)
    try:
        curves = used(found["content"]) if isinstance(found["content"], dict) else {}
    except (AttributeError, KeyError, TypeError):  # a file at fault; its faults are reported
        curves = {}
    found["used"] = [[file, arm, where] for (file, arm), where in curves.items()]
    points = Workspace(folder, study).points() if found["exists"] else ()
    found["unused"] = [name for name in points if name not in found["text"]]
    return found


def edit(
    folder: Path, study: Path, edits: Sequence[Mapping[str, Any]], *, progress: Progress
) -> dict[str, Any]:
    """Change the study file, and return what the page shows of it then."""
    from .study_editing import EditRefused, edited, write_study

    if not study.is_file():
        raise EditRefused("There is no study file in the folder yet.")
    write_study(study, edited(_text(study), edits))
    return state(folder, study, progress=progress)


def _text(study: Path) -> str:
    from .study_editing import EditRefused

    try:
        return study.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise EditRefused(f"{study.name} is not UTF-8 text; save it with that encoding.") from error


@contextmanager
def _content(study: Path) -> Iterator[dict[str, Any]]:
    """Give what the study file says to work out changes; a file at fault is to be mended first."""
    from .study_editing import EditRefused, sound_content

    try:
        yield sound_content(_text(study))
    except (AttributeError, KeyError, TypeError) as error:
        raise EditRefused(f"{study.name} is at fault; mend it first.") from error


def replace(folder: Path, study: Path, text: str, *, progress: Progress) -> dict[str, Any]:
    """Write the study file as a whole, and return what the page shows of it then."""
    from ..studies.reader import MAX_BYTES
    from .study_editing import EditRefused, write_study

    if len(text.encode()) > MAX_BYTES:
        raise EditRefused(f"A study file has at most {MAX_BYTES:,} bytes.")
    write_study(study, text)
    return state(folder, study, progress=progress)


def take_bundled(folder: Path, study: Path, bundled: str, *, progress: Progress) -> dict[str, Any]:
    """Copy a bundled paper's study file, with its comments."""
    from importlib import resources

    from ..studies import bundled_ids
    from ..studies import papers as bundled_papers
    from .study_editing import EditRefused

    if bundled not in bundled_ids():
        raise EditRefused(f"There is no bundled paper {bundled!r}.")
    text = (resources.files(bundled_papers) / f"{bundled}.toml").read_text("utf-8")
    return replace(folder, study, text, progress=progress)


def blank(folder: Path, study: Path, *, progress: Progress) -> dict[str, Any]:
    """Lay out a study file whose values are still to be written."""
    from ..studies import starter_layout

    text = starter_layout("my-study", endpoints=("OS",), arms=("control", "new"), short=True)
    return replace(folder, study, text, progress=progress)


def papers(*, progress: Progress) -> list[dict[str, str]]:
    """Return the bundled papers: id, title and number of endpoints."""
    del progress
    from ..studies import bundled_ids, load_study

    studies = [load_study(name) for name in bundled_ids()]
    return [
        {"id": study.id, "title": study.title, "endpoints": str(len(study.endpoints))}
        for study in studies
    ]


def schema(*, progress: Progress) -> dict[str, Any]:
    """Return the JSON Schema of study files, from which the form is made."""
    del progress
    from ..studies import study_schema

    return study_schema()


def draft(folder: Path, study: Path, text: str, name: str, *, progress: Progress) -> dict[str, Any]:
    """Draft the study file from words."""
    from ..studies.drafting import draft_study
    from .study_editing import EditRefused, write_study

    if study.exists():
        raise EditRefused(
            f"{study.name} is there already: a text drafts a new study file. Work in another "
            "folder, or remove the file first."
        )
    write_study(study, draft_study(text, name=name).text)
    return state(folder, study, progress=progress)


def take_curves(folder: Path, study: Path, source: Path, *, progress: Progress) -> dict[str, Any]:
    """Lay out a study file around a CSV file of digitised points, or link them into the one there.

    Where the arms that the file names do not say which endpoint it is of, the answer has
    `question`: the `file`, and its `curves`.
    """
    from ..studies import read_curves
    from .study_figures import curves_layout, fitting_arms, linked

    names = tuple(read_curves(source))
    if not study.exists():
        text = curves_layout(source.name, names, name=source.stem)
        return replace(folder, study, text, progress=progress)
    with _content(study) as content:
        fitting = fitting_arms(content, names)
        if fitting is None:
            question = {"file": source.name, "curves": list(names)}
            return state(folder, study, progress=progress) | {"question": question}
        endpoint, arms = fitting
        edits = linked(content, source.name, names, endpoint=endpoint, arms=arms)
    return edit(folder, study, edits, progress=progress)


def points(source: Path, *, progress: Progress) -> dict[str, Any]:
    """Return the curves of a CSV file of points."""
    del progress
    from ..studies import read_curves

    return {"file": source.name, "curves": list(read_curves(source))}


def link_curves(
    folder: Path,
    study: Path,
    source: Path,
    endpoint: int,
    arms: Mapping[str, str],
    *,
    progress: Progress,
) -> dict[str, Any]:
    """Make the curves of a CSV file those of an endpoint's arms."""
    from ..studies import read_curves
    from .study_figures import linked

    names = tuple(read_curves(source))
    with _content(study) as content:
        edits = linked(content, source.name, names, endpoint=endpoint, arms=arms)
    return edit(folder, study, edits, progress=progress)


# Figures -----------------------------------------------------------------------------------------


def read(
    folder: Path,
    study: Path,
    source: Path,
    hints: Mapping[str, Any],
    key: str,
    *,
    progress: Progress,
) -> dict[str, Any]:
    """Read a figure, or every page of a PDF that may hold one, into folders of readings."""
    from .figure_reading import read_source

    return read_source(Workspace(folder, study), source, hints, key=key, progress=progress)


def by_hand(source: Path, *, progress: Progress) -> dict[str, Any]:
    """Return what the page shows of a picture whose axes a person is to set."""
    del progress
    from .figure_reading import by_hand as begun

    return begun(source)


def upright(source: Path, *, progress: Progress) -> bytes:
    """Return a picture as the reader turns it, as PNG."""
    del progress
    from .figure_reading import upright as turned

    return turned(source)


def figure(target: Path, *, progress: Progress) -> dict[str, Any]:
    """Return a reading as the page shows it."""
    del progress
    from .figure_editing import read_document

    return read_document(target)


def correct(
    folder: Path, study: Path, target: Path, document: Mapping[str, Any], *, progress: Progress
) -> dict[str, Any]:
    """Write a corrected reading, and what of it the study file repeats."""
    from .figure_editing import save_figure
    from .study_figures import followed

    prefix = _prefix(folder, target)
    drafted = save_figure(target, document, prefix=prefix)
    renamed = {
        (prefix + panel["files"]["curves"], str(arm["was"])): arm["name"]
        for panel in document["panels"]
        for arm in panel["arms"]
        if "was" in arm
    }
    if study.is_file():
        with _content(study) as content:
            edits = followed(content, drafted, renamed)
        if edits:
            return edit(folder, study, edits, progress=progress)
    return state(folder, study, progress=progress)


def use(
    folder: Path,
    study: Path,
    target: Path,
    panel: int,
    endpoint: int | None,
    arms: Mapping[str, str],
    *,
    progress: Progress,
) -> dict[str, Any]:
    """Put the curves of a panel into the study file."""
    import numpy as np

    from .figure_editing import drafted, read_document, reading_of
    from .study_figures import put_in

    blank = np.zeros((1, 1, 3), dtype=np.uint8)
    reading = reading_of(read_document(target), blank)
    draft_content = drafted(reading, _prefix(folder, target))
    with _content(study) as content:
        edits = put_in(content, draft_content, panel, endpoint=endpoint, arms=arms)
    return edit(folder, study, edits, progress=progress)


def _prefix(folder: Path, target: Path) -> str:
    return "" if folder == target else f"{target.name}/"


# Results -----------------------------------------------------------------------------------------


def verdict(study: Path, endpoint: str, *, progress: Progress) -> dict[str, Any]:
    """Return the first screen of the report for one endpoint."""
    del progress
    from .study_state import live_verdict

    return live_verdict(study, endpoint)


def audit(study: Path, *, progress: Progress) -> dict[str, Any]:
    """Return the findings of the audit."""
    del progress
    from ..audit import audit as run
    from ..studies import read_study

    found = run(read_study(study))
    return {"summary": found.summary, **found.to_dict()}


def reproduce(folder: Path, study: Path, *, progress: Progress) -> list[str]:
    """Write the results of `kmrepro reproduce STUDY --out results`; return their names."""
    from ..defaults import FORMATS
    from ..outcome import nothing_reproduced
    from ..reproduction import reproduce as run
    from ..saving import save
    from ..studies import read_study

    result = run(read_study(study), progress=progress)
    out = folder / RESULTS
    written = save(result, out, formats=FORMATS, force=True, inputs=(study,), progress=progress)
    if not result.analyses:
        raise nothing_reproduced(result, report=out.name)
    return [path.as_posix() for path in written]


def workbook(study: Path, *, progress: Progress) -> bytes:
    """Return the workbook that `kmrepro to-excel` writes."""
    del progress
    from ..studies.reader import study_content
    from ..study_workbook import workbook_bytes

    return workbook_bytes(study_content(study))


TASKS: dict[str, Callable[..., Any]] = {
    each.__name__: each
    for each in (
        state, edit, replace, blank, take_bundled, papers, schema, draft, take_curves,
        points, link_curves,
        read, figure, by_hand, upright, correct, use,
        verdict, audit, reproduce, workbook,
    )
}  # fmt: skip


# Made ready beforehand ---------------------------------------------------------------------------


def _load_studies() -> None:
    from ..studies import load_study
    from . import study_state  # noqa: F401

    load_study("haic-tae")


def _load_figures() -> None:
    from . import figure_editing  # noqa: F401


def _load_verdict() -> None:
    from ..explorer import view  # noqa: F401
    from ..figures.report.sections import endpoint_section  # noqa: F401
    from ..figures.report.summary import verdict_section  # noqa: F401
    from ..models import analyse  # noqa: F401


def _first_verdict() -> None:
    from ..explorer import view
    from ..models import analyse
    from ..studies import load_study

    endpoint = load_study("haic-tae").endpoints[0]
    found = view(endpoint, {})
    if found.ipd is not None:
        analyse(endpoint, found.ipd, attainable=False)


def _first_curve() -> None:
    """Compile what the curve of a figure needs."""
    from ..explorer import view
    from ..studies import curve_endpoint, digitised_curve

    curve = digitised_curve(
        [0.0, 2.0, 5.0, 9.0], [1.0, 0.9, 0.805, 0.7], kind="samples", tolerance=0.005
    )
    view(curve_endpoint({"A": curve, "B": curve}, n={"A": 40, "B": 40}), {})


def _load_reader() -> None:
    from . import figure_reading  # noqa: F401


def _first_text() -> None:
    """Load the recognition of text."""
    import numpy as np

    from ..digitise.text import read_words

    read_words(np.full((200, 300, 3), 255, dtype=np.uint8))


WARM_UP: dict[str, tuple[Callable[[], None], ...]] = {
    "live": (_load_studies, _load_figures, _load_verdict, _first_verdict, _first_curve),
    "long": (_load_reader, _first_text),
}
"""Steps towards being ready, by the name of a worker; one is done whenever nobody waits."""

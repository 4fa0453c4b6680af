"""Files of a reading: JSON, CSV, the overlay and a draft study file."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import UnreadableFigureError
from .overlay import draw_overlay, png_bytes

if TYPE_CHECKING:
    from .reading import Panel, ReadArm, Reading

_ENDPOINTS = (
    ("OS", r"overall surviv|\bOS\b"),
    ("PFS", r"progression.?free|\bPFS\b"),
    ("DFS", r"disease.?free|\bDFS\b"),
    ("EFS", r"event.?free|\bEFS\b"),
    ("RFS", r"(?:relapse|recurrence).?free|\bRFS\b"),
)


def reading_files(reading: Reading) -> dict[str, bytes]:
    """Content of every file of a reading.

    Parameters
    ----------
    reading : Reading

    Returns
    -------
    dict of str to bytes
        By the path within the folder: reading.json, the CSV files (in panel-1/, panel-2/ ... if
        there are several panels), overlay.png and study.toml.
    """
    files = {
        "reading.json": json.dumps(reading.to_dict(), ensure_ascii=False, indent=1).encode()
        + b"\n",
        "overlay.png": png_bytes(draw_overlay(reading)),
        "study.toml": draft_study(reading).encode(),
    }
    several = len(reading.panels) > 1
    for panel in reading.panels:
        prefix = f"panel-{panel.panel}/" if several else ""
        for name, content in _panel_files(panel).items():
            files[prefix + name] = content.encode()
    return files


def _panel_files(panel: Panel) -> dict[str, str]:
    curves = [
        (arm.name, f"{time:.6g}", f"{survival:.6f}", f"{tolerance:.6f}")
        for arm in panel.arms
        for time, survival, tolerance in zip(
            arm.curve.time, arm.curve.survival, arm.curve.tolerance, strict=True
        )
    ]
    files = {"curves.csv": _table(("arm", "time", "survival", "tolerance"), curves)}
    if panel.at_risk:
        cells = [(row.arm, f"{time:g}", n) for row in panel.at_risk for time, n in row.cells]
        files["at_risk.csv"] = _table(("arm", "time", "n_at_risk"), cells)
    marks = [
        (arm.name, f"{time:.6g}") for arm in panel.arms for time in arm.censor_marks if time > 0
    ]
    if marks:
        files["censor_marks.csv"] = _table(("arm", "time"), marks)
    return files


def _table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(headings)
    writer.writerows(rows)
    return text.getvalue()


def save_reading(reading: Reading, folder: Path) -> Path:
    """Write the files of a reading; the folder appears whole or not at all.

    Parameters
    ----------
    reading : Reading
    folder : Path
        Does not exist yet, or is empty.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    UnreadableFigureError
        If the folder holds files already.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UnreadableFigureError(f"{folder} exists and is not empty: name another folder.")
    building = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.resolve().parent))
    try:
        write_files(reading, building)
        building.chmod(0o755)
        building.replace(folder.resolve())
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return folder


def write_files(reading: Reading, folder: Path) -> None:
    """Write the files of a reading into an empty folder."""
    for name, content in reading_files(reading).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def draft_study(reading: Reading) -> str:
    """Draft a study file that names the CSV files of a reading.

    Parameters
    ----------
    reading : Reading

    Returns
    -------
    str
        TOML. The figure's own results (hazard ratio, p) stand in comments, to be checked and
        entered by hand.
    """
    names = list(dict.fromkeys(arm.name for panel in reading.panels for arm in panel.arms))
    keys = {name: f"A{k + 1}" for k, name in enumerate(names)}
    units = [panel.x_unit for panel in reading.panels if panel.x_unit]
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", Path(reading.figure).stem).strip("-") or "figure"
    lines = [
        f"# Read from {reading.figure}: compare overlay.png before use.",
        f"id = {_quoted(stem.lower())}",
        f'time_unit = "{units[0] if units else "months"}"'
        + ("" if units else "    # the time axis names no unit: check this"),
        "",
        "[arms]",
        *[f"{key} = {_quoted(name)}" for name, key in keys.items()],
    ]
    labels: set[str] = set()
    for panel in reading.panels:
        lines += ["", *_endpoint(reading, panel, keys, labels)]
    return "\n".join(lines) + "\n"


def _endpoint(reading: Reading, panel: Panel, keys: dict[str, str], labels: set[str]) -> list[str]:
    said = " ".join(text for text in (panel.title, panel.y_title) if text)
    name = next((key for key, pattern in _ENDPOINTS if re.search(pattern, said, re.I)), "SURV")
    if name in labels:
        name = f"{name}-{panel.label or panel.panel}"
    labels.add(name)
    where = f"panel {panel.label or panel.panel} of " if len(reading.panels) > 1 else ""
    lines = [f"# unsure: {text}" for text in panel.unsure]
    lines += [f"# in the figure: {text}" for text in panel.remarks]
    lines += [
        "[[endpoint]]",
        f'name = "{name}"',
        f"source = {_quoted(where + reading.figure)}",
    ]
    if len(panel.arms) > 1:
        lines.append(f'reference = "{keys[panel.arms[0].name]}"')
    folder = f"panel-{panel.panel}/" if len(reading.panels) > 1 else ""
    for arm in panel.arms:
        lines += [
            "",
            f"[endpoint.arms.{keys[arm.name]}]",
            *_arm_lines(panel, arm, folder, exact=reading.kind == "vector"),
        ]
    return lines


def _arm_lines(panel: Panel, arm: ReadArm, folder: str, *, exact: bool) -> list[str]:
    cells, n = panel.cells_of(arm), panel.patients_of(arm)
    lines = [f"n = {n}"] if n else ["# n = ...    the figure does not say it"]
    # a raster's levels are heights of the curve; each of its steps need not be an event
    kind = "steps" if exact else "samples"
    lines.append(
        f"curve = {{ file = {_quoted(folder + 'curves.csv')}, arm = {_quoted(arm.name)}, "
        f'kind = "{kind}" }}    # each point has its own tolerance in the file'
    )
    if cells:
        counts = ", ".join(f"{_key(time)} = {count}" for time, count in sorted(cells.items()))
        lines.append(f"at_risk = {{ {counts} }}")
    marks = sorted({f"{time:.6g}" for time in arm.censor_marks if time > 0}, key=float)
    if marks and exact:
        lines.append(f"censor_marks = [{', '.join(marks)}]")
    elif marks:  # a reconstruction takes marks for all the times of censoring
        lines.append("# censor_marks.csv holds marks, but those of a raster are incomplete")
    return lines


def _key(time: float) -> str:
    return f"{time:g}" if time == int(time) else f'"{time:g}"'


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)

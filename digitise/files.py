"""Files of a reading: JSON, CSV, a draft study file, and the overlay drawn over the figure."""

from __future__ import annotations

import base64
import csv
import html
import io
import json
import re
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ..presentation import toml
from .reading import UnreadableFigureError

if TYPE_CHECKING:
    from .pages import Drawing
    from .reading import Panel, ReadArm, Reading

Image = npt.NDArray[np.uint8]

_ENDPOINTS = (
    ("OS", r"overall surviv|\bOS\b"),
    ("PFS", r"progression.?free|\bPFS\b"),
    ("DFS", r"disease.?free|\bDFS\b"),
    ("EFS", r"event.?free|\bEFS\b"),
    ("RFS", r"(?:relapse|recurrence).?free|\bRFS\b"),
)
_INKS = ((0, 200, 0), (255, 0, 255), (255, 140, 0), (0, 190, 255), (150, 90, 20), (90, 90, 90))


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
    keys = dict(zip(names, toml.short_names(names), strict=True))
    units = [panel.x_unit for panel in reading.panels if panel.x_unit]
    unit = (*units, "months")[0]
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", Path(reading.figure).stem).strip("-") or "figure"
    lines = [
        f"# Read from {reading.figure}: compare overlay.png before use.",
        f"id = {toml.quoted(stem.lower())}",
        f'time_unit = "{unit}"' + ("" if units else "    # the figure names none: check this"),
        "",
        "[arms]",
        *[f"{toml.key(key)} = {toml.quoted(name)}" for name, key in keys.items()],
    ]
    labels: set[str] = set()
    for panel in reading.panels:
        lines += ["", *_endpoint(reading, panel, keys, labels, unit=unit)]
    return "\n".join(lines) + "\n"


def _endpoint(
    reading: Reading, panel: Panel, keys: dict[str, str], labels: set[str], *, unit: str
) -> list[str]:
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
        f"source = {toml.quoted(where + reading.figure)}",
    ]
    if panel.x_unit not in (None, unit):
        lines.append(f'time_unit = "{panel.x_unit}"')
    if len(panel.arms) > 1:
        lines.append(f"reference = {toml.quoted(keys[panel.arms[0].name])}")
    folder = f"panel-{panel.panel}/" if len(reading.panels) > 1 else ""
    for arm in panel.arms:
        lines += [
            "",
            f"[endpoint.arms.{toml.key(keys[arm.name])}]",
            *_arm_lines(panel, arm, folder, exact=reading.kind == "vector"),
        ]
    return lines


def _arm_lines(panel: Panel, arm: ReadArm, folder: str, *, exact: bool) -> list[str]:
    cells, n = panel.cells_of(arm), panel.patients_of(arm)
    lines = [f"n = {n}"] if n else ["# n = ...    the figure does not say it"]
    # a raster's levels are heights of the curve; each of its steps need not be an event
    kind = "steps" if exact else "samples"
    lines.append(
        f"curve = {{ file = {toml.quoted(folder + 'curves.csv')}, arm = {toml.quoted(arm.name)}, "
        f'kind = "{kind}" }}    # each point has its own tolerance in the file'
    )
    if cells:
        counts = ", ".join(f"{_time_key(time)} = {count}" for time, count in sorted(cells.items()))
        lines.append(f"at_risk = {{ {counts} }}")
    marks = sorted({f"{time:.6g}" for time in arm.censor_marks if time > 0}, key=float)
    if marks and exact and not arm.own_marks:
        lines.append("# censor_marks.csv holds marks, but some may be another arm's")
    elif marks and exact:
        lines.append(f"censor_marks = [{', '.join(marks)}]")
    elif marks:  # a reconstruction takes marks for all the times of censoring
        lines.append("# censor_marks.csv holds marks, but those of a raster are incomplete")
    return lines


def _time_key(time: float) -> str:
    return f"{time:g}" if time == int(time) else f'"{time:g}"'


def draw_overlay(reading: Reading) -> Image:
    """Draw curves, marks, calibration points and numbers at risk over the faded figure.

    Parameters
    ----------
    reading : Reading

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)
        Twice the size of a small figure, so that lines a pixel wide can be told apart.
    """
    from PIL import Image as Pillow
    from PIL import ImageDraw

    faded = (255 - (255 - reading.image.astype(float)) * 0.4).astype(np.uint8)
    picture = Pillow.fromarray(faded)
    enlarge = 2 if max(picture.size) < 1400 else 1
    picture = picture.resize((picture.width * enlarge, picture.height * enlarge))
    draw = ImageDraw.Draw(picture)
    scale = enlarge * reading.image_scale
    pen = max(1, round(max(picture.size) / 900))  # seen as one pixel of a screen or more
    for panel in reading.panels:
        for k, arm in enumerate(panel.arms):
            _draw_arm(draw, panel, arm, ink=_INKS[k % len(_INKS)], scale=scale, pen=pen)
        _draw_axes(draw, panel, scale, pen)
    return np.asarray(picture)


def _place(panel: Panel, time: npt.ArrayLike, survival: npt.ArrayLike, scale: float):  # type: ignore[no-untyped-def]
    whole = 100.0 if panel.percent else 1.0
    value = np.asarray(survival) * whole
    value = whole - value if panel.incidence else value
    return panel.x_axis.pixel(time) * scale, panel.y_axis.pixel(value) * scale


def _draw_arm(  # type: ignore[no-untyped-def]
    draw, panel: Panel, arm: ReadArm, *, ink: tuple[int, int, int], scale: float, pen: int
) -> None:
    curve = arm.curve
    x, y = _place(panel, curve.time, curve.survival, scale)
    corners = [(float(x[0]), float(y[0]))]
    for k in range(1, len(x)):
        corners += [(float(x[k]), float(y[k - 1])), (float(x[k]), float(y[k]))]
    draw.line(corners, fill=ink, width=pen)
    levels = curve.at(arm.censor_marks)
    for mx, my in zip(*_place(panel, arm.censor_marks, levels, scale), strict=True):
        draw.line([(mx, my - 7 * pen), (mx, my - 2 * pen)], fill=ink, width=pen)


def _draw_axes(draw, panel: Panel, scale: float, pen: int) -> None:  # type: ignore[no-untyped-def]
    from PIL import ImageFont

    font = ImageFont.load_default(size=10 * pen)
    red, reach = (255, 0, 0), 6 * pen
    bottom = float(panel.y_axis.pixel(min(v for _, v in panel.y_axis.points))) * scale
    left = float(panel.x_axis.pixel(min(v for _, v in panel.x_axis.points))) * scale
    for pixel, value in panel.x_axis.points:
        at = pixel * scale
        draw.line([(at, bottom - reach), (at, bottom + reach)], fill=red, width=pen)
        draw.text((at + 2, bottom + reach), f"{value:g}", fill=red, font=font)
    for pixel, value in panel.y_axis.points:
        at = pixel * scale
        draw.line([(left - reach, at), (left + reach, at)], fill=red, width=pen)
        draw.text((left + 8 * pen, at - 5 * pen), f"{value:g}", fill=red, font=font)
    for k, row in enumerate(panel.at_risk):
        for time, number in row.cells:
            place = (
                float(panel.x_axis.pixel(time)) * scale - 8 * pen,
                bottom + (18 + 11 * k) * pen,
            )
            draw.text(place, str(number), fill=(0, 0, 255), font=font)


def draw_strokes(drawing: Drawing, scale: float) -> Image:
    """Draw the strokes and words of a vector figure on white, as the ground of an overlay.

    Parameters
    ----------
    drawing : Drawing
    scale : float
        Pixels per point.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)
    """
    from PIL import Image as Pillow
    from PIL import ImageDraw

    size = (round(drawing.width * scale), round(drawing.height * scale))
    picture = Pillow.new("RGB", size, "white")
    draw = ImageDraw.Draw(picture)
    for stroke in drawing.strokes:
        ink = tuple(round(min(max(c, 0.0), 255.0)) for c in stroke.rgb)
        corners = [(float(x) * scale, float(y) * scale) for x, y in stroke.points]
        draw.line(corners, fill=ink, width=max(1, round(stroke.width * scale)))
    for word in drawing.words:
        if not word.vertical:
            draw.text((word.x0 * scale, word.y0 * scale), word.text, fill=(0, 0, 0))
    return np.asarray(picture)


def png_bytes(image: Image) -> bytes:
    """Encode an image as PNG."""
    from PIL import Image as Pillow

    buffer = io.BytesIO()
    Pillow.fromarray(image).save(buffer, format="PNG", optimize=False)
    return buffer.getvalue()


def reading_html(reading: Reading) -> str:
    """Overlay and a table of arms, for a notebook.

    Parameters
    ----------
    reading : Reading

    Returns
    -------
    str
        HTML with the overlay embedded.
    """
    encoded = base64.b64encode(png_bytes(draw_overlay(reading))).decode()
    rows = "".join(
        f"<tr><td>{panel.panel}</td><td>{html.escape(arm.name)}</td><td>{arm.color}</td>"
        f"<td>{len(arm.curve.time)}</td><td>{arm.curve.time[-1]:g}</td>"
        f"<td>{len(arm.censor_marks)}</td></tr>"
        for panel in reading.panels
        for arm in panel.arms
    )
    doubts = "".join(f"<li>{html.escape(text)}</li>" for text in reading.unsure)
    return (
        f"<p><b>{html.escape(reading.figure)}</b> ({reading.kind})</p>"
        f'<img alt="what was read, over the figure" style="max-width:100%" '
        f'src="data:image/png;base64,{encoded}">'
        "<table><thead><tr><th>panel</th><th>arm</th><th>colour</th><th>points</th>"
        f"<th>drawn until</th><th>censoring marks</th></tr></thead><tbody>{rows}</tbody></table>"
        + (f"<p>Unsure:</p><ul>{doubts}</ul>" if doubts else "")
    )

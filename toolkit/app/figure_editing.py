"""A reading of a figure that a person corrects: from its folder and back."""

from __future__ import annotations

import csv
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..digitise.axes import AxisScale, scale_through
from ..digitise.files import draft_study, png_bytes, reading_files
from ..digitise.read import FigureReading
from ..digitise.reading import Panel, ReadArm, ReadCurve, RiskRow
from ..output import write_file

__all__ = ["FigureRefused", "drafted", "read_document", "reading_of", "save_figure", "saved"]

IMAGE = "image.png"
"""The figure as it was read, upright, which the reading is drawn over."""
PAGE = "page.json"
"""What the page knows of a reading beyond what `kmrepro digitise` writes."""
MOST_POINTS = 20_000
_DECIMALS = 6


class FigureRefused(ValueError):  # noqa: N818 - a refusal is an answer, not a fault
    """A correction that no reading can have; the message says which."""


@dataclass(frozen=True)
class Page:
    """What a reading's folder holds for the page alone.

    Attributes
    ----------
    source : str
        The file that was read, relative to the folder; empty if it is not here.
    image_scale : float
        Pixels of the image per unit of the calibrations.
    confirmed : tuple of str
        Which of the unsure things a person has looked at.
    remarks : tuple of tuple of str
        Results written in each panel.
    n : tuple of tuple of int or None
        Patients of each panel's arms, as its legend has them.
    """

    source: str = ""
    image_scale: float = 1.0
    confirmed: tuple[str, ...] = ()
    remarks: tuple[tuple[str, ...], ...] = ()
    n: tuple[tuple[int | None, ...], ...] = ()

    @classmethod
    def read(cls, folder: Path) -> Page:
        """Read it; a folder that the command line wrote has none."""
        try:
            content = json.loads((folder / PAGE).read_text(encoding="utf-8"))
            return cls(
                source=str(content.get("source", "")),
                image_scale=float(content.get("image_scale", 1.0)),
                confirmed=tuple(map(str, content.get("confirmed", ()))),
                remarks=tuple(tuple(map(str, each)) for each in content.get("remarks", ())),
                n=tuple(tuple(each) for each in content.get("n", ())),
            )
        except (OSError, ValueError, TypeError, AttributeError):
            return cls()


def saved(
    reading: FigureReading,
    folder: Path,
    *,
    source: str,
    confirmed: tuple[str, ...] = (),
    pictures: bool = True,
) -> None:
    """Write a reading as `kmrepro digitise` does, the picture it is of, and the page's own file.

    Parameters
    ----------
    reading : FigureReading
    folder : Path
        It is made; files of an earlier reading are replaced. The study file is left alone.
    source : str
        The file that was read, relative to the folder.
    confirmed : tuple of str
        Which of the unsure things a person has looked at.
    pictures : bool
        Whether the reading's image is that of the figure; without, the pictures stay as they are.
    """
    folder.mkdir(exist_ok=True)
    page = {
        "source": source,
        "image_scale": reading.image_scale,
        "confirmed": confirmed,
        "remarks": [panel.remarks for panel in reading.panels],
        "n": [[arm.n for arm in panel.arms] for panel in reading.panels],
    }
    files = reading_files(reading)
    del files["study.toml"]
    files[PAGE] = (json.dumps(page, ensure_ascii=False, indent=1) + "\n").encode()
    if pictures:
        files[IMAGE] = png_bytes(reading.image)
    else:
        del files["overlay.png"]
    for name in ("at_risk.csv", "censor_marks.csv"):  # of the reading before, if it had them
        if name not in files:
            (folder / name).unlink(missing_ok=True)
    for name, content in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        write_file(folder / name, content, force=True, keep=False)


# From the folder ---------------------------------------------------------------------------------


def read_document(folder: Path) -> dict[str, Any]:
    """Return what a folder holds of a reading, as the page shows and corrects it.

    Returns
    -------
    dict
        As reading.json, and each arm with `points` (time, survival, tolerance), `marks`, `n` and
        `was`, its name on the disk; each panel with `at_risk` and `remarks`; `confirmed`;
        `image_scale`; `has_image`; and `source`, the file that was read.

    Raises
    ------
    FigureRefused
        If a file of the reading is missing or broken.
    """
    try:
        content: dict[str, Any] = json.loads((folder / "reading.json").read_text("utf-8"))
        page = Page.read(folder)
        panels = [
            _panel_document(folder, panel, page, number)
            for number, panel in enumerate(content["panels"])
        ]
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        raise FigureRefused(
            f"The reading in this folder cannot be opened ({error}); drop the figure again."
        ) from error
    source = page.source if (folder / page.source).is_file() else ""
    return content | {
        "panels": panels,
        "confirmed": list(page.confirmed),
        "image_scale": page.image_scale,
        "has_image": (folder / IMAGE).is_file(),
        "source": source,
    }


def _panel_document(folder: Path, panel: dict[str, Any], page: Page, number: int) -> dict[str, Any]:
    files = panel["files"]
    points = _by_arm(folder, files["curves"], ("time", "survival", "tolerance"))
    marks = _by_arm(folder, files.get("censor_marks"), ("time",))
    cells = _by_arm(folder, files.get("at_risk"), ("time", "n_at_risk"))
    counts = page.n[number] if number < len(page.n) else ()
    arms = [
        arm
        | {
            "was": arm["name"],
            "points": points.get(arm["name"], []),
            "marks": [row[0] for row in marks.get(arm["name"], [])],
            "n": counts[place] if place < len(counts) else None,
        }
        for place, arm in enumerate(panel["arms"])
    ]
    at_risk = [
        {"arm": arm, "cells": [[time, int(n)] for time, n in rows]} for arm, rows in cells.items()
    ]
    remarks = list(page.remarks[number]) if number < len(page.remarks) else []
    return panel | {"arms": arms, "at_risk": at_risk, "remarks": remarks}


def _by_arm(folder: Path, name: str | None, columns: Sequence[str]) -> dict[str, list[list[float]]]:
    """Read a CSV file of a reading, which names its arms in the first column."""
    found: dict[str, list[list[float]]] = {}
    path = folder / str(name)
    if name is None or not path.resolve().is_relative_to(folder.resolve()):
        return found
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            values = [float(row[column]) for column in columns]
            found.setdefault(row["arm"], []).append(values)
    return found


# From the page -----------------------------------------------------------------------------------


def reading_of(document: Mapping[str, Any], image: npt.NDArray[np.uint8]) -> FigureReading:
    """Return the reading that a corrected document describes.

    Raises
    ------
    FigureRefused
        If an axis, a curve or a table cannot be one.
    """
    try:
        panels = tuple(_panel(panel) for panel in document["panels"])
        names = {str(key) for key in document}
        reading = FigureReading(
            figure=str(document["figure"])[:200],
            kind="vector" if document["kind"] == "vector" else "raster",
            panels=panels,
            image=image,
            image_scale=float(document["image_scale"]),
            turned=float(document.get("turned_degrees", 0.0)),
            page=int(document["page"]) if "page" in names else None,
        )
    except (KeyError, TypeError, IndexError, OverflowError) as error:
        raise FigureRefused(f"This is no reading of a figure ({error}).") from error
    if not panels:
        raise FigureRefused("A reading has at least one panel.")
    return reading


def _panel(panel: Mapping[str, Any]) -> Panel:
    x, y = _axis(panel["x_axis"], "x"), _axis(panel["y_axis"], "y")
    arms = tuple(_arm(arm) for arm in panel["arms"])
    names = [arm.name for arm in arms]
    if not arms or len(set(names)) < len(names):
        raise FigureRefused("Every arm needs a name of its own, and a panel at least one arm.")
    unit = panel["x_axis"].get("unit")
    return Panel(
        panel=int(panel["panel"]),
        label=_text(panel.get("label")),
        title=_text(panel.get("title")),
        x_axis=x,
        y_axis=y,
        x_unit=unit if unit in ("days", "weeks", "months", "years") else None,
        x_title=_text(panel["x_axis"].get("title")),
        y_title=_text(panel["y_axis"].get("title")),
        percent=panel["y_axis"].get("kind") == "percent",
        incidence=panel.get("orientation") == "incidence",
        arms=arms,
        at_risk=tuple(row for row in map(_risk_row, panel.get("at_risk", ())) if row.cells),
        unsure=tuple(map(str, panel.get("unsure", ()))),
        remarks=tuple(map(str, panel.get("remarks", ()))),
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)[:500]


def _axis(axis: Mapping[str, Any], direction: str) -> AxisScale:
    points = [(_number(pixel), _number(value)) for pixel, value in axis["calibration"]]
    ways = len({pixel for pixel, _ in points}), len({value for _, value in points})
    if min(ways) < 2:
        raise FigureRefused(
            f"The {direction} axis needs two places with different values; move one of its handles."
        )
    return scale_through(points, direction)


def _number(value: object) -> float:
    number = float(value)  # type: ignore[arg-type]
    if not np.isfinite(number):
        raise FigureRefused("A number is missing.")
    return number


def _arm(arm: Mapping[str, Any]) -> ReadArm:
    name = str(arm["name"]).strip()[:120]
    points = np.array(arm["points"], dtype=float).reshape(-1, 3)
    if not name or not name.isprintable():
        raise FigureRefused("An arm needs a name.")
    if not 2 <= len(points) <= MOST_POINTS or not np.isfinite(points).all():
        raise FigureRefused(f"The curve of {name} needs at least two points.")
    time, survival, tolerance = points.T
    if (np.diff(time) < 0).any() or (np.diff(survival) > 10.0**-_DECIMALS).any():
        raise FigureRefused(f"The curve of {name} runs back in time, or rises.")
    if time[0] < 0 or survival.min() < 0 or survival.max() > 1:
        raise FigureRefused(f"The curve of {name} leaves the plot: survival is from 0 to 1.")
    marks = np.array(sorted(map(_number, arm.get("marks", ()))), dtype=float)
    return ReadArm(
        name=name,
        curve=ReadCurve(
            time=time, survival=np.minimum.accumulate(survival), tolerance=np.abs(tolerance)
        ),
        color=str(arm["color"])[:9],
        dash="dashed" if arm.get("dash") == "dashed" else "solid",
        length_read=float(arm.get("length_read", 1.0)),
        censor_marks=marks,
        n=None if arm.get("n") is None else int(arm["n"]),
    )


def _risk_row(row: Mapping[str, Any]) -> RiskRow:
    cells = []
    for time, count in row["cells"]:
        if not float(count).is_integer() or not 0 <= count < 10_000_000:
            raise FigureRefused(f"{count} is no number at risk: write a whole number.")
        cells.append((_number(time), int(count)))
    times = [time for time, _ in cells]
    if len(set(times)) < len(times) or min(times, default=0.0) < 0:
        raise FigureRefused(f"The numbers at risk of {row['arm']} need a time of their own each.")
    return RiskRow(arm=str(row["arm"]), cells=tuple(sorted(cells)))


def save_figure(folder: Path, document: Mapping[str, Any], *, prefix: str) -> dict[str, Any]:
    """Write a corrected reading, and return what its study file would say.

    Parameters
    ----------
    folder : Path
        Of the reading.
    document : mapping
        As `read_document` returns it, corrected.
    prefix : str
        How the study file names the folder, such as "page-5/"; empty if it is its own.

    Returns
    -------
    dict
        The content of the draft study file of the reading.
    """
    from ..digitise.raster import open_image

    here = (folder / IMAGE).is_file()
    blank = np.full((600, 800, 3), 255, dtype=np.uint8)
    reading = reading_of(document, open_image(folder / IMAGE) if here else blank)
    saved(
        reading,
        folder,
        source=Page.read(folder).source,
        confirmed=tuple(map(str, document.get("confirmed", ()))),
        pictures=here,
    )
    return drafted(reading, prefix)


def drafted(reading: FigureReading, prefix: str) -> dict[str, Any]:
    """Return the draft study file of a reading as values, its files named from the study."""
    content = tomllib.loads(draft_study(reading))
    for endpoint in content["endpoint"]:
        for arm in endpoint["arms"].values():
            arm["curve"]["file"] = prefix + arm["curve"]["file"]
    return content

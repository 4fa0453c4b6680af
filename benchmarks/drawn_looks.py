"""Looks of drawn figures: every feature at random, and what happens to the file afterwards."""

from __future__ import annotations

from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageFilter

PALETTES = (
    ("#1f77b4", "#d62728", "#2ca02c", "#9467bd"), ("#e69f00", "#56b4e9", "#009e73", "#cc79a7"),
    ("#0072bd", "#d95319", "#edb120", "#7e2f8e"), ("#4472c4", "#ed7d31", "#a5a5a5", "#ffc000"),
    ("#374e55", "#df8f44", "#00a1d5", "#b24745"), ("#000000", "#d01c1c", "#1c4fd0", "#1f8a3b"),
    ("#0b3c5d", "#6fb1d8", "#3a7ca5", "#c5dff0"), ("#7f0000", "#f08080", "#c03030", "#fcc5c5"),
    ("#f8766d", "#00bfc4", "#7cae00", "#c77cff"), ("#445694", "#a23a2e", "#01665e", "#543005"),
    ("#ff0000", "#0000ff", "#008000", "#ff8000"), ("#4c72b0", "#dd8452", "#55a868", "#c44e52"),
)  # fmt: skip
GREYS = ("#000000", "#7f7f7f", "#404040", "#a8a8a8")
DASHES: tuple[Any, ...] = ("-", (0, (5, 2.5)), (0, (1.2, 1.6)), (0, (7, 2, 1.5, 2)))
UNITS = ("months", "years", "days", "weeks")
FONTS = ("DejaVu Sans", "Liberation Sans", "DejaVu Serif", "Liberation Serif", "STIXGeneral")


@dataclass(frozen=True, kw_only=True)
class Look:
    """Every feature of a figure that is drawn at random."""

    colours: tuple[str, ...]
    dashes: tuple[int, ...]
    line_width: float
    frame: str
    ticks: str
    minor: bool
    grid: str
    ground: str
    percent: bool
    percent_signs: bool
    first: float
    y_step: float
    above: float
    before: float
    legend: str
    table: str
    marks: str
    bands: str
    guides: bool
    texts: bool
    incidence: bool
    unit: str
    font: str
    size: float
    decimals: str
    width: float
    height: float
    dpi: int
    kind: str
    ops: tuple[str, ...]
    house: str = "free"
    around: str = "#ffffff"
    turned_labels: bool = False


def in_house(look: Look, rng: np.random.Generator) -> Look:
    """Give a look the manner of a program: SAS PROC LIFETEST, GraphPad Prism or Stata."""
    house = pick(rng, free=7, sas=1, prism=1.2, stata=1)
    sas = ("#445694", "#a23a2e", "#01665e", "#543005")
    stata = ("#1a476f", "#90353b", "#55752f", "#e37e00")
    arms = len(look.colours)
    if house == "sas":
        return replace(look, house=house, colours=sas[:arms], frame="box", percent=False,
                       percent_signs=False, first=0.0, y_step=0.2, above=0.05, before=0.05,
                       incidence=False, table=pick(rng, inside=3, none=1), legend="under",
                       marks=pick(rng, **{"+": 3, "none": 1}), grid="none", ground="#ffffff",
                       dashes=tuple(range(arms)) if rng.random() < 0.5 else (0,) * arms,
                       decimals="point")  # fmt: skip
    if house == "prism":
        return replace(look, house=house, frame="L", percent=True, percent_signs=False, first=0.0,
                       y_step=float(rng.choice([0.2, 0.25, 0.5])), ground="#ffffff", grid="none",
                       above=float(rng.choice([0.0, 0.1, 0.5])), before=0.0,
                       line_width=float(rng.choice([1.5, 2.2, 3.0])), legend="right",
                       incidence=False)  # fmt: skip
    if house == "stata":
        return replace(look, house=house, colours=stata[:arms], frame="L", grid="y", y_step=0.25,
                       ground="#ffffff", around="#eaf2f3", turned_labels=bool(rng.random() < 0.5),
                       legend="under", table="none", percent=False, percent_signs=False,
                       first=0.0, decimals="point")  # fmt: skip
    return look


def pick(rng: np.random.Generator, **weights: float) -> str:
    """One of the names, by weight."""
    names = list(weights)
    shares = np.array([weights[name] for name in names])
    return str(names[int(rng.choice(len(names), p=shares / shares.sum()))])


def random_look(rng: np.random.Generator, arms: int) -> Look:
    """Draw all features of a figure at random."""
    way = pick(rng, colour=6, shades=1, black=2.2, grey=0.7, both=1.5)
    pale = ("#c5dff0", "#fcc5c5")
    palette = PALETTES[int(rng.integers(len(PALETTES)))]
    colours = tuple(c for c in palette if c not in pale or arms > 3)
    if way == "shades":
        colours = PALETTES[6 + int(rng.integers(2))]
    if way in ("black", "grey"):
        colours = GREYS if way == "grey" else ("#000000",) * 4
    dashed = way in ("black", "both")
    kind = pick(rng, png=6, jpg=3, tiff=0.7, webp=0.7, pdf=1.2, svg=0.9)
    dpi = int(rng.choice([72, 96, 100, 120, 150, 200, 300, 600],
                         p=[0.1, 0.15, 0.15, 0.12, 0.22, 0.1, 0.13, 0.03]))  # fmt: skip
    incidence = rng.random() < 0.12
    percent = rng.random() < 0.45
    low = float(rng.choice([0.0, 0.2, 0.4, 0.5], p=[0.84, 0.06, 0.05, 0.05]))
    ops: tuple[str, ...] = ()
    if kind in ("png", "jpg", "tiff") and rng.random() < 0.35:
        ops = ((pick(rng, turn=2, scale=3, grey=1, scan=2, blur=1)),)
    look = Look(
        colours=colours[:arms],
        dashes=tuple(range(arms)) if dashed else (0,) * arms,
        line_width=float(rng.choice([0.8, 1.0, 1.3, 1.6, 2.0, 3.0])),
        frame=pick(rng, L=5, box=3, none=0.7, offset=0.8),
        ticks=pick(rng, out=6, inside=2, none=0.8),
        minor=bool(rng.random() < 0.15),
        grid=pick(rng, none=6, both=1.5, y=1.5, dotted=1),
        ground=pick(rng, **{"#ffffff": 7, "#ebebeb": 0.8, "#eaeaf2": 0.5, "#f7f3e8": 0.4}),
        percent=percent,
        percent_signs=percent and rng.random() < 0.25,
        first=0.0 if incidence else low,
        y_step=float(rng.choice([0.1, 0.2, 0.25] if low in (0.0, 0.5) else [0.1, 0.2, 0.2])),
        above=float(rng.choice([0.0, 0.02, 0.05])),
        before=float(rng.choice([0.0, 0.02, 0.045])),
        legend=pick(rng, inside=5, top=1.5, right=1.2, bottom=1, labels=1.6),
        table=pick(rng, names=5, none=3, bars=1.2, censored=1, heading=1),
        marks=pick(rng, **{"none": 3, "|": 4, "+": 2, "x": 0.4, "o": 0.6}),
        bands=pick(rng, none=7, shade=2.5, lines=0.7),
        guides=bool(rng.random() < 0.1),
        texts=bool(rng.random() < 0.5),
        incidence=bool(incidence),
        unit=UNITS[int(rng.choice(4, p=[0.55, 0.25, 0.12, 0.08]))],
        font=FONTS[int(rng.integers(len(FONTS)))],
        size=float(rng.choice([7, 8, 9, 10, 12])),
        decimals=pick(rng, point=7, dot=0.7, comma=0.6, bare=0.5),
        width=float(rng.uniform(4.2, 7.5)),
        height=float(rng.uniform(3.4, 5.2)),
        dpi=dpi,
        kind=kind,
        ops=ops,
    )
    return in_house(look, rng)


def spoil(first: Path, path: Path, look: Look, rng: np.random.Generator) -> list[list[Any]]:
    """Do to the file what scanners, word processors and web sites do; return what was done."""
    image = Image.open(first).convert("RGB")
    done: list[list[Any]] = []
    for op in look.ops:
        if op in ("grey", "scan"):
            image = image.convert("L").convert("RGB")
            done.append(["grey"])
        if op in ("turn", "scan"):
            angle = float(rng.uniform(-1, 1))
            image = image.rotate(angle, resample=Image.Resampling.BICUBIC, fillcolor="white")
            done.append(["rot", angle])
        if op == "resave":  # saved as a JPEG file by whoever put it on a page
            packed = BytesIO()
            image.save(packed, "JPEG", quality=int(rng.integers(40, 76)))
            image = Image.open(packed).convert("RGB")
            done.append(["resave"])
        if op == "scale":
            factor = float(rng.uniform(0.55, 1.6))
            size = (round(image.width * factor), round(image.height * factor))
            image = image.resize(size, Image.Resampling.BILINEAR)
            done.append(["scale", factor])
        if op in ("blur", "scan"):
            image = image.filter(ImageFilter.GaussianBlur(0.6))
            done.append(["blur", 0.6])
        if op == "scan":
            noise = rng.normal(0, 6, (image.height, image.width, 1))
            image = Image.fromarray(np.clip(np.asarray(image) + noise, 0, 255).astype(np.uint8))
            done.append(["noise", 6])
    quality = {"quality": int(rng.integers(35, 96))} if look.kind in ("jpg", "webp") else {}
    image.save(path, **quality)
    first.unlink()
    return done


def follow(panels: list[dict[str, Any]], op: list[Any]) -> None:
    """Move the true pixels as an operation moved the picture."""
    if op[0] != "scale":
        return
    for panel in panels:
        for points in panel["calibration"].values():
            for point in points:
                point[0], point[1] = point[0] * op[1], point[1] * op[1]
        panel["bbox"] = [v * op[1] for v in panel["bbox"]]

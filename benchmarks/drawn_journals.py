"""Looks of journals and programs: colours, frames, tables and words that belong together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from drawn_looks import Look, pick, random_look

Changes = dict[str, Any]

_NEJM = ("#0b5394", "#c0504d", "#6aa84f", "#7f6000")
_LANCET = ("#00468b", "#ed0000", "#42b540", "#0099b4")
_JCO = ("#0073c2", "#efc000", "#868686", "#cd534c")
_JAMA = ("#374e55", "#df8f44", "#00a1d5", "#b24745")
_BMJ = ("#2a6ebb", "#cd202c", "#7d5cc6", "#f0ab00")
_SURVPLOT = ("#e7b800", "#2e9fdf", "#fc4e07", "#00afbb")
_SPSS = ("#3e58ac", "#2eb848", "#d3ce97", "#7c287d")
_PRISM = ("#000000", "#e4001b", "#0019a8", "#00803c")
_STATA = ("#1a476f", "#90353b", "#55752f", "#e37e00")
_LIFELINES = ("#1f77b4", "#ff7f0e", "#2ca02c", "#d62728")

PLAIN: Changes = {
    "ground": "#ffffff", "around": "#ffffff", "first": 0.0, "above": 0.0, "before": 0.0,
    "grid": "none", "minor": False, "frame": "L", "ticks": "out", "bands": "none",
    "guides": False, "decimals": "point", "turned_labels": False, "percent_signs": False,
}  # fmt: skip


def journal_look(rng: np.random.Generator, arms: int) -> Look:
    """Draw a look in the manner of a journal or a program.

    What a house prescribes is fixed; everything else is drawn at random.
    """
    house = pick(rng, nejm=2, lancet=2, jco=2, jama=1.5, bmj=1, survplot=2, spss=1, prism=1,
                 stata=1, lifelines=1, lifetest=1.2, dashes=2)  # fmt: skip
    start = random_look(rng, arms)
    plain = replace(start, colours=start.colours[:arms], dashes=start.dashes[:arms], **PLAIN)
    look = replace(plain, house=house, **_HOUSES[house](rng, arms))
    if look.kind in ("png", "jpg", "tiff", "webp"):  # journals' web sites: small JPEG files
        look = replace(look, kind=pick(rng, png=5, jpg=5, tiff=0.3, webp=0.5),
                       ops=(pick(rng, none=5, scale=3, resave=2, turn=0.5, scan=0.7),))  # fmt: skip
    return look


def _nejm(rng: np.random.Generator, arms: int) -> Changes:
    return {"colours": _NEJM[:arms], "dashes": (0,) * arms, "percent": True, "y_step": 0.1,
            "legend": pick(rng, labels=3, inside=1), "marks": pick(rng, none=2, t=1),
            "table": "left", "line_width": 1.6, "font": "Liberation Sans",
            "incidence": bool(rng.random() < 0.2)}  # fmt: skip


def _lancet(rng: np.random.Generator, arms: int) -> Changes:
    return {"colours": _LANCET[:arms], "dashes": (0,) * arms, "percent": True, "y_step": 0.2,
            "legend": "inside", "decimals": "dot", "table": pick(rng, censored=2, left=1),
            "marks": pick(rng, **{"|": 3, "none": 1}), "font": "Liberation Serif",
            "texts": bool(rng.random() < 0.7), "line_width": 1.4}  # fmt: skip


def _jco(rng: np.random.Generator, arms: int) -> Changes:
    return {"colours": _JCO[:arms] if rng.random() < 0.6 else _LANCET[:arms],
            "dashes": (0,) * arms, "percent": bool(rng.random() < 0.5), "y_step": 0.2,
            "legend": "inside", "table": "left", "ticks": "out",
            "marks": pick(rng, **{"|": 3, "+": 1}), "font": "Liberation Sans",
            "first": 0.0, "line_width": float(rng.choice([1.0, 1.5, 2.0]))}  # fmt: skip


def _jama(rng: np.random.Generator, arms: int) -> Changes:
    return {"colours": _JAMA[:arms], "dashes": (0,) * arms, "percent": True, "y_step": 0.2,
            "legend": "labels", "table": "left", "marks": "none", "line_width": 1.3,
            "bands": pick(rng, none=2, shade=1), "incidence": bool(rng.random() < 0.35),
            "font": "Liberation Sans"}  # fmt: skip


def _bmj(rng: np.random.Generator, arms: int) -> Changes:
    return {"colours": _BMJ[:arms], "dashes": (0,) * arms, "percent": False, "y_step": 0.25,
            "legend": pick(rng, top=1, inside=2), "table": "coloured", "grid": "y",
            "bands": pick(rng, none=1, shade=1, hatch=0.5), "marks": "none",
            "line_width": 1.6}  # fmt: skip


def _survplot(rng: np.random.Generator, arms: int) -> Changes:
    return {"colours": _SURVPLOT[:arms], "dashes": (0,) * arms, "percent": False, "y_step": 0.25,
            "legend": "top", "table": pick(rng, boxed=3, coloured=1), "before": 0.045,
            "above": 0.05, "marks": pick(rng, **{"+": 3, "none": 1}),
            "bands": pick(rng, none=1, shade=1.5), "grid": pick(rng, none=2, both=1),
            "guides": bool(rng.random() < 0.4), "line_width": 1.6, "decimals": "point",
            "texts": bool(rng.random() < 0.6)}  # fmt: skip


def _spss(rng: np.random.Generator, arms: int) -> Changes:
    return {"colours": _SPSS[:arms], "dashes": (0,) * arms, "percent": False, "y_step": 0.2,
            "frame": "box", "ground": pick(rng, **{"#ffffff": 2, "#f0f0f0": 1}), "above": 0.05,
            "before": 0.04, "legend": "right", "table": "none",
            "marks": pick(rng, **{"+": 3, "none": 1}), "line_width": 1.0,
            "decimals": pick(rng, point=2, comma=1)}  # fmt: skip


def _prism(rng: np.random.Generator, arms: int) -> Changes:
    return {"colours": _PRISM[:arms] if rng.random() < 0.7 else ("#000000",) * arms,
            "dashes": tuple(range(arms)) if rng.random() < 0.3 else (0,) * arms, "percent": True,
            "y_step": float(rng.choice([0.2, 0.25, 0.5])), "legend": pick(rng, right=2, inside=1),
            "table": pick(rng, none=2, left=1), "line_width": float(rng.choice([1.6, 2.4])),
            "marks": pick(rng, **{"t": 2, "none": 1, "o": 0.3}), "above": 0.1}  # fmt: skip


def _stata(rng: np.random.Generator, arms: int) -> Changes:
    return {"colours": _STATA[:arms], "dashes": (0,) * arms, "percent": False, "y_step": 0.25,
            "grid": "y", "around": pick(rng, **{"#eaf2f3": 2, "#ffffff": 1}), "legend": "under",
            "table": pick(rng, left=2, none=1), "turned_labels": bool(rng.random() < 0.3),
            "marks": pick(rng, none=3, t=1), "bands": pick(rng, none=3, shade=1),
            "line_width": 1.4, "frame": "L"}  # fmt: skip


def _lifelines(rng: np.random.Generator, arms: int) -> Changes:
    return {"colours": _LIFELINES[:arms], "dashes": (0,) * arms, "percent": False, "y_step": 0.2,
            "frame": "box", "above": 0.05, "before": 0.045, "legend": "inside",
            "bands": pick(rng, shade=3, none=1), "table": pick(rng, left=1, none=1),
            "marks": pick(rng, none=2, **{"+": 1}), "line_width": 1.5}  # fmt: skip


def _lifetest(rng: np.random.Generator, arms: int) -> Changes:
    return {"colours": ("#445694", "#a23a2e", "#01665e", "#543005")[:arms], "frame": "box",
            "dashes": tuple(range(arms)) if rng.random() < 0.5 else (0,) * arms,
            "percent": False, "y_step": 0.2, "above": 0.05, "before": 0.05, "legend": "under",
            "table": pick(rng, inside=3, left=1), "marks": pick(rng, **{"+": 3, "none": 1}),
            "line_width": 1.0}  # fmt: skip


def _dashes(rng: np.random.Generator, arms: int) -> Changes:
    return {"colours": ("#000000",) * arms, "dashes": tuple(range(arms)),
            "percent": bool(rng.random() < 0.5), "y_step": 0.2,
            "frame": pick(rng, L=2, box=1), "ticks": pick(rng, out=2, inside=1),
            "legend": pick(rng, inside=3, labels=1, under=1), "table": pick(rng, left=3, none=1),
            "marks": pick(rng, none=2, **{"|": 1, "+": 1}), "font": pick(rng, **{
                "Liberation Serif": 1, "Liberation Sans": 1}),
            "line_width": float(rng.choice([0.9, 1.2, 1.6]))}  # fmt: skip


_HOUSES: dict[str, Callable[[np.random.Generator, int], Changes]] = {
    "nejm": _nejm, "lancet": _lancet, "jco": _jco, "jama": _jama, "bmj": _bmj,
    "survplot": _survplot, "spss": _spss, "prism": _prism, "stata": _stata,
    "lifelines": _lifelines, "lifetest": _lifetest, "dashes": _dashes,
}  # fmt: skip

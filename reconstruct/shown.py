"""How pseudo-individual patient data show themselves in a notebook."""

from __future__ import annotations

import numpy as np

from ..presentation import markup, sketch
from ..presentation.formats import time_text
from .pseudo_ipd import PseudoIPD

__all__ = ["patients_curves", "patients_html", "patients_table"]

_COLUMNS = ("Arm", "Patients>", "Events>", "Censored>", "Followed up to>")


def patients_html(ipd: PseudoIPD) -> str:
    """Return a line per arm, the curves of the arms, and what was assumed."""
    return markup.block(
        patients_table(ipd),
        sketch.curves(
            patients_curves(ipd),
            unit=ipd.time_unit,
            alt=f"Kaplan-Meier curves of {', '.join(ipd.arms)}",
        ),
        markup.listing("What was assumed", ipd.assumptions),
    )


def patients_table(ipd: PseudoIPD) -> str:
    """Return who the patients are, and a line per arm."""
    informed = ", informed by the reported comparison" if ipd.informed else ""
    name = f"{ipd.cohort}/{ipd.endpoint}" if ipd.endpoint else "Patients"
    rows = (_row(ipd, arm) for arm in ipd.arms)
    return markup.heading(name, f"{ipd.time.size} patients{informed}") + markup.table(
        _COLUMNS, rows
    )


def _row(ipd: PseudoIPD, arm: str) -> tuple[str, ...]:
    time, event = ipd.of(arm)
    counts = (time.size, int(event.sum()), int((~event).sum()))
    return (arm, *map(str, counts), f"{time_text(time.max())} {ipd.time_unit}")


def patients_curves(ipd: PseudoIPD) -> dict[str, sketch.Curve]:
    """Return the Kaplan-Meier staircase of each arm, as it is sketched."""
    return {arm: _curve(ipd, arm) for arm in ipd.arms}


def _curve(ipd: PseudoIPD, arm: str) -> sketch.Curve:
    time, event = ipd.of(arm)
    order = np.lexsort((~event, time))  # events before censorings at the same time
    left = np.arange(time.size, 0, -1)
    survival = np.cumprod(np.where(event[order], 1.0 - 1.0 / left, 1.0))
    return sketch.Curve(time=time[order].tolist(), survival=survival.tolist(), points={})

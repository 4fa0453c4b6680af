"""One data set consistent with the reported comparison and with every number of the arms."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from ...reconstruct.constraints import arm_constraints
from ...reconstruct.ensemble import Patients
from ...reconstruct.ensemble.source import stream
from ...reconstruct.errors import ReconstructionRefused
from ...reconstruct.listed_events import lists_only_events
from ...reconstruct.pseudo_ipd import PseudoIPD
from ...reconstruct.reconstruction import reconstruct
from ...studies import Endpoint
from .sampler import InformedSampler, grids
from .stretches import MET, Stretches, stretched_to
from .targets import NotReached, Targets, informed_sentence, nearest_sentence

__all__ = ["informed_patients"]

SEED = 0
COPIES = 48  # of the likeliest patients, half of them with tied events


def informed_patients(endpoint: Endpoint) -> PseudoIPD:
    """Turn an endpoint into patients who also have its reported hazard ratio, interval and p.

    Parameters
    ----------
    endpoint : Endpoint
        One endpoint with two arms and a reported hazard ratio or p.

    Returns
    -------
    PseudoIPD
        What `kmrepro.reconstruct.reconstruct` returns, stretched in time between the printed
        times as little as brings the comparison to the reported one; where that is not enough,
        patients drawn at random who are consistent with every reported number. Where none were
        found, the nearest.
        ``notes["informed"]`` says which. The same endpoint gives the same patients.

    Raises
    ------
    ReconstructionRefused
        If nothing is reported of two arms, or too little is reported to place patients.
    """
    targets = Targets.of(endpoint)
    likeliest = reconstruct(endpoint)
    gap, patients = _stretched(endpoint, likeliest, targets)
    if gap > MET:
        gap, patients = min((_drawn(endpoint), (gap, patients)), key=lambda found: found[0])
    return _as_ipd(likeliest, patients, targets, reached=gap <= MET)


def _stretched(
    endpoint: Endpoint, likeliest: PseudoIPD, targets: Targets
) -> tuple[float, dict[str, Patients]]:
    """Stretch the likeliest patients, and say how far from the targets they are then."""
    constraints = {name: arm_constraints(endpoint, name) for name in endpoint.arms}
    free = {name: arm for name, arm in constraints.items() if not lists_only_events(arm)}
    rng = stream(SEED)
    grid = grids(COPIES, float(likeliest.time.max()), rng) * (np.arange(COPIES) % 2)
    copies = {name: _rows(likeliest, name, COPIES) for name in likeliest.arms}
    start = Stretches.of(copies, free, grid=grid)
    found = stretched_to(start, targets, rng)
    bend = (found.powers**2).sum(axis=1)
    best = np.lexsort((bend, np.where(found.gap <= MET, 0.0, found.gap)))[:1]
    return float(found.gap[best[0]]), start.patients(found.powers[best], best)


def _rows(ipd: PseudoIPD, arm: str, size: int) -> Patients:
    """Return an arm's patients in every row, in order, events first."""
    time, event = ipd.of(arm)
    order = np.lexsort((~event, time))
    shape = (size, time.size)
    return Patients(
        time=np.broadcast_to(time[order], shape), event=np.broadcast_to(event[order], shape)
    )


def _drawn(endpoint: Endpoint) -> tuple[float, dict[str, Patients]]:
    """Return random patients consistent with every reported number, stretched least, and how far.

    Infinitely far, if none can be drawn at all.
    """
    try:
        first = InformedSampler.of(endpoint, seed=SEED).first
    except NotReached as refusal:
        return refusal.gap, refusal.nearest
    except ReconstructionRefused:
        return math.inf, {}
    return 0.0, first.take(np.argsort(first.bend, kind="stable")[:1]).patients


def _as_ipd(
    likeliest: PseudoIPD, patients: dict[str, Patients], targets: Targets, *, reached: bool
) -> PseudoIPD:
    if reached:
        sentence = informed_sentence(targets)
    else:
        sentence = (
            "INFORMED: no patients were found that are also consistent with the reported "
            f"{targets.text}. "
            f"{nearest_sentence(patients, targets)} They cannot check it."
        )
    return replace(
        likeliest,
        time=np.concatenate([patients[name].time[0] for name in likeliest.arms]),
        event=np.concatenate([patients[name].event[0] for name in likeliest.arms]),
        arm=np.repeat(likeliest.arms, [patients[name].time.shape[1] for name in likeliest.arms]),
        assumptions=(sentence, *likeliest.assumptions),
        notes={**likeliest.notes, "informed": sentence},
    )

"""From cumulative incidence by cause to patients with a cause."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from ...studies import Endpoint
from ..ensemble import Sampler
from ..ensemble.source import stream
from ..errors import ContradictionError, ReconstructionRefused
from ..pseudo_ipd import FloatArray, PseudoIPD, WholePatients
from ..reconstruction import reconstruct
from .allotment import Allotment, Increments, allotted, judged
from .bounds import CauseBounds, cause_bounds, known_events, refuse_cause_contradictions
from .draws import draw_causes
from .event_free import event_free, may_exchange
from .settling import CENSORED, settled

__all__ = ["placed_causes", "reconstruct_causes", "whole_arm"]

TRIES, STEPS = 10, 20_000  # starts of a search for other exits, and changes of each
SLACK = 0.5  # of a patient, by which draws may be off before their exits are changed
ROWS = 100  # draws looked at in one go
SEED = 0


def reconstruct_causes(endpoint: Endpoint) -> PseudoIPD:
    """Turn cumulative incidence by cause into patients with a cause.

    Parameters
    ----------
    endpoint : Endpoint
        One whose arms report `causes`.

    Returns
    -------
    PseudoIPD
        Patients whose Aalen-Johansen estimate is inside every reported interval if patients were
        found for which that holds, and else as near as was found, which the assumptions say.

    Raises
    ------
    ReconstructionRefused
        If too little is reported to place patients.
    ContradictionError
        If reported numbers cannot all be true of one set of patients.

    Notes
    -----
    Event-free survival, 1 less all incidences, is reconstructed first; then each event is given a
    cause (`allotted`). Where no causes fit the patients placed, events and censorings between
    reported times exchange places until some do (`settled`).
    """
    refuse_cause_contradictions(endpoint)
    whole = event_free(endpoint)
    try:
        ipd = reconstruct(whole)
    except ContradictionError:  # events that were inferred are not sure
        whole = event_free(endpoint, inferred=False)
        ipd = reconstruct(whole)
    bounds = {name: cause_bounds(arm) for name, arm in endpoint.arms.items()}
    placed = {name: whole_arm(ipd, name) for name in ipd.arms}
    found = {name: allotted(patients, bounds[name]) for name, patients in placed.items()}
    if all(arm.curve is None for arm in whole.arms.values()):
        for name in placed:
            if found[name].cost > 0:
                _settle(name, endpoint, bounds[name], (placed, found))
    return _with_causes(endpoint, ipd, placed, found, bounds)


def whole_arm(ipd: PseudoIPD, arm: str) -> WholePatients:
    """Return the patients of one arm in order of time."""
    return WholePatients.in_order(*ipd.of(arm))


def _settle(
    name: str,
    endpoint: Endpoint,
    bounds: CauseBounds,
    state: tuple[dict[str, WholePatients], dict[str, Allotment]],
) -> None:
    """Change how the patients of an arm leave until the causes fit, if that is found."""
    placed, found = state
    patients = placed[name]
    start = np.full(patients.time.size, CENSORED)
    start[patients.event] = found[name].cause
    rows = (TRIES, 1)
    causes, good = settled(
        np.tile(patients.time, rows),
        np.tile(start, rows),
        bounds,
        exits_too=may_exchange(endpoint.arms[name]),
        rng=stream(SEED),
        steps=STEPS,
    )
    time = patients.time
    if good.any():
        own = causes[int(np.argmax(good))]
    else:
        drawn = _drawn(name, endpoint, bounds)
        if drawn is None:
            return
        time, own = drawn
    placed[name] = WholePatients(time=time, event=own >= 0)
    found[name] = judged(placed[name], own[own >= 0], bounds)


def _drawn(
    name: str, endpoint: Endpoint, bounds: CauseBounds
) -> tuple[FloatArray, npt.NDArray[np.int64]] | None:
    """Return times and causes of the first draw in which all is satisfied; None if in none."""
    try:
        sampler = Sampler.of(event_free(endpoint, slack=SLACK), seed=SEED)
        block = sampler.block(0)[name]
    except ReconstructionRefused:
        return None
    exits_too = may_exchange(endpoint.arms[name])
    for start in range(0, len(block.time), ROWS):
        rows = np.arange(start, min(start + ROWS, len(block.time)))
        cause, good = draw_causes(
            block.take(rows), bounds, stream(SEED, start), exits_too=exits_too
        )
        if good.any():
            first = int(np.argmax(good))
            return block.time[start + first], cause[first]
    return None


def placed_causes(patients: WholePatients, cause: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
    """Return the name of each patient's cause, "" for a censored one, shape (n,)."""
    width = max(map(len, names))
    named = np.full(patients.time.size, "", dtype=f"<U{width}")
    named[Increments.of(patients).place] = np.array(names)[cause]
    return named


def _with_causes(
    endpoint: Endpoint,
    ipd: PseudoIPD,
    placed: Mapping[str, WholePatients],
    found: Mapping[str, Allotment],
    bounds: Mapping[str, CauseBounds],
) -> PseudoIPD:
    sentences = [
        sentence
        for name in ipd.arms
        for sentence in _sentences(endpoint, name, found[name], bounds[name])
    ]
    return replace(
        ipd,
        time=np.concatenate([placed[name].time for name in ipd.arms]),
        event=np.concatenate([placed[name].event for name in ipd.arms]),
        arm=np.repeat(np.array(ipd.arms), [placed[name].time.size for name in ipd.arms]),
        cause=np.concatenate(
            [
                placed_causes(placed[name], found[name].cause, bounds[name].causes)
                for name in ipd.arms
            ]
        ),
        assumptions=(*ipd.assumptions, *dict.fromkeys(sentences)),
    )


def _sentences(
    endpoint: Endpoint, name: str, allotment: Allotment, bounds: CauseBounds
) -> Iterator[str]:
    """Yield what was assumed of an arm's causes, and what its patients miss."""
    if len(bounds.causes) == 1:
        yield (
            f"{bounds.causes[0]} is the only cause reported: its cumulative incidence was taken "
            "for 100% less survival, without competing events."
        )
        return
    yield "Between reported times causes keep the shares of the events that they have there."
    silent = [cause for cause, last in zip(bounds.causes, bounds.reach, strict=True) if last == 0]
    if silent:
        yield (
            f"{name}: no cumulative incidence of {' and '.join(silent)} is reported; its events "
            "were taken to run in proportion to the others'."
        )
    if known_events(endpoint.arms[name]).count(None) not in (0, len(bounds.causes)):
        yield (
            f"{name}: events of causes without a reported number were taken in proportion to the "
            "others', as their incidences are."
        )
    unit = endpoint.time_unit
    for cause, place in np.argwhere(allotment.miss > 0):
        yield (
            f"{name}: no patients were found with the reported cumulative incidence of "
            f"{bounds.causes[cause]} at {bounds.time[place]:g} {unit}: the nearest found are "
            f"{100 * allotment.miss[cause, place]:.2g} points outside its rounding."
        )
    for cause, off in zip(bounds.causes, allotment.off, strict=True):
        if off:
            much = "many" if off > 0 else "few"
            yield f"{name}: the patients found have {abs(off)} events of {cause} too {much}."

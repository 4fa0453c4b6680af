"""Every sentence about patients along a curve is true of the patients."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pytest

from kmrepro.models import KaplanMeier, kaplan_meier
from kmrepro.reconstruct import PseudoIPD, ReconstructionRefused, reconstruct
from kmrepro.studies import CurveFault, DigitisedCurve, Endpoint, curve_endpoint, digitised_curve

from ..seeds import seeds

NUMBER = r"([0-9.e+-]*[0-9])"
AT_RISK = "censoring follows the reported numbers at risk"
# Sentences that only say what was expected before patients were placed, or how points were given.
OF_NO_PATIENTS = (
    "neither numbers at risk nor events are reported",
    "censoring is calibrated to the",
    "digitised curve: heights are percentages",
    "digitised curve: the start of the curve, survival 1 at time 0, was added",
    "digitised curve: the height at time 0",
    "digitised curve: points were read as heights and not as drops",
)


def trial(seed: int) -> tuple[Endpoint, dict[str, tuple[np.ndarray, np.ndarray]]]:
    """Simulate an arm or two, read their curves somehow, and report something beside them."""
    rng = np.random.default_rng(seed)
    arms, curves, rows = {}, {}, {}
    for name in ("A", "B")[: int(rng.integers(1, 3))]:
        n = int(rng.integers(8, 120))
        failure = rng.exponential(12, n)
        follow_up = rng.uniform(6, 30, n)
        time = np.maximum(np.minimum(failure, follow_up).round(2), 0.01)
        arms[name] = (time, failure <= follow_up)
        curves[name] = clicked(*arms[name], rng)
        end = time.max() if rng.random() < 0.5 else 0.7 * time.max()
        rows[name] = {float(t): int((time >= t).sum()) for t in np.linspace(0, end, 4).round(1)}
    endpoint = curve_endpoint(
        curves,
        n={name: int(time.size) for name, (time, _) in arms.items()},
        at_risk=rows if rng.random() < 0.5 else None,
        events={name: int(event.sum()) for name, (_, event) in arms.items()}
        if rng.random() < 0.5
        else None,
    )
    return endpoint, arms


def clicked(time: np.ndarray, event: np.ndarray, rng: np.random.Generator) -> DigitisedCurve:
    """Read drops or heights of a curve, more or less exactly, to the end or not quite."""
    drops = np.unique(time[event])
    fall = [1 - ((time == t) & event).sum() / (time >= t).sum() for t in drops]
    heights = np.cumprod(fall)
    end = time.max() if rng.random() < 0.7 else drops[-1]
    if rng.random() < 0.5:
        at = np.append(drops, end)
        read = np.append(heights, heights[-1]).round(4)
    else:
        at = np.sort(np.append(rng.uniform(0, end, int(rng.integers(8, 50))), end))
        read = np.append(1.0, heights)[np.searchsorted(drops, at, side="right")]
        share = rng.choice([0.0005, 0.004])
        read = np.clip(read + rng.normal(0, share, read.size), 0, 1)
        at = np.maximum(at + rng.normal(0, share * end, at.size), 0)
    scale = 100 if rng.random() < 0.3 else 1
    return digitised_curve(at.tolist(), (scale * read).tolist())


def false_sentences(endpoint: Endpoint, ipd: PseudoIPD) -> Iterator[str]:
    """Yield every sentence that is not true, or that nothing here checks."""
    for sentence in ipd.assumptions:
        text = sentence.rstrip(".")
        text = text[0].lower() + text[1:] if text[1] != ":" else text
        named = re.match("([AB]): (.*)", text)
        names, said = ((named[1],), named[2]) if named else (ipd.arms, text)
        if "the reference arm is not stated" in said:
            continue
        for name in names:
            patients = kaplan_meier(ipd, arm=name)
            if not is_true(said[0].lower() + said[1:], endpoint, ipd, patients):
                yield f"{name}: {said}"


def is_true(said: str, endpoint: Endpoint, ipd: PseudoIPD, patients: KaplanMeier) -> bool:
    """Check one sentence against the patients of an arm."""
    arm = endpoint.arms[patients.arm]
    curve, (time, event) = arm.curve, ipd.of(patients.arm)
    assert curve is not None
    residual = np.abs(patients.survival_at(np.array(curve.time)) - np.array(curve.survival))
    widths = np.array(curve.widths)
    if said.startswith(OF_NO_PATIENTS):
        return True
    if said.startswith(AT_RISK):
        events = re.search(f"the {NUMBER} reported events", said)
        rows = all((time >= at).sum() == count for at, count in arm.at_risk.items())
        return rows and (events is None or int(events[1]) == event.sum() or "nearest" in said)
    if found := re.match(f"the last patient leaves at {NUMBER} months, (.*)", said):
        where = {"where the curve ends": 0, "after": 1, "before": -1}
        sign = next(sign for words, sign in where.items() if found[2].startswith(words))
        ends = np.isclose(time.max(), curve.last_time)
        true_sign = 0 if ends else np.sign(time.max() - curve.last_time)
        return np.isclose(float(found[1]), time.max(), rtol=1e-4) and sign == true_sign
    if found := re.match(f"the last {NUMBER} patients are censored at {NUMBER} months", said):
        last = ~event & (time == time.max())
        ends = np.isclose(float(found[2]), time.max(), rtol=1e-4)
        return ends and last.sum() == int(found[1]) and not arm.follow_up
    if found := re.match(f"the {NUMBER} points of the digitised curve were read as (.*)", said):
        return int(found[1]) == len(curve.time) and read_as(found[2], curve, time[event])
    if found := re.match(f"{NUMBER} of the {NUMBER} points of the curve (is|are) missed", said):
        return int(found[1]) == (residual > widths + 1e-9).sum()
    if found := re.match(f"no patients with the {NUMBER} events reported .* have {NUMBER}", said):
        return int(found[2]) == event.sum() != int(found[1])
    if found := re.match(f"{NUMBER} are at risk at {NUMBER}, where {NUMBER} are reported", said):
        return (time >= float(found[2])).sum() == int(found[1]) != int(found[3])
    return is_true_of_points(said, curve, time)


def read_as(said: str, curve: DigitisedCurve, events_at: np.ndarray) -> bool:
    """Check how points were read: what is said of drops, and of their reading error."""
    low, high = min(curve.widths), max(curve.widths)
    (width,) = re.findall(f"within {NUMBER}(?: to {NUMBER})? points", said)
    shown = [float(part) for part in width if part]
    wide = np.allclose(shown, [100 * low, 100 * high][-len(shown) :], rtol=0.01)
    if not said.startswith("its drops"):
        return bool(wide)
    heights = np.append(1.0, curve.survival)
    falls = np.array(curve.time)[np.diff(heights) < 0]
    return bool(wide and np.isin(falls, events_at).all())


def is_true_of_points(said: str, curve: DigitisedCurve, time: np.ndarray) -> bool:
    """Check what is said of repairs."""
    if found := re.match(f"digitised curve: {NUMBER} points? (was|were) (.*)", said):
        moved = re.search(f"by up to {NUMBER}", found[3])
        return int(found[1]) > 0 and (moved is None or float(moved[1]) > 0)
    if found := re.match(f"digitised curve: {NUMBER} points without numbers at risk", said):
        return int(found[1]) == len(curve.time)
    if found := re.search(f"taken to be level until {NUMBER}", said):
        return bool(np.isclose(float(found[1]), curve.last_time, rtol=1e-5))
    if found := re.match(f"digitised curve: the last point is a drop, at {NUMBER}: nothing", said):
        return bool(np.isclose(float(found[1]), curve.last_time, rtol=1e-5))
    return False


@pytest.mark.parametrize("block", seeds(6, always=2))
def test_every_sentence_is_true_of_the_patients(block: int) -> None:
    """Over many readings no sentence is false, and none is unknown to this test."""
    reconstructed = 0
    for seed in range(12 * block, 12 * block + 12):
        try:
            endpoint, _ = trial(seed)
            ipd = reconstruct(endpoint)
        except (CurveFault, ReconstructionRefused):
            continue
        reconstructed += 1
        assert list(false_sentences(endpoint, ipd)) == [], f"seed {seed}"
    assert reconstructed >= 10


def test_floating_point_is_no_jitter() -> None:
    """Noise of 1e-16 moves no point and says nothing."""
    heights = np.array([1.0, 0.9, 0.9 + 2e-16, 0.8, 0.8 - 1e-16, 0.8, 0.65])
    curve = digitised_curve([0, 1, 2, 3, 4, 5, 6], heights.tolist())
    assert curve.repairs == ()
    assert not curve.levelled

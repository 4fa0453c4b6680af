"""Patients, endpoints and analyses for the tests of the figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import combinations
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from kmrepro.models import EndpointAnalysis, analyse
from kmrepro.reconstruct import PseudoIPD
from kmrepro.studies import Endpoint, PrintedNumber

LABELS = {"SR": "Surgical resection", "TA": "Thermal ablation"}


def simulated(
    rates: Mapping[str, float], *, n: int, end: float = 150.0, unit: str = "months", seed: int = 0
) -> PseudoIPD:
    """Draw exponential times, censored by an entry spread over the follow-up."""
    rng = np.random.default_rng(seed)
    times, events, arms = [], [], []
    for arm, rate in rates.items():
        death, censoring = rng.exponential(1 / rate, n), rng.uniform(0.2 * end, end, n)
        times.append(np.maximum(np.minimum(death, censoring), 1e-3 * end))
        events.append(death <= censoring)
        arms += [arm] * n
    return PseudoIPD(
        time=np.concatenate(times),
        event=np.concatenate(events),
        arm=np.array(arms),
        arms=tuple(rates),
        time_unit=unit,
        assumptions=("Patients were drawn at random.",),
    )


def printed(text: str | tuple[str, ...]) -> Any:
    """Read printed numbers."""
    if isinstance(text, str):
        return PrintedNumber.parse(text)
    return tuple(PrintedNumber.parse(each) for each in text)


@pytest.fixture(scope="session")
def analysed() -> Callable[..., EndpointAnalysis]:
    """Analyse drawn patients as an endpoint that prints survival at the times asked for.

    Analyses cannot be changed, so that those of the same patients are made once.
    """
    known: dict[str, EndpointAnalysis] = {}

    def once(*given: Any, **named: Any) -> EndpointAnalysis:
        key = repr((given, named))
        if key not in known:
            known[key] = build(*given, **named)
        return known[key]

    def build(
        rates: Mapping[str, float] | None = None,
        *,
        n: int = 60,
        times: tuple[float, ...] = (12.0, 36.0, 60.0),
        labels: Mapping[str, str] = LABELS,
        reported: Mapping[str, Any] | None = None,
        shift: float = 0.0,
        medians: Mapping[str, str] | None = None,
        end: float = 150.0,
        seed: int = 0,
        **fields: Any,
    ) -> EndpointAnalysis:
        rates = {"SR": 0.006, "TA": 0.009} if rates is None else rates
        unit = fields.get("time_unit", "months")
        ipd = simulated(rates, n=n, end=end, unit=unit, seed=seed)
        arms: dict[str, dict[str, Any]] = {}
        for arm in rates:
            arms[arm] = {"n": n, "label": labels.get(arm, ""), "landmarks": {}}
            for time in times:
                survival = max(_survival(ipd, arm, time) - shift, 0.0)
                arms[arm]["landmarks"][time] = {"survival": printed(f"{100 * survival:.1f}%")}
            if medians and arm in medians:
                arms[arm]["median"] = printed(medians[arm])
        values: dict[str, Any] = {
            "cohort": "psm",
            "name": "OS",
            "label": "Overall survival",
            "reference": next(iter(rates)),
            "arms": arms,
            **fields,
        }
        if reported is not None:
            numbers = ("hazard_ratio", "ci", "p")
            values["reported"] = {
                key: printed(value) if key in numbers else value for key, value in reported.items()
            }
        return analyse(Endpoint.model_validate(values), ipd)

    return once


def _survival(ipd: PseudoIPD, arm: str, time: float) -> float:
    """Multiply up the Kaplan-Meier estimate, one event at a time."""
    times, events = ipd.of(arm)
    survival = 1.0
    for event_time in sorted(times[events & (times <= time)].tolist()):
        survival *= 1 - 1 / int((times >= event_time).sum())
    return survival


@pytest.fixture(autouse=True)
def _settings_unchanged() -> Iterator[None]:
    """Check that no test leaves matplotlib's settings other than it found them."""
    before = dict.copy(mpl.rcParams)  # without asking for each
    yield
    assert dict.copy(mpl.rcParams) == before


@pytest.fixture(scope="session")
def text_boxes() -> Callable[[Figure], list[tuple[str, Bbox]]]:
    """Measure everything written in a figure, in pixels."""

    def measure(figure: Figure) -> list[tuple[str, Bbox]]:
        figure.draw_without_rendering()
        texts = [text for text in figure.findobj(Text) if text.get_visible()]
        return [
            (text.get_text(), text.get_window_extent())
            for text in texts
            if isinstance(text, Text) and text.get_text().strip()
        ]

    return measure


@pytest.fixture(scope="session")
def check_texts(
    text_boxes: Callable[[Figure], list[tuple[str, Bbox]]],
) -> Callable[[Figure], None]:
    """Assert that nothing written is cut off or runs into something else."""

    def check(figure: Figure) -> None:
        boxes = text_boxes(figure)
        page = figure.bbox.padded(0.5)
        for text, box in boxes:
            inside = page.contains(box.x0, box.y0) and page.contains(box.x1, box.y1)
            assert inside, f"{text!r} is cut off"
        for (one, first), (other, second) in combinations(boxes, 2):
            assert not _overlap(first, second), f"{one!r} runs into {other!r}"

    return check


def _overlap(first: Bbox, second: Bbox) -> bool:
    """Say whether two boxes share more than a sliver, as descenders and ascenders do."""
    width = min(first.x1, second.x1) - max(first.x0, second.x0)
    height = min(first.y1, second.y1) - max(first.y0, second.y0)
    return width > 0.5 and height > 1.5

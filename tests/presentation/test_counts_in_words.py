"""Numbers and their nouns agree everywhere: "1 event", never "1 events"."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from kmrepro.presentation.formats import count, with_unit

from ..sources import nodes

ROOT = Path(__file__).parent.parent.parent
ROOMS = (
    "presentation", "digitise", "studies", "audit", "reconstruct", "models", "figures", "toolkit",
)  # fmt: skip
NOUN = re.compile(
    r" (?:reported |digitised |distinct |whole |other |censoring |event )?(?:events|patients|draws|"
    r"arms|curves|trials|studies|endpoints|data sets|fits|rows|columns|cells|pages|labels|times|"
    r"marks|numbers at risk|comparisons|points of|points are|heights|faults|findings)\b"
)
NEVER_ONE = {  # at least two, or no number at all
    "arm.py": {"len(self.event_times)"},
    "arm_placement.py": {"arm.events", "with_unit(printed, unit)"},
    "checks.py": {"arm.n"},
    "counts.py": {"misfits[0].problem.capitalize()"},
    "curve_cleaning.py": {"times.size"},
    "curve_columns.py": {"table.width"},
    "curve_reading.py": {"falls_at.size", "usual"},
    "curves.py": {"found"},
    "differences.py": {"max(2, len(wanted))"},
    "doubts.py": {"arm.events"},
    "events.py": {"ratio.most_events"},
    "naming.py": {"names.count(name)"},
    "patient_frame.py": {"found.shape[1]"},
    "points.py": {"len(curve.time)"},
    "reported.py": {"endpoint.arms[name].n"},
    "summary.py": {"_share(told)", "_share(clear)"},
    "sums.py": {"adding"},
    "survival.py": {"arm.n or '?'"},
    "vector.py": {"expected"},
}


def numbers_before_plurals() -> Iterator[tuple[str, str, str]]:
    """Yield the module, the expression and the words of every number before a plural."""
    for path in (path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))):
        for node in nodes(path):
            if not isinstance(node, ast.JoinedStr):
                continue
            for value, words in zip(node.values, node.values[1:], strict=False):
                said = str(words.value) if isinstance(words, ast.Constant) else ""
                if isinstance(value, ast.FormattedValue) and NOUN.match(said):
                    yield path.name, ast.unparse(value.value), said


def test_numbers_agree_with_their_nouns() -> None:
    """A number that may be 1 is written with its noun by `count`."""
    found = {
        f"{module}: {{{expression}}}{words[:30]}"
        for module, expression, words in numbers_before_plurals()
        if not re.fullmatch(r"_?[A-Z_]+", expression)
        and expression not in NEVER_ONE.get(module, set())
    }
    assert not found


@pytest.mark.parametrize(
    ("number", "words"),
    [(0, "0 events"), (1, "1 event"), (2, "2 events"), (1500, "1,500 events"), (1.5, "1.5 events")],
)
def test_count(number: float, words: str) -> None:
    """Zero has the plural, and an average its decimals."""
    assert count(number, "event") == words


@pytest.mark.parametrize("unit", ["days", "weeks", "months", "years"])
def test_a_time_agrees_with_its_unit(unit: str) -> None:
    """It is 1 year at which survival is, never 1 years."""
    assert with_unit(1.0, unit) == f"1 {unit[:-1]}"
    assert with_unit(12, unit) == f"12 {unit}"
    bare = re.compile(r"\{[^{}]+:g\} \{[a-z_.]*unit\}")
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            assert not bare.search(path.read_text(encoding="utf-8")), path

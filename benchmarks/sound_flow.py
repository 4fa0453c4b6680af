"""Flow diagrams without a mistake: patients screened, excluded, treated, analysed and matched."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["sound_flow"]

REASONS = ("Other cancer", "Refused", "Lost to follow-up", "Missing data")


def sound_flow(groups: dict[str, int], rng: np.random.Generator) -> dict[str, Any]:
    """Return a flow that ends with the patients of each arm.

    Papers differ in what they print: the number screened, the reasons, several of them for one
    patient, and what became of all patients or of some.
    """
    analysed, excluded = sum(groups.values()), int(rng.integers(0, 400))
    boxes: list[dict[str, Any]] = [
        {"id": "screened", "label": "Screened", "n": analysed + excluded},
        {"id": "analysed", "label": "Analysed", "n": analysed, "from": "screened"},
    ]
    if rng.random() < 0.2:
        del boxes[0]["n"]
    leaving = [{"from": "screened", "n": excluded, **_reasons(excluded, rng)}]
    for name, n in groups.items():
        boxes.append({"id": name, "label": name, "n": n, "from": "analysed",
                      "quantity": f"all/OS / {name} / n"})  # fmt: skip
        lost = int(rng.integers(0, n))
        boxes.append({"id": f"{name}-end", "label": "Completed", "n": n - lost, "from": name})
        if rng.random() < 0.3:
            boxes[-2]["complete"] = False
        else:
            leaving.append({"from": name, "label": "Stopped", "n": lost})
    ended = [box for box in boxes if box["id"].endswith("-end")]
    if rng.random() < 0.5:
        boxes.append({"id": "together", "label": "Both arms", "n": sum(b["n"] for b in ended),
                      "from": [box["id"] for box in ended]})  # fmt: skip
    return {"id": "figure-1", "box": boxes, "excluded": leaving}


def _reasons(excluded: int, rng: np.random.Generator) -> dict[str, Any]:
    """Return the reasons; where a patient may have several, each has some of its own."""
    kind = rng.choice(["none", "one each", "several", "some not printed"])
    if kind == "none":
        return {}
    shares = rng.multinomial(excluded, [1 / len(REASONS)] * len(REASONS))
    if kind == "several":
        shares = np.array([int(rng.integers(n, excluded + 1)) for n in shares])
    reasons: list[dict[str, Any]] = [
        {"label": label, "n": int(n)} for label, n in zip(REASONS, shares, strict=True)
    ]
    if kind == "some not printed":
        del reasons[0]["n"]
    return {"reasons": reasons, "exclusive": kind != "several"}

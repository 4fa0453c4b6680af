"""Draw the overlays of the page "From a figure": ten figures of known data, good and bad.

    python docs/make_overlays.py

The figures come from benchmarks/drawn_figures.py (seed 1); each is read without a hint, and what
was read is drawn over it. Printed: the mean distance of every curve from the truth.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "benchmarks"))

SEED = 1
SHOWN = ("d003", "d005", "d006", "d009", "d011", "d013", "d017", "d007", "d030", "d043")
WIDEST = 900  # pixels of an image in the documentation


def main() -> None:
    """Draw, read and save all ten."""
    from drawn_figures import draw_figure, write_truth
    from figure_scores import Score, read_truth, score_panel

    from kmrepro.digitise import read_figure

    folder = HERE / "images" / "overlays"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        drawn = [draw_figure(Path(name), figure, SEED) for figure in SHOWN]
        write_truth(Path(name), [record for record, _ in drawn], [arms for _, arms in drawn])
        truth = read_truth(Path(name))
        for figure in truth.figures:
            reading = read_figure(Path(name) / figure["file"])
            score = Score()
            for panel, read in zip(figure["panels"], reading.panels, strict=False):
                score_panel(truth, figure["figure"], panel, read=read, score=score)
            save(reading.overlay(), folder / f"{figure['figure']}.png")
            errors = ", ".join(f"{error:.4f}" for error in score.distances)
            sys.stdout.write(
                f"{figure['figure']} ({figure['file']}): {errors}; {' '.join(reading.unsure)}\n"
            )


def save(overlay: np.ndarray, path: Path) -> None:
    """Save an overlay, no wider than a page needs it."""
    image = Image.fromarray(overlay)
    image.thumbnail((WIDEST, WIDEST), Image.Resampling.LANCZOS)
    image.quantize(64).save(path, optimize=True)


if __name__ == "__main__":
    main()

"""Speed of the page: first paint, a dropped figure shown, and a changed number's verdict.

    python benchmarks/app.py [--runs 5] [--json app.json]

Each run starts `kmrepro app` in an empty folder and opens it in Chromium. Measured are: from the
start of the command to the first contentful paint of the page; from the drop of a two-arm figure
(a PNG of 1440 x 1104 pixels with numbers at risk, and the same as SVG) to its curves on the
screen, the page having been open until its processes were ready; and from a changed number to the
verdict on it, for the bundled paper with the most endpoints. Chromium itself is started
beforehand, as on a machine that is in use. The load of the machine is printed beside the times.

Below them are the seconds of processor time of the work behind each, once loaded, which depend
less on what else the machine does: --work measures them alone.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

TARGETS = {"first paint": 1.5, "PNG dropped": 5.0, "SVG dropped": 5.0, "number changed": 0.5}
PAINT = """() => new Promise((done) => {
    const told = () => performance.getEntriesByName("first-contentful-paint")[0];
    const at = () => performance.timeOrigin + told().startTime;
    const look = () => (told() ? done(at()) : setTimeout(look, 10));
    look();
})"""


def draw(path: Path, dpi: int) -> Path:
    """Draw two simulated arms with numbers at risk."""
    import matplotlib as mpl

    mpl.use("agg")
    import matplotlib.pyplot as plt
    import numpy as np

    rng = np.random.default_rng(3)
    figure, axes = plt.subplots(figsize=(6, 4.6))
    for row, (name, scale, colour) in enumerate(
        (("Drug", 20.0, "#1f77b4"), ("Placebo", 11.0, "#d62728"))
    ):
        times = np.sort(rng.exponential(scale, 150))
        shown = np.concatenate([[0.0], times[times < 24], [24.0]])
        axes.step(shown, 1 - np.minimum(np.arange(len(shown)), len(shown) - 2) / 150,
                  where="post", color=colour, label=name)  # fmt: skip
        for tick in range(0, 25, 6):
            axes.text(tick, -0.37 - 0.08 * row, str(int((times >= tick).sum())), ha="center")
        axes.text(-5, -0.37 - 0.08 * row, name)
    axes.text(-5, -0.28, "No. at risk", weight="bold")
    axes.set(xlim=(0, 25), ylim=(0, 1.05), xlabel="Time (months)", ylabel="Overall survival")
    axes.set_xticks(np.arange(0, 25, 6))
    axes.legend(frameon=False)
    figure.subplots_adjust(bottom=0.34, left=0.17)
    figure.savefig(path, dpi=dpi)
    plt.close(figure)
    return path


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, float]]:
    """Run the command; yield the address and when it was started."""
    began = time.time()
    command = [sys.executable, "-m", "kmrepro", "app", str(folder), "--no-browser"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout is not None  # noqa: S101 - a pipe was asked for
        yield process.stdout.readline().strip(), began
    finally:
        process.terminate()
        process.wait(timeout=30)


def dropped(page: Any, folder: Path, figure: Path) -> float:
    """Return the seconds from a figure handed in to its curves shown."""
    with served(folder) as (address, _):
        page.goto(address)
        page.wait_for_selector('body[data-ready="yes"]')
        time.sleep(20)  # a reader looks at the page, and its processes get ready
        began = time.perf_counter()
        page.set_input_files("#file", figure)
        page.wait_for_selector("#sheet .point")
        return time.perf_counter() - began


def changed(page: Any, folder: Path) -> list[float]:
    """Return the seconds from a changed number to its verdict, for five changes."""
    found = []
    with served(folder) as (address, _):
        page.goto(address)
        page.click("#paper-an2025")
        page.wait_for_selector('body[data-verdict="shown"] .curves canvas')
        time.sleep(15)  # the audit, which runs beside, is over
        place = "[id='at-endpoint--0--arms--SR--landmarks--60']"
        for text in ("80.0%", "80.5%", "81.0%", "81.5%", "82.0%"):
            page.fill(place, text)
            began = time.perf_counter()
            page.evaluate("document.body.dataset.verdict = 'asked'")
            page.locator(place).blur()
            page.wait_for_selector('body[data-verdict="shown"][data-saving="no"]')
            found.append(time.perf_counter() - began)
    return found


def painted(page: Any, folder: Path) -> float:
    """Return the seconds from the start of the command to the first contentful paint."""
    with served(folder) as (address, began):
        page.goto(address, wait_until="commit")
        return float(page.evaluate(PAINT)) / 1000 - began


def measure(place: Path, runs: int) -> dict[str, list[float]]:
    """Measure everything so many times."""
    from playwright.sync_api import sync_playwright

    figures = {"PNG": draw(place / "figure.png", 240), "SVG": draw(place / "figure.svg", 72)}
    found: dict[str, list[float]] = {name: [] for name in TARGETS}
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        for run in range(runs):
            page = chromium.new_page(viewport={"width": 1280, "height": 860})
            page.set_default_timeout(180_000)
            found["first paint"].append(painted(page, place / f"paint-{run}"))
            for kind, figure in figures.items():
                found[f"{kind} dropped"].append(dropped(page, place / f"{kind}-{run}", figure))
            found["number changed"] += changed(page, place / f"number-{run}")
            page.close()
        chromium.close()
    return found


def work(place: Path) -> dict[str, float]:
    """Return processor seconds of the tasks behind what is measured, the second time of each."""
    from kmrepro.app.tasks import TASKS

    def spent(name: str, **arguments: Any) -> float:
        began = time.process_time()
        TASKS[name](progress=lambda *_: None, **arguments)
        return time.process_time() - began

    found: dict[str, float] = {}
    for run in range(2):
        for kind, dots in (("PNG", 240), ("SVG", 72)):
            folder = place / f"work-{kind}-{run}"
            folder.mkdir()
            source = draw(folder / f"figure.{kind.lower()}", dots)
            study = folder / "study.toml"
            found[f"{kind} read"] = spent(
                "read", folder=folder, study=study, source=source, hints={}, key=""
            )
    folder, study = place, place / "study.toml"
    spent("take_bundled", folder=folder, study=study, bundled="an2025")
    for text in ("80.0%", "81.0%"):
        edit = {"place": ["endpoint", 4, "arms", "SR", "landmarks", "60"], "value": text}
        found["number written"] = spent("edit", folder=folder, study=study, edits=[edit])
        found["verdict"] = spent("verdict", study=study, endpoint="psm/OS")
    return found


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--work", action="store_true", help="only processor time, no browser")
    given = parser.parse_args()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as place:
        found = {} if given.work else measure(Path(place), given.runs)
        processor = work(Path(place))
    print(f"{'':16}{'slowest':>9}{'median':>9}{'target':>9}   (seconds)")
    for name, times in found.items():
        row = (max(times), statistics.median(times), TARGETS[name])
        print(f"{name:16}" + "".join(f"{value:9.2f}" for value in row))
    for name, seconds in processor.items():
        print(f"{name:16}{seconds:9.2f}   seconds of processor time")
    print(f"{os.cpu_count()} processors, load {load:.1f} before and {os.getloadavg()[0]:.1f} after")
    if given.json:
        given.json.write_text(
            json.dumps({"load": load, "seconds": found, "processor": processor}, indent=1) + "\n"
        )


if __name__ == "__main__":
    main()

"""Make the pictures of docs/app.md: the page with a figure of simulated data, step by step.

    python docs/make_app_screenshots.py            writes docs/assets/app/*.png
    python docs/make_app_screenshots.py --check    says whether all of them are there and shown

Needs pip install '.[app,browser]' and Chromium. Pictures are not compared by their pixels, which
depend on the version of the browser and its fonts.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parent
IMAGES = DOCS / "assets" / "app"
NAMES = ("paper", "picture", "numbers", "verdict", "phone")
COLOURS = 256
ARMS = {"Control": (14.0, 120, "#d55e00"), "New treatment": (21.0, 118, "#0072b2")}
TICKS = (0, 6, 12, 18, 24, 30)


def draw(path: Path) -> None:
    """Draw a figure of two simulated arms with numbers at risk, as a journal would."""
    import matplotlib as mpl

    mpl.use("agg")
    import matplotlib.pyplot as plt
    import numpy as np

    rng = np.random.default_rng(7)
    style = {"svg.fonttype": "none", "font.size": 10, "path.simplify": False}
    with mpl.rc_context(style):
        figure, axes = plt.subplots(figsize=(6.4, 4.8))
        for row, (name, (scale, n, colour)) in enumerate(ARMS.items()):
            times = np.sort(rng.exponential(scale, n))
            shown = times[times < TICKS[-1]]
            x = np.concatenate([[0.0], shown, [TICKS[-1]]])
            y = np.concatenate([[n], n - np.arange(1, len(shown) + 1), [n - len(shown)]]) / n
            axes.step(x, y, where="post", color=colour, lw=1.6, label=name)
            axes.text(-6.6, -0.36 - 0.08 * row, name)
            for tick in TICKS:
                at_risk = n - int((times < tick).sum())
                axes.text(tick, -0.36 - 0.08 * row, str(at_risk), ha="center")
        axes.text(-6.6, -0.28, "No. at risk", weight="bold")
        axes.set(xlim=(0, 31), ylim=(0, 1.05), xlabel="Time (months)", ylabel="Overall survival")
        axes.set_xticks(TICKS)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False)
        figure.subplots_adjust(bottom=0.34, left=0.2)
        figure.savefig(path)
        plt.close(figure)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder with the command, and yield the address of the page."""
    command = [sys.executable, "-m", "kmrepro", "app", str(folder), "--no-browser"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout is not None  # noqa: S101 - a pipe was asked for
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(timeout=30)


def keep(name: str, shot: bytes) -> None:
    """Write a picture with few colours, which a page of flat ones does not miss."""
    from PIL import Image

    picture = (
        Image.open(io.BytesIO(shot)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    )
    picture.save(IMAGES / f"{name}.png", optimize=True)


def walk(page: Any, address: str, figure: Path, *, take: Callable[[str], None]) -> None:
    """Go the way from the paper to the verdict, and take a picture at each step."""
    page.set_default_timeout(120_000)
    page.goto(address)
    page.wait_for_selector("#paper-zhang2023")
    take("paper")
    page.set_input_files("#file", figure)
    page.wait_for_selector("#sheet .point")
    page.focus("#sheet")
    for _ in range(30):
        page.keyboard.press("PageDown")
    take("picture")
    page.click('#steps a[href="#numbers"]')
    for place, text in (("hazard_ratio", "0.64"), ("ci--0", "0.47"), ("ci--1", "0.58")):
        page.fill(f"#at-endpoint--0--reported--{place}", text)
        page.locator(f"#at-endpoint--0--reported--{place}").blur()
        page.wait_for_selector('body[data-saving="no"]')
    page.evaluate("scrollTo(0, 0)")
    take("numbers")
    page.fill("#at-endpoint--0--reported--ci--1", "0.88")
    page.locator("#at-endpoint--0--reported--ci--1").blur()
    page.wait_for_selector('body[data-saving="no"]')
    page.click('#steps a[href="#verdict"]')
    page.wait_for_selector('body[data-verdict="shown"] .curves canvas')
    page.wait_for_selector("#audit ~ p:not(.faint)")
    take("verdict")
    page.set_viewport_size({"width": 390, "height": 844})
    page.evaluate("new Promise((done) => setTimeout(done, 300))")
    take("phone")


def main() -> None:
    """Take every picture, or check that they are there."""
    if sys.argv[1:] == ["--check"]:
        text = (DOCS / "app.md").read_text(encoding="utf-8")
        for name in NAMES:
            if f"assets/app/{name}.png" not in text or not (IMAGES / f"{name}.png").is_file():
                raise SystemExit(f"docs/app.md or docs/assets/app lacks {name}.png")
        return
    from playwright.sync_api import sync_playwright

    browser = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        figure = Path(place) / "figure-2.svg"
        draw(figure)
        options = ["--no-sandbox", "--disable-gpu"]
        chromium = playwright.chromium.launch(executable_path=browser, args=options)
        page = chromium.new_page(viewport={"width": 1280, "height": 860})
        with served(Path(place) / "my-paper") as address:
            IMAGES.mkdir(exist_ok=True)
            walk(page, address, figure, take=lambda name: keep(name, page.screenshot()))
        chromium.close()


if __name__ == "__main__":
    main()

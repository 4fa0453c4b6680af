"""From a dropped figure to the downloads, as a reviewer goes."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from kmrepro.cli import main
from kmrepro.studies import load_study, read_curves

from ..app import TWO_ENDPOINTS
from ..digitise import known
from .conftest import Served, Visit, serve

pytestmark = pytest.mark.browser


def drag(page: Any, selector: str, dx: float, dy: float) -> None:
    """Drag something by so many pixels of the screen."""
    box = page.locator(selector).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx / 2, y + dy / 2)
    page.mouse.move(x + dx, y + dy)
    page.mouse.up()


def drop(page: Any, path: Path) -> None:
    """Drop a file on the place for it, as from a file manager."""
    data = page.evaluate_handle(
        """([text, name]) => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([text], name));
            return transfer;
        }""",
        [path.read_text(), path.name],
    )
    page.dispatch_event("#drop", "drop", {"dataTransfer": data})


def distances(folder: Path) -> list[float]:
    """Return how far the curves in the folder are from the data that were drawn."""
    curves = read_curves(folder / "curves.csv")
    read = {name: known.curve_of(each.time, each.survival) for name, each in curves.items()}
    return [known.distance(read[name], truth, 20.0) for name, (truth, _, _) in known.ARMS.items()]


def command(*arguments: str) -> None:
    """Run the command line in a process of its own."""
    subprocess.run([sys.executable, "-m", "kmrepro", *arguments], check=True, capture_output=True)


def download(page: Any, name: str, folder: Path) -> bytes:
    """Click on a file among the downloads; return its bytes."""
    page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
    with page.expect_download() as waiting:
        page.click(f'.files a[href="download/{name}"]')
    assert waiting.value.suggested_filename == Path(name).name
    waiting.value.save_as(folder / "got")
    return (folder / "got").read_bytes()


def test_a_figure_becomes_a_verdict(
    served: Served, visit: Callable[..., Visit], svg: Path, tmp_path: Path
) -> None:
    """A wrong axis and a misread number are put right, and the files are the command line's."""
    seen = visit(served.address)
    page = seen.page
    drop(page, svg)
    page.wait_for_selector("#sheet .point")
    assert page.url.endswith("#picture")
    assert max(distances(served.folder)) < 0.003

    # The axis is wrong: its 1 is 40 pixels too high. That is on the disk, and outlives a reload.
    drag(page, "#handle-y-1 circle", 0, -40)
    seen.saved()
    assert min(distances(served.folder)) > 0.02
    page.reload()
    page.wait_for_selector("#sheet .point")
    assert page.url.endswith("#picture")

    # It is dragged back; what is misread in the table is put right, undone, and done again.
    drag(page, "#handle-y-1 circle", 0, 40)
    seen.saved()
    assert max(distances(served.folder)) < 0.006
    seen.write("#cell-Drug-6", "70")
    assert (
        dict(load_study(served.folder / "study.toml").endpoints[0].arms["Drug"].at_risk)[6.0] == 70
    )
    page.click("#undo")
    seen.saved()
    assert page.input_value("#cell-Drug-6") == "67"
    page.click("#redo")
    seen.saved()
    assert page.input_value("#cell-Drug-6") == "70"
    page.click("#undo")
    seen.saved()
    page.click("#undo")
    seen.saved()
    assert max(distances(served.folder)) > 0.02  # the axis as it was before the second drag
    page.click("#redo")
    seen.saved()
    assert max(distances(served.folder)) < 0.006

    # The numbers: what is no number is told beside its field, and put right.
    seen.go("numbers")
    ratio = "#at-endpoint--0--reported--hazard_ratio"
    seen.write(ratio, "l.8")
    assert "l.8" in page.inner_text(f"{ratio}-notes")
    assert page.get_attribute(ratio, "aria-invalid") == "true"
    assert seen.axe() == []
    seen.write(ratio, "1.80")
    seen.write("#at-endpoint--0--reported--ci--0", "1.27")
    seen.write("#at-endpoint--0--reported--ci--1", "2.55")
    assert page.locator(".fault").count() == 0
    seen.write("#at-endpoint--0--reported--p", "0.001")

    # The verdict follows a number.
    seen.go("verdict")
    before = page.inner_text("#ratios")
    assert "1.80 (1.27 to 2.55)" in before
    seen.write(ratio, "2.50")
    seen.judged()
    assert "2.50" in page.inner_text("#ratios")
    assert page.inner_text("#the-verdict").lower() == "discrepant"
    page.click("#undo")
    seen.judged()
    assert page.inner_text("#ratios") == before
    assert page.inner_text("#the-verdict").lower() in ("close", "compatible")
    assert page.locator(".curves canvas").count() == 1

    # The full reproduction, and the command line's.
    page.click("#reproduce")
    page.wait_for_selector('.files a[href="download/report.html"]')
    study = served.folder / "study.toml"
    command("reproduce", str(study), "--out", str(tmp_path / "results"))
    command("to-excel", str(study), "--out", str(tmp_path / "study.xlsx"))
    written = [p.relative_to(tmp_path / "results") for p in (tmp_path / "results").rglob("*.*")]
    names = {path.as_posix() for path in written if path.is_relative_to(".")} - {".kmrepro.json"}
    links = page.eval_on_selector_all(".files a", "all => all.map((a) => a.getAttribute('href'))")
    assert {"download/" + name for name in names} - {"download/audit.json"} <= set(links)
    for name in (
        "report.html", "ipd/all_OS.csv", "reproduce.R", "results.json", "comparison.csv",
        "figures/all_OS.pdf", "figures/all_OS.svg", "figures/all_OS.png",
    ):  # fmt: skip
        assert download(page, name, tmp_path) == (tmp_path / "results" / name).read_bytes(), name
    assert download(page, "study.toml", tmp_path) == study.read_bytes()
    assert download(page, "study.xlsx", tmp_path) == (tmp_path / "study.xlsx").read_bytes()

    # Nothing was asked of another server, and the console is empty.
    assert seen.complaints == []
    assert all(each.startswith((served.address, "blob:")) for each in seen.requests)


def test_the_command_line_goes_on_and_comes_back(
    visit: Callable[..., Visit], svg: Path, tmp_path: Path
) -> None:
    """The page opens what `kmrepro digitise` wrote, and sees what an editor changed meanwhile."""
    folder = tmp_path / "read"
    done = CliRunner().invoke(main, ["digitise", str(svg), "--out", str(folder)])
    assert done.exit_code == 0, done.output
    before = {name: (folder / name).read_bytes() for name in ("curves.csv", "study.toml")}
    served = serve(folder)
    try:
        seen = visit(served.address)
        seen.go("picture")
        assert seen.page.locator("#sheet .point").count() > 20
        assert {name: (folder / name).read_bytes() for name in before} == before
        study = folder / "study.toml"
        study.write_text(study.read_text() + '\n[endpoint.reported]\nhazard_ratio = "1.75"\n')
        seen.page.reload()
        seen.go("numbers")
        assert seen.page.input_value("#at-endpoint--0--reported--hazard_ratio") == "1.75"
        assert seen.complaints == []
    finally:
        served.stop()


def test_it_is_asked_whose_the_curves_of_a_csv_file_are(
    served: Served, visit: Callable[..., Visit], tmp_path: Path
) -> None:
    """Two endpoints have the arms: one is chosen, an unknown curve is given to nobody unasked."""
    clicks = tmp_path / "clicks.csv"
    rows = [f"{arm},{t},{0.97**t:.4f}" for arm in ("Control", "Drug X") for t in range(9)]
    clicks.write_text("\n".join(["arm,time,survival", *rows]))
    (served.folder / "study.toml").write_text(TWO_ENDPOINTS)
    seen = visit(served.address)
    page = seen.page
    seen.go("paper")
    page.set_input_files("#file", clicks)
    page.wait_for_selector("#whose-link")
    assert page.evaluate("document.activeElement.id") == "whose-endpoint"
    assert [page.input_value(f"#whose-{at}") for at in range(2)] == ["C", ""]
    assert seen.axe() == []
    page.select_option("#whose-endpoint", "all/PFS")
    page.select_option("#whose-1", "N")
    page.click("#whose-link")
    page.wait_for_url("**#numbers")
    seen.saved()
    written = tomllib.loads((served.folder / "study.toml").read_text(encoding="utf-8"))
    overall, progression = (each["arms"] for each in written["endpoint"])
    assert not any("curve" in arm for arm in overall.values())
    assert progression["C"]["curve"] == {"file": "clicks.csv", "arm": "Control"}
    assert progression["N"]["curve"] == {"file": "clicks.csv", "arm": "Drug X"}
    assert seen.complaints == []


def test_a_picture_that_cannot_be_read_is_read_by_hand(
    served: Served, visit: Callable[..., Visit], tmp_path: Path
) -> None:
    """Handles dragged to two places of each axis, values, names and colours: then it is read."""
    places = known.draw_bare(tmp_path / "bare.png")
    seen = visit(served.address)
    page = seen.page
    page.set_input_files("#file", tmp_path / "bare.png")
    page.click("#by-hand")
    page.wait_for_selector("body[data-figure] #sheet .handle")
    assert seen.axe() == []
    for axis in ("x", "y"):
        for end, (value, pixel) in enumerate(places[f"{axis}_axis"]):
            to_place(page, axis, end, pixel)
            seen.write(f"#{axis}-{end}", f"{value:g}")
    for number, (name, (_, colour, _)) in enumerate(known.ARMS.items()):
        seen.write(f"#name-{number}", name)
        page.fill(f"#color-{number}", colour)
    page.click("#read-again")
    page.wait_for_selector("body[data-figure] #point")
    seen.saved()
    assert max(distances(served.folder)) < 0.015
    seen.go("numbers")
    assert seen.complaints == []


def to_place(page: Any, axis: str, end: int, pixel: float) -> None:
    """Drag a handle to a place of the picture."""
    now = float(page.get_attribute(f"#handle-{axis}-{end}", "aria-valuenow"))
    scale = page.evaluate("document.getElementById('sheet').getScreenCTM().a")
    by = (pixel - now) * scale
    drag(page, f"#handle-{axis}-{end} circle", *((by, 0) if axis == "x" else (0, by)))

"""The report as a reader meets it: in a browser, by pointer, keyboard, print and scripts off."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from kmrepro.models import EndpointAnalysis

from ..seeds import nightly

pytestmark = pytest.mark.browser

Open = Callable[..., Any]
Analyses = tuple[EndpointAnalysis, ...]
SCREENS = [(1200, "light"), (390, "dark"), nightly(1200, "dark"), nightly(390, "light")]


def first(page: Any) -> Any:
    """Return the first set of curves, brought into view."""
    curves = page.locator(".curves").first
    curves.scroll_into_view_if_needed()
    return curves


def point_at(page: Any, share: float) -> float:
    """Move the pointer to a share of the plot's width; return the time that is read there."""
    box = first(page).locator(".u-over").bounding_box()
    page.mouse.move(box["x"] + share * box["width"], box["y"] + box["height"] / 2)
    return float(first(page).locator("[data-part=at]").inner_text().split()[0])


def ink(page: Any) -> str:
    """Return the pixels of the first plot, when they have been drawn."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)))")
    return str(first(page).locator("canvas").evaluate("(canvas) => canvas.toDataURL()"))


def readings(page: Any) -> list[list[str]]:
    """Return the rows that are read off the first curves."""
    rows = first(page).locator("[data-part=readings] tr")
    seen = [row.locator("th, td").all_inner_texts() for row in rows.all() if row.is_visible()]
    return [[text.strip() for text in row] for row in seen]


def expected(analysis: EndpointAnalysis, time: float) -> list[list[str]]:
    """Say what a reader must see at a time, from the curves themselves."""
    rows = []
    for arm, curve in analysis.curves.items():
        left = int((analysis.ipd.of(arm)[0] >= time).sum())
        row = curve.time.searchsorted(time, side="right") - 1
        text = f"{100 * curve.survival[row]:.1f}%"
        if curve.survival[row] < 1 and curve.lower[row] == curve.lower[row]:  # none before events
            text += f" ({100 * curve.lower[row]:.1f}% to {100 * curve.upper[row]:.1f}%)"
        rows.append([f"{analysis.endpoint.arms[arm].label} ({arm})", text, str(left)])
    return rows


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_axe_finds_nothing(opened: Open, report: str, width: int, scheme: str) -> None:
    """No rule of axe-core is broken, whatever the screen, and no page is wider than it."""
    found = opened(report, width=width, scheme=scheme)
    page = found.page
    page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
    axe = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
    page.evaluate(axe)
    result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert len(result["passes"]) > 20
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in result["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert found.complaints == []


def test_nothing_is_asked_for_and_nothing_complains(opened: Open, report: str) -> None:
    """One file is read, drawings and all; the console stays empty through every control."""
    found = opened(report)
    for box in found.page.locator(".curves input[type=checkbox]").all():
        box.click()
    for button in found.page.locator(".curves button").all():
        button.click()
    images = found.page.locator("img").all()
    assert images
    assert all(image.evaluate("(each) => each.naturalWidth > 0") for image in images)
    assert found.complaints == []
    assert [each for each in found.requests if not each.startswith("data:image/")] == [report]


@pytest.mark.parametrize("share", [0.01, 0.3, 0.55, 0.98])
def test_the_pointer_reads_the_curves(page: Any, analyses: Analyses, share: float) -> None:
    """Survival, interval and number at risk are those of the curves at the time shown."""
    time = point_at(page, share)
    end = max(curve.last_time for curve in analyses[0].curves.values())
    assert time == pytest.approx(share * end, abs=0.02 * end)
    assert readings(page) == expected(analyses[0], time)


def test_the_keyboard_reads_the_curves(page: Any, analyses: Analyses) -> None:
    """The slider goes step by step, and tells a screen reader all that is read there."""
    slider = first(page).locator("[data-part=time]")
    slider.focus()
    before = float(slider.input_value())
    for key in ("ArrowRight", "ArrowRight", "ArrowLeft", "ArrowRight"):
        page.keyboard.press(key)
    time = float(slider.input_value())
    assert time == before + 2
    assert readings(page) == expected(analyses[0], time)
    told = slider.get_attribute("aria-valuetext")
    assert told.startswith(f"{time:.0f} months. Surgical resection (SR): survival ")
    assert all(row[1] in told and f"{row[2]} at risk" in told for row in readings(page))


def test_arms_and_intervals_are_switched(page: Any) -> None:
    """An arm that is off is neither drawn nor read; on again, the plot is as it was."""
    whole = ink(page)
    arm, bands = first(page).locator("[data-arm]").first, first(page).locator("[data-part=bands]")
    arm.press("Space")
    assert [row[0] for row in readings(page)] == ["Thermal ablation (TA)"]
    one = ink(page)
    bands.press("Space")
    bare = ink(page)
    assert len({whole, one, bare}) == 3
    arm.press("Space")
    bands.press("Space")
    assert len(readings(page)) == 2
    assert ink(page) == whole


def test_zoom_and_reset(opened: Open, report: str) -> None:
    """Buttons and a drag narrow the axis, the height fits it, and reset gives the whole back."""
    page = opened(report).page
    whole, ends = ink(page), (point_at(page, 0.02), point_at(page, 0.98))
    first(page).locator("[data-part=reset]").focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")  # zoom in, by keyboard alone
    assert ink(page) != whole
    assert point_at(page, 0.98) - point_at(page, 0.02) == pytest.approx(
        (ends[1] - ends[0]) / 2, abs=2
    )
    first(page).locator("[data-part=out]").click()
    assert (point_at(page, 0.02), point_at(page, 0.98)) == ends
    start = point_at(page, 0.3)
    page.mouse.down()
    stop = point_at(page, 0.5)
    page.mouse.up()
    ink(page)
    assert point_at(page, 0.005) == pytest.approx(start, abs=2)
    assert point_at(page, 0.995) == pytest.approx(stop, abs=2)
    dragged = ink(page)
    first(page).locator("[data-part=fit]").check()
    assert ink(page) != dragged
    first(page).locator("[data-part=in]").click()
    fitted = ink(page)
    first(page).locator("[data-part=fit]").uncheck()
    assert ink(page) != fitted
    first(page).locator("[data-part=fit]").check()
    assert ink(page) == fitted  # whichever came first, the zoom or the fit
    first(page).locator("[data-part=fit]").uncheck()
    first(page).locator("[data-part=reset]").click()
    ink(page)
    assert (point_at(page, 0.02), point_at(page, 0.98)) == ends


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_patients_are_downloaded(
    opened: Open, report: str, analyses: Analyses, tmp_path: Path, scripts: bool
) -> None:
    """The file has the name and the bytes of the one in the results folder."""
    page = opened(report, scripts=scripts).page
    with page.expect_download() as waiting:
        page.get_by_text("Download these patients").first.click()
    assert waiting.value.suggested_filename == "psm_OS.csv"
    waiting.value.save_as(tmp_path / "patients.csv")
    table = analyses[0].ipd.to_frame().to_csv(index=False, lineterminator="\n")
    assert (tmp_path / "patients.csv").read_bytes() == table.encode()


def test_all_but_the_curves_is_there_without_scripts(opened: Open, report: str) -> None:
    """No control that would do nothing is shown; drawings, tables and details are."""
    page = opened(report, scripts=False).page
    assert not any(each.is_visible() for each in page.locator(".curves").all())
    shown = page.locator("figure:not(details figure) img, article > h3, .download")
    assert all(each.is_visible() for each in shown.all())
    folded = page.locator("details figure img")
    assert folded.count() == 2
    assert not any(each.is_visible() for each in folded.all())
    page.locator("details:has(figure) summary").click()
    assert all(each.is_visible() for each in folded.all())


def test_print_is_clean(opened: Open, report: str) -> None:
    """Controls stay away, details are open, and what was dark is printed on white."""
    page = opened(report, scheme="dark").page
    assert page.pdf(format="A4").startswith(b"%PDF-")
    page.emulate_media(media="print")
    for name in (".curves", ".download", ".skip"):
        assert not any(each.is_visible() for each in page.locator(name).all())
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert all(each.is_visible() for each in page.locator("details dt").all())
    wide = "(each) => each.scrollWidth > each.clientWidth + 1"
    page.set_viewport_size({"width": 680, "height": 900})  # A4 less its margins
    assert not any(each.evaluate(wide) for each in page.locator(".scroll").all())


def test_the_scheme_can_change_while_it_is_open(page: Any) -> None:
    """The curves follow the device from light to dark and back."""
    light = ink(page)
    page.emulate_media(color_scheme="dark")
    assert ink(page) != light
    page.emulate_media(color_scheme="light")
    assert ink(page) == light


def test_tab_leads_past_the_head(opened: Open, report: str) -> None:
    """The first thing that Tab reaches is a link to the verdicts, seen once it is reached."""
    page = opened(report).page
    page.keyboard.press("Tab")
    focused = page.locator(":focus")
    assert focused.inner_text() == "Skip to the verdicts"
    assert focused.bounding_box()["x"] >= 0
    assert "solid" in focused.evaluate("(each) => getComputedStyle(each).outlineStyle")
    page.keyboard.press("Enter")
    assert re.search("#verdicts$", page.url)


def test_no_text_of_a_study_runs(opened: Open, hostile_report: str) -> None:
    """Markup in a study file is read as text, and its curves are drawn all the same."""
    found = opened(hostile_report)
    assert found.page.evaluate("window.hostile") is None
    assert found.complaints == []
    assert len(readings(found.page)) == 2
    assert "window.hostile = 1" in readings(found.page)[0][0]
    with found.page.expect_download() as waiting:
        found.page.get_by_text("Download these patients").click()
    assert waiting.value.suggested_filename == "psm_OS.csv"

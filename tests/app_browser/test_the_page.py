"""The page by keyboard, on a phone, in the dark, and with what goes wrong."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from kmrepro.studies import load_study, read_curves

from ..seeds import many, nightly
from .conftest import Served, Visit

pytestmark = pytest.mark.browser

ABSTRACT = (
    "Patients were randomised to velotarsib (n = 203) or placebo (n = 198). Median overall "
    "survival was 19.7 months (95% CI 16.6-21.9) with velotarsib and 15.9 months (14.1-19.3) with "
    "placebo (hazard ratio 0.73, 95% CI 0.58-0.93; P=0.01). The 1-year overall survival rates were "
    "68% and 61%, respectively."
)
HOSTILE = "</script><img src=x onerror='window.hostile = 1'>"
WALKS = many(50, else_=6)
STEPS = 10


@pytest.fixture(scope="module")
def read(server: Callable[[str], Served], visit_once: Callable[[str], Visit], svg: Path) -> Served:
    """Start a server whose folder has one figure that was read."""
    served = server("read")
    seen = visit_once(served.address)
    seen.page.set_input_files("#file", svg)
    seen.page.wait_for_selector("#sheet .point")
    seen.saved()
    return served


@pytest.fixture(scope="module")
def visit_once(chromium: Any) -> Any:
    """Open pages that stay open for the module."""
    from .conftest import PATIENCE

    contexts = []

    def open_page(address: str) -> Visit:
        context = chromium.new_context(viewport={"width": 1280, "height": 900})
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        seen = Visit(context.new_page())
        seen.page.goto(address)
        seen.page.wait_for_selector('body[data-ready="yes"]')
        return seen

    yield open_page
    for context in contexts:
        context.close()


def drugs(served: Served) -> Any:
    return read_curves(served.folder / "curves.csv")["Drug"]


def test_points_are_moved_by_keyboard_alone(read: Served, visit: Callable[..., Visit]) -> None:
    """Page Down chooses a point, arrows move it, A adds one, Delete removes it."""
    seen = visit(read.address)
    page = seen.page
    seen.go("picture")
    count = page.locator("#sheet .point").count()
    page.focus("#sheet")
    for _ in range(6):
        page.keyboard.press("PageDown")
    assert f"point 6 of {count}" in page.inner_text(".sheet .unseen")
    before = float(page.input_value("#point-time"))
    page.keyboard.press("ArrowRight")
    assert float(page.input_value("#point-time")) > before
    page.keyboard.press("a")
    assert page.locator("#sheet .point").count() == count + 1
    page.keyboard.press("Delete")
    assert page.locator("#sheet .point").count() == count
    seen.saved()
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    seen.saved()
    assert page.locator("#sheet .point").count() == count
    assert seen.complaints == []


def test_axes_are_moved_by_keyboard_alone(read: Served, visit: Callable[..., Visit]) -> None:
    """A handle is a slider: arrows move it, and the curve's times follow."""
    seen = visit(read.address)
    page = seen.page
    seen.go("picture")
    end = drugs(read).last_time
    page.focus("#handle-x-1")
    where = float(page.get_attribute("#handle-x-1", "aria-valuenow"))
    page.keyboard.press("Shift+ArrowRight")
    assert page.evaluate("document.activeElement.id") == "handle-x-1"
    assert float(page.get_attribute("#handle-x-1", "aria-valuenow")) == pytest.approx(where + 10)
    seen.saved()
    assert drugs(read).last_time < end
    page.click("#undo")
    seen.saved()
    assert drugs(read).last_time == pytest.approx(end, rel=1e-4)
    assert seen.complaints == []


def test_every_control_is_reached_by_tab(read: Served, visit: Callable[..., Visit]) -> None:
    """Tab goes through the steps, the tools, the picture and its fields, and is never caught."""
    seen = visit(read.address)
    page = seen.page
    seen.go("picture")
    page.evaluate("document.activeElement.blur()")
    reached = []
    for _ in range(90):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.tagName"))
    for wanted in ("sheet", "handle-x-0", "handle-y-1", "x-0", "name-0", "cell-Drug-6", "next"):
        assert wanted in reached, wanted
    assert reached.index("sheet") < reached.index("x-0") < reached.index("cell-Drug-6")


@pytest.mark.parametrize(
    ("width", "scheme"),
    [(390, "dark"), (1280, "light"), nightly(390, "light"), nightly(1280, "dark")],
)
def test_axe_finds_nothing_on_any_screen(
    read: Served, visit: Callable[..., Visit], width: int, scheme: str
) -> None:
    """No rule of axe-core is broken at any step, and no step is wider than the screen."""
    seen = visit(read.address, width=width, scheme=scheme)
    for step in ("paper", "picture", "numbers", "verdict"):
        seen.go(step)
        assert seen.axe() == [], step
        assert seen.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), step
    assert seen.complaints == []


def test_words_become_numbers_with_their_sentence(
    served: Served, visit: Callable[..., Visit]
) -> None:
    """A pasted abstract is drafted, and each number has the words that it was found in."""
    seen = visit(served.address)
    page = seen.page
    page.fill("#words", ABSTRACT)
    page.click("#draft")
    page.wait_for_selector("#at-endpoint--0--arms--velotarsib--n")
    assert page.input_value("#at-endpoint--0--arms--velotarsib--n") == "203"
    assert page.input_value("#at-endpoint--0--reported--hazard_ratio") == "0.73"
    found = page.locator("#at-endpoint--0--arms--placebo--median").locator("..").locator(".found")
    found.locator("summary").click()
    assert "15.9 months (14.1-19.3) with placebo" in found.inner_text()
    seen.write("#at-endpoint--0--arms--placebo--median", "16.9")
    assert "16.9" in (served.folder / "study.toml").read_text()
    assert '# line 1: "Median overall' in (served.folder / "study.toml").read_text()
    seen.go("verdict")
    assert "0.73" in page.inner_text("#ratios")
    assert seen.complaints == []


def test_a_bundled_paper_is_taken_and_changed(served: Served, visit: Callable[..., Visit]) -> None:
    """One click gives a verdict; its endpoints are chosen from; the audit has its findings."""
    seen = visit(served.address)
    page = seen.page
    page.click("#paper-haic-tae")
    seen.judged()
    assert page.url.endswith("#verdict")
    page.wait_for_selector("#audit ~ p:not(.faint)")
    keys = page.eval_on_selector_all("#endpoint option", "all => all.map((each) => each.value)")
    study = load_study(served.folder / "study.toml")
    assert keys == [each.key for each in study.endpoints]
    page.select_option("#endpoint", keys[-1])
    seen.judged()
    assert seen.complaints == []


def test_long_work_is_cancelled_and_the_page_answers_meanwhile(
    served: Served, visit: Callable[..., Visit], png: Path
) -> None:
    """While a raster is read the page can be used; cancelled, it leaves nothing of a reading."""
    seen = visit(served.address)
    page = seen.page
    page.set_input_files("#file", png)
    page.wait_for_selector(".job progress")
    page.click('#steps a[href="#numbers"]')
    page.wait_for_selector("text=There is no study file yet")
    page.click(".job button")
    page.wait_for_selector(".job", state="detached")
    assert not (served.folder / "reading.json").exists()
    page.click('#steps a[href="#paper"]')
    page.fill("#words", ABSTRACT)
    page.click("#draft")  # and the next work is done
    page.wait_for_selector("#at-endpoint--0--arms--placebo--n")
    assert seen.complaints == []


def test_what_is_refused_is_told_in_a_sentence(
    served: Served, visit: Callable[..., Visit], tmp_path: Path
) -> None:
    """A file that is none, and words without a result, end in an alert and not in silence."""
    seen = visit(served.address)
    page = seen.page
    bad = tmp_path / "archive.zip"
    bad.write_bytes(b"PK\x03\x04\x00\x00\x00")
    page.set_input_files("#file", bad)
    page.wait_for_selector("#alert:has-text('none that can be read here')")
    with (tmp_path / "scan.pdf").open("wb") as scan:
        scan.truncate(300_000_000)  # more than the server reads at all
    page.set_input_files("#file", tmp_path / "scan.pdf")
    page.wait_for_selector("#alert:has-text('scan.pdf has 300 MB, and at most 64 MB are taken')")
    page.fill("#words", "The weather was fine.")
    page.click("#draft")
    page.wait_for_selector("#alert:has-text('No survival result was found')")
    assert page.evaluate("window.hostile") is None


def test_the_server_reads_what_is_too_large_to_its_end(served: Served) -> None:
    """A client that sends all before it listens gets the limit, not a broken connection."""
    address = urlsplit(served.address)
    headers = {"Origin": f"http://{address.netloc}"}
    with closing(HTTPConnection(address.netloc, timeout=60)) as client:
        client.request("POST", f"{address.path}api/upload", b"0" * 150_000_000, headers)
        answer = client.getresponse()
        assert (answer.status, answer.read()) == (
            413, b'{"error": "At most 64 MB are taken at once."}',
        )  # fmt: skip


def press(page: Any, place: str) -> None:
    """Press the mouse on an element without letting it go."""
    page.hover(place)
    page.mouse.down()


def test_a_slow_list_of_papers_takes_no_click_away(
    served: Served, visit: Callable[..., Visit]
) -> None:
    """A button that is pressed while the bundled papers arrive is clicked when it is let go."""
    seen = visit(served.address)
    page = seen.page
    held: list[Any] = []
    page.route("**/api/papers", lambda route: held.append(route))
    with page.expect_request("**/api/papers"):
        page.reload()
    page.fill("#words", "The weather was fine.")
    press(page, "#draft")
    with page.expect_response("**/api/papers"):
        held[0].continue_()
    page.mouse.up()
    page.wait_for_selector("#alert:has-text('No survival result was found')")
    page.wait_for_selector(".papers button")
    assert page.input_value("#words") == "The weather was fine."


def test_leaving_a_field_for_a_button_takes_one_click(
    served: Served, visit: Callable[..., Visit]
) -> None:
    """What the field changed is saved and shown while the mouse is down, and the click counts."""
    seen = visit(served.address)
    page = seen.page
    page.click("#blank")
    page.wait_for_selector("#as-text")
    page.fill("#at-title", "A trial")
    with page.expect_response("**/api/study/edit"):
        press(page, "#as-text")
    seen.saved()
    page.mouse.up()
    page.wait_for_selector("#toml")
    assert 'title = "A trial"' in page.input_value("#toml")
    assert seen.complaints == []


def test_no_text_of_a_study_runs(served: Served, visit: Callable[..., Visit]) -> None:
    """Markup in every text of a study file is shown as text."""
    seen = visit(served.address)
    text = f'''id = "x"
title = "{HOSTILE}"  # {HOSTILE}
note = "{HOSTILE}"
[arms]
A = "{HOSTILE}"
B = "b"
[[endpoint]]
name = "OS"
label = "{HOSTILE}"
reference = "A"
[endpoint.arms.A]
n = 50
landmarks = {{ 12 = "80%" }}
note = "{HOSTILE}"
[endpoint.arms.B]
n = 50
landmarks = {{ 12 = "60%" }}
'''
    (served.folder / "study.toml").write_text(text)
    seen.page.reload()
    for step in ("numbers", "verdict", "paper"):
        seen.go(step)
    assert seen.page.evaluate("window.hostile") is None
    assert seen.complaints == []


def test_random_walks_end_in_no_error(read: Served, visit: Callable[..., Visit]) -> None:
    """Whatever is clicked and written, in whatever order, nothing fails.

    What is refused (status 4xx) is told in an alert, and is no failure.
    """
    seen = visit(read.address)
    page = seen.page
    page.on("dialog", lambda dialog: dialog.dismiss())
    for walk in range(WALKS):
        rng = random.Random(walk)
        page.evaluate(f"location.hash = '{rng.choice(['paper', 'picture', 'numbers', 'verdict'])}'")
        for _ in range(STEPS):
            _one_step(page, rng)
        assert [each for each in seen.complaints if "status of 4" not in each] == [], walk
    page.reload()
    page.wait_for_selector('body[data-ready="yes"]')
    assert [each for each in seen.complaints if "status of 4" not in each] == []


def _one_step(page: Any, rng: random.Random) -> None:
    """Click on something that can be clicked, or write something into a field."""
    told = page.evaluate(
        """([share, word]) => {
            const kinds = "button:not(:disabled), a[href^='#'], select, summary, textarea, "
                + "input:not([type=file])";
            const long = ["reproduce", "read-again"];
            const all = [...document.querySelectorAll(kinds)]
                .filter((each) => each.checkVisibility() && !long.includes(each.id));
            const chosen = all[Math.floor(share * all.length)];
            if (!chosen) return "";
            if (chosen.matches("select")) {
                chosen.selectedIndex = Math.floor(word.length * share) % chosen.options.length;
                chosen.dispatchEvent(new Event("change"));
            } else if (chosen.matches("textarea, input[type=text]")) {
                chosen.value = word;
                chosen.dispatchEvent(new Event("change"));
            } else if (chosen.matches("input[type=range], input[type=color]")) {
                chosen.dispatchEvent(new Event("input"));
            } else {
                chosen.click();
            }
            return chosen.id || chosen.textContent;
        }""",
        [rng.random(), rng.choice(["12", "0.5", "", "101%", "Ω", "-3", "NR", "7"])],
    )
    assert told is not None

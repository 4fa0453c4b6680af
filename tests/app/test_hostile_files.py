"""Files that were made to do harm, handed to the page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import Page

pytest.importorskip("pdfplumber")

BOMB = (
    '<?xml version="1.0"?><!DOCTYPE svg ['
    + '<!ENTITY a0 "ha">'
    + "".join(f'<!ENTITY a{k} "{f"&a{k - 1};" * 10}">' for k in range(1, 12))
    + ']><svg xmlns="http://www.w3.org/2000/svg"><text>&a11;</text></svg>'
)
STEALS = (
    '<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY secret SYSTEM "file://{path}">]>'
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100"><text>&secret;</text></svg>'
)


def outcome(served: Page, name: str, content: bytes) -> dict[str, object]:
    """Hand a file in and wait for what comes of it; a server error would fail here."""
    response = served.upload(name, content)
    assert response.status_code in (200, 202, 400), response.get_json()
    answer = response.get_json()
    return served.done(answer) if "job" in answer else answer


def test_entities_of_an_svg_are_not_followed(served: Page, tmp_path: Path) -> None:
    """An SVG that includes a file of this machine, or swells, is refused and told nothing."""
    secret = tmp_path / "secret.txt"
    secret.write_text("the-secret")
    for content in (STEALS.format(path=secret), BOMB):
        job = outcome(served, "fig.svg", content.encode())
        assert job["state"] == "refused"
        assert "the-secret" not in json.dumps(job)
    assert not any("the-secret" in p.read_text() for p in served.workspace.folder.glob("*.json"))


def test_scripts_of_an_svg_reach_no_page(served: Page, vector: Path) -> None:
    """What the page shows of an SVG is a PNG drawn from its paths, never the SVG."""
    evil = '<script>alert(1)</script><g onload="alert(2)"/>'
    text = vector.read_text()
    at = text.index("</svg>")
    job = outcome(served, "fig.svg", (text[:at] + evil + text[at:]).encode())
    assert job["state"] == "done"
    image = served.ask("api/figures/figure/image.png")
    assert image.mimetype == "image/png"
    assert image.data.startswith(b"\x89PNG")
    assert "alert(" not in served.ask("api/figures/figure").get_data(as_text=True)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"%PDF-1.7\n" + b"garbage " * 200, id="garbage"),
        pytest.param(b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 1 0 R>>endobj\n%%EOF", id="circle"),
        pytest.param(
            b"%PDF-1.4\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>"
            b"/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj"
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9999999 99999]>>endobj\n"
            b"trailer<</Root 1 0 R>>\n%%EOF",
            id="script-and-a-huge-page",
        ),
    ],
)
def test_a_broken_or_hostile_pdf_is_refused(served: Page, content: bytes) -> None:
    """A PDF that cannot be read ends in a sentence."""
    job = outcome(served, "paper.pdf", content)
    assert job["state"] == "refused", job
    assert str(job["message"]).endswith(".")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[[endpoint]]\n" + "a." * 5000 + "b = 1", id="deep"),
        pytest.param("[[endpoint]]\nx = " + "[" * 3000, id="nested"),
        pytest.param("[[endpoint]]\nx = " + "9" * 10000, id="digits"),
        pytest.param('[arms]\n"\\u0000" = "\\u202e"', id="controls"),
        pytest.param("[[endpoint]]\nname = 3\narms = 4", id="wrong-types"),
        pytest.param("[arms]\na = 1\n[arms]\na = 2", id="twice"),
    ],
)
def test_a_hostile_study_file_is_told_its_faults(served: Page, text: str) -> None:
    """It is kept as it is, its faults are listed, and every question is answered."""
    served.workspace.study.write_text(text)
    state = served.json("api/study")
    assert state["faults"]
    assert served.ask("api/verdict").status_code == 400
    assert served.ask("api/study/edit", "POST", json={"edits": [{"place": ["id"], "value": "x"}]})


def test_a_study_file_reads_no_file_elsewhere(served: Page, tmp_path: Path) -> None:
    """A curve outside of the folder is a fault, also through a link, and is not told."""
    (tmp_path / "secret.csv").write_text("time,survival\n0,1\n1,0.5\n")
    (served.workspace.folder / "link.csv").symlink_to(tmp_path / "secret.csv")
    for name in ("../secret.csv", str(tmp_path / "secret.csv"), "link.csv", "/etc/passwd"):
        served.workspace.study.write_text(
            f'id = "x"\n[[endpoint]]\nname = "OS"\n[endpoint.arms.A]\nn = 9\ncurve = "{name}"\n'
        )
        state = served.json("api/study")
        assert state["faults"][0]["place"][-1] == "curve"
        assert "0.5" not in json.dumps(state["faults"])


def test_a_hostile_reading_opens_nothing_elsewhere(read_served: Page, tmp_path: Path) -> None:
    """A reading.json that names files above its folder gives no points of them."""
    (tmp_path / "secret.csv").write_text("arm,time,survival,tolerance\nDrug,1,0.123,0.1\n")
    path = read_served.workspace.folder / "reading.json"
    content = json.loads(path.read_text())
    content["panels"][0]["files"]["curves"] = "../secret.csv"
    path.write_text(json.dumps(content))
    document = read_served.json("api/figures/figure")
    assert document["panels"][0]["arms"][0]["points"] == []
    (read_served.workspace.folder / "page.json").write_text('{"source": "../../secret.csv"}')
    answer = read_served.ask("api/figures/figure/read", "POST", json={"replace": 1})
    assert answer.status_code == 409


def test_markup_in_names_is_sent_as_text(served: Page) -> None:
    """Answers are JSON, never HTML, whatever a study file says."""
    evil = "<img src=x onerror=alert(1)>"
    served.workspace.study.write_text(
        f'id = "x"\ntitle = "{evil}"\n[[endpoint]]\nname = "OS"\n[endpoint.arms.A]\nn = 9\n'
    )
    response = served.ask("api/study")
    assert response.mimetype == "application/json"
    assert evil in response.get_json()["content"]["title"]
    download = served.ask("download/study.toml")
    assert download.headers["Content-Disposition"].startswith("attachment")
    assert download.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "name", ["../secret", "..%2fsecret", "results/../../secret", "reading.json"]
)
def test_only_results_are_downloaded(served: Page, name: str) -> None:
    """What kmrepro did not list among the results is not sent."""
    (served.workspace.folder.parent / "secret").write_text("x")
    assert served.ask(f"download/{name}").status_code in (400, 404)

"""Who may speak with the page's server."""

from __future__ import annotations

import pytest

from kmrepro.app.answers import HEADERS, Guard

from .conftest import PORT, Page

HOST = f"127.0.0.1:{PORT}"
OWN = f"http://{HOST}"


def test_tokens_are_long_and_never_the_same() -> None:
    """A token has 256 random bits, and is not in what the guard shows of itself."""
    one, other = Guard(PORT), Guard(PORT)
    assert one.token != other.token
    assert len(one.token) >= 43
    assert one.token not in repr(one)
    assert one.address == f"{OWN}/{one.token}/"


@pytest.mark.parametrize(
    ("method", "headers", "answered"),
    [
        pytest.param("GET", {"Host": HOST}, True, id="address-typed"),
        pytest.param("GET", {"Host": f"localhost:{PORT}"}, True, id="localhost"),
        pytest.param("POST", {"Host": HOST, "Origin": OWN}, True, id="own-post"),
        pytest.param("GET", {"Host": f"evil.example:{PORT}"}, False, id="dns-rebinding"),
        pytest.param("GET", {"Host": "127.0.0.1:1"}, False, id="other-port"),
        pytest.param("GET", {}, False, id="no-host"),
        pytest.param("POST", {"Host": HOST}, False, id="post-without-origin"),
        pytest.param("POST", {"Host": HOST, "Origin": "null"}, False, id="sandboxed-frame"),
        pytest.param("GET", {"Host": HOST, "Origin": "https://evil.example"}, False, id="foreign"),
        pytest.param("PUT", {"Host": HOST, "Origin": f"https://{HOST}"}, False, id="other-scheme"),
        pytest.param("GET", {"Host": HOST, "Origin": "http://127.0.0.1:80"}, False, id="neighbour"),
        pytest.param("GET", {"Host": HOST, "Sec-Fetch-Site": "cross-site"}, False, id="cross-site"),
        pytest.param("GET", {"Host": HOST, "Sec-Fetch-Site": "same-site"}, False, id="same-site"),
        pytest.param("GET", {"Host": HOST, "Sec-Fetch-Site": "none"}, True, id="typed"),
    ],
)
def test_only_the_page_itself_is_answered(
    method: str, headers: dict[str, str], answered: bool
) -> None:
    """Host, Origin and Sec-Fetch-Site must be those of the page's own requests."""
    guard = Guard(PORT)
    assert (guard.refusal(method, f"/{guard.token}/api/study", headers) == "") is answered


@pytest.mark.parametrize(
    "path", ["/", "/api/study", "/wrong/api/study", "//", "/static/js/main.js"]
)
def test_without_the_token_nothing_is_told(served: Page, path: str) -> None:
    """Every path without the token is refused alike, also those of files that exist."""
    response = served.client.get(path, headers={"Host": HOST})
    assert response.status_code == 403
    assert served.guard.token not in response.get_data(as_text=True)


def test_every_answer_is_protected(served: Page) -> None:
    """Page, data, refusals and errors carry the content security policy and its like."""
    answers = [
        served.ask(""),
        served.ask("api/study"),
        served.ask("nowhere"),
        served.client.get("/"),
    ]
    assert [each.status_code for each in answers] == [200, 200, 404, 403]
    for each in answers:
        assert {name: each.headers[name] for name in HEADERS} == HEADERS
    policy = HEADERS["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "*" not in policy


def test_the_page_holds_no_script_and_no_address_of_another_server(served: Page) -> None:
    """The HTML has no inline script or style, and nothing of it names another place."""
    import re

    html = served.ask("").get_data(as_text=True)
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|style=", html)
    assert "//" not in html.replace("<!doctype html>", "")
    for name in re.findall(r'(?:src|href)="(static/[^"]+)"', html):
        assert served.ask(name).status_code == 200, name


@pytest.mark.parametrize("name", ["../server.py", "%2e%2e/tasks.py", "js/../../tasks.py", "js", ""])
def test_only_files_of_the_page_are_served(served: Page, name: str) -> None:
    """A path that leaves the folder of the page is no file of it."""
    assert served.ask(f"static/{name}").status_code == 404

"""Check the built site: nothing is fetched from elsewhere, and every internal link leads somewhere.

python .ci/check_site.py SITE
"""

import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

FETCHED = {"img": "src", "script": "src", "iframe": "src", "source": "src"}


class Page(HTMLParser):
    """What one page fetches, where it links to, and the places in it that can be linked to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.links: list[str] = []
        self.places: set[str] = set()
        self.without_alt = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag fetches, links to and is called."""
        found = {name: value or "" for name, value in attrs}
        self.places |= {found[name] for name in ("id", "name") if name in found}
        if tag in FETCHED and FETCHED[tag] in found:
            self.fetched.append(found[FETCHED[tag]])
        if tag == "link" and found.get("rel") not in ("canonical", "prev", "next"):
            self.fetched.append(found.get("href", ""))
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        self.without_alt += tag == "img" and not found.get("alt")


def faults(site: Path) -> Iterator[str]:
    """Yield one sentence for each fault."""
    pages = {path: Page(path.read_text(encoding="utf-8")) for path in site.rglob("*.html")}
    for path, page in pages.items():
        name = path.relative_to(site)
        if page.without_alt:
            yield f"{name}: {page.without_alt} images have no text for those who do not see them"
        for target in page.fetched:
            if urlsplit(target).netloc:
                yield f"{name} fetches {target}"
            elif not _file(site, path, target).exists():
                yield f"{name} fetches {target}, which is not there"
        for target in page.links:
            if urlsplit(target).scheme or urlsplit(target).netloc or name.name == "404.html":
                continue
            file = _file(site, path, target)
            place = unquote(urlsplit(target).fragment)
            if not file.exists():
                yield f"{name} links to {target}, which is not there"
            elif place and file in pages and place not in pages[file].places:
                yield f"{name} links to {target}, a place that is not on that page"


def _file(site: Path, page: Path, target: str) -> Path:
    """Return the file that a link on a page leads to."""
    path = unquote(urlsplit(target).path)
    file = site / path.lstrip("/") if path.startswith("/") else (page.parent / path).resolve()
    if not path:
        return page
    return file / "index.html" if file.is_dir() else file


def main(site: str) -> None:
    """Print the faults, or how many pages have none."""
    found = sorted(set(faults(Path(site).resolve())))
    if found:
        raise SystemExit("\n".join(found))
    print(f"{len(list(Path(site).rglob('*.html')))} pages, nothing fetched, every link leads there")


if __name__ == "__main__":
    main(*sys.argv[1:])

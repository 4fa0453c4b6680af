"""Pages of the site that are made from the code, so that they cannot differ from it.

A page says where with a comment, which a code host does not show, and what stands there instead:

    <!-- made: commands -->
    The site has a section for each command here.
    <!-- end -->
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

sys.path.insert(0, str(Path(__file__).parent))

from made_commands import commands
from made_keys import keys
from made_names import names
from made_notebooks import notebook_page, notebook_title
from made_papers import papers

_ROOT = Path(__file__).resolve().parents[2]
_NOTEBOOKS = sorted((_ROOT / "notebooks").glob("*.ipynb"))
_MADE = re.compile(
    r"<!-- made: (\w+)(?: ([^>]+?))? -->(?:(?:(?!<!-- made).)*?<!-- end -->)?", re.DOTALL
)
_MAKERS: dict[str, Callable[[str], str]] = {
    "commands": commands,
    "keys": keys,
    "names": names,
    "papers": papers,
}


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """List the notebooks, each under the question that it opens with."""
    for section in config.nav or ():
        for entries in section.values():
            for entry in entries if isinstance(entries, list) else ():
                if "Notebooks" in entry:
                    entry["Notebooks"] = [
                        {notebook_title(path): f"notebooks/{path.stem}.md"} for path in _NOTEBOOKS
                    ]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what lies outside docs/: the changelog, the notebooks, the study files."""
    changelog = (_ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    changelog = changelog.replace("](docs/", "](")  # the page lies among those of docs/
    files.append(File.generated(config, "changelog.md", content=changelog))
    for path in _NOTEBOOKS:
        for name, content in notebook_page(path).items():
            files.append(File.generated(config, f"notebooks/{name}", content=content))
    for path in sorted((_ROOT / "studies" / "papers").glob("*.toml")):
        files.append(File.generated(config, f"papers/{path.name}", abs_src_path=str(path)))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Fill in what is made, and turn links that lead out of docs/ to the site's own pages."""
    filled = _MADE.sub(lambda found: _MAKERS[found[1]](found[2] or ""), markdown)
    return _inside(filled)


def _inside(markdown: str) -> str:
    """Return the text with links to files outside docs/ leading to what stands for them."""
    for pattern, page in (
        (r"\]\(\.\./notebooks/([\w.-]+)\.ipynb\)", r"](notebooks/\1.md)"),
        (r"\]\(\.\./studies/papers/?\)", r"](papers.md)"),
        (r"\]\(\.\./README\.md(?:#[\w-]+)?\)", r"](README.md)"),
        (r"\]\(\.\./CHANGELOG\.md\)", r"](changelog.md)"),
        (r"\]\(\.\./CITATION\.cff\)", r"](citing.md)"),
    ):
        markdown = re.sub(pattern, page, markdown)
    return markdown

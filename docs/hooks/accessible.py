"""What the theme leaves out for those who use a keyboard or a screen reader."""

from __future__ import annotations

from typing import Any

_ADDED = {
    '<div class="md-search" data-md-component="search" role="dialog"': ' aria-label="Search"',
    "<span></span><code": ' tabindex="0"',  # blocks of code scroll sideways
}


def on_post_page(output: str, **_: Any) -> str:
    """Complete a finished page."""
    for tag, attribute in _ADDED.items():
        output = output.replace(tag, tag + attribute)
    return output

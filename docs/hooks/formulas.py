r"""Formulas become MathML while the site is built, so that pages need no script to show them.

Markdown's arithmatex extension finds them and leaves LaTeX between \( \) or \[ \]; browsers and
screen readers know MathML.
"""

from __future__ import annotations

import html
import re
from typing import Any

from latex2mathml.converter import convert

_INLINE = re.compile(r'<span class="arithmatex">\\\((.*?)\\\)</span>', re.DOTALL)
_FUNCTION = re.compile(r"(<mi>(?:ln|exp)</mi>)(?=<m(?:i|over|row)>?)")
_BLOCK = re.compile(r'<div class="arithmatex">\s*\\\[(.*?)\\\]\s*</div>', re.DOTALL)


def on_page_content(content: str, **_: Any) -> str:
    """Replace the formulas of a page."""
    content = _INLINE.sub(lambda found: _mathml(found[1], display="inline"), content)
    return _BLOCK.sub(
        lambda found: f'<div class="formula">{_mathml(found[1], display="block")}</div>', content
    )


def _mathml(latex: str, *, display: str) -> str:
    mathml = str(convert(html.unescape(latex).strip(), display=display))
    return _FUNCTION.sub(r'\1<mspace width="0.17em"/>', mathml)  # "ln x", as TeX sets it

"""What the tests of figures share: words that need not be recognised."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from matplotlib.backend_bases import RendererBase
from matplotlib.text import Text

from kmrepro.digitise import text
from kmrepro.digitise.text import Word

from ..seeds import all_are_run


@pytest.fixture
def known_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take words from what is drawn: recognition takes longest, and has tests of its own.

    Where all tests are run, words are recognised.
    """
    if all_are_run():
        return
    drawn: list[tuple[RendererBase, Word]] = []
    draw = Text.draw

    def noted(self: Text, renderer: RendererBase) -> None:
        draw(self, renderer)
        line = len(drawn)
        drawn.extend((renderer, word) for word in words_of(self, renderer, line=line))

    def read_words(_: object) -> tuple[Word, ...]:
        last = drawn[-1][0]
        return tuple(word for renderer, word in drawn if renderer is last)

    monkeypatch.setattr(Text, "draw", noted)
    monkeypatch.setattr(text, "read_words", read_words)


def words_of(written: Text, renderer: RendererBase, *, line: int) -> Iterator[Word]:
    """Yield the words of a text in the pixels of its picture: letters are taken as equally wide."""
    said = written.get_text().strip()
    if not written.get_visible() or not said:
        return
    box = written.get_window_extent(renderer)
    upright = written.get_rotation() == 0
    top, bottom = renderer.height - box.y1, renderer.height - box.y0
    width = (box.width if upright else box.height) / len(said)
    place = 0
    for each in said.split():
        start = width * said.index(each, place)
        place = said.index(each, place) + len(each)
        end = width * place
        if upright:
            yield Word(text=each, x0=box.x0 + start, x1=box.x0 + end, y0=top, y1=bottom, line=line)
        else:
            ends = {"y0": bottom - end, "y1": bottom - start}
            yield Word(text=each, x0=box.x0, x1=box.x1, **ends, line=line, vertical=True)

"""Blocks of draws: every draw is in one, and little is drawn in vain."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from kmrepro.reconstruct.ensemble import Blocks

from ...seeds import examples

BLOCKS = st.builds(
    lambda first, more: Blocks(first=first, most=first + more),
    st.integers(1, 60),
    st.integers(0, 200),
)


@settings(max_examples=examples(60), deadline=None)
@given(blocks=BLOCKS, n_draws=st.integers(1, 1500))
def test_every_draw_has_one_place(blocks, n_draws):
    """Counted block by block, draws are where `place` says, and `rows` ends with the last."""
    places = [
        (number, row) for number, rows in enumerate(blocks.rows(n_draws)) for row in range(rows)
    ]
    assert places == [blocks.place(draw) for draw in range(n_draws)]


@settings(max_examples=examples(60), deadline=None)
@given(blocks=BLOCKS)
def test_little_is_drawn_in_vain(blocks):
    """No block is larger than it may be; of n draws, n more or a first block are drawn at most."""
    for n_draws in range(1, 8 * blocks.first):
        drawn = [blocks.size(number) for number, _ in enumerate(blocks.rows(n_draws))]
        assert max(drawn) <= blocks.most
        assert sum(drawn) <= max(2 * n_draws, blocks.first)


@settings(max_examples=examples(30), deadline=None)
@given(blocks=BLOCKS, parts=st.integers(1, 100), number=st.integers(0, 40))
def test_even_and_divided_blocks(blocks, parts, number):
    """Blocks are all as large as the first; or so many times smaller, one draw at least."""
    assert blocks.even().size(number) == blocks.first
    assert blocks.even().start(number) == number * blocks.first
    smaller = blocks.divided(parts).size(number)
    assert 1 <= smaller <= blocks.size(number)
    if parts <= blocks.first:
        assert smaller * parts <= blocks.size(number)

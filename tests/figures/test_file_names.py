"""File names made of what papers print."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmrepro.figures.files import file_stems


@pytest.mark.parametrize(
    ("names", "stems"),
    [
        pytest.param(["psm_OS", "psm_PFS"], ["psm_OS", "psm_PFS"], id="as they are"),
        pytest.param(["Figure 5"], ["Figure-5"], id="space"),
        pytest.param(["../../etc/passwd", ".hidden"], ["etc-passwd", "hidden"], id="paths"),
        pytest.param(["a b", "a-b", "A b"], ["a-b", "a-b-2", "A-b-3"], id="alike"),
        pytest.param(["", "???"], ["unnamed", "unnamed-2"], id="nothing left"),
        pytest.param(["整體_OS"], ["整體_OS"], id="other scripts"),
        pytest.param(["<b>$x^2$</b>"], ["b-x-2-b"], id="markup"),
    ],
)
def test_names_become_safe_and_stay_apart(names: list[str], stems: list[str]) -> None:
    """What no system accepts is replaced, and no two names share a file."""
    assert file_stems(names) == stems


@given(st.lists(st.text(max_size=200), max_size=8))
def test_stems_are_safe_and_unlike_whatever_the_names(names: list[str]) -> None:
    """No stem leaves its folder, and none is another's on a system that ignores case."""
    stems = file_stems(names)
    assert len({stem.casefold() for stem in stems}) == len(names)
    assert all(stem and not set(stem) & set('/\\:*?"<>|.\0') for stem in stems)

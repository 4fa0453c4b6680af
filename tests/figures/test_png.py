"""PNG files hold the pixels that they are given."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from kmrepro.figures.png import png

TITLE = "Overall survival ≥ 12 months, 生存"


@pytest.mark.parametrize("shape", [(1, 1), (3, 7), (40, 25)])
def test_every_pixel_comes_back(shape: tuple[int, int]) -> None:
    """Another program reads the same colours in the same places."""
    colours = np.random.default_rng(1).integers(0, 256, (*shape, 3), dtype=np.uint8)
    picture = Image.open(io.BytesIO(png(colours, dpi=300, words={})))
    assert picture.mode == "RGB"
    np.testing.assert_array_equal(np.asarray(picture), colours)


def test_resolution_and_words_come_back() -> None:
    """Dots per inch and words in any script are where other programs look for them."""
    content = png(np.zeros((2, 2, 3), dtype=np.uint8), dpi=192, words={"Title": TITLE})
    picture = Image.open(io.BytesIO(content))
    picture.load()
    assert picture.info["dpi"] == pytest.approx((192, 192), rel=1e-3)
    assert picture.info["Title"] == TITLE
    Image.open(io.BytesIO(content)).verify()  # of the sums that its chunks end with

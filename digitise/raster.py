"""Raster figures: from a file to an upright image on a light ground, with its ink and its text."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from . import text
from .reading import Hints, UnreadableFigureError
from .text import Rereader, TextLine, Word, text_lines

Image = npt.NDArray[np.uint8]
FloatArray = npt.NDArray[np.float64]

LARGEST_IMAGE = 60_000_000  # pixels: an A4 page at 600 dpi has 35 million
_SMALLEST_SIDE = 120
_COARSE = 800  # pixels of the longer side at which lines are looked for
_FAINT = 25.0  # levels of grey from the ground
_SHORTEST_AXIS = 0.08  # of the longer side of the image
_SMOOTH = (0.25, 0.5, 0.25)  # of neighbouring rows
_STEEPEST = 2.0  # degrees: how far a scan may be turned


@dataclass(frozen=True, kw_only=True, eq=False)
class RasterFigure:
    """An image made upright and light.

    Parameters
    ----------
    image : ndarray of uint8, shape (height, width, 3)
        What is read: turned upright, and inverted if the figure is light on dark.
    turned : float
        Degrees by which the image was turned (counter-clockwise) to be upright.
    inverted : bool
        Whether light and dark were exchanged.
    """

    image: Image
    turned: float
    inverted: bool


def open_image(path: Path) -> Image:
    """Read an image file.

    Parameters
    ----------
    path : Path
        A PNG, JPEG, TIFF, WebP, GIF or BMP file.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)

    Raises
    ------
    UnreadableFigureError
        If the file is no image, is broken, or has more than 60 million pixels.
    """
    from PIL import Image as Pillow
    from PIL import UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's warning of large images: refused below
            with Pillow.open(path) as opened:
                _check_size(path, opened.size)
                opened.load()
                return _on_white(opened)
    except UnidentifiedImageError:
        raise UnreadableFigureError(
            f"{path.name} is not an image that can be read: give a PNG, JPEG, TIFF, WebP, "
            "SVG or PDF file."
        ) from None
    except Pillow.DecompressionBombError:
        raise UnreadableFigureError(_too_large(path, "far too many")) from None
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        if isinstance(error, UnreadableFigureError):
            raise
        raise UnreadableFigureError(
            f"{path.name} is broken or incomplete ({error}): save the figure again."
        ) from None


def image_count(path: Path) -> int:
    """Count the pictures of a file that `open_image` reads: those of an animation, or pages."""
    from PIL import Image as Pillow

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as in `open_image`
        with Pillow.open(path) as opened:
            return int(getattr(opened, "n_frames", 1))


def _check_size(path: Path, size: tuple[int, int]) -> None:
    width, height = size
    if width * height > LARGEST_IMAGE:
        raise UnreadableFigureError(_too_large(path, f"{width} x {height}"))
    if min(width, height) < _SMALLEST_SIDE:
        raise UnreadableFigureError(
            f"{path.name} has {width} x {height} pixels, which is too small to read a curve from: "
            f"at least {_SMALLEST_SIDE} pixels are needed each way."
        )


def _too_large(path: Path, found: str) -> str:
    return (
        f"{path.name} has {found} pixels, and at most {LARGEST_IMAGE // 1_000_000} million "
        "are read: scale it down or cut the figure out."
    )


def _on_white(opened: Any) -> Image:
    """8-bit RGB; transparent parts become white."""
    from PIL import Image as Pillow

    if opened.mode.startswith(("I", "F")):
        values = np.asarray(opened, dtype=float)
        top = max(float(values.max()), 1.0)
        grey = np.clip(values / top * 255, 0, 255).astype(np.uint8)
        return np.repeat(grey[:, :, None], 3, axis=2)
    if "A" in opened.getbands() or "transparency" in opened.info:
        rgba = opened.convert("RGBA")
        ground = Pillow.new("RGBA", rgba.size, "white")
        return np.asarray(Pillow.alpha_composite(ground, rgba).convert("RGB"))
    return np.asarray(opened.convert("RGB"))


def prepare(image: Image) -> RasterFigure:
    """Make an image upright and light.

    Parameters
    ----------
    image : ndarray of uint8, shape (height, width, 3)
        As read from the file.

    Returns
    -------
    RasterFigure
    """
    from scipy import ndimage

    inverted = float(np.median(image.mean(axis=2))) < 90
    light = 255 - image if inverted else image
    angle = skew(light)
    if abs(angle) >= 0.04:
        ground = np.median(light.reshape(-1, 3), axis=0)
        turned = [
            ndimage.rotate(
                light[:, :, band].astype(np.float32),
                angle,
                reshape=False,
                order=3,
                cval=float(ground[band]),
            )
            for band in range(3)
        ]
        light = np.clip(np.stack(turned, axis=2) + 0.5, 0, 255).astype(np.uint8)
    else:
        angle = 0.0
    return RasterFigure(image=np.ascontiguousarray(light), turned=angle, inverted=inverted)


def check_for_lines(image: Image) -> None:
    """Refuse an image without a line long enough for an axis or a curve, before it is read.

    Parameters
    ----------
    image : ndarray of uint8, shape (height, width, 3)

    Raises
    ------
    UnreadableFigureError
        If the image is empty, or all its shapes are as small as letters.

    Notes
    -----
    Recognition of text takes seconds, and a page of text or an empty one needs none of it.
    """
    from scipy import ndimage

    step = max(1, max(image.shape[:2]) // _COARSE)
    grey = image[:, :, 1]
    height, width = (n // step for n in grey.shape)
    blocks = grey[: height * step, : width * step].reshape(height, step, width, step)
    dark, light = blocks.min(axis=(1, 3)), blocks.max(axis=(1, 3))
    ground = float(np.median(grey[::step, ::step]))
    inked = np.maximum(ground - dark, light - ground) > _FAINT
    # dashes are joined; letters of one word, too
    joined = ndimage.binary_dilation(inked, structure=np.ones((3, 3), dtype=bool), iterations=2)
    places = ndimage.find_objects(ndimage.label(joined, structure=np.ones((3, 3)))[0])
    longest = max((max(p.stop - p.start for p in place) for place in places), default=0)
    if longest < _SHORTEST_AXIS * max(height, width):
        what = "is empty" if not inked.any() else "holds no line as long as an axis or a curve"
        raise UnreadableFigureError(f"the image {what}: there is no plot to read.")


def darkness(image: Image) -> FloatArray:
    """Ink of each pixel: 0 on the lightest common ground, 1 for black.

    Parameters
    ----------
    image : ndarray of uint8, shape (height, width, 3)

    Returns
    -------
    ndarray, shape (height, width)
    """
    grey = image.astype(np.float64).mean(axis=2)
    ground = float(np.percentile(grey, 75))
    return np.asarray(np.clip((ground - grey) / max(ground, 1.0), 0.0, 1.0), dtype=np.float64)


def skew(image: Image) -> float:
    """Angle by which a scan is turned, from its long straight lines.

    Parameters
    ----------
    image : ndarray of uint8, shape (height, width, 3)

    Returns
    -------
    float
        Degrees by which the image has to be turned counter-clockwise to be upright; 0 if no
        angle within 2 degrees makes the lines of the image sharper than none.

    Notes
    -----
    Rows are sheared by a trial angle and summed; the frame's lines make the squared differences
    of neighbouring sums largest where they lie along the rows (and columns, for the y axis).
    """
    ink = darkness(image)
    coarse = np.arange(-_STEEPEST, _STEEPEST + 1e-9, 0.16)
    scores = _sharpnesses(ink, coarse, most=900)
    best = float(coarse[int(np.argmax(scores))])
    # a line a pixel thick at 0.04 degrees crosses a pixel in 1,400: all of them are needed
    fine = np.arange(best - 0.16, best + 0.1601, 0.04)
    fine_scores = _sharpnesses(ink, fine, most=2400)
    peak = int(np.argmax(fine_scores))
    if fine_scores[peak] < 1.02 * _sharpnesses(ink, np.zeros(1), most=2400)[0]:
        return 0.0
    return _parabola_peak(fine, fine_scores, peak)


def _parabola_peak(x: FloatArray, y: FloatArray, peak: int) -> float:
    if not 0 < peak < len(x) - 1:
        return float(x[peak])
    before, here, after = y[peak - 1 : peak + 2]
    bend = before - 2 * here + after
    shift = 0.0 if bend == 0 else 0.5 * (before - after) / bend
    return float(x[peak] + shift * (x[1] - x[0]))


def _sharpnesses(ink: FloatArray, angles: FloatArray, *, most: int) -> FloatArray:
    """Sharpness after a turn by each angle, of an image of at most so many pixels a side."""
    step = max(1, round(max(ink.shape) / most))
    return np.array([_sharpness(ink[::step, ::step], angle) for angle in angles])


def _sharpness(ink: FloatArray, angle: float) -> float:
    """Sum of squared steps of the row sums and column sums after a shear by the angle."""
    total = 0.0
    for sheet, sign in ((ink, 1.0), (ink.T, -1.0)):
        height, width = sheet.shape
        shift = sign * np.tan(np.radians(angle)) * (np.arange(width) - width / 2)
        rows, columns = np.nonzero(sheet > 0.25)
        place = rows - shift[columns]
        low = np.floor(place)
        part = place - low
        weight = sheet[rows, columns]
        index = np.clip(low.astype(int) + 50, 0, height + 99)
        sums = np.bincount(index, weight * (1 - part), height + 101)
        sums = sums + np.bincount(index + 1, weight * part, height + 101)
        # a line between two rows is as sharp as one on a row
        total += float((np.diff(np.convolve(sums, _SMOOTH)) ** 2).sum())
    return total


@dataclass(frozen=True, kw_only=True, eq=False)
class Sheet:
    """A figure with its text: what every panel is read from."""

    image: Image
    ink: FloatArray
    words: tuple[Word, ...]
    lines: tuple[TextLine, ...]
    hints: Hints


def reduced(sheet: Sheet, factor: float) -> Sheet:
    """Make a sheet smaller: a plot wider than needed costs time and memory, and reads no better."""
    from PIL import Image as Pillow

    height, width = sheet.image.shape[:2]
    size = (int(width / factor), int(height / factor))
    box = (0.0, 0.0, size[0] * factor, size[1] * factor)  # so that pixels scale exactly
    smaller = Pillow.fromarray(sheet.image).resize(size, Pillow.Resampling.BOX, box=box)
    image = np.asarray(smaller)
    words = tuple(word.scaled(1 / factor) for word in sheet.words)
    return Sheet(
        image=image,
        ink=darkness(image),
        words=words,
        lines=text_lines(words),
        hints=sheet.hints.scaled(1 / factor),
    )


def rereader(image: Image) -> Rereader:
    """Return the function that reads the text in a box of an image again, enlarged."""
    return lambda box: _read_again(image, box)


def _read_again(image: Image, box: tuple[float, float, float, float]) -> tuple[str, float]:
    """Text in a box, enlarged to letters of about 40 pixels."""
    from PIL import Image as Pillow

    x0, y0, x1, y1 = (max(0, round(value)) for value in box)
    crop = image[y0:y1, x0:x1]
    if crop.size == 0:
        return "", 0.0
    scale = 48.0 / max(crop.shape[0], 1)
    size = (max(8, round(crop.shape[1] * scale)), 48)
    enlarged = Pillow.fromarray(crop).resize(size, Pillow.Resampling.BICUBIC)
    return text.recognise(np.ascontiguousarray(np.asarray(enlarged)))

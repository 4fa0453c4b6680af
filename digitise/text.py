"""Text in a figure: words with their places, from optical character recognition behind one call."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]
Rereader = Callable[[tuple[float, float, float, float]], tuple[str, float]]
"""Reads the text in a box (x0, y0, x1, y1) again: what it says, and how sure that is."""

# RapidOCR's detector is trained on text of 15 to 40 pixels: figures are brought to this size first.
_SMALLEST_SIDE, _LARGEST_SIDE = 1000, 1500
_DIGIT = 18.0  # pixels: digits as high as this are recognised as well as higher ones, and sooner
_LEAST_DIGIT = 11.0  # pixels: lower digits are enlarged
_NAME_GAP = 1.6  # of a letter's height: a wider gap within a line holds a sample of the legend
_SAMPLE_GAP = 1.25  # the same where the sample itself was recognised, as dashes
_SAME_LINE = 0.3  # the same: how far the middles of two boxes of one line are from each other
_WORD_GAP = 0.8  # the same for the words of one name
_JOINING = {"+", "&", "/", "=", "<", ">", "\u2264", "\u2265"}  # signs within names, no samples
_TALL = 4.0
_UPRIGHT = 1.2  # times as high as wide: an upright number of two figures is lower


@dataclass(frozen=True, kw_only=True)
class _Text:
    """A text and its place.

    Parameters
    ----------
    text : str
        What was recognised (or, in a vector figure, what is written).
    x0, y0, x1, y1 : float
        Left, top, right and bottom, in pixels (or points) from the top left corner.
    score : float
        How sure the recognition was, 0 to 1; 1 for text of a vector figure.
    vertical : bool
        Whether the text runs upwards (turned by 90 degrees).
    rgb : tuple of float or None
        Colour of all its letters, 0 to 255, where a file says it.
    """

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    score: float = 1.0
    vertical: bool = False
    rgb: tuple[float, float, float] | None = None

    @property
    def centre(self) -> tuple[float, float]:
        """Middle of the box: x and y."""
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2

    @property
    def size(self) -> float:
        """Height of the letters in pixels."""
        return self.x1 - self.x0 if self.vertical else self.y1 - self.y0


@dataclass(frozen=True, kw_only=True)
class Word(_Text):
    """A word; those of one line of text share the number `line`."""

    line: int = 0

    def scaled(self, factor: float) -> Word:
        """Return the word in an image whose sides are multiplied by a factor."""
        return replace(
            self,
            x0=self.x0 * factor,
            y0=self.y0 * factor,
            x1=self.x1 * factor,
            y1=self.y1 * factor,
        )


@dataclass(frozen=True, kw_only=True)
class TextLine(_Text):
    """Words of one line joined, with their mean score; a name may stand on several `rows`."""

    rows: int = 1

    @property
    def size(self) -> float:
        """Height of the letters in pixels."""
        return super().size / self.rows


def text_lines(words: Sequence[Word]) -> tuple[TextLine, ...]:
    """Join words that share a line.

    Parameters
    ----------
    words : sequence of Word
        In any order.

    Returns
    -------
    tuple of TextLine
        From top to bottom, then from left to right.
    """
    lines = [_joined(group) for group in _by_line(words)]
    return tuple(sorted(lines, key=lambda line: (line.y0, line.x0)))


def _by_line(words: Sequence[Word]) -> list[list[Word]]:
    groups: dict[int, list[Word]] = {}
    for word in words:
        groups.setdefault(word.line, []).append(word)
    return list(groups.values())


def _joined(group: Sequence[Word]) -> TextLine:
    vertical = group[0].vertical
    ordered = sorted(group, key=lambda word: -word.y0 if vertical else word.x0)
    return TextLine(
        text=" ".join(word.text.strip() for word in ordered),
        x0=min(word.x0 for word in group),
        y0=min(word.y0 for word in group),
        x1=max(word.x1 for word in group),
        y1=max(word.y1 for word in group),
        score=float(np.mean([word.score for word in group])),
        vertical=vertical,
        rgb=group[0].rgb if len({word.rgb for word in group}) == 1 else None,
    )


def split_at_gaps(words: Sequence[Word]) -> tuple[Word, ...]:
    """Give parts of a line that stand far apart lines of their own.

    Parameters
    ----------
    words : sequence of Word

    Returns
    -------
    tuple of Word
        The names of a legend in one row, with a sample between them, are recognised as one line.
        Words without a letter or figure, such as a sample read as a dash, are left out there.
    """
    numbered: list[Word] = []
    line = 0
    for group in _by_line(words):
        line += 1
        last: Word | None = None
        widest = _NAME_GAP
        ordered = sorted(group, key=lambda w: w.x0)
        for word, following in zip(ordered, [*ordered[1:], None], strict=True):
            joins = word.text in _JOINING and _is_between(last, word, following)
            solid = any(c.isalnum() for c in word.text) or joins
            if not word.vertical and last is not None and not solid:
                widest = _SAMPLE_GAP
                continue
            apart = last is not None and word.x0 - last.x1 > widest * word.size
            widest = _NAME_GAP
            line += apart and not word.vertical
            last = replace(word, line=line)
            numbered.append(last)
    return tuple(numbered)


def _is_between(last: Word | None, word: Word, following: Word | None) -> bool:
    """Whether a word stands close to both its neighbours, or to the last at the end of a line."""
    after = 0.0 if following is None else following.x0 - word.x1
    return last is not None and max(word.x0 - last.x1, after) < _WORD_GAP * word.size


_NUMBER = re.compile(r"[+]?(\d{1,3}(?:,\d{3})+|\d+)?(?:[.·]\s?(\d+))?")
_RAISED = re.compile(r"([01])\s?[-\u2013~*']\s?(\d{1,2})")  # "0\u00b78" read as "0-8"
_DECIMAL_COMMA = re.compile(r"(\d{1,3}),(\d{1,2}|(?<=0,)\d{3})")  # "0,75", not "1,000"
# samples of a legend are recognised as Chinese numerals
_STROKES = str.maketrans({"\u4e00": "-", "\u4e8c": "=", "\u4e09": "="})
# accents and signs that recognition adds to plain letters: "Inc\u00eddence", "95% \u2103I"
_PLAIN = str.maketrans({"\u00ed": "i", "\u00ec": "i", "\u00fd": "y", "\u2103": "C"})
_ROMAN = dict(enumerate(("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X"), 0x2160))
_LOOKALIKES = str.maketrans({"O": "0", "o": "0", "l": "1", "I": "1", "|": "1"})


def number_in(text: str) -> float | None:
    """Read a tick label as a number.

    Parameters
    ----------
    text : str
        For example "0.8", ".8", "0·8", "0,8", "80%", "1,000" or, with a tick beside it, "0.8-".

    Returns
    -------
    float or None
        The number as written ("80%" is 80), or None if the text is not one number.
    """
    cleaned = text.strip().strip("-\u2013\u2014_'`~:;").rstrip("%").strip()
    if any(character.isdigit() for character in cleaned) or cleaned in {"O", "o"}:
        cleaned = cleaned.translate(_LOOKALIKES)
    cleaned = _RAISED.sub(r"\1.\2", cleaned) if _RAISED.fullmatch(cleaned) else cleaned
    if _DECIMAL_COMMA.fullmatch(cleaned):
        cleaned = cleaned.replace(",", ".")
    found = _NUMBER.fullmatch(cleaned)
    if not found or not (found[1] or found[2]):
        return None
    whole = (found[1] or "0").replace(",", "")
    if found[2] is None and len(whole) > 1 and whole[0] == "0" and "," not in cleaned:
        return float(f"0.{whole[1:]}")  # "08": the point of "0.8" was lost
    return float(f"{whole}.{found[2] or 0}")


@lru_cache(maxsize=1)
def _engine() -> Any:
    from rapidocr import RapidOCR

    # narrow words are padded to 64 pixels instead of 320, none to the widest of a batch, and small
    # figures are not enlarged twice; more threads wait for each other for 40% of their time
    return RapidOCR(
        params={
            "Global.log_level": "critical",
            "Rec.rec_img_shape": [3, 48, 64],
            "Rec.rec_batch_num": 1,
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "Det.limit_side_len": 320,
        }
    )


def read_words(image: Image) -> tuple[Word, ...]:
    """Recognise all words of an image, without a network and always with the same result.

    Parameters
    ----------
    image : ndarray of uint8, shape (height, width, 3)
        Dark text on a light ground.

    Returns
    -------
    tuple of Word
        Vertical lines are read from bottom to top.
    """
    scale = _working_scale(image)
    shown = _scaled(image, scale)
    result = _engine()(shown, use_det=True, use_cls=False, use_rec=True, return_word_box=True)
    if result.boxes is None:
        return ()
    words: list[Word] = []
    for number, (box, text, score, parts) in enumerate(
        zip(result.boxes, result.txts, result.scores, result.word_results, strict=True)
    ):
        words += _line_words(shown, box, text=text, score=score, parts=parts, number=number)
    return tuple(word.scaled(1 / scale) for word in in_one_line(words))


def in_one_line(words: Sequence[Word]) -> list[Word]:
    """Give words whose boxes overlap in a row one line: "Drug" and "B" may be found apart.

    Parameters
    ----------
    words : sequence of Word

    Returns
    -------
    list of Word
    """
    lines: list[tuple[int, int, TextLine]] = []
    for group in sorted(_by_line(words), key=lambda group: min(word.x0 for word in group)):
        own, whole = group[0].line, _joined(group)
        if not whole.vertical and any(map(str.isalpha, whole.text)):
            before = [line for _, line, other in lines if _overlap(other, whole)]
            lines.append((own, (*before, own)[0], whole))
    line_of = {own: line for own, line, _ in lines}
    return [replace(word, line=line_of.get(word.line, word.line)) for word in words]


def _overlap(left: TextLine, right: TextLine) -> bool:
    """Whether the box of a text begins within the end of another in its row."""
    size = min(left.size, right.size)
    level = abs(left.centre[1] - right.centre[1]) < _SAME_LINE * size
    return level and 0 < left.x1 - right.x0 < size and left.x1 < right.x1


def _line_words(
    image: Image, box: Any, *, text: str, score: float, parts: Any, number: int
) -> list[Word]:
    """Words of one detected line; boxes that RapidOCR turned the wrong way are read again."""
    whole = _word(box, text, score, line=number)
    x0, y0, x1, y1 = whole.x0, whole.y0, whole.x1, whole.y1
    if y1 - y0 >= _UPRIGHT * (x1 - x0):
        crop = image[int(max(y0, 0)) : int(y1) + 1, int(max(x0, 0)) : int(x1) + 1]
        tall = y1 - y0 > _TALL * (x1 - x0)  # no one or two figures are
        upright, upright_score = ("", 0.0) if tall else recognise(crop)
        turned, turned_score = recognise(np.ascontiguousarray(np.rot90(crop, -1)))
        stands = upright == turned or upright_score >= turned_score  # "0" is itself either way
        if not tall and stands and len(upright) <= 2:
            return [replace(whole, text=upright, score=upright_score)]
        return [replace(whole, text=turned, score=turned_score, vertical=True)]
    if len(parts) <= 1:
        return [whole]
    return [_word(part, said, sure, line=number) for said, sure, part in parts]


def recognise(crop: Image) -> tuple[str, float]:
    """Recognise one upright line of text.

    Parameters
    ----------
    crop : ndarray of uint8, shape (height, width, 3)
        The line with a little ground around it.

    Returns
    -------
    tuple of str and float
        The text ("" if there is none) and how sure the recognition is, 0 to 1.
    """
    if min(crop.shape[:2]) < 3:
        return "", 0.0
    result = _engine()(crop, use_det=False, use_cls=False, use_rec=True, return_word_box=False)
    if not result.txts:
        return "", 0.0
    return str(result.txts[0]).strip(), float(result.scores[0])


def _word(box: Any, text: str, score: float, *, line: int) -> Word:
    """Make a word of what was recognised in a box, which may be turned."""
    corners = np.asarray(box, dtype=float)
    (x0, y0), (x1, y1) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
    text = text.translate(_STROKES | _PLAIN | _ROMAN)
    return Word(text=text, score=float(score), line=line, x0=x0, y0=y0, x1=x1, y1=y1)


def _working_scale(image: Image) -> float:
    longest = float(max(image.shape[:2]))
    if longest < _SMALLEST_SIDE:
        return min(_SMALLEST_SIDE / longest * 1.4, 3.0)
    scale = min(1.0, _LARGEST_SIDE / longest)
    digit = scale * digit_height(image)
    if 0 < digit < _LEAST_DIGIT:
        return scale * min(_LEAST_DIGIT / digit, 1.5)
    return scale * float(np.clip(_DIGIT / max(digit, 1.0), 0.5, 1.0))


def digit_height(image: Image) -> float:
    """Height of the digits and capitals of a figure, from the shapes of its ink.

    Parameters
    ----------
    image : ndarray of uint8, shape (height, width, 3)
        Dark text on a light ground.

    Returns
    -------
    float
        In pixels: the lower quartile of the heights of shapes that are about as wide as digits;
        0 where there are fewer than eight.
    """
    from scipy import ndimage

    grey = image[:, :, 1]
    dark = grey < 0.55 * float(np.percentile(grey, 75))
    places = ndimage.find_objects(ndimage.label(dark, structure=np.ones((3, 3)))[0])
    sizes = np.array([[p.stop - p.start for p in place] for place in places]).reshape(-1, 2)
    height, width = sizes[:, 0], sizes[:, 1]
    solid = np.array([dark[place].mean() for place in places])
    digits = height[
        (height > 5) & (height < 0.06 * max(grey.shape)) & (width > 0.4 * height)
        & (width < 0.95 * height) & (solid > 0.3) & (solid < 0.75)
    ]  # fmt: skip
    return float(np.percentile(digits, 25)) if len(digits) >= 8 else 0.0


def _scaled(image: Image, scale: float) -> Image:
    if scale == 1.0:
        return np.ascontiguousarray(image)
    from PIL import Image as Pillow

    height, width = image.shape[:2]
    size = (round(width * scale), round(height * scale))
    return np.asarray(Pillow.fromarray(image).resize(size, Pillow.Resampling.BICUBIC))

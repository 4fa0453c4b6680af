"""How a paper prints words and numbers, made plain: dashes, thousands, lists, abbreviations."""

from __future__ import annotations

import re
import unicodedata

__all__ = [
    "OTHER_R",
    "abbreviations",
    "has_decimal_commas",
    "in_full",
    "number_word",
    "outside_brackets",
    "plain",
    "unbroken",
]

_TYPESET = str.maketrans(
    {
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff\u200e\u200f", ""),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d", "-"),
        **dict.fromkeys("\u2018\u2019\u02bc\u2032", "'"),
        **dict.fromkeys("\u201c\u201d", '"'),
        **dict.fromkeys("\u2264\u2a7d\u2266", "≤"),
        **dict.fromkeys("\u2265\u2a7e\u2267", "≥"),
        **dict.fromkeys("\u223c\uff5e", "~"),
        "\u2009": " ",
        "\u202f": " ",
        "\u00a0": " ",
    }
)
_MIDDLE_DOT = re.compile(
    r"(?<=\d)[\u00b7\u2219\u22c5\u2022\u2027\u2024](?=\d)|(?<![\w.])[\u00b7\u2219\u22c5](?=\d)"
)
_DECIMAL_COMMA = re.compile(r"(?<![\d,.])(\d{1,3}),(\d{1,4})(?![\d,.]*\d)")
_THOUSANDS = re.compile(r"(?<![\d.,])(\d{1,3}),(\d{3})(?![\d,])(?!\.\d)")
_LONE_COMMA = re.compile(
    r"(?<![\d,.])(?<![\d,]\s)(?:\d{1,2}(?=,\d\s?%)|(?<=[=<>≤≥])0|(?<=[=<>≤≥]\s)0),(?=\d+(?![\d,]))"
)
"""A decimal comma in a text of decimal points: "59,1%" and "p < 0,001" are no list."""
_SUSPENDED = re.compile(
    r"\b(?P<first>[A-Za-z]+-(?:,\s+[A-Za-z]+-)*)(?P<and>,?\s+(?:and|or|versus|vs\.?)\s+)(?P<last>[A-Za-z]+)"
    r"(?P<tail>-[a-z]+)(?=\s+(?:groups?|arms?|cohorts?|patients)\b)"
)
"""Names that share their last word: "the low-, mid- and high-volume groups"."""
_THIN_THOUSANDS = re.compile("(?<![\\d.,])(\\d{1,3})[\u2009\u202f](\\d{3})(?![\\d.])")
_SPACED_THOUSANDS = re.compile(
    r"(?:(?<=\bof\s)|(?<=\band\s)|(?<=[(=])|(?<==\s)|(?<=[(]n\s))(\d{1,3})\s(\d{3})"
    r"(?=\s(?:patients|participants|adults|women|men|children|people|subjects|individuals|recipients)\b|[;,)](?!\d))"
)
"""Reads "a total of 18 882 patients" and "(n = 11 749; 62%)", with plain spaces."""
_DASH = re.compile("(?<=[A-Za-z)%])(?:\u2014|--)(?=[A-Za-z(])")
"""What sets a remark off: "in the placebo group--a reduction of 40 percent"."""
_SUPERSCRIPTS = re.compile("[\u2070\u00b9\u00b2\u00b3\u2074-\u207f]+")
_REFERENCE = re.compile(
    r"\[bookmark:[^\]]*\]|<sup>.*?</sup>|\[\d{1,3}(?:\s*[,-]\s*\d{1,3})*\](?!\s*of\b)"
)
_FIRST_ITEM = re.compile(r"[:;]\s\(?1\)\s+[A-Za-z]")
_ITEM = re.compile(r"([:;,]\s+(?:(?:and|or)\s+)?)\(?[1-9]\)\s+(?=[A-Za-z])")
"""The numbers of a list in a sentence, which count nobody: "criteria: 1) age below 70, 2) no"."""
_UNSPACED = re.compile(r"(?<=[a-z]{4}\.)(?=[A-Z][a-z]*\s)")
"""Where a sentence follows another without a space: "infarction.At 5 years"."""
_BRACKETED = re.compile(r"\((\d+(?:\.\d+)?\s?(?:±|\+/-)\s?\d+(?:\.\d+)?)\)\s?%")
"""A value with its error before its sign: "(40.6 ± 5.3)%"."""
_BROKEN = re.compile(r"(?<![\w-])(?P<one>[A-Za-z]+)- (?P<other>[a-z]+)\b")
_WORDS_OF_RESULTS = frozenset([
    "confidence", "control", "disease", "evaluated", "hazard", "hospitalization", "interval",
    "median", "months", "mortality", "overall", "patients", "placebo", "progression", "ratio",
    "recurrence", "relapse", "response", "survival", "treatment", "versus",
])  # fmt: skip
_BULLETS = re.compile(r"^\s*(?:#+\s+|[*_]{2,}\s*)")


_WORDS = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
]  # fmt: skip
_TENS = dict(zip(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"],
                 range(20, 100, 10), strict=True))  # fmt: skip


def number_word(word: str) -> int | None:
    """Return the number that a word means, up to 99; None if it is no number."""
    plain = word.lower()
    if plain in _WORDS:
        return _WORDS.index(plain)
    tens, _, rest = plain.partition("-")
    if tens not in _TENS or (rest and rest not in _WORDS[1:10]):
        return None
    return _TENS[tens] + (_WORDS.index(rest) if rest else 0)


_SPELT = re.compile(
    r"(?<![\w-])(?<!hundred\s)(?<!hundred\sand\s)(?<!thousand\s)(?<!thousand\sand\s)"
    rf"(?:{'|'.join(_TENS)})(?:[\s-](?:{'|'.join(_WORDS[1:10])}))?"
    r"(?![\w-]|\s(?:hundred|thousand)\b)",
    re.IGNORECASE,
)
"""Numbers from twenty to 99 in words, but for those of "thirty-day mortality"."""


def _in_digits(found: re.Match[str]) -> str:
    return str(number_word(re.sub(r"\s", "-", found[0])))


def in_full(text: str) -> str:
    """Write "the low-volume and high-volume groups" for "the low- and high-volume groups".

    Parameters
    ----------
    text : str
        A sentence.
    """
    return _SUSPENDED.sub(
        lambda names: (
            re.sub(r"-(?=,|$)", names["tail"], names["first"])
            + names["and"]
            + names["last"]
            + names["tail"]
        ),
        text,
    )


def has_decimal_commas(text: str) -> bool:
    """Say whether a text writes 28,4 for 28.4.

    Parameters
    ----------
    text : str
        All of it.
    """
    commas = len(re.findall(r"(?<![\d,.])\d{1,2},\d{1,2}(?![\d,])", text))
    return commas >= 3 and commas > 2 * len(re.findall(r"(?<![\d.])\d+\.\d+(?![\d.])", text))


def unbroken(text: str) -> str:
    """Return a text with those words whole that the end of a line had broken: "hazard ra- tio".

    Only what is a word of results, or stands elsewhere in the text, is put together: a hyphen may
    also be a dash, or belong to the word ("long- term").

    Parameters
    ----------
    text : str
        As it is copied from a page, in long lines.
    """
    words = {*re.findall(r"[a-z]+(?:-[a-z]+)*", text.lower()), *_WORDS_OF_RESULTS}

    def whole(found: re.Match[str]) -> str:
        parts = found["one"], found["other"]
        joined = ("".join(parts), "-".join(parts))
        return next((word for word in joined if word.lower() in words), found[0])

    return _BROKEN.sub(whole, text)


def plain(line: str, comma: bool) -> str:
    """Return a line in plain characters, with decimal points and without thousands separators.

    Parameters
    ----------
    line : str
        The line as it is printed.
    comma : bool
        Whether its text has decimal commas.
    """
    line = _DASH.sub(" - ", _THIN_THOUSANDS.sub(r"\1\2", line))
    line = _SUPERSCRIPTS.sub("", _REFERENCE.sub("", line))
    line = unicodedata.normalize("NFKC", line.translate(_TYPESET)).translate(_TYPESET)
    line = _MIDDLE_DOT.sub(".", line)
    line = _LONE_COMMA.sub(lambda found: found[0].replace(",", "."), line)
    line = _DECIMAL_COMMA.sub(r"\1.\2", line) if comma else _THOUSANDS.sub(r"\1\2", line)
    line = _SPELT.sub(_in_digits, _SPACED_THOUSANDS.sub(r"\1\2", line))
    line = re.sub(r"(?<![\w])[a-h](?=[A-Z][a-z]{2})", "", line)  # footnote marks of a table
    line = _BULLETS.sub("", line).replace("**", "")
    line = _ITEM.sub(r"\1", line) if _FIRST_ITEM.search(line) else line
    line = _UNSPACED.sub(" ", _BRACKETED.sub(r"\1%", line))
    return re.sub(r"\bper\s?cent\b", "%", line, flags=re.IGNORECASE)


OTHER_R = "\N{LATIN LETTER SMALL CAPITAL R}"
"""Stands for the R of an "HR" that is no hazard ratio while a text is read."""
_DEFINITION = re.compile(
    r"[(\[]\s*(?:the\s+)?(?:[Aa]rm\s+|[Gg]roup\s+)?([A-Za-z][\w+/&-]{0,11})"
    r"(?:\s+(?:[Gg]roup|[Aa]rm|[Cc]ohort))?\s*(?:[;,][^()]*)?[)\]]"
)


def abbreviations(text: str) -> dict[str, str]:
    """Return abbreviations that a text defines, each with its long form.

    References
    ----------
    Schwartz AS, Hearst MA. A simple algorithm for identifying abbreviation definitions in
    biomedical text. Pac Symp Biocomput 2003:451-462.
    """
    found: dict[str, str] = {}
    for match in _DEFINITION.finditer(text):
        short = match[1]
        if short.isdigit() or (short.islower() and len(short) > 4):
            continue
        if len(short) == 1 and re.match(
            r"[(\[]\s*(?:the\s+)?(?:arm|group)", match[0], re.IGNORECASE
        ):
            continue  # the letter of an arm
        before = text[max(0, match.start() - 120) : match.start()].rstrip()
        before = re.split(r"[.;:()]\s", before)[-1]
        if (long := _long_form(short, before)) and short not in found:
            found[short] = long
    return found


def _long_form(short: str, before: str) -> str | None:
    """Match the letters of an abbreviation backwards in the words before it."""
    parts = [part for part in short.split("+") if part]
    if len(parts) > 1:  # "pelturamab plus sorvatinib (P+S)"
        joined = r"[\w-]*(?:\s+[\w-]+)?\s+(?:plus|and|with|\+)\s+".join(map(re.escape, parts))
        both = re.search(rf"(?<![\w-]){joined}[\w-]*$", before, re.IGNORECASE)
        return both[0] if both else None
    letters = [letter.lower() for letter in short.replace(OTHER_R, "R") if letter.isalnum()]
    words = before.split()[-min(len(letters) + 5, 2 * len(letters) + 1) :]
    text = " ".join(words)
    place = len(text) - 1
    for position in range(len(letters) - 1, -1, -1):
        first = position == 0
        while place >= 0 and (
            text[place].lower() != letters[position]
            or (first and place > 0 and text[place - 1].isalnum())
        ):
            place -= 1
        if place < 0:
            return None
        place -= 1
    long = text[place + 1 :]
    return long if len(long) > len(short) and len(long) < 90 else None


def outside_brackets(text: str, place: int) -> bool:
    """Say whether a place of a text is in no bracket, round or square: "[95% CI: 12.3; 17.5]"."""
    return all(
        text.count(opened, 0, place) == text.count(closed, 0, place)
        for opened, closed in ("()", "[]")
    )

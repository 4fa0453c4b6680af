"""How a paper prints words and numbers, made plain: dashes, points, thousands, marks of lists."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["has_decimal_commas", "in_full", "plain"]

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
_LONE_COMMA = re.compile(r"(?<![\d,.])(?<![\d,]\s)(\d{1,2}),(\d)(?=\s?%)")
"""A decimal comma in a text of decimal points: "59,1%" is no list, which has a space."""
_CIRCLED = re.compile("[\u2460-\u2473]\\s*")
"""Marks of the items of a list."""
_RAISED_END = re.compile(r"(?<=[)\w%])\s?\u00b7(?=\s+[A-Z])")
"""A raised point that ends a sentence."""
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
_BRACKETED = re.compile(r"\((\d+(?:\.\d+)?\s?(?:±|\+/-)\s?\d+(?:\.\d+)?)\)\s?%")
"""A value with its error before its sign: "(40.6 ± 5.3)%"."""
_BULLETS = re.compile(r"^\s*(?:#+\s+|[*_]{2,}\s*)")


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


def plain(line: str, comma: bool) -> str:
    """Return a line in plain characters, with decimal points and without thousands separators.

    Parameters
    ----------
    line : str
        The line as it is printed.
    comma : bool
        Whether its text has decimal commas.
    """
    line = _CIRCLED.sub("", _RAISED_END.sub(".", line))
    line = _DASH.sub(" - ", _THIN_THOUSANDS.sub(r"\1\2", line))
    line = _SUPERSCRIPTS.sub("", _REFERENCE.sub("", line))
    line = unicodedata.normalize("NFKC", line.translate(_TYPESET)).translate(_TYPESET)
    line = _MIDDLE_DOT.sub(".", line)
    line = _DECIMAL_COMMA.sub(r"\1.\2", line) if comma else _THOUSANDS.sub(r"\1\2", line)
    line = _LONE_COMMA.sub(r"\1.\2", line)
    line = _SPACED_THOUSANDS.sub(r"\1\2", line)
    line = re.sub(r"\$\s*|\\(?:leq?|geq?)\b", lambda m: _latex(m[0]), line)
    line = re.sub(r"(?<![\w])[a-h](?=[A-Z][a-z]{2})", "", line)  # footnote marks of a table
    line = _BULLETS.sub("", line).replace("**", "")
    line = _ITEM.sub(r"\1", line) if _FIRST_ITEM.search(line) else line
    line = _BRACKETED.sub(r"\1%", line)
    return re.sub(r"\bper\s?cent\b", "%", line, flags=re.IGNORECASE)


def _latex(mark: str) -> str:
    return "≤" if mark.startswith("\\l") else "≥" if mark.startswith("\\g") else ""

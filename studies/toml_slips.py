"""The commonest slips in a study file's TOML, each named, with the line as it should be."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

__all__ = ["toml_fault"]

_CURLY = str.maketrans(
    dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033", '"')
    | dict.fromkeys("\u2018\u2019\u201a\u201b\u2032", "'")
)
_LONGEST = 120  # characters of a line that a message shows
_VALUE = r"""(?P<before>[=,\[]\s*)(?P<value>(?![\s"'\[{])[^"'\[\]{}=,#\n]*[^"'\[\]{}=,#\s])"""
_PLAIN_VALUE = re.compile(  # what TOML takes without quotes
    r"true|false|[+-]?(?:[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?|inf|nan)"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}",
    re.IGNORECASE,
)
_UNFINISHED = re.compile(r"""(?P<start>=\s*")(?P<text>[^"#]*?)(?P<end>\s*(?:#.*)?)$""")
_KEY_OF_WORDS = re.compile(r"^(?P<indent>\s*)(?P<key>[A-Za-z_][\w-]*(?: +[\w-]+)+)(?=\s*=)")


def toml_fault(text: str, error: tomllib.TOMLDecodeError) -> str:
    """Say what is wrong with a text that is not TOML.

    Parameters
    ----------
    text : str
        The content of the file.
    error : TOMLDecodeError
        From reading it.

    Returns
    -------
    str
        A sentence without its full stop: the slip and the line as it should be, if mending it
        lets the reader come further; else TOML's own words with line and column.

    Examples
    --------
    >>> line = 'landmarks = { 12 = 98.8% }'
    >>> try:
    ...     tomllib.loads(line)
    ... except tomllib.TOMLDecodeError as error:
    ...     print(toml_fault(line, error))
    line 1: 98.8% is not in quotes; write landmarks = { 12 = "98.8%" }
    """
    message = str(error)
    lines = text.split("\n")
    number = _line_of(error, lines)
    if "twice" in message and (name := _table_of(lines, number)):
        return f"line {number}: [{name}] is there twice; write [[{name}]] in double brackets, " \
               "once for each"  # fmt: skip
    for at in dict.fromkeys((number, number - 1)):  # an open quote is noticed on the next line
        for problem, mended in _slips(lines[at - 1].rstrip("\r")) if at > 0 else ():
            if _comes_further(lines, at, mended):
                shown = mended.strip()
                cut = shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}..."
                return f"line {at}: {problem}; write {cut}"
    return f"it is not TOML: {message[:1].lower()}{message[1:]}"


def _line_of(error: tomllib.TOMLDecodeError, lines: list[str]) -> int:
    found = re.search(r"\(at line ([0-9]+)", str(error))
    return int(found[1]) if found else len(lines)


def _table_of(lines: list[str], number: int) -> str:
    found = re.fullmatch(r"\s*\[\s*([\w.-]+)\s*\]\s*(?:#.*)?", lines[number - 1].rstrip("\r"))
    return found[1] if found and found[1] in _REPEATED else ""


_REPEATED = {"endpoint", "table", "statement", "flow", "table.count", "table.hazard_ratio",
             "table.mean", "table.median", "flow.box", "flow.excluded",
             "endpoint.comparison"}  # fmt: skip


def _slips(line: str) -> Iterator[tuple[str, str]]:
    """Yield what may be wrong with a line, and the line without it."""
    straight = line.translate(_CURLY)
    if straight != line:
        yield "it has curly quotes", straight
    if found := re.match(r"^(\s*[\w.-]+\s*=\s*)([0-9]+),([0-9]+)(\s*(?:#.*)?)$", straight):
        start, whole, part, end = found.groups()
        yield "a decimal comma is no point", f'{start}"{whole}.{part}"{end}'
    quoted, values = _quoted(straight)
    if values:
        are = "is not in quotes" if len(values) == 1 else "are not in quotes"
        yield f"{' and '.join(values[:3])} {are}", quoted
    if found := re.match(r"^(\s*[\w.-]+)\s*:(?!=)\s*(.*)$", straight):
        mended = f"{found[1]} = {found[2]}"
        yield "a key and its value are separated by =", mended
        yield "a key and its value are separated by =", _quoted(mended)[0]
    for opening, closing in ("{}", "[]"):
        missing = straight.count(opening) - straight.count(closing)
        if missing == 1:
            space = " " if closing == "}" else ""
            yield f"the closing {closing} is missing", f"{straight.rstrip()}{space}{closing}"
    if "\\" in straight:
        yield "\\ has a meaning of its own in quotes", straight.replace("\\", "/")
    if found := _UNFINISHED.search(straight):
        yield (
            "the closing quote is missing",
            (f'{straight[: found.start()]}{found["start"]}{found["text"]}"{found["end"]}'),
        )
    if found := _KEY_OF_WORDS.match(straight):
        key = re.sub(" +", "_", found["key"])
        mended = f"{found['indent']}{key}{straight[found.end() :]}"
        yield f"{found['key']} is no key, since keys have no spaces", mended


def _quoted(line: str) -> tuple[str, list[str]]:
    """Put the values that TOML takes for neither number nor word in quotes."""
    values: list[str] = []

    def mend(found: re.Match[str]) -> str:
        value = found["value"]
        plain = _PLAIN_VALUE.fullmatch(value) is not None
        if not plain:
            values.append(value)
        # beside a number that needs quotes one with decimals does too: [12.9, NR]
        return f'{found["before"]}"{value}"' if not plain or "." in value else found[0]

    # Only outside of text in quotes: the odd pieces are inside.
    pieces = re.split(r"""("(?:[^"\\]|\\.)*"|'[^']*')""", line)
    mended = [piece if at % 2 else re.sub(_VALUE, mend, piece) for at, piece in enumerate(pieces)]
    return "".join(mended), values


def _comes_further(lines: list[str], number: int, mended: str) -> bool:
    """Say whether a line, mended, is no longer where reading ends."""
    text = "\n".join([*lines[: number - 1], mended, *lines[number:]])
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return _line_of(error, lines) > number + 1 or (
            _line_of(error, lines) == number + 1 and "at line" in str(error)
        )
    except (ValueError, RecursionError):
        return False
    return True

"""Read study files: the bundled papers by their id, people's own by their path.

The commonest slips in the TOML of a file are named, with the line as it should be.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from .argument_types import check_path, given_kind
from .errors import StudyFileError, edits, place_text, placed_faults
from .files import other_text, plain_content
from .starter import placeholder_faults
from .study import Study

__all__ = [
    "bundled_ids",
    "load_study",
    "read_study",
    "study",
    "study_content",
    "study_of",
    "toml_fault",
]

# `importlib.resources` would find them in archives, too, and loads more than the commands need.
_PAPERS = Path(__file__).with_name("papers")
_LONGEST_ID = 64
_START = "`kmrepro new FILE` writes one to start from"
_READ_FIGURE = "`kmrepro digitise FIGURE` reads its curves into one"
_FIXES = {  # what makes a study file of another kind of file
    "": _START,
    "a PDF": f"`kmrepro draft FILE` drafts one from its text, and {_READ_FIGURE}",
    "an Excel workbook": "`kmrepro new FILE --from-excel WORKBOOK` makes one of it",
    **dict.fromkeys(("a PNG image", "a JPEG image", "a TIFF image"), _READ_FIGURE),
}
_TOO_DEEP = "it is not a study file: its TOML goes too deep or its numbers are too long."
MAX_BYTES = 1_000_000  # the longest bundled paper has 18 000
_CURLY = str.maketrans(
    dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033", '"')
    | dict.fromkeys("\u2018\u2019\u201a\u201b\u2032", "'")
)
_LONGEST_LINE = 120  # characters of a line that a message shows
_VALUE = r"""(?P<before>[=,\[]\s*)(?P<value>(?![\s"'\[{])[^"'\[\]{}=,#\n]*[^"'\[\]{}=,#\s])"""
_PLAIN_VALUE = re.compile(  # what TOML takes without quotes
    r"true|false|[+-]?(?:[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?|inf|nan)"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}",
    re.IGNORECASE,
)
_UNFINISHED = re.compile(r"""(?P<start>=\s*")(?P<text>[^"#]*?)(?P<end>\s*(?:#.*)?)$""")
_KEY_OF_WORDS = re.compile(r"^(?P<indent>\s*)(?P<key>[A-Za-z_][\w-]*(?: +[\w-]+)+)(?=\s*=)")


@cache
def bundled_ids() -> tuple[str, ...]:
    """Return the ids of the bundled studies, in alphabetical order."""
    names = (paper.name for paper in _PAPERS.iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


def load_study(id_or_path: str | os.PathLike[str]) -> Study:
    """Read a study: a bundled one by its id, or a file by its path.

    Parameters
    ----------
    id_or_path : str or path
        An id that `bundled_ids` lists, or the path of a study file. A file that is named like a
        bundled study is reached as "./an2025" or as a `pathlib.Path`.

    Raises
    ------
    StudyFileError
        If there is no such study, or if the file is at fault. Numbers of the paper that
        contradict each other are no fault of the file.
    TypeError
        If it is neither an id nor a path.

    Examples
    --------
    >>> load_study("an2025").endpoint("psm", "OS").reference
    'SR'
    """
    check_path("load_study", id_or_path, what="the id of a bundled study, or a path")
    if isinstance(id_or_path, str) and id_or_path in bundled_ids():
        content = (_PAPERS / f"{id_or_path}.toml").read_bytes()
        return study_of(_toml(content, id_or_path), id_or_path)
    path = Path(id_or_path)
    if isinstance(id_or_path, str) and not _exists(id_or_path):
        raise StudyFileError(_shortened(id_or_path), (_no_study(id_or_path),))
    return read_study(path)


def read_study(path: str | os.PathLike[str]) -> Study:
    """Read one study file.

    Parameters
    ----------
    path : path
        A TOML file in UTF-8 of at most 1 MB; files that it names are in its folder or below.

    Raises
    ------
    StudyFileError
        If the file is at fault; the message lists every fault with its place and the fix.
    """
    path = Path(path)
    try:
        content = plain_content(path, most=MAX_BYTES, what="a study file", fixes=_FIXES)
    except OSError as error:
        fault = f"it cannot be read: {error.strerror or error}."
        raise StudyFileError(_shortened(path), (fault,)) from error
    except ValueError as error:
        raise StudyFileError(_shortened(path), (f"{error}.",)) from error
    name = _shortened(path)
    return study_of(_toml(content, name), name, folder=path.parent)


def study(content: Mapping[str, Any] | None = None, /, **keys: Any) -> Study:
    """Build a study in Python, with the keys of a study file and the same checks.

    Parameters
    ----------
    content : mapping, optional
        Keys and values as in a study file: tables are mappings, and lists of tables lists of
        mappings. Times may be numbers; reported numbers are text, exactly as reported.
    **keys
        The same as keywords, such as ``id="mine"``. `endpoints`, `tables`, `statements` and
        `flows` may be written in the plural.

    Raises
    ------
    StudyFileError
        If anything is at fault; the message lists every fault with its place and the fix, as for
        a file.

    Examples
    --------
    >>> import kmrepro as km
    >>> arms = {
    ...     "SR": {"n": 185, "landmarks": {12: "98.8%", 36: "89.3%"}},
    ...     "TA": {"n": 185, "landmarks": {12: "99.5%", 36: "88.4%"}},
    ... }
    >>> km.study(id="mine", endpoints=[{"name": "OS", "reference": "SR", "arms": arms}])
    Study(mine: all/OS)
    """
    if not (content is None or isinstance(content, Mapping)):
        raise TypeError(
            f"`study` takes a mapping of the keys of a study file, not {given_kind(content)}; a "
            "study file is read by km.load_study(path)."
        )
    given = {**(content or {}), **keys}
    plural = {name: f"{name}s" for name in ("endpoint", "table", "statement", "flow")}
    for name, written in plural.items():
        if written in given:
            if name in given:
                raise StudyFileError("study", (f"{name} and {written} are both given.",))
            given[name] = given.pop(written)
    return study_of(_as_in_a_file(given), "study")


def _as_in_a_file(value: Any) -> Any:
    """Return mappings with keys of text and lists, as TOML has them; other values as they are."""
    if isinstance(value, Mapping):
        made: dict[str, Any] = {}
        for key, each in value.items():
            name = _time_key(key)
            if name in made:
                raise StudyFileError("study", (f"{key!r} is there twice; take one of them out.",))
            made[name] = _as_in_a_file(each)
        return made
    return [_as_in_a_file(each) for each in value] if isinstance(value, list | tuple) else value


def _time_key(key: object) -> str:
    number = isinstance(key, int | float) and not isinstance(key, bool)
    return str(key).removesuffix(".0") if number else str(key)


def study_content(id_or_path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return the keys and values of a study file, once it was found to be valid.

    Raises
    ------
    StudyFileError
        As of `load_study`.
    """
    load_study(id_or_path)
    if isinstance(id_or_path, str) and id_or_path in bundled_ids():
        return _toml((_PAPERS / f"{id_or_path}.toml").read_bytes(), id_or_path)
    return _toml(Path(id_or_path).read_bytes(), str(id_or_path))


def _shortened(name: str | Path) -> str:
    text = str(name)
    return f"{text[:200]}..." if len(text) > 200 else text or '""'


def _exists(name: str) -> bool:
    try:
        return os.path.lexists(name)
    except ValueError:  # a null character, before Python 3.13
        return False


def _no_study(name: str) -> str:
    """Say that there is no such study, and which ones there are."""
    known = bundled_ids()
    stem = name.lower().removesuffix(".toml")[:_LONGEST_ID]
    apart = {each: edits(stem, each) for each in known}
    if stem and min(apart.values()) <= len(stem) / 3:  # a third of the letters, or fewer
        close = min(apart, key=lambda each: apart[each])
        return f'there is no such file or bundled study; did you mean "{close}"?'
    return f"there is no such file or bundled study; the bundled ones are {', '.join(known)}."


def study_of(raw: Mapping[str, Any], name: str, *, folder: Path | None = None) -> Study:
    """Return the study with these keys and values.

    Parameters
    ----------
    raw : mapping
        As TOML gives them.
    name : str
        What to call it in messages.
    folder : Path, optional
        Where the files are that it names.

    Raises
    ------
    StudyFileError
        If anything is at fault, or a placeholder of the starter is left.
    """
    try:
        faults = list(placeholder_faults(raw))
    except RecursionError as error:  # dotted keys by the thousand
        raise StudyFileError(name, (_TOO_DEEP,)) from error
    if faults:
        lines = tuple(f"{place_text(place, raw)}{text}." for place, text in faults)
        raise StudyFileError(name, lines, tuple(place for place, _ in faults))
    try:
        return Study.model_validate(raw, context={"folder": folder})
    except ValidationError as error:
        from .study import key_schema  # slow to load, and most files are valid

        placed = placed_faults(error, raw, describe=key_schema)
        lines = tuple(f"{place_text(place, raw)}{text}" for place, text in placed)
        raise StudyFileError(name, lines, tuple(place for place, _ in placed)) from error


def _toml(content: bytes, name: str) -> dict[str, Any]:
    try:
        text = content.decode("utf-8-sig")
        raw = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        fault = f"it is not UTF-8 text (line {line}); save it with the encoding UTF-8."
        raise StudyFileError(name, (fault,)) from error
    except tomllib.TOMLDecodeError as error:
        fault = other_text(text, fix=_START) or toml_fault(text, error)
        raise StudyFileError(name, (f"{fault}.",)) from error
    except (ValueError, RecursionError) as error:  # digits by the thousand, tables in tables
        raise StudyFileError(name, (_TOO_DEEP,)) from error
    if not raw:
        raise StudyFileError(name, (f"it is empty; {_START}.",))
    return raw


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
    if said := _twice(message, lines, number):
        return said
    for at in dict.fromkeys((number, number - 1)):  # an open quote is noticed on the next line
        for problem, mended in _slips(lines[at - 1].rstrip("\r")) if at > 0 else ():
            if _comes_further(lines, at, mended):
                shown = mended.strip()
                cut = shown if len(shown) <= _LONGEST_LINE else f"{shown[:_LONGEST_LINE]}..."
                return f"line {at}: {problem}; write {cut}"
    return f"it is not TOML: {message[:1].lower()}{message[1:]}"


def _line_of(error: tomllib.TOMLDecodeError, lines: list[str]) -> int:
    found = re.search(r"\(at line ([0-9]+)", str(error))
    return int(found[1]) if found else len(lines)


def _twice(message: str, lines: list[str], number: int) -> str:
    """Say which table or key is there twice; "" if that is not the fault."""
    line = lines[number - 1].rstrip("\r")
    if "twice" in message and (table := re.match(r"\s*\[\s*([^\[\]]+?)\s*\]", line)):
        fix = "give one of them another name, or put their keys together"
        if table[1] in _REPEATED:
            fix = f"write [[{table[1]}]] in double brackets, once for each"
        return f"line {number}: [{table[1]}] is there twice; {fix}"
    if "overwrite a value" in message and (key := re.match(r"\s*([^\s=#\[][^=]*?)\s*=", line)):
        return f"line {number}: {key[1]} is there twice in one table; take one of them out"
    return ""


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
        mended = f'{straight[: found.start()]}{found["start"]}{found["text"]}"{found["end"]}'
        yield "the closing quote is missing", mended
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

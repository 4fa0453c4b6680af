"""Study files to start from: laid out for endpoints and arms, with placeholders for numbers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ..presentation.formats import toml_string
from .errors import Fault, placed_values, shown
from .fields import Name, Slug

__all__ = ["placeholder_faults", "starter_layout", "starter_text"]

_WORD = "REPLACE"
# no numbers of the paper
_KEPT = {"id", "time_unit", "cohort", "name", "reference", "test", "treatment"}
_VALUE = re.compile(r'"([^"]*)"(?!\s*=)|(?:^|(?<=[=\[,]))\s*([0-9][0-9.]*)(?=\s*[,}\]]|\s*$)')
_LABELS = {
    "OS": "Overall survival",
    "PFS": "Progression-free survival",
    "DFS": "Disease-free survival",
    "RFS": "Recurrence-free survival",
    "EFS": "Event-free survival",
    "DSS": "Disease-specific survival",
}
_SHORT_HEAD = f"""\
# Write the paper's value for each "{_WORD} ...", delete what it does not report, then run:
#   kmrepro validate FILE
"""
_SHORT_ARM = 'n = 120\nlandmarks = { 12 = "85.0%", 36 = "58.2%" }\n'
_COMPARISON = 'hazard_ratio = "0.74"\nci = ["0.51", "1.06"]\np = "0.098"\n'
_P_ALONE = 'p = "0.098"\n'  # a hazard ratio compares two arms
_LATER_ARM = f"{_SHORT_ARM}events = 66\n"
_FULL_HEAD = f"""\
# A study file: what one paper reports about survival. Each "{_WORD} ..." holds the form of a value:
# write the paper's there (whole numbers without quotes), or delete the line if it reports none.
# The file is valid once no placeholder is left. Check it with
#   kmrepro validate FILE
#"""


def starter_text() -> str:
    """Return a commented example of a study file; it explains every key and is sound as it is.

    Its numbers are invented. Keys that a paper may or may not report are in comments.

    Examples
    --------
    >>> starter_text().startswith("# A study file")
    True
    """
    return Path(__file__).with_name("starter.toml").read_text(encoding="utf-8")


def starter_layout(
    study: str = "my-study",
    *,
    endpoints: Sequence[str] = ("OS",),
    arms: Sequence[str] = ("control", "new"),
    short: bool = False,
) -> str:
    """Return a study file to fill in; its placeholders are refused until they are replaced.

    Parameters
    ----------
    study : str
        Its id.
    endpoints : sequence of str
        Names, such as "OS", or with their cohort "psm/OS".
    arms : sequence of str
        Short names of the arms; the first one is the reference.
    short : bool
        Without comments, and only what most papers report.

    Raises
    ------
    ValueError
        If a name cannot be one of a study file, or is given twice.

    Examples
    --------
    >>> print(starter_layout(endpoints=["PFS"], arms=["SR"], short=True))
    # Write the paper's value for each "REPLACE ...", delete what it does not report, then run:
    #   kmrepro validate FILE
    id = "my-study"
    time_unit = "months"
    <BLANKLINE>
    [[endpoint]]
    name = "PFS"
    <BLANKLINE>
    [endpoint.arms.SR]
    n = "REPLACE 120"
    landmarks = { 12 = "REPLACE 85.0%", 36 = "REPLACE 58.2%" }
    <BLANKLINE>
    """
    keys = [_endpoint(each) for each in endpoints]
    _checked(Slug, study)
    for arm in arms:
        _checked(Name, arm)
    for what, names in (("endpoint", ["/".join(key) for key in keys]), ("arm", list(arms))):
        if not names or len(set(names)) < len(names):
            got = ", ".join(map(shown, names)) or "none"
            raise ValueError(f"each {what} must be named once, and at least one; got {got}")
    blocks = _short_blocks(keys, arms) if short else _full_blocks(keys, arms)
    text = "\n".join(f"{block.rstrip()}\n" for block in blocks).replace(
        '"my-study"', json.dumps(study), 1
    )
    return "\n".join(map(_with_placeholders, text.split("\n")))


def placeholder_faults(raw: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield the place of every placeholder that is left in a file's content, and what to do."""
    for place, value in placed_values(raw):
        if isinstance(value, str) and value.startswith(_WORD):
            yield (
                place,
                f'"{value[:60]}" is a placeholder; write the paper\'s value in its place, or '
                "delete the line if the paper reports none",
            )


def _endpoint(name: str) -> tuple[str, str]:
    """Return cohort and name; "all" is the cohort if none is given."""
    cohort, slash, rest = name.partition("/")
    key = (cohort, rest) if slash else ("all", cohort)
    for part in key:
        _checked(Name, part)
    return key


def _checked(kind: Any, value: str) -> None:
    try:
        from pydantic import TypeAdapter

        TypeAdapter(kind).validate_python(value)
    except ValidationError as error:
        raise ValueError(error.errors()[0]["msg"].removeprefix("Value error, ")) from None


def _key(name: str) -> str:
    """Write a name as a key of TOML, in quotes where it needs them."""
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else toml_string(name)


def _short_blocks(keys: Sequence[tuple[str, str]], arms: Sequence[str]) -> Iterator[str]:
    yield f'{_SHORT_HEAD}id = "my-study"\ntime_unit = "months"\n'
    for cohort, name in keys:
        lines = ["[[endpoint]]"]
        lines += [f"cohort = {toml_string(cohort)}"] if cohort != "all" else []
        lines += [f"name = {toml_string(name)}"]
        lines += [f"reference = {toml_string(arms[0])}"] if len(arms) > 1 else []
        yield "\n".join(lines)
        for arm in arms:
            yield f"[endpoint.arms.{_key(arm)}]\n{_SHORT_ARM}"
        if len(arms) > 1:
            yield from _comparisons(arms)


def _comparisons(arms: Sequence[str]) -> Iterator[str]:
    """Yield the comparison of two arms; of more, the test of all and each arm with the first."""
    if len(arms) == 2:
        yield f"[endpoint.reported]\n{_COMPARISON}"
        return
    yield f"[endpoint.reported]\n{_P_ALONE}"
    for arm in arms[1:]:
        pair = f"treatment = {toml_string(arm)}\nreference = {toml_string(arms[0])}\n"
        yield f"[[endpoint.comparison]]\n{pair}{_COMPARISON}"


def _full_blocks(keys: Sequence[tuple[str, str]], arms: Sequence[str]) -> Iterator[str]:
    """Yield the example's blocks, laid out anew; the comments are with what comes first."""
    block = _example_blocks()
    yield _FULL_HEAD + block["head"].split("#   kmrepro validate FILE\n#", 1)[1]
    labels = {"control": "Standard treatment", "new": "New treatment"}
    lines = (f"{_key(arm)} = {toml_string(labels.get(arm, 'Name in full'))}" for arm in arms)
    yield "\n".join([block["arms"].split("\n", 1)[0], *lines])
    yield f"\n{block['rule']}"
    for number, (cohort, name) in enumerate(keys):
        label = _LABELS.get(name, "")
        yield from _endpoint_block(block["endpoint"], (cohort, name, label), arms, first=not number)
        for place, arm in enumerate(arms):
            first = not number and not place
            body = block["arm"].split("\n", 1)[1] if first else _LATER_ARM
            yield f"[endpoint.arms.{_key(arm)}]\n{body}"
        if len(arms) == 2:
            yield block["reported"] if not number else f"[endpoint.reported]\n{_COMPARISON}"
        elif len(arms) > 2:
            yield from _comparisons(arms)
    yield f"\n{block['tables']}"


def _endpoint_block(
    example: str, key: tuple[str, str, str], arms: Sequence[str], *, first: bool
) -> Iterator[str]:
    cohort, name, label = key
    values = {"cohort": cohort, "name": name, "label": label, "reference": arms[0]}
    lines = []
    for line in example.rstrip("\n").split("\n"):
        found = re.match(r'(\w+) = "[^"]*"', line)
        if line.startswith("#") and not first:
            continue
        if found and found[1] in values:
            if found[1] == "reference" and len(arms) == 1:
                continue
            value = values[found[1]] or "Name in full"
            line = f"{found[1]} = {toml_string(value)}{line[found.end() :]}"
        lines.append(line if first else line.split("  #", 1)[0].rstrip())
    yield "\n".join(lines)


def _example_blocks() -> dict[str, str]:
    """Return the parts of the documented example."""
    text = starter_text()
    starts = {
        "head": 0,
        "arms": text.index("[arms]"),
        "rule": text.index("# One [[endpoint]] for each"),
        "endpoint": text.index("[[endpoint]]\n"),
        "arm": text.index("[endpoint.arms.control]"),
        "later": text.index("[endpoint.arms.new]"),
        "reported": text.index("[endpoint.reported]"),
        "tables": text.index("# Tables, for forest plots"),
    }
    ends = [*list(starts.values())[1:], len(text)]
    return {name: text[start:end] for (name, start), end in zip(starts.items(), ends, strict=True)}


def _with_placeholders(line: str) -> str:
    """Turn the example's value on a line into a placeholder of the same form."""
    found = re.match(r'\s*(?:"[^"]*"|[\w-]+)\s*=', line)
    if found is None or line.startswith("#") or line.split("=")[0].strip() in _KEPT:
        return line
    if line.split("=")[0].strip() == "label" and any(
        f'"{each}"' in line for each in _LABELS.values()
    ):
        return line
    comment = re.search(r"  #.*$", line)
    end = comment.start() if comment else len(line)
    value = _VALUE.sub(_placeholder, line[found.end() : end].rstrip())
    filled = f"{line[: found.end()]}{value}"
    return f"{filled.ljust(end)}{line[end:]}" if comment else filled


def _placeholder(found: re.Match[str]) -> str:
    text, number = found.groups()
    return f'"{_WORD} {text}"' if number is None else f' "{_WORD} {number}"'

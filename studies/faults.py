"""What is wrong with a study file, where in it, and values as it shows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .printed import PrintedNumber

__all__ = ["FaultsError", "shown"]

_LONGEST_SHOWN = 60
_MOST_BITS = 200


class FaultsError(ValueError):
    """FaultsError of one table of a study file: where in the table, and what is wrong."""

    def __init__(self, faults: Iterable[tuple[tuple[str | int, ...], str]]) -> None:
        self.faults = tuple(faults)
        super().__init__(
            "; ".join(f"{'.'.join(map(str, key))}: {text}" for key, text in self.faults)
        )


def shown(raw: object) -> str:
    """Return a value from a study file as the file shows it, shortened."""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, str | PrintedNumber):
        text = str(raw)
        return f'"{text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "..."}"'
    if isinstance(raw, Mapping):
        return "a table"
    if isinstance(raw, list | tuple):
        return f"a list of {len(raw)} value{'s' * (len(raw) != 1)}"
    if isinstance(raw, int) and raw.bit_length() > _MOST_BITS:  # Python would not write it out
        return "a number far too large"
    text = str(raw)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:20]}... ({len(text)} characters)"

"""Values as JSON can hold them."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping
from typing import Any

from .studies import PrintedNumber

__all__ = ["plain_value"]


def plain_value(value: Any) -> Any:
    """Return what JSON can hold: numbers that are not finite become None, whole ones integers."""
    if isinstance(value, PrintedNumber):
        return value.text
    if isinstance(value, Mapping):
        return {_key(key): plain_value(each) for key, each in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain_value(getattr(value, field.name)) for field in _fields(value)}
    if isinstance(value, list | tuple):
        return [plain_value(each) for each in value]
    if isinstance(value, float):
        return _number(float(value))
    return plain_value(value.tolist()) if hasattr(value, "tolist") else value  # numpy's


def _fields(value: Any) -> Iterator[Any]:
    return (field for field in dataclasses.fields(value) if not field.name.startswith("_"))


def _key(key: object) -> str:
    return f"{key:g}" if isinstance(key, float) else str(key)


def _number(value: float) -> float | int | None:
    if not math.isfinite(value):
        return None
    return int(value) if value.is_integer() and abs(value) < 2**53 else value

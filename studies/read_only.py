"""Mappings that can be read and compared, but not changed."""

from __future__ import annotations

from typing import Any, NoReturn, TypeVar

__all__ = ["ReadOnlyDict"]

Key = TypeVar("Key")
Value = TypeVar("Value")


class ReadOnlyDict(dict[Key, Value]):
    """A dict that keeps its order and refuses changes.

    Unlike `types.MappingProxyType` it can be pickled, copied, hashed and turned into JSON.
    """

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("what a paper prints is read-only; make a changed copy with dict(...)")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[type[ReadOnlyDict[Key, Value]], tuple[dict[Key, Value]]]:
        return type(self), (dict(self),)

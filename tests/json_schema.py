"""The package jsonschema, loaded for the tests of the schema."""

from __future__ import annotations

import sys

import pytest

# jsonschema loads rfc3987-syntax where something else has installed it, which builds grammars for
# seconds in every process of the tests, for formats that no schema of kmrepro has.
with pytest.MonkeyPatch.context() as patched:
    patched.setitem(sys.modules, "rfc3987_syntax", None)
    from jsonschema import Draft202012Validator

__all__ = ["Draft202012Validator"]

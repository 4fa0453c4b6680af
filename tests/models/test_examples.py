"""The examples in the documentation run and give what they say."""

import doctest
from importlib import import_module

import pytest

from ..seeds import nightly


@pytest.mark.parametrize(
    "module",
    [
        "models._cox",
        "models._kaplan_meier",
        "models._kernels",
        "models._logrank",
        "models._milestone",
        "models._proportionality",
        "models._rmst",
        nightly("models.attainable.range"),
        "models.ensemble",
        "reconstruct.quick_looks",
    ],
)
def test_examples(module):
    """Every example of the module gives its printed answer."""
    result = doctest.testmod(import_module(f"kmrepro.{module}"))
    assert result.attempted > 0
    assert result.failed == 0

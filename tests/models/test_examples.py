"""The examples in the documentation run and give what they say."""

import doctest
from importlib import import_module

import pytest


@pytest.mark.parametrize(
    "module",
    [
        "models.batched",
        "models.batched.cox",
        "models.cox",
        "models.kaplan_meier",
        "models.logrank",
        "models.milestone",
        "models.proportionality",
        "models.rmst",
        "reconstruct.implied_events",
        "reconstruct.quick_looks",
    ],
)
def test_examples(module):
    """Every example of the module gives its printed answer."""
    result = doctest.testmod(import_module(f"kmrepro.{module}"))
    assert result.attempted > 0
    assert result.failed == 0

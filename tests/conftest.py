"""What tests share: the inputs that Hypothesis tries, smaller work, and one browser."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from .chromium import launched
from .seeds import all_are_run

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def pytest_configure(config: pytest.Config) -> None:
    """Let Hypothesis try the same inputs each time: a quarter of them unless all tests are run.

    There is no deadline: no test is about time.
    """
    settings.register_profile("all", derandomize=True, deadline=None, max_examples=100)
    settings.register_profile("some", settings.get_profile("all"), max_examples=25)
    settings.load_profile("some" if "not nightly" in config.getoption("markexpr") else "all")


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Let a parallel process take whole files as far as it can: what they share is made once."""
    if config.getoption("numprocesses", None) and config.getoption("dist") == "no":
        config.option.dist = "worksteal"


@pytest.fixture(scope="module")
def small_blocks() -> Iterator[None]:
    """Draw 20 data sets at a time, of 12 scenarios: enough where it does not matter how many.

    Reconstructions take the mean of the first scenarios, however far chance moves it, and few
    paths are tried along curves. Verdicts take any number of effective scenarios for enough.
    """
    curves = importlib.import_module("kmrepro.reconstruct.ensemble.curve_draws")
    calibration = importlib.import_module("kmrepro.reconstruct.calibration")
    sampler = importlib.import_module("kmrepro.reconstruct.ensemble.sampler")
    scenarios = importlib.import_module("kmrepro.reconstruct.scenarios.scenarios")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(scenarios, "LOT", 48)
        patched.setattr(sampler, "BLOCK", 20)
        patched.setattr(sampler, "SCENARIOS", 12)
        patched.setattr(curves, "RUNS", 2)
        patched.setattr(curves, "PATHS", 192)
        patched.setattr(curves, "FEWEST_PATHS", 96)
        patched.setattr(calibration, "SCENARIOS", calibration.SCENARIOS[:1])
        for module in ("_inference", "comparison"):
            judging = importlib.import_module(f"kmrepro.models.{module}")
            patched.setattr(judging, "FEWEST_SCENARIOS", 0.0)
        yield


@contextlib.contextmanager
def _unsearched() -> Iterator[None]:
    verdict = importlib.import_module("kmrepro.models.verdict")
    with pytest.MonkeyPatch.context() as patched:
        if not all_are_run():
            patched.setattr(verdict, "_attainable", lambda *_, **__: None)
        yield


@pytest.fixture(scope="module")
def no_search() -> Iterator[None]:
    """Search for no attainable range, which takes longest, unless all tests are run.

    It has tests of its own in `tests/models/attainable`.
    """
    with _unsearched():
        yield


@pytest.fixture
def no_search_once() -> Iterator[None]:
    """Search for no attainable range in one test, as `no_search` in a module."""
    with _unsearched():
        yield


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start the Chromium of this machine: once a process, which is all that Playwright allows."""
    with launched() as started:
        yield started

"""What tests share: the inputs that Hypothesis tries, and one browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from .chromium import launched

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def pytest_configure(config: pytest.Config) -> None:
    """Let Hypothesis try the same inputs each time: a quarter of them unless all tests are run.

    There is no deadline: no test is about time.
    """
    settings.register_profile("all", derandomize=True, deadline=None, max_examples=100)
    settings.register_profile("some", settings.get_profile("all"), max_examples=25)
    settings.load_profile("some" if config.getoption("markexpr") == "not nightly" else "all")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start the Chromium of this machine: once a process, which is all that Playwright allows."""
    with launched() as started:
        yield started

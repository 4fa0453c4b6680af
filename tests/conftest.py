"""What tests share: the inputs that Hypothesis tries, and one browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from .chromium import launched

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# The same inputs each time, and no deadline: no test is about time.
settings.register_profile("the same each time", derandomize=True, deadline=None)
settings.load_profile("the same each time")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start the Chromium of this machine: once a process, which is all that Playwright allows."""
    with launched() as started:
        yield started

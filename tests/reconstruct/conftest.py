"""Endpoints for the tests of the reconstruction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from kmrepro.studies import Endpoint, Study

Build = Callable[..., Endpoint]


def build_endpoint(
    arms: Mapping[str, Mapping[str, Any]], reported: Mapping[str, Any] | None = None, **more: Any
) -> Endpoint:
    """Build one endpoint as a study file would give it."""
    endpoint: dict[str, Any] = {"name": "OS", "arms": arms, **more}
    if reported is not None:
        endpoint |= {"reported": reported, "reference": next(iter(arms))}
    return Study.model_validate({"id": "made-up", "endpoint": [endpoint]}).endpoints[0]


@pytest.fixture
def build() -> Build:
    """Return the builder of endpoints."""
    return build_endpoint

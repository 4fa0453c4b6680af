"""Differences that are called significant, or not."""

from __future__ import annotations

import pytest

from .conftest import Findings


def claim(p: str, significant: str, alpha: str = "0.05") -> str:
    """Return a study file with one claim."""
    said = f'{{ p = "{p}", significant = {significant}, alpha = "{alpha}" }}'
    return f'[[statement]]\nsource = "Results"\ntext = "x"\nclaim = [{said}]\n'


@pytest.mark.parametrize(
    ("p", "significant", "severity"),
    [
        pytest.param("0.06", "true", "error", id="called significant, above"),
        pytest.param("0.055", "true", "error", id="just above"),
        pytest.param("0.05", "true", "note", id="the level itself"),
        pytest.param("0.051", "true", "error", id="the level with one digit more"),
        pytest.param("0.049", "true", None, id="just below"),
        pytest.param("<0.05", "true", None, id="below, as a bound"),
        pytest.param(">0.05", "true", "error", id="above, as a bound"),
        pytest.param("0.053", "false", None, id="not significant, above"),
        pytest.param("0.05", "false", None, id="not significant at the level"),
        pytest.param("0.049", "false", "error", id="not significant, below"),
        pytest.param("<0.05", "false", "error", id="not significant, bound"),
    ],
)
def test_claims(findings: Findings, p: str, significant: str, severity: str | None) -> None:
    """Below 0.05 is significant, under every rounding of p."""
    found = [each.severity for each in findings(claim(p, significant), "called-significant")]
    assert found == ([severity] if severity else [])


def test_another_level(findings: Findings) -> None:
    """A paper may set its level at 0.01."""
    assert findings(claim("0.02", "true", "0.01"), "called-significant")
    assert not findings(claim("0.02", "true"), "called-significant")

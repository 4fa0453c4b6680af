"""The example on the page of digitised curves runs with the files that the page shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import kmrepro as km

PAGE = (Path(__file__).parents[2] / "docs" / "digitised-curves.md").read_text(encoding="utf-8")
*CURVES, AT_RISK = re.findall(r"^```csv\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_the_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Curves and numbers at risk as shown lead to patients."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "points.csv").write_text(CURVES[2], encoding="utf-8")
    (tmp_path / "risk.csv").write_text(AT_RISK, encoding="utf-8")
    example = re.search(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert example is not None
    names: dict[str, object] = {}
    exec(compile(example[1], "digitised-curves.md", "exec"), names)
    patients = names["ipd"]
    assert isinstance(patients, km.PseudoIPD)
    assert {arm: patients.of(arm)[0].size for arm in patients.arms} == {"Drug": 213, "Placebo": 210}
    drug, _ = patients.of("Drug")
    assert [(drug >= time).sum() for time in (2, 3)] == [208, 201]

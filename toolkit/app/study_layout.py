"""A study file to start from: around a CSV file of digitised points, or the draft of a figure."""

from __future__ import annotations

import json
from collections.abc import Sequence

from .workspace import safe_stem

__all__ = ["curves_layout", "figure_layout"]


def curves_layout(file: str, arms: Sequence[str], *, name: str) -> str:
    """Return a study file whose arms have the curves of a CSV file.

    Parameters
    ----------
    file : str
        As the study file names it.
    arms : sequence of str
        As the file names them; a single curve without a name is "".
    name : str
        What to call the study.
    """
    keys = {arm: f"A{number + 1}" for number, arm in enumerate(arms)}
    lines = [
        f"# Laid out around {file}: add the numbers of patients (n), and what the paper reports.",
        f"id = {_quoted(safe_stem(name).lower())}",
        'time_unit = "months"    # the file does not say: check this',
        "",
        "[arms]",
        *(f"{key} = {_quoted(arm or 'All patients')}" for arm, key in keys.items()),
        "",
        "[[endpoint]]",
        'name = "OS"    # the file does not say: check this',
        f"source = {_quoted(file)}",
        *([f"reference = {_quoted(keys[arms[0]])}"] if len(arms) > 1 else []),
    ]
    for arm, key in keys.items():
        which = f", arm = {_quoted(arm)}" if arm else ""
        lines += ["", f"[endpoint.arms.{key}]", f"curve = {{ file = {_quoted(file)}{which} }}"]
    return "\n".join(lines) + "\n"


def figure_layout(draft: str, prefix: str) -> str:
    """Return the draft study file of a reading with its files named from the study's folder.

    Parameters
    ----------
    draft : str
        As `digitise.files.draft_study` returns it.
    prefix : str
        Such as "page-5/"; empty if the reading is in the study's folder itself.
    """
    return draft.replace('curve = { file = "', f'curve = {{ file = "{prefix}')


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)

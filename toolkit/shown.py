"""How a whole reproduction shows itself in a notebook."""

from __future__ import annotations

from .presentation import markup
from .reproduction import Reproduction
from .result_text import ARM_RESULT_COLUMNS, COMPARISON_COLUMNS, arm_cells, comparison_cells

__all__ = ["reproduction_html"]


def reproduction_html(reproduction: Reproduction) -> str:
    """Return the comparisons, the arms that are not compared, and what was refused."""
    parts = [markup.heading(reproduction.study.id, reproduction.study.title)]
    if compared := [comparison_cells(each) for each in reproduction.comparisons]:
        parts.append(markup.table(COMPARISON_COLUMNS, compared, caption="Comparisons"))
    if single := [row for each in reproduction.single_arm for row in arm_cells(each)]:
        parts.append(markup.table(ARM_RESULT_COLUMNS, single, caption="Not compared"))
    if refused := [(each.endpoint.key, each.reason) for each in reproduction.refused]:
        parts.append(markup.table(("Refused", "Why"), refused))
    return markup.block(*parts)

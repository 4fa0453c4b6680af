"""Estimates to drawings: Kaplan-Meier, agreement, forest, and the HTML report."""

from .agreement import AgreementDisplay as AgreementDisplay
from .forest import ForestDisplay as ForestDisplay
from .kaplan_meier import KaplanMeierDisplay as KaplanMeierDisplay
from .panel import panel as panel
from .panel import panel_letter as panel_letter
from .panel import printed_figure as printed_figure
from .style import figure_bytes as figure_bytes
from .style import save_figure as save_figure

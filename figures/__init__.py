"""Estimates to drawings: Kaplan-Meier, agreement, forest, and the HTML report."""

from .agreement import AgreementDisplay as AgreementDisplay
from .catalogue import Drawing as Drawing
from .catalogue import drawings_of as drawings_of
from .catalogue import figures_of as figures_of
from .curve_options import CurveOptions as CurveOptions
from .fan import FanDisplay as FanDisplay
from .forest import ForestDisplay as ForestDisplay
from .how_sure import how_sure as how_sure
from .kaplan_meier import KaplanMeierDisplay as KaplanMeierDisplay
from .panel import panel as panel
from .patient_flow import PatientFlowDisplay as PatientFlowDisplay
from .proportionality import ProportionalityDisplay as ProportionalityDisplay
from .ratio_density import RatioDensityDisplay as RatioDensityDisplay
from .reconstruction_check import ReconstructionCheckDisplay as ReconstructionCheckDisplay
from .report import ReportFigure as ReportFigure
from .report import render_report as render_report
from .response import ResponseDisplay as ResponseDisplay
from .rmst_area import RmstAreaDisplay as RmstAreaDisplay
from .style import FORMATS as FORMATS
from .style import STYLES as STYLES
from .style import context as context
from .style import figure_bytes as figure_bytes
from .style import save_figure as save_figure
from .style import usual_width as usual_width
from .swimmer import SwimmerDisplay as SwimmerDisplay

from .page import RefusedEndpoint as RefusedEndpoint
from .page import ReportFigure as ReportFigure
from .page import render_report as render_report

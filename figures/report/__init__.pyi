from .page import RefusedEndpoint as RefusedEndpoint
from .page import ReportFigure as ReportFigure
from .page import endpoint_curves as endpoint_curves
from .page import render_report as render_report
from .page import render_summary as render_summary
from .summary import Summary as Summary
from .summary import summary_document as summary_document
from .summary import summary_of as summary_of

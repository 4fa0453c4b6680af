from .read import FigureReading as FigureReading
from .read import read_figure as read_figure
from .reading import Hints as Hints
from .reading import Panel as Panel
from .reading import ReadArm as ReadArm
from .reading import ReadCurve as ReadCurve
from .reading import RiskRow as RiskRow
from .reading import UnreadableFigureError as UnreadableFigureError

from .analysis import Subgroups as Subgroups
from .analysis import VariableLabels as VariableLabels
from .analysis import label_subgroups as label_subgroups
from .reported import ReportedLevel as ReportedLevel
from .reported import ReportedVariable as ReportedVariable
from .reported import reported_variables as reported_variables

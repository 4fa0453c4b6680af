"""The range of hazard ratios that data sets with the printed numbers can have."""

from .attainable import AttainableRange as AttainableRange
from .attainable import attainable_hazard_ratio as attainable_hazard_ratio

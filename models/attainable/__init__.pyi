from .attainable import AttainableRange as AttainableRange
from .attainable import attainable_hazard_ratio as attainable_hazard_ratio

from .range import AttainableRange as AttainableRange
from .range import attainable_hazard_ratio as attainable_hazard_ratio

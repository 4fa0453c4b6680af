from .placement import place_along_curve as place_along_curve
from .points import drops_at_whole_times as drops_at_whole_times
from .points import recorded_unit as recorded_unit

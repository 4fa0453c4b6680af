from .bounds import CauseBounds as CauseBounds
from .bounds import cause_bounds as cause_bounds
from .bounds import event_free as event_free
from .reconstruction import CauseSampler as CauseSampler
from .reconstruction import reconstruct_causes as reconstruct_causes

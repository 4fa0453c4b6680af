from .bounds import CauseBounds as CauseBounds
from .bounds import cause_bounds as cause_bounds
from .event_free import event_free as event_free
from .reconstruction import reconstruct_causes as reconstruct_causes
from .sampler import CauseSampler as CauseSampler

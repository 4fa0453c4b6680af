from .sampler import InformedSampler as InformedSampler
from .sampler import informed_patients as informed_patients
from .targets import NotReached as NotReached
from .targets import is_reported as is_reported

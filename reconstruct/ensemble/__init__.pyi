from .arm_draws import Patients as Patients
from .sampler import DrawSource as DrawSource
from .sampler import Sampler as Sampler

from .arm_draws import Patients as Patients
from .sampler import Sampler as Sampler
from .source import DrawSource as DrawSource

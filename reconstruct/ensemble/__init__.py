"""Many data sets that each meet every printed number."""

from .arm_draws import Patients as Patients
from .sampler import Sampler as Sampler
from .source import DrawSource as DrawSource

from .arm_draws import Patients as Patients
from .blocks import Blocks as Blocks
from .sampler import DrawSource as DrawSource
from .sampler import Sampler as Sampler

from .arm_draws import Patients as Patients
from .draw_source import Blocks as Blocks
from .draw_source import DrawSource as DrawSource
from .sampler import Sampler as Sampler

from .errors import ContradictionError as ContradictionError
from .errors import ReconstructionRefused as ReconstructionRefused
from .pseudo_ipd import PseudoIPD as PseudoIPD
from .reconstruction import reconstruct as reconstruct

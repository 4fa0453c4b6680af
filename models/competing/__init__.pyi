from .cumulative_incidence import CumulativeIncidence as CumulativeIncidence
from .cumulative_incidence import cumulative_incidence as cumulative_incidence
from .fine_gray import BatchedFineGray as BatchedFineGray
from .fine_gray import FineGray as FineGray
from .fine_gray import batched_fine_gray as batched_fine_gray
from .fine_gray import fine_gray as fine_gray
from .gray import GrayTest as GrayTest
from .gray import gray_test as gray_test

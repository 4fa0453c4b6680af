from .cox import BatchedCox as BatchedCox
from .cox import batched_cox as batched_cox
from .logrank import BatchedLogrank as BatchedLogrank
from .logrank import batched_logrank as batched_logrank
from .risk_sets import RiskSets as RiskSets
from .rmst import BatchedRmst as BatchedRmst
from .rmst import batched_rmst as batched_rmst

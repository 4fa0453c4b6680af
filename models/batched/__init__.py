"""Two-arm analyses of many data sets at once, without a loop over data sets.

A draw is one data set; all draws have the same number of patients. `RiskSets` sorts the patients
of every draw once; Cox regression, log-rank test and restricted means are taken from it:

>>> import numpy as np
>>> rng = np.random.default_rng(0)
>>> time, event = rng.integers(1, 30, (1000, 60)) / 1.0, rng.random((1000, 60)) < 0.6
>>> sets = RiskSets.of(time, event, np.arange(60) < 30)
>>> BatchedCox.of(sets).log_hazard_ratio.shape, BatchedLogrank.of(sets).p.shape
((1000,), (1000,))
"""

from .cox import BatchedCox as BatchedCox
from .cox import batched_cox as batched_cox
from .logrank import BatchedLogrank as BatchedLogrank
from .logrank import batched_logrank as batched_logrank
from .risk_sets import RiskSets as RiskSets
from .rmst import BatchedRmst as BatchedRmst
from .rmst import batched_rmst as batched_rmst

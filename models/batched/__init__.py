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

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

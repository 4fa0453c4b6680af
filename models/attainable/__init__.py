"""The range of hazard ratios that data sets with the reported values can have."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

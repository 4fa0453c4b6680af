"""From a figure to a reading: curves, censoring marks and numbers at risk, offline."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

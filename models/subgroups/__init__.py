"""Subgroups of a forest plot: labels for patients under which its numbers are reproduced."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

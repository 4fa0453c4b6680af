"""Patients conditioned on the reported comparison, who so can no longer check it."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

"""Competing risks: cumulative incidence by cause, and how arms are compared in it."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

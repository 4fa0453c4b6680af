"""Competing risks: patients with a cause, from cumulative incidence as it is reported."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

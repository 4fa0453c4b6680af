"""From prose to a study file: abstracts and results sections, read by a small grammar."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

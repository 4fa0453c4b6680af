"""Reproduce a paper's survival analysis from the numbers that it reports.

>>> import kmrepro as km
>>> study = km.load_study("an2025")
>>> ipd = km.reconstruct(study.endpoint("psm", "OS"))
>>> ipd.time.size
370

Every public name is listed in `__init__.pyi`; each is loaded when it is first used, so that
``import kmrepro`` takes no time and the command line answers at once.
"""

import lazy_loader

# Two rooms have the name of a public function. Python binds a submodule as an attribute of its
# package when it is first imported, and never again: imported and forgotten here, neither can
# take the place of its function later, whatever is imported in whatever order.
from . import audit, reconstruct

del audit, reconstruct

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

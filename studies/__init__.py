"""What a paper reports: numbers as reported, studies, the study-file reader, the bundled papers."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

"""From prose to a study file: abstracts and results sections, read by a small grammar."""

from .draft import Draft as Draft
from .draft import DraftRefused as DraftRefused
from .draft import draft_study as draft_study

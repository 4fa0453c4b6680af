from .draft import Draft as Draft
from .draft import DraftRefused as DraftRefused
from .draft import draft_study as draft_study

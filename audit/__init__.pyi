from ._audit import Audit as Audit
from ._audit import audit as audit
from .finding import Finding as Finding
from .finding import Rule as Rule
from .finding import Severity as Severity
from .registry import RULES as RULES

from ._audit import RULES as RULES
from ._audit import Audit as Audit
from ._audit import audit as audit
from .rule import Finding as Finding
from .rule import Rule as Rule
from .rule import Severity as Severity

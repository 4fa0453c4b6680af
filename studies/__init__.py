"""What a paper prints: printed numbers, studies, the study-file reader, the bundled papers."""

from .printed import PrintedNumber as PrintedNumber
from .reader import StudyFileError as StudyFileError
from .reader import bundled_ids as bundled_ids
from .reader import load_study as load_study
from .reader import read_study as read_study
from .study import Arm as Arm
from .study import Endpoint as Endpoint
from .study import FollowUp as FollowUp
from .study import HazardRatioRow as HazardRatioRow
from .study import Landmark as Landmark
from .study import Reported as Reported
from .study import Study as Study
from .study import Table as Table

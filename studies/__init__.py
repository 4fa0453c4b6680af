"""What a paper prints: printed numbers, studies, the study-file reader, the bundled papers."""

from .printed import PrintedNumber as PrintedNumber
from .printed_interval import parse_interval as parse_interval
from .reader import StudyFileError as StudyFileError
from .reader import bundled_ids as bundled_ids
from .reader import load_study as load_study
from .reader import read_study as read_study
from .schema import study_schema as study_schema
from .starter import starter_text as starter_text
from .statement import Claim as Claim
from .statement import Listed as Listed
from .statement import SampleSize as SampleSize
from .statement import Share as Share
from .statement import StatedRatio as StatedRatio
from .statement import Statement as Statement
from .statement import Sum as Sum
from .study import Arm as Arm
from .study import Endpoint as Endpoint
from .study import FollowUp as FollowUp
from .study import Landmark as Landmark
from .study import Reported as Reported
from .study import Study as Study
from .table import CountRow as CountRow
from .table import GroupRow as GroupRow
from .table import HazardRatioRow as HazardRatioRow
from .table import Table as Table

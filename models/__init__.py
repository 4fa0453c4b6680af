"""Pseudo-individual patient data to estimates, and estimates to verdicts."""

from .analysis import EndpointAnalysis as EndpointAnalysis
from .analysis import analyse as analyse
from .comparison import Comparison as Comparison
from .comparison import Verdict as Verdict
from .comparison import compare as compare
from .cox import Cox as Cox
from .cox import cox as cox
from .ensemble import Ensemble as Ensemble
from .ensemble import ensemble as ensemble
from .kaplan_meier import KaplanMeier as KaplanMeier
from .kaplan_meier import kaplan_meier as kaplan_meier
from .landmark_check import LandmarkCheck as LandmarkCheck
from .landmark_check import check_landmarks as check_landmarks
from .logrank import LogRank as LogRank
from .logrank import logrank as logrank
from .milestone import Milestone as Milestone
from .milestone import MilestoneSurvival as MilestoneSurvival
from .milestone import milestone as milestone
from .not_estimable import NotEstimable as NotEstimable
from .proportionality import Proportionality as Proportionality
from .proportionality import proportionality as proportionality
from .reported import ReportedComparison as ReportedComparison
from .rmst import RestrictedMean as RestrictedMean
from .rmst import Rmst as Rmst
from .rmst import largest_tau as largest_tau
from .rmst import rmst as rmst

"""Parametric survival models, for extrapolation beyond the end of follow-up."""

from .averaging import ModelAverage as ModelAverage
from .averaging import average as average
from .averaging import weights as weights
from .empirical_hazard import empirical_hazard as empirical_hazard
from .fit import Estimate as Estimate
from .fit import FittedCurve as FittedCurve
from .fit import ParametricFit as ParametricFit
from .models import DISTRIBUTIONS as DISTRIBUTIONS
from .models import ParametricModels as ParametricModels
from .models import check_names as check_names
from .models import parametric as parametric
from .plausibility import crossings as crossings
from .plausibility import implausible as implausible

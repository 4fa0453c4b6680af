"""Meta-analysis of reproduced trials."""

from .meta_analysis import MetaAnalysis as MetaAnalysis
from .meta_analysis import pool_trials as pool_trials
from .one_stage import OneStage as OneStage
from .one_stage import one_stage as one_stage
from .random_effects import METHODS as METHODS
from .random_effects import Heterogeneity as Heterogeneity
from .random_effects import Method as Method
from .random_effects import PooledEffect as PooledEffect
from .random_effects import common_effect as common_effect
from .random_effects import egger as egger
from .random_effects import heterogeneity as heterogeneity
from .random_effects import random_effects as random_effects
from .synthesis import Subgroups as Subgroups
from .synthesis import Synthesis as Synthesis
from .trial import SOURCES as SOURCES
from .trial import Effect as Effect
from .trial import Source as Source
from .trial import Trial as Trial
from .trial import flipped as flipped
from .trial import reported_effect as reported_effect
from .trial import trial_of as trial_of

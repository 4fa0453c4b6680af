"""What is not reported, drawn at random and weighted by what is."""

from .arm_scenarios import ArmScenarios as ArmScenarios
from .scenarios import Scenarios as Scenarios
from .scenarios import mean_course as mean_course
from .scenarios import random_scenarios as random_scenarios
from .scenarios import weighted_scenarios as weighted_scenarios

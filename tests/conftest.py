"""What every test shares: Hypothesis tries the same inputs each time, and no test is about time."""

from hypothesis import settings

settings.register_profile("the same each time", derandomize=True, deadline=None)
settings.load_profile("the same each time")

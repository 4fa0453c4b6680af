"""Defaults that the Python functions and the commands share."""

__all__ = ["DRAWS", "SEED"]

DRAWS = 2000
SEED = 0

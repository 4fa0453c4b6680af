"""Defaults and choices that the Python functions and the commands share."""

__all__ = ["DRAWS", "FORMATS", "SEED", "STYLES"]

DRAWS = 2000
SEED = 0
FORMATS = ("svg", "pdf", "png")
STYLES = ("journal", "screen", "grey")

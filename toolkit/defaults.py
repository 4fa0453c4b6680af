"""Defaults and choices that the Python functions and the commands share."""

__all__ = [
    "CAUSE_DRAWS",
    "DRAWS",
    "FORMATS",
    "MOST_DRAWS",
    "PANEL_LETTERS",
    "P_STYLES",
    "SEED",
    "STYLES",
    "SUBGROUP_DRAWS",
]

DRAWS = 2000
MOST_DRAWS = 1_000_000  # of a command; hours of work
CAUSE_DRAWS = 400  # by cause, which takes longer
SEED = 0
FORMATS = ("svg", "pdf", "png")
SUBGROUP_DRAWS = 40  # whose patients get labels, which takes longer still
STYLES = ("journal", "screen", "grey")
P_STYLES = ("p = 0.012", "P = 0.012", "P = .012")
PANEL_LETTERS = ("(a)", "(A)", "a", "A")

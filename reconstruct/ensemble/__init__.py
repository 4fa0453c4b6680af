"""Many data sets that each meet every printed number."""

"""Estimates to drawings: Kaplan-Meier, agreement, forest, and the HTML report."""

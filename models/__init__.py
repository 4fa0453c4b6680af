"""Pseudo-individual patient data to estimates, and estimates to verdicts."""

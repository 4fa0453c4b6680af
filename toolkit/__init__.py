"""Reproduce a paper's survival analysis from the numbers that it prints."""

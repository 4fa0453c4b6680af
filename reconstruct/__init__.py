"""Printed numbers to pseudo-individual patient data."""

from .pseudo_ipd import PseudoIPD as PseudoIPD

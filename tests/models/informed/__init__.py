"""Tests of patients that meet the reported comparison, too."""

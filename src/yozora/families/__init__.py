"""Families of weights, as data without torch."""

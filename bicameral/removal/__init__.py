"""Removal: what goes by its age, and what a person has erased; all else stays as it is."""

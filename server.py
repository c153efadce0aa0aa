"""The composition root: reads the outside once, builds, registers, runs."""

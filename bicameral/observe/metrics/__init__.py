"""Metrics: what calls did and how long they took, exact over any number of processes."""

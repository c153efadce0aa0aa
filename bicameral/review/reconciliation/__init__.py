"""Reconciliation: which preflights are suspected of a miss or a false fire, and why."""

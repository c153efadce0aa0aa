"""Evaluation: data sets of known answers, run through the real preflight."""

"""Measurements, as ratios in one run: see docs/explanation/performance.md."""

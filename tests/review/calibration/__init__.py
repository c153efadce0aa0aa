"""Tests of the room `bicameral/review/calibration`."""

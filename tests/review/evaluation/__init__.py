"""Tests of the room `bicameral/review/evaluation`."""

"""Tests of the room `bicameral/review/triage`."""

"""Tests of the room `bicameral/review/reconciliation`."""

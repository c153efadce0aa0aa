"""Tests of the room `bicameral/review/promotion`."""

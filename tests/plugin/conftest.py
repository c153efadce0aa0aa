"""The person of the command's tests, with a repository of two records and some code."""

from tests.cli.conftest import environment, filled, person, read_in, reader

__all__ = ["environment", "filled", "person", "read_in", "reader"]

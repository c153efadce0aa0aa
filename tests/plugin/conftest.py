"""The person of the command's tests, with a repository of two records and some code."""

from tests.cli.conftest import environment, person, reader

__all__ = ["environment", "person", "reader"]

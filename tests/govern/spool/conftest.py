"""The server over a repository, as the handlers' tests have it."""

from tests.handlers.conftest import _connection, make_bench, repository, template

__all__ = ["_connection", "make_bench", "repository", "template"]

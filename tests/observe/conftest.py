"""Recorders in a temporary home."""

from typing import Any

import pytest

from tests.conftest import MakeEnvironment
from tests.handlers.conftest import _connection, make_bench, repository, template
from tests.observe.parts import MakeTraced, Traced

__all__ = ["_connection", "make_bench", "repository", "template"]


@pytest.fixture
def make_traced(make_environment: MakeEnvironment) -> MakeTraced:
    return lambda **options: Traced(make_environment(), **options)


@pytest.fixture
def traced(make_traced: Any) -> Traced:
    return make_traced()  # type: ignore[no-any-return]

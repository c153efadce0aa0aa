"""A home with a ledger and no rows yet."""

from collections.abc import Iterator

import pytest

from bicameral.environment import Environment
from tests.conftest import Clock
from tests.review.reconciliation.parts import Home


@pytest.fixture
def home(environment: Environment, clock: Clock) -> Iterator[Home]:
    made = Home(environment, clock)
    yield made
    made.ledger.close()

"""Every test of the ledger runs on SQLite and on a real PostgreSQL, each with fresh ledgers."""

import multiprocessing
import sys
from multiprocessing.context import ForkServerContext, SpawnContext

import pytest

from bicameral.ledger.database import Ledger
from tests.conftest import Clock
from tests.ledger.places import Places


@pytest.fixture
def ledger(places: Places, clock: Clock) -> Ledger:
    """A fresh ledger; its clock is the test's."""
    return places.open(clock=clock)


@pytest.fixture(scope="session")
def processes() -> ForkServerContext | SpawnContext:
    """How tests start real processes: forked from one that has imported the parts already."""
    if sys.platform == "win32":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.ledger.workers"])
    return context

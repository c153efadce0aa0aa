"""What the tests of this room share: listings made once, a journal, a server, an era."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bicameral.serving.snapshot import write_listings
from tests.serving.inprocess import Mode, Server
from tests.serving.sample_tables import make_tables
from tests.serving.talk import Talk


@pytest.fixture(scope="session")
def listings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("listings") / "listings.json"
    write_listings(path, make_tables())
    return path


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """Where the sample server writes what happens in it."""
    return tmp_path / "journal"


@pytest.fixture
def server(journal: Path) -> Server:
    return Server(journal)


@pytest.fixture(params=["legacy", "auto"])
def mode(request: pytest.FixtureRequest) -> Mode:
    chosen: Mode = request.param
    return chosen


@pytest.fixture
def hold(tmp_path: Path) -> Path:
    """A FIFO that keeps the tables of a server from loading until it is opened."""
    path = tmp_path / "hold"
    os.mkfifo(path)
    return path


@pytest.fixture
def held(listings: Path, hold: Path, journal: Path) -> Iterator[Talk]:
    """A server with its front, whose SDK is not ready before `release`."""
    with Talk("--listings", str(listings), "--hold", str(hold), "--journal", str(journal)) as talk:
        yield talk


@pytest.fixture
def talk(listings: Path, journal: Path) -> Iterator[Talk]:
    """A server that is free to start, with its front."""
    with Talk("--listings", str(listings), "--journal", str(journal)) as talk:
        yield talk


@pytest.fixture(params=["front", "sdk"])
def either(request: pytest.FixtureRequest, listings: Path, journal: Path) -> Iterator[Talk]:
    """A server that is free to start, with its front and without."""
    front = ["--listings", str(listings)] if request.param == "front" else []
    with Talk(*front, "--journal", str(journal)) as talk:
        yield talk

"""A repository with some code, and the server over it."""

import gc
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import MakeEnvironment, Repository
from tests.handlers.bench import Bench
from tests.handlers.connection import CONNECTION

CODE = {
    "src/payments.py": (
        "def charge_card(amount, key):\n    return gateway.post(amount, key=key)\n\n\n"
        "def refund(amount):\n    return gateway.post(-amount)\n"
    ),
    "src/search.py": "def rank(results):\n    return sorted(results)\n",
}

MakeBench = Callable[..., Bench]


@pytest.fixture(scope="session", autouse=True)
def _connection() -> Iterator[None]:
    gc.freeze()  # as the server does: nothing that was imported is garbage
    yield
    CONNECTION.close()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository to copy: a copy costs less than the processes that made it."""
    made = Repository(tmp_path_factory.mktemp("template") / "repository")
    made.commit("code", **CODE)
    made.git("gc", "--quiet")  # fewer files to copy
    return made.root


@pytest.fixture
def repository(template: Path, tmp_path: Path) -> Repository:
    shutil.copytree(template, tmp_path / "repository")
    copied = Repository.__new__(Repository)
    copied.root = tmp_path / "repository"
    return copied


@pytest.fixture
def make_bench(make_environment: MakeEnvironment, repository: Repository) -> MakeBench:
    """Build the server; capture is on unless `variables` say otherwise."""

    def make(mode: str = "legacy", person: object = None, **variables: str) -> Bench:
        settings = {"BICAMERAL_TELEMETRY": "preflight", **variables}
        environment = make_environment(variables=settings, cwd=repository.root)
        return Bench(environment, repository, mode=mode, person=person)  # type: ignore[arg-type]

    return make


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    return make_bench()

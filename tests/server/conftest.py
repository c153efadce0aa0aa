"""A repository with code and records, a home that does not exist yet, and servers over them."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Repository
from tests.server.served import Served, variables_for

CODE = {
    "src/payments.py": (
        "def charge_card(amount, key):\n    return gateway.post(amount, key=key)\n\n\n"
        "def refund(amount):\n    return gateway.post(-amount)\n"
    ),
    "docs/adr/0001-keys.md": (
        "# 1. Idempotency keys on card charges\n\n## Status\n\nAccepted\n\n"
        "## Decision\n\nEvery card charge carries an idempotency key.\n"
    ),
}

Serve = Callable[..., Served]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def project(make_repository: Callable[[], Repository]) -> Repository:
    made = make_repository()
    made.commit("code", **CODE)
    return made


@pytest.fixture
def serve(home: Path, project: Repository) -> Iterator[Serve]:
    """Start a server; capture is on unless the variables say otherwise."""
    with ExitStack() as stack:

        def start(*options: str, cwd: Path | None = None, **variables: str) -> Served:
            settings: dict[str, Any] = {"BICAMERAL_TELEMETRY": "preflight", **variables}
            served = Served(cwd or project.root, variables_for(home, **settings), *options)
            return stack.enter_context(served)

        yield start

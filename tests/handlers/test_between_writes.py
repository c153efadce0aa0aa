"""What a running server keeps of the ledger is of one revision: others write, and it sees it."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.handlers.bench import Bench
from tests.handlers.conftest import MakeBench
from tests.ledger.places import Places

ASKED = {"file_paths": ["src/search.py"]}


@pytest.fixture
def shared(make_bench: MakeBench, places: Places) -> Iterator[Bench]:
    """A server whose ledger is in a file, and one whose ledger is in PostgreSQL."""
    _, url = places.new_place()
    made = make_bench(**({"BICAMERAL_LEDGER_URL": url} if url else {}))
    yield made
    made.services.ledger.close()


def test_what_another_process_writes_is_in_the_next_answer(shared: Bench) -> None:
    """Each preflight before a write fills whatever is kept between two of them."""
    decision = shared.decide("Results keep their order")
    shared.call("preflight", topic="Rank the newest first", **ASKED)
    assert shared.call("preflight", topic="Rank the oldest first", **ASKED)["fired"] is False

    elsewhere(shared, "bind", decision.id, "src/search.py::rank")
    [bound] = shared.call("preflight", topic="Rank the longest first", **ASKED)["decisions"]
    assert (bound["id"], bound["via"]) == (decision.id, "binding")

    elsewhere(shared, "update", decision.id, "amend", "--title", "Results are sorted by name")
    [amended] = shared.call("preflight", topic="Rank the shortest first", **ASKED)["decisions"]
    assert amended["title"] == "Results are sorted by name"

    elsewhere(shared, "update", decision.id, "retire")
    assert shared.call("preflight", topic="Rank the best first", **ASKED)["fired"] is False


def test_code_that_was_committed_since_is_looked_at(shared: Bench) -> None:
    """HEAD moves without a word to the ledger."""
    decision = shared.decide("Results keep their order")
    bound = shared.bind(decision, "src/search.py::rank")
    shared.judge(bound, "compliant")
    for topic in ("Rank the newest first", "Rank the oldest first"):
        assert "drifted" not in str(shared.call("preflight", topic=topic, **ASKED))

    code = {"src/search.py": "def rank(results):\n    return results\n"}
    shared.repository.commit("unsorted", **code)
    [moved] = shared.call("preflight", topic="Rank the longest first", **ASKED)["decisions"]
    assert moved["drifted"] is True


def elsewhere(bench: Bench, *words: str) -> None:
    """Run a command in a process of its own, on the same home and ledger."""
    variables = {
        **bench.environment.variables,
        "PATH": os.environ["PATH"],
        "BICAMERAL_HOME": str(bench.environment.home),
    }
    command = [sys.executable, "-m", "server", *words, "--repo", str(bench.repository.root)]
    subprocess.run(command, env=variables, check=True, capture_output=True)

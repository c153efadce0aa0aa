"""Tracing through the real server: a tree for each call, and a pipe with nothing but protocol."""

import sys
from pathlib import Path
from typing import Any

from bicameral.observe.reading import Tree, read_trees
from bicameral.observe.span_row import TRACE_FILE
from tests.conftest import Repository
from tests.server.served import Served, names, rows, variables_for

CODE = "def charge_card(amount, key):\n    return send(amount, key)\n"


def trees(home: Path) -> list[Tree]:
    read = read_trees(home / TRACE_FILE, wanted=lambda tree: True, most=None)
    assert read.skipped == 0
    return read.trees


def a_session(client: Served) -> dict[str, Any]:
    """Ask before a change, bind what was decided, and bring the commit in."""
    [decided] = client.call(
        "ingest", decisions=[{"title": "Send an idempotency key", "source_ref": "notes"}]
    )["decisions"]
    asked = client.call("preflight", topic="send an idempotency key", file_paths=["src/pay.py"])
    threaded = {"preflight_id": asked["preflight_id"]}
    entry = {"decision_id": decided["decision_id"], "selector": "src/pay.py::charge_card"}
    client.call("bind", bindings=[entry], **threaded)
    client.call("link_commit", **threaded)
    client.refuse("preflight", topic="x", file_paths=["../outside"])
    return asked


def test_each_call_over_stdio_is_one_tree_with_its_parts(
    repository: Repository, tmp_path: Path
) -> None:
    """Roots are calls, and the ledger, git, the parser and capture stand below them."""
    repository.commit("code", **{"src/pay.py": CODE})
    home = tmp_path / "traced"
    variables = variables_for(home, BICAMERAL_TRACE="1", BICAMERAL_TELEMETRY="preflight")
    with Served(repository.root, variables) as client:
        asked = a_session(client)  # every line on stdout is checked to be protocol
        assert client.hang_up() == 0

    found = trees(home)
    assert [tree.row.operation for tree in found] == [
        f"tool.bicameral.{name}"
        for name in ("ingest", "preflight", "bind", "link_commit", "preflight")
    ]
    ingest, preflight, bind, link_commit, refused = found
    layers = {row.layer for tree in found for row in tree.walk()}
    assert layers == {"tool", "preflight", "intake", "grounding", "ledger", "capture"}
    for tree in (preflight, bind, link_commit):
        assert tree.row.metadata["preflight_id"] == asked["preflight_id"]
    operations = [row.operation for row in preflight.walk()]
    assert {"decide", "gate", "catch_up", "read", "select", "append"} <= set(operations)
    assert "parse" in [row.operation for row in bind.walk()]
    assert "git" in [row.operation for row in link_commit.walk()]
    assert "write" in [row.operation for row in ingest.walk()]
    assert refused.row.status == "blocked"
    assert refused.row.metadata["error.type"] == "PathOutsideRepository"
    assert (home / TRACE_FILE).stat().st_mode & 0o777 == 0o600


def test_the_option_says_each_span_on_stderr_as_well(
    repository: Repository, tmp_path: Path
) -> None:
    """Live, for whoever watches the server; stdout stays the protocol's."""
    home = tmp_path / "live"
    with Served(repository.root, variables_for(home, BICAMERAL_TRACE="0"), "--trace") as client:
        client.call("search", query="charge")
        assert client.hang_up() == 0
        said = client.stderr()
    assert "[too] tool.bicameral.search: mcp query:6 chars" in said
    assert "  [led] read: sqlite" in said
    assert len(trees(home)) == 1


def test_the_variable_and_the_file_say_nothing_on_stderr(
    repository: Repository, tmp_path: Path
) -> None:
    """A client shows stderr to its person, who asked for a file."""
    home = tmp_path / "quiet"
    home.mkdir(mode=0o700)
    (home / "config.toml").write_text("[tracing]\nenabled = true\n", encoding="utf-8")
    with Served(repository.root, variables_for(home)) as client:
        client.call("search", query="charge")
        assert client.hang_up() == 0
        assert client.stderr() == ""
    assert len(trees(home)) == 1
    with Served(repository.root, variables_for(home), "--no-trace") as client:
        client.call("search", query="charge")
    assert len(trees(home)) == 1


def test_a_trace_that_cannot_be_written_fails_no_call(
    repository: Repository, tmp_path: Path
) -> None:
    """A folder stands where the file should: it is said once, and calls are answered."""
    home = tmp_path / "blocked"
    (home / TRACE_FILE).mkdir(parents=True)
    with Served(repository.root, variables_for(home, BICAMERAL_TRACE="1")) as client:
        for _ in range(3):
            client.call("search", query="charge")
        assert client.hang_up() == 0
        said = client.stderr()
    assert said.count("the trace is not being written") == 1


def test_a_server_that_is_killed_leaves_every_call_it_answered(
    repository: Repository, tmp_path: Path
) -> None:
    """Clients kill servers without notice, so nothing is left for the end."""
    home = tmp_path / "killed"
    with Served(repository.root, variables_for(home, BICAMERAL_TRACE="1")) as client:
        for _ in range(5):
            client.call("search", query="charge")
        client.kill()
    assert len(rows(home, TRACE_FILE)) >= 10
    assert len(trees(home)) == 5


def test_switched_off_nothing_is_written_and_nothing_is_loaded(
    repository: Repository, tmp_path: Path
) -> None:
    """Neither the recorder nor OpenTelemetry's SDK, also where an endpoint is set."""
    home = tmp_path / "off"
    script = (
        "import sys, atexit, os, server\n"
        "end = os._exit\n"
        "def tell(status):\n"
        "    loaded = [each for each in ('bicameral.observe.recorder', 'opentelemetry.sdk')"
        " if each in sys.modules]\n"
        "    sys.stderr.write(f'loaded: {loaded}\\n')\n"
        "    sys.stderr.flush()\n"
        "    end(status)\n"
        "os._exit = tell\n"
        "server.main(['serve'])\n"
    )
    variables = variables_for(home, OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9")
    command = (sys.executable, "-c", script)
    variables["PYTHONPATH"] = str(Path(__file__).parents[2])
    with Served(repository.root, variables, command=command) as client:
        client.call("search", query="charge")
        assert client.hang_up() == 0
        assert "loaded: []" in client.stderr()
    assert names(home) == set()

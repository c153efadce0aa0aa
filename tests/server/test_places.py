"""Which repository is served: the client's project, a subfolder of it, or none."""

from pathlib import Path
from typing import Any

from tests.conftest import Repository
from tests.server.conftest import Serve
from tests.server.served import ENGAGEMENTS, names, rows


def test_the_clients_project_is_served_from_wherever_it_was_started(
    serve: Serve, project: Repository, tmp_path: Path
) -> None:
    """Claude Code says where the project is; a subfolder of it will do."""
    with serve(cwd=tmp_path, CLAUDE_PROJECT_DIR=str(project.root)) as served:
        [stored] = served.call("ingest", paths=["docs/adr"])["decisions"]
    with serve(cwd=project.root / "src") as served:
        entry = {"decision_id": stored["decision_id"], "selector": "src/payments.py::charge_card"}
        [bound] = served.call("bind", bindings=[entry])["bindings"]
        assert bound["path"] == "src/payments.py"
        for path in ("payments.py", "src/payments.py", str(project.root / "src/payments.py")):
            answer = served.call("preflight", topic=f"Log {path}", file_paths=[path])
            assert answer["fired"] is True, path


def test_outside_a_repository_every_tool_says_what_to_do(
    serve: Serve, home: Path, tmp_path: Path
) -> None:
    """Decisions belong to a repository, what is captured does not; and the advice works."""
    outside = tmp_path / "outside"
    outside.mkdir()
    with serve(cwd=outside) as served:
        calls: dict[str, dict[str, Any]] = {
            "preflight": {"topic": "Retry payments", "file_paths": ["a.py"]},
            "search": {"query": "payments"},
            "history": {},
            "link_commit": {},
            "ingest": {"decisions": [{"title": "Keys on charges"}]},
        }
        for tool, arguments in calls.items():
            refused = served.refuse(tool, **arguments)
            assert refused["error"] == "not_a_repository", tool
            assert "git init" in refused["next_step"]
        [bound] = served.call("bind", bindings=[{"decision_id": "d", "selector": "a.py"}])[
            "bindings"
        ]
        assert bound["failure"]["error"] == "not_found"
        assert served.refuse("history", decision_id="d")["error"] == "not_a_repository"
        assert served.call("telemetry")["preflight_capture"] is True
        assert "ledger.sqlite3" not in names(home)

        Repository(outside)
        assert served.call("preflight", topic="Start")["fired"] is False
        assert served.call("ingest", decisions=[{"title": "Keys on charges"}])["added"] == 1
        assert served.call("search", query="keys")["total"] == 1
    assert [row["tool"] for row in rows(home, ENGAGEMENTS)] == ["bicameral.ingest"]

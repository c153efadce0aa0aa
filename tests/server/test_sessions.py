"""Sessions: whose id stands in the rows, and that each is seen to end (PT-15)."""

import os
import signal
import time
from pathlib import Path

from tests.server.conftest import Serve
from tests.server.served import EVENTS, names, rows
from tests.serving.talk import BOUND_SECONDS


def ends(home: Path) -> dict[str, tuple[str, str]]:
    """Return how and when each session ended."""
    return {
        row["session_id"]: (row["reason"], row["ended_at"])
        for row in rows(home, EVENTS, "session_ended")
    }


def test_however_a_server_ends_its_session_is_seen_to_end(serve: Serve, home: Path) -> None:
    """EOF, SIGTERM and kill -9: at once, or when the next server starts."""
    ways = ("eof", "sigterm", "kill")
    servers = {way: serve(CLAUDE_CODE_SESSION_ID=way) for way in ways}
    for way, served in servers.items():
        served.call("preflight", topic=f"Retry payments by {way}")
    assert ends(home) == {}

    assert servers["eof"].hang_up() == 0
    servers["sigterm"].process.send_signal(signal.SIGTERM)
    assert servers["sigterm"].wait() == 0
    servers["kill"].kill()
    assert {way: how for way, (how, _) in ends(home).items()} == dict.fromkeys(ways[:2], "closed")

    with serve(CLAUDE_CODE_SESSION_ID="next") as following:
        following.call("telemetry")
        [last] = [r["ts"] for r in rows(home, EVENTS, "preflight") if r["session_id"] == "kill"]
        assert ends(home)["kill"] == ("abandoned", last)
        assert "next" not in ends(home)
    assert following.wait() == 0
    assert ends(home).keys() == {*ways, "next"}
    assert {name for name in names(home) if name.endswith(".open")} == set()
    assert all(served.stderr() == "" for served in servers.values())


def test_a_session_that_another_server_still_serves_goes_on(serve: Serve, home: Path) -> None:
    """A client restarts its server in the middle of a session."""
    first = serve(CLAUDE_CODE_SESSION_ID="shared")
    first.call("preflight", topic="Retry payments")
    second = serve(CLAUDE_CODE_SESSION_ID="shared")
    second.call("preflight", topic="Retry payments")
    first.kill()
    third = serve(CLAUDE_CODE_SESSION_ID="third")
    third.call("telemetry")
    assert ends(home) == {}

    assert second.hang_up() == 0
    assert ends(home).keys() == {"shared"}
    assert third.hang_up() == 0


def test_the_session_is_the_one_the_person_would_name(serve: Serve, home: Path) -> None:
    """Explicit argument, then the request's own, then the environment's; else one is minted."""
    codex = {"x-codex-turn-metadata": {"session_id": "codex"}, "sessionId": "thread"}
    with serve(CLAUDE_CODE_SESSION_ID="claude") as served:
        served.call("preflight", meta=codex, topic="one", session_id="explicit")
        served.call("preflight", meta=codex, topic="two")
        served.call("preflight", meta={"sessionId": "thread"}, topic="three")
        served.call("preflight", topic="four")
        assert served.call("telemetry")["session_id"] == "claude"
        assert served.hang_up() == 0
    named = ["explicit", "codex", "thread", "claude"]
    assert [row["session_id"] for row in rows(home, EVENTS, "preflight")] == named
    for kind in ("session_started", "session_ended"):
        assert [row["session_id"] for row in rows(home, EVENTS, kind)] == named


def test_garbage_and_half_a_line_do_not_cost_the_session(serve: Serve, home: Path) -> None:
    """The talk goes on after nonsense; a client that stops in the middle of a line is gone."""
    with serve(CLAUDE_CODE_SESSION_ID="garbled") as served:
        served.call("preflight", topic="Retry payments")
        for line in (b"garbage", b"\xff\xfe\x00", b"[1,2", b'{"jsonrpc":"2.0","id":7}', b"{}"):
            served.send(line)
        assert served.call("preflight", topic="Log payments")["fired"] is False
        descriptor = served.process.stdin.fileno() if served.process.stdin else -1
        os.write(descriptor, b'{"jsonrpc":"2.0","id":99,"method":"tools/ca')
        assert served.hang_up() == 0
        assert all(line["jsonrpc"] == "2.0" for line in served.rest())
        assert "Traceback" not in served.stderr()
    assert len(rows(home, EVENTS, "preflight")) == 2
    assert ends(home)["garbled"][0] == "closed"


def test_a_client_that_only_looks_starts_nothing(serve: Serve, home: Path) -> None:
    """Clients start every server to list its tools; most of them never call one."""
    with serve() as served:
        assert served.hang_up() == 0
        assert served.process.wait(BOUND_SECONDS) == 0
    assert not home.exists()


def test_the_first_call_of_the_next_server_reconciles_what_a_session_left(
    serve: Serve, home: Path
) -> None:
    """The end of a server starts nothing, for clients kill it; only a client's hook would."""
    with serve(CLAUDE_CODE_SESSION_ID="first") as served:
        served.call("preflight", topic="Retry payments")
        assert served.hang_up() == 0
    review = home / "failure_review.jsonl"
    assert not review.exists()
    with serve(CLAUDE_CODE_SESSION_ID="next") as following:
        following.call("telemetry")
        deadline = time.monotonic() + BOUND_SECONDS
        while not rows(home, review.name):
            assert time.monotonic() < deadline, "nothing was reconciled"
            os.sched_yield()
    assert [row["session_id"] for row in rows(home, review.name)] == ["first"]

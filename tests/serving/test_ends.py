"""However a session ends, its end is told first, and the process ends cleanly and at once."""

import json
import os
import select
import shlex
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.serving.talk import (
    BOUND_SECONDS,
    INITIALIZED,
    ROOT,
    Talk,
    call,
    initialize,
    lines_of,
    request,
    wait_until_begun,
)


@pytest.mark.parametrize(
    "said", [b"", b"\n", b'{"jsonrpc"', json.dumps(initialize()).encode(), b"\xff\xfe"]
)
def test_a_client_that_hangs_up_at_any_point_is_a_clean_end(held: Talk, said: bytes) -> None:
    """The SDK is not there yet, and need not be."""
    assert held.process.stdin
    held.process.stdin.write(said)
    assert held.hang_up() == 0
    assert "Traceback" not in held.stderr()


def test_what_was_asked_before_the_end_is_answered(either: Talk, journal: Path) -> None:
    """`printf ... | bicameral-mcp serve` works, and the end is told once."""
    either.send(initialize(0), INITIALIZED, *(call(n, "echo", topic="a") for n in range(1, 6)))
    assert either.hang_up() == 0
    assert sorted(answer["id"] for answer in either.rest()) == [0, 1, 2, 3, 4, 5]
    started, ended = lines_of(journal)
    assert started.startswith("start process-")
    assert ended == "end"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_tells_the_end_and_ends_at_once(
    talk: Talk, journal: Path, hold: Path, number: signal.Signals
) -> None:
    """A call is running; clients send a second signal 100 ms later."""
    talk.ask(initialize(0))
    talk.send(INITIALIZED, call(1, "wait", release=str(hold)))
    wait_until_begun(talk, journal)
    talk.process.send_signal(number)
    assert talk.wait() == 0
    assert lines_of(journal)[-1] == "end"
    assert "Traceback" not in talk.stderr()


def test_a_signal_during_the_import_ends_at_once(held: Talk, journal: Path) -> None:
    """The session had begun, so its end is told."""
    held.ask(initialize(0))
    held.ask(request(1, "ping"))
    held.process.send_signal(signal.SIGTERM)
    assert held.wait() == 0
    assert lines_of(journal)[-1] == "end"


@pytest.mark.skipif(sys.platform != "linux", reason="only here a signal can be sent to a thread")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_that_wakes_another_thread_ends_at_once(
    talk: Talk, number: signal.Signals
) -> None:
    """The system may choose any thread, and the one that reads sleeps on."""
    talk.ask(initialize(0))
    talk.ask(call(1, "echo", topic="a"))
    tasks = Path(f"/proc/{talk.process.pid}/task")
    others = {int(task.name) for task in tasks.iterdir()} - {talk.process.pid}
    os.kill(min(others), number)
    assert talk.wait() == 0


def test_a_session_without_a_request_has_no_end(held: Talk, journal: Path) -> None:
    """A row for the end of what never began would be a riddle."""
    assert held.hang_up() == 0
    assert lines_of(journal) == []


def test_a_client_that_stops_listening_is_a_clean_end(journal: Path) -> None:
    """Its pipe is broken; there is nobody to go on for."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.serving.sample", "--journal", str(journal)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with process:
        assert process.stdin
        assert process.stdout
        process.stdout.close()
        process.stdin.write(json.dumps(initialize(0)).encode() + b"\n")
        process.stdin.flush()
        assert process.wait(BOUND_SECONDS) == 0
    assert lines_of(journal)[-1] == "end"


def test_a_client_that_breaks_the_connection_is_a_clean_end(journal: Path) -> None:
    """Some clients hand over a socket; closed with something unread, it breaks."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.serving.sample", "--journal", str(journal)],
            cwd=ROOT,
            stdin=theirs.fileno(),
            stdout=theirs.fileno(),
        )
        ours.sendall(json.dumps(initialize(0)).encode() + b"\n")
        assert select.select([ours], [], [], BOUND_SECONDS)[0]
    assert process.wait(BOUND_SECONDS) == 0
    assert lines_of(journal)[-1] == "end"


def test_a_server_without_stderr_keeps_its_pipe_clean(journal: Path) -> None:
    """A duplicate of the client's pipe must not take the free place of descriptor 2."""
    command = shlex.join([sys.executable, "-m", "tests.serving.sample", "--journal", str(journal)])
    said = [initialize(0), INITIALIZED, call(1, "shout")]
    done = subprocess.run(
        ["sh", "-c", f"exec {command} 2>&-"],
        cwd=ROOT,
        check=True,
        input=b"".join(json.dumps(message).encode() + b"\n" for message in said),
        stdout=subprocess.PIPE,
    )
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == [0, 1]


def test_the_session_is_told_by_the_first_request(listings: Path, journal: Path) -> None:
    """Claude Code says it in the environment, Codex in the request."""
    variables = {"CLAUDE_CODE_SESSION_ID": "claude"}
    for front in (["--listings", str(listings)], []):
        with Talk(*front, "--journal", str(journal), variables=variables) as talk:
            talk.send(initialize(0), request(1, "ping"))
            assert talk.hang_up() == 0
    with Talk("--journal", str(journal)) as talk:
        talk.send(request(0, "tools/list", _meta={"sessionId": "codex"}))
        assert talk.hang_up() == 0
    starts = [line for line in lines_of(journal) if line != "end"]
    assert starts == ["start claude raw", "start claude raw", "start codex None"]


@pytest.mark.parametrize(
    ("fault", "said"),
    [("crash", "ZeroDivisionError"), ("refusal", "upgrade bicameral")],
)
def test_tables_that_cannot_be_loaded_fail_visibly(
    listings: Path, journal: Path, fault: str, said: str
) -> None:
    """Who waits is told, the person finds the details on stderr, and the status says so."""
    with Talk("--listings", str(listings), "--journal", str(journal), "--fail", fault) as talk:
        talk.send(initialize(0), call(1, "echo", topic="a"))
        assert talk.wait() == 1
        answers = {answer["id"]: answer for answer in talk.rest()}
        assert said in answers[1]["error"]["message"]
        assert "private" not in answers[1]["error"]["message"]
        assert "Traceback" in talk.stderr()
    assert lines_of(journal)[-1] == "end"


def test_an_idle_server_loads_no_tables(listings: Path) -> None:
    """Every client has idle servers: these tables would end the process if they were loaded."""
    with Talk("--listings", str(listings), "--fail", "crash") as talk:
        talk.ask(initialize(0))
        talk.send(INITIALIZED)
        assert "result" in talk.ask(request(1, "tools/list"))
        assert talk.hang_up() == 0
        assert talk.stderr() == ""

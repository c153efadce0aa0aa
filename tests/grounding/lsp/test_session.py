"""Conversations with a scripted server: every order of messages, and every way to fail."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from bicameral.environment import read_environment
from bicameral.grounding.lsp.framing import MOST_BODY_BYTES
from bicameral.grounding.lsp.session import MOST_UNSENT, News, NoAnswer, Session
from tests.grounding.lsp.parts import BOUND_SECONDS, DEFINITION, HANDSHAKE, Script, has_ended

DIAGNOSTICS = {
    "method": "textDocument/publishDiagnostics",
    "params": {"uri": "file:///a.py", "diagnostics": [{"message": "x"}, {"message": "y"}]},
}
ANSWERED = [*HANDSHAKE, ["expect", DEFINITION], ["result", []]]
SHORT_SECONDS = 0.3

Start = Callable[[Sequence[Sequence[Any]]], tuple[Session, Script]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a conversation with a scripted server."""
    opened: list[Session] = []

    def begin(steps: Sequence[Sequence[Any]]) -> tuple[Session, Script]:
        script = Script(tmp_path / f"script{len(opened)}", steps)
        opened.append(session_of(script.command, tmp_path))
        return opened[-1], script

    yield begin
    for each in opened:
        each.give_up("the test is over")


def session_of(command: Sequence[str], root: Path) -> Session:
    variables = dict(read_environment().variables)
    return Session(command, root, variables, process_id=os.getpid())


def define(session: Session, seconds: float = BOUND_SECONDS) -> Any:
    session.wait_until_initialized(BOUND_SECONDS)
    return session.ask(DEFINITION, {"position": 1}, seconds)


def failure(session: Session, seconds: float = BOUND_SECONDS) -> NoAnswer:
    with pytest.raises(NoAnswer) as caught:
        define(session, seconds)
    return caught.value


def names(session: Session) -> list[str]:
    return [each.name for each in session.news()]


def test_a_question_is_answered_after_the_handshake(start: Start) -> None:
    """`initialize`, `initialized`, and only then anything else, as the protocol has it."""
    session, script = start(ANSWERED)

    assert define(session) == []
    methods = [each["method"] for each in script.received()]
    assert methods == ["initialize", "initialized", DEFINITION]
    [asked] = script.received("initialize")
    assert asked["params"]["processId"] == os.getpid()
    assert asked["params"]["rootUri"].startswith("file:///")


@pytest.mark.parametrize(
    ("steps", "via"),
    [
        (ANSWERED, "request"),
        ([*HANDSHAKE, ["send", DIAGNOSTICS], *ANSWERED[3:]], "diagnostics"),
        # Diagnostics before the handshake say nothing of a server that is not there yet.
        ([["send", DIAGNOSTICS], *ANSWERED], "request"),
        ([["send", DIAGNOSTICS], *HANDSHAKE, ["send", DIAGNOSTICS], *ANSWERED[3:]], "diagnostics"),
        ([*ANSWERED, ["send", DIAGNOSTICS]], "request"),
    ],
)
def test_a_server_is_ready_by_what_comes_first_after_the_handshake(
    start: Start, steps: Sequence[Sequence[Any]], via: str
) -> None:
    """Ready is: initialised, and diagnostics published or a request answered."""
    session, _ = start(steps)

    define(session)

    assert session.ready_via == via
    assert News("ready", {"ready_via": via}) in session.news()


def test_a_refused_question_makes_no_server_ready(start: Start) -> None:
    """It may refuse because it is still loading."""
    session, _ = start([*HANDSHAKE, ["expect", DEFINITION], ["error", -32801]])

    assert failure(session).reason == f"refused `{DEFINITION}`"
    assert session.ready_via == ""
    assert session.gone == ""


def test_diagnostics_are_counted_and_not_read(start: Start) -> None:
    """Their texts are about people's code."""
    odd = {"method": "textDocument/publishDiagnostics", "params": {"diagnostics": "x"}}
    session, _ = start([*HANDSHAKE, ["send", DIAGNOSTICS], ["send", odd], *ANSWERED[3:]])

    define(session)

    told = [each.facts for each in session.news() if each.name == "diagnostics"]
    assert told == [{"diag_count": 2}, {"diag_count": 0}]


def test_answers_that_nobody_waits_for_are_passed_over(start: Start) -> None:
    """Late, doubled, foreign: each question gets its own answer."""
    stray = [["send", {"id": number, "result": "stray"}] for number in (99, "1", None, 0)]
    session, _ = start([*ANSWERED[:-1], *stray, ["result", "mine"], ["result", "doubled"]])

    assert define(session) == "mine"


def test_answers_find_their_questions_in_any_order(start: Start) -> None:
    """A server may answer the second question first."""
    session, _ = start(
        [
            *HANDSHAKE,
            ["expect", DEFINITION],
            ["expect", DEFINITION],
            ["send", {"id": 2, "result": "two"}],
            ["send", {"id": 1, "result": "one"}],
        ]
    )

    assert failure(session, SHORT_SECONDS).late_for == DEFINITION
    assert session.ask(DEFINITION, {}, BOUND_SECONDS) == "two"


@pytest.mark.parametrize(
    ("method", "parameters", "answer"),
    [
        ("workspace/configuration", {"items": [{}, {}]}, {"result": [None, None]}),
        ("workspace/configuration", None, {"result": []}),
        ("client/registerCapability", {"registrations": []}, {"result": None}),
        ("window/workDoneProgress/create", {"token": 1}, {"result": None}),
        ("window/showMessageRequest", {"message": "Reload?"}, {"result": None}),
        ("workspace/applyEdit", {"edit": {}}, {"result": {"applied": False}}),
        ("window/showDocument", {"uri": "x"}, {"result": {"success": False}}),
        ("custom/method", {}, {"error": {"code": -32601, "message": "not supported"}}),
    ],
)
def test_what_a_server_asks_is_answered(
    start: Start, method: str, parameters: object, answer: dict[str, Any]
) -> None:
    """A server that waits for an answer would never answer itself; nothing is granted."""
    session, script = start([*HANDSHAKE, ["ask", method, parameters], *ANSWERED[3:]])

    assert define(session) == []
    [reply] = [each for each in script.received() if each.get("id") == "server-1"]
    assert {name: reply[name] for name in answer} == answer


def test_the_folders_of_the_workspace_are_told_when_asked(start: Start, tmp_path: Path) -> None:
    """Some servers ask instead of reading what `initialize` said."""
    session, script = start(
        [*HANDSHAKE, ["ask", "workspace/workspaceFolders", None], *ANSWERED[3:]]
    )

    define(session)

    [reply] = [each for each in script.received() if each.get("id") == "server-1"]
    assert reply["result"] == [{"uri": tmp_path.as_uri(), "name": tmp_path.name}]


def test_silence_before_the_handshake_is_late_for_it(start: Start) -> None:
    """The time is up; what is missing is said."""
    session, _ = start([["expect", "initialize"]])

    with pytest.raises(NoAnswer) as caught:
        session.wait_until_initialized(SHORT_SECONDS)

    assert caught.value.late_for == "initialize"


def test_silence_after_the_handshake_is_late_for_the_question_which_is_taken_back(
    start: Start,
) -> None:
    """A server need not work on for nobody."""
    session, script = start([*HANDSHAKE, ["expect", "$/cancelRequest"], ["exit"]])

    assert failure(session, SHORT_SECONDS).late_for == DEFINITION
    assert has_ended(script.process_id)
    [cancelled] = script.received("$/cancelRequest")
    assert cancelled["params"] == {"id": 1}


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        ([["exit"]], "ended by itself"),
        ([["expect", "initialize"], ["exit"]], "ended by itself"),
        ([*HANDSHAKE, ["exit"]], "ended by itself"),
        ([*ANSWERED[:-1], ["exit"]], "ended by itself"),
        ([["raw", "Segmentation fault\n"]], "wrote something that is no header"),
        ([*ANSWERED[:-1], ["raw", "Content-Length: 5\r\n\r\n{}"], ["exit"]], "middle of a message"),
        ([*ANSWERED[:-1], ["raw", "Content-Length: 1\r\n\r\n{}"]], "not JSON"),
        ([*ANSWERED[:-1], ["raw", f"Content-Length: {MOST_BODY_BYTES + 1}\r\n\r\n"]], "larger"),
        ([["expect", "initialize"], ["error", -32603]], "refused `initialize`"),
        ([["expect", "initialize"], ["result", {"capabilities": 1}]], "refused `initialize`"),
        (
            [["expect", "initialize"], ["result", {"capabilities": {"positionEncoding": "x"}}]],
            "not offered",
        ),
    ],
)
def test_a_server_that_fails_is_gone_with_the_reason(
    start: Start, steps: Sequence[Sequence[Any]], reason: str
) -> None:
    """Nobody waits for it any longer, now or later, and its process has ended."""
    session, script = start(steps)

    assert reason in failure(session).reason
    assert reason in session.gone
    assert reason in failure(session).reason
    assert has_ended(script.process_id)


def test_a_length_that_is_too_long_is_waited_for_no_longer_than_the_limit(start: Start) -> None:
    """Whoever announces more than they write may keep us waiting, but not for long."""
    session, _ = start([*ANSWERED[:-1], ["raw", "Content-Length: 99\r\n\r\n{}"]])

    assert failure(session, SHORT_SECONDS).late_for == DEFINITION


def test_a_server_that_reads_nothing_is_given_up_and_holds_up_nobody(start: Start) -> None:
    """A full pipe blocks whoever writes; that is a thread of its own."""
    session, script = start([*HANDSHAKE, ["deaf"]])
    session.wait_until_initialized(BOUND_SECONDS)

    for _ in range(MOST_UNSENT + 200):
        session.tell("textDocument/didOpen", {"text": "x" * 4_000})

    assert session.gone == "does not read what it is sent"
    assert has_ended(script.process_id)


def test_a_server_that_only_asks_is_given_up(start: Start) -> None:
    """It fills its own pipe with our answers, and reads none."""
    session, script = start([*HANDSHAKE, ["flood", 40_000], ["deaf"]])

    assert "does not read" in failure(session).reason
    assert has_ended(script.process_id)


def test_a_program_that_cannot_be_started_is_gone(tmp_path: Path) -> None:
    """Not every file that may be run can be."""
    broken = tmp_path / "broken"
    broken.write_bytes(b"\x7fELF")
    broken.chmod(0o700)

    session = session_of([str(broken)], tmp_path)

    assert failure(session).reason == session.gone != ""


def test_closing_says_farewell(start: Start) -> None:
    """A server may have something to put away."""
    session, script = start(
        [*HANDSHAKE, ["expect", "shutdown"], ["result", None], ["expect", "exit"], ["exit"]]
    )
    session.wait_until_initialized(BOUND_SECONDS)

    session.close()

    assert has_ended(script.process_id)
    assert [each["method"] for each in script.received()][-2:] == ["shutdown", "exit"]
    assert failure(session).reason == session.gone


@pytest.mark.parametrize("steps", [[["deaf"]], [*HANDSHAKE, ["deaf"]]])
def test_closing_ends_a_server_that_does_not_listen(
    start: Start, steps: Sequence[Sequence[Any]]
) -> None:
    """Whoever leaves is not held up, and leaves nothing behind."""
    session, script = start([*steps[:-1], ["send", DIAGNOSTICS], *steps[-1:]])
    while "diagnostics" not in names(session):
        assert session.gone == ""

    session.close()

    assert has_ended(script.process_id)


PARENT = """
import os, sys
from pathlib import Path
from bicameral.grounding.lsp.session import Session
session = Session({command!r}, Path({root!r}), dict(os.environ), process_id=os.getpid())
session.wait_until_initialized(20)
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_a_server_that_ignores_everything_ends_with_a_parent_that_is_killed(
    tmp_path: Path,
) -> None:
    """Clients kill servers without notice; nothing may be left running then."""
    script = Script(tmp_path / "script", [*HANDSHAKE, ["deaf"]])
    text = PARENT.format(command=script.command, root=str(tmp_path))
    parent = subprocess.Popen(
        [sys.executable, "-c", text], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"ready\n"
        assert not has_ended(script.process_id, within_seconds=0)

        parent.send_signal(signal.SIGKILL)

        assert has_ended(script.process_id)


def test_a_server_that_reads_its_input_ends_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    """What holds on every platform: the end of its input is the end of it."""
    script = Script(tmp_path / "script", [*HANDSHAKE])
    text = PARENT.format(command=script.command, root=str(tmp_path))
    parent = subprocess.Popen(
        [sys.executable, "-c", text], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"ready\n"
        parent.kill()

        assert has_ended(script.process_id)


def test_a_server_is_told_nothing_that_is_ours_alone(tmp_path: Path) -> None:
    """The URL of a ledger may hold a password."""
    seen = tmp_path / "seen.json"
    program = tmp_path / "program"
    program.write_text(
        f"#!{sys.executable}\nimport json, os\n"
        f"open({str(seen)!r}, 'w').write(json.dumps([dict(os.environ), os.getcwd()]))\n",
        encoding="utf-8",
    )
    program.chmod(0o700)
    variables = {"BICAMERAL_LEDGER_URL": "postgresql://u:secret@h/d", "LANG": "C.UTF-8"}

    session = Session([str(program)], tmp_path / "root", variables, process_id=os.getpid())

    assert failure(session).reason == "ended by itself"
    told, folder = json.loads(seen.read_text(encoding="utf-8"))
    assert "LANG" in told
    assert "secret" not in json.dumps(told)
    assert folder == str(tmp_path)

"""A real server over a real pipe: early answers, one answer each, whatever is said."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bicameral.serving.frames import LONGEST_LINE
from bicameral.serving.listings import LISTED_METHODS
from tests.serving.talk import (
    INITIALIZED,
    ROOT,
    Message,
    Talk,
    call,
    cancel,
    initialize,
    lines_of,
    modern,
    request,
    wait_until_begun,
)


def release(hold: Path) -> None:
    hold.write_bytes(b"")


def test_the_front_imports_nothing_heavy() -> None:
    """A client that waits for the SDK leaves the tools out of its first request."""
    code = "import sys, bicameral.serving.stdio; print(*sys.modules)"
    modules = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split()
    assert not {"mcp", "mcp_types", "pydantic", "anyio", "asyncio", "sqlalchemy"} & set(modules)


def test_listings_are_answered_before_the_sdk_is_there(held: Talk) -> None:
    """The tables cannot load in this test, and still every listing is answered."""
    held.send(initialize(0), INITIALIZED)
    assert held.receive()["result"]["serverInfo"]["name"] == "bicameral"
    for method in set(LISTED_METHODS) - {"server/discover"}:
        assert "result" in held.ask(request(method, method))


def test_a_modern_client_is_answered_before_the_sdk_is_there(held: Talk) -> None:
    """The same, in the era without a handshake."""
    assert held.ask(modern(0, "server/discover"))["result"]["supportedVersions"] == ["2026-07-28"]
    assert held.ask(modern(1, "tools/list"))["result"]["tools"][0]["name"] == "bicameral.echo"


def test_what_was_said_too_early_is_answered_once_and_in_order(held: Talk, hold: Path) -> None:
    """Pipelined: calls wait, the listing does not, nothing is answered twice."""
    held.send(
        initialize(0),
        INITIALIZED,
        call(1, "echo", topic="a"),
        request(2, "tools/list"),
        call("1", "echo", topic="b"),
        request(3, "subscriptions/listen"),
    )
    assert [held.receive()["id"] for _ in range(2)] == [0, 2]
    release(hold)
    later = {json.dumps(answer["id"]): answer for answer in (held.receive() for _ in range(3))}
    assert later["1"]["result"]["structuredContent"]["topic"] == "a"
    assert later['"1"']["result"]["structuredContent"]["topic"] == "b"
    assert later["3"]["error"]["code"] == -32601
    assert held.hang_up() == 0
    assert held.rest() == []


def test_the_opening_request_of_a_modern_client_is_answered_once(held: Talk, hold: Path) -> None:
    """The SDK hears it as well, to know the era; its answer is dropped."""
    held.send(modern(0, "server/discover"))
    assert held.receive()["id"] == 0
    wanted = {"name": "bicameral.echo", "arguments": {"topic": "a"}}
    held.send(modern(1, "tools/call", **wanted))
    release(hold)
    assert held.receive()["result"]["resultType"] == "complete"
    assert held.hang_up() == 0
    assert held.rest() == []


def test_a_waiting_request_that_is_cancelled_never_runs(
    held: Talk, hold: Path, journal: Path, tmp_path: Path
) -> None:
    """The client gave up before the tools were there."""
    held.send(
        initialize(0),
        INITIALIZED,
        call(1, "ratify", decision_id="settled"),
        call(2, "echo", topic="a"),
        cancel(1),
        cancel(0),
        cancel("no such request"),
    )
    release(hold)
    assert [held.receive()["id"] for _ in range(2)] == [0, 2]
    assert held.hang_up() == 0
    assert held.rest() == []
    assert "ratify ran" not in lines_of(journal)


def test_a_running_call_that_is_cancelled_is_not_answered(
    talk: Talk, journal: Path, hold: Path
) -> None:
    """And it holds up neither the other calls nor the end."""
    talk.ask(initialize(0))
    talk.send(INITIALIZED, call(1, "wait", release=str(hold)))
    assert "result" in talk.ask(request(2, "tools/list"))
    wait_until_begun(talk, journal)
    talk.send(cancel(1))
    assert talk.ask(call(3, "echo", topic="a"))["id"] == 3
    assert talk.hang_up() == 0
    assert talk.rest() == []


def test_a_slow_tool_does_not_hold_up_the_others(talk: Talk, hold: Path) -> None:
    """Tools run in threads; the loop stays free."""
    talk.ask(initialize(0))
    talk.send(INITIALIZED, call(1, "wait", release=str(hold)))
    assert talk.ask(call(2, "echo", topic="a"))["result"]["isError"] is False
    assert "result" in talk.ask(request(3, "tools/list"))
    hold.write_text("done", encoding="utf-8")
    assert talk.receive()["result"]["structuredContent"] == {"word": "done"}


def test_what_a_tool_prints_does_not_reach_the_client(talk: Talk) -> None:
    """A stray print, or a child's, would end the connection."""
    talk.ask(initialize(0))
    answer = talk.ask(call(1, "shout"))
    assert answer["result"]["structuredContent"] == {"word": "stdin has 0 characters"}
    assert talk.hang_up() == 0
    assert talk.rest() == []
    assert "a stray child" in talk.stderr()


BAD_LINES = [
    (b"garbage", None, -32700),
    (b'{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"x":"\xff"}}', 5, -32700),
    (b'[{"jsonrpc":"2.0","id":6,"method":"ping"}]', 6, -32600),
    (b'{"jsonrpc":"2.0","id":7,"method":"ping","params":[]}', 7, -32600),
    (b'{"jsonrpc":"2.0","id":8,"method":"x","params":{"x":"' + b"y" * LONGEST_LINE, 8, -32600),
    (b'{"jsonrpc":"2.0","id":9,"method":"x\\ud800"}', 9, -32601),
    (b'{"jsonrpc":"2.0","id":10,"method":"tools/call","params":{"name":5}}', 10, -32602),
    (
        json.dumps(request(11, "tools/call", name="bicameral.echo", arguments=[1])).encode(),
        11,
        -32602,
    ),
]


def test_a_bad_line_is_answered_and_the_talk_goes_on(either: Talk) -> None:
    """One after the other, so that none leaves anything behind for the next."""
    either.ask(initialize(0))
    either.send(INITIALIZED)
    for line, identifier, code in BAD_LINES:
        either.send(line)
        answer = either.receive()
        assert (answer["id"], answer["error"]["code"]) == (identifier, code)
        assert either.ask(call(1, "echo", topic="a"))["result"]["isError"] is False


def test_bad_lines_are_answered_before_the_sdk_is_there(held: Talk) -> None:
    """The client that sent them must not wait for an import."""
    for line, identifier, code in BAD_LINES[:5]:
        held.send(line)
        answer = held.receive()
        assert (answer["id"], answer["error"]["code"]) == (identifier, code)


def test_half_a_character_in_an_argument_is_refused_in_words(talk: Talk) -> None:
    """The model sees which mistake it made; the id it sent comes back as far as it can."""
    talk.ask(initialize(0))
    line = json.dumps(call(1, "echo", topic="\ud800", preflight_id="p\udfff")).encode()
    talk.send(line)
    result = talk.receive()["result"]
    assert result["isError"]
    found = json.loads(result["content"][0]["text"])
    assert "unpaired surrogate" in found["message"]
    assert found["preflight_id"] == "p?"


def test_replies_and_blank_lines_are_taken_in_silence(talk: Talk) -> None:
    """An answer to nobody is not worth an answer."""
    talk.send(b"", b'{"id":1,"result":5}', b'{"jsonrpc":"2.0","id":99,"result":{}}')
    assert talk.ask(initialize(0))["id"] == 0
    assert talk.ask(request(1, "ping"))["id"] == 1


@pytest.mark.parametrize(
    "conversation",
    [
        [request(0, "tools/list"), initialize(1), request(2, "prompts/list")],
        [initialize(0), modern(1, "tools/list"), request(2, "server/discover")],
        [modern(0, "tools/list"), initialize(1), request(2, "tools/list")],
        [initialize(0), initialize(1, version="2024-11-05"), request(2, "resources/subscribe")],
        [modern(0, "ping"), modern(1, "server/discover"), modern(2, "subscriptions/listen")],
    ],
)
def test_odd_conversations_read_the_same_with_the_front_and_without(
    listings: Path, conversation: list[Message]
) -> None:
    """The front may only be faster."""
    heard = []
    with Talk("--listings", str(listings)) as fronted, Talk() as plain:
        for talk in (fronted, plain):
            talk.send(*conversation)
        for talk in (fronted, plain):
            assert talk.hang_up() == 0
            heard.append(sorted(talk.rest(), key=lambda answer: str(answer["id"])))
    assert heard[0] == heard[1]
    assert [answer["id"] for answer in heard[0]] == [message["id"] for message in conversation]

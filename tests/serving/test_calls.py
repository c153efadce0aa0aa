"""A call through the SDK's own client, in both eras: answers, refusals, listings, sessions."""

import json
from pathlib import Path
from typing import Any

import anyio
import httpx2
import mcp_types as types
import pytest

from tests.serving.inprocess import Mode, Server, call, error_of, refusal, with_client


def test_an_answer_is_the_same_compact_json_twice(server: Server, mode: Mode) -> None:
    """Some clients show the model the structure, some the text."""
    result = call(server, mode, "bicameral.echo", {"topic": "é", "preflight_id": "p"})
    (block,) = result.content
    assert isinstance(block, types.TextContent)
    assert block.text == (
        '{"topic":"é","session_id":"minted","client_name":"tester","preflight_id":"p"}'
    )
    assert result.structured_content == json.loads(block.text)
    assert not result.is_error


def test_both_spellings_call_the_same_tool(server: Server, mode: Mode) -> None:
    """A client may rewrite the name that it was given."""
    for name in ("bicameral.echo", "bicameral_echo"):
        assert not call(server, mode, name, {"topic": "a"}).is_error


@pytest.mark.parametrize(
    ("client", "first"), [("tester", "bicameral.echo"), ("claude-ai", "bicameral_echo")]
)
def test_every_tool_is_listed_in_order_with_title_hints_and_schemas(
    server: Server, mode: Mode, client: str, first: str
) -> None:
    """Directories refuse tools without them; the order is the table's."""
    info = types.Implementation(name=client, version="1")
    listed = with_client(server, mode, lambda client: client.list_tools(), client_info=info).tools
    assert listed[0].name == first
    assert [tool.title for tool in listed] == ["Echo", "Shout", "Damaged", "Wait", "Ratify"]
    for tool in listed:
        assert tool.description
        assert tool.output_schema
        assert tool.input_schema["additionalProperties"] is False
        assert tool.annotations
        assert tool.annotations.read_only_hint is (tool.title != "Ratify")
        assert tool.annotations.destructive_hint is False
        assert tool.annotations.idempotent_hint is True
        assert tool.annotations.open_world_hint is False


def test_a_refusal_carries_code_sentence_next_step_and_the_id_sent(
    server: Server, mode: Mode
) -> None:
    """PT-02: the error shapes carry the id too."""
    arguments = {"topic": "missing", "preflight_id": "p"}
    assert refusal(call(server, mode, "bicameral.echo", arguments)) == {
        "error": "not_found",
        "message": "no decision has this topic",
        "next_step": "ingest one first",
        "preflight_id": "p",
    }
    assert (
        refusal(call(server, mode, "bicameral.echo", {"topic": "missing"}))["preflight_id"] is None
    )


def test_arguments_that_are_wrong_are_refused_with_the_id_sent(server: Server, mode: Mode) -> None:
    """A mistake in one argument must not lose the thread that another carries."""
    found = refusal(call(server, mode, "bicameral.echo", {"topics": "a", "preflight_id": "p"}))
    assert found["error"] == "input_refused"
    assert found["preflight_id"] == "p"
    assert "did you mean `topic`?" in found["message"]
    wrong = refusal(call(server, mode, "bicameral.echo", {"topic": "a", "preflight_id": 5}))
    assert wrong["preflight_id"] is None


def test_a_tool_without_the_id_has_none_in_its_refusals(server: Server, mode: Mode) -> None:
    """A key that the tool does not know would teach the model to send it."""
    found = refusal(call(server, mode, "bicameral.shout", {"a": 1}))
    assert set(found) == {"error", "message", "next_step"}


def test_an_unknown_tool_is_refused_with_the_near_name(server: Server, mode: Mode) -> None:
    """The model then calls the right one."""
    found = refusal(call(server, mode, "bicameral.ecko", {}))
    assert (found["error"], found["next_step"]) == ("unknown_tool", "call bicameral.echo")


def test_an_unexpected_error_reaches_the_client_by_type_only(server: Server, mode: Mode) -> None:
    """Its text and trace are for the person at stderr."""
    found = refusal(call(server, mode, "bicameral.echo", {"topic": "crash", "preflight_id": "p"}))
    assert found["error"] == "internal_error"
    assert found["preflight_id"] == "p"
    assert "ZeroDivisionError" in found["message"]
    assert "private" not in json.dumps(found)
    assert "a private detail" in server.reported[0]
    assert "Traceback" in server.reported[0]


def test_an_answer_with_half_a_character_is_still_an_answer(server: Server, mode: Mode) -> None:
    """Git gives file names that are not UTF-8."""
    result = call(server, mode, "bicameral.damaged", {})
    assert result.structured_content == {"word": "caf?"}


@pytest.mark.parametrize(
    ("meta", "variables", "session"),
    [
        ({}, {}, "minted"),
        ({}, {"CLAUDE_CODE_SESSION_ID": "claude"}, "claude"),
        (
            {"x-codex-turn-metadata": {"session_id": "turn"}},
            {"CLAUDE_CODE_SESSION_ID": "c"},
            "turn",
        ),
    ],
)
def test_the_session_of_a_call_comes_from_the_client(
    journal: Path, mode: Mode, meta: dict[str, Any], variables: dict[str, str], session: str
) -> None:
    """Codex says it in the request, Claude Code in the environment."""
    server = Server(journal, variables)
    result = call(server, mode, "bicameral.echo", {"topic": "a"}, meta=meta)
    assert result.structured_content["session_id"] == session
    named = call(server, mode, "bicameral.echo", {"topic": "a", "session_id": "s"}, meta=meta)
    assert named.structured_content["session_id"] == "s"


def test_a_legacy_http_client_is_known_by_its_session_header(server: Server) -> None:
    """The same server object serves HTTP; there the transport has a session."""

    async def ask() -> tuple[str, str]:
        app = server.sdk.streamable_http_app(json_response=True)
        accept = {"accept": "application/json, text/event-stream"}
        async with (
            app.router.lifespan_context(app),
            httpx2.AsyncClient(
                transport=httpx2.ASGITransport(app),
                base_url="http://127.0.0.1:8000",
                headers=accept,
            ) as http,
        ):
            hello = {
                "protocolVersion": "2025-11-25",
                "capabilities": {},
                "clientInfo": {"name": "a", "version": "1"},
            }
            welcome = await http.post("/mcp", json=_request(0, "initialize", hello))
            session = {"mcp-session-id": welcome.headers["mcp-session-id"]}
            wanted = {"name": "bicameral.echo", "arguments": {"topic": "a"}}
            answer = await http.post(
                "/mcp", json=_request(1, "tools/call", wanted), headers=session
            )
            content = answer.json()["result"]["structuredContent"]
            return content["session_id"], session["mcp-session-id"]

    found, expected = anyio.run(ask)
    assert found == expected


def _request(identifier: int, method: str, params: dict[str, Any]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": identifier, "method": method, "params": params}


def test_a_listing_has_one_page(server: Server, mode: Mode) -> None:
    """A cursor that nobody gave out is a client's mistake."""
    for ask in (
        lambda client: client.list_tools(cursor="2"),
        lambda client: client.list_resources(cursor="2"),
        lambda client: client.list_resource_templates(cursor="2"),
        lambda client: client.list_prompts(cursor="2"),
    ):
        assert "no such page" in error_of(server, mode, ask).message

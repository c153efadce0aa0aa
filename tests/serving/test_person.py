"""The person is asked where the client can ask, once, and only a real answer counts."""

from collections.abc import Awaitable, Callable
from typing import Any, Literal

import mcp_types as types
import pytest
from mcp import Client

from tests.serving.inprocess import Mode, Server, call, error_of, refusal, with_client


def answering(
    action: Literal["accept", "decline", "cancel"], content: dict[str, Any] | None, asked: list[str]
) -> Any:
    async def answer(context: Any, params: types.ElicitRequestParams) -> types.ElicitResult:
        assert isinstance(params, types.ElicitRequestFormParams)
        asked.append(params.message)
        assert params.requested_schema["required"] == ["confirm"]
        return types.ElicitResult(action=action, content=content)

    return answer


@pytest.mark.parametrize(
    ("action", "content", "word"),
    [
        ("accept", {"confirm": True, "note": "ok"}, "confirmed: True, note: ok"),
        ("accept", {"confirm": False}, "confirmed: False, note: None"),
        ("decline", None, "declined"),
        ("cancel", None, "cancelled"),
    ],
)
def test_the_person_is_asked_once_and_the_tool_gets_the_answer(
    server: Server,
    mode: Mode,
    action: Literal["accept", "decline", "cancel"],
    content: dict[str, Any] | None,
    word: str,
) -> None:
    """The two eras ask in different ways; the tool cannot tell."""
    asked: list[str] = []
    callback = answering(action, content, asked)
    arguments = {"decision_id": "dec_1"}
    result = call(server, mode, "bicameral.ratify", arguments, elicitation_callback=callback)
    assert result.structured_content == {"word": word}
    assert asked == ["Ratify dec_1?"]
    assert server.ran() == ["ratify ran"]


def test_nobody_is_asked_when_there_is_no_question(server: Server, mode: Mode) -> None:
    """An idempotent repeat needs no second confirmation."""
    asked: list[str] = []
    callback = answering("accept", {"confirm": True}, asked)
    arguments = {"decision_id": "settled"}
    result = call(server, mode, "bicameral.ratify", arguments, elicitation_callback=callback)
    assert result.structured_content == {"word": "not asked"}
    assert asked == []


def test_a_client_that_cannot_ask_gets_the_tool_without_an_answer(
    server: Server, mode: Mode
) -> None:
    """What that means is the tool's to decide."""
    result = call(server, mode, "bicameral.ratify", {"decision_id": "dec_1"})
    assert result.structured_content == {"word": "not asked"}


@pytest.mark.parametrize("content", [None, {}, {"confirm": "perhaps"}, {"note": "a"}])
def test_an_answer_that_does_not_fit_the_form_runs_nothing(
    server: Server, mode: Mode, content: dict[str, Any] | None
) -> None:
    """Half a confirmation is none."""
    callback = answering("accept", content, [])
    arguments = {"decision_id": "dec_1", "preflight_id": "p"}
    result = call(server, mode, "bicameral.ratify", arguments, elicitation_callback=callback)
    found = refusal(result)
    assert (found["error"], found["preflight_id"]) == ("person_not_asked", "p")
    assert server.ran() == []


def test_a_client_that_fails_to_ask_runs_nothing(server: Server) -> None:
    """A handshake client may answer the question with an error."""

    async def fail(context: Any, params: types.ElicitRequestParams) -> types.ErrorData:
        return types.ErrorData(code=-32603, message="no window")

    arguments = {"decision_id": "dec_1"}
    result = call(server, "legacy", "bicameral.ratify", arguments, elicitation_callback=fail)
    assert refusal(result)["error"] == "person_not_asked"
    assert server.ran() == []


ABLE = {"elicitation_callback": answering("accept", {"confirm": True}, [])}


def round_of(decision_id: str, **more: Any) -> Callable[[Client], Awaitable[Any]]:
    """Call `ratify` by hand, with the parts of a second round."""
    return lambda client: client.session.call_tool(
        "bicameral.ratify", {"decision_id": decision_id}, allow_input_required=True, **more
    )


def test_an_answer_counts_only_for_the_question_that_was_asked(server: Server) -> None:
    """The client carries the state: it can neither make one up nor use it elsewhere."""
    yes = {"person": types.ElicitResult(action="accept", content={"confirm": True})}
    first = with_client(server, "auto", round_of("dec_1"), **ABLE)
    state = first.request_state
    unasked = with_client(server, "auto", round_of("dec_1", input_responses=yes), **ABLE)
    assert isinstance(unasked, types.InputRequiredResult)
    for decision, carried in (("dec_1", "made up"), ("dec_2", state)):
        again = round_of(decision, input_responses=yes, request_state=carried)
        assert "requestState" in error_of(server, "auto", again, **ABLE).message
    assert server.ran() == []
    again = round_of("dec_1", input_responses=yes, request_state=state)
    done = with_client(server, "auto", again, **ABLE)
    assert done.structured_content == {"word": "confirmed: True, note: None"}


def test_an_answer_of_another_kind_runs_nothing(server: Server) -> None:
    """A list of roots is no confirmation."""
    first = with_client(server, "auto", round_of("dec_1"), **ABLE)
    roots = {"person": types.ListRootsResult(roots=[])}
    again = round_of("dec_1", input_responses=roots, request_state=first.request_state)
    assert refusal(with_client(server, "auto", again, **ABLE))["error"] == "person_not_asked"
    assert server.ran() == []

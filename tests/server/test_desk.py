"""The desk: the same tools for the command line, with its own session and its own advice."""

import pytest

import server
from bicameral.errors import InputRefused, NotFound
from tests.conftest import MakeEnvironment, Repository
from tests.server.served import EVENTS, rows


@pytest.fixture
def desk(make_environment: MakeEnvironment, project: Repository) -> server.Desk:
    environment = make_environment(variables={"BICAMERAL_TELEMETRY": "preflight"})
    return server.Desk(environment, start=project.root, session_id="command")


def test_a_tool_answers_as_it_does_to_a_client(desk: server.Desk) -> None:
    """One set of handlers, two ways to them."""
    answer = desk.call("bicameral.ingest", {"paths": ["docs/adr"]})

    assert answer["added"] == 1
    assert desk.call("bicameral.search", {"query": "keys"})["total"] == 1
    desk.close()


def test_bad_arguments_point_to_the_commands_own_help(desk: server.Desk) -> None:
    """A person at a prompt does not call tools."""
    with pytest.raises(InputRefused, match="8000") as caught:
        desk.call("bicameral.preflight", {"topic": "t" * 9_000})
    assert caught.value.next_step == "see `bicameral-mcp preflight --help`"
    with pytest.raises(InputRefused) as caught:
        desk.call("bicameral.link_commit", {"limit": 0})
    assert "bicameral-mcp link-commit --help" in caught.value.next_step
    desk.close()


def test_a_tools_own_refusal_passes(desk: server.Desk) -> None:
    """With the next step that the tool gave."""
    with pytest.raises(NotFound, match="dec_unknown"):
        desk.call("bicameral.ratify", {"decision_id": "dec_unknown", "action": "ratify"})
    desk.close()


@pytest.mark.parametrize("ends", [True, False])
def test_only_a_session_of_its_own_ends_with_it(
    make_environment: MakeEnvironment, project: Repository, ends: bool
) -> None:
    """A command that runs within a client's session leaves it open."""
    environment = make_environment(variables={"BICAMERAL_TELEMETRY": "preflight"})
    desk = server.Desk(environment, start=project.root, session_id="mine", ends_session=ends)
    desk.call("bicameral.preflight", {"topic": "Retry payments"})
    desk.close()

    kinds = [row["event_type"] for row in rows(environment.home, EVENTS)]
    assert kinds == ["session_started", "preflight", *(["session_ended"] if ends else [])]


def test_a_call_may_name_its_session(desk: server.Desk) -> None:
    """An evaluation asks each question in a session of its own, and all of them end."""
    for session in ("first", "second"):
        desk.call("bicameral.preflight", {"topic": "Retry payments", "session_id": session})
    desk.close()

    captured = rows(desk.services.environment.home, EVENTS)
    kinds = [(row["session_id"], row["event_type"]) for row in captured]
    assert sorted(kinds) == sorted(
        (session, kind)
        for session in ("first", "second")
        for kind in ("session_started", "preflight", "session_ended")
    )

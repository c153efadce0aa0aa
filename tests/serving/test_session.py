"""The session is the client's own where the client says it, in a fixed order."""

import itertools
from typing import Any

import pytest

from bicameral.serving.session import mint_session, resolve_session

SOURCES: list[dict[str, Any]] = [
    {"arguments": {"session_id": "argument"}},
    {"meta": {"x-codex-turn-metadata": {"session_id": "turn"}}},
    {"meta": {"sessionId": "meta"}},
    {"variables": {"CLAUDE_CODE_SESSION_ID": "claude"}},
    {"headers": {"mcp-session-id": "header"}},
]
WINNERS = ["argument", "turn", "meta", "claude", "header"]


def resolve(*sources: dict[str, Any]) -> str:
    known: dict[str, Any] = {"arguments": {}, "meta": {}, "variables": {}, "headers": {}}
    for source in sources:
        for kind, values in source.items():
            known[kind] = {**known[kind], **values}
    return resolve_session(**known, minted="minted")


@pytest.mark.parametrize(("first", "second"), list(itertools.combinations(range(5), 2)))
def test_the_earlier_source_wins(first: int, second: int) -> None:
    """Every pair of sources, so that no two can change places unnoticed."""
    assert resolve(SOURCES[first], SOURCES[second]) == WINNERS[first]
    assert resolve(SOURCES[second]) == WINNERS[second]


def test_without_any_source_the_process_is_the_session() -> None:
    """Rows need some session, and one process serves one client."""
    assert resolve() == "minted"


@pytest.mark.parametrize("unusable", ["", "   ", "x" * 513, 7, None, ["a"], {"a": 1}])
def test_what_is_no_session_id_is_passed_over(unusable: object) -> None:
    """A client's mistake must not become the name that rows are joined by."""
    assert resolve({"arguments": {"session_id": unusable}}, SOURCES[2]) == "meta"
    assert resolve({"meta": {"x-codex-turn-metadata": unusable}}) == "minted"


def test_the_longest_id_is_kept_and_blanks_around_it_are_not() -> None:
    """512 characters is the limit that the log accepts."""
    assert resolve({"arguments": {"session_id": " " + "x" * 512 + "\n"}}) == "x" * 512


def test_a_minted_id_is_made_of_the_randomness_given() -> None:
    """Two processes must not share one, and a test must be able to repeat it."""
    assert mint_session(lambda size: b"\x0f" * size) == "process-" + "0f" * 16

"""What the front answers by itself, and what it leaves to the SDK."""

import json
from pathlib import Path

import pytest

from bicameral.serving.front import CLIENT_KEY
from bicameral.serving.listings import LISTED_METHODS
from tests.serving.talk import (
    CLIENT,
    ENVELOPE,
    INITIALIZED,
    frame_of,
    initialize,
    make_front,
    modern,
    request,
)


def test_the_usual_start_of_a_handshake_client_is_answered_at_once(listings: Path) -> None:
    """Only `initialize` goes on to the SDK, which must know the client too."""
    front = make_front(listings)
    heard = [
        front.hear(frame_of(message))
        for message in (
            initialize(0),
            INITIALIZED,
            *(request(n, method) for n, method in enumerate(LISTED_METHODS) if "/l" in method),
            request("p", "ping"),
        )
    ]
    assert [each.answer is not None for each in heard] == [
        True,
        False,
        True,
        True,
        True,
        True,
        True,
    ]
    assert [each.forward for each in heard] == [True, True, False, False, False, False, False]


def test_the_usual_start_of_a_modern_client_is_answered_at_once(listings: Path) -> None:
    """The opening request goes on too, as it is what tells the SDK the era."""
    front = make_front(listings)
    heard = [
        front.hear(frame_of(modern(0, "server/discover"))),
        front.hear(frame_of(modern(1, "tools/list"))),
        front.hear(frame_of(modern(2, "tools/call", name="bicameral.echo"))),
    ]
    assert [each.answer is not None for each in heard] == [True, True, False]
    assert [each.forward for each in heard] == [True, False, True]


@pytest.mark.parametrize(
    ("asked", "negotiated"),
    [("2024-11-05", "2024-11-05"), ("2099-01-01", "2025-11-25"), ("2026-07-28", "2025-11-25")],
)
def test_a_version_that_is_not_known_gets_the_newest_of_its_era(
    listings: Path, asked: str, negotiated: str
) -> None:
    """The client decides whether it can go on with that."""
    heard = make_front(listings).hear(frame_of(initialize(version=asked)))
    assert json.loads(heard.answer or "")["protocolVersion"] == negotiated


@pytest.mark.parametrize(
    ("client", "first"), [("raw", "bicameral.echo"), ("claude-ai", "bicameral_echo")]
)
def test_listings_are_spelled_for_the_client_in_both_eras(
    listings: Path, client: str, first: str
) -> None:
    """The name comes with the handshake, or with each request."""
    info = {**CLIENT, "name": client}
    shaken, enveloped = make_front(listings), make_front(listings)
    shaken.hear(frame_of(initialize(clientInfo=info)))
    envelope = {**ENVELOPE, CLIENT_KEY: info}
    for heard in (
        shaken.hear(frame_of(request(1, "tools/list"))),
        enveloped.hear(frame_of(request(1, "tools/list", _meta=envelope))),
    ):
        assert json.loads(heard.answer or "")["tools"][0]["name"] == first


def test_a_second_handshake_sends_everything_to_the_sdk(listings: Path) -> None:
    """From there on only the SDK knows who the client says it is."""
    front = make_front(listings)
    front.hear(frame_of(initialize(0)))
    second = front.hear(frame_of(initialize(1, clientInfo={**CLIENT, "name": "claude-ai"})))
    assert (second.answer, second.forward) == (None, True)
    assert front.hear(frame_of(request(2, "tools/list"))).forward


def test_a_handshake_after_a_ping_goes_on_to_the_sdk(listings: Path) -> None:
    """The ping opened the conversation, but the handshake is what the SDK must know."""
    front = make_front(listings)
    heard = [front.hear(frame_of(request(0, "ping"))), front.hear(frame_of(initialize(1)))]
    assert all(each.answer and each.forward for each in heard)

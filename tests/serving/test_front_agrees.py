"""The front never says anything that the SDK would not, nor leaves it in another state."""

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bicameral.serving.calls import Setting
from bicameral.serving.front import CAPABILITIES_KEY, CLIENT_KEY, VERSION_KEY
from bicameral.serving.listings import LISTED_METHODS
from bicameral.serving.protocol import build_server
from bicameral.serving.stream import converse
from tests.serving.sample_tables import make_tables
from tests.serving.talk import (
    CLIENT,
    ENVELOPE,
    INITIALIZED,
    Message,
    frame_of,
    initialize,
    make_front,
    request,
)

SERVER = build_server(
    Setting(
        tables=make_tables(), tool_names="auto", variables={}, process_session="p", report=print
    )
)


class Interview:
    """The SDK's answers to the messages it is handed, by id."""

    def __init__(self, messages: list[Message]) -> None:
        self.answers: dict[str, Message] = {}
        self._messages = messages
        self._wanted = {json.dumps(m["id"]) for m in messages if "id" in m}
        self.over = anyio.Event()

    def open(self, deliver: Any) -> None:
        for message in self._messages:
            deliver(message)
        if not self._wanted:
            self.over.set()

    def say(self, text: str, key: str | None) -> None:
        if key is not None:
            self.answers[key] = json.loads(text)
        if self._wanted <= self.answers.keys():
            self.over.set()


def answers_of_sdk(messages: list[Message]) -> Mapping[str, Message]:
    async def ask() -> Mapping[str, Message]:
        interview = Interview(messages)
        async with anyio.create_task_group() as group:
            group.start_soon(converse, SERVER, interview)
            with anyio.fail_after(20):
                await interview.over.wait()
            group.cancel_scope.cancel()
        return interview.answers

    return anyio.run(ask)


RICH_CAPABILITIES: Message = {
    "roots": {"listChanged": True},
    "sampling": {"tools": {}, "context": {}},
    "elicitation": {"form": {}, "url": {}},
    "experimental": {"x": {"y": 1}},
    "extensions": {"a/b": {}},
    "tasks": {"list": {}, "cancel": {}, "requests": {"elicitation": {"create": {}}}},
}
RICH_CLIENT: Message = {
    **CLIENT,
    "title": "Raw",
    "websiteUrl": "https://raw.invalid",
    "description": "A client.",
    "icons": [{"src": "https://raw.invalid/i.png", "mimeType": "image/png", "sizes": ["1x1"]}],
}
RICH_META: Message = {"progressToken": 1, "traceparent": "00-0-0-00"}
RICH_ENVELOPE: Message = {
    **RICH_META,
    VERSION_KEY: "2026-07-28",
    CLIENT_KEY: RICH_CLIENT,
    CAPABILITIES_KEY: RICH_CAPABILITIES,
    "io.modelcontextprotocol/logLevel": "info",
}
HELLO: Message = {
    "protocolVersion": "2025-06-18",
    "capabilities": RICH_CAPABILITIES,
    "clientInfo": RICH_CLIENT,
    "_meta": RICH_META,
}
ODD: list[Any] = [
    None,
    5,
    True,
    1.5,
    "x",
    "",
    [],
    {},
    ["x"],
    {"a": 1},
    {"a": {}},
    "2024-11-05",
    "claude-ai",
]


def places(value: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value, its root left out."""
    steps = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value if isinstance(value, list) else [])
    )
    return [each for key, inner in steps for each in ((*path, key), *places(inner, (*path, key)))]


@st.composite
def nearly(draw: st.DrawFn, plain: Message) -> Message:
    """A message as it should be, but for one place: gone, odd, or with a key too many."""
    changed: Message = copy.deepcopy(plain)
    *way, last = draw(st.sampled_from(places(changed)))
    holder: Any = changed
    for step in way:
        holder = holder[step]
    match draw(st.sampled_from(["gone", "odd", "more"])):
        case "gone":
            del holder[last]
        case "odd":
            holder[last] = draw(st.sampled_from(ODD))
        case "more" if isinstance(holder[last], dict):
            holder[last][draw(st.sampled_from(["cursor", "x", "listChanged", "form"]))] = draw(
                st.sampled_from(ODD)
            )
    return changed


def usually(plain: Message) -> st.SearchStrategy[Message]:
    return st.just(plain) | nearly(plain)


hellos = usually(HELLO) | st.just(initialize()["params"])
listing_params = st.one_of(
    st.just({}),
    usually({"_meta": RICH_META}),
    usually({"_meta": RICH_ENVELOPE}),
    st.just({"_meta": ENVELOPE}),
    nearly({"_meta": ENVELOPE, "cursor": None}),
)
methods = st.sampled_from([*LISTED_METHODS, "tools/list", "no/such", "subscriptions/listen"])
messages = st.one_of(
    st.tuples(st.just("initialize"), hellos | listing_params),
    st.tuples(methods, listing_params),
    st.tuples(methods, listing_params),
    st.just(("notifications/initialized", None)),
)
openings = st.one_of(
    messages,
    st.tuples(st.just("initialize"), hellos),
    st.tuples(
        st.sampled_from(["server/discover", "tools/list"]), usually({"_meta": RICH_ENVELOPE})
    ),
)


@given(opening=openings, rest=st.lists(messages, max_size=4))
@settings(
    max_examples=600,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_the_front_says_only_what_the_sdk_would_say(
    opening: tuple[str, Message | None], rest: list[tuple[str, Message | None]], listings: Path
) -> None:
    """Any conversation: each early answer is the SDK's, and so is each later one."""
    conversation: list[Message] = [
        INITIALIZED if params is None else request(number, method, **params)
        for number, (method, params) in enumerate([opening, *rest])
    ]
    front, early, forwarded = make_front(listings), {}, []
    for message in conversation:
        frame = frame_of(message)
        heard = front.hear(frame)
        if heard.answer is not None:
            early[frame.key] = {**request(message["id"], ""), "result": json.loads(heard.answer)}
        if heard.forward:
            forwarded.append(message)

    alone = answers_of_sdk(conversation)
    behind = answers_of_sdk(forwarded)

    for key, answer in alone.items():
        mine = early.get(key, behind.get(key))
        assert mine
        assert (mine.get("result"), mine.get("error")) == (
            answer.get("result"),
            answer.get("error"),
        )


@pytest.mark.parametrize(
    "params",
    [
        {"capabilities": {"roots": {"listChanged": "x"}}},
        {"capabilities": {"roots": True}},
        {"capabilities": {"elicitation": {"form": 5}}},
        {"capabilities": {"experimental": {"x": 5}}},
        {"clientInfo": {**CLIENT, "icons": [{"src": "i", "sizes": [5]}]}},
        {"clientInfo": {**CLIENT, "icons": [{"mimeType": "image/png"}]}},
        {"clientInfo": {**CLIENT, "title": 5}},
        {"clientInfo": {"name": "raw"}},
        {"clientInfo": None},
        {"protocolVersion": 5},
        {"_meta": {"progressToken": 1.5}},
    ],
)
def test_a_handshake_that_the_sdk_refuses_is_left_to_it(params: Message, listings: Path) -> None:
    """An early welcome would be followed by a server that knows no client."""
    message = initialize(**params)
    assert make_front(listings).hear(frame_of(message)).answer is None
    assert "error" in answers_of_sdk([message])["0"]

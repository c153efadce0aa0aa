"""The SDK's two streams, joined to the conversation: frames in, messages out.

The SDK runs its own event loop in the thread that calls `run_server`; frames come from
the reading thread and are handed over one by one, in order.
"""

import asyncio
import json
import math
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Protocol, Self

import anyio
from mcp.server.lowlevel import Server
from mcp.shared.message import SessionMessage
from mcp_types import JSONRPCError, JSONRPCMessage, JSONRPCResponse, jsonrpc_message_adapter
from pydantic import ValidationError
from pydantic_core import PydanticSerializationError

from bicameral.serving.conversation import Deliver
from bicameral.serving.frames import NO_ID, key_of


class Talk(Protocol):
    """The side of a conversation that the SDK sees."""

    def open(self, deliver: Deliver) -> None:
        """Take the function that hands frames over."""

    def say(self, text: str, key: str | None) -> None:
        """Take one line of the SDK's, and the id that it answers."""


def run_server(server: Server[Any], talk: Talk) -> None:
    """Serve in this thread for as long as the process lives."""
    anyio.run(converse, server, talk)


async def converse(server: Server[Any], talk: Talk) -> None:
    """Join the streams and drive the SDK's own loop over them."""
    send, receive = anyio.create_memory_object_stream[SessionMessage | Exception](math.inf)
    loop = asyncio.get_running_loop()

    def deliver(message: Mapping[str, object]) -> None:
        try:
            checked = jsonrpc_message_adapter.validate_python(message, by_name=False)
        except ValidationError:
            return  # requests were checked before: this is a reply that nobody can read
        loop.call_soon_threadsafe(send.send_nowait, SessionMessage(checked))

    async with send, receive:
        talk.open(deliver)
        await server.run(receive, _Outbox(talk), server.create_initialization_options())


class _Outbox:
    """The write stream: every message of the SDK's becomes one line."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk

    async def send(self, item: SessionMessage, /) -> None:
        message = item.message
        self._talk.say(_text_of(message), _answered_key(message))

    async def aclose(self) -> None:
        """Nothing to close: the pipe is the conversation's."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None:
        await self.aclose()


def _answered_key(message: JSONRPCMessage) -> str | None:
    if isinstance(message, JSONRPCResponse | JSONRPCError):
        return key_of(message.id) or NO_ID
    return None


def _text_of(message: JSONRPCMessage) -> str:
    try:
        return message.model_dump_json(by_alias=True, exclude_unset=True)
    except PydanticSerializationError:
        # Half a surrogate pair, given back as it came: escaped, the line is still valid.
        return json.dumps(message.model_dump(mode="json", by_alias=True, exclude_unset=True))

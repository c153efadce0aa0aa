"""One server and one client per era for all tests of this room, kept open.

Making a server, connecting and checking its schemas takes longer than most tests; which
engine the server works on, and who the person is, is set before each call.
"""

from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, TypeVar, cast

from anyio.from_thread import BlockingPortal, start_blocking_portal
from mcp import Client
from mcp.client import ClientRequestContext
from mcp.server.lowlevel import Server
from mcp_types import ElicitRequestParams, ElicitResult

from bicameral.serving.calls import Setting
from bicameral.serving.protocol import build_server
from bicameral.serving.tool import Tables
from handlers.services import Services
from handlers.table import tables

Mode = Literal["legacy", "auto"]
Found = TypeVar("Found")


@dataclass
class Person:
    """What the person answers, and what they were asked, in order."""

    answer: ElicitResult
    asked: list[str] = field(default_factory=list)


class Connection:
    """Clients of one server, by era and by whether they can ask their person."""

    services: Services
    person: Person | None = None

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._clients: dict[tuple[Mode, bool], Client] = {}

    def use(self, mode: Mode, use: Callable[[Client], Awaitable[Found]]) -> Found:
        """Let a client of this era do something with the services that are set."""
        client = self._client(mode)
        # One server for all tests, so it is told who traces this one.
        object.__setattr__(self._tables, "tracer", self.services.tracer)
        return self._portal.call(use, client)

    def close(self) -> None:
        self._stack.close()

    def report(self, text: str) -> None:
        self.services.environment.warn(text)

    def __getattr__(self, name: str) -> Any:
        """Stand in for the services that are set, as the server's own."""
        return getattr(self.services, name)

    @cached_property
    def _portal(self) -> BlockingPortal:
        return self._stack.enter_context(start_blocking_portal())

    @cached_property
    def _tables(self) -> Tables[Services]:
        return tables(cast("Services", self))

    @cached_property
    def _server(self) -> Server[Any]:
        setting = Setting(
            tables=self._tables,
            tool_names="dotted",
            variables={},
            process_session="session-1",
            report=self.report,
        )
        return build_server(setting)

    def _client(self, mode: Mode) -> Client:
        key = (mode, self.person is not None)
        if key not in self._clients:
            asking = self._answer if self.person else None
            client = Client(self._server, mode=mode, elicitation_callback=asking)
            opened = self._portal.wrap_async_context_manager(client)
            self._clients[key] = self._stack.enter_context(opened)
        return self._clients[key]

    async def _answer(
        self, context: ClientRequestContext, params: ElicitRequestParams
    ) -> ElicitResult:
        assert self.person is not None
        self.person.asked.append(params.message)
        return self.person.answer


CONNECTION = Connection()

"""The real server in one process: real protocol, real handlers, a real repository and ledger."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, MCPError
from mcp_types import ElicitResult, ErrorData, TextContent
from mcp_types import TextResourceContents as TextResource
from sqlalchemy import RowMapping, text

import server
from bicameral.environment import Environment
from bicameral.ledger.decisions import add_decision, get_decision
from bicameral.ledger.domain import Actor, Content, Decision, SignOff, Source
from bicameral.ledger.repositories import ensure_repository
from handlers.services import Services
from tests.conftest import Repository
from tests.handlers.connection import CONNECTION, Found, Mode, Person

ACTOR = Actor(session_id="arranging", tool="test")


@dataclass(frozen=True, slots=True)
class Refused:
    """An error as the model reads it."""

    error: str
    message: str
    next_step: str
    preflight_id: str | None = None


@dataclass
class Bench:
    """Calls tools as a client does, and arranges and reads the ledger behind them."""

    environment: Environment
    repository: Repository
    mode: Mode = "legacy"
    person: ElicitResult | None = None
    asked: list[str] = field(default_factory=list)
    """What the person was asked, in order."""
    services: Services = field(init=False)

    def __post_init__(self) -> None:
        self.services = server.build(self.environment, start=self.repository.root)

    def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """Call a tool that is expected to answer."""
        answered = self.try_call(tool, **arguments)
        assert isinstance(answered, dict), answered
        return answered

    def refuse(self, tool: str, **arguments: Any) -> Refused:
        """Call a tool that is expected to refuse."""
        answered = self.try_call(tool, **arguments)
        assert isinstance(answered, Refused), answered
        return answered

    def try_call(self, tool: str, **arguments: Any) -> dict[str, Any] | Refused:
        answered = self._with_client(lambda client: _call(client, tool, arguments))
        self.services.metrics.settle()  # whoever looks into the home finds it at rest
        return answered

    def read(self, uri: str) -> dict[str, Any]:
        """Read a resource that is expected to be there; return its JSON."""
        return self._with_client(lambda client: _read(client, uri))

    def refuse_read(self, uri: str) -> ErrorData:
        """Read a resource that is expected to be refused."""
        return self._with_client(lambda client: _error_of(client.read_resource(uri)))

    def prompt(self, name: str, **arguments: str) -> str:
        """Return the text of a prompt."""
        return self._with_client(lambda client: _render(client, name, arguments))

    def refuse_prompt(self, name: str, **arguments: str) -> ErrorData:
        """Ask for a prompt that is expected to be refused."""
        return self._with_client(lambda client: _error_of(client.get_prompt(name, arguments)))

    def _with_client(self, use: Callable[[Client], Awaitable[Found]]) -> Found:
        CONNECTION.services = self.services
        CONNECTION.person = Person(self.person, self.asked) if self.person else None
        return CONNECTION.use(self.mode, use)

    def decide(
        self, title: str, description: str = "", *, signoff: SignOff = "ratified", ref: str = ""
    ) -> Decision:
        """Put a decision into the ledger."""
        [decision] = self.decide_all([Content(title=title, description=description)], signoff, ref)
        return decision

    def decide_all(
        self, contents: list[Content], signoff: SignOff = "ratified", ref: str = ""
    ) -> list[Decision]:
        """Put decisions into the ledger, in one write."""
        with self.services.ledger.writing(ACTOR) as transaction:
            repository_id = ensure_repository(transaction, self.services.workspace.keys())
            return [
                add_decision(
                    transaction,
                    repository_id,
                    each,
                    Source(
                        type="adr", ref=ref or f"docs/adr/{each.title}.md", stated_signoff=signoff
                    ),
                    signoff=signoff,
                )
                for each in contents
            ]

    def bind(self, decision: Decision, selector: str) -> dict[str, Any]:
        """Bind through the tool; return the entry."""
        answer = self.call("bind", bindings=[{"decision_id": decision.id, "selector": selector}])
        return dict(answer["bindings"][0])

    def judge(self, bound: Mapping[str, Any], verdict: str) -> dict[str, Any]:
        """Judge what `bind` returned."""
        entry = {name: bound[name] for name in ("decision_id", "region_id", "digest")}
        answer = self.call("resolve", verdicts=[{**entry, "verdict": verdict}])
        return dict(answer["outcomes"][0])

    def now(self, decision: Decision) -> Decision:
        """Return a decision as it stands now."""
        with self.services.ledger.reading() as connection:
            return get_decision(connection, decision.id)

    def detail(self, decision_id: str) -> dict[str, Any]:
        """Return what history tells of one decision."""
        return dict(self.call("history", decision_id=decision_id)["decision"])

    def in_ledger(self, query: str, **values: object) -> list[RowMapping]:
        """Read the ledger's tables directly."""
        with self.services.ledger.reading() as connection:
            return list(connection.execute(text(query), values).mappings())

    def events(self, kind: str = "preflight") -> list[dict[str, Any]]:
        """Return the captured rows of one kind, in order."""
        rows = self.rows("preflight_events.jsonl")
        return [row for row in rows if row["event_type"] == kind]

    def engagements(self) -> list[dict[str, Any]]:
        return self.rows("engagements.jsonl")

    def rows(self, name: str) -> list[dict[str, Any]]:
        path: Path = self.environment.home / name
        if not path.exists():
            return []
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


async def _call(
    client: Client, tool: str, arguments: Mapping[str, Any]
) -> dict[str, Any] | Refused:
    result = await client.call_tool(f"bicameral.{tool}", dict(arguments))
    [block] = result.content
    assert isinstance(block, TextContent)
    if result.is_error:
        assert result.structured_content is None
        return Refused(**json.loads(block.text))
    assert json.loads(block.text) == result.structured_content
    return dict(result.structured_content or {})


async def _read(client: Client, uri: str) -> dict[str, Any]:
    [content] = (await client.read_resource(uri)).contents
    assert isinstance(content, TextResource)
    return dict(json.loads(content.text))


async def _render(client: Client, name: str, arguments: dict[str, str]) -> str:
    [message] = (await client.get_prompt(name, arguments)).messages
    assert isinstance(message.content, TextContent)
    return message.content.text


async def _error_of(request: Awaitable[object]) -> ErrorData:
    """Return the protocol error that a request ends in."""
    with pytest.raises(MCPError) as caught:
        await request
    return caught.value.error

"""The tables a server is made of: tools, resources and prompts as plain rows.

Handlers fill them in and know nothing of MCP; the protocol reads them and knows nothing
of decisions. `Services` is whatever the composition root hands to every row.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from bicameral.observe.metrics.calls import MeteredCall, unmeasured
from bicameral.tracing import Tracer

Services = TypeVar("Services")
Arguments = TypeVar("Arguments", bound=BaseModel)
Answer = TypeVar("Answer", bound=BaseModel)


class Refusal(Enum):
    """The person was asked and did not answer the form."""

    DECLINED = "declined"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask the person before a tool runs; `form` has flat fields of plain types."""

    message: str
    form: type[BaseModel]


@dataclass(frozen=True, slots=True)
class Call:
    """What the wire knows about one call.

    `answer_of_person` is the filled form of the tool's `Question`, a `Refusal`, or `None`
    when nothing was asked (no question, or a client that cannot ask). `is_by_person` where
    nobody stands between the tool and the person: they typed it as a command.
    """

    session_id: str
    client_name: str | None = None
    answer_of_person: BaseModel | Refusal | None = None
    is_by_person: bool = False


@dataclass(frozen=True, slots=True)
class Tool(Generic[Services, Arguments, Answer]):
    """One tool: its dotted name, its texts, its models, its function and honest hints.

    `run` is called in a worker thread with arguments that passed `arguments`; what it raises
    as a `BicameralError` reaches the caller with its next step. `ask` may return a question
    for the person; it runs first, and again when the answer arrives, so it only reads.
    """

    name: str
    title: str
    description: str
    arguments: type[Arguments]
    answer: type[Answer]
    run: Callable[[Services, Call, Arguments], Answer]
    read_only: bool
    destructive: bool
    idempotent: bool
    ask: Callable[[Services, Call, Arguments], Question | None] | None = None


@dataclass(frozen=True, slots=True)
class Resource(Generic[Services]):
    """A resource at one address; `read` returns its text."""

    uri: str
    name: str
    title: str
    description: str
    read: Callable[[Services, Call], str]
    mime_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class ResourceTemplate(Generic[Services]):
    """Resources at addresses of one shape (RFC 6570); `read` gets the variables by name."""

    uri_template: str
    name: str
    title: str
    description: str
    read: Callable[[Services, Call, Mapping[str, str]], str]
    mime_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class PromptArgument:
    """One argument of a prompt; prompts take text only."""

    name: str
    description: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Prompt(Generic[Services]):
    """A prompt the person may choose; `render` returns the text said in their name."""

    name: str
    title: str
    description: str
    render: Callable[[Services, Call, Mapping[str, str]], str]
    arguments: tuple[PromptArgument, ...] = ()


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the server says it is; `instructions` (2 KB at most) reach the model."""

    name: str
    version: str
    title: str
    instructions: str


@dataclass(frozen=True, slots=True)
class Tables(Generic[Services]):
    """Everything a server serves, in the order in which it is listed.

    `measure` is entered around each call of a tool, by its dotted name; `tracer` records the
    calls, if anybody wants them recorded.
    """

    identity: Identity
    services: Services
    tools: tuple[Tool[Services, Any, Any], ...] = ()
    resources: tuple[Resource[Services], ...] = ()
    templates: tuple[ResourceTemplate[Services], ...] = ()
    prompts: tuple[Prompt[Services], ...] = ()
    measure: Callable[[str], AbstractContextManager[MeteredCall]] = unmeasured
    tracer: Tracer | None = None

"""Tracing: code says what it does within a call; the root of the call says who listens.

`span` and `event` cost one look at a context variable while nobody listens. Who listens is
found in the call's context, so nothing is passed down for them, and threads and tasks that
run in a copy of it (`anyio.to_thread`, `asyncio`) are seen below whoever started them.
"""

from collections.abc import Mapping
from contextvars import ContextVar, Token
from types import TracebackType
from typing import Literal, Protocol, Self

Layer = Literal[
    "tool",
    "serving",
    "cli",
    "observe",
    "govern",
    "review",
    "preflight",
    "intake",
    "grounding",
    "ledger",
    "capture",
]
Status = Literal["success", "error", "blocked", "cancelled"]


class Span(Protocol):
    """A piece of work under way; entered with `with`, and finished when that is left.

    Give it names, counts and sizes. A text stands in a trace only where its key is in the
    table of codes and ids (`bicameral/observe/values.py`); of any other only its length is kept.
    """

    trace_id: str
    """The span's own id; empty while nobody listens."""

    def __enter__(self) -> Self:
        """Begin; spans opened within are its children."""
        ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Finish; an error is recorded and goes on unchanged."""
        ...

    def set_output(self, output: object, **metadata: object) -> None:
        """Say what came out; any object will do."""
        ...

    def add_metadata(self, **metadata: object) -> None:
        """Add facts by name."""
        ...

    def set_status(self, status: Status) -> None:
        """Say how it ended, where no exception does."""
        ...


class Listener(Protocol):
    """A span that others can be opened below."""

    def child(self, layer: Layer, operation: str, component: str, input_data: object) -> Span:
        """Open a span below this one."""
        ...

    def mark(
        self,
        layer: Layer,
        operation: str,
        component: str,
        input_data: object,
        metadata: dict[str, object],
    ) -> None:
        """Record something below this one that takes no time."""
        ...


class Tracer(Protocol):
    """Whoever records the spans of a process."""

    def begin(self, layer: Layer, operation: str, component: str, input_data: object) -> Span:
        """Open a span that has no parent."""
        ...

    def begin_call(self, operation: str, component: str, sent: Mapping[str, object]) -> Span:
        """Open the root of a tool's call; of what was sent it keeps what a person chose."""
        ...


class _NoSpan:
    """What `span` gives while nobody listens; one for all, for it holds nothing."""

    __slots__ = ()
    trace_id = ""

    def __enter__(self) -> Self:
        return self

    # Three arguments by name: to collect them would cost as much as the rest.
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def set_output(self, output: object, **metadata: object) -> None: ...

    def add_metadata(self, **metadata: object) -> None: ...

    def set_status(self, status: Status) -> None: ...


NO_SPAN: Span = _NoSpan()
_active: ContextVar[Listener | None] = ContextVar("bicameral_span", default=None)


def span(layer: Layer, operation: str, component: str, input_data: object = None) -> Span:
    """Open a span below the one under way; it does nothing while nobody listens.

    A thread that was started by hand has a context of its own: run it in a copy of the
    caller's (`contextvars.copy_context().run`) for its spans to be recorded.
    """
    active = _active.get()
    return NO_SPAN if active is None else active.child(layer, operation, component, input_data)


def event(
    layer: Layer, operation: str, component: str, input_data: object = None, **metadata: object
) -> None:
    """Record something that takes no time below the span under way, if anybody listens."""
    active = _active.get()
    if active is not None:
        active.mark(layer, operation, component, input_data, metadata)


def is_traced() -> bool:
    """Tell whether anybody listens; ask only before work that is done for a trace alone."""
    return _active.get() is not None


def enter(listener: Listener) -> Token[Listener | None]:
    """Make a span the one under way, in this context; for those who implement spans."""
    return _active.set(listener)


def leave(token: Token[Listener | None]) -> None:
    """Go back to the span before; in another context than `enter`'s there is none to go to."""
    try:
        _active.reset(token)
    except ValueError:
        # A generator that was closed elsewhere: its own context ends with it.
        return

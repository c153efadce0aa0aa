"""The seam of tracing: what it costs and finds while nobody listens, and where it listens."""

import asyncio
import contextvars
from types import TracebackType
from typing import Self

import pytest

from bicameral import tracing
from bicameral.tracing import NO_SPAN, Layer, Status, event, is_traced, span


class Noted:
    """A span that writes down who was opened below whom."""

    def __init__(self, name: str, parent: "Noted | None" = None) -> None:
        self.trace_id = name
        self.parent = parent
        self.below: list[str] = []

    def __enter__(self) -> Self:
        self._token = tracing.enter(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        tracing.leave(self._token)

    def child(
        self, layer: Layer, operation: str, component: str, input_data: object
    ) -> tracing.Span:
        self.below.append(operation)
        return Noted(operation, self)

    def mark(
        self,
        layer: Layer,
        operation: str,
        component: str,
        input_data: object,
        metadata: dict[str, object],
    ) -> None:
        self.below.append(f"{operation} {metadata}")

    def set_output(self, output: object, **metadata: object) -> None:
        return

    def add_metadata(self, **metadata: object) -> None:
        return

    def set_status(self, status: Status) -> None:
        return


def test_without_a_listener_a_span_is_always_the_same_and_keeps_nothing() -> None:
    """It stands on every call's way, so it may cost nothing and hold nothing."""
    with span("ledger", "read", "connection", {"topic": "x"}) as first:
        first.set_output(object(), rows=3)
        first.add_metadata(any=object())
        first.set_status("blocked")
        event("preflight", "gate", "topic", None, matched=1)
        assert first is NO_SPAN
        assert first.trace_id == ""
        assert not is_traced()


def test_without_a_listener_an_error_passes_through_unchanged() -> None:
    """What is not recorded must not be swallowed either."""
    error = ValueError("as it was")
    with pytest.raises(ValueError, match="as it was") as caught, span("ledger", "read", "x"):
        raise error
    assert caught.value is error


def test_spans_and_events_go_below_the_span_under_way() -> None:
    """And below the one before again, once it is left."""
    with Noted("root") as root:
        assert is_traced()
        with span("ledger", "read", "x") as inner:
            event("ledger", "select", "decisions", rows=2)
        event("preflight", "gate", "topic", matched=1)
    assert root.below == ["read", "gate {'matched': 1}"]
    assert isinstance(inner, Noted)
    assert inner.parent is root
    assert inner.below == ["select {'rows': 2}"]
    assert not is_traced()


def test_a_span_that_is_left_in_another_context_leaves_that_one_alone() -> None:
    """A generator may be closed by whoever collects it, with a context of its own."""
    entered = Noted("elsewhere")
    contextvars.copy_context().run(entered.__enter__)
    with Noted("root"):
        entered.__exit__(None, None, None)
        assert is_traced()


def test_a_task_sees_the_span_it_was_started_in() -> None:
    """Tasks run in a copy of the context, so they need nothing passed to them."""

    async def work(name: str) -> None:
        with span("grounding", name, "x"):
            await asyncio.sleep(0)

    async def main() -> None:
        with Noted("root") as root:
            await asyncio.gather(*(work(f"task{number}") for number in range(3)))
        assert root.below == ["task0", "task1", "task2"]

    asyncio.run(main())

"""The recorder: what a span becomes, whose child it is, and how it ends."""

import asyncio
import contextvars
import itertools
import os
import re
import threading

import anyio
import anyio.to_thread
import pytest

from bicameral.errors import InputRefused, LedgerBusy
from bicameral.observe.recorder import Recorder
from bicameral.observe.ring import Ring
from bicameral.tracing import Layer, event, span
from tests.conftest import Clock, MakeEnvironment
from tests.observe.parts import FIELDS, MakeTraced, Traced

ID = re.compile(r"[a-z]{3}_\d{10}_[0-9a-f]{16}")


def test_every_line_has_exactly_the_fields_in_their_order(traced: Traced) -> None:
    """Scripts read them by name, people by place."""
    with traced.root(), span("ledger", "read", "sqlite", {"topic": "x"}) as reading:
        reading.set_output({"rows": [1, 2]}, revision=7)
        event("preflight", "gate", "topic", None, matched=1)

    lines = traced.lines()
    assert [list(line) for line in lines] == [FIELDS] * 3
    assert [line["operation"] for line in lines] == ["gate", "read", "tool.test"]
    read = lines[1]
    assert (read["input_summary"], read["output_summary"]) == ("topic:1 chars", "rows:2")
    assert (read["metadata"], read["status"]) == ({"revision": 7}, "success")
    assert lines[0]["metadata"] == {"matched": 1}


def test_an_id_begins_with_its_layer_and_the_second(traced: Traced, clock: Clock) -> None:
    """So it can be told what and when it was without looking it up."""
    with traced.root(), span("grounding", "git", "log") as asked:
        assert ID.fullmatch(asked.trace_id)
        assert asked.trace_id.startswith(f"gro_{clock.time_now_ns // 10**9}_")
    layers = Layer.__args__  # type: ignore[attr-defined]
    assert len({each[:3] for each in layers}) == len(layers)


def test_a_million_ids_have_no_duplicate(make_environment: MakeEnvironment) -> None:
    """An id that two spans share makes two trees one."""
    recorder = Recorder(make_environment(random_bytes=os.urandom), ring=Ring(), log=None)
    ids = {recorder.new_id("ledger", 1) for _ in range(1_000_000)}
    assert len(ids) == 1_000_000


def test_the_duration_is_that_of_the_monotonic_clock(traced: Traced, clock: Clock) -> None:
    """A wall clock that is set back must not make time run backwards."""
    with traced.root(), span("ledger", "read", "x"):
        clock.advance(seconds=0.0025)
    assert traced.row("read").duration_ms == 2.5
    assert traced.row("read").timestamp == "2026-05-28T20:26:40.000000Z"


# Whose child a span is.


def work(number: int) -> None:
    with span("grounding", f"outer{number}", "x"):
        for inner in range(19):
            with span("ledger", f"inner{number}.{inner}", "x"):
                pass


def assert_every_parent_is_right(traced: Traced, root_id: str) -> None:
    rows = {row.operation: row for row in traced.ring.recent()}
    for name, row in rows.items():
        if name.startswith("inner"):
            outer = rows[name.replace("inner", "outer").partition(".")[0]]
            assert row.parent_id == outer.trace_id
        elif name.startswith("outer"):
            assert row.parent_id == root_id


def test_eight_threads_with_twenty_spans_each_have_the_right_parents(traced: Traced) -> None:
    """Each runs in a copy of the context of whoever started it, as `anyio.to_thread` does."""
    gate = threading.Barrier(8)

    def begin(number: int) -> None:
        gate.wait(120)
        work(number)

    with traced.root() as root:
        copies = [contextvars.copy_context() for _ in range(8)]
        threads = [
            threading.Thread(target=copies[number].run, args=(begin, number)) for number in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
    assert len(traced.ring.recent()) == 8 * 20 + 1
    assert_every_parent_is_right(traced, root.trace_id)


def test_threads_of_a_task_group_have_the_right_parents(traced: Traced) -> None:
    """The way in which the server runs its tools."""

    async def main() -> None:
        async with anyio.create_task_group() as group:
            for number in range(8):
                group.start_soon(anyio.to_thread.run_sync, work, number)

    with traced.root() as root:
        anyio.run(main)
    assert len(traced.ring.recent()) == 8 * 20 + 1
    assert_every_parent_is_right(traced, root.trace_id)


def test_a_hundred_tasks_have_the_right_parents(traced: Traced) -> None:
    """They take turns in one thread, so a plain variable would mix them up."""

    async def task(number: int) -> None:
        with span("grounding", f"outer{number}", "x"):
            await asyncio.sleep(0)
            with span("ledger", f"inner{number}.0", "x"):
                await asyncio.sleep(0)

    async def main() -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(100):
                group.create_task(task(number))

    with traced.root() as root:
        asyncio.run(main())
    assert len(traced.ring.recent()) == 201
    assert_every_parent_is_right(traced, root.trace_id)


def test_tasks_of_two_calls_are_never_mixed(traced: Traced) -> None:
    """Two clients' calls are under way in one loop."""

    async def call(number: int) -> None:
        with traced.root(f"outer{number}"):
            await asyncio.sleep(0)
            with span("ledger", f"inner{number}.0", "x"):
                await asyncio.sleep(0)

    async def main() -> None:
        await asyncio.gather(*map(call, range(20)))

    asyncio.run(main())
    rows = {row.operation: row for row in traced.ring.recent()}
    for number in range(20):
        assert rows[f"inner{number}.0"].parent_id == rows[f"outer{number}"].trace_id
        assert rows[f"outer{number}"].parent_id is None


# How it ends.


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ValueError("what was wrong"), "error"),
        (LedgerBusy("held", next_step="wait"), "error"),
        (InputRefused("not that", next_step="this"), "blocked"),
        (KeyboardInterrupt(), "cancelled"),
        (SystemExit(3), "cancelled"),
        (GeneratorExit(), "cancelled"),
        (asyncio.CancelledError(), "cancelled"),
    ],
)
def test_whatever_is_raised_is_recorded_and_goes_on_unchanged(
    traced: Traced, error: BaseException, status: str
) -> None:
    """Tracing watches; it never changes what a call does."""
    with pytest.raises(type(error)) as caught, traced.root(), span("ledger", "read", "x"):
        raise error
    assert caught.value is error
    assert caught.value.__cause__ is None
    row = traced.row("read")
    assert row.status == status
    assert row.metadata["error.type"] == type(error).__name__


def test_a_task_that_is_cancelled_is_recorded_as_such(traced: Traced) -> None:
    """A client withdraws a call, and the trace says so."""

    async def main() -> None:
        started = asyncio.Event()

        async def wait() -> None:
            with traced.root(), span("ledger", "read", "x"):
                started.set()
                await asyncio.Event().wait()

        task = asyncio.create_task(wait())
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert traced.row("read").status == traced.row("tool.test").status == "cancelled"


def test_a_status_can_be_said_without_an_exception(traced: Traced) -> None:
    """Not every refusal is raised."""
    with traced.root() as root:
        root.set_status("blocked")
    assert traced.row("tool.test").status == "blocked"


def test_the_message_of_an_error_stands_only_in_raw_mode_and_without_secrets(
    make_traced: MakeTraced,
) -> None:
    """A message often quotes what a person wrote."""
    secret = "sk_" + "live_" + "Zm9vYmFyYmF6cXV4cXV1eA1234"
    found = []
    for is_raw in (False, True):
        traced = make_traced(is_raw=is_raw)
        with pytest.raises(ValueError, match="Frobnitz"), traced.root():
            raise ValueError(f"no such customer: Frobnitz, {secret}")
        found.append(traced.row("tool.test").metadata["error_message"])
    assert found[0] == f"{28 + len(secret)} chars"
    assert found[1] == "no such customer: Frobnitz, [secret: stripe_key]"


def test_an_error_says_where_in_our_code_it_was_raised(traced: Traced) -> None:
    """The type alone sends its reader searching."""
    from bicameral.capture.stamps import read_stamp_ns

    with pytest.raises(ValueError, match="stamp"), traced.root():
        read_stamp_ns("no stamp")
    assert re.fullmatch(
        r"bicameral\.capture\.stamps:\d+", str(traced.row("tool.test").metadata["error_at"])
    )


# What must not matter.


def test_a_span_never_left_is_never_recorded_and_harms_nobody(traced: Traced) -> None:
    """A process may die within one."""
    with traced.root():
        span("ledger", "begun", "x").__enter__()
    with traced.root("tool.next"):
        pass
    assert {row.operation for row in traced.ring.recent()} == {"tool.test", "tool.next"}


def test_the_ring_holds_the_last_256_spans(traced: Traced) -> None:
    """It must not grow with the life of a server."""
    for number in range(300):
        with traced.root(f"tool.{number}"):
            pass
    assert [row.operation for row in traced.ring.recent()] == [
        f"tool.{number}" for number in range(44, 300)
    ]


def test_what_the_ring_gives_are_copies(traced: Traced) -> None:
    """Whoever looks must not be able to change what others will see."""
    with traced.root() as root:
        root.add_metadata(decision_ids=["dec_01M8QBHRWR670XX05D9X9J8WP2"])
    [row] = traced.ring.recent()
    row.operation = "changed"
    row.metadata["decision_ids"].append("changed")  # type: ignore[union-attr]
    row.metadata["more"] = 1
    [again] = traced.ring.recent()
    assert again.operation == "tool.test"
    assert again.metadata == {"decision_ids": ["dec_01M8QBHRWR670XX05D9X9J8WP2"]}
    traced.ring.clear()
    assert traced.ring.recent() == []


def test_a_home_that_cannot_be_written_costs_the_file_and_nothing_else(
    traced: Traced, warnings_shown: list[str]
) -> None:
    """The ring goes on, the drops are counted, and it is said once."""
    traced.path.parent.write_text("a file where the home should be", encoding="utf-8")
    for _, number in itertools.product(range(2), range(3)):
        with traced.root(f"tool.{number}"):
            pass
    assert len(traced.ring.recent()) == 6
    log = traced.recorder.log
    assert log is not None
    assert (log.counts.written, log.counts.dropped) == (0, 6)
    assert [each for each in warnings_shown if "trace" in each] == warnings_shown
    assert len(warnings_shown) == 1
    assert traced.recorder.last_error

"""What code counts reaches the meter of its call, and nothing else (`bicameral/metering.py`)."""

import asyncio
import contextvars
import threading

import pytest

from bicameral.metering import (
    MOST_DURATIONS,
    Meter,
    count,
    current_meter,
    metered,
    observe_ms,
)


def test_nothing_happens_while_nobody_listens() -> None:
    """The seam stands in hot code: off, it must neither fail nor keep anything."""
    count("ast_parse_count")
    observe_ms("link_commit", 1.5)

    assert current_meter() is None


def test_the_meter_of_the_call_has_what_was_counted_within() -> None:
    """A deep function counts without being handed anything."""
    meter = Meter()
    with metered(meter):
        count("ast_parse_count")
        count("file_read_raw_bytes_total", 4_096)
        count("ast_parse_count", by=2)
        observe_ms("parse", 0.25)
        observe_ms("parse", 0.75)
    count("ast_parse_count")

    assert meter.counts == {"ast_parse_count": 3, "file_read_raw_bytes_total": 4_096}
    assert meter.durations_ms == {"parse": [0.25, 0.75]}


def fail_within(meter: Meter) -> None:
    with metered(meter):
        count("a")
        raise ValueError("within")


def test_the_outer_meter_listens_again_after_an_inner_one_and_after_an_error() -> None:
    """A call within a call has figures of its own; an error must not leave them mixed up."""
    outer, inner = Meter(), Meter()
    with metered(outer):
        with pytest.raises(ValueError, match="within"):
            fail_within(inner)
        with metered(None):
            count("a")
        count("b")

    assert (outer.counts, inner.counts) == ({"b": 1}, {"a": 1})


def test_threads_in_the_context_of_the_call_lose_no_count() -> None:
    """Tools run in worker threads, and adding is a read and a write."""
    meter = Meter()

    def add() -> None:
        for _ in range(2_000):
            count("a")

    with metered(meter):
        threads = [
            threading.Thread(target=contextvars.copy_context().run, args=[add]) for _ in range(8)
        ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert meter.counts == {"a": 16_000}


def test_tasks_side_by_side_count_each_for_its_own_call() -> None:
    """The server serves calls at once; their figures must not mix."""

    async def call(name: str) -> Meter:
        meter = Meter()
        with metered(meter):
            for _ in range(10):
                count(name)
                await asyncio.sleep(0)
        return meter

    async def both() -> tuple[Meter, Meter]:
        return await asyncio.gather(call("a"), call("b"))

    assert [meter.counts for meter in asyncio.run(both())] == [{"a": 10}, {"b": 10}]


def test_the_durations_of_one_call_are_bounded_and_the_rest_is_counted() -> None:
    """A call that walks a huge repository must not fill the memory with figures."""
    meter = Meter()
    with metered(meter):
        for _ in range(MOST_DURATIONS + 5):
            observe_ms("parse", 1.0)

    assert len(meter.durations_ms["parse"]) == MOST_DURATIONS
    assert meter.unkept == 5

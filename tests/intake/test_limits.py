"""How fast may be ingested: so many calls in a window that moves with the clock."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from bicameral.errors import IngestRefused
from bicameral.intake.limits import MOST_CALLS, PER_SECONDS, RateLimit
from tests.conftest import Clock


def test_the_limit_refuses_one_call_too_many_and_says_why(clock: Clock) -> None:
    """One caller in a loop cannot fill a team's ledger."""
    limit = RateLimit(clock)
    for _ in range(MOST_CALLS):
        limit.take()

    with pytest.raises(IngestRefused, match=f"more than {MOST_CALLS}") as refused:
        limit.take()

    assert "whole folders" in refused.value.next_step


def test_a_call_is_free_again_when_its_window_has_passed(clock: Clock) -> None:
    """To the nanosecond: at the end of the window, not before."""
    limit = RateLimit(clock, most=2, seconds=10)
    limit.take()
    clock.advance(seconds=4)
    limit.take()
    clock.advance(seconds=6 - 1e-9)
    with pytest.raises(IngestRefused):
        limit.take()

    clock.advance(seconds=1e-9)
    limit.take()

    with pytest.raises(IngestRefused):
        limit.take()


def test_a_refused_call_is_not_counted(clock: Clock) -> None:
    """Else somebody who keeps trying would never be let in again."""
    limit = RateLimit(clock, most=1, seconds=10)
    limit.take()
    for _ in range(100):
        with pytest.raises(IngestRefused):
            limit.take()
    clock.advance(seconds=PER_SECONDS)

    limit.take()


def test_threads_together_get_no_more_than_the_limit(clock: Clock) -> None:
    """Tools run in threads of one process."""
    limit = RateLimit(clock, most=50)

    def is_let_in(_number: int) -> bool:
        try:
            limit.take()
        except IngestRefused:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(is_let_in, range(400))) == 50

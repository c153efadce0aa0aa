"""Identifiers and stamps: the two texts that stand in every row."""

import os
import uuid
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bicameral.capture.identifiers import new_uuid4
from bicameral.capture.stamps import Stamps, read_stamp_ns


@given(st.binary(min_size=16, max_size=16))
def test_any_randomness_becomes_a_version_4_uuid(content: bytes) -> None:
    """The six fixed bits are set, the other 122 are the caller's own."""
    assert new_uuid4(lambda count: content) == str(uuid.UUID(bytes=content, version=4))


def test_no_identifier_comes_twice() -> None:
    """A repeated id would join two preflights."""
    assert len({new_uuid4(os.urandom) for _ in range(50_000)}) == 50_000


@given(st.integers(min_value=-(10**18), max_value=2 * 10**20))
def test_a_stamp_is_the_moment_to_the_microsecond(time_ns: int) -> None:
    """Read back, it is the same moment, aware and in UTC."""
    text = Stamps().write(time_ns)

    moment = datetime.fromisoformat(text)
    assert moment.utcoffset() == UTC.utcoffset(None)
    assert read_stamp_ns(text) == time_ns // 1_000 * 1_000


@given(st.lists(st.integers(min_value=0, max_value=10**19), min_size=2))
def test_the_order_of_texts_is_the_order_of_moments(times_ns: list[int]) -> None:
    """Also when the clock goes backwards between two of them: nothing stale is remembered."""
    stamps = Stamps()

    texts = [stamps.write(time_ns // 1_000 * 1_000) for time_ns in times_ns]

    assert sorted(texts) == [stamps.write(time_ns) for time_ns in sorted(times_ns)]


def test_a_stamp_has_one_width() -> None:
    """A whole second would otherwise sort before its own beginning."""
    assert Stamps().write(1_780_000_000_000_000_000) == "2026-05-28T20:26:40.000000Z"
    assert Stamps().write(1_780_000_000_000_001_999) == "2026-05-28T20:26:40.000001Z"


def test_a_stamp_without_an_offset_is_read_as_utc() -> None:
    """Files of other writers of the same log may omit it."""
    assert read_stamp_ns("1970-01-01T00:00:01") == 1_000_000_000


def test_what_is_no_stamp_is_refused() -> None:
    """The age of a file must not come from a guess."""
    with pytest.raises(ValueError, match="soon"):
        read_stamp_ns("soon")

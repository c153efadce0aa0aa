"""The chart: it never lies by its lengths, never overflows, and needs no special font."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bicameral.review.triage.chart import Bar, cells, draw, fills

BARS = st.lists(
    st.builds(
        Bar,
        st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=8),
        st.integers(0, 10_000),
        st.integers(0, 10_000),
    ),
    max_size=10,
)


@given(BARS, st.integers(40, 100), st.sampled_from(["utf-8", "ascii", "latin-1"]))
def test_no_row_is_wider_than_the_terminal(bars: list[Bar], width: int, encoding: str) -> None:
    """A wrapped bar is unreadable; and every row can be written in the encoding."""
    rows = draw(bars, width=width, encoding=encoding)
    assert len(rows) == len(bars)
    assert all(len(row) <= width for row in rows)
    assert "".join(rows).encode(encoding) or not bars


@given(BARS.filter(bool), st.integers(40, 100))
def test_a_longer_bar_means_a_larger_number(bars: list[Bar], width: int) -> None:
    """And whatever is not zero can be seen."""
    rows = draw(bars, width=width, encoding="utf-8")
    drawn = [(row.count("█"), row.count("▒")) for row in rows]
    for bar, (first, second) in zip(bars, drawn, strict=True):
        assert (first > 0, second > 0) == (bar.first > 0, bar.second > 0)
        for other, (other_first, other_second) in zip(bars, drawn, strict=True):
            if bar.first >= other.first:
                assert first >= other_first
            if bar.second >= other.second:
                assert second >= other_second


@given(st.integers(0, 1_000), st.integers(0, 1_000), st.integers(2, 100))
def test_two_parts_fit_into_their_room(first: int, second: int, room: int) -> None:
    """Also when one of them is so small that it is drawn larger than it is."""
    most = max(first + second, 1)
    assert cells(first, most, room) + cells(second, most, room) <= room


@pytest.mark.parametrize(
    ("encoding", "found"),
    [("utf-8", ("█", "▒")), ("ascii", ("#", "-")), ("cp437", ("█", "▒")), ("odd", ("#", "-"))],
)
def test_blocks_are_drawn_where_the_encoding_has_them(
    encoding: str, found: tuple[str, str]
) -> None:
    """Elsewhere plain characters do."""
    assert fills(encoding) == found


def test_a_chart_looks_like_this() -> None:
    """Names, bars and numbers stand under each other."""
    bars = [Bar("2026-W09", 4, 2), Bar("2026-W10", 0, 1), Bar("2026-W11", 0, 0)]
    assert draw(bars, width=40, encoding="ascii") == [
        "2026-W09  ##############-------    4 + 2",
        "2026-W10  ---                      0 + 1",
        "2026-W11                           0 + 0",
    ]

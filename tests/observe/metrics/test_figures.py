"""Percentiles by nearest rank, and the estimate of tokens, on vectors."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bicameral.observe.metrics.percentiles import FEWEST_FOR_P95, nearest_rank, p50, p95
from bicameral.observe.metrics.tokens import estimate_tokens

FIVE = [15.0, 20.0, 35.0, 40.0, 50.0]


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        (FIVE, 5, 15.0),
        (FIVE, 30, 20.0),
        (FIVE, 40, 20.0),
        (FIVE, 50, 35.0),
        (FIVE, 100, 50.0),
        ([3.0, 6.0, 7.0, 8.0, 8.0, 10.0, 13.0, 15.0, 16.0, 20.0], 25, 7.0),
        ([3.0, 6.0, 7.0, 8.0, 8.0, 10.0, 13.0, 15.0, 16.0, 20.0], 50, 8.0),
        ([3.0, 6.0, 7.0, 8.0, 8.0, 10.0, 13.0, 15.0, 16.0, 20.0], 75, 15.0),
        ([1.0], 95, 1.0),
        ([float(n) for n in range(1, 21)], 95, 19.0),
        ([float(n) for n in range(1, 101)], 95, 95.0),
        ([float(n) for n in range(1, 102)], 95, 96.0),
    ],
)
def test_nearest_rank_on_known_vectors(
    values: list[float], percent: float, expected: float
) -> None:
    """Two definitions differ on small samples; ours is stated and held."""
    assert nearest_rank(values, percent) == expected


@given(
    st.lists(st.floats(0, 1e6), min_size=1, max_size=200).map(sorted),
    st.integers(min_value=1, max_value=100),
)
def test_the_rank_is_the_smallest_that_enough_do_not_exceed(
    values: list[float], percent: int
) -> None:
    """The definition itself, in whole numbers."""
    found = nearest_rank(values, percent)
    assert found in values
    assert sum(value <= found for value in values) * 100 >= percent * len(values)
    below = [value for value in values if value < found]
    assert len(below) * 100 < percent * len(values)


def test_there_is_no_95th_percentile_of_a_handful() -> None:
    """Of nineteen values it is the largest by another name."""
    assert (p50([]), p95([])) == (None, None)
    assert p95([1.0] * (FEWEST_FOR_P95 - 1)) is None
    assert p95([1.0] * FEWEST_FOR_P95) == 1.0
    assert FEWEST_FOR_P95 == 20


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", 0),
        (" \n\t ", 0),
        ("a", 1),
        ("abc", 1),
        ("abcdefgh", 2),
        ("abcdefg", 1),
        ("  a   b  ", 1),
        ("word " * 100, 124),
        ("a\n\n\n\n\n\n\nb", 1),
        ("ü" * 40, 10),
    ],
)
def test_tokens_on_vectors(text: str, tokens: int) -> None:
    """White space as one, a quarter of the length, at least one, of nothing none."""
    assert estimate_tokens(text) == tokens

"""Figures follow from outcomes alone, and what is undefined stays so."""

import random
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bicameral.review.dataset import Category
from bicameral.review.evaluation.asking import Outcome
from bicameral.review.evaluation.figures import (
    FEWEST_FOR_P95,
    Spread,
    by_category,
    counts_of,
    figures_of,
    nearest_rank,
    ratio,
    spread_of,
)
from tests.review.evaluation.parts import outcome

KEYS = st.sets(st.sampled_from("abcd"), max_size=3).map(lambda keys: "".join(sorted(keys)))
OUTCOMES = st.builds(
    outcome,
    expected=KEYS,
    shown=KEYS,
    category=st.sampled_from(get_args(Category)),
    tokens=st.integers(1, 900),
    latencies_ms=st.lists(st.floats(0, 90), min_size=1, max_size=3).map(tuple),
)
RATIOS = ("right_share", "precision", "recall", "fire_rate", "fire_rate_on_silent")


def test_decisions_are_counted_one_by_one_and_rows_as_a_whole() -> None:
    """A worked example by hand: three rows, of which one is right."""
    counts = counts_of([outcome("ab", "a"), outcome("c", "c"), outcome("", "x")])
    assert (counts.rows, counts.right, counts.fired, counts.silent) == (3, 1, 3, 1)
    assert (counts.expected, counts.shown, counts.shown_rightly) == (3, 3, 2)
    assert counts.precision == pytest.approx(2 / 3)
    assert counts.recall == pytest.approx(2 / 3)
    assert (counts.fire_rate, counts.fire_rate_on_silent) == (1.0, 1.0)


def test_a_ratio_of_nothing_is_undefined() -> None:
    """Neither 0 nor 1: nobody was wrong, and nobody was right."""
    nothing = counts_of([])
    assert [getattr(nothing, name) for name in RATIOS] == [None] * len(RATIOS)
    silent = counts_of([outcome("", "")])
    assert (silent.precision, silent.recall) == (None, None)
    assert (silent.right_share, silent.fire_rate_on_silent) == (1.0, 0.0)
    assert counts_of([outcome("a", "")]).fire_rate_on_silent is None


def test_a_row_that_fired_without_a_decision_is_not_right() -> None:
    """Something else was said then, and the person was disturbed."""
    quiet = outcome("", "")
    loud = Outcome(quiet.row, (), True, "fired", 10, (1.0,))
    assert quiet.is_right
    assert not loud.is_right


@given(outcomes=st.lists(OUTCOMES, max_size=12))
def test_every_ratio_lies_between_nothing_and_all(outcomes: list[Outcome]) -> None:
    """Or it is undefined."""
    counts = counts_of(outcomes)
    for name in RATIOS:
        value = getattr(counts, name)
        assert value is None or 0 <= value <= 1


@given(outcomes=st.lists(OUTCOMES, max_size=12), seed=st.integers(0, 99))
def test_the_order_of_rows_is_nothing(outcomes: list[Outcome], seed: int) -> None:
    """A data set is a set."""
    shuffled = list(outcomes)
    random.Random(seed).shuffle(shuffled)
    assert figures_of(shuffled) == figures_of(outcomes)


@given(outcomes=st.lists(OUTCOMES, max_size=12))
def test_a_right_row_more_never_lowers_recall_or_precision(outcomes: list[Outcome]) -> None:
    """Doing better must not look worse."""
    before, after = counts_of(outcomes), counts_of([*outcomes, outcome("ab", "ab")])
    assert (after.recall or 0) >= (before.recall or 0)
    assert (after.precision or 0) >= (before.precision or 0)
    assert (after.right_share or 0) >= (before.right_share or 0)


@given(outcomes=st.lists(OUTCOMES, max_size=12))
def test_a_wrong_decision_more_never_raises_precision(outcomes: list[Outcome]) -> None:
    """Noise must cost something."""
    before, after = counts_of(outcomes), counts_of([*outcomes, outcome("", "x")])
    assert after.precision is not None
    assert before.precision is None or after.precision <= before.precision
    assert after.recall == before.recall


@given(outcomes=st.lists(OUTCOMES, max_size=12))
def test_the_categories_add_up_to_the_whole(outcomes: list[Outcome]) -> None:
    """No row is counted twice or left out."""
    parts = [counts_of(each) for each in by_category(outcomes).values()]
    whole = counts_of(outcomes)
    for name in ("rows", "right", "fired", "expected", "shown", "shown_rightly"):
        assert sum(getattr(each, name) for each in parts) == getattr(whole, name)


@given(
    values=st.lists(st.floats(-9, 9), min_size=1, max_size=40),
    share=st.floats(0.01, 1),
)
def test_a_nearest_rank_has_its_share_at_or_below_it(values: list[float], share: float) -> None:
    """The definition: the smallest measured value that does."""
    found = nearest_rank(values, share)
    assert found in values
    assert sum(each <= found for each in values) >= share * len(values) - 1e-9
    below = [each for each in values if each < found]
    assert len(below) < share * len(values)


def test_there_is_no_p95_of_a_few() -> None:
    """The largest of ten is no 95th percentile."""
    few, enough = range(1, FEWEST_FOR_P95), range(1, FEWEST_FOR_P95 + 1)
    assert spread_of([]) == Spread(0, None, None)
    assert spread_of(few) == Spread(19, 10, None)
    assert spread_of(enough) == Spread(20, 10, 19)


def test_every_repeat_counts_for_the_latency_and_each_row_once_for_tokens() -> None:
    """Repeats make times steadier; answers are the same."""
    figures = figures_of([outcome("a", "a", latencies_ms=(1.0, 2.0, 9.0), tokens=7)])
    assert figures.latency_ms == Spread(3, 2.0, None)
    assert figures.tokens == Spread(1, 7, None)


def test_a_ratio_is_a_division() -> None:
    """The smallest of all laws."""
    assert (ratio(1, 4), ratio(0, 4), ratio(0, 0)) == (0.25, 0.0, None)

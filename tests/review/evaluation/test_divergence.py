"""The alarm rings for a planted shift, and hardly ever for sets that are alike."""

import random
from collections.abc import Sequence
from statistics import NormalDist

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bicameral.review.dataset import Category
from bicameral.review.evaluation.asking import Outcome
from bicameral.review.evaluation.divergence import (
    FALSE_ALARMS,
    FEWEST_ROWS,
    TOLERANCE,
    Difference,
    Term,
    bootstrap_interval,
    compare,
    expanded_tail,
    total_ratio,
)
from tests.review.evaluation.parts import outcome

ROUNDS = 150
RESAMPLES = 500


def population(rows: int, *, heard: float, disturbed: float, seed: int) -> list[Outcome]:
    """Draw rows: `heard` of those that expect something, `disturbed` of the silent ones."""
    chance = random.Random(seed)
    found = []
    for number in range(rows):
        category: Category = "plain_hit" if number % 5 < 3 else "generic_topic"
        is_silent = category == "generic_topic"
        shown = chance.random() < (disturbed if is_silent else heard)
        found.append(
            outcome(
                "" if is_silent else "a",
                ("x" if is_silent else "a") if shown else "",
                name=str(number),
                category=category,
            )
        )
    return found


def resampled(outcomes: Sequence[Outcome], rows: int, chance: random.Random) -> list[Outcome]:
    return chance.choices(outcomes, k=rows)


@pytest.mark.parametrize(
    ("heard", "disturbed", "measures"),
    [
        (0.35, 0.15, {"right", "recall"}),
        (0.80, 0.60, {"right", "fired_on_silent"}),
    ],
)
def test_a_planted_shift_rings_the_alarm(
    heard: float, disturbed: float, measures: set[str]
) -> None:
    """The real set is heard less, or disturbed more, than the synthetic one."""
    real = population(120, heard=heard, disturbed=disturbed, seed=1)
    divergence = compare(real, population(180, heard=0.8, disturbed=0.15, seed=2))
    assert divergence.is_alarm
    assert {each.measure for each in divergence.differences if each.is_alarm} == measures


def test_sets_drawn_from_the_same_rows_hardly_ever_ring_it() -> None:
    """All three measures together, over many draws: no more than the stated share."""
    rows = population(120, heard=0.7, disturbed=0.2, seed=3)
    alarms = 0
    for seed in range(ROUNDS):
        # Not the seed alone: the intervals would be drawn by the very same numbers.
        chance = random.Random(f"rows {seed}")
        one, other = resampled(rows, 60, chance), resampled(rows, 90, chance)
        alarms += compare(one, other, seed=seed, resamples=RESAMPLES).is_alarm
    assert alarms / ROUNDS <= FALSE_ALARMS


def test_another_mix_of_categories_is_no_difference() -> None:
    """A set of hard rows is not compared with a set of easy ones, but like with like."""
    easy = [outcome("a", "a", name=f"e{n}") for n in range(90)]
    hard = [outcome("a", "", name=f"h{n}", category="jargon") for n in range(90)]
    divergence = compare([*easy[:60], *hard[:10]], [*easy[:10], *hard])
    assert not divergence.is_alarm
    right = divergence.differences[0]
    assert right.value == pytest.approx(right.other)


def test_categories_of_one_set_alone_are_left_out() -> None:
    """There is nothing to compare them with."""
    shared = [outcome("a", "a", name=str(n)) for n in range(30)]
    only = [outcome("a", "", name=f"o{n}", category="jargon") for n in range(30)]
    divergence = compare([*shared, *only], shared)
    assert (divergence.rows, divergence.rows_other) == (30, 30)
    assert not divergence.is_alarm


def test_with_too_few_rows_nothing_is_told() -> None:
    """Nineteen rows that all differ are still nineteen rows."""
    few = [outcome("a", "", name=str(n)) for n in range(FEWEST_ROWS - 1)]
    many = [outcome("a", "a", name=str(n)) for n in range(90)]
    right, silent, recall = compare(few, many).differences
    assert (right.is_told, right.is_alarm, right.n) == (False, False, FEWEST_ROWS - 1)
    assert right.difference == -1.0
    assert (silent.n, silent.value, silent.difference) == (0, None, None)
    assert not recall.is_told
    enough = [*few, outcome("a", "", name="one more")]
    assert compare(enough, many).is_alarm


def test_nothing_in_common_is_no_alarm() -> None:
    """Nor is it an error: a real set of one category may be all there is."""
    one = [outcome("a", "a", name=str(n)) for n in range(30)]
    other = [outcome("a", "a", name=str(n), category="jargon") for n in range(30)]
    divergence = compare(one, other)
    assert (divergence.rows, divergence.rows_other, divergence.is_alarm) == (0, 0, False)


@pytest.mark.parametrize(
    ("value", "low", "high", "rings"),
    [
        (0.90, 0.05, 0.60, True),
        (0.10, -0.60, -0.05, True),
        (0.90, -0.01, 0.60, False),
        (0.50 + TOLERANCE - 0.01, 0.01, 0.20, False),
    ],
)
def test_an_alarm_needs_a_difference_that_is_sure_and_large(
    value: float, low: float, high: float, rings: bool
) -> None:
    """Chance is ruled out by the interval, trifles by the tolerance."""
    difference = Difference("right", 50, 50, value, 0.50, low, high)
    assert difference.is_alarm is rings


def test_the_same_rows_give_the_same_interval() -> None:
    """A run in CI and the same one at a desk must not disagree."""
    real = population(60, heard=0.7, disturbed=0.2, seed=4)
    synthetic = population(90, heard=0.7, disturbed=0.2, seed=5)
    assert compare(real, synthetic) == compare(real, synthetic)
    assert compare(real, synthetic, seed=1) != compare(real, synthetic, seed=2)


TERMS = st.lists(
    st.builds(Term, part=st.sampled_from([0.0, 1.0]), whole=st.just(1.0)), min_size=2, max_size=30
)


@settings(max_examples=40)
@given(terms=TERMS, others=TERMS)
def test_an_interval_lies_around_what_is_possible(terms: list[Term], others: list[Term]) -> None:
    """Two shares differ by at most one; a wider level gives no narrower interval."""
    narrow = bootstrap_interval(terms, others, level=0.8, seed=1, resamples=80)
    wide = bootstrap_interval(terms, others, level=0.98, seed=1, resamples=80)
    assert -1 <= wide[0] <= narrow[0] <= narrow[1] <= wide[1] <= 1


@given(terms=TERMS, weight=st.floats(0.1, 9))
def test_one_weight_for_all_changes_nothing(terms: list[Term], weight: float) -> None:
    """Weights set rows against each other, and do nothing by themselves."""
    weighted = [Term(each.part, each.whole, weight) for each in terms]
    assert total_ratio(weighted) == pytest.approx(total_ratio(terms))


def test_a_percentile_interval_covers_what_it_should() -> None:
    """Of many intervals at 90 %, about nine in ten hold the true difference, which is 0."""
    held = 0
    for seed in range(ROUNDS):
        chance = random.Random(f"terms {seed}")
        one, other = (
            [Term(float(chance.random() < 0.5), 1.0) for _ in range(60)] for _ in range(2)
        )
        low, high = bootstrap_interval(one, other, level=0.9, seed=seed, resamples=RESAMPLES)
        held += low <= 0 <= high
    assert 0.83 <= held / ROUNDS <= 0.97


@pytest.mark.parametrize(
    ("tail", "rows", "expected"),
    # Student's quantiles from printed tables: t(0.975, 19) = 2.093, t(0.995, 29) = 2.756.
    [(0.025, 20, 2.093), (0.005, 30, 2.756)],
)
def test_the_tail_is_that_of_students_distribution(tail: float, rows: int, expected: float) -> None:
    """By tables that are older than this code."""
    wanted = NormalDist().cdf(-((rows / (rows - 1)) ** 0.5) * expected)
    assert expanded_tail(tail, rows) == pytest.approx(wanted, rel=0.01)
    assert expanded_tail(tail, 10**6) == pytest.approx(tail, rel=0.001)

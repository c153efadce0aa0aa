"""Folds: what is alike stays together, both sides are spread, and order plays no part."""

from itertools import product
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from bicameral.review.calibration.cases import Case
from bicameral.review.calibration.folds import families_of, part
from tests.review.calibration.parts import a_case, collected_from
from tests.review.calibration.worlds import world

marks = st.lists(st.sampled_from("abcdefghijklmnopqrstuvwxyz"), min_size=1, max_size=3)


@st.composite
def several_cases(draw: st.DrawFn) -> list[Case]:
    return [
        a_case(
            f"case{number}",
            wanted=["d"] * draw(st.booleans()),
            unwanted=[f"u{n}" for n in range(draw(st.integers(0, 3)))],
            kin=kin,
        )
        for number, kin in enumerate(draw(st.lists(marks, min_size=1, max_size=40)))
    ]


@given(cases=several_cases(), folds=st.integers(2, 7))
def test_no_mark_is_in_two_folds_and_no_case_is_lost(cases: list[Case], folds: int) -> None:
    """A topic or a decision on both sides would let the fit see what it is tested on."""
    parted = part(families_of(cases), folds=folds)
    found = [case.key for fold in parted for case in fold.cases]
    assert sorted(found) == sorted(case.key for case in cases)
    seen = [{mark for case in fold.cases for mark in case.kin} for fold in parted]
    for number, other in product(range(folds), range(folds)):
        assert number == other or seen[number].isdisjoint(seen[other])


@given(cases=several_cases(), seed=st.integers(0, 99))
def test_the_folds_are_the_same_whatever_the_order(cases: list[Case], seed: int) -> None:
    """They follow from the content of the rows alone."""
    shuffled = list(cases)
    Random(seed).shuffle(shuffled)
    one, other = families_of(cases), families_of(shuffled)
    assert [[c.key for c in f.cases] for f in part(one, folds=5)] == [
        [c.key for c in f.cases] for f in part(other, folds=5)
    ]


@given(folds=st.integers(2, 9), extra=st.integers(0, 30))
def test_with_as_many_families_as_folds_none_is_empty(folds: int, extra: int) -> None:
    """A fold without rows would count as one that nothing was wrong in."""
    cases = [
        a_case(f"{n}", wanted=["d"] * (n % 3 == 0), unwanted=["d"] * (n % 3 > 0))
        for n in range(folds + extra)
    ]
    assert all(list(fold.cases) for fold in part(families_of(cases), folds=folds))


def test_both_sides_are_spread_evenly() -> None:
    """Ten wanted and twenty unwanted over five folds: two and four in each."""
    cases = [a_case(f"w{n}", wanted=["d"]) for n in range(10)]
    cases += [a_case(f"u{n}", unwanted=["d"]) for n in range(20)]
    parted = part(families_of(cases), folds=5)
    assert [(fold.wanted, fold.unwanted) for fold in parted] == [(2, 4)] * 5


def test_cases_linked_through_others_are_one_family() -> None:
    """The first and the last share nothing themselves."""
    chain = [a_case("1", kin="ab"), a_case("2", kin="bc"), a_case("3", kin="cd")]
    families = families_of([*chain, a_case("4", kin="x")])
    assert {"".join(case.key for case in family) for family in families} == {"123", "4"}


def test_rows_about_one_decision_or_of_one_topic_are_one_family() -> None:
    """Whatever the ids, the wording of a decision and the words of a topic say it."""
    made = world(1)
    first = made.row(shared=3, unknown=1, is_wanted=True)
    again = made.row(shared=3, unknown=1, is_wanted=False)
    # The same decision under another key, asked about with fewer of its words.
    [own] = first.decisions
    moved = type(own)(key="other", title=own.title, description=own.description)
    shorter = type(first)(
        id="shorter",
        origin="synthetic",
        category="plain_hit",
        topic=" ".join(first.topic.split()[::-1][:3]),
        decisions=[moved],
        expected=["other"],
    )
    same_words = type(first)(
        id="same words",
        origin="synthetic",
        category="plain_silence",
        topic=" ".join(sorted(again.topic.split())) + "!",
        decisions=again.decisions,
    )
    cases = collected_from([first, again, shorter, same_words]).cases
    families = {frozenset(case.id for case in family) for family in families_of(cases)}
    assert families == {frozenset({first.id, "shorter"}), frozenset({again.id, "same words"})}

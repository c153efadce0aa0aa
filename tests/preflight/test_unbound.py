"""The channels beside bindings: points only add up, and only what is unusual is shown."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bicameral.preflight.relevance import Best, pull, rank, unusualness, weigh
from bicameral.preflight.signals import Gathered, Signals
from bicameral.preflight.topic import TopicMatch
from bicameral.preflight.unbound import (
    CITED,
    CITED_BESIDE,
    HIGHEST_CONFIDENCE,
    LOWEST_CONFIDENCE,
    MOST_RELATED,
    choose_unbound,
)
from bicameral.preflight.usual import FEWEST, Usual

SIGNALS = (
    *("text", "places", "whole", "title", "history", "spoken", "fresh", "code", "beside"),
    "names",
)
QUIET = Usual(pulls=tuple(range(FEWEST)), bests=tuple(range(FEWEST)))
LOUD = Usual(pulls=(1_000.0,) * FEWEST, bests=(1_000.0,) * FEWEST)
STRONG = Signals("strong", text=400.0, whole=400.0, title=1.0, history=1.0)
WEAK = Signals("weak", text=1.0, whole=1.0)
share = st.floats(0, 1)
signals = st.builds(
    Signals,
    decision_id=st.sampled_from("abcdef"),
    text=st.floats(0, 100),
    places=st.floats(0, 100),
    whole=st.floats(0, 100),
    title=share,
    history=share,
    spoken=share,
    fresh=share,
    code=share,
    beside=share,
    names=st.floats(0, 100),
    named=st.just(("quote_price",)),
)


@given(found=signals, signal=st.sampled_from(SIGNALS), more=st.floats(0, 10))
def test_more_of_a_signal_never_takes_points_away(found: Signals, signal: str, more: float) -> None:
    """Only so can an answer name what it rests on."""
    raised = replace(found, **{signal: getattr(found, signal) + more})
    best = Best(text=200.0, whole=200.0, names=200.0)

    assert weigh(raised, best).points >= weigh(found, best).points - 1e-9
    assert pull(Gathered([raised], 0.5)) >= pull(Gathered([found], 0.5))
    assert all(points >= 0 for _, points in weigh(found, best).parts)


@given(st.lists(signals, min_size=1, max_size=5, unique_by=lambda each: each.decision_id))
def test_the_order_is_the_same_for_a_long_topic_and_a_short_one(several: list[Signals]) -> None:
    """Words count by their share of the best, so many of them do not outweigh the rest."""
    louder = [replace(each, text=2 * each.text, whole=2 * each.whole) for each in several]

    assert [each.points for each in rank(Gathered(louder, 0.5))] == pytest.approx(
        [each.points for each in rank(Gathered(several, 0.5))]
    )


@given(st.lists(signals, max_size=5, unique_by=lambda each: each.decision_id))
def test_the_order_does_not_depend_on_how_they_came(several: list[Signals]) -> None:
    """Two databases answer in different orders."""
    ranked = rank(Gathered(several, 0.5))

    assert ranked == rank(Gathered(several[::-1], 0.5))
    assert [each.points for each in ranked] == sorted(
        (each.points for each in ranked), reverse=True
    )


@given(
    st.lists(signals, max_size=5, unique_by=lambda each: each.decision_id),
    st.floats(0, 60),
    share,
)
def test_few_are_shown_and_each_says_why(
    several: list[Signals], loudness: float, breadth: float
) -> None:
    """Confidence stays below that of a topic match and of an import."""
    usual = [loudness * step / FEWEST for step in range(FEWEST)]
    shown = choose_unbound([], Gathered(several, breadth), Usual(usual, usual), words={})

    related = [each for each in shown.values() if each not in (CITED, CITED_BESIDE)]
    assert len(related) <= MOST_RELATED
    for each in related:
        assert LOWEST_CONFIDENCE <= each.confidence <= HIGHEST_CONFIDENCE
        assert "of recent commits" in each.why


def test_what_stands_out_is_shown_and_its_followers_are_not() -> None:
    """A weak second would be noise beside a clear first."""
    shown = choose_unbound([], Gathered([WEAK, STRONG], 0.5), QUIET, words={})

    assert list(shown) == ["strong"]
    assert shown["strong"].via == "topic"


def test_where_everything_is_loud_nothing_stands_out() -> None:
    """The bar is the repository's own: the same points are silence elsewhere."""
    assert choose_unbound([], Gathered([STRONG], 0.5), LOUD, words={}) == {}


def test_what_a_comment_cites_is_shown_whatever_is_usual() -> None:
    """Somebody wrote it into the file that is about to change."""
    found = choose_unbound([], Gathered([replace(WEAK, code=1.0)], 0.5), LOUD, words={})

    assert found == {"weak": CITED}


def test_what_is_cited_beside_a_new_file_is_shown_whatever_is_usual() -> None:
    """A comment in an asked file itself says more."""
    alone = replace(WEAK, beside=1.0)
    gathered = Gathered([alone, replace(STRONG, beside=1.0, code=1.0)], 0.5)

    assert choose_unbound([], gathered, LOUD, words={}) == {"weak": CITED_BESIDE, "strong": CITED}


def test_breadth_alone_shows_nothing() -> None:
    """A change of many files is no reason to show a decision that has nothing to do with it."""
    usual = Usual(pulls=(0.0,) * FEWEST, bests=(5.0,) * FEWEST)

    assert choose_unbound([], Gathered([WEAK], 1.0), usual, words={}) == {}


def test_names_of_code_decide_which_comes_first_and_not_whether_any_does() -> None:
    """What stood in the files of past commits is not known: there is nothing to compare with."""
    named = replace(STRONG, decision_id="named", names=9.0, named=("quote_price", "retryBudget"))
    gathered = Gathered([replace(STRONG, decision_id="first"), named], 0.5)

    assert [each.signals.decision_id for each in rank(gathered)] == ["named", "first"]
    assert pull(gathered) == pull(Gathered([STRONG], 0.5))
    known = Usual(QUIET.pulls, [rank(Gathered([STRONG], 0.5))[0].points] * FEWEST)
    [barely] = {unusualness(each.compared, known.bests) for each in rank(gathered)}
    assert barely == 0.5
    assert list(choose_unbound([], gathered, LOUD, words={})) == []


@pytest.mark.parametrize(("usual", "shown"), [(QUIET, True), (LOUD, False)])
def test_a_topic_match_has_to_stand_out_too(usual: Usual, shown: bool) -> None:
    """Words that every commit here shares with the decision tell nothing."""
    match = TopicMatch("strong", 0.7, ("key",))

    found = choose_unbound([match], Gathered([STRONG], 0.5), usual, words={})

    assert ("strong" in found) is shown
    if shown:
        assert (found["strong"].confidence, found["strong"].via) == (0.7, "topic")


@pytest.mark.parametrize(
    ("signal", "channel", "reason"),
    [
        ("history", "history", "past commits near these paths cite it"),
        ("whole", "kin", "its text speaks of these paths"),
        ("title", "topic", "its title names what is touched"),
        ("names", "code", "its text names quote_price and retryBudget"),
    ],
)
def test_the_channel_that_adds_most_is_named(signal: str, channel: str, reason: str) -> None:
    """Each answer says why it surfaced."""
    named = ("quote_price", "retryBudget", "third_name") if signal == "names" else ()
    others = {"whole": 0.0, "named": named, signal: 1.0}
    found = replace(WEAK, text=0.0, **others)  # type: ignore[arg-type]
    usual = Usual((0.0,) * FEWEST, (0.0,) * FEWEST)

    [shown] = choose_unbound([], Gathered([found], 0.5), usual, words={}).values()

    assert shown.via == channel
    assert shown.why.startswith(reason)


@given(st.floats(-100, 100), st.lists(st.floats(-100, 100), min_size=1))
def test_unusualness_is_a_share_that_is_never_certain(value: float, usual: list[float]) -> None:
    """From so few commits nobody can say that something never happens."""
    assert 0 < unusualness(value, sorted(usual)) < 1

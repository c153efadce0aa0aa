"""What a running server remembers: bounded, forgotten by age, never hiding a change."""

from bicameral.preflight import memory
from bicameral.preflight.memory import MOST_QUESTIONS, MOST_SHOWN, Memory, Question
from tests.conftest import Clock

REMEMBERED_SECONDS = memory.REMEMBERED_FOR_NS / 1e9


def question(number: int = 0) -> Question:
    return Question(f"session-{number}", "", frozenset({"retry"}), frozenset({"pay.py"}))


def test_a_question_is_new_then_repeated_then_new_again(clock: Clock) -> None:
    """Until its age is up, and not a moment longer."""
    remembered = Memory(clock)
    assert remembered.check(question(), 7) == "new"
    remembered.remember(question(), 7)
    assert remembered.check(question(), 7) == "repeated"
    assert remembered.check(question(), 8) == "invalidated_by_revision_bump"
    clock.advance(seconds=REMEMBERED_SECONDS)
    assert remembered.check(question(), 7) == "new"


def test_an_unknown_revision_remembers_nothing(clock: Clock) -> None:
    """Nothing can be said to be the same as a state nobody knows."""
    remembered = Memory(clock)
    remembered.remember(question(), None)
    assert remembered.check(question(), None) == "bypassed_revision_unknown"
    assert remembered.check(question(), 1) == "new"


def test_the_oldest_question_is_forgotten_first(clock: Clock) -> None:
    """A server that runs for weeks does not grow."""
    remembered = Memory(clock)
    for number in range(MOST_QUESTIONS + 1):
        remembered.remember(question(number), 1)
    assert remembered.check(question(0), 1) == "new"
    assert remembered.check(question(1), 1) == "repeated"


def test_what_was_shown_is_bounded_and_holds_for_one_state(clock: Clock) -> None:
    """Another state of the same item is news; the oldest item is forgotten first."""
    remembered = Memory(clock)
    for number in range(MOST_SHOWN + 1):
        remembered.mark_shown("session", f"dec_{number}", 1)
    assert not remembered.was_shown("session", "dec_0", 1)
    assert remembered.was_shown("session", "dec_1", 1)
    assert not remembered.was_shown("session", "dec_1", 2)
    assert not remembered.was_shown("another", "dec_1", 1)

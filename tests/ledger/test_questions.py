"""What waits for a person, what they wave through, and what an answer moves."""

from typing import Any

import pytest

from bicameral.errors import NotFound, TransitionRefused
from bicameral.ledger.bypasses import (
    IDEMPOTENT_FOR_MS,
    bypassed_lately,
    last_bypass,
    record_bypass,
)
from bicameral.ledger.database import Ledger
from bicameral.ledger.decisions import get_decision, set_signoff, successors
from bicameral.ledger.domain import Decision, Question
from bicameral.ledger.listing import audit_of
from bicameral.ledger.questions import (
    answer_collision,
    answer_context,
    ask,
    get_question,
    questions_of,
    waiting_questions,
)
from bicameral.ledger.signoff import ALLOWED, check_transition
from bicameral.ledger.transaction import revision
from tests.conftest import Clock
from tests.ledger.model import MOVES
from tests.ledger.parts import ACTOR, a_decision


def asked(ledger: Ledger, kind: Any = "collision", **made: Any) -> tuple[Decision, Question]:
    """Add a new decision about which a question waits; it collides with a first one."""
    with ledger.writing(ACTOR) as transaction:
        other = a_decision(transaction, "Old way", signoff="ratified")
        decision = a_decision(transaction, "New way", **made)
        against = other.id if kind == "collision" else None
        question = ask(transaction, decision, kind, "which?", other_decision_id=against)
    return decision, question


def signoff_of(ledger: Ledger, decision_id: str) -> str:
    with ledger.reading() as connection:
        return get_decision(connection, decision_id).signoff


@pytest.mark.parametrize("kind", ["collision", "context"])
def test_a_decision_waits_while_its_question_does(ledger: Ledger, kind: Any) -> None:
    """A waiting question always shows, and only until it is answered."""
    decision, question = asked(ledger, kind)
    assert signoff_of(ledger, decision.id) == f"{kind}_pending"
    with ledger.reading() as connection:
        assert waiting_questions(connection, decision.repository_id, most=9) == [question]
        assert get_question(connection, question.id) == question
    with ledger.writing(ACTOR) as transaction:
        if kind == "collision":
            answer_collision(transaction, question, "keep_both")
        else:
            answer_context(transaction, question, "as in the design")
    with ledger.reading() as connection:
        assert waiting_questions(connection, decision.repository_id, most=9) == []
        assert [each.id for each in questions_of(connection, [decision.id])] == [question.id]
    assert signoff_of(ledger, decision.id) == "proposed"


@pytest.mark.parametrize(
    ("answer", "new", "old"),
    [
        ("keep_both", "ratified", "ratified"),
        ("supersede_other", "ratified", "superseded"),
        ("reject_new", "rejected", "ratified"),
    ],
)
def test_a_collision_is_settled_as_the_person_says(
    ledger: Ledger, answer: Any, new: str, old: str
) -> None:
    """A decision whose source calls it accepted goes back to that, not to proposed."""
    decision, question = asked(ledger, stated="ratified")
    with ledger.writing(ACTOR) as transaction:
        settled = answer_collision(transaction, question, answer)
    assert settled.signoff == new
    assert question.other_decision_id is not None
    assert signoff_of(ledger, question.other_decision_id) == old
    with ledger.reading() as connection:
        found = successors(connection, [question.other_decision_id])
    assert found == ({question.other_decision_id: [decision.id]} if old == "superseded" else {})


def test_a_decision_waits_until_its_last_question_is_answered(ledger: Ledger, clock: Clock) -> None:
    """Two collisions with two decisions are two questions."""
    decision, first = asked(ledger)
    clock.advance(seconds=1)
    with ledger.writing(ACTOR) as transaction:
        second = ask(transaction, decision, "context", "since when?")
    with ledger.writing(ACTOR) as transaction:
        answer_context(transaction, second, "since May")
    assert signoff_of(ledger, decision.id) == "collision_pending"
    with ledger.writing(ACTOR) as transaction:
        answer_collision(transaction, first, "keep_both")
    assert signoff_of(ledger, decision.id) == "proposed"


@pytest.mark.parametrize("moved_to", ["ratified", "superseded"])
def test_an_answer_does_not_undo_what_a_person_did_meanwhile(ledger: Ledger, moved_to: Any) -> None:
    """The question of a decision ratified while it waited could once never be answered."""
    decision, question = asked(ledger)
    with ledger.writing(ACTOR) as transaction:
        set_signoff(transaction, decision, moved_to)
    with ledger.writing(ACTOR) as transaction:
        answer_collision(transaction, question, "keep_both")
    assert signoff_of(ledger, decision.id) == moved_to


def test_a_question_is_answered_once_even_by_two_who_read_it_together(ledger: Ledger) -> None:
    """Both hold the question as it was; the second must learn of the first."""
    _, question = asked(ledger)
    with ledger.writing(ACTOR) as transaction:
        answer_collision(transaction, question, "keep_both")
    with (
        pytest.raises(TransitionRefused, match="already answered with 'keep_both'"),
        ledger.writing(ACTOR) as transaction,
    ):
        answer_collision(transaction, question, "reject_new")


def test_a_sign_off_is_judged_by_what_the_ledger_holds_now(ledger: Ledger) -> None:
    """A decision read before another superseded it must not be ratified after."""
    with ledger.writing(ACTOR) as transaction:
        stale = a_decision(transaction)
    with ledger.writing(ACTOR) as transaction:
        set_signoff(transaction, stale, "superseded")
    with (
        pytest.raises(TransitionRefused) as caught,
        ledger.writing(ACTOR) as transaction,
    ):
        set_signoff(transaction, stale, "ratified")
    assert "successor" in caught.value.next_step


@pytest.mark.parametrize("current", list(MOVES))
@pytest.mark.parametrize("wanted", list(MOVES))
def test_sign_offs_move_as_the_table_says(current: Any, wanted: Any) -> None:
    """`superseded` is final; what is said twice changes nothing."""
    assert set(ALLOWED) == set(MOVES)
    if wanted != current and wanted not in MOVES[current]:
        with pytest.raises(TransitionRefused) as caught:
            check_transition("dec_1", current, wanted)
        assert caught.value.next_step
    else:
        assert check_transition("dec_1", current, wanted) is (wanted != current)


def test_an_unknown_question_is_not_found(ledger: Ledger) -> None:
    """The error names where ids come from."""
    with pytest.raises(NotFound, match="no question"), ledger.reading() as connection:
        get_question(connection, "qst_unknown")


def test_a_second_bypass_within_the_hour_writes_nothing(ledger: Ledger, clock: Clock) -> None:
    """An agent may repeat the call; the record is of the person's one wave."""
    with ledger.writing(ACTOR) as transaction:
        decision = a_decision(transaction)
    answers = []
    for seconds in (0, 1, 3_598, 1, 1):
        clock.advance(seconds=seconds)
        with ledger.writing(ACTOR) as transaction:
            answers.append(record_bypass(transaction, decision.id, "hotfix"))
    assert answers == [True, False, False, True, False]
    with ledger.reading() as connection:
        actions = [row.action for row in audit_of(connection, decision.id, limit=9)]
        assert actions.count("bypassed") == 2
        assert last_bypass(connection, decision.id) == clock() // 1_000_000 - 1_000
        assert get_decision(connection, decision.id) == decision, "it never changes the decision"


def test_a_refused_bypass_leaves_the_revision(ledger: Ledger) -> None:
    """Nothing was written, so no answer is old."""
    with ledger.writing(ACTOR) as transaction:
        decision = a_decision(transaction)
        record_bypass(transaction, decision.id, "hotfix")
    with ledger.reading() as connection:
        before = revision(connection)
    with ledger.writing(ACTOR) as transaction:
        assert not record_bypass(transaction, decision.id, "again")
        assert revision(transaction.connection) == before


def test_a_bypass_counts_for_its_decision_and_its_hour(ledger: Ledger) -> None:
    """Only that decision, and not longer; an empty question asks nothing."""
    with ledger.writing(ACTOR) as transaction:
        decision, other = a_decision(transaction, "One"), a_decision(transaction, "Two")
        record_bypass(transaction, decision.id, "hotfix")
        at = transaction.at
    with ledger.reading() as connection:
        ids = [decision.id, other.id]
        assert bypassed_lately(connection, ids, now=at) == {decision.id}
        assert bypassed_lately(connection, ids, now=at + IDEMPOTENT_FOR_MS) == set()
        assert bypassed_lately(connection, [], now=at) == set()


def test_a_bypass_of_an_unknown_decision_is_not_found(ledger: Ledger) -> None:
    """The database's own word for it would send the caller to look at the disk."""
    with pytest.raises(NotFound, match="not in the ledger"), ledger.writing(ACTOR) as transaction:
        record_bypass(transaction, "dec_unknown", "hotfix")

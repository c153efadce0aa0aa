"""What waits for a person: a collision between two decisions, or a question about one.

While one waits, its decision's sign-off says so; the answer moves it on.
"""

from collections.abc import Sequence
from typing import Literal

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from bicameral.errors import NotFound, TransitionRefused
from bicameral.ledger.decisions import add_link, get_decision, set_signoff
from bicameral.ledger.domain import Decision, Question, QuestionKind, SignOff
from bicameral.ledger.prepared import Prepared
from bicameral.ledger.schema import questions
from bicameral.ledger.transaction import Transaction

CollisionAnswer = Literal["keep_both", "supersede_other", "reject_new"]

_WAITING_SIGNOFF: dict[QuestionKind, SignOff] = {
    "collision": "collision_pending",
    "context": "context_pending",
}


def ask(
    transaction: Transaction,
    decision: Decision,
    kind: QuestionKind,
    text: str,
    *,
    other_decision_id: str | None = None,
) -> Question:
    """Put a question to a person; the decision waits until it is answered."""
    question = Question(
        id=transaction.new_id("qst"),
        repository_id=decision.repository_id,
        decision_id=decision.id,
        kind=kind,
        text=text,
        other_decision_id=other_decision_id,
        answer=None,
        created_at=transaction.at,
    )
    transaction.connection.execute(
        insert(questions).values(
            id=question.id,
            repository_id=question.repository_id,
            decision_id=question.decision_id,
            kind=kind,
            text=text,
            other_decision_id=other_decision_id,
            created_at=question.created_at,
        )
    )
    transaction.record("question_asked", decision.id, after={"question": question.id})
    set_signoff(transaction, decision, _WAITING_SIGNOFF[kind])
    return question


def answer_collision(
    transaction: Transaction, question: Question, answer: CollisionAnswer
) -> Decision:
    """Settle a collision: both stand, the new one replaces the other, or it is rejected."""
    _close(transaction, question, answer)
    connection = transaction.connection
    decision = get_decision(connection, question.decision_id)
    if answer == "reject_new":
        set_signoff(transaction, decision, "rejected")
    else:
        _settle(transaction, decision)
    if answer == "supersede_other" and question.other_decision_id:
        other = get_decision(connection, question.other_decision_id)
        add_link(transaction, decision.id, other.id, "supersedes")
        set_signoff(transaction, other, "superseded")
    return get_decision(connection, decision.id)


def answer_context(transaction: Transaction, question: Question, answer: str) -> Decision:
    """Record the answer to a question; the decision stands where its source puts it."""
    _close(transaction, question, answer)
    _settle(transaction, get_decision(transaction.connection, question.decision_id))
    return get_decision(transaction.connection, question.decision_id)


def get_question(connection: Connection, question_id: str) -> Question:
    """Return one question; raises `NotFound`."""
    row = connection.execute(select(questions).filter_by(id=question_id)).first()
    if row is None:
        raise NotFound(
            f"no question has the id {question_id[:80]!r}",
            next_step="take the question_id from a preflight or history answer",
        )
    return _question(row)


_WAITING = Prepared(
    select(questions)
    .where(questions.c.repository_id == bindparam("repository"), questions.c.answered_at.is_(None))
    .order_by(questions.c.id)
    .limit(bindparam("most"))
)


def waiting_questions(connection: Connection, repository_id: str, *, most: int) -> list[Question]:
    """Return what waits for a person in a repository, oldest first."""
    rows = _WAITING.rows(connection, {"repository": repository_id, "most": most})
    return [_question(row) for row in rows]


def questions_of(connection: Connection, decision_ids: Sequence[str]) -> list[Question]:
    """Return every question about these decisions, answered ones too."""
    rows = connection.execute(
        select(questions).where(questions.c.decision_id.in_(decision_ids)).order_by(questions.c.id)
    )
    return [_question(row) for row in rows]


def _settle(transaction: Transaction, decision: Decision) -> None:
    """Move a waiting decision to where its source puts it, or to its next open question."""
    if decision.signoff not in _WAITING_SIGNOFF.values():
        return  # a person moved it meanwhile; the answer does not undo that
    of_decision = questions_of(transaction.connection, [decision.id])
    kinds = [each.kind for each in of_decision if each.answer is None]
    stated: SignOff = "ratified" if decision.source.stated_signoff == "ratified" else "proposed"
    set_signoff(transaction, decision, _WAITING_SIGNOFF[kinds[0]] if kinds else stated)


def _close(transaction: Transaction, question: Question, answer: str) -> None:
    # As it stands now: the caller may have read the question before another answered it.
    current = get_question(transaction.connection, question.id)
    if current.answer is not None:
        raise TransitionRefused(
            f"question {current.id} was already answered with {current.answer[:80]!r}",
            next_step="amend the decision with bicameral.update if that answer was wrong",
        )
    transaction.connection.execute(
        update(questions)
        .filter_by(id=question.id)
        .values(answer=answer, answered_at=transaction.at)
    )
    transaction.record("question_answered", question.decision_id, after={"answer": answer})


def _question(row: Row[tuple[object, ...]]) -> Question:
    columns = dict(row._mapping)
    columns.pop("answered_at")
    return Question(**columns)

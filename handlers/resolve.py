"""`bicameral.resolve`: verdicts on code, waved-through decisions, answers to questions.

Entries of a batch stand alone: a refused one says why, and the others are recorded.
"""

from collections.abc import Callable
from typing import Literal

from pydantic import Field

from bicameral.errors import BicameralError, HomeUnusable, InputRefused, LedgerError
from bicameral.ledger.bypasses import record_bypass
from bicameral.ledger.decisions import get_decision
from bicameral.ledger.domain import VerdictKind
from bicameral.ledger.questions import (
    CollisionAnswer,
    answer_collision,
    answer_context,
    get_question,
)
from bicameral.ledger.verdicts import Verdict
from bicameral.serving.tool import Call, Tool
from handlers.services import Services
from handlers.shapes import Answer, Arguments, Failure, Identifier, PreflightId, SessionId

NAME = "bicameral.resolve"
MOST_ENTRIES = 100


class VerdictEntry(Arguments):
    """What you judged of one decision in one region."""

    decision_id: Identifier
    region_id: Identifier
    digest: str = Field(min_length=1, max_length=128, description="The digest you judged.")
    verdict: VerdictKind = Field(
        description="compliant, drifted (it once complied), partial, or not_relevant "
        "(the decision does not concern this code; unbinds it)"
    )
    note: str = Field(default="", max_length=2_000, description="Why, in a sentence.")


class BypassEntry(Arguments):
    """A surfaced decision that the person waved through."""

    decision_id: Identifier
    reason: str = Field(min_length=1, max_length=2_000)


class AnswerEntry(Arguments):
    """A person's answer to a waiting question."""

    question_id: Identifier
    answer: str = Field(
        min_length=1,
        max_length=4_000,
        description="For a collision: keep_both, supersede_other or reject_new.",
    )


class ResolveArguments(Arguments):
    """What to record; at least one entry."""

    verdicts: list[VerdictEntry] = Field(
        default=[], max_length=MOST_ENTRIES, description="What you judged of bound code."
    )
    bypasses: list[BypassEntry] = Field(
        default=[], max_length=MOST_ENTRIES, description="What the person waved through."
    )
    answers: list[AnswerEntry] = Field(
        default=[], max_length=MOST_ENTRIES, description="The person's answers to questions."
    )
    preflight_id: PreflightId = None
    session_id: SessionId = None


class Outcome(Answer):
    """What became of one entry."""

    kind: Literal["verdict", "bypass", "answer"]
    decision_id: str
    recorded: bool = Field(description="False where it was already so, or was refused.")
    signoff: str = ""
    note: str = Field(
        default="", description="Which code was judged, where commit and work tree differ."
    )
    failure: Failure | None = None


class ResolveAnswer(Answer):
    """What was recorded, entry by entry, in the order given."""

    preflight_id: str | None
    outcomes: list[Outcome]


def run(services: Services, call: Call, arguments: ResolveArguments) -> ResolveAnswer:
    """Record every entry that can be, each in its own transaction."""
    if not (arguments.verdicts or arguments.bypasses or arguments.answers):
        raise InputRefused(
            "there is nothing to record",
            next_step="give at least one of verdicts, bypasses or answers",
        )
    scope = _Scope(services, call, arguments.preflight_id)
    outcomes = [_attempt("verdict", e.decision_id, scope.judge, e) for e in arguments.verdicts]
    outcomes += [_attempt("bypass", e.decision_id, scope.wave, e) for e in arguments.bypasses]
    outcomes += [_attempt("answer", e.question_id, scope.settle, e) for e in arguments.answers]
    engaged = dict.fromkeys(each.decision_id for each in outcomes if each.failure is None)
    services.note_engagement(
        call, NAME, arguments.preflight_id, [(decision_id, ()) for decision_id in engaged]
    )
    return ResolveAnswer(preflight_id=arguments.preflight_id, outcomes=outcomes)


class _Scope:
    """One call's services, so that each kind of entry is recorded the same way."""

    def __init__(self, services: Services, call: Call, preflight_id: str | None) -> None:
        self._services = services
        self._call = call
        self._preflight_id = preflight_id
        self._actor = services.actor(call, NAME, preflight_id)

    def judge(self, entry: VerdictEntry) -> Outcome:
        verdict = Verdict(
            decision_id=entry.decision_id,
            region_id=entry.region_id,
            digest=entry.digest,
            kind=entry.verdict,
            note=entry.note,
        )
        judged = self._services.workspace.judge(self._actor, verdict)
        return Outcome(
            kind="verdict",
            decision_id=entry.decision_id,
            recorded=judged.is_recorded,
            note=judged.note,
        )

    def wave(self, entry: BypassEntry) -> Outcome:
        with self._services.ledger.writing(self._actor) as transaction:
            decision = get_decision(transaction.connection, entry.decision_id)
            recorded = record_bypass(transaction, decision.id, entry.reason)
        if recorded:
            self._services.telemetry.write_preflight_prompt_bypassed(
                session_id=self._call.session_id,
                preflight_id=self._preflight_id,
                decision_id=decision.id,
                reason=entry.reason,
                state_preserved=True,
                repository_id=self._services.workspace.known_id,
            )
        return Outcome(
            kind="bypass",
            decision_id=decision.id,
            recorded=recorded,
            signoff=decision.signoff,
        )

    def settle(self, entry: AnswerEntry) -> Outcome:
        with self._services.ledger.writing(self._actor) as transaction:
            question = get_question(transaction.connection, entry.question_id)
            if question.kind == "collision":
                decision = answer_collision(transaction, question, _choice(entry.answer))
            else:
                decision = answer_context(transaction, question, entry.answer)
        return Outcome(
            kind="answer", decision_id=decision.id, recorded=True, signoff=decision.signoff
        )


def _choice(answer: str) -> CollisionAnswer:
    choices: tuple[CollisionAnswer, ...] = ("keep_both", "supersede_other", "reject_new")
    for choice in choices:
        if answer == choice:
            return choice
    raise InputRefused(
        f"{answer[:80]!r} does not answer a collision",
        next_step=f"answer with one of: {', '.join(choices)}",
    )


def _attempt(
    kind: Literal["verdict", "bypass", "answer"],
    subject: str,
    record: Callable[..., Outcome],
    entry: Arguments,
) -> Outcome:
    try:
        return record(entry)
    except (LedgerError, HomeUnusable):
        raise  # the ledger's own failure concerns the whole call
    except BicameralError as error:
        failure = Failure(error=error.code, message=error.message, next_step=error.next_step)
        return Outcome(kind=kind, decision_id=subject, recorded=False, failure=failure)


TOOL = Tool(
    name=NAME,
    title="Record verdicts, bypasses and answers",
    description=(
        "Record whether code follows a decision (verdicts, by the digest you read), that the "
        "person waved a decision through (bypasses), or a person's answers to waiting "
        "questions. Not for sign-off (bicameral.ratify)."
    ),
    arguments=ResolveArguments,
    answer=ResolveAnswer,
    run=run,
    read_only=False,
    destructive=False,
    idempotent=True,
)

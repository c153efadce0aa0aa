"""`bicameral.ratify`: a person's yes or no to a decision, asked of them where possible."""

from typing import Literal

from pydantic import BaseModel, Field

from bicameral.ledger.decisions import get_decision, set_signoff
from bicameral.ledger.domain import SignOff
from bicameral.ledger.signoff import check_transition
from bicameral.serving.tool import Call, Question, Refusal, Tool
from handlers.services import Services
from handlers.shapes import Answer, Arguments, Identifier, PreflightId, SessionId, shorten

NAME = "bicameral.ratify"
_WANTED: dict[str, SignOff] = {"ratify": "ratified", "reject": "rejected"}


class RatifyArguments(Arguments):
    """Which decision, and whether it holds."""

    decision_id: Identifier
    action: Literal["ratify", "reject"] = Field(description="What the person decided.")
    preflight_id: PreflightId = None
    session_id: SessionId = None


class Confirmation(BaseModel):
    """What the person is asked."""

    confirm: bool = Field(description="Confirm this sign-off")


class RatifyAnswer(Answer):
    """How the decision stands now."""

    preflight_id: str | None
    decision_id: str
    signoff: SignOff
    changed: bool
    note: str = ""


def ask(services: Services, call: Call, arguments: RatifyArguments) -> Question | None:
    """Ask the person, unless the sign-off already is as wanted; refuse what cannot be."""
    with services.ledger.reading() as connection:
        decision = get_decision(connection, arguments.decision_id)
    if not check_transition(decision.id, decision.signoff, _WANTED[arguments.action]):
        return None
    title = shorten(decision.content.title, 200)
    return Question(f"{arguments.action.capitalize()} the decision “{title}”?", Confirmation)


def run(services: Services, call: Call, arguments: RatifyArguments) -> RatifyAnswer:
    """Move the sign-off, unless the person said no."""
    refused = _refusal(call.answer_of_person)
    actor = services.actor(call, NAME, arguments.preflight_id)
    changed, note = False, refused
    if refused:
        with services.ledger.reading() as connection:
            decision = get_decision(connection, arguments.decision_id)
        signoff = decision.signoff
    else:
        signoff = _WANTED[arguments.action]
        with services.ledger.writing(actor) as transaction:
            decision = get_decision(transaction.connection, arguments.decision_id)
            changed = set_signoff(transaction, decision, signoff)
        note = _unasked(call, decision.signoff) if changed else ""
    services.note_engagement(call, NAME, arguments.preflight_id, [(decision.id, ())])
    return RatifyAnswer(
        preflight_id=arguments.preflight_id,
        decision_id=decision.id,
        signoff=signoff,
        changed=changed,
        note=note,
    )


def _unasked(call: Call, before: SignOff) -> str:
    """Say that nobody confirmed a change, and what it replaced, so that it can be undone."""
    if call.is_by_person or call.answer_of_person is not None:
        return ""
    return f"nobody was asked: this client cannot; tell the person it was {before} before"


def _refusal(answer: BaseModel | Refusal | None) -> str:
    if answer is None or (isinstance(answer, Confirmation) and answer.confirm):
        return ""
    said = answer.value if isinstance(answer, Refusal) else "no"
    return f"the person was asked and said: {said}; nothing was changed"


TOOL = Tool(
    name=NAME,
    title="Ratify or reject a decision",
    description=(
        "Record that a person ratifies or rejects a decision; asks them where the client can. "
        "Repeating it changes nothing. Not for judging code (bicameral.resolve) and not for "
        "changing what a decision says (bicameral.update)."
    ),
    arguments=RatifyArguments,
    answer=RatifyAnswer,
    run=run,
    ask=ask,
    read_only=False,
    destructive=False,
    idempotent=True,
)

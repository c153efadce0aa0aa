"""`bicameral.update`: change what a decision says, where it belongs, or that it ended."""

from dataclasses import replace
from typing import Any, Literal

from pydantic import Field

from bicameral.errors import InputRefused, TransitionRefused
from bicameral.ledger.decisions import add_link, amend_decision, get_decision, set_signoff
from bicameral.ledger.domain import Content, Decision, Level, SignOff
from bicameral.ledger.transaction import Transaction
from bicameral.serving.tool import Call, Tool
from handlers.services import Services
from handlers.shapes import Answer, Arguments, Identifier, PreflightId, SessionId, one_line

NAME = "bicameral.update"
Action = Literal["amend", "supersede", "retire", "regroup", "relevel"]

_ENDED = frozenset({"superseded", "rejected"})
_NEEDS: dict[Action, tuple[str, ...]] = {
    "amend": ("title", "description", "rationale"),
    "supersede": ("superseded_by",),
    "retire": (),
    "regroup": ("feature_group",),
    "relevel": ("level",),
}


class UpdateArguments(Arguments):
    """Which decision, what to do with it, and what that needs."""

    decision_id: Identifier
    action: Action = Field(
        description="amend (title, description, rationale), supersede (superseded_by), "
        "retire, regroup (feature_group) or relevel (level)"
    )
    title: str | None = Field(default=None, min_length=1, max_length=300)
    description: str | None = Field(default=None, max_length=8_000, description="What was decided.")
    rationale: str | None = Field(default=None, max_length=8_000)
    superseded_by: Identifier | None = Field(
        default=None, description="The id of the decision that replaces this one."
    )
    feature_group: str | None = Field(
        default=None, max_length=100, description="The feature it belongs to; empty for none."
    )
    level: Level | None = Field(default=None, description="L1 product, L2 technical, L3 detail")
    preflight_id: PreflightId = None
    session_id: SessionId = None


class UpdateAnswer(Answer):
    """How the decision stands now."""

    preflight_id: str | None
    decision_id: str
    action: str
    changed: bool
    signoff: SignOff


def run(services: Services, call: Call, arguments: UpdateArguments) -> UpdateAnswer:
    """Carry the action out in one transaction."""
    _check_needs(arguments)
    actor = services.actor(call, NAME, arguments.preflight_id)
    with services.ledger.writing(actor) as transaction:
        decision = get_decision(transaction.connection, arguments.decision_id)
        changed = _carry_out(transaction, decision, arguments)
        decision = get_decision(transaction.connection, decision.id)
    services.note_engagement(call, NAME, arguments.preflight_id, [(decision.id, ())])
    return UpdateAnswer(
        preflight_id=arguments.preflight_id,
        decision_id=decision.id,
        action=arguments.action,
        changed=changed,
        signoff=decision.signoff,
    )


def _check_needs(arguments: UpdateArguments) -> None:
    needs = _NEEDS[arguments.action]
    if needs and all(getattr(arguments, name) is None for name in needs):
        raise InputRefused(
            f"the action {arguments.action} needs {' or '.join(needs)}",
            next_step=f"call {NAME} again with {' or '.join(needs)}",
        )
    given = {name for names in _NEEDS.values() for name in names if getattr(arguments, name)}
    if extra := sorted(given - set(needs)):
        raise InputRefused(
            f"the action {arguments.action} does not take {', '.join(extra)}",
            next_step="leave those out, or make one call for each action",
        )


def _carry_out(transaction: Transaction, decision: Decision, arguments: UpdateArguments) -> bool:
    if arguments.action == "retire":
        return set_signoff(transaction, decision, "superseded")
    if arguments.action == "supersede":
        return _supersede(transaction, decision, str(arguments.superseded_by))
    return amend_decision(
        transaction, decision, _amended(decision.content, arguments), decision.source
    )


def _supersede(transaction: Transaction, decision: Decision, successor_id: str) -> bool:
    successor = get_decision(transaction.connection, successor_id)
    if successor.id == decision.id:
        raise InputRefused(
            "a decision cannot supersede itself",
            next_step="give the id of the decision that replaces it, or use the action retire",
        )
    changed = set_signoff(transaction, decision, "superseded")
    changed = add_link(transaction, successor.id, decision.id, "supersedes") or changed
    if changed and successor.signoff in _ENDED:
        # Two decisions could each point to the other, and neither would bind.
        raise TransitionRefused(
            f"decision {successor.id} is {successor.signoff} and cannot replace another",
            next_step="give the id of a decision that stands, or use the action retire",
        )
    return changed


def _amended(content: Content, arguments: UpdateArguments) -> Content:
    given = {
        "title": None if arguments.title is None else one_line(arguments.title),
        "description": arguments.description,
        "rationale": arguments.rationale,
        "feature_group": arguments.feature_group,
        "level": arguments.level,
    }
    changes: dict[str, Any] = {
        name: value
        for name, value in given.items()
        if value is not None and value != getattr(content, name)
    }
    if changes.keys() & {"title", "description", "rationale"}:
        # The source's text no longer says what the decision says: search the new words.
        changes["search_text"] = ""
    return replace(content, **changes)


TOOL = Tool(
    name=NAME,
    title="Update a decision",
    description=(
        "Amend, supersede, retire, regroup or relevel one decision; its history stays. Not for "
        "sign-off (bicameral.ratify) and not for new decisions (bicameral.ingest)."
    ),
    arguments=UpdateArguments,
    answer=UpdateAnswer,
    run=run,
    read_only=False,
    destructive=True,
    idempotent=True,
)

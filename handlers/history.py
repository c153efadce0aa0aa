"""`bicameral.history`: read the ledger, page by page, or one decision with its past."""

from datetime import UTC, datetime

from pydantic import Field
from sqlalchemy import Connection

from bicameral.ledger.bindings import groundings_of
from bicameral.ledger.decisions import get_decision, successors
from bicameral.ledger.domain import Decision, SignOff, Status, View
from bicameral.ledger.listing import AuditRow, audit_of, feature_groups, list_with_status
from bicameral.ledger.questions import questions_of
from bicameral.ledger.status import decision_status
from bicameral.serving.tool import Call, Tool
from handlers.cursors import offset_of
from handlers.services import Services
from handlers.shapes import (
    NOTICE,
    Answer,
    Arguments,
    Cursor,
    DecisionCard,
    Identifier,
    Limit,
    QuestionCard,
    SessionId,
    decision_card,
    question_card,
    quote,
    shorten,
)

NAME = "bicameral.history"
MOST_GROUPS = 40
MOST_EVENTS = 20
LONGEST_DETAIL = 4_000


class HistoryArguments(Arguments):
    """One decision, or a filter."""

    decision_id: Identifier | None = Field(
        default=None, description="One decision in full, with its regions and its past."
    )
    feature_group: str | None = Field(
        default=None, max_length=100, description="Only this group; empty for those in none."
    )
    signoff: SignOff | None = Field(default=None, description="Only with this sign-off.")
    status: Status | None = Field(
        default=None, description="Only with this status of the code; a page may be short."
    )
    limit: Limit = 10
    cursor: Cursor = None
    session_id: SessionId = None


class EventCard(Answer):
    """One thing that happened to a decision."""

    at: str
    action: str
    tool: str
    before: str = ""
    after: str = ""


class Detail(DecisionCard):
    """One decision in full."""

    rationale: str = ""
    excerpt: str = ""
    participants: list[str] = []
    stated_status: str = ""
    parent_id: str | None = None
    superseded_by: list[str] = []
    questions: list[QuestionCard] = []
    past: list[EventCard] = []


class GroupCard(Answer):
    """A feature group and its number of decisions."""

    feature_group: str
    decisions: int


class HistoryAnswer(Answer):
    """A page of decisions, or one in full."""

    decision: Detail | None = None
    decisions: list[DecisionCard] = []
    feature_groups: list[GroupCard] = Field(
        default=[], description="On the first page; bicameral://features has all of many."
    )
    next_cursor: str | None = None
    notice: str = NOTICE


def run(services: Services, call: Call, arguments: HistoryArguments) -> HistoryAnswer:
    """Read one decision, or the next page of those that pass the filter."""
    if arguments.decision_id is not None:
        return read_one(services, call, arguments.decision_id)
    with services.ledger.reading() as connection:
        view = services.workspace.view(connection)
        return _page(connection, view, arguments) if view else HistoryAnswer()


def read_one(services: Services, call: Call, decision_id: str) -> HistoryAnswer:
    """Read one decision in full; raises `NotFound`."""
    with services.ledger.reading() as connection:
        view = services.workspace.view(connection)
        answer = HistoryAnswer(decision=detail(connection, view, decision_id))
    services.note_engagement(call, NAME, None, [(decision_id, ())])
    return answer


def detail(connection: Connection, view: View | None, decision_id: str) -> Detail:
    """Return one decision in full; raises `NotFound`."""
    decision = get_decision(connection, decision_id)
    view = view or View(decision.repository_id)
    groundings = groundings_of(connection, view, [decision.id])[decision.id]
    quoted = bool(decision.content.warnings)
    card = decision_card(decision, decision_status(groundings), groundings)
    return Detail(
        **{
            **card,
            "text": quote(shorten(decision.content.description, LONGEST_DETAIL), always=quoted),
        },
        rationale=quote(shorten(decision.content.rationale, LONGEST_DETAIL), always=quoted),
        excerpt=quote(decision.source.excerpt, always=quoted),
        participants=list(decision.source.participants),
        stated_status=decision.source.stated_status,
        parent_id=decision.parent_id,
        superseded_by=successors(connection, [decision.id]).get(decision.id, []),
        questions=[question_card(each) for each in questions_of(connection, [decision.id])],
        past=[_event(row) for row in audit_of(connection, decision.id, limit=MOST_EVENTS)],
    )


def _page(connection: Connection, view: View, arguments: HistoryArguments) -> HistoryAnswer:
    start = offset_of(arguments.cursor)
    page = list_with_status(
        connection,
        view,
        feature_group=arguments.feature_group,
        signoffs=(arguments.signoff,) if arguments.signoff else (),
        status=arguments.status,
        after=start,
        limit=arguments.limit,
    )
    groups = [] if start else feature_groups(connection, view.repository_id, limit=MOST_GROUPS)
    return HistoryAnswer(
        decisions=[_card(decision, status) for decision, status in page.entries],
        feature_groups=[GroupCard(feature_group=n, decisions=c) for n, c in groups],
        next_cursor=None if page.next_after is None else str(page.next_after),
    )


def _card(decision: Decision, status: Status) -> DecisionCard:
    return DecisionCard(**decision_card(decision, status))


def _event(row: AuditRow) -> EventCard:
    return EventCard(
        at=datetime.fromtimestamp(row.at / 1000, tz=UTC).isoformat(timespec="seconds"),
        action=row.action,
        tool=row.tool,
        before="" if row.before == "{}" else shorten(row.before, 300),
        after="" if row.after == "{}" else shorten(row.after, 300),
    )


TOOL = Tool(
    name=NAME,
    title="Read the ledger",
    description=(
        "List decisions by feature group, sign-off or status, or read one in full with its "
        "regions and past. Not for finding by words (bicameral.search) and not for what binds "
        "a change (bicameral.preflight)."
    ),
    arguments=HistoryArguments,
    answer=HistoryAnswer,
    run=run,
    read_only=True,
    destructive=False,
    idempotent=True,
)

"""`bicameral.search`: find decisions by words, best match first."""

from pydantic import Field

from bicameral.ledger.bindings import groundings_of
from bicameral.ledger.decisions import get_decisions
from bicameral.ledger.search import search
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
    Limit,
    SessionId,
    decision_card,
)

NAME = "bicameral.search"


class SearchArguments(Arguments):
    """The words to look for."""

    query: str = Field(min_length=1, max_length=1_000, description="Words of the decision.")
    limit: Limit = 10
    cursor: Cursor = None
    session_id: SessionId = None


class SearchAnswer(Answer):
    """Decisions that hold the words, best first."""

    decisions: list[DecisionCard] = Field(description="Best match first.")
    total: int = Field(description="How many decisions hold any of the rarer words.")
    next_cursor: str | None = None
    notice: str = NOTICE


def run(services: Services, call: Call, arguments: SearchArguments) -> SearchAnswer:
    """Look the words up in the ledger's text index."""
    start = offset_of(arguments.cursor)
    with services.ledger.reading() as connection:
        view = services.workspace.view(connection)
        ids = search(connection, view.repository_id, arguments.query) if view else []
        page = ids[start : start + arguments.limit]
        found = get_decisions(connection, page)
        groundings = groundings_of(connection, view, page) if view else {}
    end = start + len(page)
    return SearchAnswer(
        decisions=[
            DecisionCard(**decision_card(found[each], decision_status(groundings[each])))
            for each in page
        ],
        total=len(ids),
        next_cursor=str(end) if end < len(ids) else None,
    )


TOOL = Tool(
    name=NAME,
    title="Search decisions",
    description=(
        "Find the team's decisions by words. Not for deciding what binds a change you are about "
        "to make: call bicameral.preflight for that. Not for listing: bicameral.history."
    ),
    arguments=SearchArguments,
    answer=SearchAnswer,
    run=run,
    read_only=True,
    destructive=False,
    idempotent=True,
)

"""Search: the decisions that hold the asked words, best first, without a gate.

Superseded and rejected ones are found too: whoever searches wants to know.
"""

from sqlalchemy import Connection

from bicameral.ledger.terms import match_terms, term_statistics, within_budget
from bicameral.ledger.text import terms_of

MOST_FOUND = 500


def search(connection: Connection, repository_id: str, query: str) -> list[str]:
    """Return the ids of at most `MOST_FOUND` decisions, best match first."""
    statistics = term_statistics(connection, repository_id, dict.fromkeys(terms_of(query)))
    matches = match_terms(
        connection,
        within_budget(statistics.terms),
        mean_length=statistics.mean_length,
        standing_only=False,
    )
    return [match.decision_id for match in matches][:MOST_FOUND]

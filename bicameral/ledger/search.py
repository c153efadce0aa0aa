"""Search: the decisions that hold the asked words, best first, without a gate.

Superseded and rejected ones come last: whoever searches wants to know of them too.
"""

from sqlalchemy import Connection

from bicameral.ledger.terms import match_terms, term_statistics, within_budget
from bicameral.ledger.text import terms_of

MOST_FOUND = 500


def search(connection: Connection, repository_id: str, query: str) -> list[str]:
    """Return the ids of at most `MOST_FOUND` decisions, best match first."""
    statistics = term_statistics(connection, repository_id, dict.fromkeys(terms_of(query)))
    read, length = within_budget(statistics.terms), statistics.mean_length
    standing = match_terms(connection, read, mean_length=length)
    every = match_terms(connection, read, mean_length=length, standing_only=False)
    found = dict.fromkeys(match.decision_id for match in (*standing, *every))
    return list(found)[:MOST_FOUND]

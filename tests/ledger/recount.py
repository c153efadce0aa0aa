"""The text statistics, counted again from the postings themselves."""

from sqlalchemy import Connection, Select, func, select

from bicameral.ledger.schema import decisions, postings, repositories, terms


def assert_statistics_are_exact(connection: Connection) -> None:
    """Compare every kept count with a recount."""
    counted = select(postings.c.term_number, func.count()).group_by(postings.c.term_number)
    kept = select(terms.c.number, terms.c.document_count).where(terms.c.document_count != 0)
    assert rows(connection, kept) == rows(connection, counted)
    per_decision = (
        select(
            decisions.c.number,
            func.sum(postings.c.in_title + postings.c.in_body).label("length"),
        )
        .join(postings, postings.c.decision_number == decisions.c.number)
        .group_by(decisions.c.number)
    )
    lengths = {number: int(length) for number, length in connection.execute(per_decision)}
    stored = connection.execute(
        select(decisions.c.number, decisions.c.repository_id, decisions.c.text_length)
    ).all()
    assert {row.number: row.text_length for row in stored if row.text_length} == lengths
    totals = select(repositories.c.id, repositories.c.decision_count, repositories.c.text_length)
    for repository_id, count, length in connection.execute(totals):
        own = [
            lengths[row.number]
            for row in stored
            if row.repository_id == repository_id and row.number in lengths
        ]
        assert (count, length) == (len(own), sum(own))


def rows(connection: Connection, query: Select[int, int]) -> dict[int, int]:
    return {row[0]: row[1] for row in connection.execute(query)}

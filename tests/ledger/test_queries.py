"""What a question costs: as many statements as ever, each by an index."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, event, insert

from bicameral.errors import LedgerError
from bicameral.ledger import schema
from bicameral.ledger.bindings import decisions_on, groundings_of, regions_on
from bicameral.ledger.bypasses import bypassed_lately, last_bypass
from bicameral.ledger.database import Ledger
from bicameral.ledger.decisions import find_by_content, find_by_source, get_decisions, successors
from bicameral.ledger.domain import View
from bicameral.ledger.listing import audit_of, feature_groups, list_decisions
from bicameral.ledger.past import ever_bound
from bicameral.ledger.questions import ask, questions_of, waiting_questions
from bicameral.ledger.repositories import cursor_of, find_repository
from bicameral.ledger.search import search
from bicameral.ledger.states import keep_states
from bicameral.ledger.terms import match_terms, term_statistics, within_budget
from bicameral.ledger.texts import TextsSeen, look_at_texts
from bicameral.ledger.transaction import Transaction, revision
from bicameral.ledger.verdicts import Verdict, promote_verdicts, record_verdict
from tests.ledger.parts import ACTOR, KEYS, a_decision, a_region, bound
from tests.ledger.places import Places

Statement = tuple[str, Any]


@contextmanager
def statements(connection: Connection) -> Iterator[list[Statement]]:
    """Collect what is sent to the database within the block."""
    sent: list[Statement] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        sent.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", note)
    yield sent
    event.remove(connection, "before_cursor_execute", note)


def fill(ledger: Ledger, count: int) -> tuple[View, list[str], list[str]]:
    """Add decisions, each bound, judged and asked about; return the view, ids and paths."""
    ids, paths = [], []
    with ledger.writing(ACTOR) as transaction:
        for number in range(count):
            decision = a_decision(transaction, f"kafka outbox matter{number}")
            path = f"src/part{number % 5}/file{number}.py"
            region = bound(transaction, decision, a_region(transaction, path))
            view = View(decision.repository_id)
            verdict = Verdict(decision.id, region.id, "digest-1", "compliant")
            record_verdict(transaction, view, verdict, commit="c1")
            ask(transaction, decision, "context", "why?")
            ids.append(decision.id)
            paths.append(path)
    return View(view.repository_id, "feature"), ids, paths


def topic(connection: Connection, view: View) -> Any:
    found = term_statistics(connection, view.repository_id, ["kafka", "outbox", "matter3", "none"])
    return match_terms(connection, within_budget(found.terms), mean_length=found.mean_length)


Ask = Callable[[Connection, View, list[str], list[str]], Any]
QUESTIONS: dict[str, tuple[int, Ask]] = {
    "revision": (1, lambda c, view, ids, paths: revision(c)),
    "find_repository": (1, lambda c, view, ids, paths: find_repository(c, KEYS)),
    "look_at_texts, the first time": (1, lambda c, view, ids, paths: look_at_texts(c, None)),
    "look_at_texts": (1, lambda c, view, ids, paths: look_at_texts(c, TextsSeen(3, 2))),
    "cursor_of": (1, lambda c, view, ids, paths: cursor_of(c, view)),
    "decisions_on": (1, lambda c, view, ids, paths: decisions_on(c, view, paths, most=200)),
    "groundings_of": (2, lambda c, view, ids, paths: groundings_of(c, view, ids)),
    "get_decisions": (1, lambda c, view, ids, paths: get_decisions(c, ids)),
    "the topic": (2, lambda c, view, ids, paths: topic(c, view)),
    "waiting_questions": (
        1,
        lambda c, view, ids, paths: waiting_questions(c, view.repository_id, most=5),
    ),
    "bypassed_lately": (
        1,
        lambda c, view, ids, paths: bypassed_lately(c, ids, now=0),
    ),
    "last_bypass": (1, lambda c, view, ids, paths: last_bypass(c, ids[0])),
    "regions_on": (2, lambda c, view, ids, paths: regions_on(c, view, paths)),
    "search": (3, lambda c, view, ids, paths: search(c, view.repository_id, "kafka outbox")),
    "successors": (1, lambda c, view, ids, paths: successors(c, ids)),
    "questions_of": (1, lambda c, view, ids, paths: questions_of(c, ids)),
    "audit_of": (1, lambda c, view, ids, paths: audit_of(c, ids[0], limit=20)),
    "find_by_source": (
        1,
        lambda c, view, ids, paths: find_by_source(
            c, view.repository_id, [("adr", path) for path in paths]
        ),
    ),
    "find_by_content": (
        1,
        lambda c, view, ids, paths: find_by_content(c, view.repository_id, ids),
    ),
    "list_decisions": (
        2,
        lambda c, view, ids, paths: list_decisions(c, view.repository_id),
    ),
    "list_decisions in a group": (
        2,
        lambda c, view, ids, paths: list_decisions(c, view.repository_id, feature_group=""),
    ),
    "list_decisions with a sign-off": (
        2,
        lambda c, view, ids, paths: list_decisions(
            c, view.repository_id, signoffs=["context_pending"]
        ),
    ),
    "feature_groups": (
        1,
        lambda c, view, ids, paths: feature_groups(c, view.repository_id, limit=9),
    ),
}  # fmt: skip


def test_questions_take_as_many_statements_whatever_the_number_of_decisions(
    places: Places,
) -> None:
    """One query per decision is how a preflight of a thousand decisions took 300 ms."""
    small, large = places.open(), places.open()
    few, many = fill(small, 2), fill(large, 60)
    for name, (most, ask_it) in QUESTIONS.items():
        counts = []
        for ledger, (view, ids, paths) in ((small, few), (large, many)):
            with ledger.reading() as connection, statements(connection) as sent:
                ask_it(connection, view, ids, paths)
            counts.append(len([each for each in sent if not is_framing(each)]))
        assert counts == [most, most], name


def is_framing(statement: Statement) -> bool:
    return statement[0].startswith(("BEGIN", "SET TRANSACTION", "SELECT pg_advisory"))


def test_no_question_reads_a_table_from_end_to_end_on_sqlite(sqlite_places: Places) -> None:
    """A scan is quick in a test and slow for the team that has used it for three years."""
    ledger = sqlite_places.open()
    view, ids, paths = fill(ledger, 30)
    for name, (_, ask_it) in QUESTIONS.items():
        with ledger.reading() as connection:
            act = partial(ask_it, connection, view, ids, paths)
            lines = plans_on_sqlite(connection, act)
        assert lines, name
        assert not [line for line in lines if scans(line)], name
        if name in IN_THE_ORDER_OF_AN_INDEX:
            assert not [line for line in lines if "TEMP B-TREE" in line], name


# Of these a page is read: sorting all that stands behind it would grow with the ledger.
IN_THE_ORDER_OF_AN_INDEX = {
    "waiting_questions",
    "audit_of",
    "list_decisions",
    "list_decisions in a group",
    "list_decisions with a sign-off",
}


def scans(line: str) -> bool:
    """Return whether a line of a plan reads a table or a whole index."""
    return line.startswith("SCAN") and not line.startswith(("SCAN held", "SCAN anon_"))


def test_places_are_looked_up_by_their_paths_alone_on_sqlite(sqlite_places: Places) -> None:
    """Whoever begins with the regions of the repository reads 300,000 to find three."""
    ledger = sqlite_places.open()
    view, _, paths = fill(ledger, 5)
    acts: list[Callable[[Connection], Any]] = [
        lambda c: decisions_on(c, view, paths, most=200),
        lambda c: regions_on(c, view, paths),
        lambda c: ever_bound(c, view.repository_id, paths),
    ]
    for act in acts:
        with ledger.reading() as connection:
            lines = plans_on_sqlite(connection, partial(act, connection))
        assert lines
        assert not [line for line in lines if line.endswith("(repository_id=?)")], lines


def plans_on_sqlite(connection: Connection, act: Callable[[], Any]) -> list[str]:
    with statements(connection) as sent:
        act()
    lines = []
    for statement, parameters in sent:
        if not is_framing((statement, parameters)):
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            lines += [row.detail for row in rows]
    return lines


def test_the_newest_postings_of_a_term_are_read_without_sorting_them_all(
    sqlite_places: Places,
) -> None:
    """The bound on a lone common term holds for what is read, not just for what is returned."""
    ledger = sqlite_places.open()
    view, _, _ = fill(ledger, 3)
    with ledger.reading() as connection:
        (kafka,) = term_statistics(connection, view.repository_id, ["kafka"]).terms
        lines = plans_on_sqlite(
            connection, lambda: match_terms(connection, [kafka], mean_length=3.0)
        )
    assert not [line for line in lines if "TEMP B-TREE" in line]


def test_writes_along_a_commit_use_indexes_too(sqlite_places: Places) -> None:
    """`link_commit` does these for each region of each changed file."""
    ledger = sqlite_places.open()
    view, ids, _ = fill(ledger, 5)
    with ledger.writing(ACTOR) as transaction:
        region = a_region(transaction, "src/part0/file0.py", branch="feature")
        verdict = Verdict(ids[0], region.id, "digest-1", "partial")
        acts: list[Callable[[Transaction], Any]] = [
            lambda t: keep_states(t, view, []),
            lambda t: a_region(t, "src/part0/file0.py", branch="feature"),
            lambda t: record_verdict(t, view, verdict, commit="c1"),
            lambda t: promote_verdicts(t, region.id, "digest-1"),
        ]
        for act in acts:
            lines = plans_on_sqlite(transaction.connection, partial(act, transaction))
            assert lines
            assert not [line for line in lines if scans(line)]


def test_every_question_can_be_answered_by_indexes_on_the_server(
    postgresql_places: Places,
) -> None:
    """Its planner may prefer a scan of a small table; forbidden to, it must find an index."""
    ledger = postgresql_places.open()
    view, ids, paths = fill(ledger, 30)
    for name, (_, ask_it) in QUESTIONS.items():
        with ledger.reading() as connection:
            with statements(connection) as sent:
                ask_it(connection, view, ids, paths)
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            for statement, parameters in sent:
                if is_framing((statement, parameters)):
                    continue
                plan = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
                lines = [str(row[0]) for row in plan]
                assert not [line for line in lines if "Seq Scan" in line], (name, lines)


def test_a_reader_sees_one_state_however_many_questions_it_asks(places: Places) -> None:
    """A write between two questions of one preflight must not show in the second."""
    place = places.new_place()
    reader, writer = places.open(place), places.open(place)
    view, ids, _ = fill(writer, 2)
    with reader.reading() as connection:
        before = revision(connection), list_decisions(connection, view.repository_id)
        with writer.writing(ACTOR) as transaction:
            a_decision(transaction, "Written meanwhile")
        after = revision(connection), list_decisions(connection, view.repository_id)
    assert before == after
    with reader.reading() as connection:
        assert len(list_decisions(connection, view.repository_id).decisions) == len(ids) + 1


def test_a_read_cannot_write_on_the_server(postgresql_places: Places) -> None:
    """What reads is marked as such, and may run on a standby."""
    ledger = postgresql_places.open()
    fill(ledger, 1)
    row = {"id": "rep_x", "created_at": 0}
    with pytest.raises(LedgerError, match="read-only"), ledger.reading() as connection:
        connection.execute(insert(schema.repositories), row)

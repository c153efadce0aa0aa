"""A whole ledger out as lines and in again: the same ledger, on either database, or none."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, func, select, text, union_all

from bicameral.environment import read_environment
from bicameral.errors import InputRefused, LedgerTooNew
from bicameral.ledger import schema
from bicameral.ledger.bindings import add_binding, groundings_of, remove_binding
from bicameral.ledger.bypasses import record_bypass
from bicameral.ledger.database import Ledger
from bicameral.ledger.decisions import add_decision, add_link, get_decisions, set_parent
from bicameral.ledger.domain import Content, Source, VerdictKind, View
from bicameral.ledger.exported import TABLES
from bicameral.ledger.migrations import CURRENT_VERSION
from bicameral.ledger.questions import answer_context, ask
from bicameral.ledger.repositories import Cursor, ensure_repository, move_cursor
from bicameral.ledger.search import search
from bicameral.ledger.transaction import Transaction
from bicameral.ledger.transfer import FORMAT, export_lines, import_lines
from bicameral.ledger.verdicts import Verdict, record_verdict
from tests.ledger.parts import ACTOR, KEYS, a_decision, a_region
from tests.ledger.places import Places
from tests.ledger.recount import assert_statistics_are_exact

texts = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30
)  # fmt: skip
numbers = st.integers(0, 5)


@st.composite
def ledgers(draw: st.DrawFn) -> Callable[[Transaction], None]:
    """Draw what fills a ledger: any texts, and every kind of row."""
    contents = draw(
        st.lists(st.builds(Content, texts, texts, texts, texts, texts), min_size=1, max_size=4)
    )
    sources = [
        Source("document", f"{draw(texts)}{n}", draw(texts), "", tuple(draw(st.lists(texts))))
        for n in range(len(contents))
    ]
    choice = draw(numbers)
    kind: VerdictKind = draw(st.sampled_from(["compliant", "partial", "not_relevant"]))
    branch = draw(st.sampled_from(["", "feature"]))

    def fill(transaction: Transaction) -> None:
        repository_id = ensure_repository(transaction, [*KEYS, "remote:x"])
        made = [
            add_decision(transaction, repository_id, content, source)
            for content, source in zip(contents, sources, strict=True)
        ]
        # A parent further down than its child: the order of rows is the order of adding.
        set_parent(transaction, made[0], made[-1].id)
        add_link(transaction, made[0].id, made[-1].id, "supersedes")
        region = a_region(transaction, branch=branch)
        add_binding(transaction, made[choice % len(made)].id, region, "explicit", branch)
        view = View(repository_id, branch)
        verdict = Verdict(made[choice % len(made)].id, region.id, "digest-1", kind, sources[0].ref)
        record_verdict(transaction, view, verdict, commit="c1")
        remove_binding(transaction, made[choice % len(made)].id, region.id, "spike")
        record_bypass(transaction, made[0].id, contents[0].title)
        question = ask(transaction, made[0], "context", contents[0].title)
        if choice % 2:
            answer_context(transaction, question, contents[0].description)
        move_cursor(transaction, view, Cursor("c1", "c0"))

    return fill


def exported(ledger: Ledger) -> list[str]:
    with ledger.reading() as connection:
        return list(export_lines(connection))


def imported(ledger: Ledger, lines: list[str]) -> int:
    with ledger.writing(ACTOR) as transaction:
        return import_lines(transaction, [f"{line}\n" for line in lines])


def without_own_audit(lines: list[str]) -> list[str]:
    """Leave out the row that an import appends about itself, and the count of rows."""
    assert '"ledger_imported"' in lines[-2]
    return lines[:-2]


@given(fill=ledgers())
@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_any_ledger_comes_back_the_same(sqlite_places: Places, fill: Any) -> None:
    """Every row of every table but the text index, which is built anew."""
    first, second = sqlite_places.open(), sqlite_places.open()
    with first.writing(ACTOR) as transaction:
        fill(transaction)
    lines = exported(first)
    assert {json.loads(line)["table"] for line in lines[1:-1]} == set(TABLES)
    assert imported(second, lines) == len(lines) - 2
    assert without_own_audit(exported(second)) == lines[:-1]
    with second.reading() as connection:
        assert_statistics_are_exact(connection)
    for ledger in (first, second):
        ledger.close()


def a_ledger(transaction: Transaction) -> list[str]:
    """Fill a ledger with enough rows for several batches; return the ids of its decisions."""
    repository_id = ensure_repository(transaction, [*KEYS, "remote:Größe", "remote:_", "remote:Z"])
    made = [
        add_decision(
            transaction,
            repository_id,
            Content(f"kafka matter{n % 13}", description=f"why größe{n % 7} 日本語"),
            Source("adr", f"docs/adr/{n:04}.md"),
        )
        for n in range(40)
    ]
    for branch in ("", "feature/Ä", "Z", "a_b"):
        region = a_region(transaction, f"src/{branch}.py", branch=branch)
        add_binding(transaction, made[3].id, region, "explicit", branch)
    set_parent(transaction, made[0], made[39].id)
    return [each.id for each in made]


def test_a_ledger_moves_to_a_server_and_back_unchanged(
    sqlite_places: Places, postgresql_places: Places
) -> None:
    """The order of rows, too, is one: databases sort text by their own rules unless told."""
    ledgers = [sqlite_places.open(), postgresql_places.open(), sqlite_places.open()]
    with ledgers[0].writing(ACTOR) as transaction:
        ids = a_ledger(transaction)
    lines = exported(ledgers[0])
    for ledger in ledgers[1:]:
        imported(ledger, lines)
        assert without_own_audit(exported(ledger)) == lines[:-1]
    answers = [answers_of(ledger, ids) for ledger in ledgers]
    assert answers[0] == answers[1] == answers[2]


def answers_of(ledger: Ledger, ids: list[str]) -> Any:
    with ledger.reading() as connection:
        found = get_decisions(connection, ids)
        repository_id = found[ids[0]].repository_id
        assert_statistics_are_exact(connection)
        return (
            {
                query: search(connection, repository_id, query)
                for query in ("kafka", "matter3 größe2", "日本", "matter12 kafka größe", "nothing")
            },
            {key: (each.content, each.source, each.parent_id) for key, each in found.items()},
            groundings_of(connection, View(repository_id, "feature/Ä"), ids),
        )


def test_a_server_has_counted_what_was_imported(
    postgresql_places: Places, lines: list[str]
) -> None:
    """Without its own counts it reads whole tables: 160 ms for a question of 4 ms."""
    ledger = postgresql_places.open()
    imported(ledger, lines)
    counted = text("SELECT reltuples FROM pg_class WHERE oid = CAST('decisions' AS regclass)")
    with ledger.reading() as connection:
        assert connection.scalar(counted) == 41


def test_an_import_does_not_mix_ledgers(places: Places) -> None:
    """Two ledgers in one would make of each decision two."""
    first, second = places.open(), places.open()
    for ledger in (first, second):
        with ledger.writing(ACTOR) as transaction:
            a_decision(transaction)
    before = exported(second)
    with pytest.raises(InputRefused, match="already holds 1 decision"):
        imported(second, exported(first))
    assert exported(second) == before


def test_a_ledger_that_only_met_the_repository_takes_an_import(places: Places) -> None:
    """A server that was started once before the import has noted its repository."""
    first, second = places.open(), places.open()
    with first.writing(ACTOR) as transaction:
        decision = a_decision(transaction)
    with second.writing(ACTOR) as transaction:
        ensure_repository(transaction, KEYS)
    imported(second, exported(first))
    with second.writing(ACTOR) as transaction:
        assert ensure_repository(transaction, KEYS) == decision.repository_id


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The lines of one export, for tests that damage a copy."""
    home = tmp_path_factory.mktemp("export") / "home"
    ledger = Ledger(replace(read_environment(), home=home))
    with ledger.writing(ACTOR) as transaction:
        a_ledger(transaction)
        decision = a_decision(transaction, "Asked")
        ask(transaction, decision, "context", "why?")
        record_bypass(transaction, decision.id, "hotfix")
        region = a_region(transaction, "src/judged.py")
        add_binding(transaction, decision.id, region, "explicit", "")
        verdict = Verdict(decision.id, region.id, "digest-1", "compliant")
        record_verdict(transaction, View(decision.repository_id), verdict, commit="c1")
        remove_binding(transaction, decision.id, region.id, "spike")
        add_link(transaction, decision.id, decision.id, "supersedes")
        move_cursor(transaction, View(decision.repository_id), Cursor("c1"))
    result = exported(ledger)
    ledger.close()
    return result


def with_value(table: str, column: str, value: object) -> Callable[[list[str]], int]:
    """Damage one column of the first row of a table; return the number of that line."""

    def damage(lines: list[str]) -> int:
        at = next(n for n, line in enumerate(lines) if json.loads(line).get("table") == table)
        parsed = json.loads(lines[at])
        parsed["row"][column] = value
        lines[at] = json.dumps(parsed)
        return at + 1

    return damage


def replaced(at: int, line: str) -> Callable[[list[str]], int]:
    def damage(lines: list[str]) -> int:
        lines[at] = line
        return (at % len(lines)) + 1

    return damage


def cut_off(lines: list[str]) -> int:
    del lines[-1]
    return len(lines) + 1


def cut_within(lines: list[str]) -> int:
    lines[20:] = [lines[20][:30]]
    return 21


def without_a_line(lines: list[str]) -> int:
    del lines[-2]
    return len(lines)


def without_a_decision(lines: list[str]) -> int:
    """What refers to it comes later, and has lost what it refers to."""
    gone = next(n for n, line in enumerate(lines) if '"title": "Asked"' in line)
    decision_id = json.loads(lines.pop(gone))["row"]["id"]
    return next(n for n, line in enumerate(lines, start=1) if decision_id in line)


def without_a_parent(lines: list[str]) -> int:
    child = next(n for n, line in enumerate(lines) if '"parent_id": "dec_' in line)
    parent_id = json.loads(lines[child])["row"]["parent_id"]
    gone = next(n for n, line in enumerate(lines) if f'"id": "{parent_id}"' in line)
    del lines[gone]
    lines[-1] = json.dumps({"rows": len(lines) - 2})
    return child + 1


def twice(lines: list[str]) -> int:
    lines.insert(10, lines[9])
    return 11


def after_the_end(lines: list[str]) -> int:
    lines.append(lines[5])
    return len(lines)


DAMAGES: dict[str, Callable[[list[str]], int]] = {
    "not JSON": replaced(4, "{not JSON"),
    "an empty line": replaced(4, ""),
    "not an object": replaced(4, "[1, 2]"),
    "brackets without end": replaced(4, "[" * 100_000),
    "an unknown table": replaced(4, '{"table": "people", "row": {}}'),
    "a table of the index": replaced(4, '{"table": "postings", "row": {}}'),
    "no row": replaced(4, '{"table": "regions"}'),
    "an empty row": replaced(4, '{"table": "regions", "row": {}}'),
    "no header": replaced(0, '{"format": "other"}'),
    "a header without a version": replaced(0, json.dumps({"format": FORMAT})),
    "cut off at a line": cut_off,
    "cut off within a line": cut_within,
    "a line lost at the end": without_a_line,
    "a decision lost": without_a_decision,
    "a parent lost": without_a_parent,
    "a line twice": twice,
    "a line after the last": after_the_end,
    "a wrong count": replaced(-1, '{"rows": 1}'),
    "a number for a text": with_value("decisions", "title", 5),
    "a list for a text": with_value("decisions", "title", ["a"]),
    "nothing for a text": with_value("decisions", "title", None),
    "a text for a number": with_value("decisions", "created_at", "today"),
    "a truth value for a number": with_value("decisions", "created_at", True),
    "a number beyond its column": with_value("region_states", "start_line", 2**31),
    "a number beyond any column": with_value("decisions", "created_at", 10**30),
    "a fraction": with_value("decisions", "created_at", 0.5),
    "a sign-off that is none": with_value("decisions", "signoff", "maybe"),
    "a verdict that is none": with_value("verdicts", "verdict", "fine"),
    "a kind that is none": with_value("questions", "kind", "riddle"),
    "warnings that are no list": with_value("decisions", "warnings", "{}"),
    "participants that are no JSON": with_value("decisions", "participants", "[ada"),
    "participants that are no texts": with_value("decisions", "participants", "[1]"),
    "a NUL": with_value("decisions", "title", "a\0b"),
    "half a surrogate pair": with_value("decisions", "title", "\ud800"),
    "a key too long": with_value("regions", "path", "x" * 5_000),
    "a session without an id": with_value("audit", "session_id", ""),
    "a session id too long": with_value("verdicts", "session_id", "s" * 513),
}  # fmt: skip


def test_a_damaged_line_is_named_and_nothing_is_imported(places: Places, lines: list[str]) -> None:
    """Half an import would be taken for the whole."""
    ledger = places.open()
    for name, damage in DAMAGES.items():
        damaged = list(lines)
        number = damage(damaged)
        with pytest.raises(InputRefused) as caught:
            imported(ledger, damaged)
        assert f"line {number} of the import" in caught.value.message, name
        assert "nothing was imported" in caught.value.message, name
        with ledger.reading() as connection:
            assert held_rows(connection) == 0, name
    assert imported(ledger, lines) == len(lines) - 2


def held_rows(connection: Connection) -> int:
    """Count the rows of everything that an import fills."""
    tables = (*TABLES.values(), schema.terms, schema.postings)
    counts = [select(func.count().label("rows")).select_from(table) for table in tables]
    every = union_all(*counts).subquery()
    return int(connection.scalar(select(func.sum(every.c.rows))) or 0)


def test_an_export_of_a_newer_version_is_refused(places: Places, lines: list[str]) -> None:
    """Its rows may mean something that this version does not know."""
    header = json.dumps({"format": FORMAT, "schema": CURRENT_VERSION + 1})
    with pytest.raises(LedgerTooNew, match="upgrade"):
        imported(places.open(), [header, *lines[1:]])


def test_an_empty_file_is_no_export(places: Places) -> None:
    """It is what a failed export leaves."""
    with pytest.raises(InputRefused, match="line 1"):
        imported(places.open(), [])


def test_an_empty_ledger_is_exported_and_imported(places: Places) -> None:
    """Two lines, and no rows between."""
    lines = exported(places.open())
    assert [json.loads(line) for line in lines] == [
        {"format": FORMAT, "schema": CURRENT_VERSION},
        {"rows": 0},
    ]
    assert imported(places.open(), lines) == 0

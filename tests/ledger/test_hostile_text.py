"""Ids and texts are parameters: whatever they hold, the ledger answers or refuses cleanly."""

from collections.abc import Callable
from functools import partial
from itertools import product
from typing import Any

import pytest
from sqlalchemy import Connection, func, select

from bicameral.capture.sizes import LONGEST_SESSION_ID
from bicameral.errors import BicameralError, InputRefused, NotFound
from bicameral.ledger import schema
from bicameral.ledger.bindings import (
    add_binding,
    bound_paths,
    decisions_on,
    ensure_region,
    groundings_of,
    regions_on,
    remove_binding,
)
from bicameral.ledger.bypasses import bypassed_lately, last_bypass, record_bypass
from bicameral.ledger.columns import MOST_KEY_BYTES, MOST_LONG_KEY_BYTES
from bicameral.ledger.decisions import (
    add_decision,
    add_link,
    amend_decision,
    find_by_content,
    find_by_source,
    get_decision,
    get_decisions,
    set_parent,
    successors,
)
from bicameral.ledger.domain import Actor, Content, Region, RegionState, Source, View
from bicameral.ledger.listing import audit_of, feature_groups, list_decisions, list_with_status
from bicameral.ledger.questions import (
    answer_context,
    ask,
    get_question,
    questions_of,
    waiting_questions,
)
from bicameral.ledger.repositories import (
    Cursor,
    cursor_of,
    ensure_repository,
    find_repository,
    move_cursor,
)
from bicameral.ledger.search import search
from bicameral.ledger.states import keep_states, set_state
from bicameral.ledger.terms import term_statistics
from bicameral.ledger.text import content_terms
from bicameral.ledger.transaction import Transaction
from bicameral.ledger.verdicts import Verdict, find_grounding, promote_verdicts, record_verdict
from tests.ledger.parts import ACTOR, STATE, a_decision, a_region, a_repository, bound
from tests.ledger.places import Places

HOSTILE = {
    "an end of the statement": "x'; DROP TABLE decisions; --",
    "a second condition": "x' OR '1'='1",
    "a placeholder": "%(id)s :id ? %s {}",
    "a wildcard": "%",
    "a backslash": "x\\'; --",
    "ten thousand characters": "x" * 10_000,
    "many scripts": "größe 日本語 решение \U0001f4a5 \u202e",
    "a combining accent": "cafe\u0301",
    "a NUL": "x\0y",
    "half a surrogate pair": "x\ud800y",
    "a path as git gives it": "caf\udce9.py",
    "nothing": "",
}
STORABLE = [name for name, text in HOSTILE.items() if len(text) < 500 and text.isprintable()] + [
    "many scripts"
]  # the right-to-left mark counts as unprintable

Read = Callable[[Connection, View, str], Any]
Write = Callable[[Transaction, str], Any]

READS: dict[str, Read] = {
    "get_decision": lambda c, view, text: get_decision(c, text),
    "get_decisions": lambda c, view, text: get_decisions(c, [text]),
    "find_by_source": lambda c, view, text: find_by_source(c, view.repository_id, [("adr", text)]),
    "find_by_source of": lambda c, view, text: find_by_source(c, text, [(text, text)]),
    "find_by_content": lambda c, view, text: find_by_content(c, text, [text]),
    "successors": lambda c, view, text: successors(c, [text]),
    "decisions_on": lambda c, view, text: decisions_on(c, view, [text], most=9),
    "decisions_on a branch": lambda c, view, text: decisions_on(
        c, View(view.repository_id, text), ["src/billing.py"], most=9
    ),
    "regions_on": lambda c, view, text: regions_on(c, view, [text]),
    "groundings_of": lambda c, view, text: groundings_of(c, view, [text]),
    "bound_paths": lambda c, view, text: bound_paths(c, View(text)),
    "find_grounding": lambda c, view, text: find_grounding(c, view, text, text),
    "last_bypass": lambda c, view, text: last_bypass(c, text),
    "bypassed_lately": lambda c, view, text: bypassed_lately(c, [text], now=0),
    "find_repository": lambda c, view, text: find_repository(c, [text]),
    "cursor_of": lambda c, view, text: cursor_of(c, View(text, text)),
    "list_decisions": lambda c, view, text: list_decisions(c, text, feature_group=text),
    "list_with_status": lambda c, view, text: list_with_status(c, View(text, text)),
    "feature_groups": lambda c, view, text: feature_groups(c, text, limit=9),
    "audit_of": lambda c, view, text: audit_of(c, text, limit=9),
    "get_question": lambda c, view, text: get_question(c, text),
    "questions_of": lambda c, view, text: questions_of(c, [text]),
    "waiting_questions": lambda c, view, text: waiting_questions(c, text, most=9),
    "search": lambda c, view, text: search(c, view.repository_id, text),
    "term_statistics": lambda c, view, text: term_statistics(c, text, [text]),
}


def unknown_region(text: str) -> Region:
    return Region(text, text, text, "file", text)


def state_of(text: str) -> RegionState:
    return RegionState(text, text, "present", 1, 2, text, text, text, text, text)


WRITES: dict[str, Write] = {
    "add_decision": lambda t, text: add_decision(
        t,
        a_repository(t),
        Content(text, text, text, text, text, warnings=(text,)),
        Source("adr", text, text, text, (text,), text, content_digest=text),
    ),
    "add_decision to": lambda t, text: add_decision(t, text, Content("T"), Source("adr", "r")),
    "amend_decision": lambda t, text: amend_decision(
        t, a_decision(t, "Amended"), Content(text, text), Source("adr", text)
    ),
    "set_parent": lambda t, text: set_parent(t, a_decision(t, "Child"), text),
    "add_link": lambda t, text: add_link(t, a_decision(t, "New").id, text, text),
    "ensure_region": lambda t, text: ensure_region(t, a_repository(t), text, "symbol", text),
    "ensure_region of": lambda t, text: ensure_region(t, text, text, "symbol", text),
    "set_state": lambda t, text: set_state(t, a_region(t), state_of(text)),
    "set_state of": lambda t, text: set_state(t, unknown_region(text), STATE),
    "keep_states": lambda t, text: keep_states(t, View(a_repository(t), text), [text]),
    "add_binding": lambda t, text: add_binding(t, text, a_region(t), "explicit", text),
    "add_binding to": lambda t, text: add_binding(
        t, a_decision(t, "Bound").id, unknown_region(text), "explicit", ""
    ),
    "remove_binding": lambda t, text: remove_binding(t, text, text, text),
    "record_verdict": lambda t, text: record_verdict(
        t, View(a_repository(t)), Verdict(text, text, text, "compliant", text), commit=text
    ),
    "record_verdict noted": lambda t, text: record_verdict(
        t, View(a_repository(t)), judged(t, text), commit=text
    ),
    "promote_verdicts": lambda t, text: promote_verdicts(t, text, text),
    "record_bypass": lambda t, text: record_bypass(t, text, text),
    "record_bypass for": lambda t, text: record_bypass(t, a_decision(t, "Waved").id, text),
    "ask": lambda t, text: ask(t, a_decision(t, "Asked"), "context", text),
    "ask against": lambda t, text: ask(
        t, a_decision(t, "Asked"), "collision", text, other_decision_id=text
    ),
    "answer_context": lambda t, text: answer_context(
        t, ask(t, a_decision(t, "Answered"), "context", "?"), text
    ),
    "ensure_repository": lambda t, text: ensure_repository(t, [text, text]),
    "move_cursor": lambda t, text: move_cursor(
        t, View(a_repository(t), text), Cursor(text, text)
    ),
    "record": lambda t, text: t.record(text, text, before={text: text}, after={text: text}),
}  # fmt: skip


def judged(transaction: Transaction, text: str) -> Verdict:
    decision = a_decision(transaction, "Judged")
    region = bound(transaction, decision, a_region(transaction, digest="digest-1"))
    return Verdict(decision.id, region.id, "digest-1", "compliant", text)


def count(connection: Connection) -> dict[str, int]:
    return {
        table.name: connection.scalar(select(func.count()).select_from(table)) or 0
        for table in schema.metadata.sorted_tables
    }


@pytest.fixture
def standing(places: Places) -> Any:
    """A ledger that holds one bound decision; returns it and the view to read it through."""
    ledger = places.open()
    with ledger.writing(ACTOR) as transaction:
        decision = a_decision(transaction)
        bound(transaction, decision, a_region(transaction))
    return ledger, View(decision.repository_id), decision


def outcome(act: Callable[[], Any]) -> Any:
    """Return what an act answers, or the clean refusal it ends in."""
    try:
        return act()
    except (NotFound, InputRefused) as error:
        return error


def test_reading_by_a_hostile_text_finds_nothing_and_harms_nothing(standing: Any) -> None:
    """Answers are empty, or an error with advice; every table keeps its rows."""
    ledger, view, decision = standing

    def read(act: Read, text: str) -> Any:
        with ledger.reading() as connection:
            return act(connection, view, text)

    before = read(lambda c, view, text: count(c), "")
    for (name, act), (kind, text) in product(READS.items(), HOSTILE.items()):
        found = outcome(partial(read, act, text))
        if isinstance(found, BicameralError):
            assert found.next_step, (name, kind)
        elif name != "decisions_on a branch":  # what holds on main holds on every branch
            assert decision.id not in str(found), (name, kind)
    assert read(lambda c, view, text: count(c), "") == before


def test_writing_a_hostile_text_is_taken_or_refused_and_harms_nothing(standing: Any) -> None:
    """What no column can hold is refused by every function that would store it."""
    ledger, _, decision = standing

    def write_and_undo(act: Write, text: str) -> str:
        with ledger.writing(ACTOR) as transaction, transaction.connection.begin_nested() as undo:
            act(transaction, text)
            undo.rollback()
        return "taken"

    with ledger.reading() as connection:
        before = count(connection)
    for (name, act), (kind, text) in product(WRITES.items(), HOSTILE.items()):
        answer = outcome(partial(write_and_undo, act, text))
        is_storable = not any(character in text for character in "\0\ud800\udce9")
        assert answer != "taken" or is_storable, (name, kind)
        assert answer == "taken" or answer.next_step, (name, kind)
    with ledger.reading() as connection:
        assert count(connection) == before
        assert get_decision(connection, decision.id) == decision


def test_a_storable_text_comes_back_word_for_word(standing: Any) -> None:
    """No normalising, no trimming, no escaping on the way through."""
    ledger, _, _ = standing
    for text in (HOSTILE[name] for name in STORABLE):
        content = Content(text, text, text, text, text, warnings=(text, text))
        source = Source("document", text, text, text, (text,), text, content_digest=text)
        session_id = text[:LONGEST_SESSION_ID] or "-"
        with ledger.writing(Actor(session_id, text, text)) as transaction:
            made = add_decision(transaction, a_repository(transaction), content, source)
            record_bypass(transaction, made.id, text)
        with ledger.reading() as connection:
            found = get_decision(connection, made.id)
            assert (found.content, found.source) == (content, source)
            row = audit_of(connection, made.id, limit=9)[-1]
            assert (row.session_id, row.tool, row.preflight_id) == (session_id, text, text)


def test_the_longest_keys_fit_both_databases(places: Places) -> None:
    """PostgreSQL bounds an index entry; the promise is the same on SQLite, or no ledger moves."""
    # Incompressible, so that the server cannot make it fit by compressing it.
    long_key = "".join(chr(33 + (i * i * 7 + i // 90) % 90) for i in range(MOST_LONG_KEY_BYTES))
    key = long_key[:MOST_KEY_BYTES]
    with places.open().writing(Actor(key, key)) as transaction:
        repository_id = ensure_repository(transaction, [long_key])
        source = Source("document", long_key, content_digest=key)
        content = Content("Long", feature_group=key)
        decision = add_decision(transaction, repository_id, content, source)
        region = ensure_region(transaction, repository_id, long_key, "symbol", key)
        set_state(transaction, region, state_of(key))
        add_binding(transaction, decision.id, region, "explicit", key)
        remove_binding(transaction, decision.id, region.id, key)
        transaction.record("long", long_key)
    over = long_key + "x"
    ledger = places.open()
    with pytest.raises(InputRefused, match="longer than"), ledger.writing(ACTOR) as transaction:
        ensure_region(transaction, a_repository(transaction), over, "file", "")


@pytest.mark.parametrize("path", ["caf\udce9.py", "a\0b", "x" * 5_000])
def test_a_path_that_cannot_be_stored_is_bound_to_nothing(standing: Any, path: str) -> None:
    """One strange file name in a commit must not keep the others from being looked up."""
    ledger, view, decision = standing
    with ledger.reading() as connection:
        found = decisions_on(connection, view, [path, "src/billing.py"], most=9)
        assert found == {"src/billing.py": [decision.id]}
        assert len(regions_on(connection, view, [path, "src/billing.py"])) == 1


@pytest.mark.parametrize("text", ["a\0b", "\ud800 word", "\x1b[31mred\x07", "\u200b\u202e", "\x85"])
def test_control_characters_split_words_and_never_become_terms(text: str) -> None:
    """A topic comes from outside unchecked; what is left of it is always storable."""
    assert all(term.isprintable() for term in content_terms(text + " outbox"))
    assert "outbox" in content_terms(text + " outbox")

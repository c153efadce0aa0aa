"""Decisions found again: by id, by source, by content, page by page; and repositories by keys."""

import re
from dataclasses import replace
from typing import Any

import pytest

from bicameral.errors import NotFound
from bicameral.ledger.database import Ledger
from bicameral.ledger.decisions import (
    add_decision,
    add_link,
    amend_decision,
    find_by_content,
    find_by_source,
    get_decision,
    get_decisions,
    set_parent,
    set_signoff,
    successors,
)
from bicameral.ledger.domain import Content, Source, View
from bicameral.ledger.identifiers import make_identifier
from bicameral.ledger.listing import (
    MOST_SCANNED,
    audit_of,
    feature_groups,
    list_decisions,
    list_with_status,
)
from bicameral.ledger.repositories import (
    Cursor,
    cursor_of,
    ensure_repository,
    find_repository,
    move_cursor,
)
from bicameral.ledger.transaction import revision
from tests.conftest import Clock
from tests.ledger.parts import ACTOR, KEYS, a_decision, a_region, a_repository, bound

SOURCE = Source(type="adr", ref="docs/adr/0001.md", content_digest="digest-a")


def test_ingesting_the_same_source_again_keeps_sign_off_and_bindings(ledger: Ledger) -> None:
    """It once reset the sign-off: a ratified decision fell back to proposed at each ingest."""
    with ledger.writing(ACTOR) as transaction:
        made = add_decision(transaction, a_repository(transaction), Content("Old title"), SOURCE)
        set_signoff(transaction, made, "ratified")
        bound(transaction, made, a_region(transaction))
    with ledger.writing(ACTOR) as transaction:
        found = find_by_source(
            transaction.connection, made.repository_id, [("adr", SOURCE.ref), ("adr", "other")]
        )
        assert list(found) == [("adr", SOURCE.ref)]
        content = replace(made.content, title="New title")
        assert amend_decision(transaction, made, content, SOURCE)
        assert not amend_decision(transaction, made, content, SOURCE), (
            "a stale copy changes nothing"
        )
    with ledger.reading() as connection:
        after = get_decision(connection, made.id)
        row = audit_of(connection, made.id, limit=1)[0]
    assert (after.content.title, after.signoff) == ("New title", "ratified")
    assert (row.action, row.before, row.after) == (
        "decision_amended",
        '{"title": "Old title"}',
        '{"title": "New title"}',
    )


def test_a_moved_source_is_found_by_its_content(ledger: Ledger) -> None:
    """A renamed file is not a new decision; of two alike, the newer is meant."""
    with ledger.writing(ACTOR) as transaction:
        repository_id = a_repository(transaction)
        add_decision(transaction, repository_id, Content("A"), SOURCE)
        newer = add_decision(
            transaction, repository_id, Content("B"), replace(SOURCE, ref="moved.md")
        )
        found = find_by_content(transaction.connection, repository_id, ["digest-a", "digest-b"])
    assert found == {"digest-a": newer}


@pytest.mark.parametrize("count", [500, 501, 66_000])
def test_any_number_of_ids_can_be_asked_for_at_once(ledger: Ledger, count: int) -> None:
    """PostgreSQL takes 65,535 parameters in a statement, SQLite's plain build 32,766."""
    with ledger.writing(ACTOR) as transaction:
        made = a_decision(transaction, ref="last")
        ids = [*(f"dec_{number}" for number in range(count)), made.id]
        assert list(get_decisions(transaction.connection, ids)) == [made.id]
        refs = [("adr", each) for each in [*ids[:1_000], "last"]]
        assert len(find_by_source(transaction.connection, made.repository_id, refs)) == 1


def test_an_unknown_decision_is_not_found_with_where_to_look(ledger: Ledger) -> None:
    """The id in the message is cut: it may be anything."""
    with pytest.raises(NotFound) as caught, ledger.reading() as connection:
        get_decision(connection, "x" * 400)
    assert len(caught.value.message) < 150
    assert "bicameral.search" in caught.value.next_step


def test_links_are_recorded_once_and_lead_from_old_to_new(ledger: Ledger) -> None:
    """Only what replaces a decision as a whole is its successor."""
    with ledger.writing(ACTOR) as transaction:
        old, new, part = (a_decision(transaction, title) for title in ("Old", "New", "Part"))
        assert add_link(transaction, new.id, old.id, "supersedes")
        assert not add_link(transaction, new.id, old.id, "supersedes")
        assert add_link(transaction, part.id, old.id, "partly_supersedes")
        assert successors(transaction.connection, [old.id, new.id]) == {old.id: [new.id]}


def test_hanging_a_decision_where_it_hangs_already_changes_nothing(ledger: Ledger) -> None:
    """Each change drops every remembered answer; no change must drop none."""
    with ledger.writing(ACTOR) as transaction:
        parent, child = a_decision(transaction, "Parent"), a_decision(transaction, "Child")
        set_parent(transaction, child, parent.id)
    with ledger.writing(ACTOR) as transaction:
        before = revision(transaction.connection)
        set_parent(transaction, child, parent.id)
        assert revision(transaction.connection) == before
        assert get_decision(transaction.connection, child.id).parent_id == parent.id


def test_pages_show_every_decision_once_in_order(ledger: Ledger) -> None:
    """Whatever the page's size, and whatever is added meanwhile behind it."""
    with ledger.writing(ACTOR) as transaction:
        made = [
            a_decision(transaction, f"Title {n}", feature_group="even" if n % 2 == 0 else "odd")
            for n in range(11)
        ]
        for decision in made[:4]:
            set_signoff(transaction, decision, "ratified")
    with ledger.reading() as connection:
        repository_id = made[0].repository_id

        def pages(limit: int, **wanted: Any) -> list[str]:
            found, after = [], 0
            while True:
                page = list_decisions(connection, repository_id, after=after, limit=limit, **wanted)
                assert len(page.decisions) <= limit
                found += [each.id for each in page.decisions]
                if page.next_after is None:
                    return found
                after = page.next_after

        for limit in (1, 2, 5, 11, 50):
            assert pages(limit) == [each.id for each in made]
            assert pages(limit, feature_group="odd") == [each.id for each in made[1::2]]
            assert pages(limit, signoffs=["ratified"]) == [each.id for each in made[:4]]
        assert pages(5, signoffs=["ratified", "proposed"]) == [each.id for each in made]
        assert feature_groups(connection, repository_id, limit=9) == [("even", 6), ("odd", 5)]
        assert feature_groups(connection, repository_id, limit=1) == [("even", 6)]


def test_pages_by_status_show_every_passing_decision_once(ledger: Ledger) -> None:
    """Status is derived, so a page may be short and still have a next one."""
    with ledger.writing(ACTOR) as transaction:
        made = [a_decision(transaction, f"Title {number}") for number in range(7)]
        region = a_region(transaction)
        for decision in made[::2]:
            bound(transaction, decision, region)
    view = View(made[0].repository_id)
    with ledger.reading() as connection:
        for limit in (1, 2, 3, 50):
            found, after = [], 0
            while True:
                page = list_with_status(
                    connection, view, status="pending", after=after, limit=limit
                )
                found += [decision.id for decision, _ in page.entries]
                if page.next_after is None:
                    break
                after = page.next_after
            assert found == [each.id for each in made[::2]]
        every = list_with_status(connection, view, limit=MOST_SCANNED)
    assert [status for _, status in every.entries] == ["pending", "ungrounded"] * 3 + ["pending"]


def test_a_repository_is_known_by_any_of_its_keys(ledger: Ledger) -> None:
    """A shallow clone lacks the root commit, a fresh one the remote; both are the same."""
    with ledger.writing(ACTOR) as transaction:
        first = ensure_repository(transaction, ["root:1", "root:1"])
        assert ensure_repository(transaction, ["remote:x", "root:1"]) == first
        assert ensure_repository(transaction, ["remote:x"]) == first
        other = ensure_repository(transaction, ["root:2"])
    assert other != first
    with ledger.reading() as connection:
        assert find_repository(connection, ["unknown", "remote:x"]) == first
        assert find_repository(connection, ["root:2", "root:1"]) == other, "the first known wins"
        assert find_repository(connection, []) is None


def test_a_key_learned_makes_remembered_answers_old(ledger: Ledger) -> None:
    """Whoever comes by that key alone was told that the repository is unknown."""
    with ledger.writing(ACTOR) as transaction:
        ensure_repository(transaction, KEYS)
    revisions = []
    for keys in (KEYS, [*KEYS, "remote:x"], [*KEYS, "remote:x"]):
        with ledger.writing(ACTOR) as transaction:
            ensure_repository(transaction, keys)
            revisions.append(revision(transaction.connection) or 0)
    assert revisions[1] == revisions[0] + 1
    assert revisions[2] == revisions[1]


def test_the_cursor_of_a_branch_is_its_own_and_moves_no_revision(ledger: Ledger) -> None:
    """How far the history was read shows nowhere."""
    with ledger.writing(ACTOR) as transaction:
        repository_id = a_repository(transaction)
        before = revision(transaction.connection)
        for commit in ("c1", "c2"):
            move_cursor(transaction, View(repository_id), Cursor(commit))
        move_cursor(transaction, View(repository_id, "feature"), Cursor("c9", base="c1"))
        assert revision(transaction.connection) == before
    with ledger.reading() as connection:
        assert cursor_of(connection, View(repository_id)) == Cursor("c2")
        assert cursor_of(connection, View(repository_id, "feature")) == Cursor("c9", "c1")
        assert cursor_of(connection, View(repository_id, "other")) is None


def test_identifiers_sort_by_their_moment_and_never_repeat(ledger: Ledger, clock: Clock) -> None:
    """They are opaque, and still the order of a listing by id is the order of time."""
    made = []
    for _ in range(3):
        clock.advance(seconds=0.001)
        with ledger.writing(ACTOR) as transaction:
            made.append([transaction.new_id("dec") for _ in range(1_000)])
    assert max(made[0]) < min(made[1])
    assert max(made[1]) < min(made[2])
    assert len({each for some in made for each in some}) == 3_000
    assert all(re.fullmatch(r"dec_[0-9A-HJKMNP-TV-Z]{26}", each) for each in made[0])


def test_an_identifier_is_the_ulid_of_its_moment_and_bytes() -> None:
    """The first and the last of the format, and one between."""
    assert make_identifier("x", time_ms=0, random_bytes=bytes) == "x_" + "0" * 26
    highest = make_identifier("x", time_ms=2**48 - 1, random_bytes=lambda n: b"\xff" * n)
    assert highest == "x_7" + "Z" * 25
    known = make_identifier("x", time_ms=1_469_918_176_385, random_bytes=bytes)
    assert known == "x_01ARYZ6S41" + "0" * 16

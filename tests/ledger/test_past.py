"""The ledger's past, on both databases: what held at a moment, and who was bound where."""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from bicameral.ledger import past as room
from bicameral.ledger.bindings import add_binding, remove_binding
from bicameral.ledger.bypasses import record_bypass
from bicameral.ledger.database import Ledger
from bicameral.ledger.decisions import get_decision, set_signoff
from bicameral.ledger.domain import MAIN, Decision, SignOff
from bicameral.ledger.past import ever_bound, only_repository, timelines
from bicameral.ledger.questions import answer_context, ask
from bicameral.ledger.repositories import ensure_repository
from bicameral.ledger.timeline import BYPASS_HOLDS_MS, Bound, Timeline
from bicameral.ledger.transaction import Transaction
from bicameral.ledger.transfer import export_lines, import_lines
from tests.conftest import Clock
from tests.ledger.parts import ACTOR, a_decision, a_region, a_repository, bound
from tests.ledger.places import Places

Result = TypeVar("Result")


class Story:
    """Changes the ledger second by second; `now` is the moment of the last change."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self.ledger = ledger
        self._clock = clock

    @property
    def now(self) -> int:
        return self._clock.time_now_ns // 1_000_000

    def then(self, change: Callable[[Transaction], Result]) -> Result:
        self._clock.advance(seconds=1)
        with self.ledger.writing(ACTOR) as transaction:
            return change(transaction)

    def past(self, decision: Decision) -> Timeline:
        with self.ledger.reading() as connection:
            return timelines(connection, [decision.id])[decision.id]


@pytest.fixture
def story(ledger: Ledger, clock: Clock) -> Story:
    return Story(ledger, clock)


def test_a_decision_stands_from_its_first_moment_on(story: Story) -> None:
    """The millisecond in which it was written counts."""
    decision = story.then(a_decision)
    past = story.past(decision)
    assert past.is_audited
    assert [past.stood(story.now + offset) for offset in (-1, 0, 1)] == [False, True, True]
    assert past.signoff(story.now - 1) is None


def test_every_move_of_the_signoff_is_known(story: Story) -> None:
    """Rejected, proposed again, superseded: each held for its time."""
    decision = story.then(a_decision)
    moments = [story.now]
    moves: list[SignOff] = ["ratified", "rejected", "proposed", "superseded"]
    for each in moves:
        story.then(partial(_move, decision, each))
        moments.append(story.now)
    past = story.past(decision)
    assert [past.signoff(each) for each in moments] == ["proposed", *moves]
    assert [past.stood(each) for each in moments] == [True, True, False, True, False]
    assert past.signoff(moments[1] - 1) == "proposed"


def _move(decision: Decision, wanted: SignOff, transaction: Transaction) -> bool:
    return set_signoff(transaction, get_decision(transaction.connection, decision.id), wanted)


def test_bindings_are_known_with_their_removals_and_revivals(story: Story) -> None:
    """A binding that was judged not relevant and then made again holds in two spans."""
    decision = story.then(a_decision)
    story.then(lambda t: bound(t, decision, a_region(t, "a.py")))
    first = story.now
    story.then(lambda t: remove_binding(t, decision.id, a_region(t, "a.py").id, MAIN))
    removed = story.now
    story.then(lambda t: bound(t, decision, a_region(t, "a.py")))
    revived = story.now
    story.then(lambda t: bound(t, decision, a_region(t, "b.py")))
    past = story.past(decision)
    assert [sorted(past.paths(at)) for at in (first - 1, first, removed, revived, story.now)] == [
        [],
        ["a.py"],
        [],
        ["a.py"],
        ["a.py", "b.py"],
    ]


def test_a_binding_made_firm_or_removed_on_two_branches_is_one(story: Story) -> None:
    """Inferred first and explicit later; removed on a branch and then on main."""
    decision = story.then(a_decision)
    story.then(lambda t: add_binding(t, decision.id, a_region(t, "a.py"), "inferred", MAIN))
    since = story.now
    story.then(lambda t: add_binding(t, decision.id, a_region(t, "a.py"), "explicit", MAIN))
    story.then(lambda t: remove_binding(t, decision.id, a_region(t, "a.py").id, "topic"))
    until = story.now
    story.then(lambda t: remove_binding(t, decision.id, a_region(t, "a.py").id, MAIN))
    assert story.past(decision).bindings == (Bound("a.py", since, until),)


def test_questions_and_bypasses_are_known(story: Story) -> None:
    """A question waits until it is answered; a bypass holds for an hour."""
    decision = story.then(a_decision)
    question = story.then(lambda t: ask(t, decision, "context", "why?"))
    asked = story.now
    story.then(lambda t: answer_context(t, question, "so"))
    answered = story.now
    story.then(lambda t: ask(t, decision, "context", "and now?"))
    story.then(lambda t: record_bypass(t, decision.id, "not now"))
    waved = story.now
    past = story.past(decision)
    assert [past.waited(at) for at in (asked - 1, asked, answered, waved)] == [
        False,
        True,
        False,
        True,
    ]
    hour = BYPASS_HOLDS_MS
    assert [past.was_bypassed(at) for at in (waved - 1, waved, waved + hour - 1, waved + hour)] == [
        False,
        True,
        True,
        False,
    ]


def test_a_collision_waits_for_both_of_its_decisions(story: Story) -> None:
    """Whoever is shown the question reads the names of both."""
    first, second = story.then(a_decision), story.then(lambda t: a_decision(t, "Again"))
    story.then(lambda t: ask(t, second, "collision", "which?", other_decision_id=first.id))
    asked = story.now
    assert [story.past(each).waited(asked) for each in (first, second)] == [True, True]
    assert not story.past(first).waited(asked - 1)


def test_a_question_was_seen_if_it_was_open_at_one_of_the_times() -> None:
    """From when it was asked until just before it was answered, and not after the last."""
    past = Timeline("d", "r", 0, ((0, "ratified"),), questions=((10, 20), (50, None)))
    seen = {
        (): False,
        (5, 9): False,
        (5, 10): True,
        (19, 30): True,
        (20, 49): False,
        (20, 50): True,
        (60, 61): True,
        (99,): False,
    }
    assert {times: past.waited_at_any(times, until=70) for times in seen} == seen


def forget(connection: Connection, *, actions: str = "%") -> None:
    connection.execute(text("delete from audit where action like :actions"), {"actions": actions})


def test_without_an_audit_the_present_stands_for_the_past(story: Story) -> None:
    """And the timeline says so; what the tables themselves know still counts."""
    decision = story.then(a_decision)
    created = story.now
    story.then(lambda t: bound(t, decision, a_region(t, "a.py")))
    since = story.now
    story.then(lambda t: bound(t, decision, a_region(t, "b.py")))
    story.then(lambda t: remove_binding(t, decision.id, a_region(t, "b.py").id, MAIN))
    until = story.now
    story.then(lambda t: set_signoff(t, decision, "rejected"))
    story.then(lambda t: forget(t.connection))
    past = story.past(decision)
    assert not past.is_audited
    assert past.signoffs == ((created, "rejected"),)
    assert past.bindings == (Bound("a.py", since), Bound("b.py", since + 1_000, until))


def test_an_audit_that_begins_late_is_carried_back(story: Story) -> None:
    """The first move that is known says what held before it."""
    decision = story.then(a_decision)
    created = story.now
    story.then(lambda t: bound(t, decision, a_region(t, "a.py")))
    story.then(lambda t: set_signoff(t, decision, "ratified"))
    moved = story.now
    story.then(lambda t: forget(t.connection, actions="%added"))
    story.then(lambda t: remove_binding(t, decision.id, a_region(t, "a.py").id, MAIN))
    past = story.past(decision)
    assert past.signoffs == ((created, "proposed"), (moved, "ratified"))
    assert past.bindings == (Bound("a.py", 0, story.now),)
    assert not past.is_audited


def test_the_past_survives_an_export(story: Story, places: Places, clock: Clock) -> None:
    """The audit moves with the ledger, with its times and in its order."""
    decision = story.then(a_decision)
    story.then(lambda t: bound(t, decision, a_region(t, "a.py")))
    story.then(lambda t: set_signoff(t, decision, "rejected"))
    story.then(lambda t: set_signoff(t, get_decision(t.connection, decision.id), "ratified"))
    story.then(lambda t: remove_binding(t, decision.id, a_region(t, "a.py").id, MAIN))
    with story.ledger.reading() as connection:
        lines = list(export_lines(connection))
    clock.advance(seconds=1_000)
    moved = Story(places.open(clock=clock), clock)
    moved.then(lambda t: import_lines(t, lines))
    assert moved.past(decision) == story.past(decision)


def test_many_are_asked_for_at_once_and_unknown_ids_are_left_out(story: Story) -> None:
    """More than one statement holds, with ids that no ledger could hold."""
    decisions = story.then(lambda t: [a_decision(t, f"Decision {n}") for n in range(520)])
    odd = ["dec_unknown", "a\0b", "\ud800", "x" * 3_000, "'; drop table audit; --"]
    with story.ledger.reading() as connection:
        found = timelines(connection, [*odd, *(each.id for each in decisions)])
    assert found.keys() == {each.id for each in decisions}


def test_who_was_ever_bound_to_a_path_is_found(story: Story) -> None:
    """Removed bindings too, for they may have held at the time; other repositories not."""
    one, two = story.then(lambda t: [a_decision(t, "One"), a_decision(t, "Two")])
    story.then(lambda t: bound(t, one, a_region(t, "a.py", selector="f")))
    story.then(lambda t: bound(t, one, a_region(t, "a.py", selector="g")))
    story.then(lambda t: bound(t, two, a_region(t, "a.py", selector="f")))
    story.then(lambda t: bound(t, two, a_region(t, "b.py")))
    story.then(lambda t: remove_binding(t, one.id, a_region(t, "a.py", selector="f").id, MAIN))
    with story.ledger.reading() as connection:
        found = ever_bound(connection, one.repository_id, ["a.py", "b.py", "c.py"])
        assert ever_bound(connection, "rep_other", ["a.py"]) == {}
    assert found == {"a.py": tuple(sorted((one.id, two.id))), "b.py": (two.id,)}


def test_the_only_repository_is_known_as_such(story: Story) -> None:
    """With none, or with two, there is no only one."""
    with story.ledger.reading() as connection:
        assert only_repository(connection) is None
    repository = story.then(a_repository)
    with story.ledger.reading() as connection:
        assert only_repository(connection) == repository
    story.then(lambda t: ensure_repository(t, ["root:another"]))
    with story.ledger.reading() as connection:
        assert only_repository(connection) is None


def test_no_question_walks_through_a_table(sqlite_places: Places) -> None:
    """Cost must not grow with the ledger: every statement is answered by an index."""
    ledger = sqlite_places.open()
    statements = [
        getattr(room, name)
        for name in ("_DECISIONS", "_AUDIT", "_BINDINGS", "_REMOVALS", "_QUESTIONS", "_BYPASSES")
    ]
    asked: list[tuple[Any, dict[str, Any]]] = [(each, {"ids": ["a", "b"]}) for each in statements]
    asked.append((room._COLLISIONS, {"ids": ["a", "b"], "repositories": ["r"]}))
    asked.append((room._EVER_BOUND, {"repository": "r", "paths": ["a", "b"]}))
    asked.append((room._COLLISIONS, {"repositories": ["r"], "ids": ["a", "b"]}))
    with ledger.writing(ACTOR) as transaction:
        a_decision(transaction)
    with ledger.reading() as connection:
        for statement, values in asked:
            compiled = statement.params(values).compile(
                connection.engine, compile_kwargs={"literal_binds": True}
            )
            plan = connection.exec_driver_sql(f"explain query plan {compiled}").all()
            steps = [str(step[-1]) for step in plan]
            assert not [step for step in steps if step.startswith("SCAN")], steps


MOMENTS = st.integers(min_value=0, max_value=50)


@given(
    spans=st.lists(st.tuples(MOMENTS, st.none() | MOMENTS), max_size=5),
    signoffs=st.lists(
        st.tuples(MOMENTS, st.sampled_from(["proposed", "ratified", "rejected"])), max_size=5
    ),
    at=MOMENTS,
)
def test_a_moment_is_told_by_what_had_happened_by_then(
    spans: list[tuple[int, int | None]], signoffs: list[tuple[int, SignOff]], at: int
) -> None:
    """What comes later never changes what held before."""
    signoffs.sort(key=lambda each: each[0])
    bindings = tuple(Bound(f"{n}.py", since, until) for n, (since, until) in enumerate(spans))
    whole = Timeline("d", "r", 0, tuple(signoffs), bindings)
    by_then = Timeline(
        "d",
        "r",
        0,
        tuple(each for each in signoffs if each[0] <= at),
        tuple(each for each in bindings if each.since <= at),
    )
    assert whole.signoff(at) == by_then.signoff(at)
    assert whole.paths(at) == by_then.paths(at)
    for each in bindings:
        is_held = each.since <= at and (each.until is None or at < each.until)
        assert (each.path in whole.paths(at)) == is_held

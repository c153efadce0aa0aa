"""Pruning: rows at their limit to the second, by their own time; plan and removal are one."""

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from bicameral.capture.locks import held_lock
from bicameral.capture.log import RotatedLog
from bicameral.capture.rotation import Limits
from bicameral.environment import Environment
from bicameral.errors import HomeBusy, MetricsUnreadable
from bicameral.govern.retention import read_policy
from bicameral.ledger import schema
from bicameral.ledger.database import Ledger
from bicameral.ledger.domain import Actor
from bicameral.observe.metrics.totals import fold
from bicameral.removal import locked
from bicameral.removal.pruning import Plan, apply_pruning, plan_pruning
from tests.capture.processes import run
from tests.ledger.places import Places
from tests.removal.parts import DAY, NOW_NS, call, event, names, put, snapshot, span, stamp

LIMIT = 60 * DAY
LOGS = ("preflight_events.jsonl", "engagements.jsonl", "trace.jsonl", "metrics.jsonl")
ACTOR = Actor(session_id="cli", tool="test")
POLICY = read_policy()
AROUND = {"younger": LIMIT - 1, "at the limit": LIMIT, "older": LIMIT + 1}
Row = Callable[..., dict[str, object]]


@pytest.fixture
def ledger(environment: Environment) -> Iterator[Ledger]:
    with closing(Ledger(environment)) as opened:
        yield opened


def plan(environment: Environment, ledger: Ledger) -> Plan:
    return plan_pruning(environment, ledger, POLICY)


def prune(environment: Environment, ledger: Ledger) -> Plan:
    return apply_pruning(environment, ledger, POLICY, actor=ACTOR)


@pytest.mark.parametrize("log", LOGS)
def test_a_row_goes_when_it_is_as_old_as_the_limit_to_the_second(
    log: str, environment: Environment, ledger: Ledger
) -> None:
    """One second younger stays; and a file written to just now saves no old row."""
    row: Row = {"trace.jsonl": lambda n, age: span(n, age, n=n)}.get(log, event)
    if log == "metrics.jsonl":
        row = lambda n, age: call(age) | {"n": n}  # noqa: E731 - one table of rows
    path = environment.home / log
    put(path, [row(name, age) for name, age in AROUND.items()])
    put(path.with_name(f"{log}.3"), [row("aside", LIMIT + 5), row("young", 5)])
    os.utime(path, ns=(0, 0))

    planned = plan(environment, ledger)
    assert [(each.name, each.rows, each.limit_days) for each in planned.parts] == [
        (f"{log}.3", 1, 60),
        (log, 2, 60),
    ]
    assert (planned.parts[1].oldest, planned.parts[1].newest) == (stamp(LIMIT + 1), stamp(LIMIT))
    assert names(path) == list(AROUND), "a plan changes nothing"

    assert prune(environment, ledger) == planned
    assert names(path) == ["younger"]
    assert names(path.with_name(f"{log}.3")) == ["young"]
    assert plan(environment, ledger).parts == ()


def test_the_bytes_of_a_plan_are_those_that_go(environment: Environment, ledger: Ledger) -> None:
    """Whoever prunes to make room wants to know how much."""
    path = environment.home / "engagements.jsonl"
    put(path, [event("older", LIMIT + 9, note="x" * 500), event("younger", 9)])
    before = path.stat().st_size
    [part] = prune(environment, ledger).parts

    assert (part.size_bytes, part.is_whole) == (before - path.stat().st_size, False)


def test_what_people_said_and_what_is_young_is_byte_for_byte_as_it_was(
    environment: Environment, ledger: Ledger
) -> None:
    """Labels, reviews, gates and hooks' failures have no limit, however old they are."""
    home = environment.home
    for name in (
        "failure_review.jsonl",
        "failure_labels.jsonl",
        "calibrations.jsonl",
        "hook_failures.jsonl",
    ):
        put(home / name, [event("ancient", 900 * DAY)])
    put(home / "engagements.jsonl", [event("young", 5)])
    (home / "salt").write_bytes(b"s" * 32)
    before = snapshot(home)

    assert plan(environment, ledger).parts == prune(environment, ledger).parts == ()
    assert snapshot(home) == before


def test_a_line_without_a_time_goes_with_the_row_before_it(
    environment: Environment, ledger: Ledger
) -> None:
    """Half a row of a crash is as old as what stands before it; at the beginning it stays."""
    path = environment.home / "engagements.jsonl"
    put(path, [b'{"half', event("older", LIMIT), b'{"torn', event("younger", 5), b'{"kept'])
    [part] = prune(environment, ledger).parts

    assert part.rows == 1
    assert path.read_bytes().splitlines()[0] == b'{"half'
    assert path.read_bytes().splitlines()[-1] == b'{"kept'
    assert b"torn" not in path.read_bytes()


def test_a_file_whose_rows_all_go_is_removed(environment: Environment, ledger: Ledger) -> None:
    """As rotation would have done, had anything been written."""
    put(environment.home / "trace.jsonl.1", [span("older", LIMIT)])
    [part] = prune(environment, ledger).parts
    assert part.is_whole
    assert not (environment.home / "trace.jsonl.1").exists()


def test_a_home_that_is_not_there_is_not_made(environment: Environment, ledger: Ledger) -> None:
    """Asking what would go is no reason to write."""
    assert plan(environment, ledger).parts == prune(environment, ledger).parts == ()
    assert not environment.home.exists()


def test_the_sums_keep_what_is_pruned_and_count_nothing_twice(
    environment: Environment, ledger: Ledger
) -> None:
    """Lines are counted before they go, and those that stay are known as counted."""
    path = environment.home / "metrics.jsonl"
    put(path.with_name("metrics.jsonl.1"), [call(LIMIT, a=1), call(LIMIT - 5, a=10)])
    put(path, [call(LIMIT, a=100), call(5, a=1_000)])
    prune(environment, ledger)
    put(path, [call(1, a=10_000)])

    for _ in range(2):
        totals = fold(environment.home)
        assert totals is not None
        assert (totals.counters["a"], totals.lines) == (11_111, 5)


def test_damaged_sums_stop_the_pruning_of_their_lines_alone(
    environment: Environment, ledger: Ledger
) -> None:
    """A line that is not counted must not go."""
    put(environment.home / "metrics.jsonl", [call(LIMIT, a=1)])
    put(environment.home / "engagements.jsonl", [event("older", LIMIT)])
    (environment.home / "metrics.json").write_bytes(b"{")
    with pytest.raises(MetricsUnreadable):
        prune(environment, ledger)

    assert not (environment.home / "engagements.jsonl").exists()
    assert (environment.home / "metrics.jsonl").exists()
    assert (environment.home / "metrics.json").read_bytes() == b"{"


def test_a_writer_goes_on_in_the_new_file(environment: Environment, ledger: Ledger) -> None:
    """A server that runs all the while holds the old file open."""
    path = environment.home / "engagements.jsonl"
    put(path, [event("older", LIMIT), event("younger", 5)])
    log = RotatedLog(path, limits=Limits(age_seconds=365 * DAY))  # or it put the file aside
    log.append(b'{"ts":"%s","n":"mine"}' % stamp(1).encode(), time_ns=NOW_NS)
    prune(environment, ledger)
    log.append(b'{"ts":"%s","n":"next"}' % stamp(0).encode(), time_ns=NOW_NS)
    log.close()

    assert names(path) == ["younger", "mine", "next"]


@pytest.mark.parametrize("lock", ["reconcile.lock", "engagements.jsonl.lock"])
def test_another_process_at_work_is_waited_for_and_then_named(
    lock: str, environment: Environment, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two who rewrite one file would undo each other."""
    monkeypatch.setattr(locked, "LOCK_ATTEMPTS", 5)
    put(environment.home / "engagements.jsonl", [event("older", LIMIT)])
    with held_lock(environment.home / lock) as is_mine:
        assert is_mine
        with pytest.raises(HomeBusy, match=lock):
            prune(environment, ledger)
    assert names(environment.home / "engagements.jsonl") == ["older"]


# The ledger, on SQLite and PostgreSQL.


def add_bypasses(ledger: Ledger, ages: dict[str, float]) -> None:
    with ledger.writing(ACTOR) as transaction:
        connection = transaction.connection
        connection.execute(insert(schema.repositories).values(id="rep", created_at=1))
        texts = {c.name: "" for c in schema.decisions.columns if not c.nullable}
        numbers = {"number": 1, "text_length": 0, "created_at": 1, "updated_at": 1}
        known = {"id": "dec", "repository_id": "rep"}
        connection.execute(insert(schema.decisions).values({**texts, **numbers, **known}))
        for name, age in ages.items():
            at = NOW_NS // 1_000_000 - int(age * 1_000)
            row = {"id": name, "decision_id": "dec", "reason": "r", "session_id": "s"}
            connection.execute(insert(schema.bypasses).values(**row, created_at=at))


def bypasses(ledger: Ledger) -> list[str]:
    with ledger.reading() as connection:
        found = connection.scalars(select(schema.bypasses.c.id).order_by(schema.bypasses.c.id))
        return list(found)


def test_rows_of_a_table_go_at_their_limit_and_the_audit_says_so(
    places: Places,
    environment: Environment,
) -> None:
    """Milliseconds decide: one second younger than ninety days stays."""
    limit = 90 * DAY
    ledger = places.open()
    add_bypasses(ledger, {"younger": limit - 1, "at": limit, "older": limit + 1})
    planned = plan(environment, ledger)
    [part] = planned.parts
    assert (part.place, part.name, part.rows, part.limit_days) == ("table", "bypasses", 2, 90)
    assert (part.oldest, part.newest) == (stamp(limit + 1), stamp(limit))
    assert len(bypasses(ledger)) == 3

    assert prune(environment, ledger) == planned
    assert bypasses(ledger) == ["younger"]
    with ledger.reading() as connection:
        said = connection.execute(select(schema.audit.c.action, schema.audit.c.subject)).all()
    assert ("rows_expired", "bypasses") in {tuple(row) for row in said}
    assert plan(environment, ledger).parts == ()


def test_a_write_that_fails_takes_no_row_of_any_table(
    places: Places,
    environment: Environment,
) -> None:
    """One transaction: here a second rule names a column that refuses the question."""
    ledger = places.open()
    add_bypasses(ledger, {"older": 100 * DAY})
    [rule] = [each for each in POLICY.tables if each.name == "bypasses"]
    broken = replace(rule, name="questions", clock="no_such_column")
    policy = replace(POLICY, tables=(rule, broken))
    with pytest.raises(KeyError):
        apply_pruning(environment, ledger, policy, actor=ACTOR)
    assert bypasses(ledger) == ["older"]


# Killed at every step of the code that removes, one child a step, and then done once more.
KILLED_AT_EVERY_STEP = """
import json, os, pathlib, shutil, signal
from tests.capture.dying import die_at
wait_for_the_others()
from dataclasses import replace
from bicameral.capture import durable, rewriting, sealing
from bicameral.environment import read_environment
from bicameral.govern.retention import read_policy
from bicameral.ledger.database import Ledger
from bicameral.ledger.domain import Actor
from bicameral.observe.metrics.totals import fold
from bicameral.removal import locked, pruning
from tests.removal.parts import NOW_NS, DAY, call, event, put
home = pathlib.Path(sys.argv[1])
every = int(sys.argv[2])
environment = replace(read_environment(), home=home, time_ns=lambda: NOW_NS)
STEPS = {m.__file__ for m in (durable, rewriting, sealing, locked)}
policy = replace(read_policy(), tables=())
OLD = 60 * DAY
def fill():
    shutil.rmtree(home, ignore_errors=True)
    put(home / "preflight_events.jsonl", [event("a", OLD), event("b", 5)])
    put(home / "metrics.jsonl.1", [call(OLD, a=1), call(OLD - 9, a=10)])
    put(home / "metrics.jsonl", [call(OLD, a=100), call(5, a=1_000)])
    (home / "reconciliation.json").write_text("{}")
def prune():
    pruning.apply_pruning(environment, Ledger(environment), policy, actor=Actor("cli", "test"))
def names():
    path = home / "preflight_events.jsonl"
    lines = path.read_bytes().splitlines()
    return [json.loads(line)["n"] for line in lines if line.startswith(b"{")]
prune()
for step in range(0, 100_000, every):
    fill()
    child = os.fork()
    if child == 0:
        die_at(step, STEPS)
        prune()
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    assert names() in (["a", "b"], ["b"]), step
    if step % 2:
        assert fold(home).counters["a"] == 1_111, step
    prune()
    assert names() == ["b"], step
    for _ in range(2):
        totals = fold(home)
        assert (totals.counters["a"], totals.lines) == (1_111, 4), (step, totals)
    left = sorted(each.name for each in home.iterdir() if each.suffix != ".lock")
    assert left == ["metrics.json", "metrics.jsonl", "metrics.jsonl.1", "preflight_events.jsonl"]
    if status == 0:
        print(step)
        break
"""


def test_a_pruning_killed_at_any_step_loses_nothing_that_stays(tmp_path: Path) -> None:
    """Each file is the old one or the new one, sums are exact, and the next call ends the work."""
    steps = int(run(KILLED_AT_EVERY_STEP, tmp_path / "home", 5).split()[-1])
    assert steps > 100

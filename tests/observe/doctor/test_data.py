"""The ledger and what was captured: what is wrong with them is named, with its mend."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path

import pytest

from bicameral.capture.durable import replace_file
from bicameral.capture.hook_failures import record_hook_failure
from bicameral.ledger.inspection import (
    ContentFacts,
    KeepsChanging,
    read_content,
    read_schema,
    still_copy,
)
from bicameral.observe.doctor.ledger import judge_content
from bicameral.observe.metrics.last_run import LAST_RUN_FILE
from bicameral.review.reconciliation.summary import SUMMARY_FILE, Summary, encode_summary
from tests.cli.parts import Person
from tests.conftest import Clock
from tests.observe.doctor.parts import examine, is_named, state_of


def change(person: Person, *statements: str) -> None:
    """Change the ledger behind its back."""
    with closing(sqlite3.connect(person.home / "ledger.sqlite3")) as connection:
        connection.execute("PRAGMA foreign_keys=OFF")
        for each in statements:
            connection.execute(each)
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def test_a_ledger_of_a_newer_version_is_named_and_left_alone(user: Person) -> None:
    """The mend is an upgrade, not a repair."""
    change(user, "INSERT INTO schema_migrations VALUES (999, 'from the future', 0)")
    before = state_of(user.home)
    result = examine(user, "ledger-schema")
    assert is_named(
        result, "newer version", "has schema 999", "uv tool upgrade bicameral-preflight"
    )
    assert state_of(user.home) == before


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("DROP TABLE bypasses", "not there: bypasses"),
        ("ALTER TABLE bypasses DROP COLUMN reason", "not there: bypasses.reason"),
        ("UPDATE schema_migrations SET name = 'of another'", "recorded as 'of another'"),
    ],
)
def test_a_ledger_that_is_not_as_it_says_is_named(user: Person, statement: str, words: str) -> None:
    """A statement would fail in the middle of somebody's work."""
    change(user, statement)
    assert is_named(examine(user, "ledger-schema"), words, "bicameral-mcp import")


def test_a_ledger_that_is_behind_is_brought_up_to_date_when_it_is_used(user: Person) -> None:
    """An upgrade of the program is no fault."""
    change(user, "DELETE FROM schema_migrations")
    result = examine(user, "ledger-schema")
    assert result["status"] == "PASS"
    assert result["details"]["schema"] == 0


def test_a_file_that_is_no_ledger_is_named(user: Person) -> None:
    """By both checks, and it is left as it is."""
    (user.home / "ledger.sqlite3").write_bytes(b"this is not a database" * 1_000)
    for check in ("ledger-schema", "ledger-integrity"):
        assert is_named(examine(user, check), "is damaged", "bicameral-mcp import")


def test_damaged_pages_are_named(user: Person) -> None:
    """As a bad disk or a copy that was cut short leaves them."""
    change(user)  # everything is in the file now
    path = user.home / "ledger.sqlite3"
    content = bytearray(path.read_bytes())
    content[4096 * 3 :] = bytes(len(content) - 4096 * 3)
    path.write_bytes(content)
    assert is_named(examine(user, "ledger-integrity"), "damaged")


def test_a_row_that_refers_to_nothing_is_named(user: Person) -> None:
    """By its tables, never by what is in it."""
    change(user, "INSERT INTO bindings VALUES ('dec_gone', 'reg_gone', 'manual', 0)")
    result = examine(user, "ledger-integrity")
    assert is_named(result, "bindings refers to a row of decisions that is not there (1 times)")
    assert "dec_gone" not in str(result)


def test_what_is_only_in_the_log_is_looked_at_too(user: Person) -> None:
    """The newest writes of a server at work are not in the file yet."""
    with closing(sqlite3.connect(user.home / "ledger.sqlite3")) as writer:
        writer.execute("PRAGMA foreign_keys=OFF")
        writer.execute("INSERT INTO bindings VALUES ('dec_gone', 'reg_gone', 'manual', 0)")
        writer.commit()
        assert (user.home / "ledger.sqlite3-wal").stat().st_size
        assert is_named(examine(user, "ledger-integrity"), "bindings refers")


def test_a_ledger_that_never_lies_still_is_not_judged(user: Person, tmp_path: Path) -> None:
    """A copy of two moments would look damaged; here the file is another one at each look."""

    class Restless(type(tmp_path)):  # type: ignore[misc]
        looks = 0

        def stat(self, *, follow_symlinks: bool = True) -> object:
            type(self).looks += 1
            (user.home / "ledger.sqlite3").touch()
            return super().stat(follow_symlinks=follow_symlinks)

    with pytest.raises(KeepsChanging), still_copy(Restless(user.home / "ledger.sqlite3")):
        pass
    assert Restless.looks >= 10


WRITE = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
connection.execute("PRAGMA wal_autocheckpoint=200")
connection.execute("PRAGMA synchronous=OFF")
connection.execute("CREATE TABLE ballast (a INTEGER PRIMARY KEY, b TEXT UNIQUE)")
print("begun", flush=True)
for number in range(int(sys.argv[2])):
    connection.execute("INSERT INTO ballast VALUES (?, hex(randomblob(400)))", (number,))
"""


def test_a_copy_that_is_taken_beside_a_busy_writer_is_whole(user: Person) -> None:
    """Its pages and its log belong to one moment, or there is no copy."""
    path = user.home / "ledger.sqlite3"
    words = [sys.executable, "-c", WRITE, str(path), "8000"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "begun\n"
        while writer.poll() is None:
            with suppress(KeepsChanging), still_copy(path) as connection:
                assert read_content(connection, lambda: False).damage == ()
    assert writer.returncode == 0
    with still_copy(path) as connection:
        assert connection.execute("SELECT count(*) FROM ballast").fetchone() == (8000,)


def test_an_inspection_ends_in_time(user: Person) -> None:
    """A ledger that is too large is said to be, not called whole."""
    many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000) "
    change(
        user,
        "CREATE TABLE ballast (a INTEGER PRIMARY KEY, b TEXT UNIQUE)",
        f"INSERT INTO ballast {many} SELECT i, hex(randomblob(20)) FROM n",
    )
    with still_copy(user.home / "ledger.sqlite3") as connection:
        facts = read_content(connection, lambda: True)
        assert facts == ContentFacts(is_complete=False)
        assert judge_content(facts, "the ledger").status == "SKIP"
        assert read_content(connection, lambda: False).decisions == 2
        assert read_schema(connection).lacking == ()


def test_a_url_without_a_ledger_behind_it_is_named_without_its_password(person: Person) -> None:
    """Nothing is sent to find that out: the address is of this machine, and nobody listens."""
    pytest.importorskip("psycopg")
    url = "postgresql://me:hunter2@127.0.0.1:1/nothing"
    result = examine(person.elsewhere(person.home, BICAMERAL_LEDGER_URL=url), "ledger-schema")
    assert result["status"] == "FAIL"
    assert "hunter2" not in str(result)


def test_torn_lines_are_named(user: Person) -> None:
    """Readers skip them; whoever wonders where rows went should hear of it."""
    assert examine(user, "logs")["status"] == "PASS"
    with (user.home / "engagements.jsonl").open("ab") as file:
        file.write(b'{"ts":"2026-01-01T00:00:00Z","tool":"bi\n[1]\n')
    assert is_named(examine(user, "logs"), "torn", "engagements.jsonl", "2 of them torn")


def test_a_row_that_was_dropped_is_named(user: Person) -> None:
    """A call goes on without its row, so nobody hears of it else."""
    assert examine(user, "drops")["status"] == "PASS"
    path = user.home / LAST_RUN_FILE
    run = json.loads(path.read_bytes())
    lane = run["telemetry_drops"]["lanes"]["durable"]
    lane |= {"attempted": lane["attempted"] + 2, "dropped": 2}
    path.write_text(json.dumps(run), encoding="utf-8")
    assert is_named(examine(user, "drops"), "2 rows were dropped", "durable:", "2 dropped")
    lane["written"] += 1
    path.write_text(json.dumps(run), encoding="utf-8")
    assert is_named(examine(user, "drops"), "do not add up")
    path.write_text("{", encoding="utf-8")
    assert is_named(examine(user, "drops"), "cannot be read")
    path.unlink()
    assert examine(user, "drops")["status"] == "SKIP"


def test_a_hook_that_failed_lately_is_named(user: Person, clock: Clock) -> None:
    """A hook tells its client that all is well, so nobody hears of it else."""
    record_hook_failure(user.environment, hook="after-edit", reason="home_unusable")
    assert is_named(examine(user, "hook-failures"), "after-edit: home_unusable", "1 times")
    clock.advance(seconds=8 * 86_400)
    assert examine(user, "hook-failures")["status"] == "PASS"


def test_a_reconciliation_that_failed_is_named(user: Person) -> None:
    """It runs where nobody looks."""
    summary = Summary("2026-05-01T00:00:00.000000Z", error="ledger_busy: it was locked")
    replace_file(user.home / SUMMARY_FILE, encode_summary(summary), is_synced=False)
    assert is_named(examine(user, "reconciliation"), "failed", "ledger_busy: it was locked")
    replace_file(user.home / SUMMARY_FILE, b"{", is_synced=False)
    assert is_named(examine(user, "reconciliation"), "cannot be read")


def test_rows_that_wait_for_a_reconciliation_are_named(user: Person, clock: Clock) -> None:
    """Else what was missed is never seen."""
    clock.advance(seconds=3_600)
    user.run_here("preflight", "refund a card", "src/payments.py")
    assert examine(user, "reconciliation")["status"] == "PASS", "one hour is no delay"
    clock.advance(seconds=8 * 86_400)
    assert is_named(examine(user, "reconciliation"), "wait for a reconciliation")
    assert user.run_here("reconcile").status == 0
    assert examine(user, "reconciliation")["status"] == "PASS", "what it says mends it"


def test_rows_that_were_never_reconciled_are_named(user: Person, clock: Clock) -> None:
    """The hook or the server should have seen to it."""
    (user.home / SUMMARY_FILE).unlink()
    assert examine(user, "reconciliation")["status"] == "SKIP"
    clock.advance(seconds=8 * 86_400)
    assert is_named(examine(user, "reconciliation"), "there was none yet")

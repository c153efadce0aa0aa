"""Around the queue: failed hooks, the last reconciliation, why it is empty, and what it costs."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bicameral.capture.hook_failures import record_hook_failure
from bicameral.review.rows import REVIEW_FILE
from tests.cli.parts import BOUND_SECONDS, Person
from tests.cli.triage_parts import MISS, fill_queue
from tests.conftest import Clock
from tests.review.triage.parts import a_row, write_reviews


@pytest.fixture
def triager(reader: Person) -> Person:
    """One with a ledger and a queue."""
    return fill_queue(reader)


def test_failed_hooks_of_the_last_week_are_shown(triager: Person, clock: Clock) -> None:
    """A hook always tells its client that all is well; this is where one hears of it."""
    record_hook_failure(triager.environment, hook="session-end", reason="too old")
    clock.advance(seconds=8 * 86_400)
    record_hook_failure(triager.environment, hook="after-edit", reason="the home is read-only")
    for words in (("list",), ("next",), ("stats",), ()):
        shown = triager.run_here("triage", *words).out
        assert "1 hook failure in the last 7 days" in shown
        assert "after-edit: the home is read-only" in shown
        assert "too old" not in shown
        notices = triager.run_here("triage", *words, "--json").answer()["notices"]
        assert [each["hook"] for each in notices["hook_failures"]] == ["after-edit"]


def summary(home: Path, **fields: Any) -> None:
    values = {
        "schema": 1,
        "finished_at": "2026-05-28T20:00:00.000000Z",
        "added": {"suspected_miss": 1, "normal": 2},
        "totals": {"suspected_miss": 1, "normal": 2},
        "open_sessions": 0,
        "skipped_lines": 0,
        "seconds": 0.1,
        "error": "",
    }
    home.mkdir(mode=0o700, exist_ok=True)
    text = json.dumps(values | fields)
    (home / "last_reconciliation.json").write_text(text, encoding="utf-8")


def test_the_last_reconciliation_and_its_error_are_shown(triager: Person) -> None:
    """It runs detached, so nobody saw it fail."""
    summary(triager.home, open_sessions=2)
    shown = triager.run_here("triage", "list").out
    assert (
        "last reconciliation 2026-05-28T20:00:00Z · 3 rows added · 2 sessions still open" in shown
    )
    summary(triager.home, error="ledger_busy: the ledger was locked")
    shown = triager.run_here("triage", "list").out
    assert "the last reconciliation failed: ledger_busy: the ledger was locked" in shown
    notices = triager.run_here("triage", "list", "--json").answer()["notices"]
    assert notices["last_reconciliation"]["error"] == "ledger_busy: the ledger was locked"


def test_an_empty_queue_says_why_and_what_to_do(person: Person) -> None:
    """An empty list must not look like an agent that does everything right."""
    captured = person.elsewhere(person.home, BICAMERAL_TELEMETRY="preflight")

    def said(whose: Person, *words: str) -> tuple[str, str]:
        notices = whose.run_here("triage", *words, "--json").answer()["notices"]
        return notices["empty_because"], notices["next_step"]

    assert said(person)[0] == "capture is off, so there is nothing to review"
    assert said(captured)[0] == "nothing was reconciled yet"
    summary(person.home, added={}, totals={}, open_sessions=1)
    assert said(captured)[0] == "no session is over yet"
    summary(person.home, added={}, totals={})
    assert said(captured)[0] == "no preflight was captured yet"
    assert said(person)[0] == "capture is off, so there is nothing to review"
    write_reviews(person.home, [a_row(classification="normal")])
    assert said(captured) == (
        "nothing is suspected: 1 preflight was reconciled and found normal",
        "",
    )
    assert said(captured, "list", "--class", "miss")[0] == "no row passes these filters"
    assert (
        "next: see `bicameral-mcp triage`"
        in captured.run_here("triage", "list", "--class", "miss").out
    )


def test_captured_preflights_that_nobody_has_looked_at_are_counted(
    person: Person, clock: Clock
) -> None:
    """Nothing suspected is said only of what was reconciled."""
    captured = person.elsewhere(person.home, BICAMERAL_TELEMETRY="preflight")

    def notices(*words: str) -> dict[str, Any]:
        found = captured.run_here("triage", *words, "--json").answer()["notices"]
        assert isinstance(found, dict)
        return found

    assert captured.run_here("ingest", "docs/adr").status == 0
    for topic in ("charge a card", "refund a card"):
        captured.run_here("preflight", topic, "src/payments.py")
    assert notices()["empty_because"] == "2 captured preflights wait for a reconciliation"
    summary(person.home, added={}, totals={}, open_sessions=1)
    shown = captured.run_here("triage", "list").out
    assert "2 captured preflights wait for a reconciliation" in shown
    assert "next: run `bicameral-mcp reconcile`" in shown
    assert captured.run_here("reconcile").status == 0
    for row in captured.run_here("triage", "list", "--json").answer()["rows"]:
        captured.run_here("triage", "label", row["id"], "not_a_failure")
    ended = notices()["empty_because"]
    assert "wait" not in ended, "each of them was judged"
    (person.home / "reconciliation.json").unlink()
    assert notices()["empty_because"] == ended, "what is reviewed waits for nothing"
    clock.advance(seconds=3_600)
    captured.run_here("preflight", "void a card", "src/payments.py")
    assert "1 captured preflight waits for a reconciliation" in notices("list")["empty_because"]


def test_damage_and_labels_without_rows_are_shown(triager: Person) -> None:
    """Whoever lost lines should hear of it before the numbers are believed."""
    triager.run_here("triage", "label", MISS, "real_miss")
    (triager.home / "failure_review.jsonl").write_bytes(b"no row\n")
    shown = triager.run_here("triage", "list").out
    assert "1 damaged line skipped in the review's files" in shown
    assert "1 labelled row not in the review any more" in shown


# Speed, and what is loaded.


LIST_AND_TELL = """\
import resource, sys, server
from pathlib import Path

status = server.main(["triage", "list", "--json"])
assert "sqlalchemy" not in sys.modules
used = resource.getrusage(resource.RUSAGE_SELF)
lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
peak = next(line.split()[1] for line in lines if line.startswith("VmHWM:"))
print(used.ru_utime + used.ru_stime, int(peak) // 1024, file=sys.stderr)
sys.exit(status)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="asks the system for the peak of memory")
def test_a_list_over_100_000_rows_loads_no_ledger_and_holds_few_rows(person: Person) -> None:
    """It is typed between two other things; the bounds are far above what it takes."""
    line = msgspec.json.encode(a_row(id="rev_number")) + b"\n"
    person.home.mkdir(mode=0o700)
    with (person.home / REVIEW_FILE).open("wb") as file:
        file.writelines(line.replace(b"number", b"%06d" % n) for n in range(100_000))
    done = subprocess.run(
        [sys.executable, "-c", LIST_AND_TELL],
        env=person.variables(),
        capture_output=True,
        check=True,
        timeout=BOUND_SECONDS,
    )
    answer = json.loads(done.stdout)
    assert (answer["total"], len(answer["rows"])) == (100_000, 20)
    cpu_seconds, peak_mebibytes = map(float, done.stderr.split())
    assert cpu_seconds < 10
    assert peak_mebibytes < 120


@pytest.mark.parametrize(
    ("words", "unneeded"),
    [
        (("label", MISS, "borderline"), {"sqlalchemy", "bicameral.cli.promote", "csv"}),
        (("list",), {"sqlalchemy", "bicameral.review.triage.statistics"}),
        ((), {"sqlalchemy", "bicameral.cli.promote"}),
    ],
)
def test_a_sub_command_loads_only_what_it_needs(
    triager: Person, words: tuple[str, ...], unneeded: set[str]
) -> None:
    """The start of the process is most of the time that a label takes."""
    script = f"import sys, server\nserver.main({['triage', *words]!r})\nprint(*sys.modules)\n"
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=triager.variables(),
        capture_output=True,
        text=True,
        check=True,
        timeout=BOUND_SECONDS,
    )
    assert unneeded.isdisjoint(done.stdout.splitlines()[-1].split())

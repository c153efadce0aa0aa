"""`reconcile` as a person and a script run it (PT-20)."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bicameral.capture.locks import held_lock
from bicameral.cli.page import Page
from bicameral.cli.reconcile import as_answer, show
from bicameral.review.reconciliation.reconcile import Report
from tests.cli.parts import Person
from tests.conftest import Clock
from tests.review.reconciliation.parts import Home


@pytest.fixture
def home(person: Person, clock: Clock) -> Iterator[Home]:
    """The person's home, with rows that are written by hand."""
    made = Home(person.environment, clock)
    yield made
    made.ledger.close()


@pytest.fixture
def missed(home: Home) -> str:
    """A finished session with a miss, one with a false fire, one that is open; the miss's id."""
    decision = home.decide("Charge once", "src/pay.py")
    home.preflight(10, "src/pay.py")
    home.edit(20, "src/pay.py")
    home.end(30)
    home.preflight(110, shown=(decision,), session="s2")
    home.end(130, session="s2")
    home.preflight(140, session="s3")
    home.line("preflight_events.jsonl", b"{torn")
    home.clock.advance(seconds=300)
    return decision


def test_a_person_sees_what_was_added_and_what_to_do_next(person: Person, missed: str) -> None:
    """Each suspect is a line with its id, its confidence and its reason."""
    ended = person.run_here("reconcile")
    lines = ended.out.splitlines()
    assert ended.status == 0
    assert lines[0] == "added: 1 suspected miss, 1 suspected false fire"
    assert lines[1] == "1 session still open · 1 line skipped that were no rows"
    assert lines[2].startswith("  rev_")
    assert f"  suspected miss  0.75  {missed}: a path that was asked about" in lines[2]
    assert "  suspected false fire  0.30  the decision that was shown" in lines[3]
    assert lines[-1] == "next: bicameral-mcp triage next"


def test_running_again_says_that_there_is_nothing_new(person: Person, missed: str) -> None:
    """What was found before still waits to be labelled."""
    person.run_here("reconcile")
    lines = person.run_here("reconcile").out.splitlines()
    assert lines[0] == "nothing new"
    assert lines[-1] == "what waits for a label: bicameral-mcp triage"


def test_a_script_gets_the_same_as_json(person: Person, missed: str) -> None:
    """Every row in full."""
    answer = person.run_here("reconcile", "--json").answer()
    assert answer["added"] == {"suspected_miss": 1, "suspected_false_fire": 1}
    assert answer["totals"] == answer["added"]
    assert (answer["open_sessions"], answer["skipped_lines"]) == (1, 1)
    assert answer["suspected"][0]["missed_ids"] == [missed]
    assert answer["suspected"][0]["evidence"][0]["kind"] == "edited"


def test_a_dry_run_says_what_would_be_added(person: Person, missed: str) -> None:
    """And adds nothing."""
    out = person.run_here("reconcile", "--dry-run").out
    assert out.startswith("would add: 1 suspected miss, 1 suspected false fire\n")
    assert "next:" not in out
    assert not (person.home / "failure_review.jsonl").exists()


def test_a_session_and_a_time_can_be_wanted(person: Person, home: Home, missed: str) -> None:
    """The others are found by the next run."""
    assert person.run_here("reconcile", "--session", "s2", "--json").answer()["added"] == {
        "suspected_false_fire": 1
    }
    assert person.run_here("reconcile", "--since", "1m", "--json").answer()["added"] == {}
    assert person.run_here("reconcile", "--since", "2026-05-28", "--json").answer()["added"] == {
        "suspected_miss": 1
    }


@pytest.mark.parametrize("text", ["soon", "", "7", "7y", "-3d", "2026-13-01"])
def test_a_time_that_is_none_is_refused(person: Person, text: str) -> None:
    """The message says what would be one, as it does for `triage`."""
    ended = person.run_here("reconcile", f"--since={text}")
    assert ended.status == 1
    assert "is no age and no date" in ended.err


def test_where_nothing_was_captured_it_says_how_to_switch_that_on(person: Person) -> None:
    """An empty answer would be a riddle."""
    ended = person.run_here("reconcile")
    assert ended.status == 0
    assert "nothing was ever captured here" in ended.out
    assert "BICAMERAL_TELEMETRY=preflight" in ended.out


def test_a_second_run_leaves_with_a_word(person: Person, missed: str) -> None:
    """It is no failure: the first one sees what it would have seen."""
    with held_lock(person.home / "reconcile.lock"):
        ended = person.run_here("reconcile")
    assert ended.status == 0
    assert "another reconciliation is at work" in ended.out


def test_a_ledger_that_is_gone_is_refused_with_what_to_do(
    person: Person, home: Home, missed: str
) -> None:
    """Status 1, the reason, and that nothing is lost."""
    home.ledger.close()
    (person.home / "ledger.sqlite3").unlink()
    ended = person.run_here("reconcile")
    assert ended.status == 1
    assert "the ledger that the captured rows speak of is not there" in ended.err
    assert "nothing is lost meanwhile" in " ".join(ended.err.split())


def test_a_detached_run_says_nothing_and_leaves_word(person: Person, missed: str) -> None:
    """It has neither a terminal nor a reader; the option is not in the help."""
    ended = person.run("reconcile", "--detached")
    assert (ended.status, ended.out, ended.err) == (0, "", "")
    word = json.loads((person.home / "last_reconciliation.json").read_text(encoding="utf-8"))
    assert word["added"]["suspected_miss"] == 1
    assert "--detached" not in person.run_here("reconcile", "--help").out


def test_a_detached_run_that_fails_says_so_in_its_word(
    person: Person, home: Home, missed: str
) -> None:
    """A code and a sentence; no path."""
    home.ledger.close()
    (person.home / "ledger.sqlite3").unlink()
    ended = person.run_here("reconcile", "--detached")
    assert (ended.status, ended.out, ended.err) == (1, "", "")
    word = json.loads((person.home / "last_reconciliation.json").read_text(encoding="utf-8"))
    assert word["error"] == "ledger_unavailable: The ledger cannot answer."


def test_the_page_tells_what_could_not_be_known_and_what_it_leaves_out() -> None:
    """Notes of the run, and a count of the suspects beyond those listed."""
    report = Report(
        added={"suspected_miss": 300, "normal": 1},
        totals={"suspected_miss": 300, "normal": 1},
        notes=("the salt is gone",),
        open_sessions=2,
    )
    page = Page()
    show(as_answer(report), page, is_on=True)
    assert page.text().splitlines() == [
        "added: 300 suspected misses, 1 normal",
        "2 sessions still open",
        "  and 300 more",
        "the salt is gone",
        "next: bicameral-mcp triage next",
    ]


def test_only_normal_rows_need_no_triage(person: Person, home: Home) -> None:
    """There is nothing to label."""
    home.preflight(10)
    home.end(20)
    assert person.run_here("reconcile").out == "added: 1 normal\n"


def test_a_home_that_cannot_be_written_is_refused(person: Person, home: Home) -> None:
    """The system's reason reaches the person."""
    home.preflight(10)
    home.end(20)
    (Path(person.home) / "failure_review.jsonl").mkdir()
    ended = person.run_here("reconcile")
    assert ended.status == 1
    assert "failure_review.jsonl" in ended.err

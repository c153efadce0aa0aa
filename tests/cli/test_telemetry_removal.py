"""`telemetry prune-plan`, `prune-apply` and `erase` as a person types them."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bicameral.cli.telemetry import SUB_COMMANDS
from bicameral.environment import Environment
from tests.cli.parts import Person
from tests.conftest import Clock
from tests.removal.parts import DAY, event, put

CAPTURE = {"BICAMERAL_TELEMETRY": "raw", "BICAMERAL_TRACE": "1"}
TOPIC = "PLANTED-topic about charges"
NOTE = "PLANTED-note of a person"
SESSION = "PLANTED-session"
ANCIENT = 700 * DAY


@pytest.fixture
def captured(reader: Person) -> Person:
    """Somebody whose raw capture, traces, review and label hold what was planted."""
    person = reader.elsewhere(reader.home, **CAPTURE, CLAUDE_CODE_SESSION_ID=SESSION)
    assert person.run_here("preflight", TOPIC, "src/payments.py").status == 0
    person = reader.elsewhere(reader.home, **CAPTURE)
    assert person.run_here("preflight", TOPIC, "src/payments.py").status == 0
    assert reader.run_here("reconcile", "--json").status == 0
    listed = reader.run_here("triage", "list", "--json").answer()["rows"]
    label = ("triage", "label", listed[0]["id"], "real_false_fire", "--note", NOTE)
    assert reader.run_here(*label).status == 0
    return reader


def holders(home: Path) -> set[str]:
    """Return the files that hold planted text in any byte; the ledger is not looked at."""
    found = (each for each in home.rglob("*") if each.is_file())
    return {
        each.relative_to(home).as_posix()
        for each in found
        if not each.name.startswith("ledger.sqlite3") and b"PLANTED" in each.read_bytes()
    }


def test_after_an_erasure_planted_text_is_in_no_byte_of_the_home(captured: Person) -> None:
    """And the ledger answers as before."""
    assert {
        "preflight_events.jsonl",
        "trace.jsonl",
        "failure_review.jsonl",
        "failure_labels.jsonl",
    } <= holders(captured.home)
    decisions = captured.run_here("history", "--json").answer()["decisions"]
    would_go = captured.run_here("telemetry", "erase", "--json").answer()
    done = captured.run_here("telemetry", "erase", "--i-understand", "--json")

    assert done.status == 0
    assert done.answer()["removed"]
    assert {each["name"] for each in done.answer()["parts"]} == {
        each["name"] for each in would_go["parts"]
    }
    assert holders(captured.home) == set()
    left = {each.name for each in captured.home.rglob("*") if each.is_file()}
    assert {name for name in left if not name.endswith(".lock")} == {"ledger.sqlite3"}
    assert captured.run_here("history", "--json").answer()["decisions"] == decisions


def test_a_session_that_is_erased_is_in_no_row(captured: Person) -> None:
    """What another session captured stays, and is reconciled no second time."""
    before = captured.run_here("triage", "list", "--all", "--json").answer()["rows"]
    command = ("telemetry", "erase", "--session", SESSION)
    assert captured.run_here(*command, "--json").status == 1
    assert captured.run_here(*command, "--i-understand").status == 0

    for path in captured.home.glob("*.json*"):
        assert SESSION.encode() not in path.read_bytes(), path.name
    rows = (captured.home / "preflight_events.jsonl").read_text("utf-8").splitlines()
    assert any(TOPIC in row for row in rows)
    assert captured.run_here("reconcile", "--json").answer()["added"] in ({}, {"normal": 0})
    after = captured.run_here("triage", "list", "--all", "--json").answer()["rows"]
    assert len(after) == len(before) - 1


def test_without_the_word_nothing_goes_and_the_command_says_what_does_it(
    captured: Person,
) -> None:
    """People see what would go first; programs get it beside the refusal."""
    before = holders(captured.home)
    refused = captured.run_here("telemetry", "erase", "--before", "2026-06-01T09:30:00")
    assert refused.status == 1
    assert "next: to remove it, add --i-understand" in " ".join(refused.err.split())
    assert "telemetry erase --before 2026-06-01T09:30:00 --i-understand" in " ".join(
        refused.err.split()
    )
    answer = captured.run_here("telemetry", "erase", "--json")
    assert answer.status == 1
    assert answer.answer()["error"] == "confirmation_missing"
    assert answer.answer()["removed"] is False
    assert {each["name"] for each in answer.answer()["parts"]} >= before
    assert holders(captured.home) == before


@pytest.mark.parametrize("words", [("--before", "soon"), ("--session", "")])
def test_a_part_that_names_nothing_is_wrong_usage(reader: Person, words: tuple[str, str]) -> None:
    """To take it for everything would be the worst of all readings."""
    assert reader.run_here("telemetry", "erase", *words, "--i-understand").status == 2


@pytest.fixture
def old(reader: Person, clock: Clock) -> Person:
    """Somebody with one row beyond its limit, and one that is not."""
    path = reader.home / "engagements.jsonl"
    put(path, [event("old", ANCIENT), event("young", -5 * DAY)])
    clock.advance(seconds=1)
    return reader


def test_prune_apply_does_what_prune_plan_shows(old: Person) -> None:
    """The same figures, before and after."""
    path = old.home / "engagements.jsonl"
    plan = old.run_here("telemetry", "prune-plan", "--json")
    [part] = plan.answer()["parts"]
    assert (plan.status, part["name"], part["rows"]) == (0, "engagements.jsonl", 1)
    assert set(part) >= {"rows", "size_bytes", "oldest", "newest", "limit_days", "reason"}

    refused = old.run_here("telemetry", "prune-apply", "--json")
    assert (refused.status, refused.answer()["error"]) == (1, "confirmation_missing")
    assert refused.answer()["parts"] == plan.answer()["parts"]
    assert len(path.read_bytes().splitlines()) == 2

    done = old.run_here("telemetry", "prune-apply", "--i-understand", "--json")
    assert done.status == 0
    assert done.answer() == {**plan.answer(), "removed": True}
    assert [json.loads(line)["n"] for line in path.read_bytes().splitlines()] == ["young"]
    assert old.run_here("telemetry", "prune-plan", "--json").answer()["parts"] == []


def test_people_are_shown_what_goes_and_why(old: Person) -> None:
    """One look has to be enough to decide."""
    shown = old.run_here("telemetry", "prune-plan").out
    assert "engagements.jsonl: 1 row" in shown
    assert "older than 60 days" in shown
    assert "1 row in 1 place would go" in shown
    done = old.run_here("telemetry", "prune-apply", "--i-understand").out
    assert "1 row in 1 place removed" in done
    assert "nothing would go" in old.run_here("telemetry", "prune-plan").out
    assert "nothing was removed" in old.run_here("telemetry", "prune-apply", "--i-understand").out


def test_a_home_that_is_not_there_is_not_made(reader: Person, environment: Environment) -> None:
    """Whoever never captured anything has nothing to remove."""
    home = reader.home.with_name("nowhere")
    stranger = Person(reader.repository, home, replace(environment, home=home))
    for words in (("prune-plan",), ("prune-apply", "--i-understand"), ("erase", "--i-understand")):
        assert stranger.run_here("telemetry", *words, "--json").answer()["parts"] == []
    assert not home.exists()


def test_nothing_to_remove_is_no_error(reader: Person) -> None:
    """There is nothing to confirm; a session that nobody knows is said to be unknown."""
    ended = reader.run_here("telemetry", "erase", "--session", "nope")
    assert (ended.status, ended.err) == (0, "")
    assert "nothing would go" in ended.out
    assert "nothing here is known of the session nope" in ended.out
    answer = reader.run_here("telemetry", "prune-apply", "--json")
    assert (answer.status, answer.answer()["parts"]) == (0, [])
    assert "error" not in answer.answer()


def test_an_erasure_tells_what_it_does_not_end(reader: Person) -> None:
    """Capture that is on writes again, and the ledger and the consent are still there."""
    capturing = reader.elsewhere(reader.home, BICAMERAL_TELEMETRY="preflight")
    assert capturing.run_here("preflight", TOPIC, "src/payments.py").status == 0
    told = " ".join(capturing.run_here("telemetry", "erase", "--i-understand").out.split())
    assert "capture is still on" in told
    assert "`bicameral-mcp telemetry off` ends it" in told
    assert "the ledger, whose audit names the session" in told
    assert "config.toml with the choices and the consent" in told
    quiet = reader.elsewhere(reader.home, BICAMERAL_TELEMETRY="off")
    assert "still on" not in quiet.run_here("telemetry", "erase", "--i-understand").out


def test_the_help_lists_every_action(reader: Person) -> None:
    """What is not listed is not found."""
    shown = reader.run("telemetry", "--help").out
    assert {"prune-plan", "prune-apply", "erase"} <= SUB_COMMANDS.keys()
    for name, each in SUB_COMMANDS.items():
        assert name in shown
        assert each.summary[:20] in shown

"""`hook session-start`: a line when something waits, and nothing when nothing does."""

import json
from typing import Any

import msgspec
import pytest

from bicameral.capture.hook_failures import HOOK_FAILURES_FILE, read_hook_failures
from bicameral.cli import hook_session_start
from bicameral.cli.hook_session_start import count_labelled
from bicameral.review.rows import LABELS_FILE, LabelRow
from bicameral.review.triage.queue import fold
from tests.cli.parts import Person
from tests.plugin.recorded import recorded


def begin(person: Person) -> list[str]:
    """Run the hook as the client does; return what the model and the person are told."""
    sent = recorded("session-start", person.repository.root)
    ended = person.run("hook", "session-start", sent=sent)
    assert (ended.status, ended.err) == (0, "")
    if not ended.out:
        return []
    told = json.loads(ended.out)
    assert told["hookSpecificOutput"]["hookEventName"] == "SessionStart"
    assert told["hookSpecificOutput"]["additionalContext"] == told["systemMessage"]
    return str(told["systemMessage"]).splitlines()


def summarise(person: Person, *, misses: int = 0, false_fires: int = 0, error: str = "") -> None:
    """Leave the summary of a reconciliation, as it stands in the contract."""
    totals = {"suspected_miss": misses, "suspected_false_fire": false_fires, "normal": 7}
    summary: dict[str, Any] = {
        "schema": 1,
        "finished_at": "2026-05-28T20:26:40.000000Z",
        "added": {},
        "totals": totals,
        "open_sessions": 0,
        "skipped_lines": 0,
        "seconds": 0.1,
        "error": error,
    }
    person.home.mkdir(mode=0o700, exist_ok=True)
    place = person.home / "last_reconciliation.json"
    place.write_text(json.dumps(summary), encoding="utf-8")


def say(person: Person, *said: tuple[str, str]) -> None:
    """Append rows of labels, each an action and the row that it is about."""
    rows = [
        LabelRow(
            ts="2026-05-28T20:26:40.000000Z",
            review_id=review_id,
            action=action,  # type: ignore[arg-type]
            who="you",
            label="real_miss" if action == "label" else None,
        )
        for action, review_id in said
    ]
    with (person.home / LABELS_FILE).open("ab") as file:
        file.writelines(msgspec.json.encode(row) + b"\n" for row in rows)


@pytest.mark.parametrize(
    ("misses", "false_fires", "line"),
    [
        (2, 1, "2 suspected misses and 1 suspected false fire wait for you"),
        (1, 0, "1 suspected miss waits for you"),
        (0, 2, "2 suspected false fires wait for you"),
    ],
)
def test_what_waits_is_said_in_a_line(
    person: Person, misses: int, false_fires: int, line: str
) -> None:
    """With the command that works it."""
    summarise(person, misses=misses, false_fires=false_fires)
    assert begin(person) == [f"Bicameral: {line}: `bicameral-mcp triage next`"]


def test_nothing_is_said_when_nothing_waits(person: Person) -> None:
    """A line in every session would be read by nobody after a week."""
    assert begin(person) == []
    assert not person.home.exists()
    summarise(person)
    assert begin(person) == []


def test_labelled_rows_do_not_wait(person: Person) -> None:
    """A label that was taken back counts no more; one given twice counts once."""
    summarise(person, misses=3, false_fires=1)
    say(person, ("label", "a"), ("label", "a"), ("promote", "a"), ("label", "b"), ("undo", "b"))
    assert begin(person) == ["Bicameral: 3 suspects wait for you: `bicameral-mcp triage next`"]
    say(person, ("label", "b"), ("label", "c"))
    assert begin(person) == ["Bicameral: 1 suspect waits for you: `bicameral-mcp triage next`"]
    say(person, ("label", "d"), ("label", "of a normal row"))
    assert begin(person) == []


def test_labels_are_counted_as_triage_folds_them(person: Person) -> None:
    """Said here again without msgspec, so the two are held together."""
    person.home.mkdir()
    said = [("label", "a"), ("undo", "a"), ("undo", "a"), ("label", "a"), ("promote", "b")]
    for number in range(1, len(said) + 1):
        (person.home / LABELS_FILE).write_bytes(b"torn\n[]\n[[[\n")
        say(person, *said[:number])
        lines = (person.home / LABELS_FILE).read_bytes().splitlines()[3:]
        rows = [msgspec.json.decode(line, type=LabelRow) for line in lines]
        standing = [
            fold(None, [row for row in rows if row.review_id == each]).label  # type: ignore[arg-type]
            for each in ("a", "b")
        ]
        assert count_labelled(person.home) == sum(each is not None for each in standing)
    assert hook_session_start.LABELS_FILE == LABELS_FILE


def test_a_reconciliation_that_failed_is_named(person: Person) -> None:
    """It ran detached, so nobody saw it fail."""
    summarise(person, error="ledger_busy: the ledger stayed locked\x1b[2J\nfor 5 seconds")
    [line] = begin(person)
    assert line.startswith("Bicameral: the last reconciliation failed (ledger_busy: the ledger")
    assert line.endswith("`bicameral-mcp reconcile` tries again")
    assert "\x1b" not in line


def test_hooks_that_failed_lately_are_counted(person: Person) -> None:
    """The last one is named; older ones were said before."""
    person.home.mkdir()
    old = {"ts": "2020-01-01T00:00:00.000000Z", "hook": "session-end", "reason": "old"}
    (person.home / HOOK_FAILURES_FILE).write_text(json.dumps(old) + "\n", encoding="utf-8")
    assert begin(person) == []
    on = {"BICAMERAL_TELEMETRY": "preflight"}
    for number in (1, 2):
        person.run("hook", "after-edit", sent=b"not json", variables=on)
        [line] = begin(person)
        runs = "1 hook run" if number == 1 else "2 hook runs"
        assert line.startswith(f"Bicameral: {runs} failed within a day (after-edit: what came on")
        assert line.endswith("`bicameral-mcp triage list` shows them")


def test_a_file_that_cannot_be_read_is_a_failure_of_the_hook(person: Person) -> None:
    """Silence must mean that nothing waits."""
    summarise(person, misses=1)
    (person.home / LABELS_FILE).mkdir()
    sent = recorded("session-start", person.repository.root)
    ended = person.run("hook", "session-start", sent=sent)
    assert (ended.status, ended.out) == (0, "")
    assert "hook session-start: " in ended.err
    [failure] = read_hook_failures(person.home)
    assert (failure.hook, failure.reason) == ("session-start", "Is a directory")


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"totals": 7}', b"\xff"])
def test_a_summary_that_is_none_is_no_reason_to_fail(person: Person, content: bytes) -> None:
    """The next reconciliation writes a new one."""
    person.home.mkdir()
    (person.home / "last_reconciliation.json").write_bytes(content)
    assert begin(person) == []

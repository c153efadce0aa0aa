"""What needs a person: collisions, refusals of single entries, things that went wrong beside."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bicameral.cli.export import write_new_file
from tests.cli.parts import BOUND_SECONDS, COMMAND, RECORD, Person

AGAIN = RECORD.replace("# 1.", "# 9.").replace("`charge_card` in `src/payments.py` sends", "Send")
PEOPLE = """\
---
status: accepted
decision-makers: Ada, Grace
---

# Number invoices without gaps

## Context and Problem Statement

The tax office asks for every number.

## Decision Outcome

Chosen option: "One counter", because gaps cannot be explained.
"""


@pytest.fixture
def torn(reader: Person) -> Person:
    """One whose ledger holds two decisions on the same subject."""
    reader.repository.write("docs/more/adr/0009-again.md", AGAIN)
    assert "collides with" in reader.run_here("ingest", "docs/more").out
    return reader


def test_a_collision_waits_until_a_person_answers(torn: Person) -> None:
    """Shown wherever one looks, and settled without a client."""
    [waiting] = torn.run_here("history", "--signoff", "collision_pending", "--json").answer()[
        "decisions"
    ]
    told = torn.run_here("history", waiting["id"], "--json").answer()["decision"]
    question_id = told["questions"][0]["question_id"]
    for shown in (
        torn.run_here("history", waiting["id"]),
        torn.run_here("preflight", "Round corners"),
    ):
        assert "waiting (collision):" in shown.out
        assert question_id in shown.out
    wrong = torn.run_here("answer", question_id, "perhaps")
    assert wrong.status == 1
    assert "answer with one of: keep_both" in " ".join(wrong.out.split())
    assert "answer recorded" in torn.run_here("answer", question_id, "supersede_other").out
    older = torn.run_here("history", "--signoff", "superseded", "--json").answer()["decisions"]
    full = torn.run_here("history", older[0]["id"]).out
    assert f"superseded by: {waiting['id']}" in full


def test_a_demo_takes_an_odd_repository_as_it_is(torn: Person) -> None:
    """Odd names and long lists are part of real repositories."""
    for number in range(7):
        torn.repository.write(f"docs/adr/empty{number}.md", "")
    torn.repository.write("src/odd\x01name.py", "x = 1\n")
    torn.repository.commit("An odd name")
    ended = torn.run_here("demo", "--repo", ".")
    assert ended.status == 0
    assert "skipped 2 more" in ended.out
    assert "or has control characters" in " ".join(ended.out.split())
    assert "Read docs/adr, docs/more/adr;" in ended.out


def test_people_and_long_changes_are_shown(reader: Person) -> None:
    """Who decided is half of why; a change too long to show is cut, not dropped."""
    reader.repository.write("docs/adr/0003-invoices.md", PEOPLE)
    reader.run_here("ingest", "docs/adr")
    decision_id = reader.ids()["Number invoices without gaps"]
    reader.run_here("update", decision_id, "amend", "--description", "word " * 200)
    told = reader.run_here("history", decision_id).out
    assert "participants: Ada, Grace" in told
    assert "decision_amended" in told
    assert told.count("word word") > 5


def test_a_preflight_says_what_it_left_out_and_its_id(reader: Person) -> None:
    """The id is there to be threaded on, when capture is on."""
    reader.run_here("bind", reader.ids()["Paginate listings by cursor"], "src/payments.py")
    capturing = reader.elsewhere(reader.home, BICAMERAL_TELEMETRY="preflight")
    ended = capturing.run_here("preflight", "x", "src/payments.py", "--limit", "1")
    assert "and 1 more; see them with --limit" in ended.out
    shown = ended.out.splitlines()[-1]
    events = (reader.home / "preflight_events.jsonl").read_text(encoding="utf-8")
    assert shown.removeprefix("preflight_id ") in events


def test_entries_that_are_refused_say_why(reader: Person) -> None:
    """The others are done; the status says that not all of them were."""
    ended = reader.run_here("bind", reader.first_id(), "src/other.py", "nothing_of_this_name")
    assert ended.status == 1
    assert "bound: src/other.py" in ended.out
    assert "refused: nothing_of_this_name\n  error: " in ended.out


def test_capture_that_fails_is_shown(reader: Person, tmp_path: Path) -> None:
    """Where nothing can be recorded, the status is the place that says so."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    lost = reader.elsewhere(tmp_path / "file", BICAMERAL_TELEMETRY="preflight")
    out = lost.run_here("telemetry", "status").out
    assert "last error: " in out
    assert "dropped" in out


def test_an_export_that_is_interrupted_leaves_no_file(tmp_path: Path) -> None:
    """Half a backup would be taken for one."""

    def lines() -> Iterator[str]:
        yield "{}"
        raise KeyboardInterrupt

    path = tmp_path / "backup.jsonl"
    with pytest.raises(KeyboardInterrupt):
        write_new_file(path, lines())
    assert not path.exists()


@pytest.mark.skipif(os.name != "posix", reason="a terminal of POSIX")
def test_a_person_who_starts_the_server_is_told_what_it_waits_for(person: Person) -> None:
    """A silent prompt looks like a fault."""
    leader, follower = os.openpty()
    process = subprocess.Popen(
        [*COMMAND, "serve"],
        cwd=person.repository.root,
        env=person.variables(),
        stdin=follower,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    os.close(follower)
    assert process.stderr
    hint = process.stderr.readline().decode()
    os.close(leader)
    out, err = process.communicate(timeout=BOUND_SECONDS)
    assert "waiting for an MCP client on stdin" in hint
    assert (out, err) == (b"", b"")

"""`hook session-end`: one row, a reconciliation of its own, and back before it is killed."""

import json
import subprocess
import sys
import time
from pathlib import Path

from bicameral.capture.hook_failures import read_hook_failures
from bicameral.capture.rows import EVENTS_FILE
from bicameral.review.reconciliation.summary import SUMMARY_FILE
from tests.cli.parts import BOUND_SECONDS, Person
from tests.plugin.recorded import SESSION, recorded
from tests.plugin.waiting import wait_for_summary

ON = {"BICAMERAL_TELEMETRY": "preflight"}


def test_the_session_is_over_and_reconciled_by_a_process_of_its_own(person: Person) -> None:
    """The hook returns first; what it started goes on after it."""
    sent = recorded("session-end", person.repository.root)
    ended = person.run("hook", "session-end", sent=sent, variables=ON)
    assert (ended.status, ended.out, ended.err) == (0, "", "")
    [line] = (person.home / EVENTS_FILE).read_text(encoding="utf-8").splitlines()
    row = json.loads(line)
    assert (row["event_type"], row["session_id"], row["reason"]) == (
        "session_ended",
        SESSION,
        "closed",
    )
    assert row["repository_id"] is None
    assert row["ended_at"] == row["ts"]
    assert wait_for_summary(person.home).error == ""
    assert read_hook_failures(person.home) == []


def test_the_hook_holds_no_stream_open_for_what_it_started(person: Person) -> None:
    """A client that reads to the end of stdout would wait for the whole reconciliation."""
    process = person.start("hook", "session-end", variables=ON)
    sent = recorded("session-end", person.repository.root)
    began = time.monotonic()
    out, err = process.communicate(sent, timeout=BOUND_SECONDS)
    assert (process.returncode, out, err) == (0, b"", b"")
    # The client kills it after a second and a half; a loaded machine must not make this flaky.
    assert time.monotonic() - began < BOUND_SECONDS / 2
    wait_for_summary(person.home)


def test_what_waits_is_reconciled_even_if_the_session_is_not_named(person: Person) -> None:
    """Other sessions may have ended without a hook."""
    sent = recorded("session-end", person.repository.root)
    person.run("hook", "session-end", sent=sent, variables=ON)
    first = wait_for_summary(person.home)
    (person.home / SUMMARY_FILE).unlink()
    ended = person.run("hook", "session-end", sent=b"{}", variables=ON)
    assert (ended.status, ended.out) == (0, "")
    assert "no usable session_id" in ended.err
    assert len((person.home / EVENTS_FILE).read_bytes().splitlines()) == 1
    assert wait_for_summary(person.home).finished_at > first.finished_at


def test_without_a_home_nothing_is_started(person: Person) -> None:
    """The first trouble is the one that is kept: there was no row, so there is nothing to do."""
    ended = person.run("hook", "session-end", sent=b"{}", variables=ON)
    assert (ended.status, ended.out) == (0, "")
    [failure] = read_hook_failures(person.home)
    assert "no usable session_id" in failure.reason
    assert {each.name for each in person.home.iterdir()} == {
        "hook_failures.jsonl",
        "hook_failures.jsonl.lock",
    }


STARTING = """
import os, subprocess, sys
sys.executable = "/nowhere/python"
import server
sys.exit(server.main(["hook", "session-end"]))
"""


def test_a_reconciliation_that_cannot_be_started_is_a_failure_of_the_hook(
    person: Person, tmp_path: Path
) -> None:
    """The row is written all the same: the next server start reconciles it."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", STARTING],
        cwd=person.repository.root,
        env=person.variables(ON),
        input=recorded("session-end", person.repository.root),
        capture_output=True,
        timeout=BOUND_SECONDS,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, b"")
    assert b"hook session-end: " in done.stderr
    assert len((person.home / EVENTS_FILE).read_bytes().splitlines()) == 1
    assert [each.reason for each in read_hook_failures(person.home)] == [
        "No such file or directory"
    ]

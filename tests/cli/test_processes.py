"""The command as a process: answers as JSON, exit statuses, pipes and signals."""

import json
import os
import signal
import sys
from pathlib import Path

import pytest

from bicameral import __version__
from tests.cli.parts import BOUND_SECONDS, CODE_WITHOUT_KEY, Person


def test_a_decision_goes_from_its_file_to_a_verdict(person: Person) -> None:
    """Each command answers exactly what the tool answers, as one JSON document."""
    read = person.run("ingest", "docs/adr", "--json")
    assert (read.status, read.err) == (0, "")
    assert read.answer()["added"] == 2
    decision_id = read.answer()["decisions"][0]["decision_id"]
    asked = person.run("preflight", "Retry card charges", "src/payments.py", "--json").answer()
    assert asked["fired"]
    assert [each["id"] for each in asked["decisions"]] == [decision_id]
    bound = person.run("bind", decision_id, "src/payments.py::charge_card", "--json").answer()
    assert bound["bindings"][0]["bound"]
    judged = person.run("resolve", decision_id, "compliant", "--json").answer()
    assert judged["outcomes"][0]["recorded"]
    person.repository.write("src/payments.py", CODE_WITHOUT_KEY)
    commit = person.repository.commit("Drop the key")
    linked = person.run("link-commit", "--json").answer()
    assert linked["commit"] == commit
    assert linked["touched"][0]["change"] == "changed"
    drifted = person.run_here("resolve", decision_id, "drifted", "--json")
    assert drifted.status == 0
    listed = person.run("history", "--status", "drifted", "--json").answer()
    assert [each["id"] for each in listed["decisions"]] == [decision_id]


def test_a_person_without_a_client_signs_off_and_amends(reader: Person) -> None:
    """Ratifying, rejecting, waving through and updating go through the same handlers."""
    proposed = reader.ids()["Paginate listings by cursor"]
    ratified = reader.run("ratify", proposed, "--json", "--preflight-id", "p-1").answer()
    assert (ratified["signoff"], ratified["changed"]) == ("ratified", True)
    assert ratified["preflight_id"] == "p-1"
    updated = reader.run("update", proposed, "regroup", "--feature", "listings", "--json")
    assert updated.answer()["changed"]
    waved = reader.run("bypass", proposed, "a one-off script", "--json").answer()
    assert waved["outcomes"][0]["recorded"]
    found = reader.run("search", "opaque", "cursor", "--json").answer()
    assert found["decisions"][0]["feature_group"] == "listings"
    assert reader.run("telemetry", "status", "--json").answer()["preflight_capture"] is False


def test_a_ledger_moves_to_another_home(reader: Person, tmp_path: Path) -> None:
    """A backup is worth what its restoring is worth; the file is its owner's alone."""
    file = tmp_path / "ledger.jsonl"
    written = reader.run("export", str(file), "--json").answer()
    assert written["rows"] == len(file.read_bytes().splitlines()) - 2
    assert file.stat().st_mode & 0o777 == 0o600
    other = reader.elsewhere(tmp_path / "other")
    imported = other.run("import", "-", "--json", sent=file.read_bytes())
    assert imported.answer()["rows"] == written["rows"]
    assert other.ids() == reader.ids()
    again = other.run_here("export").out.splitlines()
    assert again[:-2] == file.read_text(encoding="utf-8").splitlines()[:-1]  # and the import


def test_a_command_in_a_clients_session_does_not_end_it(person: Person) -> None:
    """The client's own server still serves it; a session of the command's own ends with it."""
    client = {"BICAMERAL_TELEMETRY": "preflight", "CLAUDE_CODE_SESSION_ID": "5f0c"}
    person.elsewhere(person.home, **client).run_here("preflight", "a topic")
    person.elsewhere(person.home, BICAMERAL_TELEMETRY="preflight").run_here("preflight", "a topic")
    events = [
        json.loads(each)
        for each in (person.home / "preflight_events.jsonl").read_text("utf-8").splitlines()
    ]
    kinds: dict[str, list[str]] = {}
    for each in events:
        kinds.setdefault(each["session_id"], []).append(each["event_type"])
    own = next(each for each in kinds if each.startswith("cli-"))
    assert kinds["5f0c"] == ["session_started", "preflight"]
    assert kinds[own] == ["session_started", "preflight", "session_ended"]


def test_the_version_and_the_help_say_themselves(person: Person) -> None:
    """The two things that everybody tries first; neither touches the data home."""
    assert person.run("--version").out == f"bicameral-mcp {__version__}\n"
    assert person.run("--help").out.startswith("usage: bicameral-mcp")
    assert not person.home.exists()


@pytest.mark.parametrize("words", [(), ("serve",), ("--tool-names", "underscored")])
def test_no_command_serves(person: Person, words: tuple[str, ...]) -> None:
    """A client's configuration may name the command alone; stdout is the protocol's."""
    hello = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": {"name": "test", "version": "1"},
        },
    }
    ended = person.run(*words, sent=json.dumps(hello).encode() + b"\n")
    assert json.loads(ended.out)["result"]["serverInfo"]["name"] == "bicameral"
    assert (ended.status, ended.err) == (0, "")


@pytest.mark.parametrize("words", [("--help",), ("export",)])
def test_a_reader_who_leaves_is_no_failure(reader: Person, words: tuple[str, ...]) -> None:
    """`| head` closes the pipe; what follows must be silence, not a traceback."""
    process = reader.start(*words)
    assert process.stdout
    process.stdout.close()
    process.stdout = None
    _, err = process.communicate(timeout=BOUND_SECONDS)
    assert (process.returncode, err) == (141, b"")


def test_an_interruption_ends_quietly(person: Person) -> None:
    """Ctrl-C is an answer of the person's, not an error; the ledger stays empty."""
    process = person.start("import", "-")
    assert process.stdin
    # More than a pipe holds: when this returns, the command is reading.
    process.stdin.write(b" " * 1_000_000)
    process.stdin.flush()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=BOUND_SECONDS)
    assert (process.returncode, out, err) == (130, b"", b"")
    assert person.run_here("history", "--json").answer()["notice"]


@pytest.mark.parametrize(
    "words",
    [
        ("history", "dec_none"),
        ("bind", "dec_none", "src/payments.py"),
        ("import", "no-such-file"),
    ],
)
def test_a_refusal_says_what_to_do_next(reader: Person, words: tuple[str, ...]) -> None:
    """On stderr for a person; as JSON too for a program, which reads stdout."""
    ended = reader.run(*words, "--json")
    assert ended.status == 1
    answer = ended.answer()
    failure = answer["bindings"][0]["failure"] if "bindings" in answer else answer
    assert failure.keys() == {"error", "message", "next_step"}
    if "bindings" not in answer:
        assert ended.err.startswith("error: ")
        assert "\nnext: " in ended.err


@pytest.mark.skipif(sys.platform == "win32", reason="arguments are bytes on POSIX only")
def test_an_argument_that_is_no_text_is_refused_or_found_nowhere(person: Person) -> None:
    """A file name may be any bytes; the shell hands them over as they are."""
    odd = os.fsdecode(b"caf\xe9")
    ended = person.run("ingest", odd, "--json")
    assert "half of a character" in ended.answer()["message"]
    assert person.run_here(odd).status == 2
    assert person.run_here("search", odd).status == 1


def test_a_home_without_a_ledger_is_not_silence(person: Person) -> None:
    """A mistaken home, or a ledger that is gone, answers like a team that decided nothing."""
    assert person.run("ingest", "docs/adr").status == 0
    known = person.run("preflight", "Round the corners", "src/other.py")
    assert "ledger" not in known.out
    home = str(person.home / "ledger.sqlite3" / "below")
    refused = person.run("preflight", "Retry charges", variables={"BICAMERAL_HOME": home})
    assert (refused.status, "cannot be reached" in refused.err) == (1, True)
    (person.home / "ledger.sqlite3").unlink()
    gone = person.run("preflight", "Retry charges", "src/payments.py")
    said = f"nothing was ever recorded: there is no ledger at {person.home / 'ledger.sqlite3'}"
    assert said in " ".join(gone.out.split())
    assert "next: bicameral-mcp ingest docs/adr" in gone.out
    answer = person.run("preflight", "Retry charges", "--json").answer()
    assert answer["reason"] == "no_matches", "what a program reads is what a client gets"


def test_a_relative_home_is_never_in_the_repository(person: Person, tmp_path: Path) -> None:
    """Each folder that a client works in would get a ledger of its own."""
    variables = {"BICAMERAL_HOME": "notes", "HOME": str(tmp_path), "USERPROFILE": str(tmp_path)}
    ended = person.run("ingest", "docs/adr", variables=variables)
    assert ended.status == 0
    assert f"it is taken from your home folder: {tmp_path / 'notes'}" in ended.err
    assert (tmp_path / "notes" / "ledger.sqlite3").exists()
    assert not (person.repository.root / "notes").exists()

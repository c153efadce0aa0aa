"""`hook before-edit`: one reminder a session, never a refusal, and silence without a reason."""

import io
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bicameral.cli import hook_before_edit
from bicameral.cli.hook import run_hook
from bicameral.ledger.database import LEDGER_FILE, URL_VARIABLE
from tests.cli.parts import Person
from tests.plugin.recorded import SESSION, recorded

ON = {"BICAMERAL_TELEMETRY": "preflight", "CLAUDE_CODE_SESSION_ID": SESSION}


def edit(
    person: Person, path: str = "src/payments.py", variables: Mapping[str, str] = ON, **more: Any
) -> str:
    """Run the hook as the client does; return the reminder, or "" for none."""
    sent = recorded("before-edit", person.repository.root, path=path, **more)
    ended = person.run("hook", "before-edit", sent=sent, variables=variables)
    assert (ended.status, ended.err) == (0, "")
    if not ended.out:
        return ""
    told = json.loads(ended.out)
    assert set(told) == {"hookSpecificOutput"}, "no decision about the edit is the hook's to make"
    assert set(told["hookSpecificOutput"]) == {"hookEventName", "additionalContext"}
    assert told["hookSpecificOutput"]["hookEventName"] == "PreToolUse"
    return str(told["hookSpecificOutput"]["additionalContext"])


def kinds(person: Person) -> list[str]:
    lines = (person.home / "preflight_events.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["event_type"] for line in lines]


def test_an_agent_that_did_not_ask_is_reminded_once(reader: Person) -> None:
    """With what to call; the second edit goes by without a word."""
    assert "Call bicameral.preflight" in edit(reader)
    assert edit(reader) == edit(reader, "src/other.py") == ""
    assert kinds(reader).count("preflight_reminded") == 1
    assert edit(reader, session_id="another") != ""


def test_an_agent_that_asked_is_left_alone(reader: Person) -> None:
    """Its preflight was written by another process, with the same hashes."""
    asked = reader.run("preflight", "Charges", "src/payments.py", variables=ON)
    assert asked.status == 0
    assert edit(reader) == ""
    assert edit(reader, "src/other.py") != ""


def test_a_notebook_is_a_file_too(reader: Person) -> None:
    """The client names its path by another word."""
    place = str(reader.repository.root / "a.ipynb")
    assert edit(reader, tool_name="NotebookEdit", tool_input={"notebook_path": place}) != ""


@pytest.mark.parametrize("path", ["../elsewhere.py", ".git/config"])
def test_a_file_that_is_not_the_repositorys_needs_no_preflight(reader: Person, path: str) -> None:
    """No decision can bind it."""
    assert edit(reader, path) == ""
    assert not (reader.home / "preflight_events.jsonl").exists()


@pytest.mark.parametrize(
    "variables", [{}, {"BICAMERAL_TELEMETRY": "off"}, {**ON, "BICAMERAL_PREFLIGHT_MUTE": " On "}]
)
def test_it_is_silent_without_capture_and_while_muted(
    reader: Person, variables: Mapping[str, str]
) -> None:
    """Without rows there is nothing to know it from; and muted means muted."""
    assert edit(reader, variables=variables) == ""
    assert not (reader.home / "preflight_events.jsonl").exists()


def test_it_is_silent_where_no_decision_was_ever_recorded(person: Person) -> None:
    """A reminder to ask an empty memory is noise."""
    assert edit(person) == ""
    assert not person.home.exists()
    elsewhere = {**ON, URL_VARIABLE: "postgresql://localhost/decisions"}
    assert edit(person, variables=elsewhere) != ""


def test_what_it_says_again_is_what_the_ledger_says() -> None:
    """The names are repeated, because the module that has them imports a database."""
    assert hook_before_edit.LEDGER_FILE == LEDGER_FILE
    assert hook_before_edit.LEDGER_URL_VARIABLE == URL_VARIABLE


def test_a_session_outside_of_any_repository_is_left_alone(
    reader: Person, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """There is no root that the path could be told from."""
    environment = replace(reader.environment, variables=ON)
    sent = recorded("before-edit", tmp_path)
    assert run_hook(["before-edit"], environment, io.BytesIO(sent)) == 0
    sent = recorded("before-edit", reader.repository.root)
    assert run_hook(["before-edit"], environment, io.BytesIO(sent)) == 0
    [line] = capsys.readouterr().out.splitlines()
    assert "additionalContext" in line

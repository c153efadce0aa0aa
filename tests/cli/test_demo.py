"""The demo proves what it says, on a real server; on a person's repository it only reads."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import anyio
import pytest

import server
from bicameral.cli.demo_account import Account, LoopBroken, shortened
from bicameral.cli.demo_agent import connected
from bicameral.cli.demo_loop import Told, tracing_of
from bicameral.cli.demo_project import build_project
from bicameral.cli.demo_prompt import Prompt
from bicameral.cli.demo_repository import decision_folders, read_commit
from bicameral.cli.demo_story import THREADED, check_captured, check_nothing_captured
from bicameral.cli.demo_trace import show_trace
from bicameral.cli.execution import Work
from tests.cli.parts import BOUND_SECONDS, CODE, Person
from tests.conftest import Repository


def test_the_loop_holds_from_the_question_to_the_captured_rows(person: Person) -> None:
    """The one thing that this project does and nobody else: the same id all the way."""
    ended = person.run("demo", "--json", "--trace")
    assert ended.status == 0
    told = ended.answer()
    calls = [step["call"] for step in told["steps"]]
    first = next(step for step in told["steps"] if step["call"] == "bicameral.preflight")
    preflight_id = first["answer"]["preflight_id"]
    first_session = told["steps"][: calls.index("bicameral.update") + 1]
    later = [step["answer"] for step in first_session if step["call"] in THREADED]
    assert set(THREADED) <= set(calls)
    assert {answer["preflight_id"] for answer in later} == {preflight_id}
    captured = told["captured"]
    assert [row["preflight_id"] for row in captured["preflight_events.jsonl"]] == [preflight_id]
    rows = captured["engagements.jsonl"]
    assert {row["tool"] for row in rows} == set(THREADED)
    assert {row["preflight_id"] for row in rows} == {preflight_id}
    assert "ledger.sqlite3" in told["home_without_capture"]
    assert not person.home.exists()
    typed = [call.split()[1] for call in calls if call.startswith("bicameral-mcp ")]
    assert typed == [
        "trace",
        "triage",
        "reconcile",
        "triage",
        "triage",
        "triage",
        "eval",
        "calibrate",
    ]
    assert "the planted miss and the planted false fire are named" in told["proved"]
    [tree] = [step["answer"] for step in told["steps"] if " trace view " in step["call"]]
    assert f"preflight_id={preflight_id}\n└─ " in tree
    assert "] tool.bicameral.link_commit: mcp" in ended.err, "as it ended, for who watches"


WITHOUT_EXTRA = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name == "detect_secrets":
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Absent())
from importlib import util
find = util.find_spec
util.find_spec = lambda name, package=None: None if name == "detect_secrets" else find(name)
import server
raise SystemExit(server.main(["demo"]))
"""


def test_without_the_extra_and_without_a_trace_the_rest_goes_on(person: Person) -> None:
    """Who installed no extra, or switched tracing off, must see the demo to its end."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", WITHOUT_EXTRA],
        env=person.variables({"BICAMERAL_TRACE": "0"}),
        capture_output=True,
        timeout=BOUND_SECONDS,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"needs bicameral-preflight[promote]" in done.stdout
    assert b"real: none yet" in done.stdout
    assert b"bicameral-mcp trace" not in done.stdout


@pytest.mark.parametrize(
    ("word", "option", "is_on"),
    [("", None, True), ("1", None, True), ("0", None, False), ("1", False, False)],
)
def test_the_demo_is_traced_unless_the_person_says_otherwise(
    person: Person, word: str, option: bool | None, is_on: bool
) -> None:
    """Its folder goes away with it, so nothing speaks against it but the person."""
    environment = replace(person.environment, variables={"BICAMERAL_TRACE": word})
    work = Work(environment, server.Desk, start=None, as_json=False, trace=option)
    assert tracing_of(work).enabled is is_on


def test_a_call_that_left_no_tree_breaks_the_loop(
    reader: Person, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """The tree that is shown is real, and so is the one that is missing."""
    switched_on = {"BICAMERAL_TRACE": "1", "BICAMERAL_TELEMETRY": "preflight"}
    asked = ("preflight", "Retry charges", "src/payments.py", "--json")
    preflight_id = reader.run(*asked, variables=switched_on).answer()["preflight_id"]
    account = Account(work_of(reader))
    prompt = Prompt(reader.repository.root, reader.home, reader.variables(), account)
    with pytest.raises(LoopBroken, match="so has each of the 1 calls"):
        show_trace(reader.home, preflight_id, prompt, account)
    assert b"[pre] candidate: mention" in capsysbinary.readouterr().out


def test_the_account_can_be_read(
    person: Person, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """Each step with its call, its answer and what that proves."""
    account = Account(work_of(person))
    account.step("Ask", "bicameral.preflight", {"topic": "x"}, {"fired": False})
    account.prove(True, "it stays silent")
    account.rows("engagements.jsonl", [{"tool": "bicameral.bind"}])
    account.say("in passing", indent=2)
    account.close()
    assert capsysbinary.readouterr().out.decode().splitlines() == [
        "",
        "1. Ask",
        '   → bicameral.preflight {"topic": "x"}',
        '   ← {"fired": false}',
        "   ✓ it stays silent",
        "",
        "engagements.jsonl",
        '   {"tool": "bicameral.bind"}',
        "  in passing",
    ]


def test_a_claim_that_does_not_hold_ends_with_1(person: Person) -> None:
    """A demo that cannot fail shows nothing."""
    home = person.home
    home.mkdir()
    (home / "preflight_events.jsonl").write_text(
        '{"event_type": "preflight", "preflight_id": "p", "fired": true}\n', "utf-8"
    )
    (home / "engagements.jsonl").write_text("{}\n", encoding="utf-8")
    account = Account(work_of(person, as_json=True))
    with pytest.raises(LoopBroken, match="one for each of the four tools"):
        check_captured(home, "p", account)
    with pytest.raises(LoopBroken, match="holds ledger and code index, nothing else"):
        check_nothing_captured(home, account)
    with pytest.raises(LoopBroken):
        check_captured(home, "another", account)


def test_a_broken_loop_comes_out_of_the_clients_tasks_as_itself() -> None:
    """Wrapped in a group it would end in a traceback instead of a sentence."""
    told = Told()
    with told:
        raise LoopBroken("it broke", next_step="mend it")
    with pytest.raises(LoopBroken, match="it broke"):
        told.result()
    with pytest.raises(KeyError), Told():
        raise KeyError("another error goes its own way")


def test_a_refused_call_breaks_the_loop_with_the_tools_words(tmp_path: Path) -> None:
    """The reason is the tool's, so it can be acted upon."""
    project = build_project(tmp_path / "project", {"PATH": os.environ["PATH"]})
    told = Told()

    async def call() -> None:
        async with connected(project.root, tmp_path / "home", telemetry=None) as agent:
            with told:
                await agent.call("bicameral.ratify", decision_id="dec_none", action="ratify")

    anyio.run(call)
    with pytest.raises(LoopBroken, match="dec_none"):
        told.result()


def test_a_machine_without_git_is_told_so(person: Person) -> None:
    """The demo needs git as the server does."""
    ended = person.run("demo", variables={"PATH": "/nowhere"})
    assert ended.status == 1
    assert "next: install git" in ended.err


def test_a_repository_is_read_and_stays_as_it_is(person: Person) -> None:
    """Trying it out must cost nothing: neither in the repository nor in the person's ledger."""
    person.repository.write("src/payments.py", "def charge_card(amount, key):\n    return key\n")
    person.repository.commit("Return the key")
    person.repository.write("src/payments.py", f"{CODE}# being edited\n")
    before = everything(person.repository)
    ended = person.run(
        "demo",
        "--repo",
        ".",
        variables={"BICAMERAL_LEDGER_URL": "sqlite:////nowhere/x.db", "COLUMNS": "100"},
    )
    assert (ended.status, ended.err) == (0, "")
    assert everything(person.repository) == before
    assert not person.home.exists()
    assert "2 decisions (listed: 1 ratified, 1 proposed)" in ended.out
    assert "Send an idempotency key with every charge → src/payments.py::charge_card" in ended.out
    assert "silent on 0 of 2" in ended.out
    assert "bicameral-mcp setup claude-code --write" in ended.out


def test_a_repository_is_told_of_as_json_too(person: Person) -> None:
    """The same, for a program."""
    told = person.run_here("demo", "--repo", ".", "--json").answer()
    assert told["documents"] == ["docs/adr"]
    assert told["ingest"]["added"] == 2
    [tried] = told["preflights"]
    assert tried["sent"] == {
        "topic": "Payments",
        "file_paths": ["src/other.py", "src/payments.py"],
    }
    assert tried["answer"]["fired"]


def test_decisions_elsewhere_are_named_with_docs(person: Person) -> None:
    """No convention fits every team."""
    person.repository.git("mv", "docs/adr", "records")
    person.repository.commit("Move")
    nothing = person.run_here("demo", "--repo", ".")
    assert nothing.status == 1
    assert "name one with --docs PATH" in nothing.err
    found = person.run_here("demo", "--repo", ".", "--docs", "records", "--docs", "none")
    assert "Read records, none; nothing there was changed." in found.out
    assert "2 decisions" in found.out
    assert "skipped none: names no document" in found.out


def test_a_repository_without_commits_is_read_as_far_as_it_goes(
    person: Person,
) -> None:
    """Documents can be read before anything is committed."""
    fresh = Repository(person.repository.root.parent / "fresh")
    fresh.write("docs/adr/0001-a.md", "# 1. A\n\n## Status\n\nAccepted\n\n## Decision\n\nA.\n")
    ended = person.run_here("demo", "--repo", str(fresh.root), "--docs", "docs/adr")
    assert ended.status == 0
    assert "Had an agent asked" not in ended.out


def test_usual_folders_are_found_at_their_outermost() -> None:
    """A folder inside of one that is read already would be read twice."""
    tracked = [
        "docs/adr/0001.md",
        "docs/adr/decisions/0002.md",
        "services/a/ADR/1.rst",
        "src/decisions/choose.py",
        "README.md",
    ]
    assert decision_folders(tracked) == ["docs/adr", "services/a/ADR"]


def test_a_commit_is_read_with_the_names_that_are_code() -> None:
    """Git writes a line end between its format and the names."""
    record = "abc123\0Fix: a subject\0\nsrc/a.py\0docs/b.md\0src/gone.py"
    commit = read_commit(record, {"src/a.py"})
    assert (commit.short_id, commit.subject, commit.paths) == (
        "abc123",
        "Fix: a subject",
        ("src/a.py",),
    )
    assert read_commit("abc123\0\0\nsrc/a.py", {"src/a.py"}).paths == ("src/a.py",)
    assert read_commit("abc123", {"src/a.py"}).subject == ""


def test_answers_are_shortened_without_losing_their_ids() -> None:
    """What is shown is what was answered, only less of it."""
    long = {"id": "dec_1", "notice": "x", "list": [1, 2, 3, 4], "why": "w" * 200}
    short = shortened(long)
    assert short["id"] == "dec_1"
    assert short["list"] == [1, 2, "… 2 more"]
    assert len(short["why"]) == 101
    assert "notice" not in short
    assert json.dumps(short)


def everything(repository: Repository) -> dict[str, tuple[int, int, bytes]]:
    """Return every file of a repository, git's own too, with mode, time and content."""
    return {
        path.relative_to(repository.root).as_posix(): (
            path.stat().st_mode,
            path.stat().st_mtime_ns,
            path.read_bytes(),
        )
        for path in sorted(repository.root.rglob("*"))
        if path.is_file()
    }


def work_of(person: Person, *, as_json: bool = False) -> Work:
    return Work(person.environment, server.Desk, start=None, as_json=as_json)

"""`setup` as a person runs it: shown, written, run again, and taken back."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bicameral.cli.setup.clients import CLIENTS
from bicameral.cli.setup.program import installed_script, plugin_folder
from handlers.table import TOOLS
from tests.cli.parts import Person
from tests.cli.setup_parts import ENTRY, FOREIGN, documents

SCRIPTS = Path(sys.executable).parent
PROJECT_FILES = {
    "claude-code": ".mcp.json",
    "cursor": ".cursor/mcp.json",
    "vscode": ".vscode/mcp.json",
    "codex": ".codex/config.toml",
}
EVERY_CLIENT = pytest.mark.parametrize("client", CLIENTS)


@pytest.fixture
def you(tmp_path: Path) -> Path:
    (tmp_path / "you").mkdir()
    return tmp_path / "you"


@pytest.fixture
def somebody(person: Person, you: Path) -> Person:
    """A person with a home folder, and this installation first on the PATH."""
    path = f"{SCRIPTS}{os.pathsep}{person.environment.variables['PATH']}"
    return person.elsewhere(person.home, HOME=str(you), USERPROFILE=str(you), PATH=path)


def settings_of(person: Person, name: str) -> Path:
    return person.repository.root / PROJECT_FILES[name]


def everything(folder: Path) -> dict[str, bytes]:
    files = (each for each in folder.rglob("*") if each.is_file() and ".git" not in each.parts)
    return {str(each.relative_to(folder)): each.read_bytes() for each in files}


@EVERY_CLIENT
def test_a_client_is_connected_and_let_go(somebody: Person, client: str) -> None:
    """Written, tried for real, run again without effect, and gone without a trace."""
    root = somebody.repository.root
    before = everything(root)
    shown = somebody.run_here("setup", client, "--scope", "project")
    assert (shown.status, everything(root)) == (0, before)
    assert f"  bicameral-mcp setup {client} --scope project --write\n" in shown.out
    written = somebody.run_here("setup", client, "--scope", "project", "--write", "--json")
    answer = written.answer()
    assert (answer["state"], answer["backup"]) == ("written", "")
    assert answer["tried"]["tools"] == len(TOOLS)
    after = everything(root)
    assert set(after) - set(before) == {PROJECT_FILES[client]}
    assert all(
        f"+{line}" in shown.out for line in settings_of(somebody, client).read_text().splitlines()
    )
    again = somebody.run_here("setup", client, "--scope", "project", "--write")
    assert again.out.startswith(
        f"already set up: {settings_of(somebody, client)}\n10 tools answered"
    )
    assert everything(root) == after
    undone = somebody.run_here("setup", client, "--scope", "project", "--undo")
    assert undone.out == f"removed: {settings_of(somebody, client)}\n"
    assert everything(root) == before
    assert settings_of(somebody, client).parent.exists() is (client == "claude-code")
    nothing = somebody.run_here("setup", client, "--scope", "project", "--undo")
    assert nothing.out.startswith("not set up, so nothing to undo: ")


@EVERY_CLIENT
def test_the_settings_of_a_person_are_the_persons(somebody: Person, you: Path, client: str) -> None:
    """In the home folder, for nobody else to read, and nothing in the repository."""
    before = everything(somebody.repository.root)
    answer = somebody.run_here("setup", client, "--scope", "user", "--write", "--json").answer()
    path = Path(answer["file"])
    assert path.is_relative_to(you)
    assert path.stat().st_mode & 0o777 == 0o600
    assert everything(somebody.repository.root) == before
    assert somebody.run_here("setup", client, "--scope", "user", "--undo").status == 0
    assert everything(you) == {}


def test_the_difference_shows_where_the_entry_goes(somebody: Person) -> None:
    """A golden text: what a person decides by."""
    path = settings_of(somebody, "vscode")
    path.parent.mkdir()
    path.write_text('{\n  "servers": {\n    "a": {} // mine\n  }\n}\n', encoding="utf-8")
    shown = somebody.run_here("setup", "vscode", "--telemetry", "preflight")
    assert shown.out == (
        f"--- {path}\n"
        f"+++ {path}\n"
        "@@ -2,3 +2,11 @@\n"
        '   "servers": {\n'
        '-    "a": {} // mine\n'
        '+    "a": {}, // mine\n'
        '+    "bicameral": {\n'
        '+      "type": "stdio",\n'
        '+      "command": "bicameral-mcp",\n'
        '+      "args": [],\n'
        '+      "env": {\n'
        '+        "BICAMERAL_TELEMETRY": "preflight"\n'
        "+      }\n"
        "+    }\n"
        "   }\n"
        "\n"
        "To write this:\n"
        "  bicameral-mcp setup vscode --telemetry preflight --write\n"
        "note: the command is written by its name, because the PATH finds it\n"
    )


def test_without_a_client_those_on_this_machine_are_shown(somebody: Person, you: Path) -> None:
    """What to type next, for each of them."""
    (you / ".cursor").mkdir()
    somebody.run_here("setup", "claude-code", "--write")
    path = settings_of(somebody, "codex")
    path.parent.mkdir()
    path.write_text("no TOML", encoding="utf-8")
    shown = somebody.run_here("setup")
    assert (
        f"Claude Code: not found\n  set up in {settings_of(somebody, 'claude-code')}\n"
        "  bicameral-mcp setup claude-code\n"
        f"Cursor: {you / '.cursor'}\n  bicameral-mcp setup cursor\n"
    ) in shown.out
    found = somebody.run_here("setup", "--json").answer()["clients"]
    assert {each["client"]: each["set_up_in"] for each in found} == {
        "claude-code": [str(settings_of(somebody, "claude-code"))],
        "cursor": [],
        "vscode": [],
        "codex": [],
    }


def test_a_backup_keeps_what_was_there_until_the_undo(somebody: Person) -> None:
    """With it the undo is exact; after it the copy says nothing new."""
    path = settings_of(somebody, "claude-code")
    before = b'\xef\xbb\xbf{\r\n  "mcpServers": {\r\n    "a": {},\r\n  }, // b\r\n}'
    path.write_bytes(before)
    backup = f"{path}.bicameral-backup"
    written = somebody.run_here("setup", "claude-code", "--write")
    assert f"  as it was before: {backup}\n" in written.out
    assert "does not read JSON with comments" in written.out
    assert Path(backup).read_bytes() == before
    undone = somebody.run_here("setup", "claude-code", "--undo")
    assert undone.out.startswith(f"taken out of: {path}\n--- {path}\n")
    assert path.read_bytes() == before
    assert not Path(backup).exists()


def test_what_is_captured_can_be_changed_later(somebody: Person) -> None:
    """Setup's own entry is brought up to date; the undo still goes all the way back."""
    path = settings_of(somebody, "cursor")
    path.parent.mkdir()
    path.write_text('{"mcpServers": {"a": {}}}', encoding="utf-8")
    for word in ("preflight", "raw", "off"):
        somebody.run_here("setup", "cursor", "--write", "--telemetry", word)
        entry = json.loads(path.read_text("utf-8"))["mcpServers"]["bicameral"]
        assert entry["env"] == {"BICAMERAL_TELEMETRY": word}
    kept = path.read_bytes()
    assert "already set up" in somebody.run_here("setup", "cursor", "--write").out
    assert path.read_bytes() == kept
    assert sorted(everything(path.parent)) == ["mcp.json", "mcp.json.bicameral-backup"]
    somebody.run_here("setup", "cursor", "--undo")
    assert everything(path.parent) == {"mcp.json": b'{"mcpServers": {"a": {}}}'}


def test_what_others_changed_since_stays(somebody: Person) -> None:
    """Only our entry goes, and the group if it came with it."""
    path = settings_of(somebody, "claude-code")
    path.write_text('{"a": 1}', encoding="utf-8")
    somebody.run_here("setup", "claude-code", "--write")
    path.write_text(path.read_text("utf-8").replace('"a": 1', '"a": 2, /* c */ "b": 3'))
    undone = somebody.run_here("setup", "claude-code", "--undo")
    assert path.read_text("utf-8") == '{"a": 2, /* c */ "b": 3}'
    assert f"  a backup is still there: {path}.bicameral-backup\n" in undone.out


def test_a_file_of_setups_own_stays_when_others_use_it(somebody: Person) -> None:
    """It is no longer only setup's."""
    path = settings_of(somebody, "claude-code")
    somebody.run_here("setup", "claude-code", "--write")
    found = json.loads(path.read_text("utf-8"))
    found["mcpServers"]["other"] = FOREIGN
    path.write_text(json.dumps(found), encoding="utf-8")
    assert somebody.run_here("setup", "claude-code", "--undo").status == 0
    assert json.loads(path.read_text("utf-8")) == {"mcpServers": {"other": FOREIGN}}


def test_an_entry_that_somebody_made_their_own_is_left_alone(somebody: Person) -> None:
    """It starts us, so there is nothing to do, and it is tried as it is."""
    path = settings_of(somebody, "claude-code")
    own = {
        **ENTRY,
        "args": ["serve", "--repo", "${workspaceFolder}"],
        "timeout": 60,
        "env": None,
    }
    text = json.dumps({"mcpServers": {"bicameral": own}})
    path.write_text(text, encoding="utf-8")
    ended = somebody.run_here("setup", "claude-code", "--write", "--json")
    assert (ended.status, ended.answer()["state"]) == (0, "unchanged")
    assert ended.answer()["tried"]["tools"] == len(TOOLS)
    refused = somebody.run_here("setup", "claude-code", "--write", "--telemetry", "raw")
    assert refused.status == 1
    assert '+      "env": {' in refused.out or '"BICAMERAL_TELEMETRY"' in refused.out
    assert "--replace" in refused.err
    assert path.read_text("utf-8") == text


@pytest.mark.parametrize(
    "own", [FOREIGN, {**ENTRY, "command": "/gone/bicameral-mcp"}, {"url": "x"}]
)
def test_another_entry_of_our_name_is_replaced_on_request_only(
    somebody: Person, own: dict[str, Any]
) -> None:
    """Somebody wrote it for a reason, and gets it back by the undo."""
    path = settings_of(somebody, "claude-code")
    text = json.dumps({"mcpServers": {"bicameral": own, "other": FOREIGN}}, indent=3)
    path.write_text(text, encoding="utf-8")
    refused = somebody.run_here("setup", "claude-code", "--write")
    assert (refused.status, path.read_text("utf-8")) == (1, text)
    assert '+         "command": "bicameral-mcp"' in refused.out
    as_json = somebody.run_here("setup", "claude-code", "--write", "--json").answer()
    assert as_json["error"] == "settings_refused"
    shown = somebody.run_here("setup", "claude-code", "--replace")
    assert "bicameral-mcp setup claude-code --replace --write" in shown.out
    assert somebody.run_here("setup", "claude-code", "--write", "--replace").status == 0
    assert json.loads(path.read_text("utf-8"))["mcpServers"] == {
        "bicameral": ENTRY,
        "other": FOREIGN,
    }
    changed = path.read_text("utf-8").replace('"other"', '"another"')
    path.write_text(changed, encoding="utf-8")
    somebody.run_here("setup", "claude-code", "--undo")
    found = json.loads(path.read_text("utf-8"))["mcpServers"]
    is_kept = "command" in own and own["command"] != FOREIGN["command"]
    wanted = {} if is_kept else {"bicameral": own}
    assert found == {**wanted, "another": FOREIGN}


def test_a_broken_backup_is_no_backup(somebody: Person) -> None:
    """Somebody edited the copy; the entry itself still says what to take out."""
    path = settings_of(somebody, "claude-code")
    path.write_text('{"a": 1}', encoding="utf-8")
    somebody.run_here("setup", "claude-code", "--write")
    Path(f"{path}.bicameral-backup").write_text("{", encoding="utf-8")
    assert somebody.run_here("setup", "claude-code", "--undo").status == 0
    assert json.loads(path.read_text("utf-8")) == {"a": 1, "mcpServers": {}}


def test_an_entry_that_is_not_ours_is_not_undone(somebody: Person) -> None:
    """Taking out what setup did not put in would be harm."""
    path = settings_of(somebody, "claude-code")
    text = json.dumps({"mcpServers": {"bicameral": FOREIGN}})
    path.write_text(text, encoding="utf-8")
    refused = somebody.run_here("setup", "claude-code", "--undo")
    assert (refused.status, path.read_text("utf-8")) == (1, text)
    assert "did not write" in refused.err


@pytest.mark.parametrize("action", ["--write", "--undo", "--scope=project"])
@pytest.mark.parametrize(
    "content", [b"{", b"\xff", b'{"mcpServers": {}, "mcpServers": {}}'], ids=["cut", "odd", "twice"]
)
def test_what_cannot_be_read_is_not_touched(somebody: Person, action: str, content: bytes) -> None:
    """The refusal names the file and the trouble, and what to do by hand."""
    path = settings_of(somebody, "claude-code")
    path.write_bytes(content)
    before = everything(somebody.repository.root)
    refused = somebody.run_here("setup", "claude-code", action)
    assert (refused.status, everything(somebody.repository.root)) == (1, before)
    assert str(path) in refused.err
    assert "yourself" in refused.err
    if content == b"{" and action == "--write":
        assert '"bicameral": {"type": "stdio"' in refused.err


def test_a_read_only_file_is_refused_with_what_to_paste(somebody: Person) -> None:
    """Whoever locked it can still do it by hand."""
    path = settings_of(somebody, "codex")
    path.parent.mkdir()
    path.write_text("", encoding="utf-8")
    path.chmod(0o444)
    refused = somebody.run_here("setup", "codex", "--scope", "project", "--write")
    assert refused.status == 1
    assert f"{path} is read-only" in refused.err
    assert "[mcp_servers.bicameral]" in refused.err


def test_a_command_that_does_not_work_is_said_to(somebody: Person, tmp_path: Path) -> None:
    """An entry that starts nothing looks like success until the next session."""
    broken = tmp_path / "broken"
    broken.mkdir()
    script = broken / "bicameral-mcp"
    script.write_text("#!/bin/sh\necho 'no such module' >&2\nexit 1\n", encoding="utf-8")
    script.chmod(0o755)
    entry = {**ENTRY, "command": str(script)}
    settings_of(somebody, "claude-code").write_text(
        json.dumps({"mcpServers": {"bicameral": entry}})
    )
    ended = somebody.run_here("setup", "claude-code", "--write")
    assert ended.status == 1
    assert (
        "but the command does not work: it ended before it listed its tools: no such" in ended.out
    )


def test_a_path_of_this_machine_is_pointed_out(person: Person, you: Path) -> None:
    """What is committed has to work for the others too."""
    off = person.elsewhere(person.home, HOME=str(you), PATH=os.defpath)
    shown = off.run_here("setup", "claude-code")
    assert json.dumps(str(installed_script())) in shown.out
    assert "think twice before you commit it" in shown.out
    codex = off.run_here("setup", "codex", "--scope", "project")
    assert "told to trust" in codex.out
    assert "Or let" not in codex.out


def test_the_plugin_is_offered_to_the_client_that_takes_it(somebody: Person) -> None:
    """It brings hooks and skills along."""
    folder = plugin_folder()
    shown = somebody.run_here("setup", "claude-code").out
    assert f"  claude plugin marketplace add {folder}\n" in shown
    assert "  claude plugin install bicameral@bicameral\n" in shown
    assert "claude plugin" not in somebody.run_here("setup", "cursor").out


def test_a_project_without_git_is_its_own_folder(somebody: Person, tmp_path: Path) -> None:
    """Its settings can be written before its history begins."""
    folder = tmp_path / "plain" / "inner"
    folder.mkdir(parents=True)
    answer = somebody.run_here("setup", "cursor", "--repo", str(folder), "--json").answer()
    assert answer["file"] == str(folder / ".cursor" / "mcp.json")
    inside = somebody.repository.root / "src"
    answer = somebody.run_here("setup", "cursor", "--repo", str(inside), "--json").answer()
    assert answer["file"] == str(settings_of(somebody, "cursor"))


@pytest.mark.parametrize(
    "words",
    [
        ("--write",),
        ("--undo",),
        ("--scope", "user"),
        ("--telemetry", "raw"),
        ("--replace",),
        ("emacs",),
        ("codex", "--write", "--undo"),
        ("codex", "--undo", "--telemetry", "off"),
        ("codex", "--telemetry", "loud"),
    ],
)
def test_wrong_usage_is_told_as_such(somebody: Person, words: tuple[str, ...]) -> None:
    """Status 2, and nothing happened."""
    ended = somebody.run_here("setup", *words)
    assert (ended.status, ended.out) == (2, "")


@settings(
    deadline=None,
    max_examples=12,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(text=documents(), mark=st.sampled_from([b"", b"\xef\xbb\xbf"]))
def test_any_file_is_the_same_after_the_undo(somebody: Person, text: str, mark: bytes) -> None:
    """To the byte, through the command, with its backup gone again."""
    path = settings_of(somebody, "cursor")
    shutil.rmtree(path.parent, ignore_errors=True)
    path.parent.mkdir()
    path.write_bytes(mark + text.encode())
    shown = somebody.run_here("setup", "cursor", "--json").answer()
    assert shown["state"] == "would_write"
    assert somebody.run_here("setup", "cursor", "--write").status == 0
    assert path.read_bytes() != mark + text.encode()
    assert somebody.run_here("setup", "cursor", "--undo").status == 0
    assert everything(path.parent) == {"mcp.json": mark + text.encode()}


HEAVY = ("mcp", "pydantic", "sqlalchemy", "tree_sitter", "msgspec")


def test_nothing_heavy_is_loaded_for_it(somebody: Person) -> None:
    """Settings are text; the engine has no part in them."""
    code = (
        "import sys, server\n"
        "status = server.main(['setup', 'vscode'])\n"
        f"print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr)\n"
        "sys.exit(status)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=somebody.repository.root,
        env=dict(somebody.variables(dict(somebody.environment.variables))),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == "[]\n"

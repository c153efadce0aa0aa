"""Where clients keep their settings, what is written there, and what it makes them start."""

import json
import shlex
import sys
import sysconfig
from pathlib import Path

import pytest

from bicameral.cli.commands import PROGRAM
from bicameral.cli.setup.clients import (
    CLIENTS,
    Client,
    Scope,
    config_folder,
    entry_for,
    own_way,
    settings_path,
    signs_of,
)
from bicameral.cli.setup.program import (
    can_start,
    choose_program,
    installed_script,
    plugin_folder,
)
from bicameral.errors import SettingsRefused

HOME = Path("/home/you")
AT_HOME = {"HOME": str(HOME), "USERPROFILE": str(HOME)}
PROJECT = Path("/code/shop")

PLACES: list[tuple[str, Scope, str, dict[str, str], str]] = [
    ("claude-code", "project", "linux", {}, "/code/shop/.mcp.json"),
    ("claude-code", "user", "linux", {}, "/home/you/.claude.json"),
    ("claude-code", "user", "win32", {}, "/home/you/.claude.json"),
    ("claude-code", "user", "linux", {"CLAUDE_CONFIG_DIR": "/else"}, "/else/.claude.json"),
    ("cursor", "project", "darwin", {}, "/code/shop/.cursor/mcp.json"),
    ("cursor", "user", "darwin", {}, "/home/you/.cursor/mcp.json"),
    ("vscode", "project", "win32", {}, "/code/shop/.vscode/mcp.json"),
    ("vscode", "user", "linux", {}, "/home/you/.config/Code/User/mcp.json"),
    ("vscode", "user", "linux", {"XDG_CONFIG_HOME": "/x"}, "/x/Code/User/mcp.json"),
    (
        "vscode",
        "user",
        "darwin",
        {"XDG_CONFIG_HOME": "/x"},
        "/home/you/Library/Application Support/Code/User/mcp.json",
    ),
    ("vscode", "user", "win32", {"APPDATA": "/roaming"}, "/roaming/Code/User/mcp.json"),
    ("vscode", "user", "win32", {}, "/home/you/AppData/Roaming/Code/User/mcp.json"),
    ("codex", "project", "linux", {}, "/code/shop/.codex/config.toml"),
    ("codex", "user", "linux", {}, "/home/you/.codex/config.toml"),
    ("codex", "user", "linux", {"CODEX_HOME": "/cx"}, "/cx/config.toml"),
    ("codex", "user", "linux", {"CODEX_HOME": " "}, "/home/you/.codex/config.toml"),
]


@pytest.mark.parametrize(("name", "scope", "platform", "variables", "path"), PLACES)
def test_every_client_reads_what_is_written(
    name: str, scope: Scope, platform: str, variables: dict[str, str], path: str
) -> None:
    """An entry in the wrong file is no entry; the variables are those that clients read."""
    found = settings_path(
        CLIENTS[name],
        scope,
        project=PROJECT,
        variables={**AT_HOME, **variables},
        platform=platform,
    )
    assert found == Path(path)


@pytest.mark.parametrize(("platform", "name"), [("linux", "HOME"), ("win32", "USERPROFILE")])
def test_without_a_home_nothing_is_guessed(platform: str, name: str) -> None:
    """The settings of root are not those of the person."""
    with pytest.raises(SettingsRefused, match=f"{name} is not set"):
        config_folder(CLIENTS["codex"], {}, platform)


def test_a_client_is_seen_by_its_command_and_by_its_folder(tmp_path: Path) -> None:
    """Either may be missing: an editor without its command, a command never started."""
    variables = {"HOME": str(tmp_path), "PATH": str(tmp_path / "bin")}
    assert signs_of(CLIENTS["codex"], variables, "linux") == []
    (tmp_path / ".codex").mkdir()
    assert signs_of(CLIENTS["codex"], variables, "linux") == [str(tmp_path / ".codex")]
    command = make_script(tmp_path / "bin" / "codex")
    found = signs_of(CLIENTS["codex"], variables, "linux")
    assert found == [str(command), str(tmp_path / ".codex")]


@pytest.mark.parametrize("client", CLIENTS.values(), ids=CLIENTS)
def test_what_is_captured_is_set_in_the_entry(client: Client) -> None:
    """A client does not pass on what a shell has set; without a wish nothing is set."""
    assert "env" not in entry_for(client, "x", None)
    assert entry_for(client, "x", "raw")["env"] == {"BICAMERAL_TELEMETRY": "raw"}


def test_a_server_that_must_not_be_missing_is_required_of_codex() -> None:
    """Else its first request goes out without the tools."""
    entry = entry_for(CLIENTS["codex"], "x", None)
    assert entry["required"] is True
    assert entry["startup_timeout_sec"] >= 10


def test_the_clients_own_commands_are_as_they_take_them() -> None:
    """They say the same entry, or as much of it as the client has options for."""
    for name in ("claude-code", "vscode"):
        entry = entry_for(CLIENTS[name], "bicameral-mcp", "off")
        *words, last = own_way(CLIENTS[name], "user", entry) or []
        assert words in (
            ["claude", "mcp", "add-json", "--scope", "user", "bicameral"],
            ["code", "--add-mcp"],
        )
        assert {**json.loads(last), "name": "bicameral"} == {"name": "bicameral", **entry}
    entry = entry_for(CLIENTS["codex"], "bicameral-mcp", "off")
    assert shlex.join(own_way(CLIENTS["codex"], "user", entry) or []) == (
        "codex mcp add bicameral --env BICAMERAL_TELEMETRY=off -- bicameral-mcp"
    )


WITHOUT_OWN_WAY: list[tuple[str, Scope]] = [
    ("cursor", "user"),
    ("vscode", "project"),
    ("codex", "project"),
]


@pytest.mark.parametrize(("name", "scope"), WITHOUT_OWN_WAY)
def test_no_command_is_made_up_for_a_client(name: str, scope: Scope) -> None:
    """What it does not have cannot be typed."""
    assert own_way(CLIENTS[name], scope, entry_for(CLIENTS[name], "x", None)) is None


# Which command.


def make_script(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_a_command_on_the_path_is_written_by_its_name(tmp_path: Path) -> None:
    """The file is shared with a team, whose folders are others; links are what uv makes."""
    installed = make_script(tmp_path / "tools" / PROGRAM)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / PROGRAM).symlink_to(installed)
    variables = {"PATH": str(tmp_path / "bin")}
    chosen = choose_program(installed, variables, is_of_desktop=False)
    assert chosen.command == PROGRAM
    assert can_start(chosen.command, variables)
    of_desktop = choose_program(installed, variables, is_of_desktop=True)
    assert of_desktop.command == str(installed)
    assert "desktop" in of_desktop.reason


@pytest.mark.parametrize("kind", ["nowhere", "another", "relative", "activated"])
def test_what_the_path_does_not_surely_find_is_written_in_full(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client in another shell, or on a desktop, would start nothing, or something else."""
    installed = make_script(tmp_path / "venv" / "bin" / PROGRAM)
    monkeypatch.chdir(tmp_path)
    variables = {
        "nowhere": {},
        "another": {"PATH": str(make_script(tmp_path / "other" / PROGRAM).parent)},
        "relative": {"PATH": str(Path("venv", "bin"))},
        "activated": {"PATH": str(installed.parent), "VIRTUAL_ENV": str(tmp_path / "venv")},
    }[kind]
    chosen = choose_program(installed, variables, is_of_desktop=False)
    assert chosen.command == str(installed)
    assert chosen.reason.startswith("by its full path")
    assert can_start(chosen.command, variables)


def test_the_script_of_this_installation_is_found(tmp_path: Path) -> None:
    """It stands beside the interpreter that runs this; without one there is nothing to write."""
    found = installed_script()
    assert found.is_file()
    assert str(found.parent) in {str(Path(sys.executable).parent), sysconfig.get_path("scripts")}
    with pytest.raises(SettingsRefused, match="not installed as a command"):
        installed_script(tmp_path)


def test_the_plugin_is_in_the_package_or_in_the_repository(tmp_path: Path) -> None:
    """An installed package brings it along; a clone is it."""
    package = tmp_path / "bicameral"
    assert plugin_folder(package) is None
    for root in (tmp_path, package / "plugin"):
        (root / ".claude-plugin").mkdir(parents=True)
        (root / ".claude-plugin" / "plugin.json").write_text("{}", encoding="utf-8")
        assert plugin_folder(package) == root

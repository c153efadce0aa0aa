"""The clients: where each keeps its settings, what our entry looks like there, its own way.

Plain data and pure functions over the person's variables, so that every platform's places
can be tested on any of them.
"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, Literal

from bicameral.cli.setup.json_settings import JsonSettings
from bicameral.cli.setup.plan import TELEMETRY
from bicameral.cli.setup.settings import NAME, Entry, Settings
from bicameral.cli.setup.toml_settings import TomlSettings
from bicameral.errors import SettingsRefused

Scope = Literal["project", "user"]
SCOPES: tuple[Scope, ...] = ("project", "user")
# Codex drops a server that is not up within its limit; ours answers in a fraction of it.
STARTUP_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Client:
    """A client: `project_file` is in the repository; `command` is what starts it.

    `is_desktop`: it may be started without a shell, and then without the shell's PATH.
    `reads_comments`: it takes JSON with comments and trailing commas.
    """

    name: str
    title: str
    command: str
    settings: Settings
    project_file: str
    default_scope: Scope = "project"
    is_desktop: bool = False
    reads_comments: bool = True


CLIENTS = {
    each.name: each
    for each in (
        Client(
            "claude-code",
            "Claude Code",
            "claude",
            JsonSettings("mcpServers"),
            ".mcp.json",
            reads_comments=False,
        ),
        Client(
            "cursor",
            "Cursor",
            "cursor",
            JsonSettings("mcpServers"),
            ".cursor/mcp.json",
            is_desktop=True,
        ),
        Client(
            "vscode",
            "VS Code",
            "code",
            JsonSettings("servers"),
            ".vscode/mcp.json",
            is_desktop=True,
        ),
        Client(
            "codex",
            "Codex",
            "codex",
            TomlSettings(),
            ".codex/config.toml",
            default_scope="user",
        ),
    )
}


def entry_for(client: Client, command: str, telemetry: str | None) -> Entry:
    """Return our entry as a client wants it; `telemetry` sets what is captured."""
    entry: dict[str, Any] = {"command": command, "args": []}
    if client.name in {"claude-code", "vscode"}:
        entry = {"type": "stdio", **entry}
    if client.name == "claude-code":
        # Else the tools may be put off until searched for, and nobody searches for a preflight.
        entry |= {"alwaysLoad": True}
    if client.name == "codex":
        # Required: else a session begins without the tools whenever the start takes long.
        entry |= {"required": True, "startup_timeout_sec": STARTUP_SECONDS}
    return {**entry, "env": {TELEMETRY: telemetry}} if telemetry else entry


def own_way(client: Client, scope: Scope, entry: Entry) -> list[str] | None:
    """Return the client's own command that adds the entry, if it has one for this scope."""
    if client.name == "claude-code":
        return ["claude", "mcp", "add-json", "--scope", scope, NAME, json.dumps(entry)]
    if scope == "user" and client.name == "codex":
        variables = [f"{name}={value}" for name, value in entry.get("env", {}).items()]
        options = [word for each in variables for word in ("--env", each)]
        return ["codex", "mcp", "add", NAME, *options, "--", entry["command"]]
    if scope == "user" and client.name == "vscode":
        return ["code", "--add-mcp", json.dumps({"name": NAME, **entry})]
    return None


def settings_path(
    client: Client, scope: Scope, *, project: Path, variables: Mapping[str, str], platform: str
) -> Path:
    """Return the file of a scope; raises `SettingsRefused` when there is no home folder."""
    if scope == "project":
        return project / client.project_file
    folder = config_folder(client, variables, platform)
    if client.name == "claude-code":
        # The file is in the folder when that is named, and beside it when it is not.
        is_named = bool(variables.get("CLAUDE_CONFIG_DIR"))
        return folder / ".claude.json" if is_named else folder.with_name(".claude.json")
    return folder / PurePath(client.project_file).name


def config_folder(client: Client, variables: Mapping[str, str], platform: str) -> Path:
    """Return the folder that a client keeps a person's settings in."""
    if client.name == "claude-code":
        return _named(variables, "CLAUDE_CONFIG_DIR") or _home(variables, platform) / ".claude"
    if client.name == "codex":
        return _named(variables, "CODEX_HOME") or _home(variables, platform) / ".codex"
    if client.name == "cursor":
        return _home(variables, platform) / ".cursor"
    return _applications(variables, platform) / "Code" / "User"


def signs_of(client: Client, variables: Mapping[str, str], platform: str) -> list[str]:
    """Return what on this machine says that a client is here: its command, its folder."""
    command = shutil.which(client.command, path=variables.get("PATH", ""))
    folder = config_folder(client, variables, platform)
    return [*([command] if command else []), *([str(folder)] if folder.is_dir() else [])]


def _applications(variables: Mapping[str, str], platform: str) -> Path:
    """Return where programs of the desktop keep a person's settings."""
    if platform == "win32":
        return _named(variables, "APPDATA") or _home(variables, platform) / "AppData" / "Roaming"
    if platform == "darwin":
        return _home(variables, platform) / "Library" / "Application Support"
    return _named(variables, "XDG_CONFIG_HOME") or _home(variables, platform) / ".config"


def _home(variables: Mapping[str, str], platform: str) -> Path:
    name = "USERPROFILE" if platform == "win32" else "HOME"
    found = _named(variables, name)
    if found is None:
        raise SettingsRefused(
            f"{name} is not set, so your settings cannot be found",
            next_step=f"set {name} to your home folder",
        )
    return found


def _named(variables: Mapping[str, str], name: str) -> Path | None:
    value = variables.get(name, "").strip()
    return Path(value) if value else None

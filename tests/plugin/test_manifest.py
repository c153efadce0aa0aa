"""The repository as a plugin: its files agree with each other, and what they start is there."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from bicameral import __version__
from bicameral.cli.hook import HOOKS
from handlers.table import TOOLS
from tests.cli.parts import Person
from tests.plugin.recorded import recorded
from tests.server.served import Served, variables_for
from tests.serving.talk import request

ROOT = Path(__file__).parent.parent.parent
PARTS = (".claude-plugin", ".mcp.json", "bin", "hooks", "skills")
EVENTS = {
    "SessionStart": "session-start",
    "PreToolUse": "before-edit",
    "PostToolUse": "after-edit",
    "SessionEnd": "session-end",
}
EDITS = "Write|Edit|MultiEdit|NotebookEdit"
CLIENT = shutil.which("claude")


def read(name: str) -> dict[str, Any]:
    found = json.loads((ROOT / name).read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def variables(person: Person, **more: str) -> dict[str, str]:
    """Return what the client sets for a hook, with the installed command on the PATH."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return person.variables({"CLAUDE_PLUGIN_ROOT": str(ROOT), "PATH": path, **more})


def test_all_manifests_name_this_version() -> None:
    """A client compares versions to find out whether there is something new."""
    plugin, market = read(".claude-plugin/plugin.json"), read(".claude-plugin/marketplace.json")
    [listed] = market["plugins"]
    assert plugin["version"] == listed["version"] == __version__
    assert plugin["name"] == listed["name"] == market["name"] == "bicameral"
    assert listed["source"] == "./", "the marketplace and the plugin are the same folder"
    with (ROOT / "pyproject.toml").open("rb") as file:
        assert plugin["license"] == tomllib.load(file)["project"]["license"]


def test_the_wheel_carries_the_plugin() -> None:
    """`setup` prints a folder of the installation that can be added as a marketplace."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        wheel = tomllib.load(file)["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["force-include"] == {part: f"bicameral/plugin/{part}" for part in PARTS}


def test_every_hook_is_called_once_at_its_event() -> None:
    """One that is called nowhere would be missed by nobody."""
    events = read("hooks/hooks.json")["hooks"]
    called = {}
    for event, [group] in events.items():
        [each] = group["hooks"]
        assert (each["type"], each["timeout"]) == ("command", 5)
        found = re.fullmatch(r'"\$\{CLAUDE_PLUGIN_ROOT\}/(\S+)" hook (\S+)', each["command"])
        assert found is not None
        assert os.access(ROOT / found[1], os.X_OK)
        called[event] = found[2]
        if event.endswith("ToolUse"):
            assert group["matcher"] == EDITS
    assert called == EVENTS
    assert set(called.values()) == set(HOOKS)
    assert events["SessionStart"][0]["matcher"] == "startup|resume|clear"


@pytest.mark.skipif(os.name != "posix", reason="the client runs hooks in a POSIX shell")
@pytest.mark.parametrize("event", EVENTS)
def test_a_hook_runs_as_the_client_runs_it(person: Person, event: str) -> None:
    """In a shell, with the plugin's folder in a variable and the recorded event on stdin."""
    [group] = read("hooks/hooks.json")["hooks"][event]
    done = subprocess.run(
        ["sh", "-c", group["hooks"][0]["command"]],
        cwd=person.repository.root,
        env=variables(person, BICAMERAL_TELEMETRY="preflight"),
        input=recorded(EVENTS[event], person.repository.root),
        capture_output=True,
        timeout=300,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


@pytest.mark.skipif(os.name != "posix", reason="the launcher is a POSIX script")
def test_the_server_starts_as_the_client_starts_it(person: Person) -> None:
    """Through the launcher, with all tools."""
    [(name, server)] = read(".mcp.json")["mcpServers"].items()
    assert (name, server["type"]) == ("bicameral", "stdio")
    words = [server["command"], *server["args"]]
    command = [each.replace("${CLAUDE_PLUGIN_ROOT}", str(ROOT)) for each in words]
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    given = variables_for(person.home, PATH=path)
    with Served(person.repository.root, given, command=command) as served:
        assert "result" in served.receive()
        listed = served.ask(request("tools", "tools/list"))["result"]["tools"]
    assert {each["name"] for each in listed} == {each.name for each in TOOLS}


@pytest.mark.skipif(CLIENT is None, reason="Claude Code is not installed")
def test_the_clients_own_validator_finds_nothing(tmp_path: Path) -> None:
    """The outside check; it looks at all parts, offline."""
    plugin = tmp_path / "plugin"
    plugin.mkdir()
    for part in (*PARTS, "README.md", "LICENSE"):
        place = ROOT / part
        if place.is_dir():
            shutil.copytree(place, plugin / part)
        else:
            shutil.copy(place, plugin)
    done = subprocess.run(
        [str(CLIENT), "plugin", "validate", str(plugin), "--strict"],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "DISABLE_AUTOUPDATER": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr

"""The plugin's files: they can be read, they agree, and what they start is there."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bicameral import __version__
from bicameral.observe.doctor.finding import Finding, failed, passed
from bicameral.observe.doctor.surroundings import Surroundings

_REINSTALL = "uv tool install --force bicameral-preflight"
_MANIFESTS = (".claude-plugin/plugin.json", ".claude-plugin/marketplace.json")
_STARTS = re.compile(r"\$\{CLAUDE_PLUGIN_ROOT\}/([\w./-]+)")
_HOOK = re.compile(r"\bhook (\S+)")
_FRONT = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)


def check_plugin(around: Surroundings) -> Finding:
    """Read the manifests, the hooks and the skills of the plugin in this installation."""
    folder = around.plugin_folder()
    if folder is None:
        return failed("this installation came without its plugin", mend=_REINSTALL)
    troubles = list(troubles_of(folder, around.hooks))
    if troubles:
        return failed("the plugin's files are not valid", *troubles, mend=_REINSTALL)
    return passed("the plugin's files are valid and agree", str(folder))


def troubles_of(folder: Path, hooks: tuple[str, ...]) -> Iterator[str]:
    """Yield what is wrong with the plugin in a folder; `hooks` are the names that are known."""
    for name in _MANIFESTS:
        yield from _of_manifest(folder, name)
    servers = _read(folder, ".mcp.json")
    yield from _of_starts(folder, ".mcp.json", servers)
    called = _read(folder, "hooks/hooks.json")
    yield from _of_starts(folder, "hooks/hooks.json", called)
    if isinstance(called, dict):
        known = set(_HOOK.findall(json.dumps(called).replace('"', " ")))
        yield from (f"hooks/hooks.json: no hook is called {e}" for e in sorted(known - set(hooks)))
        yield from (f"hooks/hooks.json: nothing calls {e}" for e in hooks if e not in known)
    yield from _of_skills(folder)


def _of_manifest(folder: Path, name: str) -> Iterator[str]:
    found = _read(folder, name)
    if isinstance(found, str):
        yield found
        return
    plugins = found.get("plugins", [found])
    for each in plugins if isinstance(plugins, list) else []:
        version = each.get("version") if isinstance(each, dict) else None
        if version != __version__:
            yield f"{name}: version {version} instead of {__version__}"


def _of_starts(folder: Path, name: str, found: dict[str, Any] | str) -> Iterator[str]:
    """Yield what a file starts that is not there or cannot be started."""
    if isinstance(found, str):
        yield found
        return
    started = sorted(set(_STARTS.findall(json.dumps(found))))
    if not started:
        yield f"{name}: it starts nothing of this plugin"
    for each in started:
        if not os.access(folder / each, os.X_OK):
            yield f"{name}: {each} is not there, or may not be run"


def _of_skills(folder: Path) -> Iterator[str]:
    skills = sorted((folder / "skills").glob("*/SKILL.md"))
    if not skills:
        yield "skills: none is there"
    for path in skills:
        front = _FRONT.match(path.read_text(encoding="utf-8"))
        lines = front[1].split("\n") if front else []
        if f"name: {path.parent.name}" not in lines:
            yield f"skills/{path.parent.name}: its head does not name it"
        if not any(line.startswith("description: ") and line[13:].strip() for line in lines):
            yield f"skills/{path.parent.name}: its head has no description"


def _read(folder: Path, name: str) -> dict[str, Any] | str:
    """Return what a file holds, or what is wrong with it."""
    try:
        found = json.loads((folder / name).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return f"{name}: it is not there"
    except ValueError as error:
        return f"{name}: it is no JSON ({error})"
    return found if isinstance(found, dict) else f"{name}: it is no JSON object"

"""A trial: every tool called once in a repository and a home of its own, then all is removed.

The real home and the repository under work have no part in it, and no variable of this
project or of a client reaches it but those that a check sets.
"""

import hashlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bicameral.environment import Environment
from bicameral.errors import GitFailed, InputRefused
from bicameral.grounding.git import Git
from bicameral.observe.doctor.finding import Finding, skipped
from bicameral.observe.doctor.surroundings import Surroundings, Tools

FAULT = "this is a fault of the program and not of your machine: report it, with this report"
FILE = "payments.py"
CODE = "def charge(order):\n    return order.total\n"
_TITLE = "Charge a card once"
_FOREIGN = ("BICAMERAL_", "CLAUDE_", "GIT_", "CODEX_")
_AUTHOR = ("-c", "user.name=doctor", "-c", "user.email=doctor@example.invalid")


@dataclass(frozen=True, slots=True)
class Trial:
    """Where one takes place: `home` is not there yet, `ledger` is no part of it."""

    environment: Environment
    repository: Path
    ledger: Path
    said: list[str]
    """What was said to the person."""

    @property
    def home(self) -> Path:
        """Its data home."""
        return self.environment.home


@contextmanager
def trial(around: Surroundings, **variables: str) -> Iterator[Trial]:
    """Make a repository with one commit, and an environment with these variables; remove all.

    Raises `GitFailed` when git cannot make it.
    """
    with tempfile.TemporaryDirectory(
        prefix="bicameral-doctor-", ignore_cleanup_errors=True
    ) as made:
        folder = Path(made).resolve()
        repository, ledger = folder / "repository", folder / "ledger.sqlite3"
        kept = {k: v for k, v in around.environment.variables.items() if not k.startswith(_FOREIGN)}
        own = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        merged = {**kept, **own, "BICAMERAL_LEDGER_URL": f"sqlite:///{ledger}", **variables}
        _make_repository(repository, merged)
        said: list[str] = []
        environment = replace(
            around.environment,
            home=folder / "home",
            cwd=repository,
            variables=merged,
            warn=said.append,
        )
        yield Trial(environment, repository, ledger, said)


def call_every_tool(tools: Tools) -> list[str]:
    """Call each tool once, as a session would; return the names of those with no known call.

    Raises what a tool raises.
    """
    begun = tools.call("bicameral.ingest", {"decisions": [{"title": _TITLE, "decided_on": ""}]})
    decision = str(begun["decisions"][0]["decision_id"])
    selector = {"decision_id": decision, "selector": f"{FILE}::charge"}
    bound = tools.call("bicameral.bind", {"bindings": [selector]})["bindings"][0]
    if failure := bound.get("failure"):
        raise InputRefused(str(failure["message"]), next_step=str(failure["next_step"]))
    calls = _calls(decision, bound)
    for name, arguments in calls.items():
        tools.call(name, arguments)
    called = {"bicameral.ingest", "bicameral.bind", *calls}
    return [name for name in tools.tool_names if name not in called]


def without_git(error: GitFailed) -> Finding:
    """Say that no trial can be made."""
    return skipped(
        f"no repository could be made to try it in: {error.message}",
        mend="bicameral-mcp doctor --only git",
    )


def untried(names: list[str]) -> list[str]:
    """Say of each tool that it was not called."""
    return [f"no call is known for {each}, so it was not tried" for each in names]


def fingerprint(folder: Path) -> Mapping[str, str]:
    """Return the digest of every file below a folder, and the name of every folder."""
    return {
        str(path.relative_to(folder)): "" if path.is_dir() else _digest(path)
        for path in sorted(folder.rglob("*"))
    }


def _calls(decision: str, bound: Mapping[str, Any]) -> dict[str, dict[str, object]]:
    verdict = {name: bound[name] for name in ("region_id", "digest")}
    verdict |= {"decision_id": decision, "verdict": "compliant"}
    chosen = {"decision_id": decision}
    return {
        "bicameral.preflight": {"topic": "charge a card once more", "file_paths": [FILE]},
        "bicameral.link_commit": {"commit": "HEAD"},
        "bicameral.resolve": {"verdicts": [verdict]},
        "bicameral.ratify": {**chosen, "action": "ratify"},
        "bicameral.update": {**chosen, "action": "regroup", "feature_group": "payments"},
        "bicameral.history": {},
        "bicameral.search": {"query": "card"},
        "bicameral.telemetry": {},
    }


def _make_repository(folder: Path, variables: Mapping[str, str]) -> None:
    folder.mkdir()
    (folder / FILE).write_text(CODE, encoding="utf-8")
    git = Git(folder, variables)
    git.ask("init", "--quiet", "--initial-branch=main")
    git.ask("add", FILE)
    git.ask(*_AUTHOR, "commit", "--quiet", "--message", "Take payments")


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()

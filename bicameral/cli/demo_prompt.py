"""A person at a prompt in the demo's project, with the data home of its sessions.

Every command is a real process, and one that ends in another way than it should breaks the loop.
"""

import json
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bicameral.cli.demo_account import Account, LoopBroken

PATIENCE_SECONDS = 120


class Prompt:
    """Runs commands and tells them; raises `LoopBroken`."""

    def __init__(
        self, root: Path, home: Path, variables: Mapping[str, str], account: Account
    ) -> None:
        self._root = root
        self._account = account
        kept = {k: v for k, v in variables.items() if not k.startswith(("BICAMERAL_", "CLAUDE"))}
        self._variables = {
            **kept,
            "BICAMERAL_HOME": str(home),
            "BICAMERAL_TELEMETRY": "preflight",
            "PYTHONIOENCODING": "utf-8",
        }

    def show(self, title: str, *words: str) -> str:
        """Run a command, tell it with what it printed, and return that."""
        said = self._run(words)
        self._account.printed(title, shlex.join(["bicameral-mcp", *words]), said)
        return said

    def answer(self, *words: str) -> Any:
        """Return the JSON that a command answers with; of a list, its rows."""
        answer = json.loads(self._run((*words, "--json")))
        return answer.get("rows", answer)

    def refused(self, code: str, what: str, *words: str) -> None:
        """Prove that a command is refused with this code, which shows `what`."""
        answer = json.loads(self._run((*words, "--json"), expected=1))
        self._account.prove(answer["error"] == code, what)

    def _run(self, words: Sequence[str], *, expected: int = 0) -> str:
        done = subprocess.run(
            # -P: a `server.py` in the folder must not be taken for ours.
            [sys.executable, "-P", "-m", "server", *words],
            cwd=self._root,
            env=self._variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        if done.returncode != expected:
            raise LoopBroken(
                f"`bicameral-mcp {' '.join(words)}` ended with {done.returncode}: "
                f"{done.stderr.decode('utf-8', 'replace').strip()}",
                next_step="run the demo again, and report what it says if it stays so",
            )
        return done.stdout.decode("utf-8")

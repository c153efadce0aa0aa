"""The command as a person runs it: as a process of its own, or here with its output kept."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import server
from bicameral.cli.main import ServeOptions, run
from bicameral.environment import Environment
from tests.conftest import Repository

# Reached only by what hangs: a whole demo takes a minute on a slow and busy machine.
BOUND_SECONDS = 300
COMMAND = [sys.executable, "-P", "-m", "server"]
RECORD = """\
# 1. Send an idempotency key with every charge

Date: 2025-03-17

## Status

Accepted

## Context

A retry charged a card twice.

## Decision

`charge_card` in `src/payments.py` sends an idempotency key.

## Consequences

Retries are safe.
"""
OTHER_RECORD = """\
# 2. Paginate listings by cursor

Date: 2025-04-01

## Status

Proposed

## Context

Offsets skip rows while others write.

## Decision

Listings take and return an opaque cursor.
"""
CODE = "def charge_card(amount, key):\n    return send(amount, key)\n"
CODE_WITHOUT_KEY = "def charge_card(amount):\n    return send(amount)\n"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run of the command ended."""

    status: int
    out: str
    err: str

    def answer(self) -> dict[str, Any]:
        """Return stdout as the one JSON document that it has to be."""
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found


class Person:
    """Somebody with a repository and a data home, who runs the command in both ways."""

    def __init__(self, repository: Repository, home: Path, environment: Environment) -> None:
        self.repository = repository
        self.home = home
        self.environment = environment
        self.served: list[ServeOptions] = []

    def variables(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return this process's variables without those that mean something to the command."""
        meant = ("BICAMERAL_", "CLAUDE_", "COLUMNS", "NO_COLOR")
        kept = {k: v for k, v in os.environ.items() if not k.startswith(meant)}
        return {**kept, "BICAMERAL_HOME": str(self.home), **(more or {})}

    def start(
        self, *words: str, cwd: Path | None = None, variables: Mapping[str, str] | None = None
    ) -> "subprocess.Popen[bytes]":
        """Start the command as a process."""
        return subprocess.Popen(
            [*COMMAND, *words],
            cwd=cwd or self.repository.root,
            env=self.variables(variables),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(
        self,
        *words: str,
        sent: bytes = b"",
        cwd: Path | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> Ended:
        """Run the command as a process, to its end."""
        process = self.start(*words, cwd=cwd, variables=variables)
        out, err = process.communicate(sent, timeout=BOUND_SECONDS)
        return Ended(process.returncode, out.decode(), err.decode())

    def run_here(self, *words: str, encoding: str = "utf-8") -> Ended:
        """Run the command in this process, through the same entry with the same parts."""
        out = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
        err = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="backslashreplace")
        with redirect_stdout(out), redirect_stderr(err):
            status = run(words, self.environment, serve=self._serve, connect=server.Desk)
        return Ended(status, _text(out), _text(err))

    def _serve(self, environment: Environment, options: ServeOptions) -> int:
        self.served.append(options)
        return 0

    def elsewhere(self, home: Path, **variables: str) -> "Person":
        """Return the same person with another data home and more variables."""
        merged = {**self.environment.variables, **variables}
        environment = replace(self.environment, home=home, variables=merged)
        return Person(self.repository, home, environment)

    def ids(self) -> dict[str, str]:
        """Return the ids of the decisions by their titles."""
        listed = self.run_here("history", "--json").answer()["decisions"]
        return {each["title"]: each["id"] for each in listed}

    def first_id(self) -> str:
        return self.ids()["Send an idempotency key with every charge"]


def fill(repository: Repository) -> None:
    """Commit two records and the code that one of them names."""
    repository.write("docs/adr/0001-idempotency-key.md", RECORD)
    repository.write("docs/adr/0002-cursors.md", OTHER_RECORD)
    repository.write("src/payments.py", CODE)
    repository.write("src/other.py", "def other():\n    return 1\n")
    repository.commit("Payments")


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    content = stream.buffer
    assert isinstance(content, io.BytesIO)
    return content.getvalue().decode(stream.encoding)

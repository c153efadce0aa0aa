"""Pages that are run: each `console` block is typed, and what comes out is what it shows.

Identifiers, times and digests differ with every run, so they are shown under stable names;
a command that uses one of them gets the real one.
"""

import io
import os
import re
import shlex
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import server
from tests.docs.pages import ROOT, Block, blocks

PROMPT = "$ "
COMMAND = "bicameral-mcp"
SHOWN_HOME = "/home/you"
SHOWN_INSTALLATION = "/opt/bicameral"
_FILE = re.compile(r"^Write .*`(?P<path>[^`]+)`.*:$")
_SHELL_SYNTAX = re.compile(r"[|<>;&$`*]|^\w+=")
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


CODE = """\
def charge_card(gateway, order):
    return gateway.post("/charges", amount=order.total, key=order.id)


def refund(gateway, order):
    return gateway.post("/refunds", amount=order.total)
"""
RECORD = """\
# 1. Charge a card once

Date: 2026-03-02

## Status

Accepted

## Context

A retried request charged some customers twice.

## Decision

Every charge carries an idempotency key, made once per order, in `charge_card`.

## Consequences

A charge may be retried at any time.
"""


def _hexadecimal(seed: bytes, length: int) -> str:
    return sha256(seed).hexdigest()[:length]


def _ulid(seed: bytes, _length: int) -> str:
    return "01M7Z0K4WS" + "".join(_ALPHABET[each % 32] for each in sha256(seed).digest()[:16])


def _uuid(seed: bytes, _length: int) -> str:
    digits = _hexadecimal(seed, 32)
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


_NAMED: tuple[tuple[re.Pattern[str], Callable[[bytes, int], str]], ...] = (
    (re.compile(r"(?<=rev_)[0-9a-f]{20}"), _hexadecimal),
    (re.compile(r"(?<=dec_|reg_|qst_|rep_|byp_)[0-9A-Z]{26}"), _ulid),
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"), _uuid),
    (re.compile(r"(?<=[a-z]_1772703000_)[0-9a-f]{16}"), _hexadecimal),
    (
        re.compile(r"(?<![0-9a-z-])(?:[0-9a-f]{32}|[0-9a-f]{16}|[0-9a-f]{12})(?![0-9a-z-])"),
        _hexadecimal,
    ),
)
_FIXED = (
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?=\+|Z)"), "2026-03-05T09:30:00"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+(?=\+|Z)"), "2026-03-05T09:30:00.000000"),
    (re.compile(r'(?<="latency_ms":)[\d.]+'), "3.2"),
    (re.compile(r"\b[1-9]\d* bytes"), "512 bytes"),
    (re.compile(r"\(\d+(?:\.\d+)?(?:ms|s)\)"), "(2ms)"),
    (re.compile(r"(?<=[a-z]_)\d{10}(?=_[0-9a-f]{16})"), "1772703000"),
    (re.compile(r"\b\d{4}-W\d\d\b"), "2026-W10"),
    (re.compile(r"\b\d+\.\d(?= m?s\b)"), "1.5"),
    (re.compile(r"(?<=answered in )\d+(?= ms)"), "120"),
)


@dataclass
class Shell:
    """A person's shell in an empty folder, with a home of its own and nothing captured."""

    home: Path
    cwd: Path = field(init=False)
    variables: dict[str, str] = field(init=False)
    _shown: dict[str, str] = field(init=False, default_factory=dict)
    _counts: Counter[str] = field(init=False, default_factory=Counter)

    def __post_init__(self) -> None:
        self.cwd = self.home
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        self.variables = {
            "PATH": path,
            "HOME": str(self.home),
            "COLUMNS": "100",
            "LC_ALL": "C.UTF-8",
            "GIT_CONFIG_NOSYSTEM": "1",
        }

    def make_project(self) -> None:
        """Make the project of the tutorial, for pages that begin with one."""
        self.cwd = self.home / "shop"
        self.write("src/payments.py", CODE)
        self.write("docs/adr/0001-charge-a-card-once.md", RECORD)
        for line in (
            "git init --quiet --initial-branch=main",
            "git config user.name You",
            "git config user.email you@example.com",
            "git add --all",
            "git commit --quiet --message 'Take payments'",
        ):
            self.type(line)

    def type(self, line: str) -> str:
        """Run one line as shown on a page; return what it prints, as a page shows it."""
        line = self._real(line)
        words = shlex.split(line)
        if words[0] == "cd":
            self.cwd /= words[1]
            return ""
        if words[0] == "export":
            name, _, value = words[1].partition("=")
            self.variables[name] = value
            return ""
        is_plain = words[0] == COMMAND and not _SHELL_SYNTAX.search(line)
        if words[:2] == [COMMAND, "preflight"] and self._has_ledger():
            # Else the answer would also say how busy the machine is.
            indexed = self._run_here(["index"])
            assert "listed" in indexed, indexed
        printed = self._run_here(words[1:]) if is_plain else self._run_in_bash(line)
        return self._named(printed)

    def write(self, path: str, text: str) -> None:
        """Write a file as the page says."""
        target = self.cwd / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def _has_ledger(self) -> bool:
        home = Path(self.variables.get("BICAMERAL_HOME") or self.home / ".bicameral")
        return (home / "ledger.sqlite3").is_file()

    def _run_here(self, words: list[str]) -> str:
        """Run the command in this process, which saves its start."""
        stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="")
        with _as_if_in(self.cwd, self.variables), redirect_stdout(stream), redirect_stderr(stream):
            server.main(words)
            stream.flush()
        return stream.buffer.getvalue().decode("utf-8")

    def _run_in_bash(self, line: str) -> str:
        done = subprocess.run(
            ["bash", "-c", line],
            cwd=self.cwd,
            env=self.variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            check=False,
            timeout=300,
        )
        printed = done.stdout.decode("utf-8")
        assert done.returncode == 0 or COMMAND in line, f"{line}: {printed}"
        return printed

    def _named(self, text: str) -> str:
        text = text.replace(str(self.home), SHOWN_HOME).replace(str(ROOT), SHOWN_INSTALLATION)
        for pattern, replacement in _FIXED:
            text = pattern.sub(replacement, text)
        for pattern, make in _NAMED:
            text = pattern.sub(lambda found, make=make: self._name(found[0], make), text)  # type: ignore[misc]
        return text

    def _name(self, real: str, make: Callable[[bytes, int], str]) -> str:
        if real not in self._shown:
            self._counts[make.__name__] += 1
            seed = f"{make.__name__} {self._counts[make.__name__]}".encode()
            self._shown[real] = make(seed, len(real))
        return self._shown[real]

    def _real(self, text: str) -> str:
        text = text.replace(SHOWN_HOME, str(self.home))
        for real, shown in self._shown.items():
            text = text.replace(shown, real)
        return text


@contextmanager
def _as_if_in(cwd: Path, variables: Mapping[str, str]) -> Iterator[None]:
    was, before = Path.cwd(), dict(os.environ)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        os.chdir(was)


def run_page(text: str, shell: Shell) -> str:
    """Do all that a page says, in order; return the page with what really came out."""
    lines = text.split("\n")
    outputs: list[tuple[Block, list[str]]] = []
    for block in blocks(text):
        told = next((line for line in reversed(lines[: block.first - 1]) if line.strip()), "")
        if found := _FILE.match(told):
            shell.write(found["path"], block.text)
        elif block.language == "console":
            outputs.append((block, list(_typed(block, shell))))
    for block, shown in reversed(outputs):
        lines[block.first : block.first + len(block.lines)] = shown
    return "\n".join(lines)


def _typed(block: Block, shell: Shell) -> Iterator[str]:
    """Yield each command of a block, and what it prints, line by line."""
    for line in block.lines:
        if line.startswith(PROMPT):
            yield line
            printed = shell.type(line[len(PROMPT) :]).rstrip("\n")
            yield from (each.rstrip() for each in printed.splitlines())

"""The commands: their names, groups and summaries, and the module that each one lives in.

Plain data, so that `--help` needs no parser and a command loads nothing but its own module.
"""

import keyword
from dataclasses import dataclass

PROGRAM = "bicameral-mcp"
_COLUMN = 26


@dataclass(frozen=True, slots=True)
class Command:
    """One command: `takes` are its positional arguments as the help shows them."""

    name: str
    takes: str
    summary: str

    @property
    def module(self) -> str:
        """The name of its module in this room."""
        name = self.name.replace("-", "_")
        return f"{name}_" if keyword.iskeyword(name) else name


GROUPS = {
    "Start": (
        Command("serve", "", "serve an MCP client on stdio; so does no command"),
        Command("demo", "", "the loop on a sample project; --repo PATH: on yours"),
        Command("setup", "[CLIENT]", "connect a client, or take that back"),
        Command("doctor", "", "check this machine, and say what mends it"),
    ),
    "Decisions": (
        Command("ingest", "PATH...", "read decisions from files, folders and globs"),
        Command("history", "[ID]", "list decisions, or read one with its past"),
        Command("search", "WORDS...", "find decisions by words"),
        Command("ratify", "ID", "ratify a decision, or reject it"),
        Command("update", "ID ACTION", "amend, supersede, retire, regroup or relevel one"),
        Command("answer", "QUESTION ANSWER", "settle a collision or another open question"),
    ),
    "Code": (
        Command("preflight", "TOPIC [PATH...]", "show the decisions that bind a change"),
        Command("bind", "ID SELECTOR...", "bind a decision to symbols, lines or files"),
        Command("link-commit", "[REF]", "show what a commit did to bound code"),
        Command("resolve", "ID VERDICT", "record whether code follows a decision"),
        Command("index", "", "read what files import and cite, ahead of time"),
        Command("bypass", "ID REASON", "wave a surfaced decision through"),
    ),
    "Review": (
        Command("reconcile", "", "name suspected misses and suspected false fires"),
        Command("triage", "[next|list|...]", "label what is suspected; see what it adds up to"),
        Command("eval", "", "run the data sets through the preflight"),
        Command("calibrate", "", "fit the topic gate to labelled rows"),
    ),
    "Data": (
        Command("trace", "view|stats", "show what calls did, and how long their parts took"),
        Command("telemetry", "[report|erase|...]", "what is captured; keep it, send it, remove it"),
        Command("export", "[FILE]", "write the whole ledger as JSON lines"),
        Command("import", "FILE", "fill an empty ledger from an export"),
        Command("guards", "", "hold code, registry, schemas and pages together"),
        Command("hook", "NAME", "for a client's hooks, not for people"),
    ),
}
COMMANDS = {each.name: each for group in GROUPS.values() for each in group}

_SHARED = f"""
Commands take --repo PATH (a folder of the repository; default: this one),
--json (the answer as one JSON document) and --help (what else they take).

Examples:
  {PROGRAM} demo
  {PROGRAM} ingest docs/adr
  {PROGRAM} preflight "retry failed charges" src/payments.py
  {PROGRAM} history --status drifted --json
"""


def help_text() -> str:
    """Return the help of the whole command, one screen long."""
    parts = [f"usage: {PROGRAM} [COMMAND] [OPTIONS]\n\nDecision memory for coding agents.\n"]
    for group, commands in GROUPS.items():
        parts.append(f"\n{group}:\n")
        parts += map(_row, commands)
    return "".join([*parts, _SHARED])


def _row(command: Command) -> str:
    return f"  {f'{command.name} {command.takes}'.rstrip():<{_COLUMN}} {command.summary}\n"

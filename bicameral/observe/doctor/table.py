"""The table of checks: the number, the id and the words of each, and the function that runs it.

Numbers and ids are for good: a check that goes leaves its number unused.
"""

from collections.abc import Callable
from dataclasses import dataclass

from bicameral.observe.doctor import (
    behaviour,
    capture,
    code,
    configuration,
    contracts,
    drops,
    home,
    installation,
    language_servers,
    ledger,
    locks,
    logs,
    path_guard,
    plugin,
    salt,
    tracing,
)
from bicameral.observe.doctor.finding import Finding
from bicameral.observe.doctor.surroundings import Surroundings


@dataclass(frozen=True, slots=True)
class Check:
    """One check: `looks_at` is what it does, `fails` when it fails, in a sentence each."""

    number: int
    id: str
    title: str
    looks_at: str
    fails: str
    run: Callable[[Surroundings], Finding]


CHECKS: tuple[Check, ...] = (
    Check(
        1,
        "python",
        "Python and packages",
        "The version of the Python that runs this, and whether every required package is "
        "installed in it.",
        "Python is older than 3.11, or a required package is missing.",
        installation.check_python,
    ),
    Check(
        2,
        "command",
        "the server starts",
        "Starts the command of this installation in a temporary home and asks it for its tools.",
        "It does not start or lists no tools.",
        installation.check_command,
    ),
    Check(
        3,
        "clients",
        "clients find the server",
        "Follows the command in the settings of every client that `setup` knows to the file and "
        "the Python that it leads to; nothing that is named there is run.",
        "The command or its Python is not there, a name leads to another installation, or "
        "settings cannot be read.",
        installation.check_clients,
    ),
    Check(
        4,
        "plugin",
        "plugin files",
        "The manifests, hooks, launcher and skills of the plugin in this installation.",
        "A file is missing or no JSON, a version differs, or a hook names what is not there.",
        plugin.check_plugin,
    ),
    Check(
        5,
        "home",
        "the data home",
        "Whether the data home can be written to, has room, and is for its owner alone with "
        "everything in it.",
        "It is read-only or no folder, its disk is nearly full, or a file in it belongs to "
        "somebody else, cannot be written to or can be read by others.",
        home.check_home,
    ),
    Check(
        6,
        "homes",
        "one data home",
        "The data home of this shell against those in the settings of clients, and against the "
        "default one.",
        "A client's server uses another home, or both this one and the default one hold a ledger.",
        home.check_homes,
    ),
    Check(
        7,
        "salt",
        "the salt",
        "The kind, length, owner and mode of `salt`.",
        "Capture would refuse it, others can read it, or it is gone and hashed rows are there.",
        salt.check_salt,
    ),
    Check(
        8,
        "salt-origin",
        "the salt was made here",
        "Whether the content of `salt` is older than the file, as in a copy that kept its time.",
        "It is older by more than a minute: copied from another machine, restored, or given "
        "another mode later; a copy that takes the present time shows no sign.",
        salt.check_origin,
    ),
    Check(
        9,
        "locks",
        "locks",
        "Every lock file of the home, a few times within a moment, and the markers of sessions.",
        "A process is suspended or has been running for ten minutes and holds a lock all the "
        "time, or the marker of a dead session is older than a day.",
        locks.check_locks,
    ),
    Check(
        10,
        "ledger-schema",
        "the ledger's schema",
        "The recorded migrations and the tables of the ledger, in a copy.",
        "A newer version wrote it, or tables and recorded steps do not agree.",
        ledger.check_schema,
    ),
    Check(
        11,
        "ledger-integrity",
        "the ledger is whole",
        "`PRAGMA quick_check` and `foreign_key_check` on a copy of the ledger.",
        "SQLite finds damage, or a row refers to one that is not there.",
        ledger.check_integrity,
    ),
    Check(
        12,
        "logs",
        "captured lines",
        "The newest 16 MB of every log in the home, line by line.",
        "A line is no JSON object.",
        logs.check_logs,
    ),
    Check(
        13,
        "hook-failures",
        "hooks",
        "The failures of hooks on record in `hook_failures.jsonl`.",
        "A hook failed within the last seven days.",
        logs.check_hook_failures,
    ),
    Check(
        14,
        "reconciliation",
        "the last reconciliation",
        "How the last reconciliation ended, and whether rows wait for one.",
        "It failed, its summary cannot be read, or rows wait for more than seven days.",
        logs.check_reconciliation,
    ),
    Check(
        15,
        "capture",
        "capture is as it seems",
        "What `BICAMERAL_TELEMETRY` and `config.toml` switch on, in this shell and for every "
        "client.",
        "It is set and nothing is captured, it is on and its files cannot be written to, it is on "
        "in this shell and off for a client, or a word in it is not known.",
        capture.check_capture,
    ),
    Check(
        16,
        "configuration",
        "the configuration in force",
        "Every switch with what decided it, and every variable whose name begins with "
        "`BICAMERAL_`.",
        "A variable is set that nothing reads, the ledger's URL cannot be used, or `config.toml` "
        "is not understood.",
        configuration.check_configuration,
    ),
    Check(
        17,
        "git",
        "git",
        "Asks git for its version.",
        "It cannot be started.",
        code.check_git,
    ),
    Check(
        18,
        "repository",
        "the repository",
        "The repository around the folder that the command is run in, or around `--repo`.",
        "Git refuses it, or the data home lies in it.",
        code.check_repository,
    ),
    Check(
        19,
        "parsers",
        "parsers",
        "Reads a small file in every language.",
        "A parser that always comes along is missing or does not find the one symbol.",
        code.check_parsers,
    ),
    Check(
        20,
        "language-servers",
        "language servers",
        "Looks for the language server of each language, by the path and `[lsp]` of "
        "`config.toml`; none is started.",
        "`[lsp]` names a server that cannot be started, or is not understood; it is skipped where "
        "there is none, which is no fault: the syntax tree serves then.",
        language_servers.check_language_servers,
    ),
    Check(
        21,
        "work-tree",
        "nothing is written in a repository",
        "Calls every tool once in a temporary repository, with capture of plain text on, and "
        "compares every file of it before and after.",
        "A file was written, changed or removed, or a tool could not be tried.",
        behaviour.check_work_tree,
    ),
    Check(
        22,
        "telemetry-off",
        "off is off",
        "Calls every tool once in a temporary home with capture off, and reads `config.toml` with "
        "no file, `false`, a malformed one, texts and a number in place of `true`.",
        "A file or folder was made, something else than the switch turned capture on, or the "
        "switch did not.",
        behaviour.check_telemetry_off,
    ),
    Check(
        23,
        "tracing",
        "every call has its span",
        "Calls every tool once in a temporary home with tracing on, and reads its `trace.jsonl`.",
        "A tool has no span or several, a span lacks a field, or a tool could not be tried.",
        tracing.check_tracing,
    ),
    Check(
        24,
        "path-guard",
        "paths stay inside",
        "Gives the path guard `../x`, `..\\x`, absolute, drive and UNC paths and a link that leads "
        "out, in every platform's spelling.",
        "One of them is accepted, or a path inside is not.",
        path_guard.check_path_guard,
    ),
    Check(
        25,
        "contracts",
        "contracts and pages",
        "Compares every field of every line that is written with the registry of events, and in "
        "a checkout also schemas, pages, variables, errors, commands and tools with the code, "
        "as `bicameral-mcp guards` does.",
        "One of them says what another does not.",
        contracts.check_contracts,
    ),
    Check(
        26,
        "drops",
        "no row was dropped",
        "What `last_run.json` says of the rows attempted, written and dropped, in each lane.",
        "A row was dropped, the counts do not add up, the file cannot be read, or the logs cannot "
        "be written to.",
        drops.check_drops,
    ),
)
BY_ID = {each.id: each for each in CHECKS}


def chosen(words: str) -> tuple[Check, ...]:
    """Return the checks that a list of ids and numbers names, in the table's order.

    Raises `KeyError` with the first word that names none.
    """
    named = {_named(word.strip()).id for word in words.split(",")}
    return tuple(each for each in CHECKS if each.id in named)


def _named(word: str) -> Check:
    by_number = {str(each.number): each for each in CHECKS}
    return BY_ID.get(word) or by_number[word]

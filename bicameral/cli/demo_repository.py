"""The demo on a repository of the person's own: what would surface, and where it is silent.

The repository is only read: the ledger is a temporary one, and so is everything captured.
"""

import os
from collections.abc import Container, Iterable, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from bicameral.cli.demo_account import Account
from bicameral.cli.demo_look import (
    Commit,
    Tried,
    show_bindings,
    show_documents,
    show_installation,
    show_preflights,
)
from bicameral.cli.execution import Desk, Work
from bicameral.cli.ingest import from_root
from bicameral.errors import InputRefused
from bicameral.grounding.language_table import language_of
from bicameral.grounding.repository import Repository
from bicameral.intake.inference import is_code

FOLDER_NAMES = frozenset(
    "adr adrs decisions decision-records decision_records architecture-decisions "
    "architecture-decision-records architectural-decisions".split()
)
ENDINGS = frozenset({".md", ".markdown", ".mdx", ".rst", ".txt", ".adoc", ".asciidoc"})
MOST_FOLDERS = 50
MOST_COMMITS = 60
MOST_PREFLIGHTS = 8
MOST_FILES = 20
MOST_OF_BOUND = 3
MOST_BOUND = 5
_OWN_VARIABLES = ("BICAMERAL_", "CLAUDE_")


def look_at(work: Work, documents: Sequence[str], *, home: Path) -> int:
    """Read a repository's decisions into a ledger under `home`, and try recent commits on it.

    Raises `NotARepository`, and `InputRefused` where no decisions are found.
    """
    variables = work.environment.variables
    # Neither the person's ledger nor their session may hear of this.
    own = {k: v for k, v in variables.items() if not k.startswith(_OWN_VARIABLES)}
    environment = replace(work.environment, home=home, variables=own)
    inner = Work(environment, work.connect, start=work.start, as_json=work.as_json)
    account = Account(inner)
    with inner.desk() as desk:
        repository = desk.services.workspace.repository
        tracked = repository.tracked_paths()
        start = Path(os.path.realpath(work.start))
        given = [from_root(each, start=start, root=repository.root) for each in documents]
        folders = given or decision_folders(tracked)
        if not folders:
            raise _nothing_found(repository.root)
        _read(desk, folders, account)
        bound = _show_bound(desk, account)
        tried = [_try(desk, each) for each in choose_commits(repository, tracked, bound)]
    account.record["preflights"] = list(map(_as_record, tried))
    show_preflights(account, tried)
    show_installation(account)
    account.close()
    return 0


def decision_folders(tracked: Iterable[str]) -> list[str]:
    """Return the folders whose names say that they hold decisions, the outermost ones."""
    found: dict[str, None] = {}
    for path in map(PurePosixPath, tracked):
        if path.suffix.lower() in ENDINGS:
            upwards = reversed(path.parents[:-1])
            named = (each for each in upwards if each.name.lower() in FOLDER_NAMES)
            found.update((each.as_posix(), None) for each in list(named)[:1])
    return list(found)[:MOST_FOLDERS]


def choose_commits(
    repository: Repository, tracked: Sequence[str], bound: Iterable[str]
) -> list[Commit]:
    """Return recent commits to try: of code that decisions bind first, then the newest ones."""
    if repository.head() is None:
        return []
    readable = {path for path in tracked if language_of(path)}
    code = readable or {path for path in tracked if is_code(path)}
    some_bound = list(dict.fromkeys(bound))[:MOST_OF_BOUND]
    of_bound = [each for path in some_bound for each in commits_of(repository, code, [path])[:1]]
    chosen = {each.short_id: each for each in [*of_bound, *commits_of(repository, code)]}
    return list(chosen.values())[:MOST_PREFLIGHTS]


def commits_of(
    repository: Repository, code: Container[str], paths: Sequence[str] = ()
) -> list[Commit]:
    """Return the newest commits that changed code which is still there, of `paths` if given."""
    listing = repository.git.ask(
        *("log", "-z", "--no-merges", f"--max-count={MOST_COMMITS}", "--no-renames"),
        *("--no-ext-diff", "--no-textconv", "--name-only", "--format=%x00%x00%x00%h%x00%s%x00"),
        *("--end-of-options", "HEAD", "--", *paths),
    )
    # Neither a subject nor a name can hold a NUL, and no name is empty.
    records = filter(None, (each.strip("\0") for each in listing.text().split("\0\0\0")))
    return [each for each in (read_commit(record, code) for record in records) if each.paths]


def read_commit(record: str, code: Container[str]) -> Commit:
    """Read one record of git's log: id, subject and names, with what git puts between."""
    short_id, subject, *names = [*record.split("\0"), ""]
    paths = [name for each in names if (name := each.removeprefix("\n")) in code]
    return Commit(short_id, subject, tuple(paths[:MOST_FILES]))


def _read(desk: Desk, folders: Sequence[str], account: Account) -> None:
    sent = {"paths": list(folders)}
    answer = desk.call("bicameral.ingest", sent)
    account.record["documents"] = sent["paths"]
    account.record["ingest"] = answer
    show_documents(account, sent["paths"], answer)


def _show_bound(desk: Desk, account: Account) -> list[str]:
    """Tell of some decisions that bind code, and return the paths of all that were told."""
    listed = desk.call("bicameral.history", {"status": "pending", "limit": MOST_BOUND})
    ids = [each["id"] for each in listed.get("decisions", ())]
    full = [desk.call("bicameral.history", {"decision_id": each})["decision"] for each in ids]
    account.record["bound"] = full
    show_bindings(account, full)
    return [region["path"] for each in full for region in each.get("regions", ())]


def sent_for(commit: Commit) -> dict[str, Any]:
    """Return the preflight that an agent could have sent before a commit."""
    return {"topic": commit.subject, "file_paths": list(commit.paths)}


def _try(desk: Desk, commit: Commit) -> Tried:
    try:
        return Tried(commit, desk.call("bicameral.preflight", sent_for(commit)))
    except InputRefused as refusal:  # a name that no tool takes; the others go on
        return Tried(commit, {"fired": False, "reason": refusal.message})


def _as_record(tried: Tried) -> dict[str, Any]:
    commit = tried.commit
    return {"commit": commit.short_id, "sent": sent_for(commit), "answer": tried.answer}


def _nothing_found(root: Path) -> InputRefused:
    return InputRefused(
        f"{root} has no folder of decision records among its tracked files",
        next_step="name one with --docs PATH, or begin one: docs/adr/0001-title.md",
    )

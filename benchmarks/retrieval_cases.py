"""Cases of real commits that cite decision records, as `benchmarks.retrieval` asks them.

A data set has a folder for each repository: `cases.jsonl`, `adrs/BLOB`, `history.jsonl.xz`.
Decisions are read by the real intake into a real ledger, one repository of it for each state
of the records; commits go through the store that `git log` is read into.
"""

import json
import lzma
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.retrieval_code import Clone
from bicameral.environment import Environment
from bicameral.grounding.history.history import MOST_COMMITS
from bicameral.grounding.history.log import MOST_PATHS, PastCommit
from bicameral.grounding.history.store import HistoryStore, Reading
from bicameral.intake.draft import DecisionDraft
from bicameral.intake.links import link
from bicameral.intake.reading import read_document
from bicameral.intake.storing import store_drafts
from bicameral.ledger.database import Ledger
from bicameral.ledger.domain import Actor
from bicameral.ledger.repositories import ensure_repository

ACTOR = Actor(session_id="benchmark", tool="benchmarks.retrieval")
AGENT_HEAVY = "agent-heavy"


@dataclass(frozen=True, slots=True)
class Case:
    """One commit's topic and files, and the records it cites; none where it cites none.

    `records` holds the path and blob of every record at the time, `commit` the state before.
    """

    id: str
    date: str
    commit: str
    topic: str
    paths: tuple[str, ...]
    relevant: frozenset[str]
    records: tuple[tuple[str, str], ...]

    @property
    def is_positive(self) -> bool:
        """Whether the commit cites a record."""
        return bool(self.relevant)


@dataclass(frozen=True, slots=True)
class Repository:
    """The cases of one repository in order of time, and its commits, oldest first."""

    name: str
    is_agent_heavy: bool
    cases: tuple[Case, ...]
    commits: tuple[tuple[str, PastCommit], ...]
    """Each with its day."""
    texts: Mapping[str, str]
    """The text of each record, by blob."""


def read_repositories(data: Path) -> Iterator[Repository]:
    """Yield the repositories of a data set, by name."""
    for folder in sorted(each for each in data.iterdir() if each.is_dir()):
        lines = (folder / "cases.jsonl").read_text(encoding="utf-8").splitlines()
        rows = [json.loads(line) for line in lines]
        cases = sorted(map(_case, rows), key=lambda case: (case.date, case.id))
        blobs = {blob for case in cases for _, blob in case.records}
        yield Repository(
            name=folder.name,
            is_agent_heavy=any(row["authorship"] == AGENT_HEAVY for row in rows),
            cases=tuple(cases),
            commits=tuple(sorted(_commits(folder), key=lambda each: each[0])),
            texts={blob: _text(folder / "adrs" / blob) for blob in sorted(blobs)},
        )


def _case(row: Mapping[str, Any]) -> Case:
    return Case(
        id=row["id"],
        date=row["date"],
        commit=row["commit"],
        topic=row["topic"],
        paths=tuple(row["file_paths"]),
        relevant=frozenset(row["relevant_adrs"] if row["expected"] == "fire" else ()),
        records=tuple((each["path"], each["blob"]) for each in row["decisions"]),
    )


def _commits(folder: Path) -> Iterator[tuple[str, PastCommit]]:
    with lzma.open(folder / "history.jsonl.xz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    for row in reversed(rows):  # newest first in the file
        paths = tuple(row["files"][:MOST_PATHS])
        commit = PastCommit(row["commit"], row["subject"], row["body"], paths)
        yield row["date"][:10], commit


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def environment_at(home: Path) -> Environment:
    return Environment(
        home=home,
        cwd=home,
        variables={},
        process_id=os.getpid(),
        time_ns=time.time_ns,
        monotonic_ns=time.perf_counter_ns,
        random_bytes=os.urandom,
        warn=print,
    )


class Shelf:
    """A ledger that holds each state of a repository's records as a repository of its own."""

    def __init__(self, home: Path, repository: Repository) -> None:
        self.ledger = Ledger(environment_at(home))
        self._repository = repository
        self._drafts: dict[tuple[str, str], Sequence[DecisionDraft]] = {}
        self._states: dict[tuple[tuple[str, str], ...], tuple[str, dict[str, str]]] = {}

    def state_of(self, case: Case) -> tuple[str, dict[str, str]]:
        """Return the id of the repository that stands for a case's state of the records.

        And the path of the record that each decision was read from.
        """
        if case.records not in self._states:
            self._states[case.records] = self._store(case)
        return self._states[case.records]

    def _store(self, case: Case) -> tuple[str, dict[str, str]]:
        drafts, _ = link([draft for record in case.records for draft in self._read(record)])
        with self.ledger.writing(ACTOR) as transaction:
            repository_id = ensure_repository(transaction, [f"state {len(self._states)}"])
            stored = store_drafts(transaction, repository_id, drafts, source_exists=bool)
        return repository_id, {
            each.decision.id: each.draft.source_ref.partition("#")[0] for each in stored
        }

    def _read(self, record: tuple[str, str]) -> Sequence[DecisionDraft]:
        path, blob = record
        if record not in self._drafts:
            self._drafts[record] = read_document(path, self._repository.texts[blob]).drafts
        return self._drafts[record]


class Progress:
    """The commits before a case, put into a history store as a server does.

    They are those that a clone has before the case's commit; without one, those of earlier
    days, which lack the commits of the same day.
    """

    def __init__(self, path: Path, repository: Repository, clone: Clone | None) -> None:
        self.store = HistoryStore.open(path)
        self._commits = repository.commits
        self._clone = clone
        self._tip = ""
        self._added = 0

    def advance(self, case: Case) -> object:
        """Add what is missing; return what is the same where nothing was."""
        if self._clone is None:
            return self._advance_to(case.date)
        if case.commit != self._tip:
            is_further = bool(self._tip) and self._clone.is_ancestor(self._tip, case.commit)
            if not is_further:
                self.store.forget()
            base = self._tip if is_further else ""
            self._add(self._clone.log(case.commit, base=base))
            self._tip = case.commit
        return self._tip

    def _advance_to(self, day: str) -> int:
        end = self._added
        while end < len(self._commits) and self._commits[end][0] < day:
            end += 1
        fresh = [commit for _, commit in reversed(self._commits[self._added : end])]
        if not self._added:
            fresh = fresh[:MOST_COMMITS]
        self._add(fresh)
        self._added = end
        return end

    def _add(self, fresh: Sequence[PastCommit]) -> None:
        if fresh:
            tip = fresh[0].id
            self.store.add(fresh, Reading(tip, tip, 0, is_whole=True), are_older=False)

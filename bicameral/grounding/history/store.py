"""The history's file: past commits, what they cite, and how common words are among them.

All of it is derived from git, so a file of another version, or a damaged one, is made anew.
Commits are numbered in the order of history: the newest has the highest number.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bicameral.grounding.derived import derived_path, make_tables, open_derived, version_of
from bicameral.grounding.history.citations import names_cited
from bicameral.grounding.history.log import PastCommit
from bicameral.grounding.history.words import words_of_paths, words_of_subject

# To be raised whenever a table changes, or what is read from a commit.
VERSION = 3
TIMEOUT_SECONDS = 1.0
MOST_CITING = 500
MOST_RECENT = 200
_MOST_WORDS_ASKED = 500

_TABLES = """
CREATE TABLE commits (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, subject TEXT NOT NULL,
    paths TEXT NOT NULL, names TEXT NOT NULL);
CREATE INDEX commits_that_cite ON commits (number) WHERE names <> '';
CREATE TABLE words (
    word TEXT PRIMARY KEY, in_subjects INTEGER NOT NULL, in_paths INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE state (
    tip TEXT NOT NULL, base TEXT NOT NULL, skipped INTEGER NOT NULL, is_whole INTEGER NOT NULL);
INSERT INTO state VALUES ('', '', 0, 0);
"""
_ADD_WORD = """
INSERT INTO words VALUES (?, ?, ?) ON CONFLICT (word) DO UPDATE SET
in_subjects = in_subjects + excluded.in_subjects, in_paths = in_paths + excluded.in_paths
"""
_CITING = """
SELECT number, subject, paths, names FROM commits INDEXED BY commits_that_cite
WHERE names <> '' ORDER BY number DESC LIMIT ?
"""
_RECENT = """
SELECT number, subject, paths, names FROM commits ORDER BY number DESC LIMIT ?
"""


@dataclass(frozen=True, slots=True)
class Reading:
    """How far git's log was read: up to `tip`, and `skipped` commits back from `base`."""

    tip: str
    base: str
    skipped: int
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """A past commit as it is kept: its number, and the names of the decisions it cites."""

    number: int
    subject: str
    paths: tuple[str, ...]
    names: frozenset[str]


class HistoryStore:
    """One open history. Every method may raise `sqlite3.Error`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @classmethod
    def open(cls, path: Path) -> "HistoryStore":
        """Open a history, made if missing, made anew where it cannot be used.

        Raises `HomeUnusable`, `OSError` and `sqlite3.Error`.
        """
        return cls(
            open_derived(
                path,
                timeout_seconds=TIMEOUT_SECONDS,
                is_current=lambda connection: version_of(connection) == VERSION,
                make_anew=_make_anew,
            )
        )

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def reading(self) -> Reading:
        """Return how far the log was read."""
        tip, base, skipped, is_whole = self._connection.execute("SELECT * FROM state").fetchone()
        return Reading(tip, base, skipped, bool(is_whole))

    def add(self, commits: Sequence[PastCommit], reading: Reading, *, are_older: bool) -> None:
        """Add commits, newest first, and say how far the log is read now; all or nothing.

        `are_older` puts them before those that are known, else they come after.
        """
        with self._writing():
            low, high, _ = self._extent()
            numbers = range(low - 1, low - 1 - len(commits), -1)
            if not are_older:
                numbers = range(high + len(commits), high, -1)
            fresh = [
                commit
                for number, commit in zip(numbers, commits, strict=True)
                if self._put(number, commit)
            ]
            self._connection.executemany(_ADD_WORD, _word_rows(fresh))
            self._connection.execute(
                "UPDATE commits SET paths = '' WHERE names = '' AND paths <> '' AND number <= ?",
                (self._extent()[1] - MOST_RECENT,),
            )
            self._connection.execute(
                "UPDATE state SET tip = ?, base = ?, skipped = ?, is_whole = ?",
                (reading.tip, reading.base, reading.skipped, reading.is_whole),
            )

    def forget(self) -> None:
        """Drop all that is known, so that the log is read from its beginning."""
        _make_anew(self._connection)

    def count(self) -> int:
        """Return how many commits are known."""
        return self._extent()[2]

    def citing(self) -> list[Kept]:
        """Return the newest commits that cite decisions, newest first."""
        return [_kept(row) for row in self._connection.execute(_CITING, (MOST_CITING,))]

    def recent(self) -> list[Kept]:
        """Return the newest commits with all that is kept of them, newest first."""
        return [_kept(row) for row in self._connection.execute(_RECENT, (MOST_RECENT,))]

    def words(self, wanted: Iterable[str]) -> dict[str, tuple[int, int]]:
        """Return in how many subjects, and in how many commits' paths, words were."""
        asked = list(dict.fromkeys(wanted))[:_MOST_WORDS_ASKED]
        marks = ",".join("?" * len(asked))
        rows = self._connection.execute(
            f"SELECT word, in_subjects, in_paths FROM words WHERE word IN ({marks})",  # noqa: S608 - marks only
            asked,
        )
        return {word: (in_subjects, in_paths) for word, in_subjects, in_paths in rows}

    def _put(self, number: int, commit: PastCommit) -> bool:
        names = json.dumps(sorted(cited)) if (cited := names_cited(commit)) else ""
        row = (number, commit.id, commit.subject, json.dumps(commit.paths))
        added = self._connection.execute(
            "INSERT OR IGNORE INTO commits VALUES (?, ?, ?, ?, ?)", (*row, names)
        )
        return bool(added.rowcount)

    def _extent(self) -> tuple[int, int, int]:
        query = "SELECT coalesce(min(number), 0), coalesce(max(number), 0), count(*) FROM commits"
        low, high, count = self._connection.execute(query).fetchone()
        return low, high, count

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")


def history_path(home: Path, repository_id: str) -> Path:
    """Return where the history of a repository lies in the data home."""
    return derived_path(home, repository_id, "history")


def _make_anew(connection: sqlite3.Connection) -> None:
    make_tables(connection, _TABLES, VERSION)


def _word_rows(commits: Iterable[PastCommit]) -> list[tuple[str, int, int]]:
    subjects, paths = Counter[str](), Counter[str]()
    for commit in commits:
        subjects.update(set(words_of_subject(commit.subject)))
        paths.update(words_of_paths(commit.paths).keys())
    return [(w, subjects[w], paths[w]) for w in sorted(subjects.keys() | paths.keys())]


def _kept(row: tuple[int, str, str, str]) -> Kept:
    number, subject, paths, names = row
    return Kept(
        number,
        subject,
        tuple(json.loads(paths or "[]")),
        frozenset(json.loads(names or "[]")),
    )

"""The history of one repository: brought up to HEAD within a budget, then asked in memory.

An answer never waits for the whole of git's log: a part is read at each look until all of it
is there, the newest first, and what git or the file cannot give is said and done without.
"""

import sqlite3
from threading import Lock

from bicameral.environment import Environment
from bicameral.errors import GitFailed, HomeUnusable
from bicameral.grounding.history.log import read_log
from bicameral.grounding.history.past import Past, Words, past_of
from bicameral.grounding.history.store import HistoryStore, Reading, history_path
from bicameral.grounding.repository import Repository

MOST_COMMITS = 5_000
STEP = 500
BUDGET_SECONDS = 0.1


class History:
    """The past commits of the repository that the ledger knows by `repository_id`.

    Safe to share between threads. `failure` says why it last had nothing to tell, or is empty.
    """

    def __init__(
        self, environment: Environment, repository: Repository, repository_id: str
    ) -> None:
        self._environment = environment
        self._repository = repository
        self._path = history_path(environment.home, repository_id)
        self._lock = Lock()
        self._store: HistoryStore | None = None
        self._past: tuple[Reading, Past] | None = None
        self.failure = ""

    def look(self, *, budget_seconds: float = BUDGET_SECONDS) -> Past | None:
        """Return the past as far as it could be read in time; None where it cannot be read.

        Takes at most one step of reading (`STEP` commits) more than the budget.
        """
        deadline = self._environment.monotonic_ns() + int(budget_seconds * 1e9)
        try:
            with self._lock:
                store = self._store = self._store or HistoryStore.open(self._path)
                self._bring_up(store, deadline)
                self.failure = ""
                return self._snapshot(store)
        except (sqlite3.Error, OSError, GitFailed, HomeUnusable) as error:
            self.failure = str(error) or type(error).__name__
            self.close()
            return None

    def words(self, wanted: list[str]) -> Words:
        """Return how common words are among past commits; nothing where that is not known."""
        try:
            with self._lock:
                return self._store.words(wanted) if self._store else {}
        except sqlite3.Error as error:
            self.failure = str(error)
            return {}

    def close(self) -> None:
        """Let go of the file; the next look opens it again."""
        store, self._store, self._past = self._store, None, None
        if store is not None:
            store.close()

    def _bring_up(self, store: HistoryStore, deadline: int) -> None:
        tip = self._repository.head()
        reading = store.reading()
        if tip is None or (reading.tip == tip and reading.is_whole):
            return
        if not reading.tip or not self._follow(store, reading, tip):
            store.forget()
            store.add([], Reading(tip, tip, 0, is_whole=False), are_older=False)
        while not (reading := store.reading()).is_whole:
            self._read_back(store, reading)
            if self._environment.monotonic_ns() > deadline:
                return

    def _follow(self, store: HistoryStore, reading: Reading, tip: str) -> bool:
        """Add what is new since the last look; False where the old tip is gone or far away."""
        if reading.tip == tip:
            return True
        if not self._repository.has_commit(reading.tip):
            return False
        fresh = read_log(self._repository, tip, base=reading.tip, most=STEP)
        if len(fresh) == STEP:
            return False
        now = Reading(tip, reading.base, reading.skipped, reading.is_whole)
        store.add(fresh, now, are_older=False)
        return True

    def _read_back(self, store: HistoryStore, reading: Reading) -> None:
        older = read_log(self._repository, reading.base, skip=reading.skipped, most=STEP)
        read = reading.skipped + len(older)
        is_whole = len(older) < STEP or read >= MOST_COMMITS
        now = Reading(reading.tip, reading.base, read, is_whole)
        store.add(older, now, are_older=True)

    def _snapshot(self, store: HistoryStore) -> Past:
        reading = store.reading()
        if self._past is None or self._past[0] != reading:
            past = past_of(store.citing(), store.recent(), commit_count=store.count())
            self._past = (reading, past)
        return self._past[1]

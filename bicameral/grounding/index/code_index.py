"""The code index of one work tree: what its files import and cite, within a time budget.

An answer never waits for the index to be built: what it lacks is read from the asked files
themselves, as far as the budget goes, and the answer says what it rests on.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock

from bicameral.environment import Environment
from bicameral.errors import GitFailed, HomeUnusable
from bicameral.grounding.index.background import Background
from bicameral.grounding.index.citations import Citation
from bicameral.grounding.index.indexing import (
    Job,
    Progress,
    Run,
    bring_up_index,
    mark_of,
    the_only_run,
)
from bicameral.grounding.index.pool import Crew
from bicameral.grounding.index.question import BEHIND, Question, Seen
from bicameral.grounding.index.scan import FileLook
from bicameral.grounding.index.store import Store, TreeState, index_path, size_of_index
from bicameral.grounding.index.trees import DiskTree, IndexedTree
from bicameral.grounding.repository import Repository

BUDGET_SECONDS = 0.15
# A small repository is indexed within it.
WAIT_SECONDS = 0.1
LOOK_AGAIN_NS = 30_000_000_000
WAIT_FOR_OTHERS_SECONDS = 600.0
BEHIND_OTHERS = 10


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """How far the index is: counts of files and contents, and when (ns) it was last whole."""

    path: str
    is_current: bool
    files: int
    read: int
    contents: int
    skipped: int
    size_bytes: int
    completed_ns: int | None


class CodeIndex:
    """The index of the work tree of one repository, which the ledger knows by `repository_id`.

    Safe to share between threads. `close` it to end what it runs behind.
    """

    def __init__(
        self, environment: Environment, repository: Repository, repository_id: str
    ) -> None:
        self._environment = environment
        self._repository = repository
        self.path = index_path(environment.home, repository_id)
        self._lock = Lock()
        self._store: Store | None = None
        self._tree: IndexedTree | None = None
        self._background = Background(self._run_behind, environment.monotonic_ns)

    def imports_of(self, paths: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Return the files that each path imports; see `ask`."""
        return dict(self.ask(paths).imports)

    def citations_of(self, paths: Sequence[str]) -> dict[str, tuple[Citation, ...]]:
        """Return what the comments of each path cite; see `ask`."""
        return dict(self.ask(paths, is_about_imports=False).citations)

    def ask(
        self,
        paths: Sequence[str],
        *,
        is_about_imports: bool = True,
        budget_seconds: float = BUDGET_SECONDS,
    ) -> Seen:
        """Say what paths relative to the root import and cite; never raises.

        Reading takes little more than the budget, whatever the state of the index. Where that
        is out of date a run is started behind, which is first waited for, `WAIT_SECONDS` at most.
        """
        try:
            state = self._state_after_a_wait()
            deadline = self._environment.monotonic_ns() + int(budget_seconds * 1e9)
            with self._lock, self._question(state.tree, deadline) as question:
                return question.answer(
                    paths, is_about_imports=is_about_imports, is_current=state.is_current
                )
        except (sqlite3.Error, OSError, GitFailed, HomeUnusable):
            self._let_go()
            self._background.start()
            return Seen(fallback="index_unavailable", behind=BEHIND["index_unavailable"])

    def bring_up(self, progress: Progress, *, wait_seconds: float = WAIT_FOR_OTHERS_SECONDS) -> Run:
        """Bring the index up to the work tree, with every core, however long it takes.

        Waits for a run of another process first. Raises `GitFailed`, `HomeUnusable` or
        `OSError`.
        """
        crew = Crew(os.cpu_count() or 1)
        job = Job(self._environment, self._repository, self.path, crew, progress)
        with self._translated_errors(), the_only_run(self.path, wait_seconds=wait_seconds) as held:
            if not held:
                raise HomeUnusable(
                    "another process has been indexing this repository for long",
                    next_step="wait for it, or end it; what it has read is kept",
                )
            return bring_up_index(job)

    def status(self) -> IndexStatus:
        """Return how far the index is; it need not exist. Raises as `bring_up` does."""
        with self._translated_errors():
            state = self._state()
            with self._lock:
                counts = self._store.counts(state.tree.id) if self._store and state.tree else {}
        return IndexStatus(
            path=str(self.path),
            is_current=state.is_current,
            files=counts.get("files", 0),
            read=counts.get("read", 0),
            contents=counts.get("contents", 0),
            skipped=state.tree.skipped if state.tree else 0,
            size_bytes=size_of_index(self.path),
            completed_ns=state.tree.completed_ns if state.tree else None,
        )

    @property
    def failure(self) -> str:
        """Why the last run behind failed, "" where it did not."""
        return self._background.failure

    def close(self) -> None:
        """Stop what runs behind, and let go of the file."""
        self._background.stop()
        self._let_go()

    @contextmanager
    def _translated_errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            self._let_go()
            raise HomeUnusable(
                f"the code index {self.path} cannot be used: {error}",
                next_step="see that the disk has room, or remove the index: it is made again",
            ) from error

    @contextmanager
    def _question(self, state: TreeState | None, deadline: int) -> Iterator[Question]:
        """Yield a question about one state of the index, or about the disk alone."""
        look, store = FileLook(str(self._repository.root)), self._store

        def is_out_of_time() -> bool:
            return self._environment.monotonic_ns() > deadline

        if store is None or state is None:
            yield Question(look, None, None, DiskTree(look), is_out_of_time)
            return
        with store.reading() as version:
            is_whole = state.completed_ns is not None
            tree = self._indexed(store, state.id, version) if is_whole else DiskTree(look)
            yield Question(look, store, state, tree, is_out_of_time)

    def _indexed(self, store: Store, tree_id: int, version: int) -> IndexedTree:
        if self._tree is None or not self._tree.holds_for(store, tree_id, version):
            self._tree = IndexedTree(store, tree_id, version)
        return self._tree

    def _run_behind(self, is_stopped: Callable[[], bool]) -> None:
        crew = Crew(1, niceness=BEHIND_OTHERS)
        job = Job(self._environment, self._repository, self.path, crew, is_stopped=is_stopped)
        with the_only_run(self.path, wait_seconds=0) as is_held:
            if is_held:
                bring_up_index(job)

    def _state_after_a_wait(self) -> "_State":
        """Return the state, after a short wait where a run could be started to mend it."""
        state = self._state()
        if state.is_current and state.is_fresh:
            return state
        if self._background.start() and not state.is_current:
            self._background.wait(WAIT_SECONDS)
            state = self._state()
        return state

    def _state(self) -> "_State":
        with self._lock:
            if self._store is None:
                self._store = Store.open_existing(self.path)
            root = os.fsencode(self._repository.root)
            tree = None if self._store is None else self._store.tree(root)
        if tree is None or tree.completed_ns is None:
            return _State(tree, is_current=False, is_fresh=False)
        age = self._environment.time_ns() - tree.completed_ns
        return _State(
            tree,
            is_current=tree.mark == mark_of(self._repository),
            is_fresh=0 <= age < LOOK_AGAIN_NS,
        )

    def _let_go(self) -> None:
        with self._lock:
            store, self._store, self._tree = self._store, None, None
            if store is not None:
                store.close()


@dataclass(frozen=True, slots=True)
class _State:
    """The work tree in the index; whether it is as HEAD is, and was looked at lately."""

    tree: TreeState | None
    is_current: bool
    is_fresh: bool

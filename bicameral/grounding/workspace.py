"""The repository under work, and the ledger as it is seen from there."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock

from sqlalchemy import Connection

from bicameral.environment import Environment
from bicameral.errors import GitFailed
from bicameral.grounding.binding import (
    Bound,
    commit_with,
    record_binding,
    show_on_main,
)
from bicameral.grounding.cache import ParseCache
from bicameral.grounding.head import HeadState
from bicameral.grounding.index.code_index import CodeIndex
from bicameral.grounding.judging import Judged, judge
from bicameral.grounding.linking import Linked, bring_up_to, is_brought_up, link, scope_of
from bicameral.grounding.looking import OutOfTime
from bicameral.grounding.lsp.asking import LanguageServers
from bicameral.grounding.lsp.budget import Budget
from bicameral.grounding.places import places_of
from bicameral.grounding.repository import Repository
from bicameral.grounding.resolving import Finder
from bicameral.grounding.snapshots import SeenAt
from bicameral.ledger.database import Ledger
from bicameral.ledger.decisions import get_decision
from bicameral.ledger.domain import MAIN, Actor, View
from bicameral.ledger.repositories import ensure_repository, find_repository
from bicameral.ledger.transaction import revision
from bicameral.ledger.verdicts import Verdict
from bicameral.tracing import span

CATCH_UP_BUDGET_SECONDS = 1.5
MOST_OF_FOLDERS = 500


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """The view to read the ledger through, None where it does not know the repository.

    `behind` says why the ledger has not seen all of the code, or is empty.
    """

    view: View | None
    behind: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of the ledger, caught up as far as `seen` says, and at which revision."""

    connection: Connection
    revision: int | None
    seen: CaughtUp


_State = tuple[int, HeadState]


class Workspace:
    """One repository with one ledger. The repository is looked up at first need.

    `start` is any folder inside the repository.
    """

    def __init__(self, environment: Environment, ledger: Ledger, *, start: Path) -> None:
        self._environment = environment
        self._ledger = ledger
        self._start = start
        self._lock = Lock()
        self._repository: Repository | None = None
        self._cache = ParseCache()
        self._servers = LanguageServers(environment)
        self._code_indexes: dict[str, CodeIndex] = {}
        self._scope: tuple[HeadState, str] | None = None
        self._unmoved: tuple[_State, CaughtUp] | None = None
        self._keys: tuple[str, ...] | None = None
        self._keys_before_commits: tuple[str, ...] = ()
        self._are_keys_known = False
        self.known_id: str | None = None
        """The ledger's id of this repository, once a look at the ledger has shown it."""

    @property
    def repository(self) -> Repository:
        """The repository; raises `NotARepository`."""
        with self._lock:
            if self._repository is None:
                self._repository = Repository.discover(self._start, self._environment.variables)
            return self._repository

    def normalise(self, paths: Sequence[str]) -> tuple[str, ...]:
        """Return paths relative to the repository, each once; raises `PathOutsideRepository`.

        A folder stands for the tracked files below it, the first `MOST_OF_FOLDERS` of them.
        """
        root = self.repository.root
        places = dict.fromkeys(places_of(paths, root, self._start))
        folders = [place for place in places if os.path.isdir(f"{root}/{place}")]  # noqa: PTH112  # a Path costs more
        if not folders:
            return tuple(places)
        tracked = self.repository.tracked_paths()
        below = [path for path in tracked if any(path.startswith(f"{f}/") for f in folders)]
        return tuple(dict.fromkeys([*places, *below[:MOST_OF_FOLDERS]]))

    def keys(self) -> tuple[str, ...]:
        """Return the keys this repository is known by; asked of git once it has commits."""
        if self._keys is not None:
            return self._keys
        keys = self.repository.identity_keys()
        if self.repository.head() is None:
            self._keys_before_commits = keys
            return keys
        # With its first commit it does not become another repository.
        self._keys = tuple(dict.fromkeys([*keys, *self._keys_before_commits]))
        return self._keys

    def view(self, connection: Connection) -> View | None:
        """Return how the ledger is seen from here; None where it does not know the repository."""
        self.known_id = find_repository(connection, self.keys())
        return View(self.known_id, self.branch()) if self.known_id else None

    def branch(self) -> str:
        """Return the branch on which what is seen now is recorded."""
        state = self.repository.head_state()
        if state.commit is None:
            return MAIN
        # Asking which branch is the main one takes a process; HEAD's state is watched.
        if self._scope is None or self._scope[0] != state:
            self._scope = (state, scope_of(self.repository, state.commit))
        return self._scope[1]

    def ensure_id(self, actor: Actor) -> str:
        """Return the ledger's id of this repository, adding it, or keys of it that are new."""
        keys = self.keys()
        with self._ledger.reading() as connection:
            known = [find_repository(connection, [key]) for key in keys]
        self.known_id = known[0]
        if None in known:
            with self._ledger.writing(actor) as transaction:
                self.known_id = ensure_repository(transaction, keys)
        self._are_keys_known = keys == self._keys
        return str(self.known_id)

    @contextmanager
    def reading(self, actor: Actor) -> Iterator[Reading]:
        """Yield a reading of the ledger, caught up with HEAD before; see `catch_up`.

        While neither has moved since they were found alike, this is the only reading.
        """
        with self._ledger.reading() as connection:
            current = revision(connection)
            seen = self._seen_before(current)
            if seen is not None:
                yield Reading(connection, current, seen)
                return
        seen = self.catch_up(actor)
        with self._ledger.reading() as connection:
            yield Reading(connection, revision(connection), seen)

    def _seen_before(self, current: int | None) -> CaughtUp | None:
        """Return what was seen at this revision of the ledger and this HEAD, if it was the last."""
        unmoved = self._unmoved
        if unmoved is None or unmoved[0] != (current, self.repository.head_state()):
            return None
        with span("grounding", "catch_up", "head") as catching:
            catching.add_metadata(is_known=True, is_behind=False)
        return unmoved[1]

    def catch_up(self, actor: Actor) -> CaughtUp:
        """Bring the ledger up to HEAD within a budget; say so where that was not possible."""
        with span("grounding", "catch_up", "head") as catching:
            caught_up = self._catch_up(actor)
            catching.add_metadata(
                is_known=caught_up.view is not None, is_behind=caught_up.behind != ""
            )
        return caught_up

    def _catch_up(self, actor: Actor) -> CaughtUp:
        state = self.repository.head_state()
        head = state.commit
        with self._ledger.reading() as connection:
            view = self.view(connection)
            if view is None or head is None:
                return CaughtUp(view)
            is_there, current = is_brought_up(connection, view, head), revision(connection)
        if not self._are_keys_known:
            self.ensure_id(actor)
        if is_there:
            if current is not None and self._scope is not None and self._scope[0] == state:
                self._unmoved = ((current, state), CaughtUp(view))
            return CaughtUp(view)
        deadline = self._environment.monotonic_ns() + int(CATCH_UP_BUDGET_SECONDS * 1e9)
        try:
            bring_up_to(
                self._ledger,
                self.repository,
                actor,
                view,
                head,
                cache=self._cache,
                is_out_of_time=lambda: self._environment.monotonic_ns() > deadline,
            )
        except OutOfTime:
            return CaughtUp(view, "too much changed to read in time; call bicameral.link_commit")
        except GitFailed as error:
            return CaughtUp(view, f"git could not answer: {error.message}")
        return CaughtUp(view)

    def code_index(self, repository_id: str) -> CodeIndex:
        """Return the code index of this work tree, for the repository as the ledger knows it."""
        repository = self.repository
        with self._lock:
            known = self._code_indexes.get(repository_id)
            if known is None:
                known = CodeIndex(self._environment, repository, repository_id)
                self._code_indexes[repository_id] = known
            return known

    def close(self) -> None:
        """Stop what runs behind; nothing is asked any more."""
        with self._lock:
            indexes, self._code_indexes = list(self._code_indexes.values()), {}
        for each in indexes:
            each.close()
        self._servers.close()

    def link(self, actor: Actor, spec: str) -> Linked:
        """Bring a commit or range into the ledger; see `linking.link`."""
        with span("grounding", "link", "commit") as linking:
            linked = link(
                self._ledger,
                self.repository,
                actor,
                spec,
                repository_id=self.ensure_id(actor),
                cache=self._cache,
            )
            linking.set_output({"touched": linked.touched}, files_changed=linked.files_changed)
        return linked

    def budget(self) -> Budget:
        """Return what one call may wait for language servers in all."""
        return self._servers.budget()

    def bind(
        self, actor: Actor, decision_id: str, selector: str, *, budget: Budget | None = None
    ) -> Bound:
        """Bind a decision to what a selector names in the work tree.

        `budget` is shared by the bindings of one call; without one, this one has its own.
        """
        with self._ledger.reading() as connection:
            get_decision(connection, decision_id)
        finder = Finder(
            self.repository, self._start, self._cache, self._servers, budget or self.budget()
        )
        located = finder.find(selector)
        snapshot = located.snapshot
        view = self.bring_up(actor)
        with self._ledger.writing(actor) as transaction:
            [bound] = record_binding(
                transaction,
                view,
                [decision_id],
                snapshot,
                commit=commit_with(self.repository, snapshot.path),
                origin="explicit",
            )
            show_on_main(transaction, self.repository, view, [snapshot.path], cache=self._cache)
        return replace(bound, resolution=located.resolution)

    def judge(self, actor: Actor, verdict: Verdict) -> Judged:
        """Record a verdict on code as it is now; see `judging.judge`."""
        view = self.bring_up(actor)
        seen_at = SeenAt(view.branch, self.repository.head() or "", self._cache)
        return judge(self._ledger, self.repository, actor, view, verdict, seen_at=seen_at)

    def bring_up(self, actor: Actor) -> View:
        """Bring the ledger up to HEAD, however long it takes; return how it is seen from here.

        Whoever records what the code is now does this first: what is not looked at in
        passing has to be right already.
        """
        view, head = View(self.ensure_id(actor), self.branch()), self.repository.head()
        if head is not None:
            bring_up_to(self._ledger, self.repository, actor, view, head, cache=self._cache)
        return view

"""What a running server keeps beside the ledger, so that a preflight can ask it at once.

The past is read within a budget, names of records and what is usual are kept until the
decisions' texts change; without git or its file a preflight goes by the ledger alone.
"""

from dataclasses import dataclass
from threading import Lock

from sqlalchemy import Connection

from bicameral.environment import Environment
from bicameral.errors import GitFailed
from bicameral.grounding.history.citations import by_name
from bicameral.grounding.history.history import BUDGET_SECONDS, History
from bicameral.grounding.workspace import Workspace
from bicameral.ledger.decisions import records_of
from bicameral.ledger.domain import View
from bicameral.ledger.repositories import text_extent
from bicameral.preflight.signals import Around
from bicameral.preflight.usual import Usual, usual_of

MOST_RECORDS = 5_000
COMMITS_UNTIL_NEW = 25
"""What is usual is found anew after so many commits, for it changes slowly."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What surrounds one question: what to ask beside the ledger, and what is usual here."""

    around: Around
    usual: Usual


NOTHING_AROUND = Scene(Around(), Usual())


class Surroundings:
    """The surroundings of one workspace; safe to share between threads."""

    def __init__(self, environment: Environment, workspace: Workspace) -> None:
        self._environment = environment
        self._workspace = workspace
        self._lock = Lock()
        self._history: tuple[str, History] | None = None
        self._meant: tuple[object, dict[str, str]] = (None, {})
        self._usual: dict[bool, tuple[object, Usual]] = {}

    def scene(
        self,
        connection: Connection,
        view: View,
        has_paths: bool,
        *,
        budget_seconds: float = BUDGET_SECONDS,
    ) -> Scene:
        """Return what surrounds a question with paths, or one without."""
        with self._lock:
            try:
                history = self._history_of(view.repository_id)
            except GitFailed:
                return NOTHING_AROUND
            past = history.look(budget_seconds=budget_seconds)
            extent = text_extent(connection, view.repository_id)
            around = Around(past, self._names(connection, view, extent), history.words)
            if past is None:
                return Scene(around, Usual())
            state = (view.repository_id, extent, past.commit_count // COMMITS_UNTIL_NEW)
            if self._usual.get(has_paths, (None,))[0] != state:
                usual = usual_of(connection, view.repository_id, around, has_paths=has_paths)
                self._usual[has_paths] = (state, usual)
            return Scene(around, self._usual[has_paths][1])

    def close(self) -> None:
        """Let go of the history's file."""
        with self._lock:
            if self._history is not None:
                self._history[1].close()

    def _history_of(self, repository_id: str) -> History:
        if self._history is None or self._history[0] != repository_id:
            if self._history is not None:
                self._history[1].close()
            history = History(self._environment, self._workspace.repository, repository_id)
            self._history = (repository_id, history)
        return self._history[1]

    def _names(self, connection: Connection, view: View, extent: object) -> dict[str, str]:
        state = (view.repository_id, extent)
        if self._meant[0] != state:
            records = records_of(connection, view.repository_id, most=MOST_RECORDS)
            self._meant = (state, by_name(records))
        return self._meant[1]

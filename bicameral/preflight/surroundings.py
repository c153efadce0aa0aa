"""What a running server keeps beside the ledger, so that a preflight can ask it at once.

The past is read, and what is usual found out, within budgets that several answers share;
both are kept until the texts change. Without git a preflight goes by the ledger alone.
"""

from dataclasses import dataclass
from threading import Lock

from sqlalchemy import Connection

from bicameral.environment import Environment
from bicameral.errors import GitFailed
from bicameral.grounding.history.citations import by_name
from bicameral.grounding.history.history import BUDGET_SECONDS, History
from bicameral.grounding.history.past import Past
from bicameral.grounding.workspace import Workspace
from bicameral.ledger.decisions import records_of
from bicameral.ledger.domain import View
from bicameral.ledger.texts import TextsSeen, look_at_texts
from bicameral.preflight.reading import Around
from bicameral.preflight.usual import Survey, Usual

MOST_RECORDS = 5_000
SURVEY_SECONDS = 0.1
"""How long one answer may wait for what is usual; the next one goes on with it."""
SURVEY_ALONE_SECONDS = 3.0
"""The same for a command, which has no next one."""
COMMITS_UNTIL_NEW = 25
"""What is usual is found anew after so many commits, for it changes slowly."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What surrounds one question: what to ask beside the ledger, and what is usual here."""

    around: Around
    usual: Usual
    is_partial: bool = False
    """Whether what is usual is still being found out."""


@dataclass(slots=True)
class _Found:
    """What is usual in a state of texts and commits; `survey` is under way, None when done.

    `usual` is of an older state of the commits meanwhile, None where there is none.
    """

    texts: object
    epoch: int
    survey: Survey | None
    usual: Usual | None


def nothing_around() -> Scene:
    """Return the scene of a question that only the ledger can answer."""
    return Scene(Around(), Usual())


class Surroundings:
    """The surroundings of one workspace; safe to share between threads.

    `is_alone` says that one question is asked of it, and no next one could go on with what
    is usual.
    """

    def __init__(
        self, environment: Environment, workspace: Workspace, *, is_alone: bool = False
    ) -> None:
        self._survey_seconds = SURVEY_ALONE_SECONDS if is_alone else SURVEY_SECONDS
        self._environment = environment
        self._workspace = workspace
        self._lock = Lock()
        self._history: tuple[str, History] | None = None
        self._texts: TextsSeen | None = None
        self._looked_at: int | None = None
        self._meant: tuple[object, dict[str, str]] = (None, {})
        self._around: tuple[Around, History | None] = (Around(), None)
        self._found: dict[bool, _Found] = {}

    def scene(
        self,
        connection: Connection,
        view: View,
        has_paths: bool,
        *,
        revision: int | None = None,
        budget_seconds: float = BUDGET_SECONDS,
    ) -> Scene:
        """Return what surrounds a question with paths, or one without.

        At the ledger's `revision` of the last question, its texts are not looked at again.
        """
        with self._lock:
            try:
                history = self._history_of(view.repository_id)
            except GitFailed:
                return nothing_around()
            past = history.look(budget_seconds=budget_seconds)
            texts = self._texts_at(revision, connection)
            around = self._around_of(past, self._names(connection, view, texts.changed), history)
            if past is None:
                return Scene(around, Usual())
            epoch = past.commit_count // COMMITS_UNTIL_NEW
            found = self._begun((view.repository_id, texts.changed), epoch, around, has_paths)
            usual = self._usual(found, connection, view)
            return Scene(around, usual or Usual(), is_partial=usual is None)

    def _texts_at(self, revision: int | None, connection: Connection) -> TextsSeen:
        """Return the state of the texts, which only another revision could have changed."""
        if self._texts is None or revision is None or revision != self._looked_at:
            self._texts, self._looked_at = look_at_texts(connection, self._texts), revision
        return self._texts

    def close(self) -> None:
        """Let go of the history's file."""
        with self._lock:
            if self._history is not None:
                self._history[1].close()

    def _around_of(self, past: Past | None, meant: dict[str, str], history: History) -> Around:
        """Return what is known beside the ledger; the same as before while nothing is new."""
        known, of_history = self._around
        if known.past is not past or known.meant is not meant or of_history is not history:
            known = Around(past, meant, history.words)
            self._around = (known, history)
        return known

    def _begun(self, texts: object, epoch: int, around: Around, has_paths: bool) -> _Found:
        """Return what was found for this state, or begin to find it."""
        found = self._found.get(has_paths)
        if found is None or (found.texts, found.epoch) != (texts, epoch):
            # Other texts make other points: nothing of before can be compared with.
            old = found.usual if found is not None and found.texts == texts else None
            found = _Found(texts, epoch, Survey(around, has_paths=has_paths), old)
            self._found[has_paths] = found
        return found

    def _usual(self, found: _Found, connection: Connection, view: View) -> Usual | None:
        """Go on with the survey within its time; return what is known by then."""
        if found.survey is not None:
            deadline = self._environment.monotonic_ns() + int(self._survey_seconds * 1e9)
            usual = found.survey.go_on(
                connection,
                view.repository_id,
                is_out_of_time=lambda: self._environment.monotonic_ns() > deadline,
            )
            if usual is not None:
                found.usual, found.survey = usual, None
        return found.usual

    def _history_of(self, repository_id: str) -> History:
        if self._history is None or self._history[0] != repository_id:
            if self._history is not None:
                self._history[1].close()
            history = History(self._environment, self._workspace.repository, repository_id)
            self._history = (repository_id, history)
        return self._history[1]

    def _names(self, connection: Connection, view: View, texts: int) -> dict[str, str]:
        state = (view.repository_id, texts)
        if self._meant[0] != state:
            records = records_of(connection, view.repository_id, most=MOST_RECORDS)
            self._meant = (state, by_name(records))
        return self._meant[1]

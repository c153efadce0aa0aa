"""What is usual in a repository: how much speaks for firing on commits that cited nothing.

A question is held against them, so the bar follows the repository: one where every commit
shares words with some decision needs more before a preflight says anything.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from bicameral.grounding.history.past import Past
from bicameral.grounding.history.store import Kept
from bicameral.preflight.reading import Around, Question
from bicameral.preflight.relevance import pull, rank
from bicameral.preflight.signals import gather

MOST_COMMITS = 40
FEWEST = 20
STRIDE = 3
MOST_PATHS = 60


@dataclass(frozen=True, slots=True)
class Usual:
    """Per silent commit, the pull of it as a question, and the points of its best decision."""

    pulls: Sequence[float] = ()
    bests: Sequence[float] = ()

    @property
    def is_known(self) -> bool:
        """Whether there are enough of them; with fewer, nobody can say what is usual."""
        return len(self.pulls) >= FEWEST


class Survey:
    """What is usual, found commit by commit: it goes on where the last look ran out of time.

    Subjects of silent commits are asked as topics, with their paths or without.
    """

    def __init__(self, around: Around, *, has_paths: bool) -> None:
        self._around = around
        self._has_paths = has_paths
        self._left = deque(sample(around.past) if around.past else ())
        self._pulls: list[float] = []
        self._bests: list[float] = []

    def go_on(
        self,
        connection: Connection,
        repository_id: str,
        *,
        is_out_of_time: Callable[[], bool] = lambda: False,
    ) -> Usual | None:
        """Ask one more commit, and others while there is time; None until all were asked."""
        while self._left:
            self._ask(connection, repository_id, self._left[0])
            self._left.popleft()
            if self._left and is_out_of_time():
                return None
        return Usual(tuple(sorted(self._pulls)), tuple(sorted(self._bests)))

    def _ask(self, connection: Connection, repository_id: str, commit: Kept) -> None:
        paths = commit.paths[:MOST_PATHS] if self._has_paths else ()
        question = Question(commit.subject, paths)
        gathered = gather(connection, repository_id, question, self._around)
        ranked = rank(gathered)
        self._pulls.append(pull(gathered))
        self._bests.append(ranked[0].points if ranked else 0.0)


def sample(past: Past) -> list[Kept]:
    """Return up to `MOST_COMMITS` of the newest silent commits that changed code, spread."""
    newest = past.silent[: MOST_COMMITS * STRIDE]
    stride = max(1, min(STRIDE, len(newest) // MOST_COMMITS))
    return list(newest[::stride][:MOST_COMMITS])

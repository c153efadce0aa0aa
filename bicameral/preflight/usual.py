"""What is usual in a repository: how much speaks for firing on commits that cited nothing.

A question is held against them, so the bar follows the repository: one where every commit
shares words with some decision needs more before a preflight says anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import Connection

from bicameral.grounding.history.past import Past
from bicameral.grounding.history.store import Kept
from bicameral.preflight.relevance import pull, rank
from bicameral.preflight.signals import Around, Question, gather

MOST_COMMITS = 40
FEWEST = 20
STRIDE = 3
MOST_PATHS = 60
_DOCUMENTS = (".md", ".mdx", ".rst", ".adoc", ".txt", ".lock", ".json", ".yml", ".yaml")


@dataclass(frozen=True, slots=True)
class Usual:
    """Per silent commit, the pull of it as a question, and the points of its best decision."""

    pulls: Sequence[float] = ()
    bests: Sequence[float] = ()

    @property
    def is_known(self) -> bool:
        """Whether there are enough of them; with fewer, nobody can say what is usual."""
        return len(self.pulls) >= FEWEST


def usual_of(
    connection: Connection, repository_id: str, around: Around, *, has_paths: bool
) -> Usual:
    """Ask the subjects of silent commits as topics, with their paths or without."""
    pulls, bests = [], []
    for commit in sample(around.past) if around.past else ():
        paths = commit.paths[:MOST_PATHS] if has_paths else ()
        gathered = gather(connection, repository_id, Question(commit.subject, paths), around)
        ranked = rank(gathered)
        pulls.append(pull(gathered, ranked))
        bests.append(ranked[0].points if ranked else 0.0)
    return Usual(tuple(sorted(pulls)), tuple(sorted(bests)))


def sample(past: Past) -> list[Kept]:
    """Return up to `MOST_COMMITS` of the newest silent commits that changed code, spread."""
    changed_code = (
        commit
        for commit in past.silent
        if any(not path.lower().endswith(_DOCUMENTS) for path in commit.paths)
    )
    newest = list(islice(changed_code, MOST_COMMITS * STRIDE))
    stride = max(1, min(STRIDE, len(newest) // MOST_COMMITS))
    return newest[::stride][:MOST_COMMITS]

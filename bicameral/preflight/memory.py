"""What a running server remembers of its preflights: asked a moment ago, shown already.

Lives as long as the server, is bounded, and forgets by age. It never hides a change: a new
ledger revision makes every remembered answer old.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock
from typing import Literal

from bicameral.preflight.standing import Standing

REMEMBERED_FOR_NS = 5 * 60 * 1_000_000_000
MOST_QUESTIONS = 2_000
MOST_SHOWN = 20_000

DedupDecision = Literal[
    "new", "repeated", "invalidated_by_revision_bump", "bypassed_revision_unknown"
]


@dataclass(frozen=True, slots=True)
class Question:
    """A preflight as the dedup sees it: who asked, in which words, about which files."""

    session_id: str
    branch: str
    words: frozenset[str]
    paths: frozenset[str]


class Memory:
    """Dedup and once-per-session state of one server; safe to use from several threads."""

    def __init__(self, monotonic_ns: Callable[[], int]) -> None:
        self.standing = Standing()
        self._monotonic_ns = monotonic_ns
        self._lock = Lock()
        self._asked: OrderedDict[Question, tuple[int, int]] = OrderedDict()
        self._shown: OrderedDict[tuple[str, str], Hashable] = OrderedDict()

    def check(self, question: Question, revision: int | None) -> DedupDecision:
        """Say whether the same was asked within five minutes of the same ledger."""
        if revision is None:
            return "bypassed_revision_unknown"
        with self._lock:
            known = self._asked.get(question)
        if known is None or self._monotonic_ns() - known[0] >= REMEMBERED_FOR_NS:
            return "new"
        return "repeated" if known[1] == revision else "invalidated_by_revision_bump"

    def remember(self, question: Question, revision: int | None) -> None:
        """Remember that a question was answered at a revision."""
        if revision is None:
            return
        with self._lock:
            self._asked[question] = (self._monotonic_ns(), revision)
            self._asked.move_to_end(question)
            while len(self._asked) > MOST_QUESTIONS:
                self._asked.popitem(last=False)

    def was_shown(self, session_id: str, item: str, state: Hashable) -> bool:
        """Return whether a session was shown this item in this very state."""
        with self._lock:
            return self._shown.get((session_id, item)) == state

    def mark_shown(self, session_id: str, item: str, state: Hashable) -> None:
        """Remember that a session was shown an item in a state."""
        with self._lock:
            self._shown[session_id, item] = state
            self._shown.move_to_end((session_id, item))
            while len(self._shown) > MOST_SHOWN:
                self._shown.popitem(last=False)

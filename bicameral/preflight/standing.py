"""Decisions and what they bind, read once for the questions between two writes.

They hold for one revision of the ledger, as one view sees it; at another they are read anew.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from bicameral.ledger.bindings import groundings_of
from bicameral.ledger.decisions import get_decisions
from bicameral.ledger.domain import Decision, Grounding, View

MOST_KEPT = 100
LONGEST_KEPT = 8_000
MOST_BOUND_KEPT = 50
"""A decision with more text, in characters, or more groundings is read each time."""

Grounded = tuple[Decision, Sequence[Grounding]]

_NOT_STANDING = frozenset({"rejected", "superseded"})


class Standing:
    """What was read of decisions at the last revision that was asked for. Safe between threads."""

    def __init__(self) -> None:
        self._kept: tuple[object, dict[str, Grounded]] = (None, {})

    def of(
        self, connection: Connection, view: View, revision: int | None, ids: Sequence[str]
    ) -> list[Grounded]:
        """Return those of these decisions that stand, in this order.

        `revision` is the one that the connection sees; without it, nothing is kept.
        """
        state = (view, revision)
        # What another thread lets go of meanwhile stays in the one that was taken here.
        kept = self._kept[1] if revision is not None and self._kept[0] == state else {}
        read = _read(connection, view, [each for each in ids if each not in kept])
        found = [each for key in ids if (each := kept.get(key) or read.get(key)) is not None]
        if revision is not None:
            small = {key: each for key, each in read.items() if _is_small(*each)}
            every = {**kept, **small}
            self._kept = (state, every if len(every) <= MOST_KEPT else {})
        return found


def _read(connection: Connection, view: View, ids: Sequence[str]) -> Mapping[str, Grounded]:
    if not ids:
        return {}
    decisions = get_decisions(connection, ids)
    standing = [each for each in ids if decisions[each].signoff not in _NOT_STANDING]
    groundings = groundings_of(connection, view, standing)
    return {each: (decisions[each], groundings[each]) for each in standing}


def _is_small(decision: Decision, groundings: Sequence[Grounding]) -> bool:
    content = decision.content
    texts = (content.description, content.rationale, content.search_text, decision.source.excerpt)
    return sum(map(len, texts)) <= LONGEST_KEPT and len(groundings) <= MOST_BOUND_KEPT

"""What a classification rests on: the rows that belong to a preflight, and the ledger then."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import msgspec

from bicameral.ledger.timeline import Timeline
from bicameral.review.reconciliation.captured import EngagementRow, EventRow
from bicameral.review.reconciliation.moments import MILLISECOND_NS, moment_ns
from bicameral.review.reconciliation.words import USED_WORDS
from bicameral.review.rows import Evidence, EvidenceKind

Hash = str
DecisionId = str
Bound = Mapping[Hash, tuple[DecisionId, ...]]
"""The decisions that are or were bound to a path, by its hash."""

READING = frozenset({"bicameral.history"})
"""Tools by which a decision is only read."""
LINKING = "bicameral.link_commit"
DELIBERATE = frozenset(
    {"bicameral.bind", "bicameral.resolve", "bicameral.ratify", "bicameral.update"}
)
"""Tools that are told which decision they are about; a commit brings what it happens to touch."""
MUTED = "preflight_disabled"


class Edited(msgspec.Struct, frozen=True, gc=False):
    """The first edit after a preflight of a path that it was asked about.

    `decision_ids` are or were bound there, and were untold, or shown and left unused.
    """

    path_hash: Hash
    edit: EventRow
    decision_ids: tuple[DecisionId, ...]


class Followed(msgspec.Struct, frozen=True, gc=False):
    """A preflight and what followed it in its session.

    `has_work`: the session went on to edit, or to call a tool on some decision.
    `used` says what was done with decisions that it showed. `engagements` belong to it and
    are on decisions that nobody had shown, `edits` are of code that such a decision may have
    bound; while both are empty, the ledger has nothing to add. `shown_later` tells when a
    later preflight first showed a decision, `dealt_with` which the session had in hand.
    `changed` are paths of the engagements that the session itself edited, asked about or not;
    `asked_times` tells when the session was answered at all, for questions stand in every answer.
    """

    preflight: EventRow
    repository_id: str | None
    has_work: bool
    used: tuple[Evidence, ...] = ()
    engagements: tuple[EngagementRow, ...] = ()
    edits: tuple[Edited, ...] = ()
    shown_later: Mapping[DecisionId, str] | None = None
    dealt_with: frozenset[DecisionId] = frozenset()
    changed: frozenset[Hash] = frozenset()
    asked_times: Callable[[], Sequence[int]] = tuple

    @property
    def asks_ledger(self) -> bool:
        """Whether what followed means something only together with the ledger."""
        return bool(self.engagements or self.edits)

    @property
    def asked_at(self) -> int:
        """When the ledger was asked, in milliseconds."""
        return asked_at(self.preflight)


def asked_at(preflight: EventRow) -> int:
    """Return when the ledger was asked, in milliseconds: the row is written after the answer."""
    latency_ns = int(max(preflight.latency_ms or 0.0, 0.0) * MILLISECOND_NS)
    return (moment_ns(preflight.ts) - latency_ns) // MILLISECOND_NS


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What the ledger tells of the decisions that are asked about.

    `hash_path` is None where the salt is gone: then no path can be compared.
    """

    timelines: Mapping[DecisionId, Timeline]
    hash_path: Callable[[str], Hash] | None


def use_of(after: Sequence[EngagementRow]) -> Evidence:
    """Say what was done with a decision after it was shown: the best that can be said of it."""
    best = after[0] if len(after) == 1 else min(after, key=_rank)
    kind: EvidenceKind = "read" if best.tool in READING else "engaged"
    return Evidence(
        kind=kind,
        words=_words_of_use(kind, best.tool),
        decision_id=best.decision_id,
        at=best.ts,
        tool=best.tool,
        preflight_id=best.preflight_id,
        attribution=best.attribution,
    )


@lru_cache(maxsize=64)
def _words_of_use(kind: EvidenceKind, tool: str) -> str:
    return USED_WORDS[kind].format(tool=tool)


def _rank(row: EngagementRow) -> tuple[bool, bool, str]:
    """Order what was done with a decision: the surest sign of use first."""
    return (row.tool in READING, not row.is_explicit, row.ts)


def bypass_of(row: EventRow) -> Evidence:
    """Say that a person waved a decision through."""
    return Evidence(
        kind="bypassed",
        words=USED_WORDS["bypassed"],
        decision_id=row.decision_id,
        at=row.ts,
        preflight_id=row.preflight_id,
    )

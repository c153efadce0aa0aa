"""The past of one decision: what held of it at any moment, as the ledger recorded it.

Pure values without a database. Times are milliseconds since the epoch, UTC; what was
written in the millisecond that is asked about counts as there.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from bicameral.ledger.domain import SignOff

BYPASS_HOLDS_MS = 60 * 60 * 1000
_NOT_STANDING = frozenset({"rejected", "superseded"})


@dataclass(frozen=True, slots=True)
class Bound:
    """A decision was bound to code of this path from `since` on, and no more at `until`."""

    path: str
    since: int
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """One decision over time.

    `signoffs` are (when, which), oldest first. `questions` are (asked, answered or None).
    `is_audited` is false where the audit does not reach back to the decision's beginning:
    then its present sign-off stands for all its past.
    """

    decision_id: str
    repository_id: str
    created_at: int
    signoffs: tuple[tuple[int, SignOff], ...]
    bindings: tuple[Bound, ...] = ()
    questions: tuple[tuple[int, int | None], ...] = ()
    bypasses: tuple[int, ...] = ()
    is_audited: bool = True

    def stood(self, at: int) -> bool:
        """Tell whether the decision existed then and was neither rejected nor superseded."""
        signoff = self.signoff(at)
        return signoff is not None and signoff not in _NOT_STANDING

    def signoff(self, at: int) -> SignOff | None:
        """Return the sign-off that held then; None before the decision existed."""
        if at < self.created_at:
            return None
        held = [signoff for since, signoff in self.signoffs if since <= at]
        return held[-1] if held else None

    def paths(self, at: int) -> frozenset[str]:
        """Return the paths it was bound to then."""
        return frozenset(
            each.path
            for each in self.bindings
            if each.since <= at and (each.until is None or at < each.until)
        )

    def waited(self, at: int) -> bool:
        """Tell whether a question that names it was open then."""
        return any(
            asked <= at and (answered is None or at < answered)
            for asked, answered in self.questions
        )

    def waited_at_any(self, times: Sequence[int], *, until: int) -> bool:
        """Tell whether a question that names it was open at one of these times, in order."""
        for asked, answered in self.questions:
            first = bisect_left(times, asked)
            at = times[first] if first < len(times) else until + 1
            if at <= until and (answered is None or at < answered):
                return True
        return False

    def was_bypassed(self, at: int) -> bool:
        """Tell whether a person had waved it through within the hour before."""
        return any(at - BYPASS_HOLDS_MS < bypass <= at for bypass in self.bypasses)

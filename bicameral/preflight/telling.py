"""What a preflight decided about each candidate, told to whoever traces the call.

Ids, channels and shares only: neither the topic nor a decision's text.
"""

from collections.abc import Collection, Sequence
from typing import Protocol

from bicameral.ledger.domain import Decision
from bicameral.tracing import event, is_traced

MOST_TOLD = 20


class Candidate(Protocol):
    """A decision that was found, by which channel, and how surely."""

    @property
    def decision(self) -> Decision: ...  # noqa: D102 - the names say it

    @property
    def via(self) -> str: ...  # noqa: D102

    @property
    def confidence(self) -> float: ...  # noqa: D102


def tell_candidates(
    candidates: Sequence[Candidate],
    *,
    news: Collection[str],
    unwaved: Collection[str],
    shown: Collection[str],
) -> None:
    """Tell what became of each, the most important first; the others are decision ids.

    `news` is not yet known to the session, `unwaved` no person waved through, `shown` is
    within the limit: each of them a part of the one before.
    """
    if not is_traced():
        return
    for each in candidates[:MOST_TOLD]:
        event(
            "preflight",
            "candidate",
            each.via,
            decision_id=each.decision.id,
            confidence=each.confidence,
            outcome=_outcome(each.decision.id, news, unwaved, shown),
        )


def _outcome(
    decision_id: str, news: Collection[str], unwaved: Collection[str], shown: Collection[str]
) -> str:
    if decision_id in shown:
        return "shown"
    if decision_id in unwaved:
        return "over_limit"
    return "bypassed" if decision_id in news else "settled"

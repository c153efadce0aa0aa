"""The status of a decision, derived from what its regions show now; never stored."""

from collections.abc import Iterable

from bicameral.ledger.domain import Grounding, Status, VerdictKind

_OF_VERDICT: dict[VerdictKind | None, Status] = {
    "drifted": "drifted",
    None: "pending",
    "partial": "partial",
    "compliant": "reflected",
    # Bound again after it was judged not relevant: to be judged anew.
    "not_relevant": "pending",
}
_WORST_FIRST: tuple[Status, ...] = ("drifted", "pending", "partial", "reflected")


def region_status(grounding: Grounding) -> Status:
    """Return what one bound region says of its decision."""
    return _OF_VERDICT[grounding.verdict]


def decision_status(groundings: Iterable[Grounding]) -> Status:
    """Return the worst of the regions' statuses; `ungrounded` when there is no region.

    A binding that was only inferred and never judged does not hold back a decision that has
    others: nobody said that it belongs there.
    """
    every = list(groundings)
    firm = [
        each for each in every if each.origin == "explicit" or each.verdict or each.was_compliant
    ]
    found = {region_status(grounding) for grounding in firm or every}
    return next((status for status in _WORST_FIRST if status in found), "ungrounded")


def has_changed_since_judged(grounding: Grounding) -> bool:
    """Return whether code once judged compliant now has a digest nobody has judged."""
    return grounding.was_compliant and region_status(grounding) == "pending"

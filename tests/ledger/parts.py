"""Small makers of what a ledger holds, so that a test names only what it is about."""

from dataclasses import replace

from bicameral.ledger.bindings import add_binding, ensure_region
from bicameral.ledger.decisions import add_decision
from bicameral.ledger.domain import (
    MAIN,
    Actor,
    Content,
    Decision,
    Region,
    RegionState,
    SignOff,
    Source,
)
from bicameral.ledger.repositories import ensure_repository
from bicameral.ledger.states import set_state
from bicameral.ledger.transaction import Transaction

ACTOR = Actor(session_id="session-1", tool="test")
KEYS = ["root:4b825dc642cb6eb9"]
STATE = RegionState(
    branch=MAIN,
    commit="c1",
    presence="present",
    start_line=1,
    end_line=9,
    digest="digest-1",
    raw_digest="raw-1",
)


def a_repository(transaction: Transaction) -> str:
    return ensure_repository(transaction, KEYS)


def a_decision(
    transaction: Transaction,
    title: str = "Use PostgreSQL for billing",
    *,
    ref: str = "",
    description: str = "",
    signoff: SignOff = "proposed",
    stated: SignOff = "proposed",
    feature_group: str = "",
) -> Decision:
    return add_decision(
        transaction,
        a_repository(transaction),
        Content(title=title, description=description, feature_group=feature_group),
        Source(type="adr", ref=ref or f"docs/adr/{title}.md", stated_signoff=stated),
        signoff=signoff,
    )


def a_region(
    transaction: Transaction,
    path: str = "src/billing.py",
    *,
    selector: str = "charge",
    digest: str = "digest-1",
    branch: str = MAIN,
) -> Region:
    region = ensure_region(transaction, a_repository(transaction), path, "symbol", selector)
    set_state(transaction, region, replace(STATE, digest=digest, branch=branch))
    return region


def bound(
    transaction: Transaction, decision: Decision, region: Region, branch: str = MAIN
) -> Region:
    add_binding(transaction, decision.id, region, "explicit", branch)
    return region

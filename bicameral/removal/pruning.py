"""Pruning: rows that are as old as the policy's limit, or older, by their own time.

A plan says what would go; applying removes what a plan of the same moment says, and nothing
else. The ledger's rows go in one transaction, then each file is replaced whole, so that
whoever is killed in between has removed less, never more.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bicameral.capture.rows import ENGAGEMENTS_FILE, EVENTS_FILE
from bicameral.capture.stamps import Stamps
from bicameral.environment import Environment
from bicameral.govern.retention import FileRule, Policy
from bicameral.ledger.database import Ledger
from bicameral.ledger.domain import Actor
from bicameral.ledger.expiry import Expired, Limit, find_expired, remove_expired
from bicameral.removal.lines import UntilTime
from bicameral.removal.locked import forget_reading, no_reconciliation, rewrite_log, spool_held
from bicameral.removal.parts import Part, files_of, tally

DAY_NS = 86_400 * 1_000_000_000
_MILLISECOND_NS = 1_000_000
_RECONCILED = {EVENTS_FILE, ENGAGEMENTS_FILE}


@dataclass(frozen=True, slots=True)
class Plan:
    """What goes, as of a stamp."""

    as_of: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class _Aged:
    """The rule of a log, and the moment up to which its rows go."""

    rule: FileRule
    days: int
    until_ns: int

    def choice(self) -> UntilTime:
        return UntilTime(self.rule.clock, self.until_ns)


def plan_pruning(environment: Environment, ledger: Ledger, policy: Policy) -> Plan:
    """Return what would go now; nothing is changed. Raises `LedgerError` and `OSError`."""
    now_ns = environment.time_ns()
    with ledger.reading() as connection:
        tables = find_expired(connection, _limits(policy, now_ns))
    parts = [*_table_parts(tables, policy), *_file_parts(environment.home, policy, now_ns)]
    return Plan(Stamps().write(now_ns), tuple(parts))


def apply_pruning(
    environment: Environment, ledger: Ledger, policy: Policy, *, actor: Actor
) -> Plan:
    """Remove what is beyond its limit now, and return it.

    Raises `LedgerError`, `HomeBusy`, `MetricsUnreadable` and `OSError`; what was not removed
    by then is found by the next call.
    """
    now_ns = environment.time_ns()
    parts = [*_prune_ledger(ledger, policy, now_ns, actor)]
    for aged in _aged(policy, now_ns):
        parts += _prune_log(environment.home, aged)
    return Plan(Stamps().write(now_ns), tuple(parts))


def _prune_ledger(ledger: Ledger, policy: Policy, now_ns: int, actor: Actor) -> list[Part]:
    limits = _limits(policy, now_ns)
    if not limits:
        return []
    with ledger.reading() as connection:
        has_expired = bool(find_expired(connection, limits))
    if not has_expired:  # a ledger that was never written to is not made for this
        return []
    with ledger.writing(actor) as transaction:
        return _table_parts(remove_expired(transaction, limits), policy)


def _prune_log(home: Path, aged: _Aged) -> list[Part]:
    log = home / aged.rule.pattern
    found: list[Part] = []

    def choose(path: Path) -> UntilTime | None:
        # Looked at again under the locks: what was put aside meanwhile has another name.
        part = _part(path, aged)
        if part is None:
            return None
        found.append(part)
        return aged.choice()

    if not any(_part(path, aged) for path in files_of(log)):
        return []
    with no_reconciliation(home), spool_held(home):
        if log.name in _RECONCILED:
            forget_reading(home)
        rewrite_log(log, choose)
    return found


def _file_parts(home: Path, policy: Policy, now_ns: int) -> Iterator[Part]:
    for aged in _aged(policy, now_ns):
        for path in files_of(home / aged.rule.pattern):
            if (part := _part(path, aged)) is not None:
                yield part


def _part(path: Path, aged: _Aged) -> Part | None:
    found = tally(path, aged.choice(), aged.rule.clock)
    reason = f"older than {aged.days} days: {aged.rule.retention.reason}"
    return found.part(path.name, reason, limit_days=aged.days) if found.rows else None


def _aged(policy: Policy, now_ns: int) -> Iterator[_Aged]:
    """Yield the logs with a limit; the rule of the files put aside is that of their log."""
    for rule in policy.files:
        days = rule.retention.days
        if days is not None and rule.pattern.endswith(".jsonl"):
            yield _Aged(rule, days, now_ns - days * DAY_NS)


def _limits(policy: Policy, now_ns: int) -> list[Limit]:
    return [
        Limit(rule.name, rule.clock, (now_ns - rule.retention.days * DAY_NS) // _MILLISECOND_NS)
        for rule in policy.tables
        if rule.retention.days is not None
    ]


def _table_parts(found: list[Expired], policy: Policy) -> list[Part]:
    rules = {rule.name: rule.retention for rule in policy.tables}
    return [
        Part(
            "table",
            each.limit.table,
            each.rows,
            None,
            _stamp(each.oldest),
            _stamp(each.newest),
            f"older than {rules[each.limit.table].days} days: {rules[each.limit.table].reason}",
            rules[each.limit.table].days,
        )
        for each in found
    ]


def _stamp(milliseconds: int | None) -> str:
    return "" if milliseconds is None else Stamps().write(milliseconds * _MILLISECOND_NS)

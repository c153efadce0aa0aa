"""The reference of how long everything stays, made from the policy.

Everything behind the mark on the page is made, so that page and policy cannot differ.
"""

from collections.abc import Iterator

from bicameral.govern.kinds import Retention
from bicameral.govern.retention import KIND_MEANINGS, NO_CLOCK, FileRule, Policy, TableRule

PAGE = "docs/reference/retention.md"
MARK = "<!-- Made from the policy from here on. -->"


def retention_page(page: str, policy: Policy) -> str:
    """Return the page with what stands behind its mark made anew."""
    head, _, _ = page.partition(MARK)
    return "\n".join((f"{head}{MARK}", "", *_body(policy))) + "\n"


def limit_words(retention: Retention) -> str:
    """Return the kind of a rule, with its days where it has some."""
    return f"{retention.kind}, {retention.days} days" if retention.days else retention.kind


def _body(policy: Policy) -> Iterator[str]:
    yield from ("## Kinds", "", "| kind | what it means |", "|---|---|")
    yield from (f"| `{kind}` | {meaning} |" for kind, meaning in KIND_MEANINGS.items())
    yield from ("", "## Files of the data home", "")
    yield from ("| file | kept | clock | `telemetry erase` | why |", "|---|---|---|---|---|")
    yield from map(_file_row, policy.files)
    yield from ("", "## Tables of the ledger", "")
    yield from ("| table | kept | clock | why |", "|---|---|---|---|")
    yield from map(_table_row, policy.tables)


def _file_row(rule: FileRule) -> str:
    erased = "removes it" if rule.is_erased else "keeps it"
    cells = (f"`{rule.pattern}`", limit_words(rule.retention), _clock(rule.clock), erased)
    return f"| {' | '.join(cells)} | {rule.retention.reason} |"


def _table_row(rule: TableRule) -> str:
    cells = (f"`{rule.name}`", limit_words(rule.retention), _clock(rule.clock))
    return f"| {' | '.join(cells)} | {rule.retention.reason} |"


def _clock(clock: str) -> str:
    return clock if clock == NO_CLOCK else f"`{clock}`"

"""Notices: what a person should know before trusting a queue, and why it may be empty.

A hook that failed or a reconciliation that broke off leaves no suspects, which must not look
like an agent that does everything right.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bicameral.capture.hook_failures import HookFailure, read_hook_failures
from bicameral.capture.stamps import Stamps
from bicameral.review.reconciliation.summary import Summary, read_summary
from bicameral.review.rows import Classification

RECENT_NS = 7 * 86_400_000_000_000


@dataclass(frozen=True, slots=True)
class Notices:
    """The hook failures of the last seven days, oldest first, and the last reconciliation."""

    hook_failures: tuple[HookFailure, ...]
    reconciliation: Summary | None


def read_notices(home: Path, *, now_ns: int) -> Notices:
    """Read both; `now_ns` is the wall clock. Raises `OSError` where one cannot be read."""
    oldest = Stamps().write(now_ns - RECENT_NS)
    recent = [each for each in read_hook_failures(home) if each.ts >= oldest]
    return Notices(tuple(recent), read_summary(home))


def why_empty(
    reviewed: Mapping[tuple[str, Classification], int],
    notices: Notices,
    *,
    waiting: int,
    is_captured: bool,
    is_filtered: bool,
) -> tuple[str, str]:
    """Return why no row is shown, and what to do about it; the latter may be empty.

    `reviewed` counts all rows in the time asked for, `waiting` the captured preflights that no
    reconciliation has judged yet. `is_captured` tells whether the capture of preflights is on
    for this process.
    """
    if is_filtered:
        return "no row passes these filters", "see `bicameral-mcp triage` for all that waits"
    has_suspects = any(each[1] != "normal" for each in reviewed)
    if waiting:
        return _unreconciled(waiting, has_suspects=has_suspects)
    number = sum(reviewed.values())
    if has_suspects:
        return "every suspected row has its label", "see `bicameral-mcp triage stats`"
    if number:
        noun = "preflight was" if number == 1 else "preflights were"
        return f"nothing is suspected: {number} {noun} reconciled and found normal", ""
    return _nothing_reviewed(notices.reconciliation, is_captured=is_captured)


def _unreconciled(waiting: int, *, has_suspects: bool) -> tuple[str, str]:
    noun = "preflight waits" if waiting == 1 else "preflights wait"
    before = "every suspected row has its label, and " if has_suspects else ""
    return (
        f"{before}{waiting} captured {noun} for a reconciliation",
        "run `bicameral-mcp reconcile`; a session that goes on is left until it is over",
    )


_CAPTURE_OFF = (
    "capture is off, so there is nothing to review",
    "set BICAMERAL_TELEMETRY=preflight where your client starts the server",
)


def _nothing_reviewed(last: Summary | None, *, is_captured: bool) -> tuple[str, str]:
    if last is not None and last.open_sessions:
        return "no session is over yet", "reconcile again when one is"
    if is_captured and last is None:
        return "nothing was reconciled yet", "work a session, then `bicameral-mcp reconcile`"
    if is_captured:
        return "no preflight was captured yet", "work a session, then run `bicameral-mcp reconcile`"
    return _CAPTURE_OFF

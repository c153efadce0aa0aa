"""What stands around a queue: failed hooks, the last reconciliation, and why nothing waits."""

from dataclasses import asdict
from typing import Any

from bicameral.capture.flags import read_flags
from bicameral.capture.rows import EVENTS_FILE
from bicameral.cli.execution import Answer
from bicameral.cli.page import Page, count
from bicameral.environment import Environment
from bicameral.review.reconciliation.waiting import waiting_ids
from bicameral.review.triage.notices import Notices, read_notices, why_empty
from bicameral.review.triage.queue import Reviews

SHOWN_FAILURES = 3


def notices_of(
    environment: Environment, reviews: Reviews, *, is_empty: bool, is_filtered: bool
) -> dict[str, Any]:
    """Return what to say beside the rows; `reviews` has been read to its end."""
    notices = read_notices(environment.home, now_ns=environment.time_ns())
    last = notices.reconciliation
    said: dict[str, Any] = {
        "hook_failures": [asdict(each) for each in notices.hook_failures],
        "last_reconciliation": None if last is None else asdict(last),
        "skipped_lines": reviews.skipped,
        "labels_without_row": reviews.orphans,
    }
    if is_empty:
        said["empty_because"], said["next_step"] = _why(
            environment, reviews, notices, is_filtered=is_filtered
        )
    return said


def show_notices(said: Answer, page: Page) -> None:
    """Show them, the failures in red."""
    if said.get("empty_because"):
        page.line(said["empty_because"])
        if said["next_step"]:
            page.line(f"next: {said['next_step']}")
    _show_reconciliation(said["last_reconciliation"], page)
    failures = said["hook_failures"]
    if failures:
        left = len(failures) - SHOWN_FAILURES
        rest = f"; the last {SHOWN_FAILURES}, all with --json" if left > 0 else ""
        page.line(f"{count(len(failures), 'hook failure')} in the last 7 days{rest}", style="red")
    for each in failures[-SHOWN_FAILURES:]:
        page.line(f"{each['ts'][:19]}Z {each['hook']}: {each['reason']}", indent=2)
    if said["skipped_lines"]:
        skipped = count(said["skipped_lines"], "damaged line")
        page.line(f"{skipped} skipped in the review's files", style="yellow")
    if said["labels_without_row"]:
        gone = count(said["labels_without_row"], "labelled row")
        page.line(f"{gone} not in the review any more", style="yellow")


def _why(
    environment: Environment, reviews: Reviews, notices: Notices, *, is_filtered: bool
) -> tuple[str, str]:
    # A client may set the variable for its server alone, so what was captured counts too.
    is_captured = (
        read_flags(environment.variables, environment.warn, home=environment.home).preflight
        or (environment.home / EVENTS_FILE).exists()
    )
    waiting = [each for each in waiting_ids(environment.home) if not reviews.holds(each)]
    return why_empty(
        reviews.reviewed,
        notices,
        waiting=len(waiting),
        is_captured=is_captured,
        is_filtered=is_filtered,
    )


def _show_reconciliation(last: Answer | None, page: Page) -> None:
    if last is None:
        return
    if last["error"]:
        page.line(f"the last reconciliation failed: {last['error']}", style="red")
        page.line("next: run `bicameral-mcp reconcile` to see whether it lasts")
        return
    still_open = last["open_sessions"]
    page.facts(
        f"last reconciliation {last['finished_at'][:19]}Z",
        f"{count(sum(last['added'].values()), 'row')} added",
        f"{count(still_open, 'session')} still open" if still_open else "",
    )

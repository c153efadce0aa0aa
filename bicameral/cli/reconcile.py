"""`reconcile`: name the suspected misses and suspected false fires of finished sessions.

Loads neither the ledger nor the tools unless something was captured that asks for them.
"""

import argparse
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from bicameral.capture.flags import read_flags
from bicameral.capture.opaque import stored_session
from bicameral.capture.stamps import read_stamp_ns
from bicameral.cli.execution import Answer, Work
from bicameral.cli.page import Page, count
from bicameral.environment import Environment
from bicameral.errors import BicameralError
from bicameral.review.reconciliation.reconcile import Report, reconcile

if TYPE_CHECKING:
    from bicameral.ledger.database import Ledger

_SHOWN_AS = {
    "suspected_miss": ("suspected miss", "suspected misses"),
    "suspected_false_fire": ("suspected false fire", "suspected false fires"),
    "normal": ("normal", "normal"),
}
# A run that comes while another is at work waits for it: what ended just now is of a session
# that the other one may not have seen.
WAITS_MILLISECONDS = 5_000


def configure(parser: ArgumentParser) -> None:
    """Take which finished sessions are wanted."""
    parser.add_argument("--session", metavar="ID", help="only this session")
    parser.add_argument(
        "--since",
        metavar="T",
        help="only sessions whose last row is not older: an ISO date or time, or 7d, 12h, 30m",
    )
    parser.add_argument("--dry-run", action="store_true", help="show it, and write nothing")
    parser.add_argument("--detached", action="store_true", help=argparse.SUPPRESS)


def run(work: Work, options: Namespace) -> int:
    """Reconcile, and show what came of it."""
    environment = work.environment
    if options.detached:
        return _run_quietly(environment)
    report = reconcile(
        environment,
        opener(environment),
        session_id=options.session and stored_session(environment, options.session),
        since_ns=read_since(options.since, environment),
        is_dry=options.dry_run,
        lock_attempts=WAITS_MILLISECONDS,
    )
    is_on = read_flags(environment.variables, environment.warn, home=environment.home).preflight
    work.show(as_answer(report), partial(show, is_on=is_on))
    return 0


def opener(environment: Environment) -> "Callable[[], Ledger]":
    """Return what opens the ledger, if it has to be asked at all."""

    def open_it() -> "Ledger":
        from bicameral.ledger.database import open_ledger  # noqa: PLC0415 - start-up time

        return open_ledger(environment)

    return open_it


def read_since(text: str | None, environment: Environment) -> int | None:
    """Return the moment that is meant, in nanoseconds since the epoch; raises `InputRefused`."""
    if text is None:
        return None
    from bicameral.review.triage.filters import read_moment  # noqa: PLC0415 - seldom needed

    return max(read_stamp_ns(read_moment(text, now_ns=environment.time_ns())), 1)


def as_answer(report: Report) -> Answer:
    """Return a report as the JSON document has it."""
    return {
        "added": dict(report.added),
        "totals": dict(report.totals),
        "suspected": [msgspec.to_builtins(each) for each in report.suspected],
        "open_sessions": report.open_sessions,
        "skipped_lines": report.skipped_lines,
        "notes": list(report.notes),
        "seconds": round(report.seconds, 3),
        "dry_run": report.is_dry,
        "busy": report.is_busy,
        "captured": report.has_capture,
    }


def show(answer: Answer, page: Page, *, is_on: bool) -> None:
    """Show what was added, each suspect in a line, and what to do next.

    `is_on` tells whether capture is on for this process.
    """
    if not answer["captured"]:
        page.line("nothing was ever captured here, so there is nothing to reconcile")
        place = "where your client starts the server"
        page.line(
            f"next: work a session, and see that BICAMERAL_TELEMETRY is set {place} too"
            if is_on
            else f"next: set BICAMERAL_TELEMETRY=preflight {place}"
        )
        return
    if answer["busy"]:
        page.line("another reconciliation is at work; try again in a moment")
        return
    _show_added(answer, page)
    for each in answer["suspected"]:
        page.line(_suspect(each), indent=2, is_wrapped=False)
    left = _suspects(answer["added"]) - len(answer["suspected"])
    if left > 0:
        page.line(f"and {left} more", indent=2, style="dim")
    for note in answer["notes"]:
        page.line(note, style="yellow")
    if _suspects(answer["added"]) and not answer["dry_run"]:
        page.line("next: bicameral-mcp triage next")
    elif _suspects(answer["totals"]):
        page.line("what waits for a label: bicameral-mcp triage")


def _show_added(answer: Answer, page: Page) -> None:
    added = answer["added"]
    parts = [
        f"{added[name]} {one if added[name] == 1 else many}"
        for name, (one, many) in _SHOWN_AS.items()
        if added.get(name)
    ]
    what = "would add" if answer["dry_run"] else "added"
    page.line(f"{what}: {', '.join(parts)}" if parts else "nothing new", style="bold")
    skipped = answer["skipped_lines"]
    page.facts(
        f"{count(answer['open_sessions'], 'session')} still open" * bool(answer["open_sessions"]),
        f"{count(skipped, 'line')} skipped that were no rows" * bool(skipped),
    )


def _suspect(row: Answer) -> str:
    name = _SHOWN_AS[row["classification"]][0]
    return f"{row['id']}  {name}  {row['confidence']:.2f}  {row['because']}"


def _suspects(counts: Answer) -> int:
    return int(counts.get("suspected_miss", 0)) + int(counts.get("suspected_false_fire", 0))


def _run_quietly(environment: Environment) -> int:
    """Reconcile where nobody listens: how it ended stands in the summary."""
    try:
        reconcile(environment, opener(environment), lock_attempts=WAITS_MILLISECONDS)
    except (BicameralError, OSError):
        return 1
    return 0

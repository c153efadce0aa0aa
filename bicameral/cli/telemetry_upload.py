"""`telemetry upload`: send what waits in the spool; the one command that sends anything.

Exit status 0 when nothing is left to send, 1 when it may not send or cannot, 3 when some of
it was kept for another time.
"""

import time
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from bicameral.cli.execution import Answer, Work
from bicameral.cli.page import Page, count
from bicameral.cli.telemetry_disclose import show_upload
from bicameral.cli.telemetry_facts import Facts, read_facts, upload_answer
from bicameral.govern.relay.endpoint import Endpoint, parse_endpoint
from bicameral.govern.relay.sending import Reply, send
from bicameral.govern.relay.signing import check_token
from bicameral.govern.relay.uploading import Send, upload
from bicameral.govern.spool.folder import FOLDER, PENDING, open_spool
from bicameral.govern.spool.overview import look

KEPT = 3


def configure(parser: ArgumentParser) -> None:
    """Take whether it is only to be shown."""
    parser.add_argument(
        "--dry-run", action="store_true", help="show what would be sent, and open nothing"
    )


def run(work: Work, options: Namespace) -> int:
    """Send, or show what would be sent."""
    facts = read_facts(work)
    if options.dry_run:
        return _show_only(work, facts)
    facts.gates.require()
    settings = facts.gates.settings
    token, there = check_token(settings.token.value), parse_endpoint(settings.endpoint.value)
    with open_spool(work.environment) as spool:
        done = upload(work.environment, spool, _to(there), token=token, sleep=time.sleep)
    work.show(asdict(done), show)
    return KEPT if done.kept_batches else 0


def show(answer: Answer, page: Page) -> None:
    """Show what was sent, what was kept, and why."""
    sent, kept = answer["sent_batches"], answer["kept_batches"]
    page.line(f"sent: {_batches(sent)}, {count(answer['sent_rows'], 'row')}", style="bold")
    if answer["answers"]:
        told = ", ".join(f"{name}: {number}" for name, number in answer["answers"].items())
        page.line(f"answers: {told}")
    if kept:
        why = f" ({answer['stopped']})" if answer["stopped"] else ""
        page.line(f"kept for another time: {_batches(kept)}{why}", style="yellow")
    if answer["retry_at"]:
        page.line(f"the other side asks to wait until {answer['retry_at']}")


def show_plan(answer: Answer, page: Page) -> None:
    """Show what would be sent, and what stands in the way."""
    told = f"{_batches(answer['batches'])}, {count(answer['rows'], 'row')}, {answer['bytes']} bytes"
    page.line(f"would be sent: {told}", style="bold")
    page.line(f"read it before you send it: {answer['folder']}", indent=2)
    show_upload(answer["upload"], page)
    for each in answer["upload"]["closed"]:
        page.line(each, indent=2, style="yellow")


def _show_only(work: Work, facts: Facts) -> int:
    home = work.environment.home
    waiting = look(home).pending
    answer: dict[str, Any] = {
        "batches": waiting.files,
        "rows": waiting.rows,
        "bytes": waiting.bytes,
        "folder": str(home / FOLDER / PENDING),
        "upload": upload_answer(facts),
    }
    work.show(answer, show_plan)
    return 0


def _to(there: Endpoint) -> Send:
    def post(headers: Mapping[str, str], body: bytes) -> Reply:
        return send(there, headers, body)

    return post


def _batches(number: int) -> str:
    return "1 batch" if number == 1 else f"{number} batches"

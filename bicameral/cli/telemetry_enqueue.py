"""`telemetry enqueue`: queue the rows that may be sent; nothing leaves the machine by it."""

from argparse import ArgumentParser, Namespace
from dataclasses import asdict

from bicameral.capture.flags import read_flags
from bicameral.cli.execution import Answer, Work
from bicameral.cli.page import Page, count
from bicameral.errors import UploadOff
from bicameral.govern.spool.enqueue import enqueue
from bicameral.govern.spool.folder import FOLDER, PENDING
from bicameral.registry.whole import whole_registry


def configure(parser: ArgumentParser) -> None:
    """Nothing but what all commands take."""


def run(work: Work, options: Namespace) -> int:  # noqa: ARG001 - every command has one signature
    """Queue what was written since the last time, and show what came of it."""
    environment = work.environment
    flags = read_flags(environment.variables, environment.warn, home=environment.home)
    if not flags.relay:
        raise UploadOff(
            f"nothing was queued: the flag `relay` is off ({flags.sources['relay']})",
            next_step="leave it off, or permit it with `bicameral-mcp telemetry relay`",
        )
    done = enqueue(environment, whole_registry())
    answer = asdict(done) | {"folder": str(environment.home / FOLDER / PENDING)}
    work.show(answer, show)
    return 0


def show(answer: Answer, page: Page) -> None:
    """Show what was queued, and in which words the rest was not."""
    batches = "1 batch" if answer["batches"] == 1 else f"{answer['batches']} batches"
    queued = f"{count(answer['queued'], 'row')} in {batches}" if answer["queued"] else "nothing new"
    page.line(f"queued: {queued}", style="bold")
    if answer["known"]:
        page.line(f"queued before: {count(answer['known'], 'row')}")
    for why, number in answer["refused"].items():
        page.line(f"refused ({why}): {count(number, 'row')}", style="yellow")
    for reason, number in answer["reasons"].items():
        page.line(f"{reason}: {number}", indent=2)
    for why, number in answer["dropped"].items():
        page.line(f"given up ({why}): {number}", style="yellow")
    waiting = f"they wait in {answer['folder']}; " if answer["queued"] else ""
    page.line(f"{waiting}nothing was sent", style="dim")

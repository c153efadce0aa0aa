"""`index`: reads what each file imports and cites, so that preflights need not wait for it.

It may be stopped at any time; what was read is kept, and the next run goes on from there.
"""

import sys
from argparse import ArgumentParser, Namespace
from dataclasses import asdict

from bicameral.cli.execution import Answer, Engine, Work
from bicameral.cli.page import Page, count
from bicameral.cli.progress import ProgressBar
from bicameral.grounding.index.code_index import IndexStatus
from bicameral.grounding.workspace import Workspace
from bicameral.ledger.domain import Actor

_NO_INDEX = IndexStatus("", False, 0, 0, 0, 0, 0, None)


def configure(parser: ArgumentParser) -> None:
    """Take whether only to look."""
    parser.add_argument(
        "--status", action="store_true", help="say how far the index is, and read nothing"
    )


def run(work: Work, options: Namespace) -> int:
    """Bring the index up, unless only its state is asked for; show how far it is."""
    with work.desk() as desk:
        workspace = desk.services.workspace
        if options.status:
            answer = _as_answer(_status(desk.services, workspace))
        else:
            answer = _bring_up(work, workspace)
    work.show(answer, show)
    return 0


def _bring_up(work: Work, workspace: Workspace) -> dict[str, object]:
    actor = Actor(session_id="cli", tool="cli.index")
    index = workspace.code_index(workspace.ensure_id(actor))
    progress = ProgressBar(sys.stderr, work.environment.monotonic_ns)
    try:
        done = index.bring_up(progress)
    finally:
        progress.clear()
    return {"changed": done.read, "dropped": done.dropped, **_as_answer(index.status())}


def _status(engine: Engine, workspace: Workspace) -> IndexStatus:
    with engine.ledger.reading() as connection:
        view = workspace.view(connection)
    return _NO_INDEX if view is None else workspace.code_index(view.repository_id).status()


def _as_answer(status: IndexStatus) -> dict[str, object]:
    return asdict(status)


def show(answer: Answer, page: Page) -> None:
    """Show what was done, if anything, and how far the index is."""
    if "changed" in answer:
        page.line(
            f"{count(answer['changed'], 'file')} new or changed, {answer['dropped']} gone",
            style="green",
        )
    if answer["completed_ns"] is None:
        page.line("there is no whole index of this work tree yet; `bicameral-mcp index` makes it")
        return
    state = "as HEAD and git's index are" if answer["is_current"] else "older than HEAD"
    page.line(f"{count(answer['files'], 'file')} listed, {answer['read']} read, {state}")
    page.facts(f"{answer['path']} · {answer['size_bytes']} bytes")
    if answer["skipped"]:
        page.line(f"{count(answer['skipped'], 'name')} not in UTF-8 left out", style="yellow")

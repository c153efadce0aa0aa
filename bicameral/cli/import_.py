"""`import`: fill an empty ledger from an export; it arrives whole or not at all."""

import sys
from argparse import ArgumentParser, Namespace
from typing import IO

from bicameral.cli.execution import Answer, Work
from bicameral.cli.page import Page, count
from bicameral.errors import InputRefused
from bicameral.ledger.domain import Actor
from bicameral.ledger.transfer import import_lines


def configure(parser: ArgumentParser) -> None:
    """Take what to read."""
    parser.add_argument("file", metavar="FILE", help="an export, or - for stdin")


def run(work: Work, options: Namespace) -> int:
    """Read it in."""
    actor = Actor(session_id="cli", tool="cli.import")
    try:
        with (
            _open(work, options.file) as lines,
            work.desk() as desk,
            desk.services.ledger.writing(actor) as transaction,
        ):
            rows = import_lines(transaction, lines)
    except UnicodeDecodeError:
        raise InputRefused(
            f"{options.file} is not UTF-8 text; nothing was imported",
            next_step="import a file that `bicameral-mcp export` wrote",
        ) from None
    work.show({"file": options.file, "rows": rows}, show)
    return 0


def _open(work: Work, name: str) -> IO[str]:
    # An export ends its lines with \n alone; a text may hold any other line end.
    place = sys.stdin.fileno() if name == "-" else work.start / name
    return open(place, encoding="utf-8", newline="\n", closefd=name != "-")


def show(answer: Answer, page: Page) -> None:
    """Show how much arrived."""
    page.line(f"{count(answer['rows'], 'row')} imported", style="green")

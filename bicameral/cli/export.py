"""`export`: the whole ledger as JSON lines, to stdout or to a file of the owner's alone."""

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable
from pathlib import Path

from bicameral.cli.execution import Answer, Work
from bicameral.cli.page import Page, count
from bicameral.errors import InputRefused
from bicameral.ledger.transfer import export_lines

NOT_ROWS = 2  # the first line names the format, the last one counts


def configure(parser: ArgumentParser) -> None:
    """Take where to write."""
    parser.add_argument("file", nargs="?", metavar="FILE", help="a new file (default: stdout)")


def run(work: Work, options: Namespace) -> int:
    """Write it."""
    if options.file is None and work.as_json:
        options.refuse("--json needs FILE: without one, the export itself goes to stdout")
    with work.desk() as desk, desk.services.ledger.reading() as connection:
        lines = export_lines(connection)
        if options.file is None:
            for line in lines:
                sys.stdout.buffer.write(line.encode("utf-8") + b"\n")
            sys.stdout.buffer.flush()
            return 0
        path = work.start / options.file
        rows = write_new_file(path, lines) - NOT_ROWS
    work.show({"file": str(path), "rows": rows}, show)
    return 0


def write_new_file(path: Path, lines: Iterable[str]) -> int:
    """Write a file that is complete or not there, for its owner alone; return its lines.

    Raises `InputRefused` where something has the name already, and `OSError`.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise InputRefused(
            f"{path} exists", next_step="name a new file, or remove that one first"
        ) from None
    count = 0
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            for line in lines:
                file.write(f"{line}\n")
                count += 1
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return count


def show(answer: Answer, page: Page) -> None:
    """Show where it is."""
    page.line(f"{count(answer['rows'], 'row')} written to {answer['file']}", style="green")

"""`telemetry export`: the calls of the last days as one table, for other programs."""

import os
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from bicameral.cli.execution import Work
from bicameral.cli.export import show
from bicameral.cli.telemetry_window import add_last, since_days
from bicameral.errors import InputRefused
from bicameral.observe.metrics.export import FORMATS, as_row, encode
from bicameral.observe.metrics.window import Window

DAYS = 30


def configure(parser: ArgumentParser) -> None:
    """Take the format, where to write, and how far to look back."""
    parser.add_argument("format", choices=FORMATS, help="how to write them")
    parser.add_argument("file", nargs="?", metavar="FILE", help="a new file (default: stdout)")
    add_last(parser, default=DAYS)


def run(work: Work, options: Namespace) -> int:
    """Write them, oldest first."""
    if options.file is None and work.as_json:
        options.refuse("--json needs FILE: without one, the export itself goes to stdout")
    if options.file is None and options.format == "parquet":
        options.refuse("parquet needs FILE: it is not for a terminal")
    window = Window(work.environment.home, since_days(options.last, work.environment))
    rows = [as_row(line) for line in window.lines()]
    content = encode(rows, options.format)
    if options.file is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return 0
    path = work.start / options.file
    _write_new(path, content)
    work.show({"file": str(path), "rows": len(rows)}, show)
    return 0


def _write_new(path: Path, content: bytes) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise InputRefused(
            f"{path} exists", next_step="name a new file, or remove that one first"
        ) from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
    except BaseException:
        path.unlink(missing_ok=True)
        raise

"""`triage export`: the labelled rows for scripts, as JSON lines or as a table."""

import csv
import io
import json
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Iterator
from typing import Any

from bicameral.cli.execution import Work, write
from bicameral.cli.export import show, write_new_file
from bicameral.cli.triage_cards import PLAIN_FIELDS, as_entry
from bicameral.cli.triage_options import Picked, add_filters, add_raw, filters_of
from bicameral.review.triage.queue import Suspect

COLUMNS = (
    *("id", "ts", "classification", "confidence", "band", "because", "label", "who", "labelled_at"),
    *("note", "promoted_as", "fired", "reason", "preflight_id", "session_id", "repository_id"),
    *("surfaced_ids", "missed_ids", "unused_ids", "topic_hash", "path_hashes"),
)


def configure(parser: ArgumentParser) -> None:
    """Take where to write, how, and which rows."""
    parser.add_argument("file", nargs="?", metavar="FILE", help="a new file (default: stdout)")
    parser.add_argument(
        "--format",
        choices=("jsonl", "csv"),
        default="jsonl",
        help="one JSON object a line, or one table (lists are separated by blanks)",
    )
    add_filters(parser, all_means="also rows that have no label")
    add_raw(parser)


def run(work: Work, options: Namespace) -> int:
    """Write them in the order of the review."""
    if options.file is None and work.as_json:
        options.refuse("--json needs FILE: without one, the export itself goes to stdout")
    picked = Picked(work, filters_of(options, work.environment, wants_labels=True))
    make = as_table if options.format == "csv" else as_lines
    lines = make(picked, is_raw=options.raw)
    if options.file is None:
        for line in lines:
            write(f"{line}\n")
        return 0
    path = work.start / options.file
    write_new_file(path, lines)
    work.show({"file": str(path), "rows": picked.total}, show)
    return 0


def as_lines(suspects: Iterable[Suspect], *, is_raw: bool) -> Iterator[str]:
    """Yield each row as one line of JSON."""
    for each in suspects:
        yield json.dumps(as_entry(each, is_raw=is_raw), separators=(",", ":"))


def as_table(suspects: Iterable[Suspect], *, is_raw: bool) -> Iterator[str]:
    """Yield a header, then each row as RFC 4180 says; a text of several lines is quoted."""
    columns = (*COLUMNS, *(PLAIN_FIELDS if is_raw else ()))
    yield _csv_line(columns)
    for each in suspects:
        entry = as_entry(each, is_raw=is_raw)
        if each.label is not None:
            entry |= {"who": each.label.who, "labelled_at": each.label.ts, "note": each.label.note}
        yield _csv_line(_cell(entry.get(name)) for name in columns)


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(value)
    return "" if value is None else str(value)


def _csv_line(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(cells)
    return line.getvalue()

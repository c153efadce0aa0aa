"""`triage next`: on a terminal the whole queue, one key a label; else the next row alone."""

import sys
from argparse import ArgumentParser, Namespace
from functools import partial

from bicameral.cli.execution import Answer, Work, write
from bicameral.cli.page import Page, make_page
from bicameral.cli.triage_cards import Decisions, as_entry, read_concerned, show_suspect
from bicameral.cli.triage_notices import notices_of, show_notices
from bicameral.cli.triage_options import (
    LABELS,
    Picked,
    add_filters,
    add_person,
    add_raw,
    filters_of,
    is_filtered,
)
from bicameral.review.triage.labels import person_at_work
from bicameral.review.triage.queue import Suspect, first_in_order

# What is worked in one sitting; what is beyond waits for the next one.
MOST_ROWS = 1_000


def configure(parser: ArgumentParser) -> None:
    """Take the filters."""
    add_filters(parser, all_means="also rows that have a label")
    add_raw(parser)
    add_person(parser)


def run(work: Work, options: Namespace) -> int:
    """Work the queue, or show its first row."""
    picked = Picked(work, filters_of(options, work.environment, wants_labels=False))
    rows = first_in_order(picked, MOST_ROWS)
    if rows and is_interactive(as_json=work.as_json):
        return _sit(work, options, rows)
    decisions = read_concerned(work.environment, rows[:1])
    answer: Answer = {
        "row": as_entry(rows[0], is_raw=options.raw, decisions=decisions) if rows else None,
        "total": picked.total,
        "notices": notices_of(
            work.environment,
            picked.reviews,
            is_empty=not rows,
            is_filtered=is_filtered(options),
        ),
    }
    work.show(
        answer,
        partial(show, first=rows[0] if rows else None, decisions=decisions, is_raw=options.raw),
    )
    return 0


def is_interactive(*, as_json: bool) -> bool:
    """Tell whether a person sits at both ends."""
    return not as_json and sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()


def show(
    answer: Answer, page: Page, *, first: Suspect | None, decisions: Decisions, is_raw: bool
) -> None:
    """Show the row, and how to label it by command."""
    if first is not None:
        page.line(f"1 of {answer['total']}", style="dim")
        show_suspect(first, page, decisions, is_raw=is_raw)
        page.line()
        page.line(f"label it: bicameral-mcp triage label {first.row.id} LABEL", is_wrapped=False)
        page.line(f"LABEL is {', '.join(LABELS[:-1])} or {LABELS[-1]}", indent=2)
    show_notices(answer["notices"], page)


def _sit(work: Work, options: Namespace, rows: list[Suspect]) -> int:
    from bicameral.cli.triage_keys import TerminalKeys  # noqa: PLC0415 - only with a terminal
    from bicameral.cli.triage_sitting import Sitting  # noqa: PLC0415

    environment = work.environment
    sitting = Sitting(
        environment,
        rows,
        person_at_work(environment.variables, options.by),
        options.raw,
        lambda suspect: read_concerned(environment, [suspect]),
        lambda: make_page(environment.variables, sys.stdout),
    )
    try:
        with TerminalKeys(sys.stdin.fileno()) as keys:
            sitting.work_through(keys)
    finally:
        write("\n" + sitting.summary())
    return 0

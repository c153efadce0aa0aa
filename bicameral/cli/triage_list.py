"""`triage list`: what is suspected, most urgent first."""

from argparse import ArgumentParser, Namespace
from functools import partial

from bicameral.cli.execution import Answer, Work
from bicameral.cli.page import Page
from bicameral.cli.triage_cards import as_entry, show_line
from bicameral.cli.triage_notices import notices_of, show_notices
from bicameral.cli.triage_options import Picked, add_filters, add_raw, filters_of, is_filtered
from bicameral.review.triage.queue import Suspect, first_in_order

MOST_BY_DEFAULT = 20


def configure(parser: ArgumentParser) -> None:
    """Take the filters."""
    add_filters(parser, all_means="also rows that have a label")
    add_raw(parser)
    parser.add_argument(
        "--limit", type=int, default=MOST_BY_DEFAULT, metavar="N", help="most rows (default: 20)"
    )


def run(work: Work, options: Namespace) -> int:
    """List them; loads no decision, so that a long queue is there at once."""
    if options.limit < 1:
        options.refuse("--limit must be 1 or more")
    picked = Picked(work, filters_of(options, work.environment, wants_labels=False))
    rows = first_in_order(picked, options.limit)
    notices = notices_of(
        work.environment,
        picked.reviews,
        is_empty=not rows,
        is_filtered=is_filtered(options),
    )
    answer = {
        "total": picked.total,
        "rows": [as_entry(each, is_raw=options.raw) for each in rows],
        "notices": notices,
    }
    work.show(answer, partial(show, rows=rows, is_raw=options.raw))
    return 0


def show(answer: Answer, page: Page, *, rows: list[Suspect], is_raw: bool) -> None:
    """Show one row after another."""
    for each in rows:
        show_line(each, page, is_raw=is_raw)
    more = answer["total"] - len(rows)
    if more:
        page.line(f"{more} more: repeat with --limit {answer['total']}", style="dim")
    if rows:
        page.line("label them with `bicameral-mcp triage next`", style="dim")
    show_notices(answer["notices"], page)

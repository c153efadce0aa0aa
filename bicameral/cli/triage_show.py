"""`triage show`: one row in full, with the decisions it is about and all that was said."""

from argparse import ArgumentParser, Namespace

from bicameral.cli.execution import Work
from bicameral.cli.triage_cards import as_entry, read_concerned, show_suspect
from bicameral.cli.triage_options import add_id, add_raw
from bicameral.review.triage.queue import find_suspect


def configure(parser: ArgumentParser) -> None:
    """Take the row."""
    add_id(parser)
    add_raw(parser)


def run(work: Work, options: Namespace) -> int:
    """Show it."""
    found = find_suspect(work.environment.home, options.review_id)
    decisions = read_concerned(work.environment, [found])
    work.show(
        as_entry(found, is_raw=options.raw, decisions=decisions),
        lambda _answer, page: show_suspect(found, page, decisions, is_raw=options.raw),
    )
    return 0

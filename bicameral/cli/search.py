"""`search`: find decisions by words, best match first."""

from argparse import ArgumentParser, Namespace
from functools import partial

from bicameral.cli.cards import NO_DECISIONS, show_decision, show_more
from bicameral.cli.execution import Answer, Desk, Work
from bicameral.cli.page import Page
from bicameral.cli.parsing import add_paging


def configure(parser: ArgumentParser) -> None:
    """Take the words, quoted or not."""
    parser.add_argument("words", nargs="+", metavar="WORDS", help="words of the decision")
    add_paging(parser)


def run(work: Work, options: Namespace) -> int:
    """Look the words up."""
    arguments = {
        "query": " ".join(options.words),
        "limit": options.limit,
        "cursor": options.cursor,
    }
    given = {name: value for name, value in arguments.items() if value is not None}
    with work.desk() as desk:
        answer = desk.call("bicameral.search", given)
        is_empty = not answer["total"] and not _has_any(desk)
    work.show(answer, partial(show, is_empty=is_empty))
    return 0


def _has_any(desk: Desk) -> bool:
    return bool(desk.call("bicameral.history", {"limit": 1}).get("decisions"))


def show(answer: Answer, page: Page, *, is_empty: bool) -> None:
    """Show the matches; where there are no decisions at all, how to begin."""
    for each in answer["decisions"]:
        show_decision(each, page)
        page.line()
    if not answer["total"]:
        page.line(NO_DECISIONS if is_empty else "no decision matches")
        return
    found = "decision holds" if answer["total"] == 1 else "decisions hold"
    page.line(f"{answer['total']} {found} any of the rarer words", style="dim")
    show_more(answer, page)

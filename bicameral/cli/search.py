"""`search`: find decisions by words, best match first."""

from argparse import ArgumentParser, Namespace

from bicameral.cli.cards import show_decision, show_more
from bicameral.cli.execution import Answer, Work
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
    return work.call("bicameral.search", arguments, show)


def show(answer: Answer, page: Page) -> None:
    """Show the matches."""
    for each in answer["decisions"]:
        show_decision(each, page)
        page.line()
    if not answer["total"]:
        page.line("no decision matches")
        return
    found = "decision holds" if answer["total"] == 1 else "decisions hold"
    page.line(f"{answer['total']} {found} any of the rarer words", style="dim")
    show_more(answer, page)

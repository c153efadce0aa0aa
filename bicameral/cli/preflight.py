"""`preflight`: which decisions bind a change that is about to be made, or silence."""

from argparse import ArgumentParser, Namespace

from bicameral.cli.cards import show_decision, show_question
from bicameral.cli.execution import Answer, Work
from bicameral.cli.page import Page
from bicameral.cli.parsing import add_preflight_id


def configure(parser: ArgumentParser) -> None:
    """Take the change and its files."""
    parser.add_argument("topic", metavar="TOPIC", help="one sentence: what is about to change")
    # Without a default, argparse calls them required when the topic is missing.
    parser.add_argument(
        "paths", nargs="*", default=[], metavar="PATH", help="files that it will touch"
    )
    parser.add_argument("--limit", type=int, metavar="N", help="most decisions (1 to 20)")
    add_preflight_id(parser)


def run(work: Work, options: Namespace) -> int:
    """Ask, and show what binds the change."""
    arguments = {
        "topic": options.topic,
        "file_paths": options.paths,
        "limit": options.limit,
        "preflight_id": options.preflight_id,
    }
    return work.ask("bicameral.preflight", arguments, show)


def show(answer: Answer, page: Page) -> None:
    """Show the decisions, what waits, and the id to thread on."""
    decisions = answer.get("decisions", [])
    for each in decisions:
        show_decision(each, page)
        page.line()
    for each in answer.get("waiting", ()):
        show_question(each, page)
    if answer.get("more"):
        page.line(f"and {answer['more']} more; see them with --limit", style="dim")
    if answer.get("behind"):
        page.line(f"this may lag behind the code: {answer['behind']}", style="yellow")
    if not answer["fired"]:
        page.line(f"nothing to act on ({answer['reason']})", style="green")
    if answer.get("preflight_id"):
        page.facts(f"preflight_id {answer['preflight_id']}")

"""`telemetry relay`: a person's consent to what would be sent, recorded with what was shown.

Without the words that say so nothing is written: the command then shows what it is about.
"""

from argparse import ArgumentParser, Namespace

from bicameral.cli.execution import Answer, Work
from bicameral.cli.page import Page
from bicameral.cli.telemetry_choice import choose, consent_for
from bicameral.cli.telemetry_disclose import show_sent
from bicameral.cli.telemetry_facts import as_answer, read_facts
from bicameral.errors import InputRefused


def configure(parser: ArgumentParser) -> None:
    """Take the words without which nothing is recorded."""
    parser.add_argument(
        "--i-understand",
        action="store_true",
        help="consent to what the disclosure shows; without it nothing is written",
    )


def run(work: Work, options: Namespace) -> int:
    """Record the consent, or show what it would be to."""
    facts = read_facts(work)
    if options.i_understand:
        return choose(work, "relay", {"relay": True}, consent_for(work, facts))
    if not work.as_json:
        work.show(as_answer(facts), show)
    raise InputRefused(
        "nothing was recorded: a consent needs an explicit yes",
        next_step="read what would be sent (`bicameral-mcp telemetry disclose`), then run "
        "`bicameral-mcp telemetry relay --i-understand`",
    )


def show(answer: Answer, page: Page) -> None:
    """Show what the consent would be to."""
    show_sent(answer, page)

"""`ratify`: a person's yes or no to a decision."""

from argparse import ArgumentParser, Namespace

from bicameral.cli.execution import Answer, Work
from bicameral.cli.page import Page
from bicameral.cli.parsing import add_preflight_id


def configure(parser: ArgumentParser) -> None:
    """Take the decision, and whether it is a no."""
    parser.add_argument("decision_id", metavar="ID", help="the decision")
    parser.add_argument("--reject", action="store_true", help="reject it instead")
    add_preflight_id(parser)


def run(work: Work, options: Namespace) -> int:
    """Record the sign-off; whoever types the command is the person that is asked."""
    arguments = {
        "decision_id": options.decision_id,
        "action": "reject" if options.reject else "ratify",
        "preflight_id": options.preflight_id,
    }
    return work.call("bicameral.ratify", arguments, show)


def show(answer: Answer, page: Page) -> None:
    """Show how the decision stands now."""
    already = "" if answer["changed"] else " (as before)"
    page.line(f"{answer['decision_id']}: {answer['signoff']}{already}", style="green")

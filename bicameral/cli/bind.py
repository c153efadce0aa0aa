"""`bind`: say which code a decision binds."""

from argparse import ArgumentParser, Namespace

from bicameral.cli.cards import place_of, show_failure
from bicameral.cli.execution import Answer, Work
from bicameral.cli.page import Page
from bicameral.cli.parsing import add_preflight_id


def configure(parser: ArgumentParser) -> None:
    """Take a decision and places in the code."""
    parser.add_argument("decision_id", metavar="ID", help="the decision")
    parser.add_argument(
        "selectors",
        nargs="+",
        metavar="SELECTOR",
        help="path::Qualified.name, path:10-20, path, or a symbol's name if it is unique",
    )
    add_preflight_id(parser)


def run(work: Work, options: Namespace) -> int:
    """Bind each place; those that are refused say why."""
    entries = [{"decision_id": options.decision_id, "selector": each} for each in options.selectors]
    arguments = {"bindings": entries, "preflight_id": options.preflight_id}
    return work.call("bicameral.bind", arguments, show)


def show(answer: Answer, page: Page) -> None:
    """Show each place with what a verdict on it has to name."""
    for each in answer["bindings"]:
        if each.get("failure"):
            page.line(f"refused: {each['selector']}", style="bold")
            show_failure(each["failure"], page, indent=2)
            continue
        what = "bound" if each["bound"] else "was bound already"
        page.line(f"{what}: {place_of(each)}", style="green")
        decided = each.get("resolution", {})
        server = f"found by {decided['backend']}" if decided else ""
        reasons = (each.get("fallback_reason", ""), server, decided.get("fallback_reason", ""))
        page.facts(each["region_id"], each["digest"], *reasons, indent=2)

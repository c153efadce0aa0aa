"""`update`: change what a decision says, where it belongs, or that it ended."""

from argparse import ArgumentParser, Namespace
from typing import get_args

from bicameral.cli.execution import Answer, Work
from bicameral.cli.page import Page
from bicameral.cli.parsing import add_preflight_id
from bicameral.ledger.domain import Level

ACTIONS = ("amend", "supersede", "retire", "regroup", "relevel")


def configure(parser: ArgumentParser) -> None:
    """Take the decision, the action, and what the action needs."""
    parser.add_argument("decision_id", metavar="ID", help="the decision")
    parser.add_argument("action", choices=ACTIONS, help="what to do with it")
    parser.add_argument("--title", help="amend: the new title")
    parser.add_argument("--description", help="amend: what was decided")
    parser.add_argument("--rationale", help="amend: why")
    parser.add_argument("--by", metavar="ID", help="supersede: the decision that replaces it")
    parser.add_argument("--feature", metavar="GROUP", help="regroup: its feature group")
    parser.add_argument("--level", choices=get_args(Level), help="relevel: its level")
    add_preflight_id(parser)


def run(work: Work, options: Namespace) -> int:
    """Carry it out."""
    arguments = {
        "decision_id": options.decision_id,
        "action": options.action,
        "title": options.title,
        "description": options.description,
        "rationale": options.rationale,
        "superseded_by": options.by,
        "feature_group": options.feature,
        "level": options.level,
        "preflight_id": options.preflight_id,
    }
    return work.call("bicameral.update", arguments, show)


def show(answer: Answer, page: Page) -> None:
    """Show how the decision stands now."""
    done = "done" if answer["changed"] else "nothing to change"
    page.line(f"{answer['decision_id']}: {answer['action']}, {done}", style="green")
    page.facts(answer["signoff"], indent=2)
